"""Libraries written for the standard accept the tensors, and give tensors back."""

import os
import subprocess
import sys

import numpy as np
import pytest

from diffkit import array_api as xp

compat = pytest.importorskip("array_api_compat")
extra = pytest.importorskip("array_api_extra")


@pytest.fixture
def x():
    return xp.asarray([[1.0, 2.0], [3.0, 5.0]])


def test_compat_finds_the_namespace(x):
    assert compat.array_namespace(x, x) is xp
    assert compat.is_array_api_obj(x)
    assert compat.size(x) == 4
    assert compat.device(x) == "cpu"
    assert compat.to_device(x, compat.device(x)) is x
    with pytest.raises(TypeError):
        compat.array_namespace(x, np.ones(2))


EXTRA = {
    "apply_where(x > 2, x, lambda a: a * 2, fill_value=0.0)": [[0, 0], [6, 10]],
    "at(x, (0, 0)).set(9.0, copy=True)": [[9, 2], [3, 5]],
    "atleast_nd(x, ndim=3, xp=xp)": [[[1, 2], [3, 5]]],
    "cov(x)": np.cov([[1.0, 2.0], [3.0, 5.0]]),
    "create_diagonal(x[0, :])": [[1, 0], [0, 2]],
    "isclose(x, x + 1e-9)": [[True, True], [True, True]],
    "kron(x[:1, :], x[:, :1])": [[1, 2], [3, 6]],
    "nunique(xp.asarray([1, 1, 2]))": 2,
    "one_hot(xp.asarray([0, 1]), 3)": [[1, 0, 0], [0, 1, 0]],
    "pad(x, 1)": np.pad([[1, 2], [3, 5]], 1),
    "setdiff1d(xp.asarray([1, 2, 3]), xp.asarray([2]))": [1, 3],
    "sinc(x / 3)": np.sinc(np.float32([[1, 2], [3, 5]]) / np.float32(3)),
}


@pytest.mark.parametrize("call", EXTRA)
def test_extra(x, call):
    found = eval(f"xpx.{call}", {"xpx": extra, "xp": xp, "x": x})
    if not call.startswith("nunique"):
        assert isinstance(found, type(x))
    np.testing.assert_allclose(np.asarray(found), EXTRA[call], rtol=2e-6, atol=2e-6)


def test_scipy_stays_in_the_namespace():
    """In a process of its own, since SciPy reads the switch when it is imported."""
    program = """
import numpy as np, scipy.special, scipy.stats, diffkit
from diffkit import array_api as xp
x = xp.asarray([1.0, 2.0, 4.0], dtype=xp.float64).requires_grad_()
y = scipy.special.logsumexp(x)
assert isinstance(y, diffkit.Tensor), type(y)
y.backward()
e = np.exp([1.0, 2.0, 4.0])
np.testing.assert_allclose(x.grad.numpy(), e / e.sum(), rtol=1e-12)
z = scipy.stats.zscore(x.detach())
np.testing.assert_allclose(np.asarray(z), scipy.stats.zscore(np.asarray([1.0, 2.0, 4.0])), rtol=1e-12)
assert isinstance(z, diffkit.Tensor)
skew = scipy.stats.skew(x.detach())
np.testing.assert_allclose(float(skew), scipy.stats.skew(np.asarray([1.0, 2.0, 4.0])), rtol=1e-12)
"""
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=300
    )
    assert found.returncode == 0, found.stderr
