"""`add` and `import`: papers into the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from diffkit_cli.errors import error_line, tell
from diffkit_cli.inputs import read_bytes
from diffkit_cli.output import CommandError, ExitCode, Output, Table, output_options, progress
from diffkit_papers import adding, library, store, views
from diffkit_papers.commands.options import database_option
from diffkit_papers.database import session
from diffkit_papers.errors import BadData
from diffkit_papers.formats import FORMATS
from diffkit_papers.formats.entrytypes import DEFAULT, ENTRY_TYPE
from diffkit_papers.formats.names import parse_names
from diffkit_papers.gathering import Entry, Gathered, gather, gather_text
from diffkit_papers.identifiers import parse_arxiv, parse_doi
from diffkit_papers.records import NewPaper, Outcome
from diffkit_papers.values import replace

READ_FORMATS = [name for name, form in FORMATS.items() if form.reader]


def _identifier(parse: Callable[[str], Any], what: str) -> Callable[..., Any]:
    def check(ctx: click.Context, param: click.Parameter, text: str) -> Any:
        found = parse(text) if text else None
        if text and not found:
            raise click.BadParameter(f"{text!r} is not {what}", ctx, param)
        return found

    return check


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--format` and `--encoding` of what is read."""
    command = click.option("--encoding", default="", help="Of the text, such as latin1; otherwise UTF-8.")(
        command
    )
    kinds = click.Choice(READ_FORMATS)
    return click.option("--format", type=kinds, default=None, help="Otherwise told by name and text.")(
        command
    )


@click.command()
@click.argument("source", required=False)
@click.option("--title", default="")
@click.option("--author", "authors", multiple=True, help="`Ashish Vaswani` or `Vaswani, Ashish`; repeatable.")
@click.option("--year", type=click.IntRange(1000, 9999))
@click.option("--venue", default="", help="Journal, conference or publisher.")
@click.option("--doi", default="", callback=_identifier(parse_doi, "a DOI such as 10.1038/nature14539"))
@click.option("--arxiv", default="", callback=_identifier(parse_arxiv, "an arXiv id such as 1706.03762"))
@click.option("--url", default="")
@click.option(
    "--type", type=click.Choice(sorted(ENTRY_TYPE)), metavar="KIND", help="CSL's word, such as book."
)
@click.option("--abstract", default="")
@click.option("--tag", "tags", multiple=True, help="Repeatable.")
@click.option("--key", default="", help="Instead of one made from author, year and title.")
@click.option("--fetch", "fetched", is_flag=True, help="Ask arXiv, or doi.org for what an id stands for.")
@reading_options
@database_option
@output_options
def add(
    source: str | None,
    database: str,
    output: Output,
    tags: tuple[str, ...],
    fetched: bool,
    format: str | None,
    encoding: str,
    **details: Any,
) -> None:
    """Add papers by hand, by id or from a file.

    SOURCE is a file in BibTeX, RIS, CSL-JSON or another format that `import` reads, a PDF, `-` for standard
    input, an arXiv id or a DOI, also as an address. The options describe a paper by hand, or say what an id
    or a PDF stands for. A paper that is there already is not added twice, but gets what was not known of it.

    \b
    diffkit paper add refs.bib --tag thesis
    diffkit paper add --title "Attention is all you need" --author "A. Vaswani"
    diffkit paper add https://arxiv.org/abs/1706.03762v7 --fetch
    diffkit paper add attention.pdf
    """
    arxiv = parse_arxiv(source) if source else None
    doi = parse_doi(source) if source else None
    if source and not (arxiv or doi):
        if fetched:
            raise click.UsageError("--fetch asks what an arXiv id or a DOI stands for")
        found = _read(source, format or "", encoding, details)
    else:
        paper = _by_hand(arxiv, doi, **details)
        found = Gathered([Entry(_fetched(paper) if fetched else paper, source or "", None)])
    document = _added(database, found, tags=tags, keys="given" if details["key"] else "new")
    _report(document, output)


def _added(database: str, found: Gathered, **options: Any) -> dict[str, Any]:
    """What became of everything; a file without a single whole entry does not create a database."""
    if not found.entries:
        return adding.document(found, [])
    with session(database, create=True) as db:
        return adding.add_gathered(db, found, **options)


def _read(source: str, format: str, encoding: str, details: dict[str, Any]) -> Gathered:
    if source == "-":
        found = gather_text("standard input", read_bytes(source), format=format, encoding=encoding)
    elif not Path(source).exists():
        message = f"no file {source!r}, and it is no arXiv id or DOI either"
        raise CommandError(message, ExitCode.NOT_FOUND, fix="check it, or describe the paper with --title")
    elif any(details.values()) and source.lower().endswith(".pdf"):
        return _described_pdf(Path(source), details)
    else:
        found = gather([source], format=format, encoding=encoding)
    if any(details.values()):
        raise click.UsageError("a file describes its papers itself: only --tag goes with it")
    return found


def _described_pdf(path: Path, details: dict[str, Any]) -> Gathered:
    """A PDF as the options say, and what it tells itself where they say nothing."""
    try:
        paper = gather([path]).entries[0].paper
    except BadData:
        if not any(details[name] for name in ("title", "doi", "arxiv")):
            raise
        paper = NewPaper()
    said = _by_hand(None, None, **(details | {"title": details["title"] or paper.title or "-"}))
    given = {name: value for name, value in vars(said).items() if value and value != "-"}
    return Gathered([Entry(replace(paper, **given), str(path), None, (path,))], files=[str(path)])


def _by_hand(
    id_arxiv: Any,
    id_doi: str | None,
    *,
    authors: Sequence[str],
    arxiv: Any,
    doi: str,
    type: str | None,
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
        raise click.UsageError("nothing to add: give a file, an arXiv id, a DOI or --title")
    names = tuple(author for text in authors for author in parse_names(text))
    kind = "" if type in (None, DEFAULT) else type
    return NewPaper(authors=names, arxiv=arxiv, doi=doi, type=kind, **rest)


def _fetched(paper: NewPaper) -> NewPaper:
    """What the net knows of a paper, with what was typed before it."""
    from diffkit_papers.fetching import Sources, fetch_paper

    found = fetch_paper(paper.arxiv, paper.doi, Sources())
    given = {name: value for name, value in vars(paper).items() if value}
    return replace(found, **given)


def _report(document: dict[str, Any], output: Output) -> None:
    """Print what became of each paper; the exit code tells of broken entries (3) and duplicates (1)."""
    papers = document["papers"]
    rows = [[one["key"], one["outcome"], one["title"], one["reason"]] for one in papers]
    notes = [_no_title_yet(one["key"]) for one in papers if not one["title"]]
    output.emit(document, Table(["key", "outcome", "title", "reason"], rows), notes=notes)
    report_problems(document)
    duplicates = [one for one in papers if one["outcome"] == Outcome.DUPLICATE]
    if len(duplicates) == 1:
        key, reason = duplicates[0]["key"], duplicates[0]["reason"]
        fix = f"see it: diffkit paper show {key}"
        if reason.startswith(store.SAME_TITLE):
            fix += "; if yours is another work, give it a title that tells them apart"
        message = f"it is in the log already as {key} ({reason})"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix=fix)
    if duplicates:
        message = f"{len(duplicates)} of {len(papers)} papers were in the log already"
        raise CommandError(message, ExitCode.CHECK_FAILED, fix="their keys stand beside `duplicate`")


def report_problems(document: dict[str, Any]) -> None:
    """Each broken entry and oddity with file and line on stderr; broken ones end with exit code 3."""
    for kind, problems in (("warning", document["warnings"]), ("error", document["broken"])):
        for problem in problems:
            where = f"{problem['file']}:{problem['line']}"
            tell(f"{kind}: {error_line(f'{where}: ' + problem['message'])}")
    if broken := len(document["broken"]):
        count = f"{broken} of {broken + len(document['papers'])} entries are broken"
        fix = "mend them and add the file again"
        fix += ": the others are in the log and stay there" if document["papers"] else ""
        raise CommandError(count, fix=fix)


def _no_title_yet(key: str) -> str:
    return f"{key} has no title yet; add its id again with --fetch or with --title, or add its BibTeX entry"


@click.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@click.option("--tag", "tags", multiple=True, help="Repeatable.")
@click.option("--new-keys", is_flag=True, help="Make keys instead of keeping them.")
@click.option("--keywords-as-tags", is_flag=True, help="Tag each paper with its keywords.")
@reading_options
@database_option
@output_options
def import_papers(
    sources: tuple[str, ...],
    tags: tuple[str, ...],
    new_keys: bool,
    keywords_as_tags: bool,
    format: str | None,
    encoding: str,
    database: str,
    output: Output,
) -> None:
    """Take over whole bibliographies and folders.

    Files in BibTeX, BibLaTeX, RIS, CSL-JSON, CSV (Zotero's, too), Markdown notes, PubMed's .nbib, papis'
    info.yaml and JSON, PDFs, folders with any of them (Zotero's exports with files, papis libraries), or `-`
    for standard input. All of it is added in one piece or nothing. Keys stay as they are where they can be
    typed and are free; a paper that is there already gets what was not known of it. PDFs that an entry names
    are kept with it.

    \b
    diffkit paper import library.bib
    diffkit paper import ~/Zotero-export ~/papis --keywords-as-tags
    """
    with _without_collector():
        document = _imported(sources, tags, new_keys, keywords_as_tags, format or "", encoding, database)
    columns = ["file", *(outcome.value for outcome in Outcome), "broken"]
    rows = [[one[name] for name in columns] for one in document["files"]]
    output.emit(document, Table(columns, rows), notes=_import_notes(document))
    report_problems(document)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Reading makes many objects and no cycles; looking for those takes a fifth of the time."""
    import gc

    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()  # what stays of it, the process needs to its end
            gc.enable()


def _imported(
    sources: tuple[str, ...],
    tags: tuple[str, ...],
    new_keys: bool,
    keywords_as_tags: bool,
    format: str,
    encoding: str,
    database: str,
) -> dict[str, Any]:
    with progress(len(sources), "reading") as advance:
        found = gather(
            [name for name in sources if name != "-"],
            format=format,
            encoding=encoding,
            skip=library.folder_of(database),
            advance=advance,
        )
    if "-" in sources:
        text = gather_text("standard input", read_bytes("-"), format=format, encoding=encoding)
        found.extend(text)
    keys: adding.Keys = "new" if new_keys else "file"
    with progress(len(found.entries), "adding") as advance:
        return _added(
            database, found, tags=tags, keys=keys, keywords_as_tags=keywords_as_tags, advance=advance
        )


def _import_notes(document: dict[str, Any]) -> list[str]:
    papers = document["papers"]
    notes = []
    if duplicates := [one for one in papers if one["outcome"] == Outcome.DUPLICATE]:
        first = duplicates[0]
        more = f" and {len(duplicates) - 1} more" if len(duplicates) > 1 else ""
        where = f"{first['file']}:{first['line']}" if first["line"] else first["file"]
        notes.append(f"already there: {where} is {first['key']} ({first['reason']}){more}; see --json")
    if document.get("attached"):
        notes.append(f"{views.counted(document['attached'], 'file')} kept beside the log")
    return notes
