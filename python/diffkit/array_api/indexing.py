"""Elements at positions: the standard's indexing functions. Negative positions count from the end."""

from __future__ import annotations

from diffkit import _core
from diffkit.array_api._types import Tensor
from diffkit.errors import ArgumentError

__all__ = ["take", "take_along_axis"]


def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """Slices of `x` at `indices` along `axis`, which only vectors may leave out (PyTorch flattens).

    >>> diffkit.array_api.take(diffkit.tensor([[1, 2], [3, 4]]), diffkit.tensor([1, -1]), axis=0)
    tensor([[3, 4],
            [3, 4]])
    """
    if axis is None and x.ndim != 1:
        raise ArgumentError(f"take: x has {x.ndim} axes, so axis= must be given")
    return _core.take(x, indices, axis=0 if axis is None else axis)


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """Elements of `x` at positions along `axis`; the other axes of `x` and `indices` broadcast.

    >>> x = diffkit.tensor([[3, 1, 2]])
    >>> diffkit.array_api.take_along_axis(x, diffkit.array_api.argsort(x))
    tensor([[1, 2, 3]])
    """
    return _core.take_along_dim(x, indices, dim=axis)
