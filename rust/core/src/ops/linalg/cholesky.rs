//! The Cholesky factor.

use super::{each, pattern, square_shape, symmetric_part};
use crate::array::Array;
use crate::dispatch;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops::matmul::matmul;
use crate::ops::{self, view};
use crate::tensor::Tensor;
use smallvec::smallvec;

struct Cholesky {
    l: Saved,
}

impl Rule for Cholesky {
    fn name(&self) -> &'static str {
        "LinalgCholeskyExBackward0"
    }
    /// Murray (2016), eq. 10: `L^-T P L^-1` with P the lower triangle of `L^T g`, its diagonal halved; made symmetric.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let transposed = view::matrix_transpose(&cx.unpack(&self.l)?)?;
        let n = g.shape()[g.ndim() - 1];
        let keep = pattern(g, n, |row, column| match row.cmp(&column) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        })?;
        let lower = ops::strong_mul(&matmul(&transposed, g)?, &keep)?;
        let half = super::solve(&transposed, &symmetric_part(&lower)?)?;
        let grad = super::solve(&transposed, &view::matrix_transpose(&half)?)?;
        Ok(smallvec![Some(symmetric_part(&grad)?)])
    }
    fn release(&mut self) {
        self.l.release();
    }
}

/// The lower triangular `L` with `A = L L^T` for symmetric positive definite `A`, of which the lower triangle is read;
/// with `upper`, the upper triangular `U` with `A = U^T U`, from the upper triangle.
pub fn cholesky(a: &Tensor, upper: bool) -> Result<Tensor> {
    const OP: &str = "linalg.cholesky";
    if upper {
        square_shape(OP, a)?;
        return view::matrix_transpose(&cholesky(&view::matrix_transpose(a)?, false)?);
    }
    let (batch, n) = square_shape(OP, a)?;
    let out = Array::uninit(OP, a.shape(), a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(float, OP, a.dtype(), T => {
        each::<T>(OP, &batch, n, &[&input], &[&out], |from, to| diffkit_linalg::cholesky(from[0], n, to[0]))?;
    });
    Ok(Tensor::record(out, smallvec![a.edge()], |out| Cholesky { l: Saved::output(out) }))
}
