"""arXiv ids and DOIs in all the ways people paste them."""

from __future__ import annotations

import pytest

from diffkit_papers.identifiers import ArxivId, find_arxiv, parse_arxiv, parse_doi


@pytest.mark.parametrize(
    ("text", "id", "version"),
    [
        ("1706.03762", "1706.03762", None),
        ("arXiv:1706.03762v7", "1706.03762", 7),
        ("arxiv: 1706.03762", "1706.03762", None),
        ("arXiv:1706.03762v5 [cs.CL]", "1706.03762", 5),
        ("https://arxiv.org/abs/1706.03762v2", "1706.03762", 2),
        ("http://www.arxiv.org/pdf/1706.03762.pdf", "1706.03762", None),
        ("https://arxiv.org/pdf/1706.03762v7?download=1#page=3", "1706.03762", 7),
        ("https://export.arxiv.org/abs/1412.6980", "1412.6980", None),
        ("arxiv.org/html/2303.08774v6", "2303.08774", 6),
        ("0704.0001", "0704.0001", None),
        ("math/0211159", "math/0211159", None),
        ("math.DG/0211159v1", "math/0211159", 1),
        ("hep-th/9711200", "hep-th/9711200", None),
        ("https://arxiv.org/abs/cond-mat/0106096", "cond-mat/0106096", None),
        ("10.48550/arXiv.1706.03762", "1706.03762", None),
        ("https://doi.org/10.48550/ARXIV.2303.08774", "2303.08774", None),
    ],
)
def test_arxiv_ids_are_read(text: str, id: str, version: int | None) -> None:
    assert parse_arxiv(text) == ArxivId(id, version)


@pytest.mark.parametrize("text", ["", "1706", "1706.037", "1706.0376", "1706.037622", "1706.03762v0"])
@pytest.mark.parametrize("before", ["", "arXiv:", "https://arxiv.org/abs/"])
def test_numbers_of_the_wrong_length_are_refused(before: str, text: str) -> None:
    assert parse_arxiv(before + text) is None


@pytest.mark.parametrize(
    "text",
    [
        "1713.03762",
        "1412.06980",
        "0703.0001",
        "math/021115",
        "math/0213159",
        "refs.bib",
        "10.1038/nature14539",
    ],
)
def test_what_is_no_arxiv_id_is_refused(text: str) -> None:
    assert parse_arxiv(text) is None


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("arXiv preprint arXiv:1706.03762", "1706.03762"),
        ("abs/1412.6980", "1412.6980"),
        ("see arXiv:math.DG/0211159v1, section 3", "math/0211159"),
        ("volume 1706.03762", None),
        ("arXiv:1706.037621", None),
    ],
)
def test_ids_inside_text_need_a_word_that_announces_them(text: str, id: str | None) -> None:
    found = find_arxiv(text)
    assert (found.id if found else None) == id


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1038/nature14539", "10.1038/nature14539"),
        ("doi:10.1038/NATURE14539", "10.1038/nature14539"),
        ("DOI: 10.1038/nature14539.", "10.1038/nature14539"),
        ("https://doi.org/10.1007/BF01700692", "10.1007/bf01700692"),
        ("http://dx.doi.org/10.1016/S0010-8650(80)80003-0", "10.1016/s0010-8650(80)80003-0"),
        ("https://doi.org/10.1002/%28SICI%291097-0258", "10.1002/(sici)1097-0258"),
        ("10.1112/plms/s2-42.1.230", "10.1112/plms/s2-42.1.230"),
        ("10.1000.10/abc", "10.1000.10/abc"),
        ("11.1038/nature", None),
        ("10.1038", None),
        ("10.1038/na ture", None),
        ("https://example.org/10.1038/nature14539", None),
        ("", None),
    ],
)
def test_dois(text: str, doi: str | None) -> None:
    assert parse_doi(text) == doi


def test_an_arxiv_id_prints_as_it_is_cited() -> None:
    assert str(ArxivId("1706.03762", 7)) == "arXiv:1706.03762v7"
    assert ArxivId("math/0211159").url == "https://arxiv.org/abs/math/0211159"
