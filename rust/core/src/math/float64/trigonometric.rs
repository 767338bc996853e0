//! Sine, cosine and tangent.

use super::exponential::ROUND;
use super::parts::{Parts, negative, ordered_sum, quotient};
use super::{Quick, beyond};
use crate::math::polynomial;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// Largest |x| that is reduced by multiples of pi/2.
const REDUCTION_BOUND: f64 = 4294967296.0;

/// What `FRAC_PI_2` leaves of pi / 2, in two parts.
const FRAC_PI_2_MIDDLE: f64 = 6.123233995736766e-17;
const FRAC_PI_2_LOW: f64 = -1.4973849048591698e-33;

/// 2/pi in binary, 64 bits a word, the binary point behind the first word.
const FRAC_2_PI_BITS: [u64; 20] = [
    0x0000_0000_0000_0000,
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
];

/// x = q pi/2 + r - less with |r| <= pi/4; returns q modulo 4 in the low bits.
type Reduced = (u64, f64, f64);

/// Cody and Waite's reduction in three parts: the first step is exact because it is fused, and so is the rounding error
/// of the second, because `exact` is a multiple of the last place of `product`.
#[inline(always)]
fn reduce(x: f64) -> Reduced {
    let shifted = x.mul_add(FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let exact = (-k).mul_add(FRAC_PI_2, x);
    let product = k * FRAC_PI_2_MIDDLE;
    let r = exact - product;
    let less = k.mul_add(FRAC_PI_2_LOW, k.mul_add(FRAC_PI_2_MIDDLE, r - exact));
    (shifted.to_bits(), r, less)
}

/// Payne and Hanek's reduction for |x| >= 2^32: x times the bits of 2/pi that matter, in integers.
#[cold]
#[inline(never)]
fn reduce_large(x: f64) -> Reduced {
    if !x.is_finite() {
        return (0, f64::NAN, f64::NAN);
    }
    let bits = x.to_bits();
    let mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000;
    // |x| = mantissa * 2^(exponent - 1075). Bits of 2/pi further left only add multiples of four quarter turns.
    let exponent = ((bits >> 52) & 0x7ff) as usize;
    let (start, shift) = ((exponent - 1013) / 64, (exponent - 1013) % 64);
    let word = |i: usize| {
        let pair = u128::from(FRAC_2_PI_BITS[i]) << 64 | u128::from(FRAC_2_PI_BITS[i + 1]);
        (pair << shift >> 64) as u64
    };
    // The product modulo 4 in units of 2^-190 quarter turns.
    let low = u128::from(mantissa) * u128::from(word(start + 2));
    let middle = u128::from(mantissa) * u128::from(word(start + 1)) + (low >> 64);
    let high = mantissa.wrapping_mul(word(start)).wrapping_add((middle >> 64) as u64);
    let (middle, low) = (middle as u64, low as u64);
    // Its fraction in units of 2^-128; read as signed it is what remains after rounding to the nearest quarter turn.
    let fraction = u128::from(high << 2 | middle >> 62) << 64 | u128::from(middle << 2 | low >> 62);
    let quarter = (high >> 62) + (fraction >> 127) as u64;
    let turn = fraction as i128;
    let turn_high = turn as f64;
    let turn_low = (turn - turn_high as i128) as f64;
    let unit = f64::from_bits((1023 - 128) << 52).copysign(x);
    let r = turn_high * FRAC_PI_2;
    let product_low = turn_high.mul_add(FRAC_PI_2, -r);
    let r_low = turn_high.mul_add(FRAC_PI_2_MIDDLE, turn_low.mul_add(FRAC_PI_2, product_low));
    let quarter = if x < 0.0 { quarter.wrapping_neg() } else { quarter };
    (quarter, r * unit, -r_low * unit)
}

/// sin(r + low) and cos(r + low) in parts for |r| <= pi/4, with odd and even polynomials of degree 13 and 14.
#[inline(always)]
pub(super) fn sin_cos_kernel(r: f64, low: f64) -> (Parts, Parts) {
    let z = r * r;
    let half = 0.5 * z;
    let s = polynomial!(z;
        -0.1666666666666663, 0.008333333333321915, -0.00019841269829453883, 2.7557313580182605e-06,
        -2.505074193536228e-08, 1.5895918444248668e-10,
    );
    let sin = ordered_sum(r, (r * z).mul_add(s, (-low).mul_add(half, low)));
    let c = polynomial!(z;
        0.0416666666666666, -0.0013888888888874474, 2.4801587289670344e-05, -2.755731440021842e-07,
        2.0875729102264816e-09, -1.1359921420814055e-11,
    );
    let one_less = 1.0 - half;
    let cos = ordered_sum(one_less, (z * z).mul_add(c, ((1.0 - one_less) - half) - r * low));
    (sin, cos)
}

/// The sine, by polynomials of degree 13 for the sine of r and 14 for its cosine. What is subtracted from r is +0 where
/// r is a zero, which keeps the sign of that.
#[inline(always)]
fn sin_of((quarter, r, less): Reduced) -> f64 {
    let z = r * r;
    let s = polynomial!(z;
        0.1666666666666663, -0.00833333333332184, 0.0001984126982935861, -2.755731353858887e-06,
        2.5050734410106792e-08, -1.5895435114164852e-10,
    );
    let sin = r - (r * z).mul_add(s, less);
    let c = polynomial!(z;
        -0.5, 0.041666666666666595, -0.0013888888888873338, 2.480158728899748e-05, -2.755731421529861e-07,
        2.08757051147984e-09, -1.1358732757591946e-11,
    );
    let cos = r.mul_add(r.mul_add(c, less), 1.0);
    let value = if quarter & 1 == 0 { sin } else { cos };
    f64::from_bits(value.to_bits() ^ (quarter << 62 & 1 << 63))
}

#[inline(always)]
fn cos_of((quarter, r, less): Reduced) -> f64 {
    sin_of((quarter.wrapping_add(1), r, less))
}

#[inline(always)]
fn tan_of((quarter, r, less): Reduced) -> f64 {
    let (sin, cos) = sin_cos_kernel(r, -less);
    let (top, bottom) = if quarter & 1 == 0 { (sin, cos) } else { (negative(cos), sin) };
    let (ratio, rest) = quotient(top, bottom);
    ratio + rest
}

/// Sine, by Cody and Waite's reduction to a quarter turn (Payne and Hanek's beyond `REDUCTION_BOUND`) and two
/// polynomials.
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    sin_of(if x.abs() > REDUCTION_BOUND { reduce_large(x) } else { reduce(x) })
}

/// `sin` for |x| <= `REDUCTION_BOUND`.
#[inline(always)]
pub fn sin_quick(x: f64) -> Quick {
    (sin_of(reduce(x)), beyond(x, REDUCTION_BOUND))
}

/// Cosine, by the method of `sin`.
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    cos_of(if x.abs() > REDUCTION_BOUND { reduce_large(x) } else { reduce(x) })
}

/// `cos` for |x| <= `REDUCTION_BOUND`.
#[inline(always)]
pub fn cos_quick(x: f64) -> Quick {
    (cos_of(reduce(x)), beyond(x, REDUCTION_BOUND))
}

/// Tangent, the quotient of the sine and cosine of the reduced argument, both in parts.
#[inline(always)]
pub fn tan(x: f64) -> f64 {
    if x.abs() > REDUCTION_BOUND { tan_of(reduce_large(x)) } else { tan_quick(x).0 }
}

/// `tan` for |x| <= `REDUCTION_BOUND`.
#[inline(always)]
pub fn tan_quick(x: f64) -> Quick {
    let result = tan_of(reduce(x));
    (if x.abs() < 1e-8 { x } else { result }, beyond(x, REDUCTION_BOUND))
}
