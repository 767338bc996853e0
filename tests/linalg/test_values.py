"""Values against NumPy and SciPy, to a few rounding errors times the condition number."""

import numpy as np
import pytest
import scipy.linalg

import diffkit as dk
from diffkit import linalg

DTYPES = [np.float32, np.float64, np.complex64, np.complex128]
SHAPES = [(1, 1), (2, 2), (5, 5), (30, 30), (3, 4, 4), (2, 1, 3, 3), (0, 0), (2, 0, 0), (0, 3, 3)]
ANY_SHAPE = [*SHAPES, (3, 5), (5, 3), (40, 7), (7, 40), (2, 3, 1), (0, 3), (3, 0), (2, 0, 4)]

every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
every_square = pytest.mark.parametrize("shape", SHAPES, ids=str)
every_shape = pytest.mark.parametrize("shape", ANY_SHAPE, ids=str)


def draw(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    return (noise if np.dtype(dtype).kind == "c" else noise.real).astype(dtype)


def definite(shape, dtype):
    x = draw(shape, dtype)
    return x @ adjoint(x) + np.eye(shape[-1], dtype=dtype)


def adjoint(x):
    return np.swapaxes(x, -1, -2).conj()


def wide(x):
    """In double precision, so that NumPy's own errors do not count."""
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def near(found, expected, factor):
    """To `factor` epsilons of the largest element."""
    found = found.numpy() if isinstance(found, dk.Tensor) else found
    assert found.shape == expected.shape
    scale = np.max(np.abs(expected), initial=0.0)
    error = np.max(np.abs(wide(found) - expected), initial=0.0)
    assert error <= factor * np.finfo(found.dtype).eps * scale + np.finfo(found.dtype).tiny


def condition(x):
    return float(np.max(np.linalg.cond(wide(x)))) if x.size else 1.0


@every_dtype
@every_square
def test_inverses_solutions_determinants(dtype, shape):
    a = draw(shape, dtype)
    n = shape[-1] + 1
    factor = 8 * n * condition(a)
    near(linalg.inv(dk.tensor(a)), np.linalg.inv(wide(a)), factor)
    for width in (0, 1, 4):
        b = draw((*shape[:-1], width), dtype, 1)
        near(linalg.solve(dk.tensor(a), dk.tensor(b)), np.linalg.solve(wide(a), wide(b)), factor)
    vector = draw(shape[-1:], dtype, 2)
    expected = np.linalg.solve(wide(a), wide(vector)[:, None])[..., 0]
    near(linalg.solve(dk.tensor(a), dk.tensor(vector)), expected, factor)
    near(linalg.det(dk.tensor(a)), np.linalg.det(wide(a)), 8 * n * n)
    sign, log = linalg.slogdet(dk.tensor(a))
    expected = np.linalg.slogdet(wide(a))
    near(sign, expected.sign, 8 * n * n)
    assert log.dtype == dk.tensor(a).abs().dtype
    np.testing.assert_allclose(
        log.numpy(), expected.logabsdet, rtol=1e-5 if log.numpy().itemsize == 4 else 1e-12, atol=1e-5
    )
    power = np.linalg.matrix_power(wide(a), 3)
    near(linalg.matrix_power(dk.tensor(a), 3), power, 8 * n)
    near(linalg.matrix_power(dk.tensor(a), 0), np.linalg.matrix_power(wide(a), 0), 0)


@every_dtype
@every_square
def test_hermitian_matrices(dtype, shape):
    a = definite(shape, dtype)
    n = shape[-1] + 1
    lower = linalg.cholesky(dk.tensor(a)).numpy()
    near(lower, np.linalg.cholesky(wide(a)), 4 * n * condition(a))
    near(
        linalg.cholesky(dk.tensor(a), upper=True), adjoint(np.linalg.cholesky(wide(a))), 4 * n * condition(a)
    )
    # Only one triangle is read.
    spoilt = np.where(np.tri(*a.shape[-2:], dtype=bool), a, np.nan).astype(dtype)
    near(linalg.cholesky(dk.tensor(spoilt)), lower, 0)
    for triangle in "LU":
        values, vectors = linalg.eigh(dk.tensor(a), UPLO=triangle)
        assert values.dtype == dk.tensor(a).abs().dtype
        near(values, np.linalg.eigvalsh(wide(a)), 8 * n)
        v = wide(vectors.numpy())
        near(
            vectors @ dk.tensor((values.numpy()[..., None] * adjoint(vectors.numpy())).astype(dtype)),
            wide(a),
            16 * n,
        )
        near((adjoint(v) @ v).astype(dtype), np.broadcast_to(np.eye(shape[-1]), a.shape), 16 * n)
        near(linalg.eigvalsh(dk.tensor(a), triangle), np.linalg.eigvalsh(wide(a)), 8 * n)


def matched(found, expected):
    """The largest distance when each value goes to its nearest partner."""
    rest = list(expected)
    worst = 0.0
    for value in found:
        nearest = min(range(len(rest)), key=lambda i: abs(rest[i] - value))
        worst = max(worst, abs(rest.pop(nearest) - value))
    return worst


@every_dtype
@every_square
def test_general_eigenvalues(dtype, shape):
    a = draw(shape, dtype)
    values, vectors = linalg.eig(dk.tensor(a))
    alone = linalg.eigvals(dk.tensor(a))
    assert values.dtype == vectors.dtype == alone.dtype == dk.tensor(draw((), dtype) + 0j).dtype
    expected = np.linalg.eigvals(wide(a))
    assert values.shape == alone.shape == expected.shape
    eps, n = np.finfo(dtype).eps, shape[-1]
    for index in np.ndindex(*shape[:-2]):
        w, v, x = values.numpy()[index], vectors.numpy()[index], wide(a[index])
        size = np.linalg.norm(x)
        sensitivity = np.linalg.cond(v) if n else 1
        assert matched(w, expected[index]) <= 8 * n * eps * size * sensitivity
        assert matched(alone.numpy()[index], expected[index]) <= 8 * n * eps * size * sensitivity
        assert np.max(np.abs(x @ v - v * w), initial=0) <= 8 * (n + 1) * eps * size
        np.testing.assert_allclose(np.linalg.norm(v, axis=0), 1, rtol=4 * eps)
        if a.dtype.kind == "f":
            assert set(w) == set(w.conj())


@every_dtype
@every_shape
def test_singular_values(dtype, shape):
    a = draw(shape, dtype)
    m, n = shape[-2:]
    k = min(m, n)
    for full in (True, False):
        u, s, vh = linalg.svd(dk.tensor(a), full_matrices=full)
        assert u.shape == (*shape[:-2], m, m if full else k) and vh.shape == (
            *shape[:-2],
            n if full else k,
            n,
        )
        assert s.dtype == dk.tensor(a).abs().dtype
        near(s, np.linalg.svd(wide(a), compute_uv=False), 8 * (m + n))
        u, vh = wide(u.numpy()), wide(vh.numpy())
        near(((u[..., :k] * s.numpy()[..., None, :]) @ vh[..., :k, :]).astype(dtype), wide(a), 16 * (m + n))
        near(
            (adjoint(u) @ u).astype(dtype),
            np.broadcast_to(np.eye(u.shape[-1]), (*shape[:-2],) + u.shape[-1:] * 2),
            16 * (m + n),
        )
        near(
            (vh @ adjoint(vh)).astype(dtype),
            np.broadcast_to(np.eye(vh.shape[-2]), (*shape[:-2],) + vh.shape[-2:-1] * 2),
            16 * (m + n),
        )
    near(linalg.svdvals(dk.tensor(a)), np.linalg.svd(wide(a), compute_uv=False), 8 * (m + n))


@every_dtype
@every_shape
def test_factors(dtype, shape):
    a = draw(shape, dtype)
    m, n = shape[-2:]
    k = min(m, n)
    for mode, width in (("reduced", k), ("complete", m)):
        q, r = linalg.qr(dk.tensor(a), mode=mode)
        assert q.shape == (*shape[:-2], m, width) and r.shape == (*shape[:-2], width, n)
        near((wide(q.numpy()) @ wide(r.numpy())).astype(dtype), wide(a), 8 * (m + n))
        assert np.all(r.numpy() == np.triu(r.numpy()))
        gram = adjoint(wide(q.numpy())) @ wide(q.numpy())
        near(gram.astype(dtype), np.broadcast_to(np.eye(width), gram.shape), 8 * (m + n))
    assert np.array_equal(linalg.qr(dk.tensor(a), mode="r").R.numpy(), linalg.qr(dk.tensor(a)).R.numpy())
    p, lower, upper = (wide(factor.numpy()) for factor in linalg.lu(dk.tensor(a)))
    near((p @ lower @ upper).astype(dtype), wide(a), 8 * (m + n))
    if a.size and a.ndim == 2:
        expected = scipy.linalg.lu(wide(a))
        # LAPACK chooses complex pivots by |re| + |im| as well.
        assert np.array_equal(p, expected[0])
        near(upper.astype(dtype), expected[2], 16 * (m + n) * 10)


@every_dtype
@every_shape
def test_pseudo_inverses_and_ranks(dtype, shape):
    a = draw(shape, dtype)
    near(
        linalg.pinv(dk.tensor(a)),
        np.linalg.pinv(wide(a)) if a.size else np.zeros((*shape[:-2], *shape[:-3:-1])),
        200 * condition(a),
    )
    assert np.array_equal(
        linalg.matrix_rank(dk.tensor(a)).numpy(), np.linalg.matrix_rank(a) if a.size else np.zeros(shape[:-2])
    )
    if shape[-1] > 1 and a.size:
        a[..., 0] = a[..., 1]
        assert np.array_equal(linalg.matrix_rank(dk.tensor(a)).numpy(), np.linalg.matrix_rank(a))
        near(linalg.pinv(dk.tensor(a), rtol=1e-4), np.linalg.pinv(wide(a), rcond=1e-4), 1e4)


@every_dtype
@pytest.mark.parametrize(("m", "n"), [(5, 5), (8, 3), (3, 8)])
@pytest.mark.parametrize("rank", [1, 3])
def test_least_squares(dtype, m, n, rank):
    a = (draw((m, rank), dtype) @ draw((rank, n), dtype, 1)).astype(dtype)
    b = draw((m, 2), dtype, 2)
    rtol = 1e-4
    found = linalg.lstsq(dk.tensor(a), dk.tensor(b), rcond=rtol)
    solution, residuals, expected_rank, values = np.linalg.lstsq(wide(a), wide(b), rcond=rtol)
    factor = 1e2 * values[0] / values[expected_rank - 1]
    near(found.solution, solution, factor)
    assert found.rank.item() == expected_rank
    near(found.singular_values, values, 100)
    assert found.residuals.shape == residuals.shape
    if residuals.size:
        near(found.residuals, residuals, factor)
    near(linalg.lstsq(dk.tensor(a), dk.tensor(b[:, 0]), rcond=rtol).solution, solution[:, 0], factor)


@every_dtype
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unit", [False, True])
def test_triangular_systems(dtype, upper, unit):
    a = draw((6, 6), dtype) / 6 + 2 * np.eye(6, dtype=dtype)
    b = draw((2, 6, 3), dtype, 1)
    expected = np.stack(
        [scipy.linalg.solve_triangular(wide(a), wide(x), lower=not upper, unit_diagonal=unit) for x in b]
    )
    found = linalg.solve_triangular(dk.tensor(a), dk.tensor(b), upper=upper, unitriangular=unit)
    near(found, expected, 50)
    mirrored = linalg.solve_triangular(
        dk.tensor(a).mT, dk.tensor(b).mT, upper=not upper, left=False, unitriangular=unit
    )
    near(mirrored.mT, expected, 50)


@every_dtype
@pytest.mark.parametrize("scale", [0.0, 1e-8, 0.1, 1.0, 10.0])
def test_exponentials(dtype, scale):
    a = (scale * draw((3, 5, 5), dtype)).astype(dtype)
    expected = np.stack([scipy.linalg.expm(wide(x)) for x in a])
    near(linalg.matrix_exp(dk.tensor(a)), expected, 200 * (1 + 10 * scale))
    assert linalg.matrix_exp(dk.tensor(draw((0, 0), dtype))).shape == (0, 0)


@every_dtype
def test_norms(dtype):
    a = draw((3, 4, 5), dtype)
    a[0, 0, :2] = 0
    for p in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf):
        for keep in (False, True):
            found = linalg.matrix_norm(dk.tensor(a), p, keepdims=keep)
            assert found.dtype == dk.tensor(a).abs().dtype
            near(found, np.linalg.norm(wide(a), p, axis=(-2, -1), keepdims=keep), 64)
    for p in (2, 1, 0, 3, 0.5, np.inf, -np.inf, -1):
        for axis in (None, 0, -1, (0, 2), (0, 1, 2)):
            for keep in (False, True):
                found = linalg.vector_norm(dk.tensor(a), p, axis=axis, keepdims=keep)
                axes = range(3) if axis is None else np.atleast_1d(axis)
                flat = np.moveaxis(wide(a), tuple(axes), tuple(range(len(axes))))
                flat = flat.reshape(-1, *flat.shape[len(axes) :])
                with np.errstate(divide="ignore"):
                    expected = np.linalg.norm(flat, p, axis=0)
                if keep:
                    expected = np.expand_dims(expected, tuple(int(i) % 3 for i in axes))
                near(found, expected, 64)
    assert (
        linalg.vector_norm(dk.tensor(a), dtype=dk.complex128 if a.dtype.kind == "c" else dk.float64).dtype
        == dk.float64
    )


def hilbert(n, dtype):
    return (1 / (np.arange(n)[:, None] + np.arange(n) + 1)).astype(dtype)


@every_dtype
def test_ill_conditioned_matrices(dtype):
    n = 8 if np.finfo(dtype).eps < 1e-10 else 4
    a = hilbert(n, dtype)
    kappa = condition(a)
    near(linalg.inv(dk.tensor(a)), scipy.linalg.inv(wide(a)), 4 * kappa)
    near(linalg.solve(dk.tensor(a), dk.tensor(a[:, :2])), np.eye(n)[:, :2], 4 * kappa)
    near(linalg.cholesky(dk.tensor(a)), np.linalg.cholesky(wide(a)), 4 * kappa)
    near(linalg.svdvals(dk.tensor(a)), np.linalg.svd(wide(a), compute_uv=False), 8)
    near(linalg.cond(dk.tensor(a)), np.linalg.cond(wide(a)), 8 * kappa)
    near(linalg.pinv(dk.tensor(a)), np.linalg.pinv(wide(a)), 16 * kappa)


SMALL_INPUTS = {
    "inv": linalg.inv,
    "solve": lambda x: linalg.solve(x, x),
    "cholesky": linalg.cholesky,
    "eigh": linalg.eigh,
    "eigvalsh": linalg.eigvalsh,
    "eig": linalg.eig,
    "eigvals": linalg.eigvals,
    "svd": linalg.svd,
    "svdvals": linalg.svdvals,
    "qr": linalg.qr,
    "lu": linalg.lu,
    "pinv": linalg.pinv,
    "matrix_rank": linalg.matrix_rank,
    "lstsq": lambda x: linalg.lstsq(x, x),
    "matrix_exp": linalg.matrix_exp,
    "cond": linalg.cond,
    "nuclear": lambda x: linalg.matrix_norm(x, "nuc"),
    "solve_triangular": lambda x: linalg.solve_triangular(x, x, upper=False),
}


@every_dtype
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", SMALL_INPUTS)
def test_nan_and_infinity_are_errors(dtype, bad, name):
    a = np.tile(np.eye(4, dtype=dtype), (3, 1, 1))
    a[1, 2, 0] = bad
    with pytest.raises(dk.errors.LinAlgError, match="NaN"):
        SMALL_INPUTS[name](dk.tensor(a))


@every_dtype
def test_nan_and_infinity_pass_through_determinants_and_sums(dtype):
    a = np.tile(np.eye(2, dtype=dtype), (2, 1, 1))
    a[1, 0, 1] = np.nan
    for result in (linalg.det(dk.tensor(a)), *linalg.slogdet(dk.tensor(a)), linalg.matrix_norm(dk.tensor(a))):
        assert np.array_equal(np.isnan(result.numpy()), [False, True])


def test_wrong_input_is_named():
    square, wide_one = dk.ones(2, 3, 3), dk.ones(3, 4)
    for name, fn in SMALL_INPUTS.items():
        with pytest.raises(dk.errors.DTypeError, match=r"linalg\."):
            fn(dk.ones(3, 3, dtype=dk.int64))
        if name not in ("svd", "svdvals", "qr", "lu", "pinv", "matrix_rank", "lstsq", "cond", "nuclear"):
            with pytest.raises(dk.errors.ShapeError, match="square"):
                fn(wide_one)
        with pytest.raises(dk.errors.ShapeError):
            fn(dk.ones(3))
    with pytest.raises(dk.errors.ShapeError, match="3 rows"):
        linalg.solve(square, dk.ones(2, 4, 1))
    with pytest.raises(dk.errors.DTypeError, match="one dtype"):
        linalg.solve(square, square.double())
    with pytest.raises(dk.errors.DTypeError, match="one dtype"):
        linalg.lstsq(wide_one, dk.ones(3, dtype=dk.complex64))
    for call in (lambda: linalg.qr(square, mode="full"), lambda: linalg.eigh(square, UPLO="X")):
        with pytest.raises(dk.errors.ArgumentError):
            call()
    with pytest.raises(dk.errors.ShapeError, match="at least 2"):
        linalg.multi_dot([square])
    with pytest.raises(dk.errors.ShapeError, match="fit"):
        linalg.multi_dot([wide_one, wide_one])


@every_dtype
def test_products(dtype):
    a, b, c = draw((3, 4), dtype), draw((4, 5), dtype, 1), draw((5, 2), dtype, 2)
    for factors in ([a, b], [a, b, c], [a[0], b, c], [a, b, c[:, 0]], [a[0], b, c[:, 0]], [a, b, c, c.T, c]):
        near(
            linalg.multi_dot([dk.tensor(x) for x in factors]),
            np.linalg.multi_dot([wide(x) for x in factors]),
            64,
        )
    near(linalg.vecdot(dk.tensor(a), dk.tensor(a[0])), np.linalg.vecdot(wide(a), wide(a[0])), 16)
    near(linalg.outer(dk.tensor(a[0]), dk.tensor(b[0])), np.outer(wide(a[0]), wide(b[0])), 4)
    near(linalg.tensordot(dk.tensor(a), dk.tensor(b), 1), wide(a) @ wide(b), 16)
    x, y = draw((2, 3), dtype), draw((2, 3), dtype, 3)
    near(linalg.cross(dk.tensor(x), dk.tensor(y), axis=1), np.cross(wide(x), wide(y)), 8)
    for offset in (-2, 0, 1, 7):
        near(
            linalg.trace(dk.tensor(np.stack([a, a])), offset=offset),
            np.trace(wide(np.stack([a, a])), offset, -2, -1),
            8,
        )
    near(linalg.diagonal(dk.tensor(a), offset=1), np.diagonal(wide(a), 1), 0)
    near(linalg.matrix_transpose(dk.tensor(a)), wide(a).T, 0)


def test_traces_take_a_dtype():
    x = dk.tensor([[1, 2], [3, 4]], dtype=dk.uint8)
    assert linalg.trace(x, dtype=dk.float64).dtype == dk.float64
    assert linalg.trace(x).item() == 5
    assert linalg.trace(dk.ones(0, 3)).item() == 0


@every_dtype
def test_one_tolerance_per_matrix(dtype):
    a = np.stack([np.diag([1, 0.1, 0.01])] * 3).astype(dtype)
    rtol = dk.tensor([0.5, 0.05, 0.005])
    assert linalg.matrix_rank(dk.tensor(a), rtol=rtol).tolist() == [1, 2, 3]
    diagonals = linalg.diagonal(linalg.pinv(dk.tensor(a), rtol=rtol))
    near(diagonals, np.array([[1, 0, 0], [1, 10, 0], [1, 10, 100.0]]), 8)
