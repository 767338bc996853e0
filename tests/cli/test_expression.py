"""The expression language: precedence as in Python, bounds, errors with a caret, no crash on any text."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffkit as dk
from diffkit_cli.errors import CommandError, ExitCode
from diffkit_cli.expression import MAX_DEPTH, MAX_NODES, MAX_TEXT, parse
from diffkit_cli.functions import FUNCTIONS, resolve, result_size

VALUES = {
    "x": np.array([0.5, 1.5, -2.0]),
    "y": np.array([2.0, -1.0, 3.0]),
    "A": np.arange(9.0).reshape(3, 3) / 4 - 1,
}


def value(text: str, **more: Any) -> Any:
    arrays = {**VALUES, **more}
    tensors = {name: dk.tensor(array, dtype=dk.float64) for name, array in arrays.items()}
    return parse(text).evaluate(tensors).numpy()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("8 / 4 / 2", 1),
        ("2 - 3 - 4", -5),
        ("2^3^2", 512),
        ("2**3**2", 512),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2^-1", 0.5),
        ("--3", 3),
        ("2 * -3", -6),
        ("-2 ^ -2", -0.25),
        ("1e2 + .5", 100.5),
        ("pi", np.pi),
        ("1 + 1 > 1", True),
        ("2 <= 1 + 1", True),
        ("x[0]", 0.5),
        ("x[-1]^2", 4),
        ("x[1:3]", [1.5, -2]),
        ("x[::2]", [0.5, -2]),
        ("x[:-1]", [0.5, 1.5]),
        ("A[1:3, -1]", VALUES["A"][1:3, -1]),
        ("A[..., 0]", VALUES["A"][..., 0]),
        ("A.T", VALUES["A"].T),
        ("A.T[0]", VALUES["A"][:, 0]),
        ("A @ x", VALUES["A"] @ VALUES["x"]),
        ("x @ A @ y", VALUES["x"] @ VALUES["A"] @ VALUES["y"]),
        ("A @ x * y", (VALUES["A"] @ VALUES["x"]) * VALUES["y"]),
        ("[1, 2]", [1, 2]),
        ("[[1, x[0]], [2, 3]]", [[1, 0.5], [2, 3]]),
        ("where(x > 0, x, 0)", [0.5, 1.5, 0]),
        ("sum(A, dim=0)", VALUES["A"].sum(0)),
        ("sum(A, 1)", VALUES["A"].sum(1)),
        ("max(x) - min(x)", 3.5),
        ("norm(x)", np.linalg.norm(VALUES["x"])),
        ("det(A + [[1,0,0],[0,2,0],[0,0,3]])", np.linalg.det(VALUES["A"] + np.diag([1, 2, 3]))),
        ("reshape(A, (9,))[4]", 0),
        ("ln(e)", 1),
    ],
)
def test_values(text: str, expected: Any) -> None:
    np.testing.assert_allclose(value(text), expected, rtol=1e-13)


def test_random_expressions_agree_with_python() -> None:
    rng = random.Random(5)

    def grow(depth: int) -> str:
        if depth == 0 or rng.random() < 0.2:
            return rng.choice(["a", "b", "c", "2", "3.5", "0.5"])
        kind = rng.randrange(8)
        if kind == 0:
            return f"({grow(depth - 1)})"
        if kind == 1:
            return f"-{grow(depth - 1)}"
        if kind == 2:
            return f"({grow(depth - 1)})**2"
        return f"{grow(depth - 1)} {rng.choice('+-*/')} {grow(depth - 1)}"

    names = {"a": np.float64(1.25), "b": np.float64(-0.75), "c": np.float64(3.0)}
    tensors = {name: dk.tensor(float(number), dtype=dk.float64) for name, number in names.items()}
    with np.errstate(all="ignore"):
        for _ in range(500):
            text = grow(5)
            ours = float(parse(text.replace("**", rng.choice(["^", "**"]))).evaluate(tensors))
            theirs = eval(text, {}, names)
            if np.isfinite(theirs):
                np.testing.assert_allclose(ours, float(theirs), rtol=1e-9, err_msg=text)


def test_every_listed_function_exists() -> None:
    for name in FUNCTIONS:
        assert callable(resolve(name)), name


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "a value is missing"),
        ("1 +", 4, "a value is missing at the end"),
        ("1 + * 2", 5, "a value is missing before '*'"),
        ("(1", 3, "expected ')'"),
        ("1)", 2, "unexpected ')'"),
        ("1 2", 3, "unexpected '2'"),
        ("x y", 3, "unexpected 'y'"),
        ("f(x)", 1, "no function 'f'"),
        ("expp(x)", 1, "did you mean 'exp'?"),
        ("exp + 1", 1, "exp is a function"),
        ("dot(x)", 1, "dot takes 2 arguments, 1 given"),
        ("exp()", 1, "exp takes 1 arguments, 0 given"),
        ("x.sum()", 2, "only .T may follow a dot"),
        ("x.__class__", 2, "only .T may follow a dot"),
        ("x[y]", 3, "an index must be an integer"),
        ("x[1.5]", 3, "an index must be an integer"),
        ("x[]", 3, "the index is empty"),
        ("x[1:2:3:4]", 8, "unexpected ':' in an index"),
        ("[]", 2, "the list is empty"),
        ("1 < 2 < 3", 7, "cannot be chained"),
        ("x = 1", 3, "unexpected '='"),
        ("'a'", 1, "unexpected character"),
        ("x;y", 2, "unexpected character"),
        ("1e999", 1, "too large"),
        ("sum(x, dim=y)", 12, "this argument must be a number"),
        ("sum(x, dim=0, 1)", 15, "a plain argument cannot follow"),
    ],
)
def test_mistakes_show_their_place(text: str, column: int, message: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse(text)
    error = caught.value
    assert error.exit_code == ExitCode.USAGE
    assert message in error.message
    assert f"column {column}:" in error.message
    shown, caret = error.detail.split("\n")
    assert shown[2:] == text
    assert caret == " " * (column + 1) + "^"


def test_errors_of_operations_show_their_place() -> None:
    with pytest.raises(CommandError) as caught:
        value("sum(x) + dot(x, A)")
    assert caught.value.exit_code == ExitCode.BAD_DATA
    assert caught.value.detail.endswith("\n" + " " * 11 + "^")


def test_long_sums_do_not_recurse_and_bounds_hold() -> None:
    assert value(" + ".join(["1"] * 2000)) == 2000
    assert value("(" * 90 + "7" + ")" * 90) == 7
    for text in (
        "(" * 200 + "1" + ")" * 200,
        "-" * 500 + "1",
        "2^" * 500 + "2",
        "exp(" * 150 + "1" + ")" * 150,
    ):
        with pytest.raises(CommandError, match=f"more than {MAX_DEPTH} deep"):
            parse(text)
    for text in ("(" * 9999, "[" * 9999, "-" * 9999, "x[" * 4999, "x" + "[0]" * 3000):
        with contextlib.suppress(CommandError):
            parse(text)
    with pytest.raises(CommandError, match=f"at most {MAX_TEXT}"):
        parse("1" * (MAX_TEXT + 1))
    assert len(parse("x" + ".T" * 4000).program) == 4001 <= MAX_NODES


def test_results_stay_bounded() -> None:
    # each result has 25 million elements: refused before it is made
    with pytest.raises(CommandError, match="more than 10000000 elements"):
        value("sum(outer(z, z))", z=np.zeros(5_000))
    with pytest.raises(CommandError, match="more than 10000000 elements"):
        value("sum(c + r)", c=np.zeros((5_000, 1)), r=np.zeros(5_000))
    with pytest.raises(CommandError, match="more than 10000000 elements"):
        value("sum(c @ c.T)", c=np.zeros((5_000, 1)))
    with pytest.raises(CommandError, match="100000000 elements"):
        value(" + ".join(["z"] * 100), z=np.zeros(2_000_000))
    assert np.isinf(value("9^9^9^9^9"))  # numbers are floats: no endless integer


SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@given(SHAPES, SHAPES)
@settings(deadline=None)
def test_result_size_of_broadcasting_and_products(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with contextlib.suppress(ValueError):
        assert result_size("binary", "+", [a, b]) == np.broadcast(np.zeros(a), np.zeros(b)).size
    try:
        product = (np.zeros(a) @ np.zeros(b)).size
    except ValueError:
        return
    assert result_size("binary", "@", [a, b]) == product


def test_a_hundred_thousand_random_texts_neither_crash_nor_hang() -> None:
    rng = random.Random(20_240_601)
    pieces = [
        *"0123456789.+-*/^@()[],:=<> \n\t'\"\\;_eExyAT",
        "**",
        "<=",
        "==",
        "...",
        "exp(",
        "dot(",
        "sum(",
        ".T",
    ]
    pieces += ["dim=", "where(", "x[", "1e9", "\u00e9", "\u4e2d", "\x00", "pi", "None", "--"]
    parsed = 0
    for _ in range(100_000):
        text = "".join(rng.choices(pieces, k=rng.randrange(1, 16)))
        try:
            parse(text)
            parsed += 1
        except CommandError as error:
            assert error.exit_code == ExitCode.USAGE
    assert parsed > 1000  # the generator reaches valid expressions too


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_unicode_text_is_an_expression_or_a_usage_error(text: str) -> None:
    try:
        parse(text)
    except CommandError as error:
        assert error.exit_code == ExitCode.USAGE
