"""Truth of elements and differences: the standard's utility functions."""

from __future__ import annotations

from diffkit import _core
from diffkit.array_api._types import Axes, Tensor

__all__ = ["all", "any", "diff"]


def all(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Whether no element is zero; always bools, also of uint8 (which PyTorch keeps). True of none.

    >>> diffkit.array_api.all(diffkit.tensor([2, 1], dtype=diffkit.uint8))
    tensor(True)
    """
    truth = x if x.dtype == _core.bool else x != 0
    return truth.clone() if axis == () else _core.all(truth, axis, keepdims)


def any(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Whether an element is not zero; always bools, also of uint8 (which PyTorch keeps). False of none.

    >>> diffkit.array_api.any(diffkit.tensor([0, 1], dtype=diffkit.uint8))
    tensor(True)
    """
    truth = x if x.dtype == _core.bool else x != 0
    return truth.clone() if axis == () else _core.any(truth, axis, keepdims)


def diff(
    x: Tensor,
    /,
    *,
    axis: int = -1,
    n: int = 1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Tensor:
    """The differences of neighbours along `axis`, taken `n` times.

    >>> diffkit.array_api.diff(diffkit.tensor([1, 4, 9]))
    tensor([3, 5])
    """
    return _core.diff(x, n, axis, prepend, append)
