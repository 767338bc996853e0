"""Kinds of works: CSL's words, which the log stores, and the entry types of BibLaTeX, BibTeX and RIS."""

from __future__ import annotations

DEFAULT = "document"

# https://docs.citationstyles.org/en/stable/specification.html#appendix-iii-types, each with the nearest
# entry type of BibLaTeX, the nearest reference type of RIS, and the field of BibLaTeX that says where it
# appeared.
_TABLE = """
article misc UNPB howpublished
article-journal article JOUR journaltitle
article-magazine article MGZN journaltitle
article-newspaper article NEWS journaltitle
bill legislation BILL howpublished
book book BOOK publisher
broadcast video MPCT howpublished
chapter incollection CHAP booktitle
classic book CLSWK publisher
collection collection SER publisher
dataset dataset DATA publisher
document misc GEN howpublished
entry inreference ENCYC booktitle
entry-dictionary inreference DICT booktitle
entry-encyclopedia inreference ENCYC booktitle
event misc GEN howpublished
figure image FIGURE howpublished
graphic artwork ART howpublished
hearing jurisdiction HEAR howpublished
interview misc PCOMM howpublished
legal_case jurisdiction CASE howpublished
legislation legislation STAT howpublished
manuscript unpublished MANSCPT howpublished
map misc MAP publisher
motion_picture movie MPCT howpublished
musical_score music MUSIC publisher
pamphlet booklet PAMP howpublished
paper-conference inproceedings CPAPER booktitle
patent patent PAT howpublished
performance performance GEN howpublished
periodical periodical JFULL publisher
personal_communication letter PCOMM howpublished
post online ICOMM organization
post-weblog online BLOG organization
regulation legislation LEGAL howpublished
report report RPRT institution
review review JOUR journaltitle
review-book review JOUR journaltitle
software software COMP publisher
song audio SOUND publisher
speech unpublished SLIDE howpublished
standard standard STAND publisher
thesis thesis THES institution
treaty legislation GEN howpublished
webpage online ELEC organization
"""
_ROWS = [line.split() for line in _TABLE.strip().splitlines()]
ENTRY_TYPE = {csl: entry for csl, entry, _, _ in _ROWS}
RIS_TYPE = {csl: ris for csl, _, ris, _ in _ROWS}
VENUE_FIELD = {csl: venue for csl, _, _, venue in _ROWS}
VENUE_FIELDS = ("journaltitle", "booktitle", "institution", "publisher", "organization", "howpublished")

# Where an entry type stands for several words of CSL, or for none, this one is meant.
_MEANT = {
    "article": "article-journal",
    "book": "book",
    "mvbook": "book",
    "reference": "book",
    "mvreference": "book",
    "manual": "book",
    "proceedings": "book",
    "mvproceedings": "book",
    "mvcollection": "collection",
    "inbook": "chapter",
    "bookinbook": "chapter",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "suppperiodical": "article-journal",
    "misc": "document",
    "inreference": "entry-encyclopedia",
    "jurisdiction": "legal_case",
    "legislation": "legislation",
    "legal": "legislation",
    "online": "webpage",
    "review": "review",
    "unpublished": "manuscript",
    "video": "motion_picture",
    "movie": "motion_picture",
}
CSL_TYPE = {entry: csl for csl, entry in ENTRY_TYPE.items()} | _MEANT

_RIS_MEANT = {
    "GEN": "document",
    "JOUR": "article-journal",
    "EJOUR": "article-journal",
    "INPR": "article-journal",
    "ABST": "article-journal",
    "CONF": "book",
    "EDBOOK": "book",
    "EBOOK": "book",
    "ECHAP": "chapter",
    "ENCYC": "entry-encyclopedia",
    "MPCT": "motion_picture",
    "VIDEO": "motion_picture",
    "ADVS": "motion_picture",
    "PCOMM": "personal_communication",
    "UNPB": "article",
    "GOVDOC": "report",
    "AGGR": "dataset",
    "DBASE": "dataset",
    "MULTI": "webpage",
    "CTLG": "book",
    "ANCIENT": "classic",
}
CSL_OF_RIS = {ris: csl for csl, ris in RIS_TYPE.items()} | _RIS_MEANT

# Entry types that BibLaTeX takes for another one with a `type`.
ALIASES = {
    "phdthesis": ("thesis", "phdthesis"),
    "mastersthesis": ("thesis", "mathesis"),
    "techreport": ("report", "techreport"),
    "conference": ("inproceedings", ""),
    "electronic": ("online", ""),
    "www": ("online", ""),
}
# The values of `type` that BibLaTeX translates, as CSL prints them.
GENRES = {"phdthesis": "PhD thesis", "mathesis": "Master's thesis", "techreport": "Technical report"}
GENRE_CODES = {genre.casefold(): code for code, genre in GENRES.items()}

CLASSIC = {"article", "book", "booklet", "inbook", "incollection", "inproceedings", "manual", "misc"}
CLASSIC |= {"proceedings", "unpublished"}


def classic_type(entry_type: str, genre: str) -> str:
    """The entry type of old BibTeX for one of BibLaTeX; `misc` for what it has no type for."""
    for alias, (meant, implied) in ALIASES.items():
        if implied and (meant, implied) == (entry_type, genre):
            return alias
    if entry_type in CLASSIC:
        return entry_type
    return {"thesis": "phdthesis", "report": "techreport"}.get(entry_type, "misc")
