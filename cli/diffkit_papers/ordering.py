"""What to read next."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from diffkit_papers.identifiers import label
from diffkit_papers.passes import State, pass_command

Document = dict[str, Any]

# A paper is read as far as others need it once its second pass ended with continue, or it was dropped.
READ = "(next_pass IS NULL OR next_pass = 3 OR state = 'dropped')"
RULE = (
    "unfinished passes first, then by priority, then the deepest and longest waiting, "
    "then what papers already begun wait for, then the oldest new"
)
# :waits are the papers that wait for others, :ranks what is taken over from them, as [id, priority, begun,
# key]. Of thousands of new papers only those at the head are looked at.
_QUEUE = """
    WITH candidates AS (
        SELECT id, max(rank) AS rank, begun, for_key FROM (
            SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS rank,
                json_extract(value, '$[2]') AS begun, json_extract(value, '$[3]') AS for_key
            FROM json_each(:ranks)
            UNION ALL SELECT id, NULL, 0, NULL FROM papers WHERE state IN ('reading', 'waiting')
            UNION ALL SELECT * FROM (
                SELECT id, NULL, 0, NULL FROM papers
                WHERE state = 'new' AND id NOT IN (SELECT value FROM json_each(:waits))
                ORDER BY priority DESC, id LIMIT :limit)
        ) GROUP BY id
    ), steps AS MATERIALIZED (  -- otherwise what is asked of the passes is asked again wherever it is used
        SELECT papers.id, key, title, arxiv, doi, state, next_pass, begun, for_key,
            max(priority, IFNULL(rank, priority)) AS weight,
            CASE state WHEN 'reading' THEN
                (SELECT max(id) FROM passes WHERE paper_id = papers.id AND NOT EXISTS
                    (SELECT 1 FROM sittings WHERE pass_id = passes.id AND verdict IS NOT NULL)) END AS opened,
            CASE state WHEN 'new' THEN NULL ELSE
                (SELECT max(sittings.id) FROM sittings JOIN passes ON passes.id = pass_id
                    WHERE paper_id = papers.id AND verdict IS NOT NULL) END AS ended
        FROM candidates JOIN papers ON papers.id = candidates.id
        WHERE +state IN ('new', 'reading', 'waiting')
            AND papers.id NOT IN (SELECT value FROM json_each(:waits))
    )
    SELECT steps.*, number
    FROM steps LEFT JOIN passes ON passes.id = opened
    WHERE opened IS NOT NULL OR next_pass IS NOT NULL
    ORDER BY opened IS NULL, opened DESC, weight DESC, state = 'new', next_pass DESC, ended,
        begun DESC, steps.id
    LIMIT :limit
"""


def next_papers(db: sqlite3.Connection, limit: int = 1) -> Document:
    """The papers at the head of the queue, each with its pass and the reason."""
    cycles, waits = acyclic(db)
    values = {
        "waits": json.dumps([paper for paper, targets in waits.items() if targets]),
        "ranks": json.dumps(_taken_over(db, waits)),
        "limit": limit,
    }
    queue = [_step(row) for row in db.execute(_QUEUE, values)]
    counts = {row[0]: row[1] for row in db.execute("SELECT state, count(*) FROM papers GROUP BY state")}
    return {
        "next": queue[0] if queue else None,
        "queue": queue,
        "rule": RULE,
        "counts": counts,
        "cycles": cycles,
    }


def cycles(db: sqlite3.Connection) -> list[list[str]]:
    """Papers that wait for each other in a circle, each as keys from a paper back to itself."""
    found, _ = acyclic(db)
    return found


def acyclic(db: sqlite3.Connection) -> tuple[list[list[str]], Mapping[int, set[int]]]:
    """The circles of waiting papers, and for each paper those it waits for when the circles are cut.

    A circle is cut at the newest of its links, which then does not count.
    """
    names: dict[int, str] = {}
    age: dict[tuple[int, int], int] = {}
    waits: dict[int, set[int]] = {}
    query = f"""
        SELECT links.id, links.paper_id, links.target_id, paper.key, target.key
        FROM links JOIN papers AS paper ON paper.id = paper_id
        JOIN (SELECT * FROM papers WHERE NOT {READ}) AS target ON target.id = target_id
        WHERE kind = 'prerequisite' AND paper.state IN ('new', 'reading', 'waiting', 'parked')"""
    for number, paper, target, key, other in db.execute(query):
        names |= {paper: key, target: other}
        age[paper, target] = number
        waits.setdefault(paper, set()).add(target)
    circles = cut_circles(waits, lambda circle: max(pairwise(circle), key=lambda pair: age[pair]))
    return [[names[paper] for paper in circle] for circle in circles], waits


def cut_circles(
    waits: Mapping[int, set[int]], link: Callable[[list[int]], tuple[int, int]]
) -> list[list[int]]:
    """Cut each circle at the `link` named for it, and return them all, from a paper back to itself."""
    found: list[list[int]] = []
    while True:
        try:
            TopologicalSorter(waits).prepare()
            return found
        except CycleError as error:
            circle = list(reversed(error.args[1]))  # it names each after those it is needed by
            found.append(circle)
            paper, target = link(circle)
            waits[paper].remove(target)


def circle_note(circle: Sequence[str]) -> str:
    """Papers that wait for each other, and what is made of it."""
    return f"a circle: {' needs '.join(circle)}; the newest of these links does not count"


def _taken_over(db: sqlite3.Connection, waits: Mapping[int, set[int]]) -> list[tuple[int, int, bool, str]]:
    """Prerequisites with the highest priority of what waits for each, whether that was begun, and a key.

    The key is that of the paper which needs it itself.
    """
    ids = sorted({*waits, *(target for targets in waits.values() for target in targets)})
    rows = db.execute(f"SELECT id, key, priority, state FROM papers WHERE id IN ({', '.join(map(str, ids))})")
    own = {row["id"]: ((row["priority"], row["state"] != State.NEW), row["key"]) for row in rows}
    ranks: dict[int, tuple[tuple[int, bool], str]] = {}
    todo = [paper for paper in waits if paper in own]
    while todo:
        paper = todo.pop()
        rank = max(own[paper], ranks.get(paper, own[paper]), key=lambda pair: pair[0])
        for target in waits.get(paper, ()):
            if target not in ranks or ranks[target][0] < rank[0]:
                ranks[target] = (rank[0], own[paper][1])
                todo.append(target)
    return [(paper, *rank, key) for paper, (rank, key) in ranks.items()]


def _step(row: sqlite3.Row) -> Document:
    number = row["number"] or row["next_pass"]
    if row["opened"]:
        reason = f"pass {number} was begun and has no verdict"
    elif row["state"] == "waiting":
        reason = "it was too hard, and what was to be read first is read"
    elif row["state"] == "new":
        reason = "it is new" if row["for_key"] else "it is new, and nothing already begun can go on"
    else:
        reason = f"pass {number - 1} ended with continue" if number > 1 else "it was reopened"
    if row["for_key"]:
        reason += f"; {row['for_key']} waits for it"
    if row["weight"]:
        reason += f"; its priority is {row['weight']}"
    return {
        "key": row["key"],
        "pass": number,
        "title": label(row["title"], row["arxiv"], row["doi"]),
        "priority": row["weight"],
        "command": pass_command(row["key"], number),
        "reason": reason,
    }
