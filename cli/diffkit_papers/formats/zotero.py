"""Zotero's own CSV export: a row of its table as a record.

Its item keys are no citation keys: a paper gets the key that Better BibTeX wrote into `Extra`, or a new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from diffkit_papers.formats.names import NAME_FIELDS, format_names
from diffkit_papers.formats.parsed import without_markup
from diffkit_papers.formats.record import DATE, Record, field_name, join_words
from diffkit_papers.records import Author

# What its header has and no other CSV.
MARKS = ("Item Type", "Publication Year", "Publication Title")
# Zotero's kinds of items -> CSL's, as Zotero itself writes CSL-JSON.
_TYPES = {
    "artwork": "graphic",
    "audioRecording": "song",
    "blogPost": "post-weblog",
    "bookSection": "chapter",
    "case": "legal_case",
    "computerProgram": "software",
    "conferencePaper": "paper-conference",
    "dictionaryEntry": "entry-dictionary",
    "email": "personal_communication",
    "encyclopediaArticle": "entry-encyclopedia",
    "film": "motion_picture",
    "forumPost": "post",
    "instantMessage": "personal_communication",
    "journalArticle": "article-journal",
    "letter": "personal_communication",
    "magazineArticle": "article-magazine",
    "newspaperArticle": "article-newspaper",
    "podcast": "song",
    "preprint": "article",
    "presentation": "speech",
    "radioBroadcast": "broadcast",
    "statute": "legislation",
    "tvBroadcast": "broadcast",
    "videoRecording": "motion_picture",
}
_FIELDS = {
    "Publication Title": "booktitle",
    "Abstract Note": "abstract",
    "Num Pages": "pagetotal",
    "Issue": "number",
    "Number Of Volumes": "volumes",
    "Journal Abbreviation": "shortjournal",
    "Short Title": "shorttitle",
    "Place": "location",
    "Library Catalog": "library",
    "Extra": "note",
    "Notes": "annotation",
    "File Attachments": "file",
    "Book Author": "bookauthor",
    "Conference Name": "eventtitle",
    "Meeting Name": "eventtitle",
}
_JOURNALS = ("article-journal", "article-magazine", "article-newspaper")
_LEFT_OUT = ("Key", "Item Type", "Author", "Date Added", "Date Modified")  # the source has them
_CITATION_KEY = re.compile(r"(?i)\bcitation key:\s*(\S+)")


def is_zotero(header: object) -> bool:
    """Whether the first row of a CSV is that of Zotero."""
    return isinstance(header, list) and set(MARKS) <= set(header)


def record(cells: Mapping[str, str]) -> Record:
    """The record that a row describes; cells are those that hold something."""
    kind = cells.get("Item Type", "")
    type_ = _TYPES.get(kind, kind)
    fields: dict[str, str] = {}
    for column, text in cells.items():
        if column not in _LEFT_OUT:
            fields.setdefault(_FIELDS.get(column) or field_name(column.replace(" ", "-")), text)
    if type_ in _JOURNALS and "booktitle" in fields:
        fields["journaltitle"] = fields.pop("booktitle")
    if type_ in ("thesis", "report") and "publisher" in fields:
        fields["institution"] = fields.pop("publisher")
    if "annotation" in fields:
        fields["annotation"] = without_markup(fields["annotation"], " ")
    _date(fields)
    for name in NAME_FIELDS & fields.keys():
        fields[name] = format_names(_people(fields[name]))
    for name, column in (("tags", "manual-tags"), ("keywords", "automatic-tags")):
        if column in fields:
            fields[name] = join_words(_parts(fields.pop(column)))
    key = _CITATION_KEY.search(fields.get("note", ""))
    return Record(key[1] if key else "", type_, _people(cells.get("Author", "")), fields)


def _date(fields: dict[str, str]) -> None:
    """A date as BibLaTeX writes it, or the year and beside it what is no such date."""
    date, year = fields.pop("date", ""), fields.pop("publication-year", "")
    if DATE.fullmatch(date):
        fields["date"] = date
    else:
        fields |= {name: text for name, text in (("year", year or date), ("x-date", date)) if text}
    if accessed := fields.pop("access-date", ""):
        fields["urldate"] = accessed[:10]


def _people(text: str) -> tuple[Author, ...]:
    """`Vaswani, Ashish; OpenAI Team`: family and given name, or one name alone."""
    names = (one.partition(",") for one in _parts(text))
    return tuple(Author(family.strip(), given.strip()) for family, _, given in names)


def _parts(text: str) -> list[str]:
    return [part for one in text.split(";") if (part := one.strip())]
