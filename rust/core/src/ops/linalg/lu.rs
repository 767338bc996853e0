//! Elimination as a product of triangular matrices.

use super::packing::Packing;
use super::{adjoint, each, in_parallel, matrix_shape, solve_triangular, with};
use crate::array::Array;
use crate::dispatch;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops;
use crate::ops::arrange::{narrow, triangle as part};
use crate::ops::create::Triangle as Side;
use crate::ops::matmul::matmul;
use crate::tensor::Tensor;
use diffkit_linalg::Triangle;
use smallvec::smallvec;

struct Lu {
    packing: Packing,
    p: Saved,
    out: Saved,
}

impl Rule for Lu {
    fn name(&self) -> &'static str {
        "LinalgLuBackward0"
    }
    /// `P L^-H (tril(L^H gL, -1) + triu(gU U^H)) U^-H` of square matrices. Of others, rows of L or columns of U beyond the
    /// square are solutions of triangular systems in it, and pass their gradients on to it.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let out = self.packing.tensors(&cx.unpack(&self.out)?);
        let grads = self.packing.tensors(g);
        let (m, n) = (out[0].shape()[out[0].ndim() - 2], out[1].shape()[out[1].ndim() - 1]);
        let k = m.min(n);
        let rows = |x: &Tensor, start: usize, length: usize| narrow(x, -2, start as i64, length as i64);
        let columns = |x: &Tensor, start: usize, length: usize| narrow(x, -1, start as i64, length as i64);
        let (l, mut gl) = (rows(&out[0], 0, k)?, rows(&grads[0], 0, k)?);
        let (u, mut gu) = (columns(&out[1], 0, k)?, columns(&grads[1], 0, k)?);
        let lh = adjoint(&l)?;
        // Multiplication by L^-H from the left, and by U^-H from the right.
        let by_l = |x: &Tensor| solve_triangular(&lh, x, Triangle { upper: true, unit: true }, true);
        let by_u = |x: &Tensor| solve_triangular(&adjoint(&u)?, x, Triangle { upper: false, unit: false }, false);
        let mut beyond = None;
        if n > k {
            let rest = by_l(&columns(&grads[1], k, n - k)?)?;
            gl = ops::sub(&gl, &matmul(&rest, &adjoint(&columns(&out[1], k, n - k)?)?)?)?;
            beyond = Some((rest, -1));
        } else if m > k {
            let rest = by_u(&rows(&grads[0], k, m - k)?)?;
            gu = ops::sub(&gu, &matmul(&adjoint(&rows(&out[0], k, m - k)?)?, &rest)?)?;
            beyond = Some((rest, -2));
        }
        let lower = part(Side::Lower, &matmul(&lh, &gl)?, -1)?;
        let upper = part(Side::Upper, &matmul(&gu, &adjoint(&u)?)?, 0)?;
        let mut grad = by_u(&by_l(&ops::add(&lower, &upper)?)?)?;
        if let Some((rest, axis)) = beyond {
            grad = ops::cat(&[grad, rest], axis)?;
        }
        Ok(smallvec![Some(matmul(&cx.unpack(&self.p)?, &grad)?)])
    }
    fn release(&mut self) {
        self.p.release();
        self.out.release();
    }
}

/// (P, L, U) with `A = P L U`: P a permutation, L lower triangular with ones on its diagonal, U upper triangular.
///
/// The gradient needs the first `min(m, n)` columns to be independent; otherwise backward fails as a singular system.
pub fn lu(a: &Tensor) -> Result<(Tensor, Tensor, Tensor)> {
    const OP: &str = "linalg.lu";
    let (batch, m, n) = matrix_shape(OP, a)?;
    let k = m.min(n);
    let packing = Packing::new(OP, &[with(&batch, &[m, k]), with(&batch, &[k, n])])?;
    let (memory, outputs) = packing.arrays(OP, a.dtype())?;
    let p = Array::uninit(OP, &with(&batch, &[m, m]), a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, m.max(n), &[&input], &[&p, &outputs[0], &outputs[1]], |from, to| match to {
            [p, l, u] => diffkit_linalg::lu(from[0], m, n, p, l, u, &in_parallel),
            _ => Ok(()),
        })?;
    });
    let rule = |out: &Array| Lu { packing: packing.clone(), p: Saved::constant(&p), out: Saved::output(out) };
    let mut outputs = packing.tensors(&Tensor::record(memory, smallvec![a.edge()], rule));
    let u = outputs.remove(1);
    Ok((p.into(), outputs.remove(0), u))
}
