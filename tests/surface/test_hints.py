"""A name that diffkit does not have says so, and names the nearest that it has."""

import pytest

import diffkit as torch


def message(raised):
    return str(raised.value)


def test_grad_zero():
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(AttributeError, match=r"x?\.?grad\.zero_\(\)") as raised:
        x.grad_zero_()
    assert "grad_zero_" in message(raised)


@pytest.mark.parametrize("name", ["cuda", "compile", "onnx"])
def test_parts_of_pytorch_that_are_missing(name):
    with pytest.raises(AttributeError, match=rf"diffkit has no '{name}'"):
        getattr(torch, name)
    assert not hasattr(torch, name)


@pytest.mark.parametrize("name", ["Conv2d", "Transformer"])
def test_layers_that_are_missing(name):
    with pytest.raises(AttributeError, match=rf"diffkit\.nn has no '{name}'"):
        getattr(torch.nn, name)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("ragne", "arange"),
        ("zeroes", "zeros"),
        ("concatenat", "concat"),
        ("sigmod", "sigmoid"),
        ("argmx", "argmax"),
        ("linsapce", "linspace"),
    ],
)
def test_misspelt_functions(wrong, right):
    with pytest.raises(AttributeError, match=rf"diffkit has no '{wrong}'") as raised:
        getattr(torch, wrong)
    assert right in message(raised)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("reshap", "reshape"),
        ("required_grad", "requires_grad"),
        ("bakward", "backward"),
        ("numl", "numel"),
        ("detatch", "detach"),
        ("zero", "zero_"),
    ],
)
def test_misspelt_methods(wrong, right):
    with pytest.raises(AttributeError, match=f"'{wrong}'") as raised:
        getattr(torch.ones(2), wrong)
    assert right in message(raised)


def test_a_name_like_nothing_gets_no_guess():
    with pytest.raises(AttributeError, match="qqqqzzzz") as raised:
        _ = torch.qqqqzzzz
    assert "did you mean" not in message(raised).lower()
    with pytest.raises(AttributeError, match="qqqqzzzz") as raised:
        _ = torch.ones(1).qqqqzzzz
    assert "did you mean" not in message(raised).lower()


def test_a_misspelt_attribute_cannot_be_set():
    x = torch.ones(2)
    with pytest.raises(AttributeError):
        x.require_grad = True


def test_protocol_probes_stay_plain():
    # libraries ask for these to find out what a tensor is: a plain "no" must come back
    assert not hasattr(torch.ones(1), "__cuda_array_interface__")
    assert not hasattr(torch.ones(1), "_repr_html_")
    assert getattr(torch, "__wrapped__", None) is None
