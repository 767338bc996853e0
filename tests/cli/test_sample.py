"""`diffkit sample`: observed against exact, reproducible by its seed, files whole or absent."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from scipy import stats as reference

Diffkit = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

# With fixed seeds nothing here is random. Each bound is 5 standard errors: for a fresh seed a check would
# fail by chance with probability below 1e-6.
SIGMAS = 5


def test_six_hundred_thousand_rolls_of_a_die(document: Document) -> None:
    found = document(
        "sample", "--dist", "multinomial", "--probs", ",".join(["1/6"] * 6), "-n", "600000", "--seed", "0"
    )
    assert (found["seed"], found["n"]) == (0, 600_000)
    counts = [row["count"] for row in found["result"]]
    assert sum(counts) == 600_000
    assert reference.chisquare(counts).pvalue > 1e-6
    for row in found["result"]:
        assert row["frequency"] == row["count"] / 600_000
        assert row["stderr"] == pytest.approx(math.sqrt(row["frequency"] * (1 - row["frequency"]) / 600_000))
        interval = reference.binomtest(row["count"], 600_000).proportion_ci(method="wilson")
        assert (row["low95"], row["high95"]) == pytest.approx((interval.low, interval.high), rel=1e-9)
        assert row["exact"] == 1 / 6


MOMENTS = {
    "normal": (["--loc", "3", "--scale", "1/2"], reference.norm(3, 0.5)),
    "uniform": (["--low", "-1", "--high", "3"], reference.uniform(-1, 4)),
    "exponential": (["--rate", "2"], reference.expon(scale=0.5)),
    "poisson": (["--rate", "7/2"], reference.poisson(3.5)),
    "binomial": (["--total-count", "10", "--probs", "1/4"], reference.binom(10, 0.25)),
}


@pytest.mark.parametrize("dist", MOMENTS)
def test_moments_beside_the_exact_ones(document: Document, tmp_path: Path, dist: str) -> None:
    options, exact = MOMENTS[dist]
    found = document("sample", "--dist", dist, *options, "-n", "200000", "--seed", "11", "--out", "draws.npy")
    rows = {row["quantity"]: row for row in found["result"]}
    draws = np.load(tmp_path / "draws.npy")
    assert draws.shape == (200_000,)
    for name, observed, truth in (
        ("mean", draws.mean(), exact.mean()),
        ("variance", draws.var(ddof=1), exact.var()),
    ):
        assert rows[name]["observed"] == pytest.approx(observed, rel=1e-10)
        assert rows[name]["exact"] == pytest.approx(truth, rel=1e-12)
        assert abs(observed - truth) < SIGMAS * rows[name]["stderr"]
    fourth = float(exact.expect(lambda x: (x - exact.mean()) ** 4))
    assert rows["mean"]["stderr"] == pytest.approx(math.sqrt(exact.var() / 200_000), rel=0.02)
    assert rows["variance"]["stderr"] == pytest.approx(
        math.sqrt((fourth - exact.var() ** 2) / 200_000), rel=0.1
    )
    assert (rows["min"]["observed"], rows["max"]["observed"]) == (draws.min(), draws.max())


def test_frequencies_and_zero_probabilities(document: Document) -> None:
    found = document("sample", "--dist", "categorical", "--probs", "0.5,0,0.5", "-n", "100000", "--seed", "3")
    counts = [row["count"] for row in found["result"]]
    assert counts[1] == 0
    assert sum(counts) == 100_000
    assert abs(counts[0] - 50_000) < SIGMAS * math.sqrt(25_000)
    found = document("sample", "--dist", "bernoulli", "--probs", "1/3", "-n", "90000", "--seed", "3")
    assert [row["exact"] for row in found["result"]] == pytest.approx([2 / 3, 1 / 3])
    assert abs(found["result"][1]["count"] - 30_000) < SIGMAS * math.sqrt(20_000)


def test_multinomial_rows_sum_to_the_total(diffkit: Diffkit) -> None:
    result = diffkit(
        *[
            "sample",
            "--dist",
            "multinomial",
            "--probs",
            "0.2,0.3,0.5",
            "--total-count",
            "10",
            "--rows",
            "50",
            "--seed",
            "1",
            "--csv",
        ]
    )
    header, *rows = result.stdout.splitlines()
    assert header == "x0,x1,x2"
    assert len(rows) == 50
    assert all(sum(map(int, row.split(","))) == 10 for row in rows)
    assert "seed 1" in result.stderr


def test_a_seed_repeats_the_draws_and_a_longer_run_only_adds(document: Document) -> None:
    def rows(n: int, *seed: str) -> list[float]:
        arguments = ["sample", "--dist", "normal", "-n", str(n), "--rows", "100000", *seed]
        found: list[float] = document(*arguments)["rows"]
        return found

    first = rows(70_000, "--seed", "7")
    assert rows(70_000, "--seed", "7") == first
    assert rows(70_000, "--seed", "8") != first
    # the blocks before the last are the same however many draws follow
    assert rows(100_000, "--seed", "7")[:65_536] == first[:65_536]


def test_an_absent_seed_is_chosen_and_echoed(document: Document) -> None:
    found = document("sample", "--dist", "normal", "-n", "5", "--rows", "5")
    again = document("sample", "--dist", "normal", "-n", "5", "--rows", "5", "--seed", str(found["seed"]))
    assert again["rows"] == found["rows"]
    assert document("sample", "--dist", "normal", "-n", "5")["seed"] != found["seed"]


def test_files_hold_every_draw(diffkit: Diffkit, tmp_path: Path) -> None:
    arguments = (
        "sample --dist multinomial --probs 1/4,3/4 --total-count 3 -n 100000 --seed 2 --out d.npy --json"
    )
    result = diffkit(*arguments.split())
    draws = np.load(tmp_path / "d.npy")
    assert draws.shape == (100_000, 2)
    assert draws.dtype == np.int64
    assert [row["count"] for row in json.loads(result.stdout)["result"]] == draws.sum(0).tolist()


def test_interrupt_leaves_no_file(tmp_path: Path, program: str) -> None:
    arguments = ["sample", "--dist", "normal", "-n", str(10**9), "--out", "d.npy", "--seed", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not any(entry.stat().st_size for entry in os.scandir(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert os.listdir(tmp_path)  # it is writing
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, err.strip()) == (b"", b"interrupted")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("--dist nope", "nope"),
        ("--dist poisson", "poisson needs --rate"),
        ("--dist normal --rate 1", "--rate is not for normal"),
        ("--dist normal --scale 0", "scale"),
        ("--dist normal --scale -1", "scale"),
        ("--dist normal --loc inf", "finite"),
        ("--dist uniform --low 1 --high 1", ""),
        ("--dist exponential --rate 0", "rate"),
        ("--dist bernoulli --probs 3/2", ""),
        ("--dist multinomial --probs 1/2,1/3", "they sum to 0.833333333333, not 1"),
        ("--dist multinomial --probs 1/2", "give a list of probabilities"),
        ("--dist multinomial --probs 3/2,-1/2", "between 0 and 1"),
        ("--dist multinomial --probs 1 --total-count 1.5", "whole number"),
        ("--dist binomial --probs 1/2 --total-count -1", "whole number"),
        ("--dist normal -n 0", "0"),
        ("--dist normal --seed -1", "-1"),
        ("--dist normal --out d.csv", "must end in .npy"),
    ],
)
def test_bad_requests_are_usage_errors(diffkit: Diffkit, arguments: str, text: str) -> None:
    result = diffkit("sample", *arguments.split())
    assert result.exit_code == 2, result.output
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


def test_unwritable_output(diffkit: Diffkit) -> None:
    result = diffkit("sample", "--dist", "normal", "--out", "no/such/folder/d.npy")
    assert result.exit_code == 4
    assert "cannot write 'no/such/folder/d.npy'" in result.stderr


def test_one_draw_has_no_variance(document: Document) -> None:
    found = document("sample", "--dist", "normal", "-n", "1", "--seed", "1")
    assert [row["quantity"] for row in found["result"]] == ["mean", "min", "max"]
    assert found["result"][0]["stderr"] is None
