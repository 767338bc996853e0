"""`recall`: what was read comes back, with the paper closed."""

from __future__ import annotations

from typing import Any

import click

from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options
from diffkit_papers import recalling
from diffkit_papers.commands.options import database_option
from diffkit_papers.commands.reading import on_terminal
from diffkit_papers.database import session
from diffkit_papers.passes import SECTIONS, recall_question


@click.command()
@click.argument("key", required=False)
@click.option("--section", type=click.Choice(SECTIONS), help="Keep a recall of this section of KEY.")
@click.option("--text", default="", help="What you recalled.")
@click.option("--rating", type=click.Choice(list(recalling.RATINGS)), help="How well, by your notes.")
@click.option("--list", "only_list", is_flag=True, help="Only say what is due.")
@click.option("--limit", type=click.IntRange(1), help="At most so many sections.")
@database_option
@output_options
def recall(
    key: str | None,
    section: str | None,
    text: str,
    rating: str | None,
    only_list: bool,
    limit: int | None,
    database: str,
    output: Output,
) -> None:
    """Recall what is due, section by section, with the paper closed.

    Each section of a paper that went through all passes comes back when it is about to be forgotten, by the
    schedule of FSRS. On a terminal you are asked, see your notes of pass 2, and rate yourself; elsewhere, and
    with --list, what is due is printed. --section and --rating keep one recall without asking.
    """
    if section or rating or text:
        if not (key and section and rating):
            raise click.UsageError("one recall needs KEY, --section and --rating")
        with session(database) as db:
            document = recalling.recall(db, key, section, text, rating)
        row = [document[name] for name in ("key", "section", "rating", "due", "state")]
        output.emit(document, Table(["key", "section", "rating", "due", "state"], [row]))
        return
    with session(database) as db:
        document = recalling.due(db, key)
    document["due"] = document["due"][:limit]
    if document["due"] and on_terminal() and not only_list:
        document = {"recalled": _quiz(database, document["due"])}
        columns = ["key", "section", "rating", "due"]
        rows = [[one[name] for name in columns] for one in document["recalled"]]
        output.emit(document, Table(columns, rows))
        return
    columns = ["key", "section", "due", "title"]
    rows = [[one["key"], one["section"], one["due"] or "now", one["title"]] for one in document["due"]]
    output.emit(document, Table(columns, rows, cut={"title": 1}), notes=_notes(document, key))


def _notes(document: dict[str, Any], key: str | None) -> list[str]:
    if document["due"]:
        return []
    of_key = f" of {key}" if key else ""
    if document["next_due"]:
        return [f"nothing{of_key} is due; the next section on {document['next_due'][:10]}"]
    return [f"nothing{of_key} to recall yet: a paper comes here after its third pass"]


def _quiz(database: str, due: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask for each section; a recall is kept before the next one is asked."""
    from diffkit_papers import asking

    count = "1 section is" if len(due) == 1 else f"{len(due)} sections are"
    asking.say(
        f"{count} due. Close the papers. Enter skips a section; Ctrl-C stops, and keeps what was rated."
    )
    done: list[dict[str, Any]] = []
    try:
        for one in due:
            text = asking.ask_lines(f"{recalling.heading(one)}\n{recall_question(one['section'])}")
            if not text:
                continue
            with session(database) as db:
                notes = recalling.notes_of(db, one["key"], one["section"])
            rating = asking.ask_rating(notes)
            if rating:
                with session(database) as db:
                    done.append(recalling.recall(db, one["key"], one["section"], text, rating))
    except (click.Abort, KeyboardInterrupt):
        message = f"interrupted; {len(done)} of {len(due)} recalls are kept"
        raise CommandError(message, ExitCode.INTERRUPTED, fix="go on with: diffkit paper recall") from None
    return done
