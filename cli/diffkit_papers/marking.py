"""Marks that a reader gives a paper: tags, a priority, notes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from diffkit_papers import store
from diffkit_papers.database import now, transaction
from diffkit_papers.derived import index
from diffkit_papers.errors import BadData, NotFound

Document = dict[str, Any]

MOST_URGENT = 9


def tag(db: sqlite3.Connection, name: str, tags: Iterable[str]) -> Document:
    """Give a paper tags; those it has stay."""
    with transaction(db, f"tag {name}"):
        paper = store.find(db, name)
        store.insert_tags(db, paper.id, tags)
        return _tags(db, name)


def untag(db: sqlite3.Connection, name: str, tags: Iterable[str]) -> Document:
    """Take tags from a paper; raises `NotFound` for one that it does not have."""
    with transaction(db, f"untag {name}"):
        paper = store.find(db, name)
        for unwanted in map(store.clean_tag, tags):
            if unwanted not in paper.tags:
                own = ", ".join(paper.tags) or "none"
                raise NotFound(f"{paper.key} has no tag {unwanted!r}", fix=f"its tags: {own}")
            db.execute("DELETE FROM tags WHERE paper_id = ? AND tag = ?", [paper.id, unwanted])
        return _tags(db, name)


def set_priority(db: sqlite3.Connection, name: str, priority: int) -> Document:
    """Say how urgent a paper is: the higher, the earlier `next` proposes it; 0 is what it begins with."""
    if abs(priority) > MOST_URGENT:
        raise BadData(f"{priority} is no priority", fix=f"give a number from -{MOST_URGENT} to {MOST_URGENT}")
    with transaction(db, f"priority {name} {priority}"):
        paper = store.find(db, name)
        if paper.priority != priority:
            store.update(db, paper.id, {"priority": priority})
        return {"key": paper.key, "priority": priority, "before": paper.priority}


def note(db: sqlite3.Connection, name: str, text: str) -> Document:
    """Write a note beside a paper."""
    text = store.clean(text, "the note").strip()
    if not text:
        raise BadData("a note cannot be empty", fix="give its text")
    with transaction(db, f"note {name}"):
        paper = store.find(db, name)
        store.insert(db, "notes", {"paper_id": paper.id, "text": text, "created_at": now()})
        index(db, [paper.id])
        return notes(db, name)


def delete_note(db: sqlite3.Connection, name: str, number: int) -> Document:
    """Take a note away; `undo` brings it back."""
    with transaction(db, f"note {name} --delete {number}"):
        paper = store.find(db, name)
        if not db.execute("DELETE FROM notes WHERE id = ? AND paper_id = ?", [number, paper.id]).rowcount:
            own = ", ".join(str(one.id) for one in paper.notes) or "none"
            raise NotFound(f"{paper.key} has no note {number}", fix=f"its notes: {own}")
        index(db, [paper.id])
        return notes(db, name)


def notes(db: sqlite3.Connection, name: str) -> Document:
    """The notes beside a paper."""
    paper = store.find(db, name)
    return {"key": paper.key, "notes": [vars(one) for one in paper.notes]}


def _tags(db: sqlite3.Connection, name: str) -> Document:
    paper = store.find(db, name)
    return {"key": paper.key, "tags": list(paper.tags)}
