//! The cardinal sine.

use super::parts::PI_LOW;
use super::{cos_quick, sin_quick};
use std::f64::consts::PI;

/// `sin(pi x) / (pi x)`, 1 at 0. The angle is reduced before it is multiplied, exactly, so that zeros are zeros and
/// large arguments lose nothing.
#[inline(always)]
pub fn sinc(x: f64) -> f64 {
    let whole = x.round_ties_even();
    let r = x - whole;
    let half = 0.5 * whole;
    let odd = half.floor() != half;
    let angle = PI * r;
    let low = r.mul_add(PI_LOW, r.mul_add(PI, -angle));
    let (size, size_low) = (sin_quick(angle).0, cos_quick(angle).0 * low);
    let (size, size_low) = if odd { (-size, -size_low) } else { (size, size_low) };
    let divisor = PI * x;
    let divisor_low = x.mul_add(PI_LOW, x.mul_add(PI, -divisor));
    let ratio = size / divisor;
    // What the quotient of the rounded numbers leaves of the quotient of the exact ones.
    let rest = (-ratio).mul_add(divisor, size) + (-ratio).mul_add(divisor_low, size_low);
    let ratio = ratio + rest / divisor;
    // Where pi x overflows the quotient is a zero already.
    let ratio = if divisor.abs() == f64::INFINITY { size / x } else { ratio };
    // Every zero is +0.
    if x == 0.0 { 1.0 } else { ratio + 0.0 }
}
