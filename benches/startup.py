"""Measures what starting costs: ``python benches/startup.py [--wheel FILE] [--json FILE]``.

Every figure is the median of 15 fresh processes, one of each kind per round after a warm-up; imports are
given over the time of a Python that does nothing.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15
SLOW = {"torch", "jax"}  # seconds each: five processes are enough
MODULES = ("diffkit", "numpy", "torch", "jax")


def commands() -> dict[str, list[str]]:
    """What to start, by name; what is not installed is left out."""
    chosen = {"bare": [sys.executable, "-c", "pass"]}
    for name in MODULES:
        if importlib.util.find_spec(name) is not None:
            chosen[name] = [sys.executable, "-c", f"import {name}"]
    beside = shutil.which("diffkit", path=str(Path(sys.executable).parent))
    if beside is not None:
        chosen["diffkit --help"] = [beside, "--help"]
    return chosen


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def medians(chosen: dict[str, list[str]]) -> dict[str, float]:
    """Milliseconds by name."""
    samples: dict[str, list[float]] = {name: [] for name in chosen}
    for command in chosen.values():
        seconds(command)
    for turn in range(ROUNDS):
        for name, command in chosen.items():
            if name not in SLOW or turn < 5:
                samples[name].append(seconds(command))
    return {name: statistics.median(values) * 1e3 for name, values in samples.items()}


def installed_size(distribution: str) -> int | None:
    """Bytes of the files of an installed distribution, without caches."""
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = [Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.is_file())


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the import of diffkit, its command and its size.")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="also tell the size of this wheel")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    options = parser.parse_args()
    times = medians(commands())
    bare = times.pop("bare")
    figures: dict[str, float] = {"bare Python, ms": bare}
    for name, value in times.items():
        if name in MODULES:
            figures[f"import {name}, ms over bare"] = value - bare
        else:
            figures[f"{name}, ms in all"] = value
    for name in ("diffkit", "numpy", "torch"):
        size = installed_size(name)
        if size is not None:
            figures[f"{name} installed, MB"] = size / 1e6
    if options.wheel:
        figures["wheel, MB"] = options.wheel.stat().st_size / 1e6
    for name, value in figures.items():
        print(f"{name:32}{value:10.2f}")
    if "diffkit" not in times:
        print("not installed: diffkit")
    if options.json:
        options.json.write_text(
            json.dumps({"schema": 1, "figures": figures}, indent=1) + "\n", encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
