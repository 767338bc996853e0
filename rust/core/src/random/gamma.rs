//! Gamma variates.

use super::isa::fused;
use super::{ParameterError, Source};
use crate::math::float64::{exp, log, log1p};

/// The gamma distribution of a shape, with scale 1.
///
/// G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).
#[derive(Clone, Debug)]
pub struct Gamma {
    /// Shape of the variate drawn by rejection, less 1/3; a shape below 1 is drawn as shape + 1 and scaled down.
    d: f64,
    c: f64,
    boost: Option<f64>,
}

impl Gamma {
    /// `shape` positive and finite.
    pub fn new(shape: f64) -> Result<Self, ParameterError> {
        if !(shape > 0.0 && shape.is_finite()) {
            return Err(ParameterError::Shape { value: shape });
        }
        let boost = (shape < 1.0).then_some(1.0 / shape);
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Ok(Self { d, c: 1.0 / (9.0 * d).sqrt(), boost })
    }

    /// One variate. It can be 0 when the shape is so small that the variate is below the smallest float64.
    pub fn sample(&self, source: &mut Source) -> f64 {
        gamma_sample(self, source)
    }

    /// The logarithm of one variate (the same variate as `sample`): finite where a tiny shape makes `sample` 0,
    /// which keeps ratios of gamma variates (beta, Dirichlet) right.
    pub fn sample_log(&self, source: &mut Source) -> f64 {
        gamma_sample_log(self, source)
    }
}

fused! {
    fn gamma_sample(gamma: &Gamma, source: &mut Source) -> f64 {
        let large = gamma.d * accepted_cube(gamma, source);
        match gamma.boost {
            None => large,
            Some(boost) => large * exp(log(source.open_uniform()) * boost),
        }
    }
}

fused! {
    fn gamma_sample_log(gamma: &Gamma, source: &mut Source) -> f64 {
        let log_large = log(gamma.d * accepted_cube(gamma, source));
        match gamma.boost {
            None => log_large,
            Some(boost) => log_large + log(source.open_uniform()) * boost,
        }
    }
}

/// `(1 + c x)^3` for the first normal `x` that is accepted.
#[inline(always)]
fn accepted_cube(gamma: &Gamma, source: &mut Source) -> f64 {
    loop {
        let x = source.normal_inline();
        let u = source.open_uniform();
        let t = gamma.c * x;
        if t <= -1.0 {
            continue;
        }
        let root = 1.0 + t;
        let cube = root * root * root;
        let x2 = x * x;
        if u < 1.0 - 0.0331 * x2 * x2 {
            return cube;
        }
        // 1 - cube + log(cube) in terms of t, which does not cancel for large shapes.
        let bound = 0.5 * x2 + gamma.d * (3.0 * log1p(t) - t * (3.0 + t * (3.0 + t)));
        if log(u) < bound {
            return cube;
        }
    }
}
