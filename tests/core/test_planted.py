"""Faults planted on purpose must be found: a check that cannot fail proves nothing."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.testing import GradcheckError, gradcheck, gradgradcheck

X = [0.4, 1.3, 2.2]


def leaf(values=X):
    return dk.tensor(values, dtype=dk.float64, requires_grad=True)


def with_slope_of(value, surrogate):
    """The value of one expression with the derivative of another."""
    return (value - surrogate).detach() + surrogate


def wrong_factor(x):
    return with_slope_of(x.sin(), 1.01 * x.sin())


def cut_off(x):
    return x.exp() * x.detach()


def made_without_recording(x):
    with dk.no_grad():
        half = x * x
    return half + 0.5 * x * x


def wrong_in_one_element(x):
    slip = dk.tensor([0.0, 0, 1e-3], dtype=dk.float64)
    return with_slope_of(x.log(), x.log() + slip * x)


def wrong_sign_of_a_broadcast_operand(x):
    return with_slope_of(x.sum() * x, x * x.sum().detach() - x.detach() * x.sum())


FIRST = [
    wrong_factor,
    cut_off,
    made_without_recording,
    wrong_in_one_element,
    wrong_sign_of_a_broadcast_operand,
]


@pytest.mark.parametrize("fault", FIRST, ids=lambda f: f.__name__)
def test_a_wrong_first_derivative(fault):
    with pytest.raises(GradcheckError, match=fault.__name__):
        gradcheck(fault, leaf(), atol=1e-7, rtol=1e-5)


def slope_is_a_constant(x):
    """x^2 with the right slope 2x, whose own slope is 0."""
    return with_slope_of(x * x, 2 * x.detach() * x)


def wrong_curvature(x):
    """sin with a slope that is right only in value: the expression has another slope itself."""
    slope = with_slope_of(x.cos(), 0.9 * x.cos())
    return with_slope_of(x.sin(), slope * (x - x.detach()))


def missing_cross_term(x):
    return with_slope_of(x.prod(), (dk.stack([x[1] * x[2], x[0] * x[2], x[0] * x[1]]).detach() * x).sum())


@pytest.mark.parametrize(
    "fault", [slope_is_a_constant, wrong_curvature, missing_cross_term], ids=lambda f: f.__name__
)
def test_a_wrong_second_derivative(fault):
    assert gradcheck(fault, leaf(), atol=1e-7, rtol=1e-5)
    with pytest.raises(GradcheckError, match=fault.__name__):
        gradgradcheck(fault, leaf(), atol=1e-6, rtol=1e-5)


def test_right_derivatives_pass_the_same_checks():
    for right in (dk.sin, dk.exp, lambda x: x * x.sum(), lambda x: x.prod()):
        assert gradcheck(right, leaf(), atol=1e-7, rtol=1e-5)
        assert gradgradcheck(right, leaf(), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_wrong_value_is_seen(close, dtype):
    x = np.linspace(0.1, 2, 50).astype(dtype)
    exact = np.sin(x.astype(np.longdouble))
    close(dk.tensor(x).sin(), exact, 4)
    for off in (8, -8):
        wrong = np.array(dk.tensor(x).sin().numpy())
        wrong[17] += off * np.spacing(wrong[17])
        with pytest.raises(AssertionError, match=r"element \(17,\)"):
            close(dk.tensor(wrong), exact, 4)


@pytest.mark.parametrize(
    ("found", "meant"), [(np.nan, 1.0), (1.0, np.nan), (np.inf, 1e300), (np.inf, -np.inf), (0.0, 1e-300)]
)
def test_a_wrong_special_value_is_seen(close, found, meant):
    with pytest.raises(AssertionError):
        close(dk.tensor([found], dtype=dk.float64), np.array([meant]), 8)


def test_wrong_shapes_and_bits_are_seen(close, same_bits):
    with pytest.raises(AssertionError):
        close(dk.ones(2, 1), np.ones(2), 4)
    with pytest.raises(AssertionError):
        same_bits(dk.tensor([0.0]), dk.tensor([-0.0]))
    with pytest.raises(AssertionError):
        same_bits(dk.ones(1), dk.ones(1, dtype=dk.float64))
    same_bits(dk.tensor([dk.nan]), dk.tensor([-dk.nan]))
