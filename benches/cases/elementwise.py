"""Elementwise functions of float32 vectors larger than the caches."""

from __future__ import annotations

from dataclasses import replace

from cases.case import Applied, Case, count, uniform
from cases.limits import additions, copies

#: Bytes that the caches of most machines hold.
CACHES = 16 << 20


def addition(n: int) -> Case:
    sums = Applied.named("add", lambda: (uniform(n), uniform(n, seed=1)))
    # Past the caches the copy is the limit, too: what is stored there by an addition need not be loaded.
    limit = additions(n) if 3 * 4 * n <= CACHES else None
    case = sums.case(f"add, {count(n)}", {"numpy|torch": 0.7, "copy": 1.15}, limit)
    return replace(case, copy=copies(3 * 4 * n))


def function(name: str, n: int) -> Case:
    return Applied.named(name, lambda: (uniform(n),)).case(f"{name}, {count(n)}", {"numpy|torch": 0.7})


CASES = [
    make(n)
    for n in (10**6, 10**7)
    for make in (
        addition,
        lambda n: function("exp", n),
        lambda n: function("log", n),
        lambda n: function("sin", n),
        lambda n: function("tanh", n),
    )
]
