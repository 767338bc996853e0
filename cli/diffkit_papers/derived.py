"""What follows from other rows and is kept so that SQL can filter by it: states, and the full-text index."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from diffkit_papers.fulltext import indexed, searchable
from diffkit_papers.passes import Pass, State, Verdict, next_number, state, was_recalled

Row = sqlite3.Row
_CHUNK = 500  # ids in one statement


class Searched(NamedTuple):
    """What the full-text index holds of a paper; the annotation of its record is one of the notes."""

    id: int
    title: str
    authors: str
    venue: str
    abstract: str
    notes: str = ""
    answers: str = ""


def rebuild(db: sqlite3.Connection) -> None:
    """Make everything derived anew."""
    papers = [row[0] for row in db.execute("SELECT id FROM papers")]
    db.execute("DELETE FROM search")
    index(db, papers)
    db.execute("INSERT INTO search (search) VALUES ('optimize')")  # what was deleted is in it until then
    refresh_states(db, papers)


def refresh_states(db: sqlite3.Connection, papers: Iterable[int]) -> None:
    """Write the state and the next pass of these papers as their histories have them."""
    for ids in _chunks(papers):
        histories = load_passes(db, ids)
        for paper, history in histories.items():
            values = (state_of(db, paper, history), next_number(history), paper)
            db.execute("UPDATE papers SET state = ?, next_pass = ? WHERE id = ?", values)


def state_of(db: sqlite3.Connection, paper: int, history: Sequence[Pass]) -> State:
    """The state of a paper with this history."""
    found = state(history)
    return state(history, _recalled(db, paper, history)) if found is State.DONE else found


def index(db: sqlite3.Connection, papers: Iterable[int]) -> None:
    """Write the text of these papers into the full-text index, in place of what it held of them."""
    for ids in _chunks(papers):
        # before each DELETE SQLite puts away what it gathered of the rows before
        held = f"SELECT rowid FROM search WHERE rowid IN {_ids(ids)}"
        if present := [row[0] for row in db.execute(held)]:
            db.execute(f"DELETE FROM search WHERE rowid IN {_ids(present)}")
        write_index(db, _searched(db, ids))


def not_as_indexed(db: sqlite3.Connection) -> list[int]:
    """Papers of which the full-text index does not hold the words that it would be given now, or which it has
    alone.
    """
    held = "SELECT rowid FROM search UNION SELECT id FROM papers"
    wrong = []
    for ids in _chunks(row[0] for row in db.execute(held).fetchall()):
        rows = db.execute(f"SELECT rowid, * FROM search WHERE rowid IN {_ids(ids)}")
        there = {int(row[0]): list(map(searchable, row[1:])) for row in map(tuple, rows)}
        meant = {one.id: list(map(searchable, one[1:])) for one in _searched(db, ids)}
        wrong += sorted(id for id in there.keys() | meant.keys() if there.get(id) != meant.get(id))
    return wrong


def _searched(db: sqlite3.Connection, ids: Sequence[int]) -> list[Searched]:
    """What the index is to hold of each of these papers."""
    some = _ids(ids)
    notes = note_texts(db, ids)
    answers = _texts(
        db,
        "SELECT paper_id, answer FROM answers JOIN passes ON passes.id = pass_id "
        f"WHERE paper_id IN {some} ORDER BY answers.id",
    )
    rows = db.execute(
        "SELECT id, title, authors, venue, abstract, json_extract(fields, '$.annotation') AS annotation "
        f"FROM papers WHERE id IN {some}"
    )
    return [
        Searched(
            row["id"],
            row["title"],
            "\n".join(name_text(**one) for one in json.loads(row["authors"])),
            row["venue"],
            row["abstract"],
            "\n".join(filter(None, (row["annotation"], *notes[row["id"]]))),
            "\n".join(answers[row["id"]]),
        )
        for row in rows.fetchall()
    ]


def write_index(db: sqlite3.Connection, papers: Iterable[Searched]) -> None:
    """Write the text of papers into the full-text index that are not there."""
    db.executemany(
        "INSERT INTO search (rowid, title, authors, venue, abstract, notes, answers) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((paper.id, *map(indexed, paper[1:])) for paper in papers),
    )


def name_text(family: str, given: str, suffix: str) -> str:
    """A name in either order: `Ashish Vaswani` and `Vaswani, Ashish` are found as they stand, like 张三."""
    return f"{family} {given} {family} {suffix}"


def load_passes(db: sqlite3.Connection, papers: Sequence[int]) -> dict[int, tuple[Pass, ...]]:
    """The history of each of these papers."""
    some = _ids(papers)
    these = f"pass_id IN (SELECT id FROM passes WHERE paper_id IN {some})"
    answers = grouped(db.execute(f"SELECT * FROM answers WHERE {these} ORDER BY id"), "pass_id")
    sittings = grouped(db.execute(f"SELECT * FROM sittings WHERE {these} ORDER BY id"), "pass_id")
    reopened = grouped(db.execute(f"SELECT * FROM reopenings WHERE paper_id IN {some}"), "paper_id")
    histories: dict[int, list[Pass]] = {paper: [] for paper in papers}
    for row in db.execute(f"SELECT * FROM passes WHERE paper_id IN {some} ORDER BY id"):
        done = pass_of(row, answers[row["id"]], sittings[row["id"]], reopened[row["paper_id"]])
        histories[row["paper_id"]].append(done)
    return {paper: tuple(history) for paper, history in histories.items()}


def grouped(rows: Iterable[Row], column: str) -> defaultdict[int, list[Row]]:
    """Rows by the value of a column."""
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def pass_of(row: Any, answers: Sequence[Any], sittings: Sequence[Any], reopenings: Sequence[Any]) -> Pass:
    """A pass from its row and those that belong to it."""
    end = next((sitting for sitting in sittings if sitting["verdict"]), None)
    minutes = [sitting["minutes"] for sitting in sittings if sitting["minutes"] is not None]
    return Pass(
        number=row["number"],
        begun=row["id"],
        started_at=row["started_at"],
        verdict=Verdict(end["verdict"]) if end else None,
        ended=end["id"] if end else None,
        ended_at=end["ended_at"] if end else None,
        minutes=sum(minutes) if minutes else None,
        answers={answer["question"]: answer["answer"] for answer in answers},
        set_aside=any(
            row["id"] <= one["after_pass"] and row["number"] >= one["number"] for one in reopenings
        ),
    )


def _recalled(db: sqlite3.Connection, paper: int, history: Sequence[Pass]) -> bool:
    rows = db.execute("SELECT section, reviewed_at FROM reviews WHERE paper_id = ?", (paper,))
    return was_recalled(history, map(tuple, rows))


def note_texts(db: sqlite3.Connection, papers: Sequence[int]) -> Mapping[int, list[Any]]:
    """The notes of each of these papers, in the order in which they were written."""
    return _texts(db, f"SELECT paper_id, text FROM notes WHERE paper_id IN {_ids(papers)} ORDER BY id")


def _texts(db: sqlite3.Connection, query: str) -> Mapping[int, list[Any]]:
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for paper, text in db.execute(query):
        groups[paper].append(text)
    return groups


def _chunks(papers: Iterable[int]) -> Iterable[Sequence[int]]:
    ids = sorted(set(papers))
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _ids(papers: Sequence[int]) -> str:
    return f"({', '.join(str(int(paper)) for paper in papers)})"
