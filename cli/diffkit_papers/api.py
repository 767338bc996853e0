"""Every command of the log as a Python function that returns the same document as `--json` prints.

    from pathlib import Path
    from diffkit_papers import api

    with api.session(Path("papers.db"), create=True) as db:
        api.add(db, [api.NewPaper(title="Notes on the engine")])
        print(api.next(db)["next"])

A command whose name is a word of Python has `_` after it: `api.pass_`.
"""

from diffkit_papers.adding import add
from diffkit_papers.adding import import_files as import_
from diffkit_papers.checkup import doctor
from diffkit_papers.chronicle import history
from diffkit_papers.database import session
from diffkit_papers.exporting import cite, export
from diffkit_papers.fetching import fetch
from diffkit_papers.finding import list_papers as list
from diffkit_papers.finding import saved_query as query
from diffkit_papers.finding import search, show
from diffkit_papers.graph import graph
from diffkit_papers.keeping import backup, path, restore
from diffkit_papers.library import attach
from diffkit_papers.library import open_file as open
from diffkit_papers.linking import circle, require
from diffkit_papers.marking import note, tag, untag
from diffkit_papers.marking import set_priority as priority
from diffkit_papers.ordering import next_papers as next
from diffkit_papers.reading import do_pass as pass_
from diffkit_papers.reading import questions, reopen
from diffkit_papers.recalling import recall
from diffkit_papers.records import Author, NewPaper
from diffkit_papers.stats import reading_stats as stats
from diffkit_papers.taking import merge_papers as merge
from diffkit_papers.undo import undo

__all__ = [
    "Author",
    "NewPaper",
    "add",
    "attach",
    "backup",
    "circle",
    "cite",
    "doctor",
    "export",
    "fetch",
    "graph",
    "history",
    "import_",
    "list",
    "merge",
    "next",
    "note",
    "open",
    "pass_",
    "path",
    "priority",
    "query",
    "questions",
    "recall",
    "reopen",
    "require",
    "restore",
    "search",
    "session",
    "show",
    "stats",
    "tag",
    "undo",
    "untag",
]
