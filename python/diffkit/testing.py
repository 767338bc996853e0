"""Checks of derivatives against finite differences.

>>> from diffkit.testing import gradcheck
>>> x = diffkit.tensor([0.5, 1.5], dtype=diffkit.float64, requires_grad=True)
>>> gradcheck(diffkit.sin, x)
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffkit import autograd
from diffkit._core import Tensor, float64, tensor
from diffkit.errors import ArgumentError, AutogradError, DTypeError

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

Function = Callable[..., Any]
Matrix = NDArray[np.float64]


class GradcheckError(AutogradError):
    """A derivative that does not agree with finite differences."""


def gradcheck(
    fn: Function,
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compares every derivative of `fn` by reverse mode with a central difference.

    Each element of each result by each element of each input that requires gradients must satisfy
    `|derivative - numeric| <= atol + rtol * |numeric|` with `numeric = (f(x + eps) - f(x - eps)) / (2 eps)`,
    whose own error is about `eps^2 |f'''| / 6 + 1e-16 |f| / eps`. Choose points away from kinks.

    Args:
        fn: a function of the inputs that returns a tensor or several.
        inputs: a tensor or several arguments; those to check are float64 tensors with `requires_grad`.
        eps: the step.
        atol: the absolute tolerance.
        rtol: the relative tolerance.
        raise_exception: return False for a wrong derivative instead of raising.

    Raises:
        GradcheckError: a derivative is wrong; names the worst element and both values.
        ArgumentError: no input requires gradients.
        DTypeError: an input to check, or a result, is not float64.

    >>> x = diffkit.tensor(2.0, dtype=diffkit.float64, requires_grad=True)
    >>> gradcheck(lambda x: x * x.detach(), x, raise_exception=False)
    False
    """
    arguments = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    places = _checked("gradcheck", arguments)
    results = _results(fn, arguments)
    worst: tuple[float, str] | None = None
    for place in places:
        numeric = _numeric(fn, arguments, place, eps)
        for k, (result, columns) in enumerate(zip(results, numeric, strict=True)):
            found = _worst(_analytic(result, arguments[place]), columns, atol, rtol)
            if found is None or (worst is not None and found[0] <= worst[0]):
                continue
            excess, i, j, analytic, difference = found
            by = f"{place}{_position(i, arguments[place])}"
            message = (
                f"gradcheck: {_name(fn)}: the derivative of result {k}{_position(j, result)} by input {by} "
                f"is {analytic!r}, the central difference with eps={eps} is {difference!r} "
                f"(allowed: atol={atol} plus rtol={rtol} of it)"
            )
            worst = excess, message
    if worst is not None and raise_exception:
        raise GradcheckError(worst[1])
    return worst is None


def gradgradcheck(
    fn: Function,
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compares the second derivatives of `fn` with central differences; arguments as for `gradcheck`.

    What is checked is the reverse pass of `fn`, as a function of the inputs and of the weights of its
    results. `grad_outputs` are those weights, one float64 tensor per result; by default the same random ones
    at every call.

    >>> x = diffkit.tensor([0.5, 1.5], dtype=diffkit.float64, requires_grad=True)
    >>> gradgradcheck(diffkit.exp, x)
    True
    """
    arguments = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    places = _checked("gradgradcheck", arguments)
    results = _results(fn, arguments)
    if grad_outputs is None:
        draw = np.random.default_rng(0)
        weights = [tensor(draw.standard_normal(tuple(result.shape))) for result in results]
    else:
        weights = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
    weights = [weight.detach().clone().requires_grad_() for weight in weights]

    def reverse_pass(*values: Any) -> tuple[Tensor | None, ...]:
        own, seeds = values[: len(arguments)], values[len(arguments) :]
        sources = [own[place] for place in places]
        outputs = _results(fn, own)
        return autograd.grad(outputs, sources, seeds, create_graph=True, materialize_grads=True)

    reverse_pass.__qualname__ = f"the reverse pass of {_name(fn)}"
    return gradcheck(
        reverse_pass, (*arguments, *weights), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception
    )


def _checked(op: str, arguments: tuple[Any, ...]) -> list[int]:
    places = [i for i, x in enumerate(arguments) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        raise ArgumentError(
            f"{op}: no input requires gradients: pass float64 tensors with requires_grad=True"
        )
    for place in places:
        if arguments[place].dtype != float64:
            raise DTypeError(
                f"{op}: input {place} is {arguments[place].dtype}; finite differences need float64: "
                "make it with dtype=diffkit.float64"
            )
    return places


def _results(fn: Function, arguments: Sequence[Any]) -> list[Tensor]:
    """The results that can have derivatives: integers and booleans have none."""
    made = fn(*arguments)
    several = made if isinstance(made, (tuple, list)) else [made]
    for result in several:
        if not isinstance(result, Tensor):
            raise DTypeError(f"gradcheck: {_name(fn)} returned a {type(result).__name__}, not a tensor")
        if result.requires_grad and result.dtype != float64:
            raise DTypeError(
                f"gradcheck: {_name(fn)} returned {result.dtype}; finite differences need float64"
            )
    return [result for result in several if result.dtype == float64]


def _analytic(result: Tensor, x: Tensor) -> Matrix:
    """d(result)/d(x) by reverse mode, one row for each element of `result`."""
    jacobian = np.zeros((result.numel(), x.numel()))
    if not result.requires_grad:
        return jacobian
    for j in range(result.numel()):
        weight = np.zeros(result.numel())
        weight[j] = 1
        seed = tensor(weight.reshape(tuple(result.shape)))
        (row,) = autograd.grad(result, x, seed, retain_graph=True, allow_unused=True)
        if row is not None:
            jacobian[j] = row.detach().numpy().reshape(-1)
    return jacobian


def _numeric(fn: Function, arguments: tuple[Any, ...], place: int, eps: float) -> list[Matrix]:
    """The same by central differences, for each result."""
    at = arguments[place].detach().numpy()
    columns: list[list[NDArray[np.float64]]] = []
    for i in range(at.size):
        ends = []
        for step in (eps, -eps):
            moved = at.copy()
            moved.reshape(-1)[i] += step
            values = list(arguments)
            values[place] = tensor(moved).requires_grad_()
            # fn may differentiate inside, so recording stays on; what it returns is cut from the graph here
            ends.append([np.array(result.detach().numpy()).reshape(-1) for result in _results(fn, values)])
        with np.errstate(invalid="ignore"):
            columns.append([(up - down) / (2 * eps) for up, down in zip(*ends, strict=True)])
    if not columns:
        return [np.zeros((result.numel(), 0)) for result in _results(fn, arguments)]
    return [np.stack(parts, axis=1) for parts in zip(*columns, strict=True)]


def _worst(
    analytic: Matrix, numeric: Matrix, atol: float, rtol: float
) -> tuple[float, int, int, float, float] | None:
    """The element that misses the tolerance by most: by how much, which one, both values."""
    with np.errstate(invalid="ignore"):
        excess = np.abs(analytic - numeric) - (atol + rtol * np.abs(numeric))
    excess[np.isnan(excess)] = np.inf  # NaN on either side agrees with nothing
    if excess.size == 0 or excess.max() <= 0:
        return None
    j, i = np.unravel_index(int(excess.argmax()), excess.shape)
    return float(excess[j, i]), int(i), int(j), float(analytic[j, i]), float(numeric[j, i])


def _position(flat: int, x: Tensor) -> str:
    return str([int(i) for i in np.unravel_index(flat, tuple(x.shape))]) if x.ndim else ""


def _name(fn: Function) -> str:
    return str(getattr(fn, "__qualname__", None) or getattr(fn, "__name__", None) or repr(fn))
