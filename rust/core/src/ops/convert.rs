//! Copies and conversions between dtypes.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;

/// The gradient as it is; the engine converts it to the input's dtype.
struct Pass(&'static str);

impl Rule for Pass {
    fn name(&self) -> &'static str {
        self.0
    }
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(g.clone())])
    }
}

/// The values in another dtype; the tensor itself if it has it already. Conversion to integers ends the graph.
pub fn cast(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if x.dtype() == dtype {
        return Ok(x.clone());
    }
    let array = x.array().cast("to", dtype)?;
    let edge = if dtype.is_inexact() { x.edge() } else { None };
    Ok(Tensor::record(array, smallvec![edge], |_| Pass("ToCopyBackward0")))
}

/// A copy in memory of its own; the gradient passes through.
pub fn clone(x: &Tensor) -> Result<Tensor> {
    let array = x.array().copy("clone")?;
    Ok(Tensor::record(array, smallvec![x.edge()], |_| Pass("CloneBackward0")))
}

/// The tensor itself if its elements lie in row-major order, else a copy.
pub fn contiguous(x: &Tensor) -> Result<Tensor> {
    if x.array().is_contiguous() { Ok(x.clone()) } else { clone(x) }
}

pub fn zeros_like(x: &Tensor) -> Result<Tensor> {
    Ok(Array::zeros("zeros_like", x.shape(), x.dtype())?.into())
}

pub fn ones_like(x: &Tensor) -> Result<Tensor> {
    Ok(Array::full("ones_like", x.shape(), x.dtype(), Scalar::Int(1))?.into())
}
