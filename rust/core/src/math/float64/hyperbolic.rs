//! Hyperbolic functions and their inverses.

use super::exponential::{clamp, exp_normal, exp_scaled};
use super::logarithm::{join, log_parts, log1p_parts};
use super::parts::ordered_sum;
use crate::math::polynomial;
use std::f64::consts::LN_2;

/// Hyperbolic sine: an odd polynomial of degree 15 below 1, (exp(x) - exp(-x)) / 2 above.
#[inline(always)]
pub fn sinh(x: f64) -> f64 {
    let a = x.abs();
    let z = x * x;
    let p = polynomial!(z;
        0.16666666666666669, 0.00833333333333297, 0.0001984126984153126, 2.7557319130344088e-06,
        2.5052126863862455e-08, 1.6056999787590921e-10, 7.765922744740129e-13,
    );
    let small = (x * z).mul_add(p, x);
    let half = exp_scaled(a, 0.0, -1);
    let large = (half - 0.25 / half).copysign(x);
    if a < 1.0 { small } else { large }
}

/// Hyperbolic cosine (exp(x) + exp(-x)) / 2, halved before it can overflow.
#[inline(always)]
pub fn cosh(x: f64) -> f64 {
    let half = exp_scaled(x.abs(), 0.0, -1);
    half + 0.25 / half
}

/// Hyperbolic tangent: an odd polynomial of degree 23 below 0.625, 1 - 2 / (exp(2|x|) + 1) above.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let a = x.abs();
    let z = a * a;
    let y = z * z;
    let even = polynomial!(y;
        -0.33333333333332854, -0.05396825393119129, -0.00886322097972421, -0.0014549579446427562,
        -0.00022855815110737378, -1.6069266726771263e-05,
    );
    let odd = polynomial!(y;
        0.1333333333326193, 0.02186948757433948, 0.003591988990382602, 0.0005863135131681304, 7.713754442071624e-05,
    );
    let near = a.mul_add(z * z.mul_add(odd, even), a);
    let far = 1.0 - 2.0 / (exp_normal(2.0 * if a > 20.0 { 20.0 } else { a }) + 1.0);
    (if a < 0.625 { near } else { far }).copysign(x)
}

/// Inverse hyperbolic sine log1p(|x| + x^2 / (1 + sqrt(1 + x^2))), as in fdlibm; log(2|x|) when x^2 would lose the 1.
#[inline(always)]
pub fn asinh(x: f64) -> f64 {
    let a = x.abs();
    let huge = a > 1e9;
    let bounded = clamp(a, 0.0, 1e9);
    let z = bounded * bounded;
    let (sum, low) = ordered_sum(bounded, z / (1.0 + (1.0 + z).sqrt()));
    let (high, low) = log1p_parts(sum, low);
    let large = join(log_parts(a)) + LN_2;
    let result = if huge { large } else { high + low };
    let result = if a < 1e-9 { a } else { result };
    (if a < f64::INFINITY { result } else { a }).copysign(x)
}

/// Inverse hyperbolic cosine log1p(t + sqrt(2t + t^2)) with t = x - 1, as in fdlibm, and log(2x) for large x.
#[inline(always)]
pub fn acosh(x: f64) -> f64 {
    let huge = x > 1e9;
    let t = clamp(x, 0.0, 1e9) - 1.0;
    let square = t.mul_add(t, 2.0 * t);
    let root = square.sqrt();
    // One Newton step gives what rounding took from the root.
    let residue = (-root).mul_add(root, square) + (t.mul_add(t, 2.0 * t - square));
    let root_low = if root > 0.0 { residue / (2.0 * root) } else { 0.0 };
    let (sum, low) = ordered_sum(root, t);
    let (high, low) = log1p_parts(sum, low + root_low);
    let large = join(log_parts(x)) + LN_2;
    let result = if huge { large } else { high + low };
    let result = if x < f64::INFINITY { result } else { x };
    if x >= 1.0 { result } else { f64::NAN }
}

/// Inverse hyperbolic tangent log1p(2|x| / (1 - |x|)) / 2, with the remainder of the quotient.
#[inline(always)]
pub fn atanh(x: f64) -> f64 {
    let a = x.abs();
    let (bottom, bottom_low) = ordered_sum(1.0, -a);
    let quotient = 2.0 * a / bottom;
    let remainder = (-quotient).mul_add(bottom, 2.0 * a) - quotient * bottom_low;
    let (high, low) = log1p_parts(quotient, remainder / bottom);
    let result = 0.5 * (high + low);
    let result = if a < 1e-9 { a } else { result };
    let result = if a == 1.0 { f64::INFINITY } else { result };
    (if a <= 1.0 { result } else { f64::NAN }).copysign(x)
}
