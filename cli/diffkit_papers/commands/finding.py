"""`list` and `show`: what is in the log."""

from __future__ import annotations

from pathlib import Path

import click

from diffkit_cli.output import Output, Table, output_options
from diffkit_papers import finding, store, views
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session
from diffkit_papers.passes import State


@click.command("list")
@click.argument("words", nargs=-1)
@click.option("--state", "states", type=click.Choice([state.value for state in State]), multiple=True)
@click.option("--tag", "tags", multiple=True, help="Only papers with this tag; repeated: with all of them.")
@click.option("--sort", type=click.Choice(list(finding.ORDERS)), default="added", show_default=True)
@click.option("--reverse", is_flag=True)
@database_option
@output_options
def list_papers(
    words: tuple[str, ...],
    states: tuple[str, ...],
    tags: tuple[str, ...],
    sort: str,
    reverse: bool,
    database: Path,
    output: Output,
) -> None:
    """List papers and where they stand.

    With WORDS only those that have all of them in key, title, authors, venue or tags. In the column `passes`,
    12- means that passes 1 and 2 are done, and 1?- that pass 2 is open.
    """
    with session(database) as db:
        found = finding.select(db, words, states, tags, sort, reverse)
        empty = not found and not store.all_papers(db)
    notes = [] if found else [f"no papers yet in {database}" if empty else "no paper matches"]
    columns = ["key", "state", "passes", "year", "authors", "title", "tags"]
    table = Table(columns, [views.list_row(one) for one in found])
    output.emit({"papers": [views.paper_document(one) for one in found]}, table, notes=notes)


@click.command()
@click.argument("key")
@database_option
@output_options
def show(key: str, database: Path, output: Output) -> None:
    """Show a paper with the answers of each pass.

    KEY may also be its arXiv id, its DOI or the citation key of the file it came from.
    """
    with session(database) as db:
        found = store.find(db, key)
    tables = [Table(["field", "value"], views.detail_rows(found), title=found.label)]
    if found.passes:
        tables.append(Table(["pass", "started", "verdict", "minutes"], views.pass_rows(found)))
        tables.append(Table(["pass", "question", "answer"], views.answer_rows(found)))
    output.emit({"paper": views.full_document(found)}, *tables)
