"""The functions of diffkit that an expression may call, and how large their results get."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

Shape = tuple[int, ...]

CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf}


@dataclass(frozen=True, slots=True)
class Function:
    """`path` is the name inside diffkit; the first `tensors` arguments are expressions, the rest literals."""

    path: str
    tensors: int = 1


_UNARY = """
    abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc exp exp2 expm1 floor lgamma
    log log10 log1p log2 neg rad2deg reciprocal round rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc
    amax amin clamp cumprod cumsum diag flatten flip log_softmax logsumexp mean prod relu reshape roll
    softmax std sum trace transpose tril triu var
"""
_BINARY = "atan2 dot hypot logaddexp maximum minimum mm mv matmul outer pow"
_LINALG = {"det": 1, "inv": 1, "cholesky": 1, "solve": 2}

FUNCTIONS: dict[str, Function] = {
    **{name: Function(name) for name in _UNARY.split()},
    **{name: Function(name, 2) for name in _BINARY.split()},
    **{name: Function(f"linalg.{name}", tensors) for name, tensors in _LINALG.items()},
    "max": Function("amax"),  # the value alone; torch.max with a dim returns a pair
    "min": Function("amin"),
    "norm": Function("linalg.norm"),
    "where": Function("where", 3),
    "ln": Function("log"),
}


def resolve(name: str) -> Callable[..., Any]:
    """The function of diffkit behind a name of the list."""
    import diffkit

    found: Any = diffkit
    for part in FUNCTIONS[name].path.split("."):
        found = getattr(found, part)
    return cast("Callable[..., Any]", found)


def result_size(kind: str, value: object, shapes: Sequence[Shape]) -> int:
    """An upper bound of the number of elements of a result, known before the work is done.

    Shapes that do not fit give the size of the operands: the operation itself will explain what is wrong.
    """
    sizes = [math.prod(shape) for shape in shapes]
    if kind == "list":
        return sum(sizes)
    if value == "outer":
        return math.prod(sizes)
    if value in ("@", "mm", "mv", "matmul") and all(shapes):
        x, y = shapes
        x = x if len(x) > 1 else (1, *x)  # a vector is a row on the left, a column on the right
        y = y if len(y) > 1 else (*y, 1)
        return _broadcast_size((x[:-2], y[:-2])) * x[-2] * y[-1]
    if value == "diag":
        return sizes[0] ** 2 if len(shapes[0]) == 1 else sizes[0]
    if kind == "binary" or len(shapes) > 1:
        return _broadcast_size(shapes)
    return sizes[0] if sizes else 1


def _broadcast_size(shapes: Sequence[Shape]) -> int:
    longest = max((len(shape) for shape in shapes), default=0)
    aligned = [(1,) * (longest - len(shape)) + shape for shape in shapes]
    return math.prod(0 if 0 in lengths else max(lengths) for lengths in zip(*aligned, strict=True))
