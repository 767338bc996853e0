"""What the tests of the core share: comparison with a reference in units in the last place."""

import numpy as np
import pytest

import diffkit as dk


def _ulps(got, want):
    """How far `got` is from the more precise `want`, element by element, in spacings of got's dtype."""
    with np.errstate(over="ignore"):
        rounded = np.asarray(want).astype(got.dtype)
    special = ~np.isfinite(rounded)
    same = (np.isnan(got) & np.isnan(rounded)) | (got == rounded)
    wide = np.longdouble
    with np.errstate(invalid="ignore"):
        distance = np.abs(got.astype(wide) - np.asarray(want).astype(wide))
        away = distance / np.spacing(np.abs(rounded)).astype(wide)
    return np.where(same, 0, np.where(special | ~np.isfinite(got), np.inf, away))


@pytest.fixture
def close():
    """``close(t, want, ulps)``: t has the shape of `want` and misses it by at most that many units.

    ``ulps`` is one number, or one for each element. NaN and infinities must be where the reference has them.
    ``slack`` is an absolute error that is allowed where the exact value is near a zero of an ill-conditioned
    function.
    """

    def check(t, want, ulps, slack=0.0):
        got = t.detach().numpy()
        want = np.asarray(want)
        assert got.shape == want.shape
        away = _ulps(got, want)
        if slack:
            with np.errstate(invalid="ignore"):
                away = np.where(np.abs(got - want) <= slack, 0, away)
        ulps = np.broadcast_to(ulps, away.shape)
        excess = away - ulps
        if away.size and excess.max() > 0:
            i = np.unravel_index(int(excess.argmax()), away.shape)
            raise AssertionError(
                f"element {tuple(map(int, i))} is {got[i]!r}, should be {want[i]!r}: "
                f"{float(away[i]):.3g} units away, {float(ulps[i]):.3g} allowed"
            )

    return check


@pytest.fixture
def same_bits():
    """``same_bits(a, b)``: two tensors of one shape and dtype that agree in every bit (all NaN are one)."""

    def check(a, b):
        assert a.dtype == b.dtype
        x, y = np.array(a.detach().numpy()), np.array(b.detach().numpy())
        assert x.shape == y.shape
        if x.dtype.kind == "f":
            x[np.isnan(x)], y[np.isnan(y)] = np.nan, np.nan
        np.testing.assert_array_equal(x.view(f"u{x.itemsize}"), y.view(f"u{y.itemsize}"))

    return check


@pytest.fixture
def threads():
    """Puts the number of threads back."""
    before = dk.get_num_threads()
    yield dk.set_num_threads
    dk.set_num_threads(before)
