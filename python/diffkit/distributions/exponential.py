"""The exponential distribution."""

from __future__ import annotations

import math

import diffkit
from diffkit import Tensor
from diffkit.distributions.distribution import Distribution, Parameter, Shape

__all__ = ["Exponential"]


class Exponential(Distribution):
    """The exponential distribution with density `rate exp(-rate x)` for `x >= 0`, `rate > 0`.

    >>> from diffkit.distributions import Exponential
    >>> Exponential(2.0).mean, Exponential(2.0).prob(0.0)
    (tensor(0.5000), tensor(2.))
    """

    parameters = ("rate",)

    def __init__(self, rate: Parameter, validate_args: bool = True) -> None:
        (self.rate,) = self._take(rate=rate)
        super().__init__(tuple(self.rate.shape), (), validate_args)
        self._require("rate", self.rate, (self.rate > 0) & self.rate.isfinite(), "positive and finite")

    @property
    def mean(self) -> Tensor:
        """`1 / rate`."""
        return self.rate.reciprocal()

    @property
    def variance(self) -> Tensor:
        """`1 / rate^2`."""
        return self.rate.square().reciprocal()

    def rsample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws `e / rate` with standard exponential `e`, differentiated by `rate`."""
        noise = diffkit.zeros(self._extended(sample_shape), dtype=self.rate.dtype)
        return noise.exponential_(1.0, generator=generator) / self.rate

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape`, without derivatives."""
        with diffkit.no_grad():
            return self.rsample(sample_shape, generator=generator)

    def log_prob(self, value: Parameter) -> Tensor:
        """`log(rate) - rate * value`."""
        x = self._value(value, self.rate)
        self._require("value", x, x >= 0, "at least 0")
        return diffkit.where(x >= 0, self.rate.log() - self.rate * x, -math.inf)

    def cdf(self, value: Parameter) -> Tensor:
        """P(X <= value): `1 - exp(-rate * value)`, 0 below 0."""
        x = self._value(value, self.rate)
        return diffkit.where(x > 0, -(-self.rate * x).expm1(), 0.0)

    def icdf(self, value: Parameter) -> Tensor:
        """The inverse of `cdf`: `-log(1 - value) / rate`."""
        p = self._value(value, self.rate)
        self._require("value", p, (p >= 0) & (p <= 1), "a probability between 0 and 1")
        return -(-p).log1p() / self.rate

    def entropy(self) -> Tensor:
        """`1 - log(rate)`."""
        return 1 - self.rate.log()
