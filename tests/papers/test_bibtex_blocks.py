"""The blocks of a BibTeX file are those that bibtexparser finds in it, plain entries and all others."""

from __future__ import annotations

import os
from typing import Any

from bibtexparser import model
from bibtexparser.splitter import Splitter
from hypothesis import given, settings
from hypothesis import strategies as st

from diffkit_papers.formats.bibtex_blocks import Broken, Entry, Macro, blocks

EXAMPLES = 5_000 if os.environ.get("DIFFKIT_TEST_FULL") == "1" else 500


def mostly(plain: str, *odd: str) -> st.SearchStrategy[str]:
    """What is plain three times out of four, so that what is not stands beside and inside of it."""
    return st.sampled_from([plain] * 3 * len(odd) + [*odd])


values = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                " b",
                "{c}",
                "{{d} e}",
                '{"}',
                '{"',
                "\\'e",
                '"',
                ",",
                "=",
                "#",
                "\\",
                "\\\\",
                "\\}",
                "\\{",
            ),
            *("\n", "@", " @b{", "\n@c{", "\n @d{e, f={g}}", "\n@h", "{", "}", "{{{{{i}}}}}"),
        ]
    ),
    max_size=3,
).map("".join)
fields = st.builds(
    "{}{}{}={}{}{}".format,
    mostly("", "\n  ", "\r\n"),
    mostly("title", "Year", "year\n", "", "a b", "x@y", "a\\"),
    mostly("", " "),
    mostly("", " ", "\n "),
    st.builds("{{{}}}".format, values) | st.builds('"{}"'.format, values) | mostly("1", "jan", ""),
    mostly("", " ", "\n", ' # "x"'),
)
entries = st.builds(
    "{}@{}{}{{{}{}{}".format,
    mostly("", "\n", " \t", "x", "\\", "\x0b"),
    mostly("article", "Misc", "", "comment", "Strings", "preamble", "a-b", "日本"),
    mostly("", " ", "\t", "\n"),
    mostly("k,", "k", " a/b:c\n,", ",", "k k,", 'k",', "j = {x}", "k,,"),
    st.lists(fields, max_size=3).map(",".join),
    mostly("}", ",}", "}\n", "", "\n}\n", "} trailing words\n", ")"),
)
files = st.lists(entries | entries | values | st.builds("@a({})".format, values), max_size=6).map("\n".join)


@settings(max_examples=EXAMPLES, deadline=None)
@given(files)
def test_the_blocks_are_those_of_bibtexparser(text: str) -> None:
    found = list(blocks(text))
    expected = [_told(block) for block in Splitter(text).split().blocks]
    if "\\\n" in text:  # a line break that bibtexparser does not count
        assert [block for _, block in found] == [told[1] for told in expected if told]
    else:
        assert found == [told for told in expected if told]


def _told(block: Any) -> tuple[int, Entry | Macro | Broken] | None:
    line = block.start_line + 1
    while isinstance(block, model.DuplicateBlockKeyBlock | model.DuplicateFieldKeyBlock):
        block = block.ignore_error_block
    match block:
        case model.Entry():
            given = [(field.key, field.value) for field in block.fields]
            return line, Entry(block.entry_type, block.key, block.raw, given)
        case model.String():
            return line, Macro(block.key, block.value)
        case model.ParsingFailedBlock():
            return line, Broken(" ".join(block.error.abort_reason.split()).rstrip("."))
    return None


def test_lines_are_counted_behind_a_backslash_at_the_end_of_one() -> None:
    text = "@misc{a,\n  title = {one \\\n two}}\n@misc{b, title = {three}}\n"
    text += "@string(x = 1)\n@misc{c}\n\n@misc{d, x = 1}"
    assert [(line, block[1]) for line, block in blocks(text)] == [
        (1, "a"),
        (4, "b"),
        (5, "1"),
        (6, "c"),
        (8, "d"),
    ]
