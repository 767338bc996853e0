"""Matrix products, from those that are all overhead to those that are all arithmetic."""

from __future__ import annotations

from typing import Any

from cases.case import Applied, Case, Setup, normal
from cases.limits import multiply_adds


def product(what: str, shape: tuple[int, ...], dtype: str, bar: float, limit: Setup | None = None) -> Case:
    def matmul(module: Any) -> Any:
        return module.matmul

    return Applied(
        lambda: (normal(*shape, dtype=dtype), normal(*shape, dtype=dtype, seed=1)),
        matmul,
        in_numpy=matmul,
        in_jax=matmul,
    ).case(f"matmul, {what}, {dtype}", {"fastest": bar}, limit)


def square(n: int, dtype: str) -> Case:
    # To start threads takes longer than a small one.
    limit = multiply_adds(n**3, dtype) if n > 256 else None
    return product(f"{n:,} x {n:,}", (n, n), dtype, 0.5 if n == 8 else 1.0, limit)


def batched(dtype: str) -> Case:
    return product("1,000 of 16 x 16", (1000, 16, 16), dtype, 0.5)


CASES = [
    case
    for dtype in ("float32", "float64")
    for case in (*(square(n, dtype) for n in (8, 64, 256, 1024, 2048)), batched(dtype))
]
