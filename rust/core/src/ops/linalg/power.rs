//! Powers, ranks and pseudo-inverses.

use super::norm::{Order, matrix_norm};
use super::{inv, matrix_shape, matrix_transpose, product, scale_columns, square_shape, svd, svdvals, with};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::derived::{float, times};
use crate::ops::matmul::{identity, matmul};
use crate::ops::reduce::{Extreme, extreme};
use crate::ops::{self, Arg, binary as element, view};
use crate::tensor::Tensor;

/// The product of `n` copies of each matrix by repeated squaring; of its inverse for negative `n`.
pub fn matrix_power(a: &Tensor, n: i64) -> Result<Tensor> {
    const OP: &str = "linalg.matrix_power";
    let (_, order) = square_shape(OP, a)?;
    let mut base = if n < 0 { inv(a)? } else { a.clone() };
    let mut left = n.unsigned_abs();
    let mut result: Option<Tensor> = None;
    while left > 0 {
        if left & 1 == 1 {
            result = Some(match result {
                Some(result) => matmul(&result, &base)?,
                None => base.clone(),
            });
        }
        left >>= 1;
        if left > 0 {
            base = matmul(&base, &base)?;
        }
    }
    match result {
        Some(result) => Ok(result),
        None => ops::clone(&view::broadcast_to(OP, &identity(order, a.dtype())?, a.shape())?),
    }
}

/// Singular values and, for each matrix, the bound below which they count as zero: the larger of `atol` and `rtol`
/// times the largest. Without either, `rtol` is the machine epsilon times the larger side.
fn bound(a: &Tensor, s: &Tensor, atol: Option<f64>, rtol: Option<f64>) -> Result<Tensor> {
    let epsilon = if a.dtype() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let side = a.shape()[a.ndim() - 1].max(a.shape()[a.ndim() - 2]) as f64;
    let rtol = rtol.unwrap_or(if atol.is_some_and(|atol| atol > 0.0) { 0.0 } else { epsilon * side });
    let largest = extreme(Extreme::Max, &s.detach(), Some(&[-1]), true)?;
    ops::binary(&element::maximum::OP, Arg::Tensor(&times(&largest, rtol)?), float(atol.unwrap_or(0.0)))
}

/// How many singular values count, as int64.
pub fn matrix_rank(a: &Tensor, atol: Option<f64>, rtol: Option<f64>) -> Result<Tensor> {
    const OP: &str = "linalg.matrix_rank";
    let (batch, m, n) = matrix_shape(OP, a)?;
    if m.min(n) == 0 {
        return Ok(crate::array::Array::zeros(OP, &batch, DType::I64)?.into());
    }
    let s = svdvals(&a.detach())?;
    let counts = ops::binary(&element::gt::OP, Arg::Tensor(&s), Arg::Tensor(&bound(a, &s, atol, rtol)?))?;
    ops::sum(&counts, Some(&[-1]), false, None)
}

/// The pseudo-inverse of Moore and Penrose, with singular values within the bound taken as zero.
pub fn pinv(a: &Tensor, atol: Option<f64>, rtol: Option<f64>) -> Result<Tensor> {
    const OP: &str = "linalg.pinv";
    let (batch, m, n) = matrix_shape(OP, a)?;
    if m.min(n) == 0 {
        return Ok(crate::array::Array::zeros(OP, &with(&batch, &[n, m]), a.dtype())?.into());
    }
    let (u, s, vt) = svd(a)?;
    let counts = ops::binary(&element::gt::OP, Arg::Tensor(&s), Arg::Tensor(&bound(a, &s, atol, rtol)?))?;
    let kept = ops::where_(&counts, Arg::Tensor(&s), float(1.0))?;
    let inverse = ops::unary(&ops::unary::reciprocal::OP, &kept)?;
    let inverse = ops::where_(&counts, Arg::Tensor(&inverse), float(0.0))?;
    product(&[&scale_columns(&matrix_transpose(&vt)?, &inverse)?, &matrix_transpose(&u)?])
}

/// The condition number in the 2-norm (the default), in -2 (its reciprocal), or `norm(a) * norm(inv(a))` in another.
pub fn cond(a: &Tensor, order: Option<Order>) -> Result<Tensor> {
    let order = order.unwrap_or(Order::P(2.0));
    if let Order::P(p @ (2.0 | -2.0)) = order {
        matrix_shape("linalg.cond", a)?;
        let s = svdvals(a)?;
        let (large, small) =
            (extreme(Extreme::Max, &s, Some(&[-1]), false)?, extreme(Extreme::Min, &s, Some(&[-1]), false)?);
        return if p > 0.0 { ops::div(&large, &small) } else { ops::div(&small, &large) };
    }
    square_shape("linalg.cond", a)?;
    ops::mul(&matrix_norm(a, order, [-2, -1], false)?, &matrix_norm(&inv(a)?, order, [-2, -1], false)?)
}
