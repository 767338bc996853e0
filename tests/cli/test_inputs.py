"""Values typed on the command line."""

from __future__ import annotations

import contextlib
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffkit_cli.errors import CommandError, ExitCode
from diffkit_cli.inputs import parse_array, parse_number, parse_numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        (" -2.5e3 ", -2500),
        ("1/6", Fraction(1, 6)),
        ("-.5", Fraction(-1, 2)),
        ("0.1", Fraction(1, 10)),
        ("inf", math.inf),
        ("1/6, 5/6", [Fraction(1, 6), Fraction(5, 6)]),
        ("[1]", [1]),
        ("[]", []),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("[1,2],[3,4]", [[1, 2], [3, 4]]),
        ("1e-999999999", 0),
    ],
)
def test_values(text: str, value: object) -> None:
    assert parse_numbers(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 2",
        "[1",
        "1]",
        "[1,]",
        "1,",
        ",1",
        "[,1]",
        "x",
        "1/0",
        "1/2/3",
        "1e999",
        "[1][2]",
        "--1",
        "[" * 50,
        "1_0",
    ],
)
def test_bad_values_name_the_text_and_the_forms(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse_numbers(text)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "cannot read the value" in caught.value.format_message()
    assert "write 3, 1/6" in caught.value.format_message()


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None)
def test_a_float_reads_back(value: float) -> None:
    assert float(parse_number(repr(value))) == value


@given(st.lists(st.lists(st.integers(-9, 9), min_size=2, max_size=2), min_size=1, max_size=4))
@settings(deadline=None)
def test_lists_read_back(rows: list[list[int]]) -> None:
    assert parse_numbers(str(rows)) == rows


@given(st.text(alphabet="0123456789+-.,/eE[] infa", max_size=30))
@settings(deadline=None)
def test_any_text_is_a_value_or_an_error(text: str) -> None:
    with contextlib.suppress(CommandError):
        parse_array(text)


def test_ragged_lists_are_refused() -> None:
    with pytest.raises(CommandError, match="differ in length"):
        parse_array("[[1, 2], [3]]")


def test_files(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("1, 2\n3, 4.5\n\n")
    assert parse_array(f"@{table}").tolist() == [[1, 2], [3, 4.5]]
    table.write_text("1\n2\n")
    assert parse_array(f"@{table}").tolist() == [1, 2]
    array = tmp_path / "a.npy"
    np.save(array, np.arange(6, dtype=np.int32).reshape(2, 3))
    assert parse_array(f"@{array}").tolist() == [[0, 1, 2], [3, 4, 5]]


def test_bad_files(tmp_path: Path) -> None:
    def fails(name: str, content: bytes, code: ExitCode, text: str) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(CommandError, match=text) as caught:
            parse_array(f"@{path}")
        assert caught.value.exit_code == code

    fails("a.csv", b"1,2\n3,x\n", ExitCode.BAD_DATA, "line 2 is not all numbers")
    fails("a.csv", b"1,2\n3\n", ExitCode.BAD_DATA, "line 2 has 1 values")
    fails("a.csv", b"", ExitCode.BAD_DATA, "empty")
    fails("a.xls", b"1", ExitCode.USAGE, "unknown kind")
    fails("a.npy", b"junk", ExitCode.BAD_DATA, "not a usable .npy")
    np.save(tmp_path / "o.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    fails("p.npy", (tmp_path / "o.npy").read_bytes(), ExitCode.BAD_DATA, "not a usable .npy")
    with pytest.raises(CommandError) as caught:
        parse_array("@nowhere.csv")
    assert caught.value.exit_code == ExitCode.NOT_FOUND
