"""Reading by index: every form of PyTorch's that textbook code uses, against NumPy."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64 = torch.float32, torch.float64, torch.int64

ARRAY = np.arange(24).reshape(2, 3, 4)

BASIC = {
    "number": lambda t: t[1],
    "negative": lambda t: t[-1],
    "two numbers": lambda t: t[1, 2],
    "three numbers": lambda t: t[1, -1, 0],
    "slice": lambda t: t[0:1],
    "all": lambda t: t[:],
    "open end": lambda t: t[1:],
    "negative bounds": lambda t: t[:, -2:],
    "beyond the end": lambda t: t[:, 1:99],
    "empty slice": lambda t: t[2:],
    "crossed bounds": lambda t: t[:, 2:1],
    "step": lambda t: t[:, ::2],
    "start and step": lambda t: t[..., 1::3],
    "slice and all": lambda t: t[:1, :],
    "column": lambda t: t[:, 1],
    "inner slice": lambda t: t[:, 1:3],
    "number, slice": lambda t: t[1, 1:],
    "number, number, all": lambda t: t[0, 1, :],
    "numbers around": lambda t: t[0, :, 2],
    "ellipsis first": lambda t: t[..., 0],
    "ellipsis last": lambda t: t[0, ...],
    "ellipsis between": lambda t: t[0, ..., 1],
    "only ellipsis": lambda t: t[...],
    "new axis first": lambda t: t[None],
    "new axis between": lambda t: t[:, None, :2],
    "new axis last": lambda t: t[..., None],
    "new axes": lambda t: t[None, :, None, 1],
    "chained": lambda t: t[1][2][3],
    "tuple": lambda t: t[(1, slice(None), 0)],
}


@pytest.mark.parametrize("form", BASIC.values(), ids=BASIC.keys())
def test_basic(same, form):
    same(form(torch.arange(24).reshape(2, 3, 4)), form(ARRAY), i64)
    same(form(torch.arange(24.0).reshape(2, 3, 4)), form(ARRAY))
    transposed = torch.arange(24).reshape(4, 3, 2).permute(2, 1, 0)
    same(form(transposed), form(np.arange(24).reshape(4, 3, 2).T), i64)


@pytest.mark.parametrize("form", BASIC.values(), ids=BASIC.keys())
def test_basic_gives_views(form):
    x = torch.zeros(2, 3, 4)
    part = form(x)
    part.fill_(1)
    assert x.sum().item() == part.numel()


def indices(values):
    """The same integer or boolean index for NumPy and for the tensor library."""
    return np.array(values), torch.tensor(values)


ADVANCED = {
    "1-d": ([1, 0, 1], lambda t, u: t[u]),
    "negative": ([-1, 0], lambda t, u: t[u]),
    "2-d": ([[0, 1], [1, 1]], lambda t, u: t[u]),
    "0-d": (1, lambda t, u: t[u]),
    "with a number": ([1, 0], lambda t, u: t[u, 0]),
    "with a slice": ([2, 0], lambda t, u: t[:, u]),
    "last axis": ([3, 0, 0], lambda t, u: t[..., u]),
    "after a number": ([2, 1], lambda t, u: t[1, u]),
    "twice": ([1, 0], lambda t, u: t[u, u]),
    "apart": ([1, 0], lambda t, u: t[u, :, u]),
    "beside a list": ([2, 0], lambda t, u: t[[0, 1], u]),
    "beside a range": ([2, 0], lambda t, u: t[range(2), u]),
    "with new axis": ([1, 0], lambda t, u: t[u, None]),
    "0-d among slices": (1, lambda t, u: t[:, u, 1:]),
    "two 0-d": (1, lambda t, u: t[u, u]),
}


@pytest.mark.parametrize(("values", "form"), ADVANCED.values(), ids=ADVANCED.keys())
def test_by_tensor(same, values, form):
    for_numpy, for_tensor = indices(values)
    same(form(torch.arange(24).reshape(2, 3, 4), for_tensor), form(ARRAY, for_numpy), i64)


@pytest.mark.parametrize("values", [[1, 0, 1], [-1], [0]])
def test_by_list(same, values):
    same(torch.arange(24).reshape(2, 3, 4)[values], ARRAY[values], i64)
    same(torch.arange(24).reshape(2, 3, 4)[:, values], ARRAY[:, values], i64)


def test_broadcast_indices(same):
    rows, columns = torch.tensor([[0], [1]]), torch.tensor([0, 2])
    same(torch.arange(6).reshape(2, 3)[rows, columns], [[0, 2], [3, 5]], i64)


def test_one_entry_per_row(same):
    scores = torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])
    y = torch.tensor([0, 2])
    same(scores[[0, 1], y], [0.1, 0.5])
    same(scores[range(len(scores)), y], [0.1, 0.5])
    same(scores[torch.arange(2), y], [0.1, 0.5])


def test_mask(same):
    x = torch.arange(6.0).reshape(2, 3)
    m = x > 2
    same(x[m], [3, 4, 5])
    same(x[~m], [0, 1, 2])
    same(x[m.reshape(-1)[:2]], np.zeros((0, 3)))
    same(x[torch.tensor([True, False])], [[0, 1, 2]])
    same(x[:, torch.tensor([True, False, True])], [[0, 2], [3, 5]])
    same(x[x > 99], [])
    same(x[[False, True]], [[3, 4, 5]])
    same(x[x == x], [0, 1, 2, 3, 4, 5])


def test_advanced_copies(same):
    x = torch.arange(4.0)
    y = x[torch.tensor([0, 1])]
    y[0] = 9
    z = x[x > 2]
    z[0] = 9
    same(x, [0, 1, 2, 3])


def test_0d_tensor_in_place_of_a_number(same):
    x = torch.arange(12).reshape(3, 4)
    i, j = torch.tensor(1), torch.tensor(3)
    same(x[i], [4, 5, 6, 7], i64)
    same(x[i, j], 7, i64)
    same(x[i:j], [[4, 5, 6, 7], [8, 9, 10, 11]], i64)
    same(x[:, j], [3, 7, 11], i64)


def test_numpy_integers(same):
    x = torch.arange(12).reshape(3, 4)
    same(x[np.int64(1)], [4, 5, 6, 7], i64)
    same(x[np.array([0, 2]), 1], [1, 9], i64)


@pytest.mark.parametrize(
    "form",
    [
        lambda t: t[2],
        lambda t: t[-3],
        lambda t: t[0, 3],
        lambda t: t[0, 0, 0, 0],
        lambda t: t[torch.tensor([0, 2])],
        lambda t: t[torch.tensor([True, False, True])],
        lambda t: t[torch.tensor(5)],
        lambda t: torch.tensor(1.0)[0],
    ],
)
def test_out_of_range_is_refused(form):
    with pytest.raises(IndexError):
        form(torch.zeros(2, 3, 4))


def test_float_index_is_refused():
    with pytest.raises((IndexError, TypeError)):
        torch.ones(3)[1.5]
    with pytest.raises((IndexError, TypeError)):
        torch.ones(3)[torch.tensor([0.0, 1.0])]
