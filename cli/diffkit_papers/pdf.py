"""What a PDF says of itself: title, DOI and arXiv id, from its metadata and its first page."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffkit_papers.errors import BadData
from diffkit_papers.formats.parsed import clean
from diffkit_papers.formats.record import Record, to_paper
from diffkit_papers.identifiers import ArxivId, find_arxiv, find_doi, parse_arxiv
from diffkit_papers.records import NewPaper, Source

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

# Titles that programs put in when nobody gave one.
_NO_TITLE = re.compile(
    r"(?i)(untitled|microsoft word|powerpoint|title|paper|main|manuscript|arxiv"
    r"|\S+\.(dvi|tex|docx?|pdf|ps|indd))\b.*"
)
_SHORTEST_TITLE = 8


def read_pdf(path: Path) -> NewPaper:
    """The paper that a PDF is, as far as it tells; raises `BadData` when it tells nothing."""
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)  # what it would log is reported by us
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadData("the PDF is encrypted", fix="save it without a password")
        fields = _fields(reader, path)
    except (OSError, BadData):
        raise
    except Exception as error:  # a damaged file makes the library fail anywhere
        reason = " ".join(str(error).split())[:80] or type(error).__name__
        raise BadData(
            f"it cannot be read as PDF ({reason})", fix="open it, or describe it with --title"
        ) from error
    source = Source("pdf", path.name, "", dict(fields))
    try:
        return to_paper(Record(fields=fields), source)
    except BadData as error:
        fix = "say what it is: diffkit paper add FILE.pdf --title ..."
        raise BadData("the PDF names no title, DOI or arXiv id", fix=fix) from error


def _fields(reader: PdfReader, path: Path) -> dict[str, str]:
    metadata = {str(name): str(value) for name, value in (reader.metadata or {}).items()}
    xmp = _xmp(reader)
    page = reader.pages[0] if len(reader.pages) else None
    text = page.extract_text() if page else ""
    said = " ".join([*metadata.values(), xmp])
    arxiv = parse_arxiv(path.stem) or find_arxiv(said) or find_arxiv(text)
    doi = find_doi(said) or find_doi(text)
    title = _given_title(metadata) or (_largest_text(page) if page else "")
    return {name: value for name, value in _named(title, doi, arxiv).items() if value}


def _named(title: str, doi: str | None, arxiv: ArxivId | None) -> dict[str, str]:
    return {"title": title, "doi": doi or "", "arxiv": str(arxiv).removeprefix("arXiv:") if arxiv else ""}


def _xmp(reader: PdfReader) -> str:
    """The metadata stream as text: identifiers are found in it wherever they stand."""
    try:
        stream = reader.root_object["/Metadata"].get_object()
        return str(stream.get_data().decode("utf-8", "replace"))  # type: ignore[union-attr]
    except Exception:  # it is absent or damaged, and only one of several places to look in
        return ""


def _given_title(metadata: dict[str, str]) -> str:
    title = _cleaned(metadata.get("/Title", ""))
    return "" if len(title) < _SHORTEST_TITLE or _NO_TITLE.fullmatch(title) else title


def _largest_text(page: PageObject) -> str:
    """The words in the largest letters of a page; what is turned, as arXiv's stamp, is left out."""
    pieces: defaultdict[float, list[str]] = defaultdict(list)

    def visit(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        if text.strip() and abs(tm[1] * cm[0] + tm[3] * cm[1]) < 1e-3:
            pieces[round(abs(size * (tm[3] or 1) * (cm[3] or 1)), 1)].append(text)

    page.extract_text(visitor_text=visit)
    for size in sorted(pieces, reverse=True):
        title = _cleaned("".join(pieces[size]))
        if len(title) >= _SHORTEST_TITLE and sum(map(str.isalpha, title)) > len(title) / 2:
            return title if len(title) <= 300 else ""
    return ""


def _cleaned(text: str) -> str:
    """The text without what cannot be a character; PDFs may map glyphs to anything."""
    return clean("".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF))
