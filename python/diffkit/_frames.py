"""Columns of pandas, polars, pyarrow and other makers of Arrow data as NumPy arrays. None is imported.

All of them offer `__array__`, which hands over the memory itself where it can. What that would do without a
word is refused here: integers that become floats because some are missing, text, categories, dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from diffkit.errors import ArgumentError, DTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What a dtype of any of the libraries is called, in lower case: `Int64`, `uint8`, `double[pyarrow]`.
NUMBERS = re.compile(r"(u?int|float|halffloat|double)(\d*)(\[pyarrow\])?")
PREPARE = "diffkit.data.Recipe turns such rows into numbers"


def columns(data: Any) -> list[tuple[Any, Any]] | None:
    """The names and columns of a data frame, in order; None for anything else."""
    if hasattr(data, "column_names") and hasattr(data, "columns"):  # pyarrow
        return list(zip(data.column_names, data.columns, strict=True))
    if hasattr(data, "get_columns"):  # polars
        return [(column.name, column) for column in data.get_columns()]
    if hasattr(data, "items") and getattr(data, "ndim", 0) == 2:  # pandas, where names may repeat
        return list(data.items())
    if _is_foreign_arrow(data):
        return columns(_imported(data))
    return None


def cells(column: Any) -> list[Any]:
    """The values of a column as Python objects; missing ones are None, NaN, NA or NaT."""
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column.to_list())


def values(data: Any, dtype: Any = None) -> NDArray[Any] | None:
    """A column as an array of one axis, a frame as one of two with the dtype that NumPy promotes to.

    Shares the memory where the library does. Missing values become NaN among floats; among integers only
    when `dtype`, the dtype of the tensor to be made, is a float. None if `data` is neither column nor frame.
    """
    import numpy

    if _is_foreign_arrow(data):
        data = _imported(data)
    frame = columns(data)
    if frame is None:
        return _array("the column", data, dtype) if _is_column(data) else None
    if not frame:
        return numpy.zeros((len(data), 0))
    arrays = [_array(f"column {name!r}", column, dtype) for name, column in frame]
    for (name, _), array in zip(frame, arrays, strict=True):
        if array.ndim != 1:
            raise DTypeError(f"tensor: column {name!r} holds lists; make a tensor of that column alone")
    promoted = numpy.result_type(*arrays)
    if promoted.kind == "f" and all(array.dtype.kind != "f" for array in arrays):
        raise DTypeError("tensor: no integer dtype holds both int64 and uint64 columns; convert some of them")
    if all(array.dtype == promoted for array in arrays):
        whole = numpy.asarray(data)  # perhaps without a copy
        if whole.dtype == promoted:
            return whole
    return numpy.column_stack(arrays)


def _is_column(data: Any) -> bool:
    home = type(data).__module__.partition(".")[0]
    return home == "pandas" or hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")


def _is_foreign_arrow(data: Any) -> bool:
    """True for Arrow data that only its protocol can read."""
    return hasattr(data, "__arrow_c_stream__") and not hasattr(data, "__array__")


def _imported(data: Any) -> Any:
    kind = type(data).__name__
    try:
        pyarrow: Any = import_module("pyarrow")
    except ImportError as error:
        raise ImportError(f"reading {kind} needs: pip install pyarrow") from error
    chunks = pyarrow.chunked_array(data)
    return pyarrow.Table.from_struct_array(chunks) if pyarrow.types.is_struct(chunks.type) else chunks


def _array(where: str, column: Any, dtype: Any) -> NDArray[Any]:
    """One column; `where` names it in errors."""
    import numpy

    kind = str(column.dtype if hasattr(column, "dtype") else column.type).lower()
    number = NUMBERS.fullmatch(kind)
    array: NDArray[Any] = numpy.asarray(column)
    if array.dtype.kind == "O" and number and hasattr(column, "to_numpy"):  # pandas before 3
        array = column.to_numpy(dtype="float64", na_value=numpy.nan)
    if array.dtype.kind not in "biufc":
        raise DTypeError(f"tensor: {where} {_reason(kind, array, column)}")
    floats = dtype is not None and (dtype.is_floating_point or dtype.is_complex)
    integers = number is not None and "int" in number[1]
    if array.dtype.kind == "f" and (integers if dtype is None else not floats):
        missing = numpy.flatnonzero(numpy.isnan(array))
        if missing.size:
            count = f"{missing.size} missing value{'s' if missing.size > 1 else ''}"
            raise ArgumentError(
                f"tensor: {where} has {count}, first in row {missing[0]}, and integers have no NaN; "
                f"fill them, or ask for dtype=diffkit.float64 ({PREPARE})"
            )
    return array


def _reason(kind: str, array: NDArray[Any], column: Iterable[Any]) -> str:
    """Why a column makes no tensor, and what to do."""
    if array.dtype.kind in "mM" or "date" in kind or "time" in kind or "duration" in kind:
        return "holds dates or times; take the numbers that you need from them, such as the day or the year"
    if kind.startswith("bool"):
        return f"has missing values, which bools cannot express; fill them ({PREPARE})"
    if kind.startswith("decimal"):
        return "holds decimals; convert it to float64"
    if "list" in kind:
        return "holds lists of any length; make a tensor of each"
    if kind.startswith(("categor", "dictionary", "enum")):
        return f"holds categories: {PREPARE}"
    if kind.startswith(("str", "large_string", "string", "utf8", "binary")):
        return f"holds text: {PREPARE}"
    example = type(next(iter(column), None)).__name__
    return f"holds Python objects (the first is of type {example}): convert it to numbers ({PREPARE})"
