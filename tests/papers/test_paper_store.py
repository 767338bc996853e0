"""The database: what is stored comes back, and files that are not ours stay as they are."""

from __future__ import annotations

import random
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffkit_papers import api, database, marking, reading, store, taking, views
from diffkit_papers.database import session
from diffkit_papers.errors import BadData, DatabaseProblem, GateClosed, NotFound
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.passes import State, Verdict
from diffkit_papers.records import Author, NewPaper, Outcome, Source
from diffkit_papers.schema import MIGRATIONS
from diffkit_papers.values import replace

ATTENTION = NewPaper(title="Attention is all you need", authors=(Author("Vaswani", "Ashish"),), year=2017)


@pytest.fixture
def db(db_path: Path) -> Iterator[sqlite3.Connection]:
    with session(db_path, create=True) as opened:
        yield opened


def count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def tables(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


texts = st.text(min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts, st.lists(st.builds(Author, texts, st.text(), st.text()), max_size=3), st.text(), texts)
def test_any_text_comes_back(
    db: sqlite3.Connection, title: str, authors: list[Author], venue: str, answer: str
) -> None:
    source = Source("bibtex", title, answer, {venue: answer})
    new = NewPaper(title=title, authors=tuple(authors), venue=venue, url=venue, source=source)
    added = store.add(db, [new])[0]
    if added.outcome is not Outcome.ADDED:
        return
    done = reading.record(db, added.key, 1, {"fit": answer}, 1.5, Verdict.PARK)
    paper = store.find(db, added.key)
    assert (paper.title, paper.venue, paper.url) == (nfc(title), nfc(venue), nfc(venue))
    parts = [(author.family, author.given, author.suffix) for author in authors]
    expected = [tuple(map(nfc, part)) for part in parts]
    assert [(author.family, author.given, author.suffix) for author in paper.authors] == expected
    assert paper.sources == (source,)
    assert paper.passes == (done,)
    assert done.answers == {"fit": nfc(answer)}


def test_a_title_of_control_characters_is_merged_as_any_other(db: sqlite3.Connection) -> None:
    first, second = store.add(
        db, [NewPaper("\x1f"), NewPaper("\x1f", venue="Nature", url="https://a.example")]
    )
    assert (first.outcome, second.outcome) == (Outcome.ADDED, Outcome.COMPLETED)
    assert store.find(db, first.key).venue == "Nature"


def test_what_is_not_text_is_refused(db: sqlite3.Connection) -> None:
    for broken in (NewPaper(title="\udcff"), NewPaper(title="t", authors=(Author("\ud800"),))):
        with pytest.raises(BadData, match="not UTF-8"):
            store.add(db, [broken])
    with pytest.raises(BadData, match="needs a title"):
        store.add(db, [NewPaper(url="https://example.org")])
    assert store.all_papers(db) == []


def test_duplicates_by_id_and_by_title(db: sqlite3.Connection) -> None:
    first = NewPaper(title="Alpha", authors=(Author("X"),), doi="10.1000/x", arxiv=ArxivId("1706.03762", 1))
    assert store.add(db, [first])[0].outcome is Outcome.ADDED
    for again, reason in (
        (NewPaper(title="Other", doi="10.1000/x"), "the same DOI, 10.1000/x"),
        (NewPaper(title="Other", arxiv=ArxivId("1706.03762", 5)), "the same arXiv id, arXiv:1706.03762"),
        (
            NewPaper(title="ALPHA!", authors=(Author("x"),), doi="10.1000/y"),
            f"{store.SAME_TITLE}, but another DOI, 10.1000/x",
        ),
    ):
        added = store.add(db, [again])[0]
        assert (added.key, added.outcome, added.reason) == ("xalpha", Outcome.DUPLICATE, reason)
    assert len(store.all_papers(db)) == 1


def test_an_id_alone_is_completed_later(db: sqlite3.Connection) -> None:
    stub = store.add(db, [NewPaper(arxiv=ArxivId("1706.03762"), tags=("first",))])[0]
    other = store.add(db, [NewPaper(title="Other", doi="10.1000/taken")])[0]
    full = NewPaper(
        **vars(ATTENTION) | {"arxiv": ArxivId("1706.03762", 7), "doi": "10.1000/taken", "tags": ("b",)}
    )
    added = store.add(db, [full])[0]
    assert (added.key, added.outcome) == (stub.key, Outcome.COMPLETED)
    paper = store.find(db, stub.key)
    assert (paper.title, paper.year, paper.arxiv) == (ATTENTION.title, 2017, ArxivId("1706.03762", 7))
    assert paper.doi == ""  # it stays with the paper that had it
    assert store.find(db, "10.1000/taken").key == other.key
    assert paper.tags == ("b", "first")
    assert store.add(db, [ATTENTION])[0].outcome is Outcome.DUPLICATE


def provenance(db: sqlite3.Connection, key: str) -> dict[str, str]:
    rows = db.execute(
        "SELECT field, citation_key FROM provenance JOIN sources ON sources.id = source_id "
        "WHERE provenance.paper_id = ?",
        [store.find(db, key).id],
    )
    return {row["field"]: row["citation_key"] for row in rows}


PREPRINT = replace(
    ATTENTION,
    venue="arXiv preprint arXiv:1706.03762",
    arxiv=ArxivId("1706.03762"),
    type="article",
    fields={"note": "preprint"},
    source=Source("bibtex", "preprint", "@misc{preprint}", {}),
)
PUBLISHED = replace(
    ATTENTION,
    title="Attention Is All You Need",
    year=2018,
    venue="NIPS",
    doi="10.1000/nips",
    type="paper-conference",
    fields={"pages": "5998-6008"},
    source=Source("ris", "published", "TY  - CONF", {}),
)


def test_preprint_and_publication_become_one_paper(db: sqlite3.Connection) -> None:
    key = store.add(db, [PREPRINT])[0].key
    added = store.add(db, [PUBLISHED])[0]
    assert (added.key, added.outcome, added.reason) == (key, Outcome.MERGED, store.SAME_TITLE)
    paper = store.find(db, key)
    assert (paper.title, paper.year, paper.venue) == (ATTENTION.title, 2018, "NIPS")
    assert (paper.doi, paper.arxiv, paper.type) == ("10.1000/nips", PREPRINT.arxiv, "paper-conference")
    assert paper.fields == {"note": "preprint", "pages": "5998-6008"}
    assert [source.citation_key for source in paper.sources] == ["preprint", "published"]
    assert provenance(db, key) == dict.fromkeys(("year", "venue", "doi", "type", "fields.pages"), "published")
    for again in (PREPRINT, PUBLISHED):
        assert store.add(db, [again])[0].outcome is Outcome.DUPLICATE


def test_show_tells_which_record_gave_a_field(db: sqlite3.Connection) -> None:
    store.add(db, [replace(ATTENTION, title="Another paper"), PREPRINT, PUBLISHED])
    paper = api.show(db, "published")["paper"]
    sources = [source["citation_key"] for source in paper["sources"]]
    given = {name: sources[place] for name, place in paper["provenance"].items()}
    assert given == provenance(db, "published") != {}
    rows = views.detail_rows(store.find(db, "published"))
    assert [row for row in rows if str(row[0]).startswith("from ")] == [
        ["from published", "doi, fields.pages, type, venue, year"]
    ]


def test_a_preprint_adds_its_id_to_the_publication_and_no_more(db: sqlite3.Connection) -> None:
    key = store.add(db, [PUBLISHED])[0].key
    assert store.add(db, [PREPRINT])[0].outcome is Outcome.COMPLETED
    paper = store.find(db, key)
    assert (paper.year, paper.venue, paper.arxiv) == (2018, "NIPS", PREPRINT.arxiv)
    assert provenance(db, key) == {"arxiv": "preprint", "fields.note": "preprint"}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (replace(PUBLISHED, doi="10.1000/other"), "another DOI, 10.1000/nips"),
        (replace(ATTENTION, year=2030), "another year, 2018"),
    ],
)
def test_the_same_title_of_what_may_be_another_work_changes_nothing(
    db: sqlite3.Connection, other: NewPaper, why: str
) -> None:
    key = store.add(db, [PUBLISHED])[0].key
    before = store.find(db, key)
    added = store.add(db, [replace(other, abstract="new")])[0]
    assert (added.outcome, added.reason) == (Outcome.DUPLICATE, f"{store.SAME_TITLE}, but {why}")
    assert store.find(db, key) == before


def test_keys_that_clash_get_letters(db: sqlite3.Connection) -> None:
    title = "Deep {}"
    papers = [NewPaper(title=title.format(n), authors=(Author("Li"),), year=2020) for n in range(28)]
    made = [added.key for added in store.add(db, papers)]
    assert made[:3] == ["li2020deep", "li2020deepa", "li2020deepb"]
    assert made[-1] == "li2020deepaa"
    with pytest.raises(BadData, match="belongs to another paper"):
        store.add(db, [NewPaper(title="New", key="LI2020deep")])
    with pytest.raises(BadData, match="cannot be a key"):
        store.add(db, [NewPaper(title="New", key="with space")])


def test_adding_is_all_or_nothing(db: sqlite3.Connection) -> None:
    with pytest.raises(BadData):
        store.add(db, [ATTENTION, NewPaper(title="B", key="bad key")])
    assert store.all_papers(db) == []


def colliding(seed: int, count: int) -> list[NewPaper]:
    """Papers from few names, so that many are the same work, share an id, or want the same key."""
    draw = random.Random(seed)
    return [
        NewPaper(
            title=f"Title {draw.randrange(count // 2)}",
            authors=(Author(f"Family{draw.randrange(3)}", "Given"),),
            year=draw.choice([None, 2001, 2002]),
            venue=draw.choice(["", "Venue"]),
            doi=f"10.1000/{draw.randrange(count // 2)}" if draw.random() < 0.4 else "",
            arxiv=ArxivId(f"1701.{draw.randrange(count // 2):05}") if draw.random() < 0.3 else None,
            key=draw.choice(["", f"key{draw.randrange(count // 2)}", "KEY1"]),
            source=Source("bibtex", "", f"raw {number}", {}),
        )
        for number in range(count)
    ]


def bibliography(db: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    columns = "id, key, title, authors, year, venue, doi, arxiv, arxiv_version, fingerprint"
    return [
        [tuple(row) for row in db.execute(query)]
        for query in (
            f"SELECT {columns} FROM papers ORDER BY id",
            "SELECT id, paper_id, raw FROM sources WHERE format = 'bibtex' ORDER BY id",
            "SELECT * FROM provenance ORDER BY paper_id, field",
        )
    ]


@pytest.mark.parametrize("merges", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_many_at_once_give_what_they_give_one_by_one(tmp_path: Path, seed: int, merges: bool) -> None:
    before, papers = colliding(seed, 50), colliding(seed + 100, 500)
    found = []
    for name, size in (("many", 500), ("few", 100), ("single", 1)):
        with session(tmp_path / f"{name}.db", create=True) as db:
            first = [added.key for added in store.add(db, before, free_keys=True)]
            if merges:
                taking.merge_papers(db, first[0], first[-1], force=True)
            outcomes = []
            for start in range(0, len(papers), size):
                outcomes += store.add(db, papers[start : start + size], free_keys=True)
            found.append((outcomes, bibliography(db)))
    counts = Counter(added.outcome for added in found[0][0])
    assert min(counts[outcome] for outcome in Outcome) > 0
    assert found[0] == found[1] == found[2]


def test_papers_are_found_by_key_id_and_citation_key(db: sqlite3.Connection) -> None:
    source = Source("bibtex", "DBLP:x", "@misc{}", {})
    new = NewPaper(title="T", doi="10.1000/x", arxiv=ArxivId("1706.03762"), key="K1", source=source)
    store.add(db, [new])
    for name in ("K1", "k1", "https://doi.org/10.1000/X", "arXiv:1706.03762v3", "DBLP:x"):
        assert store.find(db, name).key == "K1"
    store.add(db, [NewPaper(title="U", source=source)])
    with pytest.raises(BadData, match="several papers"):
        store.find(db, "DBLP:x")
    with pytest.raises(NotFound):
        store.find(db, "nothing")


def test_history_is_only_appended_to(db: sqlite3.Connection) -> None:
    key = store.add(db, [ATTENTION])[0].key
    reading.record(db, key, 1, {"fit": "perhaps"}, 5)
    reading.record(db, key, 1, {"fit": "yes", "category": "method"}, 7.5, Verdict.PARK)
    reading.record(db, key, 1, {"fit": "now it does"}, None, Verdict.CONTINUE)
    first, second = store.find(db, key).passes
    assert (first.verdict, first.minutes, dict(first.answers)) == (
        Verdict.PARK,
        12.5,
        {"fit": "yes", "category": "method"},
    )
    assert (second.verdict, second.minutes, dict(second.answers)) == (
        Verdict.CONTINUE,
        None,
        {"fit": "now it does"},
    )
    kept = [row["answer"] for row in db.execute("SELECT answer FROM answers ORDER BY id")]
    assert kept == [
        "perhaps",
        "yes",
        "method",
        "now it does",
    ]
    assert store.find(db, key).state is State.READING


def test_a_refused_pass_leaves_nothing_behind(db: sqlite3.Connection) -> None:
    key = store.add(db, [ATTENTION])[0].key
    with pytest.raises(GateClosed):
        reading.record(db, key, 2, {"title": "x"}, 1, Verdict.CONTINUE)
    with pytest.raises(BadData):
        reading.record(db, key, 1, {"fit": "x", "nonsense": "y"})
    for minutes in (-1.0, float("nan"), float("inf")):
        with pytest.raises(BadData, match="minutes"):
            reading.record(db, key, 1, {}, minutes)
    assert {name: count(db, name) for name in ("passes", "answers", "sittings", "actions")} == {
        "passes": 0,
        "answers": 0,
        "sittings": 0,
        "actions": 1,
    }


def test_tags(db: sqlite3.Connection) -> None:
    key = store.add(db, [ATTENTION])[0].key
    assert marking.tag(db, key, ["thesis", "  to   read ", "thesis"])["tags"] == ["thesis", "to read"]
    assert marking.untag(db, key, ["thesis"])["tags"] == ["to read"]
    with pytest.raises(NotFound, match="no tag"):
        marking.untag(db, key, ["to read", "never"])
    assert store.find(db, key).tags == ("to read",)
    with pytest.raises(BadData, match="empty"):
        marking.tag(db, key, [" "])


def test_settings_of_the_connection(db_path: Path) -> None:
    wanted = {"synchronous": 3, "foreign_keys": 1, "busy_timeout": 30_000}
    for mode in ("delete", "wal", "wal"):
        with session(db_path, create=True) as db:
            pragmas = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in (*wanted, "journal_mode")}
        assert pragmas == wanted | {"journal_mode": mode}


def test_reading_a_missing_database_leaves_no_file(db_path: Path) -> None:
    with session(db_path) as db:
        assert store.all_papers(db) == []
    assert not db_path.parent.exists()
    db_path.parent.mkdir()
    db_path.touch()
    with session(db_path) as db:
        assert store.all_papers(db) == []
    assert db_path.read_bytes() == b""


def later(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE later (paper_id INTEGER REFERENCES papers (id), note TEXT)")


def failing(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE half (x TEXT)")
    raise sqlite3.OperationalError("disk I/O error")


def test_a_migration_makes_a_backup_first(db_path: Path) -> None:
    with session(db_path, create=True) as db:
        store.add(db, [ATTENTION])
    with session(db_path, migrations=(*MIGRATIONS, later)) as db:
        assert "later" in tables(db)
        assert len(store.all_papers(db)) == 1
    (backup,) = db_path.parent.glob("*.backup")
    with session(backup) as db:
        assert "later" not in tables(db)
        assert store.all_papers(db)[0].title == ATTENTION.title
    with session(db_path, migrations=(*MIGRATIONS, later)):
        pass
    assert len(list(db_path.parent.glob("*.backup*"))) == 1


def test_a_migration_that_fails_changes_nothing(db_path: Path) -> None:
    with session(db_path, create=True) as db:
        store.add(db, [ATTENTION])
    with (
        pytest.raises(DatabaseProblem, match="disk I/O"),
        session(db_path, migrations=(*MIGRATIONS, later, failing)),
    ):
        pass
    with session(db_path) as db:
        assert not {"later", "half"} & tables(db)
        assert len(store.all_papers(db)) == 1


def test_a_database_from_a_newer_version_is_refused_untouched(db_path: Path) -> None:
    with session(db_path, create=True, migrations=(*MIGRATIONS, later)) as db:
        store.add(db, [ATTENTION])
    before = db_path.read_bytes()
    beside = list(db_path.parent.iterdir())
    for create in (False, True):
        with (
            pytest.raises(DatabaseProblem, match=r"newer version of diffkit \(later\)"),
            session(db_path, create=create),
        ):
            pass
    assert db_path.read_bytes() == before
    assert list(db_path.parent.iterdir()) == beside


def test_a_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE things (x)")
    before = path.read_bytes()
    with pytest.raises(DatabaseProblem, match="another program"), session(path, create=True):
        pass
    assert path.read_bytes() == before


def test_random_bytes_are_refused_untouched(tmp_path: Path) -> None:
    random.seed(7)
    path = tmp_path / "papers.db"
    for header in (b"", b"SQLite format 3\0", b"SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20"):
        for size in (1, 30, 99, 100, 512, 4096, 20_000):
            content = header + random.randbytes(size)
            path.write_bytes(content)
            for create in (False, True):
                with pytest.raises(DatabaseProblem), session(path, create=create) as db:
                    store.add(db, [ATTENTION])
            assert path.read_bytes() == content, (header, size)
            for beside in tmp_path.glob("papers.db?*"):
                beside.unlink()


def test_a_damaged_database_gives_an_error_or_its_papers(db_path: Path, tmp_path: Path) -> None:
    """Overwritten blocks of a real log: one kind of error, whatever is hit; never another exception."""
    with session(db_path, create=True) as db:
        store.add(db, [NewPaper(title=f"Paper {n}", year=2000, tags=("t",)) for n in range(200)])
    content = db_path.read_bytes()
    random.seed(11)
    damaged = tmp_path / "damaged.db"
    refused = 0
    for _ in range(120):
        start = random.randrange(len(content))
        damaged.write_bytes(content[:start] + random.randbytes(600) + content[start + 600 :])
        try:
            with session(damaged) as db:
                store.all_papers(db)
        except DatabaseProblem:
            refused += 1
        for beside in tmp_path.glob("damaged.db?*"):
            beside.unlink()
    assert refused > 10


def test_a_locked_database_is_waited_for_and_then_reported(
    db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with session(db_path, create=True):
        pass
    blocker = sqlite3.connect(db_path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseProblem, match="locked by another program"), session(db_path) as db:
        store.add(db, [ATTENTION])
    with session(db_path) as db:
        assert store.all_papers(db) == []  # reading does not wait
    blocker.close()
    with session(db_path) as db:
        store.add(db, [ATTENTION])


def test_a_place_that_cannot_hold_a_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path, message in ((tmp_path / "file" / "papers.db", "cannot use"), (tmp_path, "is a folder")):
        with pytest.raises(DatabaseProblem, match=message), session(path, create=True):
            pass


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("vaswani", "did you mean vaswani2017attention?"),
        ("ATTENTION", "did you mean vaswani2017attention or zhou2016Attention?"),
        ("vaswani2017atention", "did you mean vaswani2017attention?"),
        ("at", "see the keys with: diffkit paper list"),
        ("nothing", "see the keys with: diffkit paper list"),
        ("10.1000/none", "see the keys with: diffkit paper list"),
    ],
)
def test_a_name_that_no_paper_has_is_answered_with_keys_like_it(db_path: Path, name: str, fix: str) -> None:
    with session(db_path, create=True) as db:
        keys = ["vaswani2017attention", "zhou2016Attention", "smith2020"]
        store.add(db, [NewPaper(title=f"About {key}", key=key) for key in keys])
        with pytest.raises(NotFound) as caught:
            store.find(db, name)
    assert caught.value.fix == fix
