"""`tag`, `untag`, `note` and `priority`: marks that a reader gives a paper."""

from __future__ import annotations

from typing import Any

import click

from diffkit_cli.inputs import read_bytes
from diffkit_cli.output import Output, Table, output_options
from diffkit_papers import marking
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session


@click.command()
@click.argument("key")
@click.argument("tags", nargs=-1, required=True)
@database_option
@output_options
def tag(key: str, tags: tuple[str, ...], database: str, output: Output) -> None:
    """Give a paper tags."""
    with session(database) as db:
        document = marking.tag(db, key, tags)
    _emit_tags(document, output)


@click.command()
@click.argument("key")
@click.argument("tags", nargs=-1, required=True)
@database_option
@output_options
def untag(key: str, tags: tuple[str, ...], database: str, output: Output) -> None:
    """Take tags from a paper."""
    with session(database) as db:
        document = marking.untag(db, key, tags)
    _emit_tags(document, output)


def _emit_tags(document: dict[str, Any], output: Output) -> None:
    table = Table(["key", "tags"], [[document["key"], " ".join(document["tags"])]])
    output.emit(document, table)


@click.command()
@click.argument("key")
@click.argument("priority", type=click.IntRange(-marking.MOST_URGENT, marking.MOST_URGENT))
@database_option
@output_options
def priority(key: str, priority: int, database: str, output: Output) -> None:
    """Say how urgent a paper is, from -9 to 9.

    It begins with 0. Write `-- -3` for a number below that.
    """
    with session(database) as db:
        document = marking.set_priority(db, key, priority)
    row = [document["key"], document["before"], document["priority"]]
    output.emit(document, Table(["key", "before", "priority"], [row]))


@click.command()
@click.argument("key")
@click.argument("text", required=False)
@click.option("--delete", type=int, metavar="NUMBER", help="Take this note away.")
@database_option
@output_options
def note(key: str, text: str | None, delete: int | None, database: str, output: Output) -> None:
    """Write a note beside a paper, or show its notes.

    TEXT may be `-` for standard input.
    """
    if delete is not None and text is not None:
        raise click.UsageError("--delete goes without a text")
    if text == "-":
        text = read_bytes(text).decode("utf-8", "surrogateescape")
    with session(database) as db:
        if delete is not None:
            document = marking.delete_note(db, key, delete)
        elif text is not None:
            document = marking.note(db, key, text)
        else:
            document = marking.notes(db, key)
    rows = [[one["id"], one["created_at"][:19], one["text"]] for one in document["notes"]]
    notes = [] if rows else [f"{document['key']} has no notes"]
    output.emit(document, Table(["number", "written", "note"], rows), notes=notes)
