"""From rows with gaps and categories to numbers, in a way that can be repeated on new rows.

`Recipe.fit` learns what to put into the gaps and which categories there are; `Recipe.apply` turns rows into
one float64 matrix with named columns, and can be saved beside a model. Data may be a path of a CSV file, a
dictionary of lists, a list of dictionaries, or a data frame of pandas, polars or pyarrow (none is imported).

>>> from diffkit.data import Recipe
>>> houses = {"NumRooms": [None, 2, 4, None], "Alley": ["Pave", None, None, None], "Price": [1, 2, 3, 4]}
>>> recipe = Recipe.fit(houses, target="Price")
>>> prepared = recipe.apply(houses)
>>> prepared.columns
('NumRooms', 'Alley_Pave', 'Alley_nan')
>>> prepared.X[0].tolist()
[3.0, 1.0, 0.0]
"""

from __future__ import annotations

import csv
import io
import json
import math
import numbers
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffkit import _frames
from diffkit.errors import DiffkitError

__all__ = ["MISSING", "Column", "DataError", "Prepared", "Recipe", "read_csv"]

MISSING = frozenset({"", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "-nan", "null", "NULL", "None", "<NA>"})
IMPUTE = ("mean", "median", "mode", "constant")
MAX_CATEGORIES = 1000
FORMAT = "diffkit recipe 1"

Columns = Mapping[str, Sequence[Any]]


class DataError(DiffkitError, ValueError):
    """The data cannot be read or prepared; the message names the place and the fix."""


class CsvColumns(dict[str, list[str | None]]):
    """Columns of text by name, None where a value is missing; `lines` holds each row's line in the file."""

    lines: list[int]


def read_csv(
    source: str | os.PathLike[str] | bytes,
    *,
    delimiter: str = ",",
    keep_space: bool = False,
    missing: Iterable[str] = MISSING,
) -> CsvColumns:
    """Read a CSV file with a header: columns of text, with None for a missing value.

    `source` is a path, or the content as bytes. Spaces around a value are dropped unless `keep_space`, so
    that the `NA` of `2, NA, 106000` is seen as missing. Blank lines are skipped. Raises DataError, with the
    line, for rows of the wrong length, an empty file, a repeated or empty column name, and anything that is
    not text.

    >>> read_csv(b"rooms, alley\\nNA, Pave\\n2, NA")
    {'rooms': [None, '2'], 'alley': ['Pave', None]}
    """
    if isinstance(source, bytes):
        content = source
    else:
        with open(source, "rb") as file:
            content = file.read()
    text = _decoded(content)
    absent = frozenset(missing)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=not keep_space
    )
    columns = CsvColumns()
    columns.lines = []
    names: list[str] = []
    try:
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip()):
                continue
            cells = row if keep_space else [cell.strip() for cell in row]
            if not names:
                names = cells
                _check_names(names, reader.line_num)
                columns.update({name: [] for name in names})
                continue
            if len(cells) != len(names):
                raise DataError(
                    f"line {reader.line_num} has {len(cells)} values, the header names {len(names)} columns: "
                    "add or remove values, or quote those that contain the delimiter"
                )
            for name, cell in zip(names, cells, strict=True):
                columns[name].append(None if cell in absent else cell)
            columns.lines.append(reader.line_num)
    except csv.Error as error:
        raise DataError(f"line {reader.line_num} is not valid CSV: {error}") from None
    if not names:
        raise DataError("the file is empty: it needs a header line with column names")
    return columns


@dataclass(frozen=True)
class Column:
    """What a recipe does with one column: fill its gaps with `fill`, or make an indicator per category."""

    name: str
    kind: str  # "number" or "category"
    fill: float | None = None
    categories: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the columns it becomes: `Alley` becomes `Alley_Pave` and `Alley_nan`."""
        if self.kind == "number":
            return (self.name,)
        return (*(f"{self.name}_{category}" for category in self.categories), f"{self.name}_nan")


@dataclass(frozen=True)
class Prepared:
    """Prepared rows: `X` (rows, columns) and `y` (rows) in float64; `y` is None without a target column.

    `imputed` counts the gaps that were filled in each column, `unknown` the cells whose category the recipe
    had not seen (only with `unknown="zero"`), `ignored` names the columns that the recipe does not use.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64] | None
    columns: tuple[str, ...]
    target: str | None
    imputed: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def tensors(self, dtype: Any = None) -> tuple[Any, Any]:
        """`(X, y)` as diffkit tensors, float32 unless `dtype` says otherwise; `y` may be None."""
        import diffkit

        dtype = diffkit.float32 if dtype is None else dtype
        y = None if self.y is None else diffkit.tensor(self.y, dtype=dtype)
        return diffkit.tensor(self.X, dtype=dtype), y


@dataclass(frozen=True)
class Recipe:
    """How to prepare rows; made by `fit` or `load`, used by `apply`, kept by `save`.

    >>> rows = {"rooms": [None, 2.0, 4.0], "price": [1.0, 2.0, 3.0]}
    >>> recipe = Recipe.fit(rows, target="price")
    >>> recipe.apply({"rooms": [None]}).X
    array([[3.]])
    """

    columns: tuple[Column, ...]
    target: str | None = None
    impute: str = "mean"
    dropped: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls,
        data: Any,
        *,
        target: str | None = None,
        impute: str = "mean",
        fill: float | None = None,
        one_hot: bool = True,
        drop: Sequence[str] = (),
    ) -> Recipe:
        """Learn a recipe from rows.

        A column whose values are all numbers keeps its place among the numbers, its gaps filled by the
        `impute` rule: `"mean"`, `"median"`, `"mode"` (the smallest of the most frequent) or `"constant"`
        (`fill`). A column of text becomes indicators, one per category in sorted order and one for "missing";
        with `one_hot=False` it is an error. `target` is split off, `drop` is left out. Raises DataError.
        """
        if impute not in IMPUTE:
            raise DataError(f"impute={impute!r} is unknown: use one of {', '.join(IMPUTE)}")
        if (fill is not None) != (impute == "constant"):
            raise DataError("impute='constant' needs fill=VALUE, and fill needs impute='constant'")
        table = _columns(data)
        for name in [*drop, *([target] if target is not None else [])]:
            if name not in table:
                raise DataError(f"no column {name!r}: the data has {', '.join(table)}")
        if not any(len(values) for values in table.values()):
            raise DataError("there are no rows to learn from")
        used = [name for name in table if name != target and name not in drop]
        fitted = [_fit_column(name, table, impute, fill) for name in used]
        texts = [column.name for column in fitted if column.kind == "category"]
        if texts and not one_hot:
            raise DataError(f"column {texts[0]!r} holds text: turn it into indicators (one-hot) or drop it")
        # numbers first, then indicators, as pandas.get_dummies orders them
        fitted.sort(key=lambda column: column.kind == "category")
        outputs = Counter(output for column in fitted for output in column.outputs)
        for output, count in outputs.items():
            if count > 1:
                raise DataError(f"two columns would be called {output!r}: rename or drop one")
        recipe = cls(tuple(fitted), target, impute, tuple(drop))
        recipe.apply(table)  # what cannot be applied to its own rows is no recipe
        return recipe

    def apply(self, data: Any, *, unknown: str = "error") -> Prepared:
        """Prepare rows as the recipe says; the target column may be absent.

        A category that `fit` has not seen is an error, or all zeros with `unknown="zero"` (then counted). A
        missing or infinite target, a column that is missing, text among numbers: DataError with the place.
        """
        if unknown not in ("error", "zero"):
            raise DataError(f"unknown={unknown!r}: use 'error' or 'zero'")
        table = _columns(data)
        rows = len(next(iter(table.values()), ()))
        blocks: list[NDArray[np.float64]] = []
        imputed: dict[str, int] = {}
        strange: dict[str, int] = {}
        for column in self.columns:
            if column.name not in table:
                raise DataError(
                    f"no column {column.name!r}, which the recipe needs: found {', '.join(table)}"
                )
            if column.kind == "number":
                values = _numbers(column.name, table)
                gaps = np.isnan(values)
                if gaps.any():
                    imputed[column.name] = int(gaps.sum())
                    values[gaps] = _filling(column)
                blocks.append(values[:, None])
            else:
                block, count = _indicators(column, table, unknown)
                blocks.append(block)
                if count:
                    strange[column.name] = count
        known = {column.name for column in self.columns} | {self.target, *self.dropped}
        return Prepared(
            X=np.hstack(blocks) if blocks else np.zeros((rows, 0)),
            y=self._target(table),
            columns=tuple(output for column in self.columns for output in column.outputs),
            target=self.target,
            imputed=imputed,
            unknown=strange,
            ignored=tuple(name for name in table if name not in known),
        )

    def _target(self, table: Columns) -> NDArray[np.float64] | None:
        if self.target is None or self.target not in table:
            return None
        y = _numbers(self.target, table)
        gaps = np.flatnonzero(np.isnan(y))
        if gaps.size:
            place = _place(table, int(gaps[0]))
            raise DataError(
                f"target {self.target!r} is missing in {gaps.size} rows, first {place}: remove them"
            )
        return y

    def to_json(self) -> str:
        """The recipe as JSON text."""
        document = {"format": FORMAT, **asdict(self)}
        return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the recipe as a JSON file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recipe:
        """Read a recipe that `save` wrote; DataError when the file is something else."""
        with open(path, "rb") as file:
            content = file.read()
        try:
            document = json.loads(content)
            if document["format"] != FORMAT:
                raise ValueError(f"its format is {document['format']!r}, not {FORMAT!r}")
            columns = tuple(_loaded_column(item) for item in document["columns"])
            target = document["target"]
            if not (target is None or isinstance(target, str)):
                raise TypeError("the target is not a name")
            dropped = tuple(str(name) for name in document["dropped"])
            return cls(columns, target, str(document["impute"]), dropped)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{os.fspath(path)} is not a recipe: {type(error).__name__}: {error}") from None


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
        bad = text.find("\0")
        line = text.count("\n", 0, bad) + 1
    except UnicodeDecodeError as error:
        bad = error.start
        line = content.count(b"\n", 0, bad) + 1
    if bad >= 0:
        raise DataError(f"line {line} is not UTF-8 text: this is no CSV file, or it has another encoding")
    return text


def _check_names(names: Sequence[str], line: int) -> None:
    for index, name in enumerate(names):
        if not name:
            raise DataError(f"line {line}: column {index + 1} has no name")
        if name in names[:index]:
            raise DataError(f"line {line}: the column name {name!r} appears twice")


def _columns(data: Any) -> Columns:
    """Any accepted kind of data as columns of equal length."""
    table: Columns
    if isinstance(data, str | os.PathLike):
        return read_csv(data)
    if isinstance(data, Mapping):
        table = data
    elif (frame := _frames.columns(data)) is not None:
        table = _table(frame)
    elif isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        names = list(dict.fromkeys(name for row in data for name in row))
        table = {name: [row.get(name) for row in data] for name in names}
    else:
        kind = type(data).__name__
        raise DataError(
            f"cannot read {kind}: give a CSV path, a dict of lists, a list of dicts or a data frame "
            "(a lazy one collected)"
        )
    for name in table:
        if not isinstance(name, str):
            raise DataError(f"the column name {name!r} is no string: rename the columns")
    lengths = {len(values) for values in table.values()}
    if len(lengths) > 1:
        raise DataError(f"the columns have different lengths: {sorted(lengths)}")
    return table


def _table(frame: Sequence[tuple[Any, Any]]) -> dict[str, Sequence[Any]]:
    table: dict[str, Sequence[Any]] = {name: _frames.cells(column) for name, column in frame}
    if len(table) < len(frame):
        twice = next(name for name, count in Counter(name for name, _ in frame).items() if count > 1)
        raise DataError(f"the column name {twice!r} appears twice: rename or drop one")
    return table


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, numbers.Real) and math.isnan(value)


def _number(value: Any) -> float | None:
    """A cell as a float, or None when it is no number. Text such as `1_000` is no number."""
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, str) and "_" not in value:
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _place(table: Columns, row: int) -> str:
    return f"line {table.lines[row]}" if isinstance(table, CsvColumns) else f"row {row + 1}"


def _fit_column(name: str, table: Columns, impute: str, fill: float | None) -> Column:
    present = [value for value in table[name] if not _is_missing(value)]
    if any(_number(value) is None for value in present):
        categories = sorted({_category(name, value) for value in present})
        if len(categories) > MAX_CATEGORIES:
            count = len(categories)
            raise DataError(f"column {name!r} has {count} categories, more than {MAX_CATEGORIES}: drop it")
        return Column(name, "category", categories=tuple(categories))
    values = _numbers(name, table)
    values = values[~np.isnan(values)]
    if impute == "constant":
        return Column(name, "number", fill)
    if not values.size:
        return Column(name, "number", None)
    if impute == "mode":
        found, counts = np.unique(values, return_counts=True)
        return Column(name, "number", float(found[counts.argmax()]))
    if impute == "median":
        return Column(name, "number", float(np.median(values)))
    return Column(name, "number", math.fsum(values / values.size))


def _numbers(name: str, table: Columns) -> NDArray[np.float64]:
    """A column as float64, with NaN where a value is missing."""
    result = np.empty(len(table[name]))
    for row, value in enumerate(table[name]):
        number = math.nan if _is_missing(value) else _number(value)
        if number is None:
            raise DataError(f"column {name!r}, {_place(table, row)}: {value!r} is not a number")
        if math.isinf(number):
            raise DataError(
                f"column {name!r}, {_place(table, row)}: {value!r} is not finite; mark it as missing"
            )
        result[row] = number
    return result


def _filling(column: Column) -> float:
    if column.fill is None:
        raise DataError(
            f"column {column.name!r} had no value to learn from, so its gaps cannot be filled: "
            "drop it, or impute a constant"
        )
    return column.fill


def _category(name: str, value: Any) -> str:
    if not isinstance(value, str | numbers.Real):
        kind = type(value).__name__
        raise DataError(f"column {name!r} holds {kind}, which is neither number nor text: convert or drop it")
    return str(value)


def _indicators(column: Column, table: Columns, unknown: str) -> tuple[NDArray[np.float64], int]:
    """One column of 0 and 1 per category and one for missing; and how many cells were unknown."""
    places = {category: index for index, category in enumerate(column.categories)}
    values = table[column.name]
    block = np.zeros((len(values), len(places) + 1))
    strange = 0
    for row, value in enumerate(values):
        if _is_missing(value):
            block[row, -1] = 1
            continue
        category = _category(column.name, value)
        if category in places:
            block[row, places[category]] = 1
        elif unknown == "zero":
            strange += 1
        else:
            raise DataError(
                f"column {column.name!r}, {_place(table, row)}: the recipe has not seen the category "
                f"{category!r}: fit again, or ask for zeros (unknown='zero')"
            )
    return block, strange


def _loaded_column(item: Mapping[str, Any]) -> Column:
    fill = item["fill"]
    if item["kind"] not in ("number", "category") or not isinstance(item["name"], str):
        raise ValueError(f"bad column {item!r}")
    if fill is not None:
        fill = float(fill)
    return Column(item["name"], item["kind"], fill, tuple(str(c) for c in item["categories"]))
