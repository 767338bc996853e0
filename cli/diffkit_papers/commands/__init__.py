"""Keep a log of papers and read them in three passes.

`add` puts papers into the log, `next` says what to read, `pass` asks the questions of a pass and keeps the
answers, `list` and `show` look at what is there. Nothing uses the network unless it is asked to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from diffkit_cli.errors import CommandError, ExitCode
from diffkit_cli.lazy import LazyGroup
from diffkit_papers.errors import (
    BadData,
    BadQuery,
    DatabaseProblem,
    GateClosed,
    NotFound,
    PaperError,
    Refused,
)

if TYPE_CHECKING:
    from diffkit_cli.completion import WordsFile

_CODES = {
    BadData: ExitCode.BAD_DATA,
    BadQuery: ExitCode.USAGE,
    GateClosed: ExitCode.CHECK_FAILED,
    Refused: ExitCode.CHECK_FAILED,
    NotFound: ExitCode.NOT_FOUND,
    DatabaseProblem: ExitCode.DATABASE,
}
_HERE = "diffkit_papers.commands"
# Name -> module, function, and the line of `diffkit paper --help`, which imports no command.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "add": (f"{_HERE}.adding", "add", "Add papers by hand, by id or from a file."),
    "attach": (f"{_HERE}.library", "attach", "Keep files with a paper."),
    "backup": (f"{_HERE}.keeping", "backup", "Copy the database, while others may use it."),
    "circle": (f"{_HERE}.linking", "circle", "Circle references of a paper: they join the queue."),
    "cite": (f"{_HERE}.exporting", "cite", "Print the entries of some papers, ready to be pasted."),
    "doctor": (f"{_HERE}.keeping", "doctor", "Check the database, its files and its place."),
    "export": (f"{_HERE}.exporting", "export", "Write papers as BibTeX, RIS, CSL-JSON, Markdown and more."),
    "fetch": (f"{_HERE}.fetching", "fetch", "Ask arXiv and doi.org for what is not known of papers."),
    "browse": (f"{_HERE}.looking", "browse", "Look at the log in a browser, read-only."),
    "graph": (f"{_HERE}.looking", "reading_graph", "Show which papers hang together, also as a picture."),
    "history": (f"{_HERE}.keeping", "history", "Print the last writes, or what happened to a paper."),
    "import": (f"{_HERE}.adding", "import_papers", "Take over whole bibliographies and folders."),
    "list": (f"{_HERE}.finding", "list_papers", "List papers and where they stand."),
    "merge": (
        f"{_HERE}.linking",
        "merge",
        "Make one paper of two: a preprint and its journal version.",
    ),
    "next": (f"{_HERE}.reading", "next_paper", "Say what to read now, and why."),
    "note": (f"{_HERE}.marking", "note", "Write a note beside a paper, or show its notes."),
    "open": (f"{_HERE}.library", "open_file", "Open the file of a paper, or print where it lies."),
    "pass": (f"{_HERE}.reading", "read", "Do a pass: answer its questions, and end it with a verdict."),
    "path": (f"{_HERE}.keeping", "print_path", "Print the path of the database."),
    "priority": (f"{_HERE}.marking", "priority", "Say how urgent a paper is, from -9 to 9."),
    "query": (f"{_HERE}.finding", "saved_query", "Keep a query under a name, or show those kept."),
    "questions": (f"{_HERE}.reading", "questions", "Print the questions of one pass or of all."),
    "recall": (
        f"{_HERE}.recalling",
        "recall",
        "Recall what is due, section by section, with the paper closed.",
    ),
    "reopen": (f"{_HERE}.reading", "reopen", "Take up again a paper that was parked, dropped or done."),
    "require": (f"{_HERE}.linking", "require", "Say which papers have to be read before this one."),
    "restore": (f"{_HERE}.keeping", "restore", "Put a copy in the place of the database."),
    "search": (f"{_HERE}.finding", "search", "Search titles, abstracts, notes and answers."),
    "show": (f"{_HERE}.finding", "show", "Show a paper with the answers of each pass."),
    "stats": (f"{_HERE}.looking", "reading_stats", "Count papers and minutes by week, pass, venue and tag."),
    "tag": (f"{_HERE}.marking", "tag", "Give a paper tags."),
    "tui": (
        f"{_HERE}.looking",
        "full_screen",
        "Read on the full screen: the queue, papers, a pass.",
    ),
    "undo": (f"{_HERE}.keeping", "undo", "Take back the last write, or one with a number."),
    "untag": (f"{_HERE}.marking", "untag", "Take tags from a paper."),
}


class PaperGroup(LazyGroup):
    """Turns the errors of the log into those of the host."""

    commands_by_name = COMMANDS

    @property
    def argument_words(self) -> dict[str, WordsFile]:
        """Shells complete the argument `key` from the file beside the log."""
        from diffkit_cli.completion import WordsFile
        from diffkit_papers.completing import SUFFIX
        from diffkit_papers.schema import default_path

        return {"key": WordsFile("--db", "DIFFKIT_DB", str(default_path()), SUFFIX)}

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PaperError as error:
            raise CommandError(error.message, _CODES[type(error)], fix=error.fix) from error
        except UnicodeEncodeError as error:
            if error.reason != "surrogates not allowed":
                raise
            message = "an argument has bytes that are not UTF-8"
            raise CommandError(message, ExitCode.USAGE, fix="use a terminal in UTF-8") from error
        except OverflowError as error:
            if "SQLite" not in str(error):
                raise
            raise CommandError("a number is too large", ExitCode.USAGE, fix="give a smaller one") from error


@click.group(cls=PaperGroup)
def paper() -> None:
    """Keep a log of papers and read them in three passes.

    Pass 1 takes a quarter of an hour and decides whether a paper fits; pass 2 reads it without every detail;
    pass 3 understands it, and ends with the paper closed. A pass ends with a verdict: continue, park,
    drop, or hard, which lets the paper wait for others that have to be read first.

    \b
    diffkit paper add refs.bib    or a PDF, an arXiv id, a DOI, --title "..."
    diffkit paper next            says what to read now
    diffkit paper pass KEY        asks the questions of the pass that comes
    """
