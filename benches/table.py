"""Results as text: the columns of the table, for a terminal or for a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from measure import LIBRARIES, MACHINE, Result

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (0.0, "ns"))


def amount(value: float, unit: str) -> str:
    """Three digits and a unit that suits them."""
    if unit != "s":
        return f"{digits(value)} {unit}"
    least, name = next(step for step in UNITS if value >= step[0])
    return f"{digits(value / (least or 1e-9))} {name}"


def digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value < 0.1 else digits(value)


def bars(result: Result) -> str:
    return ", ".join(f"{spoken(bar)} {most:g}" for bar, most in result.bars.items())


def spoken(bar: str) -> str:
    """With whom a bar compares."""
    return bar.replace("|", " or ")


def labels(results: Iterable[Result]) -> list[str]:
    """Who takes part, in the order of the libraries."""
    found = dict.fromkeys(label for result in results for label in result.samples)
    order = [*LIBRARIES, *MACHINE]
    return sorted(found, key=lambda label: order.index(label.split()[0]))


def peers(results: Iterable[Result]) -> list[str]:
    found = dict.fromkeys(label.split()[0] for label in labels(results))
    return [library for library in found if library != "diffkit"]


def table(results: list[Result]) -> str:
    """All values, the ratios of diffkit's to the others', the bars, and whether they are reached."""
    columns, others = labels(results), peers(results)
    barred = any(result.bars for result in results)
    rows = [["", *columns, *(f"/{other}" for other in others), *(["bar", "reached"] if barred else [])]]
    for result in results:
        values = result.medians
        rows.append(
            [
                result.name,
                *(amount(values[label], result.unit) if label in values else "-" for label in columns),
                *(ratio(result.ratio(other)) for other in others),
                *([bars(result), result.reached()] if barred else []),
            ]
        )
    return aligned(rows)


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, len(row)))])
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def markdown(results: list[Result]) -> str:
    """diffkit's values and the ratios to the others', as a table of a page."""
    others = peers(results)
    barred = any(result.bars for result in results)
    head = ["", "diffkit", *others, *(["bar", "reached"] if barred else [])]
    rows = [head, ["---", *["---:"] * (1 + len(others)), *["---"] * (len(head) - 2 - len(others))]]
    for result in results:
        own = result.medians.get("diffkit")
        rows.append(
            [
                result.name,
                "-" if own is None else amount(own, result.unit),
                *(ratio(result.ratio(other)) for other in others),
                *([bars(result), result.reached()] if barred else []),
            ]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def summary(results: list[Result]) -> str:
    """How many cases reach their bars."""
    judged = [result for result in results if result.reached() != "-"]
    return f"{sum(result.reached() == 'yes' for result in judged)} of {len(judged)} cases reach their bars"


def shortfalls(results: list[Result]) -> str:
    """The cases that do not, and how far they are away, the furthest first."""
    rows = []
    for result in results:
        found = result.closest()
        if found and found[0] > found[2]:
            value, bar, most = found
            rows.append((value / most, [result.name, ratio(value), spoken(bar), f"{most:g}"]))
    rows.sort(reverse=True)
    return aligned([["not reached", "ratio", "to", "bar"], *(row for _, row in rows)]) if rows else ""
