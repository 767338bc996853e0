"""Elementwise functions of float32 vectors larger than the caches."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from cases.case import Applied, Case, Run, Setup, count, uniform


def addition(n: int) -> Case:
    sums = Applied.named("add", lambda: (uniform(n), uniform(n, seed=1)))
    return sums.case(f"add, {count(n)}", {"numpy|torch": 0.7, "limit": 1.15}, copies(n))


def function(name: str, n: int) -> Case:
    return Applied.named(name, lambda: (uniform(n),)).case(f"{name}, {count(n)}", {"numpy|torch": 0.7})


def copies(n: int) -> Setup:
    """The limit of an addition: a copy, by one thread per core, of as many bytes as it reads and writes."""

    def setup(np: Any) -> Run:
        cores = os.cpu_count() or 1
        part = max(1, 3 * n // (2 * cores))
        pairs = [(np.zeros(part, np.float32), np.ones(part, np.float32)) for _ in range(cores)]
        pool = ThreadPoolExecutor(cores)

        def run() -> None:
            others = [pool.submit(np.copyto, *pair) for pair in pairs[1:]]
            np.copyto(*pairs[0])
            wait(others)

        return run

    return setup


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
