//! Eigenvalues of matrices that need not be Hermitian.

use super::packing::Packing;
use super::{
    adjoint, check_gauge, diagonal_matrix, each, gaps, inv, largest, phases, product, scale_columns, square_shape, with,
};
use crate::array::Array;
use crate::dtype::{Complex, DType};
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::layout::Dims;
use crate::ops::complex::real;
use crate::ops::element::default_float;
use crate::ops::matmul::matmul;
use crate::ops::{self, view};
use crate::tensor::Tensor;
use smallvec::smallvec;

struct Eig {
    packing: Packing,
    out: Saved,
}

impl Rule for Eig {
    fn name(&self) -> &'static str {
        "LinalgEigBackward0"
    }
    /// `V^-H (diag(gw) + F * (V^H gV - V^H V diag(Re diag(V^H gV)))) V^H` with `F[i, j] = 1 / conj(w[j] - w[i])`; where
    /// eigenvalues coincide, eigenvectors have no derivative and F is taken as 0.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let out = self.packing.tensors(&cx.unpack(&self.out)?);
        let grads = self.packing.tensors(g);
        let (w, v) = (&out[0], &out[1]);
        let vh = adjoint(v)?;
        let by_v = matmul(&vh, &grads[1])?;
        if let Some(phases) = phases(&by_v)? {
            check_gauge("linalg.eig", &phases, &grads[1])?;
        }
        let lengths = real(&view::diagonal(&by_v, 0, -2, -1)?)?;
        let turned = ops::sub(&by_v, &scale_columns(&matmul(&vh, v)?, &lengths)?)?;
        let inner = ops::strong_mul(&turned, &gaps(&ops::conj(w)?)?)?;
        let inner = ops::add(&inner, &diagonal_matrix(&grads[0])?)?;
        let inverse = inv(&vh)?;
        check_independent(&inverse)?;
        Ok(smallvec![Some(product(&[&inverse, &inner, &vh])?)])
    }
    fn release(&mut self) {
        self.out.release();
    }
}

/// Without a full set of eigenvectors their inverse is made of rounding errors, and so would be the gradient.
fn check_independent(inverse: &Tensor) -> Result<()> {
    let epsilon = if inverse.dtype() == DType::C64 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    if largest(inverse)? * epsilon > 0.01 {
        let why = "the matrix has too few eigenvectors (theirs is singular to working precision), so its eigenvalues have no \
                   derivative";
        return Err(Error::linalg("linalg.eig", why));
    }
    Ok(())
}

/// Decomposes complex matrices into `values` and, if they are wanted, `vectors`.
fn decompose(op: &'static str, batch: &Dims, n: usize, input: &Array, outputs: &[&Array]) -> Result<()> {
    macro_rules! decompose {
        ($T:ty) => {
            each::<Complex<$T>>(op, batch, n, &[input], outputs, |from, to| match to {
                [values] => diffkit_linalg::eig(from[0], n, values, None),
                [values, vectors] => diffkit_linalg::eig(from[0], n, values, Some(vectors)),
                _ => Ok(()),
            })
        };
    }
    match input.dtype() {
        DType::C64 => decompose!(f32),
        _ => decompose!(f64),
    }
}

/// (eigenvalues in no particular order, eigenvectors as columns), both complex. The vectors have norm 1, their largest
/// element is real and positive. Real matrices have real values and vectors or conjugate pairs, one after the other.
pub fn eig(a: &Tensor) -> Result<(Tensor, Tensor)> {
    const OP: &str = "linalg.eig";
    let (batch, n) = square_shape(OP, a)?;
    let a = ops::cast(a, a.dtype().complex(default_float()))?;
    let packing = Packing::new(OP, &[with(&batch, &[n]), with(&batch, &[n, n])])?;
    let (memory, outputs) = packing.arrays(OP, a.dtype())?;
    decompose(OP, &batch, n, &a.array().contiguous(OP)?, &[&outputs[0], &outputs[1]])?;
    let rule = |out: &Array| Eig { packing: packing.clone(), out: Saved::output(out) };
    let mut outputs = packing.tensors(&Tensor::record(memory, smallvec![a.edge()], rule));
    let vectors = outputs.remove(1);
    Ok((outputs.remove(0), vectors))
}

/// The eigenvalues of [`eig`].
pub fn eigvals(a: &Tensor) -> Result<Tensor> {
    const OP: &str = "linalg.eigvals";
    if a.edge().is_some() {
        return Ok(eig(a)?.0);
    }
    let (batch, n) = square_shape(OP, a)?;
    let a = ops::cast(a, a.dtype().complex(default_float()))?;
    let values = Array::uninit(OP, &with(&batch, &[n]), a.dtype())?;
    decompose(OP, &batch, n, &a.array().contiguous(OP)?, &[&values])?;
    Ok(values.into())
}
