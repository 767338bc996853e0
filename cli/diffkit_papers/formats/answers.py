"""What arXiv and doi.org answer: an Atom feed, and CSL-JSON with Crossref's own words in it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from diffkit_papers.errors import BadData
from diffkit_papers.formats.csl import KNOWN_VARIABLES, record_of
from diffkit_papers.formats.names import parse_names
from diffkit_papers.formats.parsed import without_markup
from diffkit_papers.formats.record import Record, to_paper
from diffkit_papers.identifiers import parse_arxiv
from diffkit_papers.latex import from_text
from diffkit_papers.records import NewPaper, Source

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_LATER = "try again later"
# The kinds of works of Crossref's own API, which some agencies send instead of CSL's.
_CROSSREF_TYPES = {
    "journal-article": "article-journal",
    "proceedings-article": "paper-conference",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "posted-content": "article",
    "dissertation": "thesis",
    "peer-review": "review",
}


def read_arxiv(text: str) -> dict[str, NewPaper]:
    """The papers of an Atom feed by arXiv id, without version."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadData("arXiv sent a document type, which its feeds never have", fix=_LATER)
    try:
        feed = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise BadData(f"arXiv sent what is no feed ({error})", fix=_LATER) from error
    found = {}
    for entry in feed.iter(f"{_ATOM}entry"):
        arxiv = parse_arxiv(_said(entry, f"{_ATOM}id"))
        if arxiv and (title := _said(entry, f"{_ATOM}title")):
            found[arxiv.id] = _paper(entry, title)
        elif "/api/errors" in _said(entry, f"{_ATOM}id"):
            raise BadData(f"arXiv answered: {_said(entry, f'{_ATOM}summary')}", fix="check the id")
    return found


def read_csl(text: str) -> NewPaper:
    """The paper of one CSL item."""
    try:
        item = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadData("doi.org sent what is no JSON", fix=_LATER) from error
    if not isinstance(item, dict):
        raise BadData("doi.org sent no paper", fix=_LATER)
    known = {name: value for name, value in item.items() if name in KNOWN_VARIABLES}
    kind = known.get("type", "")
    if isinstance(kind, str):
        known["type"] = _CROSSREF_TYPES.get(kind, kind)
    for name in ("title", "container-title", "abstract"):
        if isinstance(known.get(name), str):
            known[name] = _plain(known[name])
    record = record_of(known)
    record.fields.pop("csl-type", None)
    try:
        return to_paper(record, Source("csl", "", text, dict(record.fields)))
    except BadData as error:
        raise BadData(f"doi.org sent a paper without a name ({error.message})", fix=_LATER) from error


def _paper(entry: ElementTree.Element, title: str) -> NewPaper:
    names = (_said(author, f"{_ATOM}name") for author in entry.iter(f"{_ATOM}author"))
    category = entry.find(f"{_ARXIV}primary_category")
    notes = [_said(entry, f"{_ARXIV}journal_ref"), _said(entry, f"{_ARXIV}comment")]
    fields = {
        "title": title,
        "abstract": _said(entry, f"{_ATOM}summary"),
        "date": _said(entry, f"{_ATOM}published")[:10],
        "eprint": _said(entry, f"{_ATOM}id"),
        "eprinttype": "arxiv",
        "eprintclass": category.get("term", "") if category is not None else "",
        "doi": _said(entry, f"{_ARXIV}doi"),
        "note": "; ".join(note for note in notes if note),
    }
    authors = parse_names(" and ".join(from_text(name) for name in names if name))
    raw = ElementTree.tostring(entry, encoding="unicode")
    record = Record(
        type="article", authors=authors, fields={name: text for name, text in fields.items() if text}
    )
    return to_paper(record, Source("arxiv", "", raw, dict(record.fields)))


def _said(element: ElementTree.Element, name: str) -> str:
    return " ".join((element.findtext(name) or "").split())


def _plain(text: str) -> str:
    """Without the JATS and HTML that publishers leave in titles and abstracts."""
    return without_markup(text, " " if "<jats:p" in text else "")
