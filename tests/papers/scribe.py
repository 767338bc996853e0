"""Every kind of write on a log, and what is in it afterwards."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from typing import Any

from diffkit_papers import finding, linking, marking, reading, recalling, store
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.passes import Verdict
from diffkit_papers.records import Author, LinkKind, NewPaper, Source
from diffkit_papers.schema import RECORDED
from diffkit_papers.taking import merge_papers

Snapshot = dict[str, list[tuple[Any, ...]]]


def snapshot(db: sqlite3.Connection) -> Snapshot:
    """Everything a reader put into the log, and the index of it."""
    found = {
        table: [
            tuple(row)
            for row in db.execute(f"SELECT rowid, {', '.join(columns)} FROM {table} ORDER BY rowid")
        ]
        for table, columns in RECORDED.items()
    }
    found["search"] = [tuple(row) for row in db.execute("SELECT rowid, * FROM search ORDER BY rowid")]
    return found


def new(number: int, **more: Any) -> NewPaper:
    source = Source("bibtex", f"k{number}", f"@misc{{k{number}}}", {"title": str(number)})
    return NewPaper(f"Paper {number} 学习", (Author("Li"),), 2000, source=source, tags=("t",), **more)


def writes(rng: random.Random, names: list[str]) -> list[Callable[[sqlite3.Connection], object]]:
    """Every kind of write on these papers, some of which are refused."""
    key, other = rng.choice(names), rng.choice(names)
    number = rng.randrange(1000)
    verdict = rng.choice(list(Verdict))
    question = rng.choice(["fit", "context"])
    return [
        lambda db: store.add(db, [new(number), new(number + 1, arxiv=ArxivId(f"2301.{number:05}"))]),
        lambda db: store.add(
            db, [NewPaper(title="Paper 0 学习", authors=(Author("Li"),), abstract=f"a{number}")]
        ),
        lambda db: reading.record(db, key, 1, {question: f"x {number}"}, number / 7),
        lambda db: reading.record(db, key, rng.choice([1, 2, 3]), {}, 1.5, verdict, needs=[other]),
        lambda db: reading.reopen(db, key, reason="again"),
        lambda db: recalling.recall(db, key, "method", "what it was", "good"),
        lambda db: marking.tag(db, key, [f"tag {number % 3}"]),
        lambda db: marking.untag(db, key, ["t"]),
        lambda db: marking.note(db, key, f"note {number}"),
        lambda db: marking.set_priority(db, key, number % 10),
        lambda db: linking.circle(db, key, [f"2302.{number:05}", other]),
        lambda db: linking.require(db, key, [other]),
        lambda db: linking.unlink(db, key, [other], LinkKind.CIRCLED),
        lambda db: finding.saved_query(db, f"q{number % 3}", f"tag:t{number}"),
        lambda db: merge_papers(db, key, other, force=number % 2 == 0),
    ]
