"""Products of sizes around the panels and blocks they are cut into, against exact integers of NumPy."""

import numpy as np
import pytest

import diffkit as dk

SHAPES = [
    *[(m, 40, n) for m in (12, 13, 17) for n in (16, 17, 31)],
    *[(70, k, 70) for k in (255, 256, 257, 513)],
    # from here on packed: all remainders of rows, columns and depth
    *[(m, 65, n) for m in (255, 256, 257, 261) for n in (264, 269, 272, 273)],
    *[(130, k, 135) for k in (260, 511, 513, 1030)],
    (512, 600, 1760),
    (513, 600, 1761),
    (515, 599, 1775),
    (1030, 513, 1030),
    (1025, 518, 1031),
    # one block of rows, of columns, of depth is not enough
    (4100, 300, 520),
    (2100, 520, 520),
    (520, 520, 2100),
    (600, 3001, 600),
]


def integers(shape, seed, dtype, transposed):
    """Small ones, whose products add up to what f32 holds exactly; `transposed` is how they lie."""
    rows, columns = shape
    values = np.random.default_rng(seed).integers(-3, 4, size=(columns, rows) if transposed else shape)
    values = values.astype(dtype)
    return values.T if transposed else values


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_element_is_the_sum_of_its_products(shape, dtype):
    m, k, n = shape
    for left in (False, True):
        for right in (False, True):
            a, b = integers((m, k), 0, dtype, left), integers((k, n), 1, dtype, right)
            found = dk.from_numpy(a) @ dk.from_numpy(b)
            np.testing.assert_array_equal(found.numpy(), a.astype(np.float64) @ b.astype(np.float64))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parts_of_larger_matrices(dtype):
    a, b = integers((1200, 900), 0, dtype, False), integers((900, 1300), 1, dtype, False)
    found = dk.from_numpy(a)[7:1107, 5:507] @ dk.from_numpy(b)[11:513, 9:1209]
    np.testing.assert_array_equal(found.numpy(), a[7:1107, 5:507] @ b[11:513, 9:1209])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "shape", [(5, 90, 300, 80), (3, 150, 300, 200), (70, 65, 66, 67), (2, 1030, 520, 1030)], ids=str
)
def test_batches(shape, dtype):
    count, m, k, n = shape
    a = np.stack([integers((m, k), seed, dtype, False) for seed in range(count)])
    b = np.stack([integers((n, k), seed + 100, dtype, False) for seed in range(count)])
    found = dk.from_numpy(a) @ dk.from_numpy(b).mT
    np.testing.assert_array_equal(found.numpy(), a @ b.swapaxes(1, 2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_no_number_stays_in_its_row_and_column(dtype):
    a, b = integers((1003, 601), 0, dtype, False), integers((601, 1005), 1, dtype, False)
    a[1002, 600], b[0, 1004] = np.nan, np.inf
    found = (dk.from_numpy(a) @ dk.from_numpy(b)).numpy()
    assert np.isfinite(found[:1002, :1004]).all()
    assert np.isnan(found[1002]).all()
    assert not np.isfinite(found[:, 1004]).any()  # an infinity, or none times it


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_errors_are_those_of_a_sum(dtype):
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(600, 2000)).astype(dtype), rng.normal(size=(2000, 520)).astype(dtype)
    found = (dk.from_numpy(a) @ dk.from_numpy(b)).numpy()[::37, ::41]
    a, b = a[::37].astype(np.longdouble), b[:, ::41].astype(np.longdouble)
    bound = 2000 * np.finfo(dtype).eps / 2 * (np.abs(a) @ np.abs(b))
    assert (np.abs(found - a @ b) <= bound).all()
