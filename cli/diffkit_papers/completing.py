"""The keys of the log in a small file beside it, for shells: reading it takes no Python.

Every session that wrote something brings it up to date. It is made from the log alone and may be deleted.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

SUFFIX = ".keys"


def refresh(db: sqlite3.Connection, path: Path) -> None:
    """Write the keys of the open log at `path` beside it, if they changed.

    Nobody's work depends on this file: what goes wrong here is passed over, and mended by the next write.
    """
    place = path.with_name(path.name + SUFFIX)
    with suppress(OSError, sqlite3.Error):
        while True:
            version = _version(db)
            keys = "".join(f"{key}\n" for (key,) in db.execute("SELECT key FROM papers ORDER BY key"))
            if keys == (place.read_text(encoding="utf-8") if place.exists() else ""):
                return
            place.write_text(keys, encoding="utf-8")
            if _version(db) == version:  # otherwise another program wrote meanwhile
                return


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA data_version").fetchone()[0])
