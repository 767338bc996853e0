"""Sums, means, extremes, order: along every axis, with both names of every keyword."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64, i32 = torch.float32, torch.float64, torch.int64, torch.int32

CUBE = np.arange(24.0).reshape(2, 3, 4) * 0.5 - 3


@pytest.fixture
def cube():
    return torch.tensor(CUBE.tolist())


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
@pytest.mark.parametrize("name", ["sum", "mean", "prod", "cumsum", "cumprod"])
def test_one_axis(same, cube, name, axis):
    expected = getattr(np, name)(CUBE, axis=axis)
    for t in (
        getattr(cube, name)(axis),
        getattr(cube, name)(dim=axis),
        getattr(cube, name)(axis=axis),
        getattr(torch, name)(cube, axis),
        getattr(torch, name)(cube, dim=axis),
        getattr(torch, name)(cube, axis=axis),
    ):
        same(t, expected)


@pytest.mark.parametrize("axes", [(0, 1), (1, 2), (0, 2), (-1, 0), (0, 1, 2)])
@pytest.mark.parametrize("name", ["sum", "mean"])
def test_several_axes(same, cube, name, axes):
    expected = getattr(np, name)(CUBE, axis=axes)
    kept = getattr(np, name)(CUBE, axis=axes, keepdims=True)
    for given in (axes, list(axes)):
        same(getattr(cube, name)(axis=given), expected)
        same(getattr(cube, name)(dim=given), expected)
        same(getattr(cube, name)(given), expected)
        same(getattr(cube, name)(axis=given, keepdims=True), kept)
        same(getattr(torch, name)(cube, dim=given, keepdim=True), kept)


@pytest.mark.parametrize("name", ["sum", "mean"])
def test_keepdims(same, cube, name):
    expected = getattr(np, name)(CUBE, axis=1, keepdims=True)
    same(getattr(cube, name)(1, keepdims=True), expected)
    same(getattr(cube, name)(axis=1, keepdims=True), expected)
    same(getattr(cube, name)(dim=1, keepdim=True), expected)
    same(getattr(cube, name)(1, True), expected)
    same(getattr(torch, name)(cube, 1, keepdims=True), expected)


def test_whole_tensor(same, cube):
    same(cube.sum(), CUBE.sum())
    same(torch.sum(cube), CUBE.sum())
    same(cube.mean(), CUBE.mean())
    same(torch.mean(cube), CUBE.mean())
    same(cube.max(), 8.5)
    same(torch.max(cube), 8.5)
    same(cube.min(), -3)
    same(torch.min(cube), -3)
    same(cube.prod(), 0)
    same(torch.tensor(3.5).sum(), 3.5)


def test_dtypes_of_results(same):
    same(torch.tensor([1, 2, 3]).sum(), 6, i64)
    same(torch.tensor([1, 2, 3], dtype=i32).sum(), 6, i64)
    same(torch.tensor([200, 100], dtype=torch.uint8).sum(), 300, i64)
    same(torch.tensor([True, True, False]).sum(), 2, i64)
    same(torch.tensor([True, True, False]).cumsum(0), [1, 2, 2], i64)
    same(torch.tensor([2, 3], dtype=i32).prod(), 6, i64)
    same(torch.tensor([2, 3], dtype=i32).max(), 3, i32)
    same(torch.tensor([1.0, 2.0], dtype=f64).mean(), 1.5, f64)
    same(torch.sum(torch.tensor([1, 2]), dtype=f32), 3)
    same(torch.tensor([1, 2]).float().mean(), 1.5)


def test_empty(same):
    same(torch.zeros(0).sum(), 0)
    same(torch.zeros(0).prod(), 1)
    same(torch.zeros(0, 3).sum(0), [0, 0, 0])
    same(torch.zeros(2, 0).sum(1), [0, 0])
    same(torch.zeros(0).mean(), np.nan)


def test_std_and_var(same, cube):
    same(cube.std(), CUBE.std(ddof=1))
    same(cube.var(), CUBE.var(ddof=1))
    same(cube.std(unbiased=False), CUBE.std())
    same(cube.var(unbiased=False), CUBE.var())
    same(cube.std(0), CUBE.std(axis=0, ddof=1))
    same(cube.var(dim=1), CUBE.var(axis=1, ddof=1))
    same(cube.std(dim=1, keepdim=True), CUBE.std(axis=1, ddof=1, keepdims=True))
    same(torch.std(cube, dim=2, unbiased=False), CUBE.std(axis=2))
    same(torch.var(cube, dim=(0, 1), unbiased=False), CUBE.var(axis=(0, 1)))
    same(torch.std(cube, dim=0, correction=0), CUBE.std(axis=0))


@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_along_an_axis(same, cube, name):
    values, indices = getattr(torch, name)(cube, dim=1)
    same(values, getattr(np, name)(CUBE, axis=1))
    same(indices, getattr(np, f"arg{name}")(CUBE, axis=1), i64)
    for pair in (
        getattr(torch, name)(cube, 1),
        getattr(cube, name)(1),
        getattr(cube, name)(dim=1),
        getattr(cube, name)(axis=1),
    ):
        same(pair[0], values.tolist())
        same(pair.values, values.tolist())
        same(pair.indices, indices.tolist(), i64)
    kept = getattr(cube, name)(dim=1, keepdim=True)
    same(kept[0], getattr(np, name)(CUBE, axis=1, keepdims=True))
    same(getattr(torch, f"a{name}")(cube, dim=(0, 1)), getattr(np, name)(CUBE, axis=(0, 1)))


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_argmax(same, cube, name):
    same(getattr(cube, name)(), getattr(CUBE, name)(), i64)
    same(getattr(torch, name)(cube), getattr(CUBE, name)(), i64)
    for t in (
        getattr(cube, name)(1),
        getattr(cube, name)(axis=1),
        getattr(cube, name)(dim=1),
        getattr(torch, name)(cube, dim=1),
        getattr(torch, name)(cube, axis=1),
    ):
        same(t, getattr(CUBE, name)(axis=1), i64)
    same(getattr(cube, name)(dim=2, keepdim=True), getattr(CUBE, name)(axis=2, keepdims=True), i64)


def test_extremes_of_nan(same):
    x = torch.tensor([1.0, np.nan, 3.0])
    same(x.max(), np.nan)
    same(x.min(), np.nan)
    same(x.argmax(), 1, i64)
    same(x.sum(), np.nan)


def test_any_all(same):
    x = torch.tensor([[True, False], [True, True]])
    same(x.all(), False, torch.bool)
    same(x.any(), True, torch.bool)
    same(torch.all(x, dim=1), [False, True], torch.bool)
    same(x.any(dim=0), [True, True], torch.bool)
    same(torch.tensor([0.0, 2.0]).any(), True, torch.bool)
    same(torch.zeros(0, dtype=torch.bool).all(), True, torch.bool)
    same(torch.zeros(0, dtype=torch.bool).any(), False, torch.bool)


def test_sort(same):
    x = torch.tensor([[3.0, 1.0, 2.0], [-1.0, 5.0, 0.0]])
    values, indices = torch.sort(x)
    same(values, [[1, 2, 3], [-1, 0, 5]])
    same(indices, [[1, 2, 0], [0, 2, 1]], i64)
    same(torch.sort(x)[0], [[1, 2, 3], [-1, 0, 5]])
    same(x.sort(dim=0)[0], [[-1, 1, 0], [3, 5, 2]])
    same(torch.sort(x, descending=True).values, [[3, 2, 1], [5, 0, -1]])
    same(torch.sort(x, 1, True)[1], [[0, 2, 1], [1, 2, 0]], i64)
    same(torch.sort(torch.tensor([2, 3, 1]))[0], [1, 2, 3], i64)


def test_argsort(same):
    x = torch.tensor([[3.0, 1.0, 2.0], [-1.0, 5.0, 0.0]])
    same(torch.argsort(x), [[1, 2, 0], [0, 2, 1]], i64)
    same(torch.argsort(x, dim=0), [[1, 0, 1], [0, 1, 0]], i64)
    same(torch.argsort(x, dim=1, descending=True), [[0, 2, 1], [1, 2, 0]], i64)
    same(x.argsort(dim=-1, descending=True), [[0, 2, 1], [1, 2, 0]], i64)


def test_topk(same):
    values, indices = torch.tensor([0.1, 0.7, 0.3, 0.5]).topk(2)
    same(values, [0.7, 0.5])
    same(indices, [1, 3], i64)


def test_nonzero(same):
    same(torch.nonzero(torch.tensor([0, 3, 0, 5])), [[1], [3]], i64)
    same(torch.nonzero(torch.tensor([[True, False], [True, True]])), [[0, 0], [1, 0], [1, 1]], i64)
    same(torch.nonzero(torch.tensor([0.0, 0.0])), np.zeros((0, 1)), i64)
    same(torch.tensor([0.0, 2.0]).nonzero(), [[1]], i64)
    rows, columns = torch.nonzero(torch.tensor([[0, 1], [2, 0]]), as_tuple=True)
    same(rows, [0, 1], i64)
    same(columns, [1, 0], i64)


def test_unique(same):
    x = torch.tensor([3, 1, 3, 2, 1, 3])
    same(x.unique(), [1, 2, 3], i64)
    values, counts = x.unique(return_counts=True)
    same(values, [1, 2, 3], i64)
    same(counts, [2, 1, 3], i64)
    values, inverse = torch.unique(x, return_inverse=True)
    same(values, [1, 2, 3], i64)
    same(inverse, [2, 0, 2, 1, 0, 2], i64)
    same(torch.unique(torch.tensor([[0.5, -1.0], [0.5, 2.0]])), [-1, 0.5, 2])


def test_norm(same, cube):
    same(torch.norm(torch.tensor([3.0, 4.0])), 5)
    same(torch.tensor([3.0, 4.0]).norm(), 5)
    same(torch.norm(torch.ones(4, 9)), 6)
    same(cube.norm(), np.sqrt((CUBE**2).sum()))
    same(torch.norm(cube, dim=1), np.sqrt((CUBE**2).sum(axis=1)))
    same(torch.norm(cube, p=1), np.abs(CUBE).sum())
    same(torch.tensor(-2.0).norm(), 2)


def test_logsumexp(same, cube):
    same(torch.logsumexp(cube, dim=1), np.log(np.exp(CUBE).sum(axis=1)))
    same(torch.logsumexp(torch.tensor([1000.0, 1000.0]), dim=0), 1000 + np.log(2))
    same(cube.logsumexp(2, keepdim=True), np.log(np.exp(CUBE).sum(axis=2, keepdims=True)))


@pytest.mark.parametrize("name", ["sum", "mean", "cumsum", "argmax"])
def test_an_axis_out_of_range_is_refused(name):
    for axis in (2, -3):
        with pytest.raises(IndexError, match=str(axis)):
            getattr(torch.ones(2, 2), name)(axis)
