"""`diffkit.data`: reading CSV, fitting and applying recipes, data frames of other libraries."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffkit.data import DataError, Prepared, Recipe, read_csv

HOUSE = b"NumRooms, Alley, Price\nNA, Pave, 127500\n2, NA, 106000\n4, NA, 178100\nNA, NA, 140000\n"
COLUMNS = {
    "NumRooms": [None, 2, 4, None],
    "Alley": ["Pave", None, None, None],
    "Price": [127500, 106000, 178100, 140000],
}


def check_house(prepared: Prepared) -> None:
    assert prepared.columns == ("NumRooms", "Alley_Pave", "Alley_nan")
    assert prepared.X.dtype == np.float64
    assert prepared.X.tolist() == [[3, 1, 0], [2, 0, 1], [4, 0, 1], [3, 0, 1]]
    assert prepared.y is not None
    assert prepared.y.tolist() == [127500, 106000, 178100, 140000]
    assert prepared.imputed == {"NumRooms": 2}


def test_the_house_file_from_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "house.csv"
    path.write_bytes(HOUSE)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
    with_nan = {**COLUMNS, "NumRooms": np.array([math.nan, 2, 4, math.nan])}
    for data in (path, str(path), read_csv(HOUSE), COLUMNS, rows, with_nan):
        check_house(Recipe.fit(data, target="Price").apply(data))


def test_pandas() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.read_csv(io.BytesIO(HOUSE), skipinitialspace=True)
    check_house(Recipe.fit(frame, target="Price").apply(frame))
    check_house(Recipe.fit(frame.convert_dtypes(), target="Price").apply(frame.convert_dtypes()))
    inputs = frame.drop(columns="Price")
    inputs["NumRooms"] = inputs["NumRooms"].fillna(inputs["NumRooms"].mean())
    theirs = pd.get_dummies(inputs, dummy_na=True, dtype=float)
    ours = Recipe.fit(frame, target="Price").apply(frame)
    assert list(ours.columns) == list(theirs.columns)
    np.testing.assert_array_equal(ours.X, theirs.to_numpy())


def test_pandas_on_random_frames() -> None:
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(3)
    for impute in ("mean", "median", "mode"):
        frame = pd.DataFrame(
            {
                "k": rng.choice(["b", "a", "c"], 60),
                "u": rng.integers(0, 5, 60).astype(float),
                "v": rng.normal(size=60),
                "t": rng.choice(["x", "y"], 60),
            }
        )
        frame = frame.mask(rng.random(frame.shape) < 0.2)
        expected = frame.copy()
        for name in ("u", "v"):
            rule = expected[name].mode()[0] if impute == "mode" else getattr(expected[name], impute)()
            expected[name] = expected[name].fillna(rule)
        theirs = pd.get_dummies(expected, dummy_na=True, dtype=float)
        ours = Recipe.fit(frame, impute=impute).apply(frame)
        assert list(ours.columns) == list(theirs.columns)
        np.testing.assert_allclose(ours.X, theirs.to_numpy(), rtol=1e-14)


def test_polars_and_pyarrow() -> None:
    for library, make in (("polars", "DataFrame"), ("pyarrow", "table")):
        module = pytest.importorskip(library)
        frame = getattr(module, make)(COLUMNS)
        check_house(Recipe.fit(frame, target="Price").apply(frame))


def test_new_rows_use_what_was_learned(tmp_path: Path) -> None:
    recipe = Recipe.fit(COLUMNS, target="Price", impute="median")
    recipe.save(tmp_path / "r.json")
    loaded = Recipe.load(tmp_path / "r.json")
    assert loaded == recipe
    new = loaded.apply({"Alley": [None], "NumRooms": [None], "Other": ["?"]})
    assert new.X.tolist() == [[3, 0, 1]]
    assert (new.y, new.ignored, new.imputed) == (None, ("Other",), {"NumRooms": 1})
    with pytest.raises(DataError, match="row 2: the recipe has not seen the category 'Grvl'"):
        loaded.apply({"NumRooms": [1, 2], "Alley": ["Pave", "Grvl"]})
    zero = loaded.apply({"NumRooms": [1, 2], "Alley": ["Pave", "Grvl"]}, unknown="zero")
    assert (zero.X.tolist(), zero.unknown) == ([[1, 1, 0], [2, 0, 0]], {"Alley": 1})


def test_tensors() -> None:
    import diffkit

    prepared = Recipe.fit(COLUMNS, target="Price").apply(COLUMNS)
    X, y = prepared.tensors()
    assert (tuple(X.shape), X.dtype, y.dtype) == ((4, 3), diffkit.float32, diffkit.float32)
    X, y = prepared.tensors(dtype=diffkit.float64)
    assert X.dtype == diffkit.float64
    np.testing.assert_array_equal(X.numpy(), prepared.X)
    np.testing.assert_array_equal(y.numpy(), prepared.y)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (3, {}, "cannot read int"),
        ({"a": [1], "b": [1, 2]}, {}, "different lengths"),
        ({"a": []}, {}, "no rows"),
        ({}, {}, "no rows"),
        ({"a": [1]}, {"impute": "magic"}, "impute='magic' is unknown"),
        ({"a": [1]}, {"target": "b"}, "no column 'b'"),
        ({"a": [1, math.inf]}, {}, "row 2: inf is not finite"),
        ({"a": ["x", object()]}, {}, "holds object"),
        ({"a": [None]}, {}, "had no value to learn from"),
        ({"a": ["x"], "a_x": [1]}, {}, "two columns would be called 'a_x'"),
        ({"a": [f"c{i}" for i in range(2000)]}, {}, "has 2000 categories"),
        ({"a": ["1_000"]}, {"one_hot": False}, "holds text"),
    ],
)
def test_errors(data: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Recipe.fit(data, **options)


def test_text_among_numbers_of_new_rows() -> None:
    recipe = Recipe.fit({"a": [1, 2]})
    with pytest.raises(DataError, match="column 'a', row 1: 'x' is not a number"):
        recipe.apply({"a": ["x"]})
    with pytest.raises(DataError, match="no column 'a', which the recipe needs"):
        recipe.apply({"b": [1]})
    with pytest.raises(DataError, match="line 3: 'x' is not a number"):
        recipe.apply(read_csv(b"a\n1\nx\n"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"format": "other"}',
        '{"format": "diffkit recipe 1", "columns": 3}',
        "\ufeff\x00",
    ],
)
def test_what_is_no_recipe(tmp_path: Path, content: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(DataError, match="is not a recipe"):
        Recipe.load(path)


def test_damaged_columns_of_a_recipe(tmp_path: Path) -> None:
    good = json.loads(Recipe.fit(COLUMNS).to_json())
    path = tmp_path / "r.json"
    for key, bad in (("kind", "magic"), ("name", 3), ("fill", "x"), ("fill", []), ("categories", 5)):
        document = json.loads(json.dumps(good))
        document["columns"][0][key] = bad
        path.write_text(json.dumps(document))
        with pytest.raises(DataError, match="is not a recipe"):
            Recipe.load(path)


def test_csv_details() -> None:
    table = read_csv(b'\xef\xbb\xbfa , "b, c"\r\n1," x ""y"""\r\n\r\n"2\n3",\r\n')
    assert table == {"a": ["1", "2\n3"], "b, c": ['x "y"', None]}
    assert table.lines == [2, 5]
    assert read_csv(b"a\tb\n1\t2\n", delimiter="\t") == {"a": ["1"], "b": ["2"]}
    assert read_csv(b"a\n-\n", missing=["-"]) == {"a": [None]}


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=2
        ),
        max_size=5,
    )
)
@settings(deadline=None)
def test_what_csv_writes_is_read_back(rows: list[list[str]]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b"])
    writer.writerows(rows)
    table = read_csv(buffer.getvalue().encode(), keep_space=True, missing=())
    assert [list(row) for row in zip(table["a"], table["b"], strict=True)] == rows


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_are_a_table_or_a_data_error(content: bytes) -> None:
    try:
        table = read_csv(content)
        Recipe.fit(table).apply(table)
    except DataError:
        pass
