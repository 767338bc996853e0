//! Linear systems and inverses.

use super::{adjoint, each, in_parallel, product, square_shape, with};
use crate::array::Array;
use crate::dispatch;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::layout::broadcast_shapes;
use crate::ops::matmul::matmul;
use crate::ops::{self, view};
use crate::tensor::Tensor;
use smallvec::smallvec;

struct Solve {
    a: Saved,
    x: Saved,
}

impl Rule for Solve {
    fn name(&self) -> &'static str {
        "LinalgSolveExBackward0"
    }
    /// By `b`: `A^-H g`; by `A`: minus that times `x^H`.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let by_b = systems("linalg.solve", &adjoint(&cx.unpack(&self.a)?)?, g)?;
        let by_a = match cx.needs(0) {
            true => Some(ops::neg(&matmul(&by_b, &adjoint(&cx.unpack(&self.x)?)?)?)?),
            false => None,
        };
        Ok(smallvec![by_a, cx.needs(1).then_some(by_b)])
    }
    fn release(&mut self) {
        self.a.release();
        self.x.release();
    }
}

/// The `x` with `a @ x = b`. `b` is a stack of vectors if it has one axis or the shape of `a` without its last axis,
/// else matrices; batches broadcast.
pub fn solve(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    const OP: &str = "linalg.solve";
    square_shape(OP, a)?;
    if a.dtype() != b.dtype() {
        return Err(Error::dtype(OP, &[a.dtype(), b.dtype()], "both must have one dtype; convert one with .to(dtype)"));
    }
    if b.ndim() == 1 || b.shape() == &a.shape()[..a.ndim() - 1] {
        return view::squeeze(&systems(OP, a, &view::unsqueeze(b, -1)?)?, Some(&[-1]));
    }
    systems(OP, a, b)
}

fn systems(op: &'static str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (batch_a, n) = square_shape(op, a)?;
    if b.ndim() < 2 || b.shape()[b.ndim() - 2] != n {
        let why = format!("the right side must have {n} rows, as the matrix");
        return Err(Error::shape(op, &[a.shape(), b.shape()], why));
    }
    let (batch_b, width) = (&b.shape()[..b.ndim() - 2], b.shape()[b.ndim() - 1]);
    let batch = broadcast_shapes(op, &batch_a, batch_b)?;
    let spread =
        |x: &Tensor, columns| x.array().view(x.layout().broadcast_to(op, &with(&batch, &[n, columns]))?).contiguous(op);
    let (left, right) = (spread(a, n)?, spread(b, width)?);
    let out = Array::uninit(op, &with(&batch, &[n, width]), a.dtype())?;
    dispatch!(inexact, op, a.dtype(), T => {
        each::<T>(op, &batch, n, &[&left, &right], &[&out], |from, to| {
            diffkit_linalg::lu_solve(from[0], n, from[1], width, to[0], &in_parallel)
        })?;
    });
    let edges = smallvec![a.edge(), b.edge()];
    Ok(Tensor::record(out, edges, |out| Solve { a: Saved::input(0, a), x: Saved::output(out) }))
}

struct Inverse {
    y: Saved,
}

impl Rule for Inverse {
    fn name(&self) -> &'static str {
        "LinalgInvExBackward0"
    }
    /// `-Y^H g Y^H`.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let yh = adjoint(&cx.unpack(&self.y)?)?;
        Ok(smallvec![Some(ops::neg(&product(&[&yh, g, &yh])?)?)])
    }
    fn release(&mut self) {
        self.y.release();
    }
}

/// The inverse of each matrix.
pub fn inv(a: &Tensor) -> Result<Tensor> {
    const OP: &str = "linalg.inv";
    let (batch, n) = square_shape(OP, a)?;
    let out = Array::uninit(OP, a.shape(), a.dtype())?;
    let input = a.array().contiguous(OP)?;
    dispatch!(inexact, OP, a.dtype(), T => {
        each::<T>(OP, &batch, n, &[&input], &[&out], |from, to| {
            diffkit_linalg::inverse(from[0], n, to[0], &in_parallel)
        })?;
    });
    Ok(Tensor::record(out, smallvec![a.edge()], |out| Inverse { y: Saved::output(out) }))
}
