"""Writing by index: what may be assigned where, by scalar, row, tensor, mask."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64 = torch.float32, torch.float64, torch.int64


def put(t, index, value):
    t[index] = value


# index (a function that makes it for one library), value
FORMS = {
    "element": (lambda a: (1, 2), 9),
    "row": (lambda a: 0, 9),
    "negative row": (lambda a: -1, 9),
    "rows": (lambda a: slice(0, 2), 9),
    "column": (lambda a: (slice(None), 1), 9),
    "block": (lambda a: (slice(0, 2), slice(1, 3)), 9),
    "step": (lambda a: (slice(None, None, 2), slice(None)), 9),
    "everything": (lambda a: slice(None), 9),
    "ellipsis": (lambda a: (..., 0), 9),
    "nothing": (lambda a: slice(3, 3), 9),
    "float": (lambda a: (0, 0), 0.5),
    "row of values": (lambda a: 1, [1.0, 2, 3, 4]),
    "rows of one row": (lambda a: slice(0, 2), [1.0, 2, 3, 4]),
    "column of values": (lambda a: (slice(None), 2), [7.0, 8, 9]),
    "columns of one column": (lambda a: (slice(None), slice(2, 4)), [[7.0], [8], [9]]),
    "leading ones": (lambda a: 1, [[1.0, 2, 3, 4]]),
    "integer index": (lambda a: a([0, 2]), 9),
    "integer index, row": (lambda a: a([0, 2]), [1.0, 2, 3, 4]),
    "pairs": (lambda a: (a([0, 2]), a([3, 1])), [5.0, 6]),
    "list beside index": (lambda a: ([0, 1], a([3, 1])), 5),
    "range beside index": (lambda a: (range(3), a([3, 1, 0])), [5.0, 6, 7]),
    "index beside number": (lambda a: (a([0, 2]), 1), 5),
    "list": (lambda a: [0, 2], 5),
    "2-d index": (lambda a: a([[0, 1], [1, 2]]), 5),
    "0-d index": (lambda a: a(1), 9),
    "two 0-d": (lambda a: (a(1), a(2)), 9),
    "row mask": (lambda a: a([True, False, True]), 9),
    "row mask, rows": (lambda a: a([True, False, True]), [[1.0, 2, 3, 4], [5, 6, 7, 8]]),
    "row mask beside number": (lambda a: (a([True, False, True]), 0), [5.0, 6]),
}


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
@pytest.mark.parametrize(("index", "value"), FORMS.values(), ids=FORMS.keys())
def test_against_numpy(same, index, value, dtype):
    array = np.arange(12.0).reshape(3, 4)
    t = torch.arange(12, dtype=dtype).reshape(3, 4)
    put(array, index(np.array), np.asarray(value))
    put(t, index(torch.tensor), torch.tensor(value, dtype=dtype) if isinstance(value, list) else value)
    same(t, array, dtype)


# += cannot take leading ones, and an index that names an element twice has no defined sum
ADDABLE = {name: form for name, form in FORMS.items() if name not in ("leading ones", "2-d index")}


@pytest.mark.parametrize(("index", "value"), ADDABLE.values(), ids=ADDABLE.keys())
def test_add_in_place(same, index, value):
    array = np.arange(12.0).reshape(3, 4)
    t = torch.arange(12.0).reshape(3, 4)
    i, j = index(np.array), index(torch.tensor)
    array[i] += value
    t[j] += torch.tensor(value) if isinstance(value, list) else value
    same(t, array)


def test_full_mask(same):
    x = torch.arange(6.0).reshape(2, 3)
    x[x > 2] = 0
    same(x, [[0, 1, 2], [0, 0, 0]])
    x[x == 0] = torch.tensor([5.0, 6, 7, 8])
    same(x, [[5, 1, 2], [6, 7, 8]])
    x[~(x > 5)] += 10
    same(x, [[15, 11, 12], [6, 7, 8]])
    x[torch.isnan(x)] = -1
    same(x, [[15, 11, 12], [6, 7, 8]])


def test_a_0d_tensor_as_value(same):
    x = torch.zeros(2, 2)
    x[0] = torch.tensor(3.0)
    x[1, 1] = torch.tensor(4)
    x[1, 0] = x[0, 0] * 2
    same(x, [[3, 3], [6, 4]])


def test_the_value_is_cast(same):
    x = torch.zeros(2, dtype=i64)
    x[0] = 2.9
    x[1:] = torch.tensor([3.7])
    same(x, [2, 3], i64)
    y = torch.zeros(2)
    y[0] = True
    y[1] = torch.tensor(2, dtype=f64)
    same(y, [1, 2])


def test_whole_slice_keeps_the_tensor(same):
    x = torch.ones(2, 2)
    holder, before = x, id(x)
    x[:] = torch.tensor([[1.0, 2], [3, 4]]) + x
    assert id(x) == before
    same(holder, [[2, 3], [4, 5]])
    x[:] = 0
    same(holder, [[0, 0], [0, 0]])


def test_in_place_through_slices(same):
    x = torch.zeros(3, 3)
    x[0:2, 1:3] += torch.ones(2, 2)
    x[1:, 0] -= 2
    x[2] *= 3
    x[:] /= 2
    same(x, [[0, 0.5, 0.5], [-1, 0.5, 0.5], [-3, 0, 0]])
    x[:, 1] = x[:, 1] + x[:, 0]
    same(x, [[0, 0.5, 0.5], [-1, -0.5, 0.5], [-3, -3, 0]])


def test_chained_assignment(same):
    a, b = torch.zeros(3), torch.zeros(2, 2)
    v = torch.tensor(2.0)
    a[1], b[0, :] = v, v
    same(a, [0, 2, 0])
    same(b, [[2, 2], [0, 0]])
    a[0] = a[2] = 7
    same(a, [7, 2, 7])
    a[0], a[1] = a[1].item(), a[0].item()
    same(a, [2, 7, 7])


def test_lists_and_numpy_as_values(same):
    x = torch.zeros(2, 3)
    x[0] = torch.tensor([1, 2, 3])
    x[1] = torch.from_numpy(np.array([4.0, 5, 6]))
    same(x, [[1, 2, 3], [4, 5, 6]])


def test_writes_on_a_leaf_under_no_grad(same):
    p = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        p[:] -= 0.5
        p[0] = 7
        p[1:] *= 4
    same(p, [7, 2, 2])
    assert p.requires_grad
    assert p.grad_fn is None
    (p * p).sum().backward()
    same(p.grad, [14, 4, 4])


def test_writes_are_differentiated(same):
    x = torch.tensor([1.0, 2, 3], requires_grad=True)
    y = torch.zeros(2, 3)
    y[0] = x
    y[1, 1:] = x[:2] ** 2
    y[0, 0] = 5
    (y * torch.arange(6.0).reshape(2, 3)).sum().backward()
    same(x.grad, [4 * 2 * 1, 1 + 5 * 2 * 2, 2])


def test_write_by_mask_is_differentiated(same):
    x = torch.tensor([1.0, -2, 3], requires_grad=True)
    y = x * 2
    y[y < 0] = 0
    y[torch.tensor([0])] *= 10
    y.sum().backward()
    same(x.grad, [20, 0, 2])


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (0, [1.0, 2]),
        (slice(None), [[1.0, 2], [3, 4]]),
        ((slice(None), 0), [1.0, 2]),
        (slice(0, 2), [[[1.0]] * 4] * 3),
    ],
)
def test_values_that_do_not_fit_are_refused(same, index, value):
    x = torch.zeros(3, 4)
    with pytest.raises((RuntimeError, ValueError)):
        x[index] = torch.tensor(value)
    same(x, np.zeros((3, 4)))


@pytest.mark.parametrize("index", [3, -4, (0, 4), (0, 0, 0)])
def test_out_of_range_is_refused(index):
    with pytest.raises(IndexError):
        torch.zeros(3, 4)[index] = 1
    with pytest.raises(IndexError):
        torch.zeros(3, 4)[torch.tensor([0, 3])] = 1
