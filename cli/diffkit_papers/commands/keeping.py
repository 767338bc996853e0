"""`path`, `backup`, `restore`, `doctor`, `history` and `undo`: the database itself, and ways back."""

from __future__ import annotations

import os
from pathlib import Path

import click

from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options, progress
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session


@click.command("path")
@database_option
@output_options
def print_path(database: str, output: Output) -> None:
    """Print the path of the database."""
    if output.format == "auto":
        click.echo(database)
        return
    document = {"path": database, "exists": os.path.exists(database)}
    output.emit(document, Table.of([document]))


@click.command()
@click.argument("target", required=False, type=click.Path(path_type=Path))
@click.option("--list", "only_list", is_flag=True, help="Print the copies beside the database.")
@database_option
@output_options
def backup(target: Path | None, only_list: bool, database: str, output: Output) -> None:
    """Copy the database, while others may use it.

    TARGET is a new file or a folder; without it the copy lies beside the database. The files of papers lie in
    a folder beside it: copy that, too.
    """
    from diffkit_papers import keeping

    if only_list:
        document = keeping.list_backups(Path(database))
        rows = [[one["backup"], one["bytes"]] for one in document["backups"]]
        notes = [] if rows else ["no copies yet; make one with: diffkit paper backup"]
        output.emit(document, Table(["backup", "bytes"], rows), notes=notes)
        return
    with session(database) as db:
        document = keeping.backup(db, target)
    output.emit(document, Table.of([document]), notes=["put it back with: diffkit paper restore"])


@click.command()
@click.argument("copy", required=False, type=click.Path(path_type=Path))
@database_option
@output_options
def restore(copy: Path | None, database: str, output: Output) -> None:
    """Put a copy in the place of the database.

    It is the newest beside the database, when no COPY is named. The present database is copied first, or
    moved aside when it is damaged.
    """
    from diffkit_papers import keeping

    document = keeping.restore(Path(database), copy)
    notes = [f"what was there is kept as {document['kept']}"] if document["kept"] else []
    table = Table(["restored", "papers"], [[document["restored"], document["papers"]]])
    output.emit(document, table, notes=notes)


@click.command()
@click.option("--mend", is_flag=True, help="Make anew what is derived: states and the full-text index.")
@database_option
@output_options
def doctor(mend: bool, database: str, output: Output) -> None:
    """Check the database, its files and its place.

    Its files are those of papers, which lie beside it; its place may be a folder that a program synchronises.
    The exit status is 1 when something is wrong; a warning is not.
    """
    from diffkit_papers import checkup

    with session(database) as db:
        count = db.execute("SELECT count(*) FROM files").fetchone()[0]
        with progress(count, "reading files") as advance:
            document = checkup.doctor(db, mend=mend, advance=advance)
    rows = [[one["check"], one["result"], one["detail"]] for one in document["checks"]]
    output.emit(document, Table(["check", "result", "detail"], rows))
    if document["problems"]:
        message = f"{document['problems']} of {len(rows)} checks found a problem"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix="the table says what to do")


@click.command()
@click.argument("key", required=False)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many writes.")
@database_option
@output_options
def history(key: str | None, limit: int, database: str, output: Output) -> None:
    """Print the last writes, or what happened to a paper.

    The writes have the numbers that `undo` takes.
    """
    from diffkit_papers import chronicle

    with session(database) as db:
        document = chronicle.history(db, key, limit)
    if key:
        columns = ["at", "event", "pass", "detail"]
        rows = [[one["at"][:19], *(one[name] for name in columns[1:])] for one in document["events"]]
        output.emit(document, Table(columns, rows, title=document["title"]))
        return
    columns = ["number", "at", "command", "undone_by"]
    rows = [[one["number"], one["at"][:19], one["command"], one["undone_by"]] for one in document["actions"]]
    output.emit(document, Table(columns, rows), notes=[] if rows else ["nothing was written yet"])


@click.command()
@click.argument("number", type=click.IntRange(1), required=False)
@database_option
@output_options
def undo(number: int | None, database: str, output: Output) -> None:
    """Take back the last write, or one with a number.

    `history` prints the numbers.
    An undo is a write, too: undoing it by its number does again what it took back.
    """
    from diffkit_papers.undo import undo

    with session(database) as db:
        document = undo(db, number)
    undone = document["undone"]
    row = [undone["number"], undone["command"], undone["at"][:19]]
    note = f"to do it again: diffkit paper undo {document['action']}"
    output.emit(document, Table(["undone", "command", "at"], [row]), notes=[note])
