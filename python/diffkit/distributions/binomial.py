"""The binomial distribution: how many of several trials succeed."""

from __future__ import annotations

import math

import diffkit
from diffkit import Tensor
from diffkit.distributions.binary import Trials
from diffkit.distributions.distribution import Parameter, Shape, log_choose, one_of
from diffkit.errors import ArgumentError

__all__ = ["Binomial"]

# Whole numbers up to here are exact in float32.
EXACT_SINGLE = 2**24


class Binomial(Trials):
    """The number of successes in `total_count` trials that each succeed with probability `probs`.

    P(k) = n! / (k! (n-k)!) p^k (1-p)^(n-k). `logits`, the log-odds, may be given instead of `probs`. Draws
    are whole numbers in the dtype of the parameter; in float64 where float32 could not hold them exactly.

    >>> from diffkit.distributions import Binomial
    >>> Binomial(3, 0.5).prob([0.0, 1.0, 2.0, 3.0])
    tensor([0.1250, 0.3750, 0.3750, 0.1250])
    """

    parameters = ("total_count", "probs")

    def __init__(
        self,
        total_count: Parameter = 1,
        probs: Parameter | None = None,
        logits: Parameter | None = None,
        validate_args: bool = True,
    ) -> None:
        given = one_of("Binomial", probs, logits)
        name = "probs" if logits is None else "logits"
        if isinstance(total_count, int) and total_count > EXACT_SINGLE:
            total_count = diffkit.tensor(float(total_count), dtype=diffkit.float64)
        self.total_count, tensor = self._take(total_count=total_count, **{name: given})
        super().__init__(tuple(tensor.shape), (), validate_args)
        n = self.total_count
        self._require("total_count", n, (n >= 0) & (n == n.floor()) & n.isfinite(), "a whole number from 0")
        self._set(tensor, logits is not None)

    @property
    def mean(self) -> Tensor:
        """`total_count * probs`."""
        return self.total_count * self.probs

    @property
    def variance(self) -> Tensor:
        """`total_count * probs * (1 - probs)`."""
        return self.total_count * self.probs * self._failure()

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape`, exact in distribution for any count."""
        shape = self._extended(sample_shape)
        n, p = self.total_count.detach().broadcast_to(shape), self.probs.detach().broadcast_to(shape)
        if n.numel() and n.dtype == diffkit.float32 and n.max().item() > EXACT_SINGLE:
            n, p = n.to(diffkit.float64), p.to(diffkit.float64)
        return diffkit.binomial(n, p, generator=generator)

    def log_prob(self, value: Parameter) -> Tensor:
        """`log C(n, k) + k log(p) + (n - k) log(1 - p)`, where `0 log(0)` is 0."""
        k = self._value(value, self.probs)
        possible = (k >= 0) & (k <= self.total_count) & (k == k.floor())
        self._require("value", k, possible, "a whole number from 0 to total_count")
        k = diffkit.where(possible, k, 0.0)
        failures = self.total_count - k
        found = log_choose(self.total_count, k) + self._log_weight(k, failures)
        return diffkit.where(possible, found, -math.inf)

    def entropy(self) -> Tensor:
        """`-sum P(k) log P(k)` over all outcomes; one `total_count` for the whole batch."""
        n = int(self.total_count.max().item()) if self.total_count.numel() else 0
        if not bool((self.total_count == n).all()):
            raise ArgumentError("Binomial: entropy needs one total_count for the whole batch, got several")
        outcomes = diffkit.tensor([float(k) for k in range(n + 1)], dtype=self.probs.dtype)
        logs = self.log_prob(outcomes.reshape(-1, *(1 for _ in self.batch_shape)))
        return -diffkit.strong_mul(logs.exp(), logs).sum(0)
