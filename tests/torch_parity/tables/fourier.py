"""Fourier transforms."""

from ..spec import Spec, spec

LINES = [(6,), (3, 5), (2, 4)]
PLANES = [(3, 4), (2, 3, 5)]
NORMS = "x, norm='ortho' | x, norm='forward' | x, norm='backward'"


def fourier(names: str, calls: str, **more: object) -> list[Spec]:
    return spec(names, calls, home="fft", tolerance=512.0, **more)


# fmt: off
SPECS = [
    *fourier("fft ifft", f"x | x, 4 | x, n=9 | x, dim=0 | {NORMS}", x=LINES, bad="t.tensor(1.0) | x, 0 | x, dim=7"),
    *fourier("rfft ihfft", f"x | x, 4 | x, n=9 | x, dim=0 | {NORMS}", x=LINES, bad="t.tensor(1.0) | x, 0 | x, dim=7"),
    *fourier("irfft hfft", f"x | x, 4 | x, n=9 | x, dim=0 | {NORMS}", x=LINES, bad="t.tensor(1.0) | x, 0 | x, dim=7"),
    *fourier("fftn ifftn", f"x | x, (2, 5) | x, dim=(0, 1) | x, s=(4,), dim=(0,) | {NORMS}", x=PLANES, bad="x, dim=7"),
    *fourier("rfftn irfftn", f"x | x, (2, 5) | x, dim=(0, 1) | {NORMS}", x=PLANES, bad="x, dim=7"),
    *fourier("fft2 ifft2 rfft2 irfft2", f"x | x, (2, 5) | x, dim=(0, 1) | {NORMS}", x=PLANES, bad="x, dim=7"),
    *fourier("fftshift ifftshift", "x | x, 0 | x, dim=(0, -1)", x=PLANES, bad="x, 7"),
    *fourier("fftfreq rfftfreq", "5 | 6, 0.5 | 4, d=2.0, dtype=t.float64"),
]
# fmt: on
