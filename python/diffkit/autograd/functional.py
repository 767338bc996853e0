"""Derivatives of functions at a point, in PyTorch's older signatures.

`diffkit.functional` has the same as transforms.

>>> diffkit.autograd.functional.jacobian(diffkit.exp, diffkit.zeros(2))
tensor([[1., 0.],
        [0., 1.]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diffkit import functional
from diffkit._core import Tensor, is_grad_enabled, ones_like
from diffkit.autograd import GradMode
from diffkit.errors import ShapeError

__all__ = ["hessian", "hvp", "jacobian", "vjp"]


def jacobian(func: Callable[..., Any], inputs: Any, create_graph: bool = False) -> Any:
    """All derivatives of `func(*inputs)`: `output.shape + input.shape`, nested in tuples as they are.

    With `create_graph` the result can be differentiated by inputs that require gradients.
    """
    return _at(functional.jacobian, func, inputs, create_graph)


def hessian(func: Callable[..., Any], inputs: Any, create_graph: bool = False) -> Any:
    """All second derivatives of `func(*inputs)`, one number; a tuple of tuples where `inputs` is a tuple."""
    return _at(functional.hessian, func, inputs, create_graph)


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False) -> tuple[Any, Any]:
    """`(func(*inputs), v times its Jacobian)`; `v` looks like the result, 1 for one number."""
    with _recorded(create_graph):
        out, pull = functional.vjp(func, *_arguments(inputs))
        if v is None:
            if not isinstance(out, Tensor) or out.numel() != 1:
                raise ShapeError("vjp: the result is not one number: pass v, the weights of its elements")
            v = ones_like(out)
        products = pull(v)
    return out, products if isinstance(inputs, tuple) else products[0]


def hvp(func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool = False) -> tuple[Any, Any]:
    """`(func(*inputs), its Hessian times v)`; `v` looks like `inputs`."""
    with _recorded(create_graph):
        return func(*_arguments(inputs)), functional.hvp(func, inputs, v)


def _recorded(create_graph: bool) -> GradMode:
    # with recording off the transforms still differentiate, but hand back results without history
    return GradMode("create_graph", create_graph and is_grad_enabled())


def _arguments(inputs: Any) -> tuple[Any, ...]:
    return inputs if isinstance(inputs, tuple) else (inputs,)


def _at(transform: Callable[..., Any], func: Callable[..., Any], inputs: Any, create_graph: bool) -> Any:
    argnums = tuple(range(len(inputs))) if isinstance(inputs, tuple) else 0
    with _recorded(create_graph):
        return transform(func, argnums)(*_arguments(inputs))
