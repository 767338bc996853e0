"""`attach` and `open`: the files of a paper."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options
from diffkit_papers import library
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session


@click.command()
@click.argument("key")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@database_option
@output_options
def attach(key: str, files: tuple[Path, ...], database: str, output: Output) -> None:
    """Keep files with a paper.

    Copies are kept in a folder beside the database, under the hash of what is in them; the same file is not
    kept twice.
    """
    with session(database) as db:
        document = library.attach(db, key, files)
    columns = ["name", "size", "new"]
    rows = [[one[name] for name in columns] for one in document["files"]]
    output.emit(document, Table(columns, rows))


@click.command("open")
@click.argument("key")
@click.argument("number", type=click.IntRange(min=1), default=1)
@click.option("--print", "only_print", is_flag=True, help="Print the path instead of opening the file.")
@database_option
@output_options
def open_file(key: str, number: int, only_print: bool, database: str, output: Output) -> None:
    """Open the file of a paper, or print where it lies.

    NUMBER says which of several. Outside a terminal the path is printed.
    """
    with session(database) as db:
        document = library.open_file(db, key, number)
    if output.format != "auto":
        output.emit(document, Table.of([document]))
    elif only_print or not sys.stdout.isatty():
        click.echo(document["path"])
    elif click.launch(document["path"]) != 0:
        message = f"no program opens {document['path']}"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix="print the path with --print")
