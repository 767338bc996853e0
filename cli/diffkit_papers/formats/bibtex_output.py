"""Papers as BibTeX and BibLaTeX. LaTeX of a source comes out as it went in while it reads the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from diffkit_papers.formats import entrytypes
from diffkit_papers.formats.bibtex import VERBATIM, read_value
from diffkit_papers.formats.names import NAME_FIELDS, format_names, parse_names
from diffkit_papers.formats.record import MONTHS, SIMPLE_DATE, from_paper
from diffkit_papers.latex import from_text, to_text
from diffkit_papers.records import Author, Paper

_FIRST = ("author", "title", "journaltitle", "journal", "booktitle", "date", "year", "month", "day")
_ORDER = {name: position for position, name in enumerate(_FIRST)}
_CLASSIC_NAMES = {
    "journaltitle": "journal",
    "location": "address",
    "annotation": "annote",
    "eprinttype": "archiveprefix",
    "eprintclass": "primaryclass",
}
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_EN_DASH = re.compile("(?<![-–])–(?![-–])")  # which `--` stands for, but not beside a further dash


def write_bibtex(papers: Sequence[Paper], *, ascii_only: bool = False) -> str:
    """The papers in the vocabulary that every BibTeX style understands."""
    return "\n".join(_entry(paper, True, ascii_only) for paper in papers)


def write_biblatex(papers: Sequence[Paper], *, ascii_only: bool = False) -> str:
    """The papers in BibLaTeX's vocabulary."""
    return "\n".join(_entry(paper, False, ascii_only) for paper in papers)


@dataclass
class _Latex:
    """Text and names as LaTeX: as a source wrote them (`{BERT}`, `$n^2$`) where that reads the same."""

    ascii_only: bool
    texts: dict[str, str] = field(default_factory=dict)
    names: dict[tuple[Author, ...], str] = field(default_factory=dict)

    def learn(self, name: str, latex: str) -> None:
        if not any(mark in latex for mark in "\\{$") or not _is_balanced(latex):
            return
        if self.ascii_only and not latex.isascii():
            return
        written = " ".join(latex.split())
        if name == "author" or name in NAME_FIELDS:
            self.names[parse_names(latex)] = written
        else:
            self.texts[to_text(latex)] = written

    def of_names(self, people: tuple[Author, ...]) -> str:
        return self.names.get(people) or format_names(people, ascii_only=self.ascii_only)

    def of_field(self, name: str, text: str) -> str:
        if name in NAME_FIELDS:
            return self.of_names(parse_names(text))
        if name in VERBATIM and _is_balanced(text) and read_value(name, text) == text:
            return text  # addresses stand as they are, if they can be read again
        latex = self.texts.get(text) or from_text(text, ascii_only=self.ascii_only)
        return _EN_DASH.sub("--", latex) if name == "pages" else latex


def _entry(paper: Paper, classic: bool, ascii_only: bool) -> str:
    record = from_paper(paper)
    fields = record.fields
    entry_type = fields.pop("entrytype", "") or entrytypes.ENTRY_TYPE[record.type]
    if entrytypes.CSL_TYPE.get(entry_type, entrytypes.DEFAULT) != record.type:
        fields["csltype"] = record.type
    if classic:
        entry_type = _make_classic(entry_type, fields)
    latex = _Latex(ascii_only)
    for source in paper.sources:
        for name, text in source.fields.items() if source.format == "bibtex" else ():
            latex.learn(name, text)
    values = {name: "{" + latex.of_field(name, text) + "}" for name, text in fields.items()}
    if record.authors:
        values["author"] = "{" + latex.of_names(record.authors) + "}"
    if classic and re.fullmatch(r"0[1-9]|1[0-2]", fields.get("month", "")):
        values["month"] = MONTHS[int(fields["month"]) - 1]  # the macro that every style defines
    lines = [f"@{entry_type}{{{paper.key},"]
    for name in sorted(values, key=lambda name: (_ORDER.get(name, len(_ORDER)), name)):
        lines.append(f"  {name} = {values[name]},")
    return "\n".join([*lines, "}", ""])


def _make_classic(entry_type: str, fields: dict[str, str]) -> str:
    """Rename what BibTeX calls otherwise and split the date; the entry type of BibTeX."""
    type_ = entrytypes.classic_type(entry_type, fields.get("type", ""))
    meant, implied = entrytypes.ALIASES.get(type_, (type_, ""))
    if implied and implied == fields.get("type"):
        del fields["type"]
    elif meant != entry_type or (implied and "type" not in fields):
        fields["entrytype"] = entry_type
    date = fields.get("date", "")
    if SIMPLE_DATE.fullmatch(date) and not date.startswith("0"):  # which is read as no year alone
        parts = dict(zip(("year", "month", "day"), date.split("-"), strict=False))
        if parts.keys() & fields.keys():
            fields.setdefault("year", parts["year"])
        else:
            del fields["date"]
            fields |= parts
    for name, classic in _CLASSIC_NAMES.items():
        if name in fields:
            fields[classic] = fields.pop(name)
    if fields.get("archiveprefix") == "arxiv":
        fields["archiveprefix"] = "arXiv"  # styles print it as it stands
    if "institution" in fields and meant == "thesis":
        fields["school"] = fields.pop("institution")
    return type_


def _is_balanced(latex: str) -> bool:
    """Whether BibTeX finds the end: it counts braces behind a backslash, bibtexparser does not."""
    depth = 0
    for match in _BRACE.finditer(latex):
        if match[0] in ("\\{", "\\}"):
            return False
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth < 0:
            return False
    return depth == 0 and not latex.endswith("\\")
