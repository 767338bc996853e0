"""Derivatives to first and second order by finite differences, of real and of complex matrices.

A complex matrix is made of two real ones, its results are taken apart again: so the differences see the
gradient of a real loss by the two parts, which is what a complex gradient is. Functions of eigenvectors and
singular vectors are such that signs and phases cancel.
"""

import numpy as np
import pytest

import diffkit as dk
from diffkit import linalg
from diffkit.testing import gradcheck, gradgradcheck

EYE = dk.eye(3, dtype=dk.float64)


def hermitian(x):
    return x + linalg.matrix_transpose(x).conj()


def definite(x):
    return x @ linalg.matrix_transpose(x).conj() + 0.5 * dk.eye(x.shape[-2], dtype=dk.float64)


def projector(q):
    return q @ linalg.matrix_transpose(q).conj()


def eigh_vectors(x):
    values, vectors = linalg.eigh(hermitian(x))
    return projector(vectors * values.sin().unsqueeze(-2)), vectors.abs() ** 2


def eig_vectors(x):
    values, vectors = linalg.eig(x)
    return values, vectors.abs() ** 2, (vectors * (values**2).unsqueeze(-2)) @ linalg.inv(vectors)


def svd_factors(full):
    def factors(x):
        u, s, vh = linalg.svd(x, full_matrices=full)
        k = s.shape[-1]
        kept = u[..., :k] @ vh[..., :k, :]
        rest = projector(u[..., k:]) if full and u.shape[-1] > k else s
        others = projector(linalg.matrix_transpose(vh[..., k:, :])) if full and vh.shape[-2] > k else s
        return kept, s, u[..., :k].abs() ** 2, rest, others

    return factors


def qr_factors(mode):
    def factors(x):
        q, r = linalg.qr(x, mode)
        if mode == "r":
            return r
        k = min(x.shape[-2:])
        rest = projector(q[..., k:]) if q.shape[-1] > k else r
        return q[..., :k], r, rest

    return factors


def triangular(**flags):
    return lambda x: linalg.solve_triangular(
        x, x[..., :, ::2] if flags.get("left", True) else x[..., ::2, :], **flags
    )


SQUARE = {
    "inv": linalg.inv,
    "det": linalg.det,
    "slogdet": lambda x: (
        tuple(linalg.slogdet(x)) if x.dtype == dk.complex128 else linalg.slogdet(x).logabsdet
    ),
    "solve a vector": lambda x: linalg.solve(x, x[..., 0] * x[..., 1]),
    "solve a matrix": lambda x: linalg.solve(x, x * x),
    "solve, broadcast": lambda x: linalg.solve(x, x.reshape(-1, 3)[:3, :2]),
    "lower cholesky": lambda x: linalg.cholesky(definite(x)),
    "upper cholesky": lambda x: linalg.cholesky(definite(x), upper=True),
    "eigvalsh": lambda x: linalg.eigvalsh(hermitian(x)),
    "eigh": eigh_vectors,
    "eigh, upper": lambda x: linalg.eigh(hermitian(x), UPLO="U").eigenvectors.abs() ** 2,
    "eigvals": linalg.eigvals,
    "eig": eig_vectors,
    "matrix_exp": linalg.matrix_exp,
    "matrix_exp of large": lambda x: linalg.matrix_exp(4 * x) / 1000,
    "matrix_power 3": lambda x: linalg.matrix_power(x, 3),
    "matrix_power -2": lambda x: linalg.matrix_power(x, -2),
    "cond": lambda x: linalg.cond(x),
    "cond 1": lambda x: linalg.cond(x, 1),
    "lower": triangular(upper=False),
    "upper": triangular(upper=True),
    "unit lower": triangular(upper=False, unitriangular=True),
    "right upper": triangular(upper=True, left=False),
    "right unit": triangular(upper=False, left=False, unitriangular=True),
    "trace": lambda x: linalg.trace(x @ x, offset=1),
    "outer": lambda x: linalg.outer(x.reshape(-1), x.reshape(-1)[:2]),
    "vecdot": lambda x: linalg.vecdot(x, x * x, dim=-1),
    "tensordot": lambda x: linalg.tensordot(x, x, ([-1], [-2])),
    "cross": lambda x: linalg.cross(x, x * x, axis=-1),
    "multi_dot": lambda x: linalg.multi_dot([m := x.reshape(-1, 3), m.T, m, m[0]]),
}
ANY_SHAPE = {
    "svdvals": linalg.svdvals,
    "svd": svd_factors(full=False),
    "full svd": svd_factors(full=True),
    "qr": qr_factors("reduced"),
    "complete qr": qr_factors("complete"),
    "r": qr_factors("r"),
    "lu": lambda x: tuple(linalg.lu(x)[1:]),
    "pinv": linalg.pinv,
    "lstsq": lambda x: tuple(linalg.lstsq(x, x[..., :2] ** 2)[: 1 + (x.shape[-2] > x.shape[-1])]),
    **{
        f"matrix_norm {p}": lambda x, p=p: linalg.matrix_norm(x, p)
        for p in ("fro", "nuc", 2, -2, 1, -1, float("inf"), -float("inf"))
    },
    **{
        f"vector_norm {p}": lambda x, p=p: linalg.vector_norm(x, p, dim=-1)
        for p in (0, 1, 2, 3, 0.5, -1, float("inf"), -float("inf"))
    },
    "vector_norm of all": lambda x: linalg.vector_norm(x, keepdim=True),
}
CASES = [(name, fn, shape) for name, fn in SQUARE.items() for shape in ((3, 3), (2, 3, 3))]
CASES += [(name, fn, shape) for name, fn in ANY_SHAPE.items() for shape in ((3, 3), (4, 2), (2, 2, 3))]
every_case = pytest.mark.parametrize(("name", "fn", "shape"), CASES, ids=[f"{n} {s}" for n, _, s in CASES])


def draw(shape, seed=0):
    """Well-conditioned, with singular values and eigenvalues apart."""
    rng = np.random.default_rng(seed)
    noise = rng.uniform(-1, 1, shape)
    diagonal = np.eye(*shape[-2:]) * np.arange(1.0, shape[-1] + 1)
    return noise + 1.5 * diagonal


def leaf(values):
    return dk.tensor(values, requires_grad=True)


def parts(results):
    """The differentiable results as real tensors."""
    results = results if isinstance(results, tuple) else (results,)
    taken = []
    for result in results:
        taken += [result.real, result.imag] if result.dtype == dk.complex128 else [result]
    return tuple(taken)


@every_case
def test_of_real_matrices(name, fn, shape):
    x = leaf(draw(shape))
    assert gradcheck(lambda x: parts(fn(x)), x, atol=1e-6, rtol=1e-6)
    assert gradgradcheck(lambda x: parts(fn(x)), x, atol=2e-5, rtol=2e-5)


@every_case
def test_of_complex_matrices(name, fn, shape):
    def of_parts(re, im):
        return parts(fn(dk.complex(re, im)))

    inputs = (leaf(draw(shape)), leaf(draw(shape, 1) - 0.5 * np.eye(*shape[-2:])))
    assert gradcheck(of_parts, inputs, atol=1e-6, rtol=1e-6)
    assert gradgradcheck(of_parts, inputs, atol=2e-5, rtol=2e-5)


def test_a_complex_gradient_is_the_conjugate_of_the_derivative():
    z = dk.tensor([[2 + 1j, 0], [0, 1 - 1j]], dtype=dk.complex128, requires_grad=True)
    linalg.det(z).real.backward()
    np.testing.assert_allclose(z.grad.numpy(), np.conj([[1 - 1j, 0], [0, 2 + 1j]]), atol=1e-15)


def test_eigenvalues_of_a_real_matrix_send_back_a_real_gradient():
    x = leaf(np.array([[0.0, -2.0], [2.0, 0.5]]))
    values = linalg.eigvals(x)
    assert values.dtype == dk.complex128
    (values.abs() ** 2).sum().backward()
    assert x.grad.dtype == dk.float64
    # The product of the values is the determinant.
    np.testing.assert_allclose(x.grad.numpy(), [[1.0, -4.0], [4.0, 0.0]], atol=1e-13)


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 4)], ids=str)
@pytest.mark.parametrize("is_complex", [False, True])
def test_pinv_where_singular_values_coincide_or_vanish(shape, is_complex):
    rng = np.random.default_rng(2)
    draw = rng.standard_normal(shape) + 1j * is_complex * rng.standard_normal(shape)
    u, _, vh = np.linalg.svd(draw if is_complex else draw.real, full_matrices=False)

    def pinv(re, im):
        return parts(linalg.pinv(dk.complex(re, im) if is_complex else re))

    x = u @ vh
    inputs = (leaf(x.real.copy()), leaf(x.imag.copy()))
    assert gradcheck(pinv, inputs, atol=1e-6, rtol=1e-6)
    assert gradgradcheck(pinv, inputs, atol=1e-5, rtol=1e-5)
    # Of rank 1, and staying so.
    assert gradcheck(
        lambda a, b: linalg.pinv(a @ b, rtol=1e-6), (leaf(draw.real[:, :1]), leaf(draw.real[:1]))
    )


def test_where_eigenvalues_coincide_functions_of_their_space_are_right():
    # The same function of the values on both sides of the eigenspace: exp(x) has a derivative everywhere.
    def exponential(x):
        values, vectors = linalg.eigh((x + x.mT) / 2)
        return projector(vectors[..., 1:]) @ x, values.sum()

    x = leaf(np.diag([1.0, 3.0, 3.0]))
    assert gradcheck(exponential, x, atol=1e-6, rtol=1e-6)


def test_losses_that_depend_on_phases_are_refused():
    rng = np.random.default_rng(3)
    z = dk.tensor(rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3)), requires_grad=True)
    for vectors in (
        lambda: linalg.eigh(hermitian(z)).eigenvectors,
        lambda: linalg.svd(z).U,
        lambda: linalg.eig(z).eigenvectors,
        lambda: linalg.eig(z.real).eigenvectors[
            :, np.argmax(np.abs(linalg.eigvals(z.real).imag.detach().numpy()))
        ],
    ):
        with pytest.raises(dk.errors.LinAlgError, match="phases"):
            (vectors().imag * dk.tensor([1.0, 2.0, 3.0], dtype=dk.float64)).sum().backward()


def test_backward_without_a_derivative_is_an_error():
    for fn in (
        lambda x: linalg.eigvals(x).real,  # too few eigenvectors
        lambda x: linalg.qr(x).R,
        lambda x: linalg.lu(x).U,
        lambda x: linalg.slogdet(x).logabsdet,
    ):
        x = leaf(np.array([[0.0, 1.0], [0.0, 0.0]]))
        with pytest.raises(dk.errors.LinAlgError, match="singular"):
            fn(x).sum().backward()
