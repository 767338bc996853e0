//! The Cholesky factor.

use super::{adjoint, each, hermitian_part, pattern, solve_triangular, square_shape};
use crate::array::Array;
use crate::dispatch;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops;
use crate::ops::matmul::matmul;
use crate::tensor::Tensor;
use diffkit_linalg::Triangle;
use smallvec::smallvec;

struct Cholesky {
    l: Saved,
}

impl Rule for Cholesky {
    fn name(&self) -> &'static str {
        "LinalgCholeskyExBackward0"
    }
    /// Murray (2016), eq. 10: `L^-H P L^-1` with P the lower triangle of `L^H g`, its diagonal halved; made Hermitian.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let adjoint_l = adjoint(&cx.unpack(&self.l)?)?;
        let n = g.shape()[g.ndim() - 1];
        let keep = pattern(g, n, |row, column| match row.cmp(&column) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        })?;
        let lower = ops::strong_mul(&matmul(&adjoint_l, g)?, &keep)?;
        let upper = Triangle { upper: true, unit: false };
        let half = solve_triangular(&adjoint_l, &hermitian_part(&lower)?, upper, true)?;
        let grad = solve_triangular(&adjoint_l, &adjoint(&half)?, upper, true)?;
        Ok(smallvec![Some(hermitian_part(&grad)?)])
    }
    fn release(&mut self) {
        self.l.release();
    }
}

/// The lower triangular `L` with `A = L L^H` for Hermitian positive definite `A`, of which the lower triangle is read;
/// with `upper`, the upper triangular `U` with `A = U^H U`, from the upper triangle.
pub fn cholesky(a: &Tensor, upper: bool) -> Result<Tensor> {
    const OP: &str = "linalg.cholesky";
    if upper {
        square_shape(OP, a)?;
        return adjoint(&cholesky(&adjoint(a)?, false)?);
    }
    let (batch, n) = square_shape(OP, a)?;
    let out = Array::uninit(OP, a.shape(), a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, n, &[&input], &[&out], |from, to| diffkit_linalg::cholesky(from[0], n, to[0]))?;
    });
    Ok(Tensor::record(out, smallvec![a.edge()], |out| Cholesky { l: Saved::output(out) }))
}
