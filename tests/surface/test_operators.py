"""Operators, broadcasting and the dtypes that come out."""

import operator

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64, i32 = torch.float32, torch.float64, torch.int64, torch.int32

X = [7.0, -7.0, 2.5, 1.0]
Y = [2.0, 2.0, -1.0, 4.0]
ARITHMETIC = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("op", ARITHMETIC)
def test_arithmetic(same, op):
    x, y = np.array(X), np.array(Y)
    same(op(torch.tensor(X), torch.tensor(Y)), op(x, y))
    same(op(torch.tensor(X), 2), op(x, 2))
    same(op(torch.tensor(X), 2.5), op(x, 2.5))
    same(op(2, torch.tensor(Y)), op(2, y))
    same(op(2.5, torch.tensor(Y)), op(2.5, y))
    same(op(torch.tensor(X)[0], torch.tensor(Y)[0]), op(x[0], y[0]))


@pytest.mark.parametrize("op", ARITHMETIC)
def test_integer_arithmetic(same, op):
    x, y = np.array([7, -7, 5]), np.array([2, 2, -3])
    dtype = f32 if op is operator.truediv else i64
    same(op(torch.tensor([7, -7, 5]), torch.tensor([2, 2, -3])), op(x, y), dtype)
    same(op(torch.tensor([7, -7, 5]), 3), op(x, 3), dtype)
    same(op(20, torch.tensor([2, 2, -3])), op(20, y), dtype)


def test_division_by_zero(same):
    same(torch.tensor([1.0, -1.0, 0.0]) / 0, [np.inf, -np.inf, np.nan])
    same(torch.tensor([1, 0]) / 0, [np.inf, np.nan])


@pytest.mark.parametrize(
    ("base", "exponent", "expected", "dtype"),
    [
        ([1.0, 2, 3], 2, [1, 4, 9], f32),
        ([1.0, 4], 0.5, [1, 2], f32),
        ([2.0, 4], -1, [0.5, 0.25], f32),
        ([1, 2, 3], 2, [1, 4, 9], i64),
        ([1, 4], 0.5, [1, 2], f32),
        ([-2.0], 3, [-8], f32),
        ([-8.0], 1.5, [np.nan], f32),
        ([0.0], 0, [1], f32),
    ],
)
def test_power(same, base, exponent, expected, dtype):
    same(torch.tensor(base) ** exponent, expected, dtype)
    same(torch.tensor(base) ** torch.tensor([exponent] * len(base)), expected, dtype)


def test_power_of_a_number(same):
    same(2 ** torch.tensor([0.0, 1, 3]), [1, 2, 8])
    same(2 ** torch.tensor([0, 1, 3]), [1, 2, 8], i64)
    same(2.5 ** torch.tensor([0, 1, 2]), [1, 2.5, 6.25])
    same(torch.tensor([2, 3]) ** torch.tensor([0.5, 2]), [2**0.5, 9])


@pytest.mark.parametrize("op", COMPARISONS)
def test_comparisons(same, op):
    x, y = [1.0, 2.0, 3.0, np.nan], [2.0, 2.0, 2.0, np.nan]
    same(op(torch.tensor(x), torch.tensor(y)), op(np.array(x), np.array(y)), torch.bool)
    same(op(torch.tensor(x), 2), op(np.array(x), 2), torch.bool)
    same(op(2.0, torch.tensor(x)), op(2.0, np.array(x)), torch.bool)
    same(
        op(torch.tensor([1, 2]), torch.tensor([[1.5], [2.0]])),
        op(np.array([1, 2]), [[1.5], [2.0]]),
        torch.bool,
    )


def test_unary(same):
    same(-torch.tensor([1.0, -2]), [-1, 2])
    same(+torch.tensor([1.0, -2]), [1, -2])
    same(-torch.tensor([1, -2]), [-1, 2], i64)
    same(abs(torch.tensor([1.0, -2])), [1, 2])
    same(~torch.tensor([True, False]), [False, True], torch.bool)
    same(~torch.tensor([0, 5]), [-1, -6], i64)


def test_logic(same):
    a, b = torch.tensor([True, True, False]), torch.tensor([True, False, False])
    same(a & b, [True, False, False], torch.bool)
    same(a | b, [True, True, False], torch.bool)
    same(a ^ b, [False, True, False], torch.bool)
    same(torch.tensor([6, 5]) & torch.tensor([3, 4]), [2, 4], i64)
    same(torch.tensor([6, 5]) | 8, [14, 13], i64)


@pytest.mark.parametrize(
    ("left", "right"),
    [((3, 1), (1, 2)), ((3, 1), (2,)), ((2, 3, 4), (3, 1)), ((), (2, 2)), ((1,), (4,)), ((0, 1), (1, 3))],
)
def test_broadcasting(same, left, right):
    a = np.arange(np.prod(left), dtype=float).reshape(left)
    b = np.arange(np.prod(right), dtype=float).reshape(right) + 1
    for op in (operator.add, operator.mul, operator.truediv):
        same(op(torch.tensor(a), torch.tensor(b)), op(a, b), f64)
    same(torch.tensor(a) < torch.tensor(b), a < b, torch.bool)


def test_shapes_that_do_not_broadcast_are_refused():
    with pytest.raises((RuntimeError, ValueError), match=r"2.*3|3.*2"):
        torch.ones(2) + torch.ones(3)
    with pytest.raises((RuntimeError, ValueError)):
        torch.ones(2, 3) * torch.ones(2)
    x = torch.ones(2)
    with pytest.raises((RuntimeError, ValueError)):
        x += torch.ones(3, 2)


@pytest.mark.parametrize(
    ("a", "b", "dtype"),
    [
        (i64, f32, f32),
        (f32, f64, f64),
        (i64, f64, f64),
        (i32, i64, i64),
        (torch.uint8, i32, i32),
        (torch.uint8, f32, f32),
        (torch.bool, i64, i64),
        (torch.bool, f32, f32),
        (torch.bool, torch.uint8, torch.uint8),
    ],
)
def test_promotion_of_two_tensors(same, a, b, dtype):
    x, y = torch.tensor([1, 1], dtype=a), torch.tensor([1, 0], dtype=b)
    same(x + y, [2, 1], dtype)
    same(y + x, [2, 1], dtype)
    same(x * y, [1, 0], dtype)
    assert torch.result_type(x, y) == dtype
    assert torch.promote_types(a, b) == dtype


@pytest.mark.parametrize(
    ("dtype", "number", "result"),
    [
        (f32, 2, f32),
        (f32, 2.0, f32),
        (f32, True, f32),
        (f64, 2, f64),
        (i64, 2, i64),
        (i64, 2.0, f32),
        (i32, 2, i32),
        (i32, 2.0, f32),
        (torch.uint8, 2, torch.uint8),
        (torch.bool, 2, i64),
        (torch.bool, 2.0, f32),
    ],
)
def test_python_numbers_are_weak(same, dtype, number, result):
    x = torch.tensor([1, 0], dtype=dtype)
    same(x * number, [number, 0], result)
    same(number + x, [number + 1, number], result)


def test_0d_integer_with_float_array(same):
    same(torch.ones(2) * torch.tensor(3), [3, 3])
    same(torch.arange(2) * torch.tensor(1.5), [0, 1.5])


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (operator.iadd, [9, 6]),
        (operator.isub, [5, 2]),
        (operator.imul, [14, 8]),
        (operator.itruediv, [3.5, 2]),
        (operator.ifloordiv, [3, 2]),
        (operator.imod, [1, 0]),
        (operator.ipow, [49, 16]),
    ],
)
def test_in_place_keeps_the_tensor(same, op, expected):
    x = torch.tensor([7.0, 4.0])
    holder, before = x, id(x)
    x = op(x, 2)
    assert id(x) == before
    same(holder, expected)
    y = torch.tensor([7.0, 4.0])
    y = op(y, torch.tensor([2.0, 2.0]))
    same(y, expected)


def test_in_place_keeps_the_dtype(same):
    x = torch.tensor([1.5, 2.5])
    x += torch.tensor([1, 1])
    same(x, [2.5, 3.5])
    x += torch.tensor([1.0, 1.0], dtype=f64)
    same(x, [3.5, 4.5])
    k = torch.tensor([1, 2])
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        k += 0.5
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        k /= 2
    same(k, [1, 2], i64)


def test_in_place_through_a_view(same):
    x = torch.zeros(2, 3)
    x[0] += 1
    x[:, 1] *= 5
    row = x[1]
    row -= 2
    same(x, [[1, 5, 1], [-2, -2, -2]])


def test_an_operation_makes_a_new_tensor(same):
    x = torch.ones(2)
    y = x
    x = x + 1
    same(y, [1, 1])
    same(x, [2, 2])


def test_overlapping_views_in_place(same):
    x = torch.arange(5.0)
    x[1:] = x[:-1].clone()
    same(x, [0, 0, 1, 2, 3])


@pytest.mark.parametrize("other", ["text", None, object()])
def test_other_objects_are_refused(other):
    with pytest.raises(TypeError):
        torch.ones(2) + other
    with pytest.raises(TypeError):
        other * torch.ones(2)


def test_numpy_on_either_side(same):
    same(torch.tensor([1.0, 2.0]) * np.float32(2), [2, 4])
    same(torch.tensor([1.0, 2.0]) + np.float64(0.5), [1.5, 2.5])
