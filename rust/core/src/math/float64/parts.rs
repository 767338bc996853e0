//! Numbers in two parts: sums, products and quotients together with their rounding errors.

/// A number as a sum of two floats, the second of which is below the last place of the first or nearly so.
pub(in crate::math) type Parts = (f64, f64);

/// Pi, and what the nearest `f64` leaves of it.
pub(super) const PI_PARTS: Parts = (std::f64::consts::PI, PI_LOW);
pub(super) const PI_LOW: f64 = 1.2246467991473532e-16;

/// `a + b` and its rounding error.
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> Parts {
    let sum = a + b;
    let back = sum - a;
    (sum, (a - (sum - back)) + (b - back))
}

/// `a + b` and its rounding error, for |a| >= |b|.
#[inline(always)]
pub(super) fn ordered_sum(a: f64, b: f64) -> Parts {
    let sum = a + b;
    (sum, (a - sum) + b)
}

#[inline(always)]
pub(super) fn negative((a, a_low): Parts) -> Parts {
    (-a, -a_low)
}

/// Sum of two numbers in parts.
#[inline(always)]
pub(super) fn add((a, a_low): Parts, (b, b_low): Parts) -> Parts {
    let (sum, error) = two_sum(a, b);
    (sum, error + (a_low + b_low))
}

/// Product of two numbers in parts.
#[inline(always)]
pub(super) fn product((a, a_low): Parts, (b, b_low): Parts) -> Parts {
    let high = a * b;
    (high, a.mul_add(b_low, a_low.mul_add(b, a.mul_add(b, -high))))
}

/// Quotient of two numbers in parts: one division, and the remainder divided in turn.
#[inline(always)]
pub(super) fn quotient((a, a_low): Parts, (b, b_low): Parts) -> Parts {
    let inverse = 1.0 / b;
    let ratio = a * inverse;
    let remainder = (-ratio).mul_add(b, a) + (-ratio).mul_add(b_low, a_low);
    (ratio, remainder * inverse)
}
