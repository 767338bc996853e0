"""`list`, `search`, `query`, `stats` and `graph` on a log: what they find, and in which order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from diffkit_papers import api, finding, linking, marking, reading, store, undo
from diffkit_papers.database import session
from diffkit_papers.derived import rebuild
from diffkit_papers.passes import Verdict
from diffkit_papers.query import MAX_DEPTH
from diffkit_papers.records import Author, NewPaper

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]


@pytest.fixture
def log(db_path: Path) -> Path:
    with session(db_path, create=True) as db:
        store.add(
            db,
            [
                NewPaper(
                    key="attention",
                    title="Attention is all you need",
                    authors=(Author("Vaswani", "Ashish"), Author("Kaiser", "Łukasz")),
                    year=2017,
                    venue="NeurIPS",
                    tags=("nlp", "to cite"),
                    abstract="We propose the Transformer, based solely on attention mechanisms.",
                ),
                NewPaper(
                    key="align",
                    title="Learning to align and translate",
                    authors=(Author("Bahdanau", "Dzmitry"), Author("张", "三")),
                    year=2014,
                    tags=("nlp",),
                ),
                NewPaper(key="book", title="机器学习", authors=(Author("周志华"),), year=2016),
                NewPaper(key="undated", title="Élan vital"),
            ],
        )
        reading.record(db, "attention", 1, {"context": "Sequence models with 注意力"}, 14, Verdict.CONTINUE)
        reading.record(db, "align", 1, {"fit": "no"}, 30, Verdict.DROP)
        marking.note(db, "book", "Its chapter on attention is short.")
        linking.require(db, "attention", ["align"])
        linking.circle(db, "attention", ["align", "book"])
    return db_path


def keys(document: dict[str, Any]) -> list[str]:
    return [paper["key"] for paper in document["papers"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("attention", ["attention", "book"]),  # in a title counts more than in a note
        ("注意力", ["attention"]),
        ("学习", ["book"]),
        ("学", ["book"]),
        ("author:张三", ["align"]),
        ("author:三", ["align"]),
        ('author:"ashish vaswani"', ["attention"]),
        ('author:"vaswani, ashish"', ["attention"]),
        ("lukasz", ["attention"]),
        ("elan", ["undated"]),
        ("note:attention", ["book"]),
        ("abstract:mechanism", ["attention"]),
        ("answer:sequence", ["attention"]),
        ("venue:neurips", ["attention"]),
        ("status:dropped", ["align"]),
        ("pass:2", ["attention"]),
        ("NOT year:2000..", ["undated"]),
        ('tag:"to cite"', ["attention"]),
        ("tag:nlp -attention", ["align"]),
        ("nowhere", []),
    ],
)
def test_search_finds(log: Path, query: str, found: list[str]) -> None:
    with session(log) as db:
        assert keys(finding.search(db, query)) == found
        rebuild(db)
        assert keys(finding.search(db, query)) == found


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("deep", ["deep*"]),
        ('"deep"', ["deep"]),
        ("title:deep", ["title : deep*"]),
        ("deep graphs", ["deep*", "graphs*"]),
        ("deep OR graphs", ["deep*", "graphs*"]),
        ("deep graphs again", ["deep*", "graphs*", "again*"]),
        ("deep (graphs OR again)", ["deep*", "graphs*", "again*"]),
        ("deep title:graphs key:deep*", ["deep*", "title : graphs*"]),
        ("deep other", ["deep*", "other*"]),
        (" ".join(["deep"] * 120), ["deep*"]),
        ("deep year:2003..2008", ["deep*"]),
        ("deep -title:graphs", ["deep*"]),
        ("deep tag:deep*", ["deep*"]),
        ("deep -deep", ["deep*"]),
        ("tag:deep*", []),
        ("key:deep*", []),
    ],
)
def test_search_is_what_matches_by_its_weight(db_path: Path, query: str, words: list[str]) -> None:
    """Against the plain way: all that `list` finds, weighed by SQLite alone, then cut."""
    texts = ("Deep graphs", "Graphs", "Deeper still", "Nothing", "Deep and deep again", "Graphs are deep")
    papers = [
        NewPaper(
            key=f"{'deep' if number % 5 == 0 else 'other'}{number}",
            title=f"{texts[number % 6]} {number}",
            abstract=texts[number % 4],
            year=2000 + number % 11,
            tags=("deep-reading",) if number % 7 == 0 else (),
        )
        for number in range(60)
    ]
    weights = "SELECT key, bm25(search, 8, 5, 2, 2, 3, 2) FROM search JOIN papers ON id = search.rowid"
    with session(db_path, create=True) as db:
        store.add(db, papers)
        weight = dict(
            map(tuple, db.execute(f"{weights} WHERE search MATCH ?", [" OR ".join(words)]) if words else ())
        )
        newest_first = keys(finding.list_papers(db, query, reverse=True))
        best_first = sorted(newest_first, key=lambda key: (key not in weight, weight.get(key, 0)))
        for limit in (0, 1, 7, len(best_first), 60, None):
            found = finding.search(db, query, limit=limit)
            assert (keys(found), found["total"]) == (best_first[:limit], len(best_first))


@pytest.mark.parametrize("around", ["({}) word", "-({}) word", "({}) OR word", "-(({}) word) OR word -word"])
def test_search_takes_all_that_the_language_takes(log: Path, run: Run, around: str) -> None:
    query = "deep learning"
    for _ in range(MAX_DEPTH // around.count("(")):
        query = around.format(query)
    for command in ("list", "search"):
        assert run(command, "--", query).exit_code == 0
        assert "nested brackets" in run(command, "--", f"(({query}))").stderr


@pytest.mark.parametrize(
    ("given", "short", "long"),
    [
        ("Ashish Vaswani and others", "Vaswani et al.", "Ashish Vaswani; et al."),
        ("A. Li and B. Wu and others", "Li et al.", "A. Li; B. Wu; et al."),
        ("others", "et al.", "et al."),
        ("Ann Others and Bo Li", "Others, Li", "Ann Others; Bo Li"),
    ],
)
def test_authors_who_are_not_named(db_path: Path, run: Run, given: str, short: str, long: str) -> None:
    entry = f"@misc{{k, title = {{T}}, author = {{{given}}}}}"
    assert run("import", "-", "--format", "bibtex", input=entry).exit_code == 0
    assert f",{short},T," in run("list", "--csv").stdout.replace('"', "")
    assert f"authors\t{long}\n" in run("show", "k").stdout
    assert "others" in run("export").stdout.lower()


def test_a_query_that_begins_with_a_minus(log: Path, run: Run) -> None:
    for command in ("search", "list"):
        refused = run(command, "-nlp")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "if it excludes a word, put -- before the query" in refused.stderr
        assert "put --" not in run(command, "--limt", "3").stderr
    assert "align" not in (found := run("search", "--", "-tag:nlp").stdout)
    assert "book" in found


def test_search_shows_where(log: Path, run: Run) -> None:
    lines = run("search", "attention").stdout.splitlines()
    assert lines[0] == "key\tstate\tyear\ttitle\tfound in\ttext"
    assert lines[1].split("\t")[4:] == ["title", ""]
    assert lines[2].split("\t")[4:] == ["note", "Its chapter on attention is short."]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("added", ["attention", "align", "book", "undated"]),
        ("key", ["align", "attention", "book", "undated"]),
        ("title", ["attention", "undated", "align", "book"]),
        ("year", ["align", "book", "attention", "undated"]),
        ("minutes", ["book", "undated", "attention", "align"]),
        ("state", ["book", "undated", "attention", "align"]),
        ("priority", ["attention", "align", "undated", "book"]),
    ],
)
def test_list_sorts(log: Path, document: Document, sort: str, order: list[str]) -> None:
    with session(log) as db:
        marking.set_priority(db, "book", 3)
    assert keys(document("list", "--sort", sort)) == order
    backwards = keys(document("list", "--sort", sort, "--reverse"))
    if sort == "year":
        assert backwards == ["attention", "book", "align", "undated"]  # without a year: last either way
    else:
        assert backwards == order[::-1]


def test_list_filters_and_limits(log: Path, document: Document, run: Run) -> None:
    assert keys(document("list", "nlp", "--state", "dropped")) == ["align"]
    assert keys(document("list", "--tag", "nlp", "--tag", "to cite")) == ["attention"]
    assert keys(document("list", "--state", "new", "--state", "dropped")) == ["align", "book", "undated"]
    found = document("list", "--limit", "2")
    assert (keys(found), found["total"]) == (["attention", "align"], 4)
    assert run("list", "--limit", "2").stderr == "2 of 4; more with --limit\n"
    assert run("list", "nowhere").stderr == "no paper matches\n"


def test_what_cannot_be_read_is_a_usage_error(log: Path, run: Run) -> None:
    result = run("list", "(attention")
    assert result.exit_code == 2
    message = "error: cannot read the query '(attention': a closing bracket is missing\n"
    assert result.stderr.endswith(message) or message[7:-1] in str(result.exception) + result.stderr


def test_the_index_follows_every_write(log: Path) -> None:
    def found(query: str) -> list[str]:
        return keys(finding.search(db, query))

    with session(log) as db:
        marking.note(db, "align", "zebra")
        assert found("zebra") == ["align"]
        undo.undo(db)
        assert found("zebra") == []
        reading.record(db, "book", 1, {"fit": "giraffe"})
        assert found("giraffe") == ["book"]


def test_saved_queries(log: Path, document: Document, run: Run) -> None:
    assert run("query").stderr.startswith("no query is kept yet")
    document("query", "old", "year:..2016", "OR", "tag:nlp")
    document("query", "mine", "saved:old NOT status:dropped")
    assert keys(document("list", "saved:mine")) == ["attention", "book"]
    assert [one["name"] for one in document("query")["queries"]] == ["mine", "old"]
    document("query", "old", "year:2017")  # in place of the earlier one
    assert keys(document("list", "saved:mine")) == ["attention"]
    assert document("query", "old")["queries"][0]["query"] == "year:2017"
    for arguments, code, message in (
        (("query", "a b", "x"), 3, "cannot name a query"),
        (("query", "x", ""), 2, "is empty"),
        (("query", "x", "(y"), 2, "a closing bracket is missing"),
        (("query", "x", "saved:x"), 2, "refers to itself"),
        (("query", "old", "saved:mine"), 2, "refers to itself"),
        (("query", "none"), 4, "no saved query 'none'"),
        (("query", "none", "--remove"), 4, "no saved query 'none'"),
        (("query", "--remove"), 2, "takes the name"),
        (("list", "saved:none"), 2, "no saved query 'none'"),
    ):
        result = run(*arguments)
        assert (result.exit_code, message in result.stderr) == (code, True), arguments
    document("query", "old", "--remove")
    assert run("list", "saved:mine").exit_code == 2
    run("undo")
    assert keys(document("list", "saved:mine")) == ["attention"]


def test_stats_of_a_log(log: Path, document: Document, run: Run, tmp_path: Path) -> None:
    found = document("stats")
    assert (found["papers"], found["minutes"]) == (4, 44)
    assert [week["passes"] for week in found["weeks"]][-1] == 2
    assert found["passes"][0]["drop"] == 1
    assert document("stats", "tag:'to cite'".replace("'", '"'))["papers"] == 1
    picture = tmp_path / "stats.svg"
    result = run("stats", "--only", "passes", "--svg", str(picture))
    assert result.stdout.splitlines()[1].split("\t")[:5] == ["1", "2", "1", "0", "1"]
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    assert run("stats", "--svg", str(tmp_path / "no" / "x.svg")).exit_code == 4
    assert run("stats", "nowhere").stderr.endswith("no paper matches\n")


def test_the_graph_of_a_log(log: Path, document: Document, run: Run, tmp_path: Path) -> None:
    found = document("graph")
    assert found["links"] == [
        {"from": "align", "to": "attention", "kind": "prerequisite"},
        {"from": "attention", "to": "book", "kind": "circled"},
    ]
    assert keys(document("graph", "book")) == ["attention", "book"]
    assert run("graph", "--as", "mermaid").stdout.startswith("flowchart LR\n")
    for ending, begin in ((".svg", "<svg"), (".html", "<!doctype html>"), (".mmd", "flowchart")):
        place = tmp_path / f"graph{ending}"
        assert run("graph", "--out", str(place)).exit_code == 0
        assert place.read_text().startswith(begin)
    assert run("graph", "--out", "graph.png").exit_code == 2
    assert run("graph", "--as", "svg", "--json").exit_code == 2
    with session(log) as db:
        linking.require(db, "align", ["attention"])
    assert "these wait for each other: " in run("graph").stderr
    assert len(document("graph")["cycles"]) == 1


def test_the_functions_give_what_json_prints(log: Path, document: Document) -> None:
    with session(log) as db:
        functions: dict[tuple[str, ...], Any] = {
            ("list", "nlp"): api.list(db, "nlp"),
            ("search", "attention"): api.search(db, "attention"),
            ("stats",): api.stats(db),
            ("graph",): api.graph(db),
            ("query",): api.query(db),
        }
    for command, expected in functions.items():
        assert document(*command) == json.loads(json.dumps(expected)), command


def test_only_the_rows_that_are_shown_are_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of two papers asks for the details of two, whatever the log holds."""
    asked: list[int] = []
    load = store.papers_of
    monkeypatch.setattr(
        store, "papers_of", lambda db, rows, details=False: asked.append(len(rows)) or load(db, rows, details)
    )
    with session(log) as db:
        finding.list_papers(db, limit=2)
        finding.search(db, "attention", limit=1)
    assert asked == [2, 1]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_a_table_keeps_each_paper_on_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    from rich.cells import cell_len

    from diffkit_cli import output

    monkeypatch.setenv("COLUMNS", str(width))
    title, chinese = "A long title\nof two lines " * 4, "机器学习" * 12
    rows = [["vaswani2017attention", "new", "Vaswani et al.", title], ["zhou", "new", "周志华", chinese]]
    table = output.Table(["key", "state", "authors", "title"], rows, cut={"authors": 1, "title": 3})
    output._write_rich(table)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert len(lines) == 4  # the names of the columns and the line below them, too
    assert max(map(cell_len, lines)) <= width
    assert lines[2].split()[0] == "vaswani2017attention"  # never cut: it is to be typed
    assert ("…" in lines[2]) == (width < 200)


@pytest.mark.parametrize(
    "command", [("show", "\udcff"), ("list", "\udcff"), ("list", "--tag", "\udcff"), ("tag", "\udcff", "x")]
)
def test_arguments_that_are_no_text(log: Path, command: tuple[str, ...]) -> None:
    from diffkit_cli.host import cli

    result = CliRunner().invoke(cli, ["paper", *command], env={"DIFFKIT_DB": str(log)})
    assert result.exit_code in (2, 3)
    assert "bytes that are not UTF-8; use a terminal" in result.stderr


def test_a_log_that_was_tampered_with_is_told(log: Path, run: Run) -> None:
    with session(log) as db:
        db.execute("UPDATE papers SET added_at = 'yesterday' WHERE key = 'book'")
    result = run("stats")
    assert result.exit_code == 5
    assert "holds what diffkit never wrote" in result.stderr


HAS = {
    "file": {"full"},
    "note": {"full"},
    "notes": {"full"},
    "TAG": {"full"},
    "pass": {"full", "begun"},
    "answer": {"full"},
    "review": set(),
    "link": {"full", "begun"},
    "title": {"full", "begun"},
    "author": {"full"},
    "year": {"full"},
    "venue": {"full"},
    "abstract": {"full"},
    "doi": {"full"},
    "arxiv": {"bare"},
    "url": {"full"},
    "type": {"full"},
}


@pytest.mark.parametrize("kind", HAS)
def test_what_papers_have(run: Run, document: Document, tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    words = [
        "--author",
        "A B",
        "--year",
        "2000",
        "--venue",
        "V",
        "--doi",
        "10.1000/x",
        "--url",
        "https://x.org",
    ]
    words += ["--type", "book", "--abstract", "text", "--tag", "t", "--key", "full"]
    document("add", "--title", "Full", *words)
    document("add", "--title", "Begun", "--key", "begun")
    document("add", "1706.03762", "--key", "bare")
    document("attach", "full", str(tmp_path / "a.pdf"))
    document("note", "full", "seen")
    document("pass", "full", "1", "--answer", "fit=yes")
    document("pass", "begun", "1", "--minutes", "3")
    document("circle", "full", "begun")
    assert {one["key"] for one in document("list", f"has:{kind}")["papers"]} == HAS[kind]
    rest = {"full", "begun", "bare"} - HAS[kind]
    assert {one["key"] for one in document("list", f"NOT has:{kind}")["papers"]} == rest


def test_when_papers_were_added(log: Path, document: Document) -> None:
    times = {"attention": "2025-12-31T23:59:59.999999", "align": "2026-01-01T00:00:00.000000"}
    with session(log) as db:
        others = [row["key"] for row in db.execute("SELECT key FROM papers") if row["key"] not in times]
        for key, at in times.items():
            db.execute("UPDATE papers SET added_at = ? WHERE key = ?", [f"{at}+00:00", key])
    both = set(times)
    for query, expected in {
        "added:2025": {"attention"},
        "added:2025-12": {"attention"},
        "added:2025-12-31": {"attention"},
        "added:2026-01-01": {"align"},
        "added:2025..2026-01-01": both,
        "added:..2025-12-31": {"attention"},
        "added:<2026": {"attention"},
        "added:<=2026-01-01": both,
        "added:>2025 added:<=2026-01": {"align"},
        "added:>2025-12-31 added:<2026-02": {"align"},
        "added:>=2025-12-31 added:<2026-02": both,
        "added:7d": set(others),
        "added:2w": set(others),
        "added:99999w": both | set(others),
        "NOT added:7d": both,
    }.items():
        assert {one["key"] for one in document("list", query)["papers"]} == expected, query


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("has:pdf", "no paper has 'pdf'; it may have: file, note, tag, pass"),
        ("added:2026-13", "'2026-13' is no date; write added:2026-11"),
        ("added:2026-02-30", "is no date"),
        ("added:yesterday", "is no date"),
        ("added:..", "is no date"),
        ("added:2026-1", "is no date"),
        ("added:0000", "is no date"),
    ],
)
def test_what_nobody_has_and_no_date(run: Run, query: str, message: str) -> None:
    result = run("list", query)
    assert result.exit_code == 2
    assert message in result.stderr
