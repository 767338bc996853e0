//! Functions made of other operations; their derivatives are those of the composition, unless a rule is given.

pub mod activation;
pub mod assemble;
pub mod combine;
pub mod compare;
pub mod counting;
pub mod distance;
pub mod integrate;
pub mod loss;
pub mod missing;
pub mod shrink;
pub mod softmax;
pub mod statistics;
pub mod writing;

use super::element::{Arg, binary};
use super::{ElementOp, binary as rows, unary};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

pub(crate) fn float(v: f64) -> Arg<'static> {
    Arg::Scalar(Scalar::Float(v))
}

/// `x op v` with a number, whose dtype is weak.
pub(crate) fn with_number(op: &'static ElementOp, x: &Tensor, v: f64) -> Result<Tensor> {
    binary(op, Arg::Tensor(x), float(v))
}
/// A number as an integer where it is one and `x` holds integers, which it then leaves integers.
pub(crate) fn like(v: f64, x: &Tensor) -> Scalar {
    if x.dtype().is_float() || v.fract() != 0.0 { Scalar::Float(v) } else { Scalar::Int(v as i64) }
}
pub(crate) fn with_int(op: &'static ElementOp, x: &Tensor, v: i64) -> Result<Tensor> {
    binary(op, Arg::Tensor(x), Arg::Scalar(Scalar::Int(v)))
}
pub(crate) fn plus(x: &Tensor, v: f64) -> Result<Tensor> {
    with_number(&rows::add::OP, x, v)
}
pub(crate) fn times(x: &Tensor, v: f64) -> Result<Tensor> {
    with_number(&rows::mul::OP, x, v)
}
/// `v - x`.
pub(crate) fn from_number(v: f64, x: &Tensor) -> Result<Tensor> {
    binary(&rows::sub::OP, float(v), Arg::Tensor(x))
}
pub(crate) fn greater(x: &Tensor, v: f64) -> Result<Tensor> {
    with_number(&rows::gt::OP, x, v)
}
pub(crate) fn not(mask: &Tensor) -> Result<Tensor> {
    super::unary(&unary::logical_not::OP, mask)
}

/// Refuses integers and bools.
pub(crate) fn floats_only(op: &'static str, x: &Tensor) -> Result<()> {
    if x.dtype().is_float() {
        return Ok(());
    }
    Err(Error::dtype(op, &[x.dtype()], "takes floats only; convert with x.float()"))
}

/// Refuses a parameter that is negative or NaN (or, where it must be positive, zero).
pub(crate) fn check_sign(op: &'static str, name: &str, v: f64, zero_too: bool) -> Result<()> {
    if v > 0.0 || (zero_too && v == 0.0) {
        return Ok(());
    }
    let wanted = if zero_too { "0 or more" } else { "positive" };
    Err(Error::value(op, format!("{name} must be {wanted}, got {v}")))
}

/// `x` as a float tensor of `dtype`, where one is given.
fn float_cast(op: &'static str, x: &Tensor, dtype: Option<DType>) -> Result<Tensor> {
    let x = match dtype {
        Some(dtype) => super::cast(x, dtype)?,
        None => x.clone(),
    };
    floats_only(op, &x)?;
    Ok(x)
}
