//! What the functions should give: `f64` functions of the system's library and of pxfm, whose errors are far below
//! the last place of an `f32`, and compositions of them where nothing cancels.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

pub struct Unary {
    pub name: &'static str,
    pub exact: fn(f64) -> f64,
    /// The largest error allowed, in ULP.
    pub limit: f64,
}

pub struct Binary {
    pub name: &'static str,
    pub exact: fn(f64, f64) -> f64,
    pub limit: f64,
}

macro_rules! table {
    ($kind:ident: $($name:literal $exact:expr, $limit:literal;)+) => {
        &[$($kind { name: $name, exact: $exact, limit: $limit }),+]
    };
}

pub const UNARY: &[Unary] = table![Unary:
    "neg" |x| -x, 0.0;
    "abs" f64::abs, 0.0;
    "sign" sign, 0.0;
    "square" |x| x * x, 0.51;
    "floor" f64::floor, 0.0;
    "ceil" f64::ceil, 0.0;
    "trunc" f64::trunc, 0.0;
    "round" f64::round_ties_even, 0.0;
    "relu" |x| if x < 0.0 { 0.0 } else { x + 0.0 }, 0.0;
    "positive" |x| x, 0.0;
    "frac" |x| x - x.trunc(), 0.0;
    "angle" |x| if x.is_nan() { x } else if x < 0.0 { PI } else { 0.0 }, 0.51;
    "sinc" sinc, 1.0;
    "sqrt" f64::sqrt, 0.51;
    "rsqrt" |x| 1.0 / x.sqrt(), 1.0;
    "reciprocal" |x| 1.0 / x, 0.51;
    "exp" f64::exp, 1.0;
    "exp2" f64::exp2, 1.0;
    "expm1" f64::exp_m1, 1.0;
    "log" f64::ln, 1.0;
    "log2" f64::log2, 1.0;
    "log10" f64::log10, 1.0;
    "log1p" f64::ln_1p, 1.0;
    "sin" f64::sin, 1.0;
    "cos" f64::cos, 1.0;
    "tan" f64::tan, 1.0;
    "asin" f64::asin, 1.0;
    "acos" f64::acos, 1.0;
    "atan" f64::atan, 1.0;
    "sinh" f64::sinh, 1.0;
    "cosh" f64::cosh, 1.0;
    "tanh" f64::tanh, 1.0;
    "asinh" asinh, 1.0;
    "acosh" pxfm::f_acosh, 1.0;
    "atanh" pxfm::f_atanh, 1.0;
    "sigmoid" sigmoid, 1.0;
    "erf" pxfm::f_erf, 1.0;
    "erfc" pxfm::f_erfc, 1.0;
    "erfinv" |x: f64| pxfm::f_erfinv(x).copysign(x), 1.0;
    "lgamma" lgamma, 1.0;
    "digamma" digamma, 1.0;
    "trigamma" trigamma, 1.0;
    "gelu" |x| x * (0.5 * pxfm::f_erfc(-FRAC_1_SQRT_2 * x)), 1.0;
    "silu" |x| x / (1.0 + (-x).exp()), 1.0;
    "deg2rad" |x| x * (PI / 180.0), 1.0;
    "rad2deg" |x| x * (180.0 / PI), 1.0;
];

pub const BINARY: &[Binary] = table![Binary:
    "add" |x, y| x + y, 0.51;
    "sub" |x, y| x - y, 0.51;
    "mul" |x, y| x * y, 0.51;
    "div" |x, y| x / y, 0.51;
    "pow" f64::powf, 1.0;
    "maximum" maximum, 0.0;
    "minimum" |x, y| -maximum(-x, -y), 0.0;
    "clamp_min" maximum, 0.0;
    "clamp_max" |x, y| -maximum(-x, -y), 0.0;
    "atan2" f64::atan2, 1.0;
    "hypot" f64::hypot, 1.0;
    "logaddexp" logaddexp, 1.0;
    "logaddexp2" logaddexp2, 1.0;
    "xlogy" |x, y| if x == 0.0 && !y.is_nan() { 0.0 } else { x * y.ln() }, 1.0;
    "copysign" f64::copysign, 0.0;
    "nextafter" nextafter, 0.0;
    "fmax" f64::max, 0.0;
    "fmin" f64::min, 0.0;
    "floor_divide" floor_divide, 1.0;
    "remainder" remainder, 0.51;
    "fmod" |x, y| x % y, 0.0;
    "strong_mul" |x, y| if x == 0.0 || y == 0.0 { 0.0 } else { x * y }, 0.51;
];

fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() { x + 0.0 } else { 1f64.copysign(x) }
}

/// pxfm gives 0 for -0.
fn asinh(x: f64) -> f64 {
    if x == 0.0 { x } else { pxfm::f_asinh(x) }
}

/// Reduced before it is multiplied by pi; an f32 has no more than 24 bits, so the product is exact enough.
fn sinc(x: f64) -> f64 {
    let whole = x.round_ties_even();
    let sign = if whole % 2.0 == 0.0 { 1.0 } else { -1.0 };
    if x == 0.0 { 1.0 } else { sign * (PI * (x - whole)).sin() / (PI * x) + 0.0 }
}

/// The neighbour in f32.
fn nextafter(x: f64, y: f64) -> f64 {
    let single = x as f32;
    match x.partial_cmp(&y) {
        None => f64::NAN,
        Some(std::cmp::Ordering::Less) => single.next_up().into(),
        Some(std::cmp::Ordering::Greater) => single.next_down().into(),
        Some(std::cmp::Ordering::Equal) => y,
    }
}

/// Where the result is near 0, 2^x + 2^y is near 1.
fn logaddexp2(x: f64, y: f64) -> f64 {
    logaddexp(x * std::f64::consts::LN_2, y * std::f64::consts::LN_2) / std::f64::consts::LN_2
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// C's values at the poles and at minus infinity.
fn lgamma(x: f64) -> f64 {
    if x == f64::NEG_INFINITY || (x <= 0.0 && x.floor() == x) { f64::INFINITY } else { pxfm::f_lgamma(x) }
}

/// The limits from the right and left at 0, none at the other poles.
fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY.copysign(-x);
    }
    if x < 0.0 && x.floor() == x { f64::NAN } else { pxfm::f_digamma(x) }
}

fn trigamma(x: f64) -> f64 {
    if x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x <= 0.0 && x.floor() == x { f64::INFINITY } else { pxfm::f_trigamma(x) }
}

fn maximum(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        f64::NAN
    } else if x == y {
        // Equal numbers differ in the sign of zero at most.
        if x == 0.0 { x + y } else { x }
    } else if x > y {
        x
    } else {
        y
    }
}

fn logaddexp(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (large, small) = if x > y { (x, y) } else { (y, x) };
    if large.is_infinite() {
        return large;
    }
    // Where the result is near 0, exp(x) + exp(y) is near 1.
    let excess = large.exp_m1() + small.exp();
    if excess.abs() < 0.5 { excess.ln_1p() } else { large + (small - large).exp().ln_1p() }
}

/// The array API standard's: the quotient of an infinity stays infinite, that by an infinity is a zero.
fn floor_divide(x: f64, y: f64) -> f64 {
    let quotient = x / y;
    if !quotient.is_finite() || quotient == 0.0 {
        let below = quotient == 0.0 && x != 0.0 && (x < 0.0) != (y < 0.0) && y.is_finite();
        return if below { -1.0 } else { quotient };
    }
    // x less its remainder is a whole multiple of y.
    let rest = x % y;
    let whole = ((x - rest) / y).round();
    let down = rest != 0.0 && (rest < 0.0) != (y < 0.0);
    let result = if down { whole - 1.0 } else { whole };
    if result == 0.0 { 0f64.copysign(quotient) } else { result }
}

fn remainder(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest == 0.0 {
        0f64.copysign(y)
    } else if (rest < 0.0) != (y < 0.0) {
        rest + y
    } else {
        rest
    }
}
