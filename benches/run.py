"""Measures diffkit beside PyTorch, NumPy and JAX: ``python benches/run.py [--quick] [--json FILE]``.

All libraries run in one process, in turn. Every round times each of them once on the case, with as many
repeats as its calibration asked for; the figure is the median over the rounds. A library that is not
installed, or that cannot do a case, is left out of it and named below the table.
"""

from __future__ import annotations

import argparse
import functools
import gc
import importlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from cases import CASES, Case, Run

LIBRARIES = ("diffkit", "torch", "numpy", "jax")
SETTLE = 0.02


@dataclass
class Contender:
    """A library on a case; PyTorch enters twice, with its default number of threads and with one."""

    label: str
    run: Run
    prepare: Callable[[], None] = lambda: None
    repeats: int = 1
    samples: list[float] = field(default_factory=list)

    @property
    def microseconds(self) -> float:
        return statistics.median(self.samples) * 1e6


@dataclass
class Result:
    """The medians of one case in microseconds by label, and what went wrong by library."""

    case: Case
    medians: dict[str, float]
    samples: dict[str, list[float]]
    problems: dict[str, str]

    def ratio(self, other: str) -> float | None:
        """diffkit's time over the other library's best."""
        theirs = [value for label, value in self.medians.items() if label.split()[0] == other]
        if "diffkit" not in self.medians or not theirs:
            return None
        return self.medians["diffkit"] / min(theirs)

    def reached(self) -> str:
        ratios = {other: self.ratio(other) for other in self.case.bars}
        if any(ratio is None for ratio in ratios.values()):
            return "-"
        return "yes" if all((ratios[other] or 0) <= bar for other, bar in self.case.bars.items()) else "no"


def installed() -> dict[str, Any]:
    """The libraries that can be imported here, by name."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.import_module(name)
        except ImportError:
            continue
    return found


def contenders(case: Case, libraries: dict[str, Any], problems: dict[str, str]) -> list[Contender]:
    """Every library that can do the case, each with its first result checked against the others'."""
    setups: dict[str, Callable[[], Run] | None] = {"numpy": case.numpy, "jax": case.jax}
    for name in ("diffkit", "torch"):
        if name in libraries:
            setups[name] = functools.partial(case.torch_like, libraries[name])
    ready: dict[str, Run] = {}
    firsts: dict[str, np.ndarray] = {}
    for name in LIBRARIES:
        setup = setups.get(name)
        if name not in libraries or setup is None:
            continue
        try:
            run = setup()
            firsts[name] = np.asarray(run(), dtype=np.float64)
        except Exception as error:
            problems[name] = f"{type(error).__name__}: {error}"
            continue
        ready[name] = run
    reference = next((name for name in ("torch", "jax", "numpy") if name in firsts), "diffkit")
    for name, value in firsts.items():
        if not np.allclose(value, firsts[reference], rtol=1e-3):
            problems[name] = f"left out: it gives {value}, but {reference} gives {firsts[reference]}"
            del ready[name]
    return [contender for name, run in ready.items() for contender in variants(name, run, libraries[name])]


def variants(name: str, run: Run, module: Any) -> list[Contender]:
    if name != "torch":
        return [Contender(name, run)]
    threads = module.get_num_threads()
    if threads == 1:
        return [Contender("torch 1t", run)]
    return [
        Contender(f"torch {threads}t", run, lambda: module.set_num_threads(threads)),
        Contender("torch 1t", run, lambda: module.set_num_threads(1)),
    ]


def timed(contender: Contender, repeats: int) -> float:
    """Seconds for that many runs, without the collector and without the neighbours' threads.

    A pool of threads goes on spinning for some milliseconds after its last work, at the cost of whoever comes
    next: the pause lets it fall asleep, and one run before the clock starts wakes the contender's own.
    """
    run = contender.run
    contender.prepare()
    gc.collect()
    time.sleep(SETTLE)
    run()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        return time.perf_counter() - start
    finally:
        gc.enable()


def measure(case: Case, libraries: dict[str, Any], rounds: int, target: float) -> Result:
    problems: dict[str, str] = {}
    running = contenders(case, libraries, problems)
    threads = libraries["torch"].get_num_threads() if "torch" in libraries else 0
    for contender in running:
        while (elapsed := timed(contender, contender.repeats)) < target:
            contender.repeats = max(
                2 * contender.repeats, int(1.1 * contender.repeats * target / max(elapsed, 1e-9))
            )
    for turn in range(rounds):
        for i in range(len(running)):
            contender = running[(turn + i) % len(running)]
            contender.samples.append(timed(contender, contender.repeats) / contender.repeats)
    if "torch" in libraries:
        libraries["torch"].set_num_threads(threads)
    return Result(
        case,
        {contender.label: contender.microseconds for contender in running},
        {contender.label: contender.samples for contender in running},
        problems,
    )


def machine(libraries: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "versions": {name: getattr(module, "__version__", "?") for name, module in libraries.items()},
    }
    facts["threads"] = {
        name: module.get_num_threads()
        for name, module in libraries.items()
        if hasattr(module, "get_num_threads")
    }
    return facts


def processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def table(results: list[Result]) -> str:
    labels = list(dict.fromkeys(["diffkit", *(label for result in results for label in result.medians)]))
    header = ["case", *labels, "diffkit/torch", "diffkit/numpy", "bar", "reached"]
    rows = [header]
    for result in results:
        times = [f"{result.medians[label]:.2f}" if label in result.medians else "-" for label in labels]
        ratios = [result.ratio("torch"), result.ratio("numpy")]
        rows.append(
            [
                result.case.name,
                *times,
                *("-" if ratio is None else f"{ratio:.2f}" for ratio in ratios),
                ", ".join(f"{other} {bar:g}" for other, bar in result.case.bars.items()),
                result.reached(),
            ]
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, len(row)))]
        lines.append("  ".join(cells))
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def report(results: list[Result], facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": 1,
        "machine": facts,
        "cases": [
            {
                "case": result.case.name,
                "microseconds": result.medians,
                "samples_in_seconds": result.samples,
                "ratios": {"torch": result.ratio("torch"), "numpy": result.ratio("numpy")},
                "bars": dict(result.case.bars),
                "reached": result.reached(),
                "problems": result.problems,
            }
            for result in results
        ],
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure diffkit beside PyTorch, NumPy and JAX.")
    parser.add_argument("--quick", action="store_true", help="7 short rounds instead of 15 longer ones")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample as JSON")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name contains TEXT")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    chosen = [case for case in CASES if options.only in case.name]
    if not chosen:
        print(
            f"no case contains {options.only!r}; there are: {', '.join(case.name for case in CASES)}",
            file=sys.stderr,
        )
        return 2
    libraries = installed()
    facts = machine(libraries)
    rounds, target = (7, 0.004) if options.quick else (15, 0.02)
    print(f"{facts['processor']}, {facts['cores']} cores, load {facts['load']}, Python {facts['python']}")
    print(", ".join(f"{name} {version}" for name, version in facts["versions"].items()), end="; ")
    print("threads: " + ", ".join(f"{name} {count}" for name, count in facts["threads"].items()))
    print(f"microseconds per run, median of {rounds} rounds; a bar is the ratio to stay below\n")
    results = [measure(case, libraries, rounds, target) for case in chosen]
    print(table(results))
    missing = [name for name in LIBRARIES if name not in libraries]
    if missing:
        print(f"\nnot installed: {', '.join(missing)}")
    for result in results:
        for name, problem in result.problems.items():
            print(f"{result.case.name}, {name}: {problem}")
    if options.json:
        options.json.write_text(json.dumps(report(results, facts), indent=1) + "\n", encoding="utf-8")
    return 1 if any(result.problems for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
