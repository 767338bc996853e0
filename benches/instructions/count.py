"""Counts the instructions of ten paths and compares them with the record: ``python count.py [--record]``.

Counts, unlike times, are the same on a busy machine. Only what is executed inside diffkit's compiled module
counts, so that neither the build of Python nor the C library matters. Ends with 0 if no path is above its
tolerance, 1 if one is, and 2 if nothing could be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from paths import FEW, MANY

HERE = Path(__file__).resolve().parent
RECORD = HERE / "recorded.json"
UPDATE = "python benches/instructions/count.py --record"

#: What is allowed above the record: with the compiler and the Python that it was taken with, and with others,
#: which inline differently. The second is wide, but a warning that fails nothing is not read, and what there
#: is to find (a lost fast path, one more allocation or lock) is seldom less in the smallest paths.
SAME_BUILD, OTHER_BUILD = 0.05, 0.15

#: Valgrind knows no AVX-512; a second thread would take part of the work elsewhere.
SETTINGS = {"DIFFKIT_ISA": "avx2", "DIFFKIT_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}

Counts = dict[str, int]


class NothingToCompare(Exception):
    """Why there is no count, or no record that it could be compared with."""


def installed_module() -> Path:
    """The compiled module that Python finds, which must be of a release build."""
    try:
        from diffkit import _core
    except ImportError as error:
        raise NothingToCompare(f"diffkit is not installed ({error}); install it: pip install .") from error
    module = Path(_core.__file__).resolve()
    if b".debug_line\0" in module.read_bytes():
        raise NothingToCompare(
            f"{module} is a development build, and the record is for release builds: pip install ."
        )
    return module


def build(module: Path) -> dict[str, str]:
    """What made the module; the compiler leaves its version in it."""
    compiler = re.search(rb"rustc version ([^\0]+)", module.read_bytes())
    return {
        "profile": "release",
        "rustc": compiler[1].decode() if compiler else "unknown",
        "python": ".".join(platform.python_version_tuple()[:2]),
    }


def instructions_inside(module: Path, profile: Path) -> int:
    """The instructions of one process that were executed in the module itself, not in what it called."""
    total = 0
    inside = False
    with profile.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("ob="):
                inside = line[3:].strip() == str(module)
            elif line.startswith("calls="):
                next(lines)  # the cost of what was called, which is counted where it was spent
            elif inside and line[0].isdigit():
                total += int(line.split()[1])
    return total


def counted(module: Path) -> Counts:
    """Instructions per run, by path."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise NothingToCompare("the record is for Linux on x86-64")
    if shutil.which("valgrind") is None:
        raise NothingToCompare("valgrind is missing; install it (apt-get install valgrind)")
    with tempfile.TemporaryDirectory() as folder:
        callgrind = [
            "valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={folder}/%p",
            "--dump-line=no", "--compress-strings=no", "--compress-pos=no",
        ]  # fmt: skip
        done = subprocess.run(
            [*callgrind, sys.executable, str(HERE / "paths.py")],
            env=os.environ | SETTINGS,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise NothingToCompare(f"the paths could not be run under valgrind:\n{done.stderr.strip()}")
        counts = {}
        for name, processes in json.loads(done.stdout).items():
            few, many = (instructions_inside(module, Path(folder, str(process))) for process in processes)
            counts[name] = round((many - few) / (MANY - FEW))
    if not all(counts.values()):
        raise NothingToCompare(f"callgrind saw no instructions inside {module}")
    return counts


def recorded(names: set[str]) -> tuple[dict[str, str], Counts]:
    """The build that the record was taken for, and its counts."""
    if not RECORD.exists():
        raise NothingToCompare(f"nothing is recorded yet: {UPDATE}")
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    if record["instructions"].keys() != names:
        raise NothingToCompare(f"the record has other paths than paths.py; record them: {UPDATE}")
    return record["build"], record["instructions"]


def table(before: Counts, now: Counts) -> str:
    width = max(map(len, now))
    lines = [f"{'path'.ljust(width)}  {'recorded':>9}  {'now':>9}  {'change':>8}"]
    for name, count in now.items():
        change = f"{count / before[name] - 1:+.1%}"
        lines.append(f"{name.ljust(width)}  {before[name]:>9,}  {count:>9,}  {change:>8}")
    return "\n".join(lines)


def compare(made_by: dict[str, str], now: Counts) -> int:
    recorded_for, before = recorded(set(now))
    tolerance = SAME_BUILD if made_by == recorded_for else OTHER_BUILD
    print("instructions in diffkit per run\n")
    print(table(before, now), end="\n\n")
    if made_by != recorded_for:
        print(f"recorded for {recorded_for}, this is {made_by}: the tolerance is {tolerance:.0%}")
    above = [name for name in now if now[name] > before[name] * (1 + tolerance)]
    below = [name for name in now if now[name] < before[name] * (1 - tolerance)]
    if below:
        print(f"more than {tolerance:.0%} below the record: {'; '.join(below)}")
        print(f"Record the improvement: {UPDATE}")
    if above:
        print(f"more than {tolerance:.0%} above the record: {'; '.join(above)}")
        print(f"If that is the price of something better, record it and say so in the commit: {UPDATE}")
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Compare the instruction counts of ten paths with the record."
    )
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name} instead of comparing")
    options = parser.parse_args()
    try:
        module = installed_module()
        made_by, now = build(module), counted(module)
        if not options.record:
            return compare(made_by, now)
    except NothingToCompare as reason:
        print(f"count.py: {reason}", file=sys.stderr)
        return 2
    RECORD.write_text(json.dumps({"build": made_by, "instructions": now}, indent=2) + "\n", encoding="utf-8")
    print(RECORD.read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
