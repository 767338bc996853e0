"""References between papers: circled ones join the queue, prerequisites are to be read first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from diffkit_papers import store
from diffkit_papers.database import now, transaction
from diffkit_papers.errors import BadData, NotFound
from diffkit_papers.identifiers import parse_arxiv, parse_doi
from diffkit_papers.ordering import READ, cycles
from diffkit_papers.passes import open_pass
from diffkit_papers.records import Link, LinkKind, NewPaper, Paper
from diffkit_papers.values import replace

Document = dict[str, Any]


def circle(
    db: sqlite3.Connection, name: str, references: Sequence[str] = (), titles: Sequence[str] = ()
) -> Document:
    """Circle references of a paper; an arXiv id, a DOI or a title that is new to the log joins it.

    One id and one title are one new paper.
    """
    with transaction(db, f"circle {name}") as action:
        link(db, action, store.find(db, name), references, titles, LinkKind.CIRCLED)
        return links(db, name)


def require(
    db: sqlite3.Connection, name: str, references: Sequence[str] = (), titles: Sequence[str] = ()
) -> Document:
    """Say what has to be read before a paper; see `circle` for what joins the log."""
    with transaction(db, f"require {name}") as action:
        link(db, action, store.find(db, name), references, titles, LinkKind.PREREQUISITE)
        return links(db, name)


def unlink(db: sqlite3.Connection, name: str, others: Iterable[str], kind: LinkKind) -> Document:
    """Take links of one kind from a paper."""
    with transaction(db, f"unlink {name}"):
        paper = store.find(db, name)
        for other in others:
            target = store.find(db, other)
            values = [paper.id, target.id, kind]
            query = "DELETE FROM links WHERE paper_id = ? AND target_id = ? AND kind = ?"
            if not db.execute(query, values).rowcount:
                raise NotFound(f"{paper.key} has no {kind} link to {target.key}")
        return links(db, name)


def links(db: sqlite3.Connection, name: str) -> Document:
    """What a paper circled, what it waits for, and the circles in which that leads back to it."""
    paper = store.find(db, name)
    return {
        "key": paper.key,
        "circled": [_link(link) for link in paper.links if link.kind is LinkKind.CIRCLED],
        "prerequisites": [_link(link) for link in paper.links if link.kind is LinkKind.PREREQUISITE],
        "cycles": [cycle for cycle in cycles(db) if paper.key in cycle],
    }


def link(
    db: sqlite3.Connection,
    action: int,
    paper: Paper,
    references: Sequence[str],
    titles: Sequence[str],
    kind: LinkKind,
) -> None:
    """Link a paper to others, inside the transaction of an action."""
    # what is circled during a pass belongs to it
    reading = [opened for number in (1, 2, 3) if (opened := open_pass(paper.passes, number))]
    wanted = [_wanted(db, text) for text in references]
    named = [NewPaper(title=" ".join(title.split())) for title in titles]
    match wanted, named:
        case [NewPaper() as new], [NewPaper(title=title)]:  # an id, and what it stands for
            wanted, named = [replace(new, title=title)], []
    for one in (*wanted, *named):
        target = _added(db, action, one) if isinstance(one, NewPaper) else one
        if target == paper.id:
            raise BadData(f"{paper.key} cannot refer to itself")
        row = [paper.id, target, kind, reading[-1].begun if reading else None, now()]
        db.execute(
            "INSERT OR IGNORE INTO links (paper_id, target_id, kind, pass_id, created_at) "
            "VALUES (?, ?, ?, ?, ?)",
            row,
        )


def unread(db: sqlite3.Connection, paper: int) -> list[str]:
    """The keys of the prerequisites of a paper that are still to be read."""
    query = (
        "SELECT key FROM links JOIN papers ON papers.id = target_id "
        f"WHERE paper_id = ? AND kind = 'prerequisite' AND NOT {READ} ORDER BY links.id"
    )
    return [row[0] for row in db.execute(query, [paper])]


def freed(db: sqlite3.Connection, paper: int) -> list[str]:
    """The keys of the papers that waited for this one and have nothing left to wait for."""
    query = (
        "SELECT paper_id, key FROM links JOIN papers ON papers.id = paper_id "
        "WHERE target_id = ? AND kind = 'prerequisite' AND state = 'waiting' ORDER BY links.id"
    )
    return [key for waiting, key in db.execute(query, [paper]) if not unread(db, waiting)]


def _wanted(db: sqlite3.Connection, text: str) -> int | NewPaper:
    """The number of the paper that `text` names, or the paper that is to be added for an id."""
    try:
        return store.find(db, text).id
    except NotFound:
        arxiv = parse_arxiv(text)
        doi = "" if arxiv else parse_doi(text) or ""
        if not (arxiv or doi):
            fix = "give a key (diffkit paper list), an arXiv id or a DOI, or what is new with --title"
            raise NotFound(f"no paper {text!r}", fix=fix) from None
        return NewPaper(arxiv=arxiv, doi=doi)


def _added(db: sqlite3.Connection, action: int, paper: NewPaper) -> int:
    return store.find(db, store.put(db, action, [paper])[0].key).id


def _link(link: Link) -> Document:
    return {"key": link.key, "title": link.title, "state": link.state.value}
