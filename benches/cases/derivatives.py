"""Derivatives of functions of a vector: a gradient of elementwise functions, and a Hessian."""

from __future__ import annotations

from typing import Any

from cases.case import Case, Run, Setup, count, done, normal

# The gradient of a sum of elementwise functions.


def bumps(np: Any, x: Any) -> Any:
    return np.sum(np.tanh(x) * np.exp(-x * x) + np.sin(x) / 2)


def bumps_torch_like(n: int) -> Setup:
    def setup(torch: Any) -> Run:
        x = torch.tensor(normal(n), requires_grad=True)

        def run() -> Any:
            x.grad = None
            bumps(torch, x).backward()
            return done(x.grad)

        return run

    return setup


def bumps_numpy(n: int) -> Setup:
    def setup(np: Any) -> Run:
        x = normal(n)

        def run() -> Any:
            t, bell = np.tanh(x), np.exp(-x * x)
            _value = np.sum(t * bell + np.sin(x) / 2)
            return (1 - t * t - 2 * x * t) * bell + np.cos(x) / 2

        return run

    return setup


def bumps_jax(n: int) -> Setup:
    def setup(jax: Any) -> Run:
        x = jax.numpy.asarray(normal(n))
        f = jax.jit(jax.value_and_grad(lambda x: bumps(jax.numpy, x)))
        return lambda: jax.block_until_ready(f(x))[1]

    return setup


def bumps_autograd(n: int) -> Setup:
    def setup(autograd: Any) -> Run:
        x = normal(n)
        f = autograd.grad(lambda x: bumps(autograd.numpy, x))
        return lambda: f(x)

    return setup


def gradient(n: int, bars: dict[str, float]) -> Case:
    return Case(
        f"gradient of sum(tanh(x) exp(-x^2) + sin(x)/2), {count(n)}",
        bars,
        bumps_torch_like(n),
        bumps_numpy(n),
        bumps_jax(n),
        bumps_autograd(n),
    )


# The Hessian of Rosenbrock's function, a polynomial with neighbours coupled.


def rosenbrock(x: Any) -> Any:
    head = x[:-1]
    return (100 * (x[1:] - head**2) ** 2 + (1 - head) ** 2).sum()


def hessian_torch_like(torch: Any) -> Run:
    x = torch.tensor(normal(50))
    return lambda: torch.autograd.functional.hessian(rosenbrock, x)


def hessian_jax(jax: Any) -> Run:
    x = jax.numpy.asarray(normal(50))
    f = jax.jit(jax.hessian(rosenbrock))
    return lambda: f(x).block_until_ready()


def hessian_autograd(autograd: Any) -> Run:
    x, f = normal(50), autograd.hessian(rosenbrock)
    return lambda: f(x)


CASES = [
    gradient(10**2, {"torch": 0.10}),
    gradient(10**4, {"torch": 0.3}),
    gradient(10**6, {"torch": 0.4, "jax": 1.0}),
    gradient(10**7, {"torch": 0.2, "jax": 1.0}),
    Case(
        "Hessian of Rosenbrock's function, n = 50",
        {"torch": 0.3},
        hessian_torch_like,
        jax=hessian_jax,
        autograd=hessian_autograd,
    ),
]
