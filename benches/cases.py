"""What is measured: for each case, how every library does it the way its user would write it.

A setup returns the function that is timed. Its first result is compared across libraries, so that nobody
wins by computing something else. PyTorch and diffkit run the same text; NumPy has hand-derived gradients
where a user could be expected to derive them, JAX is jitted where a user would jit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Run = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """One thing to measure; ``bars`` are the ratios diffkit is to stay below, by library."""

    name: str
    torch_like: Callable[[Any], Run]
    numpy: Callable[[], Run] | None
    jax: Callable[[], Run] | None
    bars: Mapping[str, float]


# Adding two vectors: what one small operation costs.


def add_torch_like(n: int) -> Callable[[Any], Run]:
    def setup(torch: Any) -> Run:
        a, b = torch.ones(n), torch.ones(n)
        return lambda: a + b

    return setup


def add_numpy(n: int) -> Callable[[], Run]:
    def setup() -> Run:
        a, b = np.ones(n, np.float32), np.ones(n, np.float32)
        return lambda: a + b

    return setup


def add_jax(n: int) -> Callable[[], Run]:
    def setup() -> Run:
        import jax.numpy as jnp

        a, b = jnp.ones(n), jnp.ones(n)
        return lambda: (a + b).block_until_ready()

    return setup


# y = 2 x'x with its gradient: the smallest forward and backward.


def dot_torch_like(torch: Any) -> Run:
    x = torch.arange(4.0, requires_grad=True)

    def run() -> Any:
        x.grad = None
        y = 2 * torch.dot(x, x)
        y.backward()
        return x.grad

    return run


def dot_numpy() -> Run:
    x = np.arange(4, dtype=np.float32)

    def run() -> Any:
        _value = 2 * np.dot(x, x)
        return 4 * x

    return run


def dot_jax() -> Run:
    import jax
    import jax.numpy as jnp

    x = jnp.arange(4.0)
    f = jax.jit(jax.value_and_grad(lambda x: 2 * jnp.dot(x, x)))
    return lambda: f(x)[1].block_until_ready()


# A thousand scalar steps: what recording and walking a long graph costs.

CHAIN = 500


def chain(x: Any) -> Any:
    for _ in range(CHAIN):
        x = x * 1.001
        x = x + 0.01
    return x


def chain_torch_like(torch: Any) -> Run:
    x = torch.tensor(1.0, requires_grad=True)

    def run() -> Any:
        x.grad = None
        chain(x).backward()
        return x.grad

    return run


def chain_jax() -> Run:
    import jax

    f = jax.jit(jax.value_and_grad(chain))
    return lambda: f(1.0)[1].block_until_ready()


# Control flow that depends on values: double until the norm passes 1000.


def control_flow_torch_like(torch: Any) -> Run:
    a = torch.tensor(0.7, requires_grad=True)

    def run() -> Any:
        a.grad = None
        b = a * 2
        while b.norm() < 1000:
            b = b * 2
        c = b if b.sum() > 0 else 100 * b
        c.backward()
        return a.grad

    return run


def control_flow_jax() -> Run:
    import jax
    import jax.numpy as jnp

    def f(a: Any) -> Any:
        b = a * 2
        while jnp.linalg.norm(b.reshape(1)) < 1000:
            b = b * 2
        return b if b.sum() > 0 else 100 * b

    gradient = jax.grad(f)  # a loop over values cannot be jitted and differentiated backwards
    a = jnp.float32(0.7)
    return lambda: gradient(a).block_until_ready()


# One step of linear regression: 32 examples, 10 features.

RATE = 1e-3


def regression_data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(32, 10)).astype(np.float32)
    y = rng.normal(size=(32, 1)).astype(np.float32)
    return X, y, rng.normal(size=(10, 1)).astype(np.float32)


def regression_torch_like(torch: Any) -> Run:
    X, y, w = (torch.tensor(array) for array in regression_data())
    w.requires_grad_(True)
    b = torch.zeros(1, requires_grad=True)

    def run() -> Any:
        loss = ((torch.matmul(X, w) + b - y) ** 2 / 2).mean()
        loss.backward()
        with torch.no_grad():
            for parameter in (w, b):
                parameter -= RATE * parameter.grad
                parameter.grad.zero_()
        return loss.detach()

    return run


def regression_numpy() -> Run:
    X, y, w = regression_data()
    b = np.zeros(1, np.float32)

    def run() -> Any:
        nonlocal w, b
        error = X @ w + b - y
        loss = (error**2 / 2).mean()
        error /= len(y)
        w -= RATE * (X.T @ error)
        b -= RATE * error.sum(0)
        return loss

    return run


def regression_jax() -> Run:
    import jax

    X, y, w = (jax.numpy.asarray(array) for array in regression_data())
    parameters = w, jax.numpy.zeros(1)

    @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
    def step(parameters: Any) -> Any:
        loss, gradients = jax.value_and_grad(lambda p: ((X @ p[0] + p[1] - y) ** 2 / 2).mean())(parameters)
        return loss, jax.tree.map(lambda p, g: p - RATE * g, parameters, gradients)

    def run() -> Any:
        nonlocal parameters
        loss, parameters = step(parameters)
        jax.block_until_ready(parameters)
        return loss

    return run


# One step of a perceptron 784-256-10.


def mlp_data(batch: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(batch, 784)).astype(np.float32)
    y = rng.integers(0, 10, size=batch)
    W1 = 0.03 * rng.normal(size=(784, 256)).astype(np.float32)
    W2 = 0.06 * rng.normal(size=(256, 10)).astype(np.float32)
    return X, y, [W1, np.zeros(256, np.float32), W2, np.zeros(10, np.float32)]


def mlp_torch_like(batch: int) -> Callable[[Any], Run]:
    def setup(torch: Any) -> Run:
        inputs, labels, arrays = mlp_data(batch)
        X, y = torch.tensor(inputs), torch.tensor(labels)
        parameters = [torch.tensor(array).requires_grad_(True) for array in arrays]
        W1, b1, W2, b2 = parameters

        def run() -> Any:
            scores = torch.relu(X @ W1 + b1) @ W2 + b2
            loss = torch.nn.functional.cross_entropy(scores, y)
            loss.backward()
            with torch.no_grad():
                for parameter in parameters:
                    parameter -= RATE * parameter.grad
                    parameter.grad.zero_()
            return loss.detach()

        return run

    return setup


def mlp_numpy(batch: int) -> Callable[[], Run]:
    def setup() -> Run:
        X, y, parameters = mlp_data(batch)
        W1, b1, W2, b2 = parameters
        rows = np.arange(batch)

        def run() -> Any:
            hidden = np.maximum(X @ W1 + b1, 0)
            scores = hidden @ W2 + b2
            scores -= scores.max(axis=1, keepdims=True)
            exponentials = np.exp(scores)
            totals = exponentials.sum(axis=1, keepdims=True)
            loss = (np.log(totals[:, 0]) - scores[rows, y]).mean()
            g_scores = exponentials / totals
            g_scores[rows, y] -= 1
            g_scores /= batch
            g_hidden = g_scores @ W2.T
            g_hidden *= hidden > 0
            gradients = [X.T @ g_hidden, g_hidden.sum(0), hidden.T @ g_scores, g_scores.sum(0)]
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= RATE * gradient
            return loss

        return run

    return setup


def mlp_jax(batch: int) -> Callable[[], Run]:
    def setup() -> Run:
        import jax
        import jax.numpy as jnp

        inputs, labels, arrays = mlp_data(batch)
        X, y, parameters = jnp.asarray(inputs), jnp.asarray(labels), [jnp.asarray(array) for array in arrays]

        def loss_of(parameters: Any) -> Any:
            W1, b1, W2, b2 = parameters
            scores = jax.nn.relu(X @ W1 + b1) @ W2 + b2
            return (jax.nn.logsumexp(scores, axis=1) - scores[jnp.arange(batch), y]).mean()

        @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
        def step(parameters: Any) -> Any:
            loss, gradients = jax.value_and_grad(loss_of)(parameters)
            return loss, jax.tree.map(lambda p, g: p - RATE * g, parameters, gradients)

        def run() -> Any:
            nonlocal parameters
            loss, parameters = step(parameters)
            jax.block_until_ready(parameters)
            return loss

        return run

    return setup


CASES = [
    Case("add, 1 element", add_torch_like(1), add_numpy(1), add_jax(1), {"torch": 0.12, "numpy": 0.45}),
    Case("add, 100 elements", add_torch_like(100), add_numpy(100), add_jax(100), {}),
    Case("2 dot(x, x) and gradient, n = 4", dot_torch_like, dot_numpy, dot_jax, {"torch": 0.15}),
    Case("1,000 scalar steps and gradient", chain_torch_like, None, chain_jax, {"torch": 0.15}),
    Case("control flow and gradient", control_flow_torch_like, None, control_flow_jax, {}),
    Case(
        "linear regression step, 32 x 10",
        regression_torch_like,
        regression_numpy,
        regression_jax,
        {"torch": 0.2},
    ),
    Case("perceptron step, batch 32", mlp_torch_like(32), mlp_numpy(32), mlp_jax(32), {"torch": 0.7}),
    Case("perceptron step, batch 256", mlp_torch_like(256), mlp_numpy(256), mlp_jax(256), {}),
]
