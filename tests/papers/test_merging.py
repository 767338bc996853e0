"""Two papers of the log become one: nothing of either is lost, and all of it can be taken back."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from diffkit_papers import api, library, linking, marking, reading, recalling, store
from diffkit_papers.database import session
from diffkit_papers.errors import NotFound, Refused
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.life import load
from diffkit_papers.passes import QUESTIONS, SECTIONS, State, Verdict
from diffkit_papers.records import Author, NewPaper, Source
from diffkit_papers.undo import undo

sys.path.insert(0, str(Path(__file__).parent))
from scribe import snapshot

AUTHORS = (Author("Vaswani", "Ashish"), Author("Shazeer", "Noam"))
PREPRINT = NewPaper(
    "Attention is all you need",
    AUTHORS,
    2017,
    arxiv=ArxivId("1706.03762", 5),
    key="preprint",
    abstract="We propose",
    tags=("nlp", "old"),
    source=Source("bibtex", "vaswani", "@misc{vaswani, ...}", {"eprint": "1706.03762"}),
    fields={"note": "15 pages"},
)
JOURNAL = NewPaper(
    "Attention: a model of sequences",
    AUTHORS,
    2018,
    "Journal of Attention",
    doi="10.1000/attention",
    key="journal",
    type="article-journal",
    tags=("nlp", "new"),
    source=Source("ris", "JA-1", "TY  - JOUR", {"doi": "10.1000/attention"}),
    fields={"volume": "7"},
)


@pytest.fixture
def db(db_path: Path) -> Iterator[sqlite3.Connection]:
    with session(db_path, create=True) as opened:
        store.add(opened, [PREPRINT, JOURNAL, NewPaper("Third", key="third")])
        yield opened


def test_all_of_both_is_in_one(db: sqlite3.Connection, tmp_path: Path) -> None:
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"pdf")
    library.attach(db, "preprint", [pdf])
    for key in ("preprint", "journal"):
        marking.note(db, key, f"note of {key}")
        linking.circle(db, key, ["third"])
    linking.require(db, "third", ["preprint"])
    linking.circle(db, "third", ["preprint", "journal"])
    linking.circle(db, "journal", ["preprint"])
    marking.set_priority(db, "preprint", 4)
    before = snapshot(db)

    told = api.merge(db, "journal", "preprint")
    assert told["fields"] == ["abstract", "arxiv", "arxiv_version", "fields.note"]
    paper = store.find(db, "journal")
    assert (paper.title, paper.venue, paper.year) == (
        "Attention: a model of sequences",
        "Journal of Attention",
        2018,
    )
    assert (paper.abstract, paper.doi, str(paper.arxiv)) == (
        "We propose",
        "10.1000/attention",
        "arXiv:1706.03762v5",
    )
    assert paper.fields == {"note": "15 pages", "volume": "7"}
    assert (paper.tags, paper.priority) == (("new", "nlp", "old"), 4)
    assert [one.text for one in paper.notes] == ["note of journal", "note of preprint"]
    assert [one.name for one in paper.files] == ["a.pdf"]
    assert api.open(db, "preprint")["name"] == "a.pdf"
    assert [(link.kind.value, link.key) for link in paper.links] == [("circled", "third")]
    links = sorted((link.kind.value, link.key) for link in store.find(db, "third").links)
    assert links == [("circled", "journal"), ("prerequisite", "journal")]
    life = load(db, [paper.id])[paper.id]
    formats = [one.format for one in life.sources]
    assert formats == ["ris", "bibtex", "merged"]
    assert {name: formats[place] for name, place in life.provenance.items()} == dict.fromkeys(
        told["fields"], "bibtex"
    )
    assert '"title": "Attention is all you need"' in life.sources[2].raw  # word for word
    assert [hit["key"] for hit in api.search(db, "propose")["papers"]] == ["journal"]
    for name in ("preprint", "vaswani", "1706.03762", "JA-1", "10.1000/attention"):
        assert store.find(db, name).key == "journal"
    assert [
        event["detail"] for event in api.history(db, "journal")["events"] if event["event"] == "merged"
    ] == ["preprint"]
    assert api.history(db)["actions"][0]["command"] == "merge journal preprint"

    undo(db)
    assert snapshot(db) == before


def test_what_was_published_is_told_of_the_preprint(db: sqlite3.Connection) -> None:
    told = api.merge(db, "preprint", "journal")
    paper = store.find(db, "journal")
    assert paper.key == "preprint"
    assert (paper.venue, paper.year, paper.doi, paper.type) == (
        "Journal of Attention",
        2018,
        "10.1000/attention",
        "article-journal",
    )
    assert paper.title == "Attention is all you need"
    assert {"venue", "year", "doi", "type", "fields.volume"} <= set(told["fields"])


def test_it_is_not_added_again(db: sqlite3.Connection) -> None:
    other = NewPaper(
        "A talk on attention", doi="10.1000/talk", key="talk", source=Source("bibtex", "t", "@misc{t}", {})
    )
    store.add(db, [other])
    with pytest.raises(
        Refused, match=r"talk may be another work: journal has another DOI, 10.1000/attention"
    ) as caught:
        api.merge(db, "journal", "talk")
    assert "--force" in caught.value.fix
    api.merge(db, "journal", "talk", force=True)
    assert store.find(db, "https://doi.org/10.1000/TALK").key == "journal"
    assert store.find(db, "journal").doi == "10.1000/attention"
    again = [
        NewPaper("Other title", doi="10.1000/talk"),
        NewPaper("A talk on attention", source=other.source),
    ]
    assert {(one.key, one.reason) for one in store.add(db, again)} == {
        ("journal", "it was merged into journal")
    }
    assert (
        store.add(db, [NewPaper("New", key="talk")], free_keys=True)[0].key == "new"
    )  # the old key stays its own


def test_a_merged_paper_is_merged_again(db: sqlite3.Connection) -> None:
    before = snapshot(db)
    api.merge(db, "journal", "preprint")
    api.merge(db, "third", "journal", force=True)
    for name in ("preprint", "vaswani", "journal", "third"):
        assert store.find(db, name).key == "third"
    undo(db)
    undo(db)
    assert snapshot(db) == before


Step = tuple[int, Verdict]
GO, PARK, DROP = Verdict.CONTINUE, Verdict.PARK, Verdict.DROP


@pytest.mark.parametrize(
    ("mine", "theirs", "state", "next_pass"),
    [
        ([], [(1, GO)], State.READING, 2),
        ([(1, GO)], [], State.READING, 2),
        ([(1, GO), (2, GO)], [(1, PARK)], State.READING, 3),
        ([(1, DROP)], [(1, GO), (2, PARK)], State.PARKED, 2),
        ([(1, PARK)], [(1, GO), (2, GO), (3, GO)], State.DONE, None),
        ([(1, GO), (2, GO), (3, GO)], [(1, GO)], State.DONE, None),
        ([(1, PARK)], [(1, DROP)], State.DROPPED, 1),  # equally far: the later one
        ([(1, DROP)], [(1, GO)], State.READING, 2),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_state_is_that_of_the_one_read_further(
    db: sqlite3.Connection,
    mine: list[Step],
    theirs: list[Step],
    state: State,
    next_pass: int | None,
    turned: bool,
) -> None:
    for key, steps in (("journal", mine), ("preprint", theirs)):
        for number, verdict in steps:
            reading.record(db, key, number, {QUESTIONS[number][0].name: f"{key} {number}"}, 10, verdict)
    before = snapshot(db)
    kept, gone = ("preprint", "journal") if turned else ("journal", "preprint")
    api.merge(db, kept, gone)
    paper = store.find(db, kept)
    assert (paper.state, paper.next_pass) == (state, next_pass)
    assert paper.minutes == 10 * len([*mine, *theirs])
    answers = sorted(answer for done in paper.passes for answer in done.answers.values())
    assert answers == sorted(
        f"{key} {n}" for key, steps in (("journal", mine), ("preprint", theirs)) for n, _ in steps
    )
    assert sum(done.set_aside for done in paper.passes) == (
        min(len(mine), len(theirs)) if mine and theirs else 0
    )
    problems = [one for one in api.doctor(db)["checks"] if one["result"] == "problem"]
    assert problems == []
    undo(db)
    assert snapshot(db) == before


def test_what_was_recalled_stays_recalled(db: sqlite3.Connection) -> None:
    for number in (1, 2, 3):
        reading.record(db, "preprint", number, {}, 1, GO)
    for section in SECTIONS:
        recalling.recall(db, "preprint", section, "x", "good")
    for number in (1, 2, 3):
        reading.record(db, "journal", number, {}, 1, GO)  # later, but never recalled
    api.merge(db, "journal", "preprint")
    assert store.find(db, "journal").state is State.RECALLED
    assert recalling.due(db)["due"] == []


def test_the_last_recall_of_both_sets_the_next_date(db: sqlite3.Connection) -> None:
    for key, rating in (("preprint", "again"), ("journal", "easy")):
        for number in (1, 2, 3):
            reading.record(db, key, number, {}, 1, GO)
        due = recalling.recall(db, key, "title", "x", rating)["due"]
    api.merge(db, "journal", "preprint")
    (title,) = [one for one in recalling.due(db, "journal", until="9999")["due"] if one["section"] == "title"]
    assert (title["due"], title["last_rating"]) == (due, 4)


def test_what_makes_no_sense_is_refused(db: sqlite3.Connection) -> None:
    before = snapshot(db)
    with pytest.raises(Refused, match=r"journal and 10.1000/attention are the same paper, journal"):
        api.merge(db, "journal", "10.1000/attention")
    with pytest.raises(NotFound, match="no paper 'nobody'"):
        api.merge(db, "journal", "nobody")
    store.add(db, [NewPaper("Attention", AUTHORS, 1990, key="old")])
    with pytest.raises(Refused, match="journal has another year, 2018"):
        api.merge(db, "journal", "old")
    undo(db)
    assert snapshot(db) == before


def test_on_the_command_line(run: Callable[..., Result], document: Callable[..., dict[str, Any]]) -> None:
    document("add", "--title", "Attention", "--key", "a", "--arxiv", "1706.03762")
    document("add", "--title", "Attention, revised", "--key", "b", "--doi", "10.1000/b", "--venue", "J")
    told = run("merge", "a", "b")
    assert told.exit_code == 0
    assert told.stdout.splitlines() == ["key\tmerged\tbefore\tstate", "a\tb\tnew\tnew"]
    assert "from b it has now: doi, venue" in told.stderr
    assert "merged\tb\n" in run("show", "a").stdout
    again = run("merge", "a", "b")
    assert again.exit_code == 1
    assert again.stderr == "error: a and b are the same paper, a; give another key\n"
    assert run("merge", "a", "nobody").exit_code == 4
    assert run("undo").exit_code == 0
    assert document("show", "b")["paper"]["title"] == "Attention, revised"
