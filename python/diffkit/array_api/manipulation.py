"""Other arrangements of the same elements: the standard's manipulation functions."""

from __future__ import annotations

from collections.abc import Sequence

from diffkit import _core
from diffkit._core import broadcast_tensors as broadcast_arrays
from diffkit._core import stack
from diffkit._core import unbind as unstack
from diffkit.array_api._types import Axes, Tensor
from diffkit.errors import ArgumentError, AxisError, ShapeError

__all__ = [
    "broadcast_arrays", "broadcast_shapes", "broadcast_to", "concat", "expand_dims", "flip", "moveaxis",
    "permute_dims", "repeat", "reshape", "roll", "squeeze", "stack", "tile", "unstack",
]  # fmt: skip


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape to which arrays of these shapes broadcast.

    >>> diffkit.array_api.broadcast_shapes((2, 1), (3,))
    (2, 3)
    """
    sizes = [1] * max(map(len, shapes), default=0)
    for shape in shapes:
        for axis, size in enumerate(shape, len(sizes) - len(shape)):
            if sizes[axis] == 1:
                sizes[axis] = size
            elif size not in (1, sizes[axis]):
                raise ShapeError(f"broadcast_shapes: {', '.join(map(str, shapes))} do not broadcast together")
    return tuple(sizes)


def broadcast_to(x: Tensor, /, shape: tuple[int, ...]) -> Tensor:
    """The array repeated along axes of size 1 and new first axes, as a view.

    >>> diffkit.array_api.broadcast_to(diffkit.tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return _core.broadcast_to(x, shape)


def concat(arrays: Sequence[Tensor], /, *, axis: int | None = 0) -> Tensor:
    """Arrays one after the other along an axis that exists; all flattened first if `axis` is None.

    >>> diffkit.array_api.concat([diffkit.tensor([[1, 2]]), diffkit.tensor([[3, 4]])], axis=None)
    tensor([1, 2, 3, 4])
    """
    if axis is None:
        return _core.cat([array.reshape(-1) for array in arrays])
    return _core.cat(arrays, axis)


def expand_dims(x: Tensor, /, axis: int | tuple[int, ...]) -> Tensor:
    """The array with axes of size 1 at the places that `axis` says in the result; a view.

    >>> diffkit.array_api.expand_dims(diffkit.zeros(3), (0, -1)).shape
    (1, 3, 1)
    """
    places = axis if isinstance(axis, tuple) else (axis,)
    ndim = x.ndim + len(places)
    if not all(-ndim <= place < ndim for place in places):
        raise AxisError(f"expand_dims: axes are -{ndim} to {ndim - 1} in a result of {ndim}, got {axis}")
    new = {place % ndim for place in places}
    if len(new) < len(places):
        raise ArgumentError(f"expand_dims: the axes {axis} name one place twice")
    old = iter(x.shape)
    return x.reshape(tuple(1 if place in new else next(old) for place in range(ndim)))


def flip(x: Tensor, /, *, axis: Axes = None) -> Tensor:
    """The elements in reverse order along axes, all by default.

    >>> diffkit.array_api.flip(diffkit.tensor([[1, 2], [3, 4]]))
    tensor([[4, 3],
            [2, 1]])
    """
    return _core.flip(x, tuple(range(x.ndim)) if axis is None else axis)


def moveaxis(x: Tensor, source: int | tuple[int, ...], destination: int | tuple[int, ...], /) -> Tensor:
    """The array with axes moved to other places; the others keep their order. A view.

    >>> diffkit.array_api.moveaxis(diffkit.zeros(2, 3, 4), 0, -1).shape
    (3, 4, 2)
    """
    return _core.movedim(x, source, destination)


def permute_dims(x: Tensor, /, axes: tuple[int, ...]) -> Tensor:
    """The array with its axes in the order given, as a view.

    >>> diffkit.array_api.permute_dims(diffkit.zeros(2, 3, 4), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return _core.permute(x, axes)


def repeat(x: Tensor, repeats: int | Tensor, /, *, axis: int | None = None) -> Tensor:
    """Each element (or slice along `axis`) as often as `repeats` says; PyTorch's `repeat_interleave`.

    >>> diffkit.array_api.repeat(diffkit.tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    """
    return _core.repeat_interleave(x, repeats, axis)


def reshape(x: Tensor, /, shape: tuple[int, ...], *, copy: bool | None = None) -> Tensor:
    """The elements in row-major order in another shape; with `copy=False` a view or an error.

    >>> diffkit.array_api.reshape(diffkit.arange(6), (2, -1)).shape
    (2, 3)
    """
    return _core.reshape(x, shape, copy=copy)


def roll(x: Tensor, /, shift: int | tuple[int, ...], *, axis: Axes = None) -> Tensor:
    """The elements moved up by `shift` along axes, coming back at the start; flattened on the way if None.

    >>> diffkit.array_api.roll(diffkit.tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    return _core.roll(x, shift, axis)


def squeeze(x: Tensor, /, axis: int | tuple[int, ...]) -> Tensor:
    """The array without the given axes, which must be of size 1 (PyTorch keeps others); a view.

    >>> diffkit.array_api.squeeze(diffkit.zeros(1, 3, 1), (0, 2)).shape
    (3,)
    """
    axes = axis if isinstance(axis, tuple) else (axis,)
    squeezed = _core.squeeze(x, axes) if axes else x
    if squeezed.ndim != x.ndim - len(axes):
        raise ShapeError(f"squeeze: axes {axes} of shape {x.shape} must be of size 1")
    return squeezed


def tile(x: Tensor, repetitions: tuple[int, ...], /) -> Tensor:
    """The whole array side by side, so often along each axis.

    >>> diffkit.array_api.tile(diffkit.tensor([1, 2]), (2,))
    tensor([1, 2, 1, 2])
    """
    return _core.tile(x, repetitions)
