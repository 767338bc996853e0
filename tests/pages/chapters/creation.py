"""Making tensors, asking for their shape, reading and writing parts of them."""

import diffkit as torch

x = torch.arange(10)
print(x)
print(tuple(x.shape), x.numel(), len(x), x.dtype == torch.int64)

grid = x.reshape(2, 5)
print(grid)
assert grid.shape == (2, 5)
assert x.reshape(-1, 2).shape == (5, 2)
assert x.reshape((5, -1)).shape[1] == 2

print(torch.zeros((2, 2, 3)))
print(torch.ones(2, 3))
print(torch.full((2, 2), 7.5))
print(torch.eye(3))
print(torch.linspace(0, 1, 5))
print(torch.tensor([[1, 9, 2], [4, 4, 8]]))
print(torch.tensor([0.25, -3, 1e3]))
assert torch.tensor([1, 2.5]).dtype == torch.float32
assert torch.arange(3, dtype=torch.float32).dtype == torch.float32

noise = torch.randn(3, 4)
assert noise.shape == (3, 4)
assert noise.dtype == torch.float32
uniform = torch.rand(50)
assert bool((uniform >= 0).all())
assert bool((uniform < 1).all())

a = torch.arange(12, dtype=torch.float32).reshape(3, 4)
print(a[-1])
print(a[1:3])
print(a[::2, 1::2])
print(a[1, 2])
print(a[:, 0])
print(a[a > 8])

a[1, 2] = 99
a[0:2, :] = 12
print(a)
a[..., -1] = torch.tensor([1.0, 2.0, 3.0])
print(a)
a[[0, 2]] = 0
print(a)
a[a == 12] = -1
print(a)
assert a.sum() == -1
