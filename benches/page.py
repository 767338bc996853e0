"""The page of the documentation that shows what was measured."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from measure import Result
from sweep import Sweep, crossings
from table import markdown, summary

HEAD = """\
# Speed

diffkit beside PyTorch, JAX, NumPy and autograd. `benches/plot.py` made this page from measurements;
[benches/README.md](../benches/README.md) says how to repeat them and how to read the figures.

"""
CASES = """\
A bar goes from 1, as fast as the other, to diffkit's ratio, for the comparison that is closest to its limit:
the black mark, the ratio to stay below.

"""
TABLES = """\
The columns of the others are diffkit's time over theirs: below 1 diffkit is faster. PyTorch is measured with
its default number of threads and with one, and the faster of the two counts.
"""
SIZES = """\

## Where others overtake

The ratios by size, from overhead to memory bandwidth.

"""


def page(
    machine: dict[str, Any], results: list[Result], sweeps: dict[str, Sweep], pictures: dict[str, str]
) -> str:
    text = HEAD + conditions(machine) + "\n"
    if "cases" in pictures:
        text += f"{summary(results)}.\n\n{CASES}![The ratios of all cases]({pictures['cases']})\n\n"
    text += TABLES
    for theme, rows in groupby(results, lambda result: result.theme):
        text += f"\n## {theme.capitalize()}\n\n{markdown(list(rows))}\n"
    if sweeps:
        text += f"{SIZES}![The ratios by size]({pictures['sizes']})\n"
    for operation, by_size in sweeps.items():
        text += f"\n### {operation}\n\n{markdown(list(by_size.values()))}\n\n"
        text += "\n".join(f"- {line}" for line in crossings(by_size)) + "\n"
    return text


def conditions(machine: dict[str, Any]) -> str:
    """The machine, the versions and what else the figures depend on."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    threads = ", ".join(f"{name} {count}" for name, count in machine["threads"].items())
    least, most = machine["rounds"]
    return (
        f"- {machine['processor']}, {machine['cores']} cores\n"
        f"- {machine['system']}, Python {machine['python']}\n"
        f"- {versions}\n"
        f"- threads: {threads}; load {machine['load']} before and {machine['load at the end']} after\n"
        f"- medians of {least} to {most} rounds\n"
    )
