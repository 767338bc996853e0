"""What the web view shows: titles, hidden tables, and queries kept ready."""

from __future__ import annotations

from typing import Any

HOST = "127.0.0.1"
NAME = "papers"  # of the database in addresses: /papers/queue

_NAMES = "(SELECT group_concat(json_extract(value, '$.family'), ', ') FROM json_each(papers.authors))"
_TITLE = "CASE papers.title WHEN '' THEN coalesce(arxiv, doi) ELSE papers.title END AS title"
_LINE = f"papers.key, {_TITLE}, {_NAMES} AS authors, papers.year"

QUERIES: dict[str, tuple[str, str, str]] = {
    "queue": (
        "What waits to be read",
        "Papers that are new, begun or waiting for others, the most urgent first.",
        f"""SELECT {_LINE}, state, next_pass, priority FROM papers
            WHERE state IN ('new', 'reading', 'waiting')
            ORDER BY priority DESC, state = 'new', next_pass DESC, id""",
    ),
    "search": (
        "Search",
        "Words at the beginning of words, in titles, authors, venues, abstracts, notes and answers.",
        f"""SELECT {_LINE}, papers.venue, state FROM search JOIN papers ON papers.id = search.rowid
            WHERE search MATCH full_text(:words) ORDER BY rank LIMIT 200""",
    ),
    "paper": (
        "One paper",
        "What it is, and what was noted and answered, in the order it was written.",
        f"""WITH chosen AS (SELECT papers.*, {_NAMES} AS names FROM papers WHERE key = :key)
            SELECT 'title' AS what, title AS text FROM chosen
            UNION ALL SELECT 'authors', names FROM chosen
            UNION ALL SELECT 'published', venue || ' ' || ifnull(year, '') FROM chosen
            UNION ALL SELECT 'address', CASE WHEN url <> '' THEN url
                WHEN arxiv IS NOT NULL THEN 'https://arxiv.org/abs/' || arxiv
                ELSE 'https://doi.org/' || doi END FROM chosen
            UNION ALL SELECT 'state', state FROM chosen
            UNION ALL SELECT 'abstract', abstract FROM chosen
            UNION ALL SELECT * FROM (SELECT 'note of ' || substr(notes.created_at, 1, 10), text
                FROM notes JOIN chosen ON chosen.id = paper_id ORDER BY notes.id)
            UNION ALL SELECT * FROM (SELECT 'pass ' || number || ', ' || question, answer
                FROM answers JOIN passes ON passes.id = pass_id JOIN chosen ON chosen.id = paper_id
                ORDER BY answers.id)""",
    ),
    "notes": (
        "Notes, newest first",
        "",
        """SELECT papers.key, text, created_at FROM notes JOIN papers ON papers.id = paper_id
            ORDER BY notes.id DESC""",
    ),
    "answers": (
        "Answers, newest first",
        "",
        """SELECT papers.key, passes.number AS pass, question, answer, answered_at FROM answers
            JOIN passes ON passes.id = pass_id JOIN papers ON papers.id = paper_id
            ORDER BY answers.id DESC LIMIT 500""",
    ),
    "verdicts": (
        "How passes ended",
        "Each pass with its verdict and the minutes of all its sittings, newest first.",
        """SELECT papers.key, passes.number AS pass, max(verdict) AS verdict, sum(minutes) AS minutes,
            max(ended_at) AS ended_at
            FROM sittings JOIN passes ON passes.id = pass_id JOIN papers ON papers.id = paper_id
            GROUP BY passes.id HAVING max(verdict) IS NOT NULL ORDER BY max(sittings.id) DESC""",
    ),
    "weeks": (
        "Minutes by week",
        "",
        """SELECT date(ended_at, 'weekday 0', '-6 days') AS week, count(DISTINCT paper_id) AS papers,
            sum(verdict IS NOT NULL) AS passes, sum(minutes) AS minutes
            FROM sittings JOIN passes ON passes.id = pass_id GROUP BY week ORDER BY week DESC""",
    ),
    "order": (
        "What has to be read first",
        "",
        """SELECT papers.key, papers.state, before.key AS first, before.state AS first_state
            FROM links JOIN papers ON papers.id = paper_id JOIN papers AS before ON before.id = target_id
            WHERE kind = 'prerequisite' ORDER BY links.id DESC""",
    ),
}
HIDDEN = ("_sqlite_migrations", "actions", "changes", "provenance", "search")


def metadata() -> dict[str, Any]:
    """The document that Datasette calls metadata."""
    queries = {
        name: {"title": title, "description": text, "sql": sql, "hide_sql": True}
        for name, (title, text, sql) in QUERIES.items()
    }
    tables: dict[str, dict[str, Any]] = {table: {"hidden": True} for table in HIDDEN}
    tables["papers"] = {
        "description": "Every paper of the log.",
        "label_column": "key",
        "sort_desc": "id",
        "facets": ["state", "year", "venue"],
    }
    tables["sources"] = {"description": "The records that papers came from, word for word."}
    return {
        "title": "Reading log",
        "description": "Read-only: the log is written with `diffkit paper`.",
        "databases": {NAME: {"tables": tables, "queries": queries}},
    }
