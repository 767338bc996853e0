"""Lists of names in BibTeX's notation, `van der Maaten, Laurens and {Barnes and Noble}`, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from diffkit_papers.latex import from_text, one_line, to_text
from diffkit_papers.records import Author

# Fields of BibLaTeX that hold names, apart from the author.
NAME_FIELDS = {"editor", "editora", "editorb", "editorc", "translator", "annotator", "commentator"}
NAME_FIELDS |= {"introduction", "foreword", "afterword", "bookauthor", "holder", "namea", "nameb", "namec"}

_BETWEEN = re.compile(" and ", re.IGNORECASE)
# One of several names, whose braces hold no `and` because it was cut at each of them.
_INSIDE = r"(?:[^{}\\]|\\[^{}])"
_WHOLE = re.compile(rf"(?:[^{{}}\\]|\{{(?:{_INSIDE}|\{{{_INSIDE}*+\}})*+\}})*+")
_AND = re.compile(r"(?i)(?:^|\s)and(?:\s|$)")
# DBLP tells namesakes apart: `Wei Wang 0001`.
_NAMESAKE = re.compile(r"(?P<name>[^,{}\\]*[^,{}\\\d]) (?P<number>0\d{3})")
# Most names are written without braces, as `Family, Given`, in two words, or in several that all begin with a
# capital, so that none is a particle: no need to look at each letter.
_CAPITALISED = r"[A-Z][^ ,{}\\~]*"
_PLAIN = re.compile(
    r"(?P<family>[^,{}\\~]*[^ ,{}\\~]), ?(?P<given>[^ ,{}\\~][^,{}\\~]*)"
    r"|(?P<first>[^ ,{}\\~]+) (?P<last>[^ ,{}\\~]+)"
    rf"|(?P<firsts>{_CAPITALISED}(?: {_CAPITALISED})+) (?P<capitalised>{_CAPITALISED})"
)


def parse_names(text: str) -> tuple[Author, ...]:
    """Names in BibTeX's ways, `Ashish Vaswani and van der Maaten, Laurens`, in the parts that BibTeX sees."""
    words = one_line(text)
    if not words:
        return ()
    names = _BETWEEN.split(words)
    if ("{" in words or "\\" in words or "}" in words) and not all(map(_WHOLE.fullmatch, names)):
        from bibtexparser.middlewares.names import split_multiple_persons_names

        names = split_multiple_persons_names(words) if "and" in words.lower() else [words]
    return tuple([author for name in names if (author := _parsed(name))])


def format_names(authors: Iterable[Author], *, ascii_only: bool = False) -> str:
    """The notation that `parse_names` reads as the same authors."""
    return " and ".join(_formatted(author, ascii_only) for author in authors)


@lru_cache(65536)  # a bibliography repeats its authors
def _parsed(name: str) -> Author | None:
    if name[-4:].isdigit() and (numbered := _NAMESAKE.fullmatch(name)):
        author = _parsed(numbered["name"])
        return Author(author.family, author.given, numbered["number"]) if author else None
    if plain := _PLAIN.fullmatch(name):
        found = [part for part in plain.groups() if part]
        family, given = found if plain["family"] else reversed(found)
        return Author(to_text(family), to_text(given))
    from bibtexparser.middlewares.names import parse_single_name_into_parts

    parts = parse_single_name_into_parts(name, strict=False)
    family, given, suffix = (
        to_text(" ".join(words)) for words in (parts.von + parts.last, parts.first, parts.jr)
    )
    if not (family or given):
        return None
    return Author(family or given, given if family else "", suffix)


@lru_cache(65536)
def _formatted(author: Author, ascii_only: bool) -> str:
    # Without a comma BibTeX would take the words of a lone name for given and family names.
    lone = not (author.given or author.suffix)
    family = _part(author.family, ascii_only, braced=lone and " " in author.family)
    given, suffix = _part(author.given, ascii_only), _part(author.suffix, ascii_only)
    if suffix:
        return f"{family}, {suffix}, {given or '{}'}"
    return f"{family}, {given}" if given else family


def _part(text: str, ascii_only: bool, braced: bool = False) -> str:
    # A backslash at the beginning of a word hides the `and` before it from the splitter; a brace does not.
    latex = re.sub(r"(\\[%&#_$])", r"{\1}", from_text(text, ascii_only=ascii_only))
    return f"{{{latex}}}" if braced or "," in text or _AND.search(text) else latex
