"""`export` and `cite`: papers out of the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from diffkit_cli.output import CommandError, ExitCode, Output, Table, new_file, output_options, progress
from diffkit_papers import exporting
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session
from diffkit_papers.exporting import EXPORTS


def _format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    ascii = click.option("--ascii", "ascii_only", is_flag=True, help="LaTeX instead of letters, in BibTeX.")
    format = click.option("--format", "-f", type=click.Choice(EXPORTS), default="bibtex", show_default=True)
    return format(ascii(command))


@click.command()
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@click.option(
    "--output", "-o", "target", type=click.Path(path_type=Path), help="A file; for Markdown a folder."
)
@click.option("--source-keys", is_flag=True, help="The citation keys that the papers came with.")
@_format_options
@database_option
@output_options
def export(
    words: tuple[str, ...],
    target: Path | None,
    source_keys: bool,
    format: str,
    ascii_only: bool,
    database: str,
    output: Output,
) -> None:
    """Write papers as BibTeX, RIS, CSL-JSON, Markdown and more.

    The formats are BibTeX, BibLaTeX, RIS, CSL-JSON, CSV, Markdown notes and JSON. With a QUERY only the
    papers that match it are written. The order is that of the keys, so that the same papers give
    the same bytes; `import` reads each format as the same papers. JSON holds everything: passes, notes,
    links and reviews, too, so that `import` makes the same log of it.

    \b
    diffkit paper export > refs.bib
    diffkit paper export tag:thesis year:2015.. -f csl -o thesis.json
    diffkit paper export -f markdown -o ~/vault/papers
    diffkit paper export -f json -o log.json
    """
    with session(database) as db:
        papers = exporting.selected(db, " ".join(words), format)
    if not papers:
        raise CommandError("no paper to export", ExitCode.NOT_FOUND, fix="see: diffkit paper list")
    if format == "markdown" and (target or len(papers) > 1):
        if target is None:
            fix = "give --output FOLDER"
            raise CommandError("Markdown is a file for each paper", ExitCode.USAGE, fix=fix)
        _write_notes(exporting.notes(papers), target, output)
        return
    text = exporting.text_of(papers, format, source_keys, ascii_only)
    if target is None and output.format != "json":
        click.echo(text, nl=False)
        return
    document = {"format": format, "count": len(papers)}
    if target is None:
        output.emit(document | {"text": text})
        return
    with new_file(str(target)) as file:
        file.write(text.encode())
    row = {"file": str(target), "format": format, "papers": len(papers)}
    output.emit(document | {"file": str(target)}, Table.of([row]))


def _write_notes(notes: dict[str, str], folder: Path, output: Output) -> None:
    """Every note anew; files that are no notes of papers in the export stay as they are."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot use the folder {str(folder)!r}: {error.strerror}"
        raise CommandError(message, ExitCode.NOT_FOUND, fix="give another --output") from None
    with progress(len(notes), "writing") as advance:
        for name, text in notes.items():
            with new_file(str(folder / name)) as file:
                file.write(text.encode())
            advance(1)
    document = {"format": "markdown", "count": len(notes), "folder": str(folder), "files": list(notes)}
    row = {"folder": str(folder), "format": "markdown", "papers": len(notes)}
    output.emit(document, Table.of([row]))


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="KEY...")
@_format_options
@database_option
@output_options
def cite(names: tuple[str, ...], format: str, ascii_only: bool, database: str, output: Output) -> None:
    """Print the entries of some papers, ready to be pasted.

    KEY may also be an arXiv id, a DOI or the citation key of the file a paper came from.
    """
    with session(database) as db:
        document = exporting.cite(db, names, format=format, ascii_only=ascii_only)
    if output.format == "json":
        output.emit(document)
    else:
        click.echo(document["text"], nl=False)
