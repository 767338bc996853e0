"""`list`, `search`, `show` and `query`: what is in the log."""

from __future__ import annotations

import sqlite3

import click

from diffkit_cli.output import Output, Table, output_options
from diffkit_papers import finding, store, views
from diffkit_papers.commands.options import database_option, nothing_found
from diffkit_papers.database import session
from diffkit_papers.finding import Found
from diffkit_papers.passes import State

LANGUAGE = """\b
attention transformer       both words, at the beginning of words, anywhere
"neural machine"            the words as they stand; -word or NOT word excludes
author:vaswani title:need   in a part: title author venue abstract note answer
year:2017 year:2015..2018   also year:>=2015, priority:1..
tag:nlp status:parked       status: new reading waiting parked dropped done recalled
pass:2 key:vas* type:book   pass: the one that comes next; doi: arxiv: too
has:file NOT has:abstract   file note tag pass answer review link doi arxiv abstract ...
added:2026-11 added:7d      in the log since; also added:2026-01..2026-06, 'added:>2026'
(tag:a OR tag:b) saved:todo OR in capitals; saved: a query kept with `query`
"""


class Question(click.Command):
    """A command with a query, whose words may begin with a minus: then `--` has to stand before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name.startswith("--"):
                raise
            hint = "if it excludes a word, put -- before the query"
            raise click.UsageError(f"no such option {error.option_name!r}; {hint}", ctx) from None


def _limited(found: Found, db: sqlite3.Connection, database: str) -> list[str]:
    if not found.papers:
        return [nothing_found(db, database)]
    if len(found.papers) < found.total:
        return [f"{len(found.papers)} of {found.total}; more with --limit"]
    return []


@click.command("list", cls=Question, epilog=LANGUAGE)
@click.argument("query", nargs=-1)
@click.option("--state", "states", type=click.Choice([state.value for state in State]), multiple=True)
@click.option("--tag", "tags", multiple=True, help="Only papers with this tag; repeated: with all of them.")
@click.option("--sort", type=click.Choice(list(finding.ORDERS)), default="added", show_default=True)
@click.option("--reverse", is_flag=True)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@database_option
@output_options
def list_papers(
    query: tuple[str, ...],
    states: tuple[str, ...],
    tags: tuple[str, ...],
    sort: str,
    reverse: bool,
    limit: int | None,
    database: str,
    output: Output,
) -> None:
    """List papers and where they stand.

    With a QUERY those that match it. In the column `passes`, 12- means that passes 1 and 2 are done, and 1?-
    that pass 2 is open.
    """
    with session(database) as db:
        found = finding.select(db, " ".join(query), states, tags, sort, reverse, limit)
        notes = _limited(found, db, database)
    columns = ["key", "state", "passes", "year", "authors", "title", "tags"]
    cut = {"authors": 1, "title": 3, "tags": 1}
    table = Table(columns, [views.list_row(one) for one in found.papers], cut=cut)
    output.emit(finding.list_document(found), table, notes=notes)


@click.command(cls=Question, epilog=LANGUAGE)
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@database_option
@output_options
def search(query: tuple[str, ...], limit: int, database: str, output: Output) -> None:
    """Search titles, abstracts, notes and answers.

    The best matches come first, each with the text around the place that was found.
    """
    with session(database) as db:
        found = finding.best(db, " ".join(query), limit)
        notes = _limited(found, db, database)
    rows = [
        [paper.key, paper.state.value, paper.year, paper.label, field, text if field != "title" else ""]
        for paper, (field, text) in zip(found.papers, found.places, strict=True)
    ]
    columns = ["key", "state", "year", "title", "found in", "text"]
    table = Table(columns, rows, cut={"title": 2, "text": 3})
    output.emit(finding.search_document(found), table, notes=notes)


@click.command()
@click.argument("key")
@database_option
@output_options
def show(key: str, database: str, output: Output) -> None:
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


@click.command("query", epilog=LANGUAGE)
@click.argument("name", required=False)
@click.argument("query", nargs=-1)
@click.option("--remove", is_flag=True, help="Forget the query of this name.")
@database_option
@output_options
def saved_query(
    name: str | None, query: tuple[str, ...], remove: bool, database: str, output: Output
) -> None:
    """Keep a query under a name, or show those kept.

    `saved:NAME` stands for it in any query.

    \b
    diffkit paper query todo 'status:new (tag:thesis OR priority:>0)'
    diffkit paper list saved:todo year:2020..
    """
    if remove and (query or not name):
        raise click.UsageError("--remove takes the name of a query and nothing else")
    with session(database, create=bool(query)) as db:
        document = finding.saved_query(db, name or "", " ".join(query) if query else None, remove=remove)
    rows = [[one["name"], one["query"]] for one in document["queries"]]
    notes = [] if rows else ["no query is kept yet; keep one: diffkit paper query NAME QUERY"]
    if query:
        notes.append(f"use it in any query: diffkit paper list saved:{name}")
    output.emit(document, Table(["name", "query"], rows), notes=notes)
