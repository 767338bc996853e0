"""Recording and differentiating: leaves, accumulation, gradients of every kind of step."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64 = torch.float32, torch.float64, torch.int64


def leaf(values, dtype=f32):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def test_a_fresh_leaf():
    x = torch.ones(2)
    assert x.requires_grad is False
    assert x.grad is None
    assert x.grad_fn is None
    assert x.is_leaf
    assert x.requires_grad_() is x
    assert x.requires_grad is True
    assert x.requires_grad_(False).requires_grad is False
    x.requires_grad = True
    assert (x * 2).requires_grad
    assert not (x * 2).is_leaf


def test_backward_of_a_scalar(same):
    x = torch.arange(4.0, requires_grad=True)
    y = 2 * torch.dot(x, x)
    same(y, 28)
    assert y.backward() is None
    same(x.grad, [0, 4, 8, 12])
    assert (x.grad == 4 * x).all()
    assert not x.grad.requires_grad


def test_gradients_add_up(same):
    x = leaf([1.0, 2])
    (x * 3).sum().backward()
    (x * x).sum().backward()
    same(x.grad, [5, 7])
    before = id(x.grad)
    x.grad.zero_()
    same(x.grad, [0, 0])
    assert id(x.grad) == before
    x.sum().backward()
    same(x.grad, [1, 1])
    x.grad.data.zero_()
    same(x.grad, [0, 0])
    x.grad = None
    x.sum().backward()
    same(x.grad, [1, 1])


def test_gradient_argument(same):
    x = leaf([1.0, 2, 3])
    (x * x).backward(gradient=torch.ones(3))
    same(x.grad, [2, 4, 6])
    x.grad.zero_()
    (x * x).backward(torch.tensor([1.0, 0, -1]))
    same(x.grad, [2, 0, -6])
    x.grad.zero_()
    (x * x).backward(torch.ones(len(x)))
    same(x.grad, [2, 4, 6])
    x.grad.zero_()
    (2 * x).sum().backward(torch.tensor(3.0))
    same(x.grad, [6, 6, 6])


def test_several_outputs_need_gradient():
    x = leaf([1.0, 2])
    with pytest.raises((RuntimeError, ValueError), match=r"grad"):
        (x * x).backward()
    with pytest.raises((RuntimeError, ValueError)):
        (x * x).backward(torch.ones(3))
    leaf_of_one = leaf([2.0])
    (leaf_of_one**2).backward()
    assert leaf_of_one.grad.tolist() == [4]


def test_backward_needs_a_graph():
    with pytest.raises((RuntimeError, ValueError)):
        torch.ones(()).backward()
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        torch.arange(3).requires_grad_(True)


def test_retain_graph(same):
    x = leaf(3.0)
    y = x.exp()
    y.backward(retain_graph=True)
    y.backward()
    same(x.grad, 2 * np.exp(3))
    with pytest.raises((RuntimeError, ValueError)):
        y.backward()


def test_detach(same):
    x = leaf([1.0, 2])
    u = (x * x).detach()
    assert not u.requires_grad
    (u * x).sum().backward()
    same(x.grad, [1, 4])
    shared = x.detach()
    shared[0] = 7
    same(x, [7, 2])
    again = x.detach().requires_grad_(True)
    again.sum().backward()
    same(again.grad, [1, 1])


def test_no_grad(same):
    x = leaf([1.0, 2])
    with torch.no_grad():
        y = x * 2
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    assert not y.requires_grad
    assert (x * 2).requires_grad

    @torch.no_grad()
    def silent(t):
        return t * 2

    assert not silent(x).requires_grad
    with torch.no_grad(), torch.enable_grad():
        assert (x * 2).requires_grad
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        raise ZeroDivisionError
    assert torch.is_grad_enabled()


def test_update_of_a_leaf(same):
    p = leaf([1.0, 2])
    holder = p
    for _ in range(2):
        (p * p).sum().backward()
        with torch.no_grad():
            p -= 0.25 * p.grad
            p.grad.zero_()
    same(holder, [0.25, 0.5])
    assert p.requires_grad
    assert p.is_leaf


def test_in_place_on_a_leaf_is_refused():
    p = leaf([1.0, 2])
    with pytest.raises((RuntimeError, ValueError)):
        p += 1
    with pytest.raises((RuntimeError, ValueError)):
        p[0] = 1


def test_backward_inside_no_grad(same):
    x = leaf([1.0, 2])
    y = (x**3).sum()
    with torch.no_grad():
        y.backward()
    same(x.grad, [3, 12])


def test_in_place_on_results(same):
    x = leaf([1.0, 2])
    y = x * 3
    y += x
    y *= 2
    y.sum().backward()
    same(x.grad, [8, 8])


def test_a_saved_value_that_changed_is_refused():
    x = leaf([1.0, 2])
    y = x.exp()
    z = y * y
    y += 1
    with pytest.raises((RuntimeError, ValueError)):
        z.sum().backward()


def test_shared_parts_are_counted_once_each(same):
    x = leaf(2.0)
    y = x * x
    z = y * y + y
    z.backward()
    same(x.grad, 4 * 8 + 4)


def test_control_flow(same):
    def f(a):
        b = a * 2
        while b.norm() < 1000:
            b = b * 2
        return b if b.sum() > 0 else 100 * b

    for value, slope in [(1.5, 1024.0), (-1.0, 102400.0)]:
        a = leaf(value)
        d = f(a)
        d.backward()
        same(a.grad, slope)
        assert (a.grad == d / a).all()


def test_autograd_grad(same):
    x, y = leaf([1.0, 2]), leaf(3.0)
    gx, gy = torch.autograd.grad((x * x).sum() * y, (x, y))
    same(gx, [6, 12])
    same(gy, 5)
    assert x.grad is None
    (g,) = torch.autograd.grad(x * y, x, grad_outputs=torch.tensor([1.0, 10]))
    same(g, [3, 30])


def test_higher_order(same):
    x = leaf(2.0)
    (first,) = torch.autograd.grad(x**3 + torch.sin(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x, create_graph=True)
    (third,) = torch.autograd.grad(second, x)
    same(first, 12 + np.cos(2))
    same(second, 12 - np.sin(2))
    same(third, 6 - np.cos(2))
    (x**3).backward(create_graph=True)
    (x.grad * 2).backward()
    same(x.grad.detach(), 12 + 24)


def test_float64(same):
    x = leaf([1.0, 2], dtype=f64)
    torch.log(x).sum().backward()
    same(x.grad, [1, 0.5], f64)


def test_mixed_dtypes_come_back_in_the_leafs_own(same):
    x, y = leaf([1.0, 2]), leaf([3.0, 4], dtype=f64)
    (x * y).sum().backward()
    same(x.grad, [3, 4], f32)
    same(y.grad, [1, 2], f64)


def test_broadcast_gradients_are_summed(same):
    row, column, scalar = leaf([1.0, 2]), leaf([[3.0], [4], [5]]), leaf(2.0)
    (row * column + scalar).sum().backward()
    same(row.grad, [12, 12])
    same(column.grad, [[3], [3], [3]])
    same(scalar.grad, 6)


def test_gradients_through_structure(same):
    x = leaf([[1.0, 2], [3, 4]])
    weights = torch.tensor([[1.0, 10], [100, 1000]])
    cases = [
        (lambda: (x.T * weights).sum(), [[1, 100], [10, 1000]]),
        (lambda: (x.reshape(4) * weights.reshape(4)).sum(), [[1, 10], [100, 1000]]),
        (
            lambda: (torch.cat((x, x), 1) * torch.cat((weights, weights * 2), 1)).sum(),
            [[3, 30], [300, 3000]],
        ),
        (lambda: (torch.stack((x[0], x[1]), dim=1) * weights).sum(), [[1, 100], [10, 1000]]),
        (lambda: x[:, 1].sum() + x[0, 0] * 5, [[5, 1], [0, 1]]),
        (lambda: x[torch.tensor([0, 0, 1])].sum(), [[2, 2], [1, 1]]),
        (lambda: x[x > 1.5].sum(), [[0, 1], [1, 1]]),
        (lambda: (x.unsqueeze(0).expand(3, 2, 2)).sum(), [[3, 3], [3, 3]]),
        (lambda: (x.repeat(2, 1) * torch.cat((weights, weights))).sum(), [[2, 20], [200, 2000]]),
        (lambda: (x.cumsum(dim=0) * weights).sum(), [[101, 1010], [100, 1000]]),
        (lambda: (torch.flip(x, (0,)) * weights).sum(), [[100, 1000], [1, 10]]),
        (lambda: x.max(dim=1)[0].sum(), [[0, 1], [0, 1]]),
        (lambda: x.max() * 3, [[0, 0], [0, 3]]),
        (lambda: torch.sort(x, descending=True)[0][:, 0].sum(), [[0, 1], [0, 1]]),
        (lambda: x.mean(), [[0.25] * 2] * 2),
        (lambda: x.prod(), [[24, 12], [8, 6]]),
        (lambda: torch.einsum("ij,jk->", x, weights), [[11, 1100], [11, 1100]]),
        (lambda: torch.det(x), [[4, -3], [-2, 1]]),
        (lambda: torch.trace(x @ weights), [[1, 100], [10, 1000]]),
        (lambda: x.clamp(min=2.5).sum(), [[0, 0], [1, 1]]),
        (lambda: torch.where(x > 2, x * x, x).sum(), [[1, 1], [6, 8]]),
        (lambda: torch.max(x, weights).sum(), [[0.5, 0], [0, 0]]),
    ]
    for f, expected in cases:
        x.grad = None
        f().backward()
        same(x.grad, expected)


def test_kinks(same):
    x = leaf([0.0, 1.0])
    torch.abs(x).sum().backward()
    same(x.grad, [0, 1])
    x.grad = None
    torch.relu(x).sum().backward()
    same(x.grad, [0, 1])
    x.grad = None
    zero = leaf([0.0, 0.0])
    torch.norm(zero).backward()
    same(zero.grad, [0, 0])


def test_multivariate_chain(same):
    X = leaf([[1.0, 2], [3, 4], [5, 6]], dtype=f64)
    w = leaf([0.5, -1], dtype=f64)
    y = torch.tensor([1.0, 0, 2], dtype=f64)
    (torch.norm(X @ w - y) ** 2).backward()
    residual = X.detach().numpy() @ [0.5, -1] - [1, 0, 2]
    same(w.grad, 2 * X.detach().numpy().T @ residual, f64)
    same(X.grad, 2 * np.outer(residual, [0.5, -1]), f64)


def test_grad_fn_names():
    x = leaf([1.0, 2])
    assert (x * 2).grad_fn.name() == "MulBackward0"
    assert (x + 2).grad_fn.name() == "AddBackward0"
    assert x.sum().grad_fn.name() == "SumBackward0"
    assert x.exp().grad_fn.name() == "ExpBackward0"


def test_a_long_chain_does_not_overflow_the_stack(same):
    x = leaf(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1
    y.backward()
    same(x.grad, 1)
    del y
