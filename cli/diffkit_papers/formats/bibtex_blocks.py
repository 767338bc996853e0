"""The blocks of a BibTeX file: plain entries are read by patterns, everything else by bibtexparser.

bibtexparser goes from brace to brace in Python, and most of an import would go there. To it, `@type{` at the
beginning of a line always begins a block, even inside one that does not end. So plain entries that follow one
another need not be shown to it at all; of one that stands beside something else the inside can be taken out:
that changes neither what is found around it nor the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from diffkit_papers.errors import BadData

if TYPE_CHECKING:
    from bibtexparser.model import Block


class Entry(NamedTuple):
    """An entry as it is written; fields may be repeated."""

    type: str
    key: str
    raw: str
    fields: list[tuple[str, str]]


class Macro(NamedTuple):
    """A `@string`."""

    name: str
    value: str


class Broken(NamedTuple):
    """A block that is none, and why."""

    reason: str


# As bibtexparser sees it, a backslash takes its meaning from the character behind it, even from a backslash.
_BRACED = r"\{(?:[^{}\\]++|\\++[^\\])*+\}"
for _ in range(3):  # braces inside braces; what is deeper is not plain
    _BRACED = rf"\{{(?:[^{{}}\\]++|\\++[^\\]|{_BRACED})*+\}}"
_QUOTED = r'"(?:[^"\\]++|\\++[^\\])*+(?<!\{)"'  # {"} inside quotes is a character
_WORD = r'[^\s{}()",=@#%\\]++'
_HEAD = re.compile(
    rf"[^\S\n]*@(?!comment|preamble|string)(?P<type>\w+)[ \t]*(?P<open>\{{)\s*(?P<key>(?:{_WORD})?)\s*,",
    re.IGNORECASE,
)
_NAME, _BEHIND = rf"\s*({_WORD})\s*=\s*", r"\s*(?:,|(?=\}))"
_FIELD = re.compile(rf"{_NAME}({_BRACED}|{_QUOTED}|{_WORD}){_BEHIND}")
# Most values have no brace inside. Python looks for one character much faster than for one of several.
_TO_BRACE = re.compile(rf"{_NAME}(\{{[^}}]*+\}}){_BEHIND}")
_END = re.compile(r"\s*\}")


def blocks(text: str) -> Iterator[tuple[int, Entry | Macro | Broken]]:
    """Every block that counts with the line where it begins, in their order."""
    first = 1
    odd: list[str] = []  # chunks from line `first` on that are for bibtexparser
    plain: dict[str, Entry] = {}
    for line, chunk in _chunks(text):
        entry, inside, behind = _plain_entry(chunk)
        alone = entry is not None and not chunk[behind:].strip()
        if entry and alone and not odd:
            yield line, entry
        else:
            first = first if odd else line
            odd.append(_without_inside(chunk, entry, inside, behind, plain) if entry else chunk)
            if alone:  # what did not end before it has come to nothing here
                yield from _parsed("\n".join(odd), first, plain)
                odd = []
    if odd:
        yield from _parsed("\n".join(odd), first, plain)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """The text, cut before each line that begins with `@`, and the number of each chunk's first line."""
    lines = text.split("\n")
    starts = [place for place, line in enumerate(lines) if line.lstrip()[:1] == "@" and place]
    for start, end in pairwise((0, *starts, len(lines))):
        yield start + 1, "\n".join(lines[start:end])


def _plain_entry(chunk: str) -> tuple[Entry | None, int, int]:
    """The plain entry that a chunk begins with, if any, and where its inside begins and where it ends."""
    head = _HEAD.match(chunk)
    if head is None:
        return None, 0, 0
    fields = []
    position = head.end()
    while field := _field(chunk, position):
        fields.append((field[1], field[2]))
        position = field.end()
    end = _END.match(chunk, position)
    if end is None:
        return None, 0, 0
    raw = chunk[chunk.index("@") : end.end()]
    return Entry(head["type"].lower(), head["key"], raw, fields), head.end("open"), end.end()


def _field(chunk: str, position: int) -> re.Match[str] | None:
    """The field there, if it is plain: its name and its value."""
    found = _TO_BRACE.match(chunk, position)
    if found and not (found[2].rfind("{") or "\\" in found[2]):
        return found
    return _FIELD.match(chunk, position)


def _without_inside(chunk: str, entry: Entry, inside: int, behind: int, plain: dict[str, Entry]) -> str:
    """A chunk with a name in `plain` in place of the inside of the entry that it begins with."""
    name = f"\0{len(plain)}"  # no file has a NUL
    plain[name] = entry
    lines = "\n" * chunk.count("\n", inside, behind)
    return f"{chunk[:inside]}{name}{lines}}}{chunk[behind:]}"


def _parsed(text: str, first: int, plain: dict[str, Entry]) -> Iterator[tuple[int, Entry | Macro | Broken]]:
    """What bibtexparser finds in lines of the file, of which the first has the number `first`."""
    for block in _split(text):
        if found := _block(block, plain):
            yield (block.start_line or 0) + first, found


def _split(text: str) -> list[Block]:
    import logging

    from bibtexparser.splitter import Splitter

    # What it would log is reported by us, with the line.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL + 1)
    try:
        return Splitter(text).split().blocks
    except Exception as error:  # by its own documentation the splitter lets its unforeseen cases escape
        raise BadData(
            f"cannot be read as BibTeX ({error})", fix="check the braces and quotes of the file"
        ) from error


def _block(block: Block, plain: dict[str, Entry]) -> Entry | Macro | Broken | None:
    from bibtexparser import model

    if isinstance(block, model.DuplicateBlockKeyBlock | model.DuplicateFieldKeyBlock):
        block = block.ignore_error_block or block
    if isinstance(block, model.String):
        return Macro(block.key, block.value)
    if isinstance(block, model.Entry):
        fields = [(field.key, str(field.value)) for field in block.fields]
        return plain.get(block.key) or Entry(block.entry_type, block.key, block.raw or "", fields)
    if isinstance(block, model.ParsingFailedBlock):
        reason = getattr(block.error, "abort_reason", "") or "it does not end"
        return Broken(" ".join(str(reason).split()).rstrip("."))
    return None
