//! Products, quotients, absolute value and direction.

use crate::math::float64;
use num_complex::Complex;

/// Bits of the exponent of an `f64`.
const EXPONENT: u64 = 0x7ff << 52;
/// 2^1022, whose reciprocal is the smallest normal number.
const LARGEST_POWER: f64 = 1.0 / f64::MIN_POSITIVE;
/// The larger of two absolute values.
#[inline(always)]
pub(super) fn larger(x: f64, y: f64) -> f64 {
    let (x, y) = (x.abs(), y.abs());
    if x > y { x } else { y }
}

/// A number 2^exponent z, where `back` is that power and squares and sums of the parts of z stay in range.
pub(super) struct Scaled {
    pub(super) z: Complex<f64>,
    pub(super) back: f64,
    pub(super) exponent: f64,
}

/// Takes z away from the ends of the range of `f64` (above 2^1000 or below 2^-900), by an even power of two.
#[inline(always)]
pub(super) fn in_range(z: Complex<f64>) -> Scaled {
    let size = larger(z.re, z.im);
    let exponent = if size > f64::from_bits((1023 + 1000) << 52) { 8 } else { 0 };
    let exponent = if size < f64::from_bits((1023 - 900) << 52) { -108 } else { exponent };
    let factor = power_of_two(-exponent);
    Scaled { z: Complex::new(z.re * factor, z.im * factor), back: power_of_two(exponent), exponent: exponent as f64 }
}

/// `2^exponent` within the normal numbers.
#[inline(always)]
pub(super) fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// Product by the textbook formula of four multiplications, without recovery of infinities; error at most 1.2 eps
/// relative to the absolute value.
#[inline(always)]
pub fn mul(z: Complex<f64>, w: Complex<f64>) -> Complex<f64> {
    Complex::new(z.re * w.re - z.im * w.im, z.re * w.im + z.im * w.re)
}

/// A divisor of absolute value about 1, the square of that, and the factor that the quotient still needs.
#[inline(always)]
fn divisor(w: Complex<f64>) -> (Complex<f64>, f64, f64) {
    let size = larger(w.re, w.im);
    let bounded = if size > f64::MIN_POSITIVE { size } else { f64::MIN_POSITIVE };
    let bounded = if bounded < LARGEST_POWER { bounded } else { LARGEST_POWER };
    let factor = f64::from_bits((2046 << 52) - (bounded.to_bits() & EXPONENT));
    // Infinity keeps its direction only.
    let infinite = w.re.abs() == f64::INFINITY || w.im.abs() == f64::INFINITY;
    let direction = |part: f64| (if part.abs() == f64::INFINITY { 1.0f64 } else { 0.0 }).copysign(part);
    let re = if infinite { direction(w.re) } else { w.re * factor };
    let im = if infinite { direction(w.im) } else { w.im * factor };
    (Complex::new(re, im), re * re + im * im, if infinite { 0.0 } else { factor })
}

/// Quotient by the textbook formula with the divisor scaled by a power of two, as in C99, Annex G: nothing overflows or
/// underflows on the way, a finite number over an infinite one is 0, and z / 0 divides both parts by the zero. Error at
/// most 3 eps relative to the absolute value.
#[inline(always)]
pub fn div(z: Complex<f64>, w: Complex<f64>) -> Complex<f64> {
    let (d, square, factor) = divisor(w);
    let Scaled { z: n, back, .. } = in_range(z);
    let re = (n.re * d.re + n.im * d.im) / square * factor * back;
    let im = (n.im * d.re - n.re * d.im) / square * factor * back;
    let zero = w.re == 0.0 && w.im == 0.0;
    Complex::new(if zero { z.re / w.re } else { re }, if zero { z.im / w.re } else { im })
}

/// `1 / z`, by the method of `div`; the imaginary part has the sign of -im(z), zeros included. Error at most 2 ULP in
/// each part.
#[inline(always)]
pub fn reciprocal(z: Complex<f64>) -> Complex<f64> {
    let (d, square, factor) = divisor(z);
    let zero = z.re == 0.0 && z.im == 0.0;
    let re = if zero { 1.0 / z.re } else { d.re / square * factor };
    Complex::new(re, -d.im / square * factor)
}

/// Absolute value, which does not overflow or underflow on the way.
#[inline(always)]
pub fn abs(z: Complex<f64>) -> f64 {
    float64::hypot(z.re, z.im)
}

/// Angle in [-pi, pi], `atan2(im, re)`, with a branch cut along the negative real axis.
#[inline(always)]
pub fn angle(z: Complex<f64>) -> f64 {
    float64::atan2(z.im, z.re)
}

/// Direction z / |z|, and 0 at 0; an infinite part is the direction, but two infinite parts have none (NaN). Error at
/// most 2 ULP in each part.
pub fn sign(z: Complex<f64>) -> Complex<f64> {
    let Complex { re: x, im: y } = in_range(z).z;
    if x == 0.0 && y == 0.0 {
        return Complex::new(0.0, 0.0);
    }
    if x.is_infinite() && y.is_finite() {
        return Complex::new(1.0f64.copysign(x), 0.0f64.copysign(y));
    }
    if y.is_infinite() && x.is_finite() {
        return Complex::new(0.0f64.copysign(x), 1.0f64.copysign(y));
    }
    // Two infinities, or one and NaN, are NaN here.
    let size = float64::hypot(x, y) + 0.0 * (x + y);
    Complex::new(x / size, y / size)
}
