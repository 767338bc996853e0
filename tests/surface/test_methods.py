"""Attributes and methods of the tensor."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64, i32 = torch.float32, torch.float64, torch.int64, torch.int32


def test_sizes():
    x = torch.zeros(2, 3, 4)
    assert x.numel() == 24
    assert len(x) == 2
    assert x.ndim == x.dim() == 3
    assert x.shape == (2, 3, 4)
    assert x.size() == (2, 3, 4)
    assert x.size(0) == 2
    assert x.size(-1) == 4
    assert torch.tensor(1.0).shape == ()
    assert torch.tensor(1.0).numel() == 1
    assert torch.zeros(0, 3).numel() == 0
    assert torch.numel(x) == 24


def test_shape_is_a_tuple():
    x = torch.zeros(2, 3, 4)
    a, b, c = x.shape
    assert (a, b, c) == (2, 3, 4)
    assert isinstance(x.shape, tuple)
    assert x.shape[0] == 2
    assert x.shape[-2:] == (3, 4)
    assert len(x.shape) == 3
    assert all(isinstance(length, int) for length in x.shape)
    assert torch.ones(x.shape).shape == x.shape
    assert torch.ones(x.shape[-2:]).shape == (3, 4)
    assert torch.ones((*x.shape[:-1], 5)).shape == (2, 3, 5)
    assert torch.arange(24).reshape(x.shape).shape == x.shape


def test_item():
    assert torch.tensor(2.5).item() == 2.5
    assert torch.tensor([[7]]).item() == 7
    assert type(torch.tensor(2.5).item()) is float
    assert type(torch.tensor(7).item()) is int
    assert type(torch.tensor(True).item()) is bool
    with pytest.raises((RuntimeError, ValueError)):
        torch.ones(2).item()


def test_tolist():
    assert torch.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert torch.tensor(1.5).tolist() == 1.5
    assert torch.zeros(2, 0).tolist() == [[], []]
    assert torch.tensor([True, False]).tolist() == [True, False]
    assert torch.arange(6).reshape(2, 3).T.tolist() == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize(
    ("dtype", "numpy"),
    [
        (f32, np.float32),
        (f64, np.float64),
        (i64, np.int64),
        (i32, np.int32),
        (torch.uint8, np.uint8),
        (torch.bool, np.bool_),
    ],
)
def test_numpy_round_trip(same, dtype, numpy):
    t = torch.tensor([[0, 1], [1, 0]], dtype=dtype)
    array = t.numpy()
    assert isinstance(array, np.ndarray)
    assert array.dtype == numpy
    assert array.tolist() == t.tolist()
    assert np.asarray(t).dtype == numpy
    assert np.array(t).tolist() == t.tolist()
    same(torch.tensor(array), array, dtype)
    same(torch.from_numpy(array), array, dtype)
    assert t.T.numpy().tolist() == array.T.tolist()
    assert t[0, 0].numpy().shape == ()


def test_numpy_of_a_recorded_tensor_is_refused():
    x = torch.ones(2, requires_grad=True)
    with pytest.raises((RuntimeError, ValueError, TypeError), match="detach"):
        x.numpy()
    with pytest.raises((RuntimeError, ValueError, TypeError), match="detach"):
        np.asarray(x)
    assert x.detach().numpy().tolist() == [1, 1]


def test_clone(same):
    x = torch.tensor([1.0, 2])
    y = x.clone()
    y[0] = 9
    same(x, [1, 2])
    same(y, [9, 2])
    leaf = torch.ones(2, requires_grad=True)
    (leaf.clone() * 3).sum().backward()
    same(leaf.grad, [3, 3])


@pytest.mark.parametrize(
    ("cast", "expected", "dtype"),
    [
        (lambda t: t.type(i64), [1, -1, 0], i64),
        (lambda t: t.type(torch.float32), [1.5, -1.5, 0], f32),
        (lambda t: t.to(f64), [1.5, -1.5, 0], f64),
        (lambda t: t.to(dtype=i32), [1, -1, 0], i32),
        (lambda t: t.float(), [1.5, -1.5, 0], f32),
        (lambda t: t.double(), [1.5, -1.5, 0], f64),
        (lambda t: t.long(), [1, -1, 0], i64),
        (lambda t: t.int(), [1, -1, 0], i32),
        (lambda t: t.bool(), [True, True, False], torch.bool),
        (lambda t: t.to("cpu"), [1.5, -1.5, 0], f32),
        (lambda t: t.to(torch.device("cpu")), [1.5, -1.5, 0], f32),
        (lambda t: t.cpu(), [1.5, -1.5, 0], f32),
        (lambda t: t.type_as(torch.arange(1)), [1, -1, 0], i64),
        (lambda t: t.to(torch.arange(1)), [1, -1, 0], i64),
    ],
)
def test_casts(same, cast, expected, dtype):
    same(cast(torch.tensor([1.5, -1.5, 0.0])), expected, dtype)


def test_a_cast_to_the_same_dtype_is_the_same_tensor():
    x = torch.ones(2)
    assert x.to(f32) is x
    assert x.float() is x


def test_dtype_and_device():
    x = torch.tensor([1.0])
    assert x.dtype == torch.float32
    assert x.dtype is f32
    assert x.dtype != f64
    assert str(x.device) == "cpu"
    assert x.dtype.is_floating_point
    assert not torch.arange(2).dtype.is_floating_point
    assert x.is_floating_point()


def test_in_place_methods(same):
    x = torch.tensor([1.0, 4.0])
    before = id(x)
    assert x.add_(1) is x
    same(x, [2, 5])
    x.sub_(torch.tensor([1.0, 1.0]))
    same(x, [1, 4])
    x.mul_(3)
    same(x, [3, 12])
    x.div_(2)
    same(x, [1.5, 6])
    x.clamp_(min=2)
    same(x, [2, 6])
    x.fill_(7)
    same(x, [7, 7])
    x.copy_(torch.tensor([1.0, 2.0]))
    same(x, [1, 2])
    x.add_(torch.tensor([1.0, 1.0]), alpha=0.5)
    same(x, [1.5, 2.5])
    assert x.zero_() is x
    same(x, [0, 0])
    assert id(x) == before


def test_in_place_random(same):
    torch.manual_seed(0)
    x = torch.zeros(100)
    assert x.normal_(5, 0.001) is x
    # each draw stays within 8 standard deviations except once in 10^15
    assert (x - 5).abs().max().item() < 0.008
    x.uniform_(2, 3)
    assert 2 <= x.min().item() <= x.max().item() <= 3


def test_data_shares_and_does_not_record(same):
    p = torch.tensor([1.0, 2.0], requires_grad=True)
    assert not p.data.requires_grad
    p.data.sub_(0.5)
    same(p, [0.5, 1.5])
    p.data[0] = 9.0
    p.data *= 2
    same(p, [18, 3])
    p.data = torch.tensor([4.0, 5.0])
    same(p, [4, 5])
    assert p.requires_grad
    (p**2).sum().backward()
    same(p.grad, [8, 10])


def test_contiguity_and_strides():
    x = torch.zeros(2, 3)
    assert x.is_contiguous()
    assert not x.T.is_contiguous()
    assert x.T.contiguous().is_contiguous()
    assert x.stride() == (3, 1)
    assert x.T.stride() == (1, 3)
    assert x.element_size() == 4
    assert x.nelement() == 6


def test_new_tensors_like_this_one(same):
    x = torch.tensor([1.0, 2], dtype=f64)
    same(x.new_zeros(2), [0, 0], f64)
    same(x.new_ones((1, 2)), [[1, 1]], f64)
    same(x.new_tensor([3, 4]), [3, 4], f64)


def test_save_and_load(same, tmp_path):
    x, y = torch.arange(4), torch.tensor([0.5, -1], dtype=f64)
    torch.save(x, tmp_path / "x")
    same(torch.load(tmp_path / "x"), [0, 1, 2, 3], i64)
    torch.save([x, y], tmp_path / "list")
    a, b = torch.load(tmp_path / "list")
    same(a, [0, 1, 2, 3], i64)
    same(b, [0.5, -1], f64)
    torch.save({"x": x, "y": y}, tmp_path / "dict")
    loaded = torch.load(tmp_path / "dict")
    assert list(loaded) == ["x", "y"]
    same(loaded["y"], [0.5, -1], f64)


def test_is_tensor():
    assert torch.is_tensor(torch.ones(1))
    assert not torch.is_tensor(np.ones(1))
    assert isinstance(torch.ones(1), torch.Tensor)
