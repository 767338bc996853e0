"""What happened to a paper, in the order in which it happened. Nothing in it is ever changed or left out."""

from __future__ import annotations

import sqlite3
from typing import Any

from diffkit_papers import store
from diffkit_papers.undo import actions

Document = dict[str, Any]

_EVENTS = """
    SELECT added_at AS at, 'added' AS event, NULL AS pass, '' AS detail, 0 AS rank
        FROM papers WHERE id = :paper
    UNION ALL SELECT started_at, 'begun', number, '', 1 FROM passes WHERE paper_id = :paper
    UNION ALL SELECT answered_at, 'answered', number, question || ': ' || answer, 2
        FROM answers JOIN passes ON passes.id = pass_id WHERE paper_id = :paper
    UNION ALL SELECT ended_at, IFNULL(verdict, 'interrupted'), number,
            IIF(minutes IS NULL, '', printf('%g minutes', minutes)), 5
        FROM sittings JOIN passes ON passes.id = pass_id WHERE paper_id = :paper
    UNION ALL SELECT reopened_at, 'reopened', number, reason, 6 FROM reopenings WHERE paper_id = :paper
    UNION ALL SELECT links.created_at, links.kind, NULL, papers.key, 4
        FROM links JOIN papers ON papers.id = target_id WHERE paper_id = :paper
    UNION ALL SELECT created_at, 'note', NULL, text, 3 FROM notes WHERE paper_id = :paper
    UNION ALL SELECT files.added_at, 'file', NULL, name, 3 FROM files WHERE paper_id = :paper
    UNION ALL SELECT json_extract(fields, '$.merged'), 'merged', NULL, citation_key, 7
        FROM sources WHERE paper_id = :paper AND format = 'merged' AND raw <> ''
    UNION ALL SELECT reviewed_at, 'recalled', NULL,
            printf('%s: %d of 4', section, rating), 3 FROM reviews WHERE paper_id = :paper
    ORDER BY at, rank
"""


def history(db: sqlite3.Connection, name: str | None = None, limit: int = 20) -> Document:
    """Everything that happened to a paper, oldest first; without a name the last writes, latest first."""
    if name is None:
        return actions(db, limit)
    paper = store.find(db, name)
    rows = db.execute(_EVENTS, {"paper": paper.id})
    events = [{name: row[name] for name in ("at", "event", "pass", "detail")} for row in rows]
    return {"key": paper.key, "title": paper.label, "state": paper.state.value, "events": events}
