"""Databases of every past version are opened, and nothing in them is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from diffkit_papers import checkup, finding, store, undo
from diffkit_papers.database import session
from diffkit_papers.passes import State
from diffkit_papers.schema import MIGRATIONS, RECORDED

FIXTURES = Path(__file__).with_name("fixtures")
Rows = dict[str, list[tuple[object, ...]]]


def version(number: int, path: Path) -> Path:
    """A filled database as that version wrote it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript((FIXTURES / f"version{number}.sql").read_bytes().decode())
        db.execute("PRAGMA journal_mode = WAL")
    return path


def content(path: Path) -> Rows:
    """Every row of a database of the first version, or those columns of a later one."""
    tables = ("papers", "sources", "tags", "passes", "answers", "sittings")
    new = {"type", "abstract", "priority", "fields", "state", "next_pass"}
    with closing(sqlite3.connect(path)) as db:
        return {
            table: db.execute(
                f"SELECT {', '.join(c for c in RECORDED[table] if table != 'papers' or c not in new)} "
                f"FROM {table} ORDER BY rowid"
            ).fetchall()
            for table in tables
        }


def test_a_fixture_is_kept_for_every_past_version() -> None:
    assert len(list(FIXTURES.glob("version*.sql"))) == len(MIGRATIONS) - 1


def test_version_1_is_migrated_without_loss(db_path: Path) -> None:
    before = content(version(1, db_path))
    with session(db_path) as db:
        assert [row[0] for row in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")] == [
            migration.__name__ for migration in MIGRATIONS
        ]
        states = {paper.key: paper.state for paper in store.all_papers(db)}
        assert states["vaswani2017attention"] is State.DONE
        assert states["erdos1959random"] is State.DROPPED
        assert states["godel1931uber"] is State.READING
        assert states["vandermaaten2008visualizing"] is State.READING
        assert states["arxiv230100001"] is State.NEW
        assert [hit["key"] for hit in finding.search(db, "测量")["papers"]] == ["paper2016a"]
        assert [hit["key"] for hit in finding.search(db, "answer:attention")["papers"]] == [
            "vaswani2017attention"
        ]
        assert undo.actions(db) == {"actions": []}
        problems = [one for one in checkup.doctor(db)["checks"] if one["result"] == "problem"]
        assert problems == []
    assert before == content(db_path)
    assert sum(map(len, before.values())) > 40
    (backup,) = db_path.parent.glob("*.backup")
    assert content(backup) == before


def test_a_migrated_database_is_that_of_a_new_one(db_path: Path) -> None:
    version(1, db_path)
    fresh = db_path.with_name("fresh.db")
    layouts = []
    for path in (db_path, fresh):
        with session(path, create=True) as db:
            rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
            layouts.append({row["name"]: " ".join(row["sql"].split()) for row in rows})
    migrations = {"_sqlite_migrations", "idx__sqlite_migrations_migration_set_name"}
    first, second = ({name: sql for name, sql in one.items() if name not in migrations} for one in layouts)
    assert first == second


def test_the_journal_knows_every_column(db_path: Path) -> None:
    """A column that the triggers forget would be lost by an undo."""
    with session(db_path, create=True) as db:
        for table, columns in RECORDED.items():
            assert columns == tuple(row["name"] for row in db.execute(f"PRAGMA table_info({table})"))
            triggers = db.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", [table]
            )
            assert sum("INSERT INTO changes" in row["sql"] for row in triggers) == 3
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    own = {name for name in tables if not name.startswith(("search", "sqlite_", "_sqlite_"))}
    assert own - set(RECORDED) == {"actions", "changes"}


def test_a_journal_row_is_json(db_path: Path) -> None:
    with session(version(1, db_path)) as db, db:
        db.execute("UPDATE papers SET title = title")
        for (before,) in db.execute("SELECT before FROM changes").fetchall()[:1]:
            assert json.loads(before)["title"]
