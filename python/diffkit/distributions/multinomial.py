"""The multinomial distribution: how often each category comes in several draws."""

from __future__ import annotations

import math

import diffkit
from diffkit import Tensor
from diffkit._core import _multinomial_counts
from diffkit.distributions.binomial import EXACT_SINGLE
from diffkit.distributions.distribution import Parameter, Shape, log_choose
from diffkit.distributions.weights import Categories
from diffkit.errors import ArgumentError

__all__ = ["Multinomial"]


class Multinomial(Categories):
    """The counts of each category in `total_count` draws with probabilities `probs`; they are normalised.

    P(x) = n! / (x_1! ... x_k!) p_1^x_1 ... p_k^x_k. `logits`, logarithms of weights, may be given instead.
    Draws have the categories along the last axis and add up to `total_count` exactly; they are whole numbers
    in the dtype of the parameter, and in float64 where float32 could not hold them exactly. A category of
    probability 0 has none.

    >>> from diffkit.distributions import Multinomial
    >>> Multinomial(3, [0.5, 0.5]).prob([1.0, 2.0])
    tensor(0.3750)
    >>> Multinomial(10, [0.5, 0.0, 0.5]).sample((4,)).sum(-1)
    tensor([10., 10., 10., 10.])
    """

    parameters = ("total_count", "probs")

    def __init__(
        self,
        total_count: int = 1,
        probs: Parameter | None = None,
        logits: Parameter | None = None,
        validate_args: bool = True,
    ) -> None:
        if isinstance(total_count, bool) or not isinstance(total_count, int) or total_count < 0:
            raise ArgumentError(
                f"Multinomial: total_count must be a whole number from 0, got {total_count!r}"
            )
        super().__init__(probs, logits, True, validate_args)
        self.total_count = total_count

    @property
    def mean(self) -> Tensor:
        """`total_count * probs`."""
        return self.total_count * self.probs

    @property
    def variance(self) -> Tensor:
        """`total_count * probs * (1 - probs)`, of each count."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape + (k,)`."""
        shape = self._extended(sample_shape)
        draws = math.prod(shape[: len(shape) - len(self.batch_shape) - 1])
        counts = _multinomial_counts(self.total_count, self.probs.detach(), draws, generator=generator)
        exact = self.probs.dtype if self.total_count <= EXACT_SINGLE else diffkit.float64
        return counts.reshape(shape).to(exact)

    def log_prob(self, value: Parameter) -> Tensor:
        """`log(n!) - sum log(x_i!) + sum x_i log(p_i)`, where `0 log(0)` is 0."""
        x = self._value(value, self.probs)
        self._require("value", x, (x >= 0) & (x == x.floor()), "whole numbers from 0")
        total = x.sum(-1)
        self._require("the sum of value", total, total == self.total_count, f"total_count={self.total_count}")
        possible = ((x >= 0) & (x == x.floor())).all(-1) & (total == self.total_count)
        terms = diffkit.strong_mul(x, self.logits) - (x + 1).lgamma()
        return diffkit.where(possible, terms.sum(-1) + math.lgamma(self.total_count + 1), -math.inf)

    def entropy(self) -> Tensor:
        """The exact entropy, from that of the categories and the binomial distribution of each count."""
        n = diffkit.tensor(float(self.total_count), dtype=self.probs.dtype)
        x = diffkit.tensor([float(k) for k in range(self.total_count + 1)], dtype=self.probs.dtype)
        x = x.reshape(-1, *(1 for _ in self.probs.shape))
        yes, no = diffkit.strong_mul(x, self.logits), diffkit.strong_mul(n - x, (-self.probs).log1p())
        expected = ((log_choose(n, x) + yes + no).exp() * (x + 1).lgamma()).sum((0, -1))
        return n * self._category_entropy - (n + 1).lgamma() + expected
