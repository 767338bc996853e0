"""New rows on their way into the database, and papers that wait to be written some hundred at a time.

A statement that fires triggers keeps a copy of each page it changes until it has succeeded, which takes
longer than the change itself: one statement for many rows is more than twice as fast as one for each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diffkit_papers.derived import Searched, write_index
from diffkit_papers.records import MERGED

Row = Mapping[str, Any]
Name = tuple[str, str]

_IDS = ("doi", "arxiv", "fingerprint")
_NAMES = ("key", *_IDS)
_MOST = 200  # papers in one statement


def insert_all(db: sqlite3.Connection, table: str, rows: Sequence[Row]) -> int:
    """Add rows with the same columns and return the number of the last."""
    columns = ", ".join(rows[0])
    marks = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
    values = [value for row in rows for value in row.values()]
    return int(db.execute(f"INSERT INTO {table} ({columns}) VALUES {marks}", values).lastrowid or 0)


class Batch:
    """Papers that are new. What is asked of the database about other papers has to be asked here, too."""

    def __init__(self, db: sqlite3.Connection, papers: int) -> None:
        """`papers` is how many will come at most: for many of them it pays to know all names beforehand."""
        self._db = db
        last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'papers'").fetchone()
        self._last = int(last[0]) if last else 0
        self._rows: dict[str, list[Row]] = {"papers": [], "sources": [], "tags": []}
        self._searched: list[Searched] = []
        self._names: set[Name] = set()
        merged = "SELECT 1 FROM sources WHERE format = ? LIMIT 1"  # their names are found by other ways
        self._knows_all = papers >= _MOST and db.execute(merged, [MERGED]).fetchone() is None
        if self._knows_all:
            self._learn("1")

    def holds(self, names: Iterable[Name]) -> bool | None:
        """Whether a paper has one of these keys, ids and fingerprints; None if the database has to say."""
        return not self._names.isdisjoint(names) or (False if self._knows_all else None)

    def add(
        self, paper: Row, known: set[Name], texts: Iterable[str], source: Row | None, tags: Iterable[str]
    ) -> None:
        """Let a paper wait that is `known` by these names; its `texts` are those of `Searched`."""
        self._last += 1
        self._rows["papers"].append({"id": self._last, **paper})
        self._searched.append(Searched(self._last, *texts))
        if source:
            self._rows["sources"].append({"paper_id": self._last, **source})
        self._rows["tags"] += [{"paper_id": self._last, "tag": tag} for tag in dict.fromkeys(tags)]
        self._names |= known
        if len(self._rows["papers"]) == _MOST:
            self.write()

    def write(self) -> None:
        """Write those that wait."""
        for table, rows in self._rows.items():
            for start in range(0, len(rows), _MOST):
                insert_all(self._db, table, rows[start : start + _MOST])
            rows.clear()
        if not self._knows_all:
            self._names.clear()

    def finish(self) -> None:
        """Write what waits, and index all that was new."""
        self.write()
        write_index(self._db, self._searched)

    def changed(self, paper_id: int) -> None:
        """A paper of the database may have other names now."""
        if self._knows_all:
            self._learn(f"id = {paper_id:d}")

    def _learn(self, which: str) -> None:
        columns = ", ".join(_NAMES)
        for row in self._db.execute(f"SELECT {columns} FROM papers WHERE {which}"):
            self._names |= names(dict(zip(_NAMES, row, strict=True)))


def names(paper: Row) -> set[Name]:
    """What a paper is known by: columns and values."""
    found = {(column, value) for column in _IDS if (value := paper.get(column))}
    if key := paper.get("key"):
        found.add(key_name(key))
    return found


def key_name(key: str) -> Name:
    """Keys are the same but for case."""
    return "key", key.lower()
