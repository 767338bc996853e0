"""`diffkit grad`: values and gradients against hand-made formulas, errors, functions from files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

Diffkit = Callable[..., Result]
Document = Callable[..., dict[str, Any]]


def test_the_gradient_of_two_x_dot_x(diffkit: Diffkit) -> None:
    result = diffkit("grad", "2*dot(x, x)", "--at", "x=[0,1,2,3]")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "quantity\tshape\tvalue\nvalue\t[]\t28.0\nd/dx\t[4]\t[0, 4, 8, 12]\n"


def test_json_keeps_shapes(document: Document) -> None:
    found = document(
        "grad", "sum((X @ w - y)^2)", "--at", "X=[[1,2],[3,4],[5,6]]", "--at", "w=1/2,-1", "--at", "y=[1,0,2]"
    )
    X, w, y = np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([0.5, -1]), np.array([1.0, 0, 2])
    residual = X @ w - y
    np.testing.assert_allclose(found["value"], residual @ residual)
    np.testing.assert_allclose(found["gradient"]["w"], 2 * X.T @ residual)
    np.testing.assert_allclose(found["gradient"]["y"], -2 * residual)
    np.testing.assert_allclose(found["gradient"]["X"], 2 * np.outer(residual, w))


def test_wrt_and_hessian(document: Document) -> None:
    arguments = ["grad", "x @ A @ x + 3*b*x[0]", "--at", "A=[[1,2],[5,4]]", "--at", "x=[1,-1]", "--at", "b=2"]
    found = document(*arguments, "--wrt", "x", "--wrt", "b", "--hessian")
    assert list(found["gradient"]) == ["x", "b"]
    np.testing.assert_allclose(found["hessian"]["x"]["x"], [[2, 7], [7, 8]])
    np.testing.assert_allclose(found["hessian"]["x"]["b"], [3, 0])
    np.testing.assert_allclose(found["hessian"]["b"]["x"], [3, 0])
    np.testing.assert_allclose(found["hessian"]["b"]["b"], 0)


def test_values_from_files(document: Document, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1\n2\n3\n")
    np.save(tmp_path / "w.npy", np.array([1.0, 0, 2]))
    found = document("grad", "exp(dot(x, w)/7)", "--at", "x=@x.csv", "--at", "w=@w.npy")
    np.testing.assert_allclose(found["value"], np.e)
    np.testing.assert_allclose(found["gradient"]["x"], np.e * np.array([1, 0, 2]) / 7)


def test_a_zero_gradient_and_nonfinite_values_are_shown(document: Document) -> None:
    found = document("grad", "sum(floor(x))", "--at", "x=[1.5, 2]")
    assert found["gradient"] == {"x": [0.0, 0.0]}
    assert document("grad", "1/x", "--at", "x=0")["value"] == "Infinity"
    assert document("grad", "2 + 3*(x > 5)", "--at", "x=1")["gradient"] == {"x": 0.0}


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["x*2", "--at", "x=[1,2]"], 3, "put sum(...) or mean(...) around it"),
        (["x > 1", "--at", "x=2"], 3, "a gradient needs one real number"),
        (["x + y", "--at", "x=1"], 2, "no value for y: add --at y=VALUE"),
        (["x", "--at", "x=1", "--at", "z=1"], 2, "no variable of that name"),
        (["x", "--at", "x=1", "--at", "x=2"], 2, "given twice"),
        (["x", "--at", "x"], 2, "write NAME=VALUE"),
        (["x", "--at", "x=one"], 2, "cannot read the value"),
        (["x", "--at", "x=@none.csv"], 4, "cannot read file 'none.csv'"),
        (["x", "--at", "x=1", "--wrt", "y"], 2, "--wrt y: no such name"),
        (["dot(x, y)", "--at", "x=[1,2]", "--at", "y=[1,2,3]"], 3, "in the expression, column 1"),
        (["x.sum()", "--at", "x=1"], 2, "only .T may follow a dot"),
        ([], 2, "give either an expression or --file"),
        (["x", "--file", "m.py:f"], 2, "give either an expression or --file"),
        (["--file", "m.py"], 2, "write MODEL.PY:NAME"),
        (["--file", "none.py:f"], 4, "no file 'none.py'"),
    ],
)
def test_errors(diffkit: Diffkit, arguments: list[str], code: int, text: str) -> None:
    result = diffkit("grad", *arguments)
    assert result.exit_code == code, result.stderr
    assert text in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stdout == ""


MODEL = """
def doubled(x, scale):
    b = x
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        return (b * scale).sum()
    return (100 * b * scale).sum()

def fails(x):
    items = []
    return items[3]

def number(x):
    return 3.5

three = 3
"""


def test_a_function_with_control_flow_from_a_file(diffkit: Diffkit, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    result = diffkit(
        "grad", "--file", "model.py:doubled", "--at", "x=[3,4]", "--at", "scale=2", "--wrt", "x", "--json"
    )
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["gradient"] == {"x": [512.0, 512.0]}  # 5 doubles 8 times until it passes 1000
    negative = diffkit("grad", "--file", "model.py:doubled", "--at", "x=[-3,-4]", "--at", "scale=1", "--json")
    assert json.loads(negative.stdout)["gradient"]["x"] == [25600.0, 25600.0]


@pytest.mark.parametrize(
    ("name", "at", "code", "text"),
    [
        ("fails", ["x=1"], 3, "model.py:12 in fails: IndexError: list index out of range"),
        ("number", ["x=1"], 3, "the function returned float, not a tensor"),
        ("three", [], 4, "defines no function 'three'"),
        ("absent", [], 4, "defines no function 'absent'"),
        ("doubled", ["x=1"], 2, "missing a required argument: 'scale'"),
        ("fails", ["x=1", "y=2"], 2, "unexpected keyword argument 'y'"),
    ],
)
def test_errors_in_files(
    diffkit: Diffkit, tmp_path: Path, name: str, at: list[str], code: int, text: str
) -> None:
    (tmp_path / "model.py").write_text(MODEL)
    result = diffkit("grad", "--file", f"model.py:{name}", *(word for item in at for word in ("--at", item)))
    assert result.exit_code == code, result.stderr
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_that_is_not_python(diffkit: Diffkit, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("x = 1\ndef f(:\n")
    result = diffkit("grad", "--file", "bad.py:f")
    assert result.exit_code == 3
    assert "bad.py:2: invalid syntax" in result.stderr
    (tmp_path / "bad.py").write_text("x = 1\n1/0\n")
    assert "bad.py:2 in <module>: ZeroDivisionError" in diffkit("grad", "--file", "bad.py:f").stderr
    (tmp_path / "m.txt").write_text("")
    assert diffkit("grad", "--file", "m.txt:f").exit_code == 2
