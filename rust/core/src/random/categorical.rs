//! Draws from a finite set of weights.

use super::{ParameterError, Source};

/// Draws an index in constant time with probability proportional to its weight.
///
/// M. D. Vose, "A linear algorithm for generating random numbers with a given distribution", 1991.
#[derive(Clone, Debug)]
pub struct AliasTable {
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Share of the slot that keeps its own index; the rest goes to `alias`.
    keep: f64,
    alias: usize,
}

impl AliasTable {
    /// Weights need not sum to 1. They must be finite and not negative, and one must be positive; an index of weight
    /// zero is never drawn.
    pub fn new(weights: &[f64]) -> Result<Self, ParameterError> {
        let scaled = scaled_weights(weights)?;
        let total: f64 = scaled.iter().sum();
        let mut shares: Vec<f64> = scaled.iter().map(|w| w * (scaled.len() as f64 / total)).collect();
        // `scaled` has its largest weight at exactly 1.
        let heaviest = scaled.iter().position(|&w| w == 1.0).unwrap_or(0);
        // What rounding leaves over keeps its own index whole, unless that index must never be drawn.
        let mut slots: Vec<Slot> =
            scaled.iter().map(|&w| Slot { keep: if w > 0.0 { 1.0 } else { 0.0 }, alias: heaviest }).collect();
        let (mut light, mut heavy): (Vec<usize>, Vec<usize>) = (0..shares.len()).partition(|&i| shares[i] < 1.0);
        while let (Some(&small), Some(&large)) = (light.last(), heavy.last()) {
            light.pop();
            slots[small] = Slot { keep: shares[small], alias: large };
            shares[large] = (shares[large] + shares[small]) - 1.0;
            if shares[large] < 1.0 {
                heavy.pop();
                light.push(large);
            }
        }
        Ok(Self { slots })
    }

    /// The number of weights.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Never true: a table has a positive weight.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// One index.
    #[inline]
    pub fn sample(&self, source: &mut Source) -> usize {
        let index = source.below(self.slots.len() as u64) as usize;
        let slot = self.slots[index];
        if source.uniform() < slot.keep { index } else { slot.alias }
    }
}

/// The weights over the largest of them, so that sums cannot overflow.
pub(super) fn scaled_weights(weights: &[f64]) -> Result<Vec<f64>, ParameterError> {
    if let Some(index) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(ParameterError::Weight { index, value: weights[index] });
    }
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(ParameterError::NoWeight { count: weights.len() });
    }
    Ok(weights.iter().map(|w| w / largest).collect())
}
