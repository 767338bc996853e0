"""What the namespace offers: the standard's inspection functions."""

from __future__ import annotations

from typing import TypedDict

from diffkit import _core, device
from diffkit._tensor import CPU
from diffkit.array_api._types import Device, DType
from diffkit.array_api.data_types import KINDS
from diffkit.errors import ArgumentError

__all__ = ["__array_namespace_info__"]

#: As many axes as a tensor can have.
MAX_DIMENSIONS = 64

Capabilities = TypedDict(
    "Capabilities",
    {"boolean indexing": bool, "data-dependent shapes": bool, "max dimensions": int | None},
)
DefaultDTypes = TypedDict(
    "DefaultDTypes",
    {"real floating": DType, "complex floating": DType, "integral": DType, "indexing": DType},
)


class Info:
    """What `__array_namespace_info__` gives: questions about devices, dtypes and abilities.

    >>> diffkit.array_api.__array_namespace_info__().default_dtypes()["indexing"]
    diffkit.int64
    """

    def capabilities(self) -> Capabilities:
        """Which optional behaviour is there."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": MAX_DIMENSIONS}

    def default_device(self) -> device:
        """The device of new arrays."""
        return CPU

    def default_dtypes(self, *, device: Device = None) -> DefaultDTypes:
        """The dtypes of new arrays for which none is asked; floats follow `diffkit.set_default_dtype`."""
        _check(device)
        real = _core.get_default_dtype()
        return {
            "real floating": real,
            "complex floating": _core.complex64 if real == _core.float32 else _core.complex128,
            "integral": _core.int64,
            "indexing": _core.int64,
        }

    def devices(self) -> tuple[device, ...]:
        """The devices there are: one."""
        return (CPU,)

    def dtypes(self, *, device: Device = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        """The dtypes by name, all or those of a kind (or kinds) such as "integral"."""
        _check(device)
        kinds = ("bool", "numeric") if kind is None else (kind,) if isinstance(kind, str) else kind
        unknown = [one for one in kinds if one not in KINDS]
        if unknown:
            raise ArgumentError(f"dtypes: the kinds are {', '.join(KINDS)}, not {unknown[0]!r}")
        return {str(dtype).rpartition(".")[2]: dtype for one in kinds for dtype in KINDS[one]}


def __array_namespace_info__() -> Info:
    """An object that answers questions about the namespace.

    >>> list(diffkit.array_api.__array_namespace_info__().dtypes(kind="real floating"))
    ['float32', 'float64']
    """
    return Info()


def _check(where: Device) -> None:
    if where is not None:
        device(where)
