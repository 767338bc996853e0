//! Inverse trigonometric functions.

use super::parts::PI_LOW;
use crate::math::polynomial;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// What the constants leave of pi/4 and pi/2.
const FRAC_PI_4_LOW: f64 = 3.061616997868383e-17;
const FRAC_PI_2_LOW: f64 = 6.123233995736766e-17;

/// For |x| <= 1, what asin needs: x or, above 1/2, sqrt((1 - |x|) / 2) with its rounding error, and the tail
/// of its series.
#[inline(always)]
fn asin_parts(a: f64) -> (f64, f64, f64) {
    let half = (-0.5f64).mul_add(a, 0.5);
    let root = half.sqrt();
    let residue = (-root).mul_add(root, half);
    let root_low = if root > 0.0 { residue / (2.0 * root) } else { 0.0 };
    let (z, s, low) = if a < 0.5 { (a * a, a, 0.0) } else { (half, root, root_low) };
    let p = polynomial!(z;
        0.1666666666666676, 0.07499999999970819, 0.04464285717463486, 0.03038194270529706,
        0.0223722150875634, 0.01735160978331271, 0.01398085170129768, 0.011398625800966178,
        0.01078201591189179, 0.0036992076041182766, 0.021726181596845945, -0.021027174339733237,
        0.03264714428044475,
    );
    (s, low, s * z * p)
}

/// Inverse sine: an odd polynomial of degree 27 below 1/2, pi/2 - 2 asin(sqrt((1 - |x|) / 2)) above, as in fdlibm.
#[inline(always)]
pub fn asin(x: f64) -> f64 {
    let a = x.abs();
    let (s, low, tail) = asin_parts(a);
    let twice = 2.0 * s;
    let difference = FRAC_PI_2 - twice;
    let error = (FRAC_PI_2 - difference) - twice;
    let large = difference + (error + (-2.0f64).mul_add(tail + low, FRAC_PI_2_LOW));
    let result = if a < 0.5 { s + tail } else { large };
    result.copysign(x)
}

/// Inverse cosine, by the parts of `asin`.
#[inline(always)]
pub fn acos(x: f64) -> f64 {
    let a = x.abs();
    let (s, low, tail) = asin_parts(a);
    let tail = tail + low;
    // acos(x) = base - factor * (s + tail), with the sign of x in factor below 1/2.
    let factor = if a < 0.5 { 1.0f64.copysign(x) } else { 2.0 };
    let (base, base_low) = if a < 0.5 { (FRAC_PI_2, FRAC_PI_2_LOW) } else { (PI, PI_LOW) };
    let product = factor * s;
    let difference = base - product;
    let error = (base - difference) - product;
    let turned = difference + (error + (-factor).mul_add(tail, base_low));
    let direct = 2.0f64.mul_add(tail, product);
    if x >= 0.5 { direct } else { turned }
}

/// atan(y / x) for y, x >= 0 as base + (t + tail): one quotient t with |t| <= tan(pi/8) and an odd
/// polynomial.
#[inline(always)]
fn atan_parts(y: f64, x: f64) -> (f64, f64, f64) {
    let low = y < 0.41421356237309503 * x;
    let high = y > 2.414213562373095 * x;
    let (top, bottom) = if low { (y, x) } else { (y - x, y + x) };
    let (top, bottom) = if high { (-x, y) } else { (top, bottom) };
    let (base, base_low) = if low { (0.0, 0.0) } else { (FRAC_PI_4, FRAC_PI_4_LOW) };
    let (base, base_low) = if high { (FRAC_PI_2, FRAC_PI_2_LOW) } else { (base, base_low) };
    let t = top / bottom;
    let z = t * t;
    let p = polynomial!(z;
        -0.33333333333333326, 0.19999999999997253, -0.14285714285346832, 0.11111111086045096,
        -0.09090908078409235, 0.07692281443570105, -0.06666209375977608, 0.058768674079232336,
        -0.05217493233620732, 0.04500123064494781, -0.03340015079104949, 0.01512442470711216,
    );
    (base, t, (t * z).mul_add(p, base_low))
}

/// Inverse tangent, by Cephes' reduction to |t| <= tan(pi/8) and an odd polynomial of degree 25.
#[inline(always)]
pub fn atan(x: f64) -> f64 {
    let (base, t, tail) = atan_parts(x.abs(), 1.0);
    (base + (t + tail)).copysign(x)
}

/// Angle of the point (x, y), by the reduction of `atan` on |y| / |x| without forming that quotient; max
/// error 1.8 ULP (where the result is not subnormal).
#[inline(always)]
pub fn atan2(y: f64, x: f64) -> f64 {
    let (b, a) = (y.abs(), x.abs());
    // Keep the sum finite and the comparisons exact; equal infinities count as a ratio of 1.
    let factor = if b > 1e300 || a > 1e300 { 0.25 } else { 1.0 };
    let factor = if b < 1e-290 && a < 1e-290 { 1267650600228229401496703205376.0 } else { factor };
    let (b, a) = (b * factor, a * factor);
    let (b, a) = if b == f64::INFINITY && a == f64::INFINITY { (1.0, 1.0) } else { (b, a) };
    let (b, a) = if b == 0.0 && a == 0.0 { (0.0, 1.0) } else { (b, a) };
    let (base, t, tail) = atan_parts(b, a);
    let right = base + (t + tail);
    let opposite = PI - base;
    let error = (PI - opposite) - base;
    let turned = opposite - (t + (tail - (PI_LOW + error)));
    (if x.is_sign_negative() { turned } else { right }).copysign(y)
}
