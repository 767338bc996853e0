//! Functions that compute in `f64` and round once.

use super::exponential::exp_wide;
use super::logarithm::log_wide;
use crate::math::{float64, polynomial};
use std::f64::consts;

/// Functions that round the `f64` function of the same name.
macro_rules! rounded {
    ($($(#[$doc:meta])* $name:ident($($x:ident),+);)+) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($x: f32),+) -> f32 {
            float64::$name($(f64::from($x)),+) as f32
        }
    )+ };
}

rounded! {
    /// Inverse sine, rounded from `float64::asin`; max error 0.51 ULP.
    asin(x);
    /// Inverse cosine, rounded from `float64::acos`; max error 0.51 ULP.
    acos(x);
    /// Inverse tangent, rounded from `float64::atan`; max error 0.51 ULP.
    atan(x);
    /// Angle of the point (x, y), rounded from `float64::atan2`; max error 0.51 ULP.
    atan2(y, x);
    /// Hyperbolic sine, rounded from `float64::sinh`; max error 0.51 ULP.
    sinh(x);
    /// Hyperbolic cosine, rounded from `float64::cosh`; max error 0.51 ULP.
    cosh(x);
    /// Inverse hyperbolic sine, rounded from `float64::asinh`; max error 0.51 ULP.
    asinh(x);
    /// Inverse hyperbolic cosine, rounded from `float64::acosh`; max error 0.51 ULP.
    acosh(x);
    /// Inverse hyperbolic tangent, rounded from `float64::atanh`; max error 0.51 ULP.
    atanh(x);
    /// Complementary error function, rounded from `float64::erfc`; max error 0.51 ULP.
    erfc(x);
    /// Logarithm of |gamma(x)|, rounded from `float64::lgamma`; max error 0.51 ULP.
    lgamma(x);
    /// Derivative of `lgamma`, rounded from `float64::digamma`; max error 0.51 ULP.
    digamma(x);
    /// Derivative of `digamma`, rounded from `float64::trigamma`; max error 0.51 ULP.
    trigamma(x);
}

/// Error function, in `f64`: an odd polynomial of degree 15 below 1 and 1 - exp(p(|x|)) above, p a polynomial
/// of degree 10 for log(erfc), after N. Juffa; max error 0.51 ULP.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let x = f64::from(x);
    let z = x * x;
    let near = x * polynomial!(z;
        1.1283791670580228, -0.37612638434655515, 0.11283781974174815, -0.026865400046224452,
        0.005220945444333726, -0.0008482829012792082, 0.00011256949120090577,
        -9.641519530235526e-06,
    );
    // From 4 on the result rounds to 1.
    let a = if x.abs() > 4.0 { 4.0 } else { x.abs() };
    let (power, less_1) = exp_wide(polynomial!(a;
        0.00025496353851929803, -1.1298767094990616, -0.6326810106271448, -0.10889996654390131,
        0.025383022329706954, -0.0041516520326253985, 0.0003567100694689399, 1.7126898132129328e-05,
        -8.978042221667913e-06, 1.0293509233827522e-06, -4.381101829860858e-08,
    ));
    let far = (1.0 - power.mul_add(less_1, power)).copysign(x);
    (if a < 1.0 { near } else { far }) as f32
}

/// x to the power y: exp(y log|x|) in `f64` with polynomials of degree 7 and 13; max error 0.56 ULP.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    let (x, y) = (f64::from(x), f64::from(y));
    let (k, log) = log_wide(x.abs());
    let exponent = y * k.mul_add(consts::LN_2, log);
    let exponent = if exponent > 200.0 { 200.0 } else { exponent };
    let exponent = if exponent < -200.0 { -200.0 } else { exponent };
    let (power, less_1) = exp_wide(exponent);
    float64::with_power_signs(x, y, power.mul_add(less_1, power)) as f32
}

/// `sqrt(x^2 + y^2)`, in `f64`, where nothing overflows; max error 0.51 ULP.
#[inline(always)]
pub fn hypot(x: f32, y: f32) -> f32 {
    let (a, b) = (f64::from(x), f64::from(y));
    let result = b.mul_add(b, a * a).sqrt() as f32;
    if x.abs() == f32::INFINITY || y.abs() == f32::INFINITY { f32::INFINITY } else { result }
}
