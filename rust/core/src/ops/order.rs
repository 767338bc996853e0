//! Sorting and what follows from order: ranks, quantiles, distinct elements, searching.

use super::element::Arg;
use super::reduce::{Extreme, extreme};
use super::{arrange, binary as rows, complex, index, unary, view};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::kernels::order as kernel;
use crate::layout::{normalize_axes, normalize_axis};
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// The axis to order along; a number counts as a vector of one.
fn axis_of(op: &'static str, x: &Tensor, axis: i64) -> Result<usize> {
    let axis = match x.ndim() {
        0 => normalize_axes(op, &[axis], 0).map(|_| 0)?,
        ndim => normalize_axis(op, axis, ndim)?,
    };
    if x.shape().get(axis).is_some_and(|&n| n > u32::MAX as usize) {
        return Err(Error::shape(op, &[x.shape()], format!("axis {axis} is longer than 4294967295 elements")));
    }
    Ok(axis)
}

/// A number as a vector of one; anything else as it is.
fn at_least_vector(x: &Tensor) -> Result<Tensor> {
    if x.ndim() == 0 { view::reshape(x, &[1]) } else { Ok(x.clone()) }
}

/// The lines along an axis as contiguous memory, the axis last.
fn lines(op: &'static str, x: &Tensor, axis: usize) -> Result<Array> {
    let order: Vec<usize> = (0..x.ndim()).filter(|&a| a != axis).chain([axis]).collect();
    x.array().view(x.layout().permute(&order)).contiguous(op)
}

/// What [`lines`] has moved to the end back at its place, as contiguous memory.
fn from_lines(op: &'static str, lines: Array, axis: usize) -> Result<Array> {
    let last = lines.ndim() - 1;
    let order: Vec<usize> = (0..axis).chain([last]).chain(axis..last).collect();
    lines.view(lines.layout().permute(&order)).contiguous(op)
}

/// The positions of the first `count` elements in order along `axis`, of a tensor with axes.
fn first_positions(op: &'static str, x: &Tensor, axis: usize, count: usize, descending: bool) -> Result<Tensor> {
    let lines = lines(op, x, axis)?;
    let mut shape = lines.layout().dims();
    shape[lines.ndim() - 1] = count;
    let out = Array::uninit(op, &shape, DType::I64)?;
    dispatch!(real, op, x.dtype(), T => kernel::first::<T>(&lines, descending, &out)?);
    Ok(from_lines(op, out, axis)?.into())
}

/// (values, positions) at positions along an axis; the gradient goes to where the values came from.
fn at(x: &Tensor, axis: usize, positions: Tensor) -> Result<(Tensor, Tensor)> {
    Ok((ops::gather(x, axis as i64, &positions)?, positions))
}

/// The pair without the axis of size 1, unless it is kept; numbers were vectors of one on the way.
fn finish(x: &Tensor, axis: usize, keep: bool, pair: (Tensor, Tensor)) -> Result<(Tensor, Tensor)> {
    if keep && x.ndim() > 0 {
        return Ok(pair);
    }
    let axis = [axis as i64];
    Ok((view::squeeze(&pair.0, Some(&axis))?, view::squeeze(&pair.1, Some(&axis))?))
}

/// The elements in order along `axis` and the positions they came from. Equal elements keep their order; NaN counts as
/// larger than everything.
pub fn sort(x: &Tensor, axis: i64, descending: bool) -> Result<(Tensor, Tensor)> {
    let axis = axis_of("sort", x, axis)?;
    let (line, op) = (at_least_vector(x)?, "sort");
    let lines = lines(op, &line, axis)?;
    let (values, positions) = (Array::uninit_like(op, &lines, x.dtype())?, Array::uninit_like(op, &lines, DType::I64)?);
    dispatch!(real, op, x.dtype(), T => kernel::sort::<T>(&lines, descending, Some(&values), Some(&positions))?);
    let (values, positions) = (from_lines(op, values, axis)?, from_lines(op, positions, axis)?);
    let pair = (index::gathered(&line, axis, &positions, values), positions.into());
    if x.ndim() == 0 { finish(x, axis, false, pair) } else { Ok(pair) }
}

/// The elements in order along `axis`, as [`sort`] gives them.
pub fn sorted(x: &Tensor, axis: i64, descending: bool) -> Result<Tensor> {
    if x.edge().is_some() || x.ndim() == 0 {
        return Ok(sort(x, axis, descending)?.0);
    }
    let axis = axis_of("sort", x, axis)?;
    let lines = lines("sort", x, axis)?;
    let values = Array::uninit_like("sort", &lines, x.dtype())?;
    dispatch!(real, "sort", x.dtype(), T => kernel::sort::<T>(&lines, descending, Some(&values), None)?);
    Ok(from_lines("sort", values, axis)?.into())
}

/// The positions that [`sort`] would take the elements from.
pub fn argsort(x: &Tensor, axis: i64, descending: bool) -> Result<Tensor> {
    let axis = axis_of("argsort", x, axis)?;
    let line = at_least_vector(&x.detach())?;
    let positions = first_positions("argsort", &line, axis, line.shape()[axis], descending)?;
    if x.ndim() == 0 { view::reshape(&positions, &[]) } else { Ok(positions) }
}

/// The `k` largest (or smallest) elements along `axis` in order, and their positions. NaN counts as larger than
/// everything.
pub fn topk(x: &Tensor, k: i64, axis: i64, largest: bool) -> Result<(Tensor, Tensor)> {
    const OP: &str = "topk";
    let axis = axis_of(OP, x, axis)?;
    let line = at_least_vector(x)?;
    let size = line.shape()[axis];
    let count = usize::try_from(k).ok().filter(|&k| k <= size);
    let count =
        count.ok_or_else(|| Error::value(OP, format!("k must be 0 to {size}, the size of axis {axis}, got {k}")))?;
    let pair = at(&line, axis, first_positions(OP, &line, axis, count, largest)?)?;
    if x.ndim() == 0 && count == 1 { finish(x, axis, false, pair) } else { Ok(pair) }
}

/// The element of a rank and its position along an axis.
fn ranked(
    op: &'static str,
    x: &Tensor,
    axis: usize,
    rank: usize,
    nan_wins: bool,
    keep: bool,
) -> Result<(Tensor, Tensor)> {
    let line = at_least_vector(x)?;
    let mut shape = line.layout().dims();
    shape[axis] = 1;
    let out = Array::uninit(op, &shape, DType::I64)?;
    let lines = lines(op, &line, axis)?;
    dispatch!(real, op, x.dtype(), T => kernel::ranked::<T>(&lines, rank, nan_wins, &out)?);
    finish(x, axis, keep, at(&line, axis, out.into())?)
}

/// The `k`-th smallest element along `axis` (from 1) and its position.
pub fn kthvalue(x: &Tensor, k: i64, axis: i64, keep: bool) -> Result<(Tensor, Tensor)> {
    const OP: &str = "kthvalue";
    let axis = axis_of(OP, x, axis)?;
    let size = x.shape().get(axis).copied().unwrap_or(1);
    if k < 1 || k > size as i64 {
        return Err(Error::value(OP, format!("k must be 1 to {size}, the size of axis {axis}, got {k}")));
    }
    ranked(OP, x, axis, k as usize - 1, false, keep)
}

/// The median along `axis` and its position: of an even number of elements the lower middle one; NaN if one is there.
pub fn median(x: &Tensor, axis: i64, keep: bool) -> Result<(Tensor, Tensor)> {
    const OP: &str = "median";
    let axis = axis_of(OP, x, axis)?;
    let size = x.shape().get(axis).copied().unwrap_or(1);
    if size == 0 {
        return Err(Error::shape(OP, &[x.shape()], format!("axis {axis} is empty, so it has no median")));
    }
    ranked(OP, x, axis, (size - 1) / 2, true, keep)
}

/// The median of all elements.
pub fn median_of_all(x: &Tensor) -> Result<Tensor> {
    Ok(median(&view::reshape(x, &[-1])?, 0, false)?.0)
}

/// What a quantile between two elements is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interpolation {
    Linear,
    Lower,
    Higher,
    Nearest,
    Midpoint,
}

/// The ranks around each quantile of `n` elements, and how far it lies between them.
fn ranks(q: &[f64], n: usize, interpolation: Interpolation) -> (Vec<i64>, Vec<i64>, Vec<f64>) {
    let one = |&q: &f64| {
        let place = q * (n - 1) as f64;
        let (low, high) = (place.floor(), place.ceil());
        match interpolation {
            Interpolation::Linear => (low as i64, high as i64, place - low),
            Interpolation::Lower => (low as i64, low as i64, 0.0),
            Interpolation::Higher => (high as i64, high as i64, 0.0),
            Interpolation::Nearest => (place.round_ties_even() as i64, place.round_ties_even() as i64, 0.0),
            Interpolation::Midpoint => (low as i64, high as i64, if high > low { 0.5 } else { 0.0 }),
        }
    };
    let mut all = (Vec::new(), Vec::new(), Vec::new());
    for (low, high, weight) in q.iter().map(one) {
        all.0.push(low);
        all.1.push(high);
        all.2.push(weight);
    }
    all
}

/// The quantiles asked for: a number or a vector, each in [0, 1].
pub(super) fn checked_quantiles(op: &'static str, q: &Tensor) -> Result<Vec<f64>> {
    if q.ndim() > 1 {
        return Err(Error::shape(op, &[q.shape()], "q must be a number or a vector"));
    }
    let numbers = q.array().to_vec::<f64>()?;
    match numbers.iter().find(|v| !(0.0..=1.0).contains(*v)) {
        Some(bad) => Err(Error::value(op, format!("q must be 0 to 1, got {bad}"))),
        None => Ok(numbers),
    }
}

/// The quantiles `q` (0 to 1: a number, or a vector that adds an axis in front) along `axis`, or of all elements. NaN
/// where a NaN is among the elements.
pub fn quantile(x: &Tensor, q: &Tensor, axis: Option<i64>, keep: bool, interpolation: Interpolation) -> Result<Tensor> {
    const OP: &str = "quantile";
    if !x.dtype().is_float() {
        return Err(Error::dtype(OP, &[x.dtype()], "takes floats only; convert with x.float()"));
    }
    let numbers = checked_quantiles(OP, q)?;
    let (line, at) = match axis {
        Some(axis) => (at_least_vector(x)?, axis_of(OP, x, axis)?),
        None => (view::reshape(x, &[-1])?, 0),
    };
    let n = line.shape()[at];
    if n == 0 {
        return Err(Error::shape(OP, &[x.shape()], "no elements to take a quantile of"));
    }
    let line = arrange::movedim(&line, &[at as i64], &[0])?;
    let sorted = sorted(&line, 0, false)?;
    let between = between(&sorted, &ranks(&numbers, n, interpolation))?;
    // NaN sorts to the end.
    let largest = arrange::part(&sorted, 0, n - 1, 1);
    let is_nan = ops::unary(&unary::isnan::OP, &largest.detach())?;
    let result = ops::where_(&is_nan, Arg::Tensor(&largest), Arg::Tensor(&between))?;
    let mut shape: Vec<i64> = if q.ndim() == 0 { vec![] } else { vec![numbers.len() as i64] };
    shape.extend(x.shape().iter().enumerate().filter_map(|(i, &s)| match (axis.is_none() || i == at, keep) {
        (false, _) => Some(s as i64),
        (true, true) => Some(1),
        (true, false) => None,
    }));
    view::reshape(&result, &shape)
}

/// Along axis 0 of sorted elements, what lies between pairs of ranks.
fn between(sorted: &Tensor, (low, high, weights): &(Vec<i64>, Vec<i64>, Vec<f64>)) -> Result<Tensor> {
    let pick = |ranks: &[i64]| index::index_select(sorted, 0, &Array::from_slice(&[ranks.len()], ranks)?.into());
    let (low, high) = (pick(low)?, pick(high)?);
    let mut shape = vec![1; sorted.ndim()];
    shape[0] = -1;
    let weights: Tensor = Array::from_slice(&[weights.len()], weights)?.into();
    let weight = ops::cast(&view::reshape(&weights, &shape)?, sorted.dtype())?;
    // Equal infinities have no difference to take a part of.
    let is_same = ops::binary(&rows::eq::OP, Arg::Tensor(&low.detach()), Arg::Tensor(&high.detach()))?;
    let at_low = ops::binary(&rows::eq::OP, Arg::Tensor(&weight), Arg::Scalar(Scalar::Int(0)))?;
    let infinite = ops::unary(&unary::isinf::OP, &low.detach())?;
    let none = ops::binary(
        &rows::logical_or::OP,
        Arg::Tensor(&at_low),
        Arg::Tensor(&ops::binary(&rows::logical_and::OP, Arg::Tensor(&is_same), Arg::Tensor(&infinite))?),
    )?;
    let step = ops::where_(&none, Arg::Scalar(Scalar::Float(0.0)), Arg::Tensor(&ops::sub(&high, &low)?))?;
    ops::add(&low, &ops::mul(&step, &weight)?)
}

// ---- distinct elements ----

/// What is to know about the distinct elements of a tensor.
pub struct Unique {
    /// The distinct elements, ascending, each NaN for itself.
    pub values: Tensor,
    /// Where each is first found in the flattened tensor.
    pub indices: Tensor,
    /// For each element of the tensor, in its shape, which of the values it is.
    pub inverse: Tensor,
    /// How often each is found.
    pub counts: Tensor,
}

/// The positions that sort a vector; complex numbers by their real parts, then by their imaginary parts.
fn lexicographic(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return argsort(x, 0, false);
    }
    let by_imaginary = argsort(&complex::imag(x)?, 0, false)?;
    let real = index::index_select(&complex::real(x)?, 0, &by_imaginary)?;
    index::index_select(&by_imaginary, 0, &argsort(&real, 0, false)?)
}

/// The distinct elements of the flattened tensor.
pub fn unique(x: &Tensor) -> Result<Unique> {
    let flat = view::reshape(&x.detach(), &[-1])?;
    let order = lexicographic(&flat)?.array().to_vec::<i64>()?;
    let line = flat.array().contiguous("unique")?;
    let runs = dispatch!(any, x.dtype(), T => kernel::runs::<T>(&line, &order));
    let vector = |values: &[i64]| Array::from_slice(&[values.len()], values).map(Tensor::from);
    let indices = vector(&runs.first)?;
    Ok(Unique {
        values: index::index_select(&flat, 0, &indices)?,
        indices,
        inverse: Array::from_slice(x.shape(), &runs.inverse)?.into(),
        counts: vector(&runs.counts)?,
    })
}

/// How many elements of the sorted rows are smaller than each value (with `right`: not larger). `sorted` is a vector,
/// or has the values' axes but for the last. NaN counts as larger than everything.
pub fn searchsorted(sorted: &Tensor, values: &Tensor, right: bool) -> Result<Tensor> {
    const OP: &str = "searchsorted";
    let (rows, lead) = (sorted.shape(), sorted.ndim().saturating_sub(1));
    let fits = rows.len() == 1 || (values.ndim() == rows.len() && values.shape()[..lead] == rows[..lead]);
    if rows.is_empty() || !fits {
        let why = "the sorted tensor must be a vector, or have the values' shape except along the last axis";
        return Err(Error::shape(OP, &[rows, values.shape()], why));
    }
    let dtype = sorted.dtype().promote(values.dtype());
    let length = rows[lead];
    let (rows, values) = (ops::cast(&sorted.detach(), dtype)?, ops::cast(&values.detach(), dtype)?);
    let out = Array::uninit(OP, values.shape(), DType::I64)?;
    let (rows, values) = (rows.array().contiguous(OP)?, values.array().contiguous(OP)?);
    dispatch!(real, OP, dtype, T => kernel::search::<T>(&rows, length, &values, right, &out));
    Ok(out.into())
}

/// The smallest and the largest of some integers.
pub(super) fn bounds(x: &Tensor) -> Result<(i64, i64)> {
    let end = |kind| Ok(extreme(kind, &x.detach(), None, false)?.array().first().as_i64());
    Ok((end(Extreme::Min)?, end(Extreme::Max)?))
}

/// How often each of 0, 1, 2, ... is found in a vector, as int64, or the sums of the `weights` there; at least
/// `min_length` of them.
pub fn bincount(x: &Tensor, weights: Option<&Tensor>, min_length: i64) -> Result<Tensor> {
    const OP: &str = "bincount";
    if !x.dtype().is_integer() {
        return Err(Error::dtype(OP, &[x.dtype()], "counts integers; convert with x.long()"));
    }
    if x.ndim() != 1 {
        return Err(Error::shape(OP, &[x.shape()], "takes a vector"));
    }
    if min_length < 0 {
        return Err(Error::value(OP, format!("minlength cannot be negative, got {min_length}")));
    }
    let (low, high) = if x.numel() == 0 { (0, -1) } else { bounds(x)? };
    if low < 0 {
        return Err(Error::value(OP, format!("takes integers from 0 up, got {low}")));
    }
    let length = usize::try_from(high.saturating_add(1).max(min_length)).unwrap_or(usize::MAX);
    let amounts = match weights {
        Some(weights) if weights.shape() != x.shape() => {
            return Err(Error::shape(OP, &[x.shape(), weights.shape()], "needs one weight for each element"));
        }
        Some(weights) if weights.dtype() == DType::F32 => weights.clone(),
        Some(weights) => ops::cast(weights, DType::F64)?,
        None => Array::full(OP, x.shape(), DType::I64, Scalar::Int(1))?.into(),
    };
    let zeros = Tensor::from(Array::zeros(OP, &[length], amounts.dtype())?);
    if x.numel() == 0 { Ok(zeros) } else { ops::scatter_add(&zeros, 0, &x.detach(), &amounts) }
}

/// For each element whether it is (with `invert`: is not) among the elements of `test`. NaN is among none.
pub fn isin(x: &Tensor, test: &Tensor, invert: bool) -> Result<Tensor> {
    let dtype = x.dtype().promote(test.dtype());
    let x = ops::cast(&x.detach(), dtype)?;
    let found = if test.numel() == 0 {
        Array::zeros("isin", x.shape(), DType::Bool)?.into()
    } else {
        let sorted = sorted(&view::reshape(&ops::cast(&test.detach(), dtype)?, &[-1])?, 0, false)?;
        let place = searchsorted(&sorted, &x, false)?;
        let last = Scalar::Int(sorted.numel() as i64 - 1);
        let place = ops::binary(&rows::minimum::OP, Arg::Tensor(&place), Arg::Scalar(last))?;
        ops::binary(&rows::eq::OP, Arg::Tensor(&x), Arg::Tensor(&index::take(&sorted, &place)?))?
    };
    if invert { ops::unary(&unary::logical_not::OP, &found) } else { Ok(found) }
}
