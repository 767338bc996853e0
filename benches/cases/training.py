"""Steps of gradient descent: a linear regression, and perceptrons 784-256-10 on several sizes of batch."""

from __future__ import annotations

from typing import Any

import numpy

from cases.case import Case, Run, Setup, normal
from cases.limits import multiply_adds

RATE = 1e-3

# Linear regression: 32 examples, 10 features.


def regression_data() -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    return normal(32, 10), normal(32, 1, seed=1), normal(10, 1, seed=2)


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


def regression_numpy(np: Any) -> Run:
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


def regression_loss(parameters: Any, X: Any, y: Any) -> Any:
    w, b = parameters
    return ((X @ w + b - y) ** 2 / 2).mean()


def regression_jax(jax: Any) -> Run:
    X, y, w = regression_data()
    return descent_jax(jax, regression_loss, [w, numpy.zeros(1, numpy.float32)], X, y)


def regression_autograd(autograd: Any) -> Run:
    X, y, w = regression_data()
    return descent_autograd(autograd, regression_loss, [w, numpy.zeros(1, numpy.float32)], X, y)


# A perceptron 784-256-10.


def perceptron_data(batch: int) -> tuple[numpy.ndarray, numpy.ndarray, list[numpy.ndarray]]:
    labels = numpy.random.default_rng(1).integers(0, 10, size=batch)
    W1, W2 = 0.03 * normal(784, 256, seed=2), 0.06 * normal(256, 10, seed=3)
    return normal(batch, 784), labels, [W1, numpy.zeros(256, "float32"), W2, numpy.zeros(10, "float32")]


def perceptron_torch_like(batch: int) -> Setup:
    def setup(torch: Any) -> Run:
        inputs, labels, arrays = perceptron_data(batch)
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


def perceptron_numpy(batch: int) -> Setup:
    def setup(np: Any) -> Run:
        X, y, parameters = perceptron_data(batch)
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


def perceptron_jax(batch: int) -> Setup:
    def setup(jax: Any) -> Run:
        inputs, labels, arrays = perceptron_data(batch)

        def loss_of(parameters: Any, X: Any, y: Any) -> Any:
            W1, b1, W2, b2 = parameters
            scores = jax.nn.relu(X @ W1 + b1) @ W2 + b2
            return (jax.nn.logsumexp(scores, axis=1) - scores[jax.numpy.arange(batch), y]).mean()

        return descent_jax(jax, loss_of, arrays, inputs, labels)

    return setup


def perceptron_autograd(batch: int) -> Setup:
    def setup(autograd: Any) -> Run:
        np = autograd.numpy
        X, y, arrays = perceptron_data(batch)
        rows = np.arange(batch)

        def loss_of(parameters: Any, X: Any, y: Any) -> Any:
            W1, b1, W2, b2 = parameters
            scores = np.dot(np.maximum(np.dot(X, W1) + b1, 0), W2) + b2
            scores = scores - np.max(scores, axis=1, keepdims=True)
            return np.mean(np.log(np.sum(np.exp(scores), axis=1)) - scores[rows, y])

        return descent_autograd(autograd, loss_of, arrays, X, y)

    return setup


def perceptron(batch: int, bars: dict[str, float]) -> Case:
    return Case(
        f"perceptron 784-256-10, batch {batch:,}",
        bars,
        perceptron_torch_like(batch),
        perceptron_numpy(batch),
        perceptron_jax(batch),
        perceptron_autograd(batch),
        # The products, forward and backward; no gradient of the inputs.
        limit=multiply_adds(batch * (2 * 784 * 256 + 3 * 256 * 10)) if batch > 32 else None,
    )


# The step itself, where the library differentiates functions of the parameters.


def descent_jax(jax: Any, loss_of: Any, arrays: list[numpy.ndarray], *data: numpy.ndarray) -> Run:
    parameters = [jax.numpy.asarray(array) for array in arrays]
    inputs = [jax.numpy.asarray(array) for array in data]

    @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
    def step(parameters: Any, *inputs: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(parameters, *inputs)
        return loss, [p - RATE * g for p, g in zip(parameters, gradients, strict=True)]

    def run() -> Any:
        nonlocal parameters
        loss, parameters = step(parameters, *inputs)
        jax.block_until_ready(parameters)
        return loss

    return run


def descent_autograd(
    autograd: Any, loss_of: Any, parameters: list[numpy.ndarray], *data: numpy.ndarray
) -> Run:
    value_and_gradient = autograd.value_and_grad(loss_of)

    def run() -> Any:
        loss, gradients = value_and_gradient(parameters, *data)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= RATE * gradient
        return loss

    return run


CASES = [
    Case(
        "linear regression step, 32 x 10",
        {"torch": 0.10, "jax": 0.5},
        regression_torch_like,
        regression_numpy,
        regression_jax,
        regression_autograd,
    ),
    perceptron(32, {"torch": 0.5, "jax": 1.0}),
    perceptron(256, {"torch": 0.8, "jax": 1.0}),
    perceptron(2048, {"torch": 0.9, "jax": 1.0}),
]
