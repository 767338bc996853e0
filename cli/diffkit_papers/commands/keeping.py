"""`path`: the database itself."""

from __future__ import annotations

from pathlib import Path

import click

from diffkit_cli.output import Output, Table, output_options
from diffkit_papers.commands.options import database_option


@click.command("path")
@database_option
@output_options
def print_path(database: Path, output: Output) -> None:
    """Print the path of the database."""
    if output.format == "auto":
        click.echo(str(database))
        return
    document = {"path": str(database), "exists": database.exists()}
    output.emit(document, Table.of([document]))
