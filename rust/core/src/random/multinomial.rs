//! Multinomial counts.

use super::categorical::scaled_weights;
use super::{Binomial, ParameterError, Stream};

/// How many of a number of trials fall into each category; the counts sum to the trials exactly.
#[derive(Clone, Debug)]
pub struct Multinomial {
    /// Probability of each category given that no earlier one was taken: exactly 0 for a category of weight zero and
    /// exactly 1 for the last one of positive weight.
    conditional: Vec<f64>,
}

impl Multinomial {
    /// Weights need not sum to 1. They must be finite and not negative, and one must be positive.
    pub fn new(weights: &[f64]) -> Result<Self, ParameterError> {
        let mut conditional = scaled_weights(weights)?;
        let mut rest = 0.0;
        for weight in conditional.iter_mut().rev() {
            rest += *weight;
            if *weight > 0.0 {
                *weight /= rest;
            }
        }
        Ok(Self { conditional })
    }

    /// The number of categories.
    pub fn categories(&self) -> usize {
        self.conditional.len()
    }

    /// One vector of counts, by a binomial draw for each category out of the trials that are left. Category `i` reads
    /// source `first + i` of the stream, so row `r` of a batch starts at `r * categories()`. At most 2^53 trials.
    ///
    /// # Panics
    /// When `out` does not have one place for each category.
    pub fn sample(&self, trials: u64, stream: &Stream, first: u64, out: &mut [u64]) -> Result<(), ParameterError> {
        assert_eq!(out.len(), self.categories(), "multinomial: one count for each category");
        let mut left = trials;
        for ((count, &probability), index) in out.iter_mut().zip(&self.conditional).zip(first..) {
            let binomial = Binomial::new(left, probability)?;
            *count = if left == 0 { 0 } else { binomial.sample(&mut stream.source(index)) };
            left -= *count;
        }
        Ok(())
    }
}
