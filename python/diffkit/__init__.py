"""Light, fast, trustworthy tensors, automatic differentiation and sampling.

Names and meanings are PyTorch's where PyTorch has them, so that ``import diffkit as torch`` runs tensor code as it is.

>>> x = diffkit.arange(4.0, requires_grad=True)
>>> y = 2 * diffkit.dot(x, x)
>>> y.backward()
>>> x.grad
tensor([ 0.,  4.,  8., 12.])
"""

from __future__ import annotations

from importlib import import_module as _import_module
from math import e, inf, nan, pi
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from diffkit import _core
from diffkit._core import *  # noqa: F403
from diffkit._core import bool, float32, float64, int32, int64, uint8  # noqa: A004
from diffkit._tensor import device
from diffkit.autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from diffkit.errors import DiffkitError
from diffkit.functional import grad, hessian, hvp, jacobian, value_and_grad, vjp

__version__ = "0.1.0"

newaxis = None
float = float32
double = float64
int = int32
long = int64

#: Modules that are imported when first used.
_SUBMODULES = frozenset({
    "autograd", "data", "distributions", "errors", "functional", "linalg", "nn", "probability", "random", "testing",
})  # fmt: skip

#: Names that live elsewhere and are fetched when first used, so that importing diffkit stays quick.
_LAZY = {
    "set_printoptions": "_repr",
    "save": "_files",
    "load": "_files",
}

if not _TYPE_CHECKING:  # type checkers take the names from the imports: they cannot add up lists
    __all__ = [
        *_core.__all__,
        "DiffkitError", "device", "double", "e", "enable_grad", "float", "grad", "hessian", "hvp", "inf",
        "inference_mode", "int", "jacobian", "long", "nan", "newaxis", "no_grad", "pi", "set_grad_enabled",
        "set_printoptions", "value_and_grad", "vjp",
    ]  # fmt: skip


def __getattr__(name: str) -> _Any:
    if name in _SUBMODULES:
        return _import_module(f"diffkit.{name}")
    if name in _LAZY:
        value = getattr(_import_module(f"diffkit.{_LAZY[name]}"), name)
        globals()[name] = value
        return value
    from diffkit._hints import missing

    raise missing("diffkit", name, dir(_core))


def __dir__() -> list[str]:
    return sorted({*globals(), *_SUBMODULES, *_LAZY})
