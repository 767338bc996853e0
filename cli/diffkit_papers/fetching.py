"""What arXiv, Crossref and DataCite know of a paper; asked only when the reader says so.

arXiv is asked through its API, every other publisher through doi.org, which sends CSL-JSON of the agency that
registered the DOI. Answers are kept for a month; requests keep their distance from each other.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diffkit_papers import store
from diffkit_papers.errors import BadData, NotFound, PaperError
from diffkit_papers.formats.answers import read_arxiv, read_csl
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.records import NewPaper, Paper
from diffkit_papers.values import replace
from diffkit_papers.web import Web

Document = dict[str, Any]

_BATCH = 50  # ids in one question to arXiv
_CSL = "application/vnd.citationstyles.csl+json"


def _default_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("diffkit", appauthor=False) / "fetch"


def _distance() -> float:
    given = os.environ.get("DIFFKIT_FETCH_DISTANCE", "3")
    try:
        return max(0.0, min(600.0, float(given)))
    except ValueError as error:
        fix = "give seconds, such as 3"
        raise BadData(f"DIFFKIT_FETCH_DISTANCE is {given!r}, which is no number", fix=fix) from error


@dataclass(frozen=True)
class Sources:
    """Whom to ask. `DIFFKIT_ARXIV` and `DIFFKIT_DOI` name other addresses, such as a mirror."""

    arxiv: str = field(
        default_factory=lambda: os.environ.get("DIFFKIT_ARXIV", "https://export.arxiv.org/api/query")
    )
    doi: str = field(default_factory=lambda: os.environ.get("DIFFKIT_DOI", "https://doi.org"))
    cache: Path = field(default_factory=_default_cache)
    # Seconds between two requests; arXiv asks for three.
    distance: float = field(default_factory=_distance)


def fetch_paper(arxiv: ArxivId | None, doi: str, sources: Sources) -> NewPaper:
    """The paper with this arXiv id or DOI."""
    with Web(sources.cache, sources.distance) as web:
        return _by_arxiv(web, sources, [arxiv])[arxiv.id] if arxiv else _by_doi(web, sources, doi)


def fetch(
    db: sqlite3.Connection,
    names: Iterable[str] = (),
    sources: Sources | None = None,
    advance: Callable[[int], None] = lambda steps: None,
) -> Document:
    """Fill in what is not known of some papers, or of all that have an id and no title.

    What cannot be had is told under `failed`; what was had is in the log.
    """
    sources = sources or Sources()
    papers = [store.find(db, name) for name in names] or [
        one for one in store.all_papers(db) if not one.title
    ]
    without = [one.key for one in papers if not (one.arxiv or one.doi)]
    if without:
        fix = "add an id to it: diffkit paper add ID --title ..."
        raise BadData(f"{without[0]} has neither a DOI nor an arXiv id to ask for", fix=fix)
    done: list[Document] = []
    failed: list[Document] = []
    with Web(sources.cache, sources.distance) as web:
        for group, ask in _questions(web, sources, papers):
            try:
                added = store.add(db, ask())
                done += [vars(one) | {"outcome": one.outcome.value} for one in added]
            except PaperError as error:
                failed += [{"key": one.key, "message": error.message, "fix": error.fix} for one in group]
            advance(len(group))
    return {"papers": done, "failed": failed}


def _questions(
    web: Web, sources: Sources, papers: Sequence[Paper]
) -> Iterable[tuple[Sequence[Paper], Callable[[], list[NewPaper]]]]:
    """Papers with the question that answers for them: many arXiv ids in one, each DOI in its own."""
    with_arxiv = [one for one in papers if one.arxiv]
    for start in range(0, len(with_arxiv), _BATCH):
        group = with_arxiv[start : start + _BATCH]
        ids = [one.arxiv for one in group if one.arxiv]
        yield group, lambda ids=ids: list(_by_arxiv(web, sources, ids).values())  # type: ignore[misc]
    for one in papers:
        if not one.arxiv:
            yield [one], lambda doi=one.doi: [_by_doi(web, sources, doi)]  # type: ignore[misc]


def _by_arxiv(web: Web, sources: Sources, ids: Sequence[ArxivId]) -> dict[str, NewPaper]:
    wanted = [f"{one.id}v{one.version}" if one.version else one.id for one in ids]
    answer = web.get(sources.arxiv, {"id_list": ",".join(wanted), "max_results": str(len(wanted))})
    found = read_arxiv(answer)
    missing = [one.id for one in ids if one.id not in found]
    if missing:
        raise NotFound(f"arXiv has no paper {missing[0]}", fix="check the id")
    return found


def _by_doi(web: Web, sources: Sources, doi: str) -> NewPaper:
    try:
        answer = web.get(f"{sources.doi}/{quote(doi, safe='/')}", {}, accept=_CSL)
    except NotFound as error:
        raise NotFound(f"{error.message} (DOI {doi})", fix=error.fix) from error
    return replace(read_csl(answer), doi=doi)
