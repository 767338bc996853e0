"""Columns and frames of pandas, polars and pyarrow become tensors, or say why they do not."""

import datetime
import decimal
import sys

import numpy as np
import pytest

import diffkit
from diffkit.errors import ArgumentError, DTypeError

LIBRARIES = ["pandas", "pandas of arrow", "polars", "pyarrow", "pyarrow chunks"]
NAMES = "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64"
NUMBERS = [name for name in NAMES.split() if hasattr(diffkit, name)]


@pytest.fixture(params=LIBRARIES)
def library(request):
    name = request.param.split()[0]
    pytest.importorskip(name)
    if request.param == "pandas of arrow":
        pytest.importorskip("pyarrow")
    return request.param


def column(library, values, dtype):
    """A column of a library, from Python values with None where one is missing."""
    capital = dtype[:2].upper() + dtype[2:] if dtype.startswith("ui") else dtype.capitalize()
    match library:
        case "pandas":
            import pandas

            return pandas.Series(values, dtype={"bool": "boolean", "string": "string"}.get(dtype, capital))
        case "pandas of arrow":
            import pandas

            return pandas.Series(values, dtype=f"{dtype}[pyarrow]")
        case "polars":
            import polars

            return polars.Series(values, dtype=getattr(polars, {"bool": "Boolean"}.get(dtype, capital)))
        case _:
            import pyarrow

            kind = getattr(pyarrow, {"bool": "bool_"}.get(dtype, dtype))()
            if library == "pyarrow":
                return pyarrow.array(values, type=kind)
            return pyarrow.chunked_array([values[:1], values[1:]], type=kind)


def frame(library, **columns):
    match library:
        case "pandas" | "pandas of arrow":
            import pandas

            return pandas.DataFrame(columns)
        case "polars":
            import polars

            return polars.DataFrame(columns)
        case _:
            import pyarrow

            return pyarrow.table(columns)


# ---- one column ----


@pytest.mark.parametrize("make", [diffkit.tensor, diffkit.asarray])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_numbers(library, dtype, make):
    tensor = make(column(library, [1, 2, 3], dtype))
    assert (str(tensor.dtype), tensor.tolist()) == (f"diffkit.{dtype}", [1, 2, 3])
    assert make(column(library, [1, 2, 3], dtype), dtype=diffkit.float32).dtype == diffkit.float32


def test_integers_are_exact(library):
    big = 2**53 + 1
    assert diffkit.tensor(column(library, [big, -big], "int64")).tolist() == [big, -big]


def test_bools(library):
    tensor = diffkit.tensor(column(library, [True, False, True], "bool"))
    assert (tensor.dtype, tensor.tolist()) == (diffkit.bool, [True, False, True])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_missing_floats_are_nan(library, dtype):
    tensor = diffkit.tensor(column(library, [1.5, None, -2.0], dtype))
    assert str(tensor.dtype) == f"diffkit.{dtype}"
    np.testing.assert_array_equal(tensor.tolist(), [1.5, np.nan, -2.0])


@pytest.mark.parametrize("make", [diffkit.tensor, diffkit.asarray])
def test_missing_integers_are_refused_unless_floats_are_asked_for(library, make):
    gaps = column(library, [1, None, None], "int64")
    with pytest.raises(ArgumentError, match=r"2 missing values, first in row 1.*float64.*diffkit\.data"):
        make(gaps)
    with pytest.raises(ArgumentError, match="missing"):
        make(gaps, dtype=diffkit.int64)
    tensor = make(gaps, dtype=diffkit.float32)
    assert tensor.dtype == diffkit.float32
    np.testing.assert_array_equal(tensor.tolist(), [1, np.nan, np.nan])


def test_missing_floats_make_no_integers(library):
    with pytest.raises(ArgumentError, match="1 missing value, first in row 1"):
        diffkit.tensor(column(library, [1.0, None], "float64"), dtype=diffkit.int64)


def test_missing_bools_are_refused(library):
    with pytest.raises(DTypeError, match="missing values, which bools"):
        diffkit.tensor(column(library, [True, None], "bool"))


def test_text_is_refused(library):
    with pytest.raises(DTypeError, match=r"text.*diffkit\.data\.Recipe"):
        diffkit.tensor(column(library, ["a", None], "string"))


def test_no_rows(library):
    tensor = diffkit.tensor(column(library, [], "float64"))
    assert (tensor.dtype, tensor.shape) == (diffkit.float64, (0,))


def test_other_kinds_say_what_to_do():
    pandas, polars, pyarrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    day = datetime.date(2020, 1, 1)
    cases = [
        (pandas.Series(["a", "b"], dtype="category"), "categories"),
        (polars.Series(["a", "b"], dtype=polars.Categorical), "categories"),
        (polars.Series(["a", "b"], dtype=polars.Enum(["a", "b"])), "categories"),
        (pyarrow.array(["a", "b"]).dictionary_encode(), "categories"),
        (pandas.Series(["a", "b"]), "text"),
        (pyarrow.array(["a"], pyarrow.large_string()), "text"),
        (pandas.Series([1, "a", None], dtype=object), "Python objects .the first is of type int"),
        (pandas.Series(pandas.to_datetime([day])), "dates"),
        (pandas.Series(pandas.to_timedelta([1], unit="s")), "dates"),
        (polars.Series([day]), "dates"),
        (pyarrow.array([day]), "dates"),
        (polars.Series([decimal.Decimal("1.5")]), "decimals"),
        (pyarrow.array([decimal.Decimal("1.5")]), "decimals"),
        (polars.Series([[1], [2, 3]]), "lists"),
        (pyarrow.array([[1], [2, 3]]), "lists"),
    ]
    for data, reason in cases:
        for make in (diffkit.tensor, diffkit.asarray):
            with pytest.raises(DTypeError, match=f"tensor: the column holds {reason}"):
                make(data)


def test_categories_of_numbers_are_categories():
    pandas = pytest.importorskip("pandas")
    numbers = diffkit.tensor(pandas.Series([1, 2, 1], dtype="category"))
    assert numbers.tolist() == [1, 2, 1]  # the values, not their codes


def test_fixed_size_lists_have_two_axes():
    polars = pytest.importorskip("polars")
    data = polars.Series([[1, 2], [3, 4]], dtype=polars.Array(polars.Int64, 2))
    assert diffkit.tensor(data).tolist() == [[1, 2], [3, 4]]
    with pytest.raises(DTypeError, match="'pair' holds lists"):
        diffkit.tensor(polars.DataFrame({"pair": data}))


def test_tensors_of_arrow():
    pyarrow = pytest.importorskip("pyarrow")
    array = np.arange(8.0).reshape(2, 2, 2)
    assert diffkit.tensor(pyarrow.FixedShapeTensorArray.from_numpy_ndarray(array)).tolist() == array.tolist()
    assert diffkit.tensor(pyarrow.Tensor.from_numpy(array)).tolist() == array.tolist()


def test_indices_of_pandas():
    pandas = pytest.importorskip("pandas")
    assert diffkit.tensor(pandas.Index([3, 1])).tolist() == [3, 1]
    assert diffkit.tensor(pandas.RangeIndex(3)).tolist() == [0, 1, 2]
    with pytest.raises(DTypeError, match="text"):
        diffkit.tensor(pandas.Index(["a"]))


@pytest.mark.filterwarnings("error")
def test_arrow_is_asked_once():
    pyarrow = pytest.importorskip("pyarrow")
    assert diffkit.tensor(pyarrow.array([True, False])).tolist() == [True, False]
    with pytest.raises(ArgumentError, match="missing"):
        diffkit.tensor(pyarrow.array([1, None]))


# ---- frames ----


@pytest.mark.parametrize("make", [diffkit.tensor, diffkit.asarray])
def test_frames_have_the_promoted_dtype(library, make):
    def col(values, dtype):
        return column(library, values, dtype)

    a, b, c = col([1, 2, 3], "int64"), col([0.5, None, 2.0], "float64"), col([True, False, True], "bool")
    mixed = make(frame(library, a=a, b=b, c=c))
    assert (mixed.dtype, mixed.shape) == (diffkit.float64, (3, 3))
    np.testing.assert_array_equal(mixed.tolist(), [[1, 0.5, 1], [2, np.nan, 0], [3, 2, 1]])
    whole = make(frame(library, c=c, a=a))
    assert (whole.dtype, whole.tolist()) == (diffkit.int64, [[1, 1], [0, 2], [1, 3]])
    same = make(frame(library, a=a, b=a))
    assert (same.dtype, same.tolist()) == (diffkit.int64, [[1, 1], [2, 2], [3, 3]])
    assert make(frame(library, c=c)).dtype == diffkit.bool
    assert make(frame(library, a=a, b=b), dtype=diffkit.float32).dtype == diffkit.float32


def test_frames_name_the_column_that_does_not_fit(library):
    good = column(library, [1, 2], "int64")
    with pytest.raises(DTypeError, match=r"column 'street' holds text"):
        diffkit.tensor(frame(library, n=good, street=column(library, ["a", "b"], "string")))
    gaps = frame(library, n=good, rooms=column(library, [None, 1], "int64"))
    with pytest.raises(ArgumentError, match=r"column 'rooms' has 1 missing value, first in row 0"):
        diffkit.tensor(gaps)
    np.testing.assert_array_equal(diffkit.tensor(gaps, dtype=diffkit.float64).tolist(), [[1, np.nan], [2, 1]])


def test_no_integer_dtype_for_int64_and_uint64(library):
    both = frame(library, a=column(library, [1], "int64"), b=column(library, [2**63], "uint64"))
    with pytest.raises(DTypeError, match="int64 and uint64"):
        diffkit.tensor(both)


def test_values_of_pandas():
    pandas = pytest.importorskip("pandas")
    houses = pandas.DataFrame({"rooms": [3.0, 2.0], "price": [127500, 106000]})
    assert diffkit.tensor(houses.values).tolist() == diffkit.tensor(houses).tolist()
    assert diffkit.tensor(houses.to_numpy(dtype="float32")).dtype == diffkit.float32


def test_frames_of_pandas_with_odd_names():
    pandas = pytest.importorskip("pandas")
    assert diffkit.tensor(pandas.DataFrame([[1, 2.5]], columns=["a", "a"])).tolist() == [[1, 2.5]]
    assert diffkit.tensor(pandas.DataFrame([[1, 2.5]])).tolist() == [[1, 2.5]]
    assert diffkit.tensor(pandas.DataFrame(index=range(3))).shape == (3, 0)


def test_record_batches():
    pyarrow = pytest.importorskip("pyarrow")
    batch = pyarrow.record_batch({"a": [1, 2], "b": [0.5, 1.5]})
    assert diffkit.tensor(batch).tolist() == [[1, 0.5], [2, 1.5]]


# ---- memory ----


def test_columns_are_shared_by_asarray_and_copied_by_tensor(library):
    if library.startswith("pandas of") or library.endswith("chunks"):
        pytest.skip("this library copies")
    data = column(library, [1.0, 2.0, 3.0], "float64")
    theirs = np.asarray(data)
    assert diffkit.asarray(data).data_ptr() == theirs.ctypes.data
    assert diffkit.tensor(data).data_ptr() != theirs.ctypes.data
    assert diffkit.asarray(data, copy=True).data_ptr() != theirs.ctypes.data
    with pytest.raises(ValueError, match="copy=False"):
        diffkit.asarray(data, copy=False)


def test_frames_of_one_dtype_are_shared():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    values = np.arange(6.0).reshape(3, 2)
    data = pandas.DataFrame(values, copy=False)
    tensor = diffkit.asarray(data)
    assert tensor.data_ptr() == values.ctypes.data
    assert tensor.tolist() == values.tolist()
    data = polars.DataFrame(values)
    assert diffkit.asarray(data).tolist() == values.tolist()


def test_memory_of_the_libraries_is_not_written(library):
    tensor = diffkit.asarray(column(library, [1.0, 2.0], "float64"))
    try:
        tensor += 1
    except ValueError as refusal:
        assert "read-only" in str(refusal)
    else:
        assert not library.startswith(("polars", "pyarrow")) or library.endswith("chunks")


# ---- the protocol of Arrow alone ----


class Stream:
    """A library that knows only Arrow's protocol."""

    def __init__(self, data):
        self.data = data

    def __arrow_c_stream__(self, requested_schema=None):
        return self.data.__arrow_c_stream__(requested_schema)


def test_any_maker_of_arrow_streams():
    pyarrow = pytest.importorskip("pyarrow")
    table = Stream(pyarrow.table({"a": [1, 2], "b": [0.5, None]}))
    np.testing.assert_array_equal(diffkit.tensor(table).tolist(), [[1, 0.5], [2, np.nan]])
    assert diffkit.tensor(Stream(pyarrow.chunked_array([[1], [2]]))).tolist() == [1, 2]
    with pytest.raises(ArgumentError, match="missing"):
        diffkit.tensor(Stream(pyarrow.chunked_array([[1], [None]], type=pyarrow.int64())))


def test_without_pyarrow_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="pip install pyarrow"):
        diffkit.tensor(Stream(None))


def test_importing_diffkit_imports_no_library_of_frames():
    import subprocess

    code = (
        "import sys, diffkit; diffkit.tensor([1.0]); "
        "sys.exit(bool({'pandas', 'polars', 'pyarrow'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
