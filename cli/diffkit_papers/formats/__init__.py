"""The formats that papers come in and go out as. Each is a module that is imported when it is needed.

A reader takes the text of a file and gives an `Import`: papers with their lines, and what is broken. A writer
takes papers and gives text that its reader reads as the same papers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffkit_papers.formats.parsed import Import

_HERE = "diffkit_papers.formats"


@dataclass(frozen=True)
class Format:
    """`reader` and `writer` are `module:function` below this package."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    reader: str
    writer: str

    def read(self, text: str, **options: Any) -> Import:
        """The papers of a file."""
        found: Import = _function(self.reader)(text, **options)
        return found

    @property
    def write(self) -> Callable[..., str]:
        """The function that writes papers."""
        return _function(self.writer)


FORMATS = {
    one.name: one
    for one in (
        Format("bibtex", "BibTeX", (".bib", ".bibtex"), "bibtex:read", "bibtex_output:write_bibtex"),
        Format("biblatex", "BibLaTeX", (), "bibtex:read", "bibtex_output:write_biblatex"),
        Format("ris", "RIS", (".ris",), "ris:read", "ris:write"),
        Format("csl", "CSL-JSON", (".json", ".csljson"), "csl:read", "csl:write"),
        Format("json", "the log's own JSON", (), "native:read", "native:write"),
        Format("csv", "CSV", (".csv",), "spreadsheet:read", "spreadsheet:write"),
        Format("markdown", "Markdown notes", (".md", ".markdown"), "markdown:read", "markdown:write"),
        Format("pubmed", "PubMed's records", (".nbib",), "pubmed:read", ""),
        Format("papis", "papis' info.yaml", (".yaml", ".yml"), "papis:read", ""),
    )
}


def detect(name: str, text: str) -> Format:
    """The format of a file, by the ending of its name and by how its text begins."""
    suffix = PurePath(name).suffix.lower()
    start = text.lstrip("\ufeff \t\r\n")[:400]
    if suffix in (".bib", ".bibtex"):
        return FORMATS["bibtex"]
    if start.startswith(("[", "{")):
        own = '"fields":' in text[:100_000] and '"key":' in start
        return FORMATS["json" if own else "csl"]
    if start.startswith("TY  -"):
        return FORMATS["ris"]
    if start.startswith("PMID-"):
        return FORMATS["pubmed"]
    if suffix == ".csv" or start.startswith('"Key","Item Type"'):
        return FORMATS["csv"]
    if start.startswith("---") and suffix not in (".yaml", ".yml"):
        return FORMATS["markdown"]
    by_suffix = (one for one in FORMATS.values() if suffix in one.suffixes)
    return next(by_suffix, FORMATS["bibtex"])


def _function(path: str) -> Callable[..., Any]:
    module, function = path.split(":")
    found: Callable[..., Any] = getattr(import_module(f"{_HERE}.{module}"), function)
    return found
