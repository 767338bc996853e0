"""Turn a CSV file with gaps and categories into numbers, with a recipe for new rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from diffkit_cli.errors import CommandError, ExitCode, tell
from diffkit_cli.inputs import parse_number, read_bytes
from diffkit_cli.output import Output, Table, new_file, output_options

if TYPE_CHECKING:
    from diffkit.data import Prepared, Recipe


@click.group()
def data() -> None:
    """Prepare data for learning."""


@data.command()
@click.argument("source", metavar="DATA.CSV")
@click.option(
    "--out", type=click.Path(dir_okay=False), help="Write X, y and the column names to this .npz file."
)
@click.option("--target", metavar="COL", help="The column to predict; it becomes y.")
@click.option(
    "--impute",
    type=click.Choice(["mean", "median", "mode", "constant"]),
    help="What fills the gaps of number columns. [default: mean]",
)
@click.option("--fill", metavar="V", help="The value for --impute constant.")
@click.option("--one-hot/--no-one-hot", default=None, help="Text columns become indicators. [default: yes]")
@click.option("--drop", multiple=True, metavar="COL", help="Leave this column out.")
@click.option("--recipe", metavar="FILE", help="Where to save the recipe. [default: beside --out]")
@click.option("--apply", "apply_", metavar="RECIPE", help="Prepare with a saved recipe instead of a new one.")
@click.option(
    "--unknown",
    type=click.Choice(["error", "zero"]),
    default="error",
    show_default=True,
    help="With --apply: a category that the recipe has not seen.",
)
@click.option("--delimiter", default=",", show_default=True, help="One character between values.")
@click.option("--keep-space", is_flag=True, help="Keep the spaces around values.")
@output_options
def prepare(
    source: str,
    out: str | None,
    target: str | None,
    impute: str | None,
    fill: str | None,
    one_hot: bool | None,
    drop: tuple[str, ...],
    recipe: str | None,
    apply_: str | None,
    unknown: str,
    delimiter: str,
    keep_space: bool,
    output: Output,
) -> None:
    """Read DATA.CSV (or - for stdin), fill its gaps, turn text into indicators, split off the target.

    \b
    diffkit data prepare house.csv --target Price --out house.npz
    diffkit data prepare new.csv --apply house.recipe.json --out new.npz

    NA, NaN, null and empty values are missing, with or without spaces around. A text column such as Alley
    becomes Alley_Pave, ... and Alley_nan for "missing". The .npz file holds X, y, columns and target; the
    recipe is JSON and prepares new rows in the same way. Without --out the prepared rows are printed.
    """
    from diffkit.data import DataError, Recipe, read_csv

    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise click.UsageError("--delimiter must be one character, such as ';'")
    try:
        table = read_csv(read_bytes(source), delimiter=delimiter, keep_space=keep_space)
        if apply_ is not None:
            if not all(option in (None, ()) for option in (target, impute, fill, one_hot, drop, recipe)):
                raise click.UsageError(
                    "--apply takes everything from the recipe: leave out the fitting options"
                )
            fitted = _load(Recipe.load, apply_)
        else:
            fitted = Recipe.fit(
                table,
                target=target,
                impute=impute or "mean",
                fill=None if fill is None else float(parse_number(fill)),
                one_hot=one_hot is not False,
                drop=drop,
            )
        prepared = fitted.apply(table, unknown=unknown)
    except DataError as error:
        raise CommandError(f"{_name(source)}: {error}") from error
    written: list[str] = []
    if out is not None:
        with new_file(out) as file:
            _save(file, prepared)
        written.append(out)
    if apply_ is None and (out is not None or recipe is not None):
        path = recipe or str(Path(str(out)).with_suffix(".recipe.json"))
        with new_file(path) as file:
            file.write(fitted.to_json().encode())
        written.append(path)
    _report(prepared, written, output)


def _load(load: Callable[[str], Recipe], path: str) -> Recipe:
    try:
        return load(path)
    except OSError as error:
        message = f"cannot read recipe {path!r}: {error.strerror}"
        raise CommandError(message, ExitCode.NOT_FOUND, fix="check the path") from None


def _name(source: str) -> str:
    return "stdin" if source == "-" else source


def _save(file: IO[bytes], prepared: Prepared) -> None:
    import numpy as np

    columns = np.array(prepared.columns, dtype=np.str_)
    if prepared.y is None:
        np.savez(file, X=prepared.X, columns=columns)
    else:
        np.savez(file, X=prepared.X, y=prepared.y, columns=columns, target=np.array(prepared.target))


def _report(prepared: Prepared, written: list[str], output: Output) -> None:
    names = list(prepared.columns)
    document: dict[str, object] = {
        "rows": len(prepared.X),
        "columns": names,
        "target": prepared.target if prepared.y is not None else None,
        "imputed": prepared.imputed,
        "unknown": prepared.unknown,
        "ignored": prepared.ignored,
        "written": written,
    }
    for column, count in prepared.unknown.items():
        tell(f"warning: column {column!r}: {count} cells with an unknown category became zeros")
    if prepared.ignored:
        tell(f"warning: columns not in the recipe are ignored: {', '.join(prepared.ignored)}")
    notes = [f"imputed {count} cells of {column}" for column, count in prepared.imputed.items()]
    if written:
        summary = [[key, value] for key, value in document.items() if value not in ({}, (), None)]
        output.emit(document, Table(["what", "value"], summary))
        return
    rows: list[list[object]] = prepared.X.tolist()
    if prepared.y is not None:
        names = [*names, str(prepared.target)]
        rows = [[*row, value] for row, value in zip(rows, prepared.y.tolist(), strict=True)]
    output.emit({**document, "data": rows, "data_columns": names}, Table(names, rows), notes=notes)
