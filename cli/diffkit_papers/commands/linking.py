"""`circle`, `require` and `merge`: what a paper has to do with others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from diffkit_cli.output import Output, Table, output_options
from diffkit_papers import linking
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session
from diffkit_papers.ordering import circle_note
from diffkit_papers.records import LinkKind


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--remove", is_flag=True, help="Take these links away instead."),
        click.option(
            "--title",
            "titles",
            multiple=True,
            help="Of a paper new to the log, or of the one new id; repeatable.",
        ),
        click.argument("references", nargs=-1),
        click.argument("key"),
    ):
        command = option(command)
    return command


@click.command()
@_options
@database_option
@output_options
def circle(**given: Any) -> None:
    """Circle references of a paper: they join the queue.

    REFERENCES are keys, arXiv ids or DOIs. Those that the log does not have are added to it.
    """
    _link(linking.circle, LinkKind.CIRCLED, **given)


@click.command()
@_options
@database_option
@output_options
def require(**given: Any) -> None:
    """Say which papers have to be read before this one.

    REFERENCES are keys, arXiv ids or DOIs. Those that the log does not have are added to it. `next` proposes
    the paper once their second pass is done.
    """
    _link(linking.require, LinkKind.PREREQUISITE, **given)


def _link(
    link: Callable[..., dict[str, Any]],
    kind: LinkKind,
    key: str,
    references: tuple[str, ...],
    titles: tuple[str, ...],
    remove: bool,
    database: str,
    output: Output,
) -> None:
    if remove and titles:
        raise click.UsageError("--title names what is new: give the key of the link to remove")
    with session(database) as db:
        if remove:
            document = linking.unlink(db, key, references, kind)
        elif references or titles:
            document = link(db, key, references, titles)
        else:
            document = linking.links(db, key)
    rows = [
        [name, other["key"], other["state"], other["title"]]
        for name, list_ in (("circled", "circled"), ("needs", "prerequisites"))
        for other in document[list_]
    ]
    notes = [circle_note(circle) for circle in document["cycles"]]
    output.emit(document, Table(["link", "key", "state", "title"], rows), notes=notes)


@click.command()
@click.argument("key")
@click.argument("other")
@click.option("--force", is_flag=True, help="Although a DOI, an arXiv id or the years contradict.")
@database_option
@output_options
def merge(key: str, other: str, force: bool, database: str, output: Output) -> None:
    """Make one paper of two: a preprint and its journal version.

    KEY stays, with the passes, notes, tags, files, links and reviews of both; OTHER and its identifiers lead
    to it from now on. Where and when it appeared is taken from the one that was published. If both were read,
    the one that was read further says where the paper stands, and the other passes stay in the history.

    \b
    diffkit paper merge vaswani2017attention arxiv170603762
    """
    from diffkit_papers.taking import merge_papers

    with session(database) as db:
        document = merge_papers(db, key, other, force=force)
    row = [document[name] for name in ("key", "merged", "before", "state")]
    taken = ", ".join(name.removeprefix("fields.") for name in document["fields"])
    notes = [f"from {document['merged']} it has now: {taken}"] if taken else []
    notes.append("to take it back: diffkit paper undo")
    output.emit(document, Table(["key", "merged", "before", "state"], [row]), notes=notes)
