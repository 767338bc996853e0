//! Random tensors. What is drawn depends on the generator's state and on positions only, never on the number of
//! threads. Samples carry no gradient.

pub mod discrete;
pub mod fill;
pub mod generator;

pub use discrete::{binomial, categorical, multinomial, multinomial_counts, poisson};
pub use fill::{
    bernoulli, bernoulli_, dropout, exponential_, gamma, normal, normal_, rand, randint, randn, randperm, uniform_,
};
pub use generator::{Generator, default_generator, manual_seed};

use super::derived::floats_only;
use crate::error::{Error, Result};
use crate::random::ParameterError;
use crate::tensor::Tensor;

fn refused(op: &'static str) -> impl Fn(ParameterError) -> Error {
    move |error| Error::value(op, error.to_string())
}

/// A tensor of parameters as float64 in row-major order.
fn parameters(op: &'static str, x: &Tensor) -> Result<Vec<f64>> {
    floats_only(op, x)?;
    x.array().to_vec::<f64>()
}
