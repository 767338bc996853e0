"""The special cases of the array API standard 2025.12 row by row, and of C99 Annex F where it has none."""

import math

import numpy as np
import pytest

import diffkit as dk

INF, NAN, PI = math.inf, math.nan, math.pi

# A row reads "if the first argument is ... and the second is ..., the result is ...", in the standard's
# order.
ONE = {
    "acos": ["nan: nan", ">1: nan", "<-1: nan", "1: +0"],
    "acosh": ["nan: nan", "<1: nan", "1: +0", "+inf: +inf"],
    "asin": ["nan: nan", ">1: nan", "<-1: nan", "+0: +0", "-0: -0"],
    "asinh": ["nan: nan", "+0: +0", "-0: -0", "+inf: +inf", "-inf: -inf"],
    "atan": ["nan: nan", "+0: +0", "-0: -0", "+inf: pi/2", "-inf: -pi/2"],
    "atanh": ["nan: nan", "<-1: nan", ">1: nan", "-1: -inf", "1: +inf", "+0: +0", "-0: -0"],
    "ceil": ["integer: x", "+inf: +inf", "-inf: -inf", "+0: +0", "-0: -0", "nan: nan"],
    "cos": ["nan: nan", "+0: 1", "-0: 1", "+inf: nan", "-inf: nan"],
    "cosh": ["nan: nan", "+0: 1", "-0: 1", "+inf: +inf", "-inf: +inf"],
    "exp": ["nan: nan", "+0: 1", "-0: 1", "+inf: +inf", "-inf: +0"],
    "expm1": ["nan: nan", "+0: +0", "-0: -0", "+inf: +inf", "-inf: -1"],
    "floor": ["integer: x", "+inf: +inf", "-inf: -inf", "+0: +0", "-0: -0", "nan: nan"],
    "log": ["nan: nan", "<0: nan", "0: -inf", "1: +0", "+inf: +inf"],
    "log1p": ["nan: nan", "<-1: nan", "-1: -inf", "-0: -0", "+0: +0", "+inf: +inf"],
    "log2": ["nan: nan", "<0: nan", "0: -inf", "1: +0", "+inf: +inf"],
    "log10": ["nan: nan", "<0: nan", "0: -inf", "1: +0", "+inf: +inf"],
    "round": ["integer: x", "+inf: +inf", "-inf: -inf", "+0: +0", "-0: -0", "nan: nan", "half: even"],
    "sign": ["<0: -1", "0: 0", ">0: 1", "nan: nan"],
    "sin": ["nan: nan", "+0: +0", "-0: -0", "+inf: nan", "-inf: nan"],
    "sinh": ["nan: nan", "+0: +0", "-0: -0", "+inf: +inf", "-inf: -inf"],
    "sqrt": ["nan: nan", "<0: nan", "+0: +0", "-0: -0", "+inf: +inf"],
    "tan": ["nan: nan", "+0: +0", "-0: -0", "+inf: nan", "-inf: nan"],
    "tanh": ["nan: nan", "+0: +0", "-0: -0", "+inf: 1", "-inf: -1"],
    "trunc": ["integer: x", "+inf: +inf", "-inf: -inf", "+0: +0", "-0: -0", "nan: nan"],
    # C99
    "exp2": ["nan: nan", "+0: 1", "-0: 1", "+inf: +inf", "-inf: +0"],
    "erf": ["nan: nan", "+0: +0", "-0: -0", "+inf: 1", "-inf: -1"],
    "erfc": ["nan: nan", "+inf: +0", "-inf: 2"],
    "lgamma": ["nan: nan", "1: +0", "2: +0", "0: +inf", "integer<0: +inf", "inf: +inf"],
    # Limits, where there are any.
    "digamma": ["nan: nan", "+0: -inf", "-0: +inf", "integer<0: nan", "+inf: +inf", "-inf: nan"],
    "trigamma": ["nan: nan", "0: +inf", "integer<0: +inf", "+inf: +0", "-inf: nan"],
    "rsqrt": ["nan: nan", "<0: nan", "+0: +inf", "-0: -inf", "+inf: +0"],
    "sigmoid": ["nan: nan", "0: 1/2", "+inf: 1", "-inf: +0"],
    "erfinv": ["nan: nan", "+0: +0", "-0: -0", "1: +inf", "-1: -inf", ">1: nan", "<-1: nan"],
}

QUOTIENT = [
    "nan, any: nan", "any, nan: nan", "inf, inf: nan", "0, 0: nan", "+0, >0: +0", "-0, >0: -0", "+0, <0: -0",
    "-0, <0: +0", ">0, +0: +inf", ">0, -0: -inf", "<0, +0: -inf", "<0, -0: +inf", "+inf, finite>0: +inf",
    "+inf, finite<0: -inf", "-inf, finite>0: -inf", "-inf, finite<0: +inf", "finite>0, +inf: +0",
    "finite<0, -inf: +0",
]  # fmt: skip

TWO = {
    "add": [
        "nan, any: nan", "any, nan: nan", "+inf, -inf: nan", "-inf, +inf: nan", "+inf, +inf: +inf",
        "-inf, -inf: -inf", "+inf, finite: +inf", "-inf, finite: -inf", "finite, +inf: +inf",
        "finite, -inf: -inf", "-0, -0: -0", "-0, +0: +0", "+0, -0: +0", "+0, +0: +0", "0, nonzero: y",
        "nonzero, 0: x",
    ],
    "mul": [
        "nan, any: nan", "any, nan: nan", "inf, 0: nan", "0, inf: nan", "+inf, >0: +inf", "+inf, <0: -inf",
        "-inf, >0: -inf", "-inf, <0: +inf", ">0, +inf: +inf", "<0, +inf: -inf", ">0, -inf: -inf",
        "<0, -inf: +inf", "+0, finite>0: +0", "+0, finite<0: -0", "-0, finite>0: -0", "-0, finite<0: +0",
    ],
    "atan2": [
        "nan, any: nan", "any, nan: nan", ">0, +0: pi/2", ">0, -0: pi/2", "+0, >0: +0", "+0, +0: +0",
        "+0, -0: pi", "+0, <0: pi", "-0, >0: -0", "-0, +0: -0", "-0, -0: -pi", "-0, <0: -pi", "<0, +0: -pi/2",
        "<0, -0: -pi/2", "finite>0, +inf: +0", "finite>0, -inf: pi", "finite<0, +inf: -0",
        "finite<0, -inf: -pi", "+inf, finite: pi/2", "-inf, finite: -pi/2", "+inf, +inf: pi/4",
        "+inf, -inf: 3pi/4", "-inf, +inf: -pi/4", "-inf, -inf: -3pi/4",
    ],
    "div": [*QUOTIENT, "finite>0, -inf: -0", "finite<0, +inf: -0"],
    # Of what the standard allows here, Python's answer: the quotient lies below zero.
    "floor_divide": [*QUOTIENT, "finite>0, -inf: -0", "finite<0, +inf: -0"],
    "hypot": [
        "inf, any: +inf", "any, inf: +inf", "0, any: |y|", "any, 0: |x|", "finite, nan: nan",
        "nan, finite: nan", "nan, nan: nan",
    ],
    "logaddexp": [
        "nan, any: nan", "any, nan: nan", "+inf, not nan: +inf", "not nan, +inf: +inf", "-inf, -inf: -inf",
    ],
    "maximum": ["nan, any: nan", "any, nan: nan", "+0, -0: +0", "-0, +0: +0"],
    "minimum": ["nan, any: nan", "any, nan: nan", "+0, -0: -0", "-0, +0: -0"],
    "nextafter": ["nan, any: nan", "any, nan: nan", "-0, +0: +0", "+0, -0: -0"],
    "pow": [
        "!=1, nan: nan", "any, +0: 1", "any, -0: 1", "nan, !=0: nan", "abs>1, +inf: +inf", "abs>1, -inf: +0",
        "abs=1, +inf: 1", "abs=1, -inf: 1", "1, not nan: 1", "abs<1, +inf: +0", "abs<1, -inf: +inf",
        "+inf, >0: +inf", "+inf, <0: +0", "-inf, odd>0: -inf", "-inf, even>0: +inf", "-inf, odd<0: -0",
        "-inf, even<0: +0", "+0, >0: +0", "+0, <0: +inf", "-0, odd>0: -0", "-0, even>0: +0",
        "-0, odd<0: -inf", "-0, even<0: +inf", "finite<0, fraction: nan",
    ],
    "remainder": [
        "nan, any: nan", "any, nan: nan", "inf, inf: nan", "0, 0: nan", "+0, >0: +0", "-0, >0: +0",
        "+0, <0: -0", "-0, <0: -0", ">0, +0: nan", ">0, -0: nan", "<0, +0: nan", "<0, -0: nan",
        "+inf, finite>0: nan", "+inf, finite<0: nan", "-inf, finite>0: nan", "-inf, finite<0: nan",
        "finite>0, +inf: x", "finite>0, -inf: y", "finite<0, +inf: y", "finite<0, -inf: x",
    ],
    # C99
    "fmod": [
        "nan, any: nan", "any, nan: nan", "+0, nonzero: +0", "-0, nonzero: -0", "inf, any: nan",
        "any, 0: nan", "finite, inf: x",
    ],
}  # fmt: skip

VALUES = [0.0, 1.0, 2.0, 3.0, 4.0, 7.0, 0.5, 1.5, 2.5, 3.5, 0.3, 1e-30, 1e30, 1e-40, 2.0**24 - 1, INF]
VALUES = [*VALUES, *(-v for v in VALUES), NAN]


def is_odd(v):
    return math.isfinite(v) and math.fmod(v, 2) in (-1, 1)


MEANINGS = {
    "any": lambda v: True, "nan": math.isnan, "not nan": lambda v: not math.isnan(v),
    "0": lambda v: v == 0, "+0": lambda v: v == 0 and math.copysign(1, v) > 0,
    "-0": lambda v: v == 0 and math.copysign(1, v) < 0, "inf": math.isinf, "+inf": lambda v: v == INF,
    "-inf": lambda v: v == -INF, "finite": math.isfinite, "nonzero": lambda v: math.isfinite(v) and v != 0,
    "finite>0": lambda v: 0 < v < INF, "finite<0": lambda v: -INF < v < 0,
    ">0": lambda v: v > 0, "<0": lambda v: v < 0, ">1": lambda v: v > 1, "<1": lambda v: v < 1,
    "<-1": lambda v: v < -1, "1": lambda v: v == 1, "-1": lambda v: v == -1, "2": lambda v: v == 2,
    "!=1": lambda v: v != 1, "!=0": lambda v: v != 0, "abs>1": lambda v: abs(v) > 1,
    "abs<1": lambda v: abs(v) < 1,
    "abs=1": lambda v: abs(v) == 1, "odd>0": lambda v: v > 0 and is_odd(v),
    "odd<0": lambda v: v < 0 and is_odd(v),
    "even>0": lambda v: v > 0 and not is_odd(v), "even<0": lambda v: v < 0 and not is_odd(v),
    "integer": lambda v: math.isfinite(v) and v == math.floor(v),
    "integer<0": lambda v: -INF < v < 0 and v == math.floor(v),
    "fraction": lambda v: math.isfinite(v) and v != math.floor(v),
    "half": lambda v: math.isfinite(v) and abs(math.fmod(v, 1)) == 0.5,
}  # fmt: skip

RESULTS = {
    "nan": NAN, "+0": 0.0, "-0": -0.0, "+inf": INF, "-inf": -INF, "1": 1.0, "-1": -1.0, "2": 2.0, "0": 0.0,
    "1/2": 0.5,
    "pi": PI, "-pi": -PI, "pi/2": PI / 2, "-pi/2": -PI / 2, "pi/4": PI / 4, "-pi/4": -PI / 4,
    "3pi/4": 3 * PI / 4, "-3pi/4": -3 * PI / 4,
}  # fmt: skip


def result_of(word, x, y):
    """The number that a row's last word means; "even" is the nearest even integer."""
    if word == "even":
        return math.copysign(2 * round(x / 2), x)
    argument = x if "x" in word else y
    if word in ("x", "y"):
        return argument
    return abs(argument) if word in ("|x|", "|y|") else RESULTS[word]


def points(conditions, dtype):
    """Values of every argument, rounded to the dtype, of which the conditions hold."""
    values = np.array(VALUES, dtype).astype(float)
    first = [v for v in values if MEANINGS[conditions[0]](v)]
    second = [v for v in values if MEANINGS[conditions[1]](v)] if len(conditions) == 2 else [None]
    return [(x, y) for x in first for y in second]


CASES = [
    (name, row) for table in (ONE, TWO) for name, rows in table.items() for row in rows if hasattr(dk, name)
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "row"), CASES)
def test_special_case(name, row, dtype):
    conditions, word = row.split(": ")
    given = points(conditions.split(", "), dtype)
    assert given
    for x, y in given:
        arguments = [np.array([v], dtype) for v in (x, y) if v is not None]
        got = getattr(dk, name)(*map(dk.tensor, arguments)).numpy()[0]
        want = dtype(result_of(word, x, y))
        if "pi" in word:
            np.testing.assert_array_max_ulp(got, want, 1)
        else:
            np.testing.assert_array_equal(got, want)
        if want == 0 and not (name == "sign" and word == "0"):
            assert np.signbit(got) == np.signbit(want), f"{name}({x}, {y}) is {got}"


# The sum of a number and its opposite; the sign of quotients and of numbers rounded to zero.
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_signs_of_results(dtype):
    values = np.array([v for v in VALUES if math.isfinite(v) and v != 0], dtype)
    total = (dk.tensor(values) + dk.tensor(-values)).numpy()
    assert (total == 0).all() and not np.signbit(total).any()
    x, y = np.repeat(values, len(values)), np.tile(values, len(values))
    for name in ("mul", "div"):
        got = getattr(dk, name)(dk.tensor(x), dk.tensor(y)).numpy()
        np.testing.assert_array_equal(np.signbit(got), np.signbit(x) != np.signbit(y))
    for name, given in {"ceil": -0.3, "trunc": -0.3, "round": -0.3}.items():
        assert np.signbit(getattr(dk, name)(dk.tensor(np.array([given], dtype))).numpy()[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predicates(dtype):
    x = np.array(VALUES, dtype)
    for name, reference in {
        "isfinite": np.isfinite,
        "isinf": np.isinf,
        "isnan": np.isnan,
        "signbit": np.signbit,
    }.items():
        np.testing.assert_array_equal(getattr(dk, name)(dk.tensor(x)).numpy(), reference(x))
