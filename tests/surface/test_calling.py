"""Ways of calling that are easy to miss: functions as values, forwarded arguments, imports, refusals."""

import functools

import numpy as np
import pytest

import diffkit as torch

f32, i64 = torch.float32, torch.int64


def reduce_with(name):
    """A wrapper that forwards whatever it gets, as layers over several frameworks have."""
    return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)


def test_forwarded_arguments(same):
    x = torch.arange(6.0).reshape(2, 3)
    same(reduce_with("sum")(x, 0, keepdims=True), [[3, 5, 7]])
    same(reduce_with("mean")(x, axis=1), [1, 4])
    same(reduce_with("reshape")(x, (3, 2)), [[0, 1], [2, 3], [4, 5]])
    same(reduce_with("type")(x, torch.int64), [[0, 1, 2], [3, 4, 5]], i64)
    same(reduce_with("argmax")(x, axis=1), [2, 2], i64)
    same(reduce_with("to")(x, torch.device("cpu")), x.tolist())


def test_functions_are_values(same):
    same(torch.stack(list(map(torch.exp, [torch.tensor(0.0), torch.tensor(0.0)]))), [1, 1])
    same(functools.reduce(torch.matmul, [torch.eye(2)] * 3), [[1, 0], [0, 1]])
    activations = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    same(activations["relu"](torch.tensor([-1.0, 1.0])), [0, 1])
    assert torch.exp.__name__ == "exp"
    assert torch.exp.__doc__


def test_unbound_methods(same):
    same(torch.Tensor.sum(torch.ones(3)), 3)
    same(torch.Tensor.exp(torch.zeros(1)), [1])


def test_imports(same):
    from diffkit import linalg, nn
    from diffkit.distributions import binomial, multinomial, poisson

    same(nn.functional.relu(torch.tensor([-1.0])), [0])
    same(linalg.norm(torch.tensor([3.0, 4.0])), 5)
    assert multinomial.Multinomial
    assert binomial.Binomial
    assert poisson.Poisson


def test_shapes_as_sizes(same):
    x = torch.zeros(2, 3)
    same(torch.ones(x.shape), np.ones((2, 3)))
    same(torch.ones(x.shape[0]), [1, 1])
    same(torch.ones(*x.shape), np.ones((2, 3)))
    same(torch.ones(x.shape[0], 1), [[1], [1]])
    same(torch.ones((x.shape[1], len(x))), np.ones((3, 2)))
    same(torch.ones(x.size()), np.ones((2, 3)))
    same(torch.ones((3,)), [1, 1, 1])
    same(torch.ones(3), [1, 1, 1])
    same(torch.ones(np.int64(2)), [1, 1])
    assert x.shape == torch.ones(2, 3).shape
    assert x.shape != (3, 2)
    assert x.shape == (2, 3)
    assert x.shape == (2, 3)


def test_method_and_function_agree(same):
    x = torch.tensor([[4.0, 9.0], [16.0, 25.0]])
    for name in (
        "sum",
        "mean",
        "sqrt",
        "log",
        "abs",
        "exp",
        "max",
        "min",
        "square",
        "argmax",
        "norm",
        "clone",
    ):
        expected = getattr(torch, name)(x)
        same(getattr(x, name)(), expected.tolist(), expected.dtype)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: torch.zeros(2).sum(axes=0),
        lambda: torch.ones(2, colour="red"),
        lambda: torch.exp(),
        lambda: torch.exp(torch.ones(1), torch.ones(1), torch.ones(1)),
        lambda: torch.cat(torch.ones(2)),
        lambda: torch.exp("text"),
        lambda: torch.zeros("3"),
        lambda: torch.zeros(2.5),
        lambda: torch.ones(2).reshape("a"),
        lambda: torch.arange(),
        lambda: torch.stack(3),
    ],
)
def test_wrong_calls_are_type_errors(wrong):
    with pytest.raises(TypeError):
        wrong()


@pytest.mark.parametrize(
    "wrong", [lambda: torch.zeros(-1), lambda: torch.zeros(2, -3), lambda: torch.arange(0, 5, 0)]
)
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises((RuntimeError, ValueError)):
        wrong()


def test_negative_axes(same):
    x = torch.arange(6.0).reshape(2, 3)
    same(x.sum(-1), [3, 12])
    same(torch.cat((x, x), -1).sum(-2), [3, 5, 7, 3, 5, 7])
    same(torch.softmax(x, -1).sum(-1), [1, 1])


def test_duplicate_axes_are_refused():
    with pytest.raises((RuntimeError, ValueError)):
        torch.ones(2, 2).sum(axis=(0, 0))
    with pytest.raises((RuntimeError, ValueError)):
        torch.ones(2, 2).sum(axis=(0, -2))
