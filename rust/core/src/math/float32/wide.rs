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
    /// Inverse sine, rounded from `float64::asin`.
    asin(x);
    /// Inverse cosine, rounded from `float64::acos`.
    acos(x);
    /// Inverse tangent, rounded from `float64::atan`.
    atan(x);
    /// Angle of the point (x, y), rounded from `float64::atan2`.
    atan2(y, x);
    /// Hyperbolic sine, rounded from `float64::sinh`.
    sinh(x);
    /// Hyperbolic cosine, rounded from `float64::cosh`.
    cosh(x);
    /// Inverse hyperbolic sine, rounded from `float64::asinh`.
    asinh(x);
    /// Inverse hyperbolic cosine, rounded from `float64::acosh`.
    acosh(x);
    /// Inverse hyperbolic tangent, rounded from `float64::atanh`.
    atanh(x);
    /// Logarithm of |gamma(x)|, rounded from `float64::lgamma`.
    lgamma(x);
    /// Derivative of `lgamma`, rounded from `float64::digamma`.
    digamma(x);
    /// `sin(pi x) / (pi x)`, rounded from `float64::sinc`.
    sinc(x);
    /// `x log(y)`, rounded from `float64::xlogy`.
    xlogy(x, y);
}

/// `log2(2^x + 2^y)`, in `f64` to all its bits, because the two terms cancel where the result is near 0.
#[inline(always)]
pub fn logaddexp2(x: f32, y: f32) -> f32 {
    let base = f64::from(if x > y { x } else { y });
    let gap = (f64::from(x) - f64::from(y)).abs();
    // Equal infinities have no gap.
    let gap = if x == y { 0.0 } else { gap };
    let (high, low) = float64::softplus2_parts(gap, 0.0);
    let result = (base + high + low) as f32;
    let result = if x == y { x + 1.0 } else { result };
    let result = if gap == f64::INFINITY { base as f32 + 0.0 } else { result };
    if x.is_nan() || y.is_nan() { f32::NAN } else { result }
}

/// Error function, in `f64`: an odd polynomial of degree 15 below 1 and 1 - exp(p(|x|)) above, p a polynomial of degree
/// 10 for log(erfc), after N. Juffa.
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

/// erfc(a) for a in [0, 11] to about 31 bits, given a^2: exp(-a^2) times t p(t) with t = 2 / (2 + a) and p of degree
/// 12.
#[inline(always)]
fn erfc_wide(a: f64, square: f64) -> f64 {
    let t = 1.0 / 0.5f64.mul_add(a, 1.0);
    let u = t - 0.5625;
    let p = polynomial!(u;
        0.555955140676109, 0.7585615584176036, 0.5820130660207932, 0.09920560914727436, -0.19831809017423335,
        -0.06336793605894583, 0.11307417182258832, 0.012340827240366321, -0.07828375432904333,
        0.023713821655260668, 0.04291576113677752, -0.028464189709342766, -0.007850881284203212,
    );
    let (power, less_1) = exp_wide(-square);
    t * p * power.mul_add(less_1, power)
}

/// Complementary error function, in `f64` by `erfc_wide`.
#[inline(always)]
pub fn erfc(x: f32) -> f32 {
    // From 10.1 on the result is 0.
    let a = if x.abs() > 11.0 { 11.0 } else { x.abs() };
    let a = f64::from(a);
    let tail = erfc_wide(a, a * a);
    (if x < 0.0 { 2.0 - tail } else { tail }) as f32
}

/// x times the standard normal distribution function at x, `x erfc(-x / sqrt(2)) / 2`, in `f64` by `erfc_wide`.
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    // From 15 on the tail is 0.
    let b = if x.abs() > 15.0 { 15.0 } else { x.abs() };
    let b = f64::from(b);
    let half = 0.5 * b;
    let tail = half * erfc_wide(b * consts::FRAC_1_SQRT_2, half * b);
    let positive = if x > 0.0 { f64::from(x) } else { 0.0 };
    let result = (positive - tail) as f32;
    let result = if x == 0.0 { x } else { result };
    if x == f32::NEG_INFINITY { f32::NAN } else { result }
}

/// Inverse of `erf`, in `f64`: x times a polynomial of degree 7 in x^2 up to 0.53, a rational function of sqrt(-log(1 -
/// |x|)) above.
#[inline(always)]
pub fn erfinv(x: f32) -> f32 {
    let wide = f64::from(x);
    let z = wide * wide;
    let near = wide
        * polynomial!(z;
            0.886226925338607, 0.23201371843004348, 0.12755233583328257, 0.08665932335091021,
            0.06350886691966402, 0.06217555682378517, 0.00279163950327337, 0.10884004713364308,
        );
    let a = wide.abs();
    let (k, log) = log_wide(1.0 - a);
    let s = (-k.mul_add(consts::LN_2, log)).sqrt();
    let top = polynomial!(s;
        0.02997489635269026, -0.2515601562670121, 1.8253893909390355, 2.242529831201801, 8.065327867255458,
        4.701162837804635, 0.47302903258137124,
    );
    let bottom = polynomial!(s;
        1.0, 4.772182229722277, 6.885310468685098, 8.993734748549741, 4.710188021132268, 0.4729188481158637,
    );
    let far = (top / bottom).copysign(wide);
    let result = (if a < 0.53 { near } else { far }) as f32;
    let result = if a == 1.0 { f32::INFINITY.copysign(x) } else { result };
    if a > 1.0 { f32::NAN } else { result }
}

/// Derivative of `digamma`, in `f64`: the recurrence up to 6, the asymptotic series from there, the reflection formula
/// for x < 0.
#[inline(always)]
pub fn trigamma(x: f32) -> f32 {
    let wide = f64::from(x);
    let a = wide.abs();
    // trigamma(-a) = pi^2 / sin(pi a)^2 - trigamma(1 + a).
    let mut y = if x < 0.0 { a + 1.0 } else { a };
    let mut sum = 0.0;
    for _ in 0..6 {
        let take = y < 6.0;
        sum = if take { sum + 1.0 / (y * y) } else { sum };
        y = if take { y + 1.0 } else { y };
    }
    let inverse = 1.0 / y;
    let square = inverse * inverse;
    let series = inverse.mul_add(
        polynomial!(square;
            0.16666666666666666, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333, 0.07575757575757576,
        ),
        0.5,
    );
    let positive = sum + square.mul_add(series, inverse);
    let ((sin, _), _) = float64::sin_cos_half_turns(a);
    let ratio = consts::PI / sin;
    let result = if x < 0.0 { ratio.mul_add(ratio, -positive) } else { positive };
    let result = if x <= 0.0 && a.floor() == a { f64::INFINITY } else { result };
    (if x == f32::NEG_INFINITY { f64::NAN } else { result }) as f32
}

/// x to the power y: exp(y log|x|) in `f64` with polynomials of degree 7 and 13.
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

/// `sqrt(x^2 + y^2)`, in `f64`, where nothing overflows.
#[inline(always)]
pub fn hypot(x: f32, y: f32) -> f32 {
    let (a, b) = (f64::from(x), f64::from(y));
    let result = b.mul_add(b, a * a).sqrt() as f32;
    if x.abs() == f32::INFINITY || y.abs() == f32::INFINITY { f32::INFINITY } else { result }
}
