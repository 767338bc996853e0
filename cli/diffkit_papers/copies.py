"""Copies of the database file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from diffkit_papers.database import beyond_reading, connect, explained, reason_of
from diffkit_papers.errors import DatabaseProblem

if TYPE_CHECKING:
    from _typeshed import StrPath


def back_up(path: StrPath) -> Path:
    """Copy the committed state of the database beside it, under a name with the time."""
    target = stamped(path, "backup")
    copy_to(path, target)
    return target


def stamped(path: StrPath, ending: str) -> Path:
    """A name beside `path` with the time in it."""
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return Path(f"{os.fspath(path)}.{time}.{ending}")


def copy_to(path: StrPath, target: Path) -> None:
    """Copy the committed state of a database. The copy has its name only when it is complete and on disk."""
    partial = target.with_name(target.name + ".partial")
    try:
        with (
            closing(connect(path, "ro")) as source,
            closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
        with open(partial, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, target)
    except sqlite3.DatabaseError as error:
        if beyond_reading(error) or reason_of(error) in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            raise  # it is the file that is read
        raise explained(error, target) from error
    except OSError as error:
        raise DatabaseProblem(
            f"cannot write the copy {target}: {error.strerror}", fix="name another"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
