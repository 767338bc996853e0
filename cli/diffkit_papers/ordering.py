"""What to read next."""

from __future__ import annotations

import sqlite3
from typing import Any

from diffkit_papers import views
from diffkit_papers.records import label

Document = dict[str, Any]

RULE = (
    "unfinished passes first (latest begun first), then by priority, then papers with a pass to go on to "
    "(deepest first, longest waiting first), then new papers in the order they were added; never parked or "
    "dropped ones"
)
_QUEUE = """
    SELECT key, title, arxiv, doi, state, next_pass, priority, opened, opened_number, waiting_since FROM (
        SELECT papers.*,
            (SELECT max(sittings.id) FROM sittings JOIN passes ON passes.id = pass_id
             WHERE paper_id = papers.id AND verdict IS NOT NULL) AS waiting_since,
            open.id AS opened, open.number AS opened_number
        FROM papers LEFT JOIN (
            SELECT max(id) AS id, number, paper_id FROM passes
            WHERE NOT EXISTS (SELECT 1 FROM sittings WHERE pass_id = passes.id AND verdict IS NOT NULL)
            GROUP BY paper_id
        ) AS open ON open.paper_id = papers.id
        WHERE state IN ('new', 'reading') AND (next_pass IS NOT NULL OR open.id IS NOT NULL)
    )
    ORDER BY opened DESC, priority DESC, state = 'new', next_pass DESC, waiting_since, id
    LIMIT ?
"""


def next_papers(db: sqlite3.Connection, limit: int = 1) -> Document:
    """The papers at the head of the queue, each with its pass and the reason."""
    queue = [_step(row) for row in db.execute(_QUEUE, [limit])]
    counts = {row[0]: row[1] for row in db.execute("SELECT state, count(*) FROM papers GROUP BY state")}
    return {"next": queue[0] if queue else None, "queue": queue, "rule": RULE, "counts": counts}


def _step(row: sqlite3.Row) -> Document:
    number = row["opened_number"] or row["next_pass"]
    if row["opened"]:
        reason = f"pass {number} was begun and has no verdict"
    elif row["state"] == "new":
        reason = "it is new, and nothing already begun waits"
    else:
        reason = f"pass {number - 1} ended with continue" if number > 1 else "it was reopened"
    return {
        "key": row["key"],
        "pass": number,
        "title": label(row["title"], row["arxiv"], row["doi"]),
        "command": views.pass_command(row["key"], number),
        "reason": reason,
    }
