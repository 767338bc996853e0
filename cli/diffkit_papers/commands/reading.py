"""`pass`, `next`, `reopen` and `questions`: reading itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options
from diffkit_papers import passes
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session
from diffkit_papers.passes import Verdict

if TYPE_CHECKING:
    from diffkit_papers.records import Paper


@click.command("pass")
@click.argument("key")
@click.argument("number", type=click.IntRange(1, passes.LAST_PASS), required=False, metavar="[1|2|3]")
@click.option("--answer", "answers", multiple=True, metavar="NAME=TEXT", help="Repeatable.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Time spent; on a terminal it is measured.")
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@click.option("--needs", multiple=True, help="For hard: key, arXiv id or DOI to be read first; repeatable.")
@click.option("--rate", "ratings", multiple=True, metavar="SECTION=1..4", help="How well pass 3 recalled it.")
@database_option
@output_options
def read(
    key: str,
    number: int | None,
    answers: tuple[str, ...],
    minutes: float | None,
    verdict: str | None,
    needs: tuple[str, ...],
    ratings: tuple[str, ...],
    database: str,
    output: Output,
) -> None:
    """Do a pass: answer its questions, and end it with a verdict.

    Without a number it is the pass that comes next. On a terminal the questions are asked, unless --answer or
    --verdict is given. A pass without a verdict stays open and goes on where it stopped. Every answer is kept
    the moment it is given.

    Verdicts: continue opens the next pass; park and drop end the reading, and that is a good outcome too;
    hard lets the paper wait until those it needs are read. In pass 3 a recalled section is rated from 1
    (again) to 4 (easy).
    """
    from diffkit_papers import reading, store, views

    given = _pairs(answers, "--answer", "NAME=TEXT")
    rated = {name: _rating(text) for name, text in _pairs(ratings, "--rate", "SECTION=1..4").items()}
    if number is None:
        number = _next_number(database, key)
    told = bool(given or verdict or rated or needs)
    if told or (minutes is not None and not on_terminal()):
        with session(database) as db:
            document = reading.do_pass(db, key, number, given, minutes, verdict, needs=needs, ratings=rated)
            found = store.find(db, key)
    elif on_terminal():
        found, document = _ask(database, key, number, minutes)
    else:
        raise click.UsageError("nothing to record: outside a terminal give --answer, --minutes or --verdict")
    done = document["pass"]
    row = [found.key, done["pass"], done["verdict"] or "open", done["minutes"], document["state"]]
    table = Table(["key", "pass", "verdict", "minutes", "state"], [row])
    last = next(one for one in reversed(found.passes) if one.number == number)
    notes = [views.after_pass(found, last, document["needs"]), *views.after_waiting(document["frees"])]
    output.emit(document, table, notes=notes)


def _next_number(database: str, key: str) -> int:
    from diffkit_papers import store
    from diffkit_papers.errors import Refused

    with session(database) as db:
        found = store.find(db, key)
    if found.next_pass is None:
        again = f"diffkit paper recall {found.key}, or begin anew with: diffkit paper reopen {found.key}"
        fix = f"keep it in mind with: {again}"
        raise Refused(f"{found.key} is done: all its passes ended", fix=fix)
    return found.next_pass


def _pairs(options: Iterable[str], option: str, form: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in options:
        name, sign, value = text.partition("=")
        if not (sign and value.strip()):
            raise click.UsageError(f"{option} {text!r} is not {form}")
        if name in pairs:
            raise click.UsageError(f"{option} gives {name!r} twice: give it once")
        pairs[name] = value
    return pairs


def _rating(text: str) -> int:
    from diffkit_papers import recalling

    if text in recalling.TYPED_RATINGS:
        return recalling.TYPED_RATINGS[text]
    raise click.UsageError(f"{text!r} is no rating: give 1 (again), 2 (hard), 3 (good) or 4 (easy)")


def on_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def _ask(database: str, key: str, number: int, minutes: float | None) -> tuple[Paper, dict[str, Any]]:
    """Ask what is not answered yet. Each answer is committed before the next question appears."""
    from diffkit_papers import asking, linking, reading, recalling, store

    with session(database) as db:
        found = store.find(db, key)
        first = linking.unread(db, found.id)
    passes.check_gate(found.passes, number, found.key)
    begun = passes.open_pass(found.passes, number)
    kept = set(begun.answers) if begun else set()
    earlier: dict[str, str] = {}
    for done in found.passes:
        earlier |= done.answers if done.number == number else {}
    started = time.monotonic()

    def keep(name: str, answer: str) -> None:
        with session(database) as db:
            reading.record(db, found.key, number, {name: answer})
        kept.add(name)
        if name == "related":
            question = "Circle them, to be read: keys, arXiv ids, DOIs or titles, one a line; Enter ends."
            _link(database, found.key, *asking.ask_references(question), circled=True)

    def rate(section: str, rating: int) -> None:
        with session(database) as db:
            reading.record(db, found.key, number, {}, ratings={section: rating})

    def end(verdict: Verdict | None) -> dict[str, Any]:
        spent = minutes if minutes is not None else round((time.monotonic() - started) / 60, 1)
        with session(database) as db:
            return reading.do_pass(db, found.key, number, {}, spent, verdict)

    def notes_of(section: str) -> str:
        with session(database) as db:
            return recalling.notes_of(db, found.key, section)

    asking.say(found.label)
    if first:
        asking.say(f"To be read before it: {', '.join(first)}.")
    try:
        asking.ask_questions(number, asking.Asked(frozenset(kept), earlier, keep, rate, notes_of))
        verdict = asking.ask_verdict(number)
        if verdict is Verdict.HARD:
            question = "Which papers first? Keys, arXiv ids, DOIs or titles, one a line; Enter ends."
            _link(database, found.key, *asking.ask_references(question), circled=False)
        document = end(verdict)
    except (click.Abort, KeyboardInterrupt):
        if kept:
            end(None)
        message = f"interrupted; pass {number} keeps {len(kept)} of {len(passes.QUESTIONS[number])} answers"
        fix = f"go on with: {passes.pass_command(found.key, number)}"
        raise CommandError(message, ExitCode.INTERRUPTED, fix=fix) from None
    with session(database) as db:
        return store.find(db, found.key), document


def _link(database: str, key: str, references: list[str], titles: list[str], *, circled: bool) -> None:
    """Link what was typed line by line; a line that is no paper is told of, and the others count."""
    from diffkit_papers import asking, linking
    from diffkit_papers.errors import PaperError

    link = linking.circle if circled else linking.require
    for reference, title in [*((one, "") for one in references), *(("", one) for one in titles)]:
        try:
            with session(database) as db:
                link(db, key, [reference] if reference else [], [title] if title else [])
        except PaperError as error:
            asking.say(f"not linked: {error.message}")


@click.command("next")
@click.option("--limit", type=click.IntRange(1), default=1, show_default=True, help="How many to name.")
@database_option
@output_options
def next_paper(limit: int, database: str, output: Output) -> None:
    """Say what to read now, and why."""
    from diffkit_papers import ordering

    with session(database) as db:
        document = ordering.next_papers(db, limit)
    queue, counts = document["queue"], document["counts"]
    columns = ["key", "pass", "title"] if output.on_terminal else ["key", "pass", "title", "command"]
    notes = [f"read it with: {queue[0]['command']}"] if queue and output.on_terminal else []
    if queue:
        notes += [f"because {queue[0]['reason']}", f"the order: {document['rule']}"]
    else:
        notes.append("nothing waits to be read; add papers with: diffkit paper add")
        notes += [
            f"{counts[state]} {state}: diffkit paper list --state {state}"
            for state in ("parked", "waiting")
            if counts.get(state)
        ]
    notes += [ordering.circle_note(circle) for circle in document["cycles"]]
    rows = [[step[column] for column in columns] for step in queue]
    output.emit(document, Table(columns, rows, cut={"title": 1}), notes=notes)


@click.command()
@click.argument("key")
@click.option("--pass", "number", type=click.IntRange(1, passes.LAST_PASS), help="The pass to begin with.")
@click.option("--reason", default="", help="Kept in the history.")
@database_option
@output_options
def reopen(key: str, number: int | None, reason: str, database: str, output: Output) -> None:
    """Take up again a paper that was parked, dropped or done.

    It goes on with the pass where it stopped, or with the first when it was done. Nothing in its history
    changes.
    """
    from diffkit_papers import reading

    with session(database) as db:
        document = reading.reopen(db, key, number, reason)
    row = [document[name] for name in ("key", "before", "state", "pass")]
    note = f"go on with: {passes.pass_command(document['key'], document['pass'])}"
    output.emit(document, Table(["key", "before", "state", "pass"], [row]), notes=[note])


@click.command()
@click.argument("number", type=click.IntRange(1, passes.LAST_PASS), required=False, metavar="[1|2|3]")
@output_options
def questions(number: int | None, output: Output) -> None:
    """Print the questions of one pass or of all."""
    from diffkit_papers import reading

    document = reading.questions(number)
    rows = [
        [one["pass"], question["name"], question["text"]]
        for one in document["passes"]
        for question in one["questions"]
    ]
    output.emit(document, Table(["pass", "question", "text"], rows))
