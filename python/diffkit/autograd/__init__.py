"""Derivatives of tensors that have been computed, and whether operations are recorded for them.

>>> x = diffkit.tensor([1.0, 2.0], requires_grad=True)
>>> diffkit.autograd.grad((x * x).sum(), x)
(tensor([2., 4.]),)
"""

from __future__ import annotations

from _collections_abc import Iterable, Sequence  # without the rest of collections
from importlib import import_module

from diffkit._core import Node, Tensor, grad_of, is_grad_enabled, zeros_like
from diffkit.autograd.modes import GradMode, enable_grad, inference_mode, no_grad, set_grad_enabled
from diffkit.errors import ArgumentError, AutogradError, DTypeError

TYPE_CHECKING = False  # checkers know this name; typing is slow to import
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "GradMode",
    "Node",
    "backward",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
]

Tensors = Tensor | Sequence[Tensor]
Weights = Tensor | Sequence[Tensor | None] | None


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Weights = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
    *,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """d(outputs)/d(inputs) by reverse accumulation: a tuple of one tensor per input, in the input's shape.

    Nothing is added to `.grad`. Several outputs are summed; an output with more than one element needs its
    weights in `grad_outputs`, in the output's shape (the result is then weights times Jacobian).

    Args:
        outputs: a tensor, or several, computed from `inputs`.
        inputs: a tensor, or several, with `requires_grad` set before they were used.
        grad_outputs: one weight per output; None is allowed for an output of one element.
        retain_graph: keep what the graph saved, to go through it again; default: as `create_graph`.
        create_graph: record the differentiation too, for derivatives of derivatives.
        allow_unused: give None for an input that the outputs do not depend on, instead of an error.
        materialize_grads: give zeros for such an input instead of None.

    Raises:
        AutogradError: an output has no graph, an input does not require gradients, or is unused.
        ShapeError: an output is not a single number and has no weights, or weights of another shape.

    >>> x = diffkit.tensor(3.0, requires_grad=True)
    >>> (slope,) = diffkit.autograd.grad(x**3, x, create_graph=True)
    >>> diffkit.autograd.grad(slope, x)
    (tensor(18.),)
    """
    sources, targets = _tensors("grad: inputs", inputs), _tensors("grad: outputs", outputs)
    weights = _weights("grad: grad_outputs", grad_outputs, targets)
    found = list(grad_of(targets, sources, weights, retain_graph, create_graph))
    for i, (source, slope) in enumerate(zip(sources, found, strict=True)):
        if slope is None and materialize_grads:
            found[i] = zeros_like(source)
        elif slope is None and not allow_unused:
            raise AutogradError(
                f"grad: the outputs do not depend on input {i} (shape {tuple(source.shape)}): "
                "leave it out, or pass allow_unused=True (None for it) or materialize_grads=True (zeros)"
            )
    return tuple(found)


def backward(
    tensors: Tensors,
    grad_tensors: Weights = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Adds the derivatives of all `tensors` to the `.grad` of the leaves below, or of `inputs` alone.

    Args:
        tensors: a tensor, or several.
        grad_tensors: one weight per tensor, of its shape; None is allowed for a tensor of one element.
        retain_graph: keep what the graph saved; default: as `create_graph`.
        create_graph: record the differentiation too.
        inputs: collect in these tensors only.

    Raises:
        AutogradError: a tensor has no graph, or its graph was gone through already.
        ShapeError: a tensor is not a single number and has no weight, or one of another shape.

    >>> x = diffkit.tensor([1.0, 2.0], requires_grad=True)
    >>> diffkit.autograd.backward([x.sum(), (x * x).sum()])
    >>> x.grad
    tensor([3., 5.])
    """
    targets = _tensors("backward: tensors", tensors)
    weights = _weights("backward: grad_tensors", grad_tensors, targets)
    leaves = None if inputs is None else _tensors("backward: inputs", inputs)
    for name, flag in [("retain_graph", retain_graph), ("create_graph", create_graph)]:
        if not isinstance(flag, bool | None):
            raise DTypeError(f"backward: {name} is True or False, got {type(flag).__name__}")
    keep = create_graph if retain_graph is None else retain_graph
    for i, (target, weight) in enumerate(zip(targets, weights, strict=True)):
        # Tensors may share a graph, so it is let go only after the last one.
        target.backward(weight, keep or i + 1 < len(targets), create_graph, leaves)


# These need diffkit.functional, which needs this module; so they are fetched when first used.
if TYPE_CHECKING:
    from diffkit.autograd import functional
    from diffkit.testing import gradcheck, gradgradcheck
else:

    def __getattr__(name: str) -> Any:
        if name == "functional":
            return import_module("diffkit.autograd.functional")
        if name in ("gradcheck", "gradgradcheck"):
            return getattr(import_module("diffkit.testing"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _tensors(argument: str, given: Tensors) -> list[Tensor]:
    tensors = [given] if isinstance(given, Tensor) or not isinstance(given, Iterable) else list(given)
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise DTypeError(f"{argument} must be a Tensor or several, got {type(tensor).__name__}")
    return tensors


def _weights(argument: str, weights: Weights, targets: list[Tensor]) -> list[Tensor | None]:
    if weights is None:
        return [None] * len(targets)
    alone = isinstance(weights, Tensor) or not isinstance(weights, Iterable)
    given: list[Any] = [weights] if alone else list(weights)
    for weight in given:
        if not isinstance(weight, Tensor | None):
            raise DTypeError(f"{argument} must be a Tensor or several, got {type(weight).__name__}")
    if len(given) != len(targets):
        raise ArgumentError(f"{argument} has {len(given)} weights for {len(targets)} tensors: give one each")
    return given
