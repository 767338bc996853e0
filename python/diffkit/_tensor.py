"""Small Python classes that tensors hand out: their size, their device, pairs of results."""

from __future__ import annotations

TYPE_CHECKING = False  # checkers know this name; importing typing takes longer than the rest of the package
if TYPE_CHECKING:
    from typing import Any, overload

    from diffkit import Tensor


class Size(int):
    """The number of elements, as an int; called, the shape or one of its sizes, as in PyTorch.

    >>> x = diffkit.zeros(2, 3)
    >>> x.size, x.size(), x.size(0)
    (6, (2, 3), 2)
    """

    _shape: tuple[int, ...]

    def __new__(cls, numel: int, shape: tuple[int, ...]) -> Size:
        self = super().__new__(cls, numel)
        self._shape = shape
        return self

    def __reduce__(self) -> tuple[type[Size], tuple[int, tuple[int, ...]]]:
        return Size, (int(self), self._shape)

    if TYPE_CHECKING:

        @overload
        def __call__(self, dim: None = None) -> tuple[int, ...]: ...
        @overload
        def __call__(self, dim: int) -> int: ...

    def __call__(self, dim: int | None = None) -> tuple[int, ...] | int:
        if dim is None:
            return self._shape
        if not -len(self._shape) <= dim < len(self._shape):
            from diffkit.errors import AxisError

            raise AxisError(f"size: axis {dim} does not exist in a tensor with {len(self._shape)} axes")
        return self._shape[dim]


class device:
    """Where a tensor lives; there is only the CPU.

    >>> diffkit.device("cpu")
    device(type='cpu')
    """

    __slots__ = ("type",)
    type: str

    def __init__(self, type: str | device = "cpu") -> None:
        from diffkit.errors import ArgumentError

        name = str(type)
        if name.split(":")[0] != "cpu":
            raise ArgumentError(f"device: the only device is 'cpu', not {name!r}")
        self.type = "cpu"

    @property
    def index(self) -> None:
        """There is one processor device, without a number."""
        return None

    def __str__(self) -> str:
        return self.type

    def __repr__(self) -> str:
        return f"device(type={self.type!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) or (isinstance(other, str) and other.split(":")[0] == "cpu")

    def __hash__(self) -> int:
        return hash(self.type)


CPU = device()


def rebuild(values: Any, requires_grad: bool) -> Tensor:
    """A tensor from what pickling kept of it."""
    from diffkit import tensor

    return tensor(values, requires_grad=requires_grad)


def deepcopy(leaf: Tensor, memo: dict[int, Any]) -> Tensor:
    """A copy that shares nothing with `leaf`, its gradient included. Graphs are not copied."""
    from copy import deepcopy

    from diffkit.errors import DTypeError

    if not isinstance(memo, dict):
        raise DTypeError(f"deepcopy: the memo is a dict, not {type(memo).__name__}")
    build, arguments = leaf.__reduce__()
    copy: Tensor = build(*arguments)
    copy.grad = deepcopy(leaf.grad, memo)
    return copy
