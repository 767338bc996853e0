"""Activations, losses and layers as functions: `diffkit`'s own, under the names of `torch.nn.functional`.

>>> import diffkit.nn.functional as F
>>> F.softmax(diffkit.tensor([0.0, 0.0]), dim=0)
tensor([0.5000, 0.5000])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffkit._core import (
    Tensor,
    _gelu_tanh,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    celu,
    cosine_similarity,
    cross_entropy,
    dropout,
    elu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    huber_loss,
    kl_div,
    l1_loss,
    layer_norm,
    leaky_relu,
    linear,
    log_softmax,
    logsigmoid,
    mish,
    mse_loss,
    nll_loss,
    normalize,
    one_hot,
    pairwise_distance,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    smooth_l1_loss,
    softmax,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
)
from diffkit._core import gelu as _gelu
from diffkit._hints import missing
from diffkit.errors import ArgumentError

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "cosine_similarity",
    "cross_entropy", "dropout", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish",
    "hardtanh", "huber_loss", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear", "log_softmax",
    "logsigmoid", "mish", "mse_loss", "nll_loss", "normalize", "one_hot", "pairwise_distance", "prelu",
    "relu", "relu6", "selu", "sigmoid", "silu", "smooth_l1_loss", "softmax", "softmin", "softplus",
    "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
]  # fmt: skip


def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """`x` times the standard normal distribution function at `x`, or with ``approximate="tanh"`` nearly.

    >>> diffkit.nn.functional.gelu(diffkit.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])
    """
    if approximate == "tanh":
        return _gelu_tanh(input)
    if approximate != "none":
        raise ArgumentError(f"gelu: approximate is 'none' or 'tanh', not {approximate!r}")
    return _gelu(input)


if not TYPE_CHECKING:  # type checkers find missing names themselves

    def __getattr__(name: str) -> Any:
        raise missing("diffkit.nn.functional", name, __all__)


def __dir__() -> list[str]:
    return __all__
