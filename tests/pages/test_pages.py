"""Runs every page: a plain script of tensor code in PyTorch's spelling, as a reader would type it.

A page asserts what it claims. Where a text file of the same name stands beside it, what the page prints must
equal that file.
"""

import runpy
from pathlib import Path

import pytest

PAGES = sorted(Path(__file__).parent.joinpath("chapters").glob("*.py"))


def test_there_are_pages():
    assert len(PAGES) >= 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page, capsys):
    runpy.run_path(str(page), run_name="__main__")
    printed = capsys.readouterr().out
    expected = page.with_suffix(".txt")
    if expected.exists():
        assert printed == expected.read_text(encoding="utf-8")
