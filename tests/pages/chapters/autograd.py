"""Gradients by themselves: a first one, accumulation, several outputs, detaching, control flow."""

import diffkit as torch

# y = 2 x'x has gradient 4 x
x = torch.arange(4.0, requires_grad=True)
assert x.grad is None
y = 2 * torch.dot(x, x)
assert y.item() == 28
assert y.requires_grad
assert y.grad_fn is not None
y.backward()
assert x.grad.tolist() == [0, 4, 8, 12]
assert bool((x.grad == 4 * x).all())

# gradients add up until they are cleared
(x * 3).sum().backward()
assert x.grad.tolist() == [3, 7, 11, 15]
x.grad.zero_()
x.sum().backward()
assert x.grad.tolist() == [1, 1, 1, 1]

# a tensor made first and marked later
w = torch.ones(3)
assert not w.requires_grad
w.requires_grad_(True)
(w**3).sum().backward()
assert w.grad.tolist() == [3, 3, 3]

# several outputs: the sum, or weights
x.grad.zero_()
y = x * x
y.sum().backward()
assert x.grad.tolist() == [0, 2, 4, 6]
x.grad.zero_()
y = x * x
y.backward(gradient=torch.tensor([1.0, 0, 0, 10]))
assert x.grad.tolist() == [0, 0, 0, 60]
try:
    (x * x).backward()
except (RuntimeError, ValueError):
    pass
else:
    raise AssertionError("several outputs need gradient=")

# detach: z = u * x with u held fixed
x.grad.zero_()
y = x * x
u = y.detach()
assert not u.requires_grad
z = u * x
z.sum().backward()
assert bool((x.grad == u).all())
x.grad.zero_()
y.sum().backward()
assert bool((x.grad == 2 * x).all())

# no_grad: nothing is recorded
with torch.no_grad():
    silent = x * 2
assert not silent.requires_grad
assert (x * 2).requires_grad

# a graph is used once unless it is kept
t = torch.tensor(3.0, requires_grad=True)
q = t.exp()
q.backward(retain_graph=True)
q.backward()
assert torch.allclose(t.grad, 2 * t.detach().exp())
try:
    q.backward()
except (RuntimeError, ValueError):
    pass
else:
    raise AssertionError("a freed graph must be refused")


# control flow: whatever path was taken is differentiated
def halve_or_double(a):
    """Piecewise linear in a, so its gradient is f(a) / a. For a = 0 the loop would never end."""
    steps = 0
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
        steps += 1
    if steps % 2 == 0:
        return b
    return 100 * b


for start in (0.3, -2.0, 700.0):
    a = torch.tensor(start, requires_grad=True)
    d = halve_or_double(a)
    d.backward()
    assert torch.allclose(a.grad, (d / a).detach())

# second derivative
s = torch.tensor(2.0, requires_grad=True)
(first,) = torch.autograd.grad(s**4, s, create_graph=True)
assert first == 32
first.backward()
assert s.grad == 48
