"""The `info.yaml` of a paper in a papis library: BibTeX's names in YAML."""

from __future__ import annotations

from typing import Any

from diffkit_papers.errors import BadData
from diffkit_papers.formats import entrytypes
from diffkit_papers.formats.names import format_names, parse_names
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import Record, field_name, join_words, to_paper
from diffkit_papers.formats.yaml_text import load_yaml
from diffkit_papers.records import Author, Source

# What papis keeps for itself, and what stands under another name, too.
_OWN = {"papis_id", "ref", "author_list", "time-added", "files", "notes", "doc_url", "citations"}


def read(text: str) -> Import:
    """The paper of an `info.yaml`."""
    found = Import()
    try:
        info = load_yaml(text)
        ref = info.get("ref")
        key = ref if isinstance(ref, str) else ""
        record = _record(info)
        found.papers.append((1, to_paper(record, Source("papis", key, text, dict(record.fields)))))
    except BadData as error:
        found.broken.append(Problem(1, error.message))
    return found


def _record(info: dict[str, Any]) -> Record:
    fields: dict[str, str] = {}
    for given, value in info.items():
        if given.lower() in _OWN:
            continue
        if isinstance(value, list):
            words = [word for word in value if isinstance(word, str)]
            value = join_words(words)
        if isinstance(value, str) and value:
            fields.setdefault(field_name(given), value)
    files = info.get("files")
    names = [name for name in files if isinstance(name, str)] if isinstance(files, list) else []
    if names:
        fields["file"] = ";".join(names)
    kind = fields.pop("type", "").lower()
    entry_type, genre = entrytypes.ALIASES.get(kind, (kind, ""))
    if genre:
        fields["type"] = genre
    fields["entrytype"] = entry_type
    type_ = entrytypes.CSL_TYPE.get(entry_type, entrytypes.DEFAULT)
    if kind in entrytypes.ENTRY_TYPE and kind not in entrytypes.CSL_TYPE:
        type_ = kind  # papis takes over Crossref's words, too
        del fields["entrytype"]
    authors = _authors(info.get("author_list")) or parse_names(fields.get("author", ""))
    fields.pop("author", None)
    if editors := _authors(info.get("editor_list")):
        fields["editor"] = format_names(editors)
    return Record(type=type_, authors=authors, fields=fields)


def _authors(people: object) -> tuple[Author, ...]:
    found = []
    for one in people if isinstance(people, list) else ():
        if isinstance(one, dict):
            family, given, suffix = (
                text if isinstance(text := one.get(part, ""), str) else ""
                for part in ("family", "given", "suffix")
            )
            if family or given:
                found.append(Author(family, given, suffix) if family else Author(given))
    return tuple(found)
