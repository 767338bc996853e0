"""Every write can be taken back, the taking back too, and nothing is taken from under a later write."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from diffkit_papers import chronicle, finding, linking, marking, reading, recalling, store
from diffkit_papers.database import session
from diffkit_papers.errors import NotFound, PaperError, Refused
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.passes import Verdict
from diffkit_papers.records import Author, LinkKind, NewPaper, Source
from diffkit_papers.schema import RECORDED
from diffkit_papers.undo import actions, undo

Snapshot = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def db(db_path: Path) -> Iterator[sqlite3.Connection]:
    with session(db_path, create=True) as opened:
        yield opened


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
    ]


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_writes_is_undone_and_done_again(db: sqlite3.Connection, seed: int) -> None:
    rng = random.Random(seed)
    names = [added.key for added in store.add(db, [new(number) for number in range(3)])]
    states = [snapshot(db)]
    done = 0
    while done < 40:
        before = actions(db, 1)["actions"][0]["number"]
        try:
            rng.choice(writes(rng, names))(db)
        except PaperError:
            assert snapshot(db) == states[-1]  # what is refused leaves nothing behind
            continue
        if actions(db, 1)["actions"][0]["number"] > before:
            states.append(snapshot(db))
            done += 1
    undone = []
    for expected in reversed(states[:-1]):
        undone.append(undo(db)["action"])
        assert snapshot(db) == expected
    for number, expected in zip(reversed(undone), states[1:], strict=True):
        undo(db, number)
        assert snapshot(db) == expected
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_an_earlier_write_is_taken_back_alone(db: sqlite3.Connection) -> None:
    key = store.add(db, [new(1)])[0].key
    marking.set_priority(db, key, 5)
    first = actions(db, 1)["actions"][0]["number"]
    reading.record(db, key, 1, {"fit": "yes"}, 3, Verdict.CONTINUE)
    assert undo(db, first)["undone"]["command"] == f"priority {key} 5"
    paper = store.find(db, key)
    assert (paper.priority, paper.next_pass) == (0, 2)


def test_what_later_writes_build_on_stays(db: sqlite3.Connection) -> None:
    key = store.add(db, [new(1)])[0].key
    added = actions(db, 1)["actions"][0]["number"]
    marking.note(db, key, "it hangs on the paper")
    before = snapshot(db)
    with pytest.raises(Refused, match=r"action 2 builds on it") as caught:
        undo(db, added)
    assert caught.value.fix == "undo that first, with: diffkit paper undo 2"
    marking.set_priority(db, key, 1)
    marking.set_priority(db, key, 2)
    with pytest.raises(Refused, match="action 4 builds on it"):
        undo(db, 3)
    undo(db)
    undo(db)
    assert snapshot(db) == before
    undo(db)
    undo(db)
    assert store.all_papers(db) == []
    with pytest.raises(NotFound, match="nothing to undo"):
        undo(db)


def test_undone_twice_and_unknown(db: sqlite3.Connection) -> None:
    store.add(db, [new(1)])
    undo(db)
    with pytest.raises(Refused, match="undone already") as caught:
        undo(db, 1)
    assert caught.value.fix.endswith("diffkit paper undo 2")
    with pytest.raises(NotFound, match="no action 9"):
        undo(db, 9)
    undo(db, 2)
    assert len(store.all_papers(db)) == 1
    assert [one["undone_by"] for one in chronicle.history(db)["actions"]] == [None, 3, None]
    undo(db)
    assert store.all_papers(db) == []


def test_an_import_is_taken_back_at_once(db: sqlite3.Connection) -> None:
    before = snapshot(db)
    store.add(db, [new(number, doi=f"10.1000/{number}") for number in range(2_000)])
    assert undo(db)["undone"]["command"] == "add 2000 papers"
    assert snapshot(db) == before


def test_undo_on_the_command_line(run: Callable[..., Any]) -> None:
    assert run("undo").exit_code == 4
    run("add", "--title", "T", "--key", "k")
    run("tag", "k", "x")
    result = run("undo")
    assert result.exit_code == 0
    assert result.stdout.startswith("undone\tcommand\tat\n2\ttag k\t")
    assert "to do it again: diffkit paper undo 3" in result.stderr
    assert run("undo", "1").exit_code == 0
    assert run("undo", "1").exit_code == 1
    assert run("history").stdout.splitlines()[1].startswith("4\t")
