"""Values: records that are equal by what they hold and are never changed, and JSON for a column."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, dataclass_transform

Class = TypeVar("Class", bound=type)
Value = TypeVar("Value")

NO_FIELDS: Mapping[str, Any] = {}  # for a default


@dataclass_transform(frozen_default=True)
def value(kind: Class) -> Class:
    """Like `dataclass(frozen=True)`, which takes three times as long to make a class.

    A short command makes a dozen such classes at each start, and that takes it a tenth of its time. Here
    only `__init__` is written; the rest is shared, and a type checker alone refuses changes.
    """
    names = tuple(kind.__annotations__)
    parameters = ", ".join(f"{name}=kind.{name}" if name in vars(kind) else name for name in names)
    body = "; ".join(f"self.{name} = {name}" for name in names)
    made = {"__match_args__": names, "__repr__": __repr__, "__eq__": __eq__, "__hash__": __hash__}
    exec(f"def __init__(self, {parameters}): {body}", {"kind": kind}, made)
    for name, part in made.items():
        setattr(kind, name, part)
    return kind


def replace(one: Value, **changes: Any) -> Value:
    """A value like `one` but for some fields."""
    return type(one)(**(vars(one) | changes))


def to_json(plain: object) -> str:
    """What a column holds of a list or an object. An import writes tens of thousands of them."""
    return _encoder()(plain).decode()


@functools.cache
def _encoder() -> Callable[[object], bytes]:
    from msgspec.json import Encoder  # which commands that only read need not import

    return Encoder().encode


def __repr__(self: object) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={part!r}' for name, part in vars(self).items())})"


def __eq__(self: object, other: object) -> bool:
    return vars(self) == vars(other) if type(self) is type(other) else NotImplemented


def __hash__(self: object) -> int:
    return hash((*vars(self).values(),))
