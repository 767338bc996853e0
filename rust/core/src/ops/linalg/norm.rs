//! Norms of vectors and matrices. At zero every norm has gradient zero.

use super::{inexact_only, matrix_shape, svdvals};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::layout::normalize_axes;
use crate::ops::complex::square_abs;
use crate::ops::derived::with_number;
use crate::ops::reduce::{Axes, Extreme, axes_of, extreme, spread};
use crate::ops::{self, Arg, binary as element, view};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;

/// Which norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// For vectors the p-norm, where 0 counts and inf and -inf are the extremes; for matrices 1, -1, 2, -2, inf, -inf.
    P(f64),
    /// Frobenius: the root of the sum of squares.
    Fro,
    /// Nuclear: the sum of the singular values.
    Nuc,
}

/// The rule of the 2-norm: the unit vector, and zero where the norm is zero, to any order.
struct Euclidean {
    axes: Axes,
    x: Saved,
    norm: Saved,
}

impl Rule for Euclidean {
    fn name(&self) -> &'static str {
        "LinalgVectorNormBackward0"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let (x, norm) = (cx.unpack(&self.x)?, cx.unpack(&self.norm)?);
        let is_zero = with_number(&element::eq::OP, &norm.detach(), 0.0)?;
        let number = |v| Arg::Scalar(Scalar::Float(v));
        let divisor = ops::where_(&is_zero, number(1.0), Arg::Tensor(&norm))?;
        let share = ops::where_(&is_zero, number(0.0), Arg::Tensor(&ops::div(g, &divisor)?))?;
        Ok(smallvec![Some(ops::strong_mul(&spread(&share, x.shape(), &self.axes)?, &x)?)])
    }
    fn release(&mut self) {
        self.x.release();
        self.norm.release();
    }
}

/// `sum(|x|^p)^(1/p)` over `axes` (all if none are named); for p of inf and -inf the largest and smallest magnitude, for
/// 0 the number of elements that are not zero.
pub fn vector_norm(x: &Tensor, p: f64, axes: Option<&[i64]>, keep: bool) -> Result<Tensor> {
    const OP: &str = "linalg.vector_norm";
    inexact_only(OP, x)?;
    let sum = |x: &Tensor| ops::sum(x, axes, keep, None);
    if p == 2.0 {
        let axes = axes_of(OP, x, axes)?;
        let norm = ops::sqrt(&sum(&square_abs(&x.detach())?)?)?.array().clone();
        return Ok(Tensor::record(norm, smallvec![x.edge()], |norm| Euclidean {
            axes,
            x: Saved::input(0, x),
            norm: Saved::output(norm),
        }));
    }
    if p == 0.0 {
        let counts = ops::cast(&with_number(&element::ne::OP, x, 0.0)?, x.dtype().real())?;
        // Constant almost everywhere, but part of the graph: the gradient is there, and zero.
        return sum(&ops::add(&counts, &with_number(&element::strong_mul::OP, &ops::abs(x)?, 0.0)?)?);
    }
    let size = ops::abs(x)?;
    match p {
        1.0 => sum(&size),
        f64::INFINITY => extreme(Extreme::Max, &size, axes, keep),
        f64::NEG_INFINITY => extreme(Extreme::Min, &size, axes, keep),
        p if p.is_nan() => Err(Error::value(OP, "the order must be a number, got NaN")),
        p => with_number(&element::pow::OP, &sum(&with_number(&element::pow::OP, &size, p)?)?, 1.0 / p),
    }
}

/// The norm of matrices in the two `axes`: "fro", "nuc", the largest (1, inf) or smallest (-1, -inf) absolute column or
/// row sum, or the largest (2) or smallest (-2) singular value.
pub fn matrix_norm(a: &Tensor, order: Order, axes: [i64; 2], keep: bool) -> Result<Tensor> {
    const OP: &str = "linalg.matrix_norm";
    matrix_shape(OP, a)?;
    let pair = normalize_axes(OP, &axes, a.ndim())?;
    let others = (0..a.ndim()).filter(|axis| !pair.contains(axis));
    let to_end: Vec<i64> = others.chain(pair.iter().copied()).map(|axis| axis as i64).collect();
    let x = view::permute(a, &to_end)?;
    // abs() of singular values gives those that are zero the gradient zero.
    let singular = || ops::abs(&svdvals(&x)?);
    let sums =
        |axis: i64, kind| extreme(kind, &ops::sum(&ops::abs(&x)?, Some(&[axis]), true, None)?, Some(&[-1, -2]), false);
    let result = match order {
        Order::Fro => vector_norm(&x, 2.0, Some(&[-1, -2]), false)?,
        Order::Nuc => ops::sum(&singular()?, Some(&[-1]), false, None)?,
        Order::P(2.0) => extreme(Extreme::Max, &singular()?, Some(&[-1]), false)?,
        Order::P(-2.0) => extreme(Extreme::Min, &singular()?, Some(&[-1]), false)?,
        Order::P(1.0) => sums(-2, Extreme::Max)?,
        Order::P(-1.0) => sums(-2, Extreme::Min)?,
        Order::P(f64::INFINITY) => sums(-1, Extreme::Max)?,
        Order::P(f64::NEG_INFINITY) => sums(-1, Extreme::Min)?,
        Order::P(p) => {
            let why = format!("the order of a matrix norm is \"fro\", \"nuc\", 1, -1, 2, -2, inf or -inf, got {p}");
            return Err(Error::value(OP, why));
        }
    };
    if !keep {
        return Ok(result);
    }
    let mut kept = pair;
    kept.sort_unstable();
    view::unsqueeze(&view::unsqueeze(&result, kept[0] as i64)?, kept[1] as i64)
}

/// PyTorch's `norm`: numbers and "fro" are norms of the elements, "nuc" is that of matrices.
pub fn norm(x: &Tensor, order: Order, axes: Option<&[i64]>, keep: bool, dtype: Option<DType>) -> Result<Tensor> {
    let x = &cast(x, dtype)?;
    match (order, axes) {
        (Order::P(p), axes) => vector_norm(x, p, axes, keep),
        (Order::Fro, axes) => vector_norm(x, 2.0, axes, keep),
        (Order::Nuc, None) if x.ndim() == 2 => matrix_norm(x, order, [0, 1], keep),
        (Order::Nuc, Some(&[first, second])) => matrix_norm(x, order, [first, second], keep),
        (Order::Nuc, _) => {
            Err(Error::shape("norm", &[x.shape()], "the nuclear norm is of matrices; name their two axes"))
        }
    }
}

fn cast(x: &Tensor, dtype: Option<DType>) -> Result<Tensor> {
    dtype.map_or_else(|| Ok(x.clone()), |dtype| ops::cast(x, dtype))
}

/// PyTorch's `linalg.norm`: without an order the 2-norm of the elements; with one, that of vectors (one axis) or of
/// matrices (two axes), where unnamed axes are all that there are.
pub fn linalg_norm(
    x: &Tensor,
    order: Option<Order>,
    axes: Option<&[i64]>,
    keep: bool,
    dtype: Option<DType>,
) -> Result<Tensor> {
    const OP: &str = "linalg.norm";
    let x = &cast(x, dtype)?;
    let Some(order) = order else { return vector_norm(x, 2.0, axes, keep) };
    let all: Vec<i64> = (0..x.ndim() as i64).collect();
    match (axes.unwrap_or(&all), order) {
        (&[first, second], order) => matrix_norm(x, order, [first, second], keep),
        (axes @ &[_], Order::P(p)) => vector_norm(x, p, Some(axes), keep),
        (&[_], _) => {
            Err(Error::value(OP, "\"fro\" and \"nuc\" are norms of matrices; name two axes, or give a number"))
        }
        _ => {
            Err(Error::shape(OP, &[x.shape()], "an order needs one axis (vectors) or two (matrices); name them in dim"))
        }
    }
}
