"""Recipes from data frames: every library gives what plain columns give."""

import datetime

import numpy as np
import pytest

from diffkit.data import DataError, Recipe

ROWS = {"NumRooms": [None, 2, 4, None], "Alley": ["Pave", None, None, "Grvl"], "Price": [1.5, 2.5, 3.5, 4.5]}


def pandas_frame(rows):
    return pytest.importorskip("pandas").DataFrame(rows)


def pandas_nullable(rows):
    frame = pytest.importorskip("pandas").DataFrame(rows)
    return frame.astype({"NumRooms": "Int64", "Alley": "category"})


def pandas_arrow(rows):
    pytest.importorskip("pyarrow")
    frame = pytest.importorskip("pandas").DataFrame(rows)
    return frame.convert_dtypes(dtype_backend="pyarrow")


def polars_frame(rows):
    return pytest.importorskip("polars").DataFrame(rows)


def polars_categories(rows):
    polars = pytest.importorskip("polars")
    return polars.DataFrame(rows).with_columns(polars.col("Alley").cast(polars.Categorical))


def pyarrow_table(rows):
    return pytest.importorskip("pyarrow").table(rows)


def pyarrow_dictionary(rows):
    pyarrow = pytest.importorskip("pyarrow")
    return pyarrow.table({**rows, "Alley": pyarrow.array(rows["Alley"]).dictionary_encode()})


def pyarrow_batch(rows):
    return pytest.importorskip("pyarrow").record_batch(rows)


class Stream:
    """A frame that knows only Arrow's protocol."""

    def __init__(self, rows):
        self.table = pyarrow_table(rows)

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


FRAMES = [
    pandas_frame,
    pandas_nullable,
    pandas_arrow,
    polars_frame,
    polars_categories,
    pyarrow_table,
    pyarrow_dictionary,
    pyarrow_batch,
    Stream,
]


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_are_prepared_as_plain_columns_are(frame):
    expected = Recipe.fit(ROWS, target="Price")
    recipe = Recipe.fit(frame(ROWS), target="Price")
    assert recipe == expected
    prepared, plain = recipe.apply(frame(ROWS)), expected.apply(ROWS)
    assert prepared.columns == ("NumRooms", "Alley_Grvl", "Alley_Pave", "Alley_nan")
    assert prepared.imputed == {"NumRooms": 2}
    np.testing.assert_array_equal(prepared.X, plain.X)
    np.testing.assert_array_equal(prepared.y, [1.5, 2.5, 3.5, 4.5])


def test_bools_are_numbers():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"garden": pandas.Series([True, None, False], dtype="boolean")})
    assert Recipe.fit(frame).apply(frame).X.tolist() == [[1.0], [0.5], [0.0]]


def test_dates_are_refused():
    polars = pytest.importorskip("polars")
    with pytest.raises(DataError, match="'day' holds date"):
        Recipe.fit(polars.DataFrame({"day": [datetime.date(2020, 1, 1)]}))


def test_names_must_be_told_apart():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(DataError, match="'a' appears twice"):
        Recipe.fit(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match="0 is no string"):
        Recipe.fit(pandas.DataFrame([[1, 2]]))


def test_lazy_frames_must_be_collected():
    polars = pytest.importorskip("polars")
    with pytest.raises(DataError, match="collected"):
        Recipe.fit(polars.LazyFrame(ROWS))
