"""The items of a JSON list one by one, each with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from diffkit_papers.formats.parsed import Import, Problem

_SPACE = re.compile(r"[ \t\r\n]*")


def items(text: str, found: Import) -> Iterator[tuple[int, str, Any]]:
    """Line, text and value of each item of a list, or of the one value that is no list.

    What is no JSON is reported in `found`; nothing behind it can be read.
    """
    decoder = json.JSONDecoder()
    position = _behind_space(text, 0)
    many = text.startswith("[", position)
    position = _behind_space(text, position + many)
    line, counted = 1, 0
    while not (many and text.startswith("]", position)):
        line += text.count("\n", counted, position)
        counted = position
        try:
            item, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            message = f"broken item: {error.msg} in line {error.lineno}; nothing behind it can be read"
            found.broken.append(Problem(line, message))
            return
        except (RecursionError, ValueError):  # a number of thousands of digits is a ValueError
            message = (
                "broken item: it is nested too deeply, or a number is too long; nothing behind it is read"
            )
            found.broken.append(Problem(line, message))
            return
        yield line, text[position:end], item
        position = _behind_space(text, end)
        if not many:
            return
        if text.startswith(",", position):
            position = _behind_space(text, position + 1)
        elif not text.startswith("]", position):
            found.broken.append(Problem(line, "`,` or `]` is missing behind this item; the rest is not read"))
            return


def as_text(value: object) -> str:
    """A value as one text; what is no text or number, as JSON."""
    if isinstance(value, str):
        return value
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value[0] if len(value) == 1 else "; ".join(value)  # Crossref's titles are lists
    return json.dumps(value, ensure_ascii=False)


def _behind_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
