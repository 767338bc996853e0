//! The exponential function and what is built on it.

use crate::math::{float64, polynomial};
use std::f32::consts::{LN_2, LOG2_E};
use std::f64::consts;

/// Adding this leaves the nearest integer in the low bits of the sum.
const ROUND: f32 = 12582912.0;
/// What `LN_2` leaves of log 2.
const LN_2_LOW: f32 = -1.9046543e-9;
/// `ROUND` for `f64`.
const ROUND_WIDE: f64 = 6755399441055744.0;

/// Keeps x in [low, high]; NaN stays NaN.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// `value * 2^k` with a single rounding, for k in the low bits of `shifted = k + ROUND` and k above -254.
#[inline(always)]
fn scale(value: f32, shifted: f32) -> f32 {
    let biased = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(254);
    let half = biased >> 1;
    value * f32::from_bits(half << 23) * f32::from_bits(biased.wrapping_sub(half) << 23)
}

/// x = k log 2 + r with |r| <= log(2)/2; returns `k + ROUND`, r, and what to add to r for exp(r) - 1.
#[inline(always)]
fn reduce(x: f32) -> (f32, f32, f32) {
    let shifted = x.mul_add(LOG2_E, ROUND);
    let k = shifted - ROUND;
    let exact = (-k).mul_add(LN_2, x);
    let r = (-k).mul_add(LN_2_LOW, exact);
    let r_low = (-k).mul_add(LN_2_LOW, exact - r);
    let p = polynomial!(r; 0.5, 0.16666576, 0.041666463, 0.008363265, 0.0013935332);
    (shifted, r, (r * r).mul_add(p, r_low))
}

/// Exponential of x, by Cody and Waite's reduction to |r| <= log(2)/2 and a polynomial of degree 6 (Cephes);
/// max error 0.96 ULP.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (shifted, r, tail) = reduce(clamp(x, -105.0, 90.0));
    scale(1.0 + (r + tail), shifted)
}

/// Power of two, from x - round(x) (exact) and a polynomial of degree 6; max error 0.87 ULP.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    let x = clamp(x, -152.0, 129.0);
    let shifted = x + ROUND;
    let r = x - (shifted - ROUND);
    let p = polynomial!(r; LN_2, 0.2402265, 0.05550366, 0.009618077, 0.0013388069, 0.00015456429);
    scale(r.mul_add(p, 1.0), shifted)
}

/// 1 / (1 + exp(-x)) as 2^k (ratio + rest), with k = 0 for x >= 0: e / (1 + e) with e = exp(-|x|) in two parts and
/// one correction of the quotient. Returns k + `ROUND`, ratio and rest.
#[inline(always)]
fn sigmoid_parts(x: f32) -> (f32, f32, f32) {
    let (shifted, r, tail) = reduce(clamp(-x.abs(), -110.0, 0.0));
    let sum = r + tail;
    let high = 1.0 + sum;
    let low = ((1.0 - high) + sum) + ((r - sum) + tail);
    let e = scale(high, shifted);
    let denominator = 1.0 + e;
    let denominator_low = (1.0 - denominator) + e + scale(low, shifted);
    let (shifted, top, top_low) = if x < 0.0 { (shifted, high, low) } else { (ROUND, 1.0, 0.0) };
    let inverse = 1.0 / denominator;
    let quotient = top * inverse;
    let remainder = (-quotient).mul_add(denominator, top) + (-quotient).mul_add(denominator_low, top_low);
    (shifted, quotient, remainder * inverse)
}

/// Logistic function 1 / (1 + exp(-x)); max error 0.78 ULP.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let (shifted, ratio, rest) = sigmoid_parts(x);
    scale(ratio + rest, shifted)
}

/// `x / (1 + exp(-x))`, by the parts of `sigmoid`; max error 0.78 ULP.
#[inline(always)]
pub fn silu(x: f32) -> f32 {
    let (shifted, ratio, rest) = sigmoid_parts(x);
    // Below -110 the exponential is 0.
    let factor = if x < -110.0 { -110.0 } else { x };
    let result = scale(factor.mul_add(ratio, factor * rest), shifted);
    let result = if x == f32::INFINITY { x } else { result };
    if x == f32::NEG_INFINITY { f32::NAN } else { result }
}

/// Hyperbolic tangent: an odd polynomial of degree 15 below 1, 1 - 2 / (exp(2|x|) + 1) above; max error 0.96
/// ULP.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let z = a * a;
    let p = polynomial!(z;
        -0.33333296, 0.13332345, -0.053879667, 0.021485923, -0.007944567, 0.0022999337,
        -0.00035795922,
    );
    let near = a.mul_add(z * p, a);
    let (shifted, r, tail) = reduce(clamp(2.0 * a, 0.0, 40.0));
    // 2^k needs one factor only: k is at most 58.
    let power = f32::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
    let far = 1.0 - 2.0 / power.mul_add(1.0 + (r + tail), 1.0);
    (if a < 1.0 { near } else { far }).copysign(x)
}

/// exp(x) for x in [-700, 700] to about 31 bits, as 2^k and exp(r) - 1.
#[inline(always)]
pub(super) fn exp_wide(x: f64) -> (f64, f64) {
    let shifted = x.mul_add(consts::LOG2_E, ROUND_WIDE);
    let r = (-(shifted - ROUND_WIDE)).mul_add(consts::LN_2, x);
    let p = polynomial!(r;
        0.500000001351461, 0.1666666675677157, 0.04166646445135886, 0.008333285897949303,
        0.0013933701829885088, 0.00019907660830162607,
    );
    let power = f64::from_bits(shifted.to_bits().wrapping_sub(ROUND_WIDE.to_bits()).wrapping_add(1023) << 52);
    (power, (r * r).mul_add(p, r))
}

/// `exp(x) - 1`, as (2^k - 1) + 2^k (exp(r) - 1) in `f64` with a polynomial of degree 7; max error 0.51 ULP.
#[inline(always)]
pub fn expm1(x: f32) -> f32 {
    let (power, less_1) = exp_wide(f64::from(clamp(x, -105.0, 90.0)));
    let result = power.mul_add(less_1, power - 1.0) as f32;
    if x == 0.0 { x } else { result }
}

/// log(1 + exp(d)) for d in [-700, 0] to about 30 bits.
#[inline(always)]
fn softplus_wide(d: f64) -> f64 {
    let (power, less_1) = exp_wide(d);
    let e = power.mul_add(less_1, power);
    let p = polynomial!(e;
        -0.49999999556804575, 0.3333330213076899, -0.24999227507146246, 0.1999030340635959,
        -0.16594265610558873, 0.13934131045086703, -0.11324895879076063, 0.08296027028135171,
        -0.04994295155391745, 0.022163973564954247, -0.006255365456004869, 0.0008277734511944967,
    );
    (e * e).mul_add(p, e)
}

/// `log(1 + exp(x))`, as max(x, 0) + log1p(exp(-|x|)) in `f64` with polynomials of degree 7 and 13; max error
/// 0.51 ULP.
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    let rest = softplus_wide(f64::from(clamp(-x.abs(), -105.0, 0.0)));
    let base = if x < 0.0 { 0.0 } else { x };
    (f64::from(base) + rest) as f32
}

/// `log(exp(x) + exp(y))`, as max(x, y) + log1p(exp(-|x - y|)) in `f64` to all its bits, because the two cancel where
/// the result is near 0; max error 0.52 ULP.
#[inline(always)]
pub fn logaddexp(x: f32, y: f32) -> f32 {
    let base = f64::from(if x > y { x } else { y });
    let gap = (f64::from(x) - f64::from(y)).abs();
    // Equal infinities have no gap.
    let gap = if x == y { 0.0 } else { gap };
    let (high, low) = float64::softplus_parts(-gap);
    let result = (base + high + low) as f32;
    if x.is_nan() || y.is_nan() { f32::NAN } else { result }
}
