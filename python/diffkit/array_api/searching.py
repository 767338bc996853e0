"""Where elements are: the standard's searching functions."""

from __future__ import annotations

from typing import Literal

from diffkit import _core
from diffkit._core import argmax, argmin, where
from diffkit.array_api._types import Axes, Tensor
from diffkit.array_api.statistics import sum
from diffkit.errors import ShapeError

__all__ = ["argmax", "argmin", "count_nonzero", "nonzero", "searchsorted", "where"]


def count_nonzero(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """How many elements are not zero, of all or along axes (int64).

    >>> diffkit.array_api.count_nonzero(diffkit.tensor([0, 3, 0, 4]))
    tensor(2)
    """
    return sum(x != 0, axis=axis, keepdims=keepdims)


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    """The positions of elements that are not zero, one vector per axis (PyTorch gives one matrix).

    >>> diffkit.array_api.nonzero(diffkit.tensor([[0, 1], [2, 0]]))
    (tensor([0, 1]), tensor([1, 0]))
    """
    if x.ndim == 0:
        raise ShapeError("nonzero: x must have an axis; use reshape(x, (1,))")
    return _core.nonzero(x, as_tuple=True)


def searchsorted(
    x1: Tensor,
    x2: Tensor | int | float,
    /,
    *,
    side: Literal["left", "right"] = "left",
    sorter: Tensor | None = None,
) -> Tensor:
    """Where the values `x2` belong in the vector `x1`: before equal elements, or after ("right").

    `sorter` are the positions that put `x1` into order, if it is not.

    >>> diffkit.array_api.searchsorted(diffkit.tensor([1, 3, 5]), diffkit.tensor([3, 4]))
    tensor([1, 2])
    """
    return _core.searchsorted(x1 if sorter is None else x1[sorter], x2, side=side)
