"""Pairs of results, apart from the small classes that every import needs: typing is slow to import."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from diffkit import Tensor


class ValuesIndices(NamedTuple):
    """Values along an axis and where they were found."""

    values: Tensor
    indices: Tensor
