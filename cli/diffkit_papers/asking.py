"""A pass on a terminal, question by question, with the verdict at its end; recall with the paper closed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass

import click

from diffkit_cli.output import folded
from diffkit_papers.passes import PASS_AIMS, QUESTIONS, Verdict
from diffkit_papers.recalling import RATINGS, TYPED_RATINGS

with suppress(ImportError):  # Windows has line editing of its own
    import readline  # noqa: F401  # so that arrow keys move in a line, and are not part of it


@dataclass(frozen=True)
class Asked:
    """What asking needs of the log: what is `answered` in this pass and was `earlier`, and how to write.

    `keep` stores an answer before the next question comes; `rate` stores how well a section was recalled,
    which is judged by `notes_of` it.
    """

    answered: Container[str]
    earlier: Mapping[str, str]
    keep: Callable[[str, str], None]
    rate: Callable[[str, int], None]
    notes_of: Callable[[str], str]


def ask_questions(number: int, log: Asked) -> None:
    """Ask what pass `number` asks and is not answered yet."""
    say(f"Pass {number}. {PASS_AIMS[number]}")
    say("Enter skips a question; a line that ends with \\ goes on in the next one. Ctrl-C stops.")
    for place, question in enumerate(QUESTIONS[number], 1):
        if question.name in log.answered:
            continue
        before = log.earlier.get(question.name)
        asked = f"{place} of {len(QUESTIONS[number])}: {question.text}"
        answer = ask_lines(asked + (f"\n(last time: {before})" if before else ""))
        if not answer:
            continue
        log.keep(question.name, answer)
        section = question.name.removeprefix("recall_")
        if section != question.name and (rating := ask_rating(log.notes_of(section))):
            log.rate(section, rating)


def ask_verdict(number: int) -> Verdict | None:
    """The verdict, or None when the pass is to stay open."""
    names = [verdict.value for verdict in Verdict if verdict is not Verdict.HARD or number > 1]
    shown = ", ".join(names).replace("hard", "hard (read other papers first)")
    text = _prompt(f"\nVerdict: {shown}; Enter leaves the pass open\n", [*names, ""])
    return Verdict(text) if text else None


def ask_rating(notes: str) -> int | None:
    """How well a section was recalled, by the notes of pass 2; None for no rating."""
    say(f"\nYour notes of pass 2:\n{notes}" if notes else "\nPass 2 has no notes of it: look into the paper.")
    shown = ", ".join(f"{name} ({number})" for name, number in RATINGS.items())
    text = _prompt(f"How well did you recall it? {shown}; Enter skips\n", [*TYPED_RATINGS, ""])
    return TYPED_RATINGS[text] if text else None


def ask_references(question: str) -> tuple[list[str], list[str]]:
    """Papers, one a line: keys, arXiv ids and DOIs; and titles, which have a space in them."""
    references: list[str] = []
    titles: list[str] = []
    prompt = f"\n{folded(question)}\n"
    while line := _line(prompt).strip():
        (titles if " " in line else references).append(line)
        prompt = ""
    return references, titles


def ask_lines(question: str) -> str:
    """The answer to a question, of one line or several."""
    lines = []
    prompt = f"\n{folded(printable(question))}\n"
    while True:
        line = _line(prompt)
        lines.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            return "\n".join(lines).strip()
        prompt = ""


def say(text: str) -> None:
    """Words beside the result: they go to stderr."""
    click.echo(folded(printable(text)), err=True)


def printable(text: str) -> str:
    """`text` without what would move the cursor."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _line(prompt: str) -> str:
    in_pipe = not sys.stdout.isatty()  # which holds the result alone; a line is edited on stdout only
    try:
        text: str = click.prompt(prompt, prompt_suffix="> ", default="", show_default=False, err=in_pipe)
    except click.Abort:
        click.echo(err=True)  # what comes now does not stand behind the ^C
        raise
    return text


def _prompt(question: str, choices: list[str]) -> str:
    while (text := _line(folded(question)).strip().lower()) not in choices:
        say(f"{text!r} is none of them.")
    return text
