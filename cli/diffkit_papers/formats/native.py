"""JSON with everything that the log knows: a list with one paper on each line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from diffkit_papers.errors import BadData
from diffkit_papers.formats.json_items import as_text, items
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import Record, field_name, from_paper, join_words, to_paper
from diffkit_papers.records import Author, Paper, Source
from diffkit_papers.views import pass_document


def read(text: str) -> Import:
    """Every paper of a list as `write` gives it."""
    found = Import()
    for line, raw, item in items(text, found):
        key = as_text(item.get("key")) if isinstance(item, dict) else ""
        try:
            if not isinstance(item, dict):
                raise BadData(f"a paper has to be an object, this is {raw[:40]!r}")
            record = _record(item, key)
            found.papers.append((line, to_paper(record, Source("json", key, raw, dict(record.fields)))))
        except BadData as error:
            found.broken.append(Problem(line, f"{key or 'paper'}: {error.message}"))
    return found


def write(papers: Sequence[Paper]) -> str:
    """The papers as JSON."""
    lines = [json.dumps(_document(paper), ensure_ascii=False) for paper in papers]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def _document(paper: Paper) -> dict[str, Any]:
    record = from_paper(paper)
    return {
        "key": paper.key,
        "type": record.type,
        "authors": [_known(vars(author)) for author in record.authors],
        "tags": sorted(paper.tags),
        "fields": {name: record.fields[name] for name in sorted(record.fields) if name != "tags"},
        "priority": paper.priority,
        "added_at": paper.added_at,
        "state": paper.state.value,
        "passes": [pass_document(done) for done in paper.passes],
        "notes": [{"text": one.text, "created_at": one.created_at} for one in paper.notes],
        "links": [{"kind": link.kind.value, "key": link.key} for link in paper.links],
        "files": [{"sha256": file.sha256, "name": file.name, "size": file.size} for file in paper.files],
        "sources": [vars(source) | {"fields": dict(source.fields)} for source in paper.sources],
    }


def _known(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in parts.items() if text}


def _record(item: Mapping[str, Any], key: str) -> Record:
    given = item.get("fields")
    if not isinstance(given, dict):
        raise BadData("the paper has no `fields`")
    fields = {field_name(name): text for name, value in given.items() if (text := as_text(value))}
    tags, authors = item.get("tags"), item.get("authors")
    if isinstance(tags, list):
        fields["tags"] = join_words(map(as_text, tags))
    people = []
    for author in authors if isinstance(authors, list) else ():
        if isinstance(author, dict):
            parts = (as_text(author.get(part)) for part in ("family", "given", "suffix"))
            people.append(Author(*parts))
    return Record(key=key, type=as_text(item.get("type")), authors=tuple(people), fields=fields)
