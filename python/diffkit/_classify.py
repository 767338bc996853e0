"""Which kind of matrix is this? Every answer with its evidence and the tolerance that it was judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from diffkit import _core
from diffkit._core import Tensor
from diffkit.errors import ArgumentError, ShapeError

#: Exact dtypes are not here: they have no rounding errors.
EPS = {"float32": 2.0**-23, "complex64": 2.0**-23, "float64": 2.0**-52, "complex128": 2.0**-52}
#: Rounding errors of a few operations per entry stay below this many units in the last place, times n.
ULPS = 10


@dataclass(frozen=True)
class Evidence:
    """What a property was judged by: `value`, found at `at` (row, column), against `limit`.

    `measure` says what was measured. `value`, `limit` and `at` are None where there was nothing to measure.

    >>> found = diffkit.linalg.classify([[0.0, 1.0], [2.0, 0.0]]).evidence["symmetric"]
    >>> found.holds, found.measure, found.value, found.at
    (False, 'max |A - A^T|', 1.0, (0, 1))
    """

    holds: bool
    measure: str
    value: float | None = None
    limit: float | None = None
    at: tuple[int, int] | None = None
    compared: str = "<="

    def __str__(self) -> str:
        if self.value is None:
            return self.measure
        # a failure reads as the opposite comparison
        sign = self.compared if self.holds else {"<=": ">", ">": "<=", ">=": "<"}[self.compared]
        place = f" at {self.at}" if self.at is not None and not self.holds else ""
        return f"{self.measure} = {self.value:.3g}{place} {sign} {self.limit:.2g}"


@dataclass(frozen=True, repr=False)
class Classification:
    """What `diffkit.linalg.classify` found: a bool for each property, and `evidence` by the same names.

    `indices` is the permutation of a permutation matrix, `A @ x == x[indices]`, and None for others. Printed,
    it is a table.

    >>> kind = diffkit.linalg.classify([[0, 1], [1, 0]])
    >>> kind.permutation, kind.indices
    (True, (1, 0))
    """

    symmetric: bool
    skew_symmetric: bool
    hermitian: bool
    positive_definite: bool
    positive_semidefinite: bool
    orthogonal: bool
    unitary: bool
    permutation: bool
    indices: tuple[int, ...] | None
    evidence: Mapping[str, Evidence]
    size: int
    dtype: Any
    rtol: float
    atol: float

    def __repr__(self) -> str:
        head = f"{self.size} x {self.size} matrix of {_name(self.dtype)}"
        lines = [f"{head}, rtol={self.rtol:.2g}, atol={self.atol:.2g}"]
        hidden = () if self.dtype.is_complex else ("hermitian", "unitary")  # for reals, the same as others
        for name, found in self.evidence.items():
            if name not in hidden:
                title = name.replace("skew_", "skew-").replace("_", " ")
                lines.append(f"  {title:21}  {'yes' if found.holds else 'no':3}  {found}")
        return "\n".join(lines)


def classify(A: Any, *, rtol: float | None = None, atol: float | None = None) -> Classification:
    """Tells which kind of matrix `A` (n, n) is, with the evidence for each answer.

    - symmetric, skew-symmetric, Hermitian: the largest of `|A - A^T|`, `|A + A^T|`, `|A - A^H|` is at most
      `atol + rtol max|A|`
    - positive definite: Hermitian, and the smallest eigenvalue exceeds `atol + rtol max|eigenvalue|`;
      positive semidefinite: it is no less than minus that
    - orthogonal, unitary: the largest of `|A^T A - I|`, `|A^H A - I|` is at most `atol + rtol`
    - permutation: within `atol + rtol`, each row and column has one 1 and else 0

    `rtol` is by default 10 n times the dtype's epsilon for floats and 0 for integers and bools, `atol` 0;
    eigenvalues are judged by float64's 10 n epsilon at least, since computing them rounds. All is computed in
    float64. Anything that `diffkit.asarray` takes may be given; no gradient is recorded. A matrix without
    rows has every property.

    Raises ShapeError for anything but one square matrix, ArgumentError for NaN or infinity in it and for
    negative tolerances.

    >>> diffkit.linalg.classify([[2, -1], [-1, 2]])
    2 x 2 matrix of int64, rtol=0, atol=0
      symmetric              yes  max |A - A^T| = 0 <= 0
      skew-symmetric         no   max |A + A^T| = 4 at (0, 0) > 0
      positive definite      yes  smallest eigenvalue = 1 > 1.3e-14
      positive semidefinite  yes  smallest eigenvalue = 1 >= -1.3e-14
      orthogonal             no   max |A^T A - I| = 4 at (0, 0) > 0
      permutation            no   A[0, 0] = 2 is neither 0 nor 1
    """
    A = _core.asarray(A).detach()
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        advice = "; classify the matrices of a batch one by one" if A.ndim > 2 else ""
        raise ShapeError(f"classify: takes one square matrix, got shape {tuple(A.shape)}{advice}")
    n = A.shape[0]
    rtol = ULPS * n * EPS.get(_name(A.dtype), 0.0) if rtol is None else rtol
    atol = 0.0 if atol is None else atol
    if not (rtol >= 0 and atol >= 0):
        raise ArgumentError(f"classify: tolerances are not negative, got rtol={rtol}, atol={atol}")
    W = A.to(_core.promote_types(A.dtype, _core.float64))
    magnitude = W.abs()
    if n and not magnitude.isfinite().all():
        row, column = divmod(int(magnitude.isfinite().logical_not().int().argmax()), n)
        raise ArgumentError(
            f"classify: A[{row}, {column}] is {W[row, column].item()}; entries must be finite"
        )
    scale = float(magnitude.max()) if n else 0.0

    near = atol + rtol * scale
    found = {
        "symmetric": _largest("max |A - A^T|", _gap(A, W, -1.0), near),
        "skew_symmetric": _largest("max |A + A^T|", _gap(A, W, 1.0), near),
    }
    found["hermitian"] = (
        _largest("max |A - A^H|", (W - W.mT.conj()).abs(), near) if A.dtype.is_complex else found["symmetric"]
    )
    found |= _definite(W, scale, found["hermitian"], rtol, atol)
    found["orthogonal"] = _inverse("max |A^T A - I|", W.mT, W, scale, atol + rtol)
    found["unitary"] = (
        _inverse("max |A^H A - I|", W.mT.conj(), W, scale, atol + rtol)
        if A.dtype.is_complex
        else found["orthogonal"]
    )
    found["permutation"], indices = _permutation(W, atol + rtol)
    return Classification(
        **{name: evidence.holds for name, evidence in found.items()},
        indices=indices,
        evidence=MappingProxyType(found),
        size=n,
        dtype=A.dtype,
        rtol=rtol,
        atol=atol,
    )


def _name(dtype: Any) -> str:
    return str(dtype).rpartition(".")[2]


def _gap(A: Tensor, W: Tensor, sign: float) -> Tensor:
    """|A + sign A^T|, which is never 0 by rounding: integers beyond 2^53 are compared as integers."""
    gap = (W + sign * W.mT).abs()
    if A.dtype.is_floating_point or A.dtype.is_complex:
        return gap
    whole = A.to(_core.int64)  # sums that wrap around to 0 are far from 0 as floats
    differs = (whole + whole.mT if sign > 0 else whole - whole.mT) != 0
    return _core.where(differs, gap.clamp(min=1.0), gap)


def _largest(measure: str, deviation: Tensor, limit: float) -> Evidence:
    if deviation.numel() == 0:
        return Evidence(True, f"{measure}: no entries")
    row, column = divmod(int(deviation.argmax()), deviation.shape[0])
    value = float(deviation[row, column])
    return Evidence(value <= limit, measure, value, limit, (row, column))


def _inverse(measure: str, left: Tensor, W: Tensor, scale: float, limit: float) -> Evidence:
    """Whether `left @ W` is the identity."""
    unit = max(1.0, scale)  # so that products of huge entries are not infinite
    square = unit * unit
    deviation = ((left / unit) @ (W / unit) - _core.eye(W.shape[0], dtype=W.dtype) / square).abs()
    return _largest(measure, _core.where(deviation == 0, 0.0, deviation * square), limit)


def _definite(W: Tensor, scale: float, hermitian: Evidence, rtol: float, atol: float) -> dict[str, Evidence]:
    names = ("positive_definite", "positive_semidefinite")
    measure = "smallest eigenvalue"
    if not hermitian.holds:
        kind = "Hermitian" if W.dtype.is_complex else "symmetric"
        return dict.fromkeys(names, Evidence(False, f"not {kind}"))
    n = W.shape[0]
    if n == 0:
        return dict.fromkeys(names, Evidence(True, f"{measure}: no eigenvalues"))
    unit = scale or 1.0  # of entries near 1 no product overflows
    eigenvalues = _core.eigvalsh(W / unit) * unit
    smallest = float(eigenvalues[0])
    limit = atol + max(rtol, ULPS * n * EPS["float64"]) * float(eigenvalues.abs().max())
    judged = ((smallest > limit, limit, ">"), (smallest >= -limit, -limit, ">="))
    return {
        name: Evidence(holds, measure, smallest, bound, compared=compared)
        for name, (holds, bound, compared) in zip(names, judged, strict=True)
    }


def _permutation(W: Tensor, limit: float) -> tuple[Evidence, tuple[int, ...] | None]:
    n = W.shape[0]
    ones = (W - 1).abs() <= limit
    odd = (ones | (W.abs() <= limit)).logical_not()
    if n and odd.any():
        row, column = divmod(int(odd.int().argmax()), n)
        value = W[row, column].item()
        text = f"{value:.3g}" if isinstance(value, complex) or abs(value) >= 2 else f"{value:.6g}"
        return Evidence(False, f"A[{row}, {column}] = {text} is neither 0 nor 1", at=(row, column)), None
    for axis, name in ((1, "row"), (0, "column")):
        counts = ones.int().sum(axis=axis).tolist()
        for i, count in enumerate(counts):
            if count != 1:
                return Evidence(False, f"{name} {i} has {count or 'no'} ones"), None
    indices = tuple(ones.int().argmax(axis=1).tolist()) if n else ()
    shown = str(indices) if n <= 10 else f"({', '.join(map(str, indices[:8]))}, ...)"
    return Evidence(True, f"(A x)[i] = x[p[i]], p = {shown}"), indices
