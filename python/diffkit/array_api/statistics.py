"""Sums, means, extremes: the standard's statistical functions.

Several axes at once are a tuple; no axes at all, `axis=()`, leave the elements as they are. Small integers
are added up as int64, small unsigned ones as uint64.
"""

from __future__ import annotations

from diffkit import _core
from diffkit.array_api._types import Axes, DType, Tensor
from diffkit.errors import ArgumentError

__all__ = ["cumulative_prod", "cumulative_sum", "max", "mean", "min", "prod", "std", "sum", "var"]


def cumulative_prod(
    x: Tensor, /, *, axis: int | None = None, dtype: DType | None = None, include_initial: bool = False
) -> Tensor:
    """Products of all elements up to each one along `axis`, which only vectors may leave out.

    `include_initial` puts the empty product, 1, in front.

    >>> diffkit.array_api.cumulative_prod(diffkit.tensor([2, 3, 4]), include_initial=True)
    tensor([ 1,  2,  6, 24])
    """
    axis = _scan_axis("cumulative_prod", x, axis)
    products = _core.cumprod(x, axis, _sum_dtype(x, dtype))
    return _with_initial(products, axis, 1) if include_initial else products


def cumulative_sum(
    x: Tensor, /, *, axis: int | None = None, dtype: DType | None = None, include_initial: bool = False
) -> Tensor:
    """Sums of all elements up to each one along `axis`, which only vectors may leave out.

    `include_initial` puts the empty sum, 0, in front.

    >>> diffkit.array_api.cumulative_sum(diffkit.tensor([2, 3, 4]))
    tensor([2, 5, 9])
    """
    axis = _scan_axis("cumulative_sum", x, axis)
    sums = _core.cumsum(x, axis, _sum_dtype(x, dtype))
    return _with_initial(sums, axis, 0) if include_initial else sums


def max(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The largest elements, without their positions (which PyTorch adds); NaN if one is there.

    >>> diffkit.array_api.max(diffkit.tensor([[1, 4], [3, 2]]), axis=0)
    tensor([3, 4])
    """
    return x.clone() if axis == () else _core.amax(x, axis, keepdims)


def mean(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The arithmetic means; NaN of no elements.

    >>> diffkit.array_api.mean(diffkit.tensor([1.0, 2.0]))
    tensor(1.5000)
    """
    return x.clone() if axis == () else _core.mean(x, axis, keepdims)


def min(x: Tensor, /, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The smallest elements, without their positions (which PyTorch adds); NaN if one is there.

    >>> diffkit.array_api.min(diffkit.tensor([[1, 4], [3, 2]]), axis=0)
    tensor([1, 2])
    """
    return x.clone() if axis == () else _core.amin(x, axis, keepdims)


def prod(x: Tensor, /, *, axis: Axes = None, dtype: DType | None = None, keepdims: bool = False) -> Tensor:
    """The products, along several axes too (PyTorch takes one); 1 of no elements.

    >>> diffkit.array_api.prod(diffkit.tensor([[1, 4], [3, 2]]), axis=(0, 1))
    tensor(24)
    """
    dtype = _sum_dtype(x, dtype)
    if axis is None and keepdims:
        axis = tuple(range(x.ndim))
    if not isinstance(axis, tuple):
        return _core.prod(x, axis, keepdims, dtype=dtype)
    if axis == ():
        return x.to(dtype)
    # The axes are put last and joined there.
    last = _core.movedim(x, axis, tuple(range(-len(axis), 0)))
    products = _core.prod(_core.flatten(last, -len(axis)), -1, dtype=dtype)
    if not keepdims:
        return products
    gone = {one % x.ndim for one in axis}
    return products.reshape(tuple(1 if one in gone else size for one, size in enumerate(x.shape)))


def std(x: Tensor, /, *, axis: Axes = None, correction: int | float = 0.0, keepdims: bool = False) -> Tensor:
    """The standard deviations; squares are divided by N - `correction`, which is 0 here and 1 in PyTorch.

    >>> diffkit.array_api.std(diffkit.tensor([1.0, 3.0]))
    tensor(1.)
    """
    return (
        var(x, axis=axis, correction=correction) ** 0.5
        if axis == ()
        else _core.std(x, axis, correction=correction, keepdim=keepdims)
    )


def sum(x: Tensor, /, *, axis: Axes = None, dtype: DType | None = None, keepdims: bool = False) -> Tensor:
    """The sums; 0 of no elements. Small unsigned integers give uint64 (int64 in PyTorch).

    >>> diffkit.array_api.sum(diffkit.tensor([200, 100], dtype=diffkit.uint8))
    tensor(300, dtype=diffkit.uint64)
    """
    dtype = _sum_dtype(x, dtype)
    return x.to(dtype) if axis == () else _core.sum(x, axis, keepdims, dtype=dtype)


def var(x: Tensor, /, *, axis: Axes = None, correction: int | float = 0.0, keepdims: bool = False) -> Tensor:
    """The variances; squares are divided by N - `correction`, which is 0 here and 1 in PyTorch.

    >>> diffkit.array_api.var(diffkit.tensor([1.0, 3.0]))
    tensor(1.)
    """
    if axis == ():
        return _core.var(x.unsqueeze(-1), -1, correction=correction)
    return _core.var(x, axis, correction=correction, keepdim=keepdims)


def _sum_dtype(x: Tensor, dtype: DType | None) -> DType:
    """The dtype that sums and products are in unless told otherwise."""
    if dtype is not None:
        return dtype
    return {"b": _core.int64, "i": _core.int64, "u": _core.uint64}.get(x.dtype.kind, x.dtype)


def _scan_axis(op: str, x: Tensor, axis: int | None) -> int:
    if x.ndim == 0:
        raise ArgumentError(f"{op}: x must have an axis")
    if axis is None and x.ndim > 1:
        raise ArgumentError(f"{op}: x has {x.ndim} axes, so axis= must be given")
    return 0 if axis is None else axis


def _with_initial(scanned: Tensor, axis: int, initial: int) -> Tensor:
    shape = list(scanned.shape)
    shape[axis] = 1
    return _core.cat([_core.full(tuple(shape), initial, dtype=scanned.dtype), scanned], axis)
