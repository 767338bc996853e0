"""Exact probability on finite tables: joint, marginal, conditional, Bayes, independence, expectation.

A `Table` is the joint distribution of named variables with finitely many values. Probabilities are
`fractions.Fraction`, so the sum rule, Bayes' theorem and independence hold exactly, not to rounding. A table
made from counts also remembers how many rows it has seen, and can say how sure an estimate is.

>>> from diffkit.probability import Table
>>> die = Table.from_probabilities(["X"], {face: "1/6" for face in range(1, 7)})
>>> die.expectation(), die.variance()
(Fraction(7, 2), Fraction(35, 12))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, TypeVar

from diffkit.errors import ArgumentError

__all__ = ["Bayes", "IndependenceTest", "Table", "exact", "wilson_interval"]

Key = tuple[Any, ...]
Weight = TypeVar("Weight", int, Fraction)


@dataclass(frozen=True)
class Bayes:
    """Bayes' theorem with its parts: `posterior = likelihood * prior / evidence`."""

    prior: Fraction
    likelihood: Fraction
    evidence: Fraction
    posterior: Fraction


@dataclass(frozen=True)
class IndependenceTest:
    """Pearson's chi-square and the likelihood-ratio statistic G, with `df` degrees of freedom.

    `p_value` belongs to chi-square, `g_p_value` to G; both are approximations for large counts, good when
    `smallest_expected` (the smallest expected count of a cell) is 5 or more.
    """

    chi2: float
    g: float
    df: int
    p_value: float
    g_p_value: float
    smallest_expected: float


class Table:
    """The joint distribution of the variables `names`; make one with a `from_` method.

    `joint` maps each tuple of values (in the order of `names`) to its probability; tuples of probability zero
    are left out. `counts` holds the counts when the table was made from data, otherwise it is None.

    >>> coins = Table.from_probabilities(["A", "B"], {(0, 0): "1/4", (0, 1): "1/4", (1, 1): "1/2"})
    >>> coins.p(B=1), coins.conditional("A", given={"B": 1}).p(A=1)
    (Fraction(3, 4), Fraction(2, 3))
    """

    def __init__(
        self, names: Sequence[str], joint: Mapping[Key, Fraction], counts: Mapping[Key, int] | None = None
    ) -> None:
        self.names = tuple(names)
        self.joint = dict(joint)
        self.counts = None if counts is None else dict(counts)

    @classmethod
    def from_probabilities(cls, names: Sequence[str], probabilities: Mapping[Any, Any]) -> Table:
        """A table from joint probabilities, which must sum to exactly 1.

        Write them as fractions, integers, or text such as `"1/6"` and `"0.1"`; a float stands for the
        shortest decimal that prints it, so `0.1` is one tenth. Raises ArgumentError for a negative
        probability and when the sum is not 1.
        """
        joint = {key: exact(value) for key, value in _keyed(names, probabilities).items()}
        for key, value in joint.items():
            if value < 0:
                raise ArgumentError(
                    f"the probability of {_event(names, key)} is {value}: it must not be negative"
                )
        total = sum(joint.values(), Fraction(0))
        if total != 1:
            raise ArgumentError(f"the probabilities sum to {total}, not 1: mend them, or give whole counts")
        return cls(names, {key: value for key, value in joint.items() if value})

    @classmethod
    def from_counts(cls, names: Sequence[str], counts: Mapping[Any, int]) -> Table:
        """A table of relative frequencies from counts of each combination of values."""
        counted = _keyed(names, counts)
        for key, count in counted.items():
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                raise ArgumentError(
                    f"the count of {_event(names, key)} is {count!r}: it must be an integer >= 0"
                )
        counted = {key: count for key, count in counted.items() if count}
        total = sum(counted.values())
        if not total:
            raise ArgumentError("all counts are zero: there is nothing to estimate from")
        return cls(names, {key: Fraction(count, total) for key, count in counted.items()}, counted)

    @classmethod
    def from_rows(cls, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Table:
        """A table of relative frequencies from rows, each a mapping from name to value."""
        counts: dict[Key, int] = {}
        for number, row in enumerate(rows, 1):
            missing = [name for name in names if name not in row]
            if missing:
                raise ArgumentError(f"row {number} has no {missing[0]!r}: every row needs {', '.join(names)}")
            key = tuple(row[name] for name in names)
            counts[key] = counts.get(key, 0) + 1
        return cls.from_counts(names, counts)

    def __repr__(self) -> str:
        return f"Table({', '.join(self.names)}; {len(self.joint)} combinations)"

    @property
    def total(self) -> int | None:
        """The number of rows seen, or None when the table was made from probabilities."""
        return None if self.counts is None else sum(self.counts.values())

    def values(self, name: str) -> list[Any]:
        """The values of a variable that have positive probability, sorted when they can be."""
        axis = self._axis(name)
        found = list(dict.fromkeys(key[axis] for key in self.joint))
        try:
            return sorted(found)
        except TypeError:
            return found

    def p(self, **event: Any) -> Fraction:
        """The probability of an event: `table.p(A=1, B="x")`. Without arguments it is 1 (the sum rule)."""
        return self._probability(event)

    def marginal(self, *names: str) -> Table:
        """The table of some of the variables: the others are summed out, `P(a) = sum_b P(a, b)`."""
        axes = [self._axis(name) for name in names]
        counts = None if self.counts is None else _summed(self.counts, axes, 0)
        return Table(names, _summed(self.joint, axes, Fraction(0)), counts)

    def conditional(self, *names: str, given: Mapping[str, Any]) -> Table:
        """The table of `names` given an event: `P(a | b) = P(a, b) / P(b)`.

        Raises ArgumentError when the event has probability zero.
        """
        evidence = self._probability(given)
        if not evidence:
            raise ArgumentError(f"P({_listed(given)}) is 0: nothing can be conditioned on it")
        fixed = [(self._axis(name), value) for name, value in given.items()]
        joint = {k: p / evidence for k, p in self.joint.items() if all(k[i] == v for i, v in fixed)}
        counts = None if self.counts is None else {key: self.counts[key] for key in joint}
        names = names or tuple(name for name in self.names if name not in given)
        return Table(self.names, joint, counts).marginal(*names)

    def bayes(self, event: Mapping[str, Any], given: Mapping[str, Any]) -> Bayes:
        """`P(event | given)` from `P(given | event) P(event) / P(given)`, all exact.

        Raises ArgumentError when either event has probability zero: then a part of the formula is undefined.
        """
        prior, evidence = self._probability(event), self._probability(given)
        for name, value in event.items():
            if name in given and given[name] != value:
                raise ArgumentError(
                    f"{name} is both {value!r} and {given[name]!r}: the events exclude each other"
                )
        for part, value in ((event, prior), (given, evidence)):
            if not value:
                raise ArgumentError(f"P({_listed(part)}) is 0: Bayes' theorem does not apply")
        likelihood = self._probability({**event, **given}) / prior
        return Bayes(prior, likelihood, evidence, likelihood * prior / evidence)

    def is_independent(self, a: str, b: str) -> bool:
        """Whether `P(a, b) = P(a) P(b)` for all values, exactly."""
        return self.dependence(a, b) == 0

    def is_conditionally_independent(self, a: str, b: str, given: Sequence[str]) -> bool:
        """Whether `P(a, b | c) = P(a | c) P(b | c)` for all values of positive probability, exactly."""
        return self.dependence(a, b, given) == 0

    def dependence(self, a: str, b: str, given: Sequence[str] = ()) -> Fraction:
        """The largest `|P(a, b | c) - P(a | c) P(b | c)|` over all values: 0 means independent."""
        largest = Fraction(0)
        for stratum in self._strata(given):
            pair, first, second = (stratum.marginal(*names).joint for names in ((a, b), (a,), (b,)))
            for x, y in product(first, second):
                largest = max(largest, abs(pair.get(x + y, Fraction(0)) - first[x] * second[y]))
        return largest

    def test_independence(self, a: str, b: str, given: Sequence[str] = ()) -> IndependenceTest:
        """Test independence of `a` and `b` (given the values of other variables) from the counts.

        Pearson's chi-square is `sum (n - e)^2 / e` and `G = 2 sum n log(n / e)`, with `e` the counts expected
        under independence, summed over the strata of `given`; each stratum adds `(r - 1)(c - 1)` degrees of
        freedom (Agresti, Categorical Data Analysis, 3rd ed., 3.2 and 6.4). Raises ArgumentError without
        counts.
        """
        if self.counts is None:
            raise ArgumentError(
                "the table has probabilities but no counts: a test needs data, use from_counts"
            )
        chi2 = g = 0.0
        df, smallest = 0, math.inf
        for stratum in self._strata(given):
            pair = stratum.marginal(a, b).counts or {}
            first, second = (stratum.marginal(name).counts or {} for name in (a, b))
            total = sum(pair.values())
            df += (len(first) - 1) * (len(second) - 1)
            for x, y in product(first, second):
                expected = first[x] * second[y] / total
                seen = pair.get(x + y, 0)
                smallest = min(smallest, expected)
                chi2 += (seen - expected) ** 2 / expected
                g += 2 * seen * math.log(seen / expected) if seen else 0.0
        g = max(g, 0.0)
        p_value, g_p_value = (upper_gamma(df / 2, s / 2) if df else 1.0 for s in (chi2, g))
        return IndependenceTest(chi2, g, df, p_value, g_p_value, smallest)

    def expectation(self, f: Callable[..., Any] | str | None = None) -> Any:
        """`E[f(X)] = sum f(x) P(x)`: a Fraction when every `f(x)` is rational, otherwise a float.

        `f` is a variable's name, or a function of the values in the order of `names`; without it the table
        must have one variable, which is taken as it is.
        """
        return _mean(self._pairs(f))

    def variance(self, f: Callable[..., Any] | str | None = None) -> Any:
        """`Var[f(X)] = E[(f(X) - E[f(X)])^2]`, exact as `expectation` is."""
        pairs = self._pairs(f)
        mean = _mean(pairs)
        return _mean([((value - mean) ** 2, p) for value, p in pairs])

    def _pairs(self, f: Callable[..., Any] | str | None) -> list[tuple[Any, Fraction]]:
        if f is None:
            if len(self.names) != 1:
                raise ArgumentError(
                    f"the table has {len(self.names)} variables: say which, or give a function"
                )
            f = self.names[0]
        if isinstance(f, str):
            axis = self._axis(f)
            return [(_number(key[axis], f), p) for key, p in self.joint.items()]
        return [(_number(f(*key), "f"), p) for key, p in self.joint.items()]

    def _axis(self, name: str) -> int:
        if name not in self.names:
            raise ArgumentError(f"no variable {name!r}: the table has {', '.join(self.names)}")
        return self.names.index(name)

    def _probability(self, event: Mapping[str, Any]) -> Fraction:
        fixed = [(self._axis(name), value) for name, value in event.items()]
        return sum((p for k, p in self.joint.items() if all(k[i] == v for i, v in fixed)), Fraction(0))

    def _strata(self, given: Sequence[str]) -> list[Table]:
        if not given:
            return [self]
        return [
            self.conditional(*self.names, given=dict(zip(given, key, strict=True)))
            for key in self.marginal(*given).joint
        ]


def wilson_interval(successes: int, trials: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Wilson's score interval for a probability after `successes` in `trials`; z = 1.96 gives 95 %.

    (Wilson 1927; recommended by Brown, Cai and DasGupta, Statistical Science 16, 2001.)

    >>> low, high = wilson_interval(5, 10)
    >>> round(low, 4), round(high, 4)
    (0.2366, 0.7634)
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ArgumentError(
            f"{successes} successes in {trials} trials: need 0 <= successes <= trials, trials >= 1"
        )
    p = successes / trials
    spread = z * math.sqrt(p * (1 - p) / trials + (z / (2 * trials)) ** 2)
    centre = p + z * z / (2 * trials)
    scale = 1 + z * z / trials
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == trials else (centre + spread) / scale
    return low, high


def exact(value: Any) -> Fraction:
    """`value` as a fraction; a float counts as its shortest decimal, text as `"1/6"` or `"0.1"`.

    >>> exact(0.1), exact("1/6")
    (Fraction(1, 10), Fraction(1, 6))
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ArgumentError(f"{value} is not a probability")
        return Fraction(repr(value))
    try:
        return Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError):
        raise ArgumentError(f"{value!r} is not a number: write 1/6, 0.1 or a Fraction") from None


def upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q(a, x), the tail of a chi-square at 2x with 2a df.

    A series for x < a + 1, otherwise Lentz's continued fraction (DLMF 8.11.4 and 8.9.2).
    """
    if x <= 0:
        return 1.0
    if math.isinf(x):
        return 0.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while abs(term) > total * 1e-17:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - scale * total)
    b = x + 1 - a
    c, d = math.inf, 1 / b
    fraction = d
    for i in range(1, 100_000):
        step = -i * (i - a)
        b += 2
        d = 1 / (step * d + b)
        c = b + step / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return min(1.0, scale * fraction)


def _keyed(names: Sequence[str], weights: Mapping[Any, Any]) -> dict[Key, Any]:
    """`weights` with every key a tuple as long as `names`; a table of one variable may use bare values."""
    if len(set(names)) != len(names) or not names:
        raise ArgumentError(f"the names {list(names)} must be distinct, at least one")
    keyed = {}
    for key, weight in weights.items():
        full = key if isinstance(key, tuple) else (key,)
        if len(full) != len(names):
            raise ArgumentError(
                f"the key {key!r} has {len(full)} values, but there are {len(names)} variables"
            )
        keyed[full] = weight
    return keyed


def _summed(weights: Mapping[Key, Weight], axes: Sequence[int], zero: Weight) -> dict[Key, Weight]:
    result: dict[Key, Weight] = {}
    for key, weight in weights.items():
        part = tuple(key[axis] for axis in axes)
        result[part] = result.get(part, zero) + weight
    return result


def _mean(pairs: Sequence[tuple[Any, Fraction]]) -> Any:
    if any(isinstance(value, float) for value, _ in pairs):
        return math.fsum(float(value) * float(p) for value, p in pairs)
    return sum((value * p for value, p in pairs), Fraction(0))


def _number(value: Any, name: str) -> Fraction | float:
    if isinstance(value, float):
        return value
    try:
        return Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError):
        raise ArgumentError(
            f"{name} has the value {value!r}, which is no number: give a function f"
        ) from None


def _event(names: Sequence[str], key: Key) -> str:
    return _listed(dict(zip(names, key, strict=True)))


def _listed(event: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in event.items())
