"""Papers in the database: adding them, finding one, loading them with what belongs to them.

Each write is one transaction; all functions return plain records.
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from diffkit_papers import keys
from diffkit_papers.batch import Batch, insert_all, key_name, names
from diffkit_papers.database import now, transaction
from diffkit_papers.derived import grouped, index, load_passes, name_text
from diffkit_papers.errors import BadData, DatabaseProblem, NotFound
from diffkit_papers.identifiers import ArxivId, label, parse_arxiv, parse_doi
from diffkit_papers.merging import Merge, contradiction, merge
from diffkit_papers.passes import State
from diffkit_papers.records import (
    MERGED,
    Added,
    Author,
    File,
    Link,
    LinkKind,
    NewPaper,
    Note,
    Outcome,
    Paper,
    Source,
)
from diffkit_papers.values import replace, to_json

SAME_TITLE = "the same title and first author"
# By an identifier that a merged paper had, or a record of it word for word.
_MERGED = f"""
    SELECT papers.* FROM papers JOIN sources ON papers.id = paper_id
    WHERE (citation_key IN (?, ?) AND format = '{MERGED}' OR citation_key = ? AND raw = ?)
        AND EXISTS (SELECT 1 FROM sources WHERE paper_id = papers.id AND format = '{MERGED}')
"""

Row = Mapping[str, Any]
Records = tuple[Mapping[int, list[sqlite3.Row]], Callable[[sqlite3.Row], Any]]


def add(
    db: sqlite3.Connection,
    papers: Sequence[NewPaper],
    *,
    free_keys: bool = False,
    advance: Callable[[int], None] = lambda steps: None,
) -> list[Added]:
    """Add papers in one transaction: all are in the database when this returns, or none.

    A paper that the log already has is not added again: see `Outcome`. With `free_keys` a key that is taken
    or cannot be typed is replaced by one made from the paper; without, it is an error. `advance` is told of
    each paper.
    """
    command = "add 1 paper" if len(papers) == 1 else f"add {len(papers)} papers"
    with transaction(db, command) as action:
        return put(db, action, papers, free_keys, advance)


def put(
    db: sqlite3.Connection,
    action: int,
    papers: Sequence[NewPaper],
    free_keys: bool = False,
    advance: Callable[[int], None] = lambda steps: None,
) -> list[Added]:
    """`add` inside the transaction of an action."""
    added = []
    batch = Batch(db, len(papers))
    for paper in papers:
        added.append(_add(db, batch, checked(paper), free_keys))
        advance(1)
    batch.finish()
    query = (
        "SELECT DISTINCT row_id FROM changes "
        "WHERE action_id = ? AND table_name = 'papers' AND before IS NOT NULL"
    )
    index(db, (row[0] for row in db.execute(query, [action])))
    return added


def find(db: sqlite3.Connection, name: str) -> Paper:
    """The paper with this key, or with this arXiv id, DOI or citation key of the file it came from.

    A paper that was merged into another one is found there by the names it had.
    """
    found = _rows(db, "key = ?", [name])
    arxiv, doi = None if found else parse_arxiv(name), None if found else parse_doi(name)
    if not found and arxiv:
        found = _rows(db, "arxiv = ?", [arxiv.id])
    if not found and doi:
        found = _rows(db, "doi = ?", [doi])
    if not found:
        names = [name, arxiv.id if arxiv else None, doi]
        found = _rows(db, "id IN (SELECT paper_id FROM sources WHERE citation_key IN (?, ?, ?))", names)
    if len(found) > 1:
        known = ", ".join(row["key"] for row in found)
        raise BadData(
            f"{name!r} was the citation key of several papers", fix=f"give one of their keys: {known}"
        )
    if not found:
        raise NotFound(f"no paper {name!r}", fix=_like(db, name))
    return papers_of(db, found, details=True)[0]


def _like(db: sqlite3.Connection, name: str) -> str:
    """What may have been meant by a name that no paper has: keys with it, or that begin as it does."""
    query = """
        SELECT key FROM papers
        WHERE instr(lower(key), :name) OR substr(lower(key), 1, 5) = substr(:name, 1, 5)
        ORDER BY NOT instr(lower(key), :name), id LIMIT 3"""
    found = [row["key"] for row in db.execute(query, {"name": name.lower()})] if len(name) > 2 else []
    return f"did you mean {' or '.join(found)}?" if found else "see the keys with: diffkit paper list"


def all_papers(db: sqlite3.Connection) -> list[Paper]:
    """Every paper, in the order they were added, without sources."""
    return papers_of(db, _rows(db, "1", []))


def papers_by_id(db: sqlite3.Connection, ids: Sequence[int], details: bool = False) -> list[Paper]:
    """These papers in the order of `ids`, with `details` or without."""
    some = ", ".join(str(int(number)) for number in ids)
    found = {paper.id: paper for paper in papers_of(db, _rows(db, f"id IN ({some})", []), details)}
    return [found[number] for number in ids if number in found]


def _add(db: sqlite3.Connection, batch: Batch, paper: NewPaper, free_keys: bool) -> Added:
    row = row_of(paper)
    known_by = names(row)
    is_held = batch.holds(known_by)
    if is_held:
        batch.write()
    found, reason = (None, "") if is_held is False else known(db, paper, row)
    if found is not None:
        batch.write()  # in the order in which they came
        added = _merge(db, dict(found), reason, paper, row)
        batch.changed(found["id"])
        return added

    def is_taken(key: str) -> bool:
        is_held = batch.holds([key_name(key)])
        return _is_taken(db, key) if is_held is None else is_held

    key = _key(paper, free_keys, is_taken)
    authors = "\n".join([name_text(one.family, one.given, one.suffix) for one in paper.authors])
    texts = (paper.title, authors, paper.venue, paper.abstract, paper.fields.get("annotation", ""))
    row |= {"key": key, "added_at": now()}
    known_by.add(key_name(key))
    batch.add(row, known_by, texts, _source_row(paper), map(clean_tag, paper.tags))
    return Added(key, Outcome.ADDED, title=paper.title)


def insert_paper(db: sqlite3.Connection, paper: NewPaper, row: Row, free_keys: bool) -> tuple[int, str]:
    """Add a paper that the log does not have, with its tags; returns its number and its key."""
    key = _key(paper, free_keys, partial(_is_taken, db))
    paper_id = insert(db, "papers", dict(row) | {"key": key, "added_at": now()})
    insert_tags(db, paper_id, paper.tags)
    return paper_id, key


def _key(paper: NewPaper, free_keys: bool, is_taken: Callable[[str], bool]) -> str:
    """The paper's own key, or one that is free."""
    if paper.key and not free_keys:
        if is_taken(keys.checked_key(paper.key)):
            message = f"the key {paper.key!r} belongs to another paper"
            raise BadData(message, fix="give another --key, or none")
        return paper.key
    if keys.is_key(paper.key) and not is_taken(paper.key):
        return paper.key
    return keys.free_key(keys.key_for(paper), is_taken)


def _merge(db: sqlite3.Connection, known: dict[str, Any], reason: str, paper: NewPaper, row: Row) -> Added:
    """Add to a paper of the log what a further record tells of it."""
    if reason == SAME_TITLE and (why := contradiction(known, row)):
        return Added(known["key"], Outcome.DUPLICATE, f"{reason}, but {why}", known["title"])
    merged, taken = complete(db, known, row)
    if merged.outcome is not Outcome.DUPLICATE:
        source = _source_row(paper)
        if source:
            source_id = insert(db, "sources", {"paper_id": known["id"]} | dict(source))
            set_origins(db, known["id"], dict.fromkeys(merged.given, source_id))
        insert_tags(db, known["id"], paper.tags)
    return Added(known["key"], merged.outcome, reason + taken, known["title"] or paper.title)


def complete(db: sqlite3.Connection, known: Row, row: Row) -> tuple[Merge, str]:
    """Write into a paper what another row of the same work adds; say which of its ids are another paper's."""
    taken = ""
    for column in ("doi", "arxiv"):
        if row[column] and (other := _rows(db, f"{column} = ? AND id <> ?", [row[column], known["id"]])):
            taken += f"; its {column} is that of {other[0]['key']}"
            row = dict(row) | {column: None}  # which keeps it
    merged = merge(known, row)
    values = dict(merged.values)
    if "title" in values or "authors" in values:
        whole = dict(known) | values
        authors = tuple(Author(**name) for name in json.loads(whole["authors"]))
        values["fingerprint"] = keys.fingerprint(NewPaper(whole["title"], authors))
    if values:
        update(db, known["id"], values)
    return merged, taken


def set_origins(db: sqlite3.Connection, paper_id: int, origins: Mapping[str, int]) -> None:
    """Note for fields of a paper which source gave their values."""
    db.executemany(
        "INSERT INTO provenance (paper_id, field, source_id) VALUES (?, ?, ?) "
        "ON CONFLICT (paper_id, field) DO UPDATE SET source_id = excluded.source_id",
        [(paper_id, name, source) for name, source in origins.items()],
    )


def known(db: sqlite3.Connection, paper: NewPaper, row: Row) -> tuple[sqlite3.Row | None, str]:
    """The row of the same work and how it was recognised: by an id first, then by title and first author."""
    tests = (
        ("arxiv", row["arxiv"], f"the same arXiv id, arXiv:{row['arxiv']}"),
        ("doi", row["doi"], f"the same DOI, {row['doi']}"),
        ("fingerprint", row["fingerprint"], SAME_TITLE),
    )
    for column, value, reason in tests:
        if value is not None and (found := _rows(db, f"{column} = ?", [value])):
            return found[0], reason
    named = (paper.source.citation_key or None, paper.source.raw) if paper.source else (None, None)
    found = db.execute(_MERGED, (row["arxiv"], row["doi"], *named)).fetchall()
    return (found[0], f"it was merged into {found[0]['key']}") if found else (None, "")


def checked(paper: NewPaper) -> NewPaper:
    """The paper in NFC, without characters that are not text."""
    if not (paper.title or paper.doi or paper.arxiv):
        raise BadData(
            "a paper needs a title, a DOI or an arXiv id", fix="give --title, or an id as the argument"
        )
    if paper.year is not None and not 1000 <= paper.year <= 9999:
        raise BadData(f"{paper.year} is not a year of publication", fix="give four digits, such as 2017")
    texts = [paper.title, paper.venue, paper.url, paper.doi, paper.abstract]
    texts += paper.fields
    texts += paper.fields.values()
    for author in paper.authors:
        texts += vars(author).values()
    if _is_clean("\n".join(texts)):
        return paper
    return replace(
        paper,
        title=clean(paper.title, "the title"),
        authors=tuple(
            Author(*(clean(part, "an author") for part in (author.family, author.given, author.suffix)))
            for author in paper.authors
        ),
        venue=clean(paper.venue, "the venue"),
        url=clean(paper.url, "the address"),
        doi=clean(paper.doi, "the DOI"),
        abstract=clean(paper.abstract, "the abstract"),
        fields={
            clean(name, "a field"): clean(value, f"the field {name}") for name, value in paper.fields.items()
        },
    )


def _is_clean(text: str) -> bool:
    """Whether `clean` would leave it as it is, also line by line."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return unicodedata.is_normalized("NFC", text)


def clean(text: str, what: str) -> str:
    """`text` in NFC; raises `BadData` for what no file in UTF-8 can hold."""
    if text.isascii():
        return text
    try:
        return unicodedata.normalize("NFC", text.encode().decode())
    except UnicodeEncodeError as error:
        raise BadData(
            f"{what} has bytes that are not UTF-8", fix="use a terminal or file in UTF-8"
        ) from error


def clean_tag(tag: str) -> str:
    """A tag with its spaces in order."""
    cleaned = " ".join(clean(tag, "a tag").split())
    if not cleaned:
        raise BadData("a tag cannot be empty", fix="give a word, such as to-cite")
    return cleaned


def row_of(paper: NewPaper) -> dict[str, Any]:
    """What the table `papers` holds of the bibliography."""
    return {
        "title": paper.title,
        "authors": to_json(list(map(vars, paper.authors))),
        "year": paper.year,
        "venue": paper.venue,
        "doi": paper.doi or None,
        "arxiv": paper.arxiv.id if paper.arxiv else None,
        "arxiv_version": paper.arxiv.version if paper.arxiv else None,
        "url": paper.url,
        "type": paper.type,
        "abstract": paper.abstract,
        "fields": to_json(paper.fields),
        "fingerprint": keys.fingerprint(paper),
    }


def update(db: sqlite3.Connection, paper_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of a paper."""
    columns = ", ".join(f"{column} = ?" for column in values)
    db.execute(f"UPDATE papers SET {columns} WHERE id = ?", (*values.values(), paper_id))


def insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Add a row and return its number."""
    return insert_all(db, table, [row])


def _source_row(paper: NewPaper) -> Row | None:
    return vars(paper.source) | {"fields": to_json(paper.source.fields)} if paper.source else None


def insert_tags(db: sqlite3.Connection, paper_id: int, tags: Iterable[str]) -> None:
    """Give a paper tags; those it has stay."""
    for name in map(clean_tag, tags):
        db.execute("INSERT OR IGNORE INTO tags (paper_id, tag) VALUES (?, ?)", [paper_id, name])


def _is_taken(db: sqlite3.Connection, key: str) -> bool:
    """Whether a paper has this key, or had it before it was merged into another one."""
    query = f"SELECT 1 FROM sources WHERE citation_key = ? AND format = '{MERGED}'"
    return bool(_rows(db, "key = ?", [key])) or db.execute(query, [key]).fetchone() is not None


def _rows(db: sqlite3.Connection, where: str, values: Sequence[object]) -> list[sqlite3.Row]:
    return db.execute(f"SELECT * FROM papers WHERE {where} ORDER BY id", values).fetchall()


def papers_of(db: sqlite3.Connection, rows: Sequence[sqlite3.Row], details: bool = False) -> list[Paper]:
    """Papers with what belongs to them: one query a table, for one paper as for all.

    `details` are the sources, what they gave, notes, files and links.
    """
    only = f"WHERE paper_id IN ({', '.join(str(int(row['id'])) for row in rows)})"
    tags = grouped(db.execute(f"SELECT * FROM tags {only} ORDER BY tag"), "paper_id")
    passes = load_passes(db, [row["id"] for row in rows])
    more = _details(db, only) if details else {}
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
                type=row["type"],
                abstract=row["abstract"],
                priority=row["priority"],
                fields=json.loads(row["fields"]),
                state=State(row["state"]),
                next_pass=row["next_pass"],
                tags=tuple(found["tag"] for found in tags[row["id"]]),
                passes=passes[row["id"]],
                **_made(more, row["id"]),
            )
            for row in rows
        ]
    except (ValueError, TypeError) as error:
        raise DatabaseProblem(
            f"the database holds what diffkit never wrote ({error})", fix="put back a copy"
        ) from error


def _details(db: sqlite3.Connection, only: str) -> dict[str, Records]:
    """Field of a paper -> the rows for it by paper, and what makes a record of a row."""
    links = (
        "SELECT links.paper_id, kind, key, title, arxiv, doi, state "
        f"FROM links JOIN papers ON papers.id = target_id {only} ORDER BY links.id"
    )
    origins = (
        "SELECT paper_id, field, (SELECT count(*) FROM sources AS before WHERE before.paper_id = "
        f"provenance.paper_id AND before.id < source_id) AS place FROM provenance {only} ORDER BY field"
    )
    return {
        "sources": (grouped(db.execute(f"SELECT * FROM sources {only} ORDER BY id"), "paper_id"), _source),
        "notes": (grouped(db.execute(f"SELECT * FROM notes {only} ORDER BY id"), "paper_id"), _note),
        "files": (grouped(db.execute(f"SELECT * FROM files {only} ORDER BY id"), "paper_id"), _file),
        "links": (grouped(db.execute(links), "paper_id"), _link),
        "origins": (grouped(db.execute(origins), "paper_id"), _origin),
    }


def _made(details: Mapping[str, Records], paper: int) -> dict[str, Any]:
    return {name: tuple(make(one) for one in groups[paper]) for name, (groups, make) in details.items()}


def _note(row: sqlite3.Row) -> Note:
    return Note(row["id"], row["text"], row["created_at"])


def _file(row: sqlite3.Row) -> File:
    return File(row["id"], row["sha256"], row["name"], row["size"], row["added_at"])


def _link(row: sqlite3.Row) -> Link:
    title = label(row["title"], row["arxiv"], row["doi"])
    return Link(LinkKind(row["kind"]), row["key"], title, State(row["state"]))


def _origin(row: sqlite3.Row) -> tuple[str, int]:
    return row["field"], row["place"]


def _source(row: sqlite3.Row) -> Source:
    return Source(row["format"], row["citation_key"], row["raw"], json.loads(row["fields"]))
