"""The keys of the log in a small file beside it, for shells: reading it takes no Python.

Every session that wrote something brings it up to date. It is made from the log alone and may be deleted.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress

SUFFIX = ".keys"


def refresh(db: sqlite3.Connection, path: str) -> None:
    """Write the keys of the open log at `path` beside it, if they changed.

    Nobody's work depends on this file: what goes wrong here is passed over, and mended by the next write.
    """
    place = path + SUFFIX
    with suppress(OSError, sqlite3.Error):
        while True:
            version = _version(db)
            rows = db.execute("SELECT key FROM papers ORDER BY key")
            keys = "".join(f"{key}\n" for (key,) in rows).encode()
            if keys == (_read(place) if os.path.exists(place) else b""):
                return
            with open(place, "wb") as file:
                file.write(keys)
            if _version(db) == version:  # otherwise another program wrote meanwhile
                return


def _read(place: str) -> bytes:
    with open(place, "rb") as file:
        return file.read()


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA data_version").fetchone()[0])
