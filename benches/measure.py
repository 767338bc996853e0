"""The clock: libraries that take turns on a case, in one process."""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from cases import Case, Run

#: What may be installed, by the name in the tables.
LIBRARIES = {
    "diffkit": "diffkit",
    "torch": "torch",
    "numpy": "numpy",
    "jax": "jax",
    "autograd": "autograd",
}
#: What is no library but the machine (cases/limits.py), which needs NumPy.
MACHINE = {"copy": "numpy", "limit": "numpy"}
#: Threads spin on after their last work, OpenBLAS' for 2^28 cycles: the pause lets them fall asleep.
SETTLE = 0.2
#: Seconds from which on a run needs no other before it to wake the threads.
LONG = 0.1


@dataclass(frozen=True)
class Effort:
    """How much time a case gets: rounds, at most and at least, within a budget of seconds."""

    rounds: int
    least: int
    budget: float
    sample: float  # seconds
    largest: int  # the power of ten where sweeps end


FULL = Effort(rounds=15, least=5, budget=6, sample=0.02, largest=8)
QUICK = Effort(rounds=7, least=3, budget=1, sample=0.004, largest=7)


@dataclass
class Contender:
    """A library on a case; PyTorch enters twice, with its default number of threads and with one."""

    label: str
    run: Run
    prepare: Callable[[], Any] = lambda: None
    repeats: int = 1
    times: int = 1  # how often one run does the work
    seconds: float = 0.0  # for one run, as calibrated
    samples: list[float] = field(default_factory=list)


@dataclass
class Result:
    """What was measured, by label: a library, or a library and its threads."""

    name: str
    theme: str
    unit: str
    bars: Mapping[str, float]
    samples: dict[str, list[float]]
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def medians(self) -> dict[str, float]:
        """And the best round of the machine, whose limit would be none otherwise."""
        return {
            label: min(samples) if label in MACHINE else statistics.median(samples)
            for label, samples in self.samples.items()
        }

    def ratio(self, bar: str) -> float | None:
        """diffkit's value over the best of those that the key of a bar names; None if one is missing."""
        values = best_by_library(self.medians)
        own = values.pop("diffkit", None)
        if own is None:
            return None
        if bar == "itself":
            return own
        names = [name for name in values if name not in MACHINE] if bar == "fastest" else bar.split("|")
        if not names or any(name not in values for name in names):
            return None
        return own / min(values[name] for name in names)

    def closest(self) -> tuple[float, str, float] | None:
        """The comparison that is closest to its bar, or furthest beyond: the ratio, the key, the bar."""
        ratios = [(self.ratio(bar), bar, most) for bar, most in self.bars.items()]
        found = [(value, bar, most) for value, bar, most in ratios if value is not None]
        return max(found, key=lambda comparison: comparison[0] / comparison[2], default=None)

    def reached(self) -> str:
        ratios = {bar: self.ratio(bar) for bar in self.bars}
        if not ratios or any(ratio is None for ratio in ratios.values()):
            return "-"
        missed = [(ratio, bar) for bar, ratio in ratios.items() if ratio and ratio > self.bars[bar]]
        limit = self.ratio("limit")
        # A bar that asks for less than the machine needs without other work, where caches leave that a limit.
        beyond = limit and limit >= 1 and all(ratio / self.bars[bar] > limit for ratio, bar in missed)
        return "yes" if not missed else "no: below the limit" if beyond else "no"


def best_by_library(medians: dict[str, float]) -> dict[str, float]:
    best: dict[str, float] = {}
    for label, value in medians.items():
        library = label.split()[0]
        best[library] = min(value, best.get(library, value))
    return best


def installed() -> dict[str, Any]:
    """The libraries that can be imported here, by name."""
    found = {}
    for name, module in (LIBRARIES | MACHINE).items():
        try:
            found[name] = importlib.import_module(module)
        except ImportError:
            continue
    if "jax" in found:
        found["jax"].config.update("jax_enable_x64", True)  # else it has no float64; arrays name their dtype
    gc.freeze()  # what the imports made is not worth a look at each collection
    return found


def contenders(case: Case, libraries: dict[str, Any], problems: dict[str, str]) -> list[Contender]:
    """Those that do the case, and do it right: the first results of the others go to `problems`."""
    ready: dict[str, Run] = {}
    firsts: dict[str, np.ndarray] = {}
    for name, setup in case.setups().items():
        if name not in libraries:
            continue
        try:
            run = setup(libraries[name])
            first = run()
        except Exception as error:
            problems[name] = f"{type(error).__name__}: {error}"
            continue
        ready[name] = run
        if name not in MACHINE:
            firsts[name] = sampled(first)
    reference = next((name for name in ("torch", "jax", "numpy") if name in firsts), "diffkit")
    for name, value in firsts.items():
        if not close(value, firsts[reference]):
            problems[name] = f"left out: it gives {value}, but {reference} gives {firsts[reference]}"
            del ready[name]
    return [contender for name, run in ready.items() for contender in variants(name, run, libraries[name])]


def sampled(value: Any) -> np.ndarray:
    """About 100,000 elements of a result: enough to compare, and little to keep."""
    detached = value.detach() if hasattr(value, "detach") else value
    flat = np.asarray(detached).reshape(-1)
    return flat[:: max(1, flat.size // 100_000)].astype(np.float64)


def close(value: np.ndarray, reference: np.ndarray) -> bool:
    if value.shape != reference.shape:
        return False
    scale = float(np.abs(reference).max())
    return np.allclose(value, reference, rtol=1e-3, atol=1e-5 * scale)


def variants(name: str, run: Run, module: Any) -> list[Contender]:
    if name != "torch":
        return [Contender(name, run, times=getattr(run, "times", 1))]
    return [
        Contender(label, run, partial(module.set_num_threads, threads))
        for label, threads in torch_labels(module).items()
    ]


def torch_labels(torch: Any) -> dict[str, int]:
    """PyTorch's columns and their threads: its default first, then one."""
    return {f"torch {threads}t": threads for threads in (torch.get_num_threads(), 1)}


@contextmanager
def same_threads_after(libraries: dict[str, Any]) -> Iterator[None]:
    """Gives PyTorch its default number of threads back."""
    torch = libraries.get("torch")
    threads = torch.get_num_threads() if torch else 0
    try:
        yield
    finally:
        if torch:
            torch.set_num_threads(threads)


def timed(contender: Contender) -> float:
    """Seconds for the contender's repeats, without the collector and without the neighbours' threads.

    The loop and its calls are taken off: as many calls of nothing, at once afterwards.
    """
    run = contender.run
    contender.prepare()
    gc.collect()
    time.sleep(SETTLE)
    if contender.seconds < LONG:
        run()
    gc.disable()
    try:
        return max(seconds(run, contender.repeats) - seconds(nothing, contender.repeats), 1e-9)
    finally:
        gc.enable()


def seconds(run: Run, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return time.perf_counter() - start


def nothing() -> None:
    """The empty run."""


def calibrate(contender: Contender, sample: float) -> None:
    """Finds the repeats that take so many seconds."""
    while (elapsed := timed(contender)) < sample:
        growth = 1.1 * sample / max(elapsed, 1e-9)
        # Step by step: an interruption in the empty loop can make a run seem to take nothing.
        contender.repeats = int(contender.repeats * min(max(2.0, growth), 20.0))
    contender.seconds = elapsed / contender.repeats


def measure(case: Case, theme: str, libraries: dict[str, Any], effort: Effort) -> Result:
    problems: dict[str, str] = {}
    with same_threads_after(libraries):
        running = contenders(case, libraries, problems)
        for contender in running:
            calibrate(contender, effort.sample)
        once = sum(contender.seconds * contender.repeats for contender in running)
        rounds = max(effort.least, min(effort.rounds, int(effort.budget / max(once, 1e-9))))
        for turn in range(rounds):
            for i in range(len(running)):
                contender = running[(turn + i) % len(running)]
                contender.samples.append(timed(contender) / (contender.repeats * contender.times))
    return Result(
        case.name,
        theme,
        "s",
        dict(case.bars),
        {contender.label: contender.samples for contender in running},
        problems,
    )


def machine(libraries: dict[str, Any]) -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": load(),
        "versions": {name: version(name, libraries[name]) for name in libraries if name not in MACHINE},
        "threads": {
            name: module.get_num_threads()
            for name, module in libraries.items()
            if hasattr(module, "get_num_threads")
        },
    }


def load() -> float | None:
    """How many processes want to run, on the average of the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def version(name: str, module: Any) -> str:
    return str(getattr(module, "__version__", None) or importlib.metadata.version(name))


def processor() -> str:
    """Its name, and what tells its generation where virtual machines hide the rest of the name."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = (line.partition(":") for line in information.read_text().splitlines())
        found = {name.strip(): value.strip() for name, _, value in lines}
        if name := found.get("model name"):
            parts = [
                f"{part} {found[key]}"
                for part, key in (("family", "cpu family"), ("model", "model"))
                if key in found
            ]
            return f"{name} ({', '.join(parts)})" if parts else name
    return platform.processor()
