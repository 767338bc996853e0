"""How text is written into the full-text index, and how a search for it is written: the same way.

Case, accents and punctuation do not count. Chinese, Japanese and Korean are written without spaces between
words, so that each of their characters is a word of its own here; a run of them is then looked for as a
phrase, which finds words of one and two characters too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from diffkit_papers.keys import as_ascii, folded

# Han with its extensions, kana, bopomofo, Hangul syllables: after folding there is no other form of them.
_FIRST = "\u3005"
_RANGES = (
    *((0x3005, 0x3007), (0x3040, 0x30FF), (0x3100, 0x312F), (0x31A0, 0x31BF), (0x3400, 0x4DBF)),
    *((0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)


class _Spaces(dict[int, str]):
    """Each character for `str.translate`, with spaces around it where it is a word; made when it is met.

    A pattern of the ranges would take longer to be compiled than a search takes.
    """

    def __missing__(self, code: int) -> str:
        c = chr(code)
        self[code] = f" {c} " if any(first <= code <= last for first, last in _RANGES) else c
        return self[code]


_SPACES = _Spaces()


def searchable(text: str) -> str:
    """Folded words with one space between, each Chinese, Japanese or Korean character a word."""
    if not text:
        return ""
    # Folding takes Hangul syllables apart, and composing puts them together again.
    plain = unicodedata.normalize("NFC", folded(text))
    if plain.isascii() or max(plain) < _FIRST:
        return plain
    return " ".join(plain.translate(_SPACES).split())


def indexed(text: str) -> str:
    """What the index is given for a text: ASCII is left to SQLite, which folds and cuts it the same way."""
    plain = as_ascii(text)
    return searchable(text) if plain is None else plain


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The words of a text with their places, each Chinese, Japanese or Korean character a word."""
    for run in re.finditer(r"[^\W_]+", text):
        place = run.start()
        for piece in run[0].translate(_SPACES).split() if max(run[0]) >= _FIRST else [run[0]]:
            yield place, piece
            place += len(piece)


def excerpt(text: str, wanted: str, width: int = 90) -> str:
    """The part of `text` around the first place of the words that `searchable` makes of `wanted`, or "".

    The last word may be the beginning of one, as in a search.
    """
    words = searchable(wanted).split()
    if text.isascii():  # then a pattern finds the same at once
        pattern = "(?<![a-z0-9])" + "[^a-z0-9]+".join(map(re.escape, words))
        match = re.search(pattern, text.lower()) if words else None
        return _around(text, match.start(), width) if match else ""
    places = [(place, searchable(piece)) for place, piece in _pieces(text)]
    pieces = [piece for _, piece in places]
    for first in range(len(pieces) - len(words) + 1 if words else 0):
        *whole, last = pieces[first : first + len(words)]
        if whole == words[:-1] and last.startswith(words[-1]):
            return _around(text, places[first][0], width)
    return ""


def _around(text: str, place: int, width: int) -> str:
    """About `width` characters, cut between words where there are any."""
    start = max(0, min(place - width // 3, len(text) - width))
    if start and (space := text.find(" ", start, place)) >= 0:
        start = space + 1
    end = start + width
    if end < len(text) and (space := text.rfind(" ", place + 1, end)) > place:
        end = space
    shown = " ".join(text[start:end].split())
    return "…" * (start > 0) + shown + "…" * (end < len(text))
