"""Markdown: a note for each paper with front matter that Obsidian shows as properties.

Reading a note again takes the front matter; what stands below is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from diffkit_papers.errors import BadData
from diffkit_papers.formats.names import format_names, parse_names
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import Record, field_name, from_paper, join_words, to_paper
from diffkit_papers.formats.yaml_text import load_yaml
from diffkit_papers.passes import QUESTIONS
from diffkit_papers.records import Paper, Source

_LINE = "---"
# Properties that say how far the reading is; the database knows it better.
DERIVED = ("aliases", "reading-state", "reading-minutes", "reading-added")


def read(text: str) -> Import:
    """The paper that a note describes."""
    found = Import()
    matter = _front_matter(text)
    try:
        properties = load_yaml(matter)
        key = properties.get("key", "")
        key = key if isinstance(key, str) else ""
        record = _record(properties, key)
        source = Source("markdown", key, matter, dict(record.fields))
        found.papers.append((1, to_paper(record, source)))
    except BadData as error:
        found.broken.append(Problem(1, error.message))
    return found


def write(papers: Sequence[Paper]) -> str:
    """The notes one behind the other; `export` writes each into a file of its own."""
    return "\n".join(map(note, papers))


def note(paper: Paper) -> str:
    """One note: properties, abstract, what each pass found, and the notes."""
    import yaml

    record = from_paper(paper)
    properties: dict[str, Any] = {"key": paper.key, "csltype": record.type}
    if paper.title:
        properties |= {"title": paper.title, "aliases": [paper.title]}
    if record.authors:
        properties["author"] = [format_names([author]) for author in record.authors]
    properties |= {name: record.fields[name] for name in sorted(record.fields) if name != "tags"}
    if paper.tags:
        properties["tags"] = sorted(paper.tags)
    properties |= {
        "reading-state": paper.state.value,
        "reading-minutes": f"{paper.minutes:g}",
        "reading-added": paper.added_at[:10],
    }
    matter = yaml.safe_dump(properties, allow_unicode=True, sort_keys=False, width=10**9)
    return f"{_LINE}\n{matter}{_LINE}\n\n" + "\n".join(_body(paper))


def _body(paper: Paper) -> Iterator[str]:
    yield f"# {_plain(paper.label)}\n"
    if paper.abstract:
        yield f"## Abstract\n\n{_plain(paper.abstract)}\n"
    texts = {question.name: question.text for questions in QUESTIONS.values() for question in questions}
    for done in paper.passes:
        ended = f", {done.verdict.value}" if done.verdict else ", open"
        yield f"## Pass {done.number} ({done.started_at[:10]}{ended})\n"
        for name, answer in done.answers.items():
            yield f"### {texts.get(name, name)}\n\n{answer}\n"
    if paper.links:
        yield "## See also\n"
        yield "".join(f"- {link.kind.value}: [[{link.key}]] {_plain(link.title)}\n" for link in paper.links)
    if paper.notes:
        yield "## Notes\n"
        for one in paper.notes:
            yield f"{one.text}\n"


def _plain(text: str) -> str:
    """Text that begins no heading, list or link of its own."""
    return text.replace("[[", "[ [").replace("<", "&lt;")


def _front_matter(text: str) -> str:
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != _LINE:
        raise BadData("the note has no front matter", fix="it has to begin with a line of three hyphens")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == _LINE:
            return "\n".join(lines[1:number]) + "\n"
    raise BadData("the front matter does not end", fix="close it with a line of three hyphens")


def _record(properties: dict[str, Any], key: str) -> Record:
    fields: dict[str, str] = {}
    for given, value in properties.items():
        name = field_name(given)
        if given == "key" or name in DERIVED:
            continue
        if isinstance(value, list):
            words = [word for word in value if isinstance(word, str)]
            value = " and ".join(words) if name == "author" else join_words(words)
        if isinstance(value, str) and value:
            fields.setdefault(name, value)
    type_ = fields.pop("csltype", "")
    return Record(key=key, type=type_, authors=parse_names(fields.pop("author", "")), fields=fields)
