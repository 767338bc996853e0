"""Sizes from 1 to 10^8: where does one library overtake another?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from cases import Case, derivatives, elementwise, reductions
from cases.case import count
from measure import Effort, Result, measure
from table import peers

#: By operation: the case of a size, and the largest power of ten.
SWEEPS: dict[str, tuple[Callable[[int], Case], int]] = {
    "add": (elementwise.addition, 8),
    "exp": (lambda n: elementwise.function("exp", n), 8),
    "sum": (reductions.total, 8),
    "gradient of sum(tanh(x) exp(-x^2) + sin(x)/2)": (lambda n: derivatives.gradient(n, {}), 7),
}
Sweep = dict[int, Result]


def sweep(operation: str, libraries: dict[str, Any], effort: Effort) -> Sweep:
    """The results by size."""
    case, largest = SWEEPS[operation]
    found = {}
    for power in range(min(largest, effort.largest) + 1):
        n = 10**power
        sized = replace(case(n), name=count(n), bars={}, copy=None, limit=None)
        found[n] = measure(sized, operation, libraries, effort)
    return found


def crossings(results: Sweep) -> list[str]:
    """For each peer, the sizes where diffkit stops or begins to be the faster one."""
    lines = []
    for peer in peers(results.values()):
        points = [(n, found) for n, result in results.items() if (found := result.ratio(peer)) is not None]
        lines.append(f"{peer}: {crossing(points)}")
    return lines


def crossing(points: list[tuple[int, float]]) -> str:
    """In words, with sizes interpolated on logarithmic scales."""
    parts = ["faster" if points[0][1] <= 1 else "slower"]
    for (n, before), (m, after) in pairwise(points):
        if (before <= 1) != (after <= 1):
            share = math.log(before) / (math.log(before) - math.log(after))
            size = approximate(n * (m / n) ** share)
            parts.append(f"{'faster' if after <= 1 else 'slower'} from {size} on")
    if len(parts) == 1:
        return f"diffkit is {parts[0]} at all sizes"
    return f"diffkit is {', '.join(parts)}"


def approximate(n: float) -> str:
    power = math.floor(math.log10(n))
    return f"{n:.0f}" if power < 3 else f"{n / 10**power:.0f} x 10^{power}"
