"""What no library can go below: so many bytes copied or read, so many sums or products, on all cores."""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from cases.case import Run, Setup

CORES = os.cpu_count() or 1
SOURCE = Path(__file__).parent.parent / "limits.rs"


@functools.cache
def native() -> ctypes.CDLL:
    """`limits.rs`, compiled for this processor."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "limits.so"
        options = ["--edition", "2024", "--crate-type", "cdylib", "-O", "-C", "target-cpu=native"]
        subprocess.run(["rustc", *options, "-o", library, SOURCE], check=True)
        return ctypes.CDLL(str(library))


def multiply_adds(count: int, dtype: str = "float32") -> Setup:
    """So many of them in registers."""

    def setup(_: Any) -> Run:
        work = getattr(native(), f"multiply_add_{dtype}")
        sizes = ctypes.c_size_t(count), ctypes.c_size_t(CORES)
        return lambda: work(*sizes)

    return setup


@dataclass(frozen=True)
class Repeated:
    """A run that does its work several times: to start threads for each would take as long."""

    work: Callable[[int], None]
    times: int = 20

    def __call__(self) -> None:
        self.work(self.times)


def additions(count: int) -> Setup:
    """So many of them of float32, on threads that stay awake and never wait for each other."""

    def setup(_: Any) -> Run:
        arrays = [numpy.ones(count, numpy.float32) for _ in range(3)]
        addresses = [array.ctypes.data_as(ctypes.c_void_p) for array in arrays]  # they keep the arrays
        sizes = ctypes.c_size_t(count), ctypes.c_size_t(CORES)
        return Repeated(lambda times: native().add_float32(*addresses, *sizes, ctypes.c_size_t(times)))

    return setup


def reads(size: int) -> Setup:
    """So many bytes of memory, each read once."""

    def setup(_: Any) -> Run:
        words = numpy.ones(size // 8, numpy.uint64)
        sizes = ctypes.c_size_t(len(words)), ctypes.c_size_t(CORES)
        # The argument keeps the array, too.
        return lambda: native().read(words.ctypes.data_as(ctypes.c_void_p), *sizes)

    return setup


def copies(size: int) -> Setup:
    """So many bytes read or written."""

    def setup(np: Any) -> Run:
        part = max(1, size // (2 * CORES))
        pairs = [(np.zeros(part, np.uint8), np.ones(part, np.uint8)) for _ in range(CORES)]
        pool = ThreadPoolExecutor(CORES)

        def run() -> None:
            others = [pool.submit(np.copyto, *pair) for pair in pairs[1:]]
            np.copyto(*pairs[0])
            wait(others)

        return run

    return setup
