"""The gradient check passes right derivatives and catches the wrong ones that are planted here."""

import math

import pytest

import diffkit as dk
from diffkit.errors import ArgumentError, DTypeError
from diffkit.testing import GradcheckError, gradcheck, gradgradcheck


def leaf(values):
    return dk.tensor(values, dtype=dk.float64, requires_grad=True)


X, Y = [[0.3, 1.1], [2.0, 0.7]], [1.5, 0.4]


@pytest.mark.parametrize(
    "fn",
    [
        lambda x, y: x * y,
        lambda x, y: x / y,
        lambda x, y: x @ y,
        lambda x, y: (x.exp(), y.log().sum()),
        lambda x, y: x.pow(y),
        lambda x, y: dk.where(x > 1, x * y, x - y),
        lambda x, y: (x * x).sum().sqrt() * y.tanh(),
    ],
)
def test_right_rules_pass(fn):
    assert gradcheck(fn, (leaf(X), leaf(Y))) is True
    assert gradgradcheck(fn, (leaf(X), leaf(Y))) is True


def test_other_arguments_and_results_are_left_out():
    def f(x, power, fixed):
        return x**power * fixed, (x > 1), dk.ones(2, dtype=dk.int64)

    assert gradcheck(f, (leaf(Y), 3, dk.tensor([2.0, 5.0])))


def test_scalars_and_nothing():
    assert gradcheck(dk.sin, leaf(0.5))
    assert gradcheck(lambda x: x * 2, leaf([]))
    assert gradcheck(lambda x: dk.ones(2, dtype=dk.float64), leaf(Y))


def test_a_missing_factor_is_caught():
    def square_without_a_two(x):
        return x * x.detach()

    with pytest.raises(GradcheckError) as caught:
        gradcheck(square_without_a_two, leaf([0.5, 4.0, 1.0]))
    message = str(caught.value)
    assert "square_without_a_two" in message
    assert "result 0[1] by input 0[1] is 4.0" in message  # the worst element: 4 instead of 8
    assert "difference with eps=1e-06 is 8.0" in message or "difference with eps=1e-06 is 7.99" in message
    assert isinstance(caught.value, RuntimeError)
    assert gradcheck(square_without_a_two, leaf([0.5]), raise_exception=False) is False


def test_a_derivative_cut_off_by_a_python_number_is_caught():
    with pytest.raises(GradcheckError, match=r"result 1 by input 1\[0\]"):
        gradcheck(lambda x, y: (x * 2, x.sum() * 0 + math.sin(float(y[0]))), (leaf(Y), leaf(Y)))


def test_a_small_mistake_is_caught():
    def off_by_two_per_mille(x):
        y = x.sin()
        return y + 0.002 * (y - y.detach())

    with pytest.raises(GradcheckError):
        gradcheck(off_by_two_per_mille, leaf(Y), atol=1e-7)
    assert gradcheck(off_by_two_per_mille, leaf(Y), atol=1e-7, rtol=5e-3)


def test_nan_is_caught():
    with pytest.raises(GradcheckError, match="nan"):
        gradcheck(lambda x: x * math.nan, leaf(Y))
    with pytest.raises(GradcheckError, match=r"result 0.* nan"):  # worse than any number
        gradcheck(lambda x: (x * math.nan, x * x.detach()), leaf(Y))


def test_a_wrong_second_derivative_is_caught():
    def first_right_second_wrong(x):
        # the slope is 2 x as it should be, but its own slope is cut to 0
        return (2 * x.detach()) * x - (x * x).detach()

    assert gradcheck(first_right_second_wrong, leaf(Y))
    with pytest.raises(GradcheckError, match=r"the reverse pass of .*first_right_second_wrong"):
        gradgradcheck(first_right_second_wrong, leaf(Y))
    assert not gradgradcheck(
        first_right_second_wrong, leaf(Y), dk.ones(2, dtype=dk.float64), raise_exception=False
    )


def test_bad_calls():
    with pytest.raises(DTypeError, match="float64"):
        gradcheck(dk.sin, dk.ones(2, requires_grad=True))
    with pytest.raises(ArgumentError, match="no input requires gradients"):
        gradcheck(dk.sin, dk.ones(2, dtype=dk.float64))
    with pytest.raises(DTypeError, match="float32"):
        gradcheck(lambda x: x.to(dk.float32), leaf(Y))
    with pytest.raises(DTypeError, match="not a tensor"):
        gradcheck(lambda x: 3.0, leaf(Y))
