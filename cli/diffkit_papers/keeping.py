"""The database file itself: where it is, copies of it, and putting one back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from diffkit_papers.copies import back_up, copy_to, stamped
from diffkit_papers.database import (
    beyond_reading,
    check_origin,
    connection,
    explained,
    path_of,
    session,
    unfinished,
)
from diffkit_papers.errors import BadData, DatabaseProblem, NotFound

Document = dict[str, Any]


def path(db: sqlite3.Connection) -> Document:
    """Where the database lies; None for one in memory, which stands for a file that is missing."""
    found = path_of(db)
    return {"path": found, "exists": found is not None}


def backup(db: sqlite3.Connection, target: Path | None = None) -> Document:
    """Copy the database, beside it when no place is named. Never over a file that is there."""
    source = path_of(db)
    if source is None:
        raise NotFound("there is no database yet to copy", fix="add a paper first: diffkit paper add")
    if target is None:
        target = back_up(source)
    else:
        if target.is_dir():
            target = target / stamped(source, "backup").name
        if target.exists():
            raise BadData(f"{target} exists and was not touched", fix="name a new file")
        if not target.parent.is_dir():
            raise NotFound(f"there is no folder {target.parent}", fix="make it, or name another place")
        copy_to(source, target)
    count = db.execute("SELECT count(*) FROM papers").fetchone()[0]
    return {"backup": str(target), "papers": count, "bytes": target.stat().st_size}


def backups(database: Path) -> list[Path]:
    """The copies beside the database, oldest first."""
    return sorted(database.parent.glob(f"{database.name}.*.backup"))


def list_backups(database: Path) -> Document:
    """The copies beside the database with their sizes, oldest first."""
    return {"backups": [{"backup": str(one), "bytes": one.stat().st_size} for one in backups(database)]}


def restore(database: Path, copy: Path | None = None) -> Document:
    """Put a copy in the place of the database: the newest beside it, when none is named.

    The database is copied itself first. A damaged database is moved aside
    instead. Other programs that have it open see what was put back.
    """
    if copy is None:
        known = backups(database)
        if not known:
            raise NotFound(f"there is no copy beside {database}", fix="name the file to put back")
        copy = known[-1]
    count = _papers(database, copy)
    kept = None
    if database.exists():
        kept = _replace_content(database, copy) or _replace_file(database, copy)
    else:
        database.parent.mkdir(parents=True, exist_ok=True)
        copy_to(copy, database)
    with session(database):  # a copy from an earlier version is brought up to date
        pass
    return {
        "restored": str(copy),
        "database": str(database),
        "papers": count,
        "kept": str(kept) if kept else None,
    }


def _papers(database: Path, copy: Path) -> int:
    """The number of papers in a copy, once it is known to be whole and one of ours."""
    if not copy.is_file():
        raise NotFound(f"no file {str(copy)!r}", fix="see the copies with: diffkit paper backup --list")
    if database.exists() and copy.samefile(database):
        raise BadData(f"{copy} is the database itself", fix="name a copy of it")
    try:
        with closing(_reader(copy)) as opened:
            check_origin(opened, copy)
            damage = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if damage != "ok":
                raise DatabaseProblem(f"the copy {copy} is damaged ({damage})", fix="use an older one")
            return int(opened.execute("SELECT count(*) FROM papers").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise explained(error, copy) from error


def _reader(copy: Path) -> sqlite3.Connection:
    """A copy opened so that nothing is written beside it, unless its last writes are in a log there."""
    query = "mode=ro" if unfinished(copy) else "mode=ro&immutable=1"
    return connection(copy, query)


def _replace_content(database: Path, copy: Path) -> Path | None:
    """Write the copy over the database in one transaction; None when the database is beyond that."""
    try:
        with closing(connection(database, "mode=rw")) as target:
            if target.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return None
            kept = back_up(database)
            with closing(_reader(copy)) as source:
                source.backup(target)
    except sqlite3.DatabaseError as error:
        if beyond_reading(error):
            return None
        raise explained(error, database) from error
    return kept


def _replace_file(database: Path, copy: Path) -> Path:
    """Move what cannot be read aside, with its log, and put the copy in its place in one step."""
    kept = stamped(database, "damaged")
    partial = stamped(database, "partial")
    copy_to(copy, partial)
    os.link(database, kept)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{database}{suffix}", f"{kept}{suffix}")
    os.replace(partial, database)
    return kept
