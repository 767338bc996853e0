"""Papers out of the log, in a format that other programs read."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from diffkit_papers import finding, store
from diffkit_papers.errors import BadData
from diffkit_papers.formats import FORMATS
from diffkit_papers.records import Paper
from diffkit_papers.values import replace

Document = dict[str, Any]

EXPORTS = tuple(name for name, form in FORMATS.items() if form.writer)
_OWN = "json"  # the format that holds everything
_ASCII = ("bibtex", "biblatex")
# What a citation key must not hold in BibTeX.
_UNSAFE = re.compile(r"[\s,{}\"#%\\~'()=@]|[^ -~]")


def export(
    db: sqlite3.Connection,
    query: str = "",
    *,
    format: str = "bibtex",
    source_keys: bool = False,
    ascii_only: bool = False,
) -> Document:
    """The papers that match a query as text, sorted by key: the same papers give the same bytes."""
    papers = selected(db, query, format)
    return {"format": format, "count": len(papers), "text": text_of(papers, format, source_keys, ascii_only)}


def cite(
    db: sqlite3.Connection, names: Iterable[str], *, format: str = "bibtex", ascii_only: bool = False
) -> Document:
    """The entries of some papers as text, in the order in which they are named."""
    papers = _whole(db, [store.find(db, name) for name in names], format)
    return {
        "format": format,
        "keys": [paper.key for paper in papers],
        "text": text_of(papers, format, False, ascii_only),
    }


def selected(db: sqlite3.Connection, query: str = "", format: str = "bibtex") -> list[Paper]:
    """The papers that match a query with all of them that a format holds, sorted by key."""
    found = finding.select(db, query)
    papers = store.papers_by_id(db, [paper.id for paper in found.papers], details=True)
    papers = _whole(db, papers, format)
    return sorted(papers, key=lambda paper: (paper.key.lower(), paper.key))


def text_of(papers: Sequence[Paper], format: str, source_keys: bool = False, ascii_only: bool = False) -> str:
    """The papers in a format; with `source_keys` under the keys of the files they came from."""
    if source_keys:
        if format == _OWN:
            raise BadData("the log's own JSON has the keys of the log", fix="leave out --source-keys")
        papers = _with_source_keys(papers)
    write = FORMATS[format].write
    if ascii_only:
        if format not in _ASCII:
            raise BadData(f"{format} is always UTF-8", fix=f"--ascii goes with {' and '.join(_ASCII)}")
        return write(papers, ascii_only=True)
    return write(papers)


def notes(papers: Sequence[Paper]) -> dict[str, str]:
    """Name of a file -> the Markdown note of a paper."""
    from diffkit_papers.formats.markdown import note

    return {f"{_file_name(paper.key)}.md": note(paper) for paper in papers}


def _whole(db: sqlite3.Connection, papers: Sequence[Paper], format: str) -> list[Paper]:
    """The papers, with their lives for the format that holds them."""
    if format != _OWN:
        return list(papers)
    from diffkit_papers.life import load

    lives = load(db, [paper.id for paper in papers])
    return [replace(paper, life=lives[paper.id]) for paper in papers]


def _file_name(key: str) -> str:
    """The key as a name that every system takes; what it does not take is written as its number."""
    return re.sub(r"[^A-Za-z0-9._+-]", lambda match: f"%{ord(match[0]):02x}", key)


def _with_source_keys(papers: Sequence[Paper]) -> list[Paper]:
    """A key that several papers came with, or that cannot be written, gives way to that of the log."""
    wanted = {
        paper.id: next((s.citation_key for s in paper.sources if s.citation_key), paper.key)
        for paper in papers
    }
    taken = Counter(key.lower() for key in wanted.values()) + Counter(paper.key.lower() for paper in papers)
    result = []
    for paper in papers:
        key = wanted[paper.id]
        others = taken[key.lower()] - 1 - (key.lower() == paper.key.lower())
        result.append(paper if _UNSAFE.search(key) or others else replace(paper, key=key))
    return result
