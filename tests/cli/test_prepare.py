"""`diffkit data prepare`: the notes' house file, recipes for new rows, broken files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

Diffkit = Callable[..., Result]
Document = Callable[..., dict[str, Any]]
HOUSE = b"NumRooms, Alley, Price\nNA, Pave, 127500\n2, NA, 106000\n4, NA, 178100\nNA, NA, 140000\n"
X = [[3, 1, 0], [2, 0, 1], [4, 0, 1], [3, 0, 1]]
Y = [127500, 106000, 178100, 140000]


def test_the_house_file(document: Document, tmp_path: Path) -> None:
    (tmp_path / "house.csv").write_bytes(HOUSE)
    found = document(
        *[
            "data",
            "prepare",
            "house.csv",
            "--target",
            "Price",
            "--impute",
            "mean",
            "--one-hot",
            "--out",
            "house.npz",
        ]
    )
    assert found["imputed"] == {"NumRooms": 2}
    assert found["written"] == ["house.npz", "house.recipe.json"]
    with np.load(tmp_path / "house.npz", allow_pickle=False) as saved:
        assert saved["X"].tolist() == X
        assert saved["y"].tolist() == Y
        assert saved["columns"].tolist() == ["NumRooms", "Alley_Pave", "Alley_nan"]
        assert str(saved["target"]) == "Price"


def test_a_recipe_prepares_new_rows_the_same_way(
    diffkit: Diffkit, document: Document, tmp_path: Path
) -> None:
    (tmp_path / "house.csv").write_bytes(HOUSE)
    document(
        *["data", "prepare", "house.csv", "--target", "Price", "--out", "house.npz", "--recipe", "r.json"]
    )
    (tmp_path / "new.csv").write_text("Alley,NumRooms,Extra\nNA,NA,1\nPave,7,1\n")
    result = diffkit(*["data", "prepare", "new.csv", "--apply", "r.json", "--out", "new.npz", "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["ignored"] == ["Extra"]
    assert "ignored: Extra" in result.stderr
    with np.load(tmp_path / "new.npz") as saved:
        assert saved["X"].tolist() == [[3, 0, 1], [7, 1, 0]]  # 3 is the mean of the old rows
        assert "y" not in saved
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "house.csv",
        "house.npz",
        "new.csv",
        "new.npz",
        "r.json",
    ]


def test_unknown_category(diffkit: Diffkit, tmp_path: Path) -> None:
    (tmp_path / "house.csv").write_bytes(HOUSE)
    assert (
        diffkit(*["data", "prepare", "house.csv", "--target", "Price", "--recipe", "r.json"]).exit_code == 0
    )
    (tmp_path / "new.csv").write_text("NumRooms,Alley\n1,Grvl\n")
    refused = diffkit(*["data", "prepare", "new.csv", "--apply", "r.json", "--out", "new.npz"])
    assert refused.exit_code == 3
    assert "column 'Alley', line 2: the recipe has not seen the category 'Grvl'" in refused.stderr
    assert not (tmp_path / "new.npz").exists()
    zeros = diffkit(*["data", "prepare", "new.csv", "--apply", "r.json", "--unknown", "zero", "--csv"])
    assert zeros.stdout == "NumRooms,Alley_Pave,Alley_nan\n1.0,0.0,0.0\n"
    assert "1 cells with an unknown category became zeros" in zeros.stderr


@pytest.mark.parametrize(
    ("options", "rooms"),
    [
        ("--impute median", [3, 2, 4, 3]),
        ("--impute mode", [2, 2, 4, 2]),
        ("--impute constant --fill -1", [-1, 2, 4, -1]),
        ("--impute constant --fill 1/2", [0.5, 2, 4, 0.5]),
    ],
)
def test_impute_rules(document: Document, options: str, rooms: list[float]) -> None:
    found = document("data", "prepare", "-", "--drop", "Alley", *options.split(), input=HOUSE)
    assert found["data_columns"] == ["NumRooms", "Price"]
    assert [row[0] for row in found["data"]] == rooms
    assert found["columns"] == ["NumRooms", "Price"]


@pytest.mark.parametrize(
    ("content", "options", "code", "message"),
    [
        (b"", "", 3, "the file is empty"),
        (b"\n\n", "", 3, "the file is empty"),
        (b"a,b\n", "", 3, "no rows"),
        (b"a,b\n1,2\n1,2,3\n", "", 3, "line 3 has 3 values"),
        (b"a,a\n1,2\n", "", 3, "line 1: the column name 'a' appears twice"),
        (b"a,\n1,2\n", "", 3, "line 1: column 2 has no name"),
        (b"\x89PNG\r\n\x1a\n\x00", "", 3, "line 1 is not UTF-8 text"),
        (b"a\n1\n\xff\n", "", 3, "line 3 is not UTF-8 text"),
        (b"a\n1\n2\x00\n", "", 3, "line 3 is not UTF-8 text"),
        (b'a,b\n1,"2\n3,4\n', "", 3, "is not valid CSV"),
        (b"a\n1\n", "--target b", 3, "no column 'b'"),
        (b"a\n1\n", "--drop b", 3, "no column 'b'"),
        (b"a,y\n1,2\n1,NA\n", "--target y", 3, "target 'y' is missing in 1 rows, first line 3"),
        (b"a,y\n1,2\n1,x\n", "--target y", 3, "column 'y', line 3: 'x' is not a number"),
        (b"a,b\nNA,1\nNA,2\n", "", 3, "column 'a' had no value to learn from"),
        (b"a\nx\n", "--no-one-hot", 3, "column 'a' holds text"),
        (b"a\n1\ninf\n", "", 3, "column 'a', line 3: 'inf' is not finite"),
        (b"a\n1\n", "--fill 3", 3, "fill needs impute='constant'"),
        (b"a\n1\n", "--impute constant", 3, "needs fill=VALUE"),
        (b"a\n1\n", "--delimiter ab", 2, "one character"),
        (b"a\n1\n", "--apply r.json", 4, "cannot read recipe 'r.json'"),
        (b"a\n1\n", "--apply r.json --impute mean", 2, "leave out the fitting options"),
    ],
)
def test_broken_input(diffkit: Diffkit, content: bytes, options: str, code: int, message: str) -> None:
    result = diffkit("data", "prepare", "-", *options.split(), input=content)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_keep_space_and_delimiter(document: Document) -> None:
    kept = document("data", "prepare", "-", "--keep-space", input=b"a, b\n1, NA\n")
    assert kept["columns"] == ["a", " b_ NA", " b_nan"]
    other = document("data", "prepare", "-", "--delimiter", ";", input=b"a;b\n1;x,y\n")
    assert other["columns"] == ["a", "b_x,y", "b_nan"]
