"""BibTeX files as papers: lossless, and one broken entry does not cost the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diffkit_papers.errors import BadData
from diffkit_papers.identifiers import ArxivId, find_arxiv, parse_arxiv, parse_doi
from diffkit_papers.latex import to_text
from diffkit_papers.records import Author, NewPaper, Source

if TYPE_CHECKING:
    from bibtexparser.library import Library
    from bibtexparser.model import Entry

# The macros that every BibTeX style defines.
_MONTHS = {
    name[:3].lower(): name
    for name in (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    )
}
_VENUES = ("journal", "journaltitle", "booktitle", "school", "institution", "publisher", "howpublished")
_PLACES_OF_ARXIV_IDS = ("url", "journal", "volume", "note", "howpublished", "pages")
_INHERITED = ("year", "date", "booktitle", "publisher", "editor")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


@dataclass(frozen=True)
class Problem:
    """Something in the file that the reader should know of, and the line where its entry begins."""

    line: int
    message: str


@dataclass
class Import:
    """What a file held: papers with the lines of their entries, lost entries, and oddities in the others."""

    papers: list[tuple[int, NewPaper]] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadData(
            f"line {line} is not UTF-8 text (byte 0x{data[error.start]:02x})",
            fix="convert it, for example with: iconv -f latin1 -t utf-8",
        ) from error


def parse_bibtex(text: str) -> Import:
    """Every entry of BibTeX text as a paper, with the entry kept word for word."""
    from bibtexparser.model import (
        DuplicateBlockKeyBlock,
        DuplicateFieldKeyBlock,
        Entry,
        ParsingFailedBlock,
        String,
    )

    found = Import()
    macros: dict[str, str] = dict(_MONTHS)
    entries: list[tuple[int, Entry, dict[str, str]]] = []
    for block in _split(text).blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock) and block.ignore_error_block:
            block = block.ignore_error_block
        if isinstance(block, String):
            macros[block.key.lower()] = _value(block.value, macros, line, found)
        elif isinstance(block, Entry):
            entries.append((line, block, _fields(block, macros, line, found)))
        elif isinstance(block, ParsingFailedBlock):
            found.broken.append(Problem(line, f"broken entry: {_why(block)}"))
    parents = {entry.key.lower(): fields for _, entry, fields in entries if entry.key}
    for line, entry, fields in entries:
        parent = parents.get(fields.get("crossref", "").lower(), {})
        source = Source("bibtex", entry.key, entry.raw or "", fields)
        try:
            found.papers.append((line, _paper(source, parent)))
        except BadData as error:
            found.broken.append(Problem(line, f"{entry.key or 'entry without a key'}: {error.message}"))
    return found


def parse_authors(text: str) -> tuple[Author, ...]:
    """Names in BibTeX's ways, `Ashish Vaswani and van der Maaten, Laurens`, in the parts that BibTeX sees."""
    from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names

    authors = []
    for name in split_multiple_persons_names(" ".join(text.split())):
        parts = parse_single_name_into_parts(name, strict=False)
        family, given, suffix = (
            to_text(" ".join(words)) for words in (parts.von + parts.last, parts.first, parts.jr)
        )
        if family or given:
            authors.append(Author(family or given, given if family else "", suffix))
    return tuple(authors)


def _split(text: str) -> Library:
    import logging

    from bibtexparser.splitter import Splitter

    # What it would log is reported by us, with the line.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL + 1)
    try:
        return Splitter(text).split()
    except Exception as error:  # by its own documentation the splitter lets its unforeseen cases escape
        raise BadData(
            f"cannot be read as BibTeX ({error})", fix="check the braces and quotes of the file"
        ) from error


def _why(block: object) -> str:
    reason = getattr(getattr(block, "error", None), "abort_reason", "") or "it does not end"
    return " ".join(str(reason).split()).rstrip(".")


def _fields(entry: Entry, macros: Mapping[str, str], line: int, found: Import) -> dict[str, str]:
    """The fields with lower-case names; of a repeated field the first counts, as in BibTeX."""
    fields: dict[str, str] = {}
    for item in entry.fields:
        name = item.key.lower()
        if name in fields:
            found.warnings.append(
                Problem(line, f"{entry.key}: the field {name} is repeated; the first one counts")
            )
        else:
            fields[name] = _value(str(item.value), macros, line, found)
    return fields


_JOIN = re.compile(r"\s*#")
_PIECE = re.compile(r'\s*(?:(?P<open>["{])|(?P<word>[^\s#"{},]+))')


def _value(text: str, macros: Mapping[str, str], line: int, found: Import) -> str:
    """A field's value: `{...}`, `"..."`, a number or a macro, or several of them joined by `#`."""
    pieces = []
    position = 0
    while match := _PIECE.match(text, position):
        if match["open"]:
            end = _closing(text, match.end(), '"' if match["open"] == '"' else "}")
            pieces.append(text[match.end() : end])
            position = end + 1
        else:
            word = match["word"]
            if word.lower() in macros:
                word = macros[word.lower()]
            elif not word.isdigit():
                found.warnings.append(Problem(line, f"no @string defines {word}; it is kept as it stands"))
            pieces.append(word)
            position = match.end()
        following = _JOIN.match(text, position)
        if not following:
            break
        position = following.end()
    return "".join(pieces) if not text[position:].strip() else text


def _closing(text: str, position: int, closing: str) -> int:
    """Where the value that began before `position` ends; braces nest, and `\\{` is a character."""
    depth = 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == closing and depth == 0:
            return position
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        position += 1
    return len(text)


def _paper(source: Source, parent: Mapping[str, str]) -> NewPaper:
    inherited = {name: parent[name] for name in _INHERITED if name in parent}
    if "title" in parent:
        inherited.setdefault("booktitle", parent["title"])
    fields = inherited | dict(source.fields)
    title = to_text(fields.get("title", ""))
    doi = parse_doi(to_text(fields.get("doi", ""))) or parse_doi(fields.get("url", "")) or ""
    arxiv = _arxiv(fields)
    if not (title or doi or arxiv):
        raise BadData("the entry has no title, DOI or arXiv id")
    year = _YEAR.search(fields.get("year", "")) or _YEAR.search(fields.get("date", ""))
    return NewPaper(
        title=title,
        authors=parse_authors(fields.get("author") or fields.get("editor", "")),
        year=int(year[1]) if year else None,
        venue=_first(to_text(fields.get(name, "")) for name in _VENUES),
        doi="" if doi.startswith("10.48550/arxiv.") else doi,
        arxiv=arxiv,
        url=_address(fields.get("url", "")),
        source=source,
    )


def _arxiv(fields: Mapping[str, str]) -> ArxivId | None:
    archive = (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").lower()
    candidates = [parse_arxiv(fields.get("eprint", "")) if archive == "arxiv" else None]
    candidates.append(parse_arxiv(fields.get("doi", "")))
    candidates.append(parse_arxiv(_address(fields.get("url", ""))))
    candidates.extend(find_arxiv(fields.get(name, "")) for name in _PLACES_OF_ARXIV_IDS)
    return next((candidate for candidate in candidates if candidate), None)


def _address(url: str) -> str:
    r"""An address as it is typed: `\url{...}` around it and backslashes before `_ % & #` are LaTeX's."""
    url = re.sub(r"^\\url\{(.*)\}$", r"\1", url.strip())
    return re.sub(r"\\([_%&#~])", r"\1", url)


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
