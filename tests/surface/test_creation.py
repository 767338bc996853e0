"""Making tensors: every function and every way of giving size, dtype and device."""

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64, i32 = torch.float32, torch.float64, torch.int64, torch.int32


@pytest.mark.parametrize(
    ("args", "expected", "dtype"),
    [
        ((5,), [0, 1, 2, 3, 4], i64),
        ((5.0,), [0, 1, 2, 3, 4], f32),
        ((2, 6), [2, 3, 4, 5], i64),
        ((6, 0, -2), [6, 4, 2], i64),
        ((1, 2, 0.25), [1, 1.25, 1.5, 1.75], f32),
        ((0, 1.0, 0.5), [0, 0.5], f32),
        ((0,), [], i64),
    ],
)
def test_arange(same, args, expected, dtype):
    same(torch.arange(*args), expected, dtype)


def test_arange_length_is_computed_in_double(same):
    # float32 arithmetic on (3 - -3) / 0.1 or on 0.01 steps would gain or lose an element
    assert torch.arange(-3, 3, 0.1).shape == (60,)
    assert torch.arange(0, 1, 0.01).shape == (100,)
    assert torch.arange(-8.0, 8.0, 0.1).shape == (160,)
    same(torch.arange(0, 0.5, 0.1), np.arange(5) * 0.1)


def test_arange_keywords(same):
    same(torch.arange(3, dtype=f32), [0, 1, 2])
    same(torch.arange(3, dtype=f64), [0, 1, 2], f64)
    same(torch.arange(1, 3, dtype=i32), [1, 2], i32)
    same(torch.arange(start=1, end=7, step=3), [1, 4], i64)
    same(torch.arange(2, device="cpu"), [0, 1], i64)
    leaf = torch.arange(3.0, requires_grad=True)
    same(leaf, [0, 1, 2])
    assert leaf.requires_grad


def test_arange_takes_0d_tensors(same):
    same(torch.arange(torch.tensor(3)), [0, 1, 2], i64)
    same(torch.arange(torch.tensor(1), torch.tensor(4)), [1, 2, 3], i64)
    same(torch.arange(torch.tensor(2.0)), [0, 1])


@pytest.mark.parametrize(("make", "value"), [(torch.zeros, 0), (torch.ones, 1)])
def test_zeros_and_ones(same, make, value):
    same(make(3), [value] * 3)
    same(make((2, 3)), np.full((2, 3), value))
    same(make([2, 3]), np.full((2, 3), value))
    same(make(2, 3), np.full((2, 3), value))
    same(make((2, 1, 2)), np.full((2, 1, 2), value))
    same(make(()), value)
    same(make(size=(2,)), [value] * 2)
    same(make(0), [])
    same(make(2, 0), np.zeros((2, 0)))
    same(make(2, dtype=i64), [value] * 2, i64)
    same(make((2,), dtype=torch.bool), [bool(value)] * 2, torch.bool)
    same(make(torch.ones(2, 3).shape), np.full((2, 3), value))
    same(make(2, device=torch.device("cpu")), [value] * 2)
    leaf = make((1), requires_grad=True)
    same(leaf, [value])
    assert leaf.requires_grad
    assert leaf.grad is None


def test_full(same):
    same(torch.full((2, 2), 0.5), [[0.5, 0.5], [0.5, 0.5]])
    same(torch.full((2,), 7), [7, 7], i64)
    same(torch.full((2,), 7, dtype=f32), [7, 7])
    same(torch.full((2,), True), [True, True], torch.bool)
    same(torch.full((), 1.5, device="cpu"), 1.5)
    same(torch.full((1,), -float("inf")), [-np.inf])


def test_eye(same):
    same(torch.eye(2), [[1, 0], [0, 1]])
    same(torch.eye(2, 3), [[1, 0, 0], [0, 1, 0]])
    same(torch.eye(2, dtype=i64), [[1, 0], [0, 1]], i64)


def test_linspace(same):
    same(torch.linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1])
    same(torch.linspace(3, -3, steps=3), [3, 0, -3])
    same(torch.linspace(-1, 2, 100), np.linspace(-1, 2, 100))
    same(torch.linspace(0, 1, 3, dtype=f64), [0, 0.5, 1], f64)
    same(torch.linspace(5, 9, 1), [5])


@pytest.mark.parametrize(
    ("data", "expected", "dtype"),
    [
        (3, 3, i64),
        (2.5, 2.5, f32),
        (True, True, torch.bool),
        ([1, 2], [1, 2], i64),
        ([1, 2.5], [1, 2.5], f32),
        ((1.0, 2), [1, 2], f32),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]], i64),
        ([(1, 2.0), (3, 4)], [[1, 2], [3, 4]], f32),
        ([[[1.5]]], [[[1.5]]], f32),
        ([True, False], [True, False], torch.bool),
        ([], [], f32),
        ([[], []], np.zeros((2, 0)), f32),
        (np.array([1.5, 2]), [1.5, 2], f64),
        (np.array([1.5, 2], dtype=np.float32), [1.5, 2], f32),
        (np.arange(3), [0, 1, 2], i64),
        (np.array([1, 2], dtype=np.int32), [1, 2], i32),
        (np.array([1, 255], dtype=np.uint8), [1, 255], torch.uint8),
        (np.array([[True], [False]]), [[True], [False]], torch.bool),
        (np.arange(6.0).reshape(2, 3).T, np.arange(6.0).reshape(2, 3).T, f64),
    ],
)
def test_tensor(same, data, expected, dtype):
    same(torch.tensor(data), expected, dtype)


def test_tensor_of_tensors(same):
    same(torch.tensor([torch.tensor(1.0), torch.tensor(2.5)]), [1, 2.5])
    same(torch.tensor([torch.tensor([1.0]), torch.tensor([2.5])]), [1, 2.5])
    same(torch.tensor([torch.tensor(3), torch.tensor(4)]), [3, 4], i64)


def test_tensor_keywords(same):
    same(torch.tensor([1, 2], dtype=f32), [1, 2])
    same(torch.tensor([1.9, -1.9], dtype=i64), [1, -1], i64)
    same(torch.tensor([0, 2], dtype=torch.bool), [False, True], torch.bool)
    same(torch.tensor(1.5, dtype=f64), 1.5, f64)
    same(torch.tensor(1.5, device=torch.device("cpu")), 1.5)
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    same(leaf, [1, 2])
    assert leaf.requires_grad


def test_tensor_copies(same):
    array = np.array([1.0, 2.0])
    t = torch.tensor(array)
    array[0] = 9
    same(t, [1, 2], f64)


def test_tensor_refuses_ragged_lists_and_text():
    with pytest.raises((ValueError, TypeError)):
        torch.tensor([[1, 2], [3]])
    with pytest.raises((ValueError, TypeError)):
        torch.tensor("12")


def test_from_numpy_shares(same):
    array = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    t = torch.from_numpy(array)
    same(t, [1, 2, 3])
    array[0] = 9
    same(t, [9, 2, 3])
    t[1] = 7
    assert array.tolist() == [9, 7, 3]
    same(torch.from_numpy(np.eye(2)), [[1, 0], [0, 1]], f64)


def test_like(same):
    x = torch.tensor([[1.5, 2]], dtype=f64)
    same(torch.zeros_like(x), [[0, 0]], f64)
    same(torch.ones_like(x), [[1, 1]], f64)
    same(torch.full_like(x, 3), [[3, 3]], f64)
    same(torch.zeros_like(torch.arange(3)), [0, 0, 0], i64)
    same(torch.ones_like(torch.arange(2), dtype=f32), [1, 1])
    noise = torch.randn_like(x)
    assert (tuple(noise.shape), noise.dtype) == ((1, 2), f64)
    noise = torch.rand_like(torch.ones(3))
    assert (tuple(noise.shape), noise.dtype) == ((3,), f32)


def test_meshgrid(same):
    a, b = torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")
    same(a, [[0, 0, 0], [1, 1, 1]], i64)
    same(b, [[0, 1, 2], [0, 1, 2]], i64)
    a, b = torch.meshgrid(torch.arange(2.0), torch.arange(3.0), indexing="xy")
    same(a, [[0, 1], [0, 1], [0, 1]])
    same(b, [[0, 0], [1, 1], [2, 2]])


@pytest.mark.filterwarnings("ignore:.*indexing.*:UserWarning")
def test_meshgrid_without_indexing_is_ij(same):
    a, b = torch.meshgrid([torch.linspace(-1, 1, 3), torch.linspace(0, 1, 2)])
    same(a, [[-1, -1], [0, 0], [1, 1]])
    same(b, [[0, 1], [0, 1], [0, 1]])
    a, b = torch.meshgrid(torch.arange(2), torch.arange(1))
    same(a, [[0], [1]], i64)
    same(b, [[0], [0]], i64)


@pytest.mark.parametrize("make", [torch.randn, torch.rand])
def test_random_sizes(make):
    for size in [(), (3,), (2, 3)]:
        spellings = [make(size), make(size=size)] + ([make(*size)] if size else [])
        for t in spellings:
            assert tuple(t.shape) == size
            assert t.dtype == f32
    assert make(torch.ones(2, 3).shape).shape == (2, 3)
    assert make(2, dtype=f64).dtype == f64
    leaf = make(size=(), requires_grad=True)
    assert leaf.requires_grad
    assert leaf.ndim == 0


def test_random_ranges():
    torch.manual_seed(0)
    u = torch.rand(1000)
    assert u.min().item() >= 0
    assert u.max().item() < 1
    # the standard error of the mean is 0.0091: five of them fail once in 1.7 million seeds
    assert abs(u.mean().item() - 0.5) < 5 * 0.0092
    z = torch.randn(1000)
    assert abs(z.mean().item()) < 5 * 0.032
    k = torch.randint(-2, 3, (1000,))
    assert (tuple(k.shape), k.dtype) == ((1000,), i64)
    assert set(k.tolist()) == {-2, -1, 0, 1, 2}
    assert set(torch.randint(2, size=(100,)).tolist()) == {0, 1}
    assert torch.randint(0, 10, (2, 3)).shape == (2, 3)


def test_normal():
    torch.manual_seed(0)
    for t in (
        torch.normal(1, 0.01, (50, 2)),
        torch.normal(1.0, 0.01, size=(50, 2)),
        torch.normal(mean=1, std=0.01, size=(50, 2)),
        torch.normal(1, 0.01, torch.ones(50, 2).shape),
    ):
        assert (tuple(t.shape), t.dtype) == ((50, 2), f32)
        # 7 standard deviations: one of 400 draws leaves them for one seed in 10^9
        assert (t - 1).abs().max().item() < 0.07
    leaf = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
    assert leaf.requires_grad
    per_element = torch.normal(torch.tensor([0.0, 100.0]), torch.tensor([1e-3, 1e-3]))
    assert per_element.round().abs().tolist() == [0, 100]
    assert torch.normal(torch.zeros(3), 1.0).shape == (3,)


def test_manual_seed_repeats():
    torch.manual_seed(5)
    first = torch.randn(4), torch.rand(4), torch.randint(0, 100, (4,)), torch.normal(0, 1, (4,))
    torch.manual_seed(5)
    again = torch.randn(4), torch.rand(4), torch.randint(0, 100, (4,)), torch.normal(0, 1, (4,))
    for a, b in zip(first, again, strict=True):
        assert a.tolist() == b.tolist()
    torch.manual_seed(6)
    assert torch.randn(4).tolist() != first[0].tolist()


def test_randperm():
    torch.manual_seed(0)
    order = torch.randperm(50)
    assert (tuple(order.shape), order.dtype) == ((50,), i64)
    assert sorted(order.tolist()) == list(range(50))
    assert order.tolist() != list(range(50))


def test_dtype_names():
    assert torch.float is torch.float32
    assert torch.double is torch.float64
    assert torch.long is torch.int64
    assert torch.int is torch.int32
    assert torch.get_default_dtype() == torch.float32
    assert str(torch.float32) == f"{torch.__name__}.float32"


def test_device():
    assert str(torch.device("cpu")) == "cpu"
    assert torch.ones(1).device == torch.device("cpu")
    assert torch.ones(1, device="cpu").device.type == "cpu"
