"""Function transforms against closed forms computed with NumPy."""

from typing import NamedTuple

import numpy as np
import pytest

import diffkit as dk
from diffkit import functional
from diffkit.errors import ArgumentError, AutogradError, DTypeError, ShapeError

f64 = dk.float64
A = np.array([[2.0, -1.0, 0.5], [0.25, 3.0, 1.0]])
X = np.array([0.3, -1.2, 2.0])


def make(values):
    return dk.tensor(np.asarray(values, dtype=float))


def close(got, want, tolerance=1e-12):
    want = np.asarray(want, dtype=float)
    assert tuple(got.shape) == want.shape
    assert not got.requires_grad
    np.testing.assert_allclose(got.numpy(), want, rtol=tolerance, atol=tolerance)


def test_grad_of_a_vector():
    close(dk.grad(lambda x: (x.sin() * x).sum())(make(X)), np.sin(X) + X * np.cos(X))


def test_the_caller_s_tensor_is_left_alone():
    x = make(X).requires_grad_()
    dk.grad(lambda x: (x * x).sum())(x)
    assert x.grad is None
    y = make(X)
    dk.grad(lambda x: (x * x).sum())(y)
    assert not y.requires_grad


def test_python_floats():
    got = dk.grad(lambda x, y: x * y + y.exp(), argnums=(0, 1))(3.0, 0.5)
    assert [g.dtype for g in got] == [dk.float32] * 2
    np.testing.assert_allclose([g.item() for g in got], [0.5, 3 + np.exp(0.5)], rtol=1e-6)


def test_argnums():
    def f(x, y, z):
        return (x * y).sum() * z

    x, y, z = make(X), make(X + 1), make(2.0)
    close(dk.grad(f)(x, y, z), (X + 1) * 2)
    close(dk.grad(f, argnums=1)(x, y, z), X * 2)
    close(dk.grad(f, argnums=-1)(x, y, z), X @ (X + 1))
    gz, gx = dk.grad(f, argnums=[2, 0])(x, y, z)
    close(gz, X @ (X + 1))
    close(gx, (X + 1) * 2)
    assert dk.grad(f, argnums=())(x, y, z) == ()


def test_keyword_arguments_are_passed_on():
    close(dk.grad(lambda x, *, power: (x**power).sum())(make([2.0, 3.0]), power=2), [4, 6])


class Point(NamedTuple):
    x: dk.Tensor
    y: dk.Tensor


def test_containers():
    def f(p):
        return (p["w"] * p["list"][0]).sum() + p["pair"].x * p["pair"].y

    tree = {
        "w": make([1.0, 2.0]),
        "list": [make([3.0, 4.0]), None],
        "pair": Point(make(5.0), make(6.0)),
        "empty": (),
    }
    got = dk.grad(f)(tree)
    assert list(got) == list(tree)
    assert isinstance(got["pair"], Point)
    assert got["list"][1] is None
    assert got["empty"] == ()
    close(got["w"], [3, 4])
    close(got["list"][0], [1, 2])
    close(got["pair"].x, 6)
    close(got["pair"].y, 5)


def test_value_and_grad_with_aux():
    def f(x):
        y = x * x
        return y.sum(), {"squares": y, "name": "f"}

    (value, aux), slope = dk.value_and_grad(f, has_aux=True)(make(X))
    close(value, (X**2).sum())
    close(aux["squares"], X**2)
    assert aux["name"] == "f"
    close(slope, 2 * X)
    slope, aux = dk.grad(f, has_aux=True)(make(X))
    close(slope, 2 * X)
    close(aux["squares"], X**2)


def test_nothing_depends_on_the_argument():
    close(dk.grad(lambda x: dk.ones((), dtype=f64))(make(X)), np.zeros(3))
    close(dk.grad(lambda x, y: (y * y).sum())(make(X), make(X)), np.zeros(3))
    close(dk.jacobian(lambda x: make([1.0, 2.0]))(make(X)), np.zeros((2, 3)))
    close(dk.hessian(lambda x: x.sum())(make(X)), np.zeros((3, 3)))
    close(dk.hvp(lambda x: x.sum(), make(X), make(X)), np.zeros(3))
    _, pull = dk.vjp(lambda x: make([1.0, 2.0]), make(X))
    close(pull(make([1.0, 1.0]))[0], np.zeros(3))


def test_an_identity():
    close(dk.grad(lambda x: x)(make(3.0)), 1)
    close(dk.jacobian(lambda x: x)(make(X)), np.eye(3))


def test_control_flow():
    def f(x):
        while x.sum() < 100:
            x = x * 2
        return x.sum() if x[0] > 0 else -x.sum()

    close(dk.grad(f)(make([1.0, 1.5])), [64, 64])
    close(dk.grad(f)(make([-1.0, 3.0])), [-64, -64])


@pytest.mark.parametrize("order", range(1, 6))
def test_grad_of_grad_to_any_order(order):
    def derivative(f):
        for _ in range(order):
            f = dk.grad(f)
        return f(make(0.7))

    close(derivative(dk.sin), np.sin(0.7 + order * np.pi / 2))
    close(derivative(lambda x: (2 * x).exp()), 2**order * np.exp(1.4))
    close(
        derivative(lambda x: x * x * x * x * x), np.prod(np.arange(5.0, 5 - order, -1)) * 0.7 ** (5 - order)
    )


def test_powers_to_third_order():
    close(dk.grad(dk.grad(dk.grad(lambda x: x**4)))(make(2.0)), 48)
    close(dk.grad(dk.grad(dk.grad(lambda x: 2**x)))(make(2.0)), 4 * np.log(2) ** 3)


def test_an_inner_derivative_by_another_variable():
    # d/dx (x * d/dy (x * y^2)) = d/dx (2 x^2 y)
    def f(x):
        return x * dk.grad(lambda y: x * y * y)(make(3.0))

    close(dk.grad(f)(make(2.0)), 4 * 2 * 3)
    close(dk.grad(lambda x: dk.hvp(lambda y: x * (y**3).sum(), make(X), make(X)).sum())(make(2.0)), 6 * X @ X)


def test_a_captured_tensor_stays_differentiable():
    w = make([1.0, 2.0]).requires_grad_()
    slope = dk.grad(lambda x: (w * x * x).sum())(make([3.0, 4.0]))
    assert slope.requires_grad
    slope.sum().backward()
    np.testing.assert_allclose(w.grad.numpy(), [6, 8])
    (value, aux), _ = dk.value_and_grad(lambda x: (x.sum(), w * 2), has_aux=True)(make(X))
    assert aux.requires_grad
    assert not value.requires_grad
    assert dk.vjp(lambda: w * 2)[0].requires_grad


def test_a_tracked_argument_stays_differentiable():
    x = make(2.0).requires_grad_()
    dk.grad(lambda x: x * x * x)(x).backward()
    np.testing.assert_allclose(x.grad.item(), 12)


def test_under_no_grad():
    w = make([1.0, 2.0]).requires_grad_()
    with dk.no_grad():
        got = dk.grad(lambda x: (w * x * x).sum())(make([3.0, 4.0]))
        assert not dk.is_grad_enabled()
    close(got, [6, 16])


def test_no_grad_inside_the_function():
    def f(x):
        with dk.no_grad():
            c = x * x
        return (c * x).sum()

    close(dk.grad(f)(make(X)), X**2)


def test_vjp():
    out, pull = dk.vjp(lambda x, m: (m @ x, x.sum()), make(X), make(A))
    close(out[0], A @ X)
    close(out[1], X.sum())
    for _ in range(2):
        gx, gm = pull((make([1.0, 10.0]), make(2.0)))
        close(gx, A.T @ [1, 10] + 2)
        close(gm, np.outer([1, 10], X))
    _, _, aux = dk.vjp(lambda x: (x, {"twice": x * 2}), make(X), has_aux=True)
    close(aux["twice"], 2 * X)


def test_the_pull_of_vjp_is_differentiated_by_its_cotangents():
    _, pull = dk.vjp(lambda x: x * x, make(X))
    got = dk.jacobian(lambda v: pull(v)[0])(make([1.0, 1.0, 1.0]))
    close(got.detach(), np.diag(2 * X))


def test_jacobian():
    close(dk.jacobian(lambda x: make(A) @ x.exp())(make(X)), A * np.exp(X))
    got = dk.jacobian(lambda m: m @ make(X))(make(A))
    want = np.zeros((2, 2, 3))
    want[0, 0] = want[1, 1] = X
    close(got, want)
    by_x, by_m = dk.jacobian(lambda x, m: m @ x, argnums=(0, 1))(make(X), make(A))
    close(by_x, A)
    close(by_m, want)
    assert functional.jacrev is dk.jacobian


def test_jacobian_in_containers():
    got = dk.jacobian(lambda p: {"y": [p["a"] * p["b"]], "z": p["a"].sum()})({"a": make(X), "b": make(2.0)})
    close(got["y"][0]["a"], 2 * np.eye(3))
    close(got["y"][0]["b"], X)
    close(got["z"]["a"], np.ones(3))
    close(got["z"]["b"], 0)


def test_jacobian_of_nothing():
    close(dk.jacobian(lambda x: x[:0])(make(X)), np.zeros((0, 3)))
    close(dk.jacobian(lambda x: x.sum())(make([])), np.zeros(0))


def test_jacobian_with_aux():
    got, aux = dk.jacobian(lambda x: (x * x, x.sum()), has_aux=True)(make(X))
    close(got, np.diag(2 * X))
    close(aux, X.sum())


def test_hessian():
    Q = A.T @ A
    close(dk.hessian(lambda x: x @ make(Q) @ x)(make(X)), 2 * Q)
    got = dk.hessian(lambda x, y: (x * x * y).sum(), argnums=(0, 1))(make(X), make(X + 1))
    close(got[0][0], np.diag(2 * (X + 1)))
    close(got[0][1], np.diag(2 * X))
    close(got[1][0], np.diag(2 * X))
    close(got[1][1], np.zeros((3, 3)))
    got = dk.hessian(lambda p: p["a"] * p["b"])({"a": make(2.0), "b": make(3.0)})
    close(got["a"]["b"], 1)
    close(got["a"]["a"], 0)


def test_hessian_of_a_quotient():
    # second derivatives of x/y
    got = dk.hessian(lambda v: v[0] / v[1])(make([3.0, 2.0]))
    close(got, [[0, -1 / 4], [-1 / 4, 2 * 3 / 8]])


def test_hvp():
    Q = A.T @ A
    close(dk.hvp(lambda x: x @ make(Q) @ x, make(X), make([1.0, 2, 3])), 2 * Q @ [1, 2, 3])
    px, py = dk.hvp(
        lambda x, y: (x * x * y).sum(), (make(X), make(X + 1)), (make([1.0] * 3), make([10.0] * 3))
    )
    close(px, 2 * (X + 1) + 10 * 2 * X)
    close(py, 2 * X)


def test_errors():
    x = make(X)
    with pytest.raises(ShapeError, match=r"^grad: .*shape \(3,\).*sum\(\)"):
        dk.grad(lambda x: x * 2)(x)
    with pytest.raises(ShapeError, match=r"^hessian: .*\(3,\)"):
        dk.hessian(lambda x: x * 2)(x)
    with pytest.raises(DTypeError, match=r"^grad: argument 0 .*int64"):
        dk.grad(lambda x: x.sum())(dk.tensor([1, 2]))
    with pytest.raises(DTypeError, match=r"^grad: argument 1\['b'\] is 3 \(int\)"):
        dk.grad(lambda x, p: x.sum(), argnums=1)(x, {"a": 1.0, "b": 3})
    with pytest.raises(DTypeError, match=r"^grad: the function returned 1\.5 \(float\)"):
        dk.grad(lambda x: 1.5)(x)
    with pytest.raises(DTypeError, match=r"^jacobian: expected tensors, got 'no' \(str\)"):
        dk.jacobian(lambda x: {"a": x, "b": "no"})(x)
    with pytest.raises(ArgumentError, match=r"argnums has 1, but 1 "):
        dk.grad(lambda x: x.sum(), argnums=1)(x)
    with pytest.raises(ArgumentError, match=r"twice"):
        dk.grad(lambda x: x.sum(), argnums=(0, -1))(x)
    with pytest.raises(ArgumentError, match=r"layout must be"):
        dk.grad(lambda x: x.sum(), layout="rows")
    with pytest.raises(DTypeError, match=r"autograd\.grad"):
        dk.grad(x.sum(), x)
    with pytest.raises(DTypeError, match=r"has_aux"):
        dk.grad(lambda x: x.sum(), has_aux=True)(x)
    _, pull = dk.vjp(lambda x: x * 2, x)
    with pytest.raises(ShapeError, match=r"^vjp: cotangents"):
        pull(make([1.0]))


def test_an_argument_cannot_be_changed_in_place():
    def f(x):
        x += 1
        return x.sum()

    x = make(X)
    with pytest.raises(AutogradError):
        dk.grad(f)(x)
    np.testing.assert_array_equal(x.numpy(), X)


def test_autograd_functional():
    F = dk.autograd.functional
    Q = A.T @ A
    close(F.jacobian(lambda x: make(A) @ x, make(X)), A)
    close(F.hessian(lambda x: x @ make(Q) @ x, make(X)), 2 * Q)
    (block,) = F.jacobian(lambda x: x * 2, (make(X),))
    close(block, 2 * np.eye(3))
    value, product = F.vjp(lambda x: make(A) @ x, make(X), make([1.0, 10.0]))
    close(value, A @ X)
    close(product, A.T @ [1, 10])
    close(F.vjp(lambda x: x.sum(), make(X))[1], np.ones(3))
    value, product = F.hvp(lambda x: x @ make(Q) @ x, make(X), make(X))
    close(value, X @ Q @ X)
    close(product, 2 * Q @ X)
    x = make(X).requires_grad_()
    assert not F.jacobian(lambda x: x * x, x).requires_grad
    F.jacobian(lambda x: x * x, x, create_graph=True).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [2, 2, 2])
    with pytest.raises(ShapeError, match="pass v"):
        F.vjp(lambda x: x * 2, make(X))
