//! Joining tensors along an axis.

use super::view;
use crate::array::Array;
use crate::error::{Error, Result};
use crate::graph::{Context, Edges, Grads, Rule};
use crate::kernels::copy;
use crate::layout::{Dims, normalize_axis};
use crate::ops::cast;
use crate::tensor::Tensor;
use smallvec::SmallVec;

struct Cat {
    axis: usize,
    sizes: SmallVec<[usize; 4]>,
}

impl Rule for Cat {
    fn name(&self) -> &'static str {
        "CatBackward0"
    }
    /// Each input's part of the gradient.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let mut start = 0;
        let part = |(i, &size): (usize, &usize)| {
            let (axis, from) = (self.axis, start);
            start += size;
            cx.needs(i).then(|| view::relayout("SliceBackward0", g, move |layout| layout.slice(axis, from, 1, size)))
        };
        Ok(self.sizes.iter().enumerate().map(part).collect())
    }
}

/// The tensors one after the other along an existing axis, promoted to a common dtype. As in PyTorch, empty vectors
/// (shape `(0,)`) are passed over.
pub fn cat(tensors: &[Tensor], axis: i64) -> Result<Tensor> {
    const OP: &str = "cat";
    let first = tensors.iter().find(|t| t.shape() != [0]).or(tensors.first());
    let first = first.ok_or_else(|| Error::value(OP, "needs at least one tensor"))?;
    if first.ndim() == 0 {
        return Err(Error::shape(OP, &[first.shape()], "numbers have no axis to join along; use stack()"));
    }
    let axis = normalize_axis(OP, axis, first.ndim())?;
    let dtype = tensors.iter().fold(first.dtype(), |dtype, t| dtype.promote(t.dtype()));
    let parts: Vec<Tensor> = tensors
        .iter()
        .filter(|t| t.shape() != [0] || first.shape() == [0])
        .map(|t| cast(t, dtype))
        .collect::<Result<_>>()?;
    let mut shape: Dims = first.layout().dims();
    shape[axis] = 0;
    for (i, part) in parts.iter().enumerate() {
        let fits =
            part.ndim() == shape.len() && (0..shape.len()).all(|a| a == axis || part.shape()[a] == first.shape()[a]);
        if !fits {
            let why = format!("tensor {i} differs from the first in another axis than {axis}");
            return Err(Error::shape(OP, &[first.shape(), part.shape()], why));
        }
        shape[axis] += part.shape()[axis];
    }
    let out = Array::uninit(OP, &shape, dtype)?;
    let mut start = 0;
    for part in &parts {
        let size = part.shape()[axis];
        copy::copy(part.array(), &out.view(out.layout().slice(axis, start, 1, size)));
        start += size;
    }
    let edges: Edges = parts.iter().map(Tensor::edge).collect();
    let sizes = parts.iter().map(|t| t.shape()[axis]).collect();
    Ok(Tensor::record(out, edges, |_| Cat { axis, sizes }))
}

/// The tensors, all of one shape, along a new axis.
pub fn stack(tensors: &[Tensor], axis: i64) -> Result<Tensor> {
    const OP: &str = "stack";
    let first = tensors.first().ok_or_else(|| Error::value(OP, "needs at least one tensor"))?;
    let axis = normalize_axis(OP, axis, first.ndim() + 1)? as i64;
    if let Some((i, other)) = tensors.iter().enumerate().find(|(_, t)| t.shape() != first.shape()) {
        let why = format!("all tensors must have one shape; number {i} differs from the first");
        return Err(Error::shape(OP, &[first.shape(), other.shape()], why));
    }
    let parts: Vec<Tensor> = tensors.iter().map(|t| view::unsqueeze(t, axis)).collect::<Result<_>>()?;
    cat(&parts, axis)
}
