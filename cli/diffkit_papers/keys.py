"""Names for papers: the key one types, and the fingerprint by which the same work is recognised."""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata
from collections.abc import Callable

from diffkit_papers.errors import BadData
from diffkit_papers.records import NewPaper

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,199}")
_SKIPPED = {
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "into",
    "is",
    "of",
    "on",
    "or",
    "the",
}
_SKIPPED |= {"to", "towards", "via", "with"}
# Letters that Unicode does not decompose into an ASCII letter and an accent.
_ASCII = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
}


class _Folds(dict[int, str]):
    """What each character is folded to, for `str.translate`; made when a character is first met."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        fold = _ASCII.get(c) or (c if c.isalnum() else "" if unicodedata.combining(c) else " ")
        self[code] = fold
        return fold


_FOLDS = _Folds()
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_FOLDED = "diffkit_papers.folded"  # instead of what cannot be encoded


def key_for(paper: NewPaper) -> str:
    """`vaswani2017attention`: first author, year, first word of the title that means something, in ASCII."""
    author = _ascii(paper.authors[0].family).replace(" ", "") if paper.authors else ""
    words = _ascii(paper.title).split()
    word = next((word for word in words if word not in _SKIPPED and not word.isdigit()), "")
    if not author and not word:
        name = str(paper.arxiv.id if paper.arxiv else paper.doi)
        if name:
            return ("arxiv" if paper.arxiv else "doi") + _ascii(name).replace(" ", "")
        author = "paper"
    return f"{author}{paper.year or ''}{word}"[:60]


def is_key(key: str) -> bool:
    """Whether `key` can be typed and printed anywhere."""
    return _KEY.fullmatch(key) is not None


def checked_key(key: str) -> str:
    """`key` if it can be typed and printed anywhere."""
    if not is_key(key):
        raise BadData(
            f"{key[:60]!r} cannot be a key",
            fix="use at most 200 ASCII letters, digits and . _ : + -, such as vaswani2017attention",
        )
    return key


def free_key(key: str, is_taken: Callable[[str], bool]) -> str:
    """The first of `key`, `keya`, ... `keyz`, `keyaa`, ... that is free.

    Of thousands with the same beginning the end is found by doubling and halving. Where keys in between were
    given up, it may be a later one that is free.
    """
    free = 0
    while is_taken(_with_suffix(key, free)):
        free = 2 * free + 1
    taken = (free - 1) // 2 if free else 0
    while free - taken > 1:
        middle = (taken + free) // 2
        if is_taken(_with_suffix(key, middle)):
            taken = middle
        else:
            free = middle
    return _with_suffix(key, free)


def _with_suffix(key: str, number: int) -> str:
    suffix = ""
    while number:
        number, letter = divmod(number - 1, 26)
        suffix = chr(ord("a") + letter) + suffix
    return key + suffix


def fingerprint(paper: NewPaper) -> str | None:
    """Title and first author without case, accents, punctuation and spaces; None without a title."""
    if not paper.title:
        return None
    family = paper.authors[0].family if paper.authors else ""
    return f"{_letters(paper.title) or paper.title}|{_letters(family)}"


def _letters(text: str) -> str:
    """`folded` without its spaces."""
    if text.isascii():
        return text.lower().encode().translate(None, _NO_LETTERS).decode()
    return folded(text).replace(" ", "")


@functools.lru_cache(256)  # key, fingerprint and index ask for the same titles
def folded(text: str) -> str:
    """Letters and digits only, without case or accents; every other run of characters becomes one space."""
    plain = as_ascii(text)
    if plain is not None:
        return " ".join(re.findall("[a-z0-9]+", plain.lower()))
    return " ".join(_folded(text).split())


def as_ascii(text: str) -> str | None:
    """A text with its letters beyond ASCII folded, if that leaves ASCII of it, as of most."""
    if text.isascii():
        return text
    try:
        return text.encode("ascii", _FOLDED).decode()
    except UnicodeEncodeError:
        return None


def _in_place(error: UnicodeError) -> tuple[str, int]:
    """What stands for a run of characters beyond ASCII: accents and dashes, the same few again and again."""
    assert isinstance(error, UnicodeEncodeError)
    return _remembered(error.object[error.start : error.end]), error.end


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold()).translate(_FOLDS)


_remembered = functools.lru_cache(4096)(_folded)
codecs.register_error(_FOLDED, _in_place)


def _ascii(text: str) -> str:
    return " ".join(folded(text).encode("ascii", "ignore").decode().split())
