"""Linear algebra under the names of `torch.linalg`: norms, products, solutions, decompositions.

Matrices are the last two axes; axes before them are batches.

>>> A = diffkit.tensor([[2.0, 1.0], [1.0, 2.0]])
>>> diffkit.linalg.eigh(A).eigenvalues
tensor([1., 3.])
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from diffkit._classify import Classification, Evidence, classify
from diffkit._core import (
    Tensor,
    cholesky,
    cond,
    det,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    inv,
    lstsq,
    lu,
    matmul,
    matrix_exp,
    matrix_norm,
    matrix_power,
    matrix_rank,
    matrix_transpose,
    outer,
    pinv,
    qr,
    slogdet,
    solve,
    solve_triangular,
    svd,
    svdvals,
    tensordot,
    vecdot,
    vector_norm,
)
from diffkit._core import cross as _cross
from diffkit._core import diagonal as _diagonal
from diffkit._core import dtype as DType
from diffkit._core import linalg_norm as norm
from diffkit.errors import DiffkitError, DTypeError, ShapeError

__all__ = [
    "Classification", "EigResult", "EighResult", "Evidence", "LUResult", "LstsqResult", "QRResult",
    "SVDResult", "SlogdetResult", "cholesky", "classify", "cond", "cross", "det", "diagonal", "eig",
    "eigh", "eigvals", "eigvalsh", "inv", "lstsq", "lu", "matmul", "matrix_exp", "matrix_norm",
    "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm", "outer", "pinv", "qr",
    "slogdet", "solve", "solve_triangular", "svd", "svdvals", "tensordot", "trace", "vecdot",
    "vector_norm",
]  # fmt: skip


class SlogdetResult(NamedTuple):
    """The sign of determinants, and the logarithms of their absolute values."""

    sign: Tensor
    logabsdet: Tensor


class EighResult(NamedTuple):
    """Eigenvalues, ascending, and the eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class EigResult(NamedTuple):
    """Eigenvalues, in no particular order, and the eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QRResult(NamedTuple):
    """The factors of ``A = Q @ R``."""

    Q: Tensor
    R: Tensor


class LUResult(NamedTuple):
    """The factors of ``A = P @ L @ U``."""

    P: Tensor
    L: Tensor
    U: Tensor


class LstsqResult(NamedTuple):
    """A least-squares solution, sums of squared residuals, the rank and the singular values."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


class SVDResult(NamedTuple):
    """The factors of ``A = U @ diag(S) @ Vh``."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def _one_of(op: str, dim: int | None, axis: int | None, default: int) -> int:
    if dim is not None and axis is not None:
        raise DiffkitError(f"{op}: dim and axis are two names of one argument; give one of them")
    given = axis if dim is None else dim
    return default if given is None else given


def cross(input: Tensor, other: Tensor, *, dim: int | None = None, axis: int | None = None) -> Tensor:
    """The cross product of 3-vectors along `dim` or `axis`, by default the last; the others broadcast.

    >>> diffkit.linalg.cross(diffkit.tensor([1.0, 0.0, 0.0]), diffkit.tensor([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])
    """
    return _cross(input, other, _one_of("linalg.cross", dim, axis, -1))


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices as the last axis of a view; `offset` counts to the right.

    >>> diffkit.linalg.diagonal(diffkit.tensor([[1, 2], [3, 4]]), offset=1)
    tensor([2])
    """
    return _diagonal(A, offset, dim1, dim2)


def trace(A: Tensor, *, offset: int = 0, dtype: DType | None = None) -> Tensor:
    """The sums of the diagonals of matrices (..., m, n), as numbers of `dtype`; `offset` counts to the right.

    Gradient: the gradient on the diagonal, zero elsewhere.

    >>> diffkit.linalg.trace(diffkit.tensor([[1, 2], [3, 4]]))
    tensor(5)
    """
    return _diagonal(A, offset, -2, -1).sum(-1, dtype=dtype)


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of two or more matrices, in the order that needs the fewest multiplications.

    The first may be a vector, which counts as a row, and the last one, which counts as a column. Gradient:
    that of the products.

    >>> diffkit.linalg.multi_dot([diffkit.ones(2, 3), diffkit.ones(3, 4), diffkit.ones(4)])
    tensor([12., 12.])
    """
    if not isinstance(tensors, (list, tuple)) or not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise DTypeError("linalg.multi_dot: takes a list or tuple of Tensors")
    if len(tensors) < 2:
        raise ShapeError(f"linalg.multi_dot: needs at least 2 tensors, got {len(tensors)}")
    factors = list(tensors)
    row, column = factors[0].ndim == 1, factors[-1].ndim == 1
    if row:
        factors[0] = factors[0].unsqueeze(0)
    if column:
        factors[-1] = factors[-1].unsqueeze(-1)
    shapes = [tuple(tensor.shape) for tensor in tensors]
    if any(factor.ndim != 2 for factor in factors) or any(
        a.shape[1] != b.shape[0] for a, b in pairwise(factors)
    ):
        raise ShapeError(f"linalg.multi_dot: takes matrices that fit each other, got shapes {shapes}")
    product = _chain(
        factors, _cuts([factor.shape[0] for factor in factors] + [factors[-1].shape[1]]), 0, len(factors) - 1
    )
    if row:
        product = product.squeeze(0)
    return product.squeeze(-1) if column else product


def _cuts(sizes: list[int]) -> dict[tuple[int, int], int]:
    """After which factor the best product of factors i to j is cut, by dynamic programming."""
    count = len(sizes) - 1
    cost = {(i, i): 0 for i in range(count)}
    cuts = {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            totals = [
                cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)
            ]
            cost[i, j] = min(totals)
            cuts[i, j] = i + totals.index(cost[i, j])
    return cuts


def _chain(factors: list[Tensor], cuts: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return factors[i]
    cut = cuts[i, j]
    return matmul(_chain(factors, cuts, i, cut), _chain(factors, cuts, cut + 1, j))
