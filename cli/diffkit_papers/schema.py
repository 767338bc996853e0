"""The database file: where it lies, how it is opened, its tables and their migrations.

Tables change only by further migrations at the end of `MIGRATIONS`. A released migration never changes.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from diffkit_papers.errors import DatabaseProblem

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

NAME = "diffkit-papers"
BUSY_SECONDS = 30.0
_ELSEWHERE = "choose another place with --db or DIFFKIT_DB"

Migration = Callable[["Database"], None]


def default_path() -> Path:
    """The user's data folder by the customs of the operating system."""
    from platformdirs import user_data_path

    return user_data_path("diffkit", appauthor=False) / "papers.db"


def first_tables(db: Database) -> None:
    """Papers and their sources and tags; passes, answers and sittings, which are only ever appended to."""
    for statement in (
        """CREATE TABLE papers (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE COLLATE NOCASE,
            title TEXT NOT NULL,
            authors TEXT NOT NULL,  -- JSON: [{"family", "given", "suffix"}]
            year INTEGER,
            venue TEXT NOT NULL,
            doi TEXT UNIQUE,
            arxiv TEXT UNIQUE,
            arxiv_version INTEGER,
            url TEXT NOT NULL,
            fingerprint TEXT,  -- normalised title and first author
            added_at TEXT NOT NULL
        )""",
        "CREATE INDEX papers_fingerprint ON papers (fingerprint)",
        """CREATE TABLE sources (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
            format TEXT NOT NULL,
            citation_key TEXT NOT NULL,
            raw TEXT NOT NULL,
            fields TEXT NOT NULL  -- JSON object
        )""",
        "CREATE INDEX sources_paper ON sources (paper_id)",
        "CREATE INDEX sources_citation_key ON sources (citation_key)",
        """CREATE TABLE tags (
            paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
            tag TEXT NOT NULL,
            PRIMARY KEY (paper_id, tag)
        )""",
        """CREATE TABLE passes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
            number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 3),
            started_at TEXT NOT NULL
        )""",
        "CREATE INDEX passes_paper ON passes (paper_id)",
        """CREATE TABLE answers (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            pass_id INTEGER NOT NULL REFERENCES passes (id) ON DELETE CASCADE,
            question TEXT NOT NULL,
            answer TEXT NOT NULL,
            answered_at TEXT NOT NULL
        )""",
        "CREATE INDEX answers_pass ON answers (pass_id)",
        # A pass may take several sittings; the one with a verdict ends it.
        """CREATE TABLE sittings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            pass_id INTEGER NOT NULL REFERENCES passes (id) ON DELETE CASCADE,
            minutes REAL CHECK (minutes >= 0),
            verdict TEXT CHECK (verdict IN ('continue', 'park', 'drop')),
            ended_at TEXT NOT NULL
        )""",
        "CREATE INDEX sittings_pass ON sittings (pass_id)",
    ):
        db.execute(statement)


MIGRATIONS: tuple[Migration, ...] = (first_tables,)


@contextmanager
def session(
    path: Path, *, create: bool = False, migrations: tuple[Migration, ...] = MIGRATIONS
) -> Iterator[Database]:
    """Open the log at `path` for a while; every SQLite error becomes a `DatabaseProblem` with its fix.

    A missing file is created with its folder when `create` is set; otherwise an empty log in memory stands
    for it, so that reading never leaves files behind.
    """
    try:
        db = _open(path, create, migrations)
        try:
            yield db
        finally:
            db.close()
    except sqlite3.DatabaseError as error:
        raise _explained(error, path) from error


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """All or nothing. IMMEDIATE: what is read inside is still true when it is written."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


def _open(path: Path, create: bool, migrations: tuple[Migration, ...]) -> Database:
    from sqlite_utils import Database

    connection = _connect(path, create)
    try:
        # What other programs register for sqlite-utils has no business in this file.
        db = Database(connection, execute_plugins=False)
        if not _checked(db, path, migrations) and not create:
            connection.close()
            connection = sqlite3.connect(":memory:", isolation_level=None)
            db = Database(connection, execute_plugins=False)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut, too
        _enable_wal(connection)
        _migrate(db, path, migrations)
    except BaseException:
        connection.close()
        raise
    return db


def _connect(path: Path, create: bool) -> sqlite3.Connection:
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise DatabaseProblem(f"{path} is a folder", fix=f"name a file, such as {path / 'papers.db'}")
        missing = not path.exists()
    except OSError as error:
        raise DatabaseProblem(
            f"cannot use the database {path}: {error.strerror or error}",
            fix=_ELSEWHERE,
        ) from error
    if missing and not create:
        return sqlite3.connect(":memory:", isolation_level=None)
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions begin where the code says so
    )


def _migration_set(migrations: tuple[Migration, ...]) -> Migrations:
    from sqlite_utils.migrations import Migrations

    wanted = Migrations(NAME)
    for migration in migrations:
        wanted()(migration)
    return wanted


def _checked(db: Database, path: Path, migrations: tuple[Migration, ...]) -> list[str]:
    """The file's tables. A database that is not ours, or of a later version, is refused before any write."""
    tables = db.table_names()
    if not tables and path.exists() and path.stat().st_size and not _page_count(db):
        # SQLite takes a file shorter than a page for an empty database, and would write over it.
        raise _not_a_database(path)
    applied = {record.name for record in _migration_set(()).applied(db)}
    if tables and not applied:
        raise DatabaseProblem(
            f"{path} is an SQLite database of another program",
            fix=_ELSEWHERE,
        )
    unknown = applied - {migration.__name__ for migration in migrations}
    if unknown:
        raise DatabaseProblem(
            f"{path} is from a newer version of diffkit ({', '.join(sorted(unknown))}) and was not touched",
            fix="run: pip install --upgrade diffkit-cli",
        )
    return tables


def _migrate(db: Database, path: Path, migrations: tuple[Migration, ...]) -> None:
    wanted = _migration_set(migrations)
    if not wanted.pending(db):
        return
    with transaction(
        db
    ):  # of several programs that open the file at once, one migrates and the rest find it done
        if wanted.pending(db):
            if wanted.applied(db):
                _back_up(path)
            wanted.apply(db)


def _back_up(path: Path) -> Path:
    """Copy the committed state of the database beside it. The copy has its name only when it is complete."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = path.with_name(f"{path.name}.{stamp}.backup")
    partial = target.with_name(target.name + ".partial")
    source_uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(source_uri, uri=True)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    os.replace(partial, target)
    return target


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Readers and a writer at the same time. SQLite does not wait for its lock on this switch, so we do."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] in ("wal", "memory"):
        return
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _reason(error) != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _reason(error: sqlite3.Error) -> str:
    """The primary result code: SQLITE_BUSY for SQLITE_BUSY_SNAPSHOT."""
    return "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])


def _page_count(db: Database) -> int:
    return int(db.execute("PRAGMA page_count").fetchone()[0])


def _not_a_database(path: Path) -> DatabaseProblem:
    return DatabaseProblem(f"{path} is not a database and was not touched", fix=_ELSEWHERE)


def _explained(error: sqlite3.DatabaseError, path: Path) -> DatabaseProblem:
    match _reason(error):
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return DatabaseProblem(
                f"the database {path} is locked by another program",
                fix="wait until that has finished and try again",
            )
        case "SQLITE_NOTADB":
            return _not_a_database(path)
        case "SQLITE_CORRUPT" | "SQLITE_FORMAT":
            return DatabaseProblem(
                f"the database {path} is damaged ({error})",
                fix="put back a copy (*.backup), or save what can be saved with: sqlite3 FILE .recover",
            )
        case "SQLITE_READONLY" | "SQLITE_CANTOPEN" | "SQLITE_PERM":
            return DatabaseProblem(
                f"the database {path} cannot be opened for writing ({error})", fix=_ELSEWHERE
            )
        case "SQLITE_FULL":
            return DatabaseProblem(
                f"no space left for the database {path}", fix="free some space; nothing was lost"
            )
    return DatabaseProblem(f"the database {path} failed: {error}", fix=f"check the file, or {_ELSEWHERE}")
