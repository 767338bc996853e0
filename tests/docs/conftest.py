"""What the tests of the documentation share: reading its code blocks."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def blocks():
    """``blocks(page, language)``: (line, text) of each block in that language of a page, in order."""

    def read(page, language):
        text = (ROOT / page).read_text(encoding="utf-8")
        return [
            (text.count("\n", 0, found.start(2)) + 1, found[2])
            for found in _BLOCK.finditer(text)
            if found[1] == language
        ]

    return read
