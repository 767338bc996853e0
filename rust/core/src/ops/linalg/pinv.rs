//! Pseudo-inverses, ranks and least squares.

use super::{adjoint, matrix_shape, product, scale_columns, svd, svdvals, with};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::layout::broadcast_shapes;
use crate::ops::derived::{float, times};
use crate::ops::matmul::matmul;
use crate::ops::reduce::{Extreme, extreme};
use crate::ops::{self, Arg, binary as element, view};
use crate::tensor::Tensor;
use smallvec::smallvec;

/// For each matrix the bound up to which its singular values `s` count as zero: the larger of `atol` and `rtol` times the
/// largest. `rtol` is a number or a tensor with one per matrix, without either the machine epsilon times the larger side.
fn bound(a: &Tensor, s: &Tensor, atol: Option<f64>, rtol: Option<Arg>) -> Result<Tensor> {
    let largest = extreme(Extreme::Max, &s.detach(), Some(&[-1]), true)?;
    let epsilon = if a.dtype().real() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let side = a.shape()[a.ndim() - 1].max(a.shape()[a.ndim() - 2]) as f64;
    let relative = match rtol {
        Some(Arg::Tensor(rtol)) => ops::mul(&largest, &view::unsqueeze(&rtol.detach(), -1)?)?,
        Some(rtol) => ops::binary(&element::mul::OP, Arg::Tensor(&largest), rtol)?,
        None => times(&largest, if atol.is_some_and(|atol| atol > 0.0) { 0.0 } else { epsilon * side })?,
    };
    ops::binary(&element::maximum::OP, Arg::Tensor(&relative), float(atol.unwrap_or(0.0)))
}

/// How many singular values count, as int64.
pub fn matrix_rank(a: &Tensor, atol: Option<f64>, rtol: Option<Arg>) -> Result<Tensor> {
    const OP: &str = "linalg.matrix_rank";
    let (batch, m, n) = matrix_shape(OP, a)?;
    if m.min(n) == 0 {
        return Ok(crate::array::Array::zeros(OP, &batch, DType::I64)?.into());
    }
    let s = svdvals(&a.detach())?;
    let counts = ops::binary(&element::gt::OP, Arg::Tensor(&s), Arg::Tensor(&bound(a, &s, atol, rtol)?))?;
    ops::sum(&counts, Some(&[-1]), false, None)
}

struct Pinv {
    a: Saved,
    p: Saved,
}

impl Rule for Pinv {
    fn name(&self) -> &'static str {
        "LinalgPinvBackward0"
    }
    /// Golub and Pereyra (1973), for constant rank: `-P^H g P^H + (I - A P) h P P^H + P^H P h (I - P A)` with P the result
    /// and `h = g^H`. It holds where singular values coincide as well.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let (a, p) = (cx.unpack(&self.a)?, cx.unpack(&self.p)?);
        let (ph, h) = (adjoint(&p)?, adjoint(g)?);
        let inside = product(&[&ph, g, &ph])?;
        let left = product(&[&h, &p, &ph])?;
        let left = ops::sub(&left, &product(&[&a, &p, &left])?)?;
        let right = product(&[&ph, &p, &h])?;
        let right = ops::sub(&right, &product(&[&right, &p, &a])?)?;
        Ok(smallvec![Some(ops::sub(&ops::add(&left, &right)?, &inside)?)])
    }
    fn release(&mut self) {
        self.a.release();
        self.p.release();
    }
}

/// The pseudo-inverse of Moore and Penrose, with singular values within the bound taken as zero.
pub fn pinv(a: &Tensor, atol: Option<f64>, rtol: Option<Arg>) -> Result<Tensor> {
    const OP: &str = "linalg.pinv";
    let (batch, m, n) = matrix_shape(OP, a)?;
    if m.min(n) == 0 {
        return Ok(Array::zeros(OP, &with(&batch, &[n, m]), a.dtype())?.into());
    }
    let (u, s, vh) = svd(&a.detach(), false)?;
    let counts = ops::binary(&element::gt::OP, Arg::Tensor(&s), Arg::Tensor(&bound(a, &s, atol, rtol)?))?;
    let kept = ops::where_(&counts, Arg::Tensor(&s), float(1.0))?;
    let inverse = ops::unary(&ops::unary::reciprocal::OP, &kept)?;
    let inverse = ops::where_(&counts, Arg::Tensor(&inverse), float(0.0))?;
    let value = matmul(&scale_columns(&adjoint(&vh)?, &inverse)?, &adjoint(&u)?)?;
    let edges = smallvec![a.edge()];
    Ok(Tensor::record(value.array().clone(), edges, |p| Pinv { a: Saved::input(0, a), p: Saved::output(p) }))
}

/// What [`lstsq`] finds.
pub struct Solution {
    pub solution: Tensor,
    /// Sums of squares of what is left of each column, where there are more equations than unknowns and none depends on
    /// others; else empty.
    pub residuals: Tensor,
    pub rank: Tensor,
    pub singular_values: Tensor,
}

/// The `x` that makes `|a @ x - b|` least, and of all such the shortest: `pinv(a) @ b`.
pub fn lstsq(a: &Tensor, b: &Tensor, rtol: Option<f64>) -> Result<Solution> {
    const OP: &str = "linalg.lstsq";
    let (batch, m, n) = matrix_shape(OP, a)?;
    if a.dtype() != b.dtype() {
        return Err(Error::dtype(OP, &[a.dtype(), b.dtype()], "both must have one dtype; convert one with .to(dtype)"));
    }
    let is_vector = b.ndim() == 1 || b.shape() == &a.shape()[..a.ndim() - 1];
    let sides = if is_vector { view::unsqueeze(b, -1)? } else { b.clone() };
    if sides.ndim() < 2 || sides.shape()[sides.ndim() - 2] != m {
        let why = format!("the right side must have {m} rows, as the matrix");
        return Err(Error::shape(OP, &[a.shape(), b.shape()], why));
    }
    broadcast_shapes(OP, &batch, &sides.shape()[..sides.ndim() - 2])?;
    let x = matmul(&pinv(a, None, rtol.map(float))?, &sides)?;
    let rank = matrix_rank(a, None, rtol.map(float))?;
    let ranks: Vec<i64> = rank.array().to_vec()?;
    let residuals = if m > n && ranks.iter().all(|&rank| rank == n as i64) {
        let left = ops::abs(&ops::sub(&matmul(a, &x)?, &sides)?)?;
        ops::sum(&ops::square(&left)?, Some(&[-2]), false, None)?
    } else {
        Array::zeros(OP, &[0], a.dtype().real())?.into()
    };
    let solution = if is_vector { view::squeeze(&x, Some(&[-1]))? } else { x };
    Ok(Solution { solution, residuals, rank, singular_values: svdvals(&a.detach())? })
}
