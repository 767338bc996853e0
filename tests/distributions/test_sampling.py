"""Draws: shapes, dtypes, seeds, and their distribution against scipy.stats.

Seeds are fixed. Each statistical check has a threshold of p = 1e-6, so a right sampler would fail one of the
40 or so of this file for about one seed in 25,000. Chi-square pools outcomes until 10 are expected in a cell.
"""

import numpy as np
import pytest
from scipy import stats

import diffkit as dk
from diffkit import distributions as D

ALPHA = 1e-6
DRAWS = 20_000


def make(values):
    return dk.tensor(np.asarray(values, dtype=float))


def chi_square(draws, frozen):
    """The p-value of whole-number draws under a SciPy distribution."""
    top = int(draws.max()) + 1
    observed = np.bincount(draws.astype(int), minlength=top + 1)
    expected = np.append(frozen.pmf(np.arange(top)), frozen.sf(top - 1)) * len(draws)
    assert not observed[expected == 0].any()
    cells, seen, due = [], 0, 0.0
    for o, e in zip(observed, expected, strict=True):
        seen, due = seen + o, due + e
        if due >= 10:
            cells.append([seen, due])
            seen, due = 0, 0.0
    cells[-1][0] += seen
    cells[-1][1] += due
    if len(cells) == 1:
        return 1.0
    return stats.chisquare(*np.transpose(cells)).pvalue


@pytest.mark.parametrize("case", ["normal", "uniform", "exponential"], indirect=True)
def test_continuous(case):
    dk.manual_seed(1)
    draws = case.ours.sample((DRAWS,)).numpy()
    assert draws.shape == (DRAWS, 3)
    for column, values in enumerate(draws.T):
        frozen = {key: np.asarray(v)[column] for key, v in case.theirs.kwds.items()}
        args = [np.asarray(v)[column] for v in case.theirs.args]
        assert stats.kstest(values, case.theirs.dist(*args, **frozen).cdf).pvalue > ALPHA


@pytest.mark.parametrize("case", ["poisson", "bernoulli", "binomial", "binomial of one count"], indirect=True)
def test_discrete(case):
    dk.manual_seed(2)
    draws = case.ours.sample((DRAWS,)).numpy()
    assert (draws == draws.round()).all()
    for column, values in enumerate(draws.T):
        args = [np.broadcast_to(v, draws.shape[1:])[column] for v in case.theirs.args]
        assert chi_square(values, case.theirs.dist(*args)) > ALPHA


def test_logits_are_drawn_as_probabilities():
    dk.manual_seed(3)
    logits = make([-1.0, 0.5])
    for values, logit in zip(
        D.Binomial(6, logits=logits).sample((DRAWS,)).numpy().T, [-1.0, 0.5], strict=True
    ):
        assert chi_square(values, stats.binom(6, 1 / (1 + np.exp(-logit)))) > ALPHA
    draws = D.Categorical(logits=logits).sample((DRAWS,)).numpy()
    assert chi_square(draws, stats.bernoulli(1 / (1 + np.exp(-1.5)))) > ALPHA


def test_categorical():
    dk.manual_seed(4)
    probs = np.array([[0.2, 0.0, 0.5, 0.3], [1.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])
    draws = D.Categorical(make(probs)).sample((DRAWS,))
    assert (tuple(draws.shape), draws.dtype) == ((DRAWS, 3), dk.int64)
    for values, p in zip(draws.numpy().T, probs, strict=True):
        observed = np.bincount(values, minlength=4)
        assert not observed[p == 0].any()
        if (p > 0).sum() > 1:
            assert stats.chisquare(observed[p > 0], p[p > 0] * DRAWS).pvalue > ALPHA


def test_multinomial():
    dk.manual_seed(5)
    probs = np.array([[0.2, 0.0, 0.5, 0.3], [0.1, 0.2, 0.3, 0.4]])
    draws = D.Multinomial(7, make(probs)).sample((DRAWS,))
    assert (tuple(draws.shape), draws.dtype) == ((DRAWS, 2, 4), dk.float64)
    assert (draws.sum(-1) == 7).all()
    for row, p in enumerate(probs):
        counts = draws.numpy()[:, row]
        assert not counts[:, p == 0].any()
        for values, one in zip(counts.T, p, strict=True):
            assert chi_square(values, stats.binom(7, one)) > ALPHA
        # the counts of a pair lean against each other: Cov(X_0, X_3) = -n p_0 p_3
        products = (counts[:, 0] - 7 * p[0]) * (counts[:, 3] - 7 * p[3])
        error = products.std() / np.sqrt(DRAWS)
        assert abs(products.mean() + 7 * p[0] * p[3]) < stats.norm.isf(ALPHA / 2) * error


def test_large_counts_stay_exact():
    dk.manual_seed(6)
    n = 10**12 + 1
    counts = D.Multinomial(n, dk.tensor([1.0, 2.0, 0.0])).sample((50,))
    assert counts.dtype == dk.float64
    assert (counts.sum(-1) == n).all()
    z = (counts.numpy()[:, 0] - n / 3) / np.sqrt(n * 2 / 9)
    assert stats.kstest(z, "norm").pvalue > ALPHA
    assert D.Binomial(2**25 + 1, dk.tensor(1.0)).sample().item() == 2**25 + 1
    assert D.Multinomial(100, dk.ones(2)).sample().dtype == dk.float32


FAMILIES = {
    "normal": lambda: D.Normal(dk.zeros(3), 1.0),
    "uniform": lambda: D.Uniform(dk.zeros(3), 1.0),
    "exponential": lambda: D.Exponential(dk.ones(3)),
    "bernoulli": lambda: D.Bernoulli(dk.ones(3) / 2),
    "binomial": lambda: D.Binomial(50, dk.ones(3) / 2),
    "poisson": lambda: D.Poisson(dk.ones(3) * 30),
    "categorical": lambda: D.Categorical(dk.ones(3, 8)),
    "multinomial": lambda: D.Multinomial(50, dk.ones(3, 8)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_shapes_and_seeds(family):
    one = FAMILIES[family]()
    event = one.event_shape
    for shape, full in [((), ()), (4, (4,)), ((2, 5), (2, 5)), ((0,), (0,)), ([2], (2,))]:
        assert tuple(one.sample(shape).shape) == (*full, 3, *event)
    dk.manual_seed(7)
    first, second = one.sample((20,)).tolist(), one.sample((20,)).tolist()
    assert first != second
    dk.manual_seed(7)
    assert one.sample((20,)).tolist() == first
    mine = [one.sample((20,), generator=dk.Generator().manual_seed(9)).tolist() for _ in range(2)]
    assert mine[0] == mine[1]
    # a generator of one's own leaves the default one alone
    assert one.sample((20,)).tolist() == second


@pytest.mark.parametrize("family", ["normal", "uniform", "exponential"])
def test_rsample_and_sample_draw_the_same(family):
    one = FAMILIES[family]()
    dk.manual_seed(8)
    plain = one.sample((5,))
    dk.manual_seed(8)
    assert one.rsample((5,)).tolist() == plain.tolist()


def test_rsample_is_differentiated_and_sample_is_not():
    loc, scale = (make(v).requires_grad_() for v in (1.0, 2.0))
    draws = D.Normal(loc, scale).rsample((100,))
    noise = ((draws - loc) / scale).detach()
    draws.sum().backward()
    np.testing.assert_allclose(loc.grad.item(), 100)
    np.testing.assert_allclose(scale.grad.item(), noise.sum().item(), rtol=1e-9)
    assert not D.Normal(loc, scale).sample().requires_grad
    rate = make([0.5, 4.0]).requires_grad_()
    draws = D.Exponential(rate).rsample()
    draws.sum().backward()
    np.testing.assert_allclose(rate.grad.numpy(), -(draws / rate).detach().numpy(), rtol=1e-12)
    low, high = (make(v).requires_grad_() for v in (1.0, 3.0))
    draw = D.Uniform(low, high).rsample()
    draw.backward()
    np.testing.assert_allclose(high.grad.item(), (draw.item() - 1) / 2, rtol=1e-12)
    np.testing.assert_allclose(low.grad.item(), 1 - (draw.item() - 1) / 2, rtol=1e-12)
    probs = make([0.5, 0.5]).requires_grad_()
    for one in (D.Bernoulli(probs), D.Binomial(3, probs), D.Categorical(probs), D.Multinomial(3, probs)):
        assert not one.sample().requires_grad
