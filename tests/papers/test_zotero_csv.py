"""Zotero's own CSV export: every column has its place, and a broken row is named with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from diffkit_papers.formats import FORMATS, detect

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

# The first row that Zotero writes (its translator `Zotero CSV`), to its last column but the audiovisual ones.
HEADER = next(
    csv.reader(
        [
            "Key,Item Type,Publication Year,Author,Title,Publication Title,ISBN,ISSN,DOI,Url,Abstract Note,"
            "Date,Date Added,Date Modified,Access Date,Pages,Num Pages,Issue,Volume,Number Of Volumes,"
            "Journal Abbreviation,Short Title,Series,Series Number,Series Text,Series Title,Publisher,Place,"
            "Language,Rights,Type,Archive,Archive Location,Library Catalog,Call Number,Extra,Notes,"
            "File Attachments,Link Attachments,Manual Tags,Automatic Tags,Editor,Series Editor,Translator,"
            "Contributor,Attorney Agent,Book Author,Number,Edition,Conference Name"
        ]
    )
)
ARTICLE = {
    "Key": "ABCD2345",
    "Item Type": "journalArticle",
    "Publication Year": "2015",
    "Author": "LeCun, Yann; Bengio, Yoshua; van der Maaten, Laurens; OpenAI Team",
    "Title": "Deep learning, “revisited”",
    "Publication Title": "Nature",
    "ISSN": "1476-4687",
    "DOI": "10.1038/NATURE14539",
    "Url": "https://www.nature.com/articles/nature14539",
    "Abstract Note": "Deep learning allows\nmodels of many layers",
    "Date": "2015-05",
    "Date Added": "2020-01-01 10:00:00",
    "Access Date": "2020-01-02 10:00:00",
    "Pages": "436-444",
    "Issue": "7553",
    "Volume": "521",
    "Journal Abbreviation": "Nature",
    "Language": "en",
    "Extra": "Citation Key: lecun_deep",
    "Notes": "<p>Read &amp; cite</p>",
    "Manual Tags": "to cite; 深度学习",
    "Automatic Tags": "Computer science; Mathematics, applied",
}
THESIS = {
    "Key": "THES1234",
    "Item Type": "thesis",
    "Publication Year": "1999",
    "Author": "Erdős, Pál",
    "Title": "Über Graphen",
    "Publisher": "ELTE",
    "Place": "Budapest",
    "Date": "June 1999",
    "Type": "PhD Thesis",
    "Num Pages": "80",
}
PREPRINT = {
    "Key": "PREP1234",
    "Item Type": "preprint",
    "Publication Year": "2017",
    "Author": "Vaswani, Ashish",
    "Title": "Attention Is All You Need",
    "Publisher": "arXiv",
    "Date": "2017-06-12",
    "Extra": "arXiv:1706.03762 [cs]",
}
CHAPTER = {
    "Key": "CHAP1234",
    "Item Type": "bookSection",
    "Publication Year": "2001",
    "Author": "Fund, Bill and Melinda",
    "Title": "On gifts",
    "Publication Title": "The Book",
    "Editor": "Doe, Jane; Roe, Richard",
    "Publisher": "Springer",
    "ISBN": "978-3-16-148410-0",
    "Date": "2001",
}


def export(*rows: dict[str, str], cells: int = len(HEADER)) -> str:
    """A file as Zotero writes it: with a mark at its beginning, and every cell in quotes."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([row.get(column, "") for column in HEADER][:cells])
    return "\ufeff" + out.getvalue()


def test_every_column_has_its_place(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "My Library.csv"
    path.write_text(export(ARTICLE, THESIS, PREPRINT, CHAPTER), encoding="utf-8")
    told = document("import", str(path))
    assert [(one["key"], one["outcome"], one["line"]) for one in told["papers"]] == [
        ("lecun_deep", "added", 2),
        ("erdos1999uber", "added", 4),  # the abstract before it has two lines
        ("vaswani2017attention", "added", 5),
        ("fund2001gifts", "added", 6),
    ]
    article = document("show", "lecun_deep")["paper"]
    assert (article["type"], article["year"], article["venue"]) == ("article-journal", 2015, "Nature")
    assert article["doi"] == "10.1038/nature14539"
    assert article["abstract"] == "Deep learning allows models of many layers"
    assert [one["name"] for one in article["authors"]] == [
        "Yann LeCun",
        "Yoshua Bengio",
        "Laurens van der Maaten",
        "OpenAI Team",
    ]
    assert article["authors"][3]["family"] == "OpenAI Team"
    assert article["tags"] == ["to cite", "深度学习"]
    kept = {"volume": "521", "number": "7553", "pages": "436–444", "issn": "1476-4687", "date": "2015-05"}
    kept |= {
        "keywords": r"Computer science, Mathematics\, applied",
        "annotation": "Read & cite",
        "language": "en",
    }
    kept |= {"shortjournal": "Nature", "urldate": "2020-01-02"}
    assert kept.items() <= article["fields"].items()
    (source,) = article["sources"]
    assert source["fields"]["Key"] == "ABCD2345"

    thesis = document("show", "erdos1999uber")["paper"]
    assert (thesis["type"], thesis["year"], thesis["venue"]) == ("thesis", 1999, "ELTE")
    assert thesis["fields"]["pagetotal"] == "80"
    assert thesis["fields"]["x-date"] == "June 1999"
    preprint = document("show", "1706.03762")["paper"]
    assert (preprint["type"], preprint["fields"]["date"]) == ("article", "2017-06-12")
    chapter = document("show", "fund2001gifts")["paper"]
    assert (chapter["venue"], chapter["fields"]["publisher"]) == ("The Book", "Springer")
    assert chapter["fields"]["editor"] == "Doe, Jane and Roe, Richard"
    assert [one["name"] for one in chapter["authors"]] == ["Bill and Melinda Fund"]
    again = document("import", str(path))
    assert {one["outcome"] for one in again["papers"]} == {"duplicate"}
    tagged = document("import", str(path), "--keywords-as-tags", "--db", str(tmp_path / "tagged.db"))
    assert tagged["papers"][0]["outcome"] == "added"


def test_files_are_kept(document: Document, tmp_path: Path) -> None:
    plain = tmp_path / "Zotero" / "storage" / "XY" / "plain.pdf"
    plain.parent.mkdir(parents=True)
    plain.write_bytes(b"%PDF-1.4 x")
    path = tmp_path / "library.csv"
    files = f"{plain}; {tmp_path / 'gone.pdf'}"
    path.write_text(export(ARTICLE | {"File Attachments": files}), encoding="utf-8")
    assert document("import", str(path))["attached"] == 1
    assert Path(document("open", "lecun_deep")["path"]).read_bytes() == plain.read_bytes()


def test_broken_rows_are_named(run: Run, document: Document, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    nameless = {"Key": "NONE1234", "Item Type": "book", "Publication Year": "2000"}
    cut = export(THESIS, cells=5).split("\n", 1)[1]
    path.write_text(export(ARTICLE, nameless) + cut + export(CHAPTER).split("\n", 1)[1], encoding="utf-8")
    result = run("import", str(path))
    assert result.exit_code == 3
    assert f"{path}:4: NONE1234: the entry has no title, DOI or arXiv id" in result.stderr
    assert f"{path}:5: THES1234: the row has 5 cells, the first row {len(HEADER)}" in result.stderr
    assert [one["key"] for one in document("list")["papers"]] == ["lecun_deep", "fund2001gifts"]


def test_it_is_recognised_by_its_header(run: Run) -> None:
    text = export(THESIS)
    assert detect("-", text) is FORMATS["csv"]
    assert run("import", "-", input=text.encode()).exit_code == 0
    own = FORMATS["csv"].read("key,title,publisher\na,T,P\n").papers
    assert [paper.key for _, paper in own] == ["a"]


def test_notes_of_other_programs_are_found(document: Document, tmp_path: Path) -> None:
    """They stay what the export needs, a field of the record, and are found as the log's own notes are."""
    path = tmp_path / "My Library.csv"
    path.write_text(
        export(ARTICLE | {"Notes": "<p>Zwicky doubts this &amp; 深度</p>"}, THESIS), encoding="utf-8"
    )
    document("import", str(path))
    told = document("search", "note:zwicky")["papers"]
    assert [(one["key"], one["found_in"]) for one in told] == [("lecun_deep", "note")]
    assert "Zwicky doubts this & 深度" in told[0]["excerpt"]

    document("note", "lecun_deep", "Ours agrees")
    for words in ("zwicky", "深度", "agrees"):
        assert [one["key"] for one in document("search", words)["papers"]] == ["lecun_deep"]

    more = tmp_path / "more.bib"
    more.write_text("@phdthesis{t, author={Erdős, Pál}, title={Über Graphen}, annote={A Ramsey bound}}")
    document("import", str(more))  # the log has the paper, and now knows more of it
    assert [one["key"] for one in document("search", "note:ramsey")["papers"]] == ["erdos1999uber"]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (  # Scopus
            "Authors,Title,Year,Source title,DOI",
            '"Yang, Z.; Jiang, B.; McNamara, M.E.",Scales,2024,Nature,10.1000/a',
            ("Scales", 2024, "Nature", ["Z. Yang", "B. Jiang", "M.E. McNamara"]),
        ),
        (  # PubMed
            "PMID,Title,Authors,Journal/Book,Publication Year,DOI",
            '1,Genomics,"Griffin DK, Larkin DM, O\'Connor RE.",Eur J Med Genet,2020,10.1000/a',
            ("Genomics", 2020, "Eur J Med Genet", ["DK Griffin", "DM Larkin", "RE O'Connor"]),
        ),
        (  # Google Scholar
            "Authors,Title,Publication,Volume,Year",
            '"Barrett, Paul M; Willis, Katherine J; ",Flowers?,Reviews,76,2001',
            ("Flowers?", 2001, "Reviews", ["Paul M Barrett", "Katherine J Willis"]),
        ),
        (  # Rayyan
            "key,title,year,journal,authors",
            'r1,Scales,2024,Nature,"Yang, Z. and Jiang, B."',
            ("Scales", 2024, "Nature", ["Z. Yang", "B. Jiang"]),
        ),
    ],
)
def test_columns_as_databases_call_them(header: str, row: str, expected: tuple[object, ...]) -> None:
    found = FORMATS["csv"].read(f"{header}\n{row}\n")
    ((line, paper),) = found.papers
    names = [str(author) for author in paper.authors]
    assert (line, paper.title, paper.year, paper.venue, names) == (2, *expected)
    assert not found.broken


def test_a_log_keeps_fields_that_databases_call_otherwise(document: Document, tmp_path: Path) -> None:
    source, out = tmp_path / "odd.bib", tmp_path / "out.csv"
    source.write_text("@misc{a, title={A}, author={Li Na}, authors={B, C}, publication={P}}")
    document("import", str(source))
    document("export", "--format", "csv", "--output", str(out))
    again = document("import", str(out), "--db", str(tmp_path / "other.db"))
    paper = document("show", again["papers"][0]["key"], "--db", str(tmp_path / "other.db"))["paper"]
    assert [author["name"] for author in paper["authors"]] == ["Li Na"]
    assert paper["fields"] == {"authors": "B, C", "publication": "P"}
