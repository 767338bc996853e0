"""What happened to a paper, row for row, apart from any database: rows name each other by position.

The log's own JSON holds it beside the bibliography. `msgspec` checks what comes from outside, and names the
place where a document is wrong.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from diffkit_papers.derived import grouped, pass_of
from diffkit_papers.marking import MOST_URGENT
from diffkit_papers.passes import LAST_PASS, Pass, Verdict
from diffkit_papers.reading import MOST_MINUTES
from diffkit_papers.records import LinkKind

Position = Annotated[int, Meta(ge=0)]
Number = Annotated[int, Meta(ge=1, le=LAST_PASS)]
Section = Literal["title", "abstract", "introduction", "method", "experiments", "conclusion"]
_BIGGEST = 2**63 - 1  # that SQLite keeps


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row without its number."""


class Answer(Row, frozen=True, kw_only=True):
    question: str
    answer: str
    answered_at: str


class Reading(Row, frozen=True, kw_only=True):
    """A pass that was begun, with its answers in the order in which they were given."""

    number: Number
    started_at: str
    answers: tuple[Answer, ...] = ()


class Sitting(Row, frozen=True, kw_only=True):
    """`reading` is the place in `passes`; the sitting with a verdict ended it."""

    reading: Position
    minutes: Annotated[float, Meta(ge=0, le=MOST_MINUTES)] | None = None
    verdict: Verdict | None = None
    ended_at: str


class Reopening(Row, frozen=True, kw_only=True):
    """Passes from `number` on count no longer, up to the one at `after` in `passes`."""

    number: Number
    after: Position
    reason: str = ""
    reopened_at: str


class Card(Row, frozen=True, kw_only=True):
    """The state of a card as the package `fsrs` writes it."""

    card_id: int
    state: Annotated[int, Meta(ge=1, le=3)]
    step: int | None
    stability: float | None
    difficulty: float | None
    due: str
    last_review: str | None


class Review(Row, frozen=True, kw_only=True):
    section: Section
    rating: Annotated[int, Meta(ge=1, le=4)]
    recalled: str
    reviewed_at: str
    card: Card


class Remark(Row, frozen=True, kw_only=True):
    text: str
    created_at: str


class Kept(Row, frozen=True, kw_only=True):
    """A file of the library folder, by its hash."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    name: str
    size: Annotated[int, Meta(ge=0, le=_BIGGEST)]
    added_at: str


class Reference(Row, frozen=True, kw_only=True):
    """A link to the paper `key`, made during the pass at `reading` in `passes`, if during one."""

    kind: LinkKind
    key: str
    reading: Position | None = None
    created_at: str


class Record(Row, frozen=True, kw_only=True):
    """A source, word for word."""

    format: str
    citation_key: str
    raw: str
    fields: dict[str, str]

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from other sources."""
        return self.format, self.citation_key, self.raw


class Life(Row, frozen=True, kw_only=True):
    """Everything that the log knows of a paper beside its bibliographic fields and tags."""

    added_at: str = ""
    priority: Annotated[int, Meta(ge=-MOST_URGENT, le=MOST_URGENT)] = 0
    passes: tuple[Reading, ...] = ()
    sittings: tuple[Sitting, ...] = ()
    reopenings: tuple[Reopening, ...] = ()
    reviews: tuple[Review, ...] = ()
    notes: tuple[Remark, ...] = ()
    links: tuple[Reference, ...] = ()
    files: tuple[Kept, ...] = ()
    sources: tuple[Record, ...] = ()
    provenance: dict[str, Position] = {}  # field -> place in `sources`; msgspec gives each its own


def load(db: sqlite3.Connection, papers: Sequence[int]) -> dict[int, Life]:
    """The lives of these papers."""
    wanted = [json.dumps(list(papers))]
    of_these = "paper_id IN (SELECT value FROM json_each(?))"

    def rows(table: str, columns: str = "*") -> Mapping[int, list[sqlite3.Row]]:
        query = f"SELECT {columns} FROM {table} WHERE {of_these} ORDER BY {table.split()[0]}.rowid"
        return grouped(db.execute(query, wanted), "paper_id")

    tables = ("passes", "reopenings", "reviews", "notes", "files", "sources", "provenance")
    found = {table: rows(table) for table in tables}
    for table in ("answers", "sittings"):
        found[table] = rows(f"{table} JOIN passes ON passes.id = pass_id", f"paper_id, {table}.*")
    columns = "links.paper_id, kind, key, pass_id, created_at"
    found["links"] = rows("links JOIN papers ON papers.id = target_id", columns)
    those = db.execute(
        f"SELECT id, added_at, priority FROM papers WHERE {of_these.replace('paper_id', 'id')}", wanted
    )
    return {row["id"]: _life(row, {name: of[row["id"]] for name, of in found.items()}) for row in those}


def history(life: Life) -> tuple[Pass, ...]:
    """Its passes as the rules of reading take them; they are numbered by position."""
    reopenings = [{"number": one.number, "after_pass": one.after} for one in life.reopenings]
    return tuple(
        pass_of(
            {"id": place, "number": one.number, "started_at": one.started_at},
            [{"question": given.question, "answer": given.answer} for given in one.answers],
            [
                {"id": end, "minutes": at.minutes, "verdict": at.verdict, "ended_at": at.ended_at}
                for end, at in enumerate(life.sittings)
                if at.reading == place
            ],
            reopenings,
        )
        for place, one in enumerate(life.passes)
    )


def _life(paper: sqlite3.Row, rows: Mapping[str, Sequence[sqlite3.Row]]) -> Life:
    place = {row["id"]: number for number, row in enumerate(rows["passes"])}
    source = {row["id"]: number for number, row in enumerate(rows["sources"])}
    answers = grouped(rows["answers"], "pass_id")
    return Life(
        added_at=paper["added_at"],
        priority=paper["priority"],
        passes=tuple(
            Reading(
                number=row["number"],
                started_at=row["started_at"],
                answers=tuple(Answer(**given) for given in _named(Answer, answers[row["id"]])),
            )
            for row in rows["passes"]
        ),
        sittings=tuple(
            Sitting(
                reading=place[row["pass_id"]],
                minutes=row["minutes"],
                verdict=row["verdict"] and Verdict(row["verdict"]),
                ended_at=row["ended_at"],
            )
            for row in rows["sittings"]
        ),
        reopenings=tuple(
            Reopening(
                number=row["number"],
                after=place[row["after_pass"]],
                reason=row["reason"],
                reopened_at=row["reopened_at"],
            )
            for row in rows["reopenings"]
        ),
        reviews=tuple(
            Review(**row | {"card": Card(**json.loads(row["card"]))})
            for row in _named(Review, rows["reviews"])
        ),
        notes=tuple(Remark(**row) for row in _named(Remark, rows["notes"])),
        links=tuple(
            Reference(
                kind=LinkKind(row["kind"]),
                key=row["key"],
                reading=place.get(row["pass_id"]),
                created_at=row["created_at"],
            )
            for row in rows["links"]
        ),
        files=tuple(Kept(**row) for row in _named(Kept, rows["files"])),
        sources=tuple(
            Record(**row | {"fields": json.loads(row["fields"])}) for row in _named(Record, rows["sources"])
        ),
        provenance={
            row["field"]: source[row["source_id"]]
            for row in sorted(rows["provenance"], key=lambda row: row["field"])
        },
    )


def _named(kind: type[Row], rows: Sequence[sqlite3.Row]) -> Iterator[dict[str, Any]]:
    """The columns that a kind of row has."""
    for row in rows:
        yield {name: row[name] for name in kind.__struct_fields__}
