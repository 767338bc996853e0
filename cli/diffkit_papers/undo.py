"""Taking back a write: every write is an action, and triggers keep what each row was before it.

Undoing is an action of its own, so that it can be undone, too, and nothing is ever lost. An action that later
ones build on is not taken back before them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from diffkit_papers.database import transaction
from diffkit_papers.derived import index
from diffkit_papers.errors import NotFound, Refused
from diffkit_papers.schema import RECORDED

Document = dict[str, Any]
Values = dict[str, Any]
Place = tuple[str, int]  # a table and the number of a row in it


@dataclass(frozen=True)
class _Effect:
    """What an action did to a row: None stands for a row that is not there."""

    before: Values | None
    after: Values | None

    @property
    def changed(self) -> set[str]:
        """The columns by which the row differs."""
        before, after = self.before or {}, self.after or {}
        return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def undo(db: sqlite3.Connection, number: int | None = None) -> Document:
    """Take back action `number`, or the last one that is neither an undo nor undone."""
    with transaction(db, "undo") as this:
        target = _target(db, number, this)
        values = [f"undo {target['id']}", target["id"], this]
        db.execute("UPDATE actions SET command = ?, undoes = ? WHERE id = ?", values)
        effects = _effects(db, target["id"])
        later = dict(_later(db, target["id"], this))
        for place, effect in effects.items():
            current = _row(db, place)
            if _differs(current, effect):
                raise _refused(target, later.get(place))
        papers = _papers(db, effects)
        _take_back(db, effects, target)
        for place in _places(db, this):
            if place not in effects:  # a row that hangs on one of them
                raise _refused(target, later.get(place))
        index(db, papers)
        return {"undone": _action(target, this), "action": this, "rows": len(effects)}


def actions(db: sqlite3.Connection, limit: int = 20) -> Document:
    """The last writes, latest first."""
    undone = _undone(db)
    rows = db.execute("SELECT * FROM actions ORDER BY id DESC LIMIT ?", [limit])
    return {"actions": [_action(row, undone.get(row["id"])) for row in rows]}


def _action(row: sqlite3.Row, undone_by: int | None) -> Document:
    return {"number": row["id"], "at": row["at"], "command": row["command"], "undone_by": undone_by}


def _undone(db: sqlite3.Connection) -> dict[int, int]:
    """What is undone, and by which action; an undo that was undone does not count."""
    undone: dict[int, int] = {}
    for number, undoes in db.execute(
        "SELECT id, undoes FROM actions WHERE undoes IS NOT NULL ORDER BY id DESC"
    ):
        if number not in undone:
            undone.setdefault(undoes, number)
    return undone


def _target(db: sqlite3.Connection, number: int | None, this: int) -> sqlite3.Row:
    undone = _undone(db)
    wanted = "undoes IS NULL" if number is None else f"id = {number}"
    rows = db.execute(f"SELECT * FROM actions WHERE id < ? AND {wanted} ORDER BY id DESC", [this])
    found: sqlite3.Row | None = next((row for row in rows if number or row["id"] not in undone), None)
    if found is None:
        what = "nothing to undo" if number is None else f"no action {number}"
        raise NotFound(what, fix="see what was done with: diffkit paper history")
    if found["id"] in undone:
        fix = f"to do it again, run: diffkit paper undo {undone[found['id']]}"
        raise Refused(f"action {number} ({found['command']}) is undone already", fix=fix)
    return found


def _effects(db: sqlite3.Connection, action: int) -> dict[Place, _Effect]:
    """What an action did to each row, from the journal: the row after it is what the next change found."""
    before: dict[Place, Values | None] = {}
    last = 0
    query = "SELECT * FROM changes WHERE action_id = ? ORDER BY id"
    for row in db.execute(query, [action]):
        before.setdefault((row["table_name"], row["row_id"]), _values(row["before"]))
        last = row["id"]
    after: dict[Place, Values | None] = {}
    for row in db.execute("SELECT * FROM changes WHERE id > ? ORDER BY id", [last]):
        place = (row["table_name"], row["row_id"])
        if place in before:
            after.setdefault(place, _values(row["before"]))
    return {
        place: _Effect(values, after[place] if place in after else _row(db, place))
        for place, values in before.items()
    }


def _later(db: sqlite3.Connection, action: int, this: int) -> Iterable[tuple[Place, int]]:
    """Each row that was changed after an action, with the last action that did."""
    query = "SELECT * FROM changes WHERE action_id > ? AND action_id < ? ORDER BY id"
    for row in db.execute(query, [action, this]):
        yield (row["table_name"], row["row_id"]), row["action_id"]


def _places(db: sqlite3.Connection, action: int) -> list[Place]:
    rows = db.execute("SELECT DISTINCT table_name, row_id FROM changes WHERE action_id = ?", [action])
    return [(table, row) for table, row in rows]


def _differs(current: Values | None, effect: _Effect) -> bool:
    """Whether a row is no longer as the action left it, in what the action changed."""
    if current is None or effect.after is None:
        return current is not effect.after
    return any(current[name] != effect.after[name] for name in effect.changed)


def _take_back(db: sqlite3.Connection, effects: Mapping[Place, _Effect], target: sqlite3.Row) -> None:
    db.execute("PRAGMA defer_foreign_keys = ON")  # rows come back in any order
    try:
        for (table, row), effect in reversed(list(effects.items())):
            if effect.before is None:
                db.execute(f"DELETE FROM {table} WHERE rowid = ?", [row])
            elif effect.after is None or not _set(db, table, row, effect.before, effect.changed):
                values = effect.before if "id" in effect.before else {"rowid": row} | effect.before
                marks = ", ".join("?" * len(values))
                db.execute(
                    f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values())
                )
    except sqlite3.IntegrityError as error:
        raise _refused(target, None) from error


def _set(db: sqlite3.Connection, table: str, row: int, values: Values, names: set[str]) -> bool:
    """Give a row some values back; False when it is gone with a row on which it hung since the action."""
    columns = ", ".join(f"{name} = ?" for name in sorted(names))
    changed = [values[name] for name in sorted(names)]
    query = (
        f"UPDATE {table} SET {columns} WHERE rowid = ?" if names else f"SELECT 1 FROM {table} WHERE rowid = ?"
    )
    cursor = db.execute(query, (*changed, row))
    return bool(cursor.rowcount if names else cursor.fetchone())


def _refused(target: sqlite3.Row, later: int | None) -> Refused:
    by = f"action {later} builds" if later else "later actions build"
    fix = f"undo that first, with: diffkit paper undo {later or ''}".rstrip()
    return Refused(f"action {target['id']} ({target['command']}) cannot be undone: {by} on it", fix=fix)


def _papers(db: sqlite3.Connection, effects: Mapping[Place, _Effect]) -> set[int]:
    """The papers to which the rows belong."""
    found = set()
    passes = dict(db.execute("SELECT id, paper_id FROM passes").fetchall())
    rows = [(place, effect.before or effect.after or {}) for place, effect in effects.items()]
    passes |= {row: values["paper_id"] for (table, row), values in rows if table == "passes"}
    for (table, row), values in rows:
        if table == "papers":
            found.add(row)
        elif "paper_id" in values:
            found.add(values["paper_id"])
        elif "pass_id" in values:
            found.add(passes[values["pass_id"]])
    return found


def _row(db: sqlite3.Connection, place: Place) -> Values | None:
    table, number = place
    columns = ", ".join(RECORDED[table])
    row = db.execute(f"SELECT {columns} FROM {table} WHERE rowid = ?", [number]).fetchone()
    return dict(row) if row else None


def _values(before: str | None) -> Values | None:
    return json.loads(before) if before is not None else None
