"""The categorical distribution: the number of one category."""

from __future__ import annotations

import math

import diffkit
from diffkit import Tensor
from diffkit._core import _categorical
from diffkit.distributions.distribution import Parameter, Shape
from diffkit.distributions.weights import Categories

__all__ = ["Categorical"]


class Categorical(Categories):
    """The numbers 0, 1, ..., k-1 with the probabilities `probs` along the last axis; they are normalised.

    `logits`, logarithms of weights, may be given instead. Draws are int64. A category of probability 0 is
    never drawn.

    >>> from diffkit.distributions import Categorical
    >>> Categorical([1.0, 3.0]).prob(diffkit.tensor([0, 1]))
    tensor([0.2500, 0.7500])
    """

    parameters = ("probs",)

    def __init__(
        self,
        probs: Parameter | None = None,
        logits: Parameter | None = None,
        validate_args: bool = True,
    ) -> None:
        super().__init__(probs, logits, False, validate_args)

    @property
    def mean(self) -> Tensor:
        """NaN: the numbers of categories are names, and names have no mean."""
        return diffkit.full(self.batch_shape, math.nan, dtype=self.probs.dtype)

    @property
    def variance(self) -> Tensor:
        """NaN, as the mean."""
        return self.mean

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape`, as int64."""
        shape = self._extended(sample_shape)
        draws = math.prod(shape[: len(shape) - len(self.batch_shape)])
        return _categorical(self.probs.detach(), draws, generator=generator).reshape(shape)

    def log_prob(self, value: Parameter) -> Tensor:
        """The logarithm of the probability of category `value`; -inf for probability 0."""
        x = self._value(value, self.probs)
        known = (x >= 0) & (x < self.probs.shape[-1]) & (x == x.floor())
        self._require("value", x, known, f"the number of a category, 0 to {self.probs.shape[-1] - 1}")
        places = diffkit.where(known, x, 0.0).to(diffkit.int64).unsqueeze(-1)
        shape = tuple((places[..., 0] + self.probs.detach()[..., 0]).shape)
        logs = self.logits.broadcast_to((*shape, self.probs.shape[-1]))
        found = diffkit.gather(logs, -1, places.broadcast_to((*shape, 1))).squeeze(-1)
        return diffkit.where(known, found, -math.inf)

    def entropy(self) -> Tensor:
        """`-sum p log(p)`, where `0 log(0)` is 0."""
        return self._category_entropy
