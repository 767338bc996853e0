"""PubMed's own format (.nbib): a tag of four places, a hyphen and a value, which may go on in the next lines.

https://www.nlm.nih.gov/bsd/mms/medlineelements.html. What PubMed notes of its own work on a record, and the
words of its thesaurus, stay in the source alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diffkit_papers.errors import BadData
from diffkit_papers.formats import entrytypes
from diffkit_papers.formats.names import format_names
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import Record, month_number, to_paper
from diffkit_papers.records import Author, Source

# Tag -> BibLaTeX's field.
_TAGS = {
    "TI": "title",
    "BTI": "booktitle",
    "JT": "journaltitle",
    "TA": "shortjournal",
    "VI": "volume",
    "IP": "number",
    "AB": "abstract",
    "LA": "language",
    "PB": "publisher",
    "PMC": "pmcid",
}
# Kinds of publications that are no articles in journals.
_TYPES = {"Preprint": "article", "Book Chapter": "chapter", "Book": "book", "Dataset": "dataset"}
_LINE = re.compile(r"([A-Z][A-Z0-9]{1,3}) *- ?(.*)")
_DATE = re.compile(r"(?P<year>\d{4})(?: (?P<month>[A-Za-z]{3})(?: (?P<day>\d\d?))?)?")
_PAGES = re.compile(r"\b([A-Za-z]*)(\d+)-(\d+)\b")
_INITIALS = re.compile(r"(.+) (\S*[A-Z]\S*)")

Values = dict[str, list[str]]


def read(text: str) -> Import:
    """Every record as a paper."""
    found = Import()
    for line, raw in _records(text):
        values, people = _values(raw)
        pmid = values.get("PMID", [""])[0]
        try:
            record = _record(values, people)
            found.papers.append((line, to_paper(record, Source("pubmed", "", raw, dict(record.fields)))))
        except BadData as error:
            found.broken.append(Problem(line, f"PMID {pmid}: {error.message}"))
    return found


def _records(text: str) -> Iterator[tuple[int, str]]:
    """The text of each record and the line where it begins, with its PMID."""
    starts = [match.start() for match in re.finditer(r"^\ufeff?PMID *-", text, re.MULTILINE)]
    line, last = 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line, last = line + text.count("\n", last, start), start
        yield line, text[start:end].strip("\ufeff\r\n ")


def _values(raw: str) -> tuple[Values, list[tuple[str, str]]]:
    """The values of each tag, and authors in their order: people by full and by short names, and groups."""
    lines: list[tuple[str, str]] = []
    for line in raw.splitlines():
        if match := _LINE.match(line):
            lines.append((match[1], match[2].strip()))
        elif lines and line.strip():
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {line.strip()}")
    values: Values = {}
    for tag, value in lines:
        values.setdefault(tag, []).append(value)
    return values, [(tag, value) for tag, value in lines if tag in ("FAU", "AU", "CN") and value]


def _record(values: Values, people: list[tuple[str, str]]) -> Record:
    fields = {name: values[tag][0] for tag, name in _TAGS.items() if tag in values}
    if "title" in fields:
        fields["title"] = fields["title"].removesuffix(".")
    for number in values.get("LID", []) + values.get("AID", []):
        if number.endswith("[doi]"):
            fields.setdefault("doi", number.removesuffix("[doi]").strip())
    for tag, name in (("IS", "issn"), ("ISBN", "isbn")):
        if numbers := [value.split("(")[0].strip() for value in values.get(tag, [])]:
            fields[name] = numbers[0]
    if pages := values.get("PG", [""])[0]:
        fields["pages"] = _PAGES.sub(_written_out, pages)
    if words := values.get("OT", []):
        fields["keywords"] = ", ".join(word.removeprefix("*") for word in words)
    if editors := values.get("FED") or values.get("ED"):
        fields["editor"] = format_names(map(_person, editors))
    if pmid := values.get("PMID", [""])[0]:
        fields |= {"eprint": pmid, "eprinttype": "pubmed"}
    fields |= _date((values.get("DP") or values.get("DEP") or [""])[0])
    usual = "article-journal" if "JT" in values or "TA" in values else entrytypes.DEFAULT
    type_ = next((_TYPES[kind] for kind in values.get("PT", []) if kind in _TYPES), usual)
    wanted = "FAU" if any(tag == "FAU" for tag, _ in people) else "AU"
    authors = tuple(
        Author(name) if tag == "CN" else _person(name) for tag, name in people if tag in (wanted, "CN")
    )
    return Record(type=type_, authors=authors, fields=fields)


def _person(name: str) -> Author:
    """`Shahtalebi, Mohammad Ali`, or in short `Shahtalebi MA`."""
    family, comma, given = name.partition(",")
    if comma:
        return Author(family.strip(), given.strip())
    short = _INITIALS.fullmatch(name)
    return Author(short[1], short[2]) if short else Author(name)


def _written_out(pages: re.Match[str]) -> str:
    """`180-188` for `180-8`, and `S32-S35` for `S32-5`."""
    before, first, last = pages.groups()
    if len(last) >= len(first):
        return pages[0]
    return f"{before}{first}-{before}{first[: -len(last)]}{last}"


def _date(text: str) -> dict[str, str]:
    """Fields for `2018 Mar 5`, `2018 Mar`, `2018`, `20180305`, `2004 Jan-Feb`, `2001 Spring`."""
    if re.fullmatch(r"\d{8}", text):
        return {"date": f"{text[:4]}-{text[4:6]}-{text[6:]}"}
    match = _DATE.fullmatch(text)
    month = month_number(match["month"]) if match and match["month"] else None
    if match and month:
        day = f"-{int(match['day']):02}" if match["day"] else ""
        return {"date": f"{match['year']}-{month:02}{day}"}
    year, _, rest = text.partition(" ")
    return {name: value for name, value in (("year", year), ("month", rest)) if value}
