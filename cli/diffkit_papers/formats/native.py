"""JSON with everything that the log knows: a list with one paper on each line.

It is read as a whole or not at all: what happened to a paper is not to be taken over by halves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from diffkit_papers.errors import BadData
from diffkit_papers.formats.json_items import items
from diffkit_papers.formats.parsed import Import
from diffkit_papers.identifiers import ArxivId, parse_arxiv, parse_doi
from diffkit_papers.keys import is_key
from diffkit_papers.life import Life, Row
from diffkit_papers.passes import QUESTIONS
from diffkit_papers.records import Author, NewPaper, Paper

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00")
_TIMES = (
    "added_at",
    "answered_at",
    "created_at",
    "due",
    "ended_at",
    "last_review",
    "reopened_at",
    "reviewed_at",
    "started_at",
)


class _Author(Row, frozen=True, kw_only=True):
    family: str = ""
    given: str = ""
    suffix: str = ""


class _Arxiv(Row, frozen=True, kw_only=True):
    id: str
    version: Annotated[int, Meta(ge=1, le=10**6)] | None = None


class _Document(Life, frozen=True, kw_only=True):
    """A paper as it is written; `state` follows from the passes and is for readers only."""

    key: str
    type: str = ""
    title: str = ""
    authors: tuple[_Author, ...] = ()
    year: Annotated[int, Meta(ge=1000, le=9999)] | None = None
    venue: str = ""
    doi: str = ""
    arxiv: _Arxiv | None = None
    url: str = ""
    abstract: str = ""
    tags: tuple[str, ...] = ()
    fields: dict[str, str] = {}  # noqa: RUF012  # msgspec gives each its own
    state: str = ""


class _Fault(Exception):
    """`place` is the path inside the paper, such as `.passes[0].minutes`."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def read(text: str) -> Import:
    """Every paper of a list as `write` gives it. Raises `BadData` for the first thing that is wrong."""
    found = Import()
    seen: dict[tuple[str, str], int] = {}
    number = -1
    for number, (line, _, item) in enumerate(items(text, found)):
        try:
            paper = _paper(item)
            for name, value in (("key", paper.key.lower()), ("doi", paper.doi), ("arxiv", _id(paper))):
                if value and (first := seen.setdefault((name, value), number)) != number:
                    raise _Fault(f".{name}", f"{value!r} is that of [{first}], too")
        except _Fault as fault:
            raise BadData(
                f"line {line}: [{number}]{fault.place}: {fault}", fix="nothing of it was imported"
            ) from None
        found.papers.append((line, paper))
    for problem in found.broken:
        message = f"line {problem.line}: [{number + 1}]: {problem.message}"
        raise BadData(message, fix="nothing of it was imported")
    return found


def write(papers: Sequence[Paper]) -> str:
    """The papers as JSON."""
    return "[\n" + ",\n".join(map(line_of, papers)) + "\n]\n" if papers else "[]\n"


def line_of(paper: Paper) -> str:
    """One paper in a line of JSON."""
    life = paper.life or Life()
    arxiv = paper.arxiv
    document = {
        "key": paper.key,
        "type": paper.type,
        "title": paper.title,
        "authors": [{name: part for name, part in vars(one).items() if part} for one in paper.authors],
        "year": paper.year,
        "venue": paper.venue,
        "doi": paper.doi,
        "arxiv": {"id": arxiv.id, "version": arxiv.version} if arxiv else None,
        "url": paper.url,
        "abstract": paper.abstract,
        "tags": sorted(paper.tags),
        "fields": {name: paper.fields[name] for name in sorted(paper.fields)},
        "state": paper.state.value,
    }
    return json.dumps(document | msgspec.to_builtins(life), ensure_ascii=False)


def _paper(item: Any) -> NewPaper:
    try:
        found = msgspec.convert(item, _Document)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise _Fault(place.removesuffix("`"), message) from None
    for place, name, value in _leaves(item, "", ""):
        _check_leaf(place, name, value)
    _check_names(found)
    _check_positions(found)
    life = Life(**{name: getattr(found, name) for name in Life.__struct_fields__})
    return NewPaper(
        key=found.key,
        type=found.type,
        title=found.title,
        authors=tuple(Author(one.family, one.given, one.suffix) for one in found.authors),
        year=found.year,
        venue=found.venue,
        doi=found.doi,
        arxiv=ArxivId(found.arxiv.id, found.arxiv.version) if found.arxiv else None,
        url=found.url,
        abstract=found.abstract,
        tags=found.tags,
        fields=found.fields,
        life=life,
    )


def _id(paper: NewPaper) -> str:
    return paper.arxiv.id if paper.arxiv else ""


def _leaves(value: Any, place: str, name: str) -> Iterator[tuple[str, str, Any]]:
    """Every text and number with its path and the name it stands under; the names themselves, too."""
    if isinstance(value, dict):
        for inner, one in value.items():
            yield f"{place}.{inner}", "", inner
            yield from _leaves(one, f"{place}.{inner}", inner)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(one, f"{place}[{number}]", name)
    else:
        yield place, name, value


def _check_leaf(place: str, name: str, value: Any) -> None:
    if isinstance(value, float) and value - value != 0:
        raise _Fault(place, f"{value} is no number")
    if not isinstance(value, str):
        return
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise _Fault(place, "a NUL character or half of a surrogate pair is no text")
    if name in _TIMES and value and not _is_time(value):
        raise _Fault(place, f"{value!r} is no time such as 2026-11-27T07:30:00.000000+00:00")


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _check_names(found: _Document) -> None:
    """What has a form of its own: keys, identifiers, tags, the names of questions."""
    if not is_key(found.key):
        raise _Fault(".key", f"{found.key!r} cannot be a key: it takes ASCII letters, digits and . _ : + -")
    if not (found.title or found.doi or found.arxiv):
        raise _Fault("", "a paper needs a title, a DOI or an arXiv id")
    if found.doi and parse_doi(found.doi) != found.doi:
        raise _Fault(".doi", f"{found.doi!r} is not a DOI such as 10.1038/nature14539")
    if found.arxiv and parse_arxiv(found.arxiv.id) != ArxivId(found.arxiv.id):
        raise _Fault(".arxiv.id", f"{found.arxiv.id!r} is not an arXiv id such as 1706.03762")
    for place, tag in enumerate(found.tags):
        if not tag or tag != " ".join(tag.split()):
            raise _Fault(f".tags[{place}]", f"{tag!r} cannot be a tag")
    for place, one in enumerate(found.passes):
        names = [question.name for question in QUESTIONS[one.number]]
        for number, answer in enumerate(one.answers):
            if answer.question not in names:
                message = f"pass {one.number} asks {', '.join(names)}, not {answer.question!r}"
                raise _Fault(f".passes[{place}].answers[{number}].question", message)


def _check_positions(found: _Document) -> None:
    """What one row says of another: there has to be such a row, and only one link or file of a kind."""
    references: list[tuple[str, int | None, str, int]] = []
    for name, rows, part in (
        ("sittings", found.sittings, "reading"),
        ("reopenings", found.reopenings, "after"),
    ):
        places = [getattr(one, part) for one in rows]
        references += [
            (f".{name}[{n}].{part}", at, "passes", len(found.passes)) for n, at in enumerate(places)
        ]
    references += [
        (f".links[{n}].reading", one.reading, "passes", len(found.passes))
        for n, one in enumerate(found.links)
    ]
    references += [
        (f".provenance.{name}", at, "sources", len(found.sources)) for name, at in found.provenance.items()
    ]
    for place, at, of, count in references:
        if at is not None and at >= count:
            raise _Fault(place, f"there is no {of}[{at}]")
    seen = set()
    links = [(f".links[{n}]", (one.kind, one.key.lower())) for n, one in enumerate(found.links)]
    files = [(f".files[{n}]", ("file", one.sha256)) for n, one in enumerate(found.files)]
    for place, row in (*links, *files):
        if row in seen:
            raise _Fault(place, "it stands there twice")
        if row[1] == found.key.lower():
            raise _Fault(place, "a paper cannot refer to itself")
        seen.add(row)
