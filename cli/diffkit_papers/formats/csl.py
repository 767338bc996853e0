"""CSL-JSON, which Zotero, pandoc and Crossref speak. What CSL has no variable for stands under `custom`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from diffkit_papers.errors import BadData
from diffkit_papers.formats import entrytypes
from diffkit_papers.formats.json_items import as_text, items
from diffkit_papers.formats.names import NAME_FIELDS, format_names, parse_names
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import DATE, Record, field_name, from_paper, to_paper
from diffkit_papers.records import Author, Paper, Source

# CSL's variable -> BibLaTeX's field
_VARIABLES = {
    "DOI": "doi",
    "URL": "url",
    "ISBN": "isbn",
    "ISSN": "issn",
    "title": "title",
    "abstract": "abstract",
    "volume": "volume",
    "page": "pages",
    "publisher-place": "location",
    "edition": "edition",
    "note": "note",
    "annote": "annotation",
    "language": "language",
    "collection-title": "series",
    "title-short": "shorttitle",
    "container-title-short": "shortjournal",
    "keyword": "keywords",
    "event-title": "eventtitle",
    "event-place": "venue",
    "version": "version",
    "number-of-pages": "pagetotal",
    "number-of-volumes": "volumes",
    "chapter-number": "chapter",
    "call-number": "library",
    "genre": "type",
    "status": "pubstate",
}
_VARIABLE_OF = {name: variable for variable, name in _VARIABLES.items()}
_NAMES = {"editor": "editor", "translator": "translator", "container-author": "bookauthor"}
_DATES = {"accessed": "urldate", "original-date": "origdate", "event-date": "eventdate"}
_UPPER = {"csl-pmid": "PMID", "csl-pmcid": "PMCID"}
# Kinds of works that appear in something; the others are published by somebody.
_CONTAINED = ("journaltitle", "booktitle", "organization")
# Dates that keep their digits as numbers.
_NUMERIC = re.compile(r"[1-9][\d-]*(?:/[1-9][\d-]*)?")
_RANGE = re.compile(r"(\d)–(\d)")

Item = dict[str, Any]


def read(text: str) -> Import:
    """Every item of a CSL-JSON file (a list, or one item) as a paper."""
    found = Import()
    for line, raw, item in items(text, found):
        key = as_text(item.get("id", "")) if isinstance(item, dict) else ""
        try:
            if not isinstance(item, dict):
                raise BadData(f"an item has to be an object, this is {raw[:40]!r}")
            if not item.keys() & KNOWN_VARIABLES:
                raise BadData(f"this is no CSL-JSON: it has {', '.join(list(item)[:3]) or 'nothing'}")
            found.papers.append((line, to_paper(*_record(item, key, raw))))
        except BadData as error:
            found.broken.append(Problem(line, f"{key or 'item'}: {error.message}"))
    return found


def record_of(item: Item) -> Record:
    """The record of one item, as Crossref and DataCite send it."""
    return _record(item, "", "")[0]


def write(papers: Sequence[Paper]) -> str:
    """The papers as CSL-JSON."""
    return json.dumps([_item(paper) for paper in papers], ensure_ascii=False, indent=2) + "\n"


def _record(item: Item, key: str, raw: str) -> tuple[Record, Source]:
    given = dict(item)
    custom = given.pop("custom", None)
    given.pop("id", None)
    named_type = as_text(given.pop("type", ""))
    type_ = named_type if named_type in entrytypes.ENTRY_TYPE else entrytypes.DEFAULT
    fields = {}
    if named_type != type_:
        fields["csl-type"] = named_type
    if isinstance(custom, dict):
        fields |= {field_name(str(name)): as_text(value) for name, value in custom.items()}
    elif custom is not None:
        fields["csl-custom"] = as_text(custom)
    authors = parse_names(fields.pop("author", "")) or _authors(given.pop("author", None))
    given.pop("author", None)
    for variable, name in _NAMES.items():
        if people := _authors(given.get(variable)):
            fields.setdefault(name, format_names(people))
            del given[variable]
    for variable, name in _DATES.items():
        if date := _date(given.get(variable)):
            fields.setdefault(name, date)
            del given[variable]
    if issued := _date(given.pop("issued", None)):
        fields.setdefault("date" if DATE.fullmatch(issued) else "year", issued)
    _take_venue(given, fields, type_)
    number = "issue" if type_.startswith("article") else "number"
    for variable, value in given.items():
        name = "number" if variable == number else _VARIABLES.get(variable, f"csl-{variable.lower()}")
        if text := as_text(value):
            fields.setdefault(field_name(name), text)
    subtitle = fields.get("subtitle", "")
    if subtitle and fields.get("title", "").endswith(f": {subtitle}"):
        fields["title"] = fields["title"].removesuffix(f": {subtitle}")
    record = Record(type=type_, authors=authors, fields=fields)
    return record, Source("csl", key, raw, dict(fields))


def _take_venue(given: Item, fields: dict[str, str], type_: str) -> None:
    own = entrytypes.VENUE_FIELD[type_]
    container = own if own in _CONTAINED else ""
    for variable, name in (("container-title", container), ("publisher", "publisher" if container else own)):
        text = as_text(given.get(variable, ""))
        if name and text:
            fields.setdefault(name, text)
            del given[variable]


def _authors(value: object) -> tuple[Author, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(author for name in value if isinstance(name, dict) and (author := _author(name)))


def _author(name: Mapping[str, object]) -> Author | None:
    parts = {part: " ".join(as_text(value).split()) for part, value in name.items()}
    particles = (parts.get("dropping-particle", ""), parts.get("non-dropping-particle", ""))
    literal = parts.get("literal", "") or parts.get("name", "")  # DataCite and Crossref say `name`
    family = " ".join(part for part in (*particles, parts.get("family", "")) if part) or literal
    given = parts.get("given", "")
    if not (family or given):
        return None
    return Author(family, given, parts.get("suffix", "")) if family else Author(given)


def _date(value: object) -> str:
    """A date of CSL as `2017-06-12`, a range as `2017/2018`, else what is said in words."""
    if isinstance(value, str | int):
        return str(value)
    if not isinstance(value, dict):
        return ""
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and all(isinstance(part, list) for part in parts):
        written = "/".join("-".join(_part(number) for number in part) for part in parts)
        if DATE.fullmatch(written):
            return written
    return as_text(value.get("raw") or value.get("literal") or "")


def _part(number: object) -> str:
    text = str(number).strip()
    return text if len(text) >= 4 else text.rjust(2, "0")


def _item(paper: Paper) -> Item:
    record = from_paper(paper)
    fields = record.fields
    item: Item = {"id": paper.key, "type": record.type}
    if record.authors:
        item["author"] = [_name(author) for author in record.authors]
        if _authors(item["author"]) != record.authors:
            fields["author"] = format_names(record.authors)
    own = entrytypes.VENUE_FIELD[record.type]
    container = own if own in _CONTAINED else ""
    for variable, name in (("container-title", container), ("publisher", "publisher" if container else own)):
        if name in fields:
            item[variable] = fields.pop(name)
    for variable, name in _NAMES.items():
        if name in fields and name in NAME_FIELDS:
            people = parse_names(fields[name])
            item[variable] = [_name(author) for author in people]
            if _authors(item[variable]) == people:
                del fields[name]
    _write_dates(fields, item)
    custom = _write_variables(fields, item, record.type)
    if custom:
        item["custom"] = custom
    return item


def _write_dates(fields: dict[str, str], item: Item) -> None:
    for variable, name in ({"issued": "date"} | _DATES).items():
        if _NUMERIC.fullmatch(date := fields.get(name, "")) and DATE.fullmatch(date):
            parts = [[int(number) for number in part.split("-")] for part in date.split("/")]
            item[variable] = {"date-parts": parts}
            del fields[name]
    if "issued" not in item and "date" not in fields and "year" in fields:
        item["issued"] = {"literal": fields.pop("year")}


def _write_variables(fields: dict[str, str], item: Item, type_: str) -> dict[str, str]:
    """Fields as CSL's variables; what is left for `custom`."""
    number = "issue" if type_.startswith("article") else "number"
    custom = {}
    for name in sorted(fields):
        text = fields[name]
        if name == "number":
            item[number] = text
        elif name == "pages":
            item["page"] = _RANGE.sub(r"\1-\2", text)
        elif name == "type":
            item["genre"] = entrytypes.GENRES.get(text, text)
        elif name in _VARIABLE_OF:
            item[_VARIABLE_OF[name]] = text
        elif name.startswith("csl-") and (variable := _UPPER.get(name, name[4:])) not in item | _OWN:
            item[variable] = _value(text)
        else:
            custom[name] = text
    if "subtitle" in custom and "title" in item:
        item["title"] += f": {custom['subtitle']}"
    return custom


_OWN = dict.fromkeys(("id", "author", "issued", "custom", "issue", "number", "container-title", "publisher"))
_OWN |= dict.fromkeys((*_VARIABLES, *_NAMES, *_DATES))
KNOWN_VARIABLES = {"type", "PMID", "PMCID", *_OWN} - {"id", "custom"}


def _name(author: Author) -> dict[str, str]:
    if not (author.given or author.suffix):
        return {"literal": author.family}
    parts = {"family": author.family, "given": author.given, "suffix": author.suffix}
    return {part: text for part, text in parts.items() if text}


def _value(text: str) -> object:
    """JSON again what was JSON."""
    if text[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return value if json.dumps(value, ensure_ascii=False) == text else text
    return text
