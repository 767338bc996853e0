//! Eigenvalues of symmetric matrices and singular values.
//!
//! A decomposition has several outputs but is one node: its results lie one after the other in one vector, of which
//! the outputs are views.

use super::{
    each, matrix_shape, matrix_transpose, part, pattern, product, scale_columns, square_shape, symmetric_part, with,
};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::layout::{Dims, Layout, checked_numel};
use crate::ops::derived::float;
use crate::ops::matmul::matmul;
use crate::ops::{self, Arg, view};
use crate::tensor::Tensor;
use smallvec::smallvec;

/// Matrices of these shapes one after the other, as places in one vector.
#[derive(Clone)]
struct Packing(Vec<(usize, Dims)>, usize);

impl Packing {
    fn new(op: &'static str, shapes: &[Dims]) -> Result<Packing> {
        let mut end = 0;
        let mut places = Vec::new();
        for shape in shapes {
            places.push((end, shape.clone()));
            end += checked_numel(op, shape)?;
        }
        Ok(Packing(places, end))
    }
    fn arrays(&self, op: &'static str, dtype: DType) -> Result<(Array, Vec<Array>)> {
        let memory = Array::uninit(op, &[self.1], dtype)?;
        let place = |(start, shape): &(usize, Dims)| memory.view(Layout::contiguous(shape).with_offset(*start));
        let arrays = self.0.iter().map(place).collect();
        Ok((memory, arrays))
    }
    fn tensors(&self, packed: &Tensor) -> Vec<Tensor> {
        self.0.iter().map(|(start, shape)| part(packed, *start, shape)).collect()
    }
}

/// `1 / x`, and 0 where `x` is 0.
fn safe_reciprocal(x: &Tensor) -> Result<Tensor> {
    let zero = ops::binary(&ops::binary::eq::OP, Arg::Tensor(x), float(0.0))?;
    let one = ops::where_(&zero, float(1.0), Arg::Tensor(x))?;
    ops::where_(&zero, float(0.0), Arg::Tensor(&ops::unary(&ops::unary::reciprocal::OP, &one)?))
}

/// `1 / (d[j] - d[i])` for all i, j, and 0 where they coincide.
fn gaps(d: &Tensor) -> Result<Tensor> {
    safe_reciprocal(&ops::sub(&view::unsqueeze(d, -2)?, &view::unsqueeze(d, -1)?)?)
}

struct Eigh {
    packing: Packing,
    out: Saved,
}

impl Rule for Eigh {
    fn name(&self) -> &'static str {
        "LinalgEighBackward0"
    }
    /// `V (diag(gw) + F * (V^T gV)) V^T` with `F[i, j] = 1 / (w[j] - w[i])`; where eigenvalues coincide, eigenvectors
    /// have no derivative and F is taken as 0. Made symmetric.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let out = self.packing.tensors(&cx.unpack(&self.out)?);
        let grads = self.packing.tensors(g);
        let (w, v) = (&out[0], &out[1]);
        let transposed = matrix_transpose(v)?;
        let inner = ops::strong_mul(&matmul(&transposed, &grads[1])?, &gaps(w)?)?;
        let inner = ops::add(&inner, &diagonal_matrix(&grads[0])?)?;
        Ok(smallvec![Some(symmetric_part(&product(&[v, &inner, &transposed])?)?)])
    }
    fn release(&mut self) {
        self.out.release();
    }
}

fn diagonal_matrix(d: &Tensor) -> Result<Tensor> {
    let n = d.shape()[d.ndim() - 1];
    scale_columns(&pattern(d, n, |i, j| f64::from(u8::from(i == j)))?, d)
}

/// (eigenvalues ascending, eigenvectors as columns) of symmetric matrices, of which the lower triangle is read, or
/// with `upper` the upper one.
pub fn eigh(a: &Tensor, upper: bool) -> Result<(Tensor, Tensor)> {
    const OP: &str = "linalg.eigh";
    let (batch, n) = square_shape(OP, a)?;
    if upper {
        return eigh(&matrix_transpose(a)?, false);
    }
    let packing = Packing::new(OP, &[with(&batch, &[n]), with(&batch, &[n, n])])?;
    let (memory, outputs) = packing.arrays(OP, a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(float, OP, a.dtype(), T => {
        each::<T>(OP, &batch, n, &[&input], &[&outputs[0], &outputs[1]], |from, to| match to {
            [values, vectors] => diffkit_linalg::eigh(from[0], n, values, vectors),
            _ => Ok(()),
        })?;
    });
    let rule = |out: &Array| Eigh { packing: packing.clone(), out: Saved::output(out) };
    let mut outputs = packing.tensors(&Tensor::record(memory, smallvec![a.edge()], rule));
    let vectors = outputs.remove(1);
    Ok((outputs.remove(0), vectors))
}

/// The eigenvalues of [`eigh`].
pub fn eigvalsh(a: &Tensor, upper: bool) -> Result<Tensor> {
    Ok(eigh(a, upper)?.0)
}

struct Svd {
    packing: Packing,
    out: Saved,
}

impl Rule for Svd {
    fn name(&self) -> &'static str {
        "LinalgSvdBackward0"
    }
    /// `U ((skew(U^T gU) * E) S + S (skew(V^T gV) * E) + diag(gs)) V^T` plus the parts of gU and gV outside the spans of
    /// U and V, with `E[i, j] = 1 / (s[j]^2 - s[i]^2)` and `skew(X) = X - X^T`. E is taken as 0 where values coincide.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let out = self.packing.tensors(&cx.unpack(&self.out)?);
        let grads = self.packing.tensors(g);
        let (u, s, vt) = (&out[0], &out[1], &out[2]);
        let (ut, v) = (matrix_transpose(u)?, matrix_transpose(vt)?);
        let (gu, gv) = (&grads[0], matrix_transpose(&grads[2])?);
        let e = gaps(&ops::square(s)?)?;
        let skew = |x: &Tensor| -> Result<Tensor> { ops::strong_mul(&ops::sub(x, &matrix_transpose(x)?)?, &e) };
        let (by_u, by_v) = (matmul(&ut, gu)?, matmul(vt, &gv)?);
        let left = scale_columns(&skew(&by_u)?, s)?;
        let right = ops::strong_mul(&skew(&by_v)?, &view::unsqueeze(s, -1)?)?;
        let inner = ops::add(&ops::add(&left, &right)?, &diagonal_matrix(&grads[1])?)?;
        let mut grad = product(&[u, &inner, vt])?;
        let inverse = safe_reciprocal(s)?;
        if u.shape()[u.ndim() - 2] > s.shape()[s.ndim() - 1] {
            let outside = ops::sub(gu, &matmul(u, &by_u)?)?;
            grad = ops::add(&grad, &matmul(&scale_columns(&outside, &inverse)?, vt)?)?;
        }
        if v.shape()[v.ndim() - 2] > s.shape()[s.ndim() - 1] {
            let outside = ops::sub(&gv, &matmul(&v, &by_v)?)?;
            grad = ops::add(&grad, &matmul(u, &matrix_transpose(&scale_columns(&outside, &inverse)?)?)?)?;
        }
        Ok(smallvec![Some(grad)])
    }
    fn release(&mut self) {
        self.out.release();
    }
}

/// (U, s, V^T) with `A = U diag(s) V^T`, s descending, and as many columns of U and rows of V^T as there are singular
/// values.
pub fn svd(a: &Tensor) -> Result<(Tensor, Tensor, Tensor)> {
    const OP: &str = "linalg.svd";
    let (batch, m, n) = matrix_shape(OP, a)?;
    let k = m.min(n);
    let packing = Packing::new(OP, &[with(&batch, &[m, k]), with(&batch, &[k]), with(&batch, &[k, n])])?;
    let (memory, outputs) = packing.arrays(OP, a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(float, OP, a.dtype(), T => {
        each::<T>(OP, &batch, m.max(n), &[&input], &[&outputs[0], &outputs[1], &outputs[2]], |from, to| match to {
            [u, s, vt] => diffkit_linalg::svd(from[0], m, n, u, s, vt),
            _ => Ok(()),
        })?;
    });
    let rule = |out: &Array| Svd { packing: packing.clone(), out: Saved::output(out) };
    let mut outputs = packing.tensors(&Tensor::record(memory, smallvec![a.edge()], rule));
    let (vt, s) = (outputs.remove(2), outputs.remove(1));
    Ok((outputs.remove(0), s, vt))
}

/// The singular values in descending order.
pub fn svdvals(a: &Tensor) -> Result<Tensor> {
    const OP: &str = "linalg.svdvals";
    if a.edge().is_some() {
        return Ok(svd(a)?.1);
    }
    let (batch, m, n) = matrix_shape(OP, a)?;
    let out = Array::uninit(OP, &with(&batch, &[m.min(n)]), a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(float, OP, a.dtype(), T => {
        each::<T>(OP, &batch, m.max(n), &[&input], &[&out], |from, to| {
            diffkit_linalg::singular_values(from[0], m, n, to[0])
        })?;
    });
    Ok(out.into())
}
