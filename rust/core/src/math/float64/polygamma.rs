//! The derivatives of the logarithm of the gamma function.

use super::exponential::ROUND;
use super::logarithm::{join_parts, log_parts};
use super::parts::{PI_LOW, PI_PARTS, Parts, add, negative, ordered_sum, product, quotient, two_sum};
use super::trigonometric::sin_cos_kernel;
use crate::math::polynomial;
use std::f64::consts::PI;

/// The positive zero of digamma, in two parts.
const ZERO: f64 = 1.4616321449683622;
const ZERO_LOW: f64 = 9.549995429965697e-17;
/// Constant term of the polynomial of `digamma`.
const CENTRE: f64 = 0.9510558760318328;

/// |sin(pi a)| and cos(pi a) with the sign of the cotangent, in parts, for a >= 0.
#[inline(always)]
pub(in crate::math) fn sin_cos_half_turns(a: f64) -> (Parts, Parts) {
    let fraction = a - a.floor();
    let shifted = 2.0f64.mul_add(fraction, ROUND);
    let d = (-0.5f64).mul_add(shifted - ROUND, fraction);
    let r = d * PI;
    let (sin, cos) = sin_cos_kernel(r, d.mul_add(PI_LOW, d.mul_add(PI, -r)));
    let (sin, cos) = if shifted.to_bits() & 1 == 0 { (sin, cos) } else { (cos, negative(sin)) };
    if sin.0 < 0.0 { (negative(sin), negative(cos)) } else { (sin, cos) }
}

/// `1 / a` in parts.
#[inline(always)]
fn inverse_parts(a: f64) -> Parts {
    let inverse = 1.0 / a;
    (inverse, (-inverse).mul_add(a, 1.0) * inverse)
}

/// a = y + n with y < 2 for 0 <= a < 8: returns y and 1 / y + ... + 1 / (a - 1), in two parts. The sum is one
/// fraction whose top and bottom carry their rounding errors.
#[inline(always)]
fn inverse_sum(a: f64) -> (f64, Parts) {
    let mut y = a;
    let (mut top, mut top_low, mut bottom, mut bottom_low) = (0.0f64, 0.0f64, 1.0f64, 0.0f64);
    for _ in 0..6 {
        let lower = y - 1.0;
        let take = y >= 2.0;
        let product = top * lower;
        let (sum, error) = two_sum(product, bottom);
        let sum_low = top_low.mul_add(lower, error + top.mul_add(lower, -product) + bottom_low);
        let scaled = bottom * lower;
        let scaled_low = bottom_low.mul_add(lower, bottom.mul_add(lower, -scaled));
        (top, top_low) = if take { (sum, sum_low) } else { (top, top_low) };
        (bottom, bottom_low) = if take { (scaled, scaled_low) } else { (bottom, bottom_low) };
        y = if take { lower } else { y };
    }
    (y, quotient((top, top_low), (bottom, bottom_low)))
}

/// digamma(y + y_low) in parts, for y in [1, 2]: a polynomial of degree 23 with the zero factored out.
#[inline(always)]
fn digamma_between(y: f64, y_low: f64) -> Parts {
    let centred = y - 1.5;
    let q = polynomial!(centred;
        -0.4236274212814606, 0.24054248424078697, -0.14840492305388092,
        0.09498872445289039, -0.06192213327548831, 0.040760833940846085, -0.026975796659787055,
        0.017907248317313294, -0.011908220105959716, 0.007927021796868154, -0.005279937255532708,
        0.003518106563802472, -0.0023454947397380833, 0.0015633696313653504, -0.0010364584817312839,
        0.0006909255761282986, -0.00048595039220036254, 0.00032395945401345196,
        -0.00014480643368061614, 9.653646261410062e-05, -0.0001782188548855923,
        0.00011881232908510335,
    );
    // The distance to the zero is exact.
    product((y - ZERO, y_low - ZERO_LOW), ordered_sum(CENTRE, centred * q))
}

/// digamma(a) for a > 0, and digamma(a + 1), in parts.
#[inline(always)]
fn digamma_positive(a: f64) -> (Parts, Parts) {
    let large = a >= 8.0;
    let small = a < 1.0;
    let (y, ratio) = inverse_sum(if large { 1.5 } else { a });
    let (y, y_low) = if small { ordered_sum(1.0, a) } else { (y, 0.0) };
    let value = digamma_between(y, y_low);
    let (inverse, inverse_low) = inverse_parts(a);
    let square = inverse * inverse;
    let series = square
        * polynomial!(square;
            0.08333333333333333, -0.008333333333331664, 0.003968253965999701, -0.004166665501516725,
            0.007575459920369176, -0.02105106090804774, 0.08002337465397756, -0.299425370626735,
        );
    let (high, low) = join_parts(log_parts(a));
    let asymptotic = ordered_sum(high, low - 0.5f64.mul_add(inverse, series));
    // One of the two is a step of 1 away from the other.
    let base = if large { asymptotic } else { add(ratio, value) };
    let base = if small { value } else { base };
    let sign = if small { -1.0 } else { 1.0 };
    let stepped = add((sign * inverse, sign * inverse_low), base);
    if small { (stepped, base) } else { (base, stepped) }
}

/// Derivative of `lgamma`: the asymptotic series from 8 on, the recurrence to [1, 2] and a polynomial below, the
/// reflection formula for x < 0; max error 1 ULP for x > 0, and for x < 0, where it has infinitely many zeros, 1 ULP
/// of the larger of 1 and |result|.
#[inline(always)]
pub fn digamma(x: f64) -> f64 {
    let a = x.abs();
    let negative = x < 0.0;
    let (positive, next) = digamma_positive(a);
    // digamma(-a) = digamma(1 + a) + pi cot(pi a).
    let (sin, cos) = sin_cos_half_turns(a);
    let reflected = add(quotient(product(PI_PARTS, cos), sin), next);
    let (high, low) = if negative { reflected } else { positive };
    let result = high + low;
    // Where the inverse overflows, its remainder is lost.
    let result = if a < 1e-300 { -1.0 / x } else { result };
    let result = if negative && a.floor() == a { f64::NAN } else { result };
    let result = if x == f64::INFINITY { x } else { result };
    if x == 0.0 { f64::NEG_INFINITY.copysign(-x) } else { result }
}

/// trigamma(a + a_low) in parts, for a > 0: the recurrence up to 8, the asymptotic series from there.
#[inline(always)]
fn trigamma_positive(a: f64, a_low: f64) -> Parts {
    let (mut y, mut y_low) = (a, a_low);
    let mut sum = (0.0, 0.0);
    for _ in 0..8 {
        let take = y < 8.0;
        let square = y * y;
        let square_low = y.mul_add(y, -square) + 2.0 * y * y_low;
        let inverse = 1.0 / square;
        let inverse_low = ((-inverse).mul_add(square, 1.0) - inverse * square_low) * inverse;
        // The terms decrease, so from the second on the sum is larger; the first is added to zero.
        let (high, low) = sum;
        let (grown, error) = two_sum(high, inverse);
        sum = if take { (grown, error + (low + inverse_low)) } else { (high, low) };
        let (next, error) = two_sum(y, 1.0);
        (y, y_low) = if take { (next, y_low + error) } else { (y, y_low) };
    }
    let inverse = 1.0 / y;
    let inverse_low = ((-inverse).mul_add(y, 1.0) - inverse * y_low) * inverse;
    let square = inverse * inverse;
    let series = inverse.mul_add(
        polynomial!(square;
            0.16666666666666666, -0.03333333333330476, 0.023809523770911365, -0.03333331335581846,
            0.07575246348177586, -0.2523946862734603, 1.1093601965597248, -4.575304142113963,
        ),
        0.5,
    );
    add(sum, (inverse, square.mul_add(series, inverse_low)))
}

/// Derivative of `digamma`: the recurrence and the asymptotic series, the reflection formula for x < 0.
#[inline(always)]
pub fn trigamma(x: f64) -> f64 {
    let a = x.abs();
    // trigamma(-a) = pi^2 / sin(pi a)^2 - trigamma(1 + a).
    let (y, y_low) = if x < 0.0 { two_sum(a, 1.0) } else { (a, 0.0) };
    let (high, low) = trigamma_positive(y, y_low);
    let (sin, _) = sin_cos_half_turns(a);
    let (ratio, rest) = quotient(PI_PARTS, sin);
    let reflected = ratio.mul_add(ratio, (2.0 * ratio).mul_add(rest, -high) - low);
    let result = if x < 0.0 { reflected } else { high + low };
    // Where the inverse of the square overflows, so does the result.
    let result = if a < 1e-150 { (1.0 / a) / a } else { result };
    let result = if x <= 0.0 && a.floor() == a { f64::INFINITY } else { result };
    let result = if x == f64::INFINITY { 0.0 } else { result };
    if x == f64::NEG_INFINITY { f64::NAN } else { result }
}
