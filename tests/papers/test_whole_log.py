"""The log's own JSON holds the whole log: reading it again gives the same log, and nothing twice."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffkit_papers import adding, checkup, exporting, library, marking, reading, recalling, store
from diffkit_papers.database import session
from diffkit_papers.errors import BadData, PaperError
from diffkit_papers.formats import native
from diffkit_papers.passes import SECTIONS, State, Verdict
from diffkit_papers.records import Author, NewPaper
from diffkit_papers.schema import RECORDED
from diffkit_papers.undo import undo

sys.path.insert(0, str(Path(__file__).parent))
from scribe import new, snapshot, writes

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

EXAMPLES = 150 if os.environ.get("DIFFKIT_TEST_FULL") == "1" else 12
PROPERTY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def log(folder: Path, name: str) -> Iterator[sqlite3.Connection]:
    with session(folder / f"{name}.db", create=True) as db:
        yield db


def lived(db: sqlite3.Connection, rng: random.Random, folder: Path, steps: int = 30) -> None:
    """Fill a log by writes of every kind; some are refused."""
    names = [added.key for added in store.add(db, [new(number) for number in range(4)])]
    paper = folder / "a paper.pdf"
    for step in range(steps):
        with suppress(PaperError):
            rng.choice(writes(rng, names))(db)
        if step % 9 == 8:
            paper.write_bytes(rng.randbytes(10))
            with suppress(PaperError):
                library.attach(db, rng.choice(names), [paper])
    with suppress(PaperError):
        for number in (1, 2, 3):
            reading.record(db, names[0], number, {}, 1.5, Verdict.CONTINUE)
        for section in SECTIONS:
            recalling.recall(db, names[0], section, f"{section}: 记得", rng.choice([1, 2, 3, 4]))
    store.add(db, [NewPaper("By hand", abstract="two\nlines", fields={"Own": "x"}, year=1500)])


def text_of(db: sqlite3.Connection) -> str:
    return str(exporting.export(db, format="json")["text"])


def take(db: sqlite3.Connection, folder: Path, text: str) -> dict[str, Any]:
    path = folder / "log.json"
    path.write_text(text, encoding="utf-8")
    return adding.import_files(db, [path])


@given(st.randoms(use_true_random=False))
@PROPERTY
def test_an_empty_log_becomes_the_same_log(rng: random.Random) -> None:
    with TemporaryDirectory() as place, log(Path(place), "first") as first:
        folder = Path(place)
        lived(first, rng, folder)
        text = text_of(first)
        with log(folder, "second") as second:
            told = take(second, folder, text)
            assert {one["outcome"] for one in told["papers"]} == {"added"}
            assert text_of(second) == text
            states = "SELECT key, state, next_pass FROM papers ORDER BY key"
            assert list(map(tuple, second.execute(states))) == list(map(tuple, first.execute(states)))
            ages = first.execute("SELECT key FROM papers ORDER BY added_at").fetchall()
            assert second.execute("SELECT key FROM papers ORDER BY id").fetchall() == ages
            due = recalling.due(second, until="9999")["due"], recalling.due(first, until="9999")["due"]
            assert sorted(due[0], key=str) == sorted(due[1], key=str)
            cards = "SELECT section, card FROM reviews ORDER BY reviewed_at"
            assert list(map(tuple, second.execute(cards))) == list(map(tuple, first.execute(cards)))
            files = second.execute("SELECT count(*) FROM files").fetchone()[0]
            assert sum("a paper.pdf of " in one["message"] for one in told["warnings"]) == files > 0
            problems = {
                one["check"] for one in checkup.doctor(second)["checks"] if one["result"] == "problem"
            }
            assert problems == {"files"}


@given(st.randoms(use_true_random=False))
@PROPERTY
def test_a_log_that_has_it_already_does_not_change(rng: random.Random) -> None:
    with TemporaryDirectory() as place, log(Path(place), "first") as first:
        folder = Path(place)
        lived(first, rng, folder)
        before = snapshot(first)
        text = text_of(first)
        told = take(first, folder, text)
        assert {one["outcome"] for one in told["papers"]} == {"duplicate"}
        assert snapshot(first) == before


@given(st.randoms(use_true_random=False))
@PROPERTY
def test_what_was_done_elsewhere_is_taken_home(rng: random.Random) -> None:
    """A log goes on in two places; whatever each of them did is in both after they were exchanged."""
    with TemporaryDirectory() as place, log(Path(place), "home") as home, log(Path(place), "away") as away:
        folder = Path(place)
        names = [added.key for added in store.add(home, [new(number) for number in range(3)])]
        take(away, folder, text_of(home))
        for _ in range(12):
            with suppress(PaperError):
                rng.choice(writes(rng, names))(home if rng.random() < 0.5 else away)
        before = [snapshot(home), snapshot(away)]
        take(home, folder, text_of(away))
        times = {"notes": "created_at", "answers": "answered_at", "sittings": "ended_at"}
        times |= {"reviews": "reviewed_at", "reopenings": "reopened_at"}
        for table, name in times.items():
            column = 1 + RECORDED[table].index(name)
            found = {row[column] for row in snapshot(home)[table]}
            assert {row[column] for one in before for row in one[table]} <= found
        again = snapshot(home)
        take(home, folder, text_of(away))
        assert snapshot(home) == again  # nothing twice
        if again != before[0]:
            undo(home)
            assert snapshot(home) == before[0]


def test_a_paper_goes_on_where_it_was_read_further(tmp_path: Path) -> None:
    with log(tmp_path, "home") as home, log(tmp_path, "away") as away:
        store.add(home, [NewPaper("T", key="t")])
        reading.record(home, "t", 1, {"fit": "yes"}, 5, Verdict.CONTINUE)
        take(away, tmp_path, text_of(home))
        reading.record(away, "t", 2, {"method": "by hand"}, 30, Verdict.CONTINUE)
        marking.note(home, "t", "from home")
        told = take(home, tmp_path, text_of(away))
        assert [one["outcome"] for one in told["papers"]] == ["completed"]
        paper = store.find(home, "t")
        assert (paper.state, paper.next_pass, len(paper.passes), paper.minutes) == (State.READING, 3, 2, 35)
        assert [one.text for one in paper.notes] == ["from home"]
        reading.record(away, "t", 3, {}, 1, Verdict.PARK)
        reading.reopen(away, "t", 1, "again")  # later than all that home knows: it goes on there
        take(home, tmp_path, text_of(away))
        assert store.find(home, "t").next_pass == 1


def test_another_paper_under_the_same_key_stays(tmp_path: Path) -> None:
    with log(tmp_path, "one") as one, log(tmp_path, "two") as two:
        for db, title in ((one, "Graphs"), (two, "Trees")):
            store.add(db, [NewPaper(title, (Author("Li"),), key="li")])
            marking.note(db, "li", title)
        store.add(two, [NewPaper("Roots", key="roots")])
        marking.tag(two, "roots", ["x"])
        reading.record(two, "li", 1, {}, 1, Verdict.CONTINUE)
        reading.record(two, "li", 2, {}, 1, Verdict.HARD, needs=["roots"])
        take(one, tmp_path, text_of(two))
        found = {paper.key: paper for paper in exporting.selected(one)}
        assert {key: paper.title for key, paper in found.items()} == {
            "li": "Graphs",
            "li" + "trees": "Trees",
        } | {"roots": "Roots"}
        assert [link.key for link in found["litrees"].links] == ["roots"]
        assert found["litrees"].state is State.WAITING


def test_links_out_of_a_part_are_told_of(run: Run, document: Document, tmp_path: Path) -> None:
    document("add", "--title", "A", "--key", "a", "--tag", "part")
    document("circle", "a", "--title", "B")
    path = tmp_path / "part.json"
    document("export", "tag:part", "-f", "json", "-o", str(path))
    other = run("import", str(path), "--db", str(tmp_path / "other.db"))
    assert other.exit_code == 0
    assert "part.json:2: a refers to 'b', which is neither here nor in the log: left out" in other.stderr
    assert run("export", "-f", "json", "--source-keys").exit_code == 3


def whole(**more: Any) -> dict[str, Any]:
    at = "2026-11-27T07:30:00.000000+00:00"
    return {
        "key": "a",
        "title": "T",
        "fields": {},
        "added_at": at,
        "passes": [
            {
                "number": 1,
                "started_at": at,
                "answers": [{"question": "fit", "answer": "y", "answered_at": at}],
            }
        ],
        "sittings": [{"reading": 0, "minutes": 5, "verdict": "continue", "ended_at": at}],
        "sources": [{"format": "ris", "citation_key": "", "raw": "x", "fields": {"a": "b"}}],
        "provenance": {"title": 0},
    } | more


AT = whole()["added_at"]
CARD = {
    "card_id": 0,
    "state": 2,
    "step": None,
    "stability": 1.5,
    "difficulty": 2.5,
    "due": AT,
    "last_review": AT,
}


def test_a_document_by_hand_is_read() -> None:
    text = json.dumps([whole(), {"key": "b", "doi": "10.1000/x", "fields": {}}])
    assert [paper.key for _, paper in native.read(text).papers] == ["a", "b"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"nots": []}, r"[1]: Object contains unknown field `nots`"),
        ({"year": "2017"}, r"[1].year: Expected `int | null`, got `str`"),
        ({"key": "a b"}, r"[1].key: 'a b' cannot be a key"),
        ({"key": "First"}, r"[1].key: 'first' is that of [0], too"),
        ({"title": ""}, r"[1]: a paper needs a title, a DOI or an arXiv id"),
        ({"title": "\ud800"}, r"[1].title: "),
        ({"fields": {"x\0": "y"}}, r"is no text"),
        ({"doi": "nature"}, r"[1].doi: 'nature' is not a DOI"),
        ({"arxiv": {"id": "17"}}, r"[1].arxiv.id: '17' is not an arXiv id"),
        ({"tags": ["a", " b"]}, r"[1].tags[1]: "),
        ({"priority": 10}, r"[1].priority: Expected `int` <= 9"),
        ({"added_at": "2026-02-30T00:00:00.000000+00:00"}, r"[1].added_at: "),
        ({"added_at": "yesterday"}, r"[1].added_at: 'yesterday' is no time such as"),
        ({"passes": [{"number": 4, "started_at": AT}]}, r"[1].passes[0].number: Expected `int` <= 3"),
        (
            {
                "passes": [
                    {
                        "number": 1,
                        "started_at": AT,
                        "answers": [{"question": "q", "answer": "", "answered_at": AT}],
                    }
                ]
            },
            r"[1].passes[0].answers[0].question: pass 1 asks category",
        ),
        ({"sittings": [{"reading": 1, "ended_at": AT}]}, r"[1].sittings[0].reading: there is no passes[1]"),
        ({"sittings": [{"reading": 0, "minutes": -1, "ended_at": AT}]}, r"[1].sittings[0].minutes: "),
        (
            {"sittings": [{"reading": 0, "verdict": "no", "ended_at": AT}]},
            r"[1].sittings[0].verdict: Invalid enum value 'no'",
        ),
        ({"reopenings": [{"number": 1, "after": 9, "reopened_at": AT}]}, r"[1].reopenings[0].after: "),
        ({"provenance": {"title": 1}}, r"[1].provenance.title: there is no sources[1]"),
        (
            {"links": [{"kind": "circled", "key": "A", "created_at": AT}]},
            r"[1].links[0]: a paper cannot refer to itself",
        ),
        (
            {"links": [{"kind": "circled", "key": "first", "created_at": AT}] * 2},
            r"[1].links[1]: it stands there twice",
        ),
        (
            {"files": [{"sha256": "../../etc/passwd", "name": "x", "size": 1, "added_at": AT}]},
            r"[1].files[0].sha256: ",
        ),
        (
            {"files": [{"sha256": "a" * 64, "name": "x", "size": 2**70, "added_at": AT}]},
            r"[1].files[0].size: ",
        ),
        (
            {"reviews": [{"section": "title", "rating": 3, "recalled": "", "reviewed_at": AT, "card": {}}]},
            r"[1].reviews[0].card: Object missing required field `card_id`",
        ),
        (
            {
                "reviews": [
                    {
                        "section": "title",
                        "rating": 3,
                        "recalled": "",
                        "reviewed_at": AT,
                        "card": CARD | {"stability": 1e999},
                    }
                ]
            },
            r"[1].reviews[0].card.stability: inf is no number",
        ),
    ],
)
def test_the_place_of_a_fault_is_named(
    run: Run, db_path: Path, tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    path = tmp_path / "wrong.json"
    first = {"key": "first", "title": "First", "fields": {}}
    path.write_text(f"[{json.dumps(first)},\n{json.dumps(whole(**more))}]")
    result = run("import", str(path), "--format", "json")
    assert result.exit_code == 3, result.output
    assert result.stderr.startswith(f"error: {path}: line 2: [1]")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not db_path.exists()  # not even the first paper


@pytest.mark.parametrize(
    "text", ["[1]", '["x"]', '[{"key": "a", "fields": {}', "[" * 100_000, '{"fields": {}}', "[[[]]]"]
)
def test_what_is_no_list_of_papers(text: str) -> None:
    with pytest.raises(BadData, match=r"line 1: \[0\]"):
        native.read(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=10 * EXAMPLES, deadline=None)
def test_anything_in_any_place_is_taken_or_refused_whole(value: Any, rng: random.Random) -> None:
    """Any part of a document put in the place of another value: no error but the one line."""
    document: Any = whole(
        reviews=[{"section": "title", "rating": 3, "recalled": "", "reviewed_at": AT, "card": CARD}]
    )
    place = document
    while True:
        key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.3:
            place[key] = value
            break
        place = inner
    with TemporaryDirectory() as folder, log(Path(folder), "any") as db:
        try:
            take(db, Path(folder), json.dumps([document]))
        except BadData:
            assert not store.all_papers(db)
        else:
            assert text_of(db)
