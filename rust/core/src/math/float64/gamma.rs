//! The logarithm of the gamma function.

use super::logarithm::{join_parts, log_parts, split};
use super::parts::{PI_PARTS, Parts, add, negative, ordered_sum, product, quotient, two_sum};
use super::polygamma::sin_cos_half_turns;
use crate::math::polynomial;

/// log(2 pi) / 2 - 1/2.
const STIRLING_CONSTANT: f64 = 0.4189385332046728;
/// digamma(2), the slope of lgamma at its zero 2, in two parts.
const SLOPE: f64 = 0.42278433509846713;
const SLOPE_LOW: f64 = 4.942915152430645e-18;

/// lgamma for a > 0, finite, in parts.
#[inline(always)]
fn lgamma_positive(a: f64) -> Parts {
    let large = a >= 8.0;
    // a = y + n with y in [1.5, 2.5): gamma(a) = gamma(y) * rising.
    let mut y = if large { 2.0 } else { a };
    let mut rising = 1.0;
    for _ in 0..6 {
        let lower = y - 1.0;
        let take = y >= 2.5;
        rising = if take { rising * lower } else { rising };
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
    let argument = if large { a } else { rising };
    let argument = if divided { a } else { argument };
    let argument = if twice { divisor } else { argument };
    let (high, low) = join_parts(log_parts(argument));
    // The logarithm's f^2 / 2 is rounded; near 1.4, where most cancels, that would show.
    let (_, f) = split(argument);
    let half = 0.5 * f;
    let low = low - half.mul_add(f, -(half * f));
    let low = if twice && a > 1e-30 { low + divisor_low / divisor } else { low };
    let signed = if divided { (-high, -low) } else { (high, low) };
    let (sum, error) = add(signed, product((s, 0.0), (SLOPE, SLOPE_LOW)));
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
    let (linear, linear_low) = product((s, 0.0), (p, 0.0));
    let shifted = two_sum(sum, s.mul_add(linear, s.mul_add(linear_low, error)));
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
    let stirling = ordered_sum(main, STIRLING_CONSTANT + (tail + w));
    let stirling = if main == f64::INFINITY { (main, 0.0) } else { stirling };
    if large { stirling } else { shifted }
}

/// Logarithm of |gamma(x)|: Stirling's series from 8 on, the recurrence to [1.5, 2.5) and a polynomial of
/// degree 24 with the zero at 2 factored out below, the reflection formula for x < 0; max error 2 ULP for x > 0,
/// and for x < 0, where it has infinitely many zeros, 1.1 ULP of the larger of 1 and |result|.
#[inline(always)]
pub fn lgamma(x: f64) -> f64 {
    let a = x.abs();
    let positive = lgamma_positive(a);
    // gamma(-a) = -pi / (a sin(pi a) gamma(a)).
    let (sin, _) = sin_cos_half_turns(a);
    let (inverse, inverse_low) = quotient(product((a, 0.0), sin), PI_PARTS);
    let log = join_parts(log_parts(inverse));
    let (sum, error) = add(negative(log), negative(positive));
    let reflected = sum + (error - inverse_low / inverse);
    let (high, low) = positive;
    let positive = high + low;
    let reflected = if a < 1e-17 { positive } else { reflected };
    let result = if x < 0.0 { reflected } else { positive };
    let result = if x <= 0.0 && a.floor() == a { f64::INFINITY } else { result };
    let result = if a == f64::INFINITY { a } else { result };
    if x.is_nan() { x } else { result }
}
