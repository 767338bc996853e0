"""Decompositions and solutions of float64 matrices.

What is returned is unique: eigenvectors and singular vectors are computed too, but have free signs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from cases.case import Applied, Case, normal

N = 256
BARS = {"numpy|torch": 1.3}


def matrix() -> numpy.ndarray:
    return normal(N, N, dtype="float64")


def symmetric() -> numpy.ndarray:
    A = matrix()
    A += A.T
    return A


def positive() -> numpy.ndarray:
    A = matrix()
    return numpy.asarray(A @ A.T + N * numpy.eye(N))


def case(name: str, data: Callable[[], tuple[numpy.ndarray, ...]], f: Callable[[Any], Any]) -> Case:
    return Applied(data, f, in_numpy=f, in_jax=f).case(f"{name}, n = {N}", BARS)


CASES = [
    case("eigh", lambda: (symmetric(),), lambda np: lambda A: np.linalg.eigh(A)[0]),
    case("svd", lambda: (matrix(),), lambda np: lambda A: np.linalg.svd(A, full_matrices=False)[1]),
    case(
        "solve, one right side",
        lambda: (matrix(), normal(N, dtype="float64", seed=1)),
        lambda np: np.linalg.solve,
    ),
    case("cholesky", lambda: (positive(),), lambda np: np.linalg.cholesky),
]
