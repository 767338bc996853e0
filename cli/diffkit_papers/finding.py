"""Finding papers: by words, state and tags, in some order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from typing import Any

from diffkit_papers import keys, store, views
from diffkit_papers.passes import State
from diffkit_papers.records import Paper

Document = dict[str, Any]

ORDERS: dict[str, Callable[[Paper], Any]] = {
    "added": lambda paper: paper.id,
    "key": lambda paper: paper.key.lower(),
    "title": lambda paper: keys.folded(paper.label),
    "year": lambda paper: paper.year or 0,
    "minutes": lambda paper: paper.minutes,
    "state": lambda paper: list(State).index(paper.state),
}


def list_papers(
    db: sqlite3.Connection,
    words: Sequence[str] = (),
    states: Collection[str] = (),
    tags: Collection[str] = (),
    sort: str = "added",
    reverse: bool = False,
) -> Document:
    """The papers that have all `words`, all `tags` and one of `states`."""
    return {"papers": [views.paper_document(one) for one in select(db, words, states, tags, sort, reverse)]}


def show(db: sqlite3.Connection, name: str) -> Document:
    """One paper with everything known about it."""
    return {"paper": views.full_document(store.find(db, name))}


def select(
    db: sqlite3.Connection,
    words: Sequence[str],
    states: Collection[str],
    tags: Collection[str],
    sort: str,
    reverse: bool,
) -> list[Paper]:
    """The records behind `list_papers`."""
    wanted = [keys.folded(word).split() for word in words]
    found = [
        one
        for one in store.all_papers(db)
        if (not states or one.state in states)
        and set(tags) <= set(one.tags)
        and all(part in _searched(one) for parts in wanted for part in parts)
    ]
    found.sort(key=ORDERS[sort], reverse=reverse)
    return found


def _searched(one: Paper) -> str:
    return keys.folded(" ".join([one.key, one.label, one.venue, *map(str, one.authors), *one.tags]))
