"""LaTeX as people read it, and text as LaTeX reads it: accents, quotes, dashes, braces."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

# In a .bib file these are ordinary characters, which LaTeX would take for a comment or the next table cell.
_BARE = re.compile(r"(?<!\\)((?:\\\\)*)([%&])")
# What stands for a few characters wherever it stands: accents, special characters, dashes and quotes. They
# are decoded one by one and remembered, because a bibliography repeats them thousands of times.
_MATH = r"(?:[^{}$\\]|\\[^$])"
for _ in range(3):  # braces in braces
    _MATH = rf"(?:[^{{}}$\\]|\\[^$]|\{{{_MATH}*+\}})"
_FRAGMENT = re.compile(  # each alternative begins with a character, which lets the engine skip all others
    r"""
    \{\\(?:["'`^~=.][ ]*|[A-Za-z]+(?:[ ]+|(?![A-Za-z])))   # {\"o} {\v{S}} {\H o} {\ss}
      (?:\{(?:\\?[A-Za-z])?\}|\\?[A-Za-z])?\}
  | \\(?<!\\\\)["'`^~=.](?:\{\\?[A-Za-z]\}|[A-Za-z])       # \"o \'{e}
  | \\(?<!\\\\)(?:emph|text(?:bf|it|rm|sc|sf|sl|tt|up))\{[^{}\\]*\}   # these take one argument
  | \\(?<!\\\\)[A-Za-z]+\*?\{(?:\\[A-Za-z]|[^{}\\]*)\}(?!\s*[{\[])  # \v{S} \emph{x}
  | \\(?<!\\\\)[%&#_$]
  | ---? | `` | '' | \?` | !` | ~(?<!\\~)
    """
    + rf"| \$(?<!\\\$){_MATH}++\$",
    re.VERBOSE,
)
_SENTENCE = re.compile(r"(?<=[.;:!?] )")
_SPANNING = ("\\begin", "\\(", "\\[", "\\verb")  # what may go on in the next sentence
_MARKS = ("{", "\\", "}", "$", "~", "--", "`", "''")
# What LaTeX would take for an order. Braces become words: BibTeX counts them behind a backslash, too.
_ESCAPED = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{character: "\\" + character for character in "%&#_$"},
}
_ORDER = re.compile(r"[\\{}~^%&#_$]|(?<=-)-|(?<=`)`|(?<=')'|(?<=[?!])`")


def to_text(latex: str) -> str:
    """`latex` in Unicode on one line. What cannot be decoded keeps its words and loses its braces."""
    return one_line(read(latex))


def read(latex: str) -> str:
    """`to_text` with the white space as it stands."""
    if latex.isalnum():  # a year, a volume, a word: sooner than all the rest
        return latex
    return plain if (plain := _plain(latex)) is not None else _by_sentences(latex)


def _plain(latex: str) -> str | None:
    """The text if there is no more LaTeX in it than fragments and braces."""
    if not any(map(latex.__contains__, _MARKS)):
        return latex
    plain = _FRAGMENT.sub(_decoded_fragment, latex)
    if "\\" in plain or "$" in plain or not _balanced(plain):
        return None
    return plain.replace("{", "").replace("}", "")


def _by_sentences(latex: str) -> str:
    """The text, of which the decoder sees the sentences that need it: it takes its time for each letter."""
    if any(mark in latex for mark in _SPANNING) or not _balanced(latex):
        return _decoded(latex)
    done: list[str] = []
    sentence: list[str] = []
    depth, dollars = 0, 0
    for part in _SENTENCE.split(latex):
        sentence.append(part)
        depth += part.count("{") - part.count("}")
        dollars += len(re.findall(r"(?<!\\)\$", part))
        if depth == 0 and dollars % 2 == 0:
            whole = "".join(sentence)
            plain = _plain(whole)
            done.append(_decoded(whole) if plain is None else plain)
            sentence.clear()
    return "".join(done) if not sentence else _decoded(latex)


def one_line(text: str) -> str:
    """`text` with one space for each run of white space, and none around it."""
    return single_spaced(text) if text.isprintable() else " ".join(text.split())


def single_spaced(text: str) -> str:
    """`one_line` of text without control characters: a space is all the white space that it can have."""
    # nearly every field is so already, and looking takes a fifth of the time of cutting it up
    if "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    return " ".join(text.split())


def from_text(text: str, *, ascii_only: bool = False) -> str:
    """`text` so that `to_text` and LaTeX read it as it is; letters stay letters unless `ascii_only`.

    A character for which LaTeX has no name, such as a Chinese one, stays itself in any case.
    """
    latex = _ORDER.sub(lambda match: _ESCAPED.get(match[0]) or "{}" + match[0], text)
    if ascii_only and not latex.isascii():
        names = _names()
        latex = "".join(c if c.isascii() else names.get(c, c) for c in latex)
    return latex


def _decoded(latex: str) -> str:
    try:
        return str(_decoder().latex_to_text(_BARE.sub(r"\1\\\2", latex)))
    except Exception:  # unbalanced or too deep: the source keeps the original, so a plain reading is enough
        return re.sub(r"[{}]", "", latex)


def _decoded_fragment(match: re.Match[str]) -> str:
    return _remembered(match[0])


@functools.lru_cache(4096)
def _remembered(fragment: str) -> str:
    text = _decoded(fragment)
    # What could be taken for LaTeX again is left to the decoder of whole texts.
    return fragment if any(character in text for character in "{}\\$") else text


def _balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


@functools.cache
def _decoder() -> LatexNodes2Text:
    import logging

    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    # It complains about macros it does not know, which is no news to a reader.
    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    context = get_default_latex_context_db()
    missing = {"url": "%s", "textbraceleft": "{", "textbraceright": "}"}
    missing["textasciicircum"] = "^"  # the library gives the accent of that shape
    macros = [MacroTextSpec(name, simplify_repl=text) for name, text in missing.items()]
    context.add_context_category("titles", prepend=True, macros=macros)
    context.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_unknown))
    return LatexNodes2Text(math_mode="text", latex_context=context)


@functools.cache
def _names() -> dict[str, str]:
    """Characters and their LaTeX, as far as reading it gives the same character again."""
    from pylatexenc.latexencode import get_builtin_uni2latex_dict  # type: ignore[import-untyped]

    names = {}
    for code, latex in get_builtin_uni2latex_dict().items():
        braced = "{" + latex + "}"
        if code > 127 and to_text(braced) == chr(code):
            names[chr(code)] = braced
    return names


def _unknown(node: Any, l2tobj: Any) -> str:
    """A macro with arguments (`\\texttt{x}`) is read as them, `\\BERT` as BERT, `\\em` as nothing."""
    arguments = node.nodeargd.argnlist if node.nodeargd else []
    if arguments:
        return str(l2tobj.nodelist_to_text([argument for argument in arguments if argument is not None]))
    return node.macroname if any(c.isupper() for c in node.macroname) else ""
