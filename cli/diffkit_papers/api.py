"""Every command of the log as a Python function that returns the same document as `--json` prints.

    from pathlib import Path
    from diffkit_papers import api

    with api.session(Path("papers.db"), create=True) as db:
        api.add(db, [api.NewPaper(title="Notes on the engine")])
        print(api.next(db)["next"])

A command whose name is a word of Python has `_` after it: `api.pass_`.
"""

from diffkit_papers.adding import add
from diffkit_papers.database import session
from diffkit_papers.finding import list_papers as list
from diffkit_papers.finding import saved_query as query
from diffkit_papers.finding import search, show
from diffkit_papers.graph import graph
from diffkit_papers.keeping import path
from diffkit_papers.marking import tag, untag
from diffkit_papers.ordering import next_papers as next
from diffkit_papers.reading import do_pass as pass_
from diffkit_papers.reading import questions
from diffkit_papers.records import Author, NewPaper
from diffkit_papers.stats import reading_stats as stats

__all__ = [
    "Author",
    "NewPaper",
    "add",
    "graph",
    "list",
    "next",
    "pass_",
    "path",
    "query",
    "questions",
    "search",
    "session",
    "show",
    "stats",
    "tag",
    "untag",
]
