//! Elementwise operations of one input: a row each.
//!
//! In a row `x` is the input, `z` the result, `c(v)` a constant. The derivative is d(z)/d(x); the engine multiplies
//! it by the gradient of `z` with strong zeros.

use super::table::*;
use crate::dtype::{Complex, Element, Flag};
use crate::lanes::Lane;
use crate::lanes::quick::Quick;
use crate::real::{Literal, Num, Real};
use crate::rows;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2, LOG2_E, LOG10_E, PI};

/// One degree in radians and one radian in degrees.
const RADIANS: f64 = std::f64::consts::PI / 180.0;
const DEGREES: f64 = 180.0 / std::f64::consts::PI;
/// The standard normal density at 0, `1 / sqrt(2 pi)`.
const NORMAL_DENSITY: f64 = 0.3989422804014327;
/// The derivative of `sinc` near 0, where its terms cancel, is `-SINC_1 x + SINC_3 x^3 - SINC_5 x^5`.
const SINC_1: f64 = PI * PI / 3.0;
const SINC_3: f64 = PI * PI * PI * PI / 30.0;
const SINC_5: f64 = PI * PI * PI * PI * PI * PI / 840.0;
/// `sqrt(pi) / 2`, the derivative of `erfinv` at 0.
const HALF_SQRT_PI: f64 = 1.0 / FRAC_2_SQRT_PI;

/// The angle of a real number; NaN stays NaN.
#[inline(always)]
fn angle_of<R: Num>(x: R) -> R {
    R::select(x.lt(c(0.0)), c(PI), R::select(x.eq(x), c(0.0), x))
}

rows! {
    /// `neg(x)`: the negative, `-x`.
    neg ["negative"] "NegBackward0" ring 65536 (x => z) = -x; partial Dx = c(-1.0); on (-3.0, 3.0);
    /// `abs(x)`: the absolute value, real also of complex numbers. The derivative at 0 is taken as 0.
    abs ["absolute"] "AbsBackward0" number 65536 (x => z) = x.abs(); partial Dx = x.sign(); on (-3.0, 3.0);
        complex crate::ops::complex::modulus;
    /// `sign(x)`: -1, 0 or 1, with derivative 0; of complex numbers `x / abs(x)`.
    sign ["sgn"] "SignBackward0" number 65536 (x => z) = x.sign(); partial Dx = c(0.0); on (-3.0, 3.0);
        complex crate::ops::complex::direction;
    /// `square(x)`: `x * x`.
    square "PowBackward0" ring 65536 (x => z) = x * x; partial Dx = 2.0 * x; on (-3.0, 3.0);
    /// `floor(x)`: the largest integer not above; the derivative is 0.
    floor "FloorBackward0" number 65536 (x => z) = x.floor(); partial Dx = c(0.0); on (-2.9, -2.1);
    /// `ceil(x)`: the smallest integer not below; the derivative is 0.
    ceil "CeilBackward0" number 65536 (x => z) = x.ceil(); partial Dx = c(0.0); on (-2.9, -2.1);
    /// `trunc(x)`: the integer part; the derivative is 0.
    trunc ["fix"] "TruncBackward0" number 65536 (x => z) = x.trunc(); partial Dx = c(0.0); on (-2.9, -2.1);
    /// `round(x)`: the nearest integer (of both parts of complex numbers), ties to even; the derivative is 0.
    round "RoundBackward0" number 65536 (x => z) = x.round(); partial Dx = c(0.0); on (-2.4, -1.6);
        complex crate::ops::complex::round;
    /// `positive(x)`: `x` itself, as a copy.
    positive "PositiveBackward0" ring 65536 (x => z) = x; partial Dx = c(1.0); on (-3.0, 3.0);
    /// `frac(x)`: what `trunc` takes away, with the sign of `x`.
    frac "FracBackward0" float 65536 (x => z) = x - x.trunc(); partial Dx = c(1.0); on (-2.9, -2.1);
    /// `angle(x)`: the angle to the positive real axis, in radians: 0 or pi for real numbers, with derivative 0.
    angle "AngleBackward0" float 65536 (x => z) = angle_of(x);
        partial Dx = c(0.0); on (0.1, 3.0);
        complex crate::ops::complex::angle;
    /// `relu(x)`: the larger of `x` and 0. The derivative at 0 is taken as 0.
    relu "ReluBackward0" number 65536 (x => z) = x.maximum(c(0.0));
        partial Dx = z.sign(); on (0.1, 3.0);

    /// `sqrt(x)`: the square root; NaN below 0.
    sqrt "SqrtBackward0" field 32768 (x => z) = x.sqrt(); partial Dx = 0.5 / z; on (0.1, 4.0);
    /// `rsqrt(x)`: `1 / sqrt(x)`.
    rsqrt "RsqrtBackward0" field 32768 (x => z) = x.rsqrt();
        partial Dx = -0.5 * z * z * z; on (0.3, 4.0);
    /// `reciprocal(x)`: `1 / x`.
    reciprocal "ReciprocalBackward0" field 65536 (x => z) = 1.0 / x; partial Dx = -(z * z); on (0.3, 3.0);
    /// `exp(x)`: e to the power `x`. Derivative: itself.
    exp "ExpBackward0" field 16384 (x => z) = x.exp(); partial Dx = z; on (-3.0, 3.0);
    /// `exp2(x)`: 2 to the power `x`.
    exp2 "Exp2Backward0" field 8192 (x => z) = x.exp2(); partial Dx = LN_2 * z; on (-3.0, 3.0);
    /// `expm1(x)`: `exp(x) - 1` without cancellation near 0.
    expm1 "Expm1Backward0" field 8192 (x => z) = x.expm1(); partial Dx = 1.0 + z; on (-3.0, 3.0);
    /// `log(x)`: the natural logarithm; -inf at 0, NaN below.
    log "LogBackward0" field 8192 (x => z) = x.log(); partial Dx = 1.0 / x; on (0.2, 4.0);
    /// `log2(x)`: the logarithm to base 2.
    log2 "Log2Backward0" field 8192 (x => z) = x.log2(); partial Dx = LOG2_E / x; on (0.2, 4.0);
    /// `log10(x)`: the logarithm to base 10.
    log10 "Log10Backward0" field 8192 (x => z) = x.log10(); partial Dx = LOG10_E / x; on (0.2, 4.0);
    /// `log1p(x)`: `log(1 + x)` without cancellation near 0.
    log1p "Log1PBackward0" field 8192 (x => z) = x.log1p(); partial Dx = 1.0 / (1.0 + x); on (-0.7, 3.0);
    /// `sin(x)`: the sine of an angle in radians. Derivative: `cos(x)`.
    sin "SinBackward0" field 8192 (x => z) = x.sin(); partial Dx = x.cos(); on (-3.0, 3.0);
    /// `cos(x)`: the cosine of an angle in radians. Derivative: `-sin(x)`.
    cos "CosBackward0" field 8192 (x => z) = x.cos(); partial Dx = -x.sin(); on (-3.0, 3.0);
    /// `sinc(x)`: `sin(pi * x) / (pi * x)`, and 1 at 0.
    sinc "SincBackward0" float 8192 (x => z) = x.sinc();
        partial Dx = R::select(x.abs().lt(c(0.01)), x * (x * x * (SINC_3 - SINC_5 * (x * x)) - c(SINC_1)),
            ((PI * x).cos() - z) / x);
        on (0.3, 3.0);
        complex crate::ops::complex::sinc;
    /// `tan(x)`: the tangent of an angle in radians.
    tan "TanBackward0" field 8192 (x => z) = x.tan(); partial Dx = 1.0 + z * z; on (-1.2, 1.2);
    /// `asin(x)`: the angle whose sine is `x`; NaN outside [-1, 1].
    asin ["arcsin"] "AsinBackward0" field 8192 (x => z) = x.asin();
        partial Dx = 1.0 / (1.0 - x * x).sqrt(); on (-0.8, 0.8);
    /// `acos(x)`: the angle whose cosine is `x`; NaN outside [-1, 1].
    acos ["arccos"] "AcosBackward0" field 8192 (x => z) = x.acos();
        partial Dx = -1.0 / (1.0 - x * x).sqrt(); on (-0.8, 0.8);
    /// `atan(x)`: the angle in (-pi/2, pi/2) whose tangent is `x`.
    atan ["arctan"] "AtanBackward0" field 8192 (x => z) = x.atan(); partial Dx = 1.0 / (1.0 + x * x); on (-3.0, 3.0);
    /// `sinh(x)`: the hyperbolic sine.
    sinh "SinhBackward0" field 8192 (x => z) = x.sinh(); partial Dx = x.cosh(); on (-3.0, 3.0);
    /// `cosh(x)`: the hyperbolic cosine.
    cosh "CoshBackward0" field 8192 (x => z) = x.cosh(); partial Dx = x.sinh(); on (-3.0, 3.0);
    /// `tanh(x)`: the hyperbolic tangent. Derivative: `1 - tanh(x)^2`.
    tanh "TanhBackward0" field 8192 (x => z) = x.tanh(); partial Dx = 1.0 - z * z; on (-3.0, 3.0);
    /// `asinh(x)`: the inverse of `sinh`.
    asinh ["arcsinh"] "AsinhBackward0" field 8192 (x => z) = x.asinh();
        partial Dx = 1.0 / (1.0 + x * x).sqrt(); on (-3.0, 3.0);
    /// `acosh(x)`: the inverse of `cosh`; NaN below 1.
    acosh ["arccosh"] "AcoshBackward0" field 8192 (x => z) = x.acosh();
        partial Dx = 1.0 / ((x - c(1.0)).sqrt() * (1.0 + x).sqrt()); on (1.3, 4.0);
    /// `atanh(x)`: the inverse of `tanh`; NaN outside [-1, 1].
    atanh ["arctanh"] "AtanhBackward0" field 8192 (x => z) = x.atanh();
        partial Dx = 1.0 / ((1.0 - x) * (1.0 + x)); on (-0.8, 0.8);
    /// `sigmoid(x)`: `1 / (1 + exp(-x))`. Derivative: `z * (1 - z)`.
    sigmoid ["expit"] "SigmoidBackward0" field 8192 (x => z) = x.sigmoid(); partial Dx = z * (1.0 - z); on (-3.0, 3.0);
    /// `erf(x)`: the error function, `2/sqrt(pi)` times the integral of `exp(-t^2)` from 0 to `x`.
    erf "ErfBackward0" float 8192 (x => z) = x.erf(); partial Dx = FRAC_2_SQRT_PI * (-(x * x)).exp(); on (-2.0, 2.0);
    /// `erfc(x)`: `1 - erf(x)` without cancellation for large `x`.
    erfc "ErfcBackward0" float 8192 (x => z) = x.erfc(); partial Dx = -FRAC_2_SQRT_PI * (-(x * x)).exp(); on (-2.0, 2.0);
    /// `erfinv(x)`: the number whose `erf` is `x`; infinite at -1 and 1, NaN beyond.
    erfinv "ErfinvBackward0" float 8192 (x => z) = x.erfinv(); partial Dx = HALF_SQRT_PI * (z * z).exp(); on (-0.9, 0.9);
    /// `lgamma(x)`: the logarithm of the absolute value of the gamma function. Derivative: `digamma(x)`.
    lgamma "LgammaBackward0" float 4096 (x => z) = x.lgamma(); partial Dx = x.digamma(); on (0.5, 5.0);
    /// `digamma(x)`: the derivative of `lgamma`. Its own derivative, `trigamma`, is the last of the chain.
    digamma "DigammaBackward0" float 4096 (x => z) = x.digamma(); partial Dx = x.trigamma(); on (0.5, 5.0);
    /// `trigamma(x)`: the second derivative of `lgamma`; not differentiable further.
    trigamma "TrigammaBackward0" float 4096 (x => z) = x.trigamma(); on (0.5, 5.0);
    /// `gelu(x)`: `x` times the standard normal distribution function at `x` (Hendrycks and Gimpel 2016).
    gelu "GeluBackward0" float 8192 (x => z) = x.gelu();
        partial Dx = 0.5 * (-(FRAC_1_SQRT_2 * x)).erfc() + NORMAL_DENSITY * x * (-0.5 * x * x).exp(); on (-3.0, 3.0);
    /// `silu(x)`: `x * sigmoid(x)`.
    silu "SiluBackward0" float 8192 (x => z) = x.silu();
        partial Dx = x.sigmoid() * (1.0 + x - z); on (-3.0, 3.0);

    /// `deg2rad(x)`: degrees as radians.
    deg2rad "MulBackward0" float 65536 (x => z) = RADIANS * x; partial Dx = c(RADIANS); on (-3.0, 3.0);
    /// `rad2deg(x)`: radians as degrees.
    rad2deg "MulBackward0" float 65536 (x => z) = DEGREES * x; partial Dx = c(DEGREES); on (-3.0, 3.0);

    /// `isnan(x)`: true where `x` is not a number.
    isnan "" predicate 65536 (x => z) = x.0.is_nan(); on (-3.0, 3.0);
    /// `isinf(x)`: true where `x` is infinite.
    isinf "" predicate 65536 (x => z) = x.0.is_infinite(); on (-3.0, 3.0);
    /// `isposinf(x)`: true where `x` is positive infinity.
    isposinf "" comparison 65536 (x => z) = x.0.is_infinite() & (x.0.to_f64() > 0.0); on (-3.0, 3.0);
    /// `isneginf(x)`: true where `x` is negative infinity.
    isneginf "" comparison 65536 (x => z) = x.0.is_infinite() & (x.0.to_f64() < 0.0); on (-3.0, 3.0);
    /// `isfinite(x)`: true where `x` is neither infinite nor NaN.
    isfinite "" predicate 65536 (x => z) = x.0.is_finite(); on (-3.0, 3.0);
    /// `signbit(x)`: true where `x` is negative, -0.0 included.
    signbit "" comparison 65536 (x => z) = x.0.to_f64().is_sign_negative(); on (-3.0, 3.0);
    /// `logical_not(x)`: true where `x` is zero.
    logical_not "" predicate 65536 (x => z) = !x.0.is_true(); on (-3.0, 3.0);
    /// `bitwise_not(x)`: every bit flipped; for bools, "not".
    bitwise_not ["bitwise_invert"] "" bits 65536 (x => z) = x.0.flip(); on (-3.0, 3.0);
}

/// Arithmetic of integers only, where bools count as one bit.
pub trait BitOps: Copy {
    fn flip(self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn shift_left(self, other: Self) -> Self;
    fn shift_right(self, other: Self) -> Self;
    fn gcd(self, other: Self) -> Self;
    fn lcm(self, other: Self) -> Self;
}

macro_rules! integer_bits {
    ($($T:ident),*) => {
        $(impl BitOps for $T {
            #[inline(always)]
            fn flip(self) -> Self {
                !self
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
            /// Shifts by the width or more leave 0 (or the sign).
            #[inline(always)]
            fn shift_left(self, other: Self) -> Self {
                self.checked_shl(other.clamp(0, 64 as $T) as u32).unwrap_or(0)
            }
            #[inline]
            fn gcd(self, other: Self) -> Self {
                let (mut a, mut b) = (self, other);
                while b != 0 {
                    (a, b) = (b, a.wrapping_rem(b));
                }
                Lane(a).abs().0
            }
            #[inline]
            fn lcm(self, other: Self) -> Self {
                let divisor = self.gcd(other);
                if divisor == 0 { 0 } else { Lane(self.wrapping_div(divisor).wrapping_mul(other)).abs().0 }
            }
            #[inline(always)]
            fn shift_right(self, other: Self) -> Self {
                if $T::MIN == 0 && other >= $T::BITS as $T { 0 } else { self >> (other.clamp(0, $T::BITS as $T - 1) as u32) }
            }
        })*
    };
}
integer_bits!(u8, u16, u32, u64, i8, i16, i32, i64);

impl BitOps for Flag {
    #[inline(always)]
    fn flip(self) -> Self {
        Flag(!self.get() as u8)
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Flag((self.get() & other.get()) as u8)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Flag((self.get() | other.get()) as u8)
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Flag((self.get() ^ other.get()) as u8)
    }
    #[inline(always)]
    fn shift_left(self, other: Self) -> Self {
        Flag((self.get() & !other.get()) as u8)
    }
    #[inline(always)]
    fn shift_right(self, other: Self) -> Self {
        Flag((self.get() & !other.get()) as u8)
    }
    #[inline(always)]
    fn gcd(self, other: Self) -> Self {
        self.or(other)
    }
    #[inline(always)]
    fn lcm(self, other: Self) -> Self {
        self.and(other)
    }
}
