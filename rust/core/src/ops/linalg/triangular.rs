//! Triangular systems.

use super::{adjoint, each, square_shape, with};
use crate::array::Array;
use crate::dispatch;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::layout::broadcast_shapes;
use crate::ops::arrange::triangle as part;
use crate::ops::create::Triangle as Side;
use crate::ops::matmul::matmul;
use crate::ops::{self, view};
use crate::tensor::Tensor;
use diffkit_linalg::Triangle;
use smallvec::smallvec;

struct SolveTriangular {
    triangle: Triangle,
    a: Saved,
    x: Saved,
}

impl Rule for SolveTriangular {
    fn name(&self) -> &'static str {
        "LinalgSolveTriangularBackward0"
    }
    /// By `b`: `A^-H g`; by `A`: the triangle of minus that times `x^H`, without the diagonal if it is taken as ones.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let Triangle { upper, unit } = self.triangle;
        let by_b = solve_triangular(&adjoint(&cx.unpack(&self.a)?)?, g, Triangle { upper: !upper, unit }, true)?;
        let by_a = match cx.needs(0) {
            true => {
                let whole = ops::neg(&matmul(&by_b, &adjoint(&cx.unpack(&self.x)?)?)?)?;
                let (side, offset) = if upper { (Side::Upper, 1) } else { (Side::Lower, -1) };
                Some(part(side, &whole, if unit { offset } else { 0 })?)
            }
            false => None,
        };
        Ok(smallvec![by_a, cx.needs(1).then_some(by_b)])
    }
    fn release(&mut self) {
        self.a.release();
        self.x.release();
    }
}

/// The `x` with `a @ x = b` for triangular `a`, of which only the triangle is read, or with `x @ a = b` if `a` is not on
/// the left. Batches broadcast.
pub fn solve_triangular(a: &Tensor, b: &Tensor, triangle: Triangle, left: bool) -> Result<Tensor> {
    const OP: &str = "linalg.solve_triangular";
    let (batch_a, n) = square_shape(OP, a)?;
    if a.dtype() != b.dtype() {
        return Err(Error::dtype(OP, &[a.dtype(), b.dtype()], "both must have one dtype; convert one with .to(dtype)"));
    }
    if !left {
        let flipped = Triangle { upper: !triangle.upper, ..triangle };
        let (a, b) = (view::matrix_transpose(a)?, view::matrix_transpose(b)?);
        return view::matrix_transpose(&solve_triangular(&a, &b, flipped, true)?);
    }
    if b.ndim() < 2 || b.shape()[b.ndim() - 2] != n {
        let why = format!("the right side must be a matrix with {n} rows (columns with left=False)");
        return Err(Error::shape(OP, &[a.shape(), b.shape()], why));
    }
    let (batch_b, width) = (&b.shape()[..b.ndim() - 2], b.shape()[b.ndim() - 1]);
    let batch = broadcast_shapes(OP, &batch_a, batch_b)?;
    let spread =
        |x: &Tensor, columns| x.array().view(x.layout().broadcast_to(OP, &with(&batch, &[n, columns]))?).contiguous(OP);
    let (matrices, sides) = (spread(a, n)?, spread(b, width)?);
    let out = Array::uninit(OP, &with(&batch, &[n, width]), a.dtype())?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, n, &[&matrices, &sides], &[&out], |from, to| {
            diffkit_linalg::solve_triangular(from[0], n, triangle, from[1], width, to[0])
        })?;
    });
    let edges = smallvec![a.edge(), b.edge()];
    let rule = |out: &Array| SolveTriangular { triangle, a: Saved::input(0, a), x: Saved::output(out) };
    Ok(Tensor::record(out, edges, rule))
}
