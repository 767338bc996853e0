//! Integrals and derivatives of sampled functions.

use super::times;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::normalize_axis;
use crate::ops::arrange::{diff, part};
use crate::ops::{self, create, default_float, scan, view};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// Where the samples of a function lie along an axis.
#[derive(Clone, Copy)]
pub enum Spacing<'a> {
    /// That far apart.
    Even(f64),
    /// At these places: a vector, or a tensor that broadcasts with the samples.
    At(&'a Tensor),
}

/// A vector along `axis` of a tensor with `ndim` axes.
fn along(x: &Tensor, axis: usize, ndim: usize) -> Result<Tensor> {
    let mut shape = vec![1; ndim];
    shape[axis] = -1;
    view::reshape(x, &shape)
}

/// The areas of the trapezia between neighbours along `axis`.
fn areas(op: &'static str, y: &Tensor, spacing: Spacing, axis: usize) -> Result<Tensor> {
    let n = y.shape()[axis];
    let len = n.saturating_sub(1);
    let pairs = ops::add(&part(y, axis, n - len, len), &part(y, axis, 0, len))?;
    match spacing {
        Spacing::Even(gap) => times(&pairs, gap / 2.0),
        Spacing::At(x) => {
            let x = if x.ndim() == 1 && y.ndim() > 1 { along(x, axis, y.ndim())? } else { x.clone() };
            let place = (axis + x.ndim()).checked_sub(y.ndim()).filter(|&place| x.shape()[place] == n);
            let place = place.ok_or_else(|| {
                let why = format!("needs one place for each of the {n} samples along axis {axis}");
                Error::shape(op, &[y.shape(), x.shape()], why)
            })?;
            times(&ops::mul(&diff(&x, 1, place as i64)?, &pairs)?, 0.5)
        }
    }
}

/// The integral along `axis` by the trapezoidal rule.
pub fn trapezoid(y: &Tensor, spacing: Spacing, axis: i64) -> Result<Tensor> {
    const OP: &str = "trapezoid";
    let axis = normalize_axis(OP, axis, y.ndim())?;
    ops::sum(&areas(OP, y, spacing, axis)?, Some(&[axis as i64 - y.ndim() as i64]), false, None)
}

/// The integrals from the first sample to each further one along `axis`, by the trapezoidal rule.
pub fn cumulative_trapezoid(y: &Tensor, spacing: Spacing, axis: i64) -> Result<Tensor> {
    const OP: &str = "cumulative_trapezoid";
    let axis = normalize_axis(OP, axis, y.ndim())?;
    scan::cumsum(&areas(OP, y, spacing, axis)?, axis as i64 - y.ndim() as i64, None)
}

/// The derivative along `axis` from neighbours: central differences of second order, and at both ends one-sided ones of
/// order `edge_order`, 1 or 2.
pub fn gradient(x: &Tensor, spacing: Spacing, axis: i64, edge_order: i64) -> Result<Tensor> {
    const OP: &str = "gradient";
    let axis = normalize_axis(OP, axis, x.ndim())?;
    let n = x.shape()[axis];
    if !(1..=2).contains(&edge_order) {
        return Err(Error::value(OP, format!("edge_order is 1 or 2, got {edge_order}")));
    }
    if n <= edge_order as usize {
        let why = format!("axis {axis} needs at least {} samples", edge_order + 1);
        return Err(Error::shape(OP, &[x.shape()], why));
    }
    let x = ops::cast(x, x.dtype().to_float(default_float()))?;
    let gaps = gaps(OP, &x, spacing, axis)?;
    let value = |i: usize, len: usize| part(&x, axis, i, len);
    let gap = |i: usize, len: usize| part(&gaps, axis, i, len);
    let slopes = ops::div(&ops::sub(&value(1, n - 1), &value(0, n - 1))?, &gaps)?;
    let slope = |i: usize, len: usize| part(&slopes, axis, i, len);
    // Each slope counts with the length of the other side.
    let mean = |(a, wa): (Tensor, Tensor), (b, wb): (Tensor, Tensor)| {
        ops::div(&ops::add(&ops::mul(&a, &wa)?, &ops::mul(&b, &wb)?)?, &ops::add(&wa, &wb)?)
    };
    let inner = mean((slope(0, n - 2), gap(1, n - 2)), (slope(1, n - 2), gap(0, n - 2)))?;
    // The parabola through three samples at the end: the slope there less half the curvature over the first gap.
    let end = |near: usize, far: usize| -> Result<Tensor> {
        if edge_order == 1 {
            return Ok(slope(near, 1));
        }
        let bend = ops::div(&ops::sub(&slope(near, 1), &slope(far, 1))?, &ops::add(&gap(near, 1), &gap(far, 1))?)?;
        ops::add(&slope(near, 1), &ops::mul(&bend, &gap(near, 1))?)
    };
    let (first, last) = (end(0, 1)?, end(n - 2, n.saturating_sub(3))?);
    ops::cat(&[first, inner, last], axis as i64)
}

/// The distances of neighbouring samples along `axis`, in the dtype of `x`.
fn gaps(op: &'static str, x: &Tensor, spacing: Spacing, axis: usize) -> Result<Tensor> {
    let n = x.shape()[axis];
    let gaps = match spacing {
        Spacing::Even(gap) => {
            let dtype: Option<DType> = Some(x.dtype());
            create::full(&[n as i64 - 1], Scalar::Float(gap), dtype)?
        }
        Spacing::At(places) if places.shape() == [n] => ops::cast(&diff(places, 1, 0)?, x.dtype())?,
        Spacing::At(places) => {
            let why = format!("needs a vector of {n} places for axis {axis}");
            return Err(Error::shape(op, &[x.shape(), places.shape()], why));
        }
    };
    along(&gaps, axis, x.ndim())
}
