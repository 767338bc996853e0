//! Sine, cosine and tangent; `_reduced` forms and `REDUCTION_BOUND` as in `float64`.

use crate::math::float64;
use crate::math::polynomial;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// Largest |x| that `sin_reduced`, `cos_reduced` and `tan_reduced` accept.
pub const REDUCTION_BOUND: f32 = 4294967296.0;

/// What `FRAC_PI_2` leaves of pi / 2.
const FRAC_PI_2_LOW: f64 = 6.123233995736766e-17;
/// Adding this leaves the nearest integer in the low bits of the sum.
const ROUND: f64 = 6755399441055744.0;

/// Sine and cosine of r where x = q pi/2 + r and |r| <= pi/4, to about 37 bits; and q modulo 4, in the low
/// bits.
#[inline(always)]
fn sin_cos(x: f32) -> (u64, f64, f64) {
    let x = f64::from(x);
    let shifted = x.mul_add(FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let r = (-k).mul_add(FRAC_PI_2_LOW, (-k).mul_add(FRAC_PI_2, x));
    let z = r * r;
    let sin = (r * z).mul_add(
        polynomial!(z;
            -0.16666666640743522, 0.008333329298605092, -0.00019839310253406424, 2.7181023210023485e-06,
        ),
        r,
    );
    let cos = polynomial!(z;
        1.0, -0.4999999999954396, 0.04166666656186907, -0.0013888881067029189, 2.47990384961329e-05,
        -2.717991248148416e-07,
    );
    (shifted.to_bits(), sin, cos)
}

#[inline(always)]
fn select(quarter: u64, sin: f64, cos: f64) -> f32 {
    let value = if quarter & 1 == 0 { sin } else { cos };
    (if quarter & 2 == 0 { value } else { -value }) as f32
}

/// `sin` for |x| <= `REDUCTION_BOUND`, branch-free.
#[inline(always)]
pub fn sin_reduced(x: f32) -> f32 {
    let (quarter, sin, cos) = sin_cos(x);
    let result = select(quarter, sin, cos);
    if x == 0.0 { x } else { result }
}

/// `cos` for |x| <= `REDUCTION_BOUND`, branch-free.
#[inline(always)]
pub fn cos_reduced(x: f32) -> f32 {
    let (quarter, sin, cos) = sin_cos(x);
    select(quarter.wrapping_add(1), sin, cos)
}

/// `tan` for |x| <= `REDUCTION_BOUND`, branch-free.
#[inline(always)]
pub fn tan_reduced(x: f32) -> f32 {
    let (quarter, sin, cos) = sin_cos(x);
    let (top, bottom) = if quarter & 1 == 0 { (sin, cos) } else { (-cos, sin) };
    let result = (top / bottom) as f32;
    if x == 0.0 { x } else { result }
}

/// Sine, by Cody and Waite's reduction and a polynomial of degree 9 in `f64` (the `f64` function beyond
/// `REDUCTION_BOUND`); max error 0.51 ULP for every x.
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    if x.abs() > REDUCTION_BOUND { float64::sin(f64::from(x)) as f32 } else { sin_reduced(x) }
}

/// Cosine, by the method of `sin` with a polynomial of degree 10; max error 0.51 ULP for every x.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    if x.abs() > REDUCTION_BOUND { float64::cos(f64::from(x)) as f32 } else { cos_reduced(x) }
}

/// Tangent, the quotient of the sine and cosine of the reduced argument in `f64`; max error 0.51 ULP for
/// every x.
#[inline(always)]
pub fn tan(x: f32) -> f32 {
    if x.abs() > REDUCTION_BOUND { float64::tan(f64::from(x)) as f32 } else { tan_reduced(x) }
}
