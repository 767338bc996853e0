//! Whether tensors agree.

use super::{check_sign, not, times};
use crate::error::Result;
use crate::layout::broadcast_shapes;
use crate::ops::reduce::{Extreme, truth};
use crate::ops::{self, Arg, binary as element, unary};
use crate::tensor::Tensor;

fn compare(op: &'static ops::ElementOp, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    ops::binary(op, Arg::Tensor(a), Arg::Tensor(b))
}

/// True where `|a - b| <= atol + rtol * |b|`, or both are one infinity, or (with `equal_nan`) both are NaN.
pub fn isclose(a: &Tensor, b: &Tensor, rtol: f64, atol: f64, equal_nan: bool) -> Result<Tensor> {
    for (name, v) in [("rtol", rtol), ("atol", atol)] {
        check_sign("isclose", name, v, true)?;
    }
    broadcast_shapes("isclose", a.shape(), b.shape())?;
    // Integers are compared as float64, which int64 differences below 2^53 fit exactly.
    let dtype = a.dtype().promote(b.dtype()).to_float(crate::DType::F64);
    let (a, b) = (ops::cast(&a.detach(), dtype)?, ops::cast(&b.detach(), dtype)?);
    let allowed = super::plus(&times(&ops::abs(&b)?, rtol)?, atol)?;
    let error = ops::abs(&ops::sub(&a, &b)?)?;
    let finite = ops::unary(&unary::isfinite::OP, &error)?;
    let near = compare(&element::logical_and::OP, &finite, &compare(&element::le::OP, &error, &allowed)?)?;
    let mut close = compare(&element::logical_or::OP, &near, &compare(&element::eq::OP, &a, &b)?)?;
    if equal_nan {
        let nan = |x: &Tensor| ops::unary(&unary::isnan::OP, x);
        close = compare(&element::logical_or::OP, &close, &compare(&element::logical_and::OP, &nan(&a)?, &nan(&b)?)?)?;
    }
    Ok(close)
}

fn all(mask: &Tensor) -> Result<bool> {
    Ok(truth(Extreme::Min, mask, None, false)?.array().first().as_i64() != 0)
}

/// Whether [`isclose`] holds everywhere.
pub fn allclose(a: &Tensor, b: &Tensor, rtol: f64, atol: f64, equal_nan: bool) -> Result<bool> {
    all(&isclose(a, b, rtol, atol, equal_nan)?)
}

/// Whether both have one shape and equal elements.
pub fn equal(a: &Tensor, b: &Tensor) -> Result<bool> {
    Ok(a.shape() == b.shape() && all(&compare(&element::eq::OP, a, b)?)?)
}

/// True where not zero.
pub(super) fn nonzero_mask(x: &Tensor) -> Result<Tensor> {
    not(&not(&x.detach())?)
}

/// How many elements along `axes` (all if none are named) are not zero, as int64.
pub fn count_nonzero(x: &Tensor, axes: Option<&[i64]>) -> Result<Tensor> {
    ops::sum(&ops::cast(&nonzero_mask(x)?, crate::DType::I64)?, axes, false, None)
}
