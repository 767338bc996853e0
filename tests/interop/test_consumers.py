"""SciPy, scikit-learn and einops work on tensors through the array API standard, as on arrays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("consumers.py")
#: Cases whose own arithmetic loses digits: roots of differences, means in the default dtype.
COARSE = ("euclidean_distances", "accuracy_score")
#: What these libraries give as numbers or arrays whatever they are given.
NUMBERS = {"float", "float64", "int"}
ARRAYS = ("cross_val_score", "simpson")


@pytest.fixture(scope="module")
def outcomes():
    for library in ("scipy", "sklearn", "einops"):
        pytest.importorskip(library)
    run = subprocess.run(
        [sys.executable, PROGRAM, "diffkit"],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.parametrize(("library", "least"), [("scipy", 55), ("sklearn", 25), ("einops", 8)])
def test_tensors_in_tensors_out(outcomes, library, least):
    cases = [outcome for outcome in outcomes if outcome["library"] == library]
    assert len(cases) >= least
    faults = []
    for outcome in cases:
        name = outcome["case"]
        if "raised" in outcome:
            faults.append(f"{name}: {outcome['raised']}")
            continue
        tolerance = 1e-7 if any(word in name for word in COARSE) else 1e-10
        allowed = {"tensor", *NUMBERS, *(["ndarray"] if any(word in name for word in ARRAYS) else [])}
        for kind, distance in zip(outcome["types"], outcome["distances"], strict=True):
            if isinstance(distance, str) or not distance <= tolerance:
                faults.append(f"{name}: {distance}")
            if kind not in allowed:
                faults.append(f"{name}: gives {kind}")
    assert not faults, "\n".join(faults)


def run(program, **environment):
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert found.returncode == 0, found.stderr


def test_scipy_without_its_switch_reads_tensors_as_arrays():
    pytest.importorskip("scipy")
    program = """
import numpy as np, scipy.fft, scipy.special, scipy.stats, diffkit
x = diffkit.tensor([0.5, 2.0, 1.0], dtype=diffkit.float64)
for function in (scipy.special.erf, scipy.special.softmax, scipy.stats.zscore, scipy.fft.fft):
    found = function(x)
    assert type(found) is np.ndarray, type(found)
    np.testing.assert_allclose(found, function(x.numpy()), rtol=1e-14)
try:
    scipy.special.erf(x.requires_grad_())
except diffkit.errors.AutogradError as error:
    assert "detach" in str(error)
else:
    raise AssertionError("the gradient was lost")
"""
    run(program)


def test_compiled_functions_refuse_to_lose_gradients():
    pytest.importorskip("scipy")
    program = """
import scipy.ndimage, scipy.special, diffkit
x = diffkit.ones(3, dtype=diffkit.float64).requires_grad_()
y = scipy.special.logsumexp(x)
y.backward()
assert max(abs(g - 1 / 3) for g in x.grad.tolist()) < 1e-15
for function in (scipy.special.i0e, lambda x: scipy.ndimage.gaussian_filter(x, 1.0)):
    try:
        found = function(x)
    except diffkit.errors.AutogradError as error:
        assert "detach" in str(error)
    else:
        raise AssertionError(found)
"""
    run(program, SCIPY_ARRAY_API="1")
