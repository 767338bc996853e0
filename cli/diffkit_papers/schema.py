"""The tables of the log and their migrations, and where its file lies.

Tables change only by further migrations at the end of `MIGRATIONS`. A released migration never changes. What
is derived from other rows (the state of a paper, the full-text index) is made anew after a migration.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable

Migration = Callable[[sqlite3.Connection], None]

# What `undo` can take back: every table that a command writes, with its columns.
RECORDED: dict[str, tuple[str, ...]] = {
    "papers": (
        *("id", "key", "title", "authors", "year", "venue", "doi", "arxiv", "arxiv_version", "url"),
        *("fingerprint", "added_at", "type", "abstract", "priority", "fields", "state", "next_pass"),
    ),
    "sources": ("id", "paper_id", "format", "citation_key", "raw", "fields"),
    "tags": ("paper_id", "tag"),
    "passes": ("id", "paper_id", "number", "started_at"),
    "answers": ("id", "pass_id", "question", "answer", "answered_at"),
    "sittings": ("id", "pass_id", "minutes", "verdict", "ended_at"),
    "reopenings": ("id", "paper_id", "number", "after_pass", "reason", "reopened_at"),
    "provenance": ("paper_id", "field", "source_id"),
    "files": ("id", "paper_id", "sha256", "name", "size", "added_at"),
    "links": ("id", "paper_id", "target_id", "kind", "pass_id", "created_at"),
    "notes": ("id", "paper_id", "text", "created_at"),
    "queries": ("name", "query", "created_at"),
    "reviews": ("id", "paper_id", "section", "rating", "recalled", "reviewed_at", "card"),
}


def default_path() -> str:
    """The user's data folder by the customs of the operating system."""
    home, data = os.environ.get("HOME", ""), os.environ.get("XDG_DATA_HOME", "")
    if sys.platform == "linux" and os.path.isabs(home) and "ANDROID_ROOT" not in os.environ:
        # What platformdirs says there, whose import takes a tenth of a short command's time.
        folder = data if os.path.isabs(data) else os.path.expanduser("~/.local/share")
        return os.path.join(folder, "diffkit", "papers.db")
    from platformdirs import user_data_dir

    return os.path.join(user_data_dir("diffkit", appauthor=False), "papers.db")


def first_tables(db: sqlite3.Connection) -> None:
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


def whole_life(db: sqlite3.Connection) -> None:
    """What the life of a paper needs beyond its passes: search, order, recall, files, and a way back."""
    for statement in (*_PAPER_COLUMNS, *_HARD_VERDICT, *_FURTHER_TABLES, *_JOURNAL):
        db.execute(statement)
    for table, columns in RECORDED.items():
        _record_changes(db, table, columns)


_PAPER_COLUMNS = (
    "ALTER TABLE papers ADD COLUMN type TEXT NOT NULL DEFAULT ''",  # CSL's word, such as article-journal
    "ALTER TABLE papers ADD COLUMN abstract TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE papers ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
    # JSON object: every further bibliographic field under BibLaTeX's name
    "ALTER TABLE papers ADD COLUMN fields TEXT NOT NULL DEFAULT '{}'",
    # both derived from the passes, so that queries can filter by them
    "ALTER TABLE papers ADD COLUMN state TEXT NOT NULL DEFAULT 'new'",
    "ALTER TABLE papers ADD COLUMN next_pass INTEGER DEFAULT 1",
    "CREATE INDEX papers_state ON papers (state, priority DESC)",
    "CREATE INDEX papers_year ON papers (year)",
    "CREATE INDEX tags_tag ON tags (tag)",
)
# A CHECK cannot be altered: the table is written anew. Nothing refers to it.
_HARD_VERDICT = (
    """CREATE TABLE sittings_anew (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        pass_id INTEGER NOT NULL REFERENCES passes (id) ON DELETE CASCADE,
        minutes REAL CHECK (minutes >= 0),
        verdict TEXT CHECK (verdict IN ('continue', 'park', 'drop', 'hard')),
        ended_at TEXT NOT NULL
    )""",
    "INSERT INTO sittings_anew SELECT id, pass_id, minutes, verdict, ended_at FROM sittings",
    "DROP TABLE sittings",
    "ALTER TABLE sittings_anew RENAME TO sittings",
    "CREATE INDEX sittings_pass ON sittings (pass_id)",
)
_FURTHER_TABLES = (
    # Passes from `number` on that began before count no longer; `after_pass` is the last of them.
    """CREATE TABLE reopenings (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
        number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 3),
        after_pass INTEGER NOT NULL REFERENCES passes (id) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        reopened_at TEXT NOT NULL
    )""",
    "CREATE INDEX reopenings_paper ON reopenings (paper_id)",
    # Which source gave a value; a field without a row has it from the first source, or by hand.
    """CREATE TABLE provenance (
        paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
        field TEXT NOT NULL,
        source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
        PRIMARY KEY (paper_id, field)
    )""",
    """CREATE TABLE files (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
        sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
        name TEXT NOT NULL,
        size INTEGER NOT NULL CHECK (size >= 0),
        added_at TEXT NOT NULL,
        UNIQUE (paper_id, sha256)
    )""",
    "CREATE INDEX files_sha256 ON files (sha256)",
    """CREATE TABLE links (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
        target_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE CHECK (target_id <> paper_id),
        kind TEXT NOT NULL CHECK (kind IN ('circled', 'prerequisite')),
        pass_id INTEGER REFERENCES passes (id) ON DELETE SET NULL,
        created_at TEXT NOT NULL,
        UNIQUE (paper_id, target_id, kind)
    )""",
    "CREATE INDEX links_target ON links (target_id)",
    """CREATE TABLE notes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        created_at TEXT NOT NULL
    )""",
    "CREATE INDEX notes_paper ON notes (paper_id)",
    """CREATE TABLE queries (
        name TEXT PRIMARY KEY,
        query TEXT NOT NULL,
        created_at TEXT NOT NULL
    )""",
    """CREATE TABLE reviews (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        paper_id INTEGER NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
        section TEXT NOT NULL,
        rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 4),
        recalled TEXT NOT NULL,
        reviewed_at TEXT NOT NULL,
        card TEXT NOT NULL  -- JSON: the state of the FSRS card after this review
    )""",
    "CREATE INDEX reviews_paper ON reviews (paper_id, section)",
    # Filled with text as `fulltext.indexed` writes it.
    "CREATE VIRTUAL TABLE search USING fts5 (title, authors, venue, abstract, notes, answers)",
)
_JOURNAL = (
    """CREATE TABLE actions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        command TEXT NOT NULL,
        at TEXT NOT NULL,
        undoes INTEGER REFERENCES actions (id),
        open INTEGER NOT NULL DEFAULT 1  -- 0 once it is written: what comes later is not part of it
    )""",
    # `before` is the row as it was, in JSON; NULL for a row that was inserted
    """CREATE TABLE changes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        action_id INTEGER NOT NULL REFERENCES actions (id),
        table_name TEXT NOT NULL,
        row_id INTEGER NOT NULL,
        before TEXT
    )""",
    "CREATE INDEX changes_action ON changes (action_id)",
)


def _record_changes(db: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
    """Triggers that write every change of a table by an action into `changes`."""
    old = ", ".join(f"'{column}', OLD.{column}" for column in columns)
    for event, row, before in (
        ("INSERT", "NEW", "NULL"),
        ("UPDATE", "OLD", f"json_object({old})"),
        ("DELETE", "OLD", f"json_object({old})"),
    ):
        db.execute(
            f"CREATE TRIGGER {table}_{event.lower()} AFTER {event} ON {table} "
            "WHEN (SELECT open FROM actions ORDER BY id DESC LIMIT 1) BEGIN "
            "INSERT INTO changes (action_id, table_name, row_id, before) "
            f"VALUES ((SELECT max(id) FROM actions), '{table}', {row}.rowid, {before}); END"
        )


def annotations_searched(db: sqlite3.Connection) -> None:
    """The full-text index holds the annotations of records. No table changes: the index is made anew.

    SQLite gathers up to 64 MB of it in memory before it writes a part, not 1 MB: parts have to be merged, at
    the latest by whoever searches.
    """
    db.execute("INSERT INTO search (search, rank) VALUES ('hashsize', ?)", [64 << 20])


MIGRATIONS: tuple[Migration, ...] = (first_tables, whole_life, annotations_searched)
