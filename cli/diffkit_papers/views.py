"""Papers as documents for `--json` and as rows for tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from diffkit_papers import passes
from diffkit_papers.passes import Pass, Verdict, pass_command
from diffkit_papers.records import MERGED, Author, Paper


def paper_document(paper: Paper) -> dict[str, object]:
    """What `list` tells of each paper."""
    return {
        "key": paper.key,
        "state": paper.state.value,
        "title": paper.title,
        "authors": [{"name": str(author)} | vars(author) for author in paper.authors],
        "year": paper.year,
        "venue": paper.venue,
        "doi": paper.doi or None,
        "arxiv": {"id": paper.arxiv.id, "version": paper.arxiv.version} if paper.arxiv else None,
        "url": address(paper) or None,
        "tags": list(paper.tags),
        "added_at": paper.added_at,
        "minutes": paper.minutes,
        "passes": [pass_document(done) for done in paper.passes],
    }


def full_document(paper: Paper) -> dict[str, object]:
    """The same with all that belongs to the paper, and the records it came from.

    `provenance` tells for fields that a merge took over which of `sources` gave them, counted from 0.
    """
    return paper_document(paper) | {
        "type": paper.type or None,
        "abstract": paper.abstract or None,
        "priority": paper.priority,
        "fields": dict(paper.fields),
        "notes": [vars(one) for one in paper.notes],
        "files": [vars(one) for one in paper.files],
        "links": [vars(one) | {"kind": one.kind.value, "state": one.state.value} for one in paper.links],
        "sources": [vars(source) | {"fields": dict(source.fields)} for source in paper.sources],
        "provenance": dict(paper.origins),
    }


def pass_document(done: Pass) -> dict[str, object]:
    return {
        "pass": done.number,
        "started_at": done.started_at,
        "ended_at": done.ended_at,
        "verdict": done.verdict.value if done.verdict else None,
        "minutes": done.minutes,
        "answers": dict(done.answers),
    }


def list_row(paper: Paper) -> list[object]:
    return [
        paper.key,
        paper.state.value,
        progress(paper.passes),
        paper.year,
        short_authors(paper.authors),
        paper.label,
        " ".join(paper.tags),
    ]


def detail_rows(paper: Paper) -> list[list[object]]:
    """Field and value of what is known."""
    rows: list[list[object]] = [
        ["key", paper.key],
        ["title", paper.title],
        ["type", paper.type],
        ["authors", "; ".join(map(str, paper.authors))],
        ["year", paper.year],
        ["venue", paper.venue],
        ["doi", paper.doi],
        ["arxiv", str(paper.arxiv or "").removeprefix("arXiv:")],
        ["url", address(paper)],
        ["tags", " ".join(paper.tags)],
        ["state", paper.state.value],
        ["priority", paper.priority or None],
        ["minutes", paper.minutes or None],
        ["added", paper.added_at[:19]],
    ]
    rows += [[name, text] for name, text in paper.fields.items()]
    rows.append(["abstract", paper.abstract])
    for source in paper.sources:
        rows.append(["merged" if source.format == MERGED else "citation key", source.citation_key])
    rows += [
        [f"from {source.citation_key or source.format}", ", ".join(given)]
        for place, source in enumerate(paper.sources)
        if (given := [name for name, origin in paper.origins if origin == place])
    ]
    rows += [[link.kind.value, f"{link.key} ({link.state.value}): {link.title}"] for link in paper.links]
    rows += [["file", file.name] for file in paper.files]
    rows += [["note", note.text] for note in paper.notes]
    return [row for row in rows if row[1] not in (None, "")]


def pass_rows(paper: Paper) -> list[list[object]]:
    return [
        [done.number, done.started_at[:19], done.verdict.value if done.verdict else "open", done.minutes]
        for done in paper.passes
    ]


def answer_rows(paper: Paper) -> list[list[object]]:
    return [[done.number, name, answer] for done in paper.passes for name, answer in done.answers.items()]


def progress(history: Sequence[Pass]) -> str:
    """One sign for each pass: its number once it ended with continue, `?` while open, `-` before."""
    signs = []
    for number in passes.QUESTIONS:
        finished = passes.verdict_of(history, number) is Verdict.CONTINUE
        signs.append("?" if passes.open_pass(history, number) else str(number) if finished else "-")
    return "".join(signs)


def short_authors(authors: Sequence[Author]) -> str:
    names = [str(author) if author.is_cjk or author.is_rest else author.family for author in authors]
    if len(authors) > 2 or any(author.is_rest for author in authors[1:]):
        return f"{names[0]} et al."
    return ", ".join(names)


def counted(number: int, noun: str) -> str:
    """`1 paper`, `2 papers`."""
    return f"{number} {noun}" + "s" * (number != 1)


def address(paper: Paper) -> str:
    """Where to read it."""
    if paper.url:
        return paper.url
    return paper.arxiv.url if paper.arxiv else f"https://doi.org/{paper.doi}" if paper.doi else ""


Step = Literal["end", "pass", "next", "recall"]


def command(step: Step, key: str, number: int) -> str:
    """What to type for a step that comes after a pass."""
    if step == "end":
        return f"{pass_command(key, number)} --verdict continue (or park, or drop)"
    commands = {"pass": pass_command(key, number), "next": "diffkit paper next"}
    return commands.get(step, f"diffkit paper recall {key}")


def after_pass(
    paper: Paper, done: Pass, needs: Sequence[str] = (), how: Callable[[Step, str, int], str] = command
) -> str:
    """What a verdict means for the reader, and `how` to go on."""
    if done.verdict is None:
        return f"pass {done.number} stays open; end it with: {how('end', paper.key, done.number)}"
    if done.verdict is Verdict.PARK:
        return f"{paper.key} is parked; take it up again with: {how('pass', paper.key, done.number)}"
    if done.verdict is Verdict.HARD:
        next_one = how("next", paper.key, done.number)
        return f"{paper.key} waits for {', '.join(needs)}; what to read now says: {next_one}"
    if done.verdict is Verdict.DROP:
        spent = f"after {paper.minutes:g} minutes" if paper.minutes else "early"
        return f"{paper.key} is dropped. Seeing {spent} that a paper is not for you is a good outcome too."
    number = passes.next_number(paper.passes)
    if number is None:
        done_now = f"{paper.key} is done: all {passes.LAST_PASS} passes, {paper.minutes:g} minutes"
        return f"{done_now}; keep it in mind with: {how('recall', paper.key, done.number)}"
    return f"go on with: {how('pass', paper.key, number)}"


def after_waiting(freed: Sequence[str]) -> list[str]:
    """What the last verdict means for papers that waited for it."""
    return [f"{', '.join(freed)} waited for it and can go on now"] if freed else []
