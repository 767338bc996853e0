//! Sums and products with their rounding errors.

/// `a + b` and its rounding error (Knuth).
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let back = sum - a;
    (sum, (a - (sum - back)) + (b - back))
}

/// `a * b` and its rounding error.
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// The sum of the terms as if in threefold precision, rounded: `SumK` of Ogita, Rump and Oishi (2005) with K = 3.
#[inline(always)]
pub(super) fn sum_precisely<const N: usize>(mut terms: [f64; N]) -> f64 {
    for _ in 0..2 {
        for i in 1..N {
            (terms[i], terms[i - 1]) = two_sum(terms[i], terms[i - 1]);
        }
    }
    terms.iter().sum()
}
