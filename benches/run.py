"""Measures diffkit beside PyTorch, NumPy, JAX and autograd: ``python benches/run.py [--quick] [--all]``.

All libraries run in one process, in turn. Every round times each of them once on the case, with as many
repeats as its calibration asked for; the figure is the median over the rounds. A library that is not
installed, or that cannot do a case, is left out of it and named below the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from busy import busy
from cases import CASES, THEMES
from measure import FULL, LIBRARIES, QUICK, Effort, Result, installed, load, machine, measure
from memory import memory
from sweep import SWEEPS, Sweep, crossings, sweep
from table import shortfalls, summary, table


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure diffkit beside PyTorch, NumPy, JAX and autograd.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--all", action="store_true", help="also --memory, --busy and --sweep")
    parser.add_argument("--memory", action="store_true", help="also the peak memory of a training step")
    parser.add_argument("--busy", action="store_true", help="also a training step beside a busy process")
    parser.add_argument("--sweep", action="store_true", help="also sizes from 1 to 10^8")
    parser.add_argument("--only", metavar="TEXT", help="only cases and sweeps whose name contains TEXT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample as JSON")
    return parser.parse_args()


def measured(options: argparse.Namespace, libraries: dict[str, Any], effort: Effort) -> list[Result]:
    results = []
    chosen = [
        (theme, case) for theme, cases in THEMES.items() for case in cases if wanted(options, case.name)
    ]
    for theme, case in chosen:
        progress(case.name)
        results.append(measure(case, theme, libraries, effort))
    if options.memory or options.all:
        progress("memory")
        results.append(memory(libraries, effort))
    if options.busy or options.all:
        progress("busy core")
        results.append(busy(libraries, effort))
    return results


def swept(options: argparse.Namespace, libraries: dict[str, Any], effort: Effort) -> dict[str, Sweep]:
    found = {}
    for operation in SWEEPS:
        if (options.sweep or options.all) and wanted(options, operation):
            progress(f"sweep of {operation}")
            found[operation] = sweep(operation, libraries, effort)
    return found


def wanted(options: argparse.Namespace, name: str) -> bool:
    return options.only is None or options.only in name


def progress(name: str) -> None:
    print(f"... {name}", file=sys.stderr, flush=True)


def print_head(facts: dict[str, Any]) -> None:
    print(f"{facts['processor']}, {facts['cores']} cores, load {facts['load']}, Python {facts['python']}")
    print(", ".join(f"{name} {version}" for name, version in facts["versions"].items()), end="; ")
    print("threads: " + ", ".join(f"{name} {count}" for name, count in facts["threads"].items()))


def print_results(results: list[Result], sweeps: dict[str, Sweep], libraries: dict[str, Any]) -> None:
    print("medians; /peer is the ratio of diffkit's to the peer's best; a bar is the ratio to stay below\n")
    if results:
        print(table(results), summary(results), shortfalls(results), sep="\n\n")
    for operation, by_size in sweeps.items():
        print(f"\n{operation}, by size", table(list(by_size.values())), "", *crossings(by_size), sep="\n")
    missing = [name for name in LIBRARIES if name not in libraries]
    if missing:
        print(f"\nnot installed: {', '.join(missing)}")
    for result in [*results, *(result for by_size in sweeps.values() for result in by_size.values())]:
        for name, problem in result.problems.items():
            print(f"{result.name}, {name}: {problem}")


def report(results: list[Result], sweeps: dict[str, Sweep], facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": 2,
        "machine": facts,
        "cases": [written(result) for result in results],
        "sweeps": {
            operation: {str(n): written(result) for n, result in by_size.items()}
            for operation, by_size in sweeps.items()
        },
    }


def written(result: Result) -> dict[str, Any]:
    """All that was measured, and what follows from it for the bars."""
    ratios = {bar: result.ratio(bar) for bar in result.bars}
    return asdict(result) | {"medians": result.medians, "ratios": ratios, "reached": result.reached()}


def main() -> int:
    options = arguments()
    names = [*(case.name for case in CASES), *SWEEPS]
    if not any(wanted(options, name) for name in names):
        print(f"no case contains {options.only!r}; there are: {'; '.join(names)}", file=sys.stderr)
        return 2
    libraries = installed()
    effort = QUICK if options.quick else FULL
    facts = machine(libraries) | {"rounds": [effort.least, effort.rounds]}
    print_head(facts)
    results = measured(options, libraries, effort)
    sweeps = swept(options, libraries, effort)
    facts["load at the end"] = load()
    print(f"load at the end {facts['load at the end']}, {effort.least} to {effort.rounds} rounds;", end=" ")
    print_results(results, sweeps, libraries)
    if options.json:
        document = report(results, sweeps, facts)
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 1 if any(result.problems for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
