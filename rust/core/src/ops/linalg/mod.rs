//! Linear algebra on the last two axes; all axes before them are batches. Floats and complex numbers.
//!
//! Decompositions come from the crate `diffkit-linalg`; what is here is their derivatives, by the formulas of
//! M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008)
//! and I. Murray, "Differentiation of the Cholesky decomposition" (2016), written with tensor operations, so that they
//! hold to any order.

pub mod cholesky;
pub mod det;
pub mod eig;
pub mod eigh;
pub mod exponential;
pub mod lu;
pub mod norm;
mod packing;
pub mod pinv;
pub mod power;
pub mod qr;
pub mod solve;
pub mod svd;
pub mod triangular;

pub use cholesky::cholesky;
pub use det::{det, slogdet};
pub use eig::{eig, eigvals};
pub use eigh::{eigh, eigvalsh};
pub use exponential::matrix_exp;
pub use lu::lu;
pub use norm::{Order, linalg_norm, matrix_norm, norm, vector_norm};
pub use pinv::{Solution, lstsq, matrix_rank, pinv};
pub use power::{cond, matrix_power};
pub use qr::{Mode, qr};
pub use solve::{inv, solve};
pub use svd::{svd, svdvals};
pub use triangular::solve_triangular;

use super::arrange::narrow;
use super::complex::{adjoint, imag};
use super::derived::float;
use super::matmul::matmul;
use super::reduce::{Extreme, extreme};
use super::view;
use super::{Arg, binary as element};
use crate::array::Array;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::kernels::{generate, matrices};
use crate::layout::Dims;
use crate::tensor::Tensor;
use diffkit_linalg::Error as Failure;
pub use diffkit_linalg::Triangle;

/// Refuses integers and bools.
fn inexact_only(op: &'static str, x: &Tensor) -> Result<()> {
    if x.dtype().is_inexact() {
        return Ok(());
    }
    Err(Error::dtype(op, &[x.dtype()], "takes floats and complex numbers; convert with x.float()"))
}

/// Stacked matrices of floats or complex numbers: (batch axes, rows, columns).
fn matrix_shape(op: &'static str, a: &Tensor) -> Result<(Dims, usize, usize)> {
    inexact_only(op, a)?;
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

/// How a decomposition uses several threads.
fn in_parallel(count: usize, work: &(dyn Fn(usize) + Sync)) {
    crate::parallel::ranges(count, 1, |range| range.for_each(work));
}

fn failed(op: &'static str, batch: &[usize], n: usize, i: usize, failure: Failure) -> Error {
    if failure == Failure::OutOfMemory {
        return Error::Memory { op, bytes: (n as u128).pow(2) * 16 };
    }
    let place = if batch.is_empty() { String::new() } else { format!("batch element {i}: ") };
    let fix = match failure {
        Failure::Singular => "; use linalg.pinv for a least-squares answer",
        Failure::NotPositiveDefinite { .. } => "; add a small multiple of the identity, or use linalg.eigh",
        _ => "",
    };
    Error::linalg(op, format!("{place}{failure}{fix}"))
}

/// A constant `n` by `n` matrix of `value(row, column)`, in the real dtype that goes with `like`'s.
fn pattern(like: &Tensor, n: usize, value: impl Fn(usize, usize) -> f64 + Sync) -> Result<Tensor> {
    const OP: &str = "linalg";
    let dtype = like.dtype().real();
    let out = Array::uninit(OP, &[n, n], dtype)?;
    crate::dispatch!(float, OP, dtype, T => {
        generate::by_position::<T>(&out, |i| <T as Element>::from_f64(value(i / n, i % n)));
    });
    Ok(out.into())
}

/// `(x + x^H) / 2`.
fn hermitian_part(x: &Tensor) -> Result<Tensor> {
    super::derived::times(&super::add(x, &adjoint(x)?)?, 0.5)
}

/// The imaginary parts of the diagonal; none of real matrices.
fn phases(x: &Tensor) -> Result<Option<Tensor>> {
    if !x.dtype().is_complex() {
        return Ok(None);
    }
    Ok(Some(imag(&view::diagonal(x, 0, -2, -1)?)?))
}

/// The largest magnitude, 0 if there are none.
fn largest(x: &Tensor) -> Result<f64> {
    if x.numel() == 0 {
        return Ok(0.0);
    }
    Ok(extreme(Extreme::Max, &super::abs(&x.detach())?, None, false)?.array().first().as_f64())
}

/// Complex eigenvectors and singular vectors are determined up to factors of modulus 1, by which a loss must not depend on
/// them: the derivative in the direction of those factors, `phases`, is then zero.
fn check_gauge(op: &'static str, phases: &Tensor, gradient: &Tensor) -> Result<()> {
    let epsilon = if phases.dtype() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    if largest(phases)? > epsilon.sqrt() * largest(gradient)? {
        let why = "the result depends on the phases of the complex vectors, which are arbitrary, so there is no gradient; \
                   use magnitudes, or products in which the phases cancel";
        return Err(Error::linalg(op, why));
    }
    Ok(())
}

/// The matrix with the diagonal `d`.
fn diagonal_matrix(d: &Tensor) -> Result<Tensor> {
    let n = d.shape()[d.ndim() - 1];
    scale_columns(&pattern(d, n, |i, j| f64::from(u8::from(i == j)))?, d)
}

/// `1 / x`, and 0 where `x` is 0.
fn safe_reciprocal(x: &Tensor) -> Result<Tensor> {
    let zero = super::binary(&element::eq::OP, Arg::Tensor(x), float(0.0))?;
    let one = super::where_(&zero, float(1.0), Arg::Tensor(x))?;
    super::where_(&zero, float(0.0), Arg::Tensor(&super::unary(&super::unary::reciprocal::OP, &one)?))
}

/// `1 / (d[j] - d[i])` for all i, j, and 0 where they coincide.
fn gaps(d: &Tensor) -> Result<Tensor> {
    safe_reciprocal(&super::sub(&view::unsqueeze(d, -2)?, &view::unsqueeze(d, -1)?)?)
}

/// The first `k` columns of a matrix with orthonormal columns, and what its gradient `g` says about them. Further columns
/// span what those leave: when they move, the others do too, `dQ2 = -Q1 dQ1^H Q2`.
fn complement(q: &Tensor, g: &Tensor, k: usize) -> Result<(Tensor, Tensor)> {
    let width = q.shape()[q.ndim() - 1];
    if width == k {
        return Ok((q.clone(), g.clone()));
    }
    let columns = |x: &Tensor, start: usize, length: usize| narrow(x, -1, start as i64, length as i64);
    let (first, rest) = (columns(q, 0, k)?, columns(q, k, width - k)?);
    let turned = product(&[&rest, &adjoint(&columns(g, k, width - k)?)?, &first])?;
    Ok((first, super::sub(&columns(g, 0, k)?, &turned)?))
}

/// `x diag(d)`.
fn scale_columns(x: &Tensor, d: &Tensor) -> Result<Tensor> {
    super::strong_mul(x, &view::unsqueeze(d, -2)?)
}

/// The product of matrices, of three in the cheaper order.
fn product(factors: &[&Tensor]) -> Result<Tensor> {
    if let &[a, b, c] = factors {
        let (rows, columns) = (a.shape()[a.ndim() - 2], c.shape()[c.ndim() - 1]);
        let (m, n) = (b.shape()[b.ndim() - 2], b.shape()[b.ndim() - 1]);
        if m * n * columns + rows * m * columns < rows * m * n + rows * n * columns {
            return matmul(a, &matmul(b, c)?);
        }
    }
    let mut result = factors[0].clone();
    for factor in &factors[1..] {
        result = matmul(&result, factor)?;
    }
    Ok(result)
}
