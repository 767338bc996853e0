"""Papers into the log: what becomes of each, and of each file they came from."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from diffkit_papers import library, store
from diffkit_papers.database import path_of
from diffkit_papers.formats.record import split_words
from diffkit_papers.gathering import Entry, FileProblem, Gathered, gather
from diffkit_papers.records import Added, NewPaper, Outcome
from diffkit_papers.values import replace

Document = dict[str, Any]
Keys = Literal["file", "new", "given"]


def add(db: sqlite3.Connection, papers: Sequence[NewPaper]) -> Document:
    """Add papers in one transaction, and say what became of each."""
    return {"papers": [vars(one) | {"outcome": one.outcome.value} for one in store.add(db, papers)]}


def import_files(
    db: sqlite3.Connection,
    sources: Sequence[str | Path],
    *,
    format: str = "",
    encoding: str = "",
    tags: Iterable[str] = (),
    keys: Keys = "file",
    keywords_as_tags: bool = False,
) -> Document:
    """Add the papers of files and folders in one transaction; see `add_gathered`."""
    database = path_of(db)
    skip = library.folder_of(database) if database else None
    found = gather(sources, format=format, encoding=encoding, skip=skip)
    return add_gathered(db, found, tags=tags, keys=keys, keywords_as_tags=keywords_as_tags)


def add_gathered(
    db: sqlite3.Connection,
    found: Gathered,
    *,
    tags: Iterable[str] = (),
    keys: Keys = "file",
    keywords_as_tags: bool = False,
    advance: Callable[[int], None] = lambda steps: None,
) -> Document:
    """Add what was gathered, all of it or nothing, and copy the files that belong to the papers.

    With the `keys` of the file a paper keeps its key where that can be typed and is free; `new` ones are made
    from the paper; `given` ones were typed, and have to be free.
    """
    own = tuple(tags)
    papers = [_prepared(entry, own, keys, keywords_as_tags) for entry in found.entries]
    added = _put(db, found, papers, keys == "file", advance)
    wanted = [
        (one.key, path) for entry, one in zip(found.entries, added, strict=True) for path in entry.attached
    ]
    kept = library.keep(db, wanted) if wanted else []
    return document(found, added) | {"attached": sum(bool(one["new"]) for one in kept)}


def _put(
    db: sqlite3.Connection,
    found: Gathered,
    papers: Sequence[NewPaper],
    free_keys: bool,
    advance: Callable[[int], None],
) -> list[Added]:
    """Add the papers; those of the log's own JSON with all that happened to them."""
    if all(paper.life is None for paper in papers):
        return store.add(db, papers, free_keys=free_keys, advance=advance)
    from diffkit_papers import taking

    added, problems = taking.add(db, found.entries, papers, free_keys=free_keys, advance=advance)
    found.warnings += [FileProblem(entry.file, entry.line or 1, text) for entry, text in problems]
    if database := path_of(db):
        for entry in found.entries:
            for file in entry.paper.life.files if entry.paper.life else ():
                place = library.place_of(database, file)
                if not place.is_file():
                    text = f"{file.name} of {entry.paper.key} is not here; put a copy of it at {place}"
                    found.warnings.append(FileProblem(entry.file, entry.line or 1, text))
    return added


def document(found: Gathered, added: Sequence[Added]) -> Document:
    """What became of every file, every paper and every broken entry."""
    became = [(entry.file, one.outcome) for entry, one in zip(found.entries, added, strict=True)]
    counts = Counter[tuple[str, str]](became) + Counter((one.file, "broken") for one in found.broken)
    files = dict.fromkeys((*found.files, *(name for name, _ in counts)))
    values = {outcome: outcome.value for outcome in Outcome}
    kinds = [*values.values(), "broken"]
    return {
        "files": [{"file": name} | {kind: counts[name, kind] for kind in kinds} for name in files],
        "papers": [
            {
                "key": one.key,
                "outcome": values[one.outcome],
                "reason": one.reason,
                "title": one.title,
                "file": entry.file or None,
                "line": entry.line,
            }
            for entry, one in zip(found.entries, added, strict=True)
        ],
        "broken": [vars(problem) for problem in found.broken],
        "warnings": [vars(problem) for problem in found.warnings],
    }


def _prepared(entry: Entry, tags: tuple[str, ...], keys: Keys, keywords_as_tags: bool) -> NewPaper:
    paper = entry.paper
    if keywords_as_tags:
        tags += tuple(split_words(paper.fields.get("keywords", "").replace(";", ",")))
    if not tags and keys != "new":
        return paper
    return replace(paper, tags=(*paper.tags, *tags), key="" if keys == "new" else paper.key)
