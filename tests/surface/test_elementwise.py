"""Element-wise functions: values against NumPy, results' dtypes, both spellings (function and method)."""

import math

import numpy as np
import pytest

import diffkit as torch

f32, f64, i64 = torch.float32, torch.float64, torch.int64

REAL = [-2.5, -1.0, -0.5, -0.0, 0.0, 0.3, 1.0, 2.0, 3.75]
POSITIVE = [0.1, 0.5, 1.0, 2.0, 8.0, 1e4]
UNIT = [-0.9, -0.5, 0.0, 0.25, 0.9]

# name, NumPy's answer, a domain where it is finite; FUNCTIONS make floats of integers, KEEPING do not
FUNCTIONS = [
    ("exp", np.exp, REAL),
    ("log", np.log, POSITIVE),
    ("log2", np.log2, POSITIVE),
    ("log10", np.log10, POSITIVE),
    ("log1p", np.log1p, POSITIVE),
    ("expm1", np.expm1, REAL),
    ("sqrt", np.sqrt, POSITIVE),
    ("rsqrt", lambda x: 1 / np.sqrt(x), POSITIVE),
    ("reciprocal", lambda x: 1 / x, POSITIVE),
    ("sin", np.sin, REAL),
    ("cos", np.cos, REAL),
    ("tan", np.tan, UNIT),
    ("asin", np.arcsin, UNIT),
    ("acos", np.arccos, UNIT),
    ("atan", np.arctan, REAL),
    ("sinh", np.sinh, REAL),
    ("cosh", np.cosh, REAL),
    ("tanh", np.tanh, REAL),
    ("asinh", np.arcsinh, REAL),
    ("atanh", np.arctanh, UNIT),
    ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), REAL),
    ("erf", np.vectorize(math.erf), REAL),
]
KEEPING = [
    ("abs", np.abs, REAL),
    ("square", np.square, REAL),
    ("sign", np.sign, REAL),
    ("floor", np.floor, REAL),
    ("ceil", np.ceil, REAL),
    ("round", np.round, REAL),
    ("trunc", np.trunc, REAL),
    ("neg", np.negative, REAL),
    ("relu", lambda x: np.maximum(x, 0), REAL),
]


@pytest.mark.parametrize("dtype", [f32, f64], ids=str)
@pytest.mark.parametrize(
    ("name", "numpy", "domain"), FUNCTIONS + KEEPING, ids=lambda v: v if isinstance(v, str) else ""
)
def test_against_numpy(same, name, numpy, domain, dtype):
    x = torch.tensor(domain, dtype=dtype)
    given = np.array(x.tolist())  # in double, so that the float32 answer is compared with the true one
    same(getattr(torch, name)(x), numpy(given), dtype)
    same(getattr(x, name)(), numpy(given), dtype)
    same(getattr(torch, name)(x.reshape(-1, 1)), numpy(given).reshape(-1, 1), dtype)
    same(getattr(torch, name)(x[0]), numpy(given)[0], dtype)
    assert x.tolist() == given.tolist()


@pytest.mark.parametrize(
    ("name", "numpy", "domain"), FUNCTIONS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_integers_become_float32(same, name, numpy, domain):
    values = [0, 0] if domain is UNIT else [1, 2]
    same(getattr(torch, name)(torch.tensor(values)), numpy(np.array(values, dtype=float)))


@pytest.mark.parametrize(("name", "numpy", "domain"), KEEPING, ids=lambda v: v if isinstance(v, str) else "")
def test_integers_stay_integers(same, name, numpy, domain):
    values = [-3, 0, 2]
    same(getattr(torch, name)(torch.tensor(values)), numpy(np.array(values)), i64)


def test_edges_of_domains(same):
    same(torch.log(torch.tensor([0.0, -1.0])), [-np.inf, np.nan])
    same(torch.sqrt(torch.tensor([-1.0, 0.0])), [np.nan, 0])
    same(torch.exp(torch.tensor([1000.0, -1000.0])), [np.inf, 0])
    same(torch.sigmoid(torch.tensor([-1000.0, 1000.0])), [0, 1])
    same(torch.acos(torch.tensor([2.0])), [np.nan])
    same(torch.round(torch.tensor([0.5, 1.5, 2.5, -0.5])), [0, 2, 2, 0])


def test_classification(same):
    x = torch.tensor([1.0, math.nan, math.inf, -math.inf])
    same(torch.isnan(x), [False, True, False, False], torch.bool)
    same(torch.isinf(x), [False, False, True, True], torch.bool)
    same(torch.isfinite(x), [True, False, False, False], torch.bool)
    same(x.isnan(), [False, True, False, False], torch.bool)
    same(torch.isnan(torch.tensor([1, 2])), [False, False], torch.bool)


def test_empty(same):
    same(torch.exp(torch.zeros(0)), [])
    same(torch.abs(torch.zeros(2, 0)), np.zeros((2, 0)))


def test_pow(same):
    x = torch.tensor([1.0, 2.0, 3.0])
    same(torch.pow(x, 2), [1, 4, 9])
    same(x.pow(3), [1, 8, 27])
    same(x.pow(torch.tensor([3.0, 2.0, 1.0])), [1, 4, 3])
    same(torch.pow(2, x), [2, 4, 8])
    same(torch.pow(torch.tensor([2, 3]), 2), [4, 9], i64)
    same(x.pow(0.5), np.sqrt([1, 2, 3]))
    same(x.pow(-1), [1, 1 / 2, 1 / 3])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add", [4, 1, 3.5]),
        ("sub", [2, -3, 1.5]),
        ("mul", [3, -2, 2.5]),
        ("div", [3, -0.5, 2.5]),
        ("maximum", [3, 2, 2.5]),
        ("minimum", [1, -1, 1]),
        ("atan2", np.arctan2([3, -1, 2.5], [1, 2, 1])),
        ("fmod", [0, -1, 0.5]),
        ("remainder", [0, 1, 0.5]),
        ("floor_divide", [3, -1, 2]),
        ("hypot", np.hypot([3, -1, 2.5], [1, 2, 1])),
    ],
)
def test_two_arguments(same, name, expected):
    a, b = torch.tensor([3, -1, 2.5]), torch.tensor([1.0, 2, 1])
    same(getattr(torch, name)(a, b), expected)
    same(getattr(a, name)(b), expected)


def test_max_and_min_of_two(same):
    a, b = torch.tensor([[1.0, 5.0]]), torch.tensor([[3.0], [4.0]])
    same(torch.max(a, b), [[3, 5], [4, 5]])
    same(torch.min(a, b), [[1, 3], [1, 4]])


def test_clamp(same):
    x = torch.tensor([-2.0, 0.5, 9.0])
    same(x.clamp(min=0), [0, 0.5, 9])
    same(x.clamp(max=1), [-2, 0.5, 1])
    same(x.clamp(0, 1), [0, 0.5, 1])
    same(torch.clamp(x, min=-1.0, max=1.0), [-1, 0.5, 1])
    same(torch.clamp(x, 0), [0, 0.5, 9])
    same(torch.tensor([-2, 5]).clamp(min=0), [0, 5], i64)


def test_where(same):
    condition = torch.tensor([True, False])
    same(torch.where(condition, torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])), [1, 4])
    same(torch.where(condition, torch.tensor([1.0, 2.0]), 0.0), [1, 0])
    same(torch.where(condition.reshape(2, 1), torch.ones(2), torch.zeros(2)), [[1, 1], [0, 0]])


def test_logic(same):
    a, b = torch.tensor([True, True, False]), torch.tensor([True, False, False])
    same(torch.logical_and(a, b), [True, False, False], torch.bool)
    same(torch.logical_or(a, b), [True, True, False], torch.bool)
    same(torch.logical_xor(a, b), [False, True, False], torch.bool)
    same(torch.logical_not(a), [False, False, True], torch.bool)
    same(torch.logical_and(torch.tensor([2, 0, 1]), b), [True, False, False], torch.bool)


def test_comparison_functions(same):
    a, b = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([3.0, 2.0, 1.0])
    same(torch.eq(a, b), [False, True, False], torch.bool)
    same(torch.ne(a, b), [True, False, True], torch.bool)
    same(torch.lt(a, b), [True, False, False], torch.bool)
    same(torch.le(a, b), [True, True, False], torch.bool)
    same(torch.gt(a, b), [False, False, True], torch.bool)
    same(torch.ge(a, 2), [False, True, True], torch.bool)


def test_closeness():
    a = torch.tensor([1.0, 2.0])
    assert torch.equal(a, torch.tensor([1.0, 2.0])) is True
    assert torch.equal(a, torch.tensor([1.0, 2.5])) is False
    assert torch.equal(a, torch.ones(3)) is False
    assert torch.allclose(a, a + 1e-7) is True
    assert torch.allclose(a, a + 1e-3) is False
    assert torch.allclose(a, a + 1e-3, atol=1e-2)
    assert not torch.allclose(torch.tensor([math.nan]), torch.tensor([math.nan]))
    assert torch.allclose(torch.tensor([math.nan]), torch.tensor([math.nan]), equal_nan=True)
    assert torch.isclose(a, torch.tensor([1.0, 3.0])).tolist() == [True, False]


def test_functional_activations(same):
    functional = torch.nn.functional
    x = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    e = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    same(functional.softmax(x, dim=1), [e, [1 / 3] * 3])
    same(torch.softmax(x, dim=-1), [e, [1 / 3] * 3])
    same(functional.log_softmax(x, dim=1), [np.log(e), [-math.log(3)] * 3])
    same(functional.relu(torch.tensor([-1.0, 2.0])), [0, 2])
    same(functional.one_hot(torch.tensor([0, 2]), 4), [[1, 0, 0, 0], [0, 0, 1, 0]], i64)
    same(functional.one_hot(torch.tensor([1, 0])), [[0, 1], [1, 0]], i64)
    target = torch.tensor([2, 0])
    per_row = np.array([-np.log(e[2]), math.log(3)])
    same(functional.cross_entropy(x, target), per_row.mean())
    same(functional.cross_entropy(x, target, reduction="none"), per_row)
    same(functional.cross_entropy(x, target, reduction="sum"), per_row.sum())
    same(functional.mse_loss(x[0], x[1]), 14 / 3)


def test_module_takes_attributes(monkeypatch):
    assert math.isclose(torch.pi, math.pi)
    monkeypatch.setattr(torch, "pi", 3.0)
    assert torch.pi == 3.0
