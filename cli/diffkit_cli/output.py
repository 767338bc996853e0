"""What a command prints: a table on a terminal, tab-separated text in a pipe, `--json` or `--csv` on request.

A command takes `@output_options`, receives `output: Output` and calls `output.emit(document, table, ...)`
once: the document is what `--json` prints, the tables are what people and pipes see.
"""

from __future__ import annotations

import functools
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, TypeVar

import click

from diffkit_cli.errors import CommandError, ExitCode, tell

__all__ = [
    "CommandError",
    "ExitCode",
    "Output",
    "Table",
    "folded",
    "json_value",
    "new_file",
    "output_options",
    "printable",
    "progress",
]

SCHEMA = 1
_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})

Result = TypeVar("Result")


class Table:
    """Rows to show. `title` appears on a terminal only.

    On a terminal that is too narrow the columns in `cut` are cut, so that each row stays on one line; a
    column with twice the number keeps twice the room, and one of them that no row fills is left out.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]] = (),
        title: str = "",
        cut: Mapping[str, int] | None = None,
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.title = title
        self.cut = cut or {}

    @classmethod
    def of(cls, records: Iterable[Mapping[str, object]], title: str = "") -> Table:
        """A table from dictionaries; the columns are their keys in the order first seen."""
        records = list(records)
        columns = list(dict.fromkeys(key for record in records for key in record))
        return cls(columns, [[record.get(column) for column in columns] for record in records], title)


class Output:
    """Where a command puts its result: `format` is `"auto"`, `"json"` or `"csv"`."""

    def __init__(self, format: str = "auto") -> None:
        self.format = format

    @property
    def on_terminal(self) -> bool:
        """Whether a person looks at the tables: bars and colours help there, and harm in a pipe."""
        return self.format == "auto" and sys.stdout.isatty()

    def emit(self, document: Mapping[str, object], *tables: Table, notes: Sequence[str] = ()) -> None:
        """Print a result once, in the format that was asked for.

        `--json` prints `document` (a `schema` number is put first), `--csv` prints the first table.
        Otherwise every table is printed. Notes come last; what is not a terminal gets them on stderr, so
        that a pipe holds the tables alone, and `--json` leaves them out.
        """
        if self.format == "json":
            indent = 2 if sys.stdout.isatty() else None
            click.echo(
                json.dumps({"schema": SCHEMA} | _json_mapping(document), ensure_ascii=False, indent=indent)
            )
        elif self.format == "csv":
            for table in tables[:1]:
                _write_csv(table)
            _write_notes(notes)
        elif self.on_terminal:
            for table in tables:
                _write_rich(table)
            for note in notes:
                click.echo(folded(note))
        else:
            for index, table in enumerate(tables):
                _write_plain(table, first=index == 0)
            _write_notes(notes)


def output_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add `--json` and `--csv` to a command, which receives them as `output: Output`."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
    @functools.wraps(command)
    def run(*args: Any, as_json: bool, as_csv: bool, **kwargs: Any) -> Result:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv exclude each other: give one of them")
        return command(*args, output=Output("json" if as_json else "csv" if as_csv else "auto"), **kwargs)

    return run


@contextmanager
def progress(total: int, label: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, only when stderr is a terminal. Yields `advance(steps)`."""
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.update(task, advance=steps)


@contextmanager
def new_file(path: str) -> Iterator[IO[bytes]]:
    """A file written in whole or not at all: beside its place first, moved there when the block succeeds."""
    temporary = f"{path}.{os.getpid()}.part"
    try:
        with open(temporary, "wb") as file:
            yield file
        os.replace(temporary, path)
    except OSError as error:
        raise CommandError(f"cannot write {path!r}: {error.strerror}", ExitCode.NOT_FOUND) from None
    finally:
        with suppress(OSError):
            os.remove(temporary)


def json_value(value: object) -> object:
    """`value` as plain JSON: NaN and infinities as strings, fractions as `"1/6"`, arrays as nested lists."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
    if _is_fraction(value):
        return str(value)
    if isinstance(value, Mapping):
        return _json_mapping(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy arrays and scalars, tensors
        return json_value(value.tolist())
    if hasattr(value, "isoformat"):  # dates and times
        return value.isoformat()
    return str(value)


def _json_mapping(mapping: Mapping[Any, object]) -> dict[str, object]:
    return {str(key): json_value(value) for key, value in mapping.items()}


def _cell(value: object, digits: int | None) -> str:
    """A value as text; floats with `digits` significant digits, or exactly when it is None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(float(value)) if digits is None else f"{value:.{digits}g}"
    if isinstance(value, str | int) or _is_fraction(value):
        return str(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset) or hasattr(value, "tolist"):
        plain = json_value(value)
        return json.dumps(plain if digits is None else _rounded(plain, digits), ensure_ascii=False)
    return str(value)


def _rounded(value: object, digits: int) -> object:
    """Plain JSON with every float inside rounded for reading."""
    if isinstance(value, list):
        return [_rounded(item, digits) for item in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


def folded(text: str) -> str:
    """`text` in lines of the terminal's width, broken between words; a command to be copied stays whole."""
    import re
    import shutil
    import textwrap

    width = max(20, shutil.get_terminal_size().columns)
    whole = re.sub(r"diffkit [^;,()\n]*", lambda command: command[0].replace(" ", "\xa0"), text)
    lines = (
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False, drop_whitespace=True)
        for line in whole.split("\n")
    )
    return "\n".join(lines).replace("\xa0", " ")


def _write_notes(notes: Sequence[str]) -> None:
    for note in notes:
        tell(note)


def _write_csv(table: Table) -> None:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(value, None) for value in row] for row in table.rows)
    click.echo(buffer.getvalue(), nl=False)


def _write_plain(table: Table, first: bool) -> None:
    """Tab-separated; a tab, line break or backslash inside a cell is written as `\\t`, `\\n`, `\\\\`."""
    if not first:
        click.echo()
    click.echo("\t".join(table.columns))
    for row in table.rows:
        click.echo("\t".join(_cell(value, None).translate(_ESCAPES) for value in row))


def _write_rich(table: Table) -> None:
    """A table for reading; one that is too wide, with fewer rows than columns, is turned on its side."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False)
    shown = [
        i
        for i, name in enumerate(table.columns)
        if name not in table.cut or not table.rows or any(row[i] not in (None, "") for row in table.rows)
    ]
    numeric = [
        bool(table.rows) and all(_is_number(row[i]) or row[i] is None for row in table.rows) for i in shown
    ]
    grid = [[printable(_cell(row[i], 6)) for i in shown] for row in (table.columns, *table.rows)]
    if table.cut:
        grid = _cut(grid, table, console.width)
    width = sum(max(map(len, cells)) + 3 for cells in zip(*grid, strict=True))
    if not table.cut and width > console.width and 0 < len(table.rows) < len(table.columns):
        grid = [list(cells) for cells in zip(*grid, strict=True)]
        numeric = [False] * len(grid[0])
    title = Text(printable(table.title)) if table.title else None
    view = RichTable(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for name, right in zip(grid[0], numeric, strict=True):
        view.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in grid[1:]:
        view.add_row(*map(Text, row))
    console.print(view)


def _cut(grid: list[list[str]], table: Table, room: int) -> list[list[str]]:
    """The cells with those of the columns in `table.cut` as short as the room asks for."""
    from rich.cells import cell_len, set_cell_size

    grid = [[" ".join(cell.split()) for cell in row] for row in grid]
    widths = [max(map(cell_len, cells)) for cells in zip(*grid, strict=True)]
    weights = {i: table.cut[name] for i, name in enumerate(grid[0]) if name in table.cut}
    excess = sum(widths) + 3 * len(widths) + 1 - room
    while excess > 0 and (wide := [i for i in weights if widths[i] > 8]):
        widths[max(wide, key=lambda i: widths[i] / weights[i])] -= 1
        excess -= 1

    def fitted(cell: str, width: int) -> str:
        return cell if cell_len(cell) <= width else set_cell_size(cell, width - 1).rstrip() + "…"

    return [[fitted(cell, width) for cell, width in zip(row, widths, strict=True)] for row in grid]


def _is_number(value: object) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)) or _is_fraction(value)


def _is_fraction(value: object) -> bool:
    """Without an import of `fractions` for commands that have none."""
    return type(value).__name__ == "Fraction"


def printable(text: str) -> str:
    """Text from files must not move the cursor or recolour the screen: control characters become spaces."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
