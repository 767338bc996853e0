//! Random numbers against exact probabilities.
//!
//! Seeds are fixed. With a fresh seed each statistical check would fail a right sampler with probability 2e-6
//! (chi-square: 1e-6 on either side, so a fit that is too good fails too; Kolmogorov-Smirnov and tails: 1e-6), and the
//! whole file with less than 2e-4. Critical values and quantiles are from SciPy 1.17.

mod checks;
mod fills;
mod samplers;
