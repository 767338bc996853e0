"""Fourier transforms against NumPy, and their gradients against differences."""

import numpy as np
import pytest

import diffkit as dk

LENGTHS = [1, 2, 3, 4, 5, 7, 8, 16, 30, 31, 64, 97, 100, 127, 1009, 1024, 2310]
NORMS = [None, "backward", "ortho", "forward"]
COMPLEX = ["fft", "ifft"]
ONE_AXIS = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
MANY_AXES = ["fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"]
REAL_INPUT = ("rfft", "ihfft", "rfftn", "rfft2")


def signal(name, shape, dtype="float64", seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=shape)
    if name in REAL_INPUT:
        return x.astype(dtype)
    return (x + 1j * draw.normal(size=shape)).astype("complex64" if dtype == "float32" else "complex128")


def ours(name):
    return getattr(dk.fft, name)


def theirs(name):
    return getattr(np.fft, name)


def near(got, want, n, eps=2.3e-16):
    """The error grows with the logarithm of the length, relative to the size of the whole."""
    scale = np.abs(want).max(initial=0) * eps * (4 + 4 * np.log2(n + 1))
    assert got.shape == want.shape
    assert np.abs(got.numpy() - want).max(initial=0) <= scale


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("name", ONE_AXIS)
@pytest.mark.parametrize("norm", NORMS)
def test_lengths(name, n, norm):
    if name in ("irfft", "hfft") and n == 1:
        with pytest.raises(ValueError, match="length 0"):
            ours(name)(dk.tensor(signal(name, 1)))
        return
    x = signal(name, (3, n))
    near(ours(name)(dk.tensor(x), norm=norm), theirs(name)(x, norm=norm), n)


@pytest.mark.parametrize("name", ONE_AXIS)
@pytest.mark.parametrize("n", [1, 2, 4, 5, 9])
@pytest.mark.parametrize("axis", [0, 1, -1, -3])
def test_cut_and_filled_along_any_axis(name, n, axis):
    x = signal(name, (4, 5, 3))
    near(ours(name)(dk.tensor(x), n, axis), theirs(name)(x, n, axis), n)


@pytest.mark.parametrize("name", ONE_AXIS)
def test_single_precision_is_kept(name):
    x = signal(name, (2, 30), "float32")
    got, want = (
        ours(name)(dk.tensor(x)),
        theirs(name)(x.astype("complex128" if np.iscomplexobj(x) else "float64")),
    )
    assert got.dtype == (dk.float32 if name in ("irfft", "hfft") else dk.complex64)
    near(got, want, 60, 1.2e-7)


@pytest.mark.parametrize("name", ONE_AXIS)
def test_strided_reversed_and_empty(name):
    x = signal(name, (6, 8))
    for view in (x[::2, ::-1], x.T, x[:, 1::3], x[:0]):
        near(ours(name)(dk.from_numpy(view)), theirs(name)(view), 16)


def test_other_dtypes():
    for values in ([1, 2, 3, 4], [True, False, True, True]):
        x = dk.tensor(values)
        assert dk.fft.fft(x).dtype == dk.fft.rfft(x).dtype == dk.complex64
        np.testing.assert_allclose(dk.fft.fft(x).numpy(), np.fft.fft(values), atol=1e-6)
    np.testing.assert_allclose(dk.fft.fft(dk.tensor([1.0, 2.0])).numpy(), [3, -1])


@pytest.mark.parametrize("name", MANY_AXES)
@pytest.mark.parametrize("norm", NORMS)
def test_several_axes(name, norm):
    x = signal(name, (4, 5, 6))
    calls = [{}] if name.endswith("2") else [{}, {"s": (3, 8)}, {"dim": (0, 2)}, {"dim": (1,)}]
    for call in [*calls, {"s": (4, 7), "dim": (2, 0)}]:
        axes = {"axes" if key == "dim" else key: value for key, value in call.items()}
        if "s" in axes:
            axes.setdefault("axes", (-2, -1))
        near(ours(name)(dk.tensor(x), norm=norm, **call), theirs(name)(x, norm=norm, **axes), 300)


def test_frequencies_and_shifts():
    for n in (1, 2, 5, 8, 9):
        for d in (1.0, 0.1, 3):
            for name in ("fftfreq", "rfftfreq"):
                got = ours(name)(n, d, dtype=dk.float64)
                np.testing.assert_allclose(got.numpy(), theirs(name)(n, d), rtol=1e-15)
        x = np.arange(n * 4).reshape(4, n)
        for name in ("fftshift", "ifftshift"):
            for axis in (None, 0, (1,), (0, 1)):
                np.testing.assert_array_equal(ours(name)(dk.tensor(x), axis).numpy(), theirs(name)(x, axis))
    assert dk.fft.fftfreq(4).dtype == dk.float32


def test_errors():
    x = dk.ones(4)
    for call, error, text in [
        (lambda: dk.fft.fft(x, 0), ValueError, "length 0"),
        (lambda: dk.fft.fft(x, -3), ValueError, "length -3"),
        (lambda: dk.fft.fft(x, norm="no"), ValueError, "'ortho'"),
        (lambda: dk.fft.hfft(x, norm="no"), ValueError, "'ortho'"),
        (lambda: dk.fft.fft(x, dim=1), IndexError, "axis 1"),
        (lambda: dk.fft.fft(dk.tensor(1.0)), ValueError, "at least one axis"),
        (lambda: dk.fft.rfft(x * 1j), TypeError, "real"),
        (lambda: dk.fft.fftn(x, (1, 2), dim=(0,)), ValueError, "2 lengths"),
        (lambda: dk.fft.fftn(dk.ones(2, 2), dim=(0, -2)), ValueError, "more than once"),
        (lambda: dk.fft.fft(x, 2**60), MemoryError, "allocate"),
        (lambda: dk.fft.fftfreq(0), ValueError, "at least one"),
        (lambda: dk.fft.fft(dk.zeros(3, 0)), ValueError, "length 0"),
    ]:
        with pytest.raises(error, match=text) as caught:
            call()
        assert isinstance(caught.value, dk.DiffkitError)


def test_nan_stays_and_nothing_hangs():
    x = np.ones(1009)
    x[7] = np.nan
    assert np.isnan(dk.fft.fft(dk.tensor(x)).numpy()).all()
    assert not dk.fft.rfft(dk.tensor([np.inf, 1.0, 1.0])).isfinite().any()


def test_threads_do_not_show():
    x = dk.tensor(signal("fft", (64, 4096)))
    threads = dk.get_num_threads()
    try:
        results = []
        for count in (1, 2, 8):
            dk.set_num_threads(count)
            results.append(dk.fft.fft(x).numpy().tobytes())
    finally:
        dk.set_num_threads(threads)
    assert results[0] == results[1] == results[2]


def slope(loss, x, place, step=1e-6):
    ends = []
    for sign in (1, -1):
        moved = x.copy()
        moved[place] += sign * step
        ends.append(loss(dk.tensor(moved)).item())
    return (ends[0] - ends[1]) / (2 * abs(step))


@pytest.mark.parametrize("name", [*ONE_AXIS, *MANY_AXES])
@pytest.mark.parametrize("norm", [None, "ortho"])
@pytest.mark.parametrize("shape", [(3, 4), (2, 5)])
def test_gradients(name, norm, shape):
    """Of a loss that is not linear, so that the second order is tested too, with cut and filled lengths."""
    x = signal(name, shape)
    lengths = [None, 3, 7] if name in ONE_AXIS else [None, (2, 6)]
    for n in lengths:

        def loss(x, n=n):
            return (ours(name)(x, n, norm=norm).abs() ** 2 * 0.5).sum() + ours(name)(
                x, n, norm=norm
            ).real.sum()

        def steep(x):
            x = x.requires_grad_()
            (g,) = dk.autograd.grad(loss(x), [x], create_graph=True)
            return (g.abs() ** 4).sum() + g.real.sum()

        for f in (loss, steep):
            leaf = dk.tensor(x).requires_grad_()
            (got,) = dk.autograd.grad(f(leaf), [leaf])
            want = np.zeros_like(x)
            for place in np.ndindex(shape):
                want[place] = slope(f, x, place)
                if np.iscomplexobj(x):
                    want[place] += 1j * slope(f, x, place, 1e-6j)
            np.testing.assert_allclose(got.numpy(), want, rtol=1e-5, atol=1e-5 * np.abs(want).max())
