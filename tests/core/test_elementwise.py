"""Every row of the elementwise tables: values against NumPy, SciPy and mpmath, on every layout and size."""

import mpmath
import numpy as np
import pytest
from scipy import special

import diffkit as dk
from diffkit.testing import gradcheck, gradgradcheck

TABLE = dk._core.element_op_table()
ROWS = {row["name"]: row for row in TABLE}
FLOATS = [dk.float32, dk.float64]
UNSIGNED = [dk.uint8, dk.uint16, dk.uint32, dk.uint64]
INTEGERS = [*UNSIGNED, dk.int8, dk.int16, dk.int32, dk.int64]
COMPLEX = [dk.complex64, dk.complex128]
NUMPY = {dtype: np.dtype(ident).type for dtype in [dk.bool, *INTEGERS, *FLOATS, *COMPLEX]
         for ident in [str(dtype).removeprefix("diffkit.")]}  # fmt: skip
#: Classes of rows by what they take and give.
FLOATING = ("float", "field")
TRUTH = ("predicate", "comparison")
NO_BOOLS = ("number", "ring")
ON_COMPLEX = ("field", "ring", "any", "predicate")
ULPS = {dk.float32: 4, dk.float64: 8}
mpmath.mp.dps = 30


def sine_of_turns(x):
    """sin(pi x), reduced before it is multiplied."""
    whole = np.round(x)
    return np.where(whole % 2 == 0, 1, -1) * np.sin(np.pi * (x - whole))


REFERENCES = {
    "neg": np.negative, "abs": np.abs, "sign": np.sign, "square": np.square, "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc, "round": np.round, "relu": lambda x: np.maximum(x, 0), "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x), "reciprocal": lambda x: 1 / x, "exp": np.exp, "exp2": np.exp2,
    "expm1": np.expm1, "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "sigmoid": special.expit, "erf": special.erf, "erfc": special.erfc, "erfinv": special.erfinv,
    "sinc": lambda x: np.where(x == 0, 1, sine_of_turns(x) / (np.pi * np.where(x == 0, 1, x))),
    "lgamma": special.gammaln,
    "digamma": special.digamma, "trigamma": lambda x: special.polygamma(1, x),
    "gelu": lambda x: x * special.ndtr(x), "silu": lambda x: x * special.expit(x),
    "positive": np.positive, "frac": lambda x: x - np.trunc(x), "angle": lambda x: np.angle(x + 0),
    "deg2rad": np.deg2rad, "rad2deg": np.rad2deg,
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "signbit": lambda x: np.signbit(x * 1.0),
    "logical_not": np.logical_not, "bitwise_not": np.invert,
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power,
    "maximum": np.maximum, "minimum": np.minimum, "clamp_min": np.maximum, "clamp_max": np.minimum,
    "atan2": np.arctan2, "hypot": np.hypot, "logaddexp": np.logaddexp, "floor_divide": np.floor_divide,
    "remainder": np.remainder, "fmod": np.fmod,
    "strong_mul": lambda x, y: np.where((x == 0) | (y == 0), 0, x * y),
    "copysign": np.copysign, "nextafter": np.nextafter,
    "gcd": lambda x, y: x | y if x.dtype == bool else np.gcd(x, y),
    "lcm": lambda x, y: x & y if x.dtype == bool else np.lcm(x, y),
    "fmax": np.fmax, "fmin": np.fmin, "logaddexp2": np.logaddexp2,
    "xlogy": lambda x, y: np.where((x == 0) & ~np.isnan(y), 0, x * np.log(y)),
    "isposinf": lambda x: x == np.inf, "isneginf": lambda x: x == -np.inf,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater,
    "ge": np.greater_equal, "logical_and": np.logical_and, "logical_or": np.logical_or,
    "logical_xor": np.logical_xor, "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "bitwise_left_shift": lambda x, y: x & ~y if x.dtype == bool else np.left_shift(x, y),
    "bitwise_right_shift": lambda x, y: x & ~y if x.dtype == bool else np.right_shift(x, y),
}  # fmt: skip

# SciPy has no extended precision and errs by several units itself; mpmath answers for doubles instead.
PRECISE = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "digamma": mpmath.digamma,
    "erfinv": lambda x: mpmath.erfinv(x) if abs(x) <= 1 else mpmath.nan,
    "sinc": mpmath.sincpi,
    "trigamma": lambda x: mpmath.psi(1, x),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
}

# Where SciPy and NumPy answer otherwise than the standards we follow: C's lgamma(-inf), no limit of
# trigamma at -inf, and the array API standard's quotients by and of an infinity.
CHOSEN = {
    ("lgamma", (-np.inf,)): np.inf,
    ("trigamma", (-np.inf,)): np.nan,
} | {
    ("floor_divide", (x, y)): np.copysign(np.inf, x * y)
    for x in (np.inf, -np.inf) for y in (1, -1, 0.5, -2, 3)
} | {
    ("floor_divide", (x, y)): np.copysign(0.0, x * y)
    for y in (np.inf, -np.inf) for x in (1, -1, 0.5, -2, 3)
}  # fmt: skip

# Values at which special cases live.
AWKWARD = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5, -2.0, 3.0]


def ident(value):
    return value["name"] if isinstance(value, dict) else str(value).removeprefix("diffkit.")


every_row = pytest.mark.parametrize("row", TABLE, ids=ident)
every_float = pytest.mark.parametrize("dtype", FLOATS, ids=ident)


def units(row, dtype, x):
    """The allowed error. Where gelu decays its condition is x^2: rounding x / sqrt(2) costs that much."""
    decay = np.minimum(x, 0).astype(float)
    return ULPS[dtype] + (np.minimum(decay * decay, 2000) if row["name"] == "gelu" else 0)


def function(row):
    return getattr(dk, row["name"])


def reference(row, *inputs):
    """The answer, in more precision than the inputs have."""
    with np.errstate(all="ignore"):
        if inputs[0].dtype == np.float64 and row["name"] in PRECISE:
            values = [np.longdouble(mpmath.nstr(PRECISE[row["name"]](mpmath.mpf(float(x))), 25))
                      for x in inputs[0].reshape(-1)]  # fmt: skip
            return np.array(values, np.longdouble).reshape(inputs[0].shape)
        if (
            inputs[0].dtype.kind == "f"
            and row["class"] not in ("bits", *TRUTH)
            and row["name"] != "nextafter"
        ):
            wider = np.longdouble if inputs[0].dtype == np.float64 else np.float64
            inputs = [x.astype(wider) for x in inputs]
        return np.asarray(REFERENCES[row["name"]](*inputs))


def samples(row, dtype, n, seed=0):
    """`n` points of the row's domain per input; integers are small, and fit as divisors and exponents."""
    draw = np.random.default_rng(seed)
    made = []
    for i, (low, high) in enumerate(row["domain"]):
        if dtype == dk.bool:
            x = draw.random(n) < 0.5
        elif dtype in FLOATS:
            x = draw.uniform(low, high, n)
        else:
            smallest = 1 if i == 1 else (0 if dtype in UNSIGNED else -9)
            x = draw.integers(smallest, 4 if i == 1 else 10, n)
        made.append(np.asarray(x).astype(NUMPY[dtype]))
    return made


def tensors(arrays):
    return [dk.tensor(x) for x in arrays]


def test_no_row_lacks_a_reference():
    assert set(REFERENCES) == set(ROWS)
    assert len(ROWS) == len(TABLE)
    for row in TABLE:
        assert len(row["domain"]) == row["arity"]
        for name in [row["name"], *row["aliases"]]:
            assert callable(getattr(dk, name))
            assert callable(getattr(dk.Tensor, name))


@every_row
@every_float
def test_values(row, dtype, close):
    if row["class"] == "bits":
        with pytest.raises(dk.errors.DTypeError, match=row["name"]):
            function(row)(*tensors(samples(row, dtype, 3)))
        return
    inputs = samples(row, dtype, 1000)
    result = function(row)(*tensors(inputs))
    want = reference(row, *inputs)
    if row["class"] in TRUTH:
        assert result.dtype == dk.bool
        np.testing.assert_array_equal(result.numpy(), want)
        return
    assert result.dtype == dtype
    # lgamma and digamma cross zero inside their domains, where only the absolute error is small
    slack = float(np.finfo(NUMPY[dtype]).eps) * 2 if row["name"] in ("lgamma", "digamma") else 0
    close(result, want, units(row, dtype, inputs[0]), slack)
    for name in row["aliases"]:
        np.testing.assert_array_equal(getattr(dk, name)(*tensors(inputs)).numpy(), result.numpy())
    first, *rest = tensors(inputs)
    np.testing.assert_array_equal(getattr(first, row["name"])(*rest).numpy(), result.numpy())


@pytest.mark.filterwarnings("ignore:overflow encountered in conversion from string")
@pytest.mark.parametrize("row", [r for r in TABLE if r["class"] in FLOATING and r["arity"] == 1], ids=ident)
@every_float
def test_values_of_every_magnitude(row, dtype, close):
    draw = np.random.default_rng(1)
    reach = 20 if dtype == dk.float32 else 100
    x = (draw.choice([-1, 1], 400) * 10 ** draw.uniform(-reach, reach, 400)).astype(NUMPY[dtype])
    if row["name"] in ("lgamma", "digamma", "trigamma"):
        x = np.abs(x)  # below zero they are ill-conditioned near every integer
    if dtype == dk.float64 and row["name"] in PRECISE:
        x = x[np.abs(x) < 1e4]  # beyond, mpmath needs ages for what the other checks see
    with np.errstate(all="ignore"):
        want = reference(row, x)
        tiny = np.abs(want) < np.finfo(NUMPY[dtype]).tiny
    got = function(row)(dk.tensor(x))
    assert (got.numpy()[tiny] == want[tiny].astype(x.dtype)).mean() > 0.5 if tiny.any() else True
    close(dk.tensor(got.numpy()[~tiny]), want[~tiny], units(row, dtype, x[~tiny]))


@every_row
@pytest.mark.parametrize("dtype", [*INTEGERS, dk.bool], ids=ident)
def test_integers_and_bools(row, dtype, close):
    inputs = samples(row, dtype, 100)
    if row["class"] in NO_BOOLS and dtype == dk.bool:
        with pytest.raises(dk.errors.DTypeError, match=row["name"]):
            function(row)(*tensors(inputs))
        return
    result = function(row)(*tensors(inputs))
    if row["class"] in FLOATING:
        assert result.dtype == dk.float32
        close(result, reference(row, *[x.astype(np.float32) for x in inputs]), ULPS[dk.float32], 1e-7)
        return
    assert result.dtype == (dk.bool if row["class"] in TRUTH else dtype)
    want = reference(row, *inputs)
    np.testing.assert_array_equal(result.numpy(), want.astype(result.numpy().dtype))


@every_row
@every_float
def test_awkward_values(row, dtype):
    if row["class"] == "bits":
        return
    grid = np.array(AWKWARD, NUMPY[dtype])
    inputs = [grid] if row["arity"] == 1 else [np.repeat(grid, len(grid)), np.tile(grid, len(grid))]
    got = function(row)(*tensors(inputs)).numpy()
    with np.errstate(all="ignore"):
        want = np.asarray(REFERENCES[row["name"]](*inputs)).astype(got.dtype)
    for i in range(got.size):
        want[i] = CHOSEN.get((row["name"], tuple(float(x[i]) for x in inputs)), want[i])
        at = f"{row['name']}({', '.join(str(x[i]) for x in inputs)}) is {got[i]}, should be {want[i]}"
        if np.isfinite(want[i]) and want[i] != 0 and want.dtype != bool:
            np.testing.assert_allclose(
                got[i], want[i], rtol=3e-6 if dtype == dk.float32 else 1e-14, err_msg=at
            )
        else:
            np.testing.assert_array_equal(got[i], want[i], err_msg=at)


def layouts(x):
    """Views of 24 elements in every order that strides can express."""
    return {
        "0-d": x[3].reshape(()) if x.ndim == 0 else x[3:4].reshape(()),
        "offset": x[5:],
        "strided": x[1::3],
        "reversed": x[::-1],
        "reversed by two": x[20:2:-2],
        "matrix": x.reshape(4, 6),
        "transposed": x.reshape(4, 6).T,
        "columns": x.reshape(4, 6)[:, 1::2],
        "both reversed": x.reshape(4, 6)[::-1, ::-1],
        "permuted": x.reshape(2, 3, 4).transpose(2, 0, 1),
        "empty": x[:0],
        "empty matrix": x.reshape(4, 6)[:, :0],
        "broadcast": np.broadcast_to(x[:6], (3, 6)),
    }


def as_view(x):
    """A tensor of the array's memory and strides; the broadcast one is expanded by the core itself."""
    if 0 in x.strides and x.size:
        return dk.from_numpy(x[0].copy()).expand(*x.shape)
    return dk.from_numpy(x)


@every_row
@pytest.mark.parametrize("dtype", [dk.float32, dk.float64, dk.int64, dk.int16, dk.uint8, dk.bool], ids=ident)
def test_layouts(row, dtype, same_bits):
    if (row["class"] in NO_BOOLS and dtype == dk.bool) or (row["class"] == "bits" and dtype in FLOATS):
        return
    given = samples(row, dtype, 24)
    for name in layouts(given[0]):
        views = [layouts(x)[name] for x in given]
        plain = function(row)(*[dk.tensor(np.ascontiguousarray(x).reshape(x.shape)) for x in views])
        same_bits(function(row)(*map(as_view, views)), plain)
        in_place(row, views, plain, same_bits)


def in_place(row, views, plain, same_bits):
    """The in-place form, on memory of the same strides, gives the same values and the same object."""
    if row["class"] in TRUTH or (0 in views[0].strides and views[0].size):
        return
    memory = views[0].copy(order="K")
    x = dk.from_numpy(memory)
    rest = [as_view(y) for y in views[1:]]
    if plain.dtype != x.dtype:
        with pytest.raises(dk.errors.DTypeError):
            getattr(x, row["name"] + "_")(*rest)
        return
    before = x._version
    assert getattr(x, row["name"] + "_")(*rest) is x
    same_bits(x, plain)
    assert x._version > before
    np.testing.assert_array_equal(memory, plain.numpy())


@pytest.mark.parametrize("row", [row for row in TABLE if row["arity"] == 2], ids=ident)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3, 1), (1, 4)),
        ((), (5,)),
        ((2, 1, 3), (4, 1)),
        ((1,), (0,)),
        ((2, 3), (3,)),
        ((3,), (2, 1, 1)),
        ((0, 1), (1, 3)),
    ],
)
def test_broadcasting(row, left, right, same_bits):
    dtype = dk.int64 if row["class"] == "bits" else dk.float64
    count = 24
    x, y = samples(row, dtype, count)
    x, y = x[: int(np.prod(left))].reshape(left), y[: int(np.prod(right))].reshape(right)
    full = np.broadcast_arrays(x, y)
    assert full[0].shape == np.broadcast_shapes(left, right)
    plain = function(row)(*[dk.tensor(np.ascontiguousarray(a).reshape(a.shape)) for a in full])
    same_bits(function(row)(dk.tensor(x), dk.tensor(y)), plain)


@pytest.mark.parametrize("row", [row for row in TABLE if row["arity"] == 2], ids=ident)
def test_numbers_on_either_side(row, same_bits):
    dtype = dk.int64 if row["class"] == "bits" else dk.float64
    x, y = samples(row, dtype, 9)
    number = y[0].item()
    same_bits(function(row)(dk.tensor(x), number), function(row)(dk.tensor(x), dk.tensor(np.full(9, number))))
    number = x[0].item()
    same_bits(function(row)(number, dk.tensor(y)), function(row)(dk.tensor(np.full(9, number)), dk.tensor(y)))


@every_row
@pytest.mark.parametrize("n", [1, 7, 63, 64, 65, 1000, 4097, 200_000])
def test_a_value_does_not_depend_on_its_place(row, n, same_bits):
    for dtype in [dk.int64] if row["class"] == "bits" else FLOATS:
        base = samples(row, dtype, 251)
        where = np.arange(n) % 251
        once = function(row)(*tensors(base))
        many = function(row)(*tensors([x[where] for x in base]))
        same_bits(many, dk.tensor(once.numpy()[where]))


def test_shapes_that_do_not_fit():
    for row in TABLE:
        if row["arity"] == 2:
            with pytest.raises(dk.errors.ShapeError, match=row["name"]):
                function(row)(dk.ones(3, dtype=dk.int64), dk.ones(4, dtype=dk.int64))
            with pytest.raises(dk.errors.DiffkitError):
                function(row)(1, 2)


EXPONENTS = {
    dk.float32: [-149, -127, -126, -3, 0, 1, 126, 127],
    dk.float64: [-1074, -1023, -1022, 5, 1022, 1023],
}


@pytest.mark.parametrize(("dtype", "exponent"), [(dtype, n) for dtype in FLOATS for n in EXPONENTS[dtype]])
def test_quotients_by_powers_of_two_are_exact(dtype, exponent, same_bits):
    """They are computed as products where the reciprocal is exact, in place and in the derivative too."""
    float_type = NUMPY[dtype]
    bits = np.random.default_rng(2).bytes(4000 * float_type().itemsize)
    numbers = np.frombuffer(bits, float_type).copy()
    for divisor in (2.0**exponent, -(2.0**exponent)):
        with np.errstate(all="ignore"):
            expected = dk.tensor(numbers / float_type(divisor))
            slope = dk.tensor(float_type(1) / float_type(divisor)).expand(numbers.shape)
        x = dk.tensor(numbers, requires_grad=True)
        quotient = x / divisor
        same_bits(quotient, expected)
        same_bits(dk.tensor(numbers).div_(divisor), expected)
        quotient.backward(dk.ones_like(quotient))
        same_bits(x.grad, slope)


SHORT_POWERS = [2, 3, -1, 2.0, 3.0, -1.0]


@pytest.mark.parametrize("exponent", SHORT_POWERS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_powers_that_are_products(dtype, exponent):
    """They are computed without a logarithm; at most a rounding more than the exact power."""
    float_type = NUMPY[dtype]
    info = np.finfo(float_type)
    draws = np.random.default_rng(5).standard_normal(1000)
    edges = [0.0, -0.0, np.inf, -np.inf, np.nan, info.max, -info.max, info.tiny, -info.tiny]
    numbers = np.concatenate([draws, edges]).astype(float_type)
    with np.errstate(all="ignore"):
        expected = (numbers.astype(np.longdouble) ** int(exponent)).astype(float_type)
    for result in (dk.tensor(numbers) ** exponent, dk.pow(dk.tensor(numbers), exponent)):
        assert result.dtype == dtype
        np.testing.assert_allclose(result.numpy(), expected, rtol=2 * info.eps)
        np.testing.assert_array_equal(np.signbit(result.numpy()), np.signbit(expected))


@pytest.mark.parametrize("exponent", SHORT_POWERS)
def test_derivatives_of_powers_that_are_products(exponent):
    x = dk.tensor([-2.0, -0.3, 0.5, 1.7], dtype=dk.float64, requires_grad=True)
    assert gradcheck(lambda x: x**exponent, [x])
    assert gradgradcheck(lambda x: x**exponent, [x])


@pytest.mark.parametrize("dtype", [dk.uint8, dk.int8, dk.int16, dk.int32, dk.int64])
@pytest.mark.parametrize("exponent", [2, 3])
def test_powers_of_integers_that_are_products(dtype, exponent):
    numbers = np.arange(0, 100).astype(NUMPY[dtype])
    result = dk.tensor(numbers) ** exponent
    assert result.dtype == dtype
    np.testing.assert_array_equal(result.numpy(), numbers**exponent)


@pytest.mark.parametrize("dtype", [dk.bool, dk.int16, dk.float32, dk.float64, dk.complex128])
def test_a_choice_without_pattern(dtype):
    draw = np.random.default_rng(8)
    mask = draw.random(100_003) < 0.5
    yes, no = (draw.integers(0, 2, mask.shape).astype(NUMPY[dtype]) for _ in range(2))
    if dtype in FLOATS:
        yes[~mask] = np.nan  # what is not chosen has no effect
    chosen = dk.where(dk.tensor(mask), dk.tensor(yes), dk.tensor(no))
    np.testing.assert_array_equal(chosen.numpy(), np.where(mask, yes, no))
