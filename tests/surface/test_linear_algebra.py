"""Products, decompositions, systems and norms of matrices, against NumPy."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64 = torch.float32, torch.float64, torch.int64

RNG = np.random.default_rng(8)
A = RNG.normal(size=(3, 4))
B = RNG.normal(size=(4, 2))
SQUARE = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
SYMMETRIC = SQUARE @ SQUARE.T


def f64_tensor(values):
    return torch.tensor(np.asarray(values, dtype=np.float64))


def test_dot(same):
    a, b = torch.tensor([1.0, 2, 3]), torch.tensor([4.0, 5, 6])
    same(torch.dot(a, b), 32)
    same(a.dot(b), 32)
    same(torch.dot(torch.arange(4), torch.arange(4)), 14, i64)
    same(torch.dot(torch.zeros(0), torch.zeros(0)), 0)


def test_mv_mm_matmul(same):
    a, b, v = f64_tensor(A), f64_tensor(B), f64_tensor(A[0])
    same(torch.mv(a, v), A @ A[0], f64)
    same(a.mv(v), A @ A[0], f64)
    same(torch.mm(a, b), A @ B, f64)
    same(a.mm(b), A @ B, f64)
    same(torch.matmul(a, b), A @ B, f64)
    same(a.matmul(b), A @ B, f64)
    same(a @ b, A @ B, f64)
    same(a @ v, A @ A[0], f64)
    same(v @ b, A[0] @ B, f64)
    same(v @ v, A[0] @ A[0], f64)
    same(a.T @ a, A.T @ A, f64)
    same(torch.mm(torch.tensor([[1, 2]]), torch.tensor([[3], [4]])), [[11]], i64)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((5, 3, 4), (5, 4, 2)),
        ((5, 3, 4), (4, 2)),
        ((3, 4), (5, 4, 2)),
        ((2, 1, 3, 4), (5, 4, 2)),
        ((5, 3, 4), (4,)),
        ((4,), (5, 4, 2)),
        ((0, 3, 4), (4, 2)),
        ((3, 0), (0, 2)),
    ],
)
def test_batched_matmul(same, left, right):
    a, b = RNG.normal(size=left), RNG.normal(size=right)
    same(f64_tensor(a) @ f64_tensor(b), a @ b, f64)
    same(torch.matmul(f64_tensor(a), f64_tensor(b)), a @ b, f64)


def test_bmm(same):
    a, b = RNG.normal(size=(5, 3, 4)), RNG.normal(size=(5, 4, 2))
    same(torch.bmm(f64_tensor(a), f64_tensor(b)), a @ b, f64)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: torch.dot(torch.ones(2, 2), torch.ones(2)),
        lambda: torch.dot(torch.ones(2), torch.ones(3)),
        lambda: torch.mv(torch.ones(5, 4), torch.ones(10)),
        lambda: torch.mv(torch.ones(4), torch.ones(4)),
        lambda: torch.mm(torch.ones(5, 4), torch.ones(5, 4)),
        lambda: torch.mm(torch.ones(2, 2, 2), torch.ones(2, 2)),
        lambda: torch.ones(2, 3) @ torch.ones(2),
        lambda: torch.ones(()) @ torch.ones(2),
    ],
)
def test_shapes_that_do_not_fit_are_refused(wrong):
    with pytest.raises((RuntimeError, ValueError)):
        wrong()


def test_einsum(same):
    a, b = f64_tensor(A), f64_tensor(B)
    same(torch.einsum("ij,jk->ik", a, b), A @ B, f64)
    same(torch.einsum("ij, j", a, f64_tensor(A[0])), A @ A[0], f64)
    same(torch.einsum("ij->ji", a), A.T, f64)
    same(torch.einsum("ij->", a), A.sum(), f64)
    same(torch.einsum("i,j->ij", a[0], a[1]), np.outer(A[0], A[1]), f64)
    same(torch.einsum("ii", f64_tensor(SQUARE)), np.trace(SQUARE), f64)


def test_outer_trace_diagonals(same):
    same(torch.outer(torch.tensor([1.0, 2]), torch.tensor([3.0, 4, 5])), [[3, 4, 5], [6, 8, 10]])
    same(torch.trace(torch.arange(9.0).reshape(3, 3)), 12)
    same(torch.diag(torch.tensor([1.0, 2])), [[1, 0], [0, 2]])
    same(torch.diag(torch.arange(9.0).reshape(3, 3)), [0, 4, 8])
    same(torch.tril(torch.ones(3, 3)), np.tril(np.ones((3, 3))))
    same(torch.triu(torch.ones(3, 3), diagonal=1), np.triu(np.ones((3, 3)), 1))


def test_transposes(same):
    a = f64_tensor(A)
    same(a.T, A.T, f64)
    same(a.t(), A.T, f64)
    same(a.mT, A.T, f64)
    same(a.transpose(0, 1), A.T, f64)
    same(torch.transpose(a, 0, 1), A.T, f64)
    batch = np.arange(24.0).reshape(2, 3, 4)
    same(f64_tensor(batch).mT, np.swapaxes(batch, 1, 2), f64)
    same(f64_tensor(batch).permute(2, 0, 1), batch.transpose(2, 0, 1), f64)
    same(torch.tensor([1.0, 2]).t(), [1, 2])


def test_determinants(same):
    same(torch.det(f64_tensor(SQUARE)), np.linalg.det(SQUARE), f64)
    same(torch.linalg.det(f64_tensor(SQUARE)), np.linalg.det(SQUARE), f64)
    same(torch.det(torch.tensor([[1.0, 2], [3, 4]])), -2)
    sign, logarithm = torch.linalg.slogdet(f64_tensor(-SQUARE))
    want = np.linalg.slogdet(-SQUARE)
    same(sign, want[0], f64)
    same(logarithm, want[1], f64)
    stack = np.stack([SQUARE, SYMMETRIC])
    same(torch.linalg.det(f64_tensor(stack)), np.linalg.det(stack), f64)


def test_solve_and_inverse(same):
    right = RNG.normal(size=(3, 2))
    same(torch.linalg.solve(f64_tensor(SQUARE), f64_tensor(right)), np.linalg.solve(SQUARE, right), f64)
    same(
        torch.linalg.solve(f64_tensor(SQUARE), f64_tensor(right[:, 0])),
        np.linalg.solve(SQUARE, right[:, 0]),
        f64,
    )
    same(torch.linalg.inv(f64_tensor(SQUARE)), np.linalg.inv(SQUARE), f64)
    same(torch.inverse(f64_tensor(SQUARE)), np.linalg.inv(SQUARE), f64)


def test_singular_is_refused():
    singular = torch.tensor([[1.0, 2], [2, 4]])
    with pytest.raises((RuntimeError, ValueError)):
        torch.linalg.inv(singular)
    with pytest.raises((RuntimeError, ValueError)):
        torch.linalg.solve(singular, torch.ones(2))
    with pytest.raises((RuntimeError, ValueError)):
        torch.linalg.cholesky(torch.tensor([[1.0, 2], [2, 1]]))


def test_decompositions(same):
    a, s = f64_tensor(A), f64_tensor(SYMMETRIC)
    same(torch.linalg.cholesky(s), np.linalg.cholesky(SYMMETRIC), f64)
    u, values, vh = torch.linalg.svd(a, full_matrices=False)
    same(values, np.linalg.svd(A, compute_uv=False), f64)
    same(u @ torch.diag(values) @ vh, A, f64)
    same(torch.linalg.svdvals(a), np.linalg.svd(A, compute_uv=False), f64)


def test_eigenvalues(same):
    s = f64_tensor(SYMMETRIC)
    values, vectors = torch.linalg.eigh(s)
    same(values, np.linalg.eigvalsh(SYMMETRIC), f64)
    same(s @ vectors, (vectors * values).tolist(), f64)
    same(vectors.T @ vectors, np.eye(3), f64)
    same(torch.linalg.eigvalsh(s), np.linalg.eigvalsh(SYMMETRIC), f64)


@pytest.mark.parametrize("order", [None, 1, 2, 3, 0, float("inf"), -float("inf")])
def test_vector_norms(same, order):
    v = np.array([3.0, -4, 0, 12])
    same(torch.linalg.norm(f64_tensor(v), order), np.linalg.norm(v, order), f64)
    same(
        torch.linalg.vector_norm(f64_tensor(v), 2 if order is None else order), np.linalg.norm(v, order), f64
    )


@pytest.mark.parametrize("order", ["fro", "nuc", 1, -1, 2, -2, float("inf"), -float("inf")])
def test_matrix_norms(same, order):
    same(torch.linalg.norm(f64_tensor(A), order), np.linalg.norm(A, order), f64)
    same(torch.linalg.matrix_norm(f64_tensor(A), order), np.linalg.norm(A, order), f64)


def test_norm_axes(same):
    same(torch.linalg.norm(f64_tensor(A)), np.linalg.norm(A), f64)
    same(torch.linalg.norm(f64_tensor(A), dim=1), np.linalg.norm(A, axis=1), f64)
    same(torch.linalg.norm(f64_tensor(A), dim=0, keepdim=True), np.linalg.norm(A, axis=0, keepdims=True), f64)
    same(torch.linalg.vector_norm(f64_tensor(A)), np.linalg.norm(A), f64)


def test_more(same):
    a, b = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3))
    same(torch.linalg.vecdot(f64_tensor(a), f64_tensor(b)), (a * b).sum(axis=1), f64)
    same(torch.linalg.cross(f64_tensor(a), f64_tensor(b)), np.cross(a, b), f64)
    same(torch.kron(torch.eye(2), torch.ones(1, 2)), np.kron(np.eye(2), np.ones((1, 2))))
    same(torch.linalg.matrix_power(f64_tensor(SQUARE), 3), SQUARE @ SQUARE @ SQUARE, f64)
    assert torch.linalg.matrix_rank(torch.ones(3, 3)).item() == 1
    same(torch.linalg.pinv(f64_tensor(A)), np.linalg.pinv(A), f64)
