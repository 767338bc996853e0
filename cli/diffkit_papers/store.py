"""The reading log as functions on a database. Each write is one transaction; all return plain records."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from diffkit_papers import keys
from diffkit_papers.errors import BadData, DatabaseProblem, NotFound
from diffkit_papers.identifiers import ArxivId, parse_arxiv, parse_doi
from diffkit_papers.passes import Pass, Verdict, check_answers, check_gate, open_pass
from diffkit_papers.records import Added, Author, NewPaper, Outcome, Paper, Source
from diffkit_papers.schema import transaction

if TYPE_CHECKING:
    from sqlite_utils import Database

SAME_TITLE = "the same title and first author"

Row = Mapping[str, Any]


def add(db: Database, papers: Sequence[NewPaper]) -> list[Added]:
    """Add papers in one transaction: all are in the database when this returns, or none.

    A paper that the log already has is not added again: see `Outcome`.
    """
    papers = [_checked(paper) for paper in papers]
    with transaction(db):
        return [_add(db, paper) for paper in papers]


def find(db: Database, name: str) -> Paper:
    """The paper with this key, or with this arXiv id, DOI or citation key of the file it came from."""
    found = _rows(db, "key = ?", [name])
    if not found and (arxiv := parse_arxiv(name)):
        found = _rows(db, "arxiv = ?", [arxiv.id])
    if not found and (doi := parse_doi(name)):
        found = _rows(db, "doi = ?", [doi])
    if not found:
        found = _rows(db, "id IN (SELECT paper_id FROM sources WHERE citation_key = ?)", [name])
    if len(found) > 1:
        known = ", ".join(row["key"] for row in found)
        raise BadData(
            f"{name!r} was the citation key of several papers", fix=f"give one of their keys: {known}"
        )
    if not found:
        raise NotFound(f"no paper {name!r}", fix="see the keys with: diffkit paper list")
    return _papers(db, found, with_sources=True)[0]


def all_papers(db: Database) -> list[Paper]:
    """Every paper, in the order they were added, without sources."""
    return _papers(db, _rows(db, "1", []))


def record(
    db: Database,
    name: str,
    number: int,
    answers: Mapping[str, str],
    minutes: float | None = None,
    verdict: Verdict | None = None,
) -> Pass:
    """Add answers, minutes and a verdict to the open reading of pass `number`; begin one if none is open.

    Raises `GateClosed` when the passes before do not allow it. Rows are only added, so a repeated answer
    stands beside the earlier one, and the later counts.
    """
    with transaction(db):
        paper = find(db, name)
        check_gate(paper.passes, number, paper.key)
        check_answers(number, answers)
        if minutes is not None and not (isfinite(minutes) and minutes >= 0):
            raise BadData(f"{minutes} minutes cannot be", fix="give a number from 0")
        now = _now()
        current = open_pass(paper.passes, number)
        pass_id = (
            current.begun
            if current
            else _insert(db, "passes", {"paper_id": paper.id, "number": number, "started_at": now})
        )
        for question, answer in answers.items():
            given = {"question": question, "answer": _text(answer, "the answer"), "answered_at": now}
            _insert(db, "answers", {"pass_id": pass_id} | given)
        if minutes is not None or verdict is not None:
            sitting = {"minutes": minutes, "verdict": verdict and verdict.value, "ended_at": now}
            _insert(db, "sittings", {"pass_id": pass_id} | sitting)
        return next(done for done in find(db, name).passes if done.begun == pass_id)


def tag(db: Database, name: str, tags: Iterable[str]) -> Paper:
    """Give a paper tags; those it has stay."""
    with transaction(db):
        paper = find(db, name)
        _insert_tags(db, paper.id, tags)
        return find(db, name)


def untag(db: Database, name: str, tags: Iterable[str]) -> Paper:
    """Take tags from a paper; raises `NotFound` for one that it does not have."""
    with transaction(db):
        paper = find(db, name)
        for unwanted in map(_tag, tags):
            if unwanted not in paper.tags:
                own = ", ".join(paper.tags) or "none"
                raise NotFound(f"{paper.key} has no tag {unwanted!r}", fix=f"its tags: {own}")
            db.execute("DELETE FROM tags WHERE paper_id = ? AND tag = ?", [paper.id, unwanted])
        return find(db, name)


def _add(db: Database, paper: NewPaper) -> Added:
    fingerprint = keys.fingerprint(paper)
    known, reason = _known(db, paper, fingerprint)
    if known is not None:
        title = known["title"] or paper.title
        if known["title"] or not paper.title:
            return Added(known["key"], Outcome.DUPLICATE, reason, title)
        _complete(db, known, paper)
        return Added(known["key"], Outcome.COMPLETED, reason, title)
    key = keys.checked_key(paper.key) if paper.key else _free_key(db, keys.key_for(paper))
    if paper.key and _rows(db, "key = ?", [key]):
        raise BadData(f"the key {key!r} belongs to another paper", fix="give another --key, or none")
    row = _row_of(paper) | {"key": key, "fingerprint": fingerprint, "added_at": _now()}
    paper_id = _insert(db, "papers", row)
    _insert_details(db, paper_id, paper)
    return Added(key, Outcome.ADDED, title=paper.title)


def _known(db: Database, paper: NewPaper, fingerprint: str | None) -> tuple[Row | None, str]:
    """The row of the same work and how it was recognised: by an id first, then by title and first author."""
    tests = (
        ("arxiv", paper.arxiv.id if paper.arxiv else None, f"the same arXiv id, {paper.arxiv}"),
        ("doi", paper.doi or None, f"the same DOI, {paper.doi}"),
        ("fingerprint", fingerprint, SAME_TITLE),
    )
    for column, value, reason in tests:
        if value is not None and (found := _rows(db, f"{column} = ?", [value])):
            return found[0], reason
    return None, ""


def _complete(db: Database, known: Row, paper: NewPaper) -> None:
    """Fill what is empty in a paper that so far was only an identifier."""
    empty = {column for column, value in known.items() if value in (None, "", "[]")}
    new = {column: value for column, value in _row_of(paper).items() if column in empty and value}
    for column in ("doi", "arxiv"):
        if column in new and _rows(db, f"{column} = ?", [new[column]]):
            del new[column]  # it is the id of a further paper of the log, which keeps it
    if "arxiv" not in new and paper.arxiv and paper.arxiv.id != known["arxiv"]:
        new.pop("arxiv_version", None)
    db.table("papers").update(known["id"], new | {"fingerprint": keys.fingerprint(paper)})
    _insert_details(db, known["id"], paper)


def _checked(paper: NewPaper) -> NewPaper:
    """The paper in NFC, without characters that are not text."""
    if not (paper.title or paper.doi or paper.arxiv):
        raise BadData(
            "a paper needs a title, a DOI or an arXiv id", fix="give --title, or an id as the argument"
        )
    if paper.year is not None and not 1000 <= paper.year <= 9999:
        raise BadData(f"{paper.year} is not a year of publication", fix="give four digits, such as 2017")
    return replace(
        paper,
        title=_text(paper.title, "the title"),
        authors=tuple(
            Author(*(_text(part, "an author") for part in (author.family, author.given, author.suffix)))
            for author in paper.authors
        ),
        venue=_text(paper.venue, "the venue"),
        url=_text(paper.url, "the address"),
        doi=_text(paper.doi, "the DOI"),
    )


def _text(text: str, what: str) -> str:
    try:
        return unicodedata.normalize("NFC", text.encode().decode())
    except UnicodeEncodeError as error:
        raise BadData(
            f"{what} has bytes that are not UTF-8", fix="use a terminal or file in UTF-8"
        ) from error


def _tag(tag: str) -> str:
    cleaned = " ".join(_text(tag, "a tag").split())
    if not cleaned:
        raise BadData("a tag cannot be empty", fix="give a word, such as to-cite")
    return cleaned


def _row_of(paper: NewPaper) -> dict[str, Any]:
    return {
        "title": paper.title,
        "authors": _json([vars(author) for author in paper.authors]),
        "year": paper.year,
        "venue": paper.venue,
        "doi": paper.doi or None,
        "arxiv": paper.arxiv.id if paper.arxiv else None,
        "arxiv_version": paper.arxiv.version if paper.arxiv else None,
        "url": paper.url,
    }


def _insert(db: Database, table: str, row: Mapping[str, Any]) -> int:
    return int(db.table(table).insert(dict(row)).last_rowid or 0)


def _insert_details(db: Database, paper_id: int, paper: NewPaper) -> None:
    _insert_tags(db, paper_id, paper.tags)
    if paper.source:
        source = {name: _json(v) if name == "fields" else v for name, v in vars(paper.source).items()}
        _insert(db, "sources", {"paper_id": paper_id} | source)


def _insert_tags(db: Database, paper_id: int, tags: Iterable[str]) -> None:
    for name in map(_tag, tags):
        db.execute("INSERT OR IGNORE INTO tags (paper_id, tag) VALUES (?, ?)", [paper_id, name])


def _free_key(db: Database, key: str) -> str:
    return next(name for name in keys.with_suffixes(key) if not _rows(db, "key = ?", [name]))


def _rows(db: Database, where: str, values: Sequence[object]) -> list[Row]:
    return list(db.query(f"SELECT * FROM papers WHERE {where} ORDER BY id", values))


def _papers(db: Database, rows: Sequence[Row], with_sources: bool = False) -> list[Paper]:
    """Papers with what belongs to them: one query a table, for one paper as for all."""
    only = "" if len(rows) != 1 else f"WHERE paper_id = {int(rows[0]['id'])}"
    tags = _grouped(db.query(f"SELECT * FROM tags {only} ORDER BY tag"), "paper_id")
    sources = _grouped(
        db.query(f"SELECT * FROM sources {only} ORDER BY id") if with_sources else (), "paper_id"
    )
    passes = _grouped(db.query(f"SELECT * FROM passes {only} ORDER BY id"), "paper_id")
    these = f"WHERE pass_id IN (SELECT id FROM passes {only})" if only else ""
    answers = _grouped(db.query(f"SELECT * FROM answers {these} ORDER BY id"), "pass_id")
    sittings = _grouped(db.query(f"SELECT * FROM sittings {these} ORDER BY id"), "pass_id")
    try:
        return [
            Paper(
                id=row["id"],
                key=row["key"],
                title=row["title"],
                authors=tuple(Author(**author) for author in json.loads(row["authors"])),
                year=row["year"],
                venue=row["venue"],
                doi=row["doi"] or "",
                arxiv=ArxivId(row["arxiv"], row["arxiv_version"]) if row["arxiv"] else None,
                url=row["url"],
                added_at=row["added_at"],
                tags=tuple(found["tag"] for found in tags[row["id"]]),
                passes=tuple(
                    _pass(done, answers[done["id"]], sittings[done["id"]]) for done in passes[row["id"]]
                ),
                sources=tuple(_source(found) for found in sources[row["id"]]),
            )
            for row in rows
        ]
    except (ValueError, TypeError) as error:
        raise DatabaseProblem(
            f"the database holds what diffkit never wrote ({error})", fix="put back a copy"
        ) from error


def _pass(row: Row, answers: Sequence[Row], sittings: Sequence[Row]) -> Pass:
    end = next((sitting for sitting in sittings if sitting["verdict"]), None)
    minutes = [sitting["minutes"] for sitting in sittings if sitting["minutes"] is not None]
    return Pass(
        number=row["number"],
        begun=row["id"],
        started_at=row["started_at"],
        verdict=Verdict(end["verdict"]) if end else None,
        ended=end["id"] if end else None,
        ended_at=end["ended_at"] if end else None,
        minutes=sum(minutes) if minutes else None,
        answers={answer["question"]: answer["answer"] for answer in answers},
    )


def _source(row: Row) -> Source:
    return Source(row["format"], row["citation_key"], row["raw"], json.loads(row["fields"]))


def _grouped(rows: Iterable[Row], column: str) -> defaultdict[int, list[Row]]:
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
