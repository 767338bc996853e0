"""A pass on a terminal: its questions one by one, and the verdict at its end."""

from __future__ import annotations

from collections.abc import Callable, Container

import click

from diffkit_papers.passes import PASS_AIMS, QUESTIONS, Verdict


def ask_questions(number: int, answered: Container[str], keep: Callable[[str, str], None]) -> None:
    """Ask what is not yet `answered`; `keep(name, answer)` stores one before the next is asked."""
    click.echo(f"Pass {number}. {PASS_AIMS[number]}", err=True)
    click.echo("Enter skips a question; a line that ends with \\ goes on in the next one.", err=True)
    for question in QUESTIONS[number]:
        if question.name not in answered and (answer := _lines(question.text)):
            keep(question.name, answer)


def ask_verdict() -> Verdict | None:
    """The verdict, or None when the pass is to stay open."""
    names = [verdict.value for verdict in Verdict]
    text = click.prompt(
        f"\nVerdict: {', '.join(names)} (Enter leaves the pass open)\n",
        prompt_suffix="> ",
        default="",
        show_default=False,
        show_choices=False,
        type=click.Choice([*names, ""]),
        err=True,
    )
    return Verdict(text) if text else None


def _lines(question: str) -> str:
    lines = []
    prompt = f"\n{question}\n"
    while True:
        line = click.prompt(prompt, prompt_suffix="> ", default="", show_default=False, err=True)
        lines.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            return "\n".join(lines).strip()
        prompt = ""
