"""Gradient descent, momentum and Adam, with their state written by hand, on a stretched bowl."""

import diffkit as torch

TARGET = torch.tensor([1.0, -2.0])
STRETCH = torch.tensor([1.0, 20.0])


def bowl(p):
    return (STRETCH * (p - TARGET) ** 2).sum() / 2


def sgd(p, state, rate):
    p.data.sub_(rate * p.grad)


def momentum(p, state, rate):
    with torch.no_grad():
        state["v"][:] = 0.9 * state["v"] + p.grad
        p[:] -= rate * state["v"]


def adam(p, state, rate):
    beta1, beta2, eps = 0.9, 0.999, 1e-6
    state["t"] += 1
    with torch.no_grad():
        state["v"][:] = beta1 * state["v"] + (1 - beta1) * p.grad
        state["s"][:] = beta2 * state["s"] + (1 - beta2) * torch.square(p.grad)
        v_hat = state["v"] / (1 - beta1 ** state["t"])
        s_hat = state["s"] / (1 - beta2 ** state["t"])
        p[:] -= rate * v_hat / (torch.sqrt(s_hat) + eps)


def descend(step, rate, count):
    p = torch.zeros(2, requires_grad=True)
    state = {"v": torch.zeros_like(p), "s": torch.zeros_like(p), "t": 0}
    for _ in range(count):
        loss = bowl(p)
        loss.backward()
        step(p, state, rate)
        p.grad.data.zero_()
    assert p.requires_grad
    return bowl(p.detach()).item()


start = bowl(torch.zeros(2)).item()
assert start == 40.5
plain = descend(sgd, 0.04, 60)
assert plain < 0.01 * start
assert descend(momentum, 0.02, 150) < 1e-3
assert descend(adam, 0.2, 250) < 1e-3

# too large a step diverges: 20 * 0.11 > 2
assert descend(sgd, 0.11, 60) > start

# clipping the norm of a gradient
p = torch.tensor([3.0, 4.0], requires_grad=True)
(p * torch.tensor([30.0, 40.0])).sum().backward()
norm = torch.sqrt(sum(torch.sum(q.grad**2) for q in [p]))
assert norm == 50
if norm > 1:
    p.grad[:] *= 1 / norm
assert torch.allclose(p.grad, torch.tensor([0.6, 0.8]))
