"""The Poisson distribution."""

from __future__ import annotations

import math

import diffkit
from diffkit import Tensor
from diffkit.distributions.distribution import Distribution, Parameter, Shape

__all__ = ["Poisson"]


class Poisson(Distribution):
    """The number of events when `rate >= 0` are expected: P(k) = rate^k exp(-rate) / k!.

    Draws are whole numbers in the dtype of the parameter.

    >>> from diffkit.distributions import Poisson
    >>> Poisson(4.0).prob(0.0)
    tensor(0.0183)
    """

    parameters = ("rate",)

    def __init__(self, rate: Parameter, validate_args: bool = True) -> None:
        (self.rate,) = self._take(rate=rate)
        super().__init__(tuple(self.rate.shape), (), validate_args)
        self._require("rate", self.rate, (self.rate >= 0) & self.rate.isfinite(), "at least 0 and finite")

    @property
    def mean(self) -> Tensor:
        """`rate`."""
        return self.rate

    @property
    def variance(self) -> Tensor:
        """`rate`."""
        return self.rate

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape`."""
        rate = self.rate.detach().broadcast_to(self._extended(sample_shape))
        return diffkit.poisson(rate, generator=generator)

    def log_prob(self, value: Parameter) -> Tensor:
        """`k log(rate) - rate - log(k!)`, where `0 log(0)` is 0."""
        k = self._value(value, self.rate)
        possible = (k >= 0) & (k == k.floor())
        self._require("value", k, possible, "a whole number from 0")
        k = diffkit.where(possible, k, 0.0)
        found = diffkit.strong_mul(k, self.rate.log()) - self.rate - (k + 1).lgamma()
        return diffkit.where(possible, found, -math.inf)
