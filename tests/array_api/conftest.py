"""What the tests of the standard share: comparison with NumPy or the standard's reference namespace."""

import numpy as np
import pytest

import diffkit


def _name(array):
    return str(array.dtype).rpartition(".")[2]


def _same(got, want):
    if isinstance(want, tuple):
        assert isinstance(got, tuple) and len(got) == len(want)
        assert getattr(got, "_fields", None) == getattr(want, "_fields", None)
        for one, other in zip(got, want, strict=True):
            _same(one, other)
        return
    assert isinstance(got, diffkit.Tensor)
    want = np.asarray(want)
    assert _name(got) == str(want.dtype)
    assert got.shape == want.shape
    array = np.asarray(got.detach())
    if want.dtype.kind in "fc":
        near = 4e-6 if want.dtype.name in ("float32", "complex64") else 1e-13
        np.testing.assert_allclose(array, want, rtol=near, atol=near)
        if want.dtype.kind == "f":  # zeros too have a sign
            np.testing.assert_array_equal(np.signbit(array[want == 0]), np.signbit(want[want == 0]))
    else:
        np.testing.assert_array_equal(array, want)


@pytest.fixture
def same():
    """``same(got, want)``: tensors (or tuples of them) with the dtype, shape and values of NumPy's.

    Integers and bools must be equal, floats nearly; names of tuples' fields must be the same.
    """
    return _same
