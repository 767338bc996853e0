"""The language of the tables: one `Spec` a name says how to call it and with what."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

#: Where a name lives in both libraries.
HOMES = ("top", "method", "functional", "linalg", "fft")

FLOATS = ("float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
WIDE_UNSIGNED = ("uint16", "uint32", "uint64")
COMPLEX = ("complex64", "complex128")


@dataclass(frozen=True)
class Input:
    """How one argument of a call is drawn."""

    shape: tuple[int, ...]
    #: "number" takes the dtype of the case; the others have a dtype of their own.
    kind: str = "number"
    low: float = -3.0
    high: float = 3.0

    def draw(self, rng: np.random.Generator, dtype: str) -> np.ndarray:
        return DRAW[self.kind](self, rng, dtype)


def number(one: Input, rng: np.random.Generator, dtype: str) -> np.ndarray:
    if dtype == "bool":
        return rng.random(one.shape) < 0.5
    if dtype in COMPLEX:
        parts = rng.uniform(one.low, one.high, (2, *one.shape))
        return (parts[0] + 1j * parts[1]).astype(dtype)
    if dtype in FLOATS:
        return rng.uniform(one.low, one.high, one.shape).astype(dtype)
    low, high = int(np.ceil(one.low)), max(int(one.high), 1)
    if dtype.startswith("u"):
        low = max(low, 0)
    return rng.integers(low, high + 1, one.shape).astype(dtype)


def distinct(one: Input, rng: np.random.Generator, dtype: str) -> np.ndarray:
    """No two elements are equal, so that an order has one answer only."""
    count = int(np.prod(one.shape))
    if dtype == "bool":
        return number(one, rng, dtype)
    values = rng.permutation(count).reshape(one.shape)
    if dtype in FLOATS + COMPLEX:
        return (one.low + (one.high - one.low) * (values + 0.37) / max(count, 1)).astype(dtype)
    return (values - (0 if dtype.startswith("u") else count // 2)).astype(dtype)


def positive_definite(one: Input, rng: np.random.Generator, dtype: str) -> np.ndarray:
    a = number(one, rng, dtype if dtype in FLOATS + COMPLEX else "float64")
    n = one.shape[-1]
    return (a @ a.conj().swapaxes(-1, -2) + n * np.eye(n)).astype(dtype)


def ascending(one: Input, rng: np.random.Generator, dtype: str) -> np.ndarray:
    return np.sort(number(one, rng, dtype), axis=-1)


def distribution(one: Input, rng: np.random.Generator, dtype: str) -> np.ndarray:
    weights = rng.uniform(0.1, 1, one.shape)
    return (weights / weights.sum(-1, keepdims=True)).astype(dtype)


DRAW = {
    "number": number,
    "distinct": distinct,
    "positive definite": positive_definite,
    "ascending": ascending,
    "distribution": distribution,
    "index": lambda one, rng, dtype: rng.integers(int(one.low), int(one.high), one.shape),
    "permuted": lambda one, rng, dtype: rng.permutation(int(one.high))[: one.shape[0]],
    "mask": lambda one, rng, dtype: rng.random(one.shape) < 0.5,
    "float": lambda one, rng, dtype: number(one, rng, "float64"),
}

#: What draws its dtype from the case, and so can be differentiated by.
DRAWN = ("number", "distinct", "positive definite", "ascending", "distribution")


def index(shape: tuple[int, ...], size: int) -> Input:
    return Input(shape, "index", 0, size)


def permuted(count: int, size: int) -> Input:
    """Positions without repetition, so that what is written last does not matter."""
    return Input((count,), "permuted", 0, size)


def mask(*shape: int) -> Input:
    return Input(shape, "mask")


def of(kind: str, *shape: int, low: float = -3.0, high: float = 3.0) -> Input:
    return Input(shape, kind, low, high)


@dataclass(frozen=True)
class Spec:
    """A name, its calls and what goes into them."""

    name: str
    home: str
    #: Argument lists: letters are the inputs, `t` is the library; `{d}` stands for every axis of `x`.
    calls: tuple[str, ...]
    #: For each letter the inputs it takes in turn; letters take their n-th together.
    inputs: dict[str, tuple[Input, ...]] = field(default_factory=dict)
    #: Calls that must raise in both libraries.
    bad: tuple[str, ...] = ()
    #: Whether nan, inf, -0 and their like go in as well.
    special: bool = False
    #: Dtypes for which the comparison is left out, with the reason.
    without: dict[str, str] = field(default_factory=dict)
    #: Whether gradients are compared; a reason where they are not.
    gradient: bool | str = True
    #: Elements along expanded axes are equal: whether results still have one answer.
    ties: bool = True
    #: Methods and in-place forms that PyTorch has and that are not compared, with the reason.
    no_method: str = ""
    no_in_place: str = ""
    #: Relative tolerance in units of the dtype's precision.
    tolerance: float = 64.0
    #: Only shape and dtype can be compared: the values are random or uninitialised.
    values: bool = True

    @property
    def id(self) -> str:
        return f"{self.home}.{self.name}"

    def rows(self) -> list[dict[str, Input]]:
        count = max((len(inputs) for inputs in self.inputs.values()), default=1)
        return [{k: v[min(i, len(v) - 1)] for k, v in self.inputs.items()} for i in range(count)]

    def cases(self) -> list[tuple[str, dict[str, Input]]]:
        """Every call with every row of inputs."""
        found = []
        for call, row in product(self.calls, self.rows()):
            if "{d}" not in call:
                found.append((call, row))
                continue
            ndim = len(row["x"].shape)
            axes = range(-ndim, ndim) if ndim else (-1, 0)
            found.extend((call.replace("{d}", str(axis)), row) for axis in axes)
        return found

    def seeded(self, *what: object) -> np.random.Generator:
        """A generator that depends on nothing but the case."""
        return np.random.default_rng(zlib.crc32(repr((self.name, *what)).encode()))


def split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|")) if text else ()


def spec(name: str, calls: str = "x", *, home: str = "top", bad: str = "", **more: object) -> list[Spec]:
    """One `Spec` for each name in `name`; single letters among the keywords are inputs.

    An input is a shape, an `Input`, or a list of these.
    """
    inputs = {}
    for letter in [key for key in more if len(key) == 1]:
        given = more.pop(letter)
        given = given if isinstance(given, list) else [given]
        inputs[letter] = tuple(one if isinstance(one, Input) else Input(one) for one in given)
    domain = more.pop("domain", None)
    if domain is not None:
        limits = {"low": domain[0], "high": domain[1]}
        inputs = {k: tuple(replace(one, **limits) for one in v) for k, v in inputs.items()}
    names = name.split()
    return [Spec(one, home, split(calls), inputs, split(bad), **more) for one in names]
