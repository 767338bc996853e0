"""Linear algebra under the names of `torch.linalg`: norms, products, solutions, decompositions.

Matrices are the last two axes; axes before them are batches.

>>> A = diffkit.tensor([[2.0, 1.0], [1.0, 2.0]])
>>> diffkit.linalg.eigh(A).eigenvalues
tensor([1., 3.])
"""

from __future__ import annotations

from typing import NamedTuple

from diffkit._classify import Classification, Evidence, classify
from diffkit._core import (
    Tensor,
    cholesky,
    cond,
    det,
    eigh,
    eigvalsh,
    inv,
    matmul,
    matrix_norm,
    matrix_power,
    matrix_rank,
    pinv,
    slogdet,
    solve,
    svd,
    svdvals,
    vecdot,
    vector_norm,
)
from diffkit._core import cross as _cross
from diffkit._core import diagonal as _diagonal
from diffkit._core import linalg_norm as norm

__all__ = [
    "Classification", "EighResult", "Evidence", "SVDResult", "SlogdetResult", "cholesky", "classify",
    "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm",
    "matrix_power", "matrix_rank", "norm", "pinv", "slogdet", "solve", "svd", "svdvals", "vecdot",
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


class SVDResult(NamedTuple):
    """The factors of ``A = U @ diag(S) @ Vh``."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The cross product of 3-vectors along `dim`, the last axis by default; the other axes broadcast.

    >>> diffkit.linalg.cross(diffkit.tensor([1.0, 0.0, 0.0]), diffkit.tensor([0.0, 1.0, 0.0]))
    tensor([0., 0., 1.])
    """
    return _cross(input, other, dim)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices as the last axis of a view; `offset` counts to the right.

    >>> diffkit.linalg.diagonal(diffkit.tensor([[1, 2], [3, 4]]), offset=1)
    tensor([2])
    """
    return _diagonal(A, offset, dim1, dim2)
