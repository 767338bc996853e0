"""Element by element, with broadcasting; what stays in place and what is made anew."""

import diffkit as torch

x = torch.tensor([1.0, 2, 5, 10])
y = torch.tensor([4, 4, 4, 4])
assert (x + y).tolist() == [5, 6, 9, 14]
assert (x - y).tolist() == [-3, -2, 1, 6]
assert (x * y).tolist() == [4, 8, 20, 40]
assert (x / y).tolist() == [0.25, 0.5, 1.25, 2.5]
assert (x**y).tolist() == [1, 16, 625, 10000]
assert (x // y).tolist() == [0, 0, 1, 2]
assert (x % y).tolist() == [1, 2, 1, 2]
assert (1 - x).tolist() == [0, -1, -4, -9]
assert (10 / x).tolist() == [10, 5, 2, 1]
assert (2**x).tolist() == [2, 4, 32, 1024]
assert torch.exp(torch.zeros(2)).tolist() == [1, 1]
assert torch.exp(x).dtype == torch.float32

# comparison and logic
assert (x == 5).tolist() == [False, False, True, False]
assert (x < y).tolist() == [True, True, False, False]
assert ((x > 1) & (x < 10)).tolist() == [False, True, True, False]
assert (~(x > 1)).tolist() == [True, False, False, False]
assert (x == x).dtype == torch.bool

# joining
u = torch.arange(6, dtype=torch.float32).reshape(2, 3)
v = torch.tensor([[9.0, 8, 7], [6, 5, 4]])
assert torch.cat((u, v), dim=0).tolist() == [[0, 1, 2], [3, 4, 5], [9, 8, 7], [6, 5, 4]]
assert torch.cat((u, v), dim=1).tolist() == [[0, 1, 2, 9, 8, 7], [3, 4, 5, 6, 5, 4]]
assert torch.stack([u, v]).shape == (2, 2, 3)

# broadcasting: a column beside a row
column = torch.arange(3).reshape(3, 1)
row = torch.arange(2).reshape(1, 2)
assert (column + row).tolist() == [[0, 1], [1, 2], [2, 3]]
assert (u - u.mean(0)).tolist() == [[-1.5, -1.5, -1.5], [1.5, 1.5, 1.5]]
try:
    torch.ones(2, 3) + torch.ones(4)
except (RuntimeError, ValueError) as error:
    assert "3" in str(error) and "4" in str(error)
else:
    raise AssertionError("shapes that do not broadcast must be refused")

# a new result is a new tensor
before = id(v)
v = v + u
assert id(v) != before

# slice assignment and += keep the tensor, so everyone who holds it sees the change
z = torch.zeros_like(u)
holder = z
before = id(z)
z[:] = u + v
assert id(z) == before
assert holder.tolist() == (u + v).tolist()
before = id(u)
u += v
assert id(u) == before
assert u.tolist() == holder.tolist()

# views share memory with what they look at
base = torch.arange(6)
base.reshape(2, 3)[0] = 7
assert base.tolist() == [7, 7, 7, 3, 4, 5]
tail = base[3:]
tail += 10
assert base.tolist() == [7, 7, 7, 13, 14, 15]
