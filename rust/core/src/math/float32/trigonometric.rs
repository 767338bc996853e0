//! Sine, cosine and tangent.

use super::{Quick, beyond};
use crate::math::{float64, polynomial};
use std::f32::consts::FRAC_2_PI;

/// Largest |x| that is reduced here; `float64` does the rest.
const REDUCTION_BOUND: f32 = 131072.0;

/// pi / 2 in three parts, the first rounded down: what is taken from a zero must be +0, which keeps its sign.
const FRAC_PI_2_HIGH: f32 = f32::from_bits(0x3fc9_0fda);
const FRAC_PI_2_MIDDLE: f32 = 7.54979e-8;
const FRAC_PI_2_LOW: f32 = -1.7151245e-15;
/// Adding this leaves the nearest integer in the low bits of the sum.
const ROUND: f32 = 12582912.0;

/// x = q pi/2 + r - r_low with |r| <= pi/4 and a little, for |x| <= `REDUCTION_BOUND`; returns q modulo 4 in the low
/// bits. Cody and Waite's reduction in three parts: the first step is exact because it is fused, and so is the
/// rounding error of the second, because `exact` is a multiple of the last place of `product`.
#[inline(always)]
fn reduce(x: f32) -> (u32, f32, f32) {
    let shifted = x.mul_add(FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let exact = (-k).mul_add(FRAC_PI_2_HIGH, x);
    let product = k * FRAC_PI_2_MIDDLE;
    let r = exact - product;
    let low = k.mul_add(FRAC_PI_2_LOW, k.mul_add(FRAC_PI_2_MIDDLE, r - exact));
    (shifted.to_bits(), r, low)
}

/// Sine of x + quarters * pi/2: polynomials of degree 7 for the sine of r and 8 for its cosine.
#[inline(always)]
fn sin_of(x: f32, quarters: u32) -> f32 {
    let (quarter, r, low) = reduce(x);
    let quarter = quarter.wrapping_add(quarters);
    let z = r * r;
    let s = polynomial!(z; 0.16666654, -0.008332106, 0.00019507894);
    let sin = r - (r * z).mul_add(s, low);
    let c = polynomial!(z; -0.5, 0.041666646, -0.0013887308, 2.4432089e-5);
    let cos = r.mul_add(r.mul_add(c, low), 1.0);
    let value = if quarter & 1 == 0 { sin } else { cos };
    f32::from_bits(value.to_bits() ^ (quarter << 30 & 0x8000_0000))
}

/// Sine, by Cody and Waite's reduction and two polynomials (the `f64` function beyond `REDUCTION_BOUND`).
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    if x.abs() > REDUCTION_BOUND { float64::sin(f64::from(x)) as f32 } else { sin_of(x, 0) }
}

/// `sin` for |x| <= `REDUCTION_BOUND`.
#[inline(always)]
pub fn sin_quick(x: f32) -> Quick {
    (sin_of(x, 0), beyond(x, REDUCTION_BOUND))
}

/// Cosine, by the method of `sin`.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    if x.abs() > REDUCTION_BOUND { float64::cos(f64::from(x)) as f32 } else { sin_of(x, 1) }
}

/// `cos` for |x| <= `REDUCTION_BOUND`.
#[inline(always)]
pub fn cos_quick(x: f32) -> Quick {
    (sin_of(x, 1), beyond(x, REDUCTION_BOUND))
}

/// Tangent of r - low by a polynomial of degree 15 whose cubic term has the rounding error of r^2, or its negative
/// reciprocal with one correction of the quotient.
#[inline(always)]
fn tan_of(x: f32) -> f32 {
    let (quarter, r, low) = reduce(x);
    let z = r * r;
    let t = polynomial!(z;
        -0.33333352, -0.13332577, -0.05406987, -0.021230027, -0.010972788, 8.622434e-5, -0.0044639977,
    );
    let cube = r.mul_add(r.mul_add(r, -z), r * z);
    // The derivative 1 + tan(r)^2 is about 1 + r^2 + r^4.
    let less = cube.mul_add(t, low.mul_add(z.mul_add(z, z), low));
    let high = r - less;
    let rest = (r - high) - less;
    let inverse = -1.0 / high;
    let missing = inverse.mul_add(rest, inverse.mul_add(high, 1.0));
    if quarter & 1 == 0 { high } else { inverse.mul_add(missing, inverse) }
}

/// Tangent, by the reduction of `sin` and a polynomial.
#[inline(always)]
pub fn tan(x: f32) -> f32 {
    if x.abs() > REDUCTION_BOUND { float64::tan(f64::from(x)) as f32 } else { tan_of(x) }
}

/// `tan` for |x| <= `REDUCTION_BOUND`.
#[inline(always)]
pub fn tan_quick(x: f32) -> Quick {
    (tan_of(x), beyond(x, REDUCTION_BOUND))
}
