"""The text of a tensor, in PyTorch's format, and the options of printing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, Protocol


class _Printable(Protocol):
    """What printing needs of a tensor."""

    @property
    def shape(self) -> Any: ...
    @property
    def dtype(self) -> Any: ...
    @property
    def requires_grad(self) -> bool: ...
    @property
    def grad_fn(self) -> Any: ...
    def numel(self) -> int: ...
    def tolist(self) -> Any: ...
    def detach(self) -> Any: ...


class _Options:
    def __init__(self) -> None:
        self.precision = 4
        self.threshold: float = 1000
        self.edgeitems = 3
        self.linewidth = 80
        self.sci_mode: bool | None = None


_options = _Options()

_PROFILES: dict[str, dict[str, float]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": float("inf"), "edgeitems": 3, "linewidth": 80},
}
_UNMARKED = ("int64", "bool", "float32", "complex64")  # the dtypes that literals give: not worth a suffix
_PREFIX = "tensor("


#: Column width and writer of the values.
_Format = Callable[[Any], tuple[int, Callable[[Any], str]]]


class _LeftOut:
    """Stands in nested lists where a summary leaves elements out."""


_LEFT_OUT = _LeftOut()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed; an option that is not given keeps its value.

    ``precision``: digits after the point (4). ``threshold``: tensors with more elements are summarised
    (1000). ``edgeitems``: elements shown at either end of a summarised axis (3). ``linewidth``: characters
    per line (80). ``profile``: ``"default"``, ``"short"`` or ``"full"``, which sets the four above.
    ``sci_mode``: scientific notation always (True), never (False) or, as after every call that leaves it
    out, when the values ask for it.

    Raises ``ValueError`` for an unknown profile or a negative number.

    >>> import diffkit as torch
    >>> torch.set_printoptions(precision=2)
    >>> torch.tensor([0.12345])
    tensor([0.12])
    >>> torch.set_printoptions(profile="default")
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(
            f"set_printoptions: unknown profile {profile!r}; choose one of {', '.join(_PROFILES)}"
        )
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, value in given.items():
        if value is not None and value < 0:
            raise ValueError(f"set_printoptions: {name} must not be negative, got {value}")
    changes = dict(_PROFILES[profile]) if profile is not None else {}
    changes.update({name: value for name, value in given.items() if value is not None})
    for name, value in changes.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


def tensor_repr(t: _Printable) -> str:
    """Return the text of ``t`` as PyTorch prints it: values in columns, then what the values do not show."""
    dtype = str(t.dtype)
    kind = dtype.rpartition(".")[2]
    suffixes = []
    if t.numel() == 0:
        text = "[]"
        if len(t.shape) != 1:
            suffixes.append(f"size={tuple(t.shape)}")
        if kind != "float32":
            suffixes.append(f"dtype={dtype}")
    else:
        text = _values_text(t, kind)
        if not _options.edgeitems:
            suffixes.append(f"size={tuple(t.shape)}")
        if kind not in _UNMARKED:
            suffixes.append(f"dtype={dtype}")
    if t.grad_fn is not None:
        suffixes.append(f"grad_fn=<{t.grad_fn.name().rpartition('::')[2]}>")
    elif t.requires_grad:
        suffixes.append("requires_grad=True")
    return _with_suffixes(_PREFIX + text, suffixes)


def _with_suffixes(text: str, suffixes: list[str]) -> str:
    column = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if column + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * len(_PREFIX) + suffix
            column = len(_PREFIX) + len(suffix)
        else:
            text += ", " + suffix
            column += len(suffix) + 2
    return text + ")"


def _values_text(t: _Printable, kind: str) -> str:
    summarised = t.numel() > _options.threshold
    if summarised and not _options.edgeitems:
        return "[...]"
    values: Any = _edges(t.detach(), tuple(t.shape)) if summarised else t.tolist()
    formats: dict[str, _Format] = {"float": _float_format, "complex": _complex_format}
    width, write = formats.get(kind.rstrip("0123456789"), _plain_format)(values)
    if not t.shape:
        return write(values).rjust(width)
    return _nested_text(values, len(t.shape), len(_PREFIX), width, write)


def _edges(t: Any, shape: tuple[int, ...]) -> list[Any]:
    """Nested lists of the elements that a summary shows; the rest of the tensor is never read."""
    edge = _options.edgeitems
    cut = shape[0] > 2 * edge
    if len(shape) == 1:
        return [*t[:edge].tolist(), _LEFT_OUT, *t[-edge:].tolist()] if cut else list(t.tolist())
    if not cut:
        return [_edges(t[i], shape[1:]) for i in range(shape[0])]
    head: list[Any] = [_edges(t[i], shape[1:]) for i in range(edge)]
    return [*head, _LEFT_OUT, *(_edges(t[i], shape[1:]) for i in range(shape[0] - edge, shape[0]))]


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, list):
        for value in values:
            yield from _flat(value)
    elif values is not _LEFT_OUT:
        yield values


def _plain_format(values: Any) -> tuple[int, Callable[[Any], str]]:
    """Column width and writer for integers and booleans."""
    return max(len(str(value)) for value in _flat(values)), str


def _float_format(values: Any) -> tuple[int, Callable[[float], str]]:
    """Column width and writer for floats: whole numbers, fixed point or scientific, one way for the tensor.

    Zeros, infinities and NaN neither choose the notation nor widen the column.
    """
    shown = [value for value in _flat(values) if value and isfinite(value)]
    whole = all(value.is_integer() for value in shown)
    scientific = bool(shown) and _options.sci_mode
    if shown and scientific is None:
        largest, smallest = max(map(abs, shown)), min(map(abs, shown))
        scientific = largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4
    if scientific:
        spec = f".{_options.precision}e"
    elif whole:
        spec = ".0f"
    else:
        spec = f".{_options.precision}f"
    if whole and not scientific:
        width = max((len(format(value, spec)) + 1 for value in shown), default=1)
        return width, lambda value: format(value, spec) + ("." if isfinite(value) else "")
    return max(len(format(value, spec)) for value in shown), lambda value: format(value, spec)


def _complex_format(values: Any) -> tuple[int, Callable[[complex], str]]:
    """Column width and writer for complex numbers, whose parts are written like two tensors of floats."""
    width, write_real = _float_format([value.real for value in _flat(values)])
    _, write_imag = _float_format([value.imag for value in _flat(values)])

    def write(value: complex) -> str:
        imag = write_imag(value.imag)
        return write_real(value.real).rjust(width) + ("" if imag.startswith("-") else "+") + imag + "j"

    return 0, write


def _nested_text(values: list[Any], ndim: int, indent: int, width: int, write: Callable[[Any], str]) -> str:
    """Text of nested lists ``ndim`` deep whose first bracket stands in column ``indent``."""
    if ndim > 1:
        rows = [
            "..." if row is _LEFT_OUT else _nested_text(row, ndim - 1, indent + 1, width, write)
            for row in values
        ]
        return "[" + ("," + "\n" * (ndim - 1) + " " * (indent + 1)).join(rows) + "]"
    cells = [" ..." if value is _LEFT_OUT else write(value).rjust(width) for value in values]
    per_line = max(1, (_options.linewidth - indent) // (width + 2))
    lines = [", ".join(cells[i : i + per_line]) for i in range(0, len(cells), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
