"""Distinct elements: the standard's set functions.

Every NaN is distinct from every other, and zeros of both signs are the same.
"""

from __future__ import annotations

from typing import NamedTuple

from diffkit import _core
from diffkit._core import result_type
from diffkit.array_api._types import Tensor

__all__ = ["isin", "unique_all", "unique_counts", "unique_inverse", "unique_values"]


class UniqueAll(NamedTuple):
    """Distinct elements, where each was first, where each element went, and how many there were."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """Distinct elements and how many there were of each."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """Distinct elements and where each element went."""

    values: Tensor
    inverse_indices: Tensor


def isin(x1: Tensor | int, x2: Tensor | int, /, *, invert: bool = False) -> Tensor:
    """True for elements of `x1` that are (with `invert`: are not) among those of `x2`.

    >>> diffkit.array_api.isin(diffkit.tensor([1, 2]), diffkit.tensor([2, 3]))
    tensor([False,  True])
    """
    if result_type(x1, x2).is_complex:  # which have no order, so places in one set are compared
        x, among = (_core.asarray(one).reshape(-1) for one in (x1, x2))
        places = unique_all(_core.cat([x, among])).inverse_indices
        found = _core.isin(places[: len(x)], places[len(x) :], invert=invert)
        return found.reshape(x1.shape if isinstance(x1, Tensor) else ())
    return _core.isin(x1, x2, invert=invert)


def unique_all(x: Tensor, /) -> UniqueAll:
    """The distinct elements, ascending, with all that is known about them.

    >>> diffkit.array_api.unique_all(diffkit.tensor([3, 1, 3])).indices
    tensor([1, 0])
    """
    flat = x.reshape(-1)
    order = _order(flat)
    ordered = flat.detach()[order]
    is_first = _core.ones(size=ordered.shape, dtype=_core.bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    starts = _core.nonzero(is_first, as_tuple=True)[0]
    ends = _core.cat([starts[1:], _core.tensor([len(order)])]) if len(order) else starts
    inverse = _core.scatter(order, 0, order, _core.cumsum(is_first, 0) - 1)
    first = order[starts]
    return UniqueAll(flat[first], first, inverse.reshape(x.shape), ends - starts)


def unique_counts(x: Tensor, /) -> UniqueCounts:
    """The distinct elements, ascending, and how often each was found.

    >>> diffkit.array_api.unique_counts(diffkit.tensor([3, 1, 3])).counts
    tensor([1, 2])
    """
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Tensor, /) -> UniqueInverse:
    """The distinct elements, ascending, and the positions in them that give `x` again.

    >>> diffkit.array_api.unique_inverse(diffkit.tensor([3, 1, 3])).inverse_indices
    tensor([1, 0, 1])
    """
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: Tensor, /) -> Tensor:
    """The distinct elements, ascending.

    >>> diffkit.array_api.unique_values(diffkit.tensor([3, 1, 3]))
    tensor([1, 3])
    """
    return unique_all(x).values


def _order(flat: Tensor) -> Tensor:
    """The positions of a vector's elements in order; complex numbers by real, then by imaginary part."""
    if not flat.dtype.is_complex:
        return _core.argsort(flat, stable=True)
    by_imaginary = _core.argsort(_core.imag(flat), stable=True)
    return by_imaginary[_core.argsort(_core.real(flat)[by_imaginary], stable=True)]
