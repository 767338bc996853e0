//! The logarithm of the gamma function and its derivatives.

use super::exponential::ROUND;
use super::logarithm::{join, join_parts, log_parts};
use super::trigonometric::sin_cos_kernel;
use crate::math::polynomial;
use std::f64::consts::PI;

/// log(2 pi) / 2 - 1/2.
const STIRLING_CONSTANT: f64 = 0.4189385332046728;
/// What `PI` leaves of pi.
const PI_LOW: f64 = 1.2246467991473532e-16;
/// digamma(2), the slope of lgamma at its zero 2, in two parts.
const SLOPE: f64 = 0.42278433509846713;
const SLOPE_LOW: f64 = 4.942915152430645e-18;
/// The positive zero of digamma, in two parts.
const ZERO: f64 = 1.4616321449683622;
const ZERO_LOW: f64 = 9.549995429965697e-17;

/// |sin(pi a)| and cos(pi a) with the sign of the cotangent, for a >= 0.
#[inline(always)]
fn sin_cos_half_turns(a: f64) -> (f64, f64) {
    let fraction = a - a.floor();
    let shifted = 2.0f64.mul_add(fraction, ROUND);
    let d = (-0.5f64).mul_add(shifted - ROUND, fraction);
    let r = d * PI;
    let (sin, cos) = sin_cos_kernel(r, d.mul_add(PI_LOW, d.mul_add(PI, -r)));
    let (sin, cos) = if shifted.to_bits() & 1 == 0 { (sin, cos) } else { (cos, -sin) };
    if sin < 0.0 { (-sin, -cos) } else { (sin, cos) }
}

/// lgamma for a > 0, finite.
#[inline(always)]
fn lgamma_positive(a: f64) -> f64 {
    let large = a >= 8.0;
    // a = y + n with y in [1.5, 2.5): gamma(a) = gamma(y) * product.
    let mut y = if large { 2.0 } else { a };
    let mut product = 1.0;
    for _ in 0..6 {
        let lower = y - 1.0;
        let take = y >= 2.5;
        product = if take { product * lower } else { product };
        y = if take { lower } else { y };
    }
    // Below 1.5 the recurrence runs upwards: gamma(a) = gamma(2 + s) / divisor.
    let up = a + 1.0;
    let divisor = a * up;
    let divisor_low = a.mul_add(up, -divisor) + a * ((1.0 - up) + a);
    let divided = a < 1.5;
    let twice = a < 0.5;
    let s = if divided { a - 1.0 } else { y - 2.0 };
    let s = if twice { a } else { s };
    let argument = if large { a } else { product };
    let argument = if divided { a } else { argument };
    let argument = if twice { divisor } else { argument };
    let (high, low) = join_parts(log_parts(argument));
    let low = if twice && a > 1e-30 { low + divisor_low / divisor } else { low };
    let (signed, signed_low) = if divided { (-high, -low) } else { (high, low) };
    let linear = s * SLOPE;
    let linear_low = s.mul_add(SLOPE_LOW, s.mul_add(SLOPE, -linear));
    let sum = signed + linear;
    let back = sum - signed;
    let error = (signed - (sum - back)) + (linear - back) + (linear_low + signed_low);
    let p = polynomial!(s;
        0.3224670334241132, -0.06735230105319809, 0.020580808427784435, -0.007385551028674139,
        0.002890510330748136, -0.0011927539117035553, 0.0005096695245693555,
        -0.00022315475828452692, 9.945751517388788e-05, -4.492624096325781e-05,
        2.0507195202221444e-05, -9.439440499307966e-06, 4.374923397996977e-06,
        -2.0395006933611473e-06, 9.5520165428538e-07, -4.4839053621808377e-07,
        2.1105056481225418e-07, -1.0123438317925032e-07, 5.0297400098335534e-08,
        -2.4292908348961975e-08, 9.641643145630568e-09, -2.5317840682215007e-09,
        3.128546330715388e-10,
    );
    let shifted = sum + (s * s).mul_add(p, error);
    // Stirling's series.
    let inverse = 1.0 / a;
    let square = inverse * inverse;
    let w = inverse
        * polynomial!(square;
            0.08333333333333333, -0.002777777777773988, 0.0007936507897524059, -0.0005952365845057049,
            0.0008414700852503147, -0.001890382993887715, 0.005065905360156132,
        );
    let log_less_1 = high - 1.0;
    let log_error = ((high - log_less_1) - 1.0) + low;
    let main = (a - 0.5) * log_less_1;
    let tail = (a - 0.5).mul_add(log_error, (a - 0.5).mul_add(log_less_1, -main));
    let stirling = main + (STIRLING_CONSTANT + (tail + w));
    let stirling = if main == f64::INFINITY { main } else { stirling };
    if large { stirling } else { shifted }
}

/// Logarithm of |gamma(x)|: Stirling's series from 8 on, the recurrence to [1.5, 2.5) and a polynomial of
/// degree 24 with the zero at 2 factored out below, the reflection formula for x < 0; max error 2.1 ULP for x
/// > 0, and for x < 0, where it has infinitely many zeros, 4.4 ULP of the larger of 1 and |result|.
#[inline(always)]
pub fn lgamma(x: f64) -> f64 {
    let a = x.abs();
    let positive = lgamma_positive(a);
    let (sin, _) = sin_cos_half_turns(a);
    let reflected = -join(log_parts(a * sin / PI)) - positive;
    let reflected = if a < 1e-17 { positive } else { reflected };
    let result = if x < 0.0 { reflected } else { positive };
    let result = if x <= 0.0 && a.floor() == a { f64::INFINITY } else { result };
    let result = if a == f64::INFINITY { a } else { result };
    if x.is_nan() { x } else { result }
}

/// a = y + n with y < 2 for 0 <= a < 8: returns y and 1 / y + ... + 1 / (a - 1), in two parts. The sum is one
/// fraction whose top and bottom carry their rounding errors.
#[inline(always)]
fn inverse_sum(a: f64) -> (f64, f64, f64) {
    let mut y = a;
    let (mut top, mut top_low, mut bottom, mut bottom_low) = (0.0f64, 0.0f64, 1.0f64, 0.0f64);
    for _ in 0..6 {
        let lower = y - 1.0;
        let take = y >= 2.0;
        let product = top * lower;
        let sum = product + bottom;
        let back = sum - product;
        let error = (product - (sum - back)) + (bottom - back) + top.mul_add(lower, -product);
        let sum_low = top_low.mul_add(lower, error + bottom_low);
        let scaled = bottom * lower;
        let scaled_low = bottom_low.mul_add(lower, bottom.mul_add(lower, -scaled));
        (top, top_low) = if take { (sum, sum_low) } else { (top, top_low) };
        (bottom, bottom_low) = if take { (scaled, scaled_low) } else { (bottom, bottom_low) };
        y = if take { lower } else { y };
    }
    let ratio = top / bottom;
    let remainder = (-ratio).mul_add(bottom, top) + (-ratio).mul_add(bottom_low, top_low);
    (y, ratio, remainder / bottom)
}

/// Derivative of `lgamma`: the asymptotic series from 8 on, the recurrence to [1, 2] and a polynomial of
/// degree 23 with the zero factored out below, the reflection formula for x < 0; max error 2.3 ULP for x > 0,
/// and for x < 0, where it has infinitely many zeros, 3.2 ULP of the larger of 1 and the terms that cancel.
#[inline(always)]
pub fn digamma(x: f64) -> f64 {
    let a = x.abs();
    let negative = x < 0.0;
    let large = a >= 8.0;
    let small = a < 1.0;
    let (y, ratio, ratio_low) = inverse_sum(if large { 1.5 } else { a });
    let y = if small { a + 1.0 } else { y };
    let centred = y - 1.5;
    let value = ((y - ZERO) - ZERO_LOW)
        * polynomial!(centred;
            0.9510558760318328, -0.4236274212814606, 0.24054248424078697, -0.14840492305388092,
            0.09498872445289039, -0.06192213327548831, 0.040760833940846085, -0.026975796659787055,
            0.017907248317313294, -0.011908220105959716, 0.007927021796868154, -0.005279937255532708,
            0.003518106563802472, -0.0023454947397380833, 0.0015633696313653504, -0.0010364584817312839,
            0.0006909255761282986, -0.00048595039220036254, 0.00032395945401345196,
            -0.00014480643368061614, 9.653646261410062e-05, -0.0001782188548855923,
            0.00011881232908510335,
        );
    let inverse = 1.0 / a;
    let square = inverse * inverse;
    let series = square
        * polynomial!(square;
            0.08333333333333333, -0.008333333333331664, 0.003968253965999701, -0.004166665501516725,
            0.007575459920369176, -0.02105106090804774, 0.08002337465397756, -0.299425370626735,
        );
    let (high, low) = join_parts(log_parts(a));
    let asymptotic = high + (low - 0.5f64.mul_add(inverse, series));
    let sum = ratio + value;
    let back = sum - ratio;
    let error = (ratio - (sum - back)) + (value - back);
    let positive = if small { value - inverse } else { sum + (error + ratio_low) };
    let positive = if large { asymptotic } else { positive };
    // digamma(-a) = digamma(1 + a) + pi cot(pi a).
    let (sin, cos) = sin_cos_half_turns(a);
    let next = if small { value } else { positive + inverse };
    let reflected = next + PI * cos / sin;
    let result = if negative { reflected } else { positive };
    let result = if negative && a.floor() == a { f64::NAN } else { result };
    let result = if x == f64::INFINITY { x } else { result };
    if x == 0.0 { f64::NEG_INFINITY.copysign(-x) } else { result }
}

/// Derivative of `digamma`: the recurrence up to 8, the asymptotic series from there, the reflection formula
/// for x < 0; max error 3.1 ULP for x > 0, and for x < 0 4 ULP of the larger of the terms that cancel.
#[inline(always)]
pub fn trigamma(x: f64) -> f64 {
    let a = x.abs();
    // trigamma(-a) = pi^2 / sin(pi a)^2 - trigamma(1 + a).
    let mut y = if x < 0.0 { a + 1.0 } else { a };
    let mut sum = 0.0;
    for _ in 0..8 {
        let take = y < 8.0;
        sum = if take { sum + 1.0 / (y * y) } else { sum };
        y = if take { y + 1.0 } else { y };
    }
    let inverse = 1.0 / y;
    let square = inverse * inverse;
    let series = inverse.mul_add(
        polynomial!(square;
            0.16666666666666666, -0.03333333333330476, 0.023809523770911365, -0.03333331335581846,
            0.07575246348177586, -0.2523946862734603, 1.1093601965597248, -4.575304142113963,
        ),
        0.5,
    );
    let positive = sum + square.mul_add(series, inverse);
    let (sin, _) = sin_cos_half_turns(a);
    let ratio = PI / sin;
    let result = if x < 0.0 { ratio.mul_add(ratio, -positive) } else { positive };
    let result = if x <= 0.0 && a.floor() == a { f64::INFINITY } else { result };
    if x == f64::NEG_INFINITY { f64::NAN } else { result }
}
