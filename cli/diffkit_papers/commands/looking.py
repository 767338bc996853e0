"""`stats`, `graph`, `tui` and `browse`: the log as a whole, in tables, in pictures and on a screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from diffkit_cli.errors import tell
from diffkit_cli.output import CommandError, ExitCode, Output, Table, new_file, output_options
from diffkit_papers import charts, graph, stats, views
from diffkit_papers.commands.options import database_option, needs, nothing_found
from diffkit_papers.database import session

PARTS = {  # and what the bars beside a table show
    "weeks": "minutes",
    "funnel": "papers",
    "passes": "",
    "venues": "papers",
    "tags": "papers",
}
KINDS = {"mermaid": graph.mermaid, "svg": graph.svg, "html": graph.page}
ENDINGS = {".mmd": "mermaid", ".md": "mermaid", ".svg": "svg", ".html": "html", ".htm": "html"}


@click.command("stats")
@click.argument("query", nargs=-1)
@click.option("--weeks", type=click.IntRange(1, 520), default=12, show_default=True)
@click.option("--only", type=click.Choice(list(PARTS)), help="One of the tables.")
@click.option("--svg", type=click.Path(dir_okay=False), help="Write a picture, too.")
@database_option
@output_options
def reading_stats(
    query: tuple[str, ...], weeks: int, only: str | None, svg: str | None, database: str, output: Output
) -> None:
    """Count papers and minutes by week, pass, venue and tag.

    With a QUERY only the papers that match it. A drop rate comes with the interval in which it lies with a
    certainty of 95 %: of few papers it says little.
    """
    with session(database) as db:
        document = stats.reading_stats(db, " ".join(query), weeks=weeks)
        notes = _summary(document) if document["papers"] else [nothing_found(db, database)]
    if svg:
        with new_file(svg) as file:
            file.write(charts.stats_svg(document).encode())
    wanted = [only] if only else [part for part in PARTS if document[part]]
    tables = [_table(part, document[part], output) for part in wanted]
    if svg:
        notes.append(f"the picture is in {svg}")
    output.emit(document, *tables, notes=notes)


@click.command("graph")
@click.argument("query", nargs=-1)
@click.option("--as", "kind", type=click.Choice(list(KINDS)), help="Print a picture in place of the table.")
@click.option("--out", type=click.Path(dir_okay=False), help="Write it to a file: .mmd, .svg or .html.")
@database_option
@output_options
def reading_graph(
    query: tuple[str, ...], kind: str | None, out: str | None, database: str, output: Output
) -> None:
    """Show which papers hang together, also as a picture.

    What is to be read first, and what was circled where. With a QUERY only the links of papers that match it.
    Papers that wait for each other are a cycle.

    \b
    diffkit paper graph --out graph.svg
    diffkit paper graph tag:thesis --as mermaid
    """
    if out and not kind:
        kind = ENDINGS.get(Path(out).suffix.lower())
        if not kind:
            raise click.UsageError(f"no picture is known by the ending of {out!r}: give .svg, .html or .mmd")
    if kind and not out and output.format != "auto":
        raise click.UsageError("--as prints a picture: leave out --json and --csv, or write it with --out")
    with session(database) as db:
        found = graph.reading_graph(db, " ".join(query))
    document = graph.graph_document(found)
    if kind and out:
        with new_file(out) as file:
            file.write(KINDS[kind](found).encode())
    elif kind:
        click.echo(KINDS[kind](found), nl=False)
        return
    rows = [[link["from"], link["kind"], link["to"]] for link in document["links"]]
    notes = [f"these wait for each other: {', '.join(circle)}" for circle in document["cycles"]]
    if not rows:
        notes.append("no links yet; make them with: diffkit paper circle, diffkit paper require")
    if out:
        notes.append(f"the picture is in {out}")
    output.emit(document, Table(["from", "kind", "to"], rows), notes=notes)


def _table(part: str, rows: Sequence[Mapping[str, Any]], output: Output) -> Table:
    """One part of the statistics; for a person's eye with bars and shares in percent."""
    if not output.on_terminal:
        return Table.of(rows)
    if part == "passes":
        return Table.of(map(_pass_row, rows), title=part)
    largest = max((row[PARTS[part]] for row in rows), default=0)
    shown = [
        {name: value for name, value in row.items() if name != "from"}
        | ({"share": f"{row['share']:.0%}"} if row.get("share") is not None else {})
        | {" ": charts.bar(row[PARTS[part]], largest)}
        for row in rows
    ]
    table = Table.of(shown, title=part)
    table.cut = {name: 1 for name in ("venue", "tag") if name in table.columns}
    return table


def _pass_row(row: Mapping[str, Any]) -> dict[str, object]:
    """Verdicts of a pass, with the drop rate and its interval in one cell."""
    shown = {name: value for name, value in row.items() if not name.startswith(("drop_rate", "median"))}
    if row["finished"]:
        low, high = row["drop_rate_interval"]
        shown["drop rate"] = f"{row['drop_rate']:.0%} ({low:.0%} to {high:.0%})"
    return shown | {"median": row["median_minutes"], "minutes": row["minutes"]}


def _summary(document: Mapping[str, Any]) -> list[str]:
    streak = document["streak"]
    states = ", ".join(f"{count} {state}" for state, count in document["states"].items() if count)
    notes = [f"{views.counted(document['papers'], 'paper')} ({states}), {document['minutes']:g} minutes"]
    if streak["weeks"] > 1:
        notes.append(f"{streak['weeks']} weeks in a row with reading; the longest run is {streak['longest']}")
    return notes


@click.command("tui")
@database_option
def full_screen(database: str) -> None:
    """Read on the full screen: the queue, papers, a pass.

    The keys stand at the foot of the screen. Every answer is kept the moment it is left.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("the full screen needs a terminal; in a pipe use: diffkit paper list")
    with needs("textual", "tui"):
        from diffkit_papers.tui.app import PapersApp
    with session(database, create=True):
        pass  # what is wrong with the file is told before the screen is taken
    PapersApp(database).run()


@click.command("browse")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0: any free one."
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@database_option
def browse(port: int, show: bool, database: str) -> None:
    """Look at the log in a browser, read-only.

    It is served to this machine alone, until Ctrl-C.
    """
    with needs("datasette", "browse"):
        from diffkit_papers.browse.server import serve
    if not os.path.exists(database):
        fix = "add papers with: diffkit paper add"
        raise CommandError(f"there is no log at {database} yet", ExitCode.NOT_FOUND, fix=fix)
    with session(database):
        pass  # an old log is migrated, and what is wrong with the file is told

    def ready(address: str) -> None:
        tell(f"{address} (Ctrl-C ends it)")
        if show:
            click.launch(address)

    try:
        serve(database, port, ready)
    except OSError as error:
        message = f"cannot serve at port {port}: {error.strerror or error}"
        raise CommandError(message, ExitCode.NOT_FOUND, fix="give another one with --port") from None
