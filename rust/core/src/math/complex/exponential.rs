//! The exponential function and what is built on it.

use super::two_parts::{two_product, two_sum};
use crate::math::float64;
use num_complex::Complex;
use std::f64::consts::LN_2;

/// What `LN_2` leaves of log 2.
const LN_2_LOW: f64 = 2.3190468138462996e-17;
/// A base b: b^x, and b^step with a step close to the largest.
struct Base {
    power: fn(f64) -> f64,
    step: f64,
    power_of_step: f64,
}

const E: Base = Base { power: float64::exp, step: 700.0, power_of_step: 1.0142320547350045e304 };
const TWO: Base = Base { power: float64::exp2, step: 1000.0, power_of_step: f64::from_bits((1023 + 1000) << 52) };

/// `b^x * factor`, where b^x alone may overflow.
#[inline(always)]
fn power_times(base: &Base, mut x: f64, mut factor: f64) -> f64 {
    // The differences are exact as long as the result is finite.
    while x > base.step && factor != 0.0 && factor.is_finite() {
        factor *= base.power_of_step;
        x -= base.step;
    }
    // Zero and infinity stay what they are.
    if x > base.step { factor } else { (base.power)(x) * factor }
}

/// `exp(x) / 2 * factor` for x > 700.
pub(super) fn half_exp_times(x: f64, factor: f64) -> f64 {
    power_times(&E, x - E.step, factor * (0.5 * E.power_of_step))
}

/// `b^x * (cos + i sin)` for the cosine and sine of a finite angle other than 0.
#[inline(always)]
fn from_polar(base: &Base, x: f64, cos: f64, sin: f64) -> Complex<f64> {
    if x > base.step {
        return Complex::new(power_times(base, x, cos), power_times(base, x, sin));
    }
    let size = (base.power)(x);
    Complex::new(size * cos, size * sin)
}

/// The exponential at an infinite x and an angle without direction.
#[cold]
fn at_infinity(x: f64) -> Complex<f64> {
    if x > 0.0 { Complex::new(x, f64::NAN) } else { Complex::new(0.0, 0.0) }
}

/// Exponential e^x (cos y + i sin y), which overflows only where the result does; an entire function without branch
/// cuts. Error at most 3 ULP in each part.
pub fn exp(z: Complex<f64>) -> Complex<f64> {
    if z.im == 0.0 {
        return Complex::new(float64::exp(z.re), z.im);
    }
    if z.re.is_infinite() && !z.im.is_finite() {
        return at_infinity(z.re);
    }
    from_polar(&E, z.re, float64::cos(z.im), float64::sin(z.im))
}

/// Power of two 2^x (cos(y log 2) + i sin(y log 2)), with the angle in two parts. Error at most 4 eps relative to the
/// absolute value for |y| < 2^53; beyond, the angle is as exact as 106 bits of log 2 allow.
pub fn exp2(z: Complex<f64>) -> Complex<f64> {
    if z.im == 0.0 {
        return Complex::new(float64::exp2(z.re), z.im);
    }
    if z.re.is_infinite() && !z.im.is_finite() {
        return at_infinity(z.re);
    }
    let (angle, error) = two_product(z.im, LN_2);
    let (angle, low) = two_sum(angle, z.im.mul_add(LN_2_LOW, error));
    let (cos, sin) = (float64::cos(angle), float64::sin(angle));
    let (cos_low, sin_low) = (float64::cos(low), float64::sin(low));
    let cos = cos.mul_add(cos_low, -(sin * sin_low));
    let sin = sin.mul_add(cos_low, float64::cos(angle) * sin_low);
    from_polar(&TWO, z.re, cos, sin)
}

/// `exp(z) - 1`, as expm1(x) cos y - 2 sin(y/2)^2 + i e^x sin y; an entire function without branch cuts. Error at most
/// 3 ULP in the imaginary part, and 4 eps relative to the absolute value in the real part, which is zero on the curve
/// e^x cos y = 1.
pub fn expm1(z: Complex<f64>) -> Complex<f64> {
    let (x, y) = (z.re, z.im);
    if y == 0.0 {
        // Of either zero it is +0, as the standard says.
        return Complex::new(float64::expm1(x) + 0.0, y);
    }
    if x.is_infinite() && !y.is_finite() {
        return at_infinity(x) - 1.0;
    }
    let (cos, sin) = (float64::cos(y), float64::sin(y));
    let exp = from_polar(&E, x, cos, sin);
    if x.abs() > 40.0 {
        return exp - 1.0;
    }
    let half = float64::sin(0.5 * y);
    Complex::new(float64::expm1(x).mul_add(cos, -2.0 * half * half), exp.im)
}

/// Logistic function 1 / (1 + exp(-z)), with poles at the odd multiples of i pi and no branch cuts. With E = exp(-|x|)
/// and c = cos(y/2), |1 + exp(-z)|^2 or |1 + exp(z)|^2 is (1 - E)^2 + 4 E c^2, where nothing cancels. Error at most
/// 4 eps relative to the absolute value.
pub fn sigmoid(z: Complex<f64>) -> Complex<f64> {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() {
        return Complex::new(if x > 0.0 { 1.0 } else { 0.0 }, 0.0f64.copysign(y));
    }
    if y == 0.0 {
        // The derivative, which gives the imaginary part its sign, is positive.
        return Complex::new(float64::sigmoid(x), y);
    }
    let size = float64::exp(-x.abs());
    let gap = -float64::expm1(-x.abs());
    let (cos, sin) = (float64::cos(0.5 * y), float64::sin(0.5 * y));
    let square = gap.mul_add(gap, 4.0 * size * cos * cos);
    let twice = 2.0 * cos * cos;
    let im = size * (2.0 * sin * cos) / square;
    if x >= 0.0 {
        Complex::new(size.mul_add(twice, gap) / square, im)
    } else {
        Complex::new(size * ((twice - gap) / square), im)
    }
}
