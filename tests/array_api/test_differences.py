"""Where the standard and PyTorch call one thing by one name and mean another."""

import numpy as np
import pytest

import diffkit
from diffkit import array_api as xp

MATRIX = [[3.0, 1.0], [2.0, 4.0]]


@pytest.fixture
def x():
    return xp.asarray(MATRIX)


def test_equal_compares_elements(same, x):
    same(xp.equal(x, 3.0), np.asarray([[True, False], [False, False]]))
    assert diffkit.equal(x, x) is True


def test_sort_gives_values_alone(same, x):
    same(xp.sort(x, axis=0), np.float32([[2, 1], [3, 4]]))
    assert diffkit.sort(x).indices.shape == (2, 2)


@pytest.mark.parametrize("descending", [False, True])
def test_sorting_is_stable_both_ways(descending):
    x = xp.asarray([1, 0] * 40)
    order = np.asarray(xp.argsort(x, descending=descending)).tolist()
    want = sorted(range(80), key=lambda i: (-(int(x[i])) if descending else int(x[i]), i))
    assert order == want


def test_deviations_divide_by_the_number(same, x):
    same(xp.std(x), np.float32(MATRIX).std())
    same(xp.var(x, axis=0), np.float32(MATRIX).var(axis=0))
    same(diffkit.var(x, axis=0), np.float32(MATRIX).var(axis=0, ddof=1))


def test_meshgrid_swaps_the_first_axes():
    a, b = xp.arange(3), xp.arange(2)
    assert xp.meshgrid(a, b)[0].shape == (2, 3)
    assert xp.meshgrid(a, b, indexing="ij")[0].shape == diffkit.meshgrid(a, b)[0].shape == (3, 2)


def test_nonzero_gives_a_vector_per_axis(x):
    found = xp.nonzero(x > 2)
    assert isinstance(found, tuple) and [np.asarray(one).tolist() for one in found] == [[0, 1], [0, 1]]
    with pytest.raises(ValueError, match="axis"):
        xp.nonzero(xp.asarray(1.0))


def test_squeeze_refuses_what_is_not_of_size_1():
    x = xp.ones((1, 2))
    assert xp.squeeze(x, 0).shape == (2,)
    assert diffkit.squeeze(x, 1).shape == (1, 2)
    with pytest.raises(ValueError, match="size 1"):
        xp.squeeze(x, 1)


@pytest.mark.parametrize("name", ["all", "any"])
def test_truth_is_bool(name):
    x = xp.asarray([2, 0], dtype=xp.uint8)
    assert getattr(xp, name)(x).dtype == xp.bool
    assert getattr(xp, name)(x, axis=()).dtype == xp.bool


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("name", ["sum", "prod"])
def test_unsigned_sums_stay_unsigned(same, name, bits):
    x = np.asarray([2, 3], dtype=f"uint{bits}")
    same(getattr(xp, name)(xp.asarray(x)), getattr(np, name)(x))
    same(getattr(xp, f"cumulative_{name}")(xp.asarray(x)), getattr(np, f"cum{name}")(x))


def test_extremes_come_without_positions(x):
    assert isinstance(xp.max(x, axis=0), diffkit.Tensor)
    assert isinstance(xp.min(x, axis=(0, 1)), diffkit.Tensor)
    assert isinstance(diffkit.max(x, axis=0), tuple)


def test_no_axes_at_all(same, x):
    for name in ("sum", "prod", "max", "min", "mean"):
        same(getattr(xp, name)(x, axis=()), np.float32(MATRIX))
    same(xp.var(x, axis=()), np.zeros((2, 2), "float32"))
    same(xp.std(x, axis=()), np.zeros((2, 2), "float32"))
    same(xp.sum(xp.asarray([1], dtype=xp.int8), axis=()), np.asarray([1]))


def test_arrays_without_axes_promote_like_others():
    x = xp.ones(2, dtype=xp.float32)
    assert (x * xp.asarray(2.0, dtype=xp.float64)).dtype == xp.float64
    assert (x * 2.0).dtype == xp.float32
    assert (xp.ones(2, dtype=xp.int8) + xp.asarray(1, dtype=xp.int16)).dtype == xp.int16
    assert xp.add(1, xp.ones(2, dtype=xp.uint8)).dtype == xp.uint8


PROMOTIONS = [
    ("int8", "int16"), ("uint8", "int8"), ("uint8", "int16"), ("uint16", "int8"), ("uint32", "int8"),
    ("uint32", "int64"), ("uint8", "uint64"), ("float32", "float64"), ("float32", "complex64"),
    ("float64", "complex64"), ("complex64", "complex128"), ("int32", "int64"), ("uint16", "uint32"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PROMOTIONS)
def test_promotion(one, other):
    want = str(np.result_type(np.dtype(one), np.dtype(other)))
    a, b = xp.ones(2, dtype=getattr(xp, one)), xp.ones((), dtype=getattr(xp, other))
    for found in (a + b, b + a, xp.where(a == b, a, b), xp.concat([a, b[None]]), xp.stack([a[0], b])):
        assert str(found.dtype) == f"diffkit.{want}"
    assert str(xp.result_type(a, b.dtype)) == f"diffkit.{want}"
    assert str(xp.matmul(a, b * a).dtype) == f"diffkit.{want}"


def test_size_is_a_number_and_more(x):
    assert x.size == 4 and isinstance(x.size, int)
    assert x.size() == (2, 2) and x.size(0) == 2


def test_limits_of_dtypes():
    for dtype, like in [("float32", "f4"), ("float64", "f8"), ("complex64", "f4"), ("complex128", "f8")]:
        found, want = xp.finfo(getattr(xp, dtype)), np.finfo(like)
        for name in ("eps", "max", "min", "smallest_normal"):
            value = getattr(found, name)
            assert type(value) is float and value == float(getattr(want, name))
        assert found.bits == want.bits
        assert found.dtype == getattr(xp, f"float{want.bits}")
    for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        found, want = xp.iinfo(getattr(xp, dtype)), np.iinfo(dtype)
        assert (found.bits, found.max, found.min) == (want.bits, want.max, want.min)
        assert found.dtype == getattr(xp, dtype) and type(found.max) is int
    assert xp.finfo(xp.ones(2)).bits == 32 and xp.iinfo(xp.arange(2)).bits == 64
    with pytest.raises(TypeError, match="iinfo"):
        xp.finfo(xp.int32)
    with pytest.raises(TypeError, match="finfo"):
        xp.iinfo(xp.float32)


def test_kinds_of_dtypes():
    assert xp.isdtype(xp.uint8, "unsigned integer") and xp.isdtype(xp.uint8, ("bool", "integral"))
    assert xp.isdtype(xp.float32, xp.float32) and not xp.isdtype(xp.bool, "numeric")
    with pytest.raises(ValueError, match="real floating"):
        xp.isdtype(xp.float32, "floating")
    with pytest.raises(TypeError, match="int"):
        xp.isdtype(xp.float32, 3)


def test_casts():
    assert xp.can_cast(xp.int8, xp.int32) and xp.can_cast(xp.ones(1), xp.float64)
    assert not xp.can_cast(xp.float64, xp.float32) and not xp.can_cast(xp.int64, xp.uint64)
    x = xp.ones(2)
    assert xp.astype(x, xp.float32, copy=False) is x
    assert xp.astype(x, xp.float32).data_ptr() != x.data_ptr()
    assert xp.astype(xp.asarray([0j, 1j]), xp.bool).tolist() == [False, True]
    with pytest.raises(TypeError, match="imaginary"):
        xp.astype(xp.ones(2, dtype=xp.complex64), xp.float32)


def test_clip_keeps_the_dtype(same):
    same(xp.clip(xp.asarray([1, 5]), 1.5, 3), np.asarray([1, 3]))
    x = xp.asarray([1.0, np.nan])
    same(xp.clip(x, 0, 0.5), np.float32([0.5, np.nan]))


def test_asarray_and_memory():
    x = xp.asarray([1.0, 2.0])
    assert xp.asarray(x) is x and xp.asarray(x, copy=False) is x
    assert xp.asarray(x, copy=True).data_ptr() != x.data_ptr()
    array = np.ones(2, "float32")
    shared = xp.asarray(array, copy=False)
    shared[0] = 5.0
    assert array[0] == 5.0
    for obj, options in [([1.0], {}), (x, {"dtype": xp.float64}), (array, {"dtype": xp.float64})]:
        with pytest.raises(ValueError, match="copy=False"):
            xp.asarray(obj, copy=False, **options)
    assert xp.asarray(memoryview(b"ab")).dtype == xp.uint8
    assert xp.asarray([xp.asarray(1.0), 2]).shape == (2,)


def test_sets_tell_nans_apart(same):
    x = np.float64([np.nan, 2, -0.0, np.nan, 0.0, 2])
    found = xp.unique_all(xp.asarray(x))
    assert found.values.shape == (4,) and np.asarray(found.counts).tolist() == [2, 2, 1, 1]
    assert np.asarray(found.indices).tolist() == [2, 1, 0, 3]
    np.testing.assert_array_equal(np.asarray(found.values[found.inverse_indices]), x)
    empty = xp.unique_all(xp.asarray([], dtype=xp.int64))
    assert all(part.shape == (0,) for part in empty)
    z = np.asarray([1 + 2j, 1 - 2j, 1 + 2j])
    assert np.asarray(xp.unique_counts(xp.asarray(z)).counts).tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float32", "complex128"])
def test_membership(same, dtype):
    x = np.asarray([0, 1, 2, 3, 1]).astype(dtype)
    for invert in (False, True):
        found = xp.isin(xp.asarray(x), xp.asarray(x[1:2]), invert=invert)
        same(found, np.isin(x, x[1:2], invert=invert))
    same(xp.isin(1, xp.asarray(x)), np.isin(1, x))


def test_searching_puts_equal_elements_first_or_last(same):
    x = xp.asarray([1, 3, 3])
    same(xp.searchsorted(x, 3), np.asarray(1))
    same(xp.searchsorted(x, 3, side="right"), np.asarray(3))
    same(xp.searchsorted(xp.asarray([3, 1]), xp.asarray([2]), sorter=xp.asarray([1, 0])), np.asarray([1]))


def test_solve_takes_vectors_with_one_axis_only(same):
    a = np.stack([np.eye(2) * 2, np.eye(2) * 4])
    b = np.asarray([[2.0, 4.0], [8.0, 4.0]])  # PyTorch would solve for two vectors
    same(xp.linalg.solve(xp.asarray(a), xp.asarray(b)), np.linalg.solve(a, b[None]))
    same(xp.linalg.solve(xp.asarray(a), xp.asarray(b[0])), np.linalg.solve(a, b[0]))


def test_solve_promotes(same):
    a, b = np.float32([[2, 0], [0, 4]]), np.complex128([2j, 4])
    same(xp.linalg.solve(xp.asarray(a), xp.asarray(b)), np.linalg.solve(a, b))


def test_tolerances_per_matrix(same):
    a = np.stack([np.diag([1.0, 0.1]), np.diag([1.0, 0.1])])
    rtol = np.asarray([0.5, 0.01])
    same(xp.linalg.matrix_rank(xp.asarray(a), rtol=xp.asarray(rtol)), np.asarray([1, 2]))
    same(xp.linalg.pinv(xp.asarray(a), rtol=xp.asarray(rtol)), np.linalg.pinv(a, rcond=rtol))


MISTAKES = [
    (lambda x: xp.cumulative_sum(x), ValueError, "axis="),
    (lambda x: xp.cumulative_sum(xp.asarray(1.0)), ValueError, "an axis"),
    (lambda x: xp.take(x, xp.asarray([0])), ValueError, "axis="),
    (lambda x: xp.arange(0, 1, 0), ValueError, "step"),
    (lambda x: xp.broadcast_shapes((2,), (3,)), ValueError, r"\(2,\), \(3,\)"),
    (lambda x: xp.expand_dims(x, 5), IndexError, "5"),
    (lambda x: xp.expand_dims(x, (0, -4)), ValueError, "twice"),
    (lambda x: xp.reshape(x.T, (4,), copy=False), ValueError, "view"),
    (lambda x: xp.linalg.cross(x, x), ValueError, "size 3"),
    (lambda x: xp.vecdot(x, x[:, :1]), ValueError, "axis -1"),
    (lambda x: xp.vecdot(x, x[0, :], axis=-2), ValueError, "axis -2"),
    (lambda x: xp.linalg.solve(x[0, :], x), ValueError, "square"),
    (lambda x: xp.__array_namespace_info__().dtypes(kind="float"), ValueError, "real floating"),
    (lambda x: xp.zeros(2, device="cuda"), ValueError, "cpu"),
    (lambda x: x[0, 0, 0], IndexError, "2"),
    (lambda x: x[..., ...], IndexError, "ellipsis|\\.\\.\\."),
    (lambda x: x.T.mT.T[:, 0].T, ValueError, "T"),
]  # fmt: skip


@pytest.mark.parametrize("shape", [(0, 0), (2, 0), (0,), (0, 3)])
def test_masks_without_elements_select_nothing(same, shape):
    x, mask = np.arange(6.0).reshape(2, 3), np.zeros(shape, dtype=bool)
    same(xp.asarray(x)[xp.asarray(mask)], x[mask])
    y = xp.asarray(x, copy=True)
    y[xp.asarray(mask)] = 7.0
    same(y, x)


@pytest.mark.parametrize("place", range(len(MISTAKES)))
def test_mistakes_are_named(x, place):
    call, error, words = MISTAKES[place]
    with pytest.raises(error, match=words):
        call(x)


def test_info():
    info = xp.__array_namespace_info__()
    assert info.capabilities() == {
        "boolean indexing": True,
        "data-dependent shapes": True,
        "max dimensions": 64,
    }
    assert info.default_device() == "cpu" and info.devices() == (info.default_device(),)
    assert xp.ones(2).device == info.default_device()
    assert info.default_dtypes() == {
        "real floating": xp.float32,
        "complex floating": xp.complex64,
        "integral": xp.int64,
        "indexing": xp.int64,
    }
    assert len(info.dtypes()) == 13
    assert info.dtypes(kind=("bool", "signed integer")) == {
        name: getattr(xp, name) for name in ("bool", "int8", "int16", "int32", "int64")
    }
    assert xp.zeros([1] * info.capabilities()["max dimensions"]).ndim == 64
