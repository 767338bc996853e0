"""What the reading log stores, as plain data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from diffkit_papers.identifiers import ArxivId, label
from diffkit_papers.passes import Pass, State
from diffkit_papers.values import NO_FIELDS, value

if TYPE_CHECKING:
    from diffkit_papers.life import Life


MERGED = "merged"  # the format of a source that was a paper of the log, or one of its identifiers


@value
class Author:
    """A name in the parts that citation formats need; `family` includes particles (`van der Maaten`)."""

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def is_cjk(self) -> bool:
        """Whether it is written in Chinese, Japanese or Korean: family name first, and no space."""
        scripts = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")
        return all(unicodedata.name(c, "").startswith(scripts) for c in self.family + self.given)

    @property
    def is_rest(self) -> bool:
        """Whether it stands for all who are not named: `and others` in BibTeX."""
        return (self.family, self.given, self.suffix) == ("others", "", "")

    def __str__(self) -> str:
        if self.is_rest:
            return "et al."
        if self.is_cjk:
            return self.family + self.given
        return " ".join(part for part in (self.given, self.family, self.suffix) if part)


@value
class Source:
    """The record a paper came from, word for word, and all its fields (macros resolved, LaTeX as written)."""

    format: str
    citation_key: str
    raw: str
    fields: Mapping[str, str]


@value
class NewPaper:
    """A paper to add. At least a title, a DOI or an arXiv id is needed.

    `type` is CSL's word (`article-journal`); `fields` holds every further bibliographic field under
    BibLaTeX's name, as plain text.
    """

    title: str = ""
    authors: tuple[Author, ...] = ()
    year: int | None = None
    venue: str = ""
    doi: str = ""
    arxiv: ArxivId | None = None
    url: str = ""
    tags: tuple[str, ...] = ()
    key: str = ""
    source: Source | None = None
    type: str = ""
    abstract: str = ""
    fields: Mapping[str, str] = NO_FIELDS
    life: Life | None = None  # what a log knew of it beside all this


@value
class Note:
    id: int
    text: str
    created_at: str


@value
class File:
    """A file kept in the library folder under its hash; `name` is what it was called."""

    id: int
    sha256: str
    name: str
    size: int
    added_at: str


class LinkKind(StrEnum):
    """What a paper has to do with another one."""

    CIRCLED = "circled"  # a reference that was marked to be read
    PREREQUISITE = "prerequisite"  # to be read first


@value
class Link:
    """From one paper to another, by its key, with what to call it and its state."""

    kind: LinkKind
    key: str
    title: str
    state: State


@value
class Paper:
    """A paper of the log with everything known about it."""

    id: int
    key: str
    title: str
    authors: tuple[Author, ...]
    year: int | None
    venue: str
    doi: str
    arxiv: ArxivId | None
    url: str
    added_at: str
    type: str = ""
    abstract: str = ""
    priority: int = 0
    fields: Mapping[str, str] = NO_FIELDS
    state: State = State.NEW
    next_pass: int | None = 1
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    files: tuple[File, ...] = ()
    links: tuple[Link, ...] = ()
    passes: tuple[Pass, ...] = ()
    sources: tuple[Source, ...] = ()
    origins: tuple[tuple[str, int], ...] = ()  # which of the sources gave a field, where a merge chose
    life: Life | None = None  # row for row, where it is asked for

    @property
    def label(self) -> str:
        """What to call it on a screen: the title, or an identifier until the title is known."""
        return label(self.title, self.arxiv.id if self.arxiv else None, self.doi)

    @property
    def minutes(self) -> float:
        return sum(done.minutes or 0.0 for done in self.passes)


class Outcome(StrEnum):
    """What became of a paper that was to be added."""

    ADDED = "added"
    COMPLETED = "completed"  # the log had the paper, and now knows more of it
    MERGED = "merged"  # the log had its preprint, and now has where it was published
    DUPLICATE = "duplicate"  # the log knew all of it


@value
class Added:
    """The key under which the log has the paper, and for a duplicate why it is one."""

    key: str
    outcome: Outcome
    reason: str = ""
    title: str = ""
