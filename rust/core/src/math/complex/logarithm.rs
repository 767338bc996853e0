//! Logarithms.

use super::arithmetic::{Scaled, in_range};
use super::two_parts::{sum_precisely, two_product};
use crate::math::float64;
use num_complex::Complex;
use std::f64::consts::{LN_2, LOG2_E, LOG10_2, LOG10_E};

/// |z| = size 2^k, with a size that is precise even where |z| would be subnormal or infinite.
#[inline(always)]
fn size(z: Complex<f64>) -> (f64, f64) {
    let Scaled { z, exponent, .. } = in_range(z);
    (float64::hypot(z.re, z.im), exponent)
}

/// `log|z|` in a base, given its real logarithm, the logarithm of 2 and that of e: near 1, where hypot would have
/// lost what the logarithm is about, half of log1p(x^2 + y^2 - 1), and that sum in higher precision.
#[inline(always)]
pub(super) fn log_abs(z: Complex<f64>, log: fn(f64) -> f64, log_2: f64, log_e: f64) -> f64 {
    let (size, k) = size(z);
    if size > 0.5 && size < 2.0 {
        let ((x, x_low), (y, y_low)) = (two_product(z.re, z.re), two_product(z.im, z.im));
        return 0.5 * float64::log1p(sum_precisely([-1.0, x, y, x_low, y_low])) * log_e;
    }
    log(size) + k * log_2
}

/// Natural logarithm, log|z| + i angle(z), with a branch cut along the negative real axis. Error at most 3 ULP in each
/// part, also where |z| is near 1.
pub fn log(z: Complex<f64>) -> Complex<f64> {
    Complex::new(log_abs(z, float64::log, LN_2, 1.0), float64::atan2(z.im, z.re))
}

/// Binary logarithm log(z) / log(2), with the branch cut of `log`. Error at most 4 ULP in each part.
pub fn log2(z: Complex<f64>) -> Complex<f64> {
    Complex::new(log_abs(z, float64::log2, 1.0, LOG2_E), float64::atan2(z.im, z.re) * LOG2_E)
}

/// Decimal logarithm log(z) / log(10), with the branch cut of `log`. Error at most 4 ULP in each part.
pub fn log10(z: Complex<f64>) -> Complex<f64> {
    Complex::new(log_abs(z, float64::log10, LOG10_2, LOG10_E), float64::atan2(z.im, z.re) * LOG10_E)
}

/// `log(1 + z)`, with a branch cut along the real axis below -1; where |1 + z| is near 1, the real part is half of
/// log1p(2x + x^2 + y^2), and that sum in higher precision. Error at most 4 ULP in each part.
pub fn log1p(z: Complex<f64>) -> Complex<f64> {
    let x = 1.0 + z.re;
    let (size, k) = size(Complex::new(x, z.im));
    let re = if size > 0.5 && size < 2.0 {
        let ((square, low), (y, y_low)) = (two_product(z.re, z.re), two_product(z.im, z.im));
        0.5 * float64::log1p(sum_precisely([2.0 * z.re, square, y, low, y_low]))
    } else {
        float64::log(size) + k * LN_2
    };
    Complex::new(re, float64::atan2(z.im, x))
}
