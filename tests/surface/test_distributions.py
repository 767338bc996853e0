"""Distributions by PyTorch's names.

Seeds are fixed; the bounds are five standard errors wide, so that a right sampler breaks one of the dozen
bounds of this file for about one seed in 150,000.
"""

import math

import pytest

import diffkit as torch

f32, i64 = torch.float32, torch.int64


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(11)


def test_multinomial_counts(same):
    from diffkit.distributions import multinomial

    fair = torch.ones(6) / 6
    counts = multinomial.Multinomial(10, fair).sample()
    assert (tuple(counts.shape), counts.dtype) == ((6,), f32)
    same(counts.sum(), 10)
    assert (counts >= 0).all()
    assert (counts == counts.round()).all()
    many = multinomial.Multinomial(10, fair).sample((500,))
    assert (tuple(many.shape), many.dtype) == ((500, 6), f32)
    same(many.sum(dim=1), [10.0] * 500)
    same(many.cumsum(dim=0)[-1].sum(), 5000)
    error = math.sqrt(5 / 36 / 5000)
    assert ((many.sum(0) / 5000 - 1 / 6).abs() < 5 * error).all()


def test_multinomial_spellings():
    probs = torch.tensor([0.2, 0.8])
    distribution = torch.distributions.multinomial.Multinomial(total_count=4, probs=probs)
    assert distribution.sample().shape == (2,)
    assert distribution.sample((3,)).shape == (3, 2)
    assert distribution.sample(torch.ones(3, 1).shape).shape == (3, 1, 2)
    assert distribution.sample(sample_shape=(3, 1)).shape == (3, 1, 2)
    assert torch.distributions.Multinomial(4, probs).sample().sum() == 4


def test_multinomial_zero_probability(same):
    probs = torch.tensor([0.0, 0.5, 0.0, 0.5, 0.0])
    counts = torch.distributions.Multinomial(2000, probs).sample((20,))
    same(counts[:, [0, 2, 4]].sum(), 0)
    same(counts.sum(), 40000)
    one = torch.distributions.Multinomial(5, torch.tensor([0.0, 1.0])).sample()
    same(one, [0, 5])


def test_multinomial_normalises(same):
    counts = torch.distributions.Multinomial(9000, torch.tensor([1.0, 2.0])).sample()
    assert abs(counts[0].item() / 9000 - 1 / 3) < 5 * math.sqrt(2 / 9 / 9000)


def test_multinomial_batch(same):
    probs = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    counts = torch.distributions.Multinomial(8, probs).sample((4,))
    assert tuple(counts.shape) == (4, 3, 2)
    same(counts[:, 0], [[8, 0]] * 4)
    same(counts[:, 1], [[0, 8]] * 4)
    same(counts.sum(dim=2), [[8, 8, 8]] * 4)


@pytest.mark.parametrize("probs", [[-0.1, 1.1], [float("nan"), 1.0], []])
def test_multinomial_refuses_bad_probabilities(probs):
    with pytest.raises((ValueError, RuntimeError, IndexError)):
        torch.distributions.Multinomial(3, torch.tensor(probs)).sample()


def test_binomial():
    binomial = torch.distributions.binomial.Binomial(10, torch.tensor(0.3))
    draws = binomial.sample((4000,))
    assert (tuple(draws.shape), draws.dtype) == ((4000,), f32)
    assert draws.min().item() >= 0
    assert draws.max().item() <= 10
    assert abs(draws.mean().item() - 3) < 5 * math.sqrt(2.1 / 4000)
    assert binomial.sample(sample_shape=(2, 3)).shape == (2, 3)
    assert torch.distributions.Binomial(total_count=5, probs=torch.tensor([0.1, 0.9])).sample().shape == (2,)


def test_poisson():
    poisson = torch.distributions.poisson.Poisson(torch.tensor(4.0))
    draws = poisson.sample(sample_shape=(4000,))
    assert (tuple(draws.shape), draws.dtype) == ((4000,), f32)
    assert draws.min().item() >= 0
    assert abs(draws.mean().item() - 4) < 5 * math.sqrt(4 / 4000)
    assert torch.distributions.Poisson(torch.tensor([1.0, 2.0])).sample((3,)).shape == (3, 2)


def test_normal_and_uniform():
    normal = torch.distributions.Normal(torch.tensor(2.0), torch.tensor(0.5))
    draws = normal.sample((4000,))
    assert draws.shape == (4000,)
    assert abs(draws.mean().item() - 2) < 5 * 0.5 / math.sqrt(4000)
    assert abs(draws.std().item() - 0.5) < 5 * 0.5 / math.sqrt(8000)
    assert math.isclose(
        normal.log_prob(torch.tensor(2.0)).item(), -math.log(0.5 * math.sqrt(2 * math.pi)), rel_tol=1e-6
    )
    assert normal.mean.item() == 2
    assert normal.variance.item() == 0.25
    uniform = torch.distributions.Uniform(0.0, 2.0).sample((1000,))
    assert 0 <= uniform.min().item() <= uniform.max().item() < 2


def test_rsample_is_differentiated(same):
    loc, scale = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    draw = torch.distributions.Normal(loc, scale).rsample()
    draw.backward()
    same(loc.grad, 1)
    same(scale.grad, (draw.item() - 1) / 2)


def test_categorical_and_bernoulli(same):
    categorical = torch.distributions.Categorical(torch.tensor([0.25, 0.0, 0.75]))
    draws = categorical.sample((2000,))
    assert (tuple(draws.shape), draws.dtype) == ((2000,), i64)
    assert set(draws.tolist()) == {0, 2}
    assert abs((draws == 0).float().mean().item() - 0.25) < 5 * math.sqrt(0.1875 / 2000)
    same(categorical.log_prob(torch.tensor(2)), math.log(0.75))
    bernoulli = torch.distributions.Bernoulli(torch.tensor(0.2)).sample((2000,))
    assert set(bernoulli.tolist()) == {0.0, 1.0}
    assert abs(bernoulli.mean().item() - 0.2) < 5 * math.sqrt(0.16 / 2000)


def test_multinomial_function(same):
    draws = torch.multinomial(torch.tensor([0.0, 3.0, 1.0]), 4000, replacement=True)
    assert (tuple(draws.shape), draws.dtype) == ((4000,), i64)
    assert set(draws.tolist()) == {1, 2}
    assert abs((draws == 2).float().mean().item() - 0.25) < 5 * math.sqrt(0.1875 / 4000)
    order = torch.multinomial(torch.ones(5), 5)
    assert sorted(order.tolist()) == [0, 1, 2, 3, 4]


def test_a_seed_repeats():
    distribution = torch.distributions.Multinomial(100, torch.ones(4))
    torch.manual_seed(3)
    first = distribution.sample((5,)).tolist()
    torch.manual_seed(3)
    assert distribution.sample((5,)).tolist() == first
    assert distribution.sample((5,)).tolist() != first
