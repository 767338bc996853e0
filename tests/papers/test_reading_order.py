"""What comes next, what waits for what, taking a paper up again, and recall on a schedule."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from diffkit_papers import chronicle, linking, marking, ordering, reading, recalling, store
from diffkit_papers.database import session
from diffkit_papers.errors import BadData, NotFound, Refused
from diffkit_papers.passes import SECTIONS, State, Verdict
from diffkit_papers.records import LinkKind, NewPaper

Run = Callable[..., Result]

GO = Verdict.CONTINUE


@pytest.fixture
def db(db_path: Path) -> Iterator[sqlite3.Connection]:
    with session(db_path, create=True) as opened:
        store.add(opened, [NewPaper(title=f"Paper {name}", key=name) for name in "abcdefgh"])
        yield opened


def queue(db: sqlite3.Connection) -> str:
    return "".join(step["key"] for step in ordering.next_papers(db, 99)["queue"])


def finish(db: sqlite3.Connection, name: str, *numbers: int) -> None:
    for number in numbers:
        reading.record(db, name, number, {}, 1, GO)


def test_unfinished_then_urgent_then_deep_then_new(db: sqlite3.Connection) -> None:
    assert queue(db) == "abcdefgh"
    finish(db, "h", 1)
    finish(db, "g", 1, 2)
    finish(db, "f", 1)
    assert queue(db) == "ghfabcde"  # deepest first, longest waiting first, then the new ones
    reading.record(db, "e", 1, {"fit": "open"})
    reading.record(db, "d", 1, {"fit": "open"})
    assert queue(db) == "deghfabc"  # begun last, asked first
    marking.set_priority(db, "b", 3)
    marking.set_priority(db, "g", -1)
    assert queue(db) == "debhfacg"
    reading.record(db, "a", 1, {}, 1, Verdict.DROP)
    reading.record(db, "c", 1, {}, 1, Verdict.PARK)
    finish(db, "g", 3)
    assert queue(db) == "debhf"
    first = ordering.next_papers(db)
    assert (first["next"]["pass"], first["next"]["reason"]) == (1, "pass 1 was begun and has no verdict")
    assert first["counts"] == {"new": 1, "reading": 4, "dropped": 1, "parked": 1, "done": 1}


def test_prerequisites_come_first_and_take_over_the_priority(db: sqlite3.Connection) -> None:
    linking.require(db, "a", ["f"])
    linking.require(db, "f", ["h"])
    assert queue(db) == "bcdegh"
    marking.set_priority(db, "a", 5)
    step = ordering.next_papers(db)["next"]
    assert (step["key"], step["reason"]) == (
        "h",
        "it is new; f waits for it; its priority is 5",
    )
    finish(db, "h", 1, 2)  # read as far as others need it
    assert queue(db)[:3] == "fhb"
    reading.record(db, "f", 1, {}, 1, Verdict.DROP)  # a dropped one holds nothing up
    assert queue(db)[:3] == "ahb"


def test_too_hard_waits_and_comes_back(db: sqlite3.Connection) -> None:
    finish(db, "a", 1)
    with pytest.raises(BadData, match="until which papers are read"):
        reading.record(db, "a", 2, {}, 1, Verdict.HARD)
    with pytest.raises(BadData, match="never too hard"):
        reading.record(db, "b", 1, {}, 1, Verdict.HARD, needs=["c"])
    done = reading.do_pass(db, "a", 2, {"method": "lost"}, 9, "hard", needs=["c", "1706.03762"])
    assert (done["state"], done["needs"]) == ("waiting", ["c", "arxiv170603762"])
    assert "a" not in {step["key"] for step in ordering.next_papers(db, 99)["queue"]}
    finish(db, "c", 1)
    assert reading.do_pass(db, "c", 2, {}, 1, "continue")["frees"] == []
    assert linking.unread(db, store.find(db, "a").id) == ["arxiv170603762"]
    assert reading.do_pass(db, "arxiv170603762", 1, {}, 1, "drop")["frees"] == ["a"]
    step = next(step for step in ordering.next_papers(db, 99)["queue"] if step["key"] == "a")
    assert step["reason"] == "it was too hard, and what was to be read first is read"
    finish(db, "a", 2)
    assert store.find(db, "a").next_pass == 3


def test_what_a_paper_already_begun_waits_for_comes_before_older_ones(db: sqlite3.Connection) -> None:
    finish(db, "c", 1)
    linking.require(db, "h", ["g"])  # which is new itself
    reading.record(db, "c", 2, {}, 1, Verdict.HARD, needs=["f"])
    assert queue(db) == "fabdeg"
    linking.require(db, "f", ["e"])
    assert queue(db) == "eabdg"
    step = ordering.next_papers(db)["next"]
    assert step["reason"] == "it is new; f waits for it"
    marking.set_priority(db, "d", 1)
    assert queue(db) == "deabg"
    finish(db, "d", 1, 2)
    assert queue(db) == "deabg"  # deeper, and more urgent
    finish(db, "d", 3)
    finish(db, "a", 1)
    assert queue(db) == "aebg"


def test_circles_are_shown_and_hold_nothing_up(db: sqlite3.Connection) -> None:
    for paper, other in ("ab", "bc", "ca", "de", "ed"):
        linking.require(db, paper, [other])
    document = ordering.next_papers(db, 99)
    assert {frozenset(circle) for circle in document["cycles"]} == {frozenset("abc"), frozenset("de")}
    for circle in document["cycles"]:
        assert circle[0] == circle[-1]
        for paper, other in itertools.pairwise(circle):
            assert other in {link["key"] for link in linking.links(db, paper)["prerequisites"]}
    assert queue(db) == "cefgh"  # the newest link of each does not count: c does not wait for a
    linking.require(db, "c", ["h"])
    assert queue(db) == "efgh"  # its other links do
    assert linking.links(db, "d")["cycles"] in ([["d", "e", "d"]], [["e", "d", "e"]])


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_any_prerequisites_reads_each_before_what_needs_it(
    db: sqlite3.Connection, seed: int
) -> None:
    """Whatever is linked to what, following `next` reads all papers, and without circles in order."""
    rng = random.Random(seed)
    names = list("abcdefgh")
    rng.shuffle(names)
    links = {tuple(sorted(rng.sample(range(8), 2))) for _ in range(rng.randrange(20))}
    if seed % 2:
        links = {pair if rng.random() < 0.8 else pair[::-1] for pair in links}
    for paper, other in links:
        linking.require(db, names[paper], [names[other]])
    circles = ordering.next_papers(db)["cycles"]
    read: list[str] = []
    while step := ordering.next_papers(db)["next"]:
        number = step["pass"]
        finish(db, step["key"], number)
        if number == 2:
            read.append(step["key"])
    assert sorted(read) == sorted(names)
    if not circles:
        for paper, other in links:
            assert read.index(names[other]) < read.index(names[paper])


def test_circled_references_join_the_queue(db: sqlite3.Connection) -> None:
    finish(db, "a", 1)
    reading.record(db, "a", 2, {"related": "many"})
    document = linking.circle(db, "a", ["b", "10.1000/x"], ["A New  Title"])
    assert [one["key"] for one in document["circled"]] == ["b", "doi101000x", "new"]
    assert store.find(db, "new").title == "A New Title"
    assert "new" in [step["key"] for step in ordering.next_papers(db, 99)["queue"]]
    assert linking.circle(db, "a", ["b"]) == document  # once is enough
    with pytest.raises(NotFound, match="no paper 'nothing'"):
        linking.circle(db, "a", ["2301.00001", "nothing"])
    with pytest.raises(NotFound):
        store.find(db, "2301.00001")  # all or nothing
    with pytest.raises(BadData, match="itself"):
        linking.require(db, "a", ["a"])
    linking.unlink(db, "a", ["b"], LinkKind.CIRCLED)
    with pytest.raises(NotFound, match="no circled link"):
        linking.unlink(db, "a", ["b"], LinkKind.CIRCLED)


def test_one_new_id_and_one_title_are_one_paper(db: sqlite3.Connection) -> None:
    linking.circle(db, "a", ["arXiv:1607.06450"], ["Layer  Normalization"])
    assert [link.key for link in store.find(db, "a").links] == ["layer"]
    layer = store.find(db, "1607.06450")
    assert (layer.title, str(layer.arxiv)) == ("Layer Normalization", "arXiv:1607.06450")
    linking.circle(db, "b", ["1607.06450"], ["Another One"])  # the id is known: the title is a further paper
    assert [link.key for link in store.find(db, "b").links] == ["layer", "another"]
    linking.require(db, "c", ["10.1000/y", "10.1000/y"])
    assert [link.key for link in store.find(db, "c").links] == ["doi101000y"]


def test_reopening_sets_aside_and_deletes_nothing(db: sqlite3.Connection) -> None:
    finish(db, "a", 1, 2, 3)
    with pytest.raises(Refused, match="b is new and needs no reopening"):
        reading.reopen(db, "b")
    assert reading.reopen(db, "a", 2, "for the seminar") == {
        "key": "a",
        "state": "reading",
        "before": "done",
        "pass": 2,
    }
    paper = store.find(db, "a")
    assert [(done.number, done.set_aside) for done in paper.passes] == [(1, False), (2, True), (3, True)]
    finish(db, "a", 2)
    assert store.find(db, "a").next_pass == 3
    reading.record(db, "a", 3, {}, 1, Verdict.PARK)
    assert reading.reopen(db, "a")["pass"] == 3
    finish(db, "a", 3)
    assert reading.reopen(db, "a")["pass"] == 1
    reading.record(db, "b", 1, {}, 1, Verdict.DROP)
    with pytest.raises(Refused, match="it came to pass 1"):
        reading.reopen(db, "b", 2)
    events = [(one["event"], one["detail"]) for one in chronicle.history(db, "a")["events"]]
    assert ("reopened", "for the seminar") in events
    assert [event for event, _ in events].count("begun") == 6


def test_a_recalled_paper_and_the_schedule_of_fsrs(db: sqlite3.Connection) -> None:
    from fsrs import Card, Rating, Scheduler

    finish(db, "a", 1)
    reading.record(db, "a", 2, {"method": "notes of it"}, 1, GO)
    ratings = {section: 3 for section in SECTIONS[:5]}
    reading.record(db, "a", 3, {"recall_method": "by attention"}, 1, GO, ratings=ratings)
    assert store.find(db, "a").state is State.DONE
    assert recalling.notes_of(db, "a", "method") == "notes of it"
    assert [one["section"] for one in recalling.due(db)["due"]] == ["conclusion"]
    last = recalling.recall(db, "a", "conclusion", "it concludes", "easy")
    assert last["state"] == "recalled"
    document = recalling.due(db)
    assert document["due"] == []
    row = db.execute("SELECT recalled, rating FROM reviews WHERE section = 'method'").fetchone()
    assert tuple(row) == ("by attention", 3)

    expected = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    at = datetime.now(UTC)
    card, _ = expected.review_card(Card(due=at), Rating.Easy, at)
    assert datetime.fromisoformat(last["due"]) - at == pytest.approx(card.due - at, abs=timedelta(minutes=5))
    month = (at + timedelta(days=30)).isoformat()
    assert {one["section"] for one in recalling.due(db, "a", month)["due"]} == set(SECTIONS)
    with pytest.raises(Refused, match="has not been through"):
        recalling.recall(db, "b", "method", "x", 3)
    for section, rating, message in (("figures", 3, "no section"), ("method", 5, "no rating")):
        with pytest.raises(BadData, match=message):
            recalling.recall(db, "a", section, "x", rating)


def test_a_reopened_paper_is_recalled_anew(db: sqlite3.Connection) -> None:
    finish(db, "a", 1, 2, 3)
    for section in SECTIONS:
        recalling.recall(db, "a", section, "x", "good")
    assert store.find(db, "a").state is State.RECALLED
    reading.reopen(db, "a", 3)
    finish(db, "a", 3)
    assert store.find(db, "a").state is State.DONE


def test_notes_and_priorities(db: sqlite3.Connection) -> None:
    marking.note(db, "a", "first")
    number = marking.note(db, "a", " 第二\n line ")["notes"][1]["id"]
    assert [note.text for note in store.find(db, "a").notes] == ["first", "第二\n line"]
    assert marking.delete_note(db, "a", number)["notes"][0]["text"] == "first"
    for wrong in ("  ", "\ud800"):
        with pytest.raises(BadData):
            marking.note(db, "a", wrong)
    with pytest.raises(NotFound, match="no note 99"):
        marking.delete_note(db, "a", 99)
    with pytest.raises(BadData, match="no priority"):
        marking.set_priority(db, "a", 10)


def test_recall_of_one_paper_tells_of_that_one(db: sqlite3.Connection, run: Run) -> None:
    finish(db, "a", 1, 2, 3)
    for section in SECTIONS:
        recalling.recall(db, "a", section, "it", "good")
    next_due = recalling.due(db, "a")["next_due"]
    assert next_due
    assert recalling.due(db, "b") == {"due": [], "next_due": None}
    assert (
        run("recall", "b").stderr == "nothing of b to recall yet: a paper comes here after its third pass\n"
    )
    for key, of_key in (("a", " of a"), (None, "")):
        told = run("recall", *filter(None, [key])).stderr
        assert told == f"nothing{of_key} is due; the next section on {next_due[:10]}\n"
