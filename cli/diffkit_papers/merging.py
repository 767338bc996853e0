"""One paper from two records of it: what the second adds to the first, and which of them gave each value.

A pure function on rows of the table `papers`. Nothing that is known is lost to a later record, except that a
publication says where and when it appeared better than its preprint does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from diffkit_papers.identifiers import ArxivId
from diffkit_papers.keys import folded
from diffkit_papers.records import NewPaper, Outcome
from diffkit_papers.values import to_json, value

_PREPRINTS = ("arxiv", "corr", "biorxiv", "medrxiv", "chemrxiv", "ssrn", "preprint", "researchsquare", "hal")
_EMPTY = (None, "", "[]", "{}")
_DATE = ("date", "year", "month", "day")  # which are read together
_OF_PUBLICATION = ("year", "venue", "doi", "type")
_FILLED = ("title", "authors", "year", "venue", "doi", "arxiv", "arxiv_version", "url", "type", "abstract")


@value
class Merge:
    """What became of the second record: the columns to set, and the fields whose values it gave."""

    outcome: Outcome
    values: Mapping[str, Any]
    given: tuple[str, ...]


def merge(known: Mapping[str, Any], new: Mapping[str, Any]) -> Merge:
    """What the row `new` adds to the row `known` of the same work."""
    values = {name: new[name] for name in _FILLED if known[name] in _EMPTY and new[name] not in _EMPTY}
    if known["arxiv"] != new["arxiv"] and "arxiv" not in values:
        values.pop("arxiv_version", None)  # of another preprint
    published = is_preprint(known) and not is_preprint(new) and bool(new["venue"] or new["doi"])
    if published:
        better = {name: new[name] for name in _OF_PUBLICATION if new[name] not in _EMPTY}
        values |= {name: value for name, value in better.items() if value != known[name]}
    fields, further = json.loads(known["fields"]), json.loads(new["fields"])
    if (values.get("type") or known["type"]) != new["type"]:
        further.pop("entrytype", None)  # of another kind of work
    both = fields | further if published else further | fields
    if values or both != fields:
        both = _in_order({**known, **values}, both)
    given = (*values, *(f"fields.{name}" for name, text in both.items() if fields.get(name) != text))
    if both != fields:
        values["fields"] = to_json(both)
    if not values:
        return Merge(Outcome.DUPLICATE, {}, ())
    return Merge(Outcome.MERGED if published else Outcome.COMPLETED, values, given)


def _in_order(row: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, str]:
    """The further fields of a merged row without what its columns say otherwise; the others as they are."""
    from diffkit_papers.formats.entrytypes import VENUE_FIELDS
    from diffkit_papers.formats.record import in_order  # which most commands need not import

    arxiv = ArxivId(row["arxiv"], row["arxiv_version"]) if row["arxiv"] else None
    columns = {name: row[name] for name in ("year", "venue", "url", "type")}
    # The title says nothing of its fields, and one of control characters alone would be read as none.
    paper = NewPaper("any", **columns, doi=row["doi"] or "", arxiv=arxiv, fields=fields)
    read = in_order(paper).fields
    together = (*_DATE, *VENUE_FIELDS)
    return {name: text if name in together else fields.get(name, text) for name, text in read.items()}


def is_preprint(row: Mapping[str, Any]) -> bool:
    """Whether a row tells of a preprint only: it has no DOI, and its venue, if any, is an archive."""
    venue = folded(row["venue"]).replace(" ", "")
    return not row["doi"] and (venue.startswith(_PREPRINTS) if venue else bool(row["arxiv"]))


def contradiction(known: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Why two records with the same title and first author may be of two works, if anything says so."""
    for name, what in (("doi", "another DOI"), ("arxiv", "another arXiv id")):
        if known[name] and new[name] and known[name] != new[name]:
            return f"{what}, {known[name]}"
    if known["year"] and new["year"] and abs(known["year"] - new["year"]) > 3:
        return f"another year, {known['year']}"
    return ""
