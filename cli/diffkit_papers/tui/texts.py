"""A paper as styled text: what stands beside the list, and above the questions of a pass."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from diffkit_cli.output import printable
from diffkit_papers import passes, views
from diffkit_papers.passes import QUESTIONS, Pass, State
from diffkit_papers.records import LinkKind, Paper

STATE_STYLES = {
    State.NEW: "cyan",
    State.READING: "yellow",
    State.WAITING: "magenta",
    State.PARKED: "grey62",
    State.DROPPED: "red",
    State.DONE: "green",
    State.RECALLED: "bold green",
}


def plain(text: str, style: str = "") -> Text:
    """Text from a file: never markup, never a control character."""
    return Text(printable(text), style=style)


def fitting(text: str) -> Text:
    """One line that ends with … where its column does."""
    line = plain(" ".join(text.split()))
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def row(paper: Paper) -> list[Text]:
    """A paper in the list."""
    style = STATE_STYLES[paper.state]
    return [
        Text(views.progress(paper.passes), style=style),
        Text(str(paper.year or "")),
        fitting(paper.label),
        fitting(views.short_authors(paper.authors)),
    ]


def details(paper: Paper) -> Text:
    """Everything known about a paper, the newest answers last."""
    text = Text().append_text(plain(paper.label, "bold"))
    facts = [
        ", ".join(map(str, paper.authors)),
        " · ".join(str(part) for part in (paper.year, paper.venue) if part),
        views.address(paper),
    ]
    for fact in filter(None, facts):
        text.append("\n").append_text(plain(fact))
    text.append("\n").append(paper.state.value, STATE_STYLES[paper.state])
    text.append_text(plain(f"  {paper.key}", "dim"))
    if paper.minutes:
        text.append(f"  {paper.minutes:g} minutes", "dim")
    if paper.tags:
        text.append("\n").append_text(plain(" ".join(f"#{tag}" for tag in paper.tags), "cyan"))
    for kind, title in ((LinkKind.PREREQUISITE, "Read first"), (LinkKind.CIRCLED, "Circled")):
        links = [f"{link.key} ({link.state})  {link.title}" for link in paper.links if link.kind is kind]
        _section(text, title, links)
    _section(text, "Abstract", filter(None, [paper.abstract]))
    _section(text, "Notes", (note.text for note in paper.notes))
    for done in paper.passes:
        _append_pass(text, done)
    return text


def _append_pass(text: Text, done: Pass) -> None:
    ending = done.verdict.value if done.verdict else "open"
    aside = ", set aside" if done.set_aside else ""
    _section(text, f"Pass {done.number}: {ending}{aside}", [])
    questions = {question.name: question.text for question in QUESTIONS[done.number]}
    for name, answer in done.answers.items():
        text.append("\n").append(questions.get(name, name), "dim")
        text.append("\n").append_text(plain(answer))


def _section(text: Text, title: str, paragraphs: Iterable[str]) -> None:
    found = list(paragraphs)
    if found or title.startswith("Pass"):
        text.append("\n\n").append(title, "bold underline")
    for paragraph in found:
        text.append("\n").append_text(plain(paragraph))


def next_pass(paper: Paper) -> int | None:
    """The pass that a reader would do now: the one left open, or the next."""
    opened = (number for number in QUESTIONS if passes.open_pass(paper.passes, number))
    return next(opened, paper.next_pass)
