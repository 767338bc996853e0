"""The functions of the library einops for tensors: `rearrange`, `reduce`, `repeat`, `pack`, `unpack`.

einops finds the library of an array by a class that tells it how, and brings such classes for the libraries
that it knows. This module is that class for diffkit, which einops finds by itself once the module has been
imported: from then on `einops.rearrange(tensor, ...)` works in everybody's code. Gradients pass. Needs
`pip install einops`, which nothing else in diffkit does.

>>> from diffkit.einops import rearrange, reduce
>>> x = diffkit.arange(12.0).reshape(2, 2, 3)
>>> rearrange(x, "b h w -> b (h w)").shape
(2, 6)
>>> reduce(x, "b h w -> b", "max")
tensor([ 5., 11.])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import diffkit
from diffkit import Tensor

try:
    _einops: Any = import_module("einops")
    _AbstractBackend: Any = import_module("einops._backends").AbstractBackend
except ImportError as error:
    raise ImportError("diffkit.einops needs: pip install einops") from error

__all__ = [
    "EinopsError", "asnumpy", "einsum", "pack", "parse_shape", "rearrange", "reduce", "repeat", "unpack",
]  # fmt: skip

EinopsError = _einops.EinopsError
asnumpy = _einops.asnumpy
einsum = _einops.einsum
pack = _einops.pack
parse_shape = _einops.parse_shape
rearrange = _einops.rearrange
reduce = _einops.reduce
repeat = _einops.repeat
unpack = _einops.unpack


class DiffkitBackend(_AbstractBackend):  # type: ignore[misc]
    """What einops asks of a library; see `einops._backends.AbstractBackend`."""

    framework_name = "diffkit"

    def is_appropriate_type(self, tensor: object) -> bool:
        return isinstance(tensor, Tensor)

    def to_numpy(self, x: Tensor) -> Any:
        return x.detach().numpy()

    def arange(self, start: int, stop: int) -> Tensor:
        return diffkit.arange(start, stop)

    def transpose(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.permute(*axes)

    def reduce(self, x: Tensor, operation: str, axes: Sequence[int]) -> Tensor:
        if operation == "prod":  # one axis at a time, as in PyTorch
            for axis in sorted(axes, reverse=True):
                x = x.prod(axis)
            return x
        # max and min along an axis give pairs, as in PyTorch
        function = getattr(x, {"max": "amax", "min": "amin"}.get(operation, operation))
        result: Tensor = function(tuple(axes))
        return result

    def stack_on_zeroth_dimension(self, tensors: list[Tensor]) -> Tensor:
        return diffkit.stack(tensors)

    def add_axes(self, x: Tensor, n_axes: int, pos2len: Mapping[int, int]) -> Tensor:
        lengths = [-1] * n_axes
        for position, length in pos2len.items():
            x = x.unsqueeze(position)
            lengths[position] = length
        return x.expand(*lengths)

    def concat(self, tensors: Sequence[Tensor], axis: int) -> Tensor:
        return diffkit.cat(list(tensors), axis)

    def is_float_type(self, x: Tensor) -> bool:
        return x.dtype.is_floating_point or x.dtype.is_complex

    def einsum(self, pattern: str, *x: Tensor) -> Tensor:
        return diffkit.einsum(pattern, *x)
