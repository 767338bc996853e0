//! Powers and condition numbers.

use super::norm::{Order, matrix_norm};
use super::{inv, matrix_shape, square_shape, svdvals};
use crate::error::Result;
use crate::ops::matmul::{identity, matmul};
use crate::ops::reduce::{Extreme, extreme};
use crate::ops::{self, view};
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
