"""`diffkit.probability`: exact tables against fractions made by hand, tests and intervals against SciPy."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy import stats as reference

from diffkit.probability import Table, exact, upper_gamma, wilson_interval

F = Fraction
WEATHER = Table.from_counts(
    ["sky", "play"], {("sun", "yes"): 6, ("sun", "no"): 2, ("rain", "yes"): 3, ("rain", "no"): 9}
)
WEIGHTS = st.lists(st.integers(0, 20), min_size=12, max_size=12).filter(any)


def random_table(weights: list[int]) -> Table:
    return Table.from_counts(["A", "B", "C"], dict(zip(product("xy", (0, 1, 2), "uv"), weights, strict=True)))


def test_joint_marginal_conditional() -> None:
    assert WEATHER.p() == 1
    assert WEATHER.p(sky="sun", play="yes") == F(6, 20)
    assert WEATHER.p(sky="sun") == F(8, 20)
    assert WEATHER.p(sky="snow") == 0
    assert WEATHER.marginal("play").joint == {("yes",): F(9, 20), ("no",): F(11, 20)}
    assert WEATHER.marginal("play", "sky").p(sky="rain", play="no") == F(9, 20)
    given_sun = WEATHER.conditional("play", given={"sky": "sun"})
    assert given_sun.joint == {("yes",): F(3, 4), ("no",): F(1, 4)}
    assert (given_sun.total, given_sun.counts) == (8, {("yes",): 6, ("no",): 2})
    assert WEATHER.values("sky") == ["rain", "sun"]


def test_bayes_with_its_parts() -> None:
    found = WEATHER.bayes({"sky": "sun"}, {"play": "yes"})
    assert (found.prior, found.likelihood, found.evidence, found.posterior) == (
        F(2, 5),
        F(3, 4),
        F(9, 20),
        F(2, 3),
    )


@given(WEIGHTS)
@settings(deadline=None)
def test_laws_hold_exactly(weights: list[int]) -> None:
    table = random_table(weights)
    assert sum(table.joint.values()) == 1
    for (b,), p in table.marginal("B").joint.items():
        # sum rule, product rule, Bayes, total probability
        assert p == sum(table.p(A=a, B=b) for a in "xy")
        conditional = table.conditional("A", given={"B": b})
        assert conditional.p() == 1
        for (a,), q in conditional.joint.items():
            assert q * p == table.p(A=a, B=b)
            found = table.bayes({"A": a}, {"B": b})
            assert found.posterior == q == found.likelihood * found.prior / found.evidence
        total = sum(table.conditional("B", given={"A": a}).p(B=b) * table.p(A=a) for a in table.values("A"))
        assert total == p


@given(WEIGHTS)
@settings(deadline=None)
def test_independence_is_what_its_definition_says(weights: list[int]) -> None:
    table = random_table(weights)
    independent = all(table.p(A=a, B=b) == table.p(A=a) * table.p(B=b) for a in "xy" for b in (0, 1, 2))
    assert table.is_independent("A", "B") == independent
    given_c = all(
        table.p(A=a, B=b, C=c) * table.p(C=c) == table.p(A=a, C=c) * table.p(B=b, C=c)
        for a in "xy"
        for b in (0, 1, 2)
        for c in "uv"
    )
    assert table.is_conditionally_independent("A", "B", ["C"]) == given_c


def test_independence_of_products_and_of_a_common_cause() -> None:
    p, q = [F(1, 3), F(2, 3)], [F(1, 7), F(2, 7), F(4, 7)]
    table = Table.from_probabilities(["A", "B"], {(i, j): p[i] * q[j] for i in range(2) for j in range(3)})
    assert table.is_independent("A", "B")
    # two coins A, B and C = A xor B: every pair is independent, but not given the third
    xor = Table.from_probabilities(["A", "B", "C"], {(a, b, a ^ b): F(1, 4) for a in (0, 1) for b in (0, 1)})
    for a, b, c in (("A", "B", "C"), ("A", "C", "B"), ("B", "C", "A")):
        assert xor.is_independent(a, b)
        assert not xor.is_conditionally_independent(a, b, [c])
        assert xor.dependence(a, b, [c]) == F(1, 4)


def test_expectation_and_variance() -> None:
    die = Table.from_probabilities(["X"], {face: "1/6" for face in range(1, 7)})
    assert (die.expectation(), die.variance()) == (F(7, 2), F(35, 12))
    assert die.expectation(lambda x: x * x) == F(91, 6)
    assert die.variance(lambda x: 2 * x + 1) == 4 * F(35, 12)
    assert die.expectation(math.exp) == pytest.approx(sum(math.exp(x) for x in range(1, 7)) / 6, rel=1e-14)
    assert isinstance(die.expectation(math.exp), float)
    two = Table.from_probabilities(["X", "Y"], {(x, y): F(1, 36) for x in range(1, 7) for y in range(1, 7)})
    assert two.expectation("Y") == F(7, 2)
    assert two.expectation(lambda x, y: x * y) == F(49, 4)
    assert two.variance(lambda x, y: x + y) == F(35, 6)
    assert two.expectation(max) == F(161, 36)
    text = Table.from_counts(["X"], {"1/2": 1, "3": 3})
    assert text.expectation() == F(19, 8)


@pytest.mark.parametrize(
    "counts", [[[30, 12], [14, 25]], [[10, 20, 30], [6, 9, 17]], [[1, 2], [3, 0]], [[5, 5], [5, 5]]]
)
def test_independence_test_against_scipy(counts: list[list[int]]) -> None:
    table = Table.from_counts(
        ["A", "B"], {(i, j): n for i, row in enumerate(counts) for j, n in enumerate(row)}
    )
    found = table.test_independence("A", "B")
    chi2 = reference.chi2_contingency(counts, correction=False)
    g = reference.chi2_contingency(counts, correction=False, lambda_="log-likelihood")
    assert (found.chi2, found.p_value, found.df) == pytest.approx(
        (chi2.statistic, chi2.pvalue, chi2.dof), rel=1e-11
    )
    assert (found.g, found.g_p_value) == pytest.approx((g.statistic, g.pvalue), rel=1e-11, abs=1e-13)
    assert found.smallest_expected == pytest.approx(chi2.expected_freq.min())


def test_conditional_test_adds_strata() -> None:
    strata = {"u": [[30, 12], [14, 25]], "v": [[9, 8], [7, 16]]}
    counts = {(i, j, c): strata[c][i][j] for c in strata for i in (0, 1) for j in (0, 1)}
    found = Table.from_counts(["A", "B", "C"], counts).test_independence("A", "B", ["C"])
    parts = [reference.chi2_contingency(strata[c], correction=False) for c in strata]
    statistic = sum(part.statistic for part in parts)
    assert (found.chi2, found.df) == pytest.approx((statistic, 2), rel=1e-12)
    assert found.p_value == pytest.approx(reference.chi2.sf(statistic, 2), rel=1e-11)


def test_p_values_are_uniform_under_independence() -> None:
    # 2,000 tables of 400 rows with a fixed seed. With a fresh seed a right test would fail this
    # Kolmogorov-Smirnov check about once in 1,000 runs.
    rng = np.random.default_rng(12)
    p_values = []
    for _ in range(2000):
        a, b = rng.integers(0, 3, 400), rng.integers(0, 4, 400)
        seen, counts = np.unique(np.stack([a, b], 1), axis=0, return_counts=True)
        table = Table.from_counts(
            ["A", "B"], {(int(i), int(j)): int(n) for (i, j), n in zip(seen, counts, strict=True)}
        )
        p_values.append(table.test_independence("A", "B").p_value)
    assert reference.kstest(p_values, "uniform").pvalue > 1e-3


@given(st.floats(0.5, 2000), st.floats(0, 4000))
@settings(deadline=None)
def test_upper_gamma_against_scipy(a: float, x: float) -> None:
    assert upper_gamma(a, x) == pytest.approx(float(special.gammaincc(a, x)), rel=1e-9, abs=1e-12)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(deadline=None)
def test_wilson_against_scipy(case: tuple[int, int]) -> None:
    successes, trials = case
    expected = reference.binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx(
        (expected.low, expected.high), rel=1e-7, abs=1e-12
    )


def test_numbers_are_exact() -> None:
    assert exact(0.1) == exact("0.1") == F(1, 10)
    assert Table.from_probabilities(["X"], {0: 0.1, 1: 0.2, 2: 0.7}).p(X=2) == F(7, 10)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Table.from_probabilities(["X"], {0: "1/2", 1: "1/3"}), "sum to 5/6, not 1"),
        (
            lambda: Table.from_probabilities(["X"], {0: "3/2", 1: "-1/2"}),
            "X=1 is -1/2: it must not be negative",
        ),
        (lambda: Table.from_probabilities(["X"], {0: "half", 1: "1/2"}), "'half' is not a number"),
        (lambda: Table.from_probabilities(["X"], {0: math.nan}), "nan is not a probability"),
        (lambda: Table.from_probabilities(["X", "Y"], {0: 1}), "the key 0 has 1 values"),
        (lambda: Table.from_probabilities(["X", "X"], {(0, 0): 1}), "must be distinct"),
        (lambda: Table.from_counts(["X"], {0: 0}), "all counts are zero"),
        (lambda: Table.from_counts(["X"], {0: cast(Any, 1.5)}), "must be an integer"),
        (lambda: Table.from_rows(["X"], [{"X": 1}, {"Y": 2}]), "row 2 has no 'X'"),
        (lambda: Table.from_rows(["X"], []), "all counts are zero"),
        (lambda: WEATHER.p(moon=1), "no variable 'moon': the table has sky, play"),
        (lambda: WEATHER.conditional("play", given={"sky": "snow"}), "P\\(sky=snow\\) is 0"),
        (lambda: WEATHER.bayes({"sky": "snow"}, {"play": "yes"}), "P\\(sky=snow\\) is 0"),
        (lambda: WEATHER.bayes({"sky": "sun"}, {"sky": "rain"}), "exclude each other"),
        (lambda: WEATHER.expectation(), "2 variables: say which"),
        (lambda: WEATHER.expectation("sky"), "which is no number"),
        (lambda: Table.from_probabilities(["A"], {0: 1}).test_independence("A", "A"), "no counts"),
        (lambda: wilson_interval(3, 2), "need 0 <= successes <= trials"),
    ],
)
def test_errors(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
