"""Questions about dtypes and conversions between them: the standard's data type functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from diffkit import _core
from diffkit._core import result_type
from diffkit.array_api._types import Device, DType, Tensor
from diffkit.errors import ArgumentError, DTypeError

__all__ = ["astype", "can_cast", "finfo", "iinfo", "isdtype", "result_type"]

#: What `isdtype` is asked for: a dtype, the name of a kind, or several of them.
Kind: TypeAlias = DType | str | tuple["Kind", ...]

#: The dtypes of each kind that the standard names.
KINDS: dict[str, tuple[DType, ...]] = {
    "bool": (_core.bool,),
    "signed integer": (_core.int8, _core.int16, _core.int32, _core.int64),
    "unsigned integer": (_core.uint8, _core.uint16, _core.uint32, _core.uint64),
    "real floating": (_core.float32, _core.float64),
    "complex floating": (_core.complex64, _core.complex128),
}
KINDS["integral"] = KINDS["signed integer"] + KINDS["unsigned integer"]
KINDS["numeric"] = KINDS["integral"] + KINDS["real floating"] + KINDS["complex floating"]


@dataclass(frozen=True)
class FloatInfo:
    """The limits of a dtype of floats; for complex numbers, of their parts."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


@dataclass(frozen=True)
class IntegerInfo:
    """The limits of a dtype of integers."""

    bits: int
    max: int
    min: int
    dtype: DType


def float_info(dtype: DType, digits: int, exponent: int) -> FloatInfo:
    """The limits of binary floats with so many digits, and exponents below `exponent`."""
    largest = (2.0 - 2.0 ** (1 - digits)) * 2.0 ** (exponent - 1)
    return FloatInfo(8 * dtype.itemsize, 2.0 ** (1 - digits), largest, -largest, 2.0 ** (2 - exponent), dtype)


_FLOATS = {dtype: float_info(dtype, *shape) for dtype, shape in {
    _core.float32: (24, 128),
    _core.float64: (53, 1024),
}.items()}  # fmt: skip
_FLOATS[_core.complex64] = _FLOATS[_core.float32]
_FLOATS[_core.complex128] = _FLOATS[_core.float64]


def astype(x: Tensor, dtype: DType, /, *, copy: bool = True, device: Device = None) -> Tensor:
    """The array in another dtype; the array itself only if nothing changes and `copy` is False.

    Complex numbers do not become real ones: take `real` or `abs`.

    >>> diffkit.array_api.astype(diffkit.tensor([1, 2]), diffkit.float64)
    tensor([1., 2.], dtype=diffkit.float64)
    """
    if dtype == x.dtype:
        return x.clone() if copy else x
    if x.dtype.is_complex and dtype.kind in "iuf":
        raise DTypeError(
            f"astype: {x.dtype} to {dtype} would lose the imaginary parts; take real(x) or abs(x)"
        )
    return x.to(dtype)


def can_cast(from_: DType | Tensor, to: DType, /) -> bool:
    """Whether promotion leads from a dtype (or an array's) to `to`.

    >>> diffkit.array_api.can_cast(diffkit.int32, diffkit.int64)
    True
    """
    try:
        return bool(_core.promote_types(_dtype_of(from_), to) == to)
    except DTypeError:
        return False


def finfo(type: DType | Tensor, /) -> FloatInfo:
    """The limits of a floating-point dtype, or an array's, as Python numbers; `dtype` is a dtype, not a name.

    >>> diffkit.array_api.finfo(diffkit.float64).eps
    2.220446049250313e-16
    """
    dtype = _dtype_of(type)
    if dtype not in _FLOATS:
        raise DTypeError(f"finfo: takes dtypes of floats or complex numbers, not {dtype} (see iinfo)")
    return _FLOATS[dtype]


def iinfo(type: DType | Tensor, /) -> IntegerInfo:
    """The limits of an integer dtype, or an array's.

    >>> diffkit.array_api.iinfo(diffkit.int32).max
    2147483647
    """
    dtype = _dtype_of(type)
    if dtype not in KINDS["integral"]:
        raise DTypeError(f"iinfo: takes dtypes of integers, not {dtype} (see finfo)")
    bits = 8 * dtype.itemsize
    low = -(2 ** (bits - 1)) if dtype.is_signed else 0
    return IntegerInfo(bits, low + 2**bits - 1, low, dtype)


def isdtype(dtype: DType, kind: Kind) -> bool:
    """Whether a dtype is `kind`, of the kind so named ("integral", "real floating", ...), or in the tuple.

    >>> diffkit.array_api.isdtype(diffkit.int32, "integral")
    True
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, one) for one in kind)
    if isinstance(kind, str):
        if kind not in KINDS:
            raise ArgumentError(f"isdtype: the kinds are {', '.join(KINDS)}, not {kind!r}")
        return dtype in KINDS[kind]
    if not isinstance(kind, DType):
        raise DTypeError(f"isdtype: a kind is a dtype, a name or a tuple of them, not {type(kind).__name__}")
    return dtype == kind


def _dtype_of(type: DType | Tensor) -> DType:
    return type.dtype if isinstance(type, Tensor) else type
