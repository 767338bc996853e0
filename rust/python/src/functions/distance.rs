//! Distances and directions.

use crate::convert::{Axis, Flag, Float, Input, axis_or};
use crate::error::Result;
use crate::functions::in_place;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::Tensor;
use diffkit_core::ops::derived::distance;
use pyo3::prelude::*;

/// The p-norm of `input - other` over all elements.
///
/// >>> diffkit.dist(diffkit.tensor([1., 2.]), diffkit.tensor([4., 6.]))
/// tensor(5.)
#[pyfunction]
#[pyo3(signature = (input, other, p = Float(2.0)))]
pub fn dist(py: Python<'_>, input: Input<'_>, other: Input<'_>, p: Float) -> Out {
    let p = p.0;
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, a.numel().max(b.numel()), || distance::dist(a, b, p))?.into())
}

/// The tensor over its p-norm along `dim`, or over `eps` where the norm is smaller.
///
/// >>> diffkit.nn.functional.normalize(diffkit.tensor([[3., 4.]]))
/// tensor([[0.6000, 0.8000]])
#[pyfunction]
#[pyo3(signature = (input, p = Float(2.0), dim = None, eps = Float(1e-12), *, axis = None))]
pub fn normalize(py: Python<'_>, input: Input<'_>, p: Float, dim: Option<Axis>, eps: Float, axis: Option<Axis>) -> Out {
    let p = p.0;
    let eps = eps.0;
    let axis = axis_or("normalize", dim, axis, 1)?;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || distance::normalize(x, p, axis, eps))?.into())
}

/// The cosine of the angle between vectors along `dim`; each length counts as at least `eps`.
///
/// >>> diffkit.cosine_similarity(diffkit.tensor([1., 0.]), diffkit.tensor([1., 1.]), dim=0)
/// tensor(0.7071)
#[pyfunction]
#[pyo3(signature = (x1, x2, dim = None, eps = Float(1e-8), *, axis = None))]
pub fn cosine_similarity(
    py: Python<'_>,
    x1: Input<'_>,
    x2: Input<'_>,
    dim: Option<Axis>,
    eps: Float,
    axis: Option<Axis>,
) -> Out {
    let eps = eps.0;
    let axis = axis_or("cosine_similarity", dim, axis, 1)?;
    let (a, b): (&Tensor, &Tensor) = (&x1, &x2);
    Ok(run(py, a.numel().max(b.numel()), || distance::cosine_similarity(a, b, axis, eps))?.into())
}

/// The p-norm of `x1 - x2 + eps` along the last axis.
///
/// >>> F = diffkit.nn.functional
/// >>> F.pairwise_distance(diffkit.tensor([[3., 4.]]), diffkit.zeros(1, 2))
/// tensor([5.0000])
#[pyfunction]
#[pyo3(signature = (x1, x2, p = Float(2.0), eps = Float(1e-6), keepdim = Flag(false)))]
pub fn pairwise_distance(py: Python<'_>, x1: Input<'_>, x2: Input<'_>, p: Float, eps: Float, keepdim: Flag) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&x1, &x2);
    let call = || distance::pairwise_distance(a, b, p.0, eps.0, keepdim.0);
    Ok(run(py, a.numel().max(b.numel()), call)?.into())
}

/// The tensor with its parts along `dim` whose p-norm is above `maxnorm` scaled down to it.
///
/// >>> diffkit.renorm(diffkit.tensor([[3., 4.], [0., 1.]]), 2, 0, 1.0)
/// tensor([[0.6000, 0.8000],
///         [0.0000, 1.0000]])
#[pyfunction]
pub fn renorm(py: Python<'_>, input: Input<'_>, p: Float, dim: Axis, maxnorm: Float) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || distance::renorm(x, p.0, dim.0, maxnorm.0))?.into())
}

/// `renorm` in the tensor's own memory.
///
/// >>> diffkit.tensor([[3., 4.]]).renorm_(2, 0, 1.0)
/// tensor([[0.6000, 0.8000]])
#[pyfunction]
pub fn renorm_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    p: Float,
    dim: Axis,
    maxnorm: Float,
) -> Result<Bound<'py, PyTensor>> {
    in_place(py, "renorm_", input, &[], |x| distance::renorm(x, p.0, dim.0, maxnorm.0))
}

/// The p-norm distances of every row of (..., n, d) from every row of (..., m, d), as (..., n, m). The gradient of a
/// zero distance is zero.
///
/// >>> diffkit.cdist(diffkit.tensor([[0., 0.]]), diffkit.tensor([[3., 4.], [0., 1.]]))
/// tensor([[5., 1.]])
#[pyfunction]
#[pyo3(signature = (x1, x2, p = Float(2.0)))]
pub fn cdist(py: Python<'_>, x1: Input<'_>, x2: Input<'_>, p: Float) -> Out {
    let p = p.0;
    let (a, b): (&Tensor, &Tensor) = (&x1, &x2);
    let rows = b.shape().iter().rev().nth(1).copied().unwrap_or(1);
    Ok(run(py, a.numel().saturating_mul(rows), || distance::cdist(a, b, p))?.into())
}
