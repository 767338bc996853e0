"""Whole bibliographies in and out: nothing is lost, everything that is broken is named."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from diffkit_papers import exporting
from diffkit_papers.database import session
from diffkit_papers.formats import FORMATS
from diffkit_papers.formats.record import from_paper
from diffkit_papers.records import Paper

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

SAMPLES = Path(__file__).with_name("samples")
REFERENCES = Path(__file__).with_name("references.bib")
EXPORTED = [name for name in exporting.EXPORTS if name != "markdown"]


def bibliography(entries: int, seed: int = 5) -> tuple[str, int]:
    """Entries as they are found, and how many of them are cut off in the middle."""
    chance = random.Random(seed)
    families = [
        r"G{\"o}del",
        r"Erd{\H o}s",
        "van der Maaten",
        "张",
        "Řehůřek",
        "O'Brien",
        "Иванов",
        "{NASA, Inc.}",
    ]
    words = ["learning", "{BERT}", "of", "graphs", "{B}ayesian", "学习", "$O(n^2)$", "über", r"R\&D", "a--b"]
    words += ["``quoted''", r"{\em x}", r"50\%", r"C\#", r"\emph{x}"]
    kinds = {"article": "journal", "inproceedings": "booktitle", "book": "publisher", "phdthesis": "school"}
    kinds |= {
        "misc": "howpublished",
        "techreport": "institution",
        "incollection": "booktitle",
        "online": "url",
    }
    texts, broken = [], 0
    for number in range(entries):
        names = " and ".join(f"{chance.choice(families)}, A. B." for _ in range(chance.randint(1, 4)))
        title = (
            " ".join(chance.choice(words) for _ in range(6)).replace("{\\em", "{\\em}").replace(" x}", " x")
        )
        kind = chance.choice(list(kinds))
        fields = {"author": names, "title": f"{title} {number}", kinds[kind]: f"Venue {number % 9}"}
        if chance.random() < 0.9:
            fields["year"] = str(1950 + number % 70)
        if chance.random() < 0.5:
            fields |= {"doi": f"10.1000/X.{number}", "pages": f"{number}--{number + 9}", "month": "{jun}"}
        if chance.random() < 0.3:
            fields |= {"editor": names, "series": "Lecture Notes", "x-own": r"kept, 5\% of it", "volume": "7"}
        key = "dup" if chance.random() < 0.02 else f"key{number}"
        text = f"@{kind}{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        if chance.random() < 0.02:
            broken += 1
            text = text.rstrip("},\n")
        else:
            text += "}"
        texts.append(text + "\n")
    return "\n".join(texts), broken


def contents(database: Path) -> dict[str, Any]:
    """What is known of each paper, without where it came from."""
    with session(database) as db:
        return {paper.key: _content(paper) for paper in exporting.selected(db)}


def _content(paper: Paper) -> Any:
    record = from_paper(paper)
    own = (paper.title, paper.year, paper.venue, paper.doi, paper.arxiv, paper.url, paper.abstract)
    return own, paper.authors, paper.type, paper.tags, dict(paper.fields), record.fields


@pytest.mark.parametrize("form", [*EXPORTED, "markdown"])
def test_export_and_import_give_the_same_database(
    run: Run, document: Document, db_path: Path, tmp_path: Path, form: str
) -> None:
    text, broken = bibliography(150)
    source = tmp_path / "source.bib"
    source.write_text(text + (SAMPLES / "jabref-complex.bib").read_text(encoding="utf-8"), encoding="utf-8")
    first = run("import", str(source), str(REFERENCES), "--tag", "a, b", "--tag", "学", "--json")
    assert first.exit_code == 3
    told = json.loads(first.stdout)
    assert len(told["broken"]) >= broken > 0
    before = contents(db_path)
    assert len(before) > 150

    out = tmp_path / "out"
    document("export", "--format", form, "--output", str(out))
    other = tmp_path / "other.db"
    result = run("import", str(out), "--db", str(other), *([] if form == "markdown" else ["--format", form]))
    assert result.exit_code == 0, result.stderr
    assert contents(other) == before

    again = tmp_path / "again"
    document("export", "--format", form, "--output", str(again), "--db", str(other))
    if form == "markdown":
        assert {path.name for path in out.iterdir()} == {path.name for path in again.iterdir()}
    elif form not in ("bibtex", "biblatex"):  # those hold the LaTeX of the sources, too
        assert again.read_bytes() == out.read_bytes()


TWO_OF_ONE = """
@book{a, title={Sketching}, author={Li}, publisher={Kaufmann}, year=2010, doi={10.1000/x}}
@inproceedings{b, title={Sketch it}, booktitle={CHI}, publisher={ACM}, year=2012, pages=7, doi={10.1000/x}}
@misc{c, title={Sociable}, author={Li}, journal={J}, year=2014, doi={10.1000/y}}
@article{d, title={Sociable}, author={Li}, journal={J}, year=1990, month=dec, doi={10.1000/y}}
@book{e, title={Manual}, author={Li}, year=2001, doi={10.1000/z}}
@manual{f, title={Manual}, author={Li}, organization={Y}, date={2002-03}, doi={10.1000/z}}
@article{g, title={Old}, author={Li}, date={0004-03}}
"""


@pytest.mark.parametrize("form", EXPORTED)
def test_what_several_records_say_differently_comes_back_as_it_was_kept(
    run: Run, document: Document, db_path: Path, tmp_path: Path, form: str
) -> None:
    source, out = tmp_path / "two.bib", tmp_path / "out"
    source.write_text(TWO_OF_ONE)
    told = document("import", str(source))
    assert [one["outcome"] for one in told["papers"]] == ["added", "completed"] * 3 + ["added"]
    document("export", "--format", form, "--output", str(out))
    other = tmp_path / "other.db"
    assert run("import", str(out), "--db", str(other), "--format", form).exit_code == 0
    assert contents(other) == contents(db_path)
    book = document("show", "a")["paper"]
    assert (book["venue"], book["year"], "publisher" in book["fields"]) == ("Kaufmann", 2010, False)
    assert [source["citation_key"] for source in book["sources"]] == ["a", "b"]  # which has the other one


def test_a_bibliography_that_grew_for_decades(run: Run, tmp_path: Path) -> None:
    """Entries in parentheses, abbreviations that nobody defines, comments of all kinds, old keys."""
    import bibtexparser

    path = SAMPLES / "better-bibtex-planning.bib"
    library = bibtexparser.parse_string(path.read_text(encoding="utf-8"))
    entries = {block.start_line + 1: block for block in library.blocks if hasattr(block, "fields_dict")}
    told = json.loads(run("import", str(path), "--json").stdout)
    assert not told["broken"]
    assert {one["line"] for one in told["papers"]} >= entries.keys()
    starts = re.findall(r"(?im)^\s*@(?!comment|string|preamble)\w+\s*[{(]", path.read_text(encoding="utf-8"))
    assert len(told["papers"]) == len(starts) > 150
    for one in told["warnings"]:
        entry = entries[one["line"]]
        word = one["message"].removeprefix("no @string defines ").partition(";")[0]
        assert word in entry.raw


def test_a_file_that_is_no_bibliography_is_told_as_that(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"config": {"id": "36a3"}, "collections": {}, "items": []}')
    result = run("import", str(path))
    assert result.exit_code == 3
    assert f"{path}:1: item: this is no CSL-JSON: it has config, collections, items\n" in result.stderr
    text = tmp_path / "endnote.enw"
    text.write_text("%0 Journal Article\n%T A title\n")
    result = run("import", str(text))
    assert result.exit_code == 3
    assert "has no BibTeX entry; check the file, name its kind" in result.stderr


def test_every_entry_is_imported_or_named_with_its_line(document: Document, run: Run, tmp_path: Path) -> None:
    text, broken = bibliography(400, seed=11)
    path = tmp_path / "big.bib"
    path.write_text(text, encoding="utf-8")
    told = json.loads(run("import", str(path), "--json").stdout)
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("@")]
    named = [one["line"] for one in (*told["papers"], *told["broken"])]
    assert sorted(named) == starts
    assert len(told["broken"]) == broken
    assert len(told["papers"]) == 400 - broken


def test_keys_are_kept_where_they_can_be(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "keys.bib"
    path.write_text(
        "@misc{mine2001, title={One}}\n@misc{mine2001, title={Two}}\n@misc{周/1, title={Three}, year=1999}"
    )
    keys = [one["key"] for one in document("import", str(path))["papers"]]
    assert keys == ["mine2001", "two", "1999three"]
    assert document("cite", "周/1")["keys"] == ["1999three"]
    exported = document("export", "--source-keys")["text"]
    assert "@misc{1999three," in exported  # BibTeX would not read the other one
    made = [
        one["key"]
        for one in document("import", str(path), "--new-keys", "--db", str(tmp_path / "n.db"))["papers"]
    ]
    assert made == ["one", "two", "1999three"]


def test_an_arxiv_id_is_written_as_styles_print_it(document: Document) -> None:
    key = document("add", "1706.03762")["papers"][0]["key"]
    assert "  archiveprefix = {arXiv},\n  eprint = {1706.03762},\n" in document("cite", key)["text"]


def test_latex_comes_out_as_it_went_in(document: Document, tmp_path: Path) -> None:
    entry = (
        r"""@article{k, author = {G{\"o}del, Kurt}, title = {{BERT} in $O(n^2)$: {\"u}ber}, journal = {J}}"""
    )
    path = tmp_path / "one.bib"
    path.write_text(entry)
    document("import", str(path))
    text = document("cite", "k")["text"]
    assert r"title = {{BERT} in $O(n^2)$: {\"u}ber}," in text
    assert r"author = {G{\"o}del, Kurt}," in text
    plain = document("cite", "k", "--format", "ris")["text"]
    assert (
        "AU  - Gödel, Kurt\nTI  - BERT in O(n^2): über" not in plain
    )  # the order is TY, ID, AU, then by name
    assert "TI  - BERT in O(n^2): über\n" in plain


def test_other_programs_read_what_is_written(document: Document, run: Run) -> None:
    import bibtexparser
    import rispy

    run("import", str(REFERENCES))
    titles = {one["title"] for one in document("list")["papers"]}
    ris = rispy.loads(document("export", "--format", "ris")["text"])
    assert {one["title"] for one in ris} == titles
    assert {one["id"] for one in ris} == {one["key"] for one in document("list")["papers"]}
    assert next(one["authors"] for one in ris if one["id"] == "tsne") == [
        "van der Maaten, Laurens",
        "Hinton, Geoffrey",
    ]
    for form in ("bibtex", "biblatex"):
        library = bibtexparser.parse_string(document("export", "--format", form, "--ascii")["text"])
        assert not library.failed_blocks
        assert len(library.entries) == len(titles)
    items = json.loads(document("export", "--format", "csl")["text"])
    attention = next(one for one in items if one["title"].startswith("Attention"))
    assert attention["type"] == "paper-conference"
    assert attention["page"] == "5998-6008"
    assert attention["issued"] == {"date-parts": [[2017, 12]]}
    assert attention["author"][6] == {"family": "Kaiser", "given": "Łukasz"}


def test_ris_of_another_program(document: Document) -> None:
    told = document("import", str(SAMPLES / "rispy-full.ris"))
    assert [one["outcome"] for one in told["papers"]] == ["added", "added"]
    first = document("show", told["papers"][0]["key"])["paper"]
    assert first["title"] == "Title of reference"
    assert [one["name"] for one in first["authors"]] == ["Karl Marx", "Astrid Lindgren"]
    assert (first["year"], first["venue"]) == (2014, "Lorem")
    assert first["type"] == "article-journal"


CSL_BROKEN = '[\n  {"id": "a", "type": "book", "title": "A"},\n  {"id": "b", "title": "B", "type": '


@pytest.mark.parametrize(
    ("name", "text", "code", "message"),
    [
        ("cut.json", CSL_BROKEN, 3, "cut.json:3: broken item"),
        ("deep.json", "[" * 100_000, 3, "deep.json:1: "),
        ("list.json", '[1, "x", {"title": "T", "id": "t"}]', 3, "an item has to be an object"),
        ("half.json", r'[{"id": "h", "title": "\ud800"}]', 3, "half of a surrogate pair"),
        ("number.json", '[{"id": "n", "title": "T", "volume": ' + "9" * 5000 + "}]", 3, "number is too long"),
        ("cut.ris", "TY  - JOUR\nTI  - One\nER  - \n\nTY  - JOUR\nTI  - Two\n", 3, "cut.ris:5: record"),
        ("none.ris", "TY  - JOUR\nAU  - A\nER  - \n", 3, "no title, DOI or arXiv id"),
        ("nul.bib", "@misc{a, title={A\0}}", 3, "NUL character"),
        ("bomb.yaml", "a: &a [x, x]\nb: &b [*a, *a]\ntitle: *b\n", 3, "aliases"),
        ("tabs.yaml", "\t- title", 3, "no YAML"),
        ("open.md", "---\ntitle: T\n", 3, "does not end"),
        ("wide.csv", "title,year\nT,2000,x\n", 3, "wide.csv:2: row: the row has 3 cells"),
        ("other.csv", "name\nT\n", 3, "no column is called title"),
        ("quote.csv", 'title\n"T', 3, "nothing behind it can be read"),
        ("deep.bib", "@misc{a, title = {" + "{" * 20_000 + "x" + "}" * 20_000 + "}}", 0, ""),
        ("macro.bib", "@misc{a, title = nothing # {b}}", 0, "no @string defines nothing"),
        ("one.pdf", "%PDF-1.4\nno more", 3, "cannot be read as PDF"),
    ],
)
def test_hostile_files_give_a_line_each(
    run: Run, tmp_path: Path, name: str, text: str, code: int, message: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    result = run("import", str(path))
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert all(
        line.startswith(("error: ", "warning: ")) for line in result.stderr.splitlines() if message in line
    )


def test_encodings(run: Run, document: Document, tmp_path: Path) -> None:
    path = tmp_path / "latin.bib"
    path.write_bytes("@misc{a, title={Über Größe}}".encode("latin1"))
    assert run("import", str(path)).exit_code == 3
    document("import", str(path), "--encoding", "latin1")
    assert document("show", "a")["paper"]["title"] == "Über Größe"
    path.write_bytes("@misc{b, title={中文}}".encode("utf-16"))
    document("import", str(path))
    assert document("show", "b")["paper"]["title"] == "中文"
    for name in ("klingon", "undefined"):
        assert "no encoding is called" in run("import", str(path), "--encoding", name).stderr


def test_folders_of_zotero_and_papis(run: Run, document: Document, tmp_path: Path) -> None:
    pdf = (SAMPLES / "jabref-metadata.pdf").read_bytes()
    zotero, papis = tmp_path / "Zotero", tmp_path / "papis"
    (zotero / "files" / "1").mkdir(parents=True)
    (zotero / "files" / "1" / "a.pdf").write_bytes(pdf)
    (zotero / "export.bib").write_text(
        "@article{zot, title={Zotero}, keywords={x, y z}, file={Full Text:files/1/a.pdf:application/pdf}}"
    )
    (zotero / "package.json").write_text('{"name": "not a bibliography"}')
    (papis / "doc1").mkdir(parents=True)
    (papis / "doc1" / "b.pdf").write_bytes(pdf + b"\n%other")
    (papis / "doc1" / "info.yaml").write_text(
        "author: A. Turing\nauthor_list:\n- family: Turing\n  given: Alan\nref: turing\n"
        "title: On Computable Numbers\ntype: article\nyear: 1936\njournal: PLMS\n"
        "files:\n- b.pdf\ntags:\n- logic\n"
    )
    (tmp_path / "lone.pdf").write_bytes(pdf + b"\n%third")
    told = document("import", str(tmp_path), "--keywords-as-tags")
    assert told["attached"] == 3
    assert {one["title"] for one in told["papers"]} == {"Zotero", "On Computable Numbers", "MetaData Test"}
    turing = document("show", "turing")["paper"]
    assert (turing["year"], turing["venue"], turing["tags"]) == (1936, "PLMS", ["logic"])
    assert turing["authors"][0]["given"] == "Alan"
    assert document("show", "zot")["paper"]["tags"] == ["x", "y z"]
    kept = Path(document("open", "zot")["path"])
    assert kept.read_bytes() == pdf
    assert kept.parts[-3:-1] == ("papers.files", kept.name[:2])
    again = document("import", str(tmp_path))
    assert again["attached"] == 0
    assert {one["outcome"] for one in again["papers"]} == {"duplicate"}


def test_a_pdf_by_itself_or_with_words(run: Run, document: Document, tmp_path: Path) -> None:
    path = tmp_path / "1706.03762v7.pdf"
    path.write_bytes((SAMPLES / "jabref-metadata.pdf").read_bytes())
    document("add", str(path), "--title", "Attention", "--author", "Ashish Vaswani")
    paper = document("show", "1706.03762")["paper"]
    assert (paper["title"], paper["arxiv"]["version"]) == ("Attention", 7)
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 broken")
    assert run("add", str(bad)).exit_code == 3
    document("add", str(bad), "--title", "Scanned by hand")
    assert run("open", "scanned").stdout.strip().endswith(".pdf")


def test_attach_and_open(run: Run, document: Document, db_path: Path, tmp_path: Path) -> None:
    document("add", "--title", "A Paper", "--key", "a")
    assert "has no file" in run("open", "a").stderr
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.4")
    assert [one["new"] for one in document("attach", "a", str(path))["files"]] == [True]
    assert [one["new"] for one in document("attach", "a", str(path))["files"]] == [False]
    found = Path(run("open", "a").stdout.strip())
    assert found.read_bytes() == b"%PDF-1.4"
    assert run("open", "a", "2").exit_code == 4
    assert run("attach", "a", str(tmp_path / "none.pdf")).exit_code == 4
    assert run("attach", "a", str(tmp_path)).exit_code == 4
    assert run("attach", "nobody", str(path)).exit_code == 4
    found.unlink()
    missing = run("open", "a")
    assert missing.exit_code == 4
    assert "is missing" in missing.stderr
    assert not list(found.parent.parent.glob("*.part"))


def test_nothing_to_export_and_wrong_options(run: Run, document: Document, tmp_path: Path) -> None:
    assert run("export").exit_code == 4
    document("add", "--title", "One")
    document("add", "--title", "Two")
    assert run("export", "-f", "markdown").exit_code == 2
    assert run("export", "-f", "csl", "--ascii").exit_code == 3
    assert run("export", "-o", str(tmp_path / "none" / "x.bib")).exit_code == 4
    assert run("import", str(tmp_path / "none.bib")).exit_code == 4
    assert run("cite", "nobody").exit_code == 4
    assert run("export", "title:Two").stdout.startswith("@misc{two,")


def test_broken_files_create_no_database(run: Run, db_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.bib"
    path.write_text("@misc{a, title={A}\n")
    assert run("import", str(path)).exit_code == 3
    assert not db_path.exists()


def test_every_format_can_be_told_by_its_text() -> None:
    from diffkit_papers.formats import detect

    assert detect("x.bib", "").name == "bibtex"
    assert detect("-", "TY  - JOUR\n").name == "ris"
    assert detect("-", ' [{"id": "a"}]').name == "csl"
    assert detect("x.json", '[\n{"key": "a", "fields": {}}]').name == "json"
    assert detect("-", "---\ntitle: a\n---\n").name == "markdown"
    assert detect("info.yaml", "title: a\n").name == "papis"
    assert detect("set.txt", "PMID- 30922926\nTI  - A title\n").name == "pubmed"
    assert detect("-", "@misc{a}").name == "bibtex"
    assert {"bibtex", "biblatex", "ris", "csl", "json", "csv", "markdown", "pubmed", "papis"} == set(FORMATS)
