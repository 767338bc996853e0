//! The inverse of the error function.

use super::error_function::erfc_parts;
use super::logarithm::{join, log_parts};
use super::parts::product;
use crate::math::polynomial;

/// sqrt(pi) / 2 in two parts.
const HALF_SQRT_PI: f64 = 0.886226925452758;
const HALF_SQRT_PI_LOW: f64 = -3.8332932499128993e-17;

/// erfinv(1 - d) for d in (0, 0.47]: a rational function of sqrt(-log d) good to 20 bits, and one step of the inverse
/// series of `erfc`, of third order, with the residual in parts.
#[inline(always)]
fn erfcinv(d: f64) -> f64 {
    let s = (-join(log_parts(d))).sqrt();
    let top = polynomial!(s;
        -0.018645531437256335, 0.1400809609286336, 0.433754951634307, 1.814885991716896, 0.4688052600747811,
    );
    let bottom = polynomial!(s;
        1.0, 1.1552709700755475, 1.8351945262398148, 0.4681537081301915, 1.3221937321048244e-05,
    );
    let y = top / bottom;
    let square = y * y;
    let (shifted, (exp, exp_low), ratio) = erfc_parts((y, 0.0), (square, y.mul_add(y, -square)));
    let (tail, tail_low) = product((exp, exp_low), ratio);
    // d in the units of the tail; k is above -60, so both are exact.
    let d = super::exponential::scale(d, 2.0 * super::exponential::ROUND - shifted, 0);
    let step = HALF_SQRT_PI * (((tail - d) + tail_low) / exp);
    let third = 4.0f64.mul_add(square, 1.0) * (1.0 / 3.0);
    y + step * (step * third).mul_add(step, y.mul_add(step, 1.0))
}

/// Inverse of `erf`: x times a polynomial of degree 15 in x^2 up to 0.53, `erfcinv` of 1 - |x|, which is exact, above;
/// infinite at -1 and 1, NaN beyond.
#[inline(always)]
pub fn erfinv(x: f64) -> f64 {
    let a = x.abs();
    let z = x * x;
    let p = polynomial!(z;
        0.2320136665346545, 0.12755617530559574, 0.08655212924213734, 0.06495961768387234, 0.05173128533453632,
        0.04283661115845703, 0.03646825568715381, 0.03165528405719842, 0.0283237328301512, 0.022538084244114652,
        0.03541232210522419, -0.02564805098729932, 0.1317245675694745, -0.15362344693430857, 0.14749204677674554,
    );
    let near = x.mul_add(HALF_SQRT_PI, x * z.mul_add(p, HALF_SQRT_PI_LOW));
    let far = erfcinv(1.0 - a).copysign(x);
    let result = if a < 0.53 { near } else { far };
    let result = if x == 0.0 { x } else { result };
    let result = if a == 1.0 { f64::INFINITY.copysign(x) } else { result };
    if a > 1.0 { f64::NAN } else { result }
}
