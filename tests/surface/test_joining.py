"""Joining, splitting and reshaping tensors."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64 = torch.float32, torch.float64, torch.int64


def test_cat(same):
    a, b = torch.arange(6.0).reshape(2, 3), torch.ones(2, 3)
    rows = np.concatenate([np.arange(6.0).reshape(2, 3), np.ones((2, 3))])
    columns = np.concatenate([np.arange(6.0).reshape(2, 3), np.ones((2, 3))], axis=1)
    same(torch.cat((a, b)), rows)
    same(torch.cat([a, b], dim=0), rows)
    same(torch.cat((a, b), dim=1), columns)
    same(torch.cat((a, b), axis=1), columns)
    same(torch.cat((a, b), 1), columns)
    same(torch.cat((a, b), dim=-1), columns)
    same(torch.cat((a,), 0), a.tolist())
    same(torch.concat((a, b), dim=1), columns)
    same(torch.cat((torch.arange(2), torch.tensor([0.5]))), [0, 1, 0.5])
    same(torch.cat((torch.arange(2), torch.arange(1))), [0, 1, 0], i64)
    same(torch.cat([torch.zeros(0, 3), b]), np.ones((2, 3)))


def test_cat_refuses_what_does_not_fit():
    with pytest.raises((RuntimeError, ValueError)):
        torch.cat((torch.ones(2, 3), torch.ones(2, 4)), dim=0)
    with pytest.raises((RuntimeError, ValueError)):
        torch.cat([])
    with pytest.raises(IndexError):
        torch.cat((torch.ones(2), torch.ones(2)), dim=1)


def test_stack(same):
    a, b = torch.tensor([1.0, 2]), torch.tensor([3.0, 4])
    same(torch.stack((a, b)), [[1, 2], [3, 4]])
    same(torch.stack([a, b], dim=1), [[1, 3], [2, 4]])
    same(torch.stack([a, b], axis=1), [[1, 3], [2, 4]])
    same(torch.stack([a, b], 0), [[1, 2], [3, 4]])
    same(torch.stack([a, b], -1), [[1, 3], [2, 4]])
    same(torch.stack([a[0], b[0]]), [1, 3])
    with pytest.raises((RuntimeError, ValueError)):
        torch.stack([torch.ones(2), torch.ones(3)])


def test_split_and_chunk(same):
    x = torch.arange(7)
    for parts, expected in [
        (torch.split(x, 3), [[0, 1, 2], [3, 4, 5], [6]]),
        (x.split([2, 5]), [[0, 1], [2, 3, 4, 5, 6]]),
        (torch.chunk(x, 3), [[0, 1, 2], [3, 4, 5], [6]]),
    ]:
        assert len(parts) == len(expected)
        for part, values in zip(parts, expected, strict=True):
            same(part, values, i64)
    first, second = torch.split(torch.arange(6.0).reshape(2, 3), [1, 2], dim=1)
    same(first, [[0], [3]])
    same(second, [[1, 2], [4, 5]])
    same(torch.unbind(torch.arange(4).reshape(2, 2))[1], [2, 3], i64)


def test_reshape(same):
    x = torch.arange(12)
    rows = np.arange(12).reshape(3, 4)
    same(x.reshape(3, 4), rows, i64)
    same(x.reshape((3, 4)), rows, i64)
    same(x.reshape([3, 4]), rows, i64)
    same(x.reshape(-1, 4), rows, i64)
    same(x.reshape(3, -1), rows, i64)
    same(x.reshape(torch.ones(3, 4).shape), rows, i64)
    same(torch.reshape(x, (3, 4)), rows, i64)
    same(x.reshape(3, 4).reshape(-1), np.arange(12), i64)
    same(x.reshape(3, 4).T.reshape(-1), rows.T.reshape(-1), i64)
    same(x.view(2, 6), np.arange(12).reshape(2, 6), i64)
    same(x.view(-1, 6), np.arange(12).reshape(2, 6), i64)
    same(x.reshape(1, 12).flatten(), np.arange(12), i64)
    same(torch.flatten(torch.ones(2, 3, 4), start_dim=1), np.ones((2, 12)))
    same(x[:1].reshape(()), 0, i64)
    same(torch.zeros(0).reshape(0, 5), np.zeros((0, 5)))


def test_reshape_shares_memory_where_it_can(same):
    x = torch.arange(4)
    x.reshape(2, 2)[0, 1] = 9
    same(x, [0, 9, 2, 3], i64)


@pytest.mark.parametrize("shape", [(5, 2), (-1, 5), (-1, -1)])
def test_reshape_refuses_what_does_not_fit(shape):
    with pytest.raises((RuntimeError, ValueError)):
        torch.arange(12).reshape(shape)


def test_squeeze_and_unsqueeze(same):
    x = torch.tensor([1.0, 2])
    same(x.unsqueeze(0), [[1, 2]])
    same(x.unsqueeze(-1), [[1], [2]])
    same(x.unsqueeze(dim=1), [[1], [2]])
    same(torch.unsqueeze(x, 0), [[1, 2]])
    y = torch.ones(1, 2, 1)
    same(y.squeeze(), [1, 1])
    same(y.squeeze(0), [[1], [1]])
    same(y.squeeze(-1), [[1, 1]])
    same(y.squeeze(1), [[[1], [1]]])
    same(torch.squeeze(y), [1, 1])
    same(y.squeeze(dim=0), [[1], [1]])


def test_repeat(same):
    x = torch.tensor([1, 2])
    same(x.repeat(3), [1, 2, 1, 2, 1, 2], i64)
    same(x.repeat(2, 2), [[1, 2, 1, 2], [1, 2, 1, 2]], i64)
    same(x.reshape(2, 1).repeat(1, 4), [[1, 1, 1, 1], [2, 2, 2, 2]], i64)
    same(x.repeat((2, 1)), [[1, 2], [1, 2]], i64)
    same(torch.tile(x, (2,)), [1, 2, 1, 2], i64)


def test_repeat_interleave(same):
    x = torch.tensor([[1, 2], [3, 4]])
    same(x.repeat_interleave(2), [1, 1, 2, 2, 3, 3, 4, 4], i64)
    same(x.repeat_interleave(2, dim=0), [[1, 2], [1, 2], [3, 4], [3, 4]], i64)
    same(torch.repeat_interleave(x, 2, dim=1), [[1, 1, 2, 2], [3, 3, 4, 4]], i64)
    same(torch.repeat_interleave(x[0], torch.tensor([2, 3])), [1, 1, 2, 2, 2], i64)
    same(torch.repeat_interleave(x, repeats=3, dim=0).sum(0), [12, 18], i64)


def test_expand_and_broadcast(same):
    x = torch.tensor([[1.0], [2.0]])
    same(x.expand(2, 3), [[1, 1, 1], [2, 2, 2]])
    same(x.expand(-1, 2), [[1, 1], [2, 2]])
    same(torch.broadcast_to(x, (2, 2, 2)), np.broadcast_to([[1.0], [2.0]], (2, 2, 2)))
    a, b = torch.broadcast_tensors(torch.arange(2), torch.arange(3).reshape(3, 1))
    same(a, [[0, 1]] * 3, i64)
    same(b, [[0, 0], [1, 1], [2, 2]], i64)


def test_flip_roll_gather(same):
    x = torch.tensor([[1, 2, 3], [4, 5, 6]])
    same(torch.flip(x, (0,)), [[4, 5, 6], [1, 2, 3]], i64)
    same(x.flip(dims=[1]), [[3, 2, 1], [6, 5, 4]], i64)
    same(torch.roll(x, 1, dims=1), [[3, 1, 2], [6, 4, 5]], i64)
    same(torch.gather(x, 1, torch.tensor([[0], [2]])), [[1], [6]], i64)
    same(torch.index_select(x, 1, torch.tensor([2, 0])), [[3, 1], [6, 4]], i64)
    same(torch.take_along_dim(x, torch.tensor([[1], [0]]), dim=1), [[2], [4]], i64)
    same(torch.masked_select(x, x > 3), [4, 5, 6], i64)
