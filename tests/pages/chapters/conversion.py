"""To NumPy and back, and to Python's own numbers."""

import numpy as np

import diffkit as torch

x = torch.arange(4, dtype=torch.float32)
array = x.numpy()
assert type(array) is np.ndarray
assert array.dtype == np.float32
assert array.tolist() == [0, 1, 2, 3]

# numpy() looks at the same memory, in both directions
array[0] = 42
assert x[0] == 42
x += 1
assert array.tolist() == [43, 2, 3, 4]

# tensor() copies, from_numpy() shares
source = np.array([[1.5, 2.5], [3.5, 4.5]])
copied = torch.tensor(source)
shared = torch.from_numpy(source)
assert copied.dtype == shared.dtype == torch.float64
source[0, 0] = -1
assert copied[0, 0] == 1.5
assert shared[0, 0] == -1
assert torch.from_numpy(np.arange(3, dtype=np.float32)).dtype == torch.float32
assert torch.tensor(np.array([True, False])).dtype == torch.bool

# one element
a = torch.tensor([3.5])
assert a.item() == 3.5
assert float(a) == 3.5
assert int(a) == 3
assert bool(a)
assert not torch.tensor(0)
assert f"{torch.tensor(2 / 3):.3f}" == "0.667"
assert [10, 20, 30][torch.tensor(1)] == 20
try:
    float(torch.ones(2))
except (RuntimeError, ValueError, TypeError):
    pass
else:
    raise AssertionError("only one element makes a Python number")

# what NumPy does with tensors
assert np.asarray(torch.ones(2, 2)).shape == (2, 2)
assert np.allclose(np.sin(torch.zeros(3).numpy()), 0)
assert torch.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]

# between dtypes
assert torch.tensor([1.9, -1.9]).type(torch.int64).tolist() == [1, -1]
assert torch.tensor([0, 1, 2]).float().dtype == torch.float32
assert torch.tensor([0.0, 2.0]).long().dtype == torch.int64
assert (torch.tensor([1, 2]) / 2).dtype == torch.float32
assert (torch.tensor([1, 2]) * 1.5).tolist() == [1.5, 3.0]

# a table with missing values, prepared by hand
rooms = [[3.0, 1], [float("nan"), 0], [5.0, 1]]
table = torch.tensor(rooms)
missing = torch.isnan(table[:, 0])
table[missing, 0] = table[~missing, 0].mean()
assert table.tolist() == [[3, 1], [4, 0], [5, 1]]
