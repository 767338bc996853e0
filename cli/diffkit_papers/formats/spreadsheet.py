"""CSV: a row for each paper, a column for each field that any of them has. Zotero's export is CSV, too."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from diffkit_papers.errors import BadData
from diffkit_papers.formats import zotero
from diffkit_papers.formats.names import format_names, parse_names
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import Record, field_name, from_paper, to_paper
from diffkit_papers.records import Author, NewPaper, Paper, Source

_LISTED = "authors;"  # which is the name of no field
# Columns as Scopus, PubMed, Google Scholar and other databases call them.
_COLUMNS = {
    "authors": _LISTED,
    "article title": "title",
    "source title": "journaltitle",
    "journal title": "journaltitle",
    "journal/book": "journaltitle",
    "publication": "journaltitle",
    "publication year": "year",
}
_INITIALS = re.compile(r"(\D+) ([A-Z]{1,4})\.?")
_FIRST = ("key", "csltype", "author", "title", "date")
_LONGEST_CELL = 10_000_000


def read(text: str) -> Import:
    """Each row as a paper. The first row names the columns: BibLaTeX's, `key` and `csltype`, or Zotero's."""
    csv.field_size_limit(_LONGEST_CELL)
    found = Import()
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        is_zotero = zotero.is_zotero(header)
        names = header if is_zotero else _names(header)
        if "title" not in map(str.lower, names):
            raise BadData("no column is called title", fix="name the columns in the first row")
        while True:
            line = rows.line_num + 1
            row = next(rows, None)
            if row is None:
                return found
            if row:
                _add(found, line, names, row, is_zotero)
    except csv.Error as error:
        found.broken.append(Problem(rows.line_num, f"{error}; nothing behind it can be read"))
    return found


def write(papers: Sequence[Paper]) -> str:
    """The papers as CSV in UTF-8."""
    rows = []
    for paper in papers:
        record = from_paper(paper)
        own = {"key": paper.key, "csltype": record.type, "author": format_names(record.authors)}
        rows.append(own | record.fields)
    names = sorted({name for row in rows for name in row}.difference(_FIRST))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*_FIRST, *names], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _names(header: Sequence[str]) -> list[str]:
    """The fields that columns stand for: those of a log as they are, those of databases by `_COLUMNS`."""
    plain = [column.strip().lower() for column in header]
    aliases = {} if "csltype" in plain else {old: new for old, new in _COLUMNS.items() if new not in plain}
    return ["key" if column == "key" else aliases.get(column) or field_name(column) for column in plain]


def _people(text: str) -> tuple[Author, ...]:
    """Names as databases list them: `Willis, Katherine J; Li, Na`, `Griffin DK, Larkin DM`."""
    parts = list(filter(None, map(str.strip, text.split(";"))))
    if len(parts) == 1:
        names = [_INITIALS.fullmatch(name.strip()) for name in text.split(",")]
        if not all(names):
            return parse_names(text)
        parts = [f"{name[1]}, {name[2]}" for name in names if name]
    return tuple(author for name in parts for author in parse_names(name))


def _add(found: Import, line: int, names: Sequence[str], row: Sequence[str], is_zotero: bool) -> None:
    cells = {name: text for name, text in zip(names, row, strict=False) if text}
    label = cells.get("Key" if is_zotero else "key", "").strip() or "row"
    try:
        # Zotero writes every cell: a row with fewer is cut off.
        if len(row) > len(names) or (is_zotero and len(row) < len(names)):
            raise BadData(f"the row has {len(row)} cells, the first row {len(names)}")
        paper = (_zotero_paper if is_zotero else _own_paper)(cells, ",".join(row))
        found.papers.append((line, paper))
    except BadData as error:
        found.broken.append(Problem(line, f"{label}: {error.message}"))


def _own_paper(fields: dict[str, str], raw: str) -> NewPaper:
    key = fields.pop("key", "")
    source = Source("csv", key, raw, dict(fields))
    type_ = fields.pop("csltype", "")
    listed = fields.pop(_LISTED, "")
    authors = parse_names(fields.pop("author", "")) or _people(listed)
    return to_paper(Record(key=key, type=type_, authors=authors, fields=fields), source)


def _zotero_paper(cells: dict[str, str], raw: str) -> NewPaper:
    cells = {name: kept for name, text in cells.items() if (kept := text.strip())}
    record = zotero.record(cells)
    return to_paper(record, Source("csv", record.key, raw, cells))
