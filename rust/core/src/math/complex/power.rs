//! Square root and powers.

use super::arithmetic::{Scaled, in_range, larger, power_of_two, reciprocal};
use super::two_parts::{two_product, two_sum};
use super::{exp, log};
use crate::math::float64;
use num_complex::Complex;

/// `1 / sqrt(z)`: error at most 6 ULP in each part.
pub fn rsqrt(z: Complex<f64>) -> Complex<f64> {
    reciprocal(sqrt(z))
}

/// Square root with a real part >= 0 and a branch cut along the negative real axis: t = sqrt((|x| + |z|) / 2) is one
/// part and y / 2t the other (Kahan's CSQRT). Error at most 3 ULP in each part.
pub fn sqrt(z: Complex<f64>) -> Complex<f64> {
    let y = z.im;
    if z.re == 0.0 && y == 0.0 {
        return Complex::new(0.0, y);
    }
    if y.is_infinite() {
        return Complex::new(f64::INFINITY, y);
    }
    if z.re.is_infinite() {
        let other = if y.is_nan() { y } else { 0.0 };
        let (re, im) = if z.re > 0.0 { (z.re, other.copysign(y)) } else { (other, f64::INFINITY.copysign(y)) };
        return Complex::new(re, im);
    }
    let Scaled { z: Complex { re, im: y }, back, .. } = in_range(z);
    let (x, back) = (re.abs(), back.sqrt());
    let t = (0.5 * (x + float64::hypot(x, y))).sqrt();
    let other = 0.5 * y / t;
    if re >= 0.0 {
        Complex::new(t * back, other * back)
    } else {
        Complex::new(other.abs() * back, t.copysign(y) * back)
    }
}

/// Real and imaginary part in two parts each.
type Precise = [(f64, f64); 2];

/// `a b + sign c d` for numbers in two parts.
#[inline(always)]
fn product_sum(a: (f64, f64), b: (f64, f64), sign: f64, c: (f64, f64), d: (f64, f64)) -> (f64, f64) {
    let product = |(a, a_low): (f64, f64), (b, b_low): (f64, f64)| {
        let (high, low) = two_product(a, b);
        (high, low + a.mul_add(b_low, a_low * b))
    };
    let ((left, left_low), (right, right_low)) = (product(a, b), product(c, d));
    let (high, low) = two_sum(left, sign * right);
    two_sum(high, low + sign.mul_add(right_low, left_low))
}

#[inline(always)]
fn product([a, b]: Precise, [c, d]: Precise) -> Precise {
    [product_sum(a, c, -1.0, b, d), product_sum(a, d, 1.0, b, c)]
}

/// z^n for finite z other than 0 and 0 < |n| <= 64, by repeated squaring in twofold precision, so that powers of
/// Gaussian integers are exact.
fn whole_power(z: Complex<f64>, n: i32) -> Complex<f64> {
    // z = 2^k m with m about 1, in two steps for subnormal numbers.
    let Scaled { z, exponent, .. } = in_range(z);
    let whole = (larger(z.re, z.im).to_bits() >> 52) as i64 - 1023;
    let k = whole + exponent as i64;
    let unit = power_of_two(-whole);
    let mut square: Precise = [(z.re * unit, 0.0), (z.im * unit, 0.0)];
    let mut result: Precise = [(1.0, 0.0), (0.0, 0.0)];
    let mut left = n.unsigned_abs();
    while left > 0 {
        if left & 1 == 1 {
            result = product(result, square);
        }
        square = product(square, square);
        left >>= 1;
    }
    let power = Complex::new(result[0].0, result[1].0);
    let power = if n < 0 { reciprocal(power) } else { power };
    // Three factors reach from one end of the range to the other and back.
    let exponent = (k * i64::from(n)).clamp(-2400, 2400);
    let (third, rest) = (power_of_two(exponent / 3), power_of_two(exponent - 2 * (exponent / 3)));
    Complex::new(power.re * third * third * rest, power.im * third * third * rest)
}

/// Power exp(w log z), with a branch cut in z along the negative real axis unless w is a whole number.
///
/// Whole exponents up to 64 are repeated products in twofold precision and 1/2 is `sqrt`; error at most 4 eps relative
/// to the absolute value. Otherwise it is at most 4 (1 + |w log z|) eps: the relative error of w log z is the absolute
/// error of the exponent. z^0 is 1; 0^w is 0 for re(w) > 0, an infinity of unknown direction (inf + NaN i) for
/// re(w) < 0, and NaN for other w without a real part.
pub fn pow(z: Complex<f64>, w: Complex<f64>) -> Complex<f64> {
    if w.re == 0.0 && w.im == 0.0 {
        return Complex::new(1.0, 0.0);
    }
    if z.re == 0.0 && z.im == 0.0 {
        return power_of_zero(w);
    }
    if w.im == 0.0 {
        return real_power(z, w.re);
    }
    let log = log(z);
    let re = w.re.mul_add(log.re, -(w.im * log.im));
    exp(Complex::new(re, w.re.mul_add(log.im, w.im * log.re)))
}

fn power_of_zero(w: Complex<f64>) -> Complex<f64> {
    if w.re > 0.0 && !w.im.is_nan() {
        Complex::new(0.0, 0.0)
    } else {
        Complex::new(if w.re < 0.0 { f64::INFINITY } else { f64::NAN }, f64::NAN)
    }
}

/// z^w for z and w other than 0.
fn real_power(z: Complex<f64>, w: f64) -> Complex<f64> {
    if w == 0.5 {
        return sqrt(z);
    }
    if z.im == 0.0 && z.re > 0.0 {
        return Complex::new(float64::pow(z.re, w), w * z.im);
    }
    if w.abs() <= 64.0 && w.trunc() == w && z.re.is_finite() && z.im.is_finite() {
        return whole_power(z, w as i32);
    }
    let log = log(z);
    exp(Complex::new(w * log.re, w * log.im))
}
