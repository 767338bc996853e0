"""Fourier transforms of the standard. Where PyTorch says `dim` the standard says `axis` or `axes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from diffkit import fft as _fft
from diffkit.array_api._types import Device, DType, Tensor

__all__ = [
    "fft", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifftn", "ifftshift", "ihfft", "irfft", "irfftn",
    "rfft", "rfftfreq", "rfftn",
]  # fmt: skip

#: Which direction divides by the length: the inverse, both by its root, or the forward one.
Norm: TypeAlias = Literal["backward", "ortho", "forward"]
#: Numbers for several axes; None for all axes, or their own lengths.
Lengths: TypeAlias = Sequence[int] | None


def fft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The discrete Fourier transform along `axis`, cut or filled with zeros to `n` elements.

    >>> diffkit.array_api.fft.fft(diffkit.tensor([1.0, 1.0]))
    tensor([2.+0.j, 0.+0.j])
    """
    return _fft.fft(x, n, axis, norm)


def ifft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The inverse of `fft`.

    >>> diffkit.array_api.fft.ifft(diffkit.tensor([2.0, 0.0]))
    tensor([1.+0.j, 1.+0.j])
    """
    return _fft.ifft(x, n, axis, norm)


def fftn(
    x: Tensor,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Tensor:
    """The transform along several axes, all by default, to `s` elements each.

    >>> diffkit.array_api.fft.fftn(diffkit.ones(1, 2))
    tensor([[2.+0.j, 0.+0.j]])
    """
    return _fft.fftn(x, s, axes, norm)


def ifftn(
    x: Tensor,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Tensor:
    """The inverse of `fftn`.

    >>> diffkit.array_api.fft.ifftn(diffkit.tensor([[2.0, 0.0]]))
    tensor([[1.+0.j, 1.+0.j]])
    """
    return _fft.ifftn(x, s, axes, norm)


def rfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The transform of real numbers: only the n // 2 + 1 frequencies that are not conjugates of others.

    >>> diffkit.array_api.fft.rfft(diffkit.tensor([1.0, 1.0, 1.0]))
    tensor([3.+0.j, 0.+0.j])
    """
    return _fft.rfft(x, n, axis, norm)


def irfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The inverse of `rfft`; `n` real numbers, 2 * (m - 1) of m frequencies by default.

    >>> diffkit.array_api.fft.irfft(diffkit.tensor([2.0, 0.0]))
    tensor([1., 1.])
    """
    return _fft.irfft(x, n, axis, norm)


def rfftn(
    x: Tensor,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Tensor:
    """`rfft` along the last of several axes and `fft` along the others.

    >>> diffkit.array_api.fft.rfftn(diffkit.ones(1, 2))
    tensor([[2.+0.j, 0.+0.j]])
    """
    return _fft.rfftn(x, s, axes, norm)


def irfftn(
    x: Tensor,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Tensor:
    """The inverse of `rfftn`; `s` is the shape of the real result along the axes.

    >>> diffkit.array_api.fft.irfftn(diffkit.tensor([[2.0, 0.0]]))
    tensor([[1., 1.]])
    """
    return _fft.irfftn(x, s, axes, norm)


def hfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The real transform of a signal of which half is given, since the other half is its conjugate.

    >>> diffkit.array_api.fft.hfft(diffkit.tensor([1.0, 1.0]))
    tensor([2., 0.])
    """
    return _fft.hfft(x, n, axis, norm)


def ihfft(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """The inverse of `hfft`.

    >>> diffkit.array_api.fft.ihfft(diffkit.tensor([2.0, 0.0])).shape
    (2,)
    """
    return _fft.ihfft(x, n, axis, norm)


def fftfreq(n: int, /, *, d: float = 1.0, dtype: DType | None = None, device: Device = None) -> Tensor:
    """The frequencies of `fft` for `n` samples that are `d` apart: first 0 and up, then the negative ones.

    >>> diffkit.array_api.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return _fft.fftfreq(n, d, dtype=dtype, device=device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: DType | None = None, device: Device = None) -> Tensor:
    """The frequencies of `rfft` for `n` samples that are `d` apart.

    >>> diffkit.array_api.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    return _fft.rfftfreq(n, d, dtype=dtype, device=device)


def fftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """Frequencies in ascending order: 0 goes to the middle of the axes, all by default.

    >>> diffkit.array_api.fft.fftshift(diffkit.tensor([0, 1, -2, -1]))
    tensor([-2, -1,  0,  1])
    """
    return _fft.fftshift(x, axes)


def ifftshift(x: Tensor, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """The inverse of `fftshift`.

    >>> diffkit.array_api.fft.ifftshift(diffkit.tensor([-2, -1, 0, 1]))
    tensor([ 0,  1, -2, -1])
    """
    return _fft.ifftshift(x, axes)
