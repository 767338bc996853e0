"""A case: for each library, how its user would write the thing that is measured."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

Run = Callable[[], Any]
#: From the library's module to the function that is timed.
Setup = Callable[[Any], Run]
#: From the library's module to a function of arrays.
Function = Callable[[Any], Callable[..., Any]]

#: diffkit lets elementwise results wait until they are needed, from so many elements on.
WAITING = 8192


@dataclass(frozen=True)
class Case:
    """One thing to measure, and the ratios that diffkit is to stay below.

    PyTorch and diffkit run the same text, `torch_like`; a library without a setup is left out. `copy` and
    `limit` are no libraries: what a plain copy of as many bytes takes, and what the machine does at most. The
    key of a bar is a name, several joined by ``|``, of which the fastest counts, or ``fastest`` for the
    fastest library.
    """

    name: str
    bars: Mapping[str, float]
    torch_like: Setup
    numpy: Setup | None = None
    jax: Setup | None = None
    autograd: Setup | None = None
    copy: Setup | None = None
    limit: Setup | None = None

    def setups(self) -> dict[str, Setup]:
        """The setups that there are, by library."""
        known = {
            "diffkit": self.torch_like,
            "torch": self.torch_like,
            "numpy": self.numpy,
            "jax": self.jax,
            "autograd": self.autograd,
            "copy": self.copy,
            "limit": self.limit,
        }
        return {library: setup for library, setup in known.items() if setup is not None}


@dataclass(frozen=True)
class Applied:
    """Setups for a function of arrays that every library has in some spelling.

    The arrays are made in the setup, so that they live no longer than their case.
    """

    data: Callable[[], Sequence[numpy.ndarray]]
    in_torch: Function
    in_numpy: Function = field(kw_only=True)
    in_jax: Function = field(kw_only=True)

    @classmethod
    def named(cls, function: str, data: Callable[[], Sequence[numpy.ndarray]]) -> Applied:
        """Of a function that has one name everywhere."""
        find = operator.attrgetter(function)
        return cls(data, find, in_numpy=find, in_jax=find)

    def case(self, name: str, bars: Mapping[str, float], limit: Setup | None = None) -> Case:
        return Case(name, bars, self.with_torch, self.with_numpy, self.with_jax, limit=limit)

    def with_torch(self, torch: Any) -> Run:
        f, inputs = self.in_torch(torch), [torch.tensor(array) for array in self.data()]
        if all(tensor.numel() < WAITING for tensor in inputs):
            return lambda: f(*inputs)
        return lambda: done(f(*inputs))

    def with_numpy(self, np: Any) -> Run:
        f, inputs = self.in_numpy(np), self.data()
        return lambda: f(*inputs)

    def with_jax(self, jax: Any) -> Run:
        f = jax.jit(self.in_jax(jax.numpy))
        inputs = [jax.numpy.asarray(array) for array in self.data()]
        return lambda: f(*inputs).block_until_ready()


def done(tensor: Any) -> Any:
    """The tensor, computed: asking for the address is what makes diffkit compute a result that waits."""
    tensor.data_ptr()
    return tensor


def uniform(*shape: int, seed: int = 0) -> numpy.ndarray:
    """Numbers above 0, at most 1."""
    numbers = numpy.random.default_rng(seed).random(shape, numpy.float32)
    return numpy.subtract(1, numbers, out=numbers)


def normal(*shape: int, dtype: Any = numpy.float32, seed: int = 0) -> numpy.ndarray:
    return numpy.random.default_rng(seed).standard_normal(shape, dtype)


def count(n: int) -> str:
    """A size as text: powers of ten from 10^4 on, else the digits."""
    power = len(str(n)) - 1
    return f"10^{power}" if power >= 4 and n == 10**power else f"{n:,}"
