//! Reductions over axes: sum, product, extremes, means and what is made of them.

use super::element::{Arg, default_float};
use super::recompute::Recompute;
use super::{binary as rows, cast, view};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::{Complex, DType, Element, Flag};
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::kernels::arg::arg_reduce;
use crate::kernels::fold::Fold;
use crate::kernels::reduce::reduce;
use crate::layout::{Dims, normalize_axes, normalize_axis};
use crate::ops::{self, binary};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};

pub(super) type Axes = SmallVec<[usize; 4]>;

/// Which axes a reduction folds: all of them where none are named.
pub(super) fn axes_of(op: &'static str, x: &Tensor, axes: Option<&[i64]>) -> Result<Axes> {
    match axes {
        Some(axes) => normalize_axes(op, axes, x.ndim()),
        None => Ok((0..x.ndim()).collect()),
    }
}

/// The shape with the folded axes as 1, or without them.
fn reduced_shape(shape: &[usize], axes: &[usize], keep: bool) -> Dims {
    let size = |axis: usize| match (axes.contains(&axis), keep) {
        (false, _) => Some(shape[axis]),
        (true, true) => Some(1),
        (true, false) => None,
    };
    (0..shape.len()).filter_map(size).collect()
}

fn signed(shape: &[usize]) -> SmallVec<[i64; 4]> {
    shape.iter().map(|&s| s as i64).collect()
}

/// A reduced tensor spread over the original shape again.
pub(super) fn spread(g: &Tensor, shape: &[usize], axes: &[usize]) -> Result<Tensor> {
    let kept = view::reshape(g, &signed(&reduced_shape(shape, axes, true)))?;
    view::broadcast_to("expand", &kept, shape)
}

struct Plus;
struct Times;
struct Larger;
struct Smaller;

macro_rules! folds {
    ($T:ident, $plus:expr, $times:expr, $low:expr, $high:expr) => {
        folds!(@one $T, Plus, 0 as $T, $plus);
        folds!(@one $T, Times, 1 as $T, $times);
        folds!(@one $T, Larger, $low, |a: $T, b: $T| {
            let larger = if b > a { b } else { a };
            if b.is_nan() { b } else { larger }
        });
        folds!(@one $T, Smaller, $high, |a: $T, b: $T| {
            let smaller = if b < a { b } else { a };
            if b.is_nan() { b } else { smaller }
        });
    };
    (@one $T:ident, $F:ident, $start:expr, $fold:expr $(, $finish:expr)?) => {
        impl Fold<$T> for $F {
            const START: $T = $start;
            #[inline(always)]
            fn fold(a: $T, b: $T) -> $T {
                $fold(a, b)
            }
            $(#[inline(always)]
            fn finish(value: $T) -> $T {
                $finish(value)
            })?
        }
    };
}
folds!(f32, |a, b| a + b, |a, b| a * b, f32::NEG_INFINITY, f32::INFINITY);
folds!(f64, |a, b| a + b, |a, b| a * b, f64::NEG_INFINITY, f64::INFINITY);
macro_rules! integer_folds {
    ($($T:ident)*) => {
        $(folds!($T, $T::wrapping_add, $T::wrapping_mul, $T::MIN, $T::MAX);)*
    };
}
integer_folds!(u8 u16 u32 u64 i8 i16 i32 i64);
type C32 = Complex<f32>;
type C64 = Complex<f64>;
folds!(@one C32, Plus, Complex::new(0.0, 0.0), |a, b| a + b);
folds!(@one C32, Times, Complex::new(1.0, 0.0), |a, b| a * b);
folds!(@one C64, Plus, Complex::new(0.0, 0.0), |a, b| a + b);
folds!(@one C64, Times, Complex::new(1.0, 0.0), |a, b| a * b);
// Any byte but zero is true: the bits together, the smallest byte.
folds!(@one Flag, Larger, Flag(0), |a: Flag, b: Flag| Flag(a.0 | b.0), |v: Flag| Flag(v.get() as u8));
folds!(@one Flag, Smaller, Flag(1), |a: Flag, b: Flag| Flag(a.0.min(b.0)));

// ---- sum ----

struct Sum {
    shape: Dims,
    axes: Axes,
}

impl Rule for Sum {
    fn name(&self) -> &'static str {
        "SumBackward0"
    }
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(spread(g, &self.shape, &self.axes)?)])
    }
}

/// The sum over `axes` (all if none are named). Small integers and bools are summed as int64. The gradient is spread
/// over the folded elements.
pub fn sum(x: &Tensor, axes: Option<&[i64]>, keep: bool, dtype: Option<DType>) -> Result<Tensor> {
    let axes = axes_of("sum", x, axes)?;
    let dtype = dtype.unwrap_or_else(|| x.dtype().widened());
    // What has no gradient is converted on the way.
    let x = if x.dtype().is_inexact() { cast(x, dtype)? } else { x.clone() };
    let shape = reduced_shape(x.shape(), &axes, keep);
    let out = Array::uninit("sum", &shape, dtype)?;
    match dtype {
        DType::Bool => reduce::<Larger, Flag>(x.array(), &axes, &out)?,
        dtype => dispatch!(ring, "sum", dtype, T => reduce::<Plus, T>(x.array(), &axes, &out)?),
    }
    let from = x.layout().dims();
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Sum { shape: from, axes }))
}

/// What was broadcast to `x`'s shape, summed back to `shape`.
pub fn sum_to(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    const OP: &str = "sum_to";
    if x.layout().clone().shape() == shape {
        return Ok(x.clone());
    }
    let lead = x.ndim().checked_sub(shape.len());
    let fits = |lead: usize| (0..shape.len()).all(|a| shape[a] == x.shape()[lead + a] || shape[a] == 1);
    let Some(lead) = lead.filter(|&lead| fits(lead)) else {
        return Err(Error::shape(OP, &[x.shape(), shape], "the first shape is not broadcast from the second"));
    };
    let folded = |axis: &usize| *axis < lead || (shape[axis - lead] == 1 && x.shape()[*axis] != 1);
    let axes: SmallVec<[i64; 4]> = (0..x.ndim()).filter(folded).map(|a| a as i64).collect();
    let summed = if axes.is_empty() { x.clone() } else { sum(x, Some(&axes), false, Some(x.dtype()))? };
    view::reshape(&summed, &signed(shape))
}

// ---- product ----

/// The product over one axis (all if none is named). Its gradient is exact where factors are zero.
pub fn prod(x: &Tensor, axis: Option<i64>, keep: bool, dtype: Option<DType>) -> Result<Tensor> {
    let x = cast(x, dtype.unwrap_or_else(|| x.dtype().widened()))?;
    let axes = match axis {
        Some(axis) => axes_of("prod", &x, Some(&[axis]))?,
        None => axes_of("prod", &x, None)?,
    };
    let shape = reduced_shape(x.shape(), &axes, keep);
    let out = Array::uninit("prod", &shape, x.dtype())?;
    dispatch!(ring, "prod", x.dtype(), T => reduce::<Times, T>(x.array(), &axes, &out)?);
    let to = signed(&shape);
    Recompute::record("ProdBackward0", out, &x, move |x| {
        let rest: SmallVec<[i64; 4]> = (0..x.ndim()).filter(|a| !axes.contains(a)).map(|a| a as i64).collect();
        let order: SmallVec<[i64; 4]> = rest.iter().copied().chain(axes.iter().map(|&a| a as i64)).collect();
        let kept: usize = rest.iter().map(|&a| x.shape()[a as usize]).product();
        let folded: usize = axes.iter().map(|&a| x.shape()[a]).product();
        let rows = view::reshape(&view::permute(x, &order)?, &[kept as i64, folded as i64])?;
        view::reshape(&halving_product(&rows)?, &to)
    })
}

/// The product along the last of two axes by multiplying halves, so that its derivative is that of `mul`.
fn halving_product(rows: &Tensor) -> Result<Tensor> {
    let mut rows = rows.clone();
    while rows.shape()[1] > 1 {
        let n = rows.shape()[1];
        let half = n / 2;
        let part = |start: usize, len: usize| {
            view::relayout("SliceBackward0", &rows, move |layout| layout.slice(1, start, 1, len))
        };
        let pairs = ops::mul(&part(0, half), &part(half, half))?;
        rows = if n % 2 == 1 { ops::cat(&[pairs, part(n - 1, 1)], 1)? } else { pairs };
    }
    if rows.shape()[1] == 0 {
        return Ok(Array::full("prod", &[rows.shape()[0]], rows.dtype(), Scalar::Int(1))?.into());
    }
    view::squeeze(&rows, Some(&[1]))
}

// ---- extremes ----

#[derive(Clone, Copy, PartialEq)]
pub enum Extreme {
    Max,
    Min,
}

impl Extreme {
    fn name(self) -> &'static str {
        if self == Extreme::Max { "max" } else { "min" }
    }
}

struct ExtremeRule {
    kind: Extreme,
    axes: Axes,
    x: Saved,
    y: Saved,
}

impl Rule for ExtremeRule {
    fn name(&self) -> &'static str {
        if self.kind == Extreme::Max { "AmaxBackward0" } else { "AminBackward0" }
    }
    /// Equal extremes share the gradient equally.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let x = self.x.array(cx.op())?;
        let y = spread(&self.y.array(cx.op())?.into(), x.shape(), &self.axes)?;
        let shape = x.shape().to_vec();
        let x: Tensor = x.into();
        let is_extreme = binary(&rows::eq::OP, Arg::Tensor(&x), Arg::Tensor(&y))?;
        let is_extreme = cast(&is_extreme, g.dtype())?;
        let axes: SmallVec<[i64; 4]> = self.axes.iter().map(|&a| a as i64).collect();
        let count = sum(&is_extreme, Some(&axes), true, None)?;
        let share = binary(&rows::div::OP, Arg::Tensor(&is_extreme), Arg::Tensor(&count))?;
        let g = spread(g, &shape, &self.axes)?;
        Ok(smallvec![Some(binary(&rows::strong_mul::OP, Arg::Tensor(&g), Arg::Tensor(&share))?)])
    }
    fn release(&mut self) {
        self.x.release();
        self.y.release();
    }
}

/// The largest or smallest element over `axes` (all if none are named); NaN if one is there.
pub fn extreme(kind: Extreme, x: &Tensor, axes: Option<&[i64]>, keep: bool) -> Result<Tensor> {
    let axes = axes_of(kind.name(), x, axes)?;
    let shape = reduced_shape(x.shape(), &axes, keep);
    no_empty(kind.name(), x, &axes)?;
    let out = Array::uninit(kind.name(), &shape, x.dtype())?;
    dispatch!(real, kind.name(), x.dtype(), T => match kind {
        Extreme::Max => reduce::<Larger, T>(x.array(), &axes, &out)?,
        Extreme::Min => reduce::<Smaller, T>(x.array(), &axes, &out)?,
    });
    Ok(Tensor::record(out, smallvec![x.edge()], |out| ExtremeRule {
        kind,
        axes,
        x: Saved::input(0, x),
        y: Saved::output(out),
    }))
}

fn no_empty(op: &'static str, x: &Tensor, axes: &[usize]) -> Result<()> {
    if axes.iter().any(|&a| x.shape()[a] == 0) && !(0..x.ndim()).any(|a| !axes.contains(&a) && x.shape()[a] == 0) {
        return Err(Error::shape(op, &[x.shape()], "no elements to take the extreme of along an empty axis"));
    }
    Ok(())
}

/// The position of the extreme along one axis, or in the flattened tensor; the first of equals.
pub fn arg_extreme(kind: Extreme, x: &Tensor, axis: Option<i64>, keep: bool) -> Result<Tensor> {
    let op = if kind == Extreme::Max { "argmax" } else { "argmin" };
    let detached = x.detach();
    let (flat, axis) = match axis {
        Some(axis) if x.ndim() > 0 => (detached, normalize_axis(op, axis, x.ndim())?),
        Some(axis) => {
            normalize_axes(op, &[axis], 0)?;
            (view::reshape(&detached, &[1])?, 0)
        }
        None => (view::reshape(&detached, &[-1])?, 0),
    };
    no_empty(op, &flat, &[axis])?;
    let out = Array::uninit(op, &reduced_shape(flat.shape(), &[axis], false), DType::I64)?;
    dispatch!(real, op, x.dtype(), T => match kind {
        Extreme::Max => arg_reduce::<Larger, T>(flat.array(), axis, &out)?,
        Extreme::Min => arg_reduce::<Smaller, T>(flat.array(), axis, &out)?,
    });
    let out = Tensor::from(out);
    match keep {
        false => Ok(if x.ndim() == 0 || flat.ndim() > x.ndim() { view::reshape(&out, &[])? } else { out }),
        true if flat.shape() == x.shape() => view::unsqueeze(&out, axis as i64),
        true => view::reshape(&out, &signed(&vec![1; x.ndim()])),
    }
}

/// (values, positions) of the extremes along one axis; the gradient goes to the position found.
pub fn extreme_with_index(kind: Extreme, x: &Tensor, axis: i64, keep: bool) -> Result<(Tensor, Tensor)> {
    let index = arg_extreme(kind, x, Some(axis), true)?;
    let values = if x.ndim() == 0 { view::alias(x)? } else { ops::gather(x, axis, &index)? };
    if keep || x.ndim() == 0 {
        return Ok((values, index));
    }
    Ok((view::squeeze(&values, Some(&[axis]))?, view::squeeze(&index, Some(&[axis]))?))
}

// ---- truth ----

/// True where any (or, with `Extreme::Min`, every) element along `axes` is non-zero.
pub fn truth(kind: Extreme, x: &Tensor, axes: Option<&[i64]>, keep: bool) -> Result<Tensor> {
    let op = if kind == Extreme::Max { "any" } else { "all" };
    let axes = axes_of(op, x, axes)?;
    let out = Array::uninit(op, &reduced_shape(x.shape(), &axes, keep), DType::Bool)?;
    match kind {
        Extreme::Max => reduce::<Larger, Flag>(x.array(), &axes, &out)?,
        Extreme::Min => reduce::<Smaller, Flag>(x.array(), &axes, &out)?,
    }
    Ok(out.into())
}

// ---- means and what is made of them ----

fn count_along(x: &Tensor, axes: &[usize]) -> f64 {
    axes.iter().map(|&a| x.shape()[a] as f64).product()
}

/// The mean over `axes` (all if none are named); NaN of nothing.
pub fn mean(x: &Tensor, axes: Option<&[i64]>, keep: bool, dtype: Option<DType>) -> Result<Tensor> {
    let dtype = dtype.unwrap_or(x.dtype());
    if !dtype.is_inexact() {
        let why = "the mean of integers is not an integer; convert first (x.float()) or pass dtype=";
        return Err(Error::dtype("mean", &[dtype], why));
    }
    let axes = axes_of("mean", x, axes)?;
    let x = cast(x, dtype)?;
    let divisor = Scalar::Float(count_along(&x, &axes));
    let names: SmallVec<[i64; 4]> = axes.iter().map(|&a| a as i64).collect();
    let total = sum(&x.detach(), if axes.len() == x.ndim() { None } else { Some(&names) }, keep, None)?;
    let out = binary(&rows::div::OP, Arg::Tensor(&total), Arg::Scalar(divisor))?.array().clone();
    let shape = x.layout().dims();
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Mean { shape, axes, divisor }))
}

struct Mean {
    shape: Dims,
    axes: Axes,
    divisor: Scalar,
}

impl Rule for Mean {
    fn name(&self) -> &'static str {
        "MeanBackward0"
    }
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        let share = binary(&rows::div::OP, Arg::Tensor(g), Arg::Scalar(self.divisor))?;
        Ok(smallvec![Some(spread(&share, &self.shape, &self.axes)?)])
    }
}

/// The variance over `axes` with divisor n - `correction` (1: unbiased), by two passes.
pub fn var(x: &Tensor, axes: Option<&[i64]>, correction: f64, keep: bool) -> Result<Tensor> {
    if !x.dtype().is_inexact() {
        return Err(Error::dtype("var", &[x.dtype()], "takes floats only; convert with x.float()"));
    }
    let n = count_along(x, &axes_of("var", x, axes)?);
    let deviation = ops::sub(x, &mean(x, axes, true, None)?)?;
    let total = sum(&ops::complex::square_abs(&deviation)?, axes, keep, None)?;
    let divisor = Scalar::Float((n - correction).max(0.0));
    binary(&rows::div::OP, Arg::Tensor(&total), Arg::Scalar(divisor))
}

/// `log(sum(exp(x)))` over `axes` without overflow.
pub fn logsumexp(x: &Tensor, axes: Option<&[i64]>, keep: bool) -> Result<Tensor> {
    let x = cast(x, x.dtype().to_float(default_float()))?;
    if axes_of("logsumexp", &x, axes)?.iter().any(|&a| x.shape()[a] == 0) {
        return ops::log(&sum(&x, axes, keep, None)?);
    }
    // The shift changes nothing, so it is a constant to the derivative; infinite maxima are not shifted by.
    let largest = extreme(Extreme::Max, &x.detach(), axes, true)?;
    let is_finite = ops::unary(&super::unary::isfinite::OP, &largest)?;
    let shift = ops::where_(&is_finite, Arg::Tensor(&largest), Arg::Scalar(Scalar::Float(0.0)))?;
    let total = sum(&ops::exp(&ops::sub(&x, &shift)?)?, axes, keep, None)?;
    let log = ops::log(&total)?;
    let shift = view::reshape(&shift, &signed(log.shape()))?;
    ops::add(&log, &shift)
}
