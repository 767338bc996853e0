"""Tensors beside NumPy's arrays: operators give tensors with gradients, NumPy's functions give arrays."""

import operator

import numpy as np
import pytest

import diffkit
from diffkit.errors import AutogradError

FLOATS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"]
COMPARISONS = ["lt", "le", "gt", "ge", "eq", "ne"]
WHOLE = ["and_", "or_", "xor", "lshift", "rshift"]


def check(function, array, values, dtype):
    """Both orders of an array and a tensor give a tensor, with the values that NumPy gives for two arrays."""
    other = np.array(values, dtype)
    tensor = diffkit.tensor(other)
    for result, expected in [
        (function(array, tensor), function(array, other)),
        (function(tensor, array), function(other, array)),
    ]:
        assert type(result) is diffkit.Tensor
        assert str(result.dtype) == f"diffkit.{expected.dtype}"
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-14)


@pytest.mark.parametrize("name", FLOATS + COMPARISONS)
@pytest.mark.parametrize("values", [[0.5, 2.0, 3.0], [[1.5], [2.0]], 2.0])
def test_operators_of_floats(name, values):
    check(getattr(operator, name), np.array([3.0, 2.0, 0.5]), values, "float64")


@pytest.mark.parametrize("name", FLOATS + COMPARISONS + WHOLE)
def test_operators_of_integers(name):
    if name == "truediv":
        pytest.skip("NumPy divides integers in float64, diffkit and PyTorch in float32")
    check(getattr(operator, name), np.array([7, 2, 9]), [1, 2, 3], "int64")


@pytest.mark.parametrize("name", ["and_", "or_", "xor", *COMPARISONS])
def test_operators_of_bools(name):
    check(getattr(operator, name), np.array([True, True, False]), [True, False, False], "bool")


def test_matrix_products():
    check(operator.matmul, np.arange(4.0).reshape(2, 2), [[1.0, 2.0], [3.0, 4.0]], "float64")


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "matmul"])
def test_gradients_pass_operators_with_arrays(name):
    function = getattr(operator, name)
    array = np.array([[2.0, 1.0], [0.5, 3.0]])
    for call in (lambda x, a: function(a, x), lambda x, a: function(x, a)):
        x = diffkit.tensor([[1.5, 2.0], [0.5, 1.0]], dtype=diffkit.float64, requires_grad=True)
        y = x.detach().requires_grad_()
        call(x, array).sum().backward()
        call(y, diffkit.tensor(array)).sum().backward()
        assert x.grad.tolist() == y.grad.tolist()


@pytest.mark.parametrize("scalar", [np.float64(2), np.float32(2), np.int64(2)])
@pytest.mark.parametrize("name", FLOATS + COMPARISONS)
def test_numbers_of_numpy_are_numbers(scalar, name):
    function = getattr(operator, name)
    x = diffkit.tensor([1.0, 2.0, 4.0])
    for result, expected in [
        (function(scalar, x), function(2, x)),
        (function(x, scalar), function(x, 2)),
    ]:
        assert type(result) is diffkit.Tensor
        assert (result.dtype, result.tolist()) == (expected.dtype, expected.tolist())


def test_in_place_operators():
    x = diffkit.ones(3, requires_grad=False)
    kept = x
    x += np.arange(3.0)
    assert kept is x
    assert (x.dtype, x.tolist()) == (diffkit.float32, [1, 2, 3])


# ---- NumPy's functions ----


@pytest.mark.parametrize("name", ["sin", "exp", "negative", "isfinite", "sqrt", "sign", "square"])
def test_universal_functions_give_arrays(name):
    x = diffkit.tensor([0.5, 1.0, 2.0], dtype=diffkit.float64)
    result = getattr(np, name)(x)
    assert type(result) is np.ndarray
    np.testing.assert_array_equal(result, getattr(np, name)(x.numpy()))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.add(x, np.ones(3)),
        lambda x: np.concatenate([x, x]),
        lambda x: np.stack([x, np.zeros(3)]),
        lambda x: np.where(x > 1, x, 0),
        lambda x: np.dot(x, x),
        lambda x: np.sort(x),
        lambda x: np.clip(x, 0, 1),
        lambda x: np.interp(x, [0, 3], [0, 1]),
        lambda x: np.linalg.norm(x),
        lambda x: np.array([x, x]),
        lambda x: np.array(list(x)),
        lambda x: np.polyval([1.0, 2.0], x),
        lambda x: np.fft.fft(x),
    ],
)
def test_functions_give_arrays(function):
    x = diffkit.tensor([0.5, 3.0, 2.0], dtype=diffkit.float64)
    result = function(x)
    assert not isinstance(result, diffkit.Tensor)
    np.testing.assert_allclose(result, function(x.numpy()), rtol=1e-14)


def test_tensors_index_arrays():
    array = np.array([10.0, 20.0, 30.0])
    assert array[diffkit.tensor([2, 0])].tolist() == [30, 10]
    assert array[diffkit.tensor([True, False, True])].tolist() == [10, 30]
    assert array[diffkit.tensor(1)] == 20
    array[diffkit.tensor([0, 1])] = diffkit.tensor([1.0, 2.0])
    assert array.tolist() == [1, 2, 30]
    assert np.zeros(diffkit.tensor(2)).shape == (2,)
    assert np.full(2, diffkit.tensor(3.0)).tolist() == [3, 3]


@pytest.mark.parametrize(
    "convert",
    [
        np.asarray,
        np.array,
        np.sin,
        np.sort,
        np.from_dlpack,
        memoryview,
        lambda x: x.numpy(),
        lambda x: np.array(x, dtype="float64", copy=True),
        lambda x: np.add(np.ones(2), x),
        lambda x: np.concatenate([np.ones(2), x]),
        lambda x: np.array([x, x]),
        lambda x: np.testing.assert_allclose(x, [1, 1]),
    ],
)
def test_gradients_are_not_lost_without_a_word(convert):
    leaf = diffkit.ones(2, requires_grad=True)
    for tensor in (leaf, leaf * 1):
        with pytest.raises((AutogradError, BufferError), match=r"x\.detach\(\)"):
            convert(tensor)
        convert(tensor.detach())
    with diffkit.no_grad():  # a leaf asks for gradients there too, but what is computed does not
        convert(leaf * 1)
        with pytest.raises((AutogradError, BufferError)):
            convert(leaf)
    assert leaf.numpy(force=True).tolist() == [1, 1]
