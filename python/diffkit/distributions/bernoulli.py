"""The Bernoulli distribution: one trial."""

from __future__ import annotations

import diffkit
from diffkit import Tensor
from diffkit.distributions.binary import Trials
from diffkit.distributions.distribution import Parameter, Shape, one_of

__all__ = ["Bernoulli"]


class Bernoulli(Trials):
    """1 with probability `probs`, otherwise 0; `logits`, the log-odds, may be given instead.

    Draws are 0.0 and 1.0 in the dtype of the parameter.

    >>> from diffkit.distributions import Bernoulli
    >>> Bernoulli(0.25).prob([1.0, 0.0])
    tensor([0.2500, 0.7500])
    """

    parameters = ("probs",)

    def __init__(
        self,
        probs: Parameter | None = None,
        logits: Parameter | None = None,
        validate_args: bool = True,
    ) -> None:
        given = one_of("Bernoulli", probs, logits)
        (tensor,) = self._take(**{"probs" if logits is None else "logits": given})
        super().__init__(tuple(tensor.shape), (), validate_args)
        self._set(tensor, logits is not None)

    @property
    def mean(self) -> Tensor:
        """`probs`."""
        return self.probs

    @property
    def variance(self) -> Tensor:
        """`probs (1 - probs)`."""
        return self.probs * self._failure()

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Draws of shape `sample_shape + batch_shape`."""
        probs = self.probs.detach().broadcast_to(self._extended(sample_shape))
        return diffkit.bernoulli(probs, generator=generator)

    def log_prob(self, value: Parameter) -> Tensor:
        """`log(probs)` for 1, `log(1 - probs)` for 0; exactly 0 or -inf where an outcome is certain."""
        x = self._value(value, self.probs)
        self._require("value", x, (x == 0) | (x == 1), "0 or 1")
        return self._log_weight(x, 1 - x)

    def entropy(self) -> Tensor:
        """`-p log(p) - (1 - p) log(1 - p)`; 0 where an outcome is certain."""
        return -self._log_weight(self.probs, self._failure())
