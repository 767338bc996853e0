"""Draws what ``run.py --json FILE`` measured: ``python benches/plot.py FILE [--page DIRECTORY]``.

The pictures are SVG files beside the JSON. With ``--page`` they go into that directory instead, with a page
``speed.md`` of pictures and tables. Only this needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields
from itertools import groupby
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from measure import Result
from page import page
from sweep import Sweep
from table import peers, ratio, spoken

REACHED, MISSED = "#2a7f62", "#c8553d"
PEERS = {"torch": "#c8553d", "numpy": "#2e6f95", "jax": "#8a5fbf", "autograd": "#b08900"}
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "figure.labelsize": 9,
    "font.family": "sans-serif",
    "svg.fonttype": "none",
    "svg.hashsalt": "diffkit",
}
ROW = 0.19  # inches


def draw_bars(results: list[Result]) -> Any:
    """For each case a bar from 1 (as fast as the other) to its ratio, and a mark where it is to end."""
    drawn = [(result, found) for result in results if (found := result.closest()) is not None]
    themes = [(theme, list(rows)) for theme, rows in groupby(drawn, lambda row: row[0].theme)]
    lines = len(drawn) + 1.6 * len(themes)
    figure, axes = plt.subplots(figsize=(9.5, ROW * lines + 0.9), layout="constrained")
    ends = [end for _, (value, _, most) in drawn for end in (value, most)]
    axes.set(xscale="log", xlim=(min(ends) / 1.4, max(2.0, *ends) * 1.4), ylim=(lines, 0))
    axes.axvline(1, color="#888888", linewidth=0.8)
    beside = axes.get_yaxis_transform()
    names, places, y = [], [], 0.0
    for theme, rows in themes:
        y += 1.1
        axes.text(0, y, theme, transform=beside, fontweight="bold", ha="right", va="center")
        for result, (value, bar, most) in rows:
            y += 1
            reached = value <= most
            axes.barh(y, value - 1, 0.7, left=1, color=REACHED if reached else MISSED)
            axes.plot([most, most], [y - 0.4, y + 0.4], color="black", linewidth=2)
            told = f"{ratio(value)} of {spoken(bar)}"
            axes.text(1.01, y, told, transform=beside, va="center")
            names.append(result.name)
            places.append(y)
        y += 0.5
    axes.set_yticks(places, names)
    finish_bars(figure, axes)
    return figure


def finish_bars(figure: Any, axes: Any) -> None:
    axes.xaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.tick_params("y", length=0)
    axes.tick_params("x", which="both", top=True, labeltop=True)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    axes.spines[["left", "right"]].set_visible(False)
    figure.supxlabel(
        "diffkit's time or memory over the other's: left of 1 diffkit needs less; black marks are the bars"
    )


def draw_sweeps(sweeps: dict[str, Sweep]) -> Any:
    """The ratios by size: below 1 diffkit is faster."""
    figure, grid = plt.subplots(2, 2, figsize=(9.5, 7), sharex=True, sharey=True, layout="constrained")
    for axes, (operation, by_size) in zip(grid.flat, sweeps.items(), strict=False):
        for peer in peers(by_size.values()):
            points = [(n, found) for n, result in by_size.items() if (found := result.ratio(peer))]
            axes.plot(*zip(*points, strict=True), marker="o", markersize=3, color=PEERS[peer], label=peer)
        axes.axhline(1, color="black", linewidth=0.8)
        axes.set(xscale="log", yscale="log", title=operation)
        axes.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
        axes.grid(color="#dddddd")
        axes.legend(fontsize=8)
    figure.supxlabel("elements")
    figure.supylabel("diffkit's time over the other's; below 1 diffkit is faster")
    return figure


def read(path: Path) -> tuple[dict[str, Any], list[Result], dict[str, Sweep]]:
    document = json.loads(path.read_text(encoding="utf-8"))

    def result(row: dict[str, Any]) -> Result:
        return Result(**{field.name: row[field.name] for field in fields(Result)})

    sweeps = {
        operation: {int(n): result(row) for n, row in by_size.items()}
        for operation, by_size in document["sweeps"].items()
    }
    return document["machine"], [result(row) for row in document["cases"]], sweeps


def main() -> int:
    parser = argparse.ArgumentParser(description="Draw the ratios that run.py --json wrote.")
    parser.add_argument("json", type=Path, metavar="FILE")
    parser.add_argument("--page", type=Path, metavar="DIRECTORY", help="also write the page speed.md, there")
    options = parser.parse_args()
    machine, results, sweeps = read(options.json)
    stem = options.page / "speed" if options.page else options.json.with_suffix("")
    pictures = {}
    matplotlib.use("agg")
    with matplotlib.rc_context(STYLE):
        if any(result.closest() for result in results):
            pictures["cases"] = draw_bars(results), stem.with_name(f"{stem.name}.svg")
        if sweeps:
            pictures["sizes"] = draw_sweeps(sweeps), stem.with_name(f"{stem.name}-sizes.svg")
        for figure, path in pictures.values():
            figure.savefig(path, metadata={"Date": None})
            print(path)
    if options.page:
        names = {what: path.name for what, (_, path) in pictures.items()}
        target = options.page / "speed.md"
        target.write_text(page(machine, results, sweeps, names), encoding="utf-8")
        print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
