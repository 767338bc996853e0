"""Values: records that are equal by what they hold and are never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Class = TypeVar("Class", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: Class) -> Class:
    """Like `dataclass(frozen=True)`, which writes and compiles six methods for each class.

    Made anew at each start, a dozen such classes cost a short command a tenth of its time. Here only
    `__init__` is written; the rest is shared, and a type checker alone refuses changes.
    """
    dataclass(repr=False, eq=False)(kind)  # which is changed in place
    for method in (__repr__, __eq__, __hash__):
        setattr(kind, method.__name__, method)
    return kind


def __repr__(self: object) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={part!r}' for name, part in vars(self).items())})"


def __eq__(self: object, other: object) -> bool:
    return vars(self) == vars(other) if type(self) is type(other) else NotImplemented


def __hash__(self: object) -> int:
    return hash((*vars(self).values(),))
