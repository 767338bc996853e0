//! Hyperbolic functions.

use super::exponential::half_exp_times;
use crate::math::float64;
use num_complex::Complex;

/// |x| from which exp(|x|) has to be multiplied in parts, and the other exponential is far too small to matter.
const LARGE: f64 = 709.0;

/// Hyperbolic sine, sinh(x) cos(y) + i cosh(x) sin(y), which overflows only where the result does; an entire function
/// without branch cuts. Error at most 4 ULP in each part.
pub fn sinh(z: Complex<f64>) -> Complex<f64> {
    let (x, y) = (z.re, z.im);
    if !x.is_finite() || !y.is_finite() {
        return sinh_special(x, y);
    }
    let (cos, sin) = (float64::cos(y), float64::sin(y));
    if x.abs() > LARGE {
        return Complex::new(half_exp_times(x.abs(), cos.copysign(cos * x)), half_exp_times(x.abs(), sin));
    }
    Complex::new(float64::sinh(x) * cos, float64::cosh(x) * sin)
}

#[cold]
fn sinh_special(x: f64, y: f64) -> Complex<f64> {
    if y == 0.0 || (!y.is_finite() && (x == 0.0 || x.is_infinite())) {
        // On the real axis; or NaN is all that is known of the imaginary part.
        return Complex::new(x, if y == 0.0 { y } else { f64::NAN });
    }
    Complex::new(x * float64::cos(y), x.abs() * float64::sin(y))
}

/// Hyperbolic cosine, cosh(x) cos(y) + i sinh(x) sin(y), which overflows only where the result does; an entire function
/// without branch cuts. Error at most 4 ULP in each part.
pub fn cosh(z: Complex<f64>) -> Complex<f64> {
    let (x, y) = (z.re, z.im);
    if !x.is_finite() || !y.is_finite() {
        return cosh_special(x, y);
    }
    let (cos, sin) = (float64::cos(y), float64::sin(y));
    if x.abs() > LARGE {
        return Complex::new(half_exp_times(x.abs(), cos), half_exp_times(x.abs(), sin.copysign(sin * x)));
    }
    Complex::new(float64::cosh(x) * cos, float64::sinh(x) * sin)
}

#[cold]
fn cosh_special(x: f64, y: f64) -> Complex<f64> {
    if y == 0.0 {
        return Complex::new(x.abs(), y * 1.0f64.copysign(x));
    }
    if !y.is_finite() && x == 0.0 {
        return Complex::new(f64::NAN, x);
    }
    if !y.is_finite() && x.is_infinite() {
        return Complex::new(f64::INFINITY, f64::NAN);
    }
    Complex::new(x.abs() * float64::cos(y), x * float64::sin(y))
}

/// cos(y)^2 and sin(y) cos(y), by way of 2y unless the cosine is small: it squares no error.
#[inline(always)]
fn cos_products(y: f64) -> (f64, f64) {
    let (cos_twice, sin_twice) = (float64::cos(2.0 * y), float64::sin(2.0 * y));
    // Also false if 2y overflowed.
    if cos_twice > -0.6 {
        return (0.5f64.mul_add(cos_twice, 0.5), 0.5 * sin_twice);
    }
    let (cos, sin) = (float64::cos(y), float64::sin(y));
    (cos * cos, sin * cos)
}

/// Hyperbolic tangent, with poles at the odd multiples of i pi/2 and no branch cuts. With E = exp(2|x|) - 1 and c =
/// cos(y) it is (E (E + 2) + 4 i (1 + E) sin(y) c) / (E^2 + 4 (1 + E) c^2), where nothing cancels. Error at most 4 ULP
/// in each part. At x = +-inf the imaginary part is a zero with the sign of y.
pub fn tanh(z: Complex<f64>) -> Complex<f64> {
    let (x, y) = (z.re, z.im);
    if !x.is_finite() || !y.is_finite() {
        return tanh_special(x, y);
    }
    let (square, product) = cos_products(y);
    let twice = 2.0 * x.abs();
    if twice > 44.0 {
        return Complex::new(1.0f64.copysign(x), 4.0 * product * float64::exp(-twice));
    }
    let e = float64::expm1(twice);
    let up = 4.0 * (1.0 + e);
    let bottom = e.mul_add(e, up * square);
    Complex::new((e * (e + 2.0) / bottom).copysign(x), up * product / bottom)
}

#[cold]
fn tanh_special(x: f64, y: f64) -> Complex<f64> {
    if x.is_infinite() {
        return Complex::new(1.0f64.copysign(x), 0.0f64.copysign(y));
    }
    Complex::new(if x == 0.0 { x } else { f64::NAN }, if y == 0.0 { y } else { f64::NAN })
}
