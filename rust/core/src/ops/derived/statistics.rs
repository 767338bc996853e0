//! Spread and covariance.

use crate::error::{Error, Result};
use crate::ops::complex::adjoint;
use crate::ops::reduce::{Extreme, extreme, mean, var};
use crate::ops::{self, Arg, matmul, view};
use crate::tensor::Tensor;

/// The standard deviation, the root of [`var`]. Its gradient is 0 where it is 0.
pub fn std(x: &Tensor, axes: Option<&[i64]>, correction: f64, keep: bool) -> Result<Tensor> {
    ops::sqrt(&var(x, axes, correction, keep)?)
}

/// ([`var`], mean) over the same axes.
pub fn var_mean(x: &Tensor, axes: Option<&[i64]>, correction: f64, keep: bool) -> Result<(Tensor, Tensor)> {
    Ok((var(x, axes, correction, keep)?, mean(x, axes, keep, None)?))
}

/// ([`std`], mean) over the same axes.
pub fn std_mean(x: &Tensor, axes: Option<&[i64]>, correction: f64, keep: bool) -> Result<(Tensor, Tensor)> {
    Ok((std(x, axes, correction, keep)?, mean(x, axes, keep, None)?))
}

/// (smallest, largest) element along `axis`, or of all.
pub fn aminmax(x: &Tensor, axis: Option<i64>, keep: bool) -> Result<(Tensor, Tensor)> {
    let axis = axis.map(|axis| [axis]);
    let axes = axis.as_ref().map(|axis| axis.as_slice());
    Ok((extreme(Extreme::Min, x, axes, keep)?, extreme(Extreme::Max, x, axes, keep)?))
}

/// The covariances of the rows of `x` (variables), whose columns are observations, with divisor n - `correction`. Each
/// observation counts as often as `frequencies` say (integers) and with the importance `weights` (floats).
pub fn cov(x: &Tensor, correction: f64, frequencies: Option<&Tensor>, weights: Option<&Tensor>) -> Result<Tensor> {
    const OP: &str = "cov";
    if x.ndim() > 2 {
        return Err(Error::shape(OP, &[x.shape()], "takes at most two axes: variables and observations"));
    }
    let x = ops::cast(x, x.dtype().to_float(ops::default_float()))?;
    let rows = if x.ndim() == 2 { x.clone() } else { view::reshape(&x, &[1, -1])? };
    let n = rows.shape()[1];
    for given in [frequencies, weights].into_iter().flatten() {
        if given.shape() != [n] {
            return Err(Error::shape(OP, &[x.shape(), given.shape()], "needs one weight for each observation"));
        }
        if n > 0 && extreme(Extreme::Min, given, None, false)?.array().first().as_f64() < 0.0 {
            return Err(Error::value(OP, "weights cannot be negative"));
        }
    }
    if let Some(frequencies) = frequencies.filter(|f| f.dtype().is_float()) {
        return Err(Error::dtype(OP, &[frequencies.dtype()], "fweights count observations: integers"));
    }
    let weight = match (frequencies, weights) {
        (Some(f), Some(a)) => Some(ops::mul(a, f)?),
        (one, other) => one.or(other).cloned(),
    };
    let Some(weight) = weight else {
        let centred = ops::sub(&rows, &mean(&rows, Some(&[1]), true, None)?)?;
        let product = matmul::mm(&centred, &adjoint(&centred)?)?;
        return scaled(&x, &product, super::float((n as f64 - correction).max(0.0)));
    };
    let weight = ops::cast(&weight, rows.dtype().real())?;
    let total = ops::sum(&weight, None, false, None)?;
    let average = ops::div(&ops::sum(&ops::mul(&rows, &weight)?, Some(&[1]), true, None)?, &total)?;
    let centred = ops::sub(&rows, &average)?;
    let product = matmul::mm(&ops::mul(&centred, &weight)?, &adjoint(&centred)?)?;
    let lost = match weights {
        Some(a) => ops::div(&ops::sum(&ops::mul(&weight, a)?, None, false, None)?, &total)?,
        None => ops::ones_like(&total)?,
    };
    let divisor = ops::sub(&total, &super::times(&lost, correction)?)?;
    let divisor = super::activation::clamp(&divisor, Some(super::float(0.0)), None)?;
    scaled(&x, &product, Arg::Tensor(&ops::cast(&divisor, rows.dtype().real())?))
}

/// The product over the divisor; of a vector the single variance.
fn scaled(x: &Tensor, product: &Tensor, divisor: Arg) -> Result<Tensor> {
    let c = ops::binary(&ops::binary::div::OP, Arg::Tensor(product), divisor)?;
    if x.ndim() == 2 { Ok(c) } else { view::reshape(&c, &[]) }
}

/// Pearson's correlations of the rows of `x`, kept within -1 and 1.
pub fn corrcoef(x: &Tensor) -> Result<Tensor> {
    let c = cov(x, 1.0, None, None)?;
    if c.ndim() == 0 {
        return ops::div(&c, &c);
    }
    let variance = view::diagonal(&c, 0, 0, 1)?;
    let variance = if c.dtype().is_complex() { ops::complex::real(&variance)? } else { variance };
    let deviation = ops::sqrt(&variance)?;
    let scaled = ops::div(&ops::div(&c, &view::unsqueeze(&deviation, 1)?)?, &deviation)?;
    if c.dtype().is_complex() {
        return Ok(scaled);
    }
    super::activation::clamp(&scaled, Some(super::float(-1.0)), Some(super::float(1.0)))
}
