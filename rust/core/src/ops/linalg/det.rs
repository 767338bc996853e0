//! Determinants.

use super::{adjoint, count, each, in_parallel, product, scale_columns, square_shape, svd};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops::complex::{complex, imag, real};
use crate::ops::recompute::Recompute;
use crate::ops::reduce::{Extreme, truth};
use crate::ops::{self, Arg, view};
use crate::tensor::Tensor;
use diffkit_linalg::Scalar as Wide;
use smallvec::smallvec;

/// Above this order the second derivative of the determinant of a singular matrix is refused: it is made of minors.
const MINORS_UP_TO: usize = 24;

/// (sign, logarithm of the magnitude, determinant) of each matrix in its dtype, without history.
fn determinants(op: &'static str, a: &Tensor) -> Result<[Array; 3]> {
    let (batch, n) = square_shape(op, a)?;
    let fresh = || Array::uninit(op, &batch, a.dtype());
    let outputs = [fresh()?, fresh()?, fresh()?];
    let input = a.array().contiguous(op)?;
    let [sign, log, det] = &outputs;
    dispatch!(inexact, op, a.dtype(), T => {
        each::<T>(op, &batch, n, &[&input], &[sign, log, det], |from, to| {
            let found = diffkit_linalg::lu_det(from[0], n, &in_parallel)?;
            let ((sign, phase), (det, turned)) = (Wide::parts(found.sign), Wide::parts(found.det));
            for (slot, (re, im)) in to.iter_mut().zip([(sign, phase), (found.logabsdet, 0.0), (det, turned)]) {
                slot[0] = <T as Element>::from_parts(re, im);
            }
            Ok(())
        })?;
    });
    Ok(outputs)
}

/// A number per matrix as factor of whole matrices.
fn per_matrix(x: &Tensor) -> Result<Tensor> {
    view::unsqueeze(&view::unsqueeze(x, -1)?, -1)
}

struct Det {
    a: Saved,
}

impl Rule for Det {
    fn name(&self) -> &'static str {
        "LinalgDetBackward0"
    }
    /// `g` times the conjugates of the cofactors.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(ops::strong_mul(&per_matrix(g)?, &cofactors(&cx.unpack(&self.a)?)?)?)])
    }
    fn release(&mut self) {
        self.a.release();
    }
}

/// The determinant of each matrix. Its gradient is the matrix of cofactors, also where the matrix is singular.
pub fn det(a: &Tensor) -> Result<Tensor> {
    let [_, _, det] = determinants("linalg.det", a)?;
    Ok(Tensor::record(det, smallvec![a.edge()], |_| Det { a: Saved::input(0, a) }))
}

/// The conjugates of the cofactors from the singular value decomposition, `conj(det(U) det(V^H)) U diag(products of the
/// other s) V^H`, which holds for every rank.
fn cofactors(a: &Tensor) -> Result<Tensor> {
    const OP: &str = "linalg.det";
    let (batch, n) = square_shape(OP, a)?;
    let x = a.detach();
    if n == 0 || count(&batch) == 0 {
        return ops::zeros_like(&x);
    }
    let finite = ops::unary(&ops::unary::isfinite::OP, &x)?;
    if truth(Extreme::Min, &finite, None, false)?.array().first().as_i64() == 0 {
        return Err(Error::linalg(OP, "the gradient needs finite matrices; the input has a NaN or an infinity"));
    }
    let (u, s, vh) = svd(&x, false)?;
    let [u_sign, ..] = determinants(OP, &u)?;
    let [v_sign, ..] = determinants(OP, &vh)?;
    let sign = ops::conj(&ops::mul(&u_sign.into(), &v_sign.into())?)?;
    // others[j] = product of all s but s[j], by the table of s with ones on its diagonal.
    let table = view::broadcast_to(OP, &view::unsqueeze(&s, -2)?, x.shape())?;
    let diagonal = ops::cast(&super::pattern(&x, n, |i, j| f64::from(u8::from(i == j)))?, DType::Bool)?;
    let table = ops::where_(&diagonal, super::super::derived::float(1.0), Arg::Tensor(&table))?;
    let others = ops::reduce::prod(&table, Some(-1), false, None)?;
    let value = ops::mul(&per_matrix(&sign)?, &product(&[&scale_columns(&u, &others)?, &vh])?)?;
    Recompute::record("CofactorsBackward0", value.array().clone(), a, cofactors_by_formula)
}

/// The same as operations that differentiate: `conj(det(A)) A^-H`, or for singular matrices minors.
fn cofactors_by_formula(a: &Tensor) -> Result<Tensor> {
    let [sign, ..] = determinants("linalg.det", a)?;
    let regular = truth(Extreme::Min, &sign.into(), None, false)?.array().first().as_i64() != 0;
    if regular {
        return ops::mul(&per_matrix(&ops::conj(&det(a)?)?)?, &adjoint(&super::inv(a)?)?);
    }
    let n = a.shape()[a.ndim() - 1];
    if n > MINORS_UP_TO {
        let why = format!("the second derivative at a singular matrix is computed up to order {MINORS_UP_TO}, got {n}");
        return Err(Error::linalg("linalg.det", why));
    }
    let without = |x: &Tensor, axis: usize, i: usize| -> Result<Tensor> {
        let piece = |start, len| view::relayout("SliceBackward0", x, move |l| l.slice(axis, start, 1, len));
        ops::cat(&[piece(0, i), piece(i + 1, n - 1 - i)], axis as i64)
    };
    let last = a.ndim() - 1;
    let mut rows = Vec::new();
    for i in 0..n {
        let rest = without(a, last - 1, i)?;
        let minors: Vec<Tensor> = (0..n).map(|j| without(&rest, last, j)).collect::<Result<_>>()?;
        rows.push(ops::stack(&minors, -3)?);
    }
    let minors = ops::conj(&det(&ops::stack(&rows, -4)?)?)?;
    ops::mul(&minors, &super::pattern(a, n, |i, j| if (i + j) % 2 == 0 { 1.0 } else { -1.0 })?)
}

struct LogDet {
    a: Saved,
}

impl Rule for LogDet {
    fn name(&self) -> &'static str {
        "LinalgSlogdetBackward0"
    }
    /// `g A^-H`.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let inverse = super::inv(&adjoint(&cx.unpack(&self.a)?)?)?;
        Ok(smallvec![Some(ops::strong_mul(&per_matrix(g)?, &inverse)?)])
    }
    fn release(&mut self) {
        self.a.release();
    }
}

/// The sign of a complex determinant is a direction that turns with the matrix.
struct Phase {
    a: Saved,
    sign: Saved,
}

impl Rule for Phase {
    fn name(&self) -> &'static str {
        "LinalgSlogdetBackward0"
    }
    /// `-i Im(conj(g) sign) A^-H`.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let turn = imag(&ops::mul(&ops::conj(g)?, &cx.unpack(&self.sign)?)?)?;
        let turn = complex(&ops::zeros_like(&turn)?, &ops::neg(&turn)?)?;
        let inverse = super::inv(&adjoint(&cx.unpack(&self.a)?)?)?;
        Ok(smallvec![Some(ops::strong_mul(&per_matrix(&turn)?, &inverse)?)])
    }
    fn release(&mut self) {
        self.a.release();
        self.sign.release();
    }
}

/// (sign, log of the magnitude) of each determinant: (0, -inf) for a singular matrix, of which there is no gradient.
pub fn slogdet(a: &Tensor) -> Result<(Tensor, Tensor)> {
    let [sign, log, _] = determinants("linalg.slogdet", a)?;
    let log = real(&log.into())?.array().clone();
    let log = Tensor::record(log, smallvec![a.edge()], |_| LogDet { a: Saved::input(0, a) });
    if !a.dtype().is_complex() {
        return Ok((sign.into(), log));
    }
    let rule = |sign: &Array| Phase { a: Saved::input(0, a), sign: Saved::output(sign) };
    Ok((Tensor::record(sign, smallvec![a.edge()], rule), log))
}
