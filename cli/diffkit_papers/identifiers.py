"""arXiv ids and DOIs, from strings and addresses, without any network."""

from __future__ import annotations

import re

from diffkit_papers.values import value

# https://info.arxiv.org/help/arxiv_identifier.html: 0704.0001 (four digits until 1412), 1501.00001 and later
# five; before April 2007 archive/YYMMNNN, sometimes with a subject class (math.GT/0309136) that is not part
# of the id.
_NEW = r"(?P<new>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})"
_OLD = r"(?P<archive>[a-z][a-z-]*)(?:\.[A-Z]{2})?/(?P<number>\d{2}(?:0[1-9]|1[0-2])\d{3})"
_ID = rf"(?:{_NEW}|{_OLD})(?:v(?P<version>[1-9]\d*))?"
# Compiled where they are used: most commands need none of them.
_ARXIV = (
    rf"(?:arxiv:\s*|(?:https?://)?(?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html|format|ps)/(?:arxiv:)?)?{_ID}"
    r"(?:\.pdf)?/?(?:[?#]\S*)?(?:\s*\[[\w.-]+\])?"
)
# Inside running text an id counts only behind a word that announces it: 1706.0376 alone may be any number.
_ARXIV_IN_TEXT = rf"(?:\barxiv[:\s]\s*|\barxiv\.org/(?:abs|pdf)/|\babs/){_ID}(?![\d.]*\d)"
_DOI = r"(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)?(?P<doi>10\.\d{4,9}(?:\.\d+)*/\S+)"
_DOI_IN_TEXT = r"(?<![\d.])10\.\d{4,9}(?:\.\d+)*/[^\s\"<>{}|\\^]+"
_ARXIV_DOI = "10.48550/arxiv."


@value
class ArxivId:
    """An arXiv id such as `1706.03762` or `math/0309136`, and the version if one was named."""

    id: str
    version: int | None = None

    def __str__(self) -> str:
        return f"arXiv:{self.id}" + (f"v{self.version}" if self.version else "")

    @property
    def url(self) -> str:
        return f"https://arxiv.org/abs/{self.id}" + (f"v{self.version}" if self.version else "")


def parse_arxiv(text: str) -> ArxivId | None:
    """The arXiv id that `text` is (an id, `arXiv:...`, an arxiv.org address or an arXiv DOI), or None."""
    if not text:
        return None
    if "://" in text and text.isascii() and "arxiv" not in text.lower() and "%" not in text:
        return None  # sooner than the patterns could say
    doi = parse_doi(text)
    if doi and doi.startswith(_ARXIV_DOI):
        text = doi.removeprefix(_ARXIV_DOI)
    return _arxiv(re.fullmatch(_ARXIV, text.strip(), re.IGNORECASE))


def find_arxiv(text: str) -> ArxivId | None:
    """The first arXiv id in text such as `arXiv preprint arXiv:1706.03762` or `CoRR abs/1706.03762`."""
    if "arxiv" not in (lower := text.lower()) and "abs/" not in lower:
        return None  # sooner than the pattern could say
    return _arxiv(re.search(_ARXIV_IN_TEXT, text, re.IGNORECASE))


def parse_doi(text: str) -> str | None:
    """The DOI that `text` is (`10.1038/nature14539`, `doi:...`, a doi.org address) in lower case, or None."""
    if "10." not in text and "%" not in text:
        return None  # sooner than the pattern could say
    text = text.strip()
    if "doi.org/" in text.lower():
        from urllib.parse import unquote

        text = unquote(text)
    match = re.fullmatch(_DOI, text, re.IGNORECASE)
    # DOIs are case-insensitive; a full stop or comma at the end belongs to the sentence it was copied from.
    return match["doi"].rstrip(".,;").lower() if match else None


def find_doi(text: str) -> str | None:
    """The first DOI in running text."""
    match = re.search(_DOI_IN_TEXT, text, re.IGNORECASE)
    if match is None:
        return None
    found = match[0]
    while found[-1:] in ")]" and found.count("(") + found.count("[") < found.count(")") + found.count("]"):
        found = found[:-1].rstrip(".,;:")  # the bracket around it
    return parse_doi(found.rstrip(":'"))


def label(title: str, arxiv: str | None, doi: str | None) -> str:
    """What to call a paper on a screen: the title, or an identifier until the title is known."""
    return title or (f"arXiv:{arxiv}" if arxiv else f"doi:{doi}")


def _arxiv(match: re.Match[str] | None) -> ArxivId | None:
    if match is None:
        return None
    if match["new"]:
        # Four digits until 2014, five since: anything else is a typing error, not another paper.
        if len(match["new"]) != (10 if match["new"][:4] >= "1501" else 9) or match["new"][:4] < "0704":
            return None
        name = match["new"]
    else:
        name = f"{match['archive'].lower()}/{match['number']}"
    return ArxivId(name, int(match["version"]) if match["version"] else None)
