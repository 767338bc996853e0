"""Marks that a reader gives a paper: tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from diffkit_papers import store
from diffkit_papers.database import transaction
from diffkit_papers.errors import NotFound

Document = dict[str, Any]


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


def _tags(db: sqlite3.Connection, name: str) -> Document:
    paper = store.find(db, name)
    return {"key": paper.key, "tags": list(paper.tags)}
