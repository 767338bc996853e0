"""Adding papers: what becomes of each as a document."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from diffkit_papers import store
from diffkit_papers.records import NewPaper

Document = dict[str, Any]


def add(db: sqlite3.Connection, papers: Sequence[NewPaper]) -> Document:
    """Add papers in one transaction, and say what became of each."""
    added = store.add(db, papers)
    return {"papers": [vars(one) | {"outcome": one.outcome.value} for one in added]}
