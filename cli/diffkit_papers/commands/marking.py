"""`tag` and `untag`: marks that a reader gives a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from diffkit_cli.output import Output, Table, output_options
from diffkit_papers import marking
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session


@click.command()
@click.argument("key")
@click.argument("tags", nargs=-1, required=True)
@database_option
@output_options
def tag(key: str, tags: tuple[str, ...], database: Path, output: Output) -> None:
    """Give a paper tags."""
    with session(database) as db:
        document = marking.tag(db, key, tags)
    _emit_tags(document, output)


@click.command()
@click.argument("key")
@click.argument("tags", nargs=-1, required=True)
@database_option
@output_options
def untag(key: str, tags: tuple[str, ...], database: Path, output: Output) -> None:
    """Take tags from a paper."""
    with session(database) as db:
        document = marking.untag(db, key, tags)
    _emit_tags(document, output)


def _emit_tags(document: dict[str, Any], output: Output) -> None:
    table = Table(["key", "tags"], [[document["key"], " ".join(document["tags"])]])
    output.emit(document, table)
