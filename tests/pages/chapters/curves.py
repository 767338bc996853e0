"""Activation functions and their slopes, grids for surfaces, sorting and counting: the code behind plots."""

import math

import numpy as np

import diffkit as torch

x = torch.arange(-8.0, 8.0, 0.1, requires_grad=True)
assert len(x) == 160

y = torch.sigmoid(x)
y.backward(torch.ones_like(x), retain_graph=True)
assert torch.allclose(x.grad, (y * (1 - y)).detach(), atol=1e-6)

x.grad.data.zero_()
y = torch.tanh(x)
y.backward(torch.ones_like(x), retain_graph=True)
assert torch.allclose(x.grad, (1 - y**2).detach(), atol=1e-6)

x.grad.data.zero_()
y = torch.relu(x)
y.sum().backward()
assert bool((x.grad == (x > 0).float()).all())
assert np.asarray(x.detach()).shape == (160,)
assert np.asarray(y.detach().numpy()).min() == 0

# the density of a normal integrates to one
grid = torch.arange(-7, 7, 0.01)
density = 1 / math.sqrt(2 * math.pi) * torch.exp(-0.5 * grid**2)
assert abs((density.sum() * 0.01).item() - 1) < 1e-4

# a surface and its level sets
a, b = torch.meshgrid(torch.linspace(-1, 1, 101), torch.linspace(-1, 1, 101), indexing="ij")
surface = a**2 - b**2
assert surface.shape == (101, 101)
assert surface[50, 50] == 0
assert surface.max() == 1
assert surface.min() == -1
assert torch.allclose(surface, -surface.T, atol=1e-6)

# the best three of a list, most frequent value, positions
scores = torch.tensor([0.2, 0.9, 0.4, 0.7])
order = torch.argsort(scores, dim=0, descending=True)
assert order.tolist() == [1, 3, 2, 0]
assert torch.sort(scores)[0].tolist() == sorted(scores.tolist())
values, counts = torch.tensor([3, 1, 3, 3, 1]).unique(return_counts=True)
assert values.tolist() == [1, 3]
assert counts.tolist() == [2, 3]
assert torch.nonzero(scores > 0.5).reshape(-1).tolist() == [1, 3]

# attention: weights by distance, masked, averaged
queries = torch.tensor([0.0, 1.0]).reshape(-1, 1)
keys = torch.tensor([0.0, 0.5, 1.0, 8.0])
weights = torch.exp(-((queries - keys) ** 2))
weights[:, 3:] = 0
weights = weights / weights.sum(dim=1, keepdim=True)
assert torch.allclose(weights.sum(1), torch.ones(2))
assert torch.allclose(weights[0, :3], torch.flip(weights[1, :3], (0,)))
