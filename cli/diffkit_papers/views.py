"""Papers as documents for `--json` and as rows for tables."""

from __future__ import annotations

from collections.abc import Sequence

from diffkit_papers import passes
from diffkit_papers.latex import to_text
from diffkit_papers.passes import Pass, Verdict
from diffkit_papers.records import Author, Paper

# Fields of a source that a paper shows under a name of its own.
_SHOWN = {"title", "author", "year", "doi", "url", "eprint", "archiveprefix", "eprinttype"}
_SHOWN |= {"journal", "journaltitle", "booktitle"}


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
    """The same with the records the paper came from."""
    return paper_document(paper) | {
        "sources": [vars(source) | {"fields": dict(source.fields)} for source in paper.sources]
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
    """Field and value; of the source's fields those that are not shown under another name."""
    rows: list[list[object]] = [
        ["key", paper.key],
        ["title", paper.title],
        ["authors", "; ".join(map(str, paper.authors))],
        ["year", paper.year],
        ["venue", paper.venue],
        ["doi", paper.doi],
        ["arxiv", str(paper.arxiv or "").removeprefix("arXiv:")],
        ["url", address(paper)],
        ["tags", " ".join(paper.tags)],
        ["state", paper.state.value],
        ["minutes", paper.minutes or None],
        ["added", paper.added_at],
    ]
    for source in paper.sources:
        rows.append(["citation key", source.citation_key])
        rows.extend([name, to_text(text)] for name, text in source.fields.items() if name not in _SHOWN)
    return [row for row in rows if row[1] not in (None, "")]


def pass_rows(paper: Paper) -> list[list[object]]:
    return [
        [done.number, done.started_at, done.verdict.value if done.verdict else "open", done.minutes]
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
    names = [str(author) if author.is_cjk else author.family for author in authors]
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} et al."


def address(paper: Paper) -> str:
    """Where to read it."""
    if paper.url:
        return paper.url
    return paper.arxiv.url if paper.arxiv else f"https://doi.org/{paper.doi}" if paper.doi else ""


def pass_command(key: str, number: int) -> str:
    return f"diffkit paper pass {key} {number}"


def circle_note(circle: Sequence[str]) -> str:
    """Papers that wait for each other, and what is made of it."""
    return f"a circle: {' needs '.join(circle)}; the newest of these links does not count"


def after_pass(paper: Paper, done: Pass, needs: Sequence[str] = ()) -> str:
    """What a verdict means for the reader, and the next command."""
    again = pass_command(paper.key, done.number)
    if done.verdict is None:
        return f"pass {done.number} stays open; end it with: {again} --verdict continue (or park, or drop)"
    if done.verdict is Verdict.PARK:
        return f"{paper.key} is parked; take it up again with: {again}"
    if done.verdict is Verdict.HARD:
        return f"{paper.key} waits for {', '.join(needs)}; what to read now says: diffkit paper next"
    if done.verdict is Verdict.DROP:
        spent = f"after {paper.minutes:g} minutes" if paper.minutes else "early"
        return f"{paper.key} is dropped. Seeing {spent} that a paper is not for you is a good outcome too."
    number = passes.next_number(paper.passes)
    if number is None:
        done_now = f"{paper.key} is done: all {passes.LAST_PASS} passes, {paper.minutes:g} minutes"
        return f"{done_now}; keep it in mind with: diffkit paper recall {paper.key}"
    return f"go on with: {pass_command(paper.key, number)}"
