"""Keep a log of papers and read them in three passes.

`add` puts papers into the log, `next` says what to read, `pass` asks the questions of a pass and keeps the
answers, `list` and `show` look at what is there. Nothing here uses the network.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from diffkit_cli.inputs import read_bytes
from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options
from diffkit_papers import keys, passes, store, views
from diffkit_papers.asking import ask_questions, ask_verdict
from diffkit_papers.errors import BadData, DatabaseProblem, GateClosed, NotFound, PaperError
from diffkit_papers.identifiers import parse_arxiv, parse_doi
from diffkit_papers.importers import Import, decode, parse_authors, parse_bibtex
from diffkit_papers.passes import State, Verdict
from diffkit_papers.records import Added, NewPaper, Outcome, Paper
from diffkit_papers.schema import default_path, session

_CODES = {
    BadData: ExitCode.BAD_DATA,
    GateClosed: ExitCode.CHECK_FAILED,
    NotFound: ExitCode.NOT_FOUND,
    DatabaseProblem: ExitCode.DATABASE,
}
_ORDERS: dict[str, Callable[[Paper], Any]] = {
    "added": lambda paper: paper.id,
    "key": lambda paper: paper.key.lower(),
    "title": lambda paper: keys.folded(paper.label),
    "year": lambda paper: paper.year or 0,
    "minutes": lambda paper: paper.minutes,
    "state": lambda paper: list(State).index(paper.state),
}
Command = TypeVar("Command", bound=Callable[..., Any])


class _PaperGroup(click.Group):
    """Turns the errors of the log into those of the command line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PaperError as error:
            raise CommandError(error.message, _CODES[type(error)], fix=error.fix) from error


def _database_option(command: Command) -> Command:
    option = click.option(
        "--db",
        "database",
        type=click.Path(path_type=Path),
        envvar="DIFFKIT_DB",
        default=default_path,
        callback=lambda ctx, param, path: path.expanduser(),
        show_default="papers.db in your data folder",
        show_envvar=True,
        help="The database file.",
    )
    return option(command)


@click.group(cls=_PaperGroup)
def paper() -> None:
    """Keep a log of papers and read them in three passes.

    Pass 1 takes a quarter of an hour and decides whether a paper fits; pass 2 reads it without every detail;
    pass 3 understands it, and ends with the paper closed. A pass ends with a verdict: continue, park or drop.
    """


def _identifier(parse: Callable[[str], Any], what: str) -> Callable[..., Any]:
    def check(ctx: click.Context, param: click.Parameter, text: str) -> Any:
        found = parse(text) if text else None
        if text and not found:
            raise click.BadParameter(f"{text!r} is not {what}", ctx, param)
        return found

    return check


@paper.command()
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
@_database_option
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
        if duplicates[0].reason == store.SAME_TITLE:
            fix += "; if yours is another work, give it a title that tells them apart"
        message = f"it is in the log already as {duplicates[0].key} ({duplicates[0].reason})"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix=fix)
    if duplicates:
        message = f"{len(duplicates)} of {len(added)} papers were in the log already"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix="their keys stand beside `duplicate`")


def _no_title_yet(one: Added) -> str:
    return f"{one.key} has no title yet; add its id again with --title and --author, or its BibTeX entry"


@paper.command("list")
@click.argument("words", nargs=-1)
@click.option("--state", "states", type=click.Choice([state.value for state in State]), multiple=True)
@click.option("--tag", "tags", multiple=True, help="Only papers with this tag; repeated: with all of them.")
@click.option("--sort", type=click.Choice(list(_ORDERS)), default="added", show_default=True)
@click.option("--reverse", is_flag=True)
@_database_option
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
        everything = store.all_papers(db)
    wanted = [keys.folded(word).split() for word in words]
    found = [
        one
        for one in everything
        if (not states or one.state in states)
        and set(tags) <= set(one.tags)
        and all(part in _searched(one) for parts in wanted for part in parts)
    ]
    found.sort(key=_ORDERS[sort], reverse=reverse)
    notes = [] if found else ["no paper matches" if everything else f"no papers yet in {database}"]
    columns = ["key", "state", "passes", "year", "authors", "title", "tags"]
    table = Table(columns, [views.list_row(one) for one in found])
    output.emit({"papers": [views.paper_document(one) for one in found]}, table, notes=notes)


def _searched(one: Paper) -> str:
    return keys.folded(" ".join([one.key, one.label, one.venue, *map(str, one.authors), *one.tags]))


@paper.command()
@click.argument("key")
@_database_option
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


@paper.command("pass")
@click.argument("key")
@click.argument("number", type=click.IntRange(1, passes.LAST_PASS), metavar="1|2|3")
@click.option("--answer", "answers", multiple=True, metavar="NAME=TEXT", help="Repeatable.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Time spent; on a terminal it is measured.")
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]))
@_database_option
@output_options
def read(
    key: str,
    number: int,
    answers: tuple[str, ...],
    minutes: float | None,
    verdict: str | None,
    database: Path,
    output: Output,
) -> None:
    """Do a pass: answer its questions, and end it with a verdict.

    On a terminal the questions are asked, unless --answer or --verdict is given. A pass without a verdict
    stays open and goes on where it stopped. Every answer is kept the moment it is given.
    """
    given = _answers(answers)
    ending = Verdict(verdict) if verdict else None
    if given or ending or (minutes is not None and not _on_terminal()):
        with session(database) as db:
            done = store.record(db, key, number, given, minutes, ending)
            found = store.find(db, key)
    elif _on_terminal():
        found, done = _ask(database, key, number, minutes)
    else:
        raise click.UsageError("nothing to record: outside a terminal give --answer, --minutes or --verdict")
    document = {"key": found.key, "state": found.state.value, "pass": views.pass_document(done)}
    ended = done.verdict.value if done.verdict else "open"
    row = [found.key, done.number, ended, done.minutes, found.state.value]
    table = Table(["key", "pass", "verdict", "minutes", "state"], [row])
    output.emit(document, table, notes=[views.after_pass(found, done)])


def _answers(options: Iterable[str]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for option in options:
        name, sign, text = option.partition("=")
        if not (sign and text.strip()):
            raise click.UsageError(f"--answer {option!r} is not NAME=TEXT")
        if name in answers:
            raise click.UsageError(f"two answers to {name!r}: give one")
        answers[name] = text
    return answers


def _on_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _ask(database: Path, key: str, number: int, minutes: float | None) -> tuple[Paper, passes.Pass]:
    """Ask what is not answered yet. Each answer is committed before the next question appears."""
    with session(database) as db:
        found = store.find(db, key)
    passes.check_gate(found.passes, number, found.key)
    begun = passes.open_pass(found.passes, number)
    kept = set(begun.answers) if begun else set()
    started = time.monotonic()

    def keep(name: str, answer: str) -> None:
        with session(database) as db:
            store.record(db, found.key, number, {name: answer})
        kept.add(name)

    def end(verdict: Verdict | None) -> tuple[Paper, passes.Pass]:
        spent = minutes if minutes is not None else round((time.monotonic() - started) / 60, 1)
        with session(database) as db:
            done = store.record(db, found.key, number, {}, spent, verdict)
            return store.find(db, found.key), done

    click.echo(found.label, err=True)
    try:
        ask_questions(number, frozenset(kept), keep)
        return end(ask_verdict())
    except (click.Abort, KeyboardInterrupt):
        if kept:
            end(None)
        message = f"interrupted; pass {number} keeps {len(kept)} of {len(passes.QUESTIONS[number])} answers"
        fix = f"go on with: {views.pass_command(found.key, number)}"
        raise CommandError(message, ExitCode.INTERRUPTED, fix=fix) from None


@paper.command("next")
@_database_option
@output_options
def next_paper(database: Path, output: Output) -> None:
    """Say what to read now, and why."""
    with session(database) as db:
        everything = store.all_papers(db)
    steps = [(step.rank, one, step) for one in everything if (step := passes.next_step(one.passes, one.id))]
    counts = dict(Counter(one.state.value for one in everything))
    rule = f"the order: {passes.NEXT_RULE}"
    columns = ["key", "pass", "title", "command"]
    if not steps:
        notes = ["nothing waits to be read; add papers with: diffkit paper add"]
        if "parked" in counts:
            notes.append(f"{counts['parked']} parked: diffkit paper list --state parked")
        output.emit({"next": None, "rule": passes.NEXT_RULE, "counts": counts}, Table(columns), notes=notes)
        return
    _, first, step = min(steps, key=lambda item: (item[0], item[1].id))
    row = {
        "key": first.key,
        "pass": step.number,
        "title": first.label,
        "command": views.pass_command(first.key, step.number),
    }
    document = {"next": row | {"reason": step.reason}, "rule": passes.NEXT_RULE, "counts": counts}
    output.emit(document, Table.of([row]), notes=[f"because {step.reason}", rule])


@paper.command()
@click.argument("key")
@click.argument("tags", nargs=-1, required=True)
@_database_option
@output_options
def tag(key: str, tags: tuple[str, ...], database: Path, output: Output) -> None:
    """Give a paper tags."""
    with session(database) as db:
        found = store.tag(db, key, tags)
    _emit_tags(found, output)


@paper.command()
@click.argument("key")
@click.argument("tags", nargs=-1, required=True)
@_database_option
@output_options
def untag(key: str, tags: tuple[str, ...], database: Path, output: Output) -> None:
    """Take tags from a paper."""
    with session(database) as db:
        found = store.untag(db, key, tags)
    _emit_tags(found, output)


def _emit_tags(found: Paper, output: Output) -> None:
    table = Table(["key", "tags"], [[found.key, " ".join(found.tags)]])
    output.emit({"key": found.key, "tags": list(found.tags)}, table)


@paper.command()
@click.argument("number", type=click.IntRange(1, passes.LAST_PASS), required=False, metavar="[1|2|3]")
@output_options
def questions(number: int | None, output: Output) -> None:
    """Print the questions of one pass or of all."""
    wanted = [number] if number else list(passes.QUESTIONS)
    rows = [[n, question.name, question.text] for n in wanted for question in passes.QUESTIONS[n]]
    document = {
        "passes": [
            {"pass": n, "aim": passes.PASS_AIMS[n], "questions": [vars(one) for one in passes.QUESTIONS[n]]}
            for n in wanted
        ]
    }
    output.emit(document, Table(["pass", "question", "text"], rows))


@paper.command("path")
@_database_option
@output_options
def print_path(database: Path, output: Output) -> None:
    """Print the path of the database."""
    if output.format == "auto":
        click.echo(str(database))
        return
    document = {"path": str(database), "exists": database.exists()}
    output.emit(document, Table.of([document]))
