"""At kinks, masks and domain edges gradients are the numbers that are meant, not NaN; at second order too."""

import numpy as np
import pytest

import diffkit as dk

INF, NAN = float("inf"), float("nan")


def leaf(values):
    return dk.tensor(values, dtype=dk.float64, requires_grad=True)


def zeros(x):
    return dk.zeros_like(x)


MASKED = [
    ("sqrt at 0", lambda x: dk.where(x > 0, x.sqrt(), 0.0), [0.0, 4.0], [0, 0.25], [0, -1 / 32]),
    ("sqrt below 0", lambda x: dk.where(x > 0, x.sqrt(), 0.0), [-1.0, 4.0], [0, 0.25], [0, -1 / 32]),
    ("log at 0", lambda x: dk.where(x > 0, x.log(), x), [0.0, 2.0], [1, 0.5], [0, -0.25]),
    ("log below 0", lambda x: dk.where(x > 0, x.log(), 0.0), [-1.0, 2.0], [0, 0.5], [0, -0.25]),
    ("1/x", lambda x: dk.where(x != 0, 1 / x, 0.0), [0.0, 2.0], [0, -0.25], [0, 0.25]),
    ("x/x", lambda x: dk.where(x != 0, x / x, 1.0), [0.0, 2.0], [0, 0], [0, 0]),
    ("pow 1.5", lambda x: x**1.5, [0.0, 4.0], [0, 3.0], None),
    ("pow 0.5 masked", lambda x: dk.where(x > 0, x**0.5, 0.0), [0.0, 4.0], [0, 0.25], [0, -1 / 32]),
    ("pow -1 masked", lambda x: dk.where(x > 0, x**-1, 0.0), [0.0, 2.0], [0, -0.25], [0, 0.25]),
    ("pow -1 twice masked", lambda x: dk.where(x > 0, (x**-1).log(), 0.0), [0.0, 2.0], [0, -0.5], [0, 0.25]),
    ("acos at 1", lambda x: dk.where(x < 1, x.acos(), 0.0), [1.0, 0.0], [0, -1], [0, 0]),
    ("exp overflow", lambda x: dk.where(x < 700, x.exp(), 0.0), [1e3, 0.0], [0, 1], [0, 1]),
    ("atanh", lambda x: dk.where(x.abs() < 1, x.atanh(), 0.0), [1.0, 0.0], [0, 1], [0, 0]),
    ("multiplied mask", lambda x: (x > 0) * (x.clamp(min=1e-300)), [0.0, 2.0], [0, 1], [0, 0]),
    ("abs", lambda x: x.abs(), [0.0, -2.0], [0, -1], [0, 0]),
    ("abs squared", lambda x: x.abs() ** 2, [0.0, -2.0], [0, -4], None),
    ("relu", lambda x: x.relu(), [0.0, 2.0], [0, 1], [0, 0]),
    ("x^0", lambda x: x**0, [0.0, 2.0], [0, 0], [0, 0]),
    ("x^1", lambda x: x**1, [0.0, -2.0], [1, 1], [0, 0]),
    ("x^2", lambda x: x**2, [0.0, -2.0], [0, -4], [2, 2]),
    ("x^3", lambda x: x**3, [0.0, -2.0], [0, 12], [0, -12]),
    ("x^4", lambda x: x**4, [0.0, -2.0], [0, -32], [0, 48]),
    ("0^x", lambda x: dk.pow(0.0, x), [1.0, 2.0], [0, 0], [0, 0]),
    ("masked_fill", lambda x: x.log().masked_fill(x <= 0, 0.0), [0.0, 2.0], [0, 0.5], [0, -0.25]),
    ("sqrt of a square masked", lambda x: dk.where(x > 0, (x * x).sqrt(), 0.0), [0.0, 2.0], [0, 1], [0, 0]),
    ("x log x", lambda x: dk.where(x > 0, x * x.log(), 0.0), [0.0, 1.0], [0, 1], [0, 1]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fn", "at", "first", "second"), MASKED, ids=[case[0] for case in MASKED])
def test_elementwise(name, fn, at, first, second):
    x = leaf(at)
    (plain,) = dk.autograd.grad(fn(x).sum(), x)
    np.testing.assert_allclose(plain.numpy(), first, rtol=1e-12)
    (slope,) = dk.autograd.grad(fn(x).sum(), x, create_graph=True)
    np.testing.assert_allclose(slope.detach().numpy(), first, rtol=1e-12)
    if not slope.requires_grad:
        assert second is None or not any(second)
        return
    (curvature,) = dk.autograd.grad(slope.sum(), x, materialize_grads=True)
    if second is None:
        assert not np.isnan(curvature.numpy()).any()
    else:
        np.testing.assert_allclose(curvature.numpy(), second, rtol=1e-12)


VANISHING = [
    ("norm", lambda x: dk.norm(x)),
    ("norm of rows", lambda x: dk.norm(x.reshape(2, 2), dim=1)),
    ("norm 1", lambda x: dk.norm(x, 1)),
    ("norm 3", lambda x: dk.norm(x, 3)),
    ("frobenius", lambda x: dk.linalg.matrix_norm(x.reshape(2, 2))),
    ("vector_norm", lambda x: dk.linalg.vector_norm(x)),
    ("std of equal numbers", lambda x: x.std()),
    ("std of rows", lambda x: x.reshape(2, 2).std(dim=1)),
    ("hypot", lambda x: dk.hypot(x, x)),
    ("masked unit vector", lambda x: dk.where(dk.norm(x) > 0, x / dk.norm(x), 0.0)),
    ("normalize", lambda x: dk.nn.functional.normalize(x, dim=0) * 0.0),
    ("distance to itself", lambda x: dk.dist(x, x)),
    ("sqrt of a sum of squares", lambda x: dk.where((x * x).sum() > 0, (x * x).sum().sqrt(), 0.0)),
    ("sum times norm", lambda x: x.sum() * dk.norm(x)),
]


@pytest.mark.parametrize(("name", "fn"), VANISHING, ids=[case[0] for case in VANISHING])
def test_at_the_origin(name, fn):
    x = leaf([0.0] * 4)
    (plain,) = dk.autograd.grad(fn(x).sum(), x)
    np.testing.assert_array_equal(plain.numpy(), 0)
    (slope,) = dk.autograd.grad(fn(x).sum(), x, create_graph=True)
    np.testing.assert_array_equal(slope.detach().numpy(), 0)
    if slope.requires_grad:
        (curvature,) = dk.autograd.grad(slope.sum(), x, materialize_grads=True)
        assert np.isfinite(curvature.numpy()).all()


def test_a_row_of_zeros_does_not_spoil_the_others():
    x = leaf([[0.0, 0.0], [3.0, 4.0]])
    (slope,) = dk.autograd.grad(dk.norm(x, dim=1).sum(), x, create_graph=True)
    np.testing.assert_allclose(slope.detach().numpy(), [[0, 0], [0.6, 0.8]], rtol=1e-15)
    (curvature,) = dk.autograd.grad(slope[:, 0].sum(), x)
    np.testing.assert_allclose(curvature.numpy(), [[0, 0], [16 / 125, -12 / 125]], rtol=1e-12)


def test_ties_share_the_gradient():
    x, y = leaf([1.0, 2, 3]), leaf([1.0, 5, 0])
    for fn, first, second in [(dk.maximum, [0.5, 0, 1], [0.5, 1, 0]), (dk.minimum, [0.5, 1, 0], [0.5, 0, 1])]:
        gx, gy = dk.autograd.grad(fn(x, y).sum(), [x, y])
        assert gx.tolist() == first and gy.tolist() == second
    tied = leaf([[2.0, 2.0, 1.0], [0.0, 3.0, 3.0]])
    (g,) = dk.autograd.grad(tied.amax(dim=1).sum(), tied)
    assert g.tolist() == [[0.5, 0.5, 0], [0, 0.5, 0.5]]


def test_products_with_zeros():
    for values in ([2.0, 0, 3], [0.0, 0, 3], [0.0, 0, 0]):
        x = leaf(values)
        (g,) = dk.autograd.grad(x.prod(), x, create_graph=True)
        want = [np.prod(np.delete(values, i)) for i in range(3)]
        np.testing.assert_array_equal(g.detach().numpy(), want)
        (second,) = dk.autograd.grad(g[0], x)
        np.testing.assert_array_equal(second.numpy(), [0, values[2], values[1]])


def test_a_zero_weight_against_an_infinite_slope():
    x = leaf([0.0, 4.0])
    weight = dk.tensor([0.0, 1.0], dtype=dk.float64)
    for fn, slope in ((dk.sqrt, 0.25), (dk.log, 0.25), (dk.reciprocal, -1 / 16), (dk.rsqrt, -1 / 16)):
        for create_graph in (False, True):
            (g,) = dk.autograd.grad(fn(x), x, weight, create_graph=create_graph)
            np.testing.assert_allclose(g.detach().numpy(), [0, slope], rtol=1e-15)
    # without a mask the infinity is the truth
    assert dk.autograd.grad(dk.sqrt(x).sum(), x)[0].tolist() == [INF, 0.25]


def test_division_by_zero_under_a_mask():
    x, y = leaf([1.0, 3.0]), leaf([0.0, 2.0])
    ratio = dk.where(y != 0, x / y, 0.0)
    gx, gy = dk.autograd.grad(ratio.sum(), [x, y], create_graph=True)
    assert gx.tolist() == [0, 0.5] and gy.tolist() == [0, -0.75]
    (second,) = dk.autograd.grad(gy.sum(), y)
    assert second.tolist() == [0, 0.75]


def test_softmax_of_masked_scores():
    scores = leaf([0.0, 1.0, 2.0])
    masked = scores.masked_fill(dk.tensor([False, True, False]), -INF)
    p = dk.softmax(masked, 0)
    (g,) = dk.autograd.grad(p[0], scores, retain_graph=True)
    share = 1 / (1 + np.exp(2))
    np.testing.assert_allclose(g.numpy(), [share * (1 - share), 0, -share * (1 - share)], rtol=1e-14)
    (g,) = dk.autograd.grad(dk.logsumexp(masked, 0), scores)
    np.testing.assert_allclose(g.numpy(), [share, 0, 1 - share], rtol=1e-14)


def test_a_nan_that_is_meant_is_kept():
    x = leaf([NAN, 1.0])
    (g,) = dk.autograd.grad((x * x).sum(), x)
    assert np.isnan(g.numpy()[0]) and g.numpy()[1] == 2
