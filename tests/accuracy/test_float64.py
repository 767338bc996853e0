"""The error of every elementwise function in float64 against Arb (python-flint) and mpmath.

The default tests look at 2000 points a function. `pytest -m slow tests/accuracy -s` looks at 10^6 points with
Arb and 10^4 with mpmath, and prints a line of the table in docs/accuracy.md for each function; `DIFFKIT_ISA`
picks the instruction set.
"""

import math
import zlib
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpz

import diffkit as dk

ROWS = {row["name"]: row for row in dk._core.element_op_table()}
PRECISION = 120

# ---- exact values ----


def sigmoid(x):
    return 1 / (1 + (-x).exp())


def log_abs_gamma(x):
    if x > 0:
        return x.lgamma()
    # The reflection formula; Arb's own logarithm is complex there.
    return (arb.pi() / (x.sin_pi() * x)).__abs__().log() - (-x).lgamma()


def trigamma(x):
    if x > 0:
        return arb(2).zeta(x)
    return (arb.pi() / x.sin_pi()) ** 2 - arb(2).zeta(1 - x)


def power(x, y):
    if x == 0:
        return arb("nan") if y < 0 else arb(0)
    sign = -1 if x < 0 and math.fmod(float(y), 2) else 1
    # Far outside the range of doubles one overflow or underflow is as good as another.
    scale = float(y) * math.log2(abs(float(x)))
    if abs(scale) > 1200:
        return sign * arb(2) ** math.copysign(1200, scale)
    return sign * (y * abs(x).log()).exp()


def logaddexp(x, y):
    large, small = (x, y) if x > y else (y, x)
    return large if large - small > 1200 else large + (small - large).exp().log1p()


def logaddexp2(x, y):
    large, small = (x, y) if x > y else (y, x)
    if large - small > 1200:
        return large
    return large + (arb(2) ** (small - large)).log1p() / arb.const_log2()


def floor_divide(x, y):
    return arb(fmpz(Fraction(float(x)) // Fraction(float(y))))


def remainder(x, y):
    x, y = Fraction(float(x)), Fraction(float(y))
    rest = x % y
    return arb(fmpz(rest.numerator)) / arb(fmpz(rest.denominator))


def identity_of(f):
    """An exact operation: the double that NumPy's function gives."""
    return lambda *x: arb(float(f(*(float(v) for v in x))))


EXACT = {
    "neg": lambda x: -x, "abs": abs, "sign": identity_of(np.sign), "square": lambda x: x * x,
    "floor": identity_of(np.floor), "ceil": identity_of(np.ceil), "trunc": identity_of(np.trunc),
    "round": identity_of(np.round), "relu": identity_of(lambda x: max(x, 0.0)),
    "sqrt": arb.sqrt, "rsqrt": arb.rsqrt, "reciprocal": lambda x: 1 / x,
    "exp": arb.exp, "exp2": lambda x: arb(2) ** x, "expm1": arb.expm1,
    "log": arb.log, "log2": lambda x: x.log() / arb.const_log2(),
    "log10": lambda x: x.log() / arb.const_log10(),
    "log1p": arb.log1p, "sin": arb.sin, "cos": arb.cos, "tan": arb.tan,
    "asin": arb.asin, "acos": arb.acos, "atan": arb.atan, "sinh": arb.sinh, "cosh": arb.cosh,
    "tanh": arb.tanh,
    "asinh": arb.asinh, "acosh": arb.acosh, "atanh": arb.atanh, "sigmoid": sigmoid,
    "erf": arb.erf, "erfc": arb.erfc, "erfinv": arb.erfinv,
    "lgamma": log_abs_gamma, "digamma": arb.digamma, "trigamma": trigamma,
    "gelu": lambda x: x * (-x / arb(2).sqrt()).erfc() / 2, "silu": lambda x: x * sigmoid(x),
    "deg2rad": lambda x: x * arb.pi() / 180, "rad2deg": lambda x: x * 180 / arb.pi(),
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "div": lambda x,
    y: x / y,
    "pow": power, "atan2": lambda y, x: arb.atan2(y, x), "hypot": lambda x, y: (x * x + y * y).sqrt(),
    "logaddexp": logaddexp, "floor_divide": floor_divide, "remainder": remainder,
    "fmod": identity_of(math.fmod),
    "positive": lambda x: x, "frac": identity_of(lambda x: x - math.trunc(x)),
    "angle": identity_of(lambda x: math.pi if x < 0 else 0.0), "copysign": identity_of(math.copysign),
    "nextafter": identity_of(math.nextafter), "fmax": identity_of(max), "fmin": identity_of(min),
    "sinc": arb.sinc_pi, "xlogy": lambda x, y: x * y.log(), "logaddexp2": logaddexp2,
    "maximum": identity_of(max), "minimum": identity_of(min), "clamp_min": identity_of(max),
    "clamp_max": identity_of(min), "strong_mul": lambda x, y: x * y,
}  # fmt: skip

MPMATH = {
    "sqrt": mpmath.sqrt, "rsqrt": lambda x: 1 / mpmath.sqrt(x), "reciprocal": lambda x: 1 / x,
    "exp": mpmath.exp, "exp2": lambda x: mpmath.power(2, x), "expm1": mpmath.expm1, "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2), "log10": mpmath.log10, "log1p": mpmath.log1p,
    "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "asin": mpmath.asin, "acos": mpmath.acos,
    "atan": mpmath.atan, "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh, "asinh": mpmath.asinh,
    "acosh": mpmath.acosh, "atanh": mpmath.atanh, "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "erf": mpmath.erf, "erfc": mpmath.erfc, "erfinv": mpmath.erfinv,
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))) if abs(x) < 1e6 else mpmath.re(mpmath.loggamma(x)),
    "digamma": mpmath.digamma, "trigamma": lambda x: mpmath.psi(1, x),
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2, "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "deg2rad": lambda x: x * mpmath.pi / 180, "rad2deg": lambda x: x * 180 / mpmath.pi,
    "pow": mpmath.power, "atan2": mpmath.atan2, "hypot": mpmath.hypot,
    "logaddexp": lambda x, y: max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y))),
    "logaddexp2": lambda x, y: max(x, y) + mpmath.log(1 + mpmath.power(2, -abs(x - y)), 2),
    "sinc": mpmath.sincpi, "xlogy": lambda x, y: x * mpmath.log(y),
}  # fmt: skip

# ---- points ----

# Where each function does something: outside it is 0, infinite, NaN or (almost) its argument.
RANGES = {
    "exp": (-760, 720), "exp2": (-1090, 1030), "expm1": (-50, 720), "sinh": (-720, 720), "cosh": (-720, 720),
    "tanh": (-25, 25), "sigmoid": (-760, 50), "silu": (-760, 50), "erf": (-7, 7), "erfc": (-8, 28),
    "gelu": (-40, 10), "asin": (-1, 1), "acos": (-1, 1), "atanh": (-1, 1), "erfinv": (-1, 1), "acosh": (1,
    50),
    "lgamma": (-20, 30), "digamma": (-20, 30), "trigamma": (-20, 30), "log1p": (-1, 50),
}  # fmt: skip

# Arguments beyond which the result has over- or underflowed, where Arb need not go.
CLIPS = {
    "exp": (-800, 800), "exp2": (-1200, 1200), "expm1": (-800, 800), "sinh": (-800, 800), "cosh": (-800, 800),
    "tanh": (-800, 800), "sigmoid": (-800, 800), "silu": (-800, math.inf), "erfc": (-40, 40), "erf": (-40,
    40),
    "gelu": (-60, math.inf),
}  # fmt: skip

# Zeros, poles, and places where methods change.
CENTRES = np.array([0.25, 0.4142135623730951, 0.5, 0.7071067811865476, 0.8, 1, 1.4142135623730951,
1.4616321449683623,
                    1.5, 2, 2.5, 3, 6, 8, math.pi / 2, math.pi, 2.0**20, 2.0**32,
                    2.0**51, 700, 1e9])  # fmt: skip


def spread(draw, n):
    """Doubles of every exponent."""
    return draw.integers(0, 2**64, n, np.uint64).view(np.float64)


def unary_points(name, n):
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    low, high = RANGES.get(name, (-20, 20))
    part = n // 4
    sign = draw.choice([-1.0, 1.0], (2, part))
    near = draw.choice(CENTRES, part) * (1 + draw.uniform(-1, 1, part) * 2.0 ** -draw.integers(1, 50, part))
    x = np.concatenate([spread(draw, n - 3 * part), draw.uniform(low, high, part),
                        sign[0] * 2 ** draw.uniform(-30, 10, part), sign[1] * near])  # fmt: skip
    return (x[np.isfinite(x)],)


def binary_points(name, n):
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    part = n // 4
    x, y = spread(draw, n - 3 * part), spread(draw, n - 3 * part)
    base = spread(draw, part)
    sign = draw.choice([-1.0, 1.0], (3, part))
    with np.errstate(all="ignore"):
        close = base * sign[0] * 2 ** draw.uniform(-5, 5, part)
    near_1 = 1 + draw.uniform(-0.5, 0.5, part) * 2.0 ** -draw.integers(0, 50, part)
    with np.errstate(all="ignore"):
        finite = draw.uniform(-1100, 1100, part) / np.log2(near_1)
    x = np.concatenate([x, base, sign[1] * 2 ** draw.uniform(-10, 10, part), near_1])
    y = np.concatenate([y, close, sign[2] * 2 ** draw.uniform(-10, 10, part), finite])
    if name == "pow":
        x = np.where(y != np.floor(y), np.abs(x), x)
    keep = np.isfinite(x) & np.isfinite(y) & (y != 0)
    return x[keep], y[keep]


def points(name, n):
    return (unary_points if ROWS[name]["arity"] == 1 else binary_points)(name, n)


# ---- the error ----

INVERSE_ULPS: dict[float, arb] = {}


def enclose(name, *x):
    """The exact value, to at least 70 bits; not finite where there is none."""
    for precision in (PRECISION, 400, 1600, 6400):
        ctx.prec = precision
        value = EXACT[name](*map(arb, x))
        if value.rel_accuracy_bits() >= 70 or not value.is_finite():
            break
    return value


def arb_parts(name, *x):
    """The nearest double and what it leaves, in units of its last place."""
    value = enclose(name, *x)
    if not value.is_finite():
        return math.nan, 0.0
    nearest = float(value)
    if math.isinf(nearest):
        return nearest, 0.0
    ulp = math.ulp(nearest)
    if ulp not in INVERSE_ULPS:
        INVERSE_ULPS[ulp] = 1 / arb(ulp)
    return nearest, float((value - nearest) * INVERSE_ULPS[ulp])


def mpmath_parts(name, *x):
    """The same by mpmath, which takes its time."""
    for precision in (PRECISION, 400, 1600):
        with mpmath.workprec(precision):
            try:
                value = MPMATH[name](*map(mpmath.mpf, x))
            except (ValueError, ZeroDivisionError):
                return math.nan, 0.0
            if not isinstance(value, mpmath.mpf) or not mpmath.isfinite(value):
                return math.nan, 0.0
            nearest = float(value)
            if math.isinf(nearest):
                return nearest, 0.0
            # Sums that cancel need as many bits more as they lose.
            if value == 0 or abs(value) > mpmath.mpf(2) ** -40 or precision == 1600:
                return nearest, float((value - nearest) / mpmath.mpf(math.ulp(nearest)))
    raise AssertionError


# Zeros of a result that is a sum of larger terms, and that no finite precision can follow: the lgamma and
# digamma of negative numbers have one in every unit interval, logaddexp and logaddexp2 a line of them.
# Errors there are in units in the last place of 1, or of the larger term.
SCALES = {
    "lgamma": lambda x: np.where(x < 0, 1.0, 0.0),
    "digamma": lambda x: np.where(x < 0, 1.0, 0.0),
    "logaddexp": np.maximum,
    "logaddexp2": np.maximum,
}


def errors(name, inputs, parts):
    """Per point the distance to the exact value in units in the last place of that."""
    low, high = CLIPS.get(name, (-math.inf, math.inf))
    got = getattr(dk, name)(*map(dk.tensor, inputs)).numpy()
    exact = [np.clip(x, low, high).tolist() for x in inputs]
    nearest, rest = np.array([parts(name, *x) for x in zip(*exact, strict=True)]).T
    with np.errstate(all="ignore"):
        error = np.abs((got - nearest) / np.spacing(np.abs(nearest)) - rest)
        # Just below a power of two the last place is half as large.
        halved = (np.abs(np.frexp(nearest)[0]) == 0.5) & (rest * nearest < 0) & (np.abs(nearest) > 2.0**-1022)
        error = np.where(halved, 2 * error, error)
        if name in SCALES:
            scale = np.spacing(np.abs(SCALES[name](*inputs)))
            error *= np.minimum(1, np.spacing(np.abs(nearest)) / scale)
    # Poles and points outside of the domain give no finite number; overflow is infinite.
    error = np.where(np.isnan(nearest), np.where(np.isfinite(got), np.inf, 0), error)
    return np.where(np.isinf(nearest), np.where(got == nearest, 0, np.inf), error)


# The largest error allowed, where it is not 2; and those that hardware rounds correctly.
EXACTLY = ["neg", "abs", "sign", "floor", "ceil", "trunc", "round", "relu", "fmod"]
EXACTLY += ["maximum", "minimum", "clamp_min", "clamp_max", "fmax", "fmin"]
EXACTLY += ["positive", "frac", "angle", "copysign", "nextafter"]
ROUNDED = ["square", "sqrt", "reciprocal", "add", "sub", "mul", "div", "remainder", "strong_mul"]
LIMITS = dict.fromkeys(EXACTLY, 0.0) | dict.fromkeys(ROUNDED, 0.5001)


def check(name, n, parts):
    inputs = points(name, n)
    if parts is mpmath_parts and name in REACH:
        inputs = tuple(x[np.abs(x) < REACH[name]] for x in inputs)
    error = errors(name, inputs, parts)
    worst = int(np.argmax(error))
    at = ", ".join(repr(float(x[worst])) for x in inputs)
    print(f"| {name} | {len(error)} | {error[worst]:.3f} | {at} |")
    assert error[worst] <= LIMITS.get(name, 2.0), f"{name}({at}) is {error[worst]:.3f} ULP off"


every_function = pytest.mark.parametrize("name", sorted(set(EXACT) & set(ROWS)))
# mpmath sums these from the argument down, one by one.
REACH = {"trigamma": 1e4}

every_mpmath_function = pytest.mark.parametrize("name", sorted(set(MPMATH) & set(ROWS)))


def test_every_row_is_measured():
    rows = {name for name, row in ROWS.items() if row["class"] not in ("predicate", "comparison", "bits")}
    assert rows <= set(EXACT)


@every_function
def test_sample(name):
    check(name, 2000, arb_parts)


@every_mpmath_function
def test_sample_of_mpmath(name):
    check(name, 100, mpmath_parts)


@pytest.mark.slow
@every_function
def test_million(name):
    check(name, 1_000_000, arb_parts)


@pytest.mark.slow
@every_mpmath_function
def test_ten_thousand_of_mpmath(name):
    check(name, 10_000, mpmath_parts)
