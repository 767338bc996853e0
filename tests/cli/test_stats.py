"""`diffkit stats`: summaries against NumPy and SciPy, tables against fractions made by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from scipy import stats as reference

Diffkit = Callable[..., Result]
Document = Callable[..., dict[str, Any]]
HOUSE = "NumRooms, Alley, Price\nNA, Pave, 127500\n2, NA, 106000\n4, NA, 178100\nNA, NA, 140000\n"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)


def test_summary_against_numpy_and_scipy(document: Document, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.gamma(2, size=500)
    write(tmp_path, "d.csv", "x,label\n" + "".join(f"{float(v)!r},a\n" for v in values) + "NA,b\n")
    found = document("stats", "summary", "d.csv", "-q", "0.1,1/2,1")
    assert found["skipped"] == ["label"]
    (row,) = found["columns"]
    assert (row["count"], row["missing"]) == (500, 1)
    assert row["mean"] == pytest.approx(values.mean(), rel=1e-14)
    assert row["variance"] == pytest.approx(values.var(ddof=1), rel=1e-13)
    assert row["std"] == pytest.approx(values.std(ddof=1), rel=1e-13)
    assert row["stderr"] == pytest.approx(reference.sem(values), rel=1e-13)
    assert (row["min"], row["max"]) == (values.min(), values.max())
    assert [row["q0.1"], row["q0.5"], row["q1"]] == np.quantile(values, [0.1, 0.5, 1]).tolist()


def test_the_house_file_by_default_command_and_stdin(diffkit: Diffkit, tmp_path: Path) -> None:
    write(tmp_path, "house.csv", HOUSE)
    short = diffkit("stats", "house.csv", "--csv")
    assert short.exit_code == 0
    rows = {row["column"]: row for row in csv.DictReader(io.StringIO(short.stdout))}
    assert (rows["NumRooms"]["count"], rows["NumRooms"]["missing"], rows["NumRooms"]["mean"]) == (
        "2",
        "2",
        "3.0",
    )
    assert rows["Price"]["mean"] == "137900.0"
    assert short.stderr == "not numbers, so left out: Alley\n"
    assert diffkit("stats", "summary", "-", "--csv", input=HOUSE).stdout == short.stdout
    assert "column\tcount" in diffkit("stats", "house.csv").stdout


@pytest.mark.parametrize(
    ("values", "variance"),
    [
        (["1e16", "1e16", "10000000000000002"], Fraction(4, 3)),
        (["1000000000.1", "1000000000.2", "1000000000.3"], None),
        (["1e-160", "3e-160"], None),
    ],
)
def test_variance_does_not_cancel(document: Document, values: list[str], variance: Fraction | None) -> None:
    numbers = [Fraction(float(v)) for v in values]
    mean = sum(numbers) / len(numbers)
    exact = sum((v - mean) ** 2 for v in numbers) / (len(numbers) - 1)
    assert variance is None or exact == variance
    row = document("stats", "-", input="x\n" + "\n".join(values) + "\n")["columns"][0]
    assert row["variance"] == pytest.approx(float(exact), rel=1e-15, abs=0)
    assert row["mean"] == pytest.approx(float(mean), rel=1e-15)


def test_huge_and_single_values(document: Document) -> None:
    row = document("stats", "-", input="x\n1e308\n1e308\n-1e308\n")["columns"][0]
    assert row["mean"] == pytest.approx(1e308 / 3)
    assert row["variance"] == "Infinity"
    row = document("stats", "-", input="x\n3\n")["columns"][0]
    assert (row["mean"], row["variance"], row["stderr"]) == (3.0, None, None)
    row = document("stats", "-", input="x,y\nNA,1\nNA,2\n")["columns"][0]
    assert (row["count"], row["missing"], row["mean"], row["max"]) == (0, 2, None, None)


@pytest.mark.parametrize(
    ("text", "arguments", "code", "message"),
    [
        ("", [], 3, "the file is empty"),
        ("a,b\n1,2\n3\n", [], 3, "line 3 has 1 values, the header names 2 columns"),
        ("a\n\x00\n", [], 3, "line 2 is not UTF-8 text"),
        ("a\n1\ninf\n", [], 3, "line 3, column 'a': inf is not finite"),
        ("a\nx\n", [], 3, "no column holds only numbers"),
        ("a,b\n1,2\nx,2\n", ["-c", "a"], 3, "line 3, column 'a' is not a number"),
        ("a\n1\n", ["-c", "b"], 4, "no column 'b'; the columns are a"),
        ("a\n1\n", ["-q", "2"], 2, "between 0 and 1"),
    ],
)
def test_bad_data(diffkit: Diffkit, text: str, arguments: list[str], code: int, message: str) -> None:
    result = diffkit("stats", "-", *arguments, input=text)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_missing_file(diffkit: Diffkit) -> None:
    result = diffkit("stats", "nope.csv")
    assert result.exit_code == 4
    assert "cannot read file 'nope.csv'" in result.stderr


# a disease in 1 of 100, a test that finds 9 of 10 sick and wrongly flags 1 of 11 well
DISEASE = "D,T,p\n1,1,9/1000\n1,0,1/1000\n0,1,9/100\n0,0,9/10\n"


def test_bayes_is_exact(document: Document, tmp_path: Path) -> None:
    write(tmp_path, "d.csv", DISEASE)
    found = document("stats", "table", "d.csv", "--joint", "D,T", "--weight", "p", "--given", "T=1")
    probabilities = {row["event"]: row["exact"] for row in found["probabilities"]}
    assert probabilities["P(D=1, T=1)"] == "9/1000"
    assert probabilities["P(T=1)"] == "99/1000"
    assert probabilities["P(D=1 | T=1)"] == "1/11"
    assert all("low95" not in row for row in found["probabilities"])
    bayes = {row["posterior"]: row for row in found["bayes"]}["P(D=1 | T=1)"]
    assert bayes == {
        "posterior": "P(D=1 | T=1)",
        "value": "1/11",
        "P(T=1 | event)": "9/10",
        "P(event)": "1/100",
        "P(T=1)": "99/1000",
    }
    assert found["independence"][0]["holds_exactly"] is False


def test_rows_are_estimates_with_intervals_and_tests(document: Document, tmp_path: Path) -> None:
    counts = {("0", "0"): 30, ("0", "1"): 12, ("1", "0"): 14, ("1", "1"): 25}
    rows = [f"{a},{b}\n" for (a, b), count in counts.items() for _ in range(count)]
    write(tmp_path, "d.csv", "A,B\n" + "".join(rows))
    found = document("stats", "table", "d.csv", "--joint", "A,B", "--given", "B=1")
    assert found["rows"] == 81
    row = {row["event"]: row for row in found["probabilities"]}["P(A=1 | B=1)"]
    assert (row["exact"], row["count"], row["of"]) == ("25/37", 25, 37)
    interval = reference.binomtest(25, 37).proportion_ci(method="wilson")
    assert (row["low95"], row["high95"]) == pytest.approx((interval.low, interval.high), rel=1e-12)
    (test,) = found["independence"]
    expected = reference.chi2_contingency([[30, 12], [14, 25]], correction=False)
    assert (test["chi2"], test["p_value"], test["df"]) == pytest.approx(
        (expected.statistic, expected.pvalue, expected.dof), rel=1e-10
    )
    weighted = "A,B,n\n" + "".join(f"{a},{b},{count}\n" for (a, b), count in counts.items())
    write(tmp_path, "w.csv", weighted)
    assert document("stats", "table", "w.csv", "--joint", "A,B", "--weight", "n")["independence"] == [test]


def test_conditional_independence_of_a_chain(document: Document, tmp_path: Path) -> None:
    # C is a coin; A and B are each a copy of C with its own noise: dependent, but not given C
    rows = []
    for c in (0, 1):
        for a in (0, 1):
            for b in (0, 1):
                weight = Fraction(1, 2) * Fraction(3 if a == c else 1, 4) * Fraction(4 if b == c else 1, 5)
                rows.append(f"{a},{b},{c},{weight}\n")
    write(tmp_path, "d.csv", "A,B,C,p\n" + "".join(rows))
    found = document("stats", "table", "d.csv", "--joint", "A,B,C", "--weight", "p")
    holds = {row["claim"]: row["holds_exactly"] for row in found["independence"]}
    assert holds["A, B independent"] is False
    assert holds["A, B independent given C"] is True
    assert holds["A, C independent given B"] is False


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--joint", "D,X"], 4, "no column 'X'"),
        (["--joint", "D,D"], 2, "named twice"),
        (["--joint", "D,T", "--given", "T"], 2, "write COLUMN=VALUE"),
        (["--joint", "D,T", "--given", "T=7"], 4, "never has this value; its values are 0, 1"),
        (["--joint", "D", "--given", "D=1"], 2, "leave one out"),
        (["--joint", "D,T", "--weight", "p", "--given", "p=1"], 2, "once for a column of --joint"),
    ],
)
def test_bad_tables(diffkit: Diffkit, tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    write(tmp_path, "d.csv", DISEASE)
    result = diffkit("stats", "table", "d.csv", *arguments)
    assert result.exit_code == code, result.output
    assert message in result.stderr


def test_weights_that_do_not_sum_to_one(diffkit: Diffkit, tmp_path: Path) -> None:
    write(tmp_path, "d.csv", "D,p\n1,1/2\n0,1/3\n")
    result = diffkit("stats", "table", "d.csv", "--joint", "D", "--weight", "p")
    assert result.exit_code == 3
    assert "the probabilities sum to 5/6, not 1" in result.stderr
    write(tmp_path, "d.csv", "D,p\n1,1/2\n0,NA\n")
    assert (
        "line 3: column 'p' is missing"
        in diffkit("stats", "table", "d.csv", "--joint", "D", "--weight", "p").stderr
    )
    write(tmp_path, "d.csv", "D,p\n1,1/2\n0,-1\n")
    assert (
        "line 3: the weight -1" in diffkit("stats", "table", "d.csv", "--joint", "D", "--weight", "p").stderr
    )
