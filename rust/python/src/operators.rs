//! What Python's operators do with tensors, numbers and arrays on either side.

use crate::convert::Operand;
use crate::error::{Result, wrong_type};
use crate::run::run;
use crate::tensor::PyTensor;
use diffkit_core::Tensor;
use diffkit_core::ops::{self, Arg, ElementOp};
use pyo3::prelude::*;

/// `op(a, b)` for Python's operators: not implemented for operands we do not know.
#[inline]
pub fn operate(op: &'static ElementOp, x: Arg, other: &Bound<'_, PyAny>, reflected: bool) -> PyResult<Py<PyAny>> {
    let py = other.py();
    // The common case first: another tensor.
    if let Ok(y) = other.cast::<PyTensor>() {
        let result = binary(py, op, x, Arg::Tensor(&y.get().inner), reflected)?;
        return Ok(Py::new(py, PyTensor::from(result))?.into_any());
    }
    let Some(operand) = Operand::try_from(other)? else {
        return Ok(py.NotImplemented());
    };
    let result = binary(py, op, x, operand.arg(), reflected)?;
    Ok(Py::new(py, PyTensor::from(result))?.into_any())
}

#[inline]
pub fn binary(py: Python<'_>, op: &'static ElementOp, x: Arg, y: Arg, reflected: bool) -> Result<Tensor> {
    let (x, y) = if reflected { (y, x) } else { (x, y) };
    // A broadcast result can be as large as the product.
    let work = match (x, y) {
        (Arg::Tensor(x), Arg::Tensor(y)) if x.numel() != y.numel() => x.numel().saturating_mul(y.numel()),
        (Arg::Tensor(x), _) | (_, Arg::Tensor(x)) => x.numel(),
        _ => 0,
    };
    run(py, work, || ops::binary(op, x, y))
}

/// `x op= other` for Python's in-place operators.
pub fn operate_in_place(op: &'static ElementOp, slf: &Bound<'_, PyTensor>, other: &Bound<'_, PyAny>) -> PyResult<()> {
    let Some(operand) = Operand::try_from(other)? else {
        return Err(wrong_type(op.name, "the other operand must be a Tensor or a number", other));
    };
    let (x, y) = (&slf.get().inner, operand.arg());
    Ok(run(slf.py(), x.numel(), || ops::binary_in_place(op, x, y))?)
}

/// `x @ other`, or `other @ x`.
pub fn matmul(py: Python<'_>, x: &Tensor, other: &Bound<'_, PyAny>, reflected: bool) -> PyResult<Py<PyAny>> {
    let operand = match Operand::try_from(other)? {
        Some(Operand::Scalar(_)) => return Err(wrong_type("matmul", "@ takes two tensors (use * for numbers)", other)),
        Some(operand) => operand.tensor()?,
        None => return Ok(py.NotImplemented()),
    };
    let (a, b) = if reflected { (&operand, x) } else { (x, &operand) };
    let work = a.numel().saturating_mul(b.shape().last().copied().unwrap_or(1)) / 16;
    let result = run(py, work, || ops::matmul::matmul(a, b))?;
    Ok(Py::new(py, PyTensor::from(result))?.into_any())
}
