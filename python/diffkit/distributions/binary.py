"""What distributions of yes-or-no trials share: the probability of yes, or its log-odds."""

from __future__ import annotations

import diffkit
from diffkit import Tensor
from diffkit.distributions.distribution import Distribution, softplus

__all__ = ["Trials"]


class Trials(Distribution):
    """Independent trials that succeed with probability `probs = sigmoid(logits)`."""

    #: The probability of success.
    probs: Tensor
    #: The log-odds of success, `log(probs / (1 - probs))`.
    logits: Tensor

    def _set(self, tensor: Tensor, is_logits: bool) -> None:
        self._by_logits = is_logits
        if is_logits:
            self._require("logits", tensor, ~tensor.isnan(), "a number")
            self.probs, self.logits = tensor.sigmoid(), tensor
        else:
            self._require("probs", tensor, (tensor >= 0) & (tensor <= 1), "between 0 and 1")
            self.probs, self.logits = tensor, tensor.log() - (-tensor).log1p()

    def _failure(self) -> Tensor:
        """`1 - probs`, without cancellation where the log-odds are known."""
        return (-self.logits).sigmoid() if self._by_logits else 1 - self.probs

    def _log_weight(self, successes: Tensor, failures: Tensor) -> Tensor:
        """`successes * log(probs) + failures * log(1 - probs)`, where none of a kind weighs nothing."""
        if self._by_logits:
            yes, no = -softplus(-self.logits), -softplus(self.logits)
        else:
            yes, no = self.probs.log(), (-self.probs).log1p()
        return diffkit.strong_mul(successes, yes) + diffkit.strong_mul(failures, no)
