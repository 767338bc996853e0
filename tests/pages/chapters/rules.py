"""The rules of differentiation, one assert each: first of numbers, then of vectors and matrices.

PyTorch's gradient has the shape of what it is taken with respect to: a column of partial derivatives where a
numerator layout would write a row.
"""

import math

import diffkit as torch

torch.manual_seed(4)


def derivative(f, at):
    """df/dx at a number, in double precision."""
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    return x.grad.item()


def close(a, b):
    return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12)


# constants, powers, exp, log, sin
assert derivative(lambda x: 7 + 0 * x, 1.3) == 0
assert close(derivative(lambda x: x**5, 1.3), 5 * 1.3**4)
assert close(derivative(lambda x: x**-2, 1.3), -2 * 1.3**-3)
assert close(derivative(lambda x: x**0.5, 1.3), 0.5 * 1.3**-0.5)
assert close(derivative(torch.exp, 1.3), math.exp(1.3))
assert close(derivative(lambda x: 3**x, 1.3), 3**1.3 * math.log(3))
assert close(derivative(torch.log, 1.3), 1 / 1.3)
assert close(derivative(torch.sin, 1.3), math.cos(1.3))
assert close(derivative(torch.cos, 1.3), -math.sin(1.3))
assert close(derivative(torch.tanh, 1.3), 1 - math.tanh(1.3) ** 2)

# sums, multiples, products, quotients, chains
assert close(derivative(lambda x: torch.sin(x) + x**2, 0.7), math.cos(0.7) + 2 * 0.7)
assert close(derivative(lambda x: 6 * torch.sin(x), 0.7), 6 * math.cos(0.7))
product = math.exp(0.7) * math.sin(0.7) + math.exp(0.7) * math.cos(0.7)
assert close(derivative(lambda x: torch.exp(x) * torch.sin(x), 0.7), product)
quotient = (math.cos(0.7) * 0.7 - math.sin(0.7)) / 0.7**2
assert close(derivative(lambda x: torch.sin(x) / x, 0.7), quotient)
assert close(derivative(lambda x: torch.sin(x**2), 0.7), math.cos(0.49) * 1.4)
assert close(derivative(lambda x: torch.log(torch.exp(x) + 1), 0.7), 1 / (1 + math.exp(-0.7)))

# kinks have a fixed subgradient
assert derivative(torch.abs, 0.0) == 0
assert derivative(torch.relu, 0.0) == 0
assert derivative(torch.relu, 2.0) == 1


def gradient(f, x):
    """The gradient of a scalar f with respect to a tensor."""
    x = x.detach().requires_grad_(True)
    f(x).backward()
    assert x.grad.shape == x.shape
    return x.grad


def jacobian(f, x):
    """Rows are outputs, columns are inputs: numerator layout."""
    x = x.detach().requires_grad_(True)
    y = f(x)
    rows = []
    for i in range(len(y)):
        x.grad = None
        y[i].backward(retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


def same(a, b):
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-10, atol=1e-12)


n, m = 4, 3
x = torch.randn(n, dtype=torch.float64)
w = torch.randn(n, dtype=torch.float64)
A = torch.randn(m, n, dtype=torch.float64)

# a scalar by a vector
assert same(gradient(lambda x: (0 * x).sum() + 5, x), torch.zeros(n, dtype=torch.float64))
assert same(gradient(lambda x: 3 * (x**2).sum(), x), 6 * x)
assert same(gradient(torch.sum, x), torch.ones(n, dtype=torch.float64))
assert same(gradient(lambda x: torch.norm(x) ** 2, x), 2 * x)
assert same(gradient(lambda x: torch.dot(w, x), x), w)
assert same(gradient(lambda x: (x**2).sum() + torch.sin(x).sum(), x), 2 * x + torch.cos(x))
assert same(
    gradient(lambda x: x.sum() * torch.dot(x, x), x),
    x.sum() * 2 * x + torch.dot(x, x) * torch.ones(n, dtype=torch.float64),
)
assert same(
    gradient(lambda x: torch.dot(torch.sin(x), torch.exp(x)), x), (torch.sin(x) + torch.cos(x)) * x.exp()
)
P = torch.randn(n, n, dtype=torch.float64)
assert same(gradient(lambda x: torch.dot(x, P @ x), x), (P + P.T) @ x)

# a vector by a vector
constant = torch.randn(m, dtype=torch.float64)
assert same(jacobian(lambda x: constant + 0 * x[:m], x), torch.zeros(m, n, dtype=torch.float64))
assert same(jacobian(lambda x: 1 * x, x), torch.eye(n, dtype=torch.float64))
assert same(jacobian(lambda x: A @ x, x), A)
assert same(jacobian(lambda x: x @ A.T, x), A)
assert same(jacobian(lambda x: 5 * torch.sin(x), x), 5 * torch.eye(n, dtype=torch.float64) * torch.cos(x))
assert same(jacobian(lambda x: A @ torch.exp(x), x), A * torch.exp(x))
assert same(
    jacobian(lambda x: torch.sin(x) + x**2, x), torch.eye(n, dtype=torch.float64) * (torch.cos(x) + 2 * x)
)
assert same(
    jacobian(lambda x: x.sum() * x, x),
    torch.ones(n, n, dtype=torch.float64) * x.reshape(n, 1) + x.sum() * torch.eye(n, dtype=torch.float64),
)

# a scalar by a matrix
M = torch.randn(m, n, dtype=torch.float64)
u = torch.randn(m, dtype=torch.float64)
assert same(gradient(lambda M: torch.dot(u, M @ x), M), u.reshape(m, 1) * x)
assert same(gradient(lambda M: (M**2).sum(), M), 2 * M)

# two worked chains: (<x, w> - y)^2 and |Xw - y|^2
y = 1.5
assert same(gradient(lambda w: (torch.dot(x, w) - y) ** 2, w), 2 * (torch.dot(x, w) - y) * x)
X = torch.randn(6, n, dtype=torch.float64)
targets = torch.randn(6, dtype=torch.float64)
assert same(gradient(lambda w: torch.norm(X @ w - targets) ** 2, w), 2 * X.T @ (X @ w - targets))
