"""Sums, extremes, running sums and sorting of float32 arrays larger than the caches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.case import Applied, Case, count, uniform
from cases.limits import reads

N = 10**7
BARS = {"fastest": 0.8}


def total(n: int, bars: Mapping[str, float] = BARS) -> Case:
    return Applied.named("sum", lambda: (uniform(n),)).case(f"sum, {count(n)}", bars, reads(4 * n))


def columns(rows: int, width: int) -> Case:
    def along(module: Any) -> Any:
        return lambda x: module.sum(x, 0)

    return Applied(
        lambda: (uniform(rows, width),),
        along,
        in_numpy=along,
        in_jax=along,
    ).case(f"sum over axis 0, {count(rows)} x {count(width)}", BARS, reads(4 * rows * width))


def largest(n: int) -> Case:
    return Applied.named("max", lambda: (uniform(n),)).case(f"max, {count(n)}", BARS, reads(4 * n))


def running_sum(n: int) -> Case:
    return Applied(
        lambda: (uniform(n),),
        lambda torch: lambda x: torch.cumsum(x, 0),
        in_numpy=lambda np: np.cumsum,
        in_jax=lambda jnp: jnp.cumsum,
    ).case(f"cumsum, {count(n)}", BARS)


def sorting(n: int) -> Case:
    return Applied(
        lambda: (uniform(n),),
        lambda torch: torch.msort,  # the values alone, as NumPy and JAX give them
        in_numpy=lambda np: np.sort,
        in_jax=lambda jnp: jnp.sort,
    ).case(f"sort, {count(n)}", BARS)


CASES = [total(N), columns(1_000, 10_000), largest(N), running_sum(N), sorting(N)]
