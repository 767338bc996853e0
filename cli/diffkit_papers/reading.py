"""Doing a pass: its answers, minutes and verdict."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from math import isfinite
from typing import Any

from diffkit_papers import store, views
from diffkit_papers.database import now, transaction
from diffkit_papers.derived import index, refresh_states
from diffkit_papers.errors import BadData
from diffkit_papers.passes import PASS_AIMS, QUESTIONS, Pass, Verdict, check_answers, check_gate, open_pass

Document = dict[str, Any]


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
) -> Document:
    """`record`, and where the paper stands now."""
    done = record(db, name, number, answers or {}, minutes, Verdict(verdict) if verdict else None)
    paper = store.find(db, name)
    return {"key": paper.key, "state": paper.state.value, "pass": views.pass_document(done)}


def record(
    db: sqlite3.Connection,
    name: str,
    number: int,
    answers: Mapping[str, str],
    minutes: float | None = None,
    verdict: Verdict | None = None,
) -> Pass:
    """Add answers, minutes and a verdict to the open reading of pass `number`; begin one if none is open.

    Raises `GateClosed` when the passes before do not allow it. Rows are only added, so a repeated answer
    stands beside the earlier one, and the later counts.
    """
    with transaction(db, f"pass {name} {number}"):
        paper = store.find(db, name)
        check_gate(paper.passes, number, paper.key)
        check_answers(number, answers)
        if minutes is not None and not (isfinite(minutes) and minutes >= 0):
            raise BadData(f"{minutes} minutes cannot be", fix="give a number from 0")
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
        if minutes is not None or verdict is not None:
            sitting = {"minutes": minutes, "verdict": verdict and verdict.value, "ended_at": time}
            store.insert(db, "sittings", {"pass_id": pass_id} | sitting)
        refresh_states(db, [paper.id])
        if answers:
            index(db, [paper.id])
        return next(done for done in store.find(db, name).passes if done.begun == pass_id)
