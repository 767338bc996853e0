"""Sorting, running results and reductions of long lines, which several threads may share, against NumPy."""

import numpy as np
import pytest

import diffkit as dk

REAL = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
FLOATS = ["float32", "float64"]
#: Around the size from which threads share a line (65,536), and others.
LENGTHS = [1023, 1024, 1025, 65_535, 65_537, 200_003]
#: Around the sizes from which lines are sorted digit by digit (256 to 1,024), by wider digits (8,192) and in
#: buckets (262,144).
SORTED = [255, 257, 1023, 1025, 8191, 8193, 65_537, 262_143, 262_145]


pytestmark = pytest.mark.usefixtures("threads")


def values(kind, dtype, n, seed=0):
    """`n` numbers of `dtype`: over all its range, of a few only, or already in order."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        x = rng.standard_normal(n) * 10.0 ** rng.integers(-30, 30, n)
        special = [0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, np.finfo(dtype).tiny / 4, np.finfo(dtype).max]
        x[rng.integers(0, n, n // 10)] = rng.choice(special, n // 10)
        x = x.astype(dtype)
    else:
        limits = np.iinfo(dtype)
        x = rng.integers(limits.min, limits.max, n, dtype=dtype, endpoint=True)
    if kind == "few":
        x = rng.choice(x[:7], n)
    if kind == "ordered":
        x = np.sort(x)
    if kind == "one digit differs":
        x = (
            (x.astype(np.int64) & 0x7F00).astype(dtype)
            if dtype.kind != "f"
            else np.float32(1) + x.clip(0, 1e-6)
        )
        x = x.astype(dtype)
    if kind in ("one outlier", "clusters"):
        centres = rng.choice(x[np.isfinite(x)], 5 if kind == "clusters" else 1)
        near = rng.choice(centres // 4 * 2, n).astype(dtype)
        if dtype.kind == "f":
            x = near * (1 + np.finfo(dtype).eps * rng.integers(0, 1000, n)).astype(dtype)
        else:
            x = near + rng.integers(0, 30, n).astype(dtype)
        x[n // 2] = limits.max if dtype.kind != "f" else np.inf
    return x


KINDS = ["any", "few", "ordered", "one digit differs", "one outlier", "clusters"]


def order(x, descending):
    """Where a stable sort takes each element from; NaN counts as the largest number, -0 equals 0."""
    if not descending:
        return np.argsort(x, kind="stable")
    # the reversed line sorted the other way round leaves equal elements in their order
    return (len(x) - 1 - np.argsort(x[::-1], kind="stable"))[::-1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", REAL)
def test_sort_is_the_stable_sort_of_numpy(dtype, kind, same_bits):
    for n in SORTED:
        x = values(kind, dtype, n, seed=n)
        for descending in (False, True):
            want = order(x, descending)
            found, positions = dk.sort(dk.tensor(x), descending=descending, stable=True)
            np.testing.assert_array_equal(positions.numpy(), want)
            same_bits(found, dk.tensor(x[want]))
        same_bits(dk.msort(dk.tensor(x)), dk.tensor(np.sort(x, kind="stable")))
        np.testing.assert_array_equal(dk.argsort(dk.tensor(x), stable=True).numpy(), order(x, False))


@pytest.mark.parametrize("dtype", ["int32", "int64", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_buckets_that_are_many_themselves(dtype, kind):
    x = values(kind, dtype, 1_500_007)
    np.testing.assert_array_equal(dk.argsort(dk.tensor(x), stable=True).numpy(), order(x, False))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_order_does_not_depend_on_the_number_of_threads(dtype, kind, same_bits):
    x = dk.tensor(values(kind, dtype, 300_007))
    dk.set_num_threads(1)
    want = dk.sort(x, stable=True)
    for count in (2, 3, 8):
        dk.set_num_threads(count)
        found = dk.sort(x, stable=True)
        same_bits(found.values, want.values)
        same_bits(found.indices, want.indices)


@pytest.mark.parametrize("shape, dim", [((7, 3001), 1), ((3001, 7), 0), ((3, 2049, 5), 1), ((2, 70_001), -1)])
@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
def test_sort_along_any_axis_and_of_strided_lines(shape, dim, dtype, same_bits):
    x = values("any", dtype, int(np.prod(shape))).reshape(shape)
    want = np.argsort(x, axis=dim, kind="stable")
    for given in (dk.tensor(x), dk.tensor(np.ascontiguousarray(x.T)).permute(*range(x.ndim)[::-1])):
        found, positions = dk.sort(given, dim=dim, stable=True)
        np.testing.assert_array_equal(positions.numpy(), want)
        same_bits(found, dk.tensor(np.take_along_axis(x, want, dim)))


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("largest", [False, True])
def test_the_first_few_of_a_long_line(dtype, largest, same_bits):
    for n in (1025, 100_003):
        x = values("any", dtype, n, seed=n)
        found = dk.topk(dk.tensor(x), 20, largest=largest)
        same_bits(found.values, dk.tensor(x[order(x, largest)[:20]]))
        same_bits(dk.tensor(x)[found.indices], found.values)


@pytest.mark.parametrize("n", [100, 1025, 100_003])
def test_zeros_keep_their_signs(n, same_bits):
    x = np.where(np.arange(n) % 2, -0.0, 0.0).astype(np.float32)
    for found in (dk.sort(dk.tensor(x), stable=True), dk.topk(dk.tensor(x), 20)):
        same_bits(dk.tensor(x)[found.indices], found.values)


RUNNING = {
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "cummax": np.maximum.accumulate,
    "cummin": np.minimum.accumulate,
}


@pytest.mark.parametrize("dtype", [name for name in REAL if name not in FLOATS])
@pytest.mark.parametrize("name", RUNNING)
def test_running_results_of_integers_are_exact(name, dtype):
    for n in LENGTHS:
        x = values("any", dtype, n, seed=n)
        found = getattr(dk, name)(dk.tensor(x), 0)
        found = getattr(found, "values", found).numpy()
        np.testing.assert_array_equal(found, RUNNING[name](x, dtype=found.dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "shape, dim", [((200_003,), 0), ((5, 40_001), 1), ((40_001, 5), 0), ((3, 2049, 130), 1)]
)
def test_running_sums_miss_by_little_of_the_sum_of_absolute_values(dtype, shape, dim):
    x = np.random.default_rng(3).standard_normal(shape).astype(dtype)
    found = dk.cumsum(dk.tensor(x), dim).numpy()
    wide = x.astype(np.longdouble)
    allowed = 4 * np.finfo(dtype).eps * np.cumsum(np.abs(wide), axis=dim)
    assert np.all(np.abs(found - np.cumsum(wide, axis=dim)) <= allowed)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "cummax", "logcumsumexp"])
@pytest.mark.parametrize("shape, dim", [((200_003,), 0), ((40_001, 5), 0), ((5, 40_001), 1)])
def test_running_results_do_not_depend_on_the_number_of_threads(name, shape, dim, same_bits):
    x = dk.tensor(np.random.default_rng(5).standard_normal(shape).astype(np.float32))

    def compute(count):
        dk.set_num_threads(count)
        found = getattr(dk, name)(x, dim)
        return getattr(found, "values", found)

    want = compute(1)
    for count in (2, 3, 8):
        same_bits(compute(count), want)


SHAPES = [
    ((200_003,), None),
    ((1001, 333), 0),
    ((333, 1001), 1),
    ((17, 600, 31), 1),
    ((17, 600, 31), (0, 2)),
    ((70_001, 3), 0),
]


@pytest.mark.parametrize("shape, dim", SHAPES)
@pytest.mark.parametrize("dtype", REAL)
def test_reductions_of_integers_and_extremes_are_exact(dtype, shape, dim):
    x = values("any", dtype, int(np.prod(shape))).reshape(shape)
    t = dk.tensor(x)
    for given, same in (
        (t, x),
        (t.flip(0), x[::-1]),
        (dk.tensor(np.ascontiguousarray(x.T)).permute(*range(x.ndim)[::-1]), x),
    ):
        np.testing.assert_array_equal(dk.amax(given, dim=dim).numpy(), np.max(same, axis=dim))
        np.testing.assert_array_equal(dk.amin(given, dim=dim).numpy(), np.min(same, axis=dim))
        np.testing.assert_array_equal(
            dk.count_nonzero(given, dim=dim).numpy(), np.count_nonzero(same, axis=dim)
        )
        if dtype not in FLOATS:
            total = dk.sum(given, dim=dim).numpy()
            np.testing.assert_array_equal(total, np.sum(same, axis=dim, dtype=total.dtype))


@pytest.mark.parametrize("shape, dim", SHAPES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_sums_miss_by_little_and_do_not_depend_on_threads(dtype, shape, dim, same_bits):
    x = np.random.default_rng(7).standard_normal(shape).astype(dtype)
    t = dk.tensor(x)
    dk.set_num_threads(1)
    want = dk.sum(t, dim=dim)
    wide = x.astype(np.longdouble)
    # pieces are summed in a tree: far fewer roundings than elements
    allowed = 4 * np.finfo(dtype).eps * np.sqrt(np.sum(np.square(wide), axis=dim)) * 4
    assert np.all(np.abs(want.numpy() - np.sum(wide, axis=dim)) <= allowed)
    for count in (2, 3, 8):
        dk.set_num_threads(count)
        same_bits(dk.sum(t, dim=dim), want)


@pytest.mark.parametrize("dtype", REAL)
def test_the_place_of_an_extreme_is_the_first(dtype):
    for n in LENGTHS:
        for kind in ("any", "few"):
            x = values(kind, dtype, n, seed=n)
            assert dk.argmax(dk.tensor(x)).item() == np.argmax(x)
            assert dk.argmin(dk.tensor(x)).item() == np.argmin(x)
