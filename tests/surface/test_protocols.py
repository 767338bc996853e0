"""Python's own protocols: truth, numbers, length, iteration, formatting, pickling, hashing."""

import copy
import math
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64 = torch.float32, torch.float64, torch.int64


def test_float():
    assert float(torch.tensor(2.5)) == 2.5
    assert float(torch.tensor([[3]])) == 3.0
    assert type(float(torch.tensor(3))) is float
    assert math.sqrt(torch.tensor(9.0)) == 3
    assert math.isclose(math.erf(torch.tensor(1.0)), math.erf(1.0))
    assert [float(v) for v in torch.tensor([1.0, 2.0])] == [1.0, 2.0]
    assert float(torch.tensor(2.5, requires_grad=True)) == 2.5


def test_int():
    assert int(torch.tensor(7)) == 7
    assert int(torch.tensor([2.9])) == 2
    assert int(torch.tensor(-2.9)) == -2
    assert type(int(torch.tensor(2.0))) is int


def test_index():
    assert [10, 20, 30][torch.tensor(2)] == 30
    assert list(range(torch.tensor(3))) == [0, 1, 2]
    with pytest.raises(TypeError):
        [10, 20][torch.tensor(1.0)]


@pytest.mark.parametrize(
    ("value", "truth"),
    [(0, False), (2, True), (0.0, False), (0.5, True), (math.nan, True), ([0], False), ([[1]], True)],
)
def test_bool(value, truth):
    assert bool(torch.tensor(value)) is truth
    assert (1 if torch.tensor(value) else 0) == truth


@pytest.mark.parametrize("convert", [bool, float, int])
@pytest.mark.parametrize("shape", [(2,), (2, 2), (0,)])
def test_only_one_element_makes_a_number(convert, shape):
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        convert(torch.ones(shape))


def test_len():
    assert len(torch.zeros(3, 2)) == 3
    assert len(torch.zeros(0)) == 0
    with pytest.raises(TypeError):
        len(torch.tensor(1.0))


def test_iteration(same):
    rows = list(torch.arange(6).reshape(2, 3))
    same(rows[0], [0, 1, 2], i64)
    same(rows[1], [3, 4, 5], i64)
    a, b = torch.tensor([1.5, 2.5])
    same(a, 1.5)
    same(b, 2.5)
    for x, y in zip(torch.arange(3), torch.arange(3) * 2, strict=True):
        assert y == 2 * x
    assert [int(v) for v in reversed(list(torch.arange(3)))] == [2, 1, 0]
    with pytest.raises(TypeError):
        iter(torch.tensor(1.0))


def test_iteration_gives_views(same):
    x = torch.zeros(2, 2)
    for row in x:
        row += 1
    same(x, [[1, 1], [1, 1]])


def test_builtins(same):
    same(sum([torch.tensor([1.0, 2]), torch.tensor([3.0, 4])]), [4, 6])
    same(sum(torch.arange(4)), 6, i64)
    same(max(torch.tensor([1.0, 5, 2])), 5)
    same(min(torch.tensor([1.0, 5, 2])), 1)
    same(abs(torch.tensor(-2.0)), 2)
    assert round(float(torch.tensor(2.567)), 2) == 2.57
    assert all(torch.tensor([1, 2]) == torch.tensor([1, 2]))
    assert not any(torch.tensor([0, 0]))
    assert sorted(torch.tensor([3, 1, 2]).tolist()) == [1, 2, 3]
    assert dict(zip("ab", torch.tensor([1, 2]).tolist(), strict=True)) == {"a": 1, "b": 2}


def test_contains():
    x = torch.tensor([1.0, 2.5])
    assert 2.5 in x
    assert 3 not in x


def test_hash_is_identity():
    a, b = torch.ones(2), torch.ones(2)
    table = {a: "a", b: "b"}
    assert table[a] == "a"
    assert table[b] == "b"
    assert len({a, b, a}) == 2


def test_numpy_reads_tensors():
    x = torch.tensor([[1.0, 2], [3, 4]])
    assert np.asarray(x).dtype == np.float32
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    assert np.array(x).tolist() == [[1, 2], [3, 4]]
    assert np.asarray([float(v) for v in x[0]]).tolist() == [1, 2]
    np.testing.assert_allclose(x, [[1, 2], [3, 4]])
    assert np.asarray(torch.tensor(3)).shape == ()
    assert np.asarray(x.T).tolist() == [[1, 3], [2, 4]]


def test_dlpack():
    x = torch.arange(4, dtype=f32)
    array = np.from_dlpack(x)
    assert array.tolist() == [0, 1, 2, 3]
    back = torch.from_dlpack(np.arange(3, dtype=np.float64))
    assert back.dtype == f64
    assert back.tolist() == [0, 1, 2]
    with pytest.raises((RuntimeError, BufferError, ValueError, TypeError)):
        np.from_dlpack(torch.ones(2, requires_grad=True))


def pickled(thing, protocol=pickle.DEFAULT_PROTOCOL):
    return pickle.loads(pickle.dumps(thing, protocol))


COPIERS = {"pickle": pickled, "copy": copy.copy, "deepcopy": copy.deepcopy}
NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128"
DTYPES = [getattr(torch, name) for name in NAMES.split() if hasattr(torch, name)]


@pytest.mark.parametrize("copier", COPIERS.values(), ids=COPIERS)
def test_copies(same, copier):
    x = torch.arange(6.0).reshape(2, 3)
    y = copier(x)
    y[0, 0] = 9
    same(x, [[0, 1, 2], [3, 4, 5]])
    same(y, [[9, 1, 2], [3, 4, 5]])
    same(copier(x.T), [[0, 3], [1, 4], [2, 5]])
    same(copier(x[:, ::2]), [[0, 2], [3, 5]])
    same(copier(torch.tensor([1, 2])), [1, 2], i64)
    assert copier(torch.zeros(0, 3)).shape == (0, 3)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("copier", COPIERS.values(), ids=COPIERS)
def test_copies_keep_the_dtype(copier, dtype):
    for x in (torch.ones(2, 3, dtype=dtype), torch.ones((), dtype=dtype)):
        y = copier(x)
        assert (y.dtype, y.shape, y.tolist()) == (dtype, x.shape, x.tolist())


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle(same, protocol):
    same(pickled(torch.tensor([1.5, math.inf]), protocol), [1.5, math.inf])
    assert pickled(torch.ones(2, requires_grad=True), protocol).requires_grad


@pytest.mark.parametrize("copier", COPIERS.values(), ids=COPIERS)
def test_copied_leaves_ask_for_gradients_of_their_own(same, copier):
    leaf = torch.ones(2, requires_grad=True)
    other = copier(leaf)
    assert other.requires_grad
    assert other.is_leaf
    (other * 3).sum().backward()
    same(other.grad, [3, 3])
    assert leaf.grad is None
    assert not copier(leaf.detach()).requires_grad


def test_deepcopy_keeps_the_gradient_as_in_pytorch(same):
    leaf = torch.ones(2, requires_grad=True)
    (leaf * 3).sum().backward()
    other = copy.deepcopy(leaf)
    same(other.grad, [3, 3])
    other.grad.zero_()
    same(leaf.grad, [3, 3])
    assert pickled(leaf).grad is None


@pytest.mark.parametrize("copier", COPIERS.values(), ids=COPIERS)
def test_graphs_are_not_copied(copier):
    leaf = torch.ones(2, requires_grad=True)
    with pytest.raises(torch.errors.AutogradError, match=r"only leaf tensors.*detach"):
        copier(leaf * 2)
    copier((leaf * 2).detach())


def test_deepcopy_keeps_what_is_shared():
    x = torch.ones(2)
    a, b = copy.deepcopy([x, x])
    assert a is b
    assert a is not x


@pytest.mark.parametrize("copier", COPIERS.values(), ids=COPIERS)
def test_dtypes_devices_and_sizes_are_copied(copier):
    for dtype in DTYPES:
        assert copier(dtype) is dtype
    assert copier(torch.device("cpu")) == torch.device("cpu")
    size = copier(torch.zeros(2, 3).size)
    assert (size, size()) == (6, (2, 3))
    values, indices = copier(torch.tensor([3.0, 1.0]).sort())
    assert (values.tolist(), indices.tolist()) == ([1, 3], [1, 0])


@pytest.mark.parametrize("copier", COPIERS.values(), ids=COPIERS)
def test_copied_generators_go_on_alike_and_apart(copier):
    generator = torch.Generator(5)
    torch.rand(7, generator=generator)
    other = copier(generator)
    assert other.initial_seed() == 5
    drawn = torch.rand(3, generator=generator).tolist()
    assert torch.rand(3, generator=other).tolist() == drawn
    assert torch.rand(3, generator=other).tolist() != drawn


#: What the other process computes; as text, because it may not find this file.
DOUBLED = "((x * 2).detach(), x.requires_grad, x.dtype, dk.rand(2, generator=dk.Generator(1)))"


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_tensors_travel_between_processes(same, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    inputs = [torch.arange(3.0), torch.ones(2, 2, dtype=f64, requires_grad=True), torch.tensor(7)]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        calls = [
            pool.submit(eval, f"(lambda dk: {DOUBLED})(__import__('diffkit'))", {"x": x}) for x in inputs
        ]
        results = [call.result(timeout=60) for call in calls]
    drawn = torch.rand(2, generator=torch.Generator(1)).tolist()
    for x, (twice, requires_grad, dtype, random) in zip(inputs, results, strict=True):
        same(twice, (x * 2).tolist(), x.dtype)
        assert (requires_grad, dtype, random.tolist()) == (x.requires_grad, x.dtype, drawn)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (2 / 3, ".3f", "0.667"),
        (3.14159, "8.2f", "    3.14"),
        (1234.5, ".1e", "1.2e+03"),
        (7, "d", "7"),
        (7, "03d", "007"),
        (2.5, "", "2.5"),
        (-1, "", "-1"),
        (True, "", "True"),
        (0.25, ".0%", "25%"),
    ],
)
def test_format_of_0d(value, spec, text):
    assert format(torch.tensor(value, dtype=f64 if isinstance(value, float) else None), spec) == text


def test_format_of_more_elements():
    x = torch.tensor([1.0, 2.0])
    assert f"{x}" == "tensor([1., 2.])"
    with pytest.raises(TypeError):
        f"{x:.3f}"
    assert f"{torch.tensor(2 / 3):.3f}" == "0.667"
    assert f"{torch.tensor(2.0, requires_grad=True):.1f}" == "2.0"
