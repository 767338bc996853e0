"""What reading a file gives, and how its bytes become clean text."""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from dataclasses import dataclass, field

from diffkit_papers.errors import BadData
from diffkit_papers.latex import one_line, single_spaced
from diffkit_papers.records import NewPaper


@dataclass(frozen=True)
class Problem:
    """Something in the file that the reader should know of, and the line where its entry begins."""

    line: int
    message: str


@dataclass
class Import:
    """What a file held: papers with the lines of their entries, lost entries, and oddities in the others."""

    papers: list[tuple[int, NewPaper]] = field(default_factory=list)
    broken: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    defines: bool = False  # something that other files may use


_ENCODING = re.compile(rb"%\s*Encoding:\s*([\w-]+)", re.IGNORECASE)  # the first line of JabRef's files
_MOST_NULS = 1 / 100  # more of them are UTF-16 without a mark, or no text


def decode(data: bytes, encoding: str = "") -> str:
    """The text of a file: in `encoding`, else in UTF-16 if a mark says so, in UTF-8, or as its head says."""
    if not encoding:
        marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        encoding = "utf-16" if marked else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        named = _ENCODING.match(data)
        if encoding == "utf-8-sig" and named and named[1].lower() not in (b"utf-8", b"utf8"):
            return decode(data, named[1].decode())
        line = data[: error.start].count(b"\n") + 1
        name = "UTF-8" if encoding == "utf-8-sig" else encoding
        raise BadData(
            f"line {line} is not {name} text (byte 0x{data[error.start]:02x})",
            fix="name its encoding, for example --encoding latin1",
        ) from error
    except (LookupError, UnicodeError) as error:  # the latter of Python's "undefined"
        raise BadData(f"no encoding is called {encoding!r}", fix="try latin1 or cp1252") from error
    if "\0" in text and text.count("\0") > len(text) * _MOST_NULS:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadData(f"line {line} holds a NUL character: this is no text file", fix="check the file")
    return text


def without_nuls(text: str) -> tuple[str, list[Problem]]:
    """A text in which single characters were lost, with U+FFFD in place of each NUL, and where they stand."""
    if "\0" not in text:
        return text, []
    lines = (number for number, line in enumerate(text.split("\n"), 1) if "\0" in line)
    lost = [Problem(number, "a NUL character; it is kept as \ufffd") for number in lines]
    return text.replace("\0", "\ufffd"), lost


# A space for each control character, but the quotes and dashes of Windows for those that were taken for
# Latin-1 on their way, as browsers read them, too.
_CONTROLS = dict.fromkeys((*range(0x20), 0x7F), " ")
_CONTROLS |= {code: bytes([code]).decode("cp1252", "ignore") or " " for code in range(0x80, 0xA0)}
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` on one line, in Unicode's composed form, without control characters.

    Raises `BadData` for half of a surrogate pair, which no file in UTF-8 can hold.
    """
    if text.isascii() and text.isalnum():  # a year, a volume, a word: sooner than all the rest
        return text
    if text.isprintable():
        line = single_spaced(text)
    else:
        if _SURROGATE.search(text):
            raise BadData("a field holds half of a surrogate pair, which is no character")
        line = one_line(text.translate(_CONTROLS))
    return line if line.isascii() else unicodedata.normalize("NFC", line)


def without_markup(text: str, between: str) -> str:
    """`text` with `between` in place of tags of XML or HTML, and characters in place of their references."""
    return html.unescape(re.sub(r"<[^<>]*>", between, text))
