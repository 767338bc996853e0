"""The namespace of neural networks: the same functions under PyTorch's names."""

import pytest

import diffkit as dk
from diffkit import nn
from diffkit.errors import MissingNameError


def test_functions_are_diffkit_s_own():
    assert {"relu", "sigmoid", "tanh", "gelu", "softmax", "cross_entropy", "mse_loss", "one_hot"} <= set(
        dir(nn.functional)
    )
    # As in PyTorch, this one has an option here that it has not elsewhere.
    for name in set(dir(nn.functional)) - {"gelu"}:
        assert getattr(nn.functional, name) is getattr(dk, name)


def test_gelu_by_its_approximation():
    x = dk.linspace(-3, 3, 13)
    near = nn.functional.gelu(x, approximate="tanh")
    assert 1e-6 < (near - dk.gelu(x)).abs().max().item() < 5e-4
    with pytest.raises(dk.errors.ArgumentError, match="'tanh'"):
        nn.functional.gelu(x, approximate="no")


def test_a_misspelt_name_gets_a_hint():
    with pytest.raises(MissingNameError, match="did you mean 'sigmoid'"):
        _ = nn.functional.sigmoids


def test_parameter():
    data = dk.zeros(2)
    w = nn.Parameter(data)
    assert w.requires_grad
    assert w.is_leaf
    assert not data.requires_grad
    data[0] = 3
    assert w.tolist() == [3, 0]
    assert not nn.Parameter(data, requires_grad=False).requires_grad
