"""Linear algebra of the standard. Matrices are the last two axes; axes before them are batches.

Where PyTorch says `dim` the standard says `axis`; decompositions give the same named tuples.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from diffkit import _core
from diffkit._core import matmul, matrix_transpose
from diffkit._core import outer as outer
from diffkit.array_api._types import DType, Tensor
from diffkit.array_api.manipulation import broadcast_arrays
from diffkit.array_api.statistics import sum
from diffkit.errors import ShapeError
from diffkit.linalg import EighResult as EighResult
from diffkit.linalg import SVDResult as SVDResult
from diffkit.linalg import (
    cholesky,
    det,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    inv,
    matrix_power,
    qr,
    slogdet,
    svdvals,
)
from diffkit.linalg import cross as _cross
from diffkit.linalg import matrix_norm as _matrix_norm
from diffkit.linalg import matrix_rank as _matrix_rank
from diffkit.linalg import pinv as _pinv
from diffkit.linalg import solve as _solve
from diffkit.linalg import svd as _svd
from diffkit.linalg import vector_norm as _vector_norm

__all__ = [
    "cholesky", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv", "matmul",
    "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet",
    "solve", "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm",
]  # fmt: skip

Contraction: TypeAlias = int | tuple[tuple[int, ...] | list[int], tuple[int, ...] | list[int]]


def cross(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """The cross product of 3-vectors along `axis`.

    >>> diffkit.array_api.linalg.cross(diffkit.tensor([1, 0, 0]), diffkit.tensor([0, 1, 0]))
    tensor([0, 0, 1])
    """
    _check_lengths("cross", x1, x2, axis, 3)
    return _cross(*broadcast_arrays(x1, x2), dim=axis)


def diagonal(x: Tensor, /, *, offset: int = 0) -> Tensor:
    """The diagonals of matrices as the last axis of a view; `offset` counts to the right.

    >>> diffkit.array_api.linalg.diagonal(diffkit.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    return _core.diagonal(x, offset, -2, -1)


def matrix_norm(
    x: Tensor, /, *, keepdims: bool = False, ord: int | float | Literal["fro", "nuc"] | None = "fro"
) -> Tensor:
    """The norms of matrices: "fro", "nuc", 1, -1, 2, -2, inf or -inf.

    >>> diffkit.array_api.linalg.matrix_norm(diffkit.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor(5.)
    """
    return _matrix_norm(x, "fro" if ord is None else ord, (-2, -1), keepdims)


def matrix_rank(x: Tensor, /, *, rtol: float | Tensor | None = None) -> Tensor:
    """How many singular values exceed `rtol` times the largest (int64); one tolerance per matrix if an array.

    >>> diffkit.array_api.linalg.matrix_rank(diffkit.ones(2, 2))
    tensor(1)
    """
    return _matrix_rank(x, rtol=rtol)


def pinv(x: Tensor, /, *, rtol: float | Tensor | None = None) -> Tensor:
    """The pseudo-inverses; singular values below `rtol` times the largest count as zeros.

    >>> diffkit.array_api.linalg.pinv(diffkit.tensor([[2.0], [0.0]]))
    tensor([[0.5000, 0.0000]])
    """
    return _pinv(x, rtol=rtol)


def solve(x1: Tensor, x2: Tensor, /) -> Tensor:
    """What solves `x1 @ x = x2`. `x2` is a vector only if it has one axis; PyTorch guesses from the shapes.

    >>> diffkit.array_api.linalg.solve(diffkit.tensor([[2.0, 0.0], [0.0, 4.0]]), diffkit.tensor([2.0, 4.0]))
    tensor([1., 1.])
    """
    if x1.ndim < 2:
        raise ShapeError(f"solve: x1 must be square matrices, got shape {x1.shape}")
    dtype = _core.result_type(x1, x2)
    x1, x2 = x1.to(dtype), x2.to(dtype)
    if x2.ndim == 1:
        return _solve(x1, x2[:, None])[..., 0]
    # With as many axes as `x1` it cannot be taken for a batch of vectors.
    return _solve(x1, x2[(None,) * (x1.ndim - x2.ndim)])


def svd(x: Tensor, /, *, full_matrices: bool = True) -> SVDResult:
    """The factors of ``x = U @ diag(S) @ Vh``; S descends.

    >>> diffkit.array_api.linalg.svd(diffkit.tensor([[3.0, 0.0], [0.0, 4.0]])).S
    tensor([4., 3.])
    """
    return _svd(x, full_matrices)


def tensordot(x1: Tensor, x2: Tensor, /, *, axes: Contraction = 2) -> Tensor:
    """Sums of products over the last `axes` axes of `x1` and the first of `x2`, or over pairs of axes.

    >>> diffkit.array_api.tensordot(diffkit.ones(2, 3), diffkit.ones(3, 2), axes=1)
    tensor([[3., 3.],
            [3., 3.]])
    """
    return _core.tensordot(x1, x2, axes)


def trace(x: Tensor, /, *, offset: int = 0, dtype: DType | None = None) -> Tensor:
    """The sums of diagonals of matrices; small integers are added up as in `sum`.

    >>> diffkit.array_api.linalg.trace(diffkit.tensor([[1, 2], [3, 4]]))
    tensor(5)
    """
    return sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Dot products of vectors along `axis`; the first is conjugated.

    >>> diffkit.array_api.vecdot(diffkit.tensor([1, 2]), diffkit.tensor([3, 4]))
    tensor(11)
    """
    _check_lengths("vecdot", x1, x2, axis)
    return _core.vecdot(x1, x2, axis)


def vector_norm(
    x: Tensor, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, ord: int | float = 2
) -> Tensor:
    """The norms of vectors along axes, of all elements by default.

    >>> diffkit.array_api.linalg.vector_norm(diffkit.tensor([3.0, 4.0]))
    tensor(5.)
    """
    return _vector_norm(x, ord, axis, keepdims)


def _check_lengths(op: str, x1: Tensor, x2: Tensor, axis: int, length: int | None = None) -> None:
    """Vectors do not broadcast along their own axis; both are of one length (or of `length`)."""
    first, second = (x.shape[axis] if -x.ndim <= axis < x.ndim else None for x in (x1, x2))
    if None not in (first, second) and first == second and length in (None, first):
        return
    what = "one size" if length is None else f"size {length}"
    raise ShapeError(f"{op}: axis {axis} must be of {what} in both, got shapes {x1.shape} and {x2.shape}")
