"""Densities, distribution functions, moments and entropies against scipy.stats, gradients by differences."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

import diffkit as dk
from diffkit import distributions as D
from diffkit.testing import gradcheck


def make(values, **options):
    return dk.tensor(np.asarray(values, dtype=float), **options)


def leaf(values):
    return make(values).requires_grad_()


def same(got, want, rtol=1e-11, atol=0.0):
    want = np.asarray(want)
    assert tuple(got.shape) == want.shape
    assert got.dtype == dk.float64
    np.testing.assert_allclose(got.numpy(), want, rtol=rtol, atol=atol)


def test_log_prob(case):
    want = case.theirs.logpmf(case.values) if case.whole else case.theirs.logpdf(case.values)
    same(case.ours.log_prob(make(case.values)), want, atol=1e-11)
    same(case.ours.prob(make(case.values)), np.exp(want), rtol=1e-9)


def test_moments(case):
    same(case.ours.mean, case.theirs.mean())
    same(case.ours.variance, case.theirs.var(), atol=1e-15)
    same(case.ours.stddev, case.theirs.std(), atol=1e-15)


@pytest.mark.parametrize("case", ["normal", "uniform", "exponential"], indirect=True)
def test_cdf(case):
    values = np.concatenate([case.values, case.values[:1] - 1e5, case.values[:1] + 1e5])
    same(case.ours.cdf(make(values)), case.theirs.cdf(values), atol=1e-300)


@pytest.mark.parametrize("case", ["uniform", "exponential"], indirect=True)
def test_icdf(case):
    p = np.array([[0.0], [1e-10], [0.5], [0.999]])
    same(case.ours.icdf(make(p)), case.theirs.ppf(p))
    same(case.ours.cdf(case.ours.icdf(make(p))), np.broadcast_to(p, (4, 3)), atol=1e-14)


@pytest.mark.parametrize(
    "case", ["normal", "uniform", "exponential", "bernoulli", "binomial of one count"], indirect=True
)
def test_entropy(case):
    same(case.ours.entropy(), case.theirs.entropy(), atol=1e-10)


def test_shapes(case):
    assert case.ours.batch_shape == np.shape(case.theirs.mean())
    assert case.ours.event_shape == ()
    assert repr(case.ours).startswith(type(case.ours).__name__ + "(")


CATEGORIES = np.array([[0.2, 0.0, 0.5, 0.3], [1.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
NORMALISED = CATEGORIES / CATEGORIES.sum(-1, keepdims=True)


def test_categorical():
    ours = D.Categorical(make(CATEGORIES))
    assert (ours.batch_shape, ours.event_shape) == ((3,), ())
    same(ours.probs, NORMALISED)
    with np.errstate(divide="ignore"):
        want = np.log(NORMALISED).T
    same(ours.log_prob(dk.tensor([[0], [1], [2], [3]])), want)
    same(ours.log_prob(dk.tensor([3, 0, 2])), [want[3, 0], want[0, 1], want[2, 2]])
    same(ours.entropy(), stats.entropy(CATEGORIES, axis=1), atol=1e-15)
    assert ours.mean.isnan().all()
    same(D.Categorical([0.25, 0.75]).log_prob(dk.tensor([[1]])).double(), [[np.log(0.75)]], rtol=1e-6)


def test_multinomial_log_prob():
    ours = D.Multinomial(4, make(CATEGORIES))
    assert (ours.batch_shape, ours.event_shape) == ((3,), (4,))
    outcomes = [x for x in itertools.product(range(5), repeat=4) if sum(x) == 4]
    got = ours.log_prob(make(outcomes).reshape(-1, 1, 4)).numpy()
    assert got.shape == (len(outcomes), 3)
    for row, probs in enumerate(NORMALISED):
        want = stats.multinomial(4, probs).logpmf(outcomes)
        np.testing.assert_allclose(got[:, row], want, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(np.exp(got).sum(0), 1, rtol=1e-12)
    same(ours.mean, 4 * NORMALISED)
    same(ours.variance, 4 * NORMALISED * (1 - NORMALISED))
    same(ours.entropy(), -np.nansum(np.exp(got) * np.where(np.isfinite(got), got, 0), axis=0), atol=1e-12)
    assert D.Multinomial(0, make([0.5, 0.5])).log_prob(make([0.0, 0.0])).item() == 0


@pytest.mark.parametrize("logits", [-800.0, -30.0, -1.0, 0.0, 2.5, 40.0, 900.0])
def test_logits_keep_what_probabilities_lose(logits):
    # log(sigmoid(l)) = -log(1 + exp(-l)), by NumPy's logaddexp
    yes, no = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    same(D.Bernoulli(logits=make(logits)).log_prob(make([1.0, 0.0])), [yes, no])
    same(D.Binomial(2, logits=make(logits)).log_prob(make([2.0, 0.0])), [2 * yes, 2 * no], atol=1e-13)
    pair = make([logits, 0.0])
    same(D.Categorical(logits=pair).log_prob(dk.tensor([0, 1])), [yes, no], atol=1e-13)
    same(
        D.Multinomial(2, logits=pair).log_prob(make([[2.0, 0.0], [0.0, 2.0]])), [2 * yes, 2 * no], atol=1e-13
    )


def test_certain_outcomes():
    for p, odds in [(1.0, math.inf), (0.0, -math.inf)]:
        for one in (D.Bernoulli(make(p)), D.Bernoulli(logits=make(odds)), D.Binomial(1, make(p))):
            assert one.log_prob(make([p, 1 - p])).tolist() == [0, -math.inf]
            assert one.variance.item() == 0
    assert D.Bernoulli(make([0.0, 1.0])).entropy().tolist() == [0, 0]
    assert D.Poisson(make(0.0)).log_prob(make([0.0, 1.0])).tolist() == [0, -math.inf]
    logits = D.Categorical(logits=make([0.0, -math.inf]))
    assert logits.log_prob(dk.tensor([0, 1])).tolist() == [0, -math.inf]
    assert logits.entropy().item() == 0


def test_gradients_at_zero_probability_are_numbers():
    p = leaf([0.5, 0.0, 0.5])
    D.Multinomial(4, p).log_prob(make([3.0, 0.0, 1.0])).backward()
    # d/dp_i of sum x_j log(p_j / sum p) is x_i / p_i - n, and the strong zero gives 0/0 = 0
    np.testing.assert_allclose(p.grad.numpy(), [6 - 4, -4, 2 - 4])
    q = leaf([0.0, 1.0])
    D.Bernoulli(q).log_prob(make([0.0, 1.0])).sum().backward()
    np.testing.assert_allclose(q.grad.numpy(), [-1, 1])
    for entropy in (D.Bernoulli(make([0.3])).entropy(), D.Categorical(make([0.3, 0.0])).entropy()):
        assert entropy.isfinite().all()


GRADIENTS = {
    "normal": (lambda loc, scale, x: D.Normal(loc, scale).log_prob(x), ([0.3, -1.0], [0.5, 2.0], [0.1, 3.0])),
    "normal cdf": (lambda loc, scale, x: D.Normal(loc, scale).cdf(x), ([0.3, -1.0], [0.5, 2.0], [0.1, 3.0])),
    "normal entropy": (lambda scale: D.Normal(0.0, scale).entropy(), ([0.5, 2.0],)),
    "uniform": (lambda low, high: D.Uniform(low, high).log_prob(make(0.5)), ([0.0, 0.2], [1.0, 2.0])),
    "uniform icdf": (lambda low, high: D.Uniform(low, high).icdf(make(0.3)), ([0.0, 0.2], [1.0, 2.0])),
    "exponential": (lambda rate, x: D.Exponential(rate).log_prob(x), ([0.5, 2.0], [0.7, 1.5])),
    "exponential cdf": (lambda rate, x: D.Exponential(rate).cdf(x), ([0.5, 2.0], [0.7, 1.5])),
    "bernoulli": (lambda p: D.Bernoulli(p).log_prob(make([1.0, 0.0])), ([0.3, 0.8],)),
    "bernoulli logits": (lambda odds: D.Bernoulli(logits=odds).log_prob(make([1.0, 0.0])), ([0.3, -2.0],)),
    "bernoulli entropy": (lambda p: D.Bernoulli(p).entropy(), ([0.3, 0.8],)),
    "binomial": (lambda p: D.Binomial(5, p).log_prob(make([2.0, 5.0])), ([0.3, 0.8],)),
    "binomial logits": (lambda odds: D.Binomial(5, logits=odds).log_prob(make([2.0, 0.0])), ([0.3, -2.0],)),
    "poisson": (lambda rate: D.Poisson(rate).log_prob(make([3.0, 0.0])), ([0.5, 4.0],)),
    "categorical": (lambda p: D.Categorical(p).log_prob(dk.tensor([2, 0])), ([0.2, 0.5, 0.9],)),
    "categorical logits": (
        lambda odds: D.Categorical(logits=odds).log_prob(dk.tensor([2, 0])),
        ([0.2, -3.0, 0.9],),
    ),
    "categorical entropy": (lambda p: D.Categorical(p).entropy(), ([0.2, 0.5, 0.9],)),
    "multinomial": (lambda p: D.Multinomial(4, p).log_prob(make([3.0, 0.0, 1.0])), ([0.2, 0.5, 0.9],)),
    "multinomial logits": (
        lambda odds: D.Multinomial(4, logits=odds).log_prob(make([3.0, 0.0, 1.0])),
        ([0.2, -3.0, 0.9],),
    ),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    fn, points = GRADIENTS[name]
    assert gradcheck(fn, tuple(leaf(point) for point in points), atol=1e-7, rtol=1e-6)
