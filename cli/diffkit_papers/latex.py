"""LaTeX as people read it: accents as letters, quotes and dashes as characters, no braces."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

# In a .bib file these are ordinary characters, which LaTeX would take for a comment or the next table cell.
_BARE = re.compile(r"(?<!\\)((?:\\\\)*)([%&])")


def to_text(latex: str) -> str:
    """`latex` in Unicode on one line. What cannot be decoded keeps its words and loses its braces."""
    if (
        "\\" in latex
        or "$" in latex
        or "{" in latex
        or "~" in latex
        or "''" in latex
        or "--" in latex
        or "``" in latex
    ):
        try:
            latex = str(_decoder().latex_to_text(_BARE.sub(r"\1\\\2", latex)))
        except (
            Exception
        ):  # unbalanced or too deep: the source keeps the original, so a plain reading is enough
            latex = re.sub(r"[{}]", "", latex)
    return " ".join(latex.split())


@functools.cache
def _decoder() -> LatexNodes2Text:
    import logging

    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    # It complains about macros it does not know, which is no news to a reader.
    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    context = get_default_latex_context_db()
    context.add_context_category("titles", prepend=True, macros=[MacroTextSpec("url", simplify_repl="%s")])
    context.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_unknown))
    return LatexNodes2Text(math_mode="text", latex_context=context)


def _unknown(node: Any, l2tobj: Any) -> str:
    """A macro with arguments (`\\texttt{x}`) is read as them, `\\BERT` as BERT, `\\em` as nothing."""
    arguments = node.nodeargd.argnlist if node.nodeargd else []
    if arguments:
        return str(l2tobj.nodelist_to_text([argument for argument in arguments if argument is not None]))
    return node.macroname if any(c.isupper() for c in node.macroname) else ""
