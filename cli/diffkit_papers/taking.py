"""Whole papers, with all that happened to them, into the log: from its own JSON, or from its other papers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from msgspec import structs, to_builtins

from diffkit_papers import store
from diffkit_papers.database import now, transaction
from diffkit_papers.derived import index, refresh_states
from diffkit_papers.errors import Refused
from diffkit_papers.formats.native import line_of
from diffkit_papers.gathering import Entry
from diffkit_papers.life import Life, Record, load
from diffkit_papers.merging import contradiction
from diffkit_papers.records import MERGED, Added, NewPaper, Outcome, Paper
from diffkit_papers.uniting import unite
from diffkit_papers.values import replace, to_json

Document = dict[str, Any]

_IMPORTED = "a further reading of it was imported"


@dataclass
class _Placed:
    """A paper of a document with its key there, the row it has in the log, and the fields that it gave."""

    entry: Entry
    life: Life
    id: int
    added: Added
    given: tuple[str, ...] = ()


def add(
    db: sqlite3.Connection,
    entries: Sequence[Entry],
    papers: Sequence[NewPaper],
    *,
    free_keys: bool = False,
    advance: Callable[[int], None] = lambda steps: None,
) -> tuple[list[Added], list[tuple[Entry, str]]]:
    """`store.add` for the papers of entries, some of which have lives; gives also what was left out."""
    with transaction(db, f"add {len(papers)} papers") as action:
        added: list[Added] = []
        problems: list[tuple[Entry, str]] = []
        pairs = zip(entries, papers, strict=True)
        for (_, lives), group in groupby(pairs, key=lambda pair: (pair[0].file, pair[1].life is not None)):
            some = list(group)
            if lives:
                checked = [(entry, store.checked(paper)) for entry, paper in some]
                placed = _put(db, checked, free_keys, advance)
                problems += _write_lives(db, placed)
                added += [one.added for one in placed]
            else:
                added += store.put(db, action, [paper for _, paper in some], free_keys, advance)
        return added, problems


def merge_papers(db: sqlite3.Connection, name: str, other: str, *, force: bool = False) -> Document:
    """Make one paper of two: `other` becomes part of the paper `name`, and is found there from now on.

    Refused where something says that they are two works, unless `force` is set.
    """
    with transaction(db, f"merge {name} {other}"):
        kept, gone = store.find(db, name), store.find(db, other)
        if kept.id == gone.id:
            raise Refused(f"{name} and {other} are the same paper, {kept.key}", fix="give another key")
        into, row = _row(db, kept.id), _row(db, gone.id)
        if not force and (why := contradiction(into, row)):
            message = f"{gone.key} may be another work: {kept.key} has {why}"
            raise Refused(message, fix="if they are the same work, add --force")
        lives = load(db, [kept.id, gone.id])
        referring = db.execute("SELECT * FROM links WHERE target_id = ?", [gone.id]).fetchall()
        db.execute("DELETE FROM papers WHERE id = ?", [gone.id])
        merged, _ = store.complete(db, into, row)
        theirs = _as_part(gone, lives[gone.id], _row(db, kept.id))
        mine = _without_links(lives[kept.id], gone.key)
        reason = f"{gone.key}, which was read apart, was merged into it"
        united = unite(mine, _without_links(theirs, kept.key), merged.given, reason, now())
        _write(db, kept.id, mine, united)
        _redirect(db, referring, kept.id)
        store.insert_tags(db, kept.id, gone.tags)
        refresh_states(db, [kept.id])
        index(db, [kept.id, gone.id])
        again = store.find(db, kept.key)
        return {
            "key": again.key,
            "merged": gone.key,
            "fields": sorted(merged.given),
            "before": kept.state.value,
            "state": again.state.value,
        }


def _redirect(db: sqlite3.Connection, links: Sequence[sqlite3.Row], paper: int) -> None:
    """Write links anew that led to a paper that is gone; those of `paper` itself would lead nowhere."""
    db.executemany(
        "INSERT OR IGNORE INTO links (id, paper_id, target_id, kind, pass_id, created_at) "
        "VALUES (:id, :paper_id, :target_id, :kind, :pass_id, :created_at)",
        [dict(link) | {"target_id": paper} for link in links if link["paper_id"] != paper],
    )


def _put(
    db: sqlite3.Connection,
    papers: Sequence[tuple[Entry, NewPaper]],
    free_keys: bool,
    advance: Callable[[int], None],
) -> list[_Placed]:
    """The rows of one document's papers: they are distinct, and merged only with what was there before."""
    last = db.execute("SELECT max(id) FROM papers").fetchone()[0] or 0
    placed: dict[int, _Placed] = {}
    # by age, which is the order of their rows
    for place in sorted(range(len(papers)), key=lambda place: _life(papers[place][1]).added_at):
        placed[place] = _place(db, *papers[place], last, free_keys)
        advance(1)
    return [placed[place] for place in range(len(papers))]


def _place(db: sqlite3.Connection, entry: Entry, paper: NewPaper, last: int, free_keys: bool) -> _Placed:
    row = store.row_of(paper)
    life = _life(paper)
    found, reason = _known(db, entry, paper, row, last)
    if found is None:
        number, key = store.insert_paper(db, paper, row, free_keys)
        return _Placed(entry, life, number, Added(key, Outcome.ADDED, title=paper.title))
    merged, taken = store.complete(db, found, row)
    added = Added(found["key"], merged.outcome, reason + taken, found["title"] or paper.title)
    return _Placed(entry, life, found["id"], added, merged.given)


def _known(
    db: sqlite3.Connection, entry: Entry, paper: NewPaper, row: Document, last: int
) -> tuple[store.Row | None, str]:
    """The row among the first `last` that is this paper, and why it is."""
    same = "SELECT * FROM papers WHERE id <= ? AND key = ? AND "
    for test, value, reason in (
        ("added_at = ?", _life(paper).added_at, "the same key, added at the same moment"),
        ("fingerprint = ?", row["fingerprint"], "the same key and title"),
    ):
        same_key = db.execute(same + test, [last, entry.paper.key, value]).fetchone()
        if same_key and not contradiction(dict(same_key), row):
            return dict(same_key), reason
    found, reason = store.known(db, paper, row)
    if (
        found is None
        or found["id"] > last
        or (reason == store.SAME_TITLE and contradiction(dict(found), row))
    ):
        return None, ""
    return dict(found), reason


def _write_lives(db: sqlite3.Connection, placed: Sequence[_Placed]) -> Iterator[tuple[Entry, str]]:
    """Write what happened to the papers of a document; gives what it says that cannot be."""
    names = {one.entry.paper.key.lower(): one.added.key for one in placed}
    changed = []
    for one in placed:
        theirs, missing = _linked(db, one.life, names, one.added.key)
        for key in missing:
            yield (
                one.entry,
                f"{one.added.key} refers to {key!r}, which is neither here nor in the log: left out",
            )
        known = load(db, [one.id])[one.id]
        united = theirs
        if one.added.outcome is not Outcome.ADDED:
            united = unite(known, theirs, one.given, _IMPORTED, now())
        tags = db.total_changes
        store.insert_tags(db, one.id, one.entry.paper.tags)
        if united == known and tags == db.total_changes:
            continue
        changed.append(one.id)
        _write(db, one.id, known, united)
        if one.added.outcome is Outcome.DUPLICATE:
            one.added = replace(one.added, outcome=Outcome.COMPLETED)
    refresh_states(db, changed)
    index(db, (one.id for one in placed if one.added.outcome is not Outcome.DUPLICATE))


def _linked(db: sqlite3.Connection, life: Life, names: dict[str, str], own: str) -> tuple[Life, list[str]]:
    """The life with the keys that its links have in this log, and the keys that it does not have."""
    links, missing = [], []
    for link in life.links:
        key = names.get(link.key.lower())
        row = None if key else db.execute("SELECT key FROM papers WHERE key = ?", [link.key]).fetchone()
        if key := key or (row and row["key"]):
            if key != own:  # two papers of the document are one here
                links.append(structs.replace(link, key=key))
        else:
            missing.append(link.key)
    return structs.replace(life, links=tuple(links)), missing


def _write(db: sqlite3.Connection, paper: int, known: Life, new: Life) -> None:
    """Bring the rows of a paper from one life to another one that has all of it."""
    store.update(db, paper, {"added_at": new.added_at or known.added_at, "priority": new.priority})
    _extend(db, "sources", paper, known.sources, new.sources)
    sources = _ids(db, "sources", paper)
    origins = {
        name: sources[place] for name, place in new.provenance.items() if known.provenance.get(name) != place
    }
    store.set_origins(db, paper, origins)
    for table, before, after in (
        ("reviews", known.reviews, new.reviews),
        ("notes", known.notes, new.notes),
        ("files", known.files, new.files),
    ):
        _extend(db, table, paper, before, after)
    if (known.passes, known.sittings, known.reopenings) != (new.passes, new.sittings, new.reopenings):
        _write_history(db, paper, new)
    _write_links(db, paper, new)


def _write_history(db: sqlite3.Connection, paper: int, life: Life) -> None:
    """In place of the rows there are, all of which it holds: their numbers are the order of what happened."""
    db.execute("DELETE FROM passes WHERE paper_id = ?", [paper])
    passes = []
    for one in life.passes:
        values = {"paper_id": paper, "number": one.number, "started_at": one.started_at}
        passes.append(store.insert(db, "passes", values))
        for answer in one.answers:
            store.insert(db, "answers", {"pass_id": passes[-1]} | structs.asdict(answer))
    for sitting in life.sittings:
        row = to_builtins(sitting)
        store.insert(db, "sittings", {"pass_id": passes[row.pop("reading")]} | row)
    for reopening in life.reopenings:
        row = structs.asdict(reopening)
        store.insert(db, "reopenings", {"paper_id": paper, "after_pass": passes[row.pop("after")]} | row)


def _write_links(db: sqlite3.Connection, paper: int, life: Life) -> None:
    passes = _ids(db, "passes", paper)
    for link in life.links:
        reading = None if link.reading is None else passes[link.reading]
        target = db.execute("SELECT id FROM papers WHERE key = ?", [link.key]).fetchone()["id"]
        db.execute(
            "INSERT INTO links (paper_id, target_id, kind, pass_id, created_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (paper_id, target_id, kind) DO UPDATE SET pass_id = excluded.pass_id "
            "WHERE pass_id IS NOT excluded.pass_id",
            [paper, target, link.kind.value, reading, link.created_at],
        )


def _extend(db: sqlite3.Connection, table: str, paper: int, known: Sequence[Any], new: Sequence[Any]) -> None:
    """Add the rows that are new; where one comes before others, all of them are written anew."""
    if new[: len(known)] != known:
        db.execute(f"DELETE FROM {table} WHERE paper_id = ?", [paper])
        known = ()
    for one in new[len(known) :]:
        row = {
            name: to_json(value) if isinstance(value, dict) else value
            for name, value in to_builtins(one).items()
        }
        store.insert(db, table, {"paper_id": paper} | row)


def _as_part(gone: Paper, life: Life, kept: store.Row) -> Life:
    """The life of a merged paper, with sources that keep it word for word and make it findable."""
    whole = replace(gone, life=life)
    own = Record(format=MERGED, citation_key=gone.key, raw=line_of(whole), fields={"merged": now()})
    ids = (
        gone.doi if gone.doi != kept["doi"] else "",
        gone.arxiv.id if gone.arxiv and gone.arxiv.id != kept["arxiv"] else "",
    )
    names = tuple(Record(format=MERGED, citation_key=one, raw="", fields={}) for one in ids if one)
    return structs.replace(life, sources=(*life.sources, own, *names))


def _without_links(life: Life, key: str) -> Life:
    return structs.replace(life, links=tuple(link for link in life.links if link.key != key))


def _life(paper: NewPaper) -> Life:
    return paper.life or Life()


def _row(db: sqlite3.Connection, paper: int) -> store.Row:
    return dict(db.execute("SELECT * FROM papers WHERE id = ?", [paper]).fetchone())


def _ids(db: sqlite3.Connection, table: str, paper: int) -> list[int]:
    return [row[0] for row in db.execute(f"SELECT id FROM {table} WHERE paper_id = ? ORDER BY id", [paper])]
