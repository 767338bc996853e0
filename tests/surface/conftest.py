"""What the tests of PyTorch's surface share: one way of comparing a tensor with what it should be."""

import numpy as np
import pytest

import diffkit as torch

NUMPY_DTYPES = {
    torch.bool: np.bool_,
    torch.uint8: np.uint8,
    torch.int32: np.int32,
    torch.int64: np.int64,
    torch.float32: np.float32,
    torch.float64: np.float64,
}


@pytest.fixture
def same():
    """``same(t, expected, dtype)``: t is a tensor of that dtype, of the shape and the values of ``expected``.

    ``expected`` is a number, nested lists or a NumPy array. Integers and booleans must be equal; floats may
    differ by a few units in the last place.
    """

    def check(t, expected, dtype=torch.float32):
        assert isinstance(t, torch.Tensor)
        assert t.dtype == dtype
        want = np.asarray(expected)
        if want.size == 0:
            want = want.astype(NUMPY_DTYPES[dtype])
        assert tuple(t.shape) == want.shape
        got = np.asarray(t.detach().tolist(), dtype=NUMPY_DTYPES[dtype]).reshape(want.shape)
        if dtype in (torch.float32, torch.float64):
            tolerance = 2e-6 if dtype == torch.float32 else 1e-13
            np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
        else:
            np.testing.assert_array_equal(got, want)

    return check
