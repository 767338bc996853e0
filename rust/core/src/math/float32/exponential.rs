//! The exponential function and what is built on it.

use super::{Quick, beyond};
use crate::math::{float64, polynomial};
use std::f32::consts::{LN_2, LOG2_E};
use std::f64::consts;

/// Adding this leaves the nearest integer in the low bits of the sum.
const ROUND: f32 = 12582912.0;
/// The same for an exponent k: `k + 127` and `k + 254`.
const BIASED: f32 = ROUND + 127.0;
const TWICE_BIASED: f32 = ROUND + 254.0;
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

/// `2^k` for k from -126 to 127, given `k + BIASED`.
#[inline(always)]
fn power(shifted: f32) -> f32 {
    f32::from_bits(shifted.to_bits() << 23)
}

/// `value * 2^k` with a single rounding, given `k + TWICE_BIASED` and k above -254.
#[inline(always)]
fn scale(value: f32, shifted: f32) -> f32 {
    let half = shifted.to_bits() >> 1;
    value * f32::from_bits(half << 23) * f32::from_bits(shifted.to_bits().wrapping_sub(half) << 23)
}

/// x = k log 2 + r with |r| <= log(2)/2; returns `k + round`, r, and what its rounding took away.
#[inline(always)]
fn reduce(x: f32, round: f32) -> (f32, f32, f32) {
    let shifted = x.mul_add(LOG2_E, round);
    let k = shifted - round;
    let exact = (-k).mul_add(LN_2, x);
    let r = (-k).mul_add(LN_2_LOW, exact);
    (shifted, r, (-k).mul_add(LN_2_LOW, exact - r))
}

/// exp(r) for |r| <= log(2)/2, by a polynomial of degree 6.
#[inline(always)]
fn exp_fraction(r: f32) -> f32 {
    polynomial!(r; 1.0, 1.0, 0.5, 0.16666533, 0.04166722, 0.008367581, 0.0013865427)
}

/// `k + round` and exp(r), where x = k log 2 + r.
#[inline(always)]
fn exp_parts(x: f32, round: f32) -> (f32, f32) {
    let (shifted, r, _) = reduce(x, round);
    (shifted, exp_fraction(r))
}

/// Exponential of x, by Cody and Waite's reduction to |r| <= log(2)/2 and a polynomial of degree 6.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (shifted, e) = exp_parts(clamp(x, -105.0, 90.0), TWICE_BIASED);
    scale(e, shifted)
}

/// `exp` where the result is finite and normal.
#[inline(always)]
pub fn exp_quick(x: f32) -> Quick {
    let (shifted, e) = exp_parts(x, BIASED);
    (e * power(shifted), beyond(x, 87.0))
}

/// `k + round` and 2^r, where x = k + r: a polynomial of degree 6.
#[inline(always)]
fn exp2_parts(x: f32, round: f32) -> (f32, f32) {
    let shifted = x + round;
    let r = x - (shifted - round);
    let p = polynomial!(r; 1.0, LN_2, 0.2402265, 0.05550366, 0.009618077, 0.0013388069, 0.00015456429);
    (shifted, p)
}

/// Power of two, from x - round(x) (exact) and a polynomial of degree 6.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    let (shifted, e) = exp2_parts(clamp(x, -152.0, 129.0), TWICE_BIASED);
    scale(e, shifted)
}

/// `exp2` where the result is finite and normal.
#[inline(always)]
pub fn exp2_quick(x: f32) -> Quick {
    let (shifted, e) = exp2_parts(x, BIASED);
    (e * power(shifted), beyond(x, 126.0))
}

/// `k + round`, q = exp(r) - 1, and what the rounding of r took away, where x = k log 2 + r.
#[inline(always)]
fn expm1_parts(x: f32, round: f32) -> (f32, f32, f32) {
    let (shifted, r, low) = reduce(x, round);
    let p = polynomial!(r; 0.5, 0.16666533, 0.04166722, 0.008367581, 0.0013865427);
    (shifted, (r * r).mul_add(p, r), low)
}

/// Where the logistic function is the exponential one, and 1 on the other side.
const SIGMOID_BOUND: f32 = 86.0;

/// 1 / (1 + exp(-x)) for |x| <= `SIGMOID_BOUND`, as a quotient and the part of it that is missing. The denominator is
/// (1 + s) + s q, where exp(-x) = s (1 + q) with a power of two s, and its two rounding errors.
#[inline(always)]
fn sigmoid_parts(x: f32, is_low_wanted: bool) -> (f32, f32) {
    let (shifted, q, q_low) = expm1_parts(-x, BIASED);
    let s = power(shifted);
    let base = 1.0 + s;
    let denominator = s.mul_add(q, base);
    let low = s.mul_add(q, base - denominator) + (1.0 - (base - s));
    let low = if is_low_wanted { s.mul_add(q_low, low) } else { low };
    let inverse = 1.0 / denominator;
    (inverse, (-inverse).mul_add(low, (-inverse).mul_add(denominator, 1.0)))
}

/// Logistic function 1 / (1 + exp(-x)).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let (middle, _) = sigmoid_quick(clamp(x, -SIGMOID_BOUND, SIGMOID_BOUND));
    if x < -SIGMOID_BOUND { exp(x) } else { middle }
}

/// `sigmoid` for |x| <= `SIGMOID_BOUND`.
#[inline(always)]
pub fn sigmoid_quick(x: f32) -> Quick {
    let (inverse, missing) = sigmoid_parts(x, false);
    (inverse.mul_add(missing, inverse), beyond(x, SIGMOID_BOUND))
}

/// x sigmoid(bounded), where that is x sigmoid(x).
#[inline(always)]
fn times_sigmoid(x: f32, bounded: f32) -> f32 {
    let (inverse, missing) = sigmoid_parts(bounded, true);
    x.mul_add(inverse, x * (inverse * missing))
}

/// `x / (1 + exp(-x))`, by the parts of `sigmoid`.
#[inline(always)]
pub fn silu(x: f32) -> f32 {
    let middle = times_sigmoid(x, clamp(x, -SIGMOID_BOUND, SIGMOID_BOUND));
    // Far below it is x exp(x), which is 0 from -110 on.
    let bounded = clamp(x, -110.0, 0.0);
    let (shifted, q, q_low) = expm1_parts(bounded, TWICE_BIASED);
    let high = 1.0 + q;
    let low = ((1.0 - high) + q) + q_low;
    let far = scale(bounded.mul_add(high, bounded * low), shifted);
    let result = if x < -SIGMOID_BOUND { far } else { middle };
    let result = if x > SIGMOID_BOUND { x } else { result };
    if x == f32::NEG_INFINITY { f32::NAN } else { result }
}

/// `silu` for |x| <= `SIGMOID_BOUND`.
#[inline(always)]
pub fn silu_quick(x: f32) -> Quick {
    (times_sigmoid(x, x), beyond(x, SIGMOID_BOUND))
}

/// Hyperbolic tangent: an odd polynomial of degree 15 below 1, 1 - 2 / (exp(2|x|) + 1) above, by the polynomial of
/// `exp` in halves of its argument.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let z = a * a;
    let p = polynomial!(z;
        -0.33333296, 0.13332345, -0.053879667, 0.021485923, -0.007944567, 0.0022999337,
        -0.00035795922,
    );
    let near = a.mul_add(z * p, a);
    let bounded = if a > 10.0 { 10.0 } else { a };
    let shifted = bounded.mul_add(2.0 * LOG2_E, BIASED);
    // Here k is below 30, which leaves nothing to do for the low part of log 2.
    let r = (-(shifted - BIASED)).mul_add(0.5 * LN_2, bounded);
    let p = polynomial!(r; 2.0, 1.3333226, 0.6666755, 0.2677626, 0.08873873);
    let less_1 = (r * r).mul_add(p, 2.0 * r);
    let s = power(shifted);
    let far = 1.0 - 2.0 / s.mul_add(less_1, s + 1.0);
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

/// `exp(x) - 1`, as (2^k - 1) + 2^k (exp(r) - 1) in `f64` with a polynomial of degree 7.
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

/// `log(1 + exp(x))`, as max(x, 0) + log1p(exp(-|x|)) in `f64` with polynomials of degree 7 and 13.
#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    let rest = softplus_wide(f64::from(clamp(-x.abs(), -105.0, 0.0)));
    let base = if x < 0.0 { 0.0 } else { x };
    (f64::from(base) + rest) as f32
}

/// `log(exp(x) + exp(y))`, as max(x, y) + log1p(exp(-|x - y|)) in `f64` to all its bits, because the two cancel where
/// the result is near 0.
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
