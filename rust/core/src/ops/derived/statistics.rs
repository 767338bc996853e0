//! Spread and covariance.

use super::floats_only;
use crate::error::{Error, Result};
use crate::ops::reduce::{Extreme, extreme, mean, var};
use crate::ops::{self, Arg, matmul, view};
use crate::tensor::Tensor;

/// The standard deviation, the root of [`var`]. Its gradient is 0 where it is 0.
pub fn std(x: &Tensor, axes: Option<&[i64]>, correction: f64, keep: bool) -> Result<Tensor> {
    floats_only("std", x)?;
    ops::sqrt(&var(x, axes, correction, keep)?)
}

/// ([`var`], mean) over the same axes.
pub fn var_mean(x: &Tensor, axes: Option<&[i64]>, correction: f64, keep: bool) -> Result<(Tensor, Tensor)> {
    floats_only("var_mean", x)?;
    Ok((var(x, axes, correction, keep)?, mean(x, axes, keep, None)?))
}

/// ([`std`], mean) over the same axes.
pub fn std_mean(x: &Tensor, axes: Option<&[i64]>, correction: f64, keep: bool) -> Result<(Tensor, Tensor)> {
    floats_only("std_mean", x)?;
    Ok((std(x, axes, correction, keep)?, mean(x, axes, keep, None)?))
}

/// (smallest, largest) element along `axis`, or of all.
pub fn aminmax(x: &Tensor, axis: Option<i64>, keep: bool) -> Result<(Tensor, Tensor)> {
    let axis = axis.map(|axis| [axis]);
    let axes = axis.as_ref().map(|axis| axis.as_slice());
    Ok((extreme(Extreme::Min, x, axes, keep)?, extreme(Extreme::Max, x, axes, keep)?))
}

/// The covariances of the rows of `x` (variables), whose columns are observations, with divisor n - `correction`.
pub fn cov(x: &Tensor, correction: f64) -> Result<Tensor> {
    const OP: &str = "cov";
    floats_only(OP, x)?;
    if x.ndim() > 2 {
        return Err(Error::shape(OP, &[x.shape()], "takes at most two axes: variables and observations"));
    }
    let rows = if x.ndim() == 2 { x.clone() } else { view::reshape(x, &[1, -1])? };
    let divisor = (rows.shape()[1] as f64 - correction).max(0.0);
    let centred = ops::sub(&rows, &mean(&rows, Some(&[1]), true, None)?)?;
    let product = matmul::mm(&centred, &view::matrix_transpose(&centred)?)?;
    let product = ops::binary(&ops::binary::div::OP, Arg::Tensor(&product), super::float(divisor))?;
    if x.ndim() == 2 { Ok(product) } else { view::reshape(&product, &[]) }
}

/// Pearson's correlations of the rows of `x`, kept within -1 and 1.
pub fn corrcoef(x: &Tensor) -> Result<Tensor> {
    let c = cov(x, 1.0)?;
    if c.ndim() == 0 {
        return ops::div(&c, &c);
    }
    let deviation = ops::sqrt(&view::diagonal(&c, 0, 0, 1)?)?;
    let scaled = ops::div(&ops::div(&c, &view::unsqueeze(&deviation, 1)?)?, &deviation)?;
    super::activation::clamp(&scaled, Some(super::float(-1.0)), Some(super::float(1.0)))
}
