//! Inverse trigonometric and hyperbolic functions.

use super::logarithm::log_abs;
use super::trigonometric::{turn, turn_back};
use crate::math::float64;
use num_complex::Complex;
use std::f64::consts::{FRAC_PI_2, LN_2};

/// |z| from which 1 does not matter next to z^2, which may overflow.
const LARGE: f64 = f64::from_bits((1023 + 500) << 52);

/// What the four functions are made of: asin(x + i y) = atan2(x, cosine) + i growth, for x and y >= 0.
struct Parts {
    cosine: f64,
    growth: f64,
}

/// After Hull, Fairgrieve and Tang: r and s are the distances of x + i y from -1 and 1, and a = (r + s) / 2 is the
/// larger half axis of the ellipse through it with these foci. Then x = a sin(re), so `cosine` is sqrt(a^2 - x^2) (to
/// be compared with x), and `growth` is acosh(a), here asinh(sqrt(a^2 - 1)). Neither a - x nor a - 1 may be computed as
/// such; they are sums of positive terms. Factors of y stay outside the roots, because y^2 may underflow.
#[inline(always)]
fn parts(x: f64, y: f64) -> Parts {
    if x > LARGE || y > LARGE {
        let growth = log_abs(Complex::new(x, y), float64::log, LN_2, 1.0) + LN_2;
        return Parts { cosine: y, growth };
    }
    let (above, below) = (x + 1.0, x - 1.0);
    let (r, s) = (float64::hypot(above, y), float64::hypot(below, y));
    let a = 0.5 * (r + s);
    // r - (x + 1) = y^2 / (r + x + 1), and s -+ (x - 1) likewise.
    let (cosine, root) = if x <= 1.0 {
        let twice_a_less_x = y * y / (r + above) + (s - below);
        let weight = 0.5 * (1.0 / (r + above) + 1.0 / (s - below));
        let root = if x < 1.0 { y * (weight * (a + 1.0)).sqrt() } else { (twice_a_less_x * (0.5 * (a + 1.0))).sqrt() };
        ((twice_a_less_x * (0.5 * (a + x))).sqrt(), root)
    } else {
        let weight = 0.5 * (1.0 / (r + above) + 1.0 / (s + below));
        let twice_a_less_1 = y * y / (r + above) + (s + below);
        (y * (weight * (a + x)).sqrt(), (twice_a_less_1 * (0.5 * (a + 1.0))).sqrt())
    };
    // On the imaginary axis the real part is known, even if y is NaN.
    Parts { cosine: if x == 0.0 { 1.0 } else { cosine }, growth: float64::asinh(root) }
}

/// Inverse sine with a real part in [-pi/2, pi/2], and branch cuts along the real axis beyond -1 and 1. The method is
/// that of Hull, Fairgrieve and Tang (1997). Error at most 4 ULP in each part.
pub fn asin(z: Complex<f64>) -> Complex<f64> {
    let Parts { cosine, growth } = parts(z.re.abs(), z.im.abs());
    Complex::new(float64::atan2(z.re, cosine), growth.copysign(z.im))
}

/// Inverse cosine with a real part in [0, pi], and branch cuts along the real axis beyond -1 and 1. The method is that
/// of Hull, Fairgrieve and Tang (1997). Error at most 4 ULP in each part.
pub fn acos(z: Complex<f64>) -> Complex<f64> {
    let Parts { cosine, growth } = parts(z.re.abs(), z.im.abs());
    Complex::new(float64::atan2(cosine, z.re), growth.copysign(-z.im))
}

/// Inverse hyperbolic sine -i asin(i z) with an imaginary part in [-pi/2, pi/2], and branch cuts along the imaginary
/// axis beyond -i and i. Error at most 4 ULP in each part.
pub fn asinh(z: Complex<f64>) -> Complex<f64> {
    turn_back(asin(turn(z)))
}

/// Inverse hyperbolic cosine, that of i acos(z) and -i acos(z) with a real part >= 0; its imaginary part is in
/// [-pi, pi], its branch cut along the real axis below 1. Error at most 4 ULP in each part.
pub fn acosh(z: Complex<f64>) -> Complex<f64> {
    let acos = acos(z);
    Complex::new(acos.im.abs(), acos.re.copysign(z.im))
}

/// Inverse hyperbolic tangent with an imaginary part in [-pi/2, pi/2], and branch cuts along the real axis beyond -1
/// and 1: log1p(4x / ((1 - x)^2 + y^2)) / 4 + i atan2(2y, (1 - x) (1 + x) - y^2) / 2 for x >= 0 (Kahan's CATANH). Error
/// at most 4 ULP in each part.
pub fn atanh(z: Complex<f64>) -> Complex<f64> {
    let (x, y) = (z.re.abs(), z.im.abs());
    if x.is_infinite() || y.is_infinite() {
        return Complex::new(0.0f64.copysign(z.re), if y.is_nan() { y } else { FRAC_PI_2.copysign(z.im) });
    }
    if x.is_nan() || y.is_nan() {
        return Complex::new(if x == 0.0 { z.re } else { f64::NAN }, f64::NAN);
    }
    let (re, im) = if x > 1e17 || y > 1e17 {
        // 1 / z is what is left. Halves, lest the absolute value overflow.
        let size = float64::hypot(0.5 * x, 0.5 * y);
        (0.25 * x / size / size, FRAC_PI_2)
    } else {
        let below = 1.0 - x;
        let im = 0.5 * float64::atan2(2.0 * y, below * (1.0 + x) - y * y);
        // At the branch point itself y^2 may underflow.
        let close = x == 1.0 && y < 1e-100;
        let re = if close {
            0.5 * (LN_2 - float64::log(y))
        } else {
            0.25 * float64::log1p(4.0 * x / below.mul_add(below, y * y))
        };
        (re, im)
    };
    Complex::new(re.copysign(z.re), im.copysign(z.im))
}

/// Inverse tangent -i atanh(i z) with a real part in [-pi/2, pi/2], and branch cuts along the imaginary axis beyond -i
/// and i. Error at most 4 ULP in each part.
pub fn atan(z: Complex<f64>) -> Complex<f64> {
    turn_back(atanh(turn(z)))
}
