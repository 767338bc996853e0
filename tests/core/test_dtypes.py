"""The thirteen dtypes against NumPy: promotion, conversion, and every kind of loop on every element size."""

import itertools
import pickle

import numpy as np
import pytest

import diffkit as dk

NAMES = [
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip
INTEGERS = NAMES[1:9]
FLOATS = NAMES[9:11]
COMPLEX = NAMES[11:]
RING = NAMES[1:]

every = pytest.mark.parametrize("name", NAMES)
every_pair = pytest.mark.parametrize(("left", "right"), list(itertools.product(NAMES, NAMES)))


def dtype_of(name):
    return getattr(dk, name)


def name_of(dtype):
    return str(dtype).removeprefix("diffkit.")


def values(name, shape, seed=0):
    """Values that every wider dtype holds, with signs and imaginary parts where there are any."""
    draw = np.random.default_rng(seed)
    if name == "bool":
        return draw.random(shape) < 0.5
    if name in INTEGERS:
        return draw.integers(0 if name.startswith("u") else -60, 60, shape).astype(name)
    real = draw.normal(size=shape) * 8
    return (real + 1j * draw.normal(size=shape) if name in COMPLEX else real).astype(name)


def same(got, want):
    assert name_of(got.dtype) == want.dtype.name
    np.testing.assert_array_equal(got.numpy(), want)


def test_the_dtypes_are_thirteen():
    found = {value for value in vars(dk._core).values() if isinstance(value, dk.dtype)}
    assert {name_of(dtype) for dtype in found} == set(NAMES)
    for name in NAMES:
        dtype, theirs = dtype_of(name), np.dtype(name)
        assert (dtype.itemsize, dtype.kind) == (theirs.itemsize, theirs.kind)
        assert dtype.is_complex == (theirs.kind == "c")
        assert dtype.is_floating_point == (theirs.kind == "f")
        assert pickle.loads(pickle.dumps(dtype)) is dtype
    assert (dk.short, dk.cfloat, dk.cdouble) == (dk.int16, dk.complex64, dk.complex128)


def promoted(left, right):
    """NumPy's rule, save that integers never widen the floats they meet."""
    ints = [name for name in (left, right) if name in INTEGERS or name == "bool"]
    if len(ints) == 1:
        return next(name for name in (left, right) if name not in ints)
    return np.promote_types(left, right).name


@every_pair
def test_promotion(left, right):
    assert name_of(dk.promote_types(dtype_of(left), dtype_of(right))) == promoted(left, right)
    x, y = dk.ones(2, dtype=dtype_of(left)), dk.ones((), dtype=dtype_of(right))
    assert name_of((x * y).dtype) == promoted(left, right)
    assert name_of(dk.where(dk.tensor([True, False]), x, y).dtype) == promoted(left, right)


@every
def test_python_numbers_are_weak(name):
    x = dk.ones(2, dtype=dtype_of(name))
    kinds = ["b", "iu", "f", "c"]
    for number, rank, default in ((True, 0, None), (2, 1, "int64"), (2.0, 2, "float32"), (2j, 3, None)):
        own = next(i for i, kind in enumerate(kinds) if np.dtype(name).kind in kind)
        want = name if own >= rank else default or ("complex128" if name == "float64" else "complex64")
        assert name_of((x * number).dtype) == want, number
        assert name_of((number * x).dtype) == want, number


@every_pair
def test_conversion(left, right):
    x = values(left, (3, 5))
    tensor = dk.tensor(x)
    if left in COMPLEX and right not in (*COMPLEX, "bool"):
        with pytest.raises(dk.errors.DTypeError, match="real"):
            tensor.to(dtype_of(right))
        return
    if left.startswith(("float", "complex")) and right.startswith("u"):
        x, tensor = abs(x.real), abs(tensor)  # negative floats to unsigned integers are undefined in C
    for view in (slice(None), slice(None, None, -2)):
        same(tensor[:, view].to(dtype_of(right)), x[:, view].astype(right))


def test_large_integers_convert_exactly():
    big = 2**64 - 1
    x = dk.tensor(big)
    assert x.dtype == dk.uint64 and x.item() == big and int(x) == big
    assert dk.tensor([big, 2**63], dtype=dk.uint64).tolist() == [big, 2**63]
    assert float(x.to(dk.float64)) == 2.0**64
    # just above a tie of float32: rounded through a double, it would fall to the other side
    above = 2**60 + 2**36 + 1
    assert dk.tensor(above).to(dk.float32).item() == 2**60 + 2**37
    with pytest.raises(ValueError, match="18446744073709551615 does not fit int64"):
        dk.tensor(big, dtype=dk.int64)
    with pytest.raises(ValueError, match="uint64"):
        dk.tensor(2**64)


@pytest.mark.parametrize("name", INTEGERS)
def test_numbers_that_do_not_fit(name):
    low, high = np.iinfo(name).min, np.iinfo(name).max
    x = dk.tensor([low, high], dtype=dtype_of(name))
    assert x.tolist() == [low, high]
    for number in (int(low) - 1, int(high) + 1):
        with pytest.raises(ValueError, match="fit"):
            dk.tensor(number, dtype=dtype_of(name))
        with pytest.raises(ValueError, match="fit"):
            x + number


@every
def test_memory_is_shared_with_numpy(name):
    x = values(name, (4, 3))
    shared = dk.from_numpy(x.T)
    same(shared, x.T)
    assert np.shares_memory(shared.numpy(), x)
    same(dk.from_dlpack(x), x)
    assert np.shares_memory(np.from_dlpack(shared), x)
    assert dk.tensor(x.tolist(), dtype=dtype_of(name)).tolist() == x.tolist()
    assert memoryview(shared).format in np.dtype(name).char + "LQlqZfZd"
    assert pickle.loads(pickle.dumps(shared)).tolist() == x.T.tolist()


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_memory_on_half_boundaries(name):
    raw = np.zeros(8 * 16 + 4, np.uint8)
    x = raw[4 : 4 + 4 * np.dtype(name).itemsize].view(name)
    x[...] = values(name, 4)
    same(dk.tensor(x), x)  # copied, whatever its alignment


@every
def test_moving_elements(name):
    x = values(name, (4, 6))
    t = dk.tensor(x)
    same(t.T.contiguous(), np.ascontiguousarray(x.T))
    same(dk.cat([t, t[::-1]]), np.concatenate([x, x[::-1]]))
    same(t[dk.tensor([2, 0, -1])], x[[2, 0, -1]])
    mask = values("bool", (4, 6), seed=1)
    same(t[dk.tensor(mask)], x[mask])
    index = np.array([[0, 3, 2, 1, 0, 2]])
    same(dk.gather(t, 0, dk.tensor(index)), np.take_along_axis(x, index, 0))
    written, theirs = t.clone(), x.copy()
    written[dk.tensor([1, 3])], theirs[[1, 3]] = t[:2], x[:2]
    written[:, ::2] = t[0, 0]
    theirs[:, ::2] = x[0, 0]
    same(written, theirs)
    same(dk.where(dk.tensor(mask), t, t.flip(0)), np.where(mask, x, x[::-1]))
    same(dk.full((3, 2), x[0, 0].item(), dtype=dtype_of(name)), np.full((3, 2), x[0, 0]))
    same(dk.zeros(3, dtype=dtype_of(name))[::2], np.zeros(2, name))
    strided = t.clone()
    strided[:, 1::2].fill_(x[1, 1].item())
    theirs = x.copy()
    theirs[:, 1::2] = x[1, 1]
    same(strided, theirs)


@every
def test_adding_at_repeated_places(name):
    x, index = values(name, (5,)), np.array([0, 2, 2, 0, 2])
    want = np.zeros(3, name)
    np.add.at(want, index, x)
    got = dk.zeros(3, dtype=dtype_of(name)).scatter_add(0, dk.tensor(index), dk.tensor(x))
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-6)
    added = dk.zeros(3, dtype=dtype_of(name)).index_add(0, dk.tensor(index), dk.tensor(x))
    np.testing.assert_array_equal(added.numpy(), got.numpy())


@pytest.mark.parametrize("name", RING)
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_sums_and_products(name, axis):
    x = values(name, (7, 40)) if name not in INTEGERS else values(name, (7, 40)) % 4
    wide = "uint64" if name == "uint64" else "int64" if name in INTEGERS else name
    tolerance = 2e-5 if name in ("float32", "complex64") else 1e-12
    for ours, theirs in ((dk.sum, np.sum), (dk.prod, np.prod)):
        got, want = ours(dk.tensor(x), axis), theirs(x, axis, dtype=wide)
        assert name_of(got.dtype) == wide
        np.testing.assert_allclose(got.numpy(), want, rtol=tolerance, atol=tolerance)
    for ours, theirs in ((dk.cumsum, np.cumsum), (dk.cumprod, np.cumprod)):
        along = axis or 0
        got, want = ours(dk.tensor(x), along), theirs(x, along, dtype=wide)
        np.testing.assert_allclose(got.numpy(), want, rtol=tolerance, atol=50 * tolerance)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in COMPLEX])
def test_order(name):
    x = values(name, (5, 8))
    t = dk.tensor(x)
    same(t.amax(1), x.max(1))
    same(t.amin(), np.asarray(x.min()))
    np.testing.assert_array_equal(t.argmax(1).numpy(), x.argmax(1))
    np.testing.assert_array_equal(dk.argsort(t, 1, stable=True).numpy(), np.argsort(x, 1, kind="stable"))
    same(dk.sort(t, 1).values, np.sort(x, 1))
    same(dk.unique(t), np.unique(x))
    line = np.sort(x, axis=None)
    got = dk.searchsorted(dk.tensor(line), t)
    np.testing.assert_array_equal(got.numpy(), np.searchsorted(line, x))


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_numbers_have_no_order(name):
    t = dk.tensor(values(name, (4,)))
    for call in (
        dk.amax,
        dk.argmin,
        dk.sort,
        dk.median,
        lambda t: dk.maximum(t, t),
        lambda t: t < t,
        dk.floor,
    ):
        with pytest.raises(dk.errors.DTypeError):
            call(t)
    x = np.array([1 + 2j, 1 + 1j, 0, 1 + 2j, -0.0, 2], name)
    same(dk.unique(dk.tensor(x)), np.unique(x))


@every
@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 3, 4), (17, 40, 9), (3, 0, 2)])
def test_matrix_products(name, sizes):
    m, k, n = sizes
    a, b = values(name, (2, m, k)), values(name, (2, k, n), seed=1)
    tolerance = 1e-4 if name in ("float32", "complex64") else 1e-12
    got = dk.tensor(a) @ dk.tensor(b)
    assert name_of(got.dtype) == name
    np.testing.assert_allclose(got.numpy(), a @ b, rtol=tolerance, atol=tolerance * 60)
    if k:
        line, other = dk.tensor(a[0, 0]), dk.tensor(b[0, :, 0])
        np.testing.assert_allclose(
            dk.dot(line, other).numpy(), a[0, 0] @ b[0, :, 0], rtol=tolerance, atol=1e-3
        )


def test_many_bools_multiply_to_true():
    a = dk.ones((1, 256), dtype=dk.bool)
    assert (a @ a.T).item() is True


@pytest.mark.parametrize("name", INTEGERS)
def test_shifts_beyond_the_width(name):
    bits = 8 * np.dtype(name).itemsize
    x = dk.tensor([1, 100, np.iinfo(name).max], dtype=dtype_of(name))
    by = dk.tensor([bits, bits + 1, 100], dtype=dtype_of(name))
    assert (x << by).tolist() == [0, 0, 0]
    assert (x >> by).tolist() == [0, 0, 0]
    if name.startswith("int"):
        assert (-x >> by).tolist() == [-1, -1, -1]
