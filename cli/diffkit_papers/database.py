"""Opening the log: checks before anything is touched, migrations, transactions, errors in words.

Paths are text here: the import of pathlib takes a twentieth of a short command's time.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from stat import S_ISDIR
from typing import TYPE_CHECKING

from diffkit_papers.completing import refresh
from diffkit_papers.errors import DatabaseProblem
from diffkit_papers.schema import MIGRATIONS, Migration

if TYPE_CHECKING:
    from _typeshed import StrPath

NAME = "diffkit-papers"
BUSY_SECONDS = 30.0
_ELSEWHERE = "choose another place with --db or DIFFKIT_DB"
# Where sqlite-utils keeps what a file went through.
_NOTES = (
    """CREATE TABLE "_sqlite_migrations" (
        "id" INTEGER PRIMARY KEY, "migration_set" TEXT, "name" TEXT, "applied_at" TEXT
    )""",
    """CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
        ON "_sqlite_migrations" ("migration_set", "name")""",
)
_NOTE = "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)"


@contextmanager
def session(
    path: StrPath, *, create: bool = False, migrations: tuple[Migration, ...] = MIGRATIONS
) -> Iterator[sqlite3.Connection]:
    """Open the log at `path` for a while; every SQLite error becomes a `DatabaseProblem` with its fix.

    A missing file is created with its folder when `create` is set; otherwise an empty log in memory stands
    for it, so that reading never leaves files behind.
    """
    path = os.fspath(path) or os.curdir
    try:
        db = _open(path, create, migrations)
        try:
            yield db
            with suppress(sqlite3.OperationalError):  # then it is left to those who open it next
                _enable_wal(db, 0)
        finally:
            if db.total_changes and (file := path_of(db)):
                refresh(db, file)
            db.close()
    except sqlite3.DatabaseError as error:
        raise explained(error, path) from error
    except UnicodeDecodeError as error:
        raise _damaged(path, "text that is not UTF-8") from error


@contextmanager
def transaction(db: sqlite3.Connection, command: str) -> Iterator[int]:
    """All or nothing, as one action that `undo` can take back; yields its number.

    IMMEDIATE: what is read inside is still true when it is written. An action that changes nothing leaves no
    trace.
    """
    with _whole(db):
        row = {"command": command, "at": now()}
        action = int(
            db.execute("INSERT INTO actions (command, at) VALUES (:command, :at)", row).lastrowid or 0
        )
        yield action
        if db.execute("SELECT 1 FROM changes WHERE action_id = ? LIMIT 1", [action]).fetchone():
            db.execute("UPDATE actions SET open = 0 WHERE id = ?", [action])
        else:
            db.execute("DELETE FROM actions WHERE id = ?", [action])


def now() -> str:
    """The time as the log writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def path_of(db: sqlite3.Connection) -> str | None:
    """The file of an open log; None for one in memory."""
    name = "SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'"  # it need not be UTF-8
    return os.fsdecode(db.execute(name).fetchone()[0]) or None


@contextmanager
def _whole(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back already
            db.execute("ROLLBACK")
        raise


def _open(path: str, create: bool, migrations: tuple[Migration, ...]) -> sqlite3.Connection:
    db = connect(path, "rwc" if create else "rw")
    try:
        exists = _checked(db, path, migrations)
        if not exists and not create:
            db.close()
            db = _in_memory()
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = EXTRA")  # what was acknowledged survives a power cut, too
        db.execute("PRAGMA cache_size = -65536")  # KiB at most, so that an import stays in memory
        db.execute("PRAGMA temp_store = MEMORY")  # statements that fire triggers keep a journal of their own
        # A new log does without for the first session: there is nothing to read in it, and what fills it is
        # written once instead of twice.
        if exists:
            _enable_wal(db, BUSY_SECONDS if create else 0)
        _migrate(db, path, migrations)
    except BaseException:
        db.close()
        raise
    return db


def connect(path: StrPath, mode: str) -> sqlite3.Connection:
    """Open the file in a mode of SQLite's: rwc, which creates it, rw or ro."""
    create = mode == "rwc"
    try:
        if create:
            os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)
        kind = _kind(path)
    except OSError as error:
        raise DatabaseProblem(
            f"cannot use the database {path}: {error.strerror or error}",
            fix=_ELSEWHERE,
        ) from error
    if kind and S_ISDIR(kind):
        inside = os.path.join(path, "papers.db")
        raise DatabaseProblem(f"{path} is a folder", fix=f"name a file, such as {inside}")
    if not kind and not create:
        return _in_memory()
    db = connection(path, f"mode={mode}")
    try:
        db.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        db.close()
        if create or not (query := _without_shared_memory(path, error)):
            raise
        db = connection(path, query)
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
    return db


def _kind(path: StrPath) -> int | None:
    try:
        return os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def connection(path: StrPath, query: str) -> sqlite3.Connection:
    """The file at `path`, opened as the query of an URI says (https://www.sqlite.org/uri.html)."""
    # abspath would take the `..` of a folder behind a link for that of the link
    place = os.fspath(path) if os.path.isabs(path) else os.path.join(os.getcwd(), path)
    if os.sep == "\\":
        place = "/" + place.replace(os.sep, "/")
    for sign in "%?#":
        place = place.replace(sign, f"%{ord(sign):x}")
    return sqlite3.connect(
        f"file://{place}?{query}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions begin where the code says so
    )


def _without_shared_memory(path: StrPath, error: sqlite3.DatabaseError) -> str | None:
    """How to open a log beside which there can be no -shm file, through which its users know of each other.

    On a full disk SQLite does without, if it locks the log against all others. In a folder that is read-only
    it has to be told that nothing will change.
    """
    if getattr(error, "sqlite_errorname", "") == "SQLITE_IOERR_SHMSIZE":
        return "mode=rw"
    closed = reason_of(error) in ("SQLITE_CANTOPEN", "SQLITE_READONLY")
    return "mode=ro&immutable=1" if closed and at_rest(path) else None


def at_rest(path: StrPath) -> bool:
    """Whether the file alone is the log, and stays as it is: we cannot write beside it, and nobody does.

    Who has it open has a -shm file there; what is in a -wal file is not in the file yet.
    """
    own_rights = os.access in os.supports_effective_ids
    place = os.path.realpath(path)
    return not (
        os.access(os.path.dirname(place), os.W_OK, effective_ids=own_rights)
        or os.path.exists(f"{place}-shm")
        or unfinished(path)
    )


def unfinished(path: StrPath) -> bool:
    """Whether a -wal file holds writes."""
    return _holds_bytes(f"{os.path.realpath(path)}-wal")


def _holds_bytes(path: str) -> bool:
    return os.path.exists(path) and os.path.getsize(path) > 0


def _in_memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def _tables(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _applied(db: sqlite3.Connection) -> set[str]:
    """The names of the migrations that the file went through, from the table that sqlite-utils keeps of them.

    sqlite-utils is imported only to migrate an older log: it imports NumPy, and pandas where it is there.
    """
    if "_sqlite_migrations" not in _tables(db):
        return set()
    rows = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", [NAME])
    return {row[0] for row in rows}


def _checked(db: sqlite3.Connection, path: str, migrations: tuple[Migration, ...]) -> bool:
    """Whether the file has tables. What is not ours, or of a later version, is refused before any write."""
    tables = _tables(db)
    if not tables and _holds_bytes(path) and not _page_count(db):
        # SQLite takes a file shorter than a page for an empty database, and would write over it.
        raise _not_a_database(path)
    if tables:
        check_origin(db, path, migrations)
    return bool(tables)


def check_origin(
    db: sqlite3.Connection, path: StrPath, migrations: tuple[Migration, ...] = MIGRATIONS
) -> None:
    """Raise `DatabaseProblem` for a database of another program or of a later version."""
    applied = _applied(db)
    if not applied:
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


def _pending(db: sqlite3.Connection, migrations: Iterable[Migration]) -> list[Migration]:
    applied = _applied(db)
    return [migration for migration in migrations if migration.__name__ not in applied]


def _migrate(db: sqlite3.Connection, path: str, migrations: tuple[Migration, ...]) -> None:
    if not _pending(db, migrations):
        return
    # Of several programs that open the file at once, one migrates and the rest find it done.
    with _whole(db):
        pending = _pending(db, migrations)
        if not pending:
            return
        if len(pending) < len(migrations):
            from diffkit_papers.copies import back_up

            back_up(path)
        _apply(db, migrations)
        if "search" in _tables(db):
            from diffkit_papers.derived import rebuild

            rebuild(db)


def _apply(db: sqlite3.Connection, migrations: Iterable[Migration]) -> None:
    """Run the migrations that the file has not been through, and note each as sqlite-utils does.

    A new log does without sqlite-utils itself, whose import can take as long as that of a thousand papers.
    """
    if not _tables(db):
        for statement in _NOTES:
            db.execute(statement)
        for migration in migrations:
            migration(db)
            db.execute(_NOTE, [NAME, migration.__name__, str(datetime.now(UTC))])
        return
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    wanted = Migrations(NAME)
    for migration in migrations:
        wanted(name=migration.__name__)(lambda database, run=migration: run(database.conn))
    # What other programs register for sqlite-utils has no business in this file.
    wanted.apply(Database(db, execute_plugins=False))


def _enable_wal(connection: sqlite3.Connection, seconds: float) -> None:
    """Readers and a writer at the same time. SQLite does not wait for its lock on this switch, so we do.

    Where it stays locked for so long, or cannot be written, the log is used as it is: one after the other.
    """
    if connection.execute("PRAGMA journal_mode").fetchone()[0] in ("wal", "memory"):
        return
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if reason_of(error) != "SQLITE_BUSY" or time.monotonic() > deadline:
                return
            time.sleep(0.01)


def beyond_reading(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is no database, or no longer one."""
    return reason_of(error) in ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")


def reason_of(error: sqlite3.Error) -> str:
    """The primary result code: SQLITE_BUSY for SQLITE_BUSY_SNAPSHOT."""
    return "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])


def _is_full(path: StrPath) -> bool:
    """Whether the disk has no room for even a page more; SQLite calls that an input/output error at times."""
    import shutil

    try:
        return shutil.disk_usage(os.path.dirname(path) or os.curdir).free < 65536
    except OSError:
        return False


def _page_count(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA page_count").fetchone()[0])


def _not_a_database(path: StrPath) -> DatabaseProblem:
    return DatabaseProblem(f"{path} is not a database and was not touched", fix=_ELSEWHERE)


def _damaged(path: StrPath, how: str) -> DatabaseProblem:
    return DatabaseProblem(
        f"the database {path} is damaged ({how})",
        fix="put back a copy (*.backup), or save what can be saved with: sqlite3 FILE .recover",
    )


def explained(error: sqlite3.DatabaseError, path: StrPath) -> DatabaseProblem:
    """An error of SQLite in words, with what to do about it."""
    reason = "SQLITE_FULL" if reason_of(error) == "SQLITE_IOERR" and _is_full(path) else reason_of(error)
    match reason:
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return DatabaseProblem(
                f"the database {path} is locked by another program",
                fix="wait until that has finished and try again",
            )
        case "SQLITE_NOTADB":
            return _not_a_database(path)
        case "SQLITE_CORRUPT" | "SQLITE_FORMAT":
            return _damaged(path, str(error))
        case "SQLITE_READONLY" | "SQLITE_CANTOPEN" | "SQLITE_PERM":
            how = "cannot be written" if reason_of(error) == "SQLITE_READONLY" else "cannot be opened"
            also = " with the -wal file beside it" if unfinished(path) else ""
            return DatabaseProblem(
                f"the database {path} {how} ({error})",
                fix=f"copy it{also} to a folder of yours, or {_ELSEWHERE}",
            )
        case "SQLITE_FULL":
            return DatabaseProblem(
                f"no space left for the database {path}", fix="free some space; nothing was lost"
            )
    return DatabaseProblem(f"the database {path} failed: {error}", fix=f"check the file, or {_ELSEWHERE}")
