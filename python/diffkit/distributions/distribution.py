"""What all distributions share: shapes, parameters that broadcast, checks, the moments' names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import diffkit
from diffkit import Tensor
from diffkit.errors import ArgumentError, DiffkitError, DTypeError, ShapeError

__all__ = ["Distribution", "Parameter", "Shape"]

Shape = Sequence[int] | int
SQRT_2 = math.sqrt(2)
LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
#: What a parameter may be given as; numbers and sequences become tensors.
Parameter = Tensor | float | Sequence[float]


class Distribution:
    """A distribution, or a batch of them: parameters of shape `batch_shape` give independent ones.

    One draw has the shape `batch_shape + event_shape`, where `event_shape` is `()` for distributions of
    numbers. With `validate_args` (the default) bad parameters and values outside the support are errors.
    """

    #: The names of the parameters, which are attributes too.
    parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, batch_shape: Shape, event_shape: Shape, validate_args: bool) -> None:
        self.batch_shape = _shape(batch_shape)
        self.event_shape = _shape(event_shape)
        self._validate = validate_args

    @property
    def mean(self) -> Tensor:
        """The expectation."""
        raise NotImplementedError

    @property
    def variance(self) -> Tensor:
        """The variance; of each component, where an event is a vector."""
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The standard deviation, the root of the variance."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Shape = (), *, generator: diffkit.Generator | None = None) -> Tensor:
        """Independent draws of shape `sample_shape + batch_shape + event_shape`, without derivatives."""
        raise NotImplementedError

    def log_prob(self, value: Parameter) -> Tensor:
        """The logarithm of the density or the probability at `value`, which broadcasts with `batch_shape`."""
        raise NotImplementedError

    def prob(self, value: Parameter) -> Tensor:
        """The density or the probability at `value`: `exp(log_prob(value))`."""
        return self.log_prob(value).exp()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_shown(getattr(self, name))}" for name in self.parameters)
        return f"{type(self).__name__}({shown})"

    def _take(self, **given: Parameter) -> list[Tensor]:
        """The parameters as floating-point tensors of one dtype and one shape."""
        return broadcast(type(self).__name__, **given)

    def _extended(self, sample_shape: Shape) -> tuple[int, ...]:
        return _shape(sample_shape) + self.batch_shape + self.event_shape

    def _require(self, name: str, value: Tensor, valid: Tensor, rule: str) -> None:
        if self._validate and not bool(valid.all()):
            bad = value.detach().broadcast_to(tuple(valid.shape)).reshape(-1)
            first = int(valid.reshape(-1).to(diffkit.float32).argmin())
            raise ArgumentError(f"{type(self).__name__}: {name} must be {rule}, got {bad[first].item()!r}")

    def _value(self, value: Parameter, like: Tensor, rule: str | None = None) -> Tensor:
        """`value` as a tensor of the parameters' dtype; with `rule`, refused where it is no whole number."""
        x = as_tensor(value, like.dtype)
        if rule is not None:
            self._require("value", x, (x >= 0) & (x == x.floor()), rule)
        return x


def as_tensor(value: Parameter, dtype: diffkit.dtype) -> Tensor:
    """`value` as a floating-point tensor; a tensor of floats keeps its dtype."""
    if isinstance(value, Tensor):
        return value if value.dtype.is_floating_point else value.to(dtype)
    return diffkit.tensor(value, dtype=dtype)


def broadcast(owner: str, **given: Parameter) -> list[Tensor]:
    """Parameters as floating-point tensors of one dtype and one shape."""
    floats = [x.dtype for x in given.values() if isinstance(x, Tensor) and x.dtype.is_floating_point]
    dtype = diffkit.float64 if diffkit.float64 in floats else (floats or [diffkit.get_default_dtype()])[0]
    made = {}
    for name, value in given.items():
        try:
            made[name] = as_tensor(value, dtype).to(dtype)
        except (TypeError, ValueError) as error:
            raise DTypeError(f"{owner}: {name} must be a number or a tensor, got {value!r}") from error
    try:
        with diffkit.no_grad():
            shape = sum((x * 0 for x in made.values()), start=diffkit.zeros((), dtype=dtype)).shape
    except DiffkitError:
        shapes = ", ".join(f"{name} {tuple(x.shape)}" for name, x in made.items())
        raise ShapeError(f"{owner}: the shapes of the parameters do not broadcast: {shapes}") from None
    return [x.broadcast_to(tuple(shape)) for x in made.values()]


def one_of(owner: str, probs: Parameter | None, logits: Parameter | None) -> Parameter:
    """Whichever of `probs` and `logits` was given."""
    if probs is not None and logits is None:
        return probs
    if logits is not None and probs is None:
        return logits
    raise ArgumentError(f"{owner}: give either probs or logits, and not both")


def log_choose(n: Tensor, k: Tensor) -> Tensor:
    """The logarithm of the binomial coefficient."""
    return (n + 1).lgamma() - (k + 1).lgamma() - (n - k + 1).lgamma()


def softplus(x: Tensor) -> Tensor:
    """`log(1 + exp(x))` to full precision everywhere."""
    return diffkit.logaddexp(x, diffkit.zeros_like(x))


def _shape(shape: Shape) -> tuple[int, ...]:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(size < 0 for size in sizes):
        raise ShapeError(f"sample: a shape has no negative sizes, got {sizes}")
    return sizes


def _shown(value: object) -> str:
    if isinstance(value, Tensor):
        return f"{value.item():g}" if value.numel() == 1 else f"tensor of shape {tuple(value.shape)}"
    return repr(value)
