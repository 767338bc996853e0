"""New rows on their way into the database, and papers that wait to be written some hundred at a time.

A statement that fires triggers keeps a copy of each page it changes until it has succeeded, which takes
longer than the change itself: one statement for many rows is more than twice as fast as one for each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

_MOST = 200  # papers in one statement


def insert_all(db: sqlite3.Connection, table: str, rows: Sequence[Row]) -> int:
    """Add rows with the same columns and return the number of the last."""
    columns = ", ".join(rows[0])
    marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
    values = [value for row in rows for value in row.values()]
    return int(db.execute(f"INSERT INTO {table} ({columns}) VALUES {marks}", values).lastrowid or 0)


class Batch:
    """Papers that are new. What is asked of the database about other papers has to be asked here, too."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'papers'").fetchone()
        self._last = int(last[0]) if last else 0
        self._rows: dict[str, list[Row]] = {"papers": [], "sources": [], "tags": []}
        self._names: set[tuple[str, str]] = set()

    def holds(self, column: str, value: str | None) -> bool:
        """Whether a paper that is not written yet has this key, id or fingerprint."""
        return (column, value) in self._names

    def add(self, paper: Row, source: Row | None, tags: Iterable[str]) -> None:
        """Let a paper wait; `holds` knows it by its columns `key`, `doi`, `arxiv` and `fingerprint`."""
        self._last += 1
        self._rows["papers"].append({"id": self._last} | dict(paper))
        if source:
            self._rows["sources"].append({"paper_id": self._last} | dict(source))
        self._rows["tags"] += [{"paper_id": self._last, "tag": tag} for tag in dict.fromkeys(tags)]
        self._names |= {(name, paper[name]) for name in ("doi", "arxiv", "fingerprint") if paper[name]}
        self._names.add(("key", paper["key"].lower()))
        if len(self._rows["papers"]) == _MOST:
            self.write()

    def write(self) -> None:
        """Write those that wait."""
        for table, rows in self._rows.items():
            for start in range(0, len(rows), _MOST):
                insert_all(self._db, table, rows[start : start + _MOST])
            rows.clear()
        self._names.clear()
