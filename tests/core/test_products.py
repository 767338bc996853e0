"""Matrix products of every size and layout against NumPy: each way of computing them, and where they meet."""

import numpy as np
import pytest

import diffkit as dk

#: Small ones in registers (whole and broken tiles, long depth), single pieces, pieces of rows or of columns,
#: strips (of several depths, with broken ones).
SHAPES = [
    *[(1, 1, 1), (3, 5, 2), (4, 4, 4), (5, 3, 7), (8, 8, 8), (16, 16, 16), (17, 33, 19), (31, 7, 64)],
    *[(4, 256, 17), (4, 257, 17), (64, 64, 64), (65, 64, 64), (100, 1, 100), (1, 300, 40), (300, 40, 1)],
    *[(130, 127, 129), (32, 784, 256), (784, 32, 256), (600, 50, 40), (40, 50, 1000)],
    *[(16, 700, 40), (61, 1030, 130), (300, 17, 130), (63, 300, 16), (1100, 16, 63), (18, 520, 1000)],
]
#: Products from packed panels: one layer of the depth, some, some that a group of tiles goes through at once,
#: and several blocks of columns, of depth, of rows; none a whole number of tiles.
PACKED = [
    *[(130, 140, 301), (257, 600, 203), (701, 903, 530)],
    *[(803, 1100, 810), (71, 513, 5001), (901, 3501, 600)],
]
LAYOUTS = {
    "rows": lambda x: dk.tensor(x),
    "columns": lambda x: dk.tensor(np.ascontiguousarray(x.swapaxes(-1, -2))).mT,
    "every second": lambda x: dk.tensor(np.repeat(x, 2, axis=-1))[..., ::2],
    "part of rows": lambda x: dk.tensor(np.concatenate([x, x], axis=-1))[..., : x.shape[-1]],
    "reversed": lambda x: dk.tensor(np.ascontiguousarray(x[..., ::-1])).flip(-1),
}


pytestmark = pytest.mark.usefixtures("threads")


def factors(m, k, n, dtype, lead=()):
    rng = np.random.default_rng(m * 1000 + n)
    complex_part = 1j if np.dtype(dtype).kind == "c" else 0

    def draw(*shape):
        return (rng.standard_normal(shape) + complex_part * rng.standard_normal(shape)).astype(dtype)

    return draw(*lead, m, k), draw(*lead, k, n)


def assert_near(found, a, b):
    """Within a few roundings of each of the `k` terms."""
    wide = np.clongdouble if np.iscomplexobj(a) else np.longdouble
    eps = np.finfo(a.dtype).eps
    exact = a.astype(wide) @ b.astype(wide)
    allowed = 4 * eps * (np.abs(a).astype(np.longdouble) @ np.abs(b).astype(np.longdouble))
    assert found.shape == exact.shape
    assert np.all(np.abs(found.numpy() - exact) <= allowed)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_products_of_every_shape_and_layout(shape, dtype):
    a, b = factors(*shape, dtype)
    for left in LAYOUTS:
        for right in ("rows", "columns", "reversed"):
            assert_near(LAYOUTS[left](a) @ LAYOUTS[right](b), a, b)


@pytest.mark.parametrize("left, right", [("rows", "rows"), ("columns", "rows"), ("reversed", "columns")])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", PACKED, ids=str)
def test_products_from_packed_panels(shape, dtype, left, right):
    a, b = factors(*shape, dtype)
    found = (LAYOUTS[left](a) @ LAYOUTS[right](b)).numpy()
    a, b = a.astype(np.float64), b.astype(np.float64)
    # For float64 NumPy's result has as many roundings.
    allowed = 8 * np.finfo(dtype).eps * (np.abs(a) @ np.abs(b))
    assert np.all(np.abs(found - a @ b) <= allowed)


@pytest.mark.parametrize("shape", PACKED, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_packed_panels_give_the_same_bits_on_any_number_of_threads(shape, dtype, same_bits):
    a, b = (dk.tensor(x) for x in factors(*shape, dtype))
    dk.set_num_threads(1)
    want = a @ b
    for count in (2, 3, 8):
        dk.set_num_threads(count)
        same_bits(a @ b, want)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bits_do_not_depend_on_the_number_of_threads(shape, dtype, same_bits):
    a, b = (dk.tensor(x) for x in factors(*shape, dtype, (3,)))
    dk.set_num_threads(1)
    want = a @ b
    for count in (2, 3, 8):
        dk.set_num_threads(count)
        same_bits(a @ b, want)
        same_bits(a[1] @ b[1], want[1])


@pytest.mark.parametrize(
    "left, right",
    [((5,), (5,)), ((1, 3), (2, 1)), ((4, 2, 3), ()), ((), (4, 2)), ((2, 1, 3), (5, 1)), ((1, 1), (1,))],
)
def test_batches_broadcast(left, right):
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((*left, 6, 7)), rng.standard_normal((*right, 7, 5))
    found = dk.tensor(a) @ dk.tensor(b)
    np.testing.assert_allclose(found.numpy(), a @ b, rtol=1e-13, atol=1e-13)
    spread = dk.tensor(a[..., :1, :]).expand(*left, 6, 7) @ dk.tensor(b)
    np.testing.assert_allclose(
        spread.numpy(), np.broadcast_to(a[..., :1, :], a.shape) @ b, rtol=1e-13, atol=1e-13
    )


@pytest.mark.parametrize("n", [5, 40, 200])
def test_nan_and_infinity_stay_in_their_rows_and_columns(n):
    a, b = factors(n, n, n, "float32")
    a[2, 3], b[3, 4] = np.nan, np.inf
    found = (dk.tensor(a) @ dk.tensor(b)).numpy()
    with np.errstate(invalid="ignore"):
        want = a @ b
    np.testing.assert_array_equal(np.isnan(found), np.isnan(want))
    np.testing.assert_array_equal(np.isinf(found), np.isinf(want))
