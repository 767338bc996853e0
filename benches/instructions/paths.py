"""The ten paths, and the process that runs them under callgrind; `count.py` starts it and reads its profiles.

Every path is run by two forks of this process that differ in nothing but the number of runs: what starting,
importing and warming up cost is in both counts, and cancels in their difference. Callgrind writes one file
per process; this one prints the forks' process numbers as JSON, two for each path.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable
from typing import Any

import diffkit

Run = Callable[[], Any]

WARM_UP = 20
#: Runs in the two forks of a path.
FEW, MANY = 10, 110


def gradient_of(f: Callable[[diffkit.Tensor], diffkit.Tensor], x: diffkit.Tensor) -> Run:
    """Forward and backward, starting without a gradient."""
    x.requires_grad_(True)

    def run() -> None:
        x.grad = None
        f(x).backward()

    return run


def hundred_steps(x: diffkit.Tensor) -> diffkit.Tensor:
    for _ in range(50):
        x = x * 1.001
        x = x + 0.01
    return x


def regression_step() -> Run:
    """One step of linear regression: 32 examples, 10 features."""
    X, y, w = diffkit.randn(32, 10), diffkit.randn(32, 1), diffkit.randn(10, 1, requires_grad=True)
    b = diffkit.zeros(1, requires_grad=True)

    def run() -> None:
        loss = ((X @ w + b - y) ** 2 / 2).mean()
        loss.backward()
        with diffkit.no_grad():
            for parameter in (w, b):
                assert parameter.grad is not None
                parameter -= 1e-3 * parameter.grad
                parameter.grad.zero_()

    return run


def paths() -> dict[str, Run]:
    """What users do most, by name. A path that is added, renamed or changed asks for a new record."""
    diffkit.manual_seed(0)
    one, tracked = diffkit.ones(1), diffkit.ones(1, requires_grad=True)
    hundred, square, large = diffkit.randn(100), diffkit.randn(8, 8), diffkit.randn(4096)
    return {
        "add, 1 element": lambda: one + one,
        "add, 1 element, recorded": lambda: tracked + one,
        "times a Python number, 1 element": lambda: one * 2,
        "x[3], 100 elements": lambda: hundred[3],
        "sum, 100 elements": lambda: hundred.sum(),
        "matmul, 8 x 8": lambda: square @ square,
        "exp and its sum, 4,096 elements": lambda: large.exp().sum(),
        "2 dot(x, x) and gradient, n = 4": gradient_of(lambda x: 2 * diffkit.dot(x, x), diffkit.arange(4.0)),
        "100 scalar steps and gradient": gradient_of(hundred_steps, diffkit.tensor(1.0)),
        "linear regression step, 32 x 10": regression_step(),
    }


def forked(run: Run, times: int) -> int:
    """Runs so many times in a fork; the fork's process number."""
    process = os.fork()
    if process == 0:
        try:
            for _ in range(times):
                run()
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(process, 0)[1] != 0:
        raise SystemExit("a path failed when it was run")
    return process


def main() -> None:
    if diffkit.isa() != "avx2":
        raise SystemExit(f"the record is for processors with AVX2; here diffkit.isa() is {diffkit.isa()!r}")
    gc.disable()
    processes = {}
    for name, run in paths().items():
        for _ in range(WARM_UP):
            run()
        processes[name] = [forked(run, FEW), forked(run, MANY)]
    print(json.dumps(processes))


if __name__ == "__main__":
    main()
