//! Logarithms.

use super::{Quick, not_normal};
use crate::math::polynomial;
use std::f64::consts::{LN_2, LOG2_E, LOG10_2, LOG10_E};

/// log 2 in a part with 20 trailing zero bits, so that its product with an exponent is exact, and the rest.
pub(super) const LN_2_SHORT: f64 = 0.6931471803691238;
pub(super) const LN_2_SHORT_LOW: f64 = 1.9082149292705877e-10;
/// What `LOG2_E` and `LOG10_E` leave of the exact constants.
const LOG2_E_LOW: f64 = 2.0355273740931033e-17;
const LOG10_E_LOW: f64 = 1.098319650216765e-17;

/// Bits of sqrt(1/2), rounded: where the fraction m of x = 2^k m starts.
const FRACTION_START: u64 = 0x3fe6_a09e_0000_0000;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const FRACTION_MASK: u64 = 0x000f_ffff_ffff_ffff;
/// 2^52, whose low bits read as an integer.
const INTEGER: u64 = 0x4330_0000_0000_0000;

/// x = 2^k m with m in [sqrt(1/2), sqrt(2)), for normal x > 0; returns k and m - 1 (exact).
#[inline(always)]
fn split_normal(x: f64) -> (f64, f64) {
    let shifted = x.to_bits().wrapping_add(ONE - FRACTION_START);
    let k = f64::from_bits((shifted >> 52) | INTEGER) - (4503599627370496.0 + 1023.0);
    (k, f64::from_bits((shifted & FRACTION_MASK) + FRACTION_START) - 1.0)
}

/// `split_normal` for subnormal x too.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let (k, f) = split_normal(if subnormal { x * 18014398509481984.0 } else { x });
    (k - if subnormal { 54.0 } else { 0.0 }, f)
}

/// log(1 + f + low) in two parts, for 1 + f in [sqrt(1/2), sqrt(2)) and a tiny `low`.
#[inline(always)]
pub(super) fn log_fraction(f: f64, low: f64) -> (f64, f64) {
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * polynomial!(z;
        0.6666666666666735, 0.39999999999409713, 0.2857142874356461, 0.222221984439725,
        0.18183571495776235, 0.15313855445377988, 0.14798017527720947,
    );
    let half_square = 0.5 * f * f;
    let high = f - half_square;
    let tail = s.mul_add(half_square + r, (-low).mul_add(f, low));
    (high, ((f - high) - half_square) + tail)
}

/// log(x) as k, high and low, where log(x) = k log 2 + high + low, for finite x > 0.
#[inline(always)]
pub(super) fn log_parts(x: f64) -> (f64, f64, f64) {
    let (k, f) = split(x);
    let (high, low) = log_fraction(f, 0.0);
    (k, high, low)
}

/// `k log 2 + high + low` in two parts.
#[inline(always)]
pub(super) fn join_parts((k, high, low): (f64, f64, f64)) -> (f64, f64) {
    let base = k * LN_2_SHORT;
    let sum = base + high;
    (sum, ((base - sum) + high) + k.mul_add(LN_2_SHORT_LOW, low))
}

/// `k log 2 + high + low`.
#[inline(always)]
pub(super) fn join(parts: (f64, f64, f64)) -> f64 {
    let (high, low) = join_parts(parts);
    high + low
}

/// The value of a logarithm at 0, infinity, NaN and below 0; `result` elsewhere.
#[inline(always)]
fn with_special_values(x: f64, result: f64) -> f64 {
    let result = if x == f64::INFINITY { x } else { result };
    let result = if x == 0.0 { f64::NEG_INFINITY } else { result };
    if x >= 0.0 { result } else { f64::NAN }
}

/// f - log(1 + f), by fdlibm's polynomial in the square of f / (2 + f).
#[inline(always)]
fn log_rest(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let y = z * z;
    let even = polynomial!(y; 0.6666666666666734, 0.2857142874189028, 0.18183561883727384, 0.14795361452568306);
    let odd = polynomial!(y; 0.3999999999941705, 0.22222198621963613, 0.1531411105808719);
    s * (-z).mul_add(z.mul_add(odd, even), f)
}

/// log(2^k (1 + f)).
#[inline(always)]
fn log_of((k, f): (f64, f64)) -> f64 {
    k.mul_add(LN_2, f - log_rest(f))
}

/// The same to base 2, exact for powers of 2.
#[inline(always)]
fn log2_of((k, f): (f64, f64)) -> f64 {
    let tail = log_rest(f).mul_add(-LOG2_E, f * LOG2_E_LOW);
    k + f.mul_add(LOG2_E, tail)
}

/// The same to base 10.
#[inline(always)]
fn log10_of((k, f): (f64, f64)) -> f64 {
    let tail = log_rest(f).mul_add(-LOG10_E, f * LOG10_E_LOW);
    k.mul_add(LOG10_2, f.mul_add(LOG10_E, tail))
}

/// Natural logarithm, by fdlibm's method: x = 2^k m, s = (m - 1) / (m + 1) and a polynomial in s^2.
#[inline(always)]
pub fn log(x: f64) -> f64 {
    with_special_values(x, log_of(split(x)))
}

/// `log` of positive normal numbers.
#[inline(always)]
pub fn log_quick(x: f64) -> Quick {
    (log_of(split_normal(x)), not_normal(x))
}

/// Binary logarithm, by the method of `log`.
#[inline(always)]
pub fn log2(x: f64) -> f64 {
    with_special_values(x, log2_of(split(x)))
}

/// `log2` of positive normal numbers.
#[inline(always)]
pub fn log2_quick(x: f64) -> Quick {
    (log2_of(split_normal(x)), not_normal(x))
}

/// Decimal logarithm, by the method of `log`.
#[inline(always)]
pub fn log10(x: f64) -> f64 {
    with_special_values(x, log10_of(split(x)))
}

/// `log10` of positive normal numbers.
#[inline(always)]
pub fn log10_quick(x: f64) -> Quick {
    (log10_of(split_normal(x)), not_normal(x))
}

/// log(1 + x + low) in two parts, for finite 1 + x > 0 and a `low` below the last place of x.
#[inline(always)]
pub(super) fn log1p_parts(x: f64, low: f64) -> (f64, f64) {
    let u = 1.0 + x;
    let back = u - 1.0;
    let lost = (1.0 - (u - back)) + (x - back) + low;
    let (k, f) = split(u);
    // 2^-k; where it would be subnormal, `lost` no longer matters.
    let inverse = f64::from_bits((4503599627370496.0 + 1023.0 - k).to_bits() << 52);
    let inverse = if x > 1e300 { 0.0 } else { inverse };
    let (f, c) = if k == 0.0 { (x, low) } else { (f, lost * inverse) };
    let (high, low) = log_fraction(f, c);
    join_parts((k, high, low))
}

/// `log(1 + x)`, by the method of `log` with the rounding error of 1 + x carried along.
#[inline(always)]
pub fn log1p(x: f64) -> f64 {
    let (high, low) = log1p_parts(x, 0.0);
    let result = high + low;
    let result = if x.abs() < 1e-17 { x } else { result };
    let result = if x == f64::INFINITY { x } else { result };
    let result = if x == -1.0 { f64::NEG_INFINITY } else { result };
    if x >= -1.0 { result } else { f64::NAN }
}

/// `x log(y)`, 0 where x is 0 (NaN where y is NaN).
#[inline(always)]
pub fn xlogy(x: f64, y: f64) -> f64 {
    let product = x * log(y);
    if x == 0.0 && !y.is_nan() { 0.0 } else { product }
}
