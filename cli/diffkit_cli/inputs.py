"""Values that a user types: numbers, fractions, nested lists, and `@file.csv` or `@file.npy`."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from diffkit_cli.errors import CommandError, ExitCode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Number = Fraction | float
Nested = Number | list["Nested"]

MAX_VALUES = 10_000_000
_TOKEN = re.compile(r"\s*(?:([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:/\d+)?|[+-]?(?:inf|nan)\b)|(\S))")


def read_bytes(source: str, what: str = "file") -> bytes:
    """The content of a file, or of stdin when `source` is `-`."""
    if source == "-":
        if sys.stdin is None:
            raise CommandError("standard input is closed", ExitCode.NOT_FOUND, fix="name a file")
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        message = f"cannot read {what} {source!r}: {error.strerror or error}"
        raise CommandError(message, ExitCode.NOT_FOUND, fix="check the path") from None


def parse_number(text: str) -> Number:
    """`"3"`, `"-2.5e3"`, `"1/6"` exactly, as a fraction; `"inf"` and `"nan"` as floats."""
    value = parse_numbers(text)
    if isinstance(value, list):
        raise _bad(text, "expected one number")
    return value


def parse_numbers(text: str) -> Nested:
    """A number, a list `[1, 2]` nested to any use, or a bare `1, 2, 3`, which is a list too."""
    tokens = [match for match in _TOKEN.finditer(text) if match[1] or match[2]]
    if not tokens:
        raise _bad(text, "it is empty")
    stack: list[list[Nested]] = [[]]
    separated = True  # a value may stand here: at the start, after a comma, after an opening bracket
    commas = False
    for token in tokens:
        symbol = token[2]
        if token[1] or symbol == "[":
            if not separated:
                raise _bad(text, f"a comma is missing before {token[0].strip()!r}")
            if symbol == "[":
                if len(stack) > 16:
                    raise _bad(text, "more than 16 nested brackets")
                stack.append([])
            else:
                stack[-1].append(_number(token[1], text))
            separated = symbol == "["
        elif symbol == "]" and len(stack) > 1 and not (separated and stack[-1]):
            inner = stack.pop()
            stack[-1].append(inner)
            separated = False
        elif symbol == "," and not separated:
            separated = True
            commas = commas or len(stack) == 1
        else:
            raise _bad(text, f"unexpected {symbol!r}")
    if len(stack) > 1:
        raise _bad(text, "a closing bracket is missing")
    if separated:
        raise _bad(text, "it ends with a comma")
    return stack[0] if commas else stack[0][0]


def _number(token: str, text: str) -> Number:
    value = token.lower().lstrip("+-")
    if value in ("inf", "nan"):
        return float(token)
    numerator, _, denominator = token.partition("/")
    approximate = float(numerator)
    if approximate in (float("inf"), float("-inf")):
        raise _bad(text, f"{token} is too large for a 64-bit float")
    if len(token) > 400 or (approximate == 0 and numerator.strip("+-0.")):
        exact: Number = Fraction(approximate)  # 1e-999999999 must not become a billion digits
    else:
        exact = Fraction(numerator)
    if denominator:
        if int(denominator[:400]) == 0:
            raise _bad(text, f"{token} divides by zero")
        return Fraction(exact) / int(denominator[:400])
    return exact


def parse_array(text: str) -> NDArray[np.float64]:
    """A float64 array from typed values, or from `@file.csv` (numbers only) or `@file.npy`."""
    import numpy as np

    if text.startswith("@"):
        array = _read_array(text[1:])
    else:
        try:
            array = np.array(parse_numbers(text), dtype=np.float64)
        except (ValueError, TypeError):
            raise _bad(text, "the rows of a nested list differ in length") from None
    if array.size > MAX_VALUES:
        raise CommandError(f"{array.size} values are too many", fix=f"at most {MAX_VALUES} are taken")
    return array


def _read_array(path: str) -> NDArray[np.float64]:
    import io

    import numpy as np

    content = read_bytes(path)
    if path.endswith(".npy"):
        try:
            array = np.load(io.BytesIO(content), allow_pickle=False)
            if array.dtype.kind not in "biuf":
                raise ValueError(f"it holds {array.dtype}, not real numbers")
        except (ValueError, OSError, EOFError) as error:
            raise CommandError(
                f"{path}: not a usable .npy file: {error}", fix="save it with numpy.save"
            ) from None
        return np.asarray(array, dtype=np.float64)
    if not path.endswith((".csv", ".txt")):
        raise CommandError(f"{path}: unknown kind of file", ExitCode.USAGE, fix="give a .csv or .npy file")
    rows = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if line.strip():
            try:
                rows.append([float(cell) for cell in line.split(",")])
            except ValueError:
                message = f"{path}: line {number} is not all numbers: {line[:60]!r}"
                raise CommandError(
                    message, fix="give numbers separated by commas, without a header"
                ) from None
            if len(rows[-1]) != len(rows[0]):
                message = f"{path}: line {number} has {len(rows[-1])} values, the first has {len(rows[0])}"
                raise CommandError(message, fix="make all rows equally long")
    if not rows:
        raise CommandError(f"{path}: the file is empty", fix="give at least one number")
    array = np.array(rows)
    return array[:, 0] if array.shape[1] == 1 else array


def _bad(text: str, reason: str) -> CommandError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    message = f"cannot read the value {shown!r}: {reason}"
    return CommandError(message, ExitCode.USAGE, fix="write 3, 1/6, [1, 2] or @file.csv")
