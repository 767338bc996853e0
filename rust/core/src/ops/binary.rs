//! Elementwise operations of two inputs, with broadcasting: a row each.
//!
//! In a row `x` and `y` are the inputs, `z` the result, `c(v)` a constant; one derivative per input.

use super::table::*;
use super::unary::BitOps;
use crate::dtype::{Complex, Element, Flag};
use crate::lanes::Lane;
use crate::real::{Literal, Num, Real};
use crate::rows;

rows! {
    /// `add(x, y)`: `x + y`; for bools, "or".
    add "AddBackward0" any 65536 (x, y => z) = x + y; partial Dx = c(1.0), Dy = c(1.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `sub(x, y)`: `x - y`.
    sub ["subtract"] "SubBackward0" ring 65536 (x, y => z) = x - y;
        partial Dx = c(1.0), Dy = c(-1.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `mul(x, y)`: `x * y`, element by element (the Hadamard product); for bools, "and".
    mul ["multiply"] "MulBackward0" any 65536 (x, y => z) = x * y;
        partial Dx = y, Dy = x; on (-3.0, 3.0), (-3.0, 3.0);
    /// `div(x, y)`: `x / y`; integers are converted to the default float.
    div ["divide", "true_divide"] "DivBackward0" field 65536 (x, y => z) = x / y;
        partial Dx = 1.0 / y, Dy = -(z / y); on (-3.0, 3.0), (0.4, 3.0);
    /// `pow(x, y)`: `x` to the power `y`. The derivative by `y` is 0 where the result is 0.
    pow "PowBackward0" ring 8192 (x, y => z) = x.pow(y);
        partial Dx = R::select(y.eq(c(0.0)), c(0.0), y * x.pow(y - c(1.0))),
                Dy = R::select(z.eq(c(0.0)), c(0.0), z * x.log());
        on (0.3, 3.0), (-2.0, 2.0);
    /// `maximum(x, y)`: the larger one; NaN if either is. A tie shares the gradient equally.
    maximum "MaximumBackward0" ordered 65536 (x, y => z) = x.maximum(y);
        partial Dx = R::select(x.eq(y), c(0.5), R::select(y.lt(x), c(1.0), c(0.0))),
                Dy = R::select(x.eq(y), c(0.5), R::select(x.lt(y), c(1.0), c(0.0)));
        on (-3.0, 0.0), (-2.0, 3.0);
    /// `minimum(x, y)`: the smaller one; NaN if either is. A tie shares the gradient equally.
    minimum "MinimumBackward0" ordered 65536 (x, y => z) = x.minimum(y);
        partial Dx = R::select(x.eq(y), c(0.5), R::select(x.lt(y), c(1.0), c(0.0))),
                Dy = R::select(x.eq(y), c(0.5), R::select(y.lt(x), c(1.0), c(0.0)));
        on (-3.0, 0.0), (-2.0, 3.0);
    /// `clamp_min(x, y)`: `x`, but at least `y`; NaN if either is. The gradient goes to `x` where `x >= y`, else to `y`.
    clamp_min "ClampMinBackward0" ordered 65536 (x, y => z) = x.maximum(y);
        partial Dx = R::select(x.lt(y), c(0.0), c(1.0)), Dy = R::select(x.lt(y), c(1.0), c(0.0));
        on (-3.0, 0.0), (-2.0, 3.0);
    /// `clamp_max(x, y)`: `x`, but at most `y`; NaN if either is. The gradient goes to `x` where `x <= y`, else to `y`.
    clamp_max "ClampMaxBackward0" ordered 65536 (x, y => z) = x.minimum(y);
        partial Dx = R::select(y.lt(x), c(0.0), c(1.0)), Dy = R::select(y.lt(x), c(1.0), c(0.0));
        on (-3.0, 0.0), (-2.0, 3.0);
    /// `fmax(x, y)`: the larger one; where one is NaN, the other. The gradient goes to `x` where `x >= y`.
    fmax "FmaxBackward0" ordered 65536 (x, y => z) = if x.0 >= y.0 || y.0.is_nan() { x } else { y };
        partial Dx = R::select(x.lt(y), c(0.0), R::select(x.eq(x), c(1.0), R::select(y.eq(y), c(0.0), c(1.0)))),
                Dy = R::select(x.lt(y), c(1.0), R::select(x.eq(x), c(0.0), R::select(y.eq(y), c(1.0), c(0.0))));
        on (-3.0, 0.0), (-2.0, 3.0);
    /// `fmin(x, y)`: the smaller one; where one is NaN, the other. The gradient goes to `x` where `x <= y`.
    fmin "FminBackward0" ordered 65536 (x, y => z) = if x.0 <= y.0 || y.0.is_nan() { x } else { y };
        partial Dx = R::select(y.lt(x), c(0.0), R::select(x.eq(x), c(1.0), R::select(y.eq(y), c(0.0), c(1.0)))),
                Dy = R::select(y.lt(x), c(1.0), R::select(x.eq(x), c(0.0), R::select(y.eq(y), c(1.0), c(0.0))));
        on (-3.0, 0.0), (-2.0, 3.0);
    /// `atan2(y, x)`: the angle of the point (x, y); the first input is the ordinate.
    atan2 ["arctan2"] "Atan2Backward0" float 8192 (x, y => z) = x.atan2(y);
        partial Dx = y / (x * x + y * y), Dy = -(x / (x * x + y * y)); on (0.3, 3.0), (0.3, 3.0);
    /// `hypot(x, y)`: `sqrt(x^2 + y^2)` without overflow. The derivative at (0, 0) is taken as 0.
    hypot "HypotBackward0" float 32768 (x, y => z) = x.hypot(y);
        partial Dx = R::select(z.eq(c(0.0)), c(0.0), x / z), Dy = R::select(z.eq(c(0.0)), c(0.0), y / z);
        on (0.3, 3.0), (-3.0, 3.0);
    /// `logaddexp(x, y)`: `log(exp(x) + exp(y))` without overflow.
    logaddexp "LogaddexpBackward0" float 8192 (x, y => z) = x.logaddexp(y);
        partial Dx = (x - z).exp(), Dy = (y - z).exp(); on (-3.0, 3.0), (-3.0, 3.0);
    /// `logaddexp2(x, y)`: `log2(2^x + 2^y)` without overflow.
    logaddexp2 "Logaddexp2Backward0" float 8192 (x, y => z) = x.logaddexp2(y);
        partial Dx = (x - z).exp2(), Dy = (y - z).exp2(); on (-3.0, 3.0), (-3.0, 3.0);
    /// `xlogy(x, y)`: `x * log(y)`, and 0 where `x` is 0.
    xlogy "XlogyBackward0" float 8192 (x, y => z) = x.xlogy(y);
        partial Dx = R::select(x.eq(c(0.0)), R::select(c::<R>(0.0).lt(y), y.log(), c(0.0)), y.log()),
                Dy = R::select(x.eq(c(0.0)), c(0.0), x / y);
        on (0.3, 3.0), (0.3, 3.0);
    /// `floor_divide(x, y)`: `x / y` rounded down; the derivative is 0.
    floor_divide "FloorDivideBackward0" number 32768 (x, y => z) = x.floor_divide(y);
        partial Dx = c(0.0), Dy = c(0.0); on (2.1, 2.9), (1.0, 1.04);
    /// `remainder(x, y)`: `x - floor(x / y) * y`, with the divisor's sign.
    remainder "RemainderBackward0" number 32768 (x, y => z) = x.remainder(y);
        partial Dx = c(1.0), Dy = -(x / y).floor(); on (2.1, 2.9), (1.0, 1.04);
    /// `fmod(x, y)`: `x - trunx / y * y`, with the dividend's sign.
    fmod "FmodBackward0" number 32768 (x, y => z) = x.fmod(y);
        partial Dx = c(1.0), Dy = -(x / y).trunc(); on (-2.9, -2.1), (1.0, 1.04);
    /// `strong_mul(x, y)`: `x * y` where a zero on either side gives zero, even against infinity or NaN.
    strong_mul "StrongMulBackward0" field 65536 (x, y => z) = x.strong_mul(y);
        partial Dx = y, Dy = x; on (-3.0, 3.0), (-3.0, 3.0);

    /// `copysign(x, y)`: the size of `x` with the sign of `y`, zeros and NaN included. The derivative at 0 is taken as 0.
    copysign "CopysignBackward0" float 65536 (x, y => z) = Lane(x.0.copysign(y.0));
        partial Dx = x.sign() * z.sign(), Dy = c(0.0); on (0.3, 3.0), (-3.0, -0.3);
    /// `nextafter(x, y)`: the float next to `x` towards `y`.
    nextafter "" float 65536 (x, y => z) = x.nextafter(y); on (0.3, 3.0), (-3.0, 3.0);

    /// `eq(x, y)`: true where equal.
    eq "" predicate 65536 (x, y => z) = x.0 == y.0; on (-3.0, 3.0), (-3.0, 3.0);
    /// `ne(x, y)`: true where not equal.
    ne ["not_equal"] "" predicate 65536 (x, y => z) = x.0 != y.0; on (-3.0, 3.0), (-3.0, 3.0);
    /// `lt(x, y)`: true where `x < y`.
    lt ["less"] "" comparison 65536 (x, y => z) = x.0 < y.0; on (-3.0, 3.0), (-3.0, 3.0);
    /// `le(x, y)`: true where `x <= y`.
    le ["less_equal"] "" comparison 65536 (x, y => z) = x.0 <= y.0; on (-3.0, 3.0), (-3.0, 3.0);
    /// `gt(x, y)`: true where `x > y`.
    gt ["greater"] "" comparison 65536 (x, y => z) = x.0 > y.0; on (-3.0, 3.0), (-3.0, 3.0);
    /// `ge(x, y)`: true where `x >= y`.
    ge ["greater_equal"] "" comparison 65536 (x, y => z) = x.0 >= y.0; on (-3.0, 3.0), (-3.0, 3.0);
    /// `logical_and(x, y)`: true where both are non-zero.
    logical_and "" predicate 65536 (x, y => z) = x.0.is_true() & y.0.is_true(); on (-3.0, 3.0), (-3.0, 3.0);
    /// `logical_or(x, y)`: true where either is non-zero.
    logical_or "" predicate 65536 (x, y => z) = x.0.is_true() | y.0.is_true(); on (-3.0, 3.0), (-3.0, 3.0);
    /// `logical_xor(x, y)`: true where exactly one is non-zero.
    logical_xor "" predicate 65536 (x, y => z) = x.0.is_true() ^ y.0.is_true(); on (-3.0, 3.0), (-3.0, 3.0);
    /// `bitwise_and(x, y)`: the bits set in both.
    bitwise_and "" bits 65536 (x, y => z) = x.0.and(y.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `bitwise_or(x, y)`: the bits set in either.
    bitwise_or "" bits 65536 (x, y => z) = x.0.or(y.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `bitwise_xor(x, y)`: the bits set in exactly one.
    bitwise_xor "" bits 65536 (x, y => z) = x.0.xor(y.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `gcd(x, y)`: the greatest common divisor, never negative.
    gcd "" bits 16384 (x, y => z) = x.0.gcd(y.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `lcm(x, y)`: the least common multiple, never negative.
    lcm "" bits 16384 (x, y => z) = x.0.lcm(y.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `bitwise_left_shift(x, y)`: the bits moved `y` places up.
    bitwise_left_shift "" bits 65536 (x, y => z) = x.0.shift_left(y.0); on (-3.0, 3.0), (-3.0, 3.0);
    /// `bitwise_right_shift(x, y)`: the bits moved `y` places down, keeping the sign.
    bitwise_right_shift "" bits 65536 (x, y => z) = x.0.shift_right(y.0); on (-3.0, 3.0), (-3.0, 3.0);
}
