"""`fetch`: what the net knows of papers in the log."""

from __future__ import annotations

import click

from diffkit_cli.errors import tell
from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options, progress
from diffkit_papers import fetching
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@database_option
@output_options
def fetch(keys: tuple[str, ...], database: str, output: Output) -> None:
    """Ask arXiv and doi.org for what is not known of papers.

    Without a KEY all papers that have an id and no title. Only this command and `add --fetch` use the
    network; answers are kept for a month.
    """
    with session(database) as db, progress(len(keys) or 1, "asking") as advance:
        document = fetching.fetch(db, keys, advance=advance)
    columns = ["key", "outcome", "title"]
    rows = [[one[name] for name in columns] for one in document["papers"]]
    failed = document["failed"]
    notes = [] if rows or failed else ["nothing to ask: every paper has a title"]
    output.emit(document, Table(columns, rows), notes=notes)
    for one in failed[:-1]:
        tell(f"error: {one['key']}: {one['message']}")
    if failed:
        last = failed[-1]
        raise CommandError(f"{last['key']}: {last['message']}", ExitCode.NOT_FOUND, fix=last["fix"])
