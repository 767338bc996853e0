"""The derivative of every elementwise row against central differences, to second order, in every reading."""

import numpy as np
import pytest

import diffkit as dk

ROWS = [row for row in dk._core.element_op_table() if row["differentiable"]]
STEP = 1e-5

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])


def leaf(values, dtype=dk.float64):
    return dk.tensor(values, dtype=dtype).requires_grad_()


def points(row, shapes, seed=0):
    draw = np.random.default_rng(seed)
    return [draw.uniform(*domain, shape) for domain, shape in zip(row["domain"], shapes, strict=True)]


def function(row):
    return getattr(dk, row["name"])


def slopes(row, inputs, weight, create_graph=False):
    """The gradient of `weight * f(inputs)` summed, by each input."""
    out = function(row)(*inputs)
    return dk.autograd.grad(out, inputs, weight, create_graph=create_graph)


def moved(inputs, i, by):
    return [x + by if j == i else x for j, x in enumerate(inputs)]


def compare(got, want):
    np.testing.assert_allclose(np.array(got.detach().numpy()), want, rtol=1e-7, atol=2e-8)


@every_row
@pytest.mark.parametrize("n", [1, 5, 63, 65, 300])
def test_first_order(row, n):
    inputs = points(row, [(n,)] * row["arity"])
    weight = np.random.default_rng(1).uniform(0.5, 2, n)
    found = slopes(row, [leaf(x) for x in inputs], dk.tensor(weight))
    for i, slope in enumerate(found):
        ends = [function(row)(*map(dk.tensor, moved(inputs, i, by))).numpy() for by in (STEP, -STEP)]
        compare(slope, weight * (ends[0] - ends[1]) / (2 * STEP))


@every_row
def test_second_order(row):
    n = 40
    inputs = points(row, [(n,)] * row["arity"], seed=2)
    draw = np.random.default_rng(3)
    weight, weights = draw.uniform(0.5, 2, n), [draw.uniform(0.5, 2, n) for _ in inputs]

    def mixed(at, create_graph):
        leaves, seed = [leaf(x) for x in at], leaf(weight)
        found = slopes(row, leaves, seed, create_graph)
        return [*leaves, seed], sum((dk.tensor(w) * g for w, g in zip(weights, found, strict=True)), start=0)

    leaves, total = mixed(inputs, True)
    if row["name"] == "digamma":  # the end of the chain is an error that says so, not a zero
        with pytest.raises(dk.errors.AutogradError, match="trigamma"):
            dk.autograd.grad(total, leaves, dk.ones_like(total), materialize_grads=True)
        return
    second = dk.autograd.grad(total, leaves, dk.ones_like(total), materialize_grads=True)
    for i in range(row["arity"]):
        ends = [mixed(moved(inputs, i, by), False)[1].detach().numpy() for by in (STEP, -STEP)]
        compare(second[i], (ends[0] - ends[1]) / (2 * STEP))
    # by the incoming weight: the expression is linear in it
    compare(second[-1], mixed(inputs, False)[1].detach().numpy() / weight)


@every_row
@pytest.mark.parametrize("dtype", [dk.float32, dk.float64], ids=str)
def test_the_fused_loop_equals_the_traced_expression(row, dtype):
    inputs = [leaf(x, dtype) for x in points(row, [(257,)] * row["arity"], seed=4)]
    weight = dk.tensor(np.random.default_rng(5).uniform(-2, 2, 257), dtype=dtype)
    fused = slopes(row, inputs, weight)
    traced = slopes(row, inputs, weight, create_graph=True)
    for one, other in zip(fused, traced, strict=True):
        assert one.dtype == other.dtype == dtype
        tolerance = 1e-5 if dtype == dk.float32 else 1e-13
        np.testing.assert_allclose(one.numpy(), other.detach().numpy(), rtol=tolerance, atol=tolerance)


@every_row
def test_layouts(row):
    given = points(row, [(24,)] * row["arity"], seed=6)
    views = {
        "0-d": lambda x: x[3],
        "empty": lambda x: x[:0],
        "strided": lambda x: x[1::3],
        "reversed": lambda x: x[::-1],
        "transposed": lambda x: x.reshape(4, 6).T,
        "expanded": lambda x: (
            x[:6].expand(3, 6) if isinstance(x, dk.Tensor) else np.broadcast_to(x[:6], (3, 6))
        ),
    }
    for name, view in views.items():
        leaves = [leaf(x) for x in given]
        out = function(row)(*map(view, leaves))
        out.sum().backward()
        flat = [leaf(np.array(view(x)).reshape(-1)) for x in given]
        plain = slopes(row, flat, dk.ones(flat[0].numel(), dtype=dk.float64))
        for x, values, slope in zip(leaves, given, plain, strict=True):
            want = np.zeros(24)
            places = np.array(view(np.arange(24.0)), dtype=np.int64)
            np.add.at(want, places.reshape(-1), slope.numpy())
            np.testing.assert_allclose(x.grad.numpy(), want, rtol=1e-14, atol=1e-14, err_msg=name)
            np.testing.assert_array_equal(x.detach().numpy(), values)


@pytest.mark.parametrize("row", [row for row in ROWS if row["arity"] == 2], ids=lambda row: row["name"])
@pytest.mark.parametrize(
    "shapes", [((3, 1), (1, 4)), ((), (5,)), ((2, 1, 3), (4, 1)), ((1,), (0,)), ((3,), (3,))]
)
def test_broadcast_operands(row, shapes):
    given = points(row, shapes, seed=7)
    leaves = [leaf(x) for x in given]
    shape = np.broadcast_shapes(*shapes)
    weight = np.random.default_rng(8).uniform(0.5, 2, shape)
    found = slopes(row, leaves, dk.tensor(weight))
    full = [leaf(np.ascontiguousarray(x).reshape(shape)) for x in np.broadcast_arrays(*given)]
    plain = slopes(row, full, dk.tensor(weight))
    for slope, each, own in zip(found, plain, shapes, strict=True):
        assert tuple(slope.shape) == own
        axes = tuple(range(len(shape) - len(own)))
        want = each.numpy().sum(axis=axes)
        kept = tuple(i for i, size in enumerate(own) if size == 1 and want.shape[i] != 1)
        np.testing.assert_allclose(slope.numpy(), want.sum(axis=kept, keepdims=True), rtol=1e-13, atol=1e-13)
    second = slopes(row, leaves, dk.tensor(weight), create_graph=True)
    for slope, again in zip(found, second, strict=True):
        np.testing.assert_allclose(again.detach().numpy(), slope.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("row", [row for row in ROWS if row["arity"] == 2], ids=lambda row: row["name"])
def test_numbers_and_mixed_dtypes(row):
    x, y = points(row, [(6,), (6,)], seed=9)
    ones = dk.ones(6, dtype=dk.float64)
    number = float(y[0])
    a, b = leaf(x), leaf(np.full(6, number))
    one_sided = dk.autograd.grad(function(row)(a, number), a, ones)[0]
    np.testing.assert_array_equal(one_sided.numpy(), slopes(row, [a, b], ones)[0].numpy())
    number = float(x[0])
    a, b = leaf(np.full(6, number)), leaf(y)
    one_sided = dk.autograd.grad(function(row)(number, b), b, ones)[0]
    np.testing.assert_array_equal(one_sided.numpy(), slopes(row, [a, b], ones)[1].numpy())
    # float32 with float64: computed in float64, each gradient in its own leaf's dtype
    narrow, wide = leaf(x, dk.float32), leaf(y)
    out = function(row)(narrow, wide)
    assert out.dtype == dk.float64
    g, h = dk.autograd.grad(out, [narrow, wide], ones)
    assert (g.dtype, h.dtype) == (dk.float32, dk.float64)
    exact = slopes(row, [leaf(narrow.detach().numpy().astype(float)), wide], ones)
    np.testing.assert_allclose(g.numpy(), exact[0].numpy(), rtol=1e-6)
    np.testing.assert_allclose(h.numpy(), exact[1].numpy(), rtol=1e-13)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_in_place_has_the_same_derivative(row):
    given = points(row, [(7,)] * row["arity"], seed=10)
    leaves = [leaf(x) for x in given]
    work = leaves[0] * 1
    getattr(work, row["name"] + "_")(*leaves[1:])
    weight = dk.tensor(np.random.default_rng(11).uniform(0.5, 2, 7))
    found = dk.autograd.grad(work, leaves, weight, create_graph=True)
    for one, other in zip(found, slopes(row, leaves, weight), strict=True):
        np.testing.assert_allclose(one.detach().numpy(), other.numpy(), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("row", [row for row in ROWS if row["arity"] == 2], ids=lambda row: row["name"])
def test_one_tensor_on_both_sides(row):
    low, high = max(d[0] for d in row["domain"]), min(d[1] for d in row["domain"])
    if low >= high or row["name"] in ("maximum", "minimum", "clamp_min", "clamp_max", "floor_divide"):
        return
    x = leaf(np.random.default_rng(12).uniform(low + 0.1, high - 0.1, 5))
    (both,) = dk.autograd.grad(function(row)(x, x), x, dk.ones(5, dtype=dk.float64))
    left, right = slopes(
        row, [leaf(x.detach().numpy()), leaf(x.detach().numpy())], dk.ones(5, dtype=dk.float64)
    )
    np.testing.assert_allclose(both.numpy(), left.numpy() + right.numpy(), rtol=1e-13, atol=1e-13)
    work = x * 1
    getattr(work, row["name"] + "_")(work)
    (in_place,) = dk.autograd.grad(work, x, dk.ones(5, dtype=dk.float64))
    np.testing.assert_allclose(in_place.numpy(), both.numpy(), rtol=1e-13, atol=1e-13)
