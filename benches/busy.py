"""What a busy core costs: a training step beside a process that never rests, over one undisturbed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cases.training import perceptron
from measure import Effort, Result, calibrate, contenders, same_threads_after, timed

CASE = replace(perceptron(256, {"itself": 2.2}), numpy=None, autograd=None, limit=None)
#: Long enough for the scheduler to move processes about many times.
SAMPLE = 0.3


def busy(libraries: dict[str, Any], effort: Effort) -> Result:
    result = Result(f"slowdown by a busy core, {CASE.name}", "memory and busy cores", "x", CASE.bars, {})
    with same_threads_after(libraries):
        running = contenders(CASE, libraries, result.problems)
        for contender in running:
            calibrate(contender, SAMPLE)
        for _ in range(effort.least):
            idle = [timed(contender) for contender in running]
            with neighbour():
                disturbed = [timed(contender) for contender in running]
            for contender, slow, fast in zip(running, disturbed, idle, strict=True):
                contender.samples.append(slow / fast)
    result.samples = {contender.label: contender.samples for contender in running}
    return result


@contextmanager
def neighbour() -> Iterator[None]:
    """Another process that keeps one core busy."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()
