"""Databases of every past version are opened, and nothing in them is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from diffkit_papers import checkup, finding, store, undo
from diffkit_papers.database import NAME, session
from diffkit_papers.passes import State
from diffkit_papers.records import NewPaper
from diffkit_papers.schema import MIGRATIONS, RECORDED

FIXTURES = Path(__file__).with_name("fixtures")
Rows = dict[str, list[tuple[object, ...]]]


VERSIONS = range(1, len(MIGRATIONS))


def version(number: int, path: Path) -> Path:
    """A filled database as that version wrote it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript((FIXTURES / f"version{number}.sql").read_bytes().decode())
        db.execute("PRAGMA journal_mode = WAL")
    return path


def layout(path: Path) -> dict[str, list[str]]:
    """The tables that a reader's work is in, with their columns."""
    with closing(sqlite3.connect(path)) as db:
        known = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            for table in (*RECORDED, "actions", "changes")
            if table in known
        }


def content(path: Path, tables: dict[str, list[str]]) -> Rows:
    """Every row of these columns."""
    with closing(sqlite3.connect(path)) as db:
        return {
            table: db.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid").fetchall()
            for table, columns in tables.items()
        }


def test_a_fixture_is_kept_for_every_past_version() -> None:
    assert {path.name for path in FIXTURES.glob("version*.sql")} == {f"version{n}.sql" for n in VERSIONS}


@pytest.mark.parametrize("number", VERSIONS)
def test_every_version_is_migrated_without_loss(db_path: Path, number: int) -> None:
    tables = layout(version(number, db_path))
    before = content(db_path, tables)
    with session(db_path) as db:
        assert [row[0] for row in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")] == [
            migration.__name__ for migration in MIGRATIONS
        ]
        problems = [one["check"] for one in checkup.doctor(db)["checks"] if one["result"] == "problem"]
        # the bytes of a file lie beside the database
        assert problems == (["files"] if before.get("files") else [])
    assert before == content(db_path, tables)
    assert all(before.values())
    assert sum(map(len, before.values())) > 40
    (backup,) = db_path.parent.glob("*.backup")
    assert layout(backup) == tables
    assert content(backup, tables) == before


def test_what_version_1_held_can_be_asked_for(db_path: Path) -> None:
    with session(version(1, db_path)) as db:
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


def test_what_version_2_held_can_be_asked_for_and_undone(db_path: Path) -> None:
    """It did not index the annotations of records."""
    tables = layout(version(2, db_path))
    with session(db_path) as db:
        for words in ("kiosk Zürich", "第三页", "note:kiosk"):
            assert [hit["key"] for hit in finding.search(db, words)["papers"]] == ["vaswani"]
        assert finding.search(db, "saved:todo")["papers"][0]["state"] == "new"
        before = content(db_path, tables)
        merged = next(one for one in undo.actions(db)["actions"] if one["command"] == "merge ba ba2")
        assert store.find(db, "ba2").key == "ba"
        undo.undo(db, merged["number"])
        assert store.find(db, "ba2").key == "ba2"
    after = content(db_path, tables)
    assert len(after["papers"]) == len(before["papers"]) + 1
    assert after["changes"][: len(before["changes"])] == before["changes"]


@pytest.mark.parametrize("number", VERSIONS)
def test_a_migrated_database_is_that_of_a_new_one(db_path: Path, number: int) -> None:
    version(number, db_path)
    fresh = db_path.with_name("fresh.db")
    layouts = []
    for path in (db_path, fresh):
        with session(path, create=True) as db:
            rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
            layouts.append({row["name"]: " ".join(row["sql"].split()) for row in rows})
    migrations = {"_sqlite_migrations", "idx__sqlite_migrations_migration_set_name"}
    first, second = ({name: sql for name, sql in one.items() if name not in migrations} for one in layouts)
    assert first == second


def test_a_new_log_is_noted_as_sqlite_utils_would(db_path: Path) -> None:
    """It is made without that library, which has to know it all the same when it migrates it one day."""
    with session(db_path, create=True):
        pass
    notes = "SELECT name, sql FROM sqlite_master WHERE name LIKE '%sqlite_migrations%' ORDER BY name"
    migrations = Migrations(NAME)
    for migration in MIGRATIONS:
        migrations(name=migration.__name__)(lambda db: pytest.fail("it was run already"))
    layouts = []
    for path in (db_path, db_path.with_name("empty.db")):
        db = Database(path)
        migrations.ensure_migrations_table(db)
        layouts.append([(name, "".join(sql.split())) for name, sql in db.execute(notes)])
        if path == db_path:
            assert [one.name for one in migrations.applied(db)] == [one.__name__ for one in MIGRATIONS]
            migrations.apply(db)
        db.close()
    assert layouts[0] == layouts[1]


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


def test_an_index_is_written_in_one_part(db_path: Path) -> None:
    """Also one of more than the megabyte that SQLite gathers by itself; each part costs a search time."""
    papers = [
        NewPaper(title=f"Paper {number}", abstract=" ".join(f"w{number}x{n}" for n in range(400)))
        for number in range(600)
    ]
    parts = "SELECT count(DISTINCT segid), sum(length(block)) > 2e6 FROM search_idx, search_data"
    with session(db_path, create=True) as db:
        store.add(db, papers)
    with session(db_path) as db:
        assert tuple(db.execute(parts).fetchone()) == (1, 1)
