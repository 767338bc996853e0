"""`pass`, `next` and `questions`: reading itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click

from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options
from diffkit_papers import ordering, passes, reading, store, views
from diffkit_papers.asking import ask_questions, ask_verdict
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session
from diffkit_papers.passes import Verdict
from diffkit_papers.records import Paper


@click.command("pass")
@click.argument("key")
@click.argument("number", type=click.IntRange(1, passes.LAST_PASS), metavar="1|2|3")
@click.option("--answer", "answers", multiple=True, metavar="NAME=TEXT", help="Repeatable.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Time spent; on a terminal it is measured.")
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@database_option
@output_options
def read(
    key: str,
    number: int,
    answers: tuple[str, ...],
    minutes: float | None,
    verdict: str | None,
    database: Path,
    output: Output,
) -> None:
    """Do a pass: answer its questions, and end it with a verdict.

    On a terminal the questions are asked, unless --answer or --verdict is given. A pass without a verdict
    stays open and goes on where it stopped. Every answer is kept the moment it is given.
    """
    given = _answers(answers)
    ending = Verdict(verdict) if verdict else None
    if given or ending or (minutes is not None and not _on_terminal()):
        with session(database) as db:
            done = reading.record(db, key, number, given, minutes, ending)
            found = store.find(db, key)
    elif _on_terminal():
        found, done = _ask(database, key, number, minutes)
    else:
        raise click.UsageError("nothing to record: outside a terminal give --answer, --minutes or --verdict")
    document = {"key": found.key, "state": found.state.value, "pass": views.pass_document(done)}
    ended = done.verdict.value if done.verdict else "open"
    row = [found.key, done.number, ended, done.minutes, found.state.value]
    table = Table(["key", "pass", "verdict", "minutes", "state"], [row])
    output.emit(document, table, notes=[views.after_pass(found, done)])


def _answers(options: Iterable[str]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for option in options:
        name, sign, text = option.partition("=")
        if not (sign and text.strip()):
            raise click.UsageError(f"--answer {option!r} is not NAME=TEXT")
        if name in answers:
            raise click.UsageError(f"two answers to {name!r}: give one")
        answers[name] = text
    return answers


def _on_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _ask(database: Path, key: str, number: int, minutes: float | None) -> tuple[Paper, passes.Pass]:
    """Ask what is not answered yet. Each answer is committed before the next question appears."""
    with session(database) as db:
        found = store.find(db, key)
    passes.check_gate(found.passes, number, found.key)
    begun = passes.open_pass(found.passes, number)
    kept = set(begun.answers) if begun else set()
    started = time.monotonic()

    def keep(name: str, answer: str) -> None:
        with session(database) as db:
            reading.record(db, found.key, number, {name: answer})
        kept.add(name)

    def end(verdict: Verdict | None) -> tuple[Paper, passes.Pass]:
        spent = minutes if minutes is not None else round((time.monotonic() - started) / 60, 1)
        with session(database) as db:
            done = reading.record(db, found.key, number, {}, spent, verdict)
            return store.find(db, found.key), done

    click.echo(found.label, err=True)
    try:
        ask_questions(number, frozenset(kept), keep)
        return end(ask_verdict())
    except (click.Abort, KeyboardInterrupt):
        if kept:
            end(None)
        message = f"interrupted; pass {number} keeps {len(kept)} of {len(passes.QUESTIONS[number])} answers"
        fix = f"go on with: {views.pass_command(found.key, number)}"
        raise CommandError(message, ExitCode.INTERRUPTED, fix=fix) from None


@click.command("next")
@database_option
@output_options
def next_paper(database: Path, output: Output) -> None:
    """Say what to read now, and why."""
    with session(database) as db:
        document = ordering.next_papers(db)
    first = document["next"]
    columns = ["key", "pass", "title", "command"]
    if first is None:
        notes = ["nothing waits to be read; add papers with: diffkit paper add"]
        if parked := document["counts"].get("parked"):
            notes.append(f"{parked} parked: diffkit paper list --state parked")
        output.emit(document, Table(columns), notes=notes)
        return
    table = Table(columns, [[first[column] for column in columns]])
    output.emit(document, table, notes=[f"because {first['reason']}", f"the order: {document['rule']}"])


@click.command()
@click.argument("number", type=click.IntRange(1, passes.LAST_PASS), required=False, metavar="[1|2|3]")
@output_options
def questions(number: int | None, output: Output) -> None:
    """Print the questions of one pass or of all."""
    document = reading.questions(number)
    rows = [
        [one["pass"], question["name"], question["text"]]
        for one in document["passes"]
        for question in one["questions"]
    ]
    output.emit(document, Table(["pass", "question", "text"], rows))
