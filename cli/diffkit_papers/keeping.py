"""The database file itself."""

from __future__ import annotations

import sqlite3
from typing import Any

from diffkit_papers.database import path_of

Document = dict[str, Any]


def path(db: sqlite3.Connection) -> Document:
    """Where the database lies; None for one in memory, which stands for a file that is missing."""
    found = path_of(db)
    return {"path": str(found) if found else None, "exists": found is not None}
