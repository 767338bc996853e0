"""Every function against array_api_strict, the standard's reference namespace, for all dtypes it takes."""

import array_api_strict as strict
import numpy as np
import pytest

from diffkit import array_api as xp

FLOATS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
INTEGERS = SIGNED + UNSIGNED
REAL = INTEGERS + FLOATS
NUMERIC = REAL + COMPLEX
FLOATING = FLOATS + COMPLEX
ALL = ["bool", *NUMERIC]
RNG = np.random.default_rng(20251)


def sample(dtype, shape=(3, 4)):
    """Numbers in [-3, 3] (unsigned: [1, 6]) without zeros."""
    if dtype == "bool":
        return RNG.integers(0, 2, shape).astype(bool)
    if dtype in INTEGERS:
        values = RNG.integers(1, 4, shape)
        return (values * RNG.choice([-1, 1], shape) if dtype in SIGNED else values).astype(dtype)
    values = RNG.uniform(0.1, 3, shape) * RNG.choice([-1, 1], shape)
    if dtype in COMPLEX:
        values = values + 1j * RNG.uniform(-3, 3, shape)
    return values.astype(dtype)


def positive(dtype):
    """Above 0.1, for logarithms and roots."""
    return np.abs(sample(dtype)).astype(dtype)


def inside(dtype):
    """Within (-1, 1)."""
    return (sample(dtype) / 5).astype(dtype)


def above(dtype):
    """Above 1."""
    return (positive(dtype) + 1).astype(dtype)


#: What a function takes: its dtypes and, for one that is not defined everywhere, where.
UNARY = {
    "abs": NUMERIC, "acos": FLOATING, "acosh": FLOATING, "asin": FLOATING, "asinh": FLOATING,
    "atan": FLOATING, "atanh": FLOATING, "bitwise_invert": ["bool", *INTEGERS], "ceil": REAL,
    "conj": NUMERIC, "cos": FLOATING, "cosh": FLOATING, "exp": FLOATING, "expm1": FLOATING,
    "floor": REAL, "imag": COMPLEX, "isfinite": NUMERIC, "isinf": NUMERIC, "isnan": NUMERIC,
    "log": FLOATING, "log1p": FLOATING, "log2": FLOATING, "log10": FLOATING, "logical_not": ["bool"],
    "negative": SIGNED + FLOATING, "positive": NUMERIC, "real": NUMERIC, "reciprocal": FLOATING,
    "round": NUMERIC, "sign": NUMERIC, "signbit": FLOATS, "sin": FLOATING, "sinh": FLOATING,
    "sqrt": FLOATING, "square": NUMERIC, "tan": FLOATING, "tanh": FLOATING, "trunc": REAL,
}  # fmt: skip
WHERE = {
    "acos": inside, "asin": inside, "atanh": inside, "acosh": above, "log": positive, "log1p": positive,
    "log2": positive, "log10": positive, "sqrt": positive,
}  # fmt: skip
BINARY = {
    "add": NUMERIC, "atan2": FLOATS, "bitwise_and": ["bool", *INTEGERS], "bitwise_or": ["bool", *INTEGERS],
    "bitwise_xor": ["bool", *INTEGERS], "copysign": FLOATS, "divide": FLOATING, "equal": ALL,
    "floor_divide": REAL, "greater": REAL, "greater_equal": REAL, "hypot": FLOATS, "less": REAL,
    "less_equal": REAL, "logaddexp": FLOATS, "logical_and": ["bool"], "logical_or": ["bool"],
    "logical_xor": ["bool"], "maximum": REAL, "minimum": REAL, "multiply": NUMERIC, "nextafter": FLOATS,
    "not_equal": ALL, "remainder": REAL, "subtract": NUMERIC,
}  # fmt: skip


def cases(table):
    return [(name, dtype) for name, dtypes in table.items() for dtype in dtypes]


def real_only(name, dtype):
    """What the reference namespace takes complex numbers for, but not real ones."""
    return name in ("conj", "real") and dtype not in COMPLEX


@pytest.mark.parametrize(("name", "dtype"), cases(UNARY))
def test_unary(same, name, dtype):
    x = WHERE.get(name, sample)(dtype)
    if real_only(name, dtype):
        same(getattr(xp, name)(xp.asarray(x)), x)
        return
    with np.errstate(all="ignore"):
        same(getattr(xp, name)(xp.asarray(x)), getattr(strict, name)(strict.asarray(x)))


@pytest.mark.parametrize(("name", "dtype"), cases(BINARY))
def test_binary(same, name, dtype):
    x, y = sample(dtype), sample(dtype, (4,))
    with np.errstate(all="ignore"):
        want = getattr(strict, name)(strict.asarray(x), strict.asarray(y))
    same(getattr(xp, name)(xp.asarray(x), xp.asarray(y)), want)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", ["bitwise_left_shift", "bitwise_right_shift"])
def test_shifts(same, name, dtype):
    x, y = sample(dtype), np.asarray([0, 1, 2, 3], dtype=dtype)
    same(
        getattr(xp, name)(xp.asarray(x), xp.asarray(y)),
        getattr(strict, name)(strict.asarray(x), strict.asarray(y)),
    )


@pytest.mark.parametrize("dtype", NUMERIC)
def test_pow(same, dtype):
    x, y = positive(dtype), np.asarray([0, 1, 2, 3], dtype=dtype)
    same(xp.pow(xp.asarray(x), xp.asarray(y)), strict.pow(strict.asarray(x), strict.asarray(y)))


#: Functions of one array: calls that the two namespaces must answer alike, and the dtypes they take.
CALLS = {
    "sum(x)": NUMERIC, "sum(x, axis=1)": NUMERIC, "sum(x, axis=(0, 1), keepdims=True)": NUMERIC,
    "sum(x, axis=0, dtype=xp.float64)": REAL, "prod(x)": NUMERIC, "prod(x, axis=(0, -1))": NUMERIC,
    "prod(x, axis=1, keepdims=True)": NUMERIC, "prod(x, keepdims=True)": NUMERIC,
    "max(x)": REAL, "max(x, axis=(0, 1))": REAL, "max(x, axis=1, keepdims=True)": REAL, "min(x)": REAL,
    "min(x, axis=-1)": REAL, "mean(x)": FLOATS, "mean(x, axis=(0, 1), keepdims=True)": FLOATS,
    "std(x)": FLOATS, "std(x, axis=1, correction=1)": FLOATS, "std(x, axis=(0, 1), keepdims=True)": FLOATS,
    "var(x)": FLOATS, "var(x, axis=0, correction=0.5)": FLOATS, "var(x, keepdims=True)": FLOATS,
    "cumulative_sum(x, axis=0)": NUMERIC, "cumulative_sum(x, axis=1, include_initial=True)": NUMERIC,
    "cumulative_prod(x, axis=-1)": NUMERIC, "cumulative_prod(x, axis=-2, include_initial=True)": NUMERIC,
    "cumulative_sum(x, axis=0, dtype=xp.float64)": REAL,
    "all(x)": ALL, "all(x, axis=(0, 1), keepdims=True)": ALL, "any(x, axis=0)": ALL, "any(x)": ALL,
    "diff(x)": NUMERIC, "diff(x, axis=0, n=2)": NUMERIC, "diff(x, prepend=x, append=x)": NUMERIC,
    "argmax(x)": REAL, "argmax(x, axis=1, keepdims=True)": REAL, "argmin(x, axis=0)": REAL,
    "argmin(x, keepdims=True)": REAL, "count_nonzero(x)": ALL, "count_nonzero(x, axis=(0, 1))": ALL,
    "count_nonzero(x, axis=1, keepdims=True)": ALL, "nonzero(x)": ALL, "where(x != x[0, 0], x, x[1, 1])": ALL,
    "searchsorted(xp.sort(x[0, :]), x)": REAL, "searchsorted(xp.sort(x[0, :]), x[1, :], side='right')": REAL,
    "searchsorted(x[0, :], x[1, :], sorter=xp.argsort(x[0, :]))": REAL,
    "unique_values(x)": REAL, "unique_counts(x)": REAL, "unique_inverse(x)": REAL, "unique_all(x)": REAL,
    "sort(x)": REAL, "sort(x, axis=0, descending=True)": REAL, "argsort(x)": REAL,
    "argsort(x, axis=0, descending=True)": REAL,
    "take(x, xp.asarray([1, -1]), axis=1)": ALL, "take(x[0, :], xp.asarray([2, 0]))": ALL,
    "take_along_axis(x, xp.asarray([[1, -1]]), axis=1)": ALL,
    "matmul(x, x.T)": NUMERIC, "matrix_transpose(x)": ALL, "tensordot(x, x.T, axes=1)": NUMERIC,
    "tensordot(x, x, axes=2)": NUMERIC, "tensordot(x, x, axes=((0,), (0,)))": NUMERIC,
    "vecdot(x, x)": NUMERIC, "vecdot(x, x[0, :])": NUMERIC,
    "broadcast_arrays(x, x[:, :1])": ALL, "broadcast_to(x, (2, 3, 4))": ALL, "concat([x, x], axis=1)": ALL,
    "concat([x, x[0, :]], axis=None)": ALL, "expand_dims(x, (0, -1))": ALL, "flip(x)": ALL,
    "flip(x, axis=(0, 1))": ALL, "flip(x, axis=-1)": ALL, "moveaxis(x, 0, -1)": ALL,
    "moveaxis(x, (0, 1), (1, 0))": ALL, "permute_dims(x, (1, 0))": ALL, "repeat(x, 2)": ALL,
    "repeat(x, xp.asarray([1, 0, 2]), axis=0)": ALL, "reshape(x, (2, -1))": ALL, "roll(x, 2)": ALL,
    "roll(x, (1, -1), axis=(0, 1))": ALL, "roll(x, 1, axis=0)": ALL, "squeeze(x[:1, :], 0)": ALL,
    "stack([x, x], axis=-1)": ALL, "tile(x, (2, 1, 2))": ALL, "tile(x, (2,))": ALL, "unstack(x)": ALL,
    "unstack(x, axis=1)": ALL, "tril(x, k=-1)": ALL, "triu(x, k=1)": ALL, "tril(x)": ALL, "triu(x)": ALL,
    "zeros_like(x)": ALL, "ones_like(x)": ALL, "full_like(x, 1)": NUMERIC, "asarray(x, copy=True)": ALL,
    "meshgrid(x[0, :], x[:, 0])": NUMERIC, "meshgrid(x[0, :], x[:, 0], indexing='ij')": NUMERIC,
    "clip(x, 1, 2)": REAL, "clip(x, max=x[0, 0])": REAL, "clip(x)": REAL,
    "astype(x, xp.float64)": ["bool", *REAL], "astype(x, xp.complex128)": ALL,
    "astype(x, xp.bool)": ["bool", *REAL],
    "linalg.diagonal(x, offset=1)": ALL, "linalg.trace(x, offset=-1)": NUMERIC, "linalg.trace(x)": NUMERIC,
    "linalg.outer(x[0, :], x[:, 0])": NUMERIC, "linalg.cross(x[:, :3], x[:1, 1:])": NUMERIC,
    "linalg.cross(x, x + 1, axis=-2)": NUMERIC,
    "linalg.vector_norm(x)": FLOATING, "linalg.vector_norm(x, axis=(0, 1), keepdims=True)": FLOATING,
    "linalg.vector_norm(x, axis=1, ord=3)": FLOATING, "linalg.vector_norm(x, axis=0, ord=xp.inf)": FLOATING,
    "linalg.matrix_norm(x)": FLOATING, "linalg.matrix_norm(x, ord='nuc', keepdims=True)": FLOATING,
    "linalg.matrix_norm(x, ord=1)": FLOATING, "linalg.matrix_norm(x, ord=-2)": FLOATING,
    "linalg.matrix_rank(x)": FLOATING, "linalg.svdvals(x)": FLOATING, "linalg.pinv(x)": FLOATING,
    "linalg.det(x[:, :3])": FLOATING, "linalg.inv(x[:, :3])": FLOATING, "linalg.slogdet(x[:, :3])": FLOATING,
    "linalg.matrix_power(x[:, :3], 3)": FLOATING, "linalg.solve(x[:, :3], x[:, 3])": FLOATING,
    "linalg.solve(x[:, :3], x * x)": FLOATING, "linalg.matrix_power(x[:, :3], -1)": FLOATING,
    "fft.fft(x)": COMPLEX, "fft.fft(x, n=5, axis=0, norm='ortho')": COMPLEX, "fft.ifft(x)": COMPLEX,
    "fft.fftn(x)": COMPLEX, "fft.ifftn(x, s=(2, 5), axes=(0, 1))": COMPLEX, "fft.rfft(x)": FLOATS,
    "fft.rfftn(x)": FLOATS, "fft.irfft(x, n=4)": COMPLEX, "fft.irfftn(x)": COMPLEX,
    "fft.irfftn(x, s=(3, 5), axes=(0, 1))": COMPLEX, "fft.hfft(x, n=4)": COMPLEX,
    "fft.ihfft(x, norm='forward')": FLOATS, "fft.fftshift(x)": FLOATING, "fft.ifftshift(x, axes=0)": FLOATING,
}  # fmt: skip


@pytest.mark.parametrize(("call", "dtype"), cases(CALLS))
def test_call(same, call, dtype):
    x = sample(dtype)
    want = eval(f"xp.{call}", {"xp": strict, "x": strict.asarray(x)})
    got = eval(f"xp.{call}", {"xp": xp, "x": xp.asarray(x)})
    # Lists of arrays are tuples here.
    same(got, tuple(want) if isinstance(want, list) else want)


NEW = [
    "arange(5)", "arange(1, 7, 2)", "arange(0., 1., 0.25)", "arange(5, 1)", "arange(5, 1, -2)",
    "arange(0.0, 1, -1)",
    "arange(3, dtype=xp.float64)", "arange(3, dtype=xp.uint8)", "empty((2, 0))", "eye(2, 3)", "eye(3, k=-1)",
    "eye(2, 4, k=2, dtype=xp.int16)", "eye(0)",
    "eye(2, 3, k=2**70)", "eye(2, 3, k=-(2**70), dtype=xp.int8)", "tril(xp.ones((2, 3)), k=2**40)",
    "triu(xp.ones((2, 3)), k=-(2**40))", "full((2,), 3)", "full(2, 1.5)", "full((), True)", "full(2, 1j)",
    "full((2,), 3, dtype=xp.uint16)", "linspace(0, 1, 5)", "linspace(0, 1, 4, endpoint=False)",
    "linspace(0., 2., 0)", "linspace(1, 3, num=3, dtype=xp.float64)", "linspace(2, 0, 1, endpoint=False)",
    "ones((2, 3))", "ones(2, dtype=xp.bool)", "zeros((2, 3), dtype=xp.complex128)", "zeros(())",
    "asarray([[1, 2], [3, 4]])", "asarray([1, 2.5])", "asarray([1, 2j])", "asarray([], dtype=xp.int32)",
    "asarray(True)", "asarray([True, False])", "asarray([1, 2], dtype=xp.float64)",
    "fft.fftfreq(5)", "fft.fftfreq(4, d=0.5)", "fft.rfftfreq(5, d=2.0)",
]  # fmt: skip


@pytest.mark.parametrize("call", NEW)
def test_creation(same, call):
    # The default floats are wider there, which the standard leaves free.
    narrower = {"float64": "float32", "complex128": "complex64"}
    want = np.asarray(eval(f"xp.{call}", {"xp": strict}))
    if "dtype=" not in call:
        want = want.astype(narrower.get(want.dtype.name, want.dtype))
    same(eval(f"xp.{call}", {"xp": xp}), want)


def random_matrices(dtype, symmetric=False):
    a = sample(dtype, (2, 3, 3))
    return (a @ np.conj(np.swapaxes(a, -1, -2)) + np.eye(3)).astype(dtype) if symmetric else a


def product(*factors):
    result = factors[0]
    for factor in factors[1:]:
        result = xp.matmul(result, factor)
    return result


@pytest.mark.parametrize("dtype", FLOATING)
def test_decompositions(same, dtype):
    """Factors are not unique; their products are."""
    a, s = xp.asarray(random_matrices(dtype)), xp.asarray(random_matrices(dtype, symmetric=True))

    def back(x, want):
        assert x.dtype == want.dtype
        near = 1e-4 if want.dtype in (xp.float32, xp.complex64) else 1e-11
        np.testing.assert_allclose(np.asarray(x), np.asarray(want), rtol=near, atol=near)

    def adjoint(x):
        return xp.conj(xp.matrix_transpose(x))

    def as_matrix(x):
        return xp.astype(x, a.dtype)[..., None, :] * xp.eye(3, dtype=a.dtype)

    lower, upper = xp.linalg.cholesky(s), xp.linalg.cholesky(s, upper=True)
    back(product(lower, adjoint(lower)), s)
    back(product(adjoint(upper), upper), s)
    for mode in ("reduced", "complete"):
        q, r = xp.linalg.qr(a[:, :, :2], mode=mode)
        assert q.shape[-1] == r.shape[-2] == (2 if mode == "reduced" else 3)
        back(product(q, r), a[:, :, :2])
    u, singular, vh = xp.linalg.svd(a)
    back(product(u, as_matrix(singular), vh), a)
    assert xp.linalg.svd(a[:, :, :2]).U.shape == (2, 3, 3)
    assert xp.linalg.svd(a[:, :, :2], full_matrices=False).U.shape == (2, 3, 2)
    values, vectors = xp.linalg.eigh(s)
    back(product(vectors, as_matrix(values), adjoint(vectors)), s)
    back(xp.linalg.eigvalsh(s), values)
    values, vectors = xp.linalg.eig(a)
    assert values.dtype == (xp.complex64 if dtype in ("float32", "complex64") else xp.complex128)
    back(product(xp.astype(a, values.dtype), vectors), vectors * values[..., None, :])
    same(
        xp.sum(xp.linalg.eigvals(s), axis=-1),
        np.trace(np.asarray(s), axis1=-2, axis2=-1).astype(np.asarray(values).dtype),
    )
