"""Every family once, with awkward parameters, beside the same distribution in scipy.stats."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

import diffkit as dk
from diffkit import distributions as D


def make(values):
    return dk.tensor(np.asarray(values, dtype=float))


@dataclass
class Case:
    """A batch from diffkit, the same from SciPy, and values to compare at, which broadcast with the batch."""

    ours: D.Distribution
    theirs: object
    values: np.ndarray
    whole: bool = False


LOC, SCALE = np.array([0.0, -3.0, 1e4]), np.array([1.0, 0.01, 250.0])
LOW, HIGH = np.array([0.0, -2.0, 5.0]), np.array([1.0, 7.5, 5.25])
RATE = np.array([0.3, 1.0, 40.0])
P = np.array([0.0, 1e-12, 0.3, 0.999, 1.0])
N = np.array([7.0, 7.0, 12.0, 3.0, 1.0])

CASES = {
    "normal": Case(
        D.Normal(make(LOC), make(SCALE)),
        stats.norm(LOC, SCALE),
        LOC + SCALE * np.array([[-8.0], [-1.0], [0.0], [0.3], [6.0]]),
    ),
    "uniform": Case(
        D.Uniform(make(LOW), make(HIGH)),
        stats.uniform(LOW, HIGH - LOW),
        LOW + (HIGH - LOW) * np.array([[0.0], [0.25], [0.9]]),
    ),
    "exponential": Case(
        D.Exponential(make(RATE)),
        stats.expon(scale=1 / RATE),
        np.array([[0.0], [1e-9], [0.7], [12.0]]),
    ),
    "poisson": Case(D.Poisson(make(RATE)), stats.poisson(RATE), np.array([[0.0], [1], [5], [70]]), True),
    "bernoulli": Case(D.Bernoulli(make(P)), stats.bernoulli(P), np.array([[0.0], [1]]), True),
    "binomial": Case(D.Binomial(make(N), make(P)), stats.binom(N, P), np.array([[0.0], [1]]), True),
    "binomial of one count": Case(
        D.Binomial(9, make(P)), stats.binom(9, P), np.arange(10.0).reshape(-1, 1), True
    ),
}


@pytest.fixture(params=CASES, ids=list(CASES))
def case(request):
    return CASES[request.param]
