//! Binomial and Poisson counts: inversion for small means, transformed rejection with squeeze for the others
//! (W. Hörmann, algorithms BTRS and PTRS: J. Stat. Comput. Simul. 46 and Insur. Math. Econ. 12, both 1993).

use super::isa::fused;
use super::saddle::{deviance, stirling_tail};
use super::{ParameterError, Source};
use crate::math::float64::{exp, log, log1p};

const MAX_TRIALS: u64 = 1 << 53;
/// A larger rate would give counts above 2^53, which float64 cannot hold exactly.
const MAX_RATE: f64 = 4_503_599_627_370_496.0;
/// Mean from which rejection is used.
const INVERSION_MEAN: f64 = 10.0;
/// Inversion starts again above this count: a mean below 10 passes it with probability 1e-70, or by rounding.
const INVERSION_LIMIT: f64 = 110.0;

/// The number of successes in `trials` independent trials of one probability.
#[derive(Clone, Debug)]
pub struct Binomial {
    trials: f64,
    /// Counts are drawn for the rarer of success and failure, which has probability `p`.
    counts_failures: bool,
    p: f64,
    method: Method,
}

/// The number of events when `rate` of them are expected.
#[derive(Clone, Debug)]
pub struct Poisson {
    rate: f64,
    method: Method,
}

#[derive(Clone, Debug)]
enum Method {
    /// The probability of a count of zero.
    Inversion(f64),
    Rejection(Hat),
}

impl Binomial {
    /// At most 2^53 trials, `probability` in [0, 1].
    pub fn new(trials: u64, probability: f64) -> Result<Self, ParameterError> {
        if trials > MAX_TRIALS {
            return Err(ParameterError::Trials { value: trials });
        }
        if !(0.0..=1.0).contains(&probability) {
            return Err(ParameterError::Probability { value: probability });
        }
        let counts_failures = probability > 0.5;
        let p = if counts_failures { 1.0 - probability } else { probability };
        let n = trials as f64;
        let method = binomial_method(n, p);
        Ok(Self { trials: n, counts_failures, p, method })
    }

    /// One count.
    pub fn sample(&self, source: &mut Source) -> u64 {
        let rarer = binomial_sample(self, source);
        (if self.counts_failures { self.trials - rarer } else { rarer }) as u64
    }
}

impl Poisson {
    /// `rate` in [0, 2^52].
    pub fn new(rate: f64) -> Result<Self, ParameterError> {
        if !(0.0..=MAX_RATE).contains(&rate) {
            return Err(ParameterError::Rate { value: rate });
        }
        let method = poisson_method(rate);
        Ok(Self { rate, method })
    }

    /// One count.
    pub fn sample(&self, source: &mut Source) -> u64 {
        poisson_sample(self, source) as u64
    }
}

fused! {
    fn binomial_method(n: f64, p: f64) -> Method {
        if n * p < INVERSION_MEAN {
            return Method::Inversion(exp(n * log1p(-p)));
        }
        let deviation = (n * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * deviation;
        Method::Rejection(Hat {
            centre: n * p + 0.5,
            a: -0.0873 + 0.0248 * b + 0.01 * p,
            b,
            quick: 0.92 - 4.2 / b,
            log_scale: log((2.83 + 5.1 / b) * deviation) + binomial_term(n, p, ((n + 1.0) * p).floor()),
        })
    }
}

fused! {
    fn binomial_sample(binomial: &Binomial, source: &mut Source) -> f64 {
        let (n, p) = (binomial.trials, binomial.p);
        match &binomial.method {
            Method::Inversion(none) => {
                let odds = p / (1.0 - p);
                invert(*none, n, |count| odds * ((n + 1.0) / count - 1.0), source)
            }
            Method::Rejection(hat) => hat.sample(n, |count| binomial_term(n, p, count), source),
        }
    }
}

fused! {
    fn poisson_method(rate: f64) -> Method {
        if rate < INVERSION_MEAN {
            return Method::Inversion(exp(-rate));
        }
        let b = 0.931 + 2.53 * rate.sqrt();
        Method::Rejection(Hat {
            centre: rate + 0.43,
            a: -0.059 + 0.02483 * b,
            b,
            quick: 0.9277 - 3.6224 / (b - 2.0),
            // The probability of `k` is exp(poisson_term(k)) / (rate sqrt(2 pi)).
            log_scale: log((1.1239 + 1.1328 / (b - 3.4)) * rate * std::f64::consts::TAU.sqrt()),
        })
    }
}

fused! {
    fn poisson_sample(poisson: &Poisson, source: &mut Source) -> f64 {
        let rate = poisson.rate;
        match &poisson.method {
            Method::Inversion(none) => invert(*none, f64::INFINITY, |count| rate / count, source),
            Method::Rejection(hat) => hat.sample(f64::INFINITY, |count| poisson_term(rate, count), source),
        }
    }
}

/// Walks up the probabilities of 0, 1, 2, ... until they use up a uniform number. `ratio(k)` is the probability of
/// `k` over that of `k - 1`.
#[inline(always)]
fn invert(none: f64, largest: f64, ratio: impl Fn(f64) -> f64, source: &mut Source) -> f64 {
    let limit = largest.min(INVERSION_LIMIT);
    loop {
        let (mut left, mut term, mut count) = (source.uniform(), none, 0.0);
        while count <= limit {
            if left < term {
                return count;
            }
            left -= term;
            count += 1.0;
            term *= ratio(count);
        }
    }
}

/// Hörmann's table-mountain hat over a bell of counts, in his names.
#[derive(Clone, Debug)]
struct Hat {
    centre: f64,
    a: f64,
    b: f64,
    /// Height below which the flat part of the hat accepts without looking at the probability.
    quick: f64,
    /// Height of the hat, in the units of the term that it is compared with.
    log_scale: f64,
}

impl Hat {
    /// One count of `0..=largest`, with probability proportional to `exp(log_term(count))`.
    #[inline(always)]
    fn sample(&self, largest: f64, log_term: impl Fn(f64) -> f64, source: &mut Source) -> f64 {
        loop {
            let (u, v) = (source.uniform() - 0.5, source.open_uniform());
            let edge = 0.5 - u.abs();
            let count = ((2.0 * self.a / edge + self.b) * u + self.centre).floor();
            // At u = -1/2 the edge is zero and the count minus infinity.
            if !(0.0..=largest).contains(&count) || !count.is_finite() {
                continue;
            }
            if edge >= 0.07 && v <= self.quick {
                return count;
            }
            if log(v / (self.a / (edge * edge) + self.b)) + self.log_scale <= log_term(count) {
                return count;
            }
        }
    }
}

/// The logarithm of the binomial probability of `k` plus a constant, in a form that stays exact for 2^53 trials, where
/// differences of `n log n` would not.
#[inline(always)]
fn binomial_term(n: f64, p: f64, k: f64) -> f64 {
    let (successes, failures) = (k + 1.0, n - k + 1.0);
    0.5 * log(successes * failures)
        - deviance(successes, (n + 2.0) * p)
        - deviance(failures, (n + 2.0) * (1.0 - p))
        - stirling_tail(k)
        - stirling_tail(n - k)
}

/// The same for the Poisson probability.
#[inline(always)]
fn poisson_term(rate: f64, k: f64) -> f64 {
    0.5 * log(k + 1.0) - deviance(k + 1.0, rate) - stirling_tail(k)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(x: f64, exact: f64, tolerance: f64) {
        assert!((x / exact - 1.0).abs() < tolerance, "{x} is not {exact}");
    }

    #[test]
    fn terms_are_the_exact_probabilities() {
        let (n, p) = (60.0_f64, 0.3_f64);
        let mut ratio = 1.0;
        for k in 1..=60 {
            ratio *= (n - f64::from(k) + 1.0) / f64::from(k) * (p / (1.0 - p));
            close(exp(binomial_term(n, p, f64::from(k)) - binomial_term(n, p, 0.0)), ratio, 1e-10);
        }
        let rate = 25.0_f64;
        let mut probability = (-rate).exp();
        for k in 0..90 {
            let scale = rate * std::f64::consts::TAU.sqrt();
            close(exp(poisson_term(rate, f64::from(k))) / scale, probability, 1e-10);
            probability *= rate / f64::from(k + 1);
        }
    }

    /// From 60-digit arithmetic: log P(mean + d) - log P(mean) for 2^53 trials.
    #[test]
    fn terms_stay_exact_for_the_largest_counts() {
        const CASES: [(f64, f64, f64); 9] = [
            (0.5, -189812531.0, -7.999999979052756),
            (0.5, 23726566.0, -0.12499999572143226),
            (0.5, 284718796.0, -17.999999889648436),
            (0.25, -164382474.0, -8.000000103709556),
            (0.25, 20547809.0, -0.12499999971940748),
            (0.25, 246573711.0, -17.999999594592293),
            (9.5367431640625e-07, -370727.0, -8.000075241608265),
            (9.5367431640625e-07, 46340.0, -0.12499746670078456),
            (9.5367431640625e-07, 556091.0, -17.999635217648564),
        ];
        let n = MAX_TRIALS as f64;
        for (p, d, exact) in CASES {
            let mean = n * p;
            let found = binomial_term(n, p, mean + d) - binomial_term(n, p, mean);
            assert!((found - exact).abs() < 1e-7, "{found} is not {exact}");
        }
    }

    /// The published constants, and the scale that turns the hat's height into a ratio to the mode.
    #[test]
    fn hats_have_their_published_constants() {
        let Method::Rejection(hat) = binomial_method(100.0, 0.3) else { unreachable!("a mean of 30") };
        let deviation = 21.0_f64.sqrt();
        let b = 1.15 + 2.53 * deviation;
        let found = [hat.b, hat.a, hat.quick, hat.centre, hat.log_scale - binomial_term(100.0, 0.3, 30.0)];
        let published = [b, -0.0873 + 0.0248 * b + 0.003, 0.92 - 4.2 / b, 30.5, ((2.83 + 5.1 / b) * deviation).ln()];
        found.into_iter().zip(published).for_each(|(x, y)| close(x, y, 1e-14));
        let Method::Rejection(hat) = poisson_method(25.0) else { unreachable!("a rate of 25") };
        let b = 0.931 + 2.53 * 5.0;
        let scale = 25.0 * std::f64::consts::TAU.sqrt();
        let found = [hat.b, hat.a, hat.quick, hat.centre, exp(hat.log_scale) / scale];
        let published = [b, -0.059 + 0.02483 * b, 0.9277 - 3.6224 / (b - 2.0), 25.43, 1.1239 + 1.1328 / (b - 3.4)];
        found.into_iter().zip(published).for_each(|(x, y)| close(x, y, 1e-14));
    }
}
