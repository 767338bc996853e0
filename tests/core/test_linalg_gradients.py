"""Derivatives of decompositions and matrix norms to second order, single and in batches."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.testing import gradcheck, gradgradcheck


def symmetric(x):
    return (x + x.mT) / 2


def definite(x):
    return x @ x.mT + 0.5 * dk.eye(x.shape[-1], dtype=dk.float64)


CASES = [
    ("inv", lambda x: dk.linalg.inv(x)),
    ("det", lambda x: dk.linalg.det(x)),
    ("slogdet", lambda x: dk.linalg.slogdet(x)[1]),
    ("solve a vector", lambda x: dk.linalg.solve(x, x[..., 0:1] ** 2)),
    ("solve a matrix", lambda x: dk.linalg.solve(x, x.mT)),
    ("cholesky", lambda x: dk.linalg.cholesky(definite(x))),
    ("eigenvalues", lambda x: dk.linalg.eigh(symmetric(x))[0]),
    ("eigenvectors", lambda x: dk.linalg.eigh(symmetric(x))[1] ** 2),  # squares do not depend on the sign
    ("eigvalsh", lambda x: dk.linalg.eigvalsh(symmetric(x))),
    ("svdvals", lambda x: dk.linalg.svdvals(x)),
    ("svd", lambda x: dk.linalg.svd(x, full_matrices=False)[0] ** 2),
    ("pinv", lambda x: dk.linalg.pinv(x)),
    ("matrix_power", lambda x: dk.linalg.matrix_power(x, 3)),
    ("matrix_power below zero", lambda x: dk.linalg.matrix_power(x, -2)),
    *[
        (f"matrix_norm {p}", lambda x, p=p: dk.linalg.matrix_norm(x, p))
        for p in ("fro", "nuc", 2, -2, 1, float("inf"))
    ],
    ("norm", lambda x: dk.linalg.norm(x)),
    ("vector_norm", lambda x: dk.linalg.vector_norm(x, 3, dim=-1)),
]

every_case = pytest.mark.parametrize(("name", "fn"), CASES, ids=[name for name, _ in CASES])


def matrix(*shape):
    """Well-conditioned, with distinct singular values."""
    draw = np.random.default_rng(5).uniform(-1, 1, shape)
    return dk.tensor(draw + 2 * np.diag(np.arange(1.0, shape[-1] + 1)), requires_grad=True)


@every_case
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 3), (2, 2, 2)], ids=str)
def test_to_second_order(name, fn, shape):
    x = matrix(*shape)
    assert gradcheck(fn, x, atol=1e-6, rtol=1e-6)
    assert gradgradcheck(fn, x, atol=1e-5, rtol=1e-5)


@every_case
def test_plain_and_recorded_backward_agree(name, fn):
    x = matrix(4, 4)
    out = fn(x)
    weight = dk.tensor(np.random.default_rng(0).uniform(0.5, 2, tuple(out.shape)))
    (plain,) = dk.autograd.grad(out, x, weight, retain_graph=True)
    (traced,) = dk.autograd.grad(out, x, weight, create_graph=True)
    np.testing.assert_allclose(plain.numpy(), traced.detach().numpy(), rtol=1e-10, atol=1e-12)


@every_case
def test_transposed_memory(name, fn):
    x = matrix(3, 3)
    y = x.detach().T.contiguous().requires_grad_()
    (one,) = dk.autograd.grad(fn(x).sum(), x)
    (other,) = dk.autograd.grad(fn(y.T).sum(), y)
    np.testing.assert_allclose(other.numpy().T, one.numpy(), rtol=1e-9, atol=1e-11)


def test_right_hand_sides():
    a, b, v = matrix(3, 3), matrix(3, 3), dk.tensor([1.0, -2, 0.5], dtype=dk.float64, requires_grad=True)
    assert gradcheck(dk.linalg.solve, (a, b)) and gradgradcheck(dk.linalg.solve, (a, b))
    assert gradcheck(dk.linalg.solve, (a, v)) and gradgradcheck(dk.linalg.solve, (a, v))


def test_singular_matrices_are_named():
    singular = dk.ones(2, 2, dtype=dk.float64)
    for fn in (dk.linalg.inv, lambda x: dk.linalg.solve(x, x), lambda x: dk.linalg.cholesky(-x)):
        with pytest.raises(dk.errors.LinAlgError):
            fn(singular)
    assert dk.linalg.det(singular).item() == pytest.approx(0, abs=1e-15)


def test_gradient_of_the_determinant_of_a_singular_matrix():
    x = dk.tensor([[1.0, 2], [2, 4]], dtype=dk.float64, requires_grad=True)
    (g,) = dk.autograd.grad(dk.linalg.det(x), x)
    np.testing.assert_allclose(g.numpy(), [[4, -2], [-2, 1]], atol=1e-12)
