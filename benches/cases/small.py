"""What one small operation costs: the call, the record for backward, the walk of a graph."""

from __future__ import annotations

from typing import Any

from cases.case import Case, Run, Setup, uniform

# Adding two vectors, also with a record for backward.


def add(n: int, requires_grad: bool = False) -> Setup:
    def setup(torch: Any) -> Run:
        a, b = (torch.tensor(uniform(n, seed=seed)).requires_grad_(requires_grad) for seed in (0, 1))
        return lambda: a + b

    return setup


def add_numpy(n: int) -> Setup:
    def setup(np: Any) -> Run:
        a, b = uniform(n), uniform(n, seed=1)
        return lambda: a + b

    return setup


def add_jax(n: int) -> Setup:
    def setup(jax: Any) -> Run:
        a, b = (jax.numpy.asarray(uniform(n, seed=seed)) for seed in (0, 1))
        return lambda: (a + b).block_until_ready()

    return setup


def addition(n: int) -> Case:
    elements = "1 element" if n == 1 else f"{n} elements"
    return Case(f"add, {elements}", {"torch": 0.10, "numpy": 0.35}, add(n), add_numpy(n), add_jax(n))


def recorded_addition(n: int) -> Case:
    elements = "1 element" if n == 1 else f"{n} elements"
    return Case(f"add, {elements}, recorded", {"torch": 0.10}, add(n, requires_grad=True))


# y = 2 x'x with its gradient: the smallest forward and backward.


def dot(torch: Any) -> Run:
    x = torch.arange(4.0, requires_grad=True)

    def run() -> Any:
        x.grad = None
        y = 2 * torch.dot(x, x)
        y.backward()
        return x.grad

    return run


def dot_numpy(np: Any) -> Run:
    x = np.arange(4, dtype=np.float32)

    def run() -> Any:
        _value = 2 * np.dot(x, x)
        return 4 * x

    return run


def dot_jax(jax: Any) -> Run:
    x = jax.numpy.arange(4, dtype="float32")
    f = jax.jit(jax.value_and_grad(lambda x: 2 * jax.numpy.dot(x, x)))
    return lambda: f(x)[1].block_until_ready()


def dot_autograd(autograd: Any) -> Run:
    x = autograd.numpy.arange(4, dtype="float32")
    f = autograd.grad(lambda x: 2 * autograd.numpy.dot(x, x))
    return lambda: f(x)


# A thousand scalar operations: what recording and walking a long graph costs.

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


def chain_jax(jax: Any) -> Run:
    x = jax.numpy.float32(1)
    f = jax.jit(jax.value_and_grad(chain))
    return lambda: f(x)[1].block_until_ready()


def chain_autograd(autograd: Any) -> Run:
    f = autograd.grad(chain)
    return lambda: f(1.0)


# Control flow that depends on values: double until the norm passes 1000.


def control_flow(torch: Any) -> Run:
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


def control_flow_jax(jax: Any) -> Run:
    def f(a: Any) -> Any:
        b = a * 2
        while jax.numpy.linalg.norm(b.reshape(1)) < 1000:
            b = b * 2
        return b if b.sum() > 0 else 100 * b

    gradient = jax.grad(f)  # a loop over values cannot be jitted and differentiated backwards
    a = jax.numpy.float32(0.7)
    return lambda: gradient(a).block_until_ready()


def control_flow_autograd(autograd: Any) -> Run:
    np = autograd.numpy

    def f(a: Any) -> Any:
        b = a * 2
        while np.sqrt(b * b) < 1000:  # its norm takes no number
            b = b * 2
        return b if np.sum(b) > 0 else 100 * b

    gradient = autograd.grad(f)
    return lambda: gradient(0.7)


CASES = [
    addition(1),
    addition(100),
    recorded_addition(1),
    recorded_addition(100),
    Case(
        "1,000 scalar operations and gradient",
        {"torch": 0.08},
        chain_torch_like,
        None,
        chain_jax,
        chain_autograd,
    ),
    Case(
        "control flow and gradient",
        {"torch": 0.08},
        control_flow,
        None,
        control_flow_jax,
        control_flow_autograd,
    ),
    Case("2 dot(x, x) and gradient, n = 4", {"torch": 0.08}, dot, dot_numpy, dot_jax, dot_autograd),
]
