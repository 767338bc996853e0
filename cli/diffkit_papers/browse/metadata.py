"""What the web view shows: titles, hidden tables, and queries kept ready."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
NAME = "papers"  # of the database in addresses: /papers/queue
STATIC = "reading-log"  # of the folder of its style sheet in addresses

_TITLE = "CASE papers.title WHEN '' THEN coalesce('arXiv:' || arxiv, doi) ELSE papers.title END AS title"
_LINE = f"papers.key, {_TITLE}, short_names(papers.authors) AS authors, papers.year"


def _minute(column: str) -> str:
    """A moment without what nobody reads."""
    return f"replace(substr({column}, 1, 16), 'T', ' ')"


# Its lines come in the order of `part`, `place` and `line`; what is not known is left out.
_PAPER = """
    WITH chosen AS (SELECT * FROM papers WHERE key = :key),
    lines (part, place, line, what, text) AS (
        SELECT 1, 1, 0, 'title', title FROM chosen
        UNION ALL SELECT 1, 2, 0, 'authors', full_names(authors) FROM chosen
        UNION ALL SELECT 1, 3, 0, 'published', trim(venue || ' ' || ifnull(year, '')) FROM chosen
        UNION ALL SELECT 1, 4, 0, 'type', type FROM chosen
        UNION ALL SELECT 1, 5, 0, 'address', CASE WHEN url <> '' THEN url
            WHEN arxiv IS NOT NULL THEN 'https://arxiv.org/abs/' || arxiv
            ELSE 'https://doi.org/' || doi END FROM chosen
        UNION ALL SELECT 1, 6, 0, 'DOI', doi FROM chosen
        UNION ALL SELECT 1, 7, 0, 'arXiv', arxiv FROM chosen
        UNION ALL SELECT 2, 1, 0, 'state', state || ifnull('; pass ' || next_pass || ' comes next', '')
            FROM chosen
        UNION ALL SELECT 2, 2, 0, 'tags',
            (SELECT group_concat(tag, ', ') FROM tags WHERE paper_id = chosen.id) FROM chosen
        UNION ALL SELECT 2, 3, 0, 'priority', nullif(priority, 0) FROM chosen
        UNION ALL SELECT 3, links.id, 0, CASE kind WHEN 'circled' THEN 'circled' ELSE 'to be read first' END,
            papers.key || ': ' || papers.title
            FROM links JOIN chosen ON chosen.id = paper_id JOIN papers ON papers.id = target_id
        UNION ALL SELECT 4, links.id, 0, CASE kind WHEN 'circled' THEN 'circled in' ELSE 'needed by' END,
            papers.key || ': ' || papers.title
            FROM links JOIN chosen ON chosen.id = target_id JOIN papers ON papers.id = paper_id
        UNION ALL SELECT 5, 1, 0, 'abstract', abstract FROM chosen
        UNION ALL SELECT 5, 2, 0, field.key, field.value FROM chosen, json_each(chosen.fields) AS field
        UNION ALL SELECT 6, files.id, 0, 'file', name FROM files JOIN chosen ON chosen.id = paper_id
        UNION ALL SELECT 7, notes.id, 0, 'note of ' || substr(notes.created_at, 1, 10), text
            FROM notes JOIN chosen ON chosen.id = paper_id
        UNION ALL SELECT 8, passes.id, 0, 'pass ' || number, ifnull(max(verdict), 'open')
            || ifnull(', ' || round(sum(minutes), 1) || ' minutes', '') || ', ' || substr(started_at, 1, 10)
            FROM passes JOIN chosen ON chosen.id = paper_id LEFT JOIN sittings ON pass_id = passes.id
            GROUP BY passes.id
        UNION ALL SELECT 8, pass_id, answers.id, 'pass ' || number || ', ' || replace(question, '_', ' '),
            answer FROM answers JOIN passes ON passes.id = pass_id JOIN chosen ON chosen.id = paper_id
        UNION ALL SELECT 9, reviews.id, 0, 'recalled ' || section,
            rating || ' of 4, ' || substr(reviewed_at, 1, 10) || iif(recalled = '', '', ': ' || recalled)
            FROM reviews JOIN chosen ON chosen.id = paper_id
        UNION ALL SELECT 10, sources.id, 0, 'record, ' || format, raw
            FROM sources JOIN chosen ON chosen.id = paper_id
    )
    SELECT what, text FROM lines WHERE text <> '' ORDER BY part, place, line
"""
LINKED = ("circled", "to be read first", "circled in", "needed by")  # the lines above that lead to a paper

QUERIES: dict[str, tuple[str, str, str]] = {
    "queue": (
        "What waits to be read",
        "Papers that are new, begun or waiting for others, the most urgent first.",
        f"""SELECT {_LINE}, state, next_pass, nullif(priority, 0) AS priority FROM papers
            WHERE state IN ('new', 'reading', 'waiting')
            ORDER BY papers.priority DESC, state = 'new', next_pass DESC, id""",
    ),
    "search": (
        "Search",
        "Words, or how they begin, in titles, authors, venues, abstracts, notes and answers.",
        f"""SELECT {_LINE}, papers.venue, state FROM search JOIN papers ON papers.id = search.rowid
            WHERE search MATCH full_text(:words) ORDER BY rank LIMIT 200""",
    ),
    "paper": (
        "One paper",
        "What it is, what it hangs together with, and what was noted, answered and recalled, by its key.",
        _PAPER,
    ),
    "notes": (
        "Notes",
        "What was written beside papers, the newest first.",
        f"""SELECT papers.key, {_TITLE}, text, {_minute("notes.created_at")} AS written
            FROM notes JOIN papers ON papers.id = paper_id ORDER BY notes.id DESC""",
    ),
    "answers": (
        "Answers",
        "The last 500 answers to the questions of the passes, the newest first.",
        f"""SELECT papers.key, {_TITLE}, passes.number AS pass,
            replace(question, '_', ' ') AS question, answer, {_minute("answered_at")} AS written
            FROM answers JOIN passes ON passes.id = pass_id JOIN papers ON papers.id = paper_id
            ORDER BY answers.id DESC LIMIT 500""",
    ),
    "verdicts": (
        "How passes ended",
        "Each pass with its verdict and the minutes of all its sittings, the newest first.",
        f"""SELECT papers.key, {_TITLE}, passes.number AS pass, max(verdict) AS verdict,
            round(sum(minutes), 1) AS minutes, {_minute("max(ended_at)")} AS written
            FROM sittings JOIN passes ON passes.id = pass_id JOIN papers ON papers.id = paper_id
            GROUP BY passes.id HAVING max(verdict) IS NOT NULL ORDER BY max(sittings.id) DESC""",
    ),
    "weeks": (
        "Minutes by week",
        "Papers that were read, passes that were ended and the minutes of both; a week begins on Monday.",
        """SELECT date(ended_at, 'weekday 0', '-6 days') AS week, count(DISTINCT paper_id) AS papers,
            sum(verdict IS NOT NULL) AS passes, round(sum(minutes), 1) AS minutes
            FROM sittings JOIN passes ON passes.id = pass_id GROUP BY week ORDER BY week DESC""",
    ),
    "order": (
        "What has to be read first",
        "Papers that need others to be read before them, and where both stand.",
        """SELECT papers.key, papers.title, papers.state, before.key AS first, before.title AS first_title,
            before.state AS first_state
            FROM links JOIN papers ON papers.id = paper_id JOIN papers AS before ON before.id = target_id
            WHERE kind = 'prerequisite' ORDER BY links.id DESC""",
    ),
}
TABLES = {
    "papers": "Every paper of the log, with all its columns.",
    "answers": "To the questions of a pass.",
    "files": "Kept beside the database, under their hashes.",
    "links": "From a paper to those that it needs or that were circled in it.",
    "notes": "Beside papers.",
    "passes": "Each reading of a paper.",
    "queries": "Kept under a name.",
    "reopenings": "When a paper was taken up again.",
    "reviews": "What was recalled, and when it comes back.",
    "sittings": "The minutes of a pass, and its verdict.",
    "sources": "The records that papers came from, word for word.",
    "tags": "Of papers.",
}
HIDDEN = ("_sqlite_migrations", "actions", "changes", "provenance", "search", "sqlite_sequence")
_SHOWN = ("key", "title", "authors", "year", "venue", "state", "next_pass", "priority")


def metadata() -> dict[str, Any]:
    """The document that Datasette calls metadata."""
    queries = {
        name: {"title": title, "description": text, "sql": sql, "hide_sql": True}
        for name, (title, text, sql) in QUERIES.items()
    }
    tables: dict[str, dict[str, Any]] = {table: {"hidden": True} for table in HIDDEN}
    tables |= {table: {"description": text} for table, text in TABLES.items()}
    tables["papers"] |= {"label_column": "key", "sort_desc": "id", "facets": ["state", "year"]}
    tables["tags"]["facets"] = ["tag"]
    log = {
        "title": "Reading log",
        "description": "Read-only: it is written with the command diffkit paper. Times are those of UTC.",
        "papers_columns": urlencode([("_col", column) for column in _SHOWN]),
        "tables": tables,
        "queries": queries,
    }
    return {"databases": {NAME: log}, "extra_css_urls": [f"/{STATIC}/log.css"]}
