"""Discrete Fourier transforms, under the names of ``torch.fft``.

The forward transform of a signal x of length n is ``y[k] = sum(x[j] * exp(-2j * pi * j * k / n))``; the
inverse has the other sign and, with ``norm="backward"`` (the default), is divided by n. ``norm="forward"``
divides the forward transform instead, ``norm="ortho"`` both by sqrt(n). Any length is transformed in
O(n log n). ``n`` (``s`` of several axes) cuts the signal or fills it with zeros. Real input of complex
transforms becomes complex; float32 gives complex64, float64 complex128. Every transform is linear, and its
gradient is the adjoint transform.

Errors: ``ArgumentError`` for a length below 1 or an unknown ``norm``, ``DTypeError`` for complex input where
a real signal is needed, ``AxisError`` for an axis that does not exist.

>>> diffkit.fft.fft(diffkit.tensor([1.0, 0.0, 0.0, 0.0]))
tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
"""

from __future__ import annotations

from collections.abc import Sequence

import diffkit
from diffkit import Tensor
from diffkit._core import _fourier
from diffkit._tensor import device as Device
from diffkit.errors import ArgumentError, AxisError

_OPPOSITE = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _opposite(norm: str | None) -> str:
    """The norm that divides the other direction: Hermitian signals swap the two."""
    if norm not in _OPPOSITE:
        raise ArgumentError(f"fft: norm is 'backward', 'ortho' or 'forward', not {norm!r}")
    return _OPPOSITE[norm]


def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The transform along an axis.

    >>> diffkit.fft.fft(diffkit.tensor([1.0, 2.0]))
    tensor([ 3.+0.j, -1.+0.j])
    """
    return _fourier(input, "forward", n, dim, norm)


def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of :func:`fft`.

    >>> diffkit.fft.ifft(diffkit.tensor([3.0, -1.0]))
    tensor([1.+0.j, 2.+0.j])
    """
    return _fourier(input, "inverse", n, dim, norm)


def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The transform of a real signal: the first ``n // 2 + 1`` elements, of which the others are conjugates.

    >>> diffkit.fft.rfft(diffkit.tensor([1.0, 2.0, 3.0, 4.0]))
    tensor([10.+0.j, -2.+2.j, -2.+0.j])
    """
    return _fourier(input, "real_forward", n, dim, norm)


def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of :func:`rfft`, a real signal of length ``n`` (by default the even one that fits).

    >>> diffkit.fft.irfft(diffkit.tensor([10, -2 + 2j, -2]))
    tensor([1., 2., 3., 4.])
    """
    return _fourier(input, "real_inverse", n, dim, norm)


def hfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The real transform of a Hermitian signal, given by its first ``n // 2 + 1`` elements.

    >>> diffkit.fft.hfft(diffkit.tensor([1.0, 2.0, 3.0]))
    tensor([ 8., -2.,  0., -2.])
    """
    return _fourier(diffkit.conj(input), "real_inverse", n, dim, _opposite(norm))


def ihfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of :func:`hfft`: the first half of a Hermitian signal.

    >>> diffkit.fft.ihfft(diffkit.tensor([8.0, -2.0, 0.0, -2.0])).real
    tensor([1., 2., 3.])
    """
    return diffkit.conj(_fourier(input, "real_forward", n, dim, _opposite(norm)))


def _plan(
    op: str, input: Tensor, s: Sequence[int] | None, dim: int | Sequence[int] | None
) -> list[tuple[int, int | None]]:
    """(axis, length) of each transform, in order."""
    if isinstance(dim, int):
        dim = (dim,)
    if dim is None:
        dim = range(-len(s), 0) if s is not None else range(-input.ndim, 0)
    if s is not None and len(s) != len(dim):
        raise ArgumentError(f"{op}: s has {len(s)} lengths for {len(dim)} axes; give one for each")
    lengths: Sequence[int | None] = [None] * len(dim) if s is None else [None if n == -1 else n for n in s]
    axes = [axis % input.ndim if -input.ndim <= axis < input.ndim else axis for axis in dim]
    if len(set(axes)) != len(axes):
        raise ArgumentError(f"{op}: an axis is named more than once in {tuple(dim)}")
    return list(zip(axes, lengths, strict=True))


def _each(kind: str, input: Tensor, plan: list[tuple[int, int | None]], norm: str | None) -> Tensor:
    for axis, n in reversed(plan):
        input = _fourier(input, kind, n, axis, norm)
    return input


def fftn(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
) -> Tensor:
    """The transform along several axes (by default all, or as many of the last as ``s`` has lengths).

    >>> diffkit.fft.fftn(diffkit.ones(2, 2)).real
    tensor([[4., 0.],
            [0., 0.]])
    """
    return _complex_result(_each("forward", input, _plan("fftn", input, s, dim), norm))


def ifftn(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
) -> Tensor:
    """The inverse of :func:`fftn`.

    >>> diffkit.fft.ifftn(diffkit.ones(2, 2)).real
    tensor([[1., 0.],
            [0., 0.]])
    """
    return _complex_result(_each("inverse", input, _plan("ifftn", input, s, dim), norm))


def _complex_result(result: Tensor) -> Tensor:
    """Also of no axes at all, the result is complex."""
    return result if result.is_complex() else result * 1j


def rfftn(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
) -> Tensor:
    """The transform of a real signal along several axes; the last of them keeps its first half only.

    >>> diffkit.fft.rfftn(diffkit.ones(2, 2)).real
    tensor([[4., 0.],
            [0., 0.]])
    """
    plan = _plan("rfftn", input, s, dim)
    if not plan:
        raise ArgumentError("rfftn: needs at least one axis")
    axis, n = plan[-1]
    return _each("forward", rfft(input, n, axis, norm), plan[:-1], norm)


def irfftn(
    input: Tensor,
    s: Sequence[int] | None = None,
    dim: int | Sequence[int] | None = None,
    norm: str | None = None,
) -> Tensor:
    """The inverse of :func:`rfftn`, a real signal.

    >>> diffkit.fft.irfftn(diffkit.tensor([[4.0, 0.0], [0.0, 0.0]]))
    tensor([[1., 1.],
            [1., 1.]])
    """
    plan = _plan("irfftn", input, s, dim)
    if not plan:
        raise ArgumentError("irfftn: needs at least one axis")
    axis, n = plan[-1]
    return irfft(_each("inverse", input, plan[:-1], norm), n, axis, norm)


def fft2(
    input: Tensor, s: Sequence[int] | None = None, dim: Sequence[int] = (-2, -1), norm: str | None = None
) -> Tensor:
    """:func:`fftn` along two axes, by default the last two.

    >>> diffkit.fft.fft2(diffkit.ones(2, 2))[0, 0]
    tensor(4.+0.j)
    """
    return fftn(input, s, dim, norm)


def ifft2(
    input: Tensor, s: Sequence[int] | None = None, dim: Sequence[int] = (-2, -1), norm: str | None = None
) -> Tensor:
    """:func:`ifftn` along two axes, by default the last two.

    >>> diffkit.fft.ifft2(diffkit.ones(2, 2))[0, 0]
    tensor(1.+0.j)
    """
    return ifftn(input, s, dim, norm)


def rfft2(
    input: Tensor, s: Sequence[int] | None = None, dim: Sequence[int] = (-2, -1), norm: str | None = None
) -> Tensor:
    """:func:`rfftn` along two axes, by default the last two.

    >>> diffkit.fft.rfft2(diffkit.ones(2, 4)).shape
    (2, 3)
    """
    return rfftn(input, s, dim, norm)


def irfft2(
    input: Tensor, s: Sequence[int] | None = None, dim: Sequence[int] = (-2, -1), norm: str | None = None
) -> Tensor:
    """:func:`irfftn` along two axes, by default the last two.

    >>> diffkit.fft.irfft2(diffkit.ones(2, 3)).shape
    (2, 4)
    """
    return irfftn(input, s, dim, norm)


def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: diffkit.dtype | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The frequencies of :func:`fft`'s results, in cycles per unit of the sample spacing ``d``.

    >>> diffkit.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    _check_length("fftfreq", n)
    places = diffkit.arange(n, dtype=diffkit.int64)
    places = (places + n // 2) % n - n // 2
    return _frequencies(places, n, d, dtype, device, requires_grad)


def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: diffkit.dtype | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The frequencies of :func:`rfft`'s results, in cycles per unit of the sample spacing ``d``.

    >>> diffkit.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    _check_length("rfftfreq", n)
    places = diffkit.arange(n // 2 + 1, dtype=diffkit.int64)
    return _frequencies(places, n, d, dtype, device, requires_grad)


def _check_length(op: str, n: int) -> None:
    if n < 1:
        raise ArgumentError(f"{op}: the signal needs at least one element, got n = {n}")


def _frequencies(
    places: Tensor,
    n: int,
    d: float,
    dtype: diffkit.dtype | None,
    device: str | Device | None,
    requires_grad: bool,
) -> Tensor:
    exact = places.to(diffkit.float64) / (n * d)
    result = exact.to(diffkit.get_default_dtype() if dtype is None else dtype)
    result = result if device is None else result.to(device)
    return result.requires_grad_() if requires_grad else result


def fftshift(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """The elements rolled along the axes (by default all) so that frequency 0 comes to the middle.

    >>> diffkit.fft.fftshift(diffkit.tensor([0, 1, -2, -1]))
    tensor([-2, -1,  0,  1])
    """
    axes = _axes(input, dim)
    return diffkit.roll(input, [input.shape[axis] // 2 for axis in axes], axes)


def ifftshift(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """The inverse of :func:`fftshift`.

    >>> diffkit.fft.ifftshift(diffkit.tensor([-2, -1, 0, 1]))
    tensor([ 0,  1, -2, -1])
    """
    axes = _axes(input, dim)
    return diffkit.roll(input, [-(input.shape[axis] // 2) for axis in axes], axes)


def _axes(input: Tensor, dim: int | Sequence[int] | None) -> list[int]:
    if dim is None:
        return list(range(input.ndim))
    axes = [dim] if isinstance(dim, int) else list(dim)
    for axis in axes:
        if not -input.ndim <= axis < input.ndim:
            raise AxisError(f"fftshift: axis {axis} does not exist in a tensor with {input.ndim} axes")
    return axes
