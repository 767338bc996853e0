"""Peak memory of a training step: a perceptron on a batch of 2048, data included, above the import.

Each library has a process of its own, which is this file: ``python benches/memory.py torch``.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from cases.training import perceptron
from measure import LIBRARIES, Effort, Result, torch_labels

CASE = replace(perceptron(2048, {"torch": 1.0}), limit=None)
STEPS = 10
RESET_PEAK = "5"  # what /proc/self/clear_refs takes for it


def memory(libraries: dict[str, Any], effort: Effort) -> Result:
    result = Result(f"peak memory, {CASE.name}", "memory and busy cores", "MB", CASE.bars, {})
    for library in CASE.setups():
        if library not in libraries:
            continue
        command = [sys.executable, __file__, library]
        runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(effort.least)]
        label = next(iter(torch_labels(libraries["torch"]))) if library == "torch" else library
        failures = [run.stderr for run in runs if run.returncode != 0]
        if failures:
            result.problems[library] = failures[0].strip().rpartition("\n")[2]
        else:
            result.samples[label] = [float(run.stdout) for run in runs]
    return result


def peak(library: str) -> float:
    """Megabytes that this process needs for some steps, over those it had after the import."""
    module = importlib.import_module(LIBRARIES[library])
    imported = megabytes("VmRSS")
    run = CASE.setups()[library](module)
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    for _ in range(STEPS):
        run()
    return megabytes("VmHWM") - imported


def megabytes(entry: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(entry + ":"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(f"/proc/self/status has no {entry}")


if __name__ == "__main__":
    print(peak(sys.argv[1]))
