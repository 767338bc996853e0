"""Three-pass reading: the questions of each pass, the gates between them, and what to read next.

Pure functions on a paper's history. A history is a tuple of `Pass`, oldest first; nothing in it ever changes,
a second reading is a further row. After S. Keshav, "How to Read a Paper" (2007).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from diffkit_papers.errors import BadData, GateClosed
from diffkit_papers.values import NO_FIELDS, value


@value
class Question:
    name: str
    text: str


PASS_AIMS: Mapping[int, str] = {
    1: "A quarter of an hour: title, abstract, conclusion, key figures and tables. Is it worth more?",
    2: "The whole paper without every detail. Too hard? Let it wait for papers it cites.",
    3: "Every detail, as if you had to do the work yourself. Then close the paper and recall each section.",
}
QUESTIONS: Mapping[int, tuple[Question, ...]] = {
    1: (
        Question(
            "category", "What kind of paper is it (a method, a measurement, an analysis, a survey ...)?"
        ),
        Question("context", "Which papers does it build on, and which theory does it use?"),
        Question("correctness", "Do its assumptions seem to hold?"),
        Question("contributions", "What are its main contributions?"),
        Question("clarity", "Is it well written?"),
        Question("figures", "What do the key figures and tables of the method and the experiments show?"),
        Question("fit", "Does it fit what you need?"),
    ),
    2: (
        Question("title", "What does the title promise, now that you have read on?"),
        Question("abstract", "What does the abstract claim?"),
        Question("introduction", "What does the introduction do: which gap, which idea?"),
        Question("method", "What does the method section do, part by part?"),
        Question("experiments", "What do the experiments test, on what, against what?"),
        Question("conclusion", "What does the conclusion add?"),
        Question("figures", "Which figures and tables matter, and what does each say?"),
        Question("related", "Which cited papers did you circle to read?"),
    ),
    3: (
        Question("problem", "Which problem does it solve?"),
        Question("solution", "By which method, step by step?"),
        Question("evidence", "How were the experiments done, and would you get the same?"),
        Question("different", "What would you do differently?"),
        Question("recall_title", "Close the paper now. From memory: what does the title say?"),
        Question("recall_abstract", "From memory: what does the abstract say?"),
        Question("recall_introduction", "From memory: what does the introduction say?"),
        Question("recall_method", "From memory: what does the method section say?"),
        Question("recall_experiments", "From memory: what do the experiments say?"),
        Question("recall_conclusion", "From memory: what does the conclusion say?"),
    ),
}
LAST_PASS = max(QUESTIONS)


class Verdict(StrEnum):
    """How a pass ends."""

    CONTINUE = "continue"
    PARK = "park"
    DROP = "drop"
    HARD = "hard"  # too hard for now: other papers have to be read first


class State(StrEnum):
    """Where a paper stands."""

    NEW = "new"
    READING = "reading"
    WAITING = "waiting"  # for the papers to be read first
    PARKED = "parked"
    DROPPED = "dropped"
    DONE = "done"
    RECALLED = "recalled"  # done, and every section recalled from memory and rated


SECTIONS = ("title", "abstract", "introduction", "method", "experiments", "conclusion")
_STATES = {Verdict.PARK: State.PARKED, Verdict.DROP: State.DROPPED, Verdict.HARD: State.WAITING}


@value
class Pass:
    """One reading: open until it has a verdict. `minutes` is None when no time was noted.

    `begun` and `ended` count events in the order they happened, which clocks do not always tell. A pass that
    is `set_aside` was done before the paper was reopened: it stays in the history, and decides nothing.
    """

    number: int
    begun: int
    started_at: str
    verdict: Verdict | None = None
    ended: int | None = None
    ended_at: str | None = None
    minutes: float | None = None
    answers: Mapping[str, str] = NO_FIELDS
    set_aside: bool = False


def recall_question(section: str) -> str:
    """What pass 3 and every recall later ask of a section."""
    return next(one.text for one in QUESTIONS[LAST_PASS] if one.name == f"recall_{section}")


def open_pass(history: Sequence[Pass], number: int) -> Pass | None:
    """The latest reading of pass `number`, if it has no verdict yet."""
    latest = [done for done in history if done.number == number and not done.set_aside][-1:]
    return latest[0] if latest and latest[0].verdict is None else None


def verdict_of(history: Sequence[Pass], number: int) -> Verdict | None:
    """The verdict of the latest finished reading of pass `number`."""
    verdicts = [
        done.verdict for done in history if done.number == number and done.verdict and not done.set_aside
    ]
    return verdicts[-1] if verdicts else None


def state(history: Sequence[Pass], recalled: bool = False) -> State:
    """The latest verdict decides; a pass begun after it counts as reading, and so does a reopened paper."""
    if not history:
        return State.NEW
    last = _last_finished(history)
    if _unfinished(history) or last is None:
        return State.READING
    if last.verdict in _STATES:
        return _STATES[last.verdict]
    if next_number(history):
        return State.READING
    return State.RECALLED if recalled else State.DONE


def was_recalled(history: Sequence[Pass], reviews: Iterable[tuple[str, str]]) -> bool:
    """Whether every section was recalled since the last pass began; a review is its section and its time."""
    since = max((done.started_at for done in history if not done.set_aside), default="")
    return set(SECTIONS) <= {section for section, at in reviews if at >= since}


def next_number(history: Sequence[Pass]) -> int | None:
    """The pass that comes next: the first one whose latest verdict is not `continue`; None after the last."""
    return next((n for n in QUESTIONS if verdict_of(history, n) is not Verdict.CONTINUE), None)


def check_gate(history: Sequence[Pass], number: int, key: str) -> None:
    """Raise `GateClosed` unless every pass before `number` ended with `continue`."""
    if number not in QUESTIONS:
        raise BadData(f"there is no pass {number}", fix=f"give a number from 1 to {LAST_PASS}")
    for before in range(1, number):
        verdict = verdict_of(history, before)
        if verdict is Verdict.CONTINUE:
            continue
        missing = f"pass {number} of {key} needs pass {before} with the verdict continue"
        if open_pass(history, before):
            raise GateClosed(
                f"{missing}, and pass {before} is still open",
                fix=f"end it with: diffkit paper pass {key} {before} --verdict continue",
            )
        if verdict is None:
            raise GateClosed(
                f"{missing}, which has not been done", fix=f"run: diffkit paper pass {key} {before}"
            )
        raise GateClosed(
            f"{missing}, but its verdict was {verdict}",
            fix=f"to take the paper up again, run: diffkit paper pass {key} {before}",
        )


def check_answers(number: int, answers: Mapping[str, str]) -> None:
    """Raise `BadData` for an answer to a question that pass `number` does not ask."""
    names = [question.name for question in QUESTIONS[number]]
    for name in answers:
        if name not in names:
            raise BadData(
                f"pass {number} has no question {name!r}", fix=f"its questions are: {', '.join(names)}"
            )


def pass_command(key: str, number: int) -> str:
    """What to type to do a pass."""
    return f"diffkit paper pass {key} {number}"


def _unfinished(history: Sequence[Pass]) -> list[Pass]:
    opened = [found for number in QUESTIONS if (found := open_pass(history, number))]
    return sorted(opened, key=lambda found: found.begun)


def _last_finished(history: Sequence[Pass]) -> Pass | None:
    finished = [done for done in history if done.verdict and not done.set_aside]
    return max(finished, key=lambda done: done.ended or 0) if finished else None
