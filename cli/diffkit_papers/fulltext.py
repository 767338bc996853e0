"""How text is written into the full-text index, and how a search for it is written: the same way.

Case, accents and punctuation do not count. Chinese, Japanese and Korean are written without spaces between
words, so that each of their characters is a word of its own here; a run of them is then looked for as a
phrase, which finds words of one and two characters too.
"""

from __future__ import annotations

import re
import unicodedata

from diffkit_papers.keys import folded

_ASCII_WORDS = re.compile(r"[a-z0-9]+")
# Han with its extensions, kana, bopomofo, Hangul syllables: after folding there is no other form of them.
_CJK = re.compile(
    "([\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff])"
)


def searchable(text: str) -> str:
    """Folded words with one space between, each Chinese, Japanese or Korean character a word."""
    if text.isascii():
        return " ".join(_ASCII_WORDS.findall(text.lower()))
    # Folding takes Hangul syllables apart, and composing puts them together again.
    return " ".join(_CJK.sub(r" \1 ", unicodedata.normalize("NFC", folded(text))).split())


def is_cjk(character: str) -> bool:
    """Whether `searchable` makes this character a word of its own."""
    return bool(_CJK.fullmatch(character))
