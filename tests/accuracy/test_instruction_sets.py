"""The bits of every elementwise function are the same under every instruction set."""

import os
import subprocess
import sys

import pytest

# One line a function and dtype: the digest of its results on a fixed sample. Any NaN is as good as another.
PROGRAM = """
import hashlib
import numpy as np
import diffkit as dk

for row in dk._core.element_op_table():
    for dtype, word in ((np.float32, np.uint32), (np.float64, np.uint64)):
        if row["class"] == "bits":
            continue
        draw = np.random.default_rng(7)
        bits = [draw.integers(0, np.iinfo(word).max, 40_000, word).view(dtype) for _ in range(row["arity"])]
        near = [(draw.uniform(-30, 30, 20_000)).astype(dtype) for _ in range(row["arity"])]
        inputs = [dk.tensor(np.concatenate(pair)) for pair in zip(bits, near)]
        result = getattr(dk, row["name"])(*inputs).numpy()
        result = np.where(result != result, 0, result)
        print(row["name"], dtype.__name__, hashlib.sha256(result.tobytes()).hexdigest())
"""


def digests(isa):
    environment = os.environ | {"DIFFKIT_ISA": isa}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def baseline():
    return digests("baseline")


# A processor without the instructions takes the best that it has: nothing is compared then, nothing wrong.
@pytest.mark.parametrize("isa", ["avx2", "avx512"])
def test_same_bits(isa, baseline):
    assert len(baseline) > 80
    assert digests(isa) == baseline
