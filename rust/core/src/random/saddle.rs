//! The parts of a factorial's logarithm that keep large counts exact
//! (C. Loader, "Fast and accurate computation of binomial probabilities", 2000).

use crate::math::float64::log;

/// `x log(x / mean) + mean - x`, without the cancellation near `x = mean`. Both arguments are positive.
#[inline(always)]
pub(super) fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * log(x / mean) - difference;
    }
    let ratio = difference / (x + mean);
    let square = ratio * ratio;
    let mut sum = difference * ratio;
    let mut power = 2.0 * x * ratio;
    let mut odd = 3.0;
    // `square` is below 0.01, so this takes ten steps at most.
    loop {
        power *= square;
        let next = sum + power / odd;
        if next == sum {
            return sum;
        }
        sum = next;
        odd += 2.0;
    }
}

/// `log(k!) - log(2 pi) / 2 - (k + 1/2) log(k + 1) + (k + 1)`, for whole `k >= 0`, to 1e-12.
#[inline(always)]
pub(super) fn stirling_tail(k: f64) -> f64 {
    /// Exact values below 10, from 40-digit arithmetic.
    const SMALL: [f64; 10] = [
        0.08106146679532726,
        0.0413406959554093,
        0.02767792568499834,
        0.020790672103765093,
        0.016644691189821193,
        0.013876128823070748,
        0.01189670994589177,
        0.010411265261972096,
        0.009255462182712733,
        0.00833056343336287,
    ];
    if k < 10.0 {
        return SMALL[k as usize];
    }
    let x = 1.0 / (k + 1.0);
    let x2 = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - x2 / 1680.0) * x2) * x2) * x
}
