//! Logarithms.

use crate::math::polynomial;
use std::f32::consts::LN_2;
use std::f64::consts;

/// What `LN_2` leaves of log 2.
const LN_2_LOW: f32 = -1.9046543e-9;
/// Bits of sqrt(1/2), rounded: where the fraction m of x = 2^k m starts.
const FRACTION_START: u32 = 0x3f35_04f3;
const ONE: u32 = 0x3f80_0000;
const FRACTION_MASK: u32 = 0x007f_ffff;
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

/// Natural logarithm: x = 2^k m with m in [sqrt(1/2), sqrt(2)) and a polynomial of degree 10 in m - 1
/// (Cephes); max error 0.995 ULP.
#[inline(always)]
pub fn log(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let normal = if subnormal { x * 16777216.0 } else { x };
    let offset = if subnormal { 127 + 24 } else { 127 };
    let shifted = normal.to_bits().wrapping_add(ONE - FRACTION_START);
    let k = ((shifted >> 23) as i32 - offset) as f32;
    let f = f32::from_bits((shifted & FRACTION_MASK) + FRACTION_START) - 1.0;
    let z = f * f;
    let p = polynomial!(f;
        0.33333325, -0.2500028, 0.2000198, -0.16643597, 0.1418802, -0.1294007, 0.12813048,
        -0.083320305,
    );
    // f - f^2 / 2 in two parts, then the cubic terms and k log 2 in two parts.
    let high = (-0.5f32).mul_add(z, f);
    let low = (-0.5f32).mul_add(z, f - high);
    let tail = (z * f).mul_add(p, k.mul_add(LN_2_LOW, low));
    let sum = k.mul_add(LN_2, high);
    let error = k.mul_add(LN_2, -sum) + high;
    with_special_values(x, sum + (error + tail))
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

/// Binary logarithm, in `f64` with a polynomial of degree 13; max error 0.51 ULP.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    let (k, log) = log_wide(f64::from(x));
    with_special_values(x, log.mul_add(consts::LOG2_E, k) as f32)
}

/// Decimal logarithm, in `f64` with a polynomial of degree 13; max error 0.51 ULP.
#[inline(always)]
pub fn log10(x: f32) -> f32 {
    let (k, log) = log_wide(f64::from(x));
    with_special_values(x, k.mul_add(consts::LOG10_2, log * consts::LOG10_E) as f32)
}

/// `log(1 + x)`, in `f64` with a polynomial of degree 13, and x - x^2 / 2 where 1 + x would lose x; max error
/// 0.55 ULP.
#[inline(always)]
pub fn log1p(x: f32) -> f32 {
    let wide = f64::from(x);
    let (k, log) = log_wide(1.0 + wide);
    let result = k.mul_add(consts::LN_2, log) as f32;
    let small = (-0.5 * wide).mul_add(wide, wide) as f32;
    let result = if x.abs() < 1e-4 { small } else { result };
    let result = if x == f32::INFINITY { x } else { result };
    let result = if x == -1.0 { f32::NEG_INFINITY } else { result };
    let result = if x == 0.0 { x } else { result };
    if x >= -1.0 { result } else { f32::NAN }
}
