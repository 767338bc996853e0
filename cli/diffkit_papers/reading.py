"""Doing a pass: its answers, minutes and verdict; taking a paper up again."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from diffkit_papers import linking, store, views
from diffkit_papers.database import now, transaction
from diffkit_papers.derived import index, refresh_states
from diffkit_papers.errors import BadData, Refused
from diffkit_papers.passes import (
    LAST_PASS,
    PASS_AIMS,
    QUESTIONS,
    Pass,
    State,
    Verdict,
    check_answers,
    check_gate,
    open_pass,
    pass_command,
)
from diffkit_papers.recalling import review
from diffkit_papers.records import LinkKind

Document = dict[str, Any]

MOST_MINUTES = 60 * 24 * 365


def questions(number: int | None = None) -> Document:
    """The questions of one pass or of all."""
    return {
        "passes": [
            {"pass": n, "aim": PASS_AIMS[n], "questions": [vars(one) for one in QUESTIONS[n]]}
            for n in ([number] if number else QUESTIONS)
        ]
    }


def do_pass(
    db: sqlite3.Connection,
    name: str,
    number: int,
    answers: Mapping[str, str] | None = None,
    minutes: float | None = None,
    verdict: Verdict | str | None = None,
    *,
    needs: Sequence[str] = (),
    ratings: Mapping[str, int] | None = None,
) -> Document:
    """`record`, and where the paper stands now: what it needs, and which waiting papers it frees."""
    verdict = Verdict(verdict) if verdict else None
    done = record(db, name, number, answers or {}, minutes, verdict, needs=needs, ratings=ratings)
    paper = store.find(db, name)
    document = {"key": paper.key, "state": paper.state.value, "pass": views.pass_document(done)}
    frees = linking.freed(db, paper.id) if done.verdict else []
    return document | {"needs": linking.unread(db, paper.id), "frees": frees}


def record(
    db: sqlite3.Connection,
    name: str,
    number: int,
    answers: Mapping[str, str],
    minutes: float | None = None,
    verdict: Verdict | None = None,
    *,
    needs: Sequence[str] = (),
    ratings: Mapping[str, int] | None = None,
) -> Pass:
    """Add answers, minutes and a verdict to the open reading of pass `number`; begin one if none is open.

    `needs` are papers to be read first, for the verdict `hard`; `ratings` say how well a section was recalled
    in pass 3. Raises `GateClosed` when the passes before do not allow it. Rows are only added, so a repeated
    answer stands beside the earlier one, and the later counts.
    """
    said = [
        *(f" --answer {question}" for question in answers),
        *(f" --rate {section}" for section in ratings or ()),
    ]
    command = f"pass {name} {number}{''.join(said)}" + (f" --verdict {verdict}" if verdict else "")
    with transaction(db, command) as action:
        paper = store.find(db, name)
        check_gate(paper.passes, number, paper.key)
        check_answers(number, answers)
        _check(number, minutes, verdict, ratings)
        time = now()
        current = open_pass(paper.passes, number)
        pass_id = (
            current.begun
            if current
            else store.insert(db, "passes", {"paper_id": paper.id, "number": number, "started_at": time})
        )
        for question, answer in answers.items():
            given = {"question": question, "answer": store.clean(answer, "the answer"), "answered_at": time}
            store.insert(db, "answers", {"pass_id": pass_id} | given)
        for section, rating in (ratings or {}).items():
            recalled = answers.get(f"recall_{section}") or _answer(db, pass_id, f"recall_{section}")
            review(db, paper.id, section, recalled, rating)
        linking.link(db, action, store.find(db, name), needs, (), LinkKind.PREREQUISITE)
        if verdict is Verdict.HARD and not linking.unread(db, paper.id):
            fix = "name them with --needs: keys, arXiv ids or DOIs"
            raise BadData(f"{paper.key} is too hard until which papers are read?", fix=fix)
        if minutes is not None or verdict is not None:
            minutes = None if minutes is None else round(minutes, 3)
            sitting = {"minutes": minutes, "verdict": verdict and verdict.value, "ended_at": time}
            store.insert(db, "sittings", {"pass_id": pass_id} | sitting)
        refresh_states(db, [paper.id])
        if answers:
            index(db, [paper.id])
        return next(done for done in store.find(db, name).passes if done.begun == pass_id)


def reopen(db: sqlite3.Connection, name: str, number: int | None = None, reason: str = "") -> Document:
    """Take up again a paper that was parked, dropped or done, from pass `number` on.

    Without a number from the pass where it stopped, and from the first when all were done. What was answered
    stays in the history.
    """
    with transaction(db, f"reopen {name}"):
        paper = store.find(db, name)
        if paper.state in (State.NEW, State.READING):
            fix = f"go on with: {pass_command(paper.key, paper.next_pass or 1)}"
            how = "new" if paper.state is State.NEW else "being read"
            raise Refused(f"{paper.key} is {how} and needs no reopening", fix=fix)
        last = paper.next_pass or LAST_PASS
        number = number or paper.next_pass or 1
        if number > last:
            fix = f"give a number up to {last}"
            raise Refused(f"{paper.key} cannot be reopened at pass {number}: it came to pass {last}", fix=fix)
        row = {
            "paper_id": paper.id,
            "number": number,
            "after_pass": max(done.begun for done in paper.passes),
            "reason": store.clean(reason, "the reason").strip(),
            "reopened_at": now(),
        }
        store.insert(db, "reopenings", row)
        refresh_states(db, [paper.id])
        again = store.find(db, name)
        return {"key": again.key, "state": again.state.value, "before": paper.state.value, "pass": number}


def _check(
    number: int, minutes: float | None, verdict: Verdict | None, ratings: Mapping[str, int] | None
) -> None:
    if minutes is not None and not (isfinite(minutes) and 0 <= minutes <= MOST_MINUTES):
        raise BadData(f"{minutes} minutes cannot be", fix=f"give a number from 0 to {MOST_MINUTES}")
    if verdict is Verdict.HARD and number == 1:
        raise BadData("pass 1 is never too hard: it only looks", fix="end it with continue, park or drop")
    if ratings and number != LAST_PASS:
        raise BadData(f"pass {number} recalls nothing", fix=f"ratings belong to pass {LAST_PASS}")


def _answer(db: sqlite3.Connection, pass_id: int, question: str) -> str:
    query = "SELECT answer FROM answers WHERE pass_id = ? AND question = ? ORDER BY id DESC LIMIT 1"
    found = db.execute(query, [pass_id, question]).fetchone()
    return found["answer"] if found else ""
