"""The namespace has the names of the standard, and every function takes the parameters it says."""

import importlib
import inspect
import math
import re
from pathlib import Path

import pytest

import diffkit
from diffkit import array_api as xp

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip
CONSTANTS = {"e": math.e, "inf": math.inf, "nan": math.nan, "pi": math.pi, "newaxis": None}
#: Each also reflected and in place.
OPERATORS = [
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift",
    "rshift",
]  # fmt: skip
ATTRIBUTES = ["dtype", "device", "mT", "ndim", "shape", "size", "T"]
METHODS = [
    "__abs__", "__bool__", "__complex__", "__eq__", "__float__", "__ge__", "__gt__", "__index__", "__int__",
    "__invert__", "__le__", "__lt__", "__ne__", "__neg__", "__pos__",
]  # fmt: skip


def read():
    """(owner, name) -> the parts between the parentheses."""
    found, owner = {}, ""
    for line in Path(__file__).with_name("signatures.txt").read_text().splitlines():
        if line.startswith("["):
            owner = line.strip("[]")
        elif line and line[0] != "#":
            name, inside = re.fullmatch(r"(\w+)\((.*)\)", line).groups()
            found[owner, name] = [part.strip() for part in inside.split(",") if part.strip()]
    return found


STANDARD = read()


def owner_of(owner):
    x = xp.ones((1, 1))
    return {
        "main": xp, "linalg": xp.linalg, "fft": xp.fft, "array": x, "info": xp.__array_namespace_info__(),
    }[owner]  # fmt: skip


def parameters(parts):
    """(kind, name, optional) of each parameter of a line."""
    split = parts.index("/") if "/" in parts else 0
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    for i, part in enumerate(parts):
        name, optional = part.rstrip("="), part.endswith("=")
        if part == "/":
            continue
        if part.startswith("*"):
            kind = inspect.Parameter.KEYWORD_ONLY
            if part != "*":
                yield inspect.Parameter.VAR_POSITIONAL, name[1:], True
            continue
        yield inspect.Parameter.POSITIONAL_ONLY if i < split else kind, name, optional


def test_the_table_is_whole():
    counts = {owner: sum(1 for o, _ in STANDARD if o == owner) for owner in ("main", "linalg", "fft")}
    assert counts == {"main": 136, "linalg": 25, "fft": 14}


@pytest.mark.parametrize(("owner", "name"), STANDARD)
def test_signature(owner, name):
    given = list(inspect.signature(getattr(owner_of(owner), name)).parameters.values())
    by_name = {parameter.name: parameter for parameter in given}
    for place, (kind, parameter, optional) in enumerate(parameters(STANDARD[owner, name])):
        if kind is inspect.Parameter.KEYWORD_ONLY:
            found = by_name[parameter]
            assert found.kind in (kind, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            found = given[place]
            assert found.kind is kind
            continue
        else:  # the name of a positional-only parameter is nobody's business
            found = given[place]
            assert found.kind in (kind, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            assert kind is inspect.Parameter.POSITIONAL_ONLY or found.name == parameter
        assert (found.default is not inspect.Parameter.empty) == optional
    # What is ours beyond the standard must not be asked for.
    standard = {parameter for _, parameter, _ in parameters(STANDARD[owner, name])}
    required = [p.name for p in given if p.default is p.empty and p.kind is p.KEYWORD_ONLY]
    assert set(required) <= standard


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes(name):
    dtype = getattr(xp, name)
    assert dtype is getattr(diffkit, name)
    assert dtype == dtype and hash(dtype) == hash(dtype)
    assert [other for other in DTYPES if getattr(xp, other) == dtype] == [name]
    assert xp.ones(1, dtype=dtype).dtype == dtype


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants(name):
    value = getattr(xp, name)
    assert value is CONSTANTS[name] or value == CONSTANTS[name] or math.isnan(value)


def test_everything_is_exported():
    names = {name for owner, name in STANDARD if owner == "main"} | {*DTYPES, *CONSTANTS, "linalg", "fft"}
    assert set(xp.__all__) == names | {"__array_api_version__"}
    assert set(xp.linalg.__all__) == {name for owner, name in STANDARD if owner == "linalg"}
    assert set(xp.fft.__all__) == {name for owner, name in STANDARD if owner == "fft"}


def test_arrays_have_the_operators_and_attributes():
    x = xp.ones((1, 1))
    expected = [*ATTRIBUTES, *METHODS]
    expected += [f"__{form}{name}__" for name in OPERATORS for form in ("", "r", "i")]
    expected.remove("__imatmul__")  # as in PyTorch, x @= y gives x a new meaning
    assert [name for name in expected if not hasattr(x, name)] == []


def test_arrays_know_their_namespace():
    x = xp.ones(2)
    assert x.__array_namespace__() is xp
    assert x.__array_namespace__(api_version="2025.12") is xp
    assert x.__array_namespace__(api_version="2023.12") is xp
    with pytest.raises(ValueError, match=r"2019\.01"):
        x.__array_namespace__(api_version="2019.01")
    assert xp.__array_api_version__ == "2025.12"
    assert importlib.import_module(xp.__name__) is xp
