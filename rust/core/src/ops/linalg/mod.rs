//! Linear algebra on the last two axes; all axes before them are batches. Floats only.
//!
//! Decompositions come from the crate `diffkit-linalg`; what is here is their derivatives, by the formulas of
//! M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008)
//! and I. Murray, "Differentiation of the Cholesky decomposition" (2016), written with tensor operations, so that they
//! hold to any order.

pub mod cholesky;
pub mod det;
pub mod norm;
pub mod power;
pub mod solve;
pub mod spectral;

pub use cholesky::cholesky;
pub use det::{det, slogdet};
pub use norm::{Order, linalg_norm, matrix_norm, norm, vector_norm};
pub use power::{cond, matrix_power, matrix_rank, pinv};
pub use solve::{inv, solve};
pub use spectral::{eigh, eigvalsh, svd, svdvals};

use super::derived::floats_only;
use super::matmul::matmul;
use super::view::{self, matrix_transpose};
use crate::array::Array;
use crate::dtype::Element;
use crate::error::{Error, Result};
use crate::kernels::{generate, matrices};
use crate::layout::{Dims, Layout};
use crate::tensor::Tensor;
use diffkit_linalg::Error as Failure;

/// Stacked matrices of floats: (batch axes, rows, columns).
fn matrix_shape(op: &'static str, a: &Tensor) -> Result<(Dims, usize, usize)> {
    floats_only(op, a)?;
    match a.shape() {
        [batch @ .., rows, columns] => Ok((Dims::from_slice(batch), *rows, *columns)),
        _ => Err(Error::shape(op, &[a.shape()], "takes a matrix: at least 2 axes")),
    }
}

fn square_shape(op: &'static str, a: &Tensor) -> Result<(Dims, usize)> {
    let (batch, rows, columns) = matrix_shape(op, a)?;
    if rows != columns {
        return Err(Error::shape(op, &[a.shape()], "takes square matrices (the last two sizes equal)"));
    }
    Ok((batch, rows))
}

fn with(batch: &[usize], rest: &[usize]) -> Dims {
    batch.iter().chain(rest).copied().collect()
}

fn count(batch: &[usize]) -> usize {
    batch.iter().product()
}

/// Runs a decomposition of `n` by `n` matrices (or of that order) for each batch element.
fn each<T: Element>(
    op: &'static str,
    batch: &[usize],
    n: usize,
    inputs: &[&Array],
    outputs: &[&Array],
    work: impl Fn(&[&[T]], &mut [&mut [T]]) -> Result<(), Failure> + Sync,
) -> Result<()> {
    crate::interrupt::check()?;
    let grain = ((1 << 16) / (n * n * n).max(1)).max(1);
    matrices::each(count(batch), grain, inputs, outputs, work).map_err(|(i, failure)| failed(op, batch, n, i, failure))
}

fn failed(op: &'static str, batch: &[usize], n: usize, i: usize, failure: Failure) -> Error {
    if failure == Failure::OutOfMemory {
        return Error::Memory { op, bytes: (n as u128).pow(2) * 8 };
    }
    let place = if batch.is_empty() { String::new() } else { format!("batch element {i}: ") };
    let fix = match failure {
        Failure::Singular => "; use linalg.pinv for a least-squares answer",
        Failure::NotPositiveDefinite { .. } => "; add a small multiple of the identity, or use linalg.eigh",
        _ => "",
    };
    Error::linalg(op, format!("{place}{failure}{fix}"))
}

/// A part of a vector as a tensor of another shape.
fn part(packed: &Tensor, start: usize, shape: &[usize]) -> Tensor {
    let shape = Dims::from_slice(shape);
    view::relayout("SliceBackward0", packed, move |layout| {
        Layout::contiguous(&shape).with_offset(layout.offset() + start)
    })
}

/// A constant `n` by `n` matrix of `value(row, column)`, in `like`'s dtype.
fn pattern(like: &Tensor, n: usize, value: impl Fn(usize, usize) -> f64 + Sync) -> Result<Tensor> {
    const OP: &str = "linalg";
    let out = Array::uninit(OP, &[n, n], like.dtype())?;
    crate::dispatch!(float, OP, like.dtype(), T => {
        generate::by_position::<T>(&out, |i| <T as Element>::from_f64(value(i / n, i % n)));
    });
    Ok(out.into())
}

/// `(x + x^T) / 2`.
fn symmetric_part(x: &Tensor) -> Result<Tensor> {
    super::derived::times(&super::add(x, &matrix_transpose(x)?)?, 0.5)
}

/// `x diag(d)`.
fn scale_columns(x: &Tensor, d: &Tensor) -> Result<Tensor> {
    super::strong_mul(x, &view::unsqueeze(d, -2)?)
}

fn product(factors: &[&Tensor]) -> Result<Tensor> {
    let mut result = factors[0].clone();
    for factor in &factors[1..] {
        result = matmul(&result, factor)?;
    }
    Ok(result)
}
