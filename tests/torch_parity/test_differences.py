"""The differences from PyTorch that are meant: every line of their table, run in both libraries."""

import math
import re
from pathlib import Path

import pytest

import diffkit as dk

from .run import torch

TABLE = Path(__file__).parents[2] / "docs" / "differences.md"
LINE = re.compile(
    r"^\| `(?P<expression>[^`]+)` \| (?P<torch>\S.*?) \| (?P<diffkit>\S.*?) \| (?P<why>.+) \|$", re.M
)
LINES = [match.groupdict() for match in LINE.finditer(TABLE.read_text())]


def slope(library, fn, at):
    """The derivative of `fn` there."""
    x = library.tensor(at, dtype=library.float64, requires_grad=True)
    (found,) = library.autograd.grad(fn(x), [x])
    return found.tolist()


def plain(value):
    """The value as the table writes it."""
    if isinstance(value, (torch.dtype, type(dk.float32))):
        return str(value).rpartition(".")[2]
    return repr(tuple(value)) if isinstance(value, torch.Size) else repr(value)


def written(library, expression):
    names = {"t": library, "slope": slope, "math": math, "float": float}
    try:
        return f"`{plain(eval(expression, names))}`"
    except Exception as error:
        assert library is torch or isinstance(error, (dk.DiffkitError, TypeError)), error
        return "error"


def test_the_table_is_read():
    rows = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    assert len(LINES) == len(rows) >= 10


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("line", LINES, ids=[line["expression"] for line in LINES])
def test_differences_are_as_written(line):
    assert written(torch, line["expression"]) == line["torch"]
    assert written(dk, line["expression"]) == line["diffkit"]
    assert line["torch"] != line["diffkit"], "no difference"
