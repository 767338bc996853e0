"""PubMed's records, by the manual of their tags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from diffkit_papers.formats.pubmed import read
from diffkit_papers.records import Author, NewPaper

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

RECORDS = """
PMID- 10000001
OWN - NLM
STAT- MEDLINE
IS  - 1234-567X (Electronic)
IS  - 1234-5678 (Linking)
VI  - 12
IP  - 3
DP  - 2018 Mar 5
TI  - A study of light - dark and of
      what lies between.
PG  - 180-8
LID - S1234-567X(18)30059-X [pii]
LID - 10.1234/Light.2018.3 [doi]
AB  - BACKGROUND: Much is
      known. RESULTS: 0.25 \u03bcg/ml.
CI  - Copyright (c) 2018.
FAU - M\u00fcller, Anna Maria
AU  - Muller AM
AD  - Institute of Light, Somewhere.
CN  - Light Study Group
FAU - Li, Wei
AU  - Li W
LA  - eng
PT  - Journal Article
PT  - Review
TA  - J Light
JT  - Journal of light
MH  - *Light/adverse effects
PMC - PMC7654321
OT  - light
OT  - *darkness
SO  - J Light. 2018 Mar 5;12(3):180-8. doi: 10.1234/Light.2018.3.

PMID- 10000002
DP  - 2004 Jan-Feb
TI  - [On shadows].
PG  - S32-5; discussion S99-104
AU  - van der Berg JA
AU  - Aristotle
TA  - Shadow Stud
PT  - Letter

PMID- 10000003
TI  - Half a chapter.
BTI - The book of light
PB  - Lamp Press
FED - Smith, John
ISBN- 978-3-16-148410-0 (bound)
PT  - Book Chapter
DEP - 20200131
"""


@pytest.fixture(scope="module")
def papers() -> list[NewPaper]:
    found = read(RECORDS)
    assert not found.broken
    assert [line for line, _ in found.papers] == [2, 35, 44]
    return [paper for _, paper in found.papers]


def test_an_article(papers: list[NewPaper]) -> None:
    paper = papers[0]
    assert paper.title == "A study of light - dark and of what lies between"
    assert paper.authors == (Author("Müller", "Anna Maria"), Author("Light Study Group"), Author("Li", "Wei"))
    assert (paper.year, paper.venue, paper.type) == (2018, "Journal of light", "article-journal")
    assert paper.doi == "10.1234/light.2018.3"
    assert paper.abstract == "BACKGROUND: Much is known. RESULTS: 0.25 μg/ml."
    assert paper.fields == {
        "date": "2018-03-05",
        "eprint": "10000001",
        "eprinttype": "pubmed",
        "issn": "1234-567X",
        "keywords": "light, darkness",
        "language": "eng",
        "number": "3",
        "pages": "180–188",
        "pmcid": "PMC7654321",
        "shortjournal": "J Light",
        "volume": "12",
    }
    assert paper.source is not None
    assert paper.source.raw.startswith("PMID- 10000001")
    assert paper.source.raw.endswith("doi: 10.1234/Light.2018.3.")


def test_short_names_and_odd_dates_and_pages(papers: list[NewPaper]) -> None:
    paper = papers[1]
    assert paper.title == "[On shadows]"
    assert paper.authors == (Author("van der Berg", "JA"), Author("Aristotle"))
    assert (paper.year, paper.fields["month"]) == (2004, "Jan-Feb")
    assert paper.fields["pages"] == "S32-S35; discussion S99–104"


def test_a_chapter(papers: list[NewPaper]) -> None:
    paper = papers[2]
    assert (paper.type, paper.venue, paper.year) == ("chapter", "The book of light", 2020)
    assert (paper.fields["publisher"], paper.fields["isbn"]) == ("Lamp Press", "978-3-16-148410-0")
    assert paper.fields["editor"] == "Smith, John"


def test_what_has_no_title_is_told_of_with_its_line(document: Document, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "set.txt"  # as PubMed names it
    file.write_text(RECORDS.lstrip() + "\nPMID- 9\nSTAT- Publisher\n", encoding="utf-8")
    result = run("import", str(file))
    assert result.exit_code == 3
    assert f"{file}:52: PMID 9: the entry has no title" in result.stderr
    added = document("list")
    assert added["total"] == 3
    assert added["papers"][0]["key"] == "muller2018study"


@given(st.text(), st.integers(0, len(RECORDS)))
def test_no_text_breaks_the_reader(text: str, place: int) -> None:
    read(RECORDS[:place] + text + RECORDS[place:])
