//! Eigenvalues of Hermitian matrices.

use super::packing::Packing;
use super::{
    adjoint, check_gauge, diagonal_matrix, each, gaps, hermitian_part, in_parallel, phases, product, square_shape, with,
};
use crate::array::Array;
use crate::dispatch;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops;
use crate::ops::complex::real;
use crate::ops::matmul::matmul;
use crate::tensor::Tensor;
use smallvec::smallvec;

struct Eigh {
    packing: Packing,
    out: Saved,
}

impl Rule for Eigh {
    fn name(&self) -> &'static str {
        "LinalgEighBackward0"
    }
    /// `V (diag(gw) + F * (V^H gV)) V^H` with `F[i, j] = 1 / (w[j] - w[i])`; where eigenvalues coincide, eigenvectors
    /// have no derivative and F is taken as 0. Made Hermitian.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let out = self.packing.tensors(&cx.unpack(&self.out)?);
        let grads = self.packing.tensors(g);
        let (w, v) = (real(&out[0])?, &out[1]);
        let vh = adjoint(v)?;
        let by_v = matmul(&vh, &grads[1])?;
        if let Some(phases) = phases(&by_v)? {
            check_gauge("linalg.eigh", &phases, &grads[1])?;
        }
        let inner = ops::add(&ops::strong_mul(&by_v, &gaps(&w)?)?, &diagonal_matrix(&real(&grads[0])?)?)?;
        Ok(smallvec![Some(hermitian_part(&product(&[v, &inner, &vh])?)?)])
    }
    fn release(&mut self) {
        self.out.release();
    }
}

/// (eigenvalues ascending, eigenvectors as columns) of Hermitian matrices, of which the lower triangle is read, or
/// with `upper` the upper one.
pub fn eigh(a: &Tensor, upper: bool) -> Result<(Tensor, Tensor)> {
    const OP: &str = "linalg.eigh";
    let (batch, n) = square_shape(OP, a)?;
    if upper {
        return eigh(&adjoint(a)?, false);
    }
    let packing = Packing::new(OP, &[with(&batch, &[n]), with(&batch, &[n, n])])?;
    let (memory, outputs) = packing.arrays(OP, a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, n, &[&input], &[&outputs[0], &outputs[1]], |from, to| match to {
            [values, vectors] => diffkit_linalg::eigh(from[0], n, values, vectors, &in_parallel),
            _ => Ok(()),
        })?;
    });
    let rule = |out: &Array| Eigh { packing: packing.clone(), out: Saved::output(out) };
    let mut outputs = packing.tensors(&Tensor::record(memory, smallvec![a.edge()], rule));
    let vectors = outputs.remove(1);
    Ok((real(&outputs.remove(0))?, vectors))
}

/// The eigenvalues of [`eigh`].
pub fn eigvalsh(a: &Tensor, upper: bool) -> Result<Tensor> {
    Ok(eigh(a, upper)?.0)
}
