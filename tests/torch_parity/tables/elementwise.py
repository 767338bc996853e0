"""Operations on each element by itself, of one tensor or of several that broadcast."""

from ..spec import Spec, mask, spec

ONE = [(), (0,), (5,), (2, 3), (2, 0, 3), (2, 1, 3)]
PAIRS = {
    "x": [(), (4,), (), (2, 3), (3,), (2, 1), (0,), (2, 1, 3)],
    "y": [(), (4,), (3,), (2, 3), (2, 3), (1, 3), (1,), (4, 1)],
}
APART = "t.ones(2, 3), t.ones(4) | t.ones(2), t.ones(3)"


def unary(names: str, low: float = -3.0, high: float = 3.0, **more: object) -> list[Spec]:
    return spec(names, "x", x=ONE, domain=(low, high), special=True, **more)


def binary(
    names: str, low: float = -3.0, high: float = 3.0, calls: str = "x, y", **more: object
) -> list[Spec]:
    return spec(names, calls, **PAIRS, domain=(low, high), special=True, bad=APART, **more)


# fmt: off
SPECS = [
    # ---- powers, exponentials, logarithms ----
    *unary("exp exp2 expm1 square"),
    *unary("sqrt rsqrt reciprocal log log2 log10", 0.2, 4.0),
    *unary("log1p", -0.7, 3.0),
    *binary("pow", 0.3, 3.0, calls="x, y | x, 2 | x, 0.5 | x, -1.0 | x, 0"),
    *binary("float_power", 0.3, 3.0, calls="x, y | x, 2"),
    *binary("logaddexp logaddexp2"),
    *binary("xlogy", 0.2, 3.0, calls="x, y | x, 2.0"),
    *spec("logit", "x | x, 0.2 | x, eps=1e-3", x=ONE, domain=(0.05, 0.95), special=True),
    # ---- angles ----
    *unary("sin cos sinh cosh tanh asinh arcsinh atan arctan deg2rad rad2deg sinc"),
    *unary("tan", -1.2, 1.2),
    *unary("asin arcsin acos arccos atanh arctanh", -0.8, 0.8),
    *unary("acosh arccosh", 1.3, 4.0),
    *binary("atan2 arctan2 hypot", 0.3, 3.0),
    # ---- special functions ----
    *unary("sigmoid erf erfc"),
    *unary("erfinv", -0.9, 0.9),
    *unary("lgamma", 0.5, 5.0, tolerance=256.0),
    # PyTorch's own derivative of digamma has nine digits.
    *unary("digamma", 0.5, 5.0, tolerance=1e8),
    # ---- signs and rounding ----
    *unary("abs absolute neg negative sign sgn floor ceil trunc fix frac positive"),
    *spec("round", "x | x, decimals=1 | x, decimals=-1", x=ONE, special=True),
    *unary("relu"),
    *unary("isnan isinf isfinite isposinf isneginf isreal signbit logical_not", gradient="the result is bool"),
    *unary("bitwise_not"),
    *spec(
        "nan_to_num",
        "x | x, 1.5 | x, nan=0.0, posinf=2.0, neginf=-2.0",
        x=ONE,
        special=True,
    ),
    # ---- arithmetic ----
    *binary("add sub subtract", calls="x, y | x, 2 | x, 0.5 | x, y, alpha=2 | x, 3, alpha=2"),
    *binary("mul multiply", calls="x, y | x, 2 | x, -0.5"),
    *binary("div divide", 0.4, 3.0, calls="x, y | x, 2 | x, y, rounding_mode='floor' | x, y, rounding_mode='trunc'"),
    *binary("true_divide", 0.4, 3.0),
    *binary("floor_divide remainder fmod", 0.6, 3.0, calls="x, y | x, 2 | x, -1.5"),
    *binary("maximum minimum fmax fmin"),
    *binary("copysign", calls="x, y | x, -2.0"),
    *binary("nextafter heaviside", gradient="none by the first input"),
    *binary("gcd lcm", 1, 9, gradient="integers"),
    *binary("ldexp", -3, 3, calls="x, y", gradient="by integers"),
    *spec("clamp clip", "x, -1, 1 | x, min=-0.5 | x, max=0.5 | x, y, z | x, min=y | x, max=z | x, 1, -1",
          x=[(4,), (2, 3), ()], y=[(4,), (3,), (2,)], z=[(4,), (2, 1), ()], special=True, bad="x"),
    *spec("clamp_min clamp_max", "x, 0.5 | x, y", x=[(4,), (2, 3), ()], y=[(4,), (3,), (2,)], special=True),
    *spec("lerp", "x, y, 0.3 | x, y, 0.75 | x, y, z", x=[(4,), (2, 3), ()], y=[(4,), (3,), (2,)],
          z=[(4,), (2, 1), ()], bad="x, t.ones(7, 9), 0.5"),
    *spec("addcmul", "x, y, z | x, y, z, value=2 | x, y, z, value=0.5", x=[(4,), (2, 3), ()], y=[(4,), (3,), (2,)],
          z=[(4,), (2, 1), ()], bad="x, t.ones(7, 9), z"),
    *spec("addcdiv", "x, y, z | x, y, z, value=2 | x, y, z, value=0.5", x=[(4,), (2, 3), ()], y=[(4,), (3,), (2,)],
          z=[(4,), (2, 1), ()], domain=(0.4, 3), bad="x, t.ones(7, 9), z"),
    # ---- comparison, logic, bits ----
    *binary("eq ne lt le gt ge", calls="x, y | x, 1 | x, 0.5", gradient="the result is bool"),
    *binary("not_equal less less_equal greater greater_equal", gradient="the result is bool"),
    *binary("logical_and logical_or logical_xor", -1, 1, gradient="the result is bool"),
    *binary("bitwise_and bitwise_or bitwise_xor", 0, 9, calls="x, y | x, 3", gradient="integers"),
    *binary("bitwise_left_shift bitwise_right_shift", 0, 5, calls="x, y | x, 2", gradient="integers"),
    *spec("isclose", "x, y | x, x | x, y, 0.5 | x, y, rtol=0.1, atol=0.5 | x, y, equal_nan=True",
          **PAIRS, special=True, gradient="the result is bool", bad=APART + "| x, y, -1.0"),
    # ---- choice ----
    *spec("where", "m, x, y | m, x, 2 | m, 0.5, y | m, x, y * 2",
          m=[mask(4), mask(2, 1), mask()], x=[(4,), (3,), (2,)], y=[(4,), (2, 3), ()],
          bad="m, t.ones(7, 9), x"),
    *spec("real imag conj angle", "x", x=ONE, special=True),
    *spec("complex polar", "x, y", x=[(4,), (2, 3)], y=[(4,), (3,)], domain=(0.2, 3.0)),
    *spec("view_as_real view_as_complex", "x", x=[(4, 2), (3, 1, 2)]),
]
# fmt: on
