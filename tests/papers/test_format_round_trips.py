"""What a format writes it reads as the same paper, whatever the paper is."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from diffkit_papers import store
from diffkit_papers.formats import FORMATS, Format
from diffkit_papers.formats.entrytypes import ENTRY_TYPE
from diffkit_papers.formats.names import NAME_FIELDS, format_names
from diffkit_papers.formats.parsed import clean
from diffkit_papers.formats.record import Record, from_paper, in_order, to_paper
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.merging import merge
from diffkit_papers.records import Author, NewPaper, Paper
from diffkit_papers.values import replace

EXAMPLES = 400 if os.environ.get("DIFFKIT_TEST_FULL") == "1" else 10
WRITTEN = [one for one in FORMATS.values() if one.writer]
MARKS = "\\{}$&%#_^~\"'`-–,;:@=/[]()<>|*!? .01aZéß中文\t\n"

letters = st.characters(exclude_categories=["Cs"])
text = st.one_of(
    st.text(letters, max_size=20),
    st.text(MARKS, max_size=12),
    st.sampled_from(["--", "a--b", "R&D", "{BERT}: x", "$n^2$", "C:\\new", "12-34", "and", "TY  - x", "---"]),
)
words = text.map(lambda found: " ".join(found.split()))
authors = st.builds(Author, words, words, words)
names = st.lists(authors, max_size=3).map(format_names)
dates = st.sampled_from(
    [
        "2017",
        "2017-06",
        "2017-06-12",
        "2017/2018",
        "2017-06/2018-07",
        "c. 1850",
        "in press",
        "0999",
        "0004-03",
        "2017?",
    ]
)
numbers = st.sampled_from(["12", "1-20", "1--20", "e12", "978-3-16-148410-0", "1234-567X", "5, 7–9"])
_KNOWN = [
    *(
        "date",
        "year",
        "month",
        "day",
        "journaltitle",
        "booktitle",
        "publisher",
        "institution",
        "organization",
    ),
    *("howpublished", "volume", "number", "pages", "doi", "eprint", "eprinttype", "eprintclass", "arxiv"),
    *("url", "abstract", "keywords", "tags", "type", "entrytype", "series", "edition", "location", "isbn"),
    *("issn", "note", "language", "subtitle", "shorttitle", "urldate", "origdate", "eventdate", "eventtitle"),
    *(
        "venue",
        "file",
        "crossref",
        "chapter",
        "issue",
        "x-own",
        "csl-section",
        "csl-pmid",
        "ris-ad",
        "ris-c1",
    ),
    *(
        "annotation",
        "authors",
        "publication",
        "addendum",
        "library",
        "volumes",
        "pagetotal",
        "sortkey",
        "csl-type",
        "ris-a2",
        "author-x",
    ),
]
field_names = st.sampled_from(_KNOWN) | st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
values = st.one_of(
    text,
    dates,
    numbers,
    st.sampled_from(
        ["10.1038/Nature14539", "1706.03762v7", "arXiv", "jun", "phdthesis", "PhD thesis", "online"]
    ),
    st.sampled_from(["https://doi.org/10.1/x", "http://a.b/c_d%20{e}?f=~g", "CoRR abs/1412.6980", "comment"]),
)


# Fields that are read together.
CLUSTERS = [
    (["date", "year", "month", "day", "x-date"], dates | st.sampled_from(["Jan", "06", "12", "31", "Q1"])),
    (
        ["journaltitle", "booktitle", "publisher", "institution", "organization", "howpublished"],
        st.sampled_from(["A", "B", "arXiv:1412.6980"]),
    ),
    (
        ["eprint", "eprinttype", "arxiv", "doi", "url"],
        st.sampled_from(
            [
                "arXiv",
                "hdl",
                "1706.03762",
                "1412.6980v2",
                "10.1/x",
                "10.1000/x",
                "https://arxiv.org/abs/1412.6980",
                "10.48550/arXiv.1706.03762",
                "https://doi.org/10.1000/y",
            ]
        ),
    ),
    (
        ["type", "entrytype"],
        st.sampled_from(["phdthesis", "mathesis", "thesis", "report", "online", "PhD thesis"]),
    ),
]


@st.composite
def records(draw: st.DrawFn) -> Record:
    fields = draw(st.dictionaries(field_names, values, max_size=8))
    for name in NAME_FIELDS & fields.keys():
        fields[name] = draw(names)
    for name in ("author", "key", "csltype", "x-doi", "x-arxiv", "aliases"):
        fields.pop(name, None)
    fields = {name: text for name, text in fields.items() if not name.startswith("reading-")}
    for group, meant in CLUSTERS:
        if draw(st.integers(0, 2)) == 0:
            fields |= {name: draw(meant) for name in draw(st.sets(st.sampled_from(group)))}
    if draw(st.booleans()):
        fields["editor"] = draw(names)
    title = draw(text)
    fields["title"] = title if clean(title) else "A Title"
    type_ = draw(st.sampled_from(list(ENTRY_TYPE)))
    return Record("", type_, tuple(draw(st.lists(authors, max_size=3))), fields)


def as_paper(found: NewPaper, key: str) -> Paper:
    given = dict(vars(found))
    source = given.pop("source")
    return Paper(**given | {"id": 1, "key": key, "added_at": "", "sources": (source,) if source else ()})


def bare(found: NewPaper) -> NewPaper:
    return replace(found, source=None, key="", life=None)


def again(form: Format, papers: list[Paper], **options: bool) -> list[NewPaper]:
    """The papers written and read again."""
    one_each = form.name == "markdown"
    texts = [form.write([paper]) for paper in papers] if one_each else [form.write(papers, **options)]
    read = [form.read(text) for text in texts]
    assert not [problem for found in read for problem in (*found.broken, *found.warnings)]
    return [bare(paper) for found in read for _, paper in found.papers]


@given(records())
@settings(max_examples=10 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_paper_gives_a_record_that_gives_the_paper(record: Record) -> None:
    paper = to_paper(record)
    assert to_paper(from_paper(paper)) == paper


@given(records(), records())
@settings(max_examples=20 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_two_records_say_of_one_paper_comes_back_too(first: Record, second: Record) -> None:
    """Otherwise an export would be read as another paper."""
    known, new = (store.row_of(to_paper(record)) for record in (first, second))
    row = known | dict(merge(known, new).values)
    arxiv = ArxivId(row["arxiv"], row["arxiv_version"]) if row["arxiv"] else None
    columns = {name: row[name] for name in ("title", "year", "venue", "url", "type", "abstract")}
    authors = tuple(Author(**one) for one in json.loads(row["authors"]))
    fields = json.loads(row["fields"])
    paper = NewPaper(**columns, doi=row["doi"] or "", arxiv=arxiv, authors=authors, fields=fields)
    again = in_order(paper)
    assume(again.arxiv == arxiv)  # an id that only the name of a venue held is found at the next reading
    assert again == paper


@pytest.mark.parametrize("form", WRITTEN, ids=lambda form: form.name)
@given(found=st.lists(records().map(to_paper), max_size=2))
@settings(max_examples=5 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_read_as_the_same_papers(form: Format, found: list[NewPaper]) -> None:
    papers = [as_paper(one, f"key{number}") for number, one in enumerate(found)]
    for ids in ([paper.doi for paper in papers], [paper.arxiv and paper.arxiv.id for paper in papers]):
        assume(
            form.name != "json" or len(set(filter(None, ids))) == len(list(filter(None, ids)))
        )  # as in a log
    assert again(form, papers) == [bare(one) for one in found]


@pytest.mark.parametrize("pages", ["1–9", "-–", "–-", "––", "a–b–c", "—–", "--", "A–", "–"])
def test_dashes_of_pages_stay_what_they_are(pages: str) -> None:
    found = to_paper(Record(fields={"title": "T", "pages": pages}))
    for name in ("bibtex", "biblatex"):
        for ascii_only in (False, True):
            assert again(FORMATS[name], [as_paper(found, "key")], ascii_only=ascii_only) == [bare(found)]


@pytest.mark.parametrize("form", [FORMATS["bibtex"], FORMATS["biblatex"]], ids=lambda form: form.name)
@given(found=records().map(to_paper))
@settings(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_letters_can_be_written_in_ascii(form: Format, found: NewPaper) -> None:
    assert again(form, [as_paper(found, "key")], ascii_only=True) == [bare(found)]
