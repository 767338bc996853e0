"""A paper as a flat record in BibLaTeX's vocabulary: what every format is translated to and from.

A format that gives its record again on reading has lost nothing; `to_paper` and `from_paper` do the rest in
one place. Beside BibLaTeX's own fields there are `tags`, `entrytype` (where the kind of work does not tell
it) and `arxiv` (where `eprint` is taken by another archive).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from diffkit_papers.errors import BadData
from diffkit_papers.formats import entrytypes
from diffkit_papers.formats.names import NAME_FIELDS, format_names, parse_names
from diffkit_papers.formats.parsed import clean
from diffkit_papers.identifiers import ArxivId, find_arxiv, parse_arxiv, parse_doi
from diffkit_papers.records import Author, NewPaper, Paper, Source

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_RESERVED = {"comment", "string", "preamble"}
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_PLAIN_YEAR = re.compile(r"[1-9]\d{3}")
_DAY = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
SIMPLE_DATE = re.compile(_DAY)
DATE = re.compile(rf"{_DAY}(?:/(?:{_DAY})?)?")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(rf"(?:0?(?P<number>[1-9]|1[0-2])|(?P<name>{'|'.join(MONTHS)})[a-z]*\.?)", re.IGNORECASE)
_PAGES = re.compile(r"(\d+) ?[-–—]+ ?(\d+)")
# Names of classic BibTeX and of programs, and BibLaTeX's names for the same.
_ALIASES = {
    "journal": "journaltitle",
    "address": "location",
    "school": "institution",
    "annote": "annotation",
    "archiveprefix": "eprinttype",
    "primaryclass": "eprintclass",
    "key": "sortkey",
    "pdf": "file",
    "arxivid": "arxiv",
}
_ARXIV_DOI = "10.48550/arxiv."
_PLACES_OF_ARXIV_IDS = ("url", "journaltitle", "volume", "note", "howpublished", "pages", "number")


@dataclass
class Record:
    """`type` is a word of CSL; `authors` stand apart because formats write names in ways of their own."""

    key: str = ""
    type: str = entrytypes.DEFAULT
    authors: tuple[Author, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)


@lru_cache(4096)
def field_name(name: str) -> str:
    """`name` as BibTeX can write it, and under BibLaTeX's name if it has another."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower())
    plain = plain if _NAME.fullmatch(plain) else f"x-{plain.strip('-') or 'unnamed'}"
    return _ALIASES.get(plain, plain)


def join_words(words: Iterable[str]) -> str:
    """Several texts in one field: `a, b`; a comma inside is written `\\,`."""
    return ", ".join(re.sub(r"([\\,])", r"\\\1", word) for word in words)


def split_words(text: str) -> list[str]:
    """The words of a text that `join_words` wrote, or that a person wrote with commas."""
    if not text:
        return []
    words = re.findall(r"(?:\\.|[^,\\]|\\$)+", text)
    return [cleaned for word in words if (cleaned := re.sub(r"\\(.)", r"\1", word).strip())]


def to_paper(record: Record, source: Source | None = None) -> NewPaper:
    """The paper that a record describes; raises `BadData` when there is nothing to call it by."""
    fields = {
        name: text
        for name, value in record.fields.items()
        if (text := format_names(parse_names(clean(value))) if name in NAME_FIELDS else clean(value))
    }
    title, abstract, url = (fields.pop(name, "") for name in ("title", "abstract", "url"))
    doi = _take_doi(fields, url)
    arxiv = _take_arxiv(fields, doi, url)
    if doi.startswith(_ARXIV_DOI):  # it only repeats the arXiv id
        doi = parse_doi(url) or ""
        doi = "" if doi.startswith(_ARXIV_DOI) else doi
    if not (title or doi or arxiv):
        raise BadData("the entry has no title, DOI or arXiv id")
    type_ = record.type if record.type in entrytypes.ENTRY_TYPE else entrytypes.DEFAULT
    _check_entry_type(fields, type_)
    if "pages" in fields:
        fields["pages"] = _PAGES.sub(_range, fields["pages"])
    if (genre := fields.get("type", "").casefold()) in entrytypes.GENRE_CODES:
        fields["type"] = entrytypes.GENRE_CODES[genre]
    names = (_clean_author(one.family, one.given, one.suffix) for one in record.authors)
    authors = tuple(author for author in names if author.family)
    year = _take_year(fields)
    return NewPaper(
        title=title,
        authors=authors or parse_names(fields.get("editor", "")),
        year=year,
        venue=_take_venue(fields, type_),
        doi=doi,
        arxiv=arxiv,
        url=url,
        tags=tuple(sorted(set(split_words(fields.pop("tags", ""))))),
        key=record.key or (source.citation_key if source else ""),
        source=source,
        # A document of no special kind is one whose kind a later record may tell.
        type="" if type_ == entrytypes.DEFAULT else type_,
        abstract=abstract,
        fields=dict(sorted(fields.items())),
    )


def from_paper(paper: Paper | NewPaper) -> Record:
    """The record that gives the paper again."""
    fields = dict(paper.fields)
    type_ = paper.type or entrytypes.DEFAULT
    place = entrytypes.VENUE_FIELD.get(type_, "howpublished")
    if paper.venue and _venue_of(fields, place) != paper.venue:
        fields[place] = paper.venue
    if paper.year and _year_of(fields.get("date", "")) != paper.year:
        fields.pop("date", None)
        if _year_of(fields.get("year", "")) != paper.year:
            fields["date"] = str(paper.year)
    if paper.arxiv:
        id_ = str(paper.arxiv).removeprefix("arXiv:")
        taken = "eprint" in fields or "eprinttype" in fields
        fields |= {"arxiv": id_} if taken else {"eprint": id_, "eprinttype": "arxiv"}
    authors = paper.authors
    if "editor" in fields and authors == parse_names(fields["editor"]):
        authors = ()
    own = {"title": paper.title, "doi": paper.doi, "url": paper.url, "abstract": paper.abstract}
    own["tags"] = join_words(sorted(paper.tags))
    fields |= {name: text for name, text in own.items() if text}
    return Record(paper.key, type_, authors, fields)


def in_order(paper: NewPaper) -> NewPaper:
    """A paper that was put together from several records, as it would be read if one record said all of it.

    What two fields say differently, such as where it appeared, would not come back out of an export.
    """
    return to_paper(from_paper(paper))


def month_number(text: str) -> int | None:
    """`6` for `jun`, `June`, `06`."""
    match = _MONTH.fullmatch(text.strip())
    if match is None:
        return None
    return int(match["number"]) if match["number"] else MONTHS.index(match["name"].lower()) + 1


@lru_cache(65536)  # of texts, whose hashes Python keeps
def _clean_author(family: str, given: str, suffix: str) -> Author:
    family, given, suffix = clean(family), clean(given), clean(suffix)
    return Author(family, given, suffix) if family else Author(given, "", suffix)


def _range(pages: re.Match[str]) -> str:
    return f"{pages[1]}–{pages[2]}"


def _check_entry_type(fields: dict[str, str], type_: str) -> None:
    """Keep the entry type only where it says more than the kind of work, and can be written."""
    name = fields.pop("entrytype", "").lower()
    if not (name.isascii() and name.isalpha()):
        name = re.sub(r"\W", "", name, flags=re.ASCII)
    name, genre = entrytypes.ALIASES.get(name, (name, ""))
    if genre:
        fields.setdefault("type", genre)
    if name and name not in _RESERVED and name != entrytypes.ENTRY_TYPE[type_]:
        fields["entrytype"] = name


def _take_doi(fields: dict[str, str], url: str) -> str:
    given = fields.pop("doi", "")
    doi = parse_doi(given) if given else None
    if given and not doi:
        fields["x-doi"] = given  # what is no DOI must not stand in the way of the one in the address
        doi = parse_doi(given.split()[0])  # `10.1038/nature14539 [doi]`
    return doi or (parse_doi(url) if "doi" in url else None) or ""


def _take_arxiv(fields: dict[str, str], doi: str, url: str) -> ArxivId | None:
    archive = fields.get("eprinttype", "arxiv").lower()
    given = fields.pop("arxiv", "")
    arxiv = parse_arxiv(given)
    if given and not arxiv:
        fields["x-arxiv"] = given
    if archive == "arxiv" and (own := parse_arxiv(fields.get("eprint", ""))) and arxiv in (None, own):
        arxiv = own
        del fields["eprint"]
    arxiv = arxiv or (parse_arxiv(doi) if doi.startswith(_ARXIV_DOI) else None) or parse_arxiv(url)
    if not arxiv:
        texts = (url if name == "url" else fields.get(name, "") for name in _PLACES_OF_ARXIV_IDS)
        arxiv = next((found for text in texts if text and (found := find_arxiv(text))), None)
    if arxiv and archive == "arxiv" and "eprint" not in fields:
        fields.pop("eprinttype", None)
    return arxiv


def _take_year(fields: dict[str, str]) -> int | None:
    """The year; `date` stays where it says more, `year`, `month` and `day` where they are no date."""
    date, text = fields.pop("date", ""), fields.pop("year", "")
    if not date and "month" not in fields and text.isascii() and _PLAIN_YEAR.fullmatch(text):
        return int(text)  # as nearly all tell it
    if date and text and _year_of(date) is None:
        # EndNote writes `date = {Jan}` beside the year
        fields["x-date" if "month" in fields else "month"] = date
        date = ""
    if DATE.fullmatch(text) and (not date or text.startswith((f"{date}-", f"{date}/"))):
        date, text = text, ""  # it says more
    date = _joined_date(fields, date)
    if month := month_number(fields.get("month", "")):
        fields["month"] = f"{month:02}"
    year = _year_of(date) or _year_of(text)
    if date and date != str(year):
        fields["date"] = date
    if text and text != str(year):
        fields["year"] = text
    return year


def _joined_date(fields: dict[str, str], date: str) -> str:
    """`date` with the month and day that stand in fields of their own."""
    if _PLAIN_YEAR.fullmatch(date) and (month := month_number(fields.get("month", ""))):
        del fields["month"]
        date = f"{date}-{month:02}"
    longer = f"{date}-{fields.get('day', '').rjust(2, '0')}"
    if len(date) == len("2017-06") and SIMPLE_DATE.fullmatch(longer):
        del fields["day"]
        date = longer
    return date


def _year_of(text: str) -> int | None:
    match = _PLAIN_YEAR.fullmatch(text[:4]) if DATE.fullmatch(text) else _YEAR.search(text)
    return int(match[0]) if match else None


def _take_venue(fields: dict[str, str], type_: str) -> str:
    """Where it appeared. The field stays where kind and venue would not tell that it was this one."""
    own = entrytypes.VENUE_FIELD[type_]
    venue = _venue_of(fields, own)
    if own in fields and [fields.get(name) for name in entrytypes.VENUE_FIELDS].count(venue) == 1:
        del fields[own]
    return venue


def _venue_of(fields: Mapping[str, str], own: str) -> str:
    return next((fields[name] for name in (own, *entrytypes.VENUE_FIELDS) if name in fields), "")
