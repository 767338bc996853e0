//! Trigonometric functions, which are hyperbolic functions of i z.

use super::hyperbolic;
use num_complex::Complex;

/// `i z`, exactly.
#[inline(always)]
pub(super) fn turn(z: Complex<f64>) -> Complex<f64> {
    Complex::new(-z.im, z.re)
}

/// `-i z`, exactly.
#[inline(always)]
pub(super) fn turn_back(z: Complex<f64>) -> Complex<f64> {
    Complex::new(z.im, -z.re)
}

/// Sine -i sinh(i z) = sin(x) cosh(y) + i cos(x) sinh(y); an entire function without branch cuts. Error at most 4 ULP
/// in each part.
pub fn sin(z: Complex<f64>) -> Complex<f64> {
    turn_back(hyperbolic::sinh(turn(z)))
}

/// Cosine cosh(i z) = cos(x) cosh(y) - i sin(x) sinh(y); an entire function without branch cuts. Error at most 4 ULP
/// in each part.
pub fn cos(z: Complex<f64>) -> Complex<f64> {
    hyperbolic::cosh(turn(z))
}

/// Tangent -i tanh(i z), with poles at the odd multiples of pi/2 and no branch cuts. Error at most 4 ULP in each part.
pub fn tan(z: Complex<f64>) -> Complex<f64> {
    turn_back(hyperbolic::tanh(turn(z)))
}
