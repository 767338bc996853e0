"""RIS: a tag, two spaces, a hyphen and a value a line. What has no tag is written as `U1  - name: value`.

rispy, the library for it, gives no line numbers, drops a record without an end in silence and has no tag for
user-defined fields; the tests read what is written here with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from diffkit_papers.errors import BadData
from diffkit_papers.formats import entrytypes
from diffkit_papers.formats.names import format_names, parse_names
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import Record, field_name, from_paper, to_paper
from diffkit_papers.records import Author, Paper, Source

_LINE = re.compile(r"([A-Z][A-Z0-9])  -(?: (.*))?")
_EXTRA = re.compile(r"([a-z][a-z0-9_-]*): (.+)")
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]")
_SLASHED = re.compile(r"(\d{4})(?:/(\d\d?)?)?(?:/(\d\d?)?)?(?:/.*)?")
# Tag -> BibLaTeX's field; of several tags for a field the first one is written.
_TAGS = {
    "TI": "title",
    "T1": "title",
    "CT": "title",
    "T3": "series",
    "J2": "shortjournal",
    "ST": "shorttitle",
    "VL": "volume",
    "IS": "number",
    "ET": "edition",
    "DO": "doi",
    "UR": "url",
    "AB": "abstract",
    "N2": "abstract",
    "LA": "language",
    "CY": "location",
    "PP": "location",
    "N1": "note",
    "M3": "type",
    "NV": "volumes",
    "SE": "chapter",
    "CN": "library",
}
_TAG_OF = {name: tag for tag, name in reversed(_TAGS.items())}
_JOURNALS = ("T2", "JO", "JF", "JA", "BT")
_NAMES = {"A2": "editor", "ED": "editor", "A4": "translator"}
_PAGES = re.compile(r"([^–]+)–([^–]+)")

Lines = list[tuple[str, str]]


def read(text: str) -> Import:
    """Every record of a RIS file as a paper; a record without its end is reported."""
    found = Import()
    for line, lines, raw, complete in _records(text, found):
        tags = dict(reversed(lines))
        key = tags.get("ID", "") or tags.get("LB", "")
        try:
            if not complete:
                raise BadData("the record does not end with ER")
            record = _record(lines)
            source = Source("ris", key, raw, dict(record.fields))
            found.papers.append((line, to_paper(record, source)))
        except BadData as error:
            found.broken.append(Problem(line, f"{key or 'record'}: {error.message}"))
    return found


def write(papers: Sequence[Paper]) -> str:
    """The papers as RIS."""
    return "\n".join(_written(paper) for paper in papers)


def _records(text: str, found: Import) -> Iterator[tuple[int, Lines, str, bool]]:
    """Line, tags with values, text and completeness of each record."""
    start, lines, raw = 0, Lines(), list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if line[2:6] == "  - " and line[:2] in _OWN:  # as nearly all are: sooner than the pattern could say
            tag, value = line[:2], line[6:].rstrip("\ufeff \t").strip()
        else:
            match = _LINE.fullmatch(line.strip("\ufeff \t")) or _LINE.match(line.lstrip("\ufeff"))
            tag, value = (match[1], (match[2] or "").strip()) if match else ("", line.strip())
        if tag == "TY":
            if start:
                yield start, lines, "\n".join(raw), False
            start, lines, raw = number, Lines(), []
        if not start:
            if tag and tag != "ER":
                found.warnings.append(Problem(number, f"{tag} stands before the record's TY; it is skipped"))
            continue
        raw.append(line)
        if tag == "ER":
            yield start, lines, "\n".join(raw), True
            start = 0
        elif tag:
            lines.append((tag, value))
        elif value and lines:  # a long value goes on in the next line
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {value}")
    if start:
        yield start, lines, "\n".join(raw), False


def _record(lines: Lines) -> Record:
    values: dict[str, list[str]] = {}
    fields: dict[str, str] = {}
    for tag, value in lines:
        extra = _EXTRA.fullmatch(value) if tag == "U1" else None
        if extra:
            fields.setdefault(field_name(extra[1]), extra[2])
        elif value:
            values.setdefault(tag, []).append(value)
    ris_type = values.pop("TY", [""])[0].upper()
    type_ = fields.pop("csltype", "") or entrytypes.CSL_OF_RIS.get(ris_type, entrytypes.DEFAULT)
    people = [name for tag in ("AU", "A1") for name in values.pop(tag, [])]
    authors = parse_names(fields.pop("author", "")) or tuple(map(_author, people))
    for tag, name in _NAMES.items():
        if tag in values and name not in fields:
            fields[name] = format_names(map(_author, values.pop(tag)))
    _take_venue(values, fields, type_)
    _take_date(values, fields)
    if "SP" in values:
        pages = [values.pop("SP")[0], *values.pop("EP", [])[:1]]
        fields.setdefault("pages", "–".join(pages))
    for number in values.pop("SN", []):
        fields.setdefault("issn" if _ISSN.fullmatch(number) else "isbn", number)
    if "KW" in values:
        fields.setdefault("keywords", ", ".join(values.pop("KW")))
    for tag in ("ID", "LB"):
        values.pop(tag, None)
    for tag, texts in values.items():
        name = _TAGS.get(tag, f"ris-{tag.lower()}")
        if name not in fields:
            fields[name] = texts[0] if tag in _TAGS else "; ".join(texts)
    return Record(type=type_, authors=authors, fields=fields)


def _take_venue(values: dict[str, list[str]], fields: dict[str, str], type_: str) -> None:
    own = entrytypes.VENUE_FIELD.get(type_, "howpublished")
    publisher = values.pop("PB", [""])[0]
    journal = next((values.pop(tag)[0] for tag in _JOURNALS if tag in values), "")
    if own in ("journaltitle", "booktitle"):
        fields.setdefault(own, journal)
        fields.setdefault("publisher", publisher)
    else:
        fields.setdefault(own, publisher)
        fields.setdefault("booktitle", journal)
    for name in ("journaltitle", "booktitle", "publisher", own):
        if not fields.get(name):
            fields.pop(name, None)


def _take_date(values: dict[str, list[str]], fields: dict[str, str]) -> None:
    """PY or Y1 has the year, DA the date; all three may be `2017/06/12/other`."""
    year = (values.pop("PY", None) or values.pop("Y1", None) or [""])[0]
    date = values.pop("DA", [""])[0]
    for text in (date, year):
        if match := _SLASHED.fullmatch(text):
            parts = [match[1], *(part.rjust(2, "0") for part in (match[2], match[3]) if part)]
            fields.setdefault("date", "-".join(parts))
            return
    if year or date:
        fields.setdefault("year", year or date)


@lru_cache(65536)  # a bibliography repeats its authors
def _author(text: str) -> Author:
    """`Family, Given, Suffix`."""
    family, given, suffix = [part.strip() for part in (text + ",,").split(",", 2)]
    return Author(family, given, suffix.strip(", "))


def _written(paper: Paper) -> str:
    record = from_paper(paper)
    fields = record.fields
    type_ = record.type
    ris_type = entrytypes.RIS_TYPE[type_]
    if entrytypes.CSL_OF_RIS[ris_type] != type_:
        fields["csltype"] = type_
    lines: Lines = [("TY", ris_type), ("ID", paper.key)]
    own = [_written_name(author) for author in record.authors]
    if tuple(map(_author, own)) == record.authors:
        lines.extend(("AU", name) for name in own)
    elif record.authors:
        fields["author"] = format_names(record.authors)
    for tag, name in (("A2", "editor"), ("A4", "translator")):
        people = parse_names(fields.get(name, ""))
        names = list(map(_written_name, people))
        if tuple(map(_author, names)) == people:
            lines.extend((tag, text) for text in names)
            fields.pop(name, None)
    lines.extend(_written_venue(fields, type_))
    lines.extend(_written_date(fields))
    if match := _PAGES.fullmatch(fields.get("pages", "")):
        lines.extend([("SP", match[1].strip()), ("EP", match[2].strip())])
        del fields["pages"]
    for name in ("issn", "isbn"):
        if name in fields and bool(_ISSN.fullmatch(fields[name])) == (name == "issn"):
            lines.append(("SN", fields.pop(name)))
    for name in sorted(fields):
        lines.extend(_written_field(name, fields[name]))
    return "".join(f"{tag}  - {value}\n" for tag, value in lines) + "ER  - \n"


def _written_field(name: str, value: str) -> Lines:
    if name == "keywords":
        words = value.split(", ")
        return [("KW", word) for word in words] if all(words) else [("KW", value)]
    if name in _TAG_OF:
        return [(_TAG_OF[name], value)]
    tag = name.removeprefix("ris-").upper()
    if name.startswith("ris-") and re.fullmatch(r"[A-Z][A-Z0-9]", tag) and tag not in _OWN:
        return [(tag, value)]
    return [("U1", f"{name}: {value}")]


_OWN = {*_TAGS, *_JOURNALS, *_NAMES, "TY", "ER", "ID", "LB", "AU", "A1", "U1", "PB", "PY", "Y1", "DA"}
_OWN |= {"SP", "EP", "SN", "KW"}


def _written_name(author: Author) -> str:
    parts = [author.family, author.given, author.suffix]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return ", ".join(parts)


def _written_venue(fields: dict[str, str], type_: str) -> Lines:
    own = entrytypes.VENUE_FIELD[type_]
    journal, publisher = (own, "publisher") if own in ("journaltitle", "booktitle") else ("booktitle", own)
    tags = (("T2", journal), ("PB", publisher))
    return [(tag, fields.pop(name)) for tag, name in tags if name in fields]


def _written_date(fields: dict[str, str]) -> Lines:
    date = fields.get("date", "")
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", date):
        return [("PY", fields.pop("year"))] if "year" in fields and "date" not in fields else []
    del fields["date"]
    lines: Lines = [("PY", date[:4])]
    return lines if len(date) == 4 else [*lines, ("DA", (date.replace("-", "/") + "//")[:10])]
