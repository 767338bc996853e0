"""Light, fast, trustworthy tensors, automatic differentiation and sampling.

Names and meanings are PyTorch's where PyTorch has them, so that ``import diffkit as torch`` runs tensor code
as it is.

>>> x = diffkit.arange(4.0, requires_grad=True)
>>> y = 2 * diffkit.dot(x, x)
>>> y.backward()
>>> x.grad
tensor([ 0.,  4.,  8., 12.])
"""

from __future__ import annotations

from importlib import import_module as _import_module
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi

from diffkit import _core
from diffkit._core import *  # noqa: F403
from diffkit._tensor import device as device
from diffkit.autograd import enable_grad as enable_grad
from diffkit.autograd import inference_mode as inference_mode
from diffkit.autograd import no_grad as no_grad
from diffkit.autograd import set_grad_enabled as set_grad_enabled
from diffkit.errors import DiffkitError as DiffkitError
from diffkit.functional import grad as grad
from diffkit.functional import hessian as hessian
from diffkit.functional import hvp as hvp
from diffkit.functional import jacobian as jacobian
from diffkit.functional import value_and_grad as value_and_grad
from diffkit.functional import vjp as vjp

__version__ = "0.1.0"

newaxis = None
float = _core.float32
double = _core.float64
int = _core.int32
long = _core.int64
short = _core.int16
cfloat = _core.complex64
cdouble = _core.complex128

#: Modules that are imported when first used.
_SUBMODULES = frozenset({
    "array_api", "autograd", "data", "distributions", "einops", "errors", "fft", "functional", "linalg", "nn",
    "probability", "random", "testing",
})  # fmt: skip

#: Names that live elsewhere and are fetched when first used, so that importing diffkit stays quick.
_LAZY = {
    "set_printoptions": "_repr",
    "save": "_files",
    "load": "_files",
}

TYPE_CHECKING = False  # checkers know this name; importing typing would double the time of this import
if TYPE_CHECKING:  # what is made at run time below, in the form that type checkers read
    from diffkit import array_api as array_api
    from diffkit import autograd as autograd
    from diffkit import data as data
    from diffkit import distributions as distributions
    from diffkit import einops as einops
    from diffkit import errors as errors
    from diffkit import fft as fft
    from diffkit import functional as functional
    from diffkit import linalg as linalg
    from diffkit import nn as nn
    from diffkit import probability as probability
    from diffkit import random as random
    from diffkit import testing as testing
    from diffkit._files import load as load
    from diffkit._files import save as save
    from diffkit._repr import set_printoptions as set_printoptions
else:
    __all__ = [
        *_core.__all__,
        "DiffkitError", "cdouble", "cfloat", "device", "double", "e", "enable_grad", "float", "grad",
        "hessian", "hvp", "inf", "inference_mode", "int", "jacobian", "long", "nan", "newaxis", "no_grad",
        "pi", "set_grad_enabled", "set_printoptions", "short", "value_and_grad", "vjp",
    ]  # fmt: skip

    del TYPE_CHECKING

    def __getattr__(name: str) -> object:
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
