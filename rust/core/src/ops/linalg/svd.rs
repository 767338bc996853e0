//! Singular values.

use super::packing::Packing;
use super::{
    adjoint, check_gauge, complement, diagonal_matrix, each, gaps, matrix_shape, phases, product, safe_reciprocal,
    scale_columns, with,
};
use crate::array::Array;
use crate::dispatch;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops::complex::{complex, real};
use crate::ops::derived::times;
use crate::ops::matmul::matmul;
use crate::ops::{self, view};
use crate::tensor::Tensor;
use smallvec::smallvec;

struct Svd {
    packing: Packing,
    out: Saved,
}

impl Rule for Svd {
    fn name(&self) -> &'static str {
        "LinalgSvdBackward0"
    }
    /// `U ((skew(U^H gU) * E) S + S (skew(V^H gV) * E) + diag(gs + i Im diag(U^H gU - V^H gV) / 2s)) V^H` plus the parts of gU and
    /// gV outside the spans of U and V, with `E[i, j] = 1 / (s[j]^2 - s[i]^2)` and `skew(X) = X - X^H`. E is taken as 0
    /// where values coincide, and 1 / s where they are 0. Columns beyond the singular values span what the others leave,
    /// and turn with them.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let out = self.packing.tensors(&cx.unpack(&self.out)?);
        let grads = self.packing.tensors(g);
        let (s, gs) = (&real(&out[1])?, &real(&grads[1])?);
        let k = s.shape()[s.ndim() - 1];
        let (u, gu) = complement(&out[0], &grads[0], k)?;
        let (v, gv) = complement(&adjoint(&out[2])?, &adjoint(&grads[2])?, k)?;
        let (uh, vh) = (adjoint(&u)?, adjoint(&v)?);
        let e = gaps(&ops::square(s)?)?;
        let skew = |x: &Tensor| -> Result<Tensor> { ops::strong_mul(&ops::sub(x, &adjoint(x)?)?, &e) };
        let (by_u, by_v) = (matmul(&uh, &gu)?, matmul(&vh, &gv)?);
        let inverse = safe_reciprocal(s)?;
        let left = scale_columns(&skew(&by_u)?, s)?;
        let right = ops::strong_mul(&skew(&by_v)?, &view::unsqueeze(s, -1)?)?;
        let mut inner = ops::add(&ops::add(&left, &right)?, &diagonal_matrix(gs)?)?;
        if let (Some(of_u), Some(of_v)) = (phases(&by_u)?, phases(&by_v)?) {
            check_gauge("linalg.svd", &ops::add(&of_u, &of_v)?, &ops::cat(&[gu.clone(), gv.clone()], -2)?)?;
            let turns = ops::strong_mul(&times(&ops::sub(&of_u, &of_v)?, 0.5)?, &inverse)?;
            inner = ops::add(&inner, &diagonal_matrix(&complex(&ops::zeros_like(&turns)?, &turns)?)?)?;
        }
        let mut grad = product(&[&u, &inner, &vh])?;
        if u.shape()[u.ndim() - 2] > k {
            let outside = ops::sub(&gu, &matmul(&u, &by_u)?)?;
            grad = ops::add(&grad, &matmul(&scale_columns(&outside, &inverse)?, &vh)?)?;
        }
        if v.shape()[v.ndim() - 2] > k {
            let outside = ops::sub(&gv, &matmul(&v, &by_v)?)?;
            grad = ops::add(&grad, &matmul(&u, &adjoint(&scale_columns(&outside, &inverse)?)?)?)?;
        }
        Ok(smallvec![Some(grad)])
    }
    fn release(&mut self) {
        self.out.release();
    }
}

/// (U, s, V^H) with `A = U diag(s) V^H`, s descending. There are as many columns of U and rows of V^H as singular values,
/// or with `full` as many as make them square.
pub fn svd(a: &Tensor, full: bool) -> Result<(Tensor, Tensor, Tensor)> {
    const OP: &str = "linalg.svd";
    let (batch, m, n) = matrix_shape(OP, a)?;
    let k = m.min(n);
    let (left, right) = if full { (m, n) } else { (k, k) };
    let packing = Packing::new(OP, &[with(&batch, &[m, left]), with(&batch, &[k]), with(&batch, &[right, n])])?;
    let (memory, outputs) = packing.arrays(OP, a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, m.max(n), &[&input], &[&outputs[0], &outputs[1], &outputs[2]], |from, to| match to {
            [u, s, vh] => diffkit_linalg::svd(from[0], m, n, full, u, s, vh),
            _ => Ok(()),
        })?;
    });
    let rule = |out: &Array| Svd { packing: packing.clone(), out: Saved::output(out) };
    let mut outputs = packing.tensors(&Tensor::record(memory, smallvec![a.edge()], rule));
    let (vh, s) = (outputs.remove(2), outputs.remove(1));
    Ok((outputs.remove(0), real(&s)?, vh))
}

/// The singular values in descending order.
pub fn svdvals(a: &Tensor) -> Result<Tensor> {
    const OP: &str = "linalg.svdvals";
    if a.edge().is_some() {
        return Ok(svd(a, false)?.1);
    }
    let (batch, m, n) = matrix_shape(OP, a)?;
    let out = Array::uninit(OP, &with(&batch, &[m.min(n)]), a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, m.max(n), &[&input], &[&out], |from, to| {
            diffkit_linalg::singular_values(from[0], m, n, to[0])
        })?;
    });
    real(&out.into())
}
