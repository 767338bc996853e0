"""Functions of elements: the standard's element-wise functions, nearly all of them those of `diffkit`.

Different from PyTorch are `equal`, which compares element by element, and `clip`, which keeps the dtype.
"""

from __future__ import annotations

from diffkit import _core
from diffkit._core import (
    abs,
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    bitwise_and,
    bitwise_left_shift,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    ceil,
    conj,
    copysign,
    cos,
    cosh,
    divide,
    exp,
    expm1,
    floor,
    floor_divide,
    greater,
    greater_equal,
    hypot,
    imag,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    multiply,
    negative,
    nextafter,
    not_equal,
    pow,
    real,
    reciprocal,
    remainder,
    round,
    signbit,
    sin,
    sinh,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    trunc,
)
from diffkit._core import bitwise_not as bitwise_invert
from diffkit._core import eq as equal
from diffkit._core import sgn as sign
from diffkit.array_api._types import Tensor

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "clip",
    "conj",
    "copysign",
    "cos",
    "cosh",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "hypot",
    "imag",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "real",
    "reciprocal",
    "remainder",
    "round",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "trunc",
]  # fmt: skip


def clip(
    x: Tensor, /, min: int | float | Tensor | None = None, max: int | float | Tensor | None = None
) -> Tensor:
    """Elements held between `min` and `max`, in the dtype of `x`; without bounds, a copy.

    >>> diffkit.array_api.clip(diffkit.tensor([-2, 0, 5]), 0, 3)
    tensor([0, 0, 3])
    """
    if min is None and max is None:
        return x.clone()
    clipped = _core.clamp(x, min, max)
    return clipped if clipped.dtype == x.dtype else clipped.to(x.dtype)


def positive(x: Tensor, /) -> Tensor:
    """The elements as they are: `+x`.

    >>> diffkit.array_api.positive(diffkit.tensor([-1, 2]))
    tensor([-1,  2])
    """
    return +x
