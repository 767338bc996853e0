"""Papers from files and folders: what each file holds, where every entry stands, and the files it names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diffkit_papers.errors import BadData, NotFound
from diffkit_papers.formats import FORMATS, Format, detect
from diffkit_papers.formats.parsed import decode, without_nuls
from diffkit_papers.records import NewPaper

KEPT_SUFFIXES = (".pdf", ".djvu", ".ps", ".epub")
# What a folder is searched for; other files may lie there for other reasons.
_BIBLIOGRAPHIES = (".bib", ".bibtex", ".ris", ".nbib", ".csljson", ".json", ".md", ".yaml")


@dataclass(frozen=True)
class Entry:
    """A paper, the place it was read from, and the files that belong to it."""

    paper: NewPaper
    file: str
    line: int | None
    attached: tuple[Path, ...] = ()


@dataclass(frozen=True)
class FileProblem:
    """What is wrong in a file, and where."""

    file: str
    line: int
    message: str


@dataclass
class Gathered:
    """All that some files and folders hold."""

    entries: list[Entry] = field(default_factory=list)
    broken: list[FileProblem] = field(default_factory=list)
    warnings: list[FileProblem] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    macros: dict[str, str] = field(default_factory=dict)  # `@string`s of the BibTeX files so far

    def extend(self, other: Gathered) -> None:
        """Take over what was found elsewhere."""
        self.entries += other.entries
        self.broken += other.broken
        self.warnings += other.warnings
        self.files += other.files


def gather(
    sources: Sequence[str | Path],
    *,
    format: str = "",
    encoding: str = "",
    skip: Path | None = None,
    advance: Callable[[int], None] = lambda steps: None,
) -> Gathered:
    """The papers of files and folders. A file that was named has to be readable; others are reported.

    `skip` is a folder that is left out: the library's own, which may lie below one that is searched.
    """
    found = Gathered()
    for source in map(Path, sources):
        if not source.exists():
            raise NotFound(f"no file {str(source)!r}", fix="check the path")
        if source.is_dir():
            before = len(found.files) + len(found.broken)
            _gather_folder(source, encoding, found, skip.resolve() if skip else None)
            if before == len(found.files) + len(found.broken):
                raise BadData(f"{source} has no bibliography and no PDF in it", fix="check the path")
        else:
            _gather_file(source, format, encoding, found)
        advance(1)
    return found


def gather_text(name: str, data: bytes, *, format: str = "", encoding: str = "") -> Gathered:
    """The papers of one text, such as standard input."""
    found = Gathered()
    _read_text(name, data, format, encoding, found, None)
    return found


def _gather_folder(folder: Path, encoding: str, found: Gathered, skip: Path | None) -> None:
    pdfs = []
    for path in _files_below(folder, skip):
        if path.suffix.lower() == ".pdf":
            pdfs.append(path)
            continue
        try:
            if _is_bibliography(path):
                _gather_file(path, "", encoding, found)
        except (BadData, OSError) as error:
            reason = error.message if isinstance(error, BadData) else error.strerror or str(error)
            found.broken.append(FileProblem(str(path), 1, reason.removeprefix(f"{path}: ")))
    named = {attached.resolve() for entry in found.entries for attached in entry.attached}
    for path in pdfs:
        if path.resolve() not in named:
            try:
                _gather_pdf(path, found)
            except (BadData, OSError) as error:
                reason = error.message if isinstance(error, BadData) else error.strerror or str(error)
                found.broken.append(FileProblem(str(path), 1, reason))


def _files_below(folder: Path, skip: Path | None) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        shown = (name for name in folders if not name.startswith("."))
        folders[:] = sorted(name for name in shown if Path(place, name).resolve() != skip)
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _is_bibliography(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix in (".json", ".md", ".yaml"):
        with open(path, "rb") as file:
            start = file.read(4000)
        marks = {".json": (b'"type"', b'"fields"'), ".md": (b"\ncsltype:",), ".yaml": ()}[suffix]
        return path.name == "info.yaml" or any(mark in start for mark in marks)
    return suffix in _BIBLIOGRAPHIES


def _gather_file(path: Path, format: str, encoding: str, found: Gathered) -> None:
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"%PDF-") or (path.suffix.lower() == ".pdf" and not format):
        _gather_pdf(path, found)
    else:
        _read_text(str(path), data, format, encoding, found, path.parent)


def _gather_pdf(path: Path, found: Gathered) -> None:
    from diffkit_papers.pdf import read_pdf

    try:
        found.entries.append(Entry(read_pdf(path), str(path), None, (path,)))
        found.files.append(str(path))
    except BadData as error:
        raise BadData(f"{path}: {error.message}", error.fix) from error


def _read_text(
    name: str, data: bytes, format: str, encoding: str, found: Gathered, folder: Path | None
) -> None:
    try:
        text, lost = without_nuls(decode(data, encoding))
        form: Format = FORMATS[format] if format else detect(name, text)
        # a file of abbreviations is given before those that use them, as to BibTeX
        read = form.read(text, macros=found.macros) if form.reader == "bibtex:read" else form.read(text)
    except BadData as error:
        raise BadData(f"{name}: {error.message}", error.fix) from error
    if not (read.papers or read.broken or read.defines):
        fix = "check the file, name its kind with --format, or let Zotero or JabRef write it as BibTeX or RIS"
        raise BadData(f"{name} has no {form.title} entry", fix)
    found.files.append(name)
    found.broken.extend(FileProblem(name, one.line, one.message) for one in read.broken)
    found.warnings.extend(FileProblem(name, one.line, one.message) for one in (*lost, *read.warnings))
    for line, paper in read.papers:
        attached = _attached(paper.fields.get("file", ""), folder) if folder else ()
        found.entries.append(Entry(paper, name, line, attached))


def _attached(text: str, folder: Path) -> tuple[Path, ...]:
    """The files that a field names, as Zotero and JabRef write it: `Title:files/1/a.pdf:application/pdf`."""
    found: list[Path] = []
    if not text:
        return ()
    for one in re.split(r"(?<!\\);", text):
        for part in (one, *re.split(r"(?<!\\):", one)):
            name = re.sub(r"\\(.)", r"\1", part.strip())
            path = folder / name
            try:
                if path.suffix.lower() in KEPT_SUFFIXES and path.is_file() and path not in found:
                    found.append(path)
            except (OSError, ValueError):  # what is no path on this system
                continue
    return tuple(found)
