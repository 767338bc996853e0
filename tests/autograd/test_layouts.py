"""The nine derivatives of scalars, vectors and matrices by each other, in the three layouts.

Every entry of every derivative is distinct, so a transposition that is missing or one too many is seen. The
entries are computed with NumPy from their indices alone.
"""

import numpy as np
import pytest

import diffkit as dk

N, K, M, L = 2, 3, 4, 5
X_SHAPES = {"scalar": (), "vector": (N,), "matrix": (N, K)}
Y_SHAPES = {"scalar": (), "vector": (M,), "matrix": (M, L)}

NUMERATOR = {
    ("scalar", "scalar"): (),
    ("scalar", "vector"): (1, N),
    ("scalar", "matrix"): (K, N),
    ("vector", "scalar"): (M, 1),
    ("vector", "vector"): (M, N),
    ("vector", "matrix"): (M, K, N),
    ("matrix", "scalar"): (M, L),
    ("matrix", "vector"): (M, L, N),
    ("matrix", "matrix"): (M, L, K, N),
}


def linear_map(y_shape, x_shape):
    """Coefficients C[y indices, x indices], all different, and the function x -> C x."""
    y_size, x_size = int(np.prod(y_shape)), int(np.prod(x_shape))
    flat = np.arange(1.0, y_size * x_size + 1).reshape(y_size, x_size)

    def f(x):
        return (dk.tensor(flat) @ x.reshape(x_size)).reshape(y_shape)

    return flat.reshape(y_shape + x_shape), f


@pytest.mark.parametrize(("y", "x"), NUMERATOR)
def test_jacobian(y, x):
    coefficients, f = linear_map(Y_SHAPES[y], X_SHAPES[x])
    point = dk.zeros(X_SHAPES[x], dtype=dk.float64)
    framework = dk.jacobian(f)(point).numpy()
    np.testing.assert_array_equal(framework, coefficients)
    assert framework.shape == Y_SHAPES[y] + X_SHAPES[x]
    numerator = dk.jacobian(f, layout="numerator")(point).numpy()
    assert numerator.shape == NUMERATOR[y, x]
    for place in np.ndindex(*framework.shape):
        outer, inner = place[: len(Y_SHAPES[y])], place[len(Y_SHAPES[y]) :]
        turned = outer + inner[::-1]
        if (y, x) == ("scalar", "vector"):
            turned = (0, *turned)
        if (y, x) == ("vector", "scalar"):
            turned = (*turned, 0)
        assert numerator[turned] == coefficients[place]
    denominator = dk.jacobian(f, layout="denominator")(point).numpy()
    assert denominator.shape == NUMERATOR[y, x][::-1]
    np.testing.assert_array_equal(denominator, numerator.transpose())


@pytest.mark.parametrize("x", X_SHAPES)
@pytest.mark.parametrize("layout", [None, "numerator", "denominator"])
def test_grad_agrees_with_jacobian(x, layout):
    _, f = linear_map((), X_SHAPES[x])
    point = dk.zeros(X_SHAPES[x], dtype=dk.float64)
    want = dk.jacobian(f, layout=layout)(point).numpy()
    got = dk.grad(f, layout=layout)(point).numpy()
    assert got.shape == want.shape
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(dk.value_and_grad(f, layout=layout)(point)[1].numpy(), want)


def test_the_chain_rule_is_a_product_in_numerator_layout():
    rng = np.random.default_rng(3)
    A, B = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))

    def inner(x):
        return (dk.tensor(B) @ x).sin()

    def outer(u):
        return (dk.tensor(A) @ u).exp().sum()

    x = dk.tensor(rng.normal(size=2))
    whole = dk.grad(lambda x: outer(inner(x)), layout="numerator")(x)
    parts = dk.grad(outer, layout="numerator")(inner(x)) @ dk.jacobian(inner, layout="numerator")(x)
    assert whole.shape == (1, 2)
    np.testing.assert_allclose(whole.numpy(), parts.numpy(), rtol=1e-12)


def test_containers_keep_their_layout():
    got = dk.grad(lambda p: (p["v"] * 2).sum() + p["m"].sum(), layout="numerator")(
        {"v": dk.ones(3), "m": dk.ones(2, 5)}
    )
    assert got["v"].shape == (1, 3)
    assert got["m"].shape == (5, 2)
