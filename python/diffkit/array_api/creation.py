"""New arrays: the standard's creation functions.

Shapes are one argument, not several as in PyTorch, and nothing here takes `requires_grad`.
"""

from __future__ import annotations

import operator
from typing import Any, Literal

from diffkit import _core
from diffkit._core import empty_like, from_dlpack, full_like, ones_like, zeros_like
from diffkit.array_api._types import Device, DType, Number, Shape, Tensor
from diffkit.errors import ArgumentError

__all__ = [
    "arange", "asarray", "empty", "empty_like", "eye", "from_dlpack", "full", "full_like", "linspace",
    "meshgrid", "ones", "ones_like", "tril", "triu", "zeros", "zeros_like",
]  # fmt: skip


def arange(
    start: int | float,
    /,
    stop: int | float | None = None,
    step: int | float = 1,
    *,
    dtype: DType | None = None,
    device: Device = None,
) -> Tensor:
    """Numbers from `start` (0 if it is the only one) to before `stop`; empty if no step leads there.

    >>> diffkit.array_api.arange(1, 7, 2)
    tensor([1, 3, 5])
    """
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ArgumentError("arange: step must not be zero")
    if (stop - start) * (1 if step > 0 else -1) < 0:
        stop = start + 0 * stop  # keeps the kind of both
    return _core.arange(start, stop, step, dtype=dtype, device=device)


def asarray(
    obj: Any, /, *, dtype: DType | None = None, device: Device = None, copy: bool | None = None
) -> Tensor:
    """An array of numbers, nested lists, buffers or arrays; the memory is shared where `copy` lets it be.

    Gradients flow through the change of an array's dtype. `copy=False` raises if a copy is needed.

    >>> diffkit.array_api.asarray([[1, 2], [3, 4]], dtype=diffkit.float64)
    tensor([[1., 2.],
            [3., 4.]], dtype=diffkit.float64)
    """
    if not isinstance(obj, Tensor):
        return _core.asarray(obj, dtype=dtype, device=device, copy=copy)
    if dtype is None or dtype == obj.dtype:
        return obj.clone() if copy else obj
    if copy is False:
        raise ArgumentError(f"asarray: {obj.dtype} as {dtype} needs a copy, and copy=False forbids it")
    return obj.to(dtype)


def empty(shape: Shape, *, dtype: DType | None = None, device: Device = None) -> Tensor:
    """An array to be filled; its elements are zeros.

    >>> diffkit.array_api.empty((2, 3)).shape
    (2, 3)
    """
    return _core.empty(size=shape, dtype=dtype, device=device)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DType | None = None,
    device: Device = None,
) -> Tensor:
    """Ones on the `k`-th diagonal (above the main one if positive) of a matrix of zeros.

    >>> diffkit.array_api.eye(2, 3, k=1)
    tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """
    if k == 0:
        return _core.eye(n_rows, n_cols, dtype=dtype, device=device)
    n_cols = n_rows if n_cols is None else n_cols
    differences = _core.arange(n_cols) - _core.arange(n_rows)[:, None]
    diagonal = differences == _within(k, (n_rows, n_cols))
    return diagonal.to(_core.get_default_dtype() if dtype is None else dtype)


def full(
    shape: Shape, fill_value: Number | Tensor, *, dtype: DType | None = None, device: Device = None
) -> Tensor:
    """One value everywhere; the dtype is that of the value unless given.

    >>> diffkit.array_api.full((2,), True)
    tensor([True, True])
    """
    return _core.full(shape, fill_value, dtype=dtype, device=device)


def linspace(
    start: Number,
    stop: Number,
    /,
    num: int,
    *,
    dtype: DType | None = None,
    device: Device = None,
    endpoint: bool = True,
) -> Tensor:
    """`num` evenly spaced numbers from `start` to `stop`, which is left out if `endpoint` is False.

    >>> diffkit.array_api.linspace(0, 1, 4, endpoint=False)
    tensor([0.0000, 0.2500, 0.5000, 0.7500])
    """
    steps = operator.index(num)
    if endpoint or steps <= 0:
        return _core.linspace(start, stop, steps, dtype=dtype, device=device)
    return _core.linspace(start, stop, steps + 1, dtype=dtype, device=device)[:-1]


def meshgrid(*arrays: Tensor, indexing: Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    """Coordinate arrays of vectors. By default ("xy") the first two axes are swapped, unlike in PyTorch.

    >>> diffkit.array_api.meshgrid(diffkit.arange(3), diffkit.arange(2))[0]
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    return _core.meshgrid(*arrays, indexing=indexing)


def ones(shape: Shape, *, dtype: DType | None = None, device: Device = None) -> Tensor:
    """Ones of a shape.

    >>> diffkit.array_api.ones(2)
    tensor([1., 1.])
    """
    return _core.ones(size=shape, dtype=dtype, device=device)


def tril(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices without what is above the `k`-th diagonal.

    >>> diffkit.array_api.tril(diffkit.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    return _core.tril(x, _within(k, x.shape[-2:]))


def triu(x: Tensor, /, *, k: int = 0) -> Tensor:
    """Matrices without what is below the `k`-th diagonal.

    >>> diffkit.array_api.triu(diffkit.ones(2, 2), k=1)
    tensor([[0., 1.],
            [0., 0.]])
    """
    return _core.triu(x, _within(k, x.shape[-2:]))


def zeros(shape: Shape, *, dtype: DType | None = None, device: Device = None) -> Tensor:
    """Zeros of a shape.

    >>> diffkit.array_api.zeros((2,), dtype=diffkit.int64)
    tensor([0, 0])
    """
    return _core.zeros(size=shape, dtype=dtype, device=device)


def _within(k: int, sizes: tuple[int, ...]) -> int:
    """The diagonal, or the next one outside the matrix: all that are farther off are as empty."""
    size = max(sizes, default=0)
    return max(-size, min(k, size))
