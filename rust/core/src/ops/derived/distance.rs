//! Distances and directions. Where a distance is zero its gradient is zero.

use super::activation::clamp;
use super::{check_sign, float, floats_only, greater, plus};
use crate::error::{Error, Result};
use crate::layout::{broadcast_shapes, normalize_axis};
use crate::ops::linalg::norm::vector_norm;
use crate::ops::{self, Arg, binary as element, view};
use crate::tensor::Tensor;

/// The p-norm of `a - b` over all elements.
pub fn dist(a: &Tensor, b: &Tensor, p: f64) -> Result<Tensor> {
    vector_norm(&ops::sub(a, b)?, p, None, false)
}

/// `x` over its p-norm along `axis`, or over `eps` where the norm is smaller.
pub fn normalize(x: &Tensor, p: f64, axis: i64, eps: f64) -> Result<Tensor> {
    let length = clamp(&vector_norm(x, p, Some(&[axis]), true)?, Some(float(eps)), None)?;
    ops::div(x, &length)
}

/// The cosine of the angle between vectors along `axis`; each length counts as at least `eps`.
pub fn cosine_similarity(a: &Tensor, b: &Tensor, axis: i64, eps: f64) -> Result<Tensor> {
    const OP: &str = "cosine_similarity";
    let shape = broadcast_shapes(OP, a.shape(), b.shape())?;
    let unit = |x: &Tensor| normalize(&view::broadcast_to(OP, x, &shape)?, 2.0, axis, eps);
    ops::sum(&ops::mul(&unit(a)?, &unit(b)?)?, Some(&[axis]), false, None)
}

/// The p-norm distances between every row of `a` (..., n, d) and every row of `b` (..., m, d), as (..., n, m).
pub fn cdist(a: &Tensor, b: &Tensor, p: f64) -> Result<Tensor> {
    const OP: &str = "cdist";
    floats_only(OP, a)?;
    floats_only(OP, b)?;
    if a.ndim() < 2 || b.ndim() < 2 || a.shape().last() != b.shape().last() {
        let why = "takes two stacks of rows with as many columns: (..., n, d) and (..., m, d)";
        return Err(Error::shape(OP, &[a.shape(), b.shape()], why));
    }
    check_sign(OP, "p", p, true)?;
    broadcast_shapes(OP, &a.shape()[..a.ndim() - 2], &b.shape()[..b.ndim() - 2])?;
    let gap = ops::sub(&view::unsqueeze(a, -2)?, &view::unsqueeze(b, -3)?)?;
    if gap.shape().last() == Some(&0) {
        return ops::sum(&gap, Some(&[-1]), false, None);
    }
    vector_norm(&gap, p, Some(&[-1]), false)
}

/// The p-norm of `a - b + eps` along the last axis.
pub fn pairwise_distance(a: &Tensor, b: &Tensor, p: f64, eps: f64, keep: bool) -> Result<Tensor> {
    broadcast_shapes("pairwise_distance", a.shape(), b.shape())?;
    vector_norm(&plus(&ops::sub(a, b)?, eps)?, p, Some(&[-1]), keep)
}

/// `x` with its parts along `axis` whose p-norm is larger than `largest` scaled down to it.
pub fn renorm(x: &Tensor, p: f64, axis: i64, largest: f64) -> Result<Tensor> {
    const OP: &str = "renorm";
    let axis = normalize_axis(OP, axis, x.ndim())?;
    if x.ndim() < 2 {
        return Err(Error::shape(OP, &[x.shape()], "takes at least 2 axes"));
    }
    check_sign(OP, "p", p, false)?;
    check_sign(OP, "maxnorm", largest, true)?;
    let others: Vec<i64> = (0..x.ndim()).filter(|&a| a != axis).map(|a| a as i64).collect();
    let length = vector_norm(x, p, Some(&others), true)?;
    // PyTorch's guard against division by zero; it makes the norms a little smaller than asked.
    let scale = ops::binary(&element::div::OP, float(largest), Arg::Tensor(&plus(&length, 1e-7)?))?;
    let is_long = greater(&length.detach(), largest)?;
    ops::mul(x, &ops::where_(&is_long, Arg::Tensor(&scale), float(1.0))?)
}
