"""Elements in order: the standard's sorting functions.

Equal elements keep their order in either direction, and NaN counts as larger than everything.
"""

from __future__ import annotations

from diffkit import _core
from diffkit.array_api._types import Tensor

__all__ = ["argsort", "sort"]


def argsort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The positions that put the elements into order along `axis`.

    >>> diffkit.array_api.argsort(diffkit.tensor([3, 1, 2]))
    tensor([1, 2, 0])
    """
    return _core.argsort(x, axis, descending, stable)


def sort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The elements in order along `axis`, without their positions (which PyTorch adds).

    >>> diffkit.array_api.sort(diffkit.tensor([3, 1, 2]), descending=True)
    tensor([3, 2, 1])
    """
    return _core._sorted(x, axis, descending)
