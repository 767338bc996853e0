//! The exponential function and what is built on it.

use super::logarithm::log1p_parts;
use super::parts::{Parts, product, two_sum};
use super::{Quick, beyond};
use crate::math::polynomial;
use std::f64::consts::{LN_2, LOG2_E};

/// Adding this leaves the nearest integer in the low bits of the sum.
pub(super) const ROUND: f64 = 6755399441055744.0;
/// The same for an exponent k: `k + 1023` and `k + 2046`.
const BIASED: f64 = ROUND + 1023.0;
const TWICE_BIASED: f64 = ROUND + 2046.0;
/// What `LN_2` leaves of log 2.
pub(super) const LN_2_LOW: f64 = 2.3190468138462996e-17;
/// What `LOG2_E` leaves of 1 / log 2.
const LOG2_E_LOW: f64 = 2.0355273740931033e-17;

/// `x + low = k log 2 + r + r_low` with |r| <= log(2)/2; returns k (in the low bits of `k + ROUND`), r and
/// r_low.
#[inline(always)]
pub(super) fn reduce(x: f64, low: f64) -> (f64, f64, f64) {
    let shifted = x.mul_add(LOG2_E, ROUND);
    let k = shifted - ROUND;
    let exact = (-k).mul_add(LN_2, x);
    let tail = (-k).mul_add(LN_2_LOW, low);
    let r = exact + tail;
    (shifted, r, (exact - r) + tail)
}

/// What has to be added to r to get exp(r + low) - 1, for |r| <= log(2)/2 and a tiny `low`.
#[inline(always)]
pub(super) fn expm1_tail(r: f64, low: f64) -> f64 {
    let p = polynomial!(r;
        0.5, 0.16666666666666669, 0.04166666666666667, 0.008333333333328872, 0.0013888888888881747,
        0.0001984126986664663, 2.4801587331926307e-05, 2.755726444382877e-06, 2.755726632751663e-07,
        2.5101881709279794e-08, 2.0917449513494397e-09,
    );
    (r * r).mul_add(p, r.mul_add(low, low))
}

/// `value * 2^(k + extra)` with a single rounding, for k from `reduce` and sums above -2046.
#[inline(always)]
pub(super) fn scale(value: f64, shifted: f64, extra: i64) -> f64 {
    let biased = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add((2046 + extra) as u64);
    let half = biased >> 1;
    value * f64::from_bits(half << 52) * f64::from_bits(biased.wrapping_sub(half) << 52)
}

/// Keeps x in [low, high]; NaN stays NaN.
#[inline(always)]
pub(super) fn clamp(x: f64, low: f64, high: f64) -> f64 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// `2^extra * exp(x + low)`.
#[inline(always)]
pub(super) fn exp_scaled(x: f64, low: f64, extra: i64) -> f64 {
    let (shifted, r, r_low) = reduce(clamp(x, -760.0, 720.0), low);
    scale(1.0 + (r + expm1_tail(r, r_low)), shifted, extra)
}

/// `2^k` for k from -1022 to 1023, given `k + BIASED`.
#[inline(always)]
fn power(shifted: f64) -> f64 {
    f64::from_bits(shifted.to_bits() << 52)
}

/// `value * 2^k` with a single rounding, given `k + TWICE_BIASED` and k above -2046.
#[inline(always)]
fn scale_biased(value: f64, shifted: f64) -> f64 {
    let half = shifted.to_bits() >> 1;
    value * f64::from_bits(half << 52) * f64::from_bits(shifted.to_bits().wrapping_sub(half) << 52)
}

/// x = k log 2 + r with |r| <= log(2)/2; returns `k + round`, r and p, where exp(r) = 1 + r + r^2 p. The polynomial of
/// degree 9 comes in two halves, which a processor works at together.
#[inline(always)]
fn exp_fraction(x: f64, round: f64) -> (f64, f64, f64) {
    let shifted = x.mul_add(LOG2_E, round);
    let k = shifted - round;
    let r = (-k).mul_add(LN_2_LOW, (-k).mul_add(LN_2, x));
    let z = r * r;
    let even = polynomial!(z;
        0.5000000000000011, 0.041666666666528344, 0.0013888888943876397, 2.4801492954810427e-05, 2.763028004245097e-07,
    );
    let odd = polynomial!(z;
        0.16666666666666458, 0.00833333333347388, 0.00019841269540568908, 2.7557562123902754e-06, 2.500640724315736e-08,
    );
    (shifted, r, r.mul_add(odd, even))
}

/// Exponential of x, by Cody and Waite's reduction to |r| <= log(2)/2 and a polynomial of degree 11.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let (shifted, r, p) = exp_fraction(clamp(x, -760.0, 720.0), TWICE_BIASED);
    scale_biased(polynomial!(r; 1.0, 1.0, p), shifted)
}

/// `exp` where the result is finite and normal.
#[inline(always)]
pub fn exp_quick(x: f64) -> Quick {
    (exp_normal(x), beyond(x, 707.0))
}

/// exp(x) for |x| <= 707.
#[inline(always)]
pub(super) fn exp_normal(x: f64) -> f64 {
    let (shifted, r, p) = exp_fraction(x, BIASED);
    polynomial!(r; 1.0, 1.0, p) * power(shifted)
}

/// `k + round` and 2^r, where x = k + r: a polynomial of degree 11.
#[inline(always)]
fn exp2_fraction(x: f64, round: f64) -> (f64, f64) {
    let shifted = x + round;
    let r = x - (shifted - round);
    let z = r * r;
    let even = polynomial!(z;
        0.24022650695910108, 0.009618129107601606, 0.00015403530449033462, 1.321543883760151e-06,
        7.073232714894504e-09,
    );
    let odd = polynomial!(z;
        0.05550410866482173, 0.0013333558146544783, 1.525273363525316e-05, 1.0178159578192058e-07,
        4.438925715088377e-10,
    );
    (shifted, polynomial!(r; 1.0, LN_2, even, odd))
}

/// Power of two, from x - round(x) (exact) and a polynomial of degree 11.
#[inline(always)]
pub fn exp2(x: f64) -> f64 {
    let (shifted, e) = exp2_fraction(clamp(x, -1080.0, 1025.0), TWICE_BIASED);
    scale_biased(e, shifted)
}

/// `exp2` where the result is finite and normal.
#[inline(always)]
pub fn exp2_quick(x: f64) -> Quick {
    let (shifted, e) = exp2_fraction(x, BIASED);
    (e * power(shifted), beyond(x, 1022.0))
}

/// `exp(x) - 1` without cancellation: 2^k - 1 and 2^k (exp(r) - 1) added with their rounding error.
#[inline(always)]
pub fn expm1(x: f64) -> f64 {
    let (shifted, r, r_low) = reduce(clamp(x, -40.0, 720.0), 0.0);
    let biased = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1022);
    // Half of 2^k, so that k = 1024 does not overflow too early.
    let half = f64::from_bits(biased << 52);
    let whole = half - 0.5;
    let part = half * r;
    let sum = whole + part;
    let error = (whole - sum) + part;
    let result = 2.0 * (sum + half.mul_add(expm1_tail(r, r_low), error));
    let result = if x > 710.0 { f64::INFINITY } else { result };
    if x.abs() < 1e-16 { x } else { result }
}

/// exp(x) for x <= 0 as 2^k (high + low): returns k as in `reduce`, high and low.
#[inline(always)]
fn exp_parts(x: f64) -> (f64, f64, f64) {
    let (shifted, r, r_low) = reduce(clamp(x, -760.0, 0.0), 0.0);
    let tail = expm1_tail(r, r_low);
    let sum = r + tail;
    let high = 1.0 + sum;
    (shifted, high, ((1.0 - high) + sum) + ((r - sum) + tail))
}

/// Where the logistic function is the exponential one, and 1 on the other side.
const SIGMOID_BOUND: f64 = 707.0;

/// 1 / (1 + exp(-x)) for |x| <= `SIGMOID_BOUND`, as a quotient and the part of it that is missing. The denominator is
/// (1 + s) + s q, where exp(-x) = s (1 + q) with a power of two s, and its two rounding errors.
#[inline(always)]
fn sigmoid_parts(x: f64) -> (f64, f64) {
    let (shifted, r, p) = exp_fraction(-x, BIASED);
    let q = (r * r).mul_add(p, r);
    let s = power(shifted);
    let base = 1.0 + s;
    let denominator = s.mul_add(q, base);
    let low = s.mul_add(q, base - denominator) + (1.0 - (base - s));
    let inverse = 1.0 / denominator;
    (inverse, (-inverse).mul_add(low, (-inverse).mul_add(denominator, 1.0)))
}

/// Logistic function 1 / (1 + exp(-x)).
#[inline(always)]
pub fn sigmoid(x: f64) -> f64 {
    let (middle, _) = sigmoid_quick(clamp(x, -SIGMOID_BOUND, SIGMOID_BOUND));
    if x < -SIGMOID_BOUND { exp(x) } else { middle }
}

/// `sigmoid` for |x| <= `SIGMOID_BOUND`.
#[inline(always)]
pub fn sigmoid_quick(x: f64) -> Quick {
    let (inverse, missing) = sigmoid_parts(x);
    (inverse.mul_add(missing, inverse), beyond(x, SIGMOID_BOUND))
}

/// x sigmoid(bounded), where that is x sigmoid(x).
#[inline(always)]
fn times_sigmoid(x: f64, bounded: f64) -> f64 {
    let (inverse, missing) = sigmoid_parts(bounded);
    x.mul_add(inverse, x * (inverse * missing))
}

/// `x / (1 + exp(-x))`, by the parts of `sigmoid`.
#[inline(always)]
pub fn silu(x: f64) -> f64 {
    let middle = times_sigmoid(x, clamp(x, -SIGMOID_BOUND, SIGMOID_BOUND));
    // Far below it is x exp(x), which is 0 from -760 on.
    let bounded = clamp(x, -760.0, 0.0);
    let (shifted, r, p) = exp_fraction(bounded, TWICE_BIASED);
    let far = scale_biased(bounded.mul_add((r * r).mul_add(p, r), bounded), shifted);
    let result = if x < -SIGMOID_BOUND { far } else { middle };
    let result = if x > SIGMOID_BOUND { x } else { result };
    if x == f64::NEG_INFINITY { f64::NAN } else { result }
}

/// `silu` for |x| <= `SIGMOID_BOUND`.
#[inline(always)]
pub fn silu_quick(x: f64) -> Quick {
    (times_sigmoid(x, x), beyond(x, SIGMOID_BOUND))
}

/// log(1 + exp(d)) for d <= 0, as a sum of two parts.
#[inline(always)]
pub(in crate::math) fn softplus_parts(d: f64) -> (f64, f64) {
    let (shifted, high, low) = exp_parts(d);
    log1p_parts(scale(high, shifted, 0), scale(low, shifted, 0))
}

/// `log(1 + exp(x))`, as max(x, 0) + log1p(exp(-|x|)) with both parts of the exponential.
#[inline(always)]
pub fn softplus(x: f64) -> f64 {
    let (high, low) = softplus_parts(-x.abs());
    let base = if x > 0.0 { x } else { 0.0 };
    let sum = base + high;
    let result = sum + (((base - sum) + high) + low);
    if x == f64::INFINITY { x } else { result }
}

/// |x - y| and what its rounding took away: the exact one is the first less the second.
#[inline(always)]
fn gap_parts(x: f64, y: f64) -> Parts {
    let (difference, error) = two_sum(x, -y);
    (difference.abs(), if difference < 0.0 { error } else { -error })
}

/// `log(exp(x) + exp(y))`, as max(x, y) + log1p(exp(-|x - y|)); max error 0.83 ULP of the larger of |result|
/// and |max(x, y)|, the two of which cancel where the result is near 0.
#[inline(always)]
pub fn logaddexp(x: f64, y: f64) -> f64 {
    let base = if x > y { x } else { y };
    let (gap, gap_low) = gap_parts(x, y);
    let (high, low) = softplus_parts(-gap);
    // exp(-gap + gap_low) differs by the factor 1 + gap_low; its effect on the logarithm is e / (1 + e) of that.
    let weight = -expm1(-high);
    let (sum, error) = two_sum(base, high);
    let result = sum + (error + weight.mul_add(gap_low, low));
    // Equal infinities have no gap.
    let result = if x == y { x + LN_2 } else { result };
    let result = if gap == f64::INFINITY { base } else { result };
    if x.is_nan() || y.is_nan() { f64::NAN } else { result }
}

/// log2(1 + 2^(gap_low - gap)) and what it leaves, for gap >= 0 and a gap_low below its last place.
#[inline(always)]
pub(in crate::math) fn softplus2_parts(gap: f64, gap_low: f64) -> Parts {
    let t = -gap * LN_2;
    let (high, low) = softplus_parts(t);
    // The error of t, by the derivative e^t / (1 + e^t).
    let weight = -expm1(-high);
    let error = gap_low.mul_add(LN_2, (-gap).mul_add(LN_2_LOW, (-gap).mul_add(LN_2, -t)));
    let low = if weight == 0.0 { low } else { weight.mul_add(error, low) };
    product((high, low), (LOG2_E, LOG2_E_LOW))
}

/// `log2(2^x + 2^y)`, as max(x, y) + log2(1 + 2^-|x - y|); max error 0.88 ULP of the larger of |result| and
/// |max(x, y)|, the two of which cancel where the result is near 0.
#[inline(always)]
pub fn logaddexp2(x: f64, y: f64) -> f64 {
    let base = if x > y { x } else { y };
    let (gap, gap_low) = gap_parts(x, y);
    let (high, low) = softplus2_parts(gap, gap_low);
    let (sum, error) = two_sum(base, high);
    let result = sum + (error + low);
    // Equal infinities have no gap.
    let result = if x == y { x + 1.0 } else { result };
    let result = if gap == f64::INFINITY { base + 0.0 } else { result };
    if x.is_nan() || y.is_nan() { f64::NAN } else { result }
}
