"""The types of arguments that several categories share."""

from __future__ import annotations

from typing import TypeAlias

from diffkit import device
from diffkit._core import Tensor
from diffkit._core import dtype as DType

#: A number of Python: weak in promotion, so only its kind counts.
Number: TypeAlias = bool | int | float | complex
#: An operand of a function of two arguments.
Operand: TypeAlias = Tensor | Number
#: One axis, several, or (None) all of them.
Axes: TypeAlias = int | tuple[int, ...] | None
#: Sizes along the axes; one number for a single axis.
Shape: TypeAlias = int | tuple[int, ...]
#: Where a new array goes; there is only the CPU.
Device: TypeAlias = device | str | None

__all__ = ["Axes", "DType", "Device", "Number", "Operand", "Shape", "Tensor"]
