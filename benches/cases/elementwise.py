"""Elementwise functions of float32 vectors larger than the caches."""

from __future__ import annotations

from cases.case import Applied, Case, count, uniform
from cases.limits import copies


def addition(n: int) -> Case:
    sums = Applied.named("add", lambda: (uniform(n), uniform(n, seed=1)))
    return sums.case(f"add, {count(n)}", {"numpy|torch": 0.7, "limit": 1.15}, copies(3 * 4 * n))


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
