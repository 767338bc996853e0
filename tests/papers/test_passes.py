"""The state machine of three passes: every gate, every state, and the order of reading."""

from __future__ import annotations

import itertools

import pytest

from diffkit_papers.errors import BadData, GateClosed
from diffkit_papers.passes import (
    QUESTIONS,
    Pass,
    State,
    Verdict,
    check_answers,
    check_gate,
    next_number,
    state,
)

GO, PARK, DROP = Verdict.CONTINUE, Verdict.PARK, Verdict.DROP


def history(*steps: tuple[int, Verdict | None]) -> tuple[Pass, ...]:
    return tuple(
        Pass(number, begun=i, started_at="", verdict=verdict, ended=i if verdict else None)
        for i, (number, verdict) in enumerate(steps, 1)
    )


@pytest.mark.parametrize(
    ("steps", "expected", "next_pass"),
    [
        ([], State.NEW, 1),
        ([(1, None)], State.READING, 1),
        ([(1, GO)], State.READING, 2),
        ([(1, PARK)], State.PARKED, 1),
        ([(1, DROP)], State.DROPPED, 1),
        ([(1, PARK), (1, None)], State.READING, 1),
        ([(1, PARK), (1, GO)], State.READING, 2),
        ([(1, GO), (2, None)], State.READING, 2),
        ([(1, GO), (2, GO)], State.READING, 3),
        ([(1, GO), (2, PARK)], State.PARKED, 2),
        ([(1, GO), (2, PARK), (2, GO)], State.READING, 3),
        ([(1, GO), (2, GO), (3, DROP)], State.DROPPED, 3),
        ([(1, GO), (2, GO), (3, GO)], State.DONE, None),
        ([(1, GO), (2, GO), (3, GO), (1, None)], State.READING, None),
        ([(1, GO), (2, GO), (3, GO), (1, DROP)], State.DROPPED, 1),
    ],
)
def test_states(steps: list[tuple[int, Verdict | None]], expected: State, next_pass: int | None) -> None:
    assert state(history(*steps)) is expected
    assert next_number(history(*steps)) == next_pass


ALL_HISTORIES = [
    steps
    for length in range(4)
    for steps in itertools.product(itertools.product((1, 2, 3), (None, GO, PARK, DROP)), repeat=length)
]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_pass_opens_exactly_when_all_before_it_ended_with_continue(number: int) -> None:
    """Every history of up to three events, possible or not, against the rule said in one line."""
    for steps in ALL_HISTORIES:
        latest = {n: verdict for n, verdict in steps if verdict}
        allowed = all(latest.get(before) is GO for before in range(1, number))
        if allowed:
            check_gate(history(*steps), number, "key")
        else:
            with pytest.raises(GateClosed):
                check_gate(history(*steps), number, "key")


@pytest.mark.parametrize(
    ("steps", "number", "missing", "command"),
    [
        ([], 2, "needs pass 1 with the verdict continue, which has not been done", "pass k 1"),
        ([], 3, "needs pass 1", "pass k 1"),
        ([(1, GO)], 3, "needs pass 2 with the verdict continue, which has not been done", "pass k 2"),
        ([(1, PARK)], 2, "its verdict was park", "pass k 1"),
        ([(1, DROP)], 2, "its verdict was drop", "pass k 1"),
        ([(1, None)], 2, "pass 1 is still open", "pass k 1 --verdict continue"),
        ([(1, GO), (2, PARK)], 3, "its verdict was park", "pass k 2"),
        ([(1, GO), (2, DROP)], 3, "its verdict was drop", "pass k 2"),
        ([(1, GO), (2, None)], 3, "pass 2 is still open", "pass k 2 --verdict continue"),
        ([(1, GO), (2, GO), (1, DROP)], 3, "needs pass 1", "pass k 1"),
    ],
)
def test_a_closed_gate_names_the_missing_step_and_the_command(
    steps: list[tuple[int, Verdict | None]], number: int, missing: str, command: str
) -> None:
    with pytest.raises(GateClosed) as caught:
        check_gate(history(*steps), number, "k")
    assert missing in caught.value.message
    assert caught.value.fix.endswith(f"diffkit paper {command}")


@pytest.mark.parametrize("number", [0, 4, -1])
def test_there_are_three_passes(number: int) -> None:
    with pytest.raises(BadData, match="no pass"):
        check_gate((), number, "k")


def test_every_pass_asks_what_it_is_for() -> None:
    names = {number: [question.name for question in questions] for number, questions in QUESTIONS.items()}
    assert names[1] == ["category", "context", "correctness", "contributions", "clarity", "figures", "fit"]
    assert {
        "title",
        "abstract",
        "introduction",
        "method",
        "experiments",
        "conclusion",
        "figures",
        "related",
    } == set(names[2])
    assert {f"recall_{section}" for section in names[2][:6]} < set(names[3])
    assert all(len(set(own)) == len(own) for own in names.values())


def test_answers_to_questions_of_another_pass_are_refused() -> None:
    check_answers(1, {"fit": "yes"})
    with pytest.raises(BadData, match="pass 2 has no question 'fit'"):
        check_answers(2, {"fit": "yes"})
