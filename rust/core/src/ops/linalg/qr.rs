//! The QR decomposition.

use super::packing::Packing;
use super::{adjoint, complement, diagonal_matrix, each, matrix_shape, solve_triangular, with};
use crate::array::Array;
use crate::dispatch;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops::arrange::{narrow, triangle as part};
use crate::ops::complex::real;
use crate::ops::create::Triangle as Side;
use crate::ops::derived::times;
use crate::ops::matmul::matmul;
use crate::ops::{self, view};
use crate::tensor::Tensor;
use diffkit_linalg::Triangle;
use smallvec::smallvec;

/// How much of the decomposition is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As many columns of Q and rows of R as the smaller side of the matrix.
    Reduced,
    /// A square Q, and R of the matrix's shape.
    Complete,
}

struct Qr {
    packing: Packing,
    out: Saved,
}

impl Rule for Qr {
    fn name(&self) -> &'static str {
        "LinalgQrBackward0"
    }
    /// With `M = triu(gR R^H - Q^H gQ)`: `(gQ + Q (M + M^H - real diagonal of M)) R^-H`. Of a wide matrix `[X, Y]` that is
    /// the gradient of X, with `gQ + Y gR2^H` for gQ; that of Y is `Q gR2`.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let out = self.packing.tensors(&cx.unpack(&self.out)?);
        let grads = self.packing.tensors(g);
        let (m, n) = (out[0].shape()[out[0].ndim() - 2], out[1].shape()[out[1].ndim() - 1]);
        let k = m.min(n);
        let (q, gq) = complement(&out[0], &grads[0], k)?;
        let block = |x: &Tensor, start: usize, length: usize| -> Result<Tensor> {
            narrow(&narrow(x, -2, 0, k as i64)?, -1, start as i64, length as i64)
        };
        let (r, gr) = (block(&out[1], 0, k)?, block(&grads[1], 0, k)?);
        if n <= m {
            return Ok(smallvec![Some(of_square(&q, &r, &gq, &gr)?)]);
        }
        let (rest, grest) = (block(&out[1], k, n - k)?, block(&grads[1], k, n - k)?);
        let gq = ops::add(&gq, &matmul(&matmul(&q, &rest)?, &adjoint(&grest)?)?)?;
        let first = of_square(&q, &r, &gq, &gr)?;
        Ok(smallvec![Some(ops::cat(&[first, matmul(&q, &grest)?], -1)?)])
    }
    fn release(&mut self) {
        self.out.release();
    }
}

fn of_square(q: &Tensor, r: &Tensor, gq: &Tensor, gr: &Tensor) -> Result<Tensor> {
    let difference = ops::sub(&matmul(gr, &adjoint(r)?)?, &matmul(&adjoint(q)?, gq)?)?;
    let m = part(Side::Upper, &difference, 0)?;
    let both = ops::add(&m, &adjoint(&m)?)?;
    let diagonal = real(&view::diagonal(&both, 0, -2, -1)?)?;
    let inner = ops::sub(&both, &times(&diagonal_matrix(&diagonal)?, 0.5)?)?;
    let left = ops::add(gq, &matmul(q, &inner)?)?;
    // X R^H = left.
    solve_triangular(&adjoint(r)?, &left, Triangle { upper: false, unit: false }, false)
}

/// (Q, R) with `A = Q R`, orthonormal columns in Q, R upper triangular with a real diagonal.
///
/// The gradient needs the first `min(m, n)` columns to be independent; otherwise backward fails as a singular system.
pub fn qr(a: &Tensor, mode: Mode) -> Result<(Tensor, Tensor)> {
    const OP: &str = "linalg.qr";
    let (batch, m, n) = matrix_shape(OP, a)?;
    let width = if mode == Mode::Complete { m } else { m.min(n) };
    let packing = Packing::new(OP, &[with(&batch, &[m, width]), with(&batch, &[width, n])])?;
    let (memory, outputs) = packing.arrays(OP, a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, m.max(n), &[&input], &[&outputs[0], &outputs[1]], |from, to| match to {
            [q, r] => diffkit_linalg::qr(from[0], m, n, width, Some(q), r),
            _ => Ok(()),
        })?;
    });
    let rule = |out: &Array| Qr { packing: packing.clone(), out: Saved::output(out) };
    let mut outputs = packing.tensors(&Tensor::record(memory, smallvec![a.edge()], rule));
    let r = outputs.remove(1);
    Ok((outputs.remove(0), r))
}
