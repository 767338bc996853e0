"""Papers that match a query, in an order; saved queries. What SQL can do is left to SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from diffkit_papers import store, views
from diffkit_papers.database import now, transaction
from diffkit_papers.derived import note_texts
from diffkit_papers.errors import BadData, BadQuery, NotFound
from diffkit_papers.fulltext import excerpt
from diffkit_papers.passes import State
from diffkit_papers.records import Paper

if TYPE_CHECKING:
    from diffkit_papers.query import Condition, Node, Term

Document = dict[str, Any]

# A name for `--sort` -> what SQL sorts by. The fingerprint begins with the title without case and accents.
ORDERS: Mapping[str, str] = {
    "added": "papers.id",
    "key": "papers.key COLLATE NOCASE",
    "title": "papers.fingerprint",
    "year": "papers.year",
    "priority": "papers.priority",
    "minutes": "(SELECT total(minutes) FROM sittings JOIN passes ON passes.id = pass_id"
    " WHERE passes.paper_id = papers.id)",
    "state": f"instr('{' '.join(State)}', papers.state)",
}
# How much a word counts in each column of the full-text table: a title says more than an answer.
_WEIGHTS = {"title": 8, "authors": 5, "venue": 2, "abstract": 2, "notes": 3, "answers": 2}


class Found(NamedTuple):
    """Some papers of the `total` that match, and for a search where in each the words stand."""

    papers: Sequence[Paper]
    total: int
    places: Sequence[tuple[str, str]] = ()  # field and excerpt


def list_papers(
    db: sqlite3.Connection,
    query: str = "",
    *,
    states: Sequence[str] = (),
    tags: Sequence[str] = (),
    sort: str = "added",
    reverse: bool = False,
    limit: int | None = None,
) -> Document:
    """The papers that match `query` and have one of the `states` and all the `tags`."""
    return list_document(select(db, query, states, tags, sort, reverse, limit))


def search(db: sqlite3.Connection, query: str, *, limit: int | None = 20) -> Document:
    """The papers that match `query`, best first, with the place of the text that was found."""
    return search_document(best(db, query, limit))


def show(db: sqlite3.Connection, name: str) -> Document:
    """A paper with everything known about it."""
    return {"paper": views.full_document(store.find(db, name))}


def list_document(found: Found) -> Document:
    """What `list` prints as JSON."""
    return {"papers": [views.paper_document(paper) for paper in found.papers], "total": found.total}


def search_document(found: Found) -> Document:
    """What `search` prints as JSON."""
    papers = [
        views.paper_document(paper) | {"found_in": field or None, "excerpt": text or None}
        for paper, (field, text) in zip(found.papers, found.places, strict=True)
    ]
    return {"papers": papers, "total": found.total}


def select(
    db: sqlite3.Connection,
    query: str = "",
    states: Sequence[str] = (),
    tags: Sequence[str] = (),
    sort: str = "added",
    reverse: bool = False,
    limit: int | None = None,
) -> Found:
    """The papers of `list_papers` as records."""
    sql, values = _narrowed(db, query, states, tags)
    backwards = "DESC" if reverse else "ASC"
    rows = db.execute(
        f"SELECT papers.* FROM papers WHERE {sql} "
        f"ORDER BY {ORDERS[sort]} {backwards} NULLS LAST, papers.id {backwards} LIMIT ?",
        (*values, _limit(limit)),
    ).fetchall()
    return Found(store.papers_of(db, rows), _total(db, (sql, values), len(rows), limit))


def best(db: sqlite3.Connection, query: str, limit: int | None = 20) -> Found:
    """The papers of `search` as records."""
    from diffkit_papers.query import expand, parse, to_select, words

    tree = expand(parse(query), _saved(db))
    terms = words(tree)
    ranked = _ranked(db, tree, terms, limit) if terms else []
    chosen = [id for id, _ in ranked]
    if ranked and len(chosen) == limit:
        total = ranked[0][1]
    else:
        # What is found by its tag or key alone comes last, newest first.
        matches = {id for (id,) in db.execute(*to_select(tree))}
        chosen = (chosen + sorted(matches.difference(chosen), reverse=True))[:limit]
        total = len(matches)
    papers = store.papers_by_id(db, chosen)
    notes = note_texts(db, chosen)
    return Found(papers, total, [_place(paper, notes[paper.id], terms) for paper in papers])


def _ranked(
    db: sqlite3.Connection, tree: Node, terms: Sequence[Term], limit: int | None
) -> list[tuple[int, int]]:
    """The papers with these words that match the query, best first, each with the number of all that match.

    Only what matches is weighed, which takes longest.
    """
    from diffkit_papers.query import IN_TEXT, Term, by_name, full_text, to_select

    wanted = " OR ".join(map(full_text, terms))
    if isinstance(tree, Term):
        # What has the word matches. The others, few, have it in a tag or in the key.
        others = by_name(tree)
        found, among = "", "1"
        number = (
            "(SELECT count(*) FROM search WHERE search MATCH ?)"
            f" + (SELECT count(*) FROM papers WHERE ({others.sql}) AND NOT {IN_TEXT})"
        )
        values = (wanted, *others.values, wanted)
    else:
        select, values = to_select(tree)
        found = f"WITH found AS ({select})"
        among, number = "+rowid IN found", "(SELECT count(*) FROM found)"
    weights = ", ".join(map(str, _WEIGHTS.values()))
    ranking = (
        f"{found} SELECT rowid, {number} FROM search WHERE search MATCH ? AND {among} "
        f"ORDER BY bm25(search, {weights}), rowid DESC LIMIT ?"
    )
    return db.execute(ranking, (*values, wanted, _limit(limit))).fetchall()


def matching(db: sqlite3.Connection, query: str) -> Condition:
    """The condition of a query in which saved queries may be named."""
    from diffkit_papers.query import expand, parse, to_sql

    return to_sql(expand(parse(query), _saved(db)))


def saved_query(
    db: sqlite3.Connection, name: str = "", query: str | None = None, *, remove: bool = False
) -> Document:
    """Keep `query` under a name, forget the one of that name, or tell the one or all that are kept."""
    if remove:
        return _remove_query(db, name)
    return _queries(db, name) if query is None else _save_query(db, name, query)


def _save_query(db: sqlite3.Connection, name: str, query: str) -> Document:
    """`saved:NAME` stands for it from now on. An earlier one is replaced."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise BadData(f"{name!r} cannot name a query", fix="use letters, digits, - and _")
    from diffkit_papers.query import All, expand, parse, to_sql

    tree = expand(parse(query), _saved(db), (name,))
    if tree == All(()):
        raise BadQuery(f"the query for {name!r} is empty", fix="give words or filters, such as status:new")
    to_sql(tree)
    row = {"name": store.clean(name, "the name"), "query": query, "created_at": now()}
    with transaction(db, f"query {name}"):
        db.execute("DELETE FROM queries WHERE name = ?", [row["name"]])
        store.insert(db, "queries", row)
    return {"queries": [row]}


def _remove_query(db: sqlite3.Connection, name: str) -> Document:
    found = _queries(db, name)
    with transaction(db, f"query {name} --remove"):
        db.execute("DELETE FROM queries WHERE name = ?", [name])
    return found


def _queries(db: sqlite3.Connection, name: str) -> Document:
    rows = db.execute("SELECT name, query, created_at FROM queries ORDER BY name").fetchall()
    found = [dict(row) for row in rows if name in ("", row["name"])]
    if name and not found:
        known = ", ".join(row["name"] for row in rows) or "none yet"
        raise NotFound(f"no saved query {name!r}", fix=f"saved queries: {known}")
    return {"queries": found}


def _narrowed(
    db: sqlite3.Connection, query: str, states: Sequence[str], tags: Sequence[str]
) -> tuple[str, tuple[str | int, ...]]:
    """The condition of a query and options; the language is not imported for a list of everything."""
    if not (query.strip() or states or tags):
        return "1", ()
    from diffkit_papers.query import All, Term, expand, parse, to_sql
    from diffkit_papers.query import Any as OneOf

    tree = expand(parse(query), _saved(db))
    options: list[Node] = [Term("tag", store.clean(tag, "a tag"), quoted=True) for tag in tags]
    if wanted := tuple(Term("status", state) for state in states):
        options.append(OneOf(wanted))
    return to_sql(All((tree, *options)))


def _saved(db: sqlite3.Connection) -> dict[str, str]:
    return {row["name"]: row["query"] for row in db.execute("SELECT name, query FROM queries ORDER BY name")}


def _limit(limit: int | None) -> int:
    return -1 if limit is None else limit


def _total(
    db: sqlite3.Connection, condition: tuple[str, tuple[str | int, ...]], found: int, limit: int | None
) -> int:
    if limit is None or found < limit:
        return found
    return _count(db, condition)


def _count(db: sqlite3.Connection, condition: tuple[str, tuple[str | int, ...]]) -> int:
    sql, values = condition
    return int(db.execute(f"SELECT count(*) FROM papers WHERE {sql}", values).fetchone()[0])


def _place(paper: Paper, notes: Sequence[str], terms: Sequence[Term]) -> tuple[str, str]:
    """In which text the first word was found, and what stands around it."""
    places = {
        "title": [paper.title],
        "author": [", ".join(map(str, paper.authors))],
        "venue": [paper.venue],
        "abstract": [paper.abstract],
        "note": [*notes, paper.fields.get("annotation", "")],
        "answer": [answer for done in paper.passes for answer in done.answers.values()],
    }
    for term in terms:
        for field in [term.field] if term.field else places:
            for text in places[field]:
                if shown := excerpt(text, term.text):
                    return field, shown
    return "", ""
