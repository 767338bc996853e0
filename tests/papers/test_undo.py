"""Every write can be taken back, the taking back too, and nothing is taken from under a later write."""

from __future__ import annotations

import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from diffkit_papers import chronicle, marking, reading, store
from diffkit_papers.database import session
from diffkit_papers.derived import not_as_indexed
from diffkit_papers.errors import NotFound, PaperError, Refused
from diffkit_papers.passes import Verdict
from diffkit_papers.undo import actions, undo

sys.path.insert(0, str(Path(__file__).parent))
from scribe import new, snapshot, writes


@pytest.fixture
def db(db_path: Path) -> Iterator[sqlite3.Connection]:
    with session(db_path, create=True) as opened:
        yield opened


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
        assert not_as_indexed(db) == []
        if actions(db, 1)["actions"][0]["number"] > before:
            states.append(snapshot(db))
            done += 1
    undone = []
    for expected in reversed(states[:-1]):
        undone.append(undo(db)["action"])
        assert snapshot(db) == expected
        assert not_as_indexed(db) == []
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
