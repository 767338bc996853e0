"""The uniform distribution on an interval."""

from __future__ import annotations

import math

import diffkit
from diffkit import Tensor
from diffkit.distributions.distribution import Distribution, Parameter, Shape

__all__ = ["Uniform"]


class Uniform(Distribution):
    """The uniform distribution between `low` and `high`, `low < high`; draws are in `[low, high)`.

    >>> from diffkit.distributions import Uniform
    >>> Uniform(0.0, 2.0).prob(1.5), Uniform(0.0, 2.0).cdf(1.5)
    (tensor(0.5000), tensor(0.7500))
    """

    parameters = ("low", "high")

    def __init__(self, low: Parameter, high: Parameter, validate_args: bool = True) -> None:
        self.low, self.high = self._take(low=low, high=high)
        super().__init__(tuple(self.low.shape), (), validate_args)
        self._require("low", self.low, self.low.isfinite(), "finite")
        finite = (self.high > self.low) & (self.high - self.low).isfinite()
        self._require("high", self.high, finite, "above low and finite, also less low")

    @property
    def mean(self) -> Tensor:
        """`(low + high) / 2`."""
        return self.low * 0.5 + self.high * 0.5

    @property
    def variance(self) -> Tensor:
        """`(high - low)^2 / 12`."""
        return (self.high - self.low).square() / 12

    def rsample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws `low + (high - low) * u` with `u` uniform in `[0, 1)`, differentiated by `low` and `high`."""
        u = diffkit.rand(self._extended(sample_shape), dtype=self.low.dtype, generator=generator)
        return self.low + (self.high - self.low) * u

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape`, without derivatives."""
        with diffkit.no_grad():
            return self.rsample(sample_shape, generator=generator)

    def log_prob(self, value: Parameter) -> Tensor:
        """`-log(high - low)` from `low` to `high`."""
        x = self._value(value, self.low)
        inside = (x >= self.low) & (x <= self.high)
        self._require("value", x, inside, "between low and high")
        return diffkit.where(inside, -(self.high - self.low).log(), -math.inf)

    def cdf(self, value: Parameter) -> Tensor:
        """P(X <= value): `(value - low) / (high - low)` inside, 0 below, 1 above."""
        x = self._value(value, self.low)
        share = (x - self.low) / (self.high - self.low)
        return diffkit.where(x <= self.low, 0.0, diffkit.where(x >= self.high, 1.0, share))

    def icdf(self, value: Parameter) -> Tensor:
        """The inverse of `cdf`, for probabilities between 0 and 1."""
        p = self._value(value, self.low)
        self._require("value", p, (p >= 0) & (p <= 1), "a probability between 0 and 1")
        return self.low + (self.high - self.low) * p

    def entropy(self) -> Tensor:
        """`log(high - low)`."""
        return (self.high - self.low).log()
