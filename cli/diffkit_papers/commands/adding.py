"""`add`: papers into the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from diffkit_cli.inputs import read_bytes
from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options
from diffkit_papers import store
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session
from diffkit_papers.errors import BadData
from diffkit_papers.identifiers import parse_arxiv, parse_doi
from diffkit_papers.importers import Import, decode, parse_authors, parse_bibtex
from diffkit_papers.records import Added, NewPaper, Outcome


def _identifier(parse: Callable[[str], Any], what: str) -> Callable[..., Any]:
    def check(ctx: click.Context, param: click.Parameter, text: str) -> Any:
        found = parse(text) if text else None
        if text and not found:
            raise click.BadParameter(f"{text!r} is not {what}", ctx, param)
        return found

    return check


@click.command()
@click.argument("source", required=False)
@click.option("--title", default="")
@click.option("--author", "authors", multiple=True, help="`Ashish Vaswani` or `Vaswani, Ashish`; repeatable.")
@click.option("--year", type=click.IntRange(1000, 9999))
@click.option("--venue", default="", help="Journal, conference or publisher.")
@click.option("--doi", default="", callback=_identifier(parse_doi, "a DOI such as 10.1038/nature14539"))
@click.option("--arxiv", default="", callback=_identifier(parse_arxiv, "an arXiv id such as 1706.03762"))
@click.option("--url", default="")
@click.option("--tag", "tags", multiple=True, help="Repeatable.")
@click.option("--key", default="", help="Instead of one made from author, year and title.")
@database_option
@output_options
def add(source: str | None, database: Path, output: Output, tags: tuple[str, ...], **details: Any) -> None:
    """Add papers by hand, by id or from BibTeX.

    SOURCE is a .bib file, `-` for BibTeX on standard input, an arXiv id or a DOI, also as an address. The
    options describe a paper by hand, or say what an id stands for. A paper that is there already is reported,
    not added twice; if the log knew its id only, it gets its title now.

    \b
    diffkit paper add refs.bib --tag thesis
    diffkit paper add --title "Attention is all you need" --author "Ashish Vaswani" --year 2017
    diffkit paper add https://arxiv.org/abs/1706.03762v7
    """
    arxiv = parse_arxiv(source) if source else None
    doi = parse_doi(source) if source else None
    if source and not (arxiv or doi):
        if any(details.values()):
            raise click.UsageError("a BibTeX file describes its papers itself: only --tag goes with it")
        found = _read_bibtex(source)
        papers = [_tagged(entry, tags) for _, entry in found.papers]
    else:
        found = Import()
        papers = [_by_hand(arxiv, doi, tags, **details)]
    added: list[Added] = []
    if papers:
        with session(database, create=True) as db:
            added = store.add(db, papers)
    _report(output, "standard input" if source == "-" else source or "", found, added)


def _read_bibtex(source: str) -> Import:
    if source != "-" and not Path(source).exists():
        message = f"no file {source!r}, and it is no arXiv id or DOI either"
        raise CommandError(message, ExitCode.NOT_FOUND, fix="check it, or describe the paper with --title")
    name = "standard input" if source == "-" else source
    try:
        found = parse_bibtex(decode(read_bytes(source)))
    except BadData as error:
        raise BadData(f"{name}: {error.message}", error.fix) from error
    if not (found.papers or found.broken):
        raise BadData(f"{name} has no BibTeX entry", fix="an entry looks like @article{key, title = {...}}")
    return found


def _tagged(entry: NewPaper, tags: tuple[str, ...]) -> NewPaper:
    from dataclasses import replace

    return replace(entry, tags=tags)


def _by_hand(
    id_arxiv: Any,
    id_doi: str | None,
    tags: tuple[str, ...],
    *,
    authors: Sequence[str],
    arxiv: Any,
    doi: str,
    **rest: Any,
) -> NewPaper:
    for given, option, name in ((id_arxiv, arxiv, "arXiv ids"), (id_doi and not id_arxiv, doi, "DOIs")):
        if given and option:
            raise click.UsageError(f"two {name} for one paper: give one of them")
    arxiv = id_arxiv or arxiv or parse_arxiv(doi or "")
    doi = doi or id_doi or ""
    if parse_arxiv(doi):
        doi = ""  # an arXiv DOI only repeats the arXiv id
    rest["title"] = " ".join(rest["title"].split())
    if not (rest["title"] or arxiv or doi):
        raise click.UsageError("nothing to add: give a .bib file, an arXiv id, a DOI or --title")
    names = tuple(author for text in authors for author in parse_authors(text))
    return NewPaper(authors=names, arxiv=arxiv, doi=doi, tags=tags, **rest)


def _report(output: Output, source: str, found: Import, added: Sequence[Added]) -> None:
    """Print what became of each paper; the exit code tells of broken entries (3) and duplicates (1)."""
    lines: list[int | None] = [line for line, _ in found.papers] or [None] * len(added)
    rows = [[one.key, one.outcome.value, one.title, one.reason] for one in added]
    document = {
        "papers": [
            vars(one) | {"outcome": one.outcome.value, "line": line}
            for one, line in zip(added, lines, strict=True)
        ],
        "broken": [vars(problem) for problem in found.broken],
        "warnings": [vars(problem) for problem in found.warnings],
    }
    notes = [_no_title_yet(one) for one in added if not one.title]
    output.emit(document, Table(["key", "outcome", "title", "reason"], rows), notes=notes)
    for kind, problems in (("warning", found.warnings), ("error", found.broken)):
        for problem in problems:
            click.echo(f"{kind}: {source}:{problem.line}: {problem.message}", err=True)
    duplicates = [one for one in added if one.outcome is Outcome.DUPLICATE]
    if found.broken:
        count = f"{len(found.broken)} of {len(found.broken) + len(added)} entries are broken"
        fix = "mend them and add the file again: the others are in the log and stay there"
        raise CommandError(count, fix=fix)
    if len(duplicates) == 1:
        fix = f"see it: diffkit paper show {duplicates[0].key}"
        if duplicates[0].reason.startswith(store.SAME_TITLE):
            fix += "; if yours is another work, give it a title that tells them apart"
        message = f"it is in the log already as {duplicates[0].key} ({duplicates[0].reason})"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix=fix)
    if duplicates:
        message = f"{len(duplicates)} of {len(added)} papers were in the log already"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix="their keys stand beside `duplicate`")


def _no_title_yet(one: Added) -> str:
    return f"{one.key} has no title yet; add its id again with --title and --author, or its BibTeX entry"
