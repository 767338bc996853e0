"""Recall: each section of a paper that was read to the end comes back on the schedule of FSRS.

The schedule is that of the package `fsrs`, in days: https://github.com/open-spaced-repetition.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from diffkit_papers import store
from diffkit_papers.database import now, transaction
from diffkit_papers.derived import refresh_states
from diffkit_papers.errors import BadData, Refused
from diffkit_papers.identifiers import label
from diffkit_papers.passes import SECTIONS
from diffkit_papers.values import to_json

Document = dict[str, Any]

RATINGS: Mapping[str, int] = {"again": 1, "hard": 2, "good": 3, "easy": 4}
# As people type them.
TYPED_RATINGS: Mapping[str, int] = {**RATINGS, **{str(number): number for number in RATINGS.values()}}
# A section is due when its last card says so; one of a finished paper that has no card yet, at once.
_DUE = """
    SELECT papers.id, papers.key, papers.title, papers.arxiv, papers.doi, section,
        IFNULL(json_extract(card, '$.due'), '') AS due, reviewed_at, rating
    FROM (SELECT papers.id, papers.key, title, arxiv, doi, value AS section FROM papers, json_each(:sections)
        WHERE state IN ('done', 'recalled') AND (:paper IS NULL OR papers.id = :paper)) AS papers
    LEFT JOIN (SELECT max(id) AS last, paper_id, section AS name FROM reviews GROUP BY paper_id, section)
        ON paper_id = papers.id AND name = section
    LEFT JOIN (SELECT id AS review_id, card, reviewed_at, rating FROM reviews) ON review_id = last
    WHERE due <= :until
    ORDER BY due, papers.id, instr(:sections, section)
"""


def due(db: sqlite3.Connection, name: str | None = None, until: str | None = None) -> Document:
    """The sections to be recalled by `until` (by now), of all papers or of one, longest due first."""
    paper = store.find(db, name).id if name else None
    sections = "[" + ", ".join(f'"{section}"' for section in SECTIONS) + "]"
    rows = db.execute(_DUE, {"sections": sections, "paper": paper, "until": until or now()}).fetchall()
    later = db.execute(
        "SELECT min(due) FROM (SELECT json_extract(card, '$.due') AS due, max(id) FROM reviews "
        "WHERE :paper IS NULL OR paper_id = :paper GROUP BY paper_id, section) WHERE due > :until",
        {"paper": paper, "until": until or now()},
    ).fetchone()[0]
    return {
        "due": [
            {
                "key": row["key"],
                "title": label(row["title"], row["arxiv"], row["doi"]),
                "section": row["section"],
                "due": row["due"] or None,
                "last_rating": row["rating"],
            }
            for row in rows
        ],
        "next_due": later,
    }


def recall(db: sqlite3.Connection, name: str, section: str, text: str, rating: int | str) -> Document:
    """Keep what was recalled of a section and how well, and say when it comes back."""
    with transaction(db, f"recall {name} {section}"):
        paper = store.find(db, name)
        if paper.next_pass is not None:
            fix = f"read it to the end first: diffkit paper pass {paper.key} {paper.next_pass}"
            raise Refused(f"{paper.key} has not been through all passes", fix=fix)
        number = RATINGS.get(rating, 0) if isinstance(rating, str) else rating
        card = review(db, paper.id, section, text, number)
        refresh_states(db, [paper.id])
        again = store.find(db, name)
        return {
            "key": paper.key,
            "section": section,
            "rating": number,
            "due": card["due"],
            "state": again.state.value,
        }


def review(db: sqlite3.Connection, paper: int, section: str, text: str, rating: int) -> dict[str, Any]:
    """Add a review inside a transaction; returns the card of FSRS after it."""
    from fsrs import Card, Rating, Scheduler

    if section not in SECTIONS:
        raise BadData(f"there is no section {section!r}", fix=f"the sections are: {', '.join(SECTIONS)}")
    if rating not in RATINGS.values():
        fix = ", ".join(f"{number} ({name})" for name, number in RATINGS.items())
        raise BadData(f"{rating!r} is no rating", fix=f"give one of: {fix}")
    query = "SELECT card FROM reviews WHERE paper_id = ? AND section = ? ORDER BY id DESC LIMIT 1"
    last = db.execute(query, [paper, section]).fetchone()
    at = datetime.now(UTC)
    # Days, not minutes: nobody closes a paper twice within a quarter of an hour.
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card = Card.from_json(last["card"]) if last else Card(card_id=0, due=at)
    card, _ = scheduler.review_card(card, Rating(rating), at)
    row = {
        "paper_id": paper,
        "section": section,
        "rating": rating,
        "recalled": store.clean(text, "what was recalled").strip(),
        "reviewed_at": at.isoformat(timespec="microseconds"),
        "card": to_json(card.to_dict()),
    }
    store.insert(db, "reviews", row)
    return dict(card.to_dict())


def heading(asked: Mapping[str, Any]) -> str:
    """What to call a paper of `due` while its section is asked for."""
    # its title would be the answer
    return str(asked["key"]) if asked["section"] == "title" else f"{asked['title']} ({asked['key']})"


def notes_of(db: sqlite3.Connection, name: str, section: str) -> str:
    """What was noted of a section in pass 2, to hold a recall against."""
    paper = store.find(db, name)
    answers = [done.answers.get(section, "") for done in paper.passes if done.number == 2]
    return next((answer for answer in reversed(answers) if answer), "")
