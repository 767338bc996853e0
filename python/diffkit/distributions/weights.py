"""What distributions over categories share: one weight for each, along the last axis."""

from __future__ import annotations

import math

import diffkit
from diffkit import Tensor
from diffkit.distributions.distribution import Distribution, Parameter, broadcast, one_of
from diffkit.errors import ShapeError

__all__ = ["Categories"]


class Categories(Distribution):
    """Categories of probability `probs`, which sum to 1 along the last axis, or `softmax(logits)`."""

    #: The probabilities, normalised.
    probs: Tensor
    #: Their logarithms.
    logits: Tensor

    def __init__(
        self, probs: Parameter | None, logits: Parameter | None, is_vector: bool, validate_args: bool
    ) -> None:
        owner = type(self).__name__
        name = "probs" if logits is None else "logits"
        (weights,) = broadcast(owner, **{name: one_of(owner, probs, logits)})
        shape = tuple(weights.shape)
        if weights.numel() == 0 or not shape:
            raise ShapeError(f"{owner}: {name} needs categories along its last axis, got shape {shape}")
        super().__init__(shape[:-1], shape[-1:] if is_vector else (), validate_args)
        if logits is None:
            self._require("probs", weights, (weights >= 0) & weights.isfinite(), "at least 0 and finite")
            total = weights.sum(-1, keepdim=True)
            self._require("the sum of probs", total, total > 0, "positive")
            self.probs = weights / total
            self.logits = self.probs.log()
        else:
            self._require("logits", weights, weights < math.inf, "a number below infinity")
            most = weights.max(-1).values
            self._require("the largest of logits", most, most > -math.inf, "a finite number")
            self.logits = weights - diffkit.logsumexp(weights, -1, keepdim=True)
            self.probs = self.logits.exp()

    @property
    def _category_entropy(self) -> Tensor:
        return -diffkit.strong_mul(self.probs, self.logits).sum(-1)
