"""BibTeX and BibLaTeX: one syntax, two vocabularies. One broken entry does not cost the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from diffkit_papers import latex
from diffkit_papers.errors import BadData
from diffkit_papers.formats import entrytypes
from diffkit_papers.formats.bibtex_blocks import Broken, Entry, Macro, blocks
from diffkit_papers.formats.names import NAME_FIELDS, parse_names
from diffkit_papers.formats.parsed import Import, Problem
from diffkit_papers.formats.record import Record, field_name, to_paper
from diffkit_papers.records import Source

# The macros that every BibTeX style defines.
_MONTHS = {
    name[:3].lower(): name
    for name in (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    )
}
_INHERITED = ("year", "date", "booktitle", "publisher", "editor")
# What is no LaTeX: addresses, identifiers and names of files.
VERBATIM = {"url", "doi", "eprint", "arxiv", "file", "x-doi", "x-arxiv"}
_ESCAPE = re.compile(r"\\([_%&#~])")


def read(text: str, macros: dict[str, str] | None = None) -> Import:
    """Every entry of BibTeX or BibLaTeX text as a paper, with the entry kept word for word.

    `macros` are those that files before this one define; its own are added.
    """
    found = Import()
    macros = {} if macros is None else macros
    macros |= _MONTHS | macros
    entries: list[tuple[int, Entry, dict[str, str]]] = []
    for line, block in blocks(text):
        match block:
            case Macro(name, value):
                macros[name.lower()] = _value(value, macros, line, found)
                found.defines = True
            case Broken(reason):
                found.broken.append(Problem(line, f"broken entry: {reason}"))
            case Entry():
                entries.append((line, block, _fields(block, macros, line, found)))
    parents = {entry.key.lower(): fields for _, entry, fields in entries if entry.key}
    for line, entry, fields in entries:
        parent = parents.get(fields.get("crossref", "").lower(), {})
        source = Source("bibtex", entry.key, entry.raw, fields)
        try:
            found.papers.append((line, to_paper(_record(entry, fields, parent), source)))
        except BadData as error:
            found.broken.append(Problem(line, f"{entry.key or 'entry without a key'}: {error.message}"))
    found.warnings = list(_once(found.warnings))
    return found


def _once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Each message where it comes first: a file without its abbreviations has thousands of the same."""
    counts = Counter(one.message for one in problems)
    for one in problems:
        if count := counts.pop(one.message, 0):
            yield replace(one, message=f"{one.message} (in {count} places)") if count > 1 else one


def _fields(entry: Entry, macros: Mapping[str, str], line: int, found: Import) -> dict[str, str]:
    """The fields with lower-case names; of a repeated field the first counts, as in BibTeX."""
    fields: dict[str, str] = {}
    for given, value in entry.fields:
        name = given.lower()
        if name in fields:
            found.warnings.append(
                Problem(line, f"{entry.key}: the field {name} is repeated; the first one counts")
            )
        else:
            fields[name] = _value(value, macros, line, found)
    return fields


_NESTED = r"\{(?:[^{}\\]++|\\[^\\])*+\}"
for _ in range(2):
    _NESTED = rf"\{{(?:[^{{}}\\]++|\\[^\\]|{_NESTED})*+\}}"
_PLAIN = re.compile(_NESTED)  # one value in braces, as nearly all are
_JOIN = re.compile(r"\s*#")
_PIECE = re.compile(r'\s*(?:(?P<open>["{])|(?P<word>[^\s#"{},]+))')
_BRACE_OR_QUOTE = re.compile(r'\\.|[{}"]', re.DOTALL)


def _value(text: str, macros: Mapping[str, str], line: int, found: Import) -> str:
    """A field's value: `{...}`, `"..."`, a number or a macro, or several of them joined by `#`."""
    inside = text[1:-1]
    if text[:1] == "{" and text[-1:] == "}" and not ("{" in inside or "}" in inside or "\\" in inside):
        return inside  # sooner than the pattern could say
    if _PLAIN.fullmatch(text):
        return inside
    pieces = []
    position = 0
    while match := _PIECE.match(text, position):
        if match["open"]:
            end = _closing(text, match.end(), '"' if match["open"] == '"' else "}")
            pieces.append(text[match.end() : end])
            position = end + 1
        else:
            word = match["word"]
            if word.lower() in macros:
                word = macros[word.lower()]
            elif not word.isdigit():
                found.warnings.append(Problem(line, f"no @string defines {word}; it is kept as it stands"))
            pieces.append(word)
            position = match.end()
        following = _JOIN.match(text, position)
        if not following:
            break
        position = following.end()
    return "".join(pieces) if not text[position:].strip() else text


def _closing(text: str, position: int, closing: str) -> int:
    """Where the value that began before `position` ends; braces nest, and `\\{` is a character."""
    depth = 0
    for match in _BRACE_OR_QUOTE.finditer(text, position):
        character = match[0]
        if character == closing and depth == 0:
            return match.start()
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
    return len(text)


def _record(entry: Entry, fields: Mapping[str, str], parent: Mapping[str, str]) -> Record:
    inherited = {name: parent[name] for name in _INHERITED if name in parent}
    if "title" in parent:
        inherited.setdefault("booktitle", parent["title"])
    known: dict[str, str] = {}
    for given, text in (inherited | dict(fields)).items():
        if (name := field_name(given)) not in known and name != "author":
            known[name] = text if name in NAME_FIELDS else read_value(name, text)
    if parent:
        known.pop("crossref", None)  # what it stood for is here now
    entry_type = known.get("entrytype", "").strip() or entry.type
    if entry_type in entrytypes.ALIASES and "entrytype" not in known:
        entry_type, genre = entrytypes.ALIASES[entry_type]
        if genre:
            known.setdefault("type", genre)
    known["entrytype"] = entry_type
    type_ = known.pop("csltype", "").strip() or entrytypes.CSL_TYPE.get(entry_type, entrytypes.DEFAULT)
    return Record(type=type_, authors=parse_names(fields.get("author", "")), fields=known)


def read_value(name: str, text: str) -> str:
    r"""The text of a field, its white space as it stands.

    In addresses `\url{...}` and backslashes before `_ % & #` are LaTeX's.
    """
    if name not in VERBATIM or "{\\text" in text:
        return latex.read(text)
    if "\\" not in text:
        return text
    return _ESCAPE.sub(r"\1", re.sub(r"^\\url\{(.*)\}$", r"\1", text.strip()))
