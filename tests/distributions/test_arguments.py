"""Parameters in every form that is taken, and errors that name the parameter and the value at fault."""

import math

import pytest

import diffkit as dk
from diffkit import distributions as D
from diffkit.errors import ArgumentError, DTypeError, ShapeError


def test_numbers_lists_and_tensors():
    assert D.Normal(0, 1).loc.dtype == dk.float32
    assert D.Normal(0.0, [1.0, 2.0]).batch_shape == (2,)
    assert D.Normal(dk.zeros(3, 1, dtype=dk.float64), dk.ones(2)).batch_shape == (3, 2)
    assert D.Normal(dk.zeros(3, 1, dtype=dk.float64), dk.ones(2)).scale.dtype == dk.float64
    assert D.Poisson(dk.tensor([1, 2])).rate.dtype == dk.float32
    assert D.Bernoulli(True).probs.item() == 1
    assert repr(D.Normal(0.5, 2.0)) == "Normal(loc=0.5, scale=2)"
    assert repr(D.Multinomial(3, [1.0, 1.0])) == "Multinomial(total_count=3, probs=tensor of shape (2,))"


def test_one_module_for_each():
    from diffkit.distributions import (
        bernoulli,
        categorical,
        exponential,
        multinomial,
        normal,
        poisson,
        uniform,
    )

    assert multinomial.Multinomial is D.Multinomial
    modules = (bernoulli, categorical, exponential, normal, poisson, uniform)
    assert all(getattr(D, module.__all__[0]) is getattr(module, module.__all__[0]) for module in modules)


BAD = [
    (lambda: D.Normal(0.0, -1.5), r"^Normal: scale must be positive and finite, got -1\.5$"),
    (lambda: D.Normal(0.0, [1.0, 0.0]), r"^Normal: scale .*got 0\.0"),
    (lambda: D.Normal(math.nan, 1.0), r"^Normal: loc must be finite, got nan"),
    (lambda: D.Normal(0.0, math.inf), r"scale"),
    (lambda: D.Uniform(1.0, 1.0), r"^Uniform: high .*got 1\.0"),
    (lambda: D.Uniform(-math.inf, 1.0), r"^Uniform: low must be finite"),
    (lambda: D.Exponential(0.0), r"^Exponential: rate"),
    (lambda: D.Poisson(-0.5), r"^Poisson: rate must be at least 0 and finite, got -0\.5"),
    (lambda: D.Bernoulli([0.5, 1.25]), r"^Bernoulli: probs must be between 0 and 1, got 1\.25"),
    (lambda: D.Bernoulli(logits=math.nan), r"^Bernoulli: logits"),
    (lambda: D.Bernoulli(), r"^Bernoulli: give either probs or logits"),
    (lambda: D.Bernoulli(0.5, 0.5), r"^Bernoulli: give either probs or logits"),
    (lambda: D.Binomial(-1, 0.5), r"^Binomial: total_count"),
    (lambda: D.Binomial(1.5, 0.5), r"^Binomial: total_count .*got 1\.5"),
    (lambda: D.Binomial(3, math.nan), r"^Binomial: probs"),
    (lambda: D.Categorical([0.5, -0.25]), r"^Categorical: probs must be at least 0 and finite, got -0\.25"),
    (lambda: D.Categorical([0.0, 0.0]), r"^Categorical: the sum of probs must be positive"),
    (lambda: D.Categorical(logits=[-math.inf, -math.inf]), r"^Categorical: the largest of logits"),
    (lambda: D.Multinomial(-1, [1.0]), r"^Multinomial: total_count .*got -1"),
    (lambda: D.Multinomial(2.0, [1.0]), r"^Multinomial: total_count .*got 2\.0"),
    (lambda: D.Multinomial(2, [math.nan, 1.0]), r"^Multinomial: probs .*got nan"),
    (lambda: D.Normal(0.0, 1.0).log_prob(math.nan), r"^Normal: value"),
    (lambda: D.Uniform(0.0, 1.0).log_prob(1.5), r"^Uniform: value must be between low and high, got 1\.5"),
    (lambda: D.Uniform(0.0, 1.0).icdf(1.5), r"^Uniform: value must be a probability"),
    (lambda: D.Exponential(1.0).log_prob([0.5, -0.5]), r"^Exponential: value .*got -0\.5"),
    (lambda: D.Bernoulli(0.5).log_prob(0.5), r"^Bernoulli: value must be 0 or 1, got 0\.5"),
    (lambda: D.Binomial(3, 0.5).log_prob(4.0), r"^Binomial: value .*got 4\.0"),
    (lambda: D.Poisson(1.0).log_prob(0.5), r"^Poisson: value .*got 0\.5"),
    (lambda: D.Categorical([1.0, 1.0]).log_prob(2.0), r"^Categorical: value .*0 to 1, got 2\.0"),
    (
        lambda: D.Multinomial(3, [1.0, 1.0]).log_prob([1.0, 1.0]),
        r"^Multinomial: the sum of value .*3, got 2\.0",
    ),
    (lambda: D.Multinomial(3, [1.0, 1.0]).log_prob([-1.0, 4.0]), r"^Multinomial: value .*got -1\.0"),
]


@pytest.mark.parametrize(("make", "message"), BAD)
def test_bad_values(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_bad_shapes_and_types():
    with pytest.raises(ShapeError, match=r"Normal: .*loc \(2,\), scale \(3,\)"):
        D.Normal(dk.zeros(2), dk.ones(3))
    for probs in (1.0, [], dk.zeros(3, 0)):
        with pytest.raises(ShapeError, match="categories along its last axis"):
            D.Categorical(probs)
    with pytest.raises(ShapeError, match=r"\(-1,\)"):
        D.Normal(0.0, 1.0).sample((-1,))
    with pytest.raises(DTypeError, match="Normal: loc must be a number or a tensor, got 'a'"):
        D.Normal("a", 1.0)


def test_checks_can_be_left_out():
    assert D.Uniform(0.0, 1.0, validate_args=False).log_prob([-1.0, 0.5, 2.0]).tolist() == [
        -math.inf,
        0,
        -math.inf,
    ]
    assert D.Exponential(1.0, validate_args=False).log_prob(-1.0).item() == -math.inf
    assert D.Poisson(1.0, validate_args=False).log_prob([-1.0, 0.5]).tolist() == [-math.inf] * 2
    assert D.Binomial(3, 0.5, validate_args=False).log_prob([4.0, 0.5]).tolist() == [-math.inf] * 2
    assert D.Categorical([1.0, 1.0], validate_args=False).log_prob([2.0, -1.0]).tolist() == [-math.inf] * 2
    unchecked = D.Multinomial(3, [1.0, 1.0], validate_args=False)
    assert unchecked.log_prob([[1.0, 1.0], [4.0, -1.0]]).tolist() == [-math.inf] * 2
    assert D.Normal(0.0, -1.0, validate_args=False).scale.item() == -1
