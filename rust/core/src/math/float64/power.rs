//! Powers and the Euclidean norm of two numbers.

use super::exponential::{clamp, expm1_tail, reduce, scale};
use super::logarithm::{LN_2_SHORT, LN_2_SHORT_LOW, split};
use super::parts::{Parts, ordered_sum, product};
use crate::math::polynomial;

/// The coefficients 2/3 and 2/5 of the logarithm's series, and what they leave.
const TWO_THIRDS: f64 = 0.6666666666666666;
const TWO_THIRDS_LOW: f64 = 3.700743415417188e-17;
const TWO_FIFTHS: f64 = 0.4;
const TWO_FIFTHS_LOW: f64 = -2.2204460492503132e-17;

/// Sum of two numbers in parts, for |a| >= |b|.
#[inline(always)]
fn sum((a, a_low): Parts, (b, b_low): Parts) -> Parts {
    let (high, error) = ordered_sum(a, b);
    (high, error + (a_low + b_low))
}

/// log(x) to about 68 bits in two parts, for finite x > 0: the series in s = (m - 1) / (m + 1) with its first
/// terms in two parts.
#[inline(always)]
fn log_precise(x: f64) -> (f64, f64) {
    let (k, f) = split(x);
    let bottom = 2.0 + f;
    let bottom_low = (2.0 - bottom) + f;
    let inverse = 1.0 / bottom;
    let quotient = f * inverse;
    let remainder = (-quotient).mul_add(bottom, f) - quotient * bottom_low;
    let s = (quotient, remainder * inverse);
    let z = product(s, s);
    let (square, _) = z;
    let q = square
        * polynomial!(square;
            0.28571428571433194, 0.22222222219998503, 0.18181818607710803, 0.15384572713211675,
            0.13335771249824377, 0.11684859737625547, 0.11912611858202407,
        );
    let series = sum((TWO_FIFTHS, TWO_FIFTHS_LOW), (q, 0.0));
    let series = sum((TWO_THIRDS, TWO_THIRDS_LOW), product(z, series));
    let series = product(s, product(z, series));
    let fraction = sum((2.0 * s.0, 2.0 * s.1), series);
    let (high, low) = sum((k * LN_2_SHORT, k * LN_2_SHORT_LOW), fraction);
    (high + low, (high - (high + low)) + low)
}

/// x to the power y given |x|^y for finite |x| > 0: signs and special values.
#[inline(always)]
pub(in crate::math) fn with_power_signs(x: f64, y: f64, magnitude: f64) -> f64 {
    let a = x.abs();
    let at_limit = if (a == 0.0) == (y < 0.0) { f64::INFINITY } else { 0.0 };
    let result = if a == 0.0 || a == f64::INFINITY { at_limit } else { magnitude };
    let result = if a == 1.0 { 1.0 } else { result };
    let whole = y.floor() == y;
    let half = 0.5 * y;
    let odd = whole && half.floor() != half;
    let signed = if odd { -result } else { result };
    let signed = if !whole && a != 0.0 && a != f64::INFINITY { f64::NAN } else { signed };
    let result = if x.is_sign_negative() { signed } else { result };
    let result = if x.is_nan() || y.is_nan() { f64::NAN } else { result };
    if y == 0.0 || x == 1.0 { 1.0 } else { result }
}

/// x to the power y: exp(y log|x|) with the logarithm to about 68 bits; special values and signs as in C99 Annex F.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let (log, log_low) = log_precise(x.abs());
    let exponent = y * log;
    let exponent_low = y.mul_add(log_low, y.mul_add(log, -exponent));
    let exponent_low = if exponent.abs() < 1000.0 { exponent_low } else { 0.0 };
    let (shifted, r, r_low) = reduce(clamp(exponent, -760.0, 720.0), exponent_low);
    let magnitude = scale(1.0 + (r + expm1_tail(r, r_low)), shifted, 0);
    with_power_signs(x, y, magnitude)
}

/// `sqrt(x^2 + y^2)` without overflow or underflow on the way: scaled by a power of two, with the squares in two parts.
#[inline(always)]
pub fn hypot(x: f64, y: f64) -> f64 {
    let (x, y) = (x.abs(), y.abs());
    let (large, small) = if x > y { (x, y) } else { (y, x) };
    let up = large < 1e-140;
    let down = large > 1e140;
    // 2^600 and 2^-600.
    let factor = if up { f64::from_bits(1623 << 52) } else { 1.0 };
    let factor = if down { f64::from_bits(423 << 52) } else { factor };
    let back = if up { f64::from_bits(423 << 52) } else { 1.0 };
    let back = if down { f64::from_bits(1623 << 52) } else { back };
    let (a, b) = (large * factor, small * factor);
    let (square, square_low) = (a * a, a.mul_add(a, -(a * a)));
    let other = b * b;
    let total = square + other;
    let total_low = ((square - total) + other) + (square_low + b.mul_add(b, -other));
    let root = total.sqrt();
    let residue = (-root).mul_add(root, total) + total_low;
    let result = if root > 0.0 { (root + residue / (2.0 * root)) * back } else { root };
    let result = if x.is_nan() || y.is_nan() { f64::NAN } else { result };
    if x == f64::INFINITY || y == f64::INFINITY { f64::INFINITY } else { result }
}
