"""Summaries and exact probability tables of a CSV file."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from diffkit_cli.errors import CommandError, ExitCode
from diffkit_cli.inputs import parse_number, parse_numbers, read_bytes
from diffkit_cli.output import Output, Table, output_options

if TYPE_CHECKING:
    from diffkit.data import CsvColumns
    from diffkit.probability import Table as ProbabilityTable


class _SummaryByDefault(click.Group):
    """`diffkit stats data.csv` means `diffkit stats summary data.csv`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            args = ["summary", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_SummaryByDefault)
def stats() -> None:
    """Statistics of a CSV file: `summary` of numbers (the default), `table` of probabilities."""


@stats.command()
@click.argument("source", metavar="DATA.CSV")
@click.option(
    "-c", "--column", "columns", multiple=True, metavar="COL", help="This column only; may be repeated."
)
@click.option(
    "-q", "--quantiles", default="0.25,0.5,0.75", show_default=True, help="Probabilities in [0, 1]."
)
@output_options
def summary(source: str, columns: tuple[str, ...], quantiles: str, output: Output) -> None:
    """Count, mean with its standard error, variance, quantiles and more of each number column.

    DATA.CSV may be - for stdin. The variance divides by n - 1; the standard error of the mean is the standard
    deviation over the square root of n; quantiles interpolate linearly between the sorted values.
    """
    levels = _levels(quantiles)
    table = _read(source, columns)
    records, skipped = [], []
    for name in columns or table:
        values, text_line = _numbers(table, name)
        if text_line is None:
            records.append(_summarise(name, values, len(table[name]) - len(values), levels))
        elif columns:
            raise CommandError(f"{source}: line {text_line}, column {name!r} is not a number")
        else:
            skipped.append(name)
    if not records:
        message = f"{source}: no column holds only numbers"
        raise CommandError(message, fix="see diffkit stats table for categories")
    notes = [f"not numbers, so left out: {', '.join(skipped)}"] if skipped else []
    output.emit({"columns": records, "skipped": skipped}, Table.of(records), notes=notes)


@stats.command("table")
@click.argument("source", metavar="DATA.CSV")
@click.option(
    "--joint", required=True, metavar="A,B", help="The columns that make the table, comma-separated."
)
@click.option("--given", multiple=True, metavar="B=1", help="Condition on this value; may be repeated.")
@click.option(
    "--weight", metavar="COL", help="A column of counts, or of probabilities such as 1/6 that sum to 1."
)
@output_options
def probability_table(
    source: str, joint: str, given: tuple[str, ...], weight: str | None, output: Output
) -> None:
    """Joint, marginal and conditional probabilities, Bayes' theorem and independence of columns.

    \b
    diffkit stats table data.csv --joint A,B --given B=1

    Probabilities are exact fractions of the table. When it was made from rows or counts they are also
    estimates, so 95 % intervals (Wilson) are printed, and independence is tested (chi-square and G). A row
    with a missing value in a column of the table is an error.
    """
    names = [name.strip() for name in joint.split(",")]
    if len(set(names)) < len(names):
        raise click.UsageError(f"--joint {joint}: a column is named twice")
    columns = _read(source, [*names, *([weight] if weight else [])])
    try:
        table = _probabilities(columns, names, weight)
        conditions = _conditions(given, table)
        rest = [name for name in names if name not in conditions]
        if conditions and not rest:
            raise click.UsageError("--given names every column: leave one out, whose probability is asked")
        rows = _probability_rows(table, names, conditions)
        bayes = _bayes_rows(table, rest, conditions) if conditions else []
        independence = _independence_rows(table, names)
    except ValueError as error:
        raise CommandError(f"{source}: {error}") from error
    document = {"rows": table.total, "probabilities": rows, "bayes": bayes, "independence": independence}
    tables = [Table.of(rows, "Probabilities")]
    if bayes:
        tables.append(Table.of(bayes, "Bayes: posterior = likelihood * prior / evidence"))
    if independence:
        tables.append(Table.of(independence, "Independence"))
    notes = [
        f"the test of {row['claim']} is approximate: an expected count is below 5"
        for row in independence
        if isinstance(row.get("smallest_expected"), float) and float(str(row["smallest_expected"])) < 5
    ]
    output.emit(document, *tables, notes=notes)


def _read(source: str, needed: Sequence[str]) -> CsvColumns:
    from diffkit.data import DataError, read_csv

    try:
        table = read_csv(read_bytes(source))
    except DataError as error:
        raise CommandError(f"{source}: {error}") from error
    for name in needed:
        if name not in table:
            message = f"{source}: no column {name!r}"
            raise CommandError(message, ExitCode.NOT_FOUND, fix=f"the columns are {', '.join(table)}")
    return table


def _levels(quantiles: str) -> list[float]:
    parsed = parse_numbers(quantiles)
    levels = [
        level for level in (parsed if isinstance(parsed, list) else [parsed]) if not isinstance(level, list)
    ]
    if not levels or not all(0 <= level <= 1 for level in levels):
        raise click.UsageError(f"--quantiles {quantiles}: give probabilities between 0 and 1")
    return [float(level) for level in levels]


def _numbers(table: CsvColumns, name: str) -> tuple[list[float], int | None]:
    """The numbers of a column without the missing ones; and the line of the first value that is no number."""
    values = []
    for line, cell in zip(table.lines, table[name], strict=True):
        if cell is not None:
            try:
                values.append(float(cell))
            except ValueError:
                return [], line
            if not math.isfinite(values[-1]):
                raise CommandError(
                    f"line {line}, column {name!r}: {cell} is not finite", fix="mark it as missing"
                )
    return values, None


def _summarise(name: str, values: list[float], missing: int, levels: Sequence[float]) -> dict[str, object]:
    import numpy as np

    n = len(values)
    record: dict[str, object] = {"column": name, "count": n, "missing": missing}
    mean, variance = _mean_variance(values) if n else (None, None)
    record["mean"] = mean
    record["stderr"] = None if variance is None else math.sqrt(variance / n)
    record["variance"] = variance
    record["std"] = None if variance is None else math.sqrt(variance)
    record["min"] = min(values, default=None)
    scale = _scale(values)
    scaled = [value * scale for value in values]
    for level in levels:
        record[f"q{level:g}"] = float(np.quantile(scaled, level)) / scale if n else None
    record["max"] = max(values, default=None)
    return record


def _scale(values: Sequence[float]) -> float:
    """A power of two by which the values are multiplied so that their sums and squares stay finite."""
    return 2.0**-600 if max(map(abs, values), default=0.0) > 1e150 else 1.0


def _mean_variance(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and variance (over n - 1, None for one value), in two passes with exactly rounded sums."""
    n = len(values)
    scale = _scale(values)
    mean = math.fsum(value * scale / n for value in values)
    if n == 1:
        return mean / scale, None
    deviations = [value * scale - mean for value in values]
    # the second term removes what the rounding of the mean put into the first
    total = math.fsum(d * d for d in deviations) - math.fsum(deviations) ** 2 / n
    return mean / scale, total / (n - 1) / scale / scale


def _probabilities(columns: CsvColumns, names: Sequence[str], weight: str | None) -> ProbabilityTable:
    from diffkit.probability import Table as ProbabilityTable

    for name in [*names, *([weight] if weight else [])]:
        if None in columns[name]:
            line = columns.lines[columns[name].index(None)]
            raise CommandError(
                f"line {line}: column {name!r} is missing", fix="remove such rows or fill them in"
            )
    keys = list(zip(*(columns[name] for name in names), strict=True))
    if weight is None:
        return ProbabilityTable.from_rows(names, (dict(zip(names, key, strict=True)) for key in keys))
    weights: dict[tuple[Any, ...], Fraction] = {}
    for line, key, cell in zip(columns.lines, keys, columns[weight], strict=True):
        value = parse_number(str(cell))
        if isinstance(value, float) or value < 0:
            raise CommandError(f"line {line}: the weight {cell} is not a count or a probability")
        weights[key] = weights.get(key, Fraction(0)) + value
    if all(value.denominator == 1 for value in weights.values()) and sum(weights.values()) != 1:
        return ProbabilityTable.from_counts(names, {key: int(value) for key, value in weights.items()})
    return ProbabilityTable.from_probabilities(names, weights)


def _conditions(given: Sequence[str], table: ProbabilityTable) -> dict[str, str]:
    conditions = {}
    for text in given:
        name, equals, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or name not in table.names or name in conditions:
            raise click.UsageError(f"--given {text}: write COLUMN=VALUE, once for a column of --joint")
        if value not in table.values(name):
            known = ", ".join(table.values(name)[:20])
            message = f"--given {text}: {name} never has this value"
            raise CommandError(message, ExitCode.NOT_FOUND, fix=f"its values are {known}")
        conditions[name] = value
    return conditions


def _probability_rows(
    table: ProbabilityTable, names: Sequence[str], conditions: Mapping[str, str]
) -> list[dict[str, object]]:
    parts = [(table, "")]
    if len(names) > 1:
        parts += [(table.marginal(name), "") for name in names]
    if conditions:
        condition = ", ".join(f"{name}={value}" for name, value in conditions.items())
        parts.append((table.conditional(given=conditions), f" | {condition}"))
    return [
        _probability_row(part, key, probability, condition)
        for part, condition in parts
        for key, probability in sorted(part.joint.items(), key=lambda item: item[0])
    ]


def _probability_row(
    table: ProbabilityTable, key: tuple[Any, ...], probability: Fraction, condition: str
) -> dict[str, object]:
    from diffkit.probability import wilson_interval

    event = ", ".join(f"{name}={value}" for name, value in zip(table.names, key, strict=True))
    row: dict[str, object] = {
        "event": f"P({event}{condition})",
        "exact": str(probability),
        "decimal": float(probability),
    }
    if table.counts is not None and table.total is not None:
        low, high = wilson_interval(table.counts[key], table.total)
        row |= {"low95": low, "high95": high, "count": table.counts[key], "of": table.total}
    return row


def _bayes_rows(
    table: ProbabilityTable, rest: Sequence[str], conditions: Mapping[str, str]
) -> list[dict[str, object]]:
    condition = ", ".join(f"{name}={value}" for name, value in conditions.items())
    rows: list[dict[str, object]] = []
    for key in sorted(table.marginal(*rest).joint):
        event = dict(zip(rest, key, strict=True))
        label = ", ".join(f"{name}={value}" for name, value in event.items())
        parts = table.bayes(event, conditions)
        rows.append(
            {
                "posterior": f"P({label} | {condition})",
                "value": str(parts.posterior),
                f"P({condition} | event)": str(parts.likelihood),
                "P(event)": str(parts.prior),
                f"P({condition})": str(parts.evidence),
            }
        )
    return rows


def _independence_rows(table: ProbabilityTable, names: Sequence[str]) -> list[dict[str, object]]:
    """Every pair by itself, and given all the other columns."""
    claims: list[tuple[str, str, list[str]]] = []
    for a, b in itertools.combinations(names, 2):
        claims.append((a, b, []))
        others = [name for name in names if name not in (a, b)]
        if others:
            claims.append((a, b, others))
    rows = []
    for a, b, given in claims:
        largest = table.dependence(a, b, given)
        row: dict[str, object] = {
            "claim": f"{a}, {b} independent" + (f" given {', '.join(given)}" if given else ""),
            "holds_exactly": largest == 0,
            "largest_deviation": str(largest),
        }
        if table.counts is not None:
            test = table.test_independence(a, b, given)
            row |= {"chi2": test.chi2, "df": test.df, "p_value": test.p_value, "G": test.g}
            row |= {"G_p_value": test.g_p_value, "smallest_expected": test.smallest_expected}
        rows.append(row)
    return rows
