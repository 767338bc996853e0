"""The normal distribution."""

from __future__ import annotations

import diffkit
from diffkit import Tensor
from diffkit.distributions.distribution import LOG_SQRT_2PI, SQRT_2, Distribution, Parameter, Shape

__all__ = ["Normal"]


class Normal(Distribution):
    """The normal distribution with mean `loc` and standard deviation `scale > 0`.

    Density: `exp(-(x - loc)^2 / (2 scale^2)) / (scale sqrt(2 pi))`.

    >>> from diffkit.distributions import Normal
    >>> Normal(0.0, 1.0).log_prob(0.0)
    tensor(-0.9189)
    >>> Normal(diffkit.zeros(3), 1.0).sample((2,)).shape
    (2, 3)
    """

    parameters = ("loc", "scale")

    def __init__(self, loc: Parameter, scale: Parameter, validate_args: bool = True) -> None:
        self.loc, self.scale = self._take(loc=loc, scale=scale)
        super().__init__(tuple(self.loc.shape), (), validate_args)
        self._require("loc", self.loc, self.loc.isfinite(), "finite")
        self._require("scale", self.scale, (self.scale > 0) & self.scale.isfinite(), "positive and finite")

    @property
    def mean(self) -> Tensor:
        """`loc`."""
        return self.loc

    @property
    def stddev(self) -> Tensor:
        """`scale`."""
        return self.scale

    @property
    def variance(self) -> Tensor:
        """`scale^2`."""
        return self.scale.square()

    def rsample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws `loc + scale * z` with standard normal `z`, differentiated by `loc` and `scale`."""
        noise = diffkit.randn(self._extended(sample_shape), dtype=self.loc.dtype, generator=generator)
        return self.loc + self.scale * noise

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape`, without derivatives."""
        with diffkit.no_grad():
            return self.rsample(sample_shape, generator=generator)

    def log_prob(self, value: Parameter) -> Tensor:
        """`-((value - loc) / scale)^2 / 2 - log(scale sqrt(2 pi))`."""
        x = self._value(value, self.loc)
        self._require("value", x, ~x.isnan(), "a number")
        return -0.5 * ((x - self.loc) / self.scale).square() - self.scale.log() - LOG_SQRT_2PI

    def cdf(self, value: Parameter) -> Tensor:
        """P(X <= value), accurate in both tails."""
        x = self._value(value, self.loc)
        return 0.5 * ((self.loc - x) / (self.scale * SQRT_2)).erfc()

    def entropy(self) -> Tensor:
        """`log(scale sqrt(2 pi e))`."""
        return self.scale.log() + (LOG_SQRT_2PI + 0.5)
