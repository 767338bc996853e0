//! Logarithms.

use super::{Quick, not_normal};
use crate::math::polynomial;
use std::f32::consts::{LN_2, LOG2_E, LOG10_2, LOG10_E};

/// What the constants of these names leave of log2(e), log10(e) and log10(2).
const LOG2_E_LOW: f32 = 1.925963e-8;
const LOG10_E_LOW: f32 = -1.010305e-8;
const LOG10_2_LOW: f32 = -1.4320989e-8;
/// Bits of sqrt(1/2), rounded: where the fraction m of x = 2^k m starts.
const FRACTION_START: u32 = 0x3f35_04f3;
const EXPONENT_MASK: u32 = 0xff80_0000;
/// Numbers of which one is the step of the exponent bits.
const STEPS: f32 = 8388608.0;
/// The same for `f64`.
const FRACTION_START_WIDE: u64 = 0x3fe6_a09e_0000_0000;
const ONE_WIDE: u64 = 0x3ff0_0000_0000_0000;
const FRACTION_MASK_WIDE: u64 = 0x000f_ffff_ffff_ffff;

/// The value of a logarithm at 0, infinity, NaN and below 0; `result` elsewhere.
#[inline(always)]
fn with_special_values(x: f32, result: f32) -> f32 {
    let result = if x == f32::INFINITY { x } else { result };
    let result = if x == 0.0 { f32::NEG_INFINITY } else { result };
    if x >= 0.0 { result } else { f32::NAN }
}

/// x = 2^k m with m in [sqrt(1/2), sqrt(2)), for normal x > 0; returns k in steps of the exponent bits and m - 1
/// (exact).
#[inline(always)]
fn split(x: f32) -> (f32, f32) {
    let exponent = x.to_bits().wrapping_sub(FRACTION_START) & EXPONENT_MASK;
    (exponent as i32 as f32, f32::from_bits(x.to_bits().wrapping_sub(exponent)) - 1.0)
}

/// `split` for subnormal x too.
#[inline(always)]
fn split_any(x: f32) -> (f32, f32) {
    let subnormal = x < f32::MIN_POSITIVE;
    let (k, f) = split(if subnormal { x * STEPS } else { x });
    (k - if subnormal { 23.0 * STEPS } else { 0.0 }, f)
}

/// log(2^k (1 + f)), by a polynomial of degree 10.
#[inline(always)]
fn log_of((k, f): (f32, f32)) -> f32 {
    let z = f * f;
    let even = polynomial!(z; 0.33333325, 0.20002005, 0.14180851, 0.12912987);
    let odd = polynomial!(z; -0.2500161, -0.1660841, -0.13248087, -0.076190576);
    k.mul_add(LN_2 / STEPS, z.mul_add(polynomial!(f; -0.49999988, even, odd), f))
}

/// The logarithm to base 2, by a polynomial of degree 11 whose first coefficient has two parts.
#[inline(always)]
fn log2_of((k, f): (f32, f32)) -> f32 {
    let z = f * f;
    let even = polynomial!(z; 0.48089808, 0.28856808, 0.20516016, 0.17155837, 0.09640418);
    let odd = polynomial!(z; -0.36067456, -0.24045138, -0.1791697, -0.16760696);
    let tail = z.mul_add(polynomial!(f; -0.7213475, even, odd), f * LOG2_E_LOW);
    k.mul_add(1.0 / STEPS, f.mul_add(LOG2_E, tail))
}

/// The same to base 10, by a polynomial of degree 10.
#[inline(always)]
fn log10_of((k, f): (f32, f32)) -> f32 {
    let z = f * f;
    let even = polynomial!(z; 0.14476478, 0.08686869, 0.06155926, 0.056281723);
    let odd = polynomial!(z; -0.108580895, -0.07212285, -0.05756487, -0.033271525);
    let low = f.mul_add(LOG10_E_LOW, k * (LOG10_2_LOW / STEPS));
    let tail = z.mul_add(polynomial!(f; -0.21714719, even, odd), low);
    k.mul_add(LOG10_2 / STEPS, f.mul_add(LOG10_E, tail))
}

/// Natural logarithm, by a polynomial of degree 10.
#[inline(always)]
pub fn log(x: f32) -> f32 {
    with_special_values(x, log_of(split_any(x)))
}

/// `log` of positive normal numbers.
#[inline(always)]
pub fn log_quick(x: f32) -> Quick {
    (log_of(split(x)), not_normal(x))
}

/// Binary logarithm, by a polynomial of degree 11.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    with_special_values(x, log2_of(split_any(x)))
}

/// `log2` of positive normal numbers.
#[inline(always)]
pub fn log2_quick(x: f32) -> Quick {
    (log2_of(split(x)), not_normal(x))
}

/// Decimal logarithm, by a polynomial of degree 10.
#[inline(always)]
pub fn log10(x: f32) -> f32 {
    with_special_values(x, log10_of(split_any(x)))
}

/// `log10` of positive normal numbers.
#[inline(always)]
pub fn log10_quick(x: f32) -> Quick {
    (log10_of(split(x)), not_normal(x))
}

/// log(x) to about 34 bits, for finite normal x > 0, as k log 2 + log m: returns k and log m.
#[inline(always)]
pub(super) fn log_wide(x: f64) -> (f64, f64) {
    let shifted = x.to_bits().wrapping_add(ONE_WIDE - FRACTION_START_WIDE);
    // The exponent in the low bits of 2^52.
    let k = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000) - (4503599627370496.0 + 1023.0);
    let f = f64::from_bits((shifted & FRACTION_MASK_WIDE) + FRACTION_START_WIDE) - 1.0;
    let p = polynomial!(f;
        -0.5000000005366146, 0.3333333463552927, -0.2499999104244307, 0.1999984833914932,
        -0.16667038703759537, 0.1429201213859972, -0.12496736373983934, 0.10992057370321115,
        -0.09917301779038006, 0.10093511973418377, -0.09967256923037225, 0.05344937985153253,
    );
    (k, (f * f).mul_add(p, f))
}

/// `log(1 + x)`, in `f64` with a polynomial of degree 13, and x - x^2 / 2 where 1 + x would lose x.
#[inline(always)]
pub fn log1p(x: f32) -> f32 {
    let wide = f64::from(x);
    let (k, log) = log_wide(1.0 + wide);
    let result = k.mul_add(std::f64::consts::LN_2, log) as f32;
    let small = (-0.5 * wide).mul_add(wide, wide) as f32;
    let result = if x.abs() < 1e-4 { small } else { result };
    let result = if x == f32::INFINITY { x } else { result };
    let result = if x == -1.0 { f32::NEG_INFINITY } else { result };
    let result = if x == 0.0 { x } else { result };
    if x >= -1.0 { result } else { f32::NAN }
}
