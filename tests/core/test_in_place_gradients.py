"""Writes into tracked tensors and their views: as in a program without writes."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.errors import AutogradError
from diffkit.testing import gradcheck, gradgradcheck

X = [[0.5, -1.2, 2.0], [1.5, 0.7, -0.4]]
V = [0.3, -0.8, 1.1]


def leaf(values):
    return dk.tensor(values, dtype=dk.float64, requires_grad=True)


def row_of(x, i, row):
    """`x` with row `i` replaced, without a write."""
    mask = dk.tensor([[j == i] for j in range(x.shape[0])])
    return dk.where(mask, row, x)


def column_of(x, i, column):
    mask = dk.tensor([[j == i for j in range(x.shape[1])]])
    return dk.where(mask, column.unsqueeze(1), x)


def set_row(x, v):
    y = x * 2
    y[0] = v * v
    return y * y


def scaled_view(x, v):
    y = x.sin()
    y[1].mul_(v)
    return y.exp()


def view_made_first(x, v):
    y = x * 3
    row = y[0]
    row += v
    return y * row


def view_of_a_view(x, v):
    y = x * 1
    y.T[1:][0] *= 4
    return y * y


def base_changed_after_the_view(x, v):
    y = x * 1
    column = y[:, 2]
    y *= v
    return column * column


def negative_step(x, v):
    y = x * 1
    y[:, ::-1][0] = v
    return y * y


def untracked_receiver(x, v):
    y = dk.zeros(2, 3, dtype=dk.float64)
    y[0] = v * v
    y[1] = x[0] * 2
    return y * y


def places(x, v):
    y = x * 1
    y[:, dk.tensor([2, 0])] = v[:2] * 3
    return y * y


def mask(x, v):
    y = x * 1
    y[x > 0] = 7.0
    return y * x


def self_write(x, v):
    y = x * 2
    y[0] = y[1]
    return y * x


def overlapping(x, v):
    y = v * 1
    y[1:] = y[:-1] * 2
    return y * v


def overlapping_exactly(x, v):
    y = v * v
    y[1:] = y[:-1]
    return y * v


def fill_and_zero(x, v):
    y = x * 1
    y[0].zero_()
    y[1, 1:].fill_(2)
    return y * x


def copy(x, v):
    y = x * 1
    y.diagonal().copy_(v[:2] ** 2)
    return y * y


def old_value_still_read(x, v):
    y = x * 1
    before = y.clone()
    y[0] = v
    return y * before


def chain_of_writes(x, v):
    y = x * 1
    for _ in range(3):
        y[0] += y[1]
        y[0] *= v
        y[:, 1] *= 0.5
    return y


PROGRAMS = [
    (set_row, lambda x, v: row_of(x * 2, 0, v * v) ** 2),
    (scaled_view, lambda x, v: row_of(x.sin(), 1, x.sin()[1] * v).exp()),
    (view_made_first, lambda x, v: row_of(x * 3, 0, x[0] * 3 + v) * (x[0] * 3 + v)),
    (view_of_a_view, lambda x, v: column_of(x, 1, x[:, 1] * 4) ** 2),
    (base_changed_after_the_view, lambda x, v: (x * v)[:, 2] ** 2),
    (negative_step, lambda x, v: row_of(x, 0, v[dk.tensor([2, 1, 0])]) ** 2),
    (untracked_receiver, lambda x, v: dk.stack([v * v, x[0] * 2]) ** 2),
    (places, lambda x, v: dk.stack([v[1] * 3 + x[:, 0] * 0, x[:, 1], v[0] * 3 + x[:, 2] * 0], 1) ** 2),
    (mask, lambda x, v: dk.where(x > 0, 7.0, x) * x),
    (self_write, lambda x, v: dk.stack([x[1], x[1]]) * 2 * x),
    (overlapping, lambda x, v: dk.cat([v[:1], v[:-1] * 2]) * v),
    (overlapping_exactly, lambda x, v: dk.cat([v[:1] ** 2, v[:-1] ** 2]) * v),
    (fill_and_zero, lambda x, v: dk.stack([x[0] * 0, dk.cat([x[1, :1], x[1, 1:] * 0 + 2])]) * x),
    (
        copy,
        lambda x, v: (
            dk.stack([dk.cat([v[:1] ** 2, x[0, 1:]]), dk.cat([x[1, :1], v[1:2] ** 2, x[1, 2:]])]) ** 2
        ),
    ),
    (old_value_still_read, lambda x, v: row_of(x, 0, v) * x),
]


@pytest.mark.parametrize(("writes", "pure"), PROGRAMS, ids=[writes.__name__ for writes, _ in PROGRAMS])
def test_equals_a_program_without_writes(writes, pure):
    x, v = leaf(X), leaf(V)
    got, want = writes(x, v), pure(x, v)
    np.testing.assert_allclose(got.detach().numpy(), want.detach().numpy(), rtol=1e-15)
    weight = dk.tensor(np.random.default_rng(0).uniform(0.5, 2, tuple(want.shape)))
    for create_graph in (False, True):
        found = dk.autograd.grad(
            writes(x, v), [x, v], weight, create_graph=create_graph, materialize_grads=True
        )
        meant = dk.autograd.grad(pure(x, v), [x, v], weight, materialize_grads=True)
        for one, other in zip(found, meant, strict=True):
            np.testing.assert_allclose(one.detach().numpy(), other.numpy(), rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(x.detach().numpy(), X)
    np.testing.assert_array_equal(v.detach().numpy(), V)


@pytest.mark.parametrize("writes", [*[w for w, _ in PROGRAMS], chain_of_writes], ids=lambda w: w.__name__)
def test_differences(writes):
    assert gradcheck(writes, (leaf(X), leaf(V)), atol=1e-7)
    assert gradgradcheck(writes, (leaf(X), leaf(V)), atol=1e-6)


KEYS = [
    1,
    -1,
    (0, 1),
    slice(None),
    slice(None, None, -1),
    (slice(None), slice(None, None, -2)),
    (..., 1),
    None,
    (slice(0, 0),),
    (slice(None), [0, 2]),
    ([1, 0], [0, 2]),
    ([0, 1], slice(1, None)),
    ([[True, False, True], [False, True, False]],),
    ([True, False],),
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_kind_of_key(key):
    """Reading and writing agree with NumPy, and so do both gradients."""
    key = key if isinstance(key, tuple) else (key,)
    own = tuple(dk.tensor(k) if isinstance(k, list) else k for k in key)
    theirs = tuple(np.array(k) if isinstance(k, list) else k for k in key)
    array = np.array(X)
    x = leaf(X)
    np.testing.assert_array_equal(x[own].detach().numpy(), array[theirs])
    value = leaf(np.arange(1.0, array[theirs].size + 1).reshape(array[theirs].shape))
    y = x * 1
    y[own] = value * 1
    array[theirs] = value.detach().numpy()
    np.testing.assert_array_equal(y.detach().numpy(), array)
    weight = np.random.default_rng(3).uniform(1, 2, (2, 3))
    gx, gv = dk.autograd.grad(y, [x, value], dk.tensor(weight), materialize_grads=True)
    kept = np.ones((2, 3))
    kept[theirs] = 0
    np.testing.assert_array_equal(gx.numpy(), weight * kept)
    np.testing.assert_array_equal(gv.numpy(), weight[theirs])


def test_repeated_places_add_up():
    x = leaf([1.0, 2, 3])
    x[dk.tensor([0, 2, 0, 0])].backward(dk.tensor([1.0, 10, 100, 1000], dtype=dk.float64))
    assert x.grad.tolist() == [1101, 0, 10]


def test_saved_values_that_changed_are_an_error():
    x = leaf(V)
    for change in (
        lambda y: y.add_(1),
        lambda y: y[0].fill_(1),
        lambda y: y.__setitem__(1, 5.0),
        lambda y: y.detach().mul_(2),
    ):
        y = x.exp()
        out = y * y
        change(y)
        with pytest.raises(AutogradError, match=r"changed in place.*version"):
            out.sum().backward()


def test_leaves_are_not_written():
    x = leaf(X)
    for write in (
        lambda: x.add_(1),
        lambda: x.__setitem__(0, 1.0),
        lambda: x[0].mul_(2),
        lambda: x.T.zero_(),
        lambda: x.copy_(dk.zeros(2, 3)),
        lambda: x.view(6)[2:].fill_(0),
    ):
        with pytest.raises(AutogradError, match=r"leaf|requires"):
            write()
    np.testing.assert_array_equal(x.detach().numpy(), X)
    with dk.no_grad():
        x[0] = 1.0
    assert x.is_leaf and x.requires_grad and x[0].tolist() == [1, 1, 1]


def test_expanded_memory_is_not_written():
    base = dk.zeros(1, 3)
    with pytest.raises(dk.errors.DiffkitError):
        base.expand(2, 3).add_(dk.tensor([[1.0], [2.0]]))
    assert base.tolist() == [[0, 0, 0]]
