"""BibTeX as it is found in the wild."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from diffkit_papers import latex as latex_module
from diffkit_papers.errors import BadData
from diffkit_papers.formats.bibtex import read as parse_bibtex
from diffkit_papers.formats.names import format_names
from diffkit_papers.formats.names import parse_names as parse_authors
from diffkit_papers.formats.parsed import decode
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.keys import fingerprint, free_key, key_for
from diffkit_papers.latex import one_line, to_text
from diffkit_papers.records import Author, NewPaper

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

REFERENCES = Path(__file__).with_name("references.bib")


@pytest.fixture(scope="module")
def papers() -> dict[str, NewPaper]:
    found = parse_bibtex(decode(REFERENCES.read_bytes()))
    assert not found.broken
    assert not found.warnings
    return {paper.source.citation_key: paper for _, paper in found.papers if paper.source}


def test_keys_in_ascii(papers: dict[str, NewPaper]) -> None:
    assert [key_for(paper) for paper in papers.values()] == [
        "vaswani2017attention",
        "erdos1959random",
        "godel1931uber",
        "vandermaaten2008visualizing",
        "paper2016",
        "rehurek2010software",
        "kingma2014adam",
        "openaiteam2023gpt",
        "lecun2015deep",
    ]


def test_macros_months_and_unknown_fields(papers: dict[str, NewPaper]) -> None:
    paper = papers["DBLP:conf/nips/VaswaniSPUJGKP17"]
    assert paper.title == "Attention is All you Need"
    assert paper.venue == "Advances in Neural Information Processing Systems 30"
    assert paper.arxiv == ArxivId("1706.03762", 7)
    assert len(paper.authors) == 8
    assert str(paper.authors[6]) == "Łukasz Kaiser"
    assert paper.source is not None
    assert paper.source.fields["month"] == "December"
    assert paper.source.fields["x-my-field"] == r"kept {as} it is, 100\%"
    assert paper.source.fields["primaryclass"] == "cs.CL"


def test_accents_are_decoded_for_display(papers: dict[str, NewPaper]) -> None:
    assert [str(author) for author in papers["erdos1959"].authors] == ["Pál Erdős", "Alfréd Rényi"]
    goedel = papers["goedel31"]
    assert goedel.title.startswith("Über formal unentscheidbare Sätze der Principia Mathematica")
    assert goedel.venue == "Monatshefte für Mathematik und Physik"
    assert goedel.doi == "10.1007/bf01700692"
    assert [str(author) for author in papers["rehurek_lrec"].authors] == ["Radim Řehůřek", "Petr Sojka"]


def test_names_in_their_parts(papers: dict[str, NewPaper]) -> None:
    assert papers["tsne"].authors[0] == Author("van der Maaten", "Laurens")
    assert papers["周2016"].authors == (Author("周志华"),)
    assert papers["openai2023gpt4"].authors[0] == Author("OpenAI Team")
    names = "张, 三 and 李四 and King, Jr., Martin Luther and {Barnes and Noble} and Donald E. Knuth"
    assert [str(author) for author in parse_authors(names)] == [
        "张三",
        "李四",
        "Martin Luther King Jr.",
        "Barnes and Noble",
        "Donald E. Knuth",
    ]


def test_numbers_of_namesakes_are_no_family_names() -> None:
    authors = parse_authors("Wei Wang 0001 and Ludwig van Beethoven 0012 and Wei 0003 and Expo 2000")
    assert authors == (
        Author("Wang", "Wei", "0001"),
        Author("van Beethoven", "Ludwig", "0012"),
        Author("Wei", "", "0003"),
        Author("2000", "Expo"),
    )
    assert parse_authors(format_names(authors)) == authors
    paper = NewPaper(title="T", authors=authors[:1])
    assert fingerprint(paper) == fingerprint(NewPaper(title="T", authors=(Author("Wang", "Wei"),)))
    assert key_for(paper) == "wangt"


def test_arxiv_ids_where_google_scholar_and_dblp_hide_them(papers: dict[str, NewPaper]) -> None:
    assert papers["DBLP:journals/corr/KingmaB14"].arxiv == ArxivId("1412.6980")
    assert papers["openai2023gpt4"].arxiv == ArxivId("2303.08774")
    scholar = "@article{a, title={Adam}, journal={arXiv preprint arXiv:1412.6980}, year={2014}}"
    assert parse_bibtex(scholar).papers[0][1].arxiv == ArxivId("1412.6980")


def test_the_raw_entries_are_kept_byte_for_byte() -> None:
    text = decode(REFERENCES.read_bytes())
    for newline in ("\n", "\r\n"):
        changed = text.replace("\n", newline)
        for _, paper in parse_bibtex(changed).papers:
            assert paper.source
            assert paper.source.raw in changed
            assert paper.source.raw.startswith("@")
            assert paper.source.raw.rstrip()[-1] in "})"


BROKEN = """@string{j = "Journal"}
@article{good1, title = {One}, journal = j, year = 2001}
@article{unclosed, title = {Two, year = 2002

@article{good2, title = "Three {"} quoted {"}", year = 2003}
@article{nocomma title = {Four}}
@misc{empty, note = {nothing to call it by}}
@article{good3, title = {Five}, title = {Six}, journal = undefined}
% the end is missing
@article{last, title = {Seven}
"""


def test_broken_entries_are_named_with_their_lines_and_cost_no_other() -> None:
    found = parse_bibtex(BROKEN)
    assert [(line, paper.title) for line, paper in found.papers] == [
        (2, "One"),
        (5, 'Three " quoted "'),
        (8, "Five"),
    ]
    assert [problem.line for problem in found.broken] == [3, 6, 10, 7]
    assert [problem.line for problem in found.warnings] == [8, 8]
    assert "title is repeated" in found.warnings[0].message
    assert "no @string defines undefined" in found.warnings[1].message


def test_crossref_gives_the_year_and_the_book() -> None:
    text = """@inproceedings{a, title={A Paper}, author={X Y}, crossref={proc}}
    @proceedings{proc, title={Proceedings of Things}, year={1999}, editor={E D}}"""
    paper = parse_bibtex(text).papers[0][1]
    assert (paper.year, paper.venue, paper.authors) == (1999, "Proceedings of Things", (Author("Y", "X"),))
    assert paper.source
    assert "year" not in paper.source.fields


def test_biblatex_dates_and_journals() -> None:
    text = (
        "@article{a, title={T}, date={2017-06-12}, journaltitle={J}, eprint={1706.03762}, eprinttype={arxiv}}"
    )
    paper = parse_bibtex(text).papers[0][1]
    assert (paper.year, paper.venue, paper.arxiv) == (2017, "J", ArxivId("1706.03762"))


def test_text_in_another_encoding_is_an_error_with_its_line() -> None:
    with pytest.raises(BadData, match=r"line 2 is not UTF-8 text \(byte 0xe9\)") as caught:
        decode("@article{a,\n title={\xe9t\xe9}}".encode("latin1"))
    assert "--encoding latin1" in caught.value.fix
    assert decode(b"\xef\xbb\xbf@misc{}") == "@misc{}"


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"50% of {R}\&D & more, a_b #1", "50% of R&D & more, a_b #1"),
        (r"$O(n^2)$ and {$\alpha$}-divergence", "O(n^2) and α-divergence"),
        (r"``Quoted'' --- a~dash", "“Quoted” — a dash"),
        (r"{\em Emph} \texttt{code} \textbf{bold} \BERT", "Emph code bold BERT"),
        (
            r"Ho\v{c}evar, na\"{\i}ve, \AA ngstr\"om, Fran\c cois, {\ss}",
            "Hočevar, naïve, Ångström, François, ß",
        ),
        ("unbalanced {brace", "unbalanced brace"),
        ("{" * 5000 + "deep" + "}" * 5000, "deep"),
        ("  two\n  lines ", "two lines"),
        ("深度学习 {\\'e}", "深度学习 é"),
    ],
)
def test_latex_as_people_read_it(latex: str, text: str) -> None:
    assert to_text(latex) == text


@given(st.text() | st.text(alphabet='@{}()",=#\\ \n%abcAB1', max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Any text gives papers or problems, or a BadData: never another exception."""
    for attempt in (
        text,
        "@article{k, title = {" + text + "}}",
        '@misc{k, title = "x", author = "' + text + '"}',
    ):
        with contextlib.suppress(BadData):
            parse_bibtex(attempt)


def test_suffixes() -> None:
    names: list[str] = []
    for _ in range(31):
        names.append(free_key("k", names.__contains__))
    assert names[:4] == ["k", "ka", "kb", "kc"]
    assert names[-2:] == ["kac", "kad"]
    assert free_key("k", {"k", "kb"}.__contains__) == "ka"


@given(st.text(), st.text())
def test_keys_are_ascii_for_any_text(title: str, family: str) -> None:
    key = key_for(NewPaper(title=title, authors=(Author(family),) if family else ()))
    assert key
    assert key.isascii()
    assert key.isalnum()


def test_fingerprints_ignore_case_accents_and_punctuation() -> None:
    one = NewPaper(title="On Random Graphs, I", authors=(Author("Erdős", "Pál"),))
    two = NewPaper(title="on random graphs I.", authors=(Author("ERDOS", "P."),))
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(NewPaper(title="机器学习")) != fingerprint(NewPaper(title="深度学习"))
    assert fingerprint(NewPaper(title="???")) != fingerprint(NewPaper(title="!!!"))
    assert fingerprint(NewPaper(doi="10.1/x")) is None


@given(
    st.lists(
        st.sampled_from(
            [
                *("A", "Bö", "van", " ", " and ", "AND", ", ", ",", "~", "\\", "{C}", "{", "}", "x y"),
                *("{A and B}", "{\\'e}", "{\\v{S} and}", "\\{", "\\'"),
            ]
        ),
        max_size=8,
    ).map("".join)
)
def test_names_are_split_as_bibtexparser_splits_them(text: str) -> None:
    words = " ".join(text.split())
    expected = []
    for name in split_multiple_persons_names(words):
        parts = parse_single_name_into_parts(name, strict=False)
        family, given, suffix = (
            to_text(" ".join(part)) for part in (parts.von + parts.last, parts.first, parts.jr)
        )
        if family or given:
            expected.append(Author(family or given, given if family else "", suffix))
    assert parse_authors(text) == tuple(expected)


@settings(max_examples=500, deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from([" ", "\t", "\n", "\xa0", "\u2003", "\u200b", "a", "é"])).map("".join)
)
def test_one_line_is_what_cutting_it_up_would_give(text: str) -> None:
    assert one_line(text) == " ".join(text.split())


def test_abbreviations_may_stand_in_a_file_of_their_own(run: Run, document: Document, tmp_path: Path) -> None:
    """As `\\bibliography{abbrev,papers}` has it."""
    abbreviations, papers = tmp_path / "abbrev.bib", tmp_path / "papers.bib"
    abbreviations.write_text('@string{conf = "Crypto"}\n@string{conf21 = conf # " 2021"}\n')
    papers.write_text("@inproceedings{a, title={A}, booktitle=conf21, month=jan, year=2021}")
    alone = run("import", str(abbreviations), "--csv")
    assert (alone.exit_code, alone.stdout.splitlines()[1]) == (0, f"{abbreviations},0,0,0,0,0")
    told = document("import", str(abbreviations), str(papers))
    assert not told["warnings"]
    paper = document("show", "a")["paper"]
    assert (paper["venue"], paper["fields"]["date"]) == ("Crypto 2021", "2021-01")
    other = run("import", str(papers), "--db", str(tmp_path / "other.db"))
    assert f"{papers}:1: no @string defines conf21" in other.stderr


def test_an_abbreviation_that_nobody_defines_is_told_of_once() -> None:
    entry = "@article{k, title={T}, journal=nature, publisher=npg, volume=vol, key={x}, key={y}}\n"
    found = parse_bibtex("\n" + entry * 3)
    assert [(one.line, one.message) for one in found.warnings] == [
        (2, "no @string defines nature; it is kept as it stands (in 3 places)"),
        (2, "no @string defines npg; it is kept as it stands (in 3 places)"),
        (2, "no @string defines vol; it is kept as it stands (in 3 places)"),
        (2, "k: the field key is repeated; the first one counts (in 3 places)"),
    ]


def test_the_head_of_a_file_names_its_encoding() -> None:
    text = "% Encoding: windows-1252\n@misc{a, title = {Größe „8“}}"
    assert decode(text.encode("cp1252")) == text
    for head in ("% Encoding: UTF-8", "% no head", "% Encoding: nothing-known"):
        with pytest.raises(BadData, match=r"UTF-8 text|no encoding is called"):
            decode(text.replace("% Encoding: windows-1252", head).encode("cp1252"))


def test_a_lost_character_costs_no_file(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "lost.bib"
    path.write_bytes(
        b"@misc{a, title = {A title of words}}\n" * 3 + b"@misc{b,\n title = {Models\0 thereby}}\n"
    )
    told = document("import", str(path))
    assert [one["title"] for one in told["papers"]][-1] == "Models� thereby"
    assert told["warnings"] == [{"file": str(path), "line": 5, "message": "a NUL character; it is kept as �"}]
    with pytest.raises(BadData, match="line 1 holds a NUL character"):
        decode("@misc{a, title={A}}".encode("utf-16-le"))


def test_quotes_of_windows_in_disguise_are_read_as_browsers_do() -> None:
    text = "the \x93theta\x94\x97\x91place\x92 \x81 rhythm\x07"
    ((_, paper),) = parse_bibtex(f"@misc{{a, title={{{text}}}}}").papers
    assert paper.title == "the “theta”—‘place’ rhythm"
    references = "".join(f"&#{ord(c)};" if 0x80 <= ord(c) < 0xA0 else c for c in text)
    assert paper.title == " ".join(
        html.unescape(references).replace("\x81", " ").replace("\x07", " ").split()
    )


def test_a_doi_with_something_behind_it_is_found() -> None:
    ((line, paper),) = parse_bibtex("@misc{a, title={A}, doi={10.1038/Nature14539 [doi]}}").papers
    assert (line, paper.doi, dict(paper.fields)) == (
        1,
        "10.1038/nature14539",
        {"x-doi": "10.1038/Nature14539 [doi]"},
    )


@pytest.mark.parametrize(
    "latex",
    [
        r"Plain. An {\em emphasised} word; a bound of $\mathcal{O}(\sqrt{n \log n})$. The end.",
        r"Without braces \em begins. \textit Some letter is slanted! And $\frac12 < \alpha_{i, j}$ holds.",
        r"What \begin{quote}begins. It goes on.\end{quote} Then it ends.",
        r"Math \(a. b\) has sentences. {Braces go on. As here} too; \unknown{x. y} as well.",
        r"Five \$ here. Six \% there -- and ``quotes'' about $a \$ b$. Na{\"i}ve \'{e}tudes? Yes: \BERT.",
    ],
)
def test_long_texts_are_decoded_in_sentences_as_at_once(latex: str) -> None:
    assert latex_module.to_text(latex) == latex_module.one_line(latex_module._decoded(latex))


def test_a_long_abstract_costs_only_its_own_latex(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    decoded = latex_module._decoded
    monkeypatch.setattr(latex_module, "_decoded", lambda latex: seen.append(latex) or decoded(latex))
    words = "Nothing to decode in this sentence of many words. "
    text = latex_module.to_text(words * 50 + r"But \em here. " + words * 50)
    assert "here" in text and max(map(len, seen)) < 20
