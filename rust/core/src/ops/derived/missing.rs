//! Reductions that pass over NaN.

use super::{float, from_number};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::normalize_axis;
use crate::ops::order::{self, Interpolation};
use crate::ops::{self, Arg, binary as element, unary, view};
use crate::tensor::Tensor;

fn is_nan(x: &Tensor) -> Result<Tensor> {
    ops::unary(&unary::isnan::OP, &x.detach())
}

/// How many elements along `axes` are not NaN, as int64.
fn counted(x: &Tensor, axes: Option<&[i64]>, keep: bool) -> Result<Tensor> {
    ops::sum(&super::not(&is_nan(x)?)?, axes, keep, None)
}

/// The sum over `axes` in which NaN counts as 0.
pub fn nansum(x: &Tensor, axes: Option<&[i64]>, keep: bool, dtype: Option<DType>) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return ops::sum(x, axes, keep, dtype);
    }
    ops::sum(&ops::where_(&is_nan(x)?, float(0.0), Arg::Tensor(x))?, axes, keep, dtype)
}

/// The mean over `axes` of the elements that are not NaN.
pub fn nanmean(x: &Tensor, axes: Option<&[i64]>, keep: bool, dtype: Option<DType>) -> Result<Tensor> {
    let dtype = dtype.unwrap_or(x.dtype());
    let x = ops::cast(x, dtype)?;
    super::floats_only("nanmean", &x)?;
    ops::div(&nansum(&x, axes, keep, None)?, &counted(&x, axes, keep)?)
}

/// A tensor with axes, and the axis to order along; without one, the flattened tensor.
fn line(op: &'static str, x: &Tensor, axis: Option<i64>) -> Result<(Tensor, i64)> {
    match axis {
        Some(axis) if x.ndim() > 0 => Ok((x.clone(), normalize_axis(op, axis, x.ndim())? as i64)),
        Some(axis) => {
            normalize_axis(op, axis, 1)?;
            Ok((view::reshape(x, &[1])?, 0))
        }
        None => Ok((view::reshape(x, &[-1])?, 0)),
    }
}

/// The median along `axis` of the elements that are not NaN (of an even number the lower middle one), and its position.
pub fn nanmedian(x: &Tensor, axis: i64, keep: bool) -> Result<(Tensor, Tensor)> {
    const OP: &str = "nanmedian";
    let (rows, axis) = line(OP, x, Some(axis))?;
    if rows.shape()[axis as usize] == 0 {
        return Err(Error::shape(OP, &[x.shape()], format!("axis {axis} is empty, so it has no median")));
    }
    // NaN sorts to the end.
    let positions = order::argsort(&rows, axis, false)?;
    let last = super::with_int(&element::sub::OP, &counted(&rows, Some(&[axis]), true)?, 1)?;
    let rank = super::with_int(&element::maximum::OP, &super::with_int(&element::floor_divide::OP, &last, 2)?, 0)?;
    let position = ops::gather(&positions, axis, &rank)?;
    let value = ops::gather(&rows, axis, &position)?;
    if keep && x.ndim() > 0 {
        return Ok((value, position));
    }
    Ok((view::squeeze(&value, Some(&[axis]))?, view::squeeze(&position, Some(&[axis]))?))
}

/// The median of all elements that are not NaN.
pub fn nanmedian_of_all(x: &Tensor) -> Result<Tensor> {
    Ok(nanmedian(&view::reshape(x, &[-1])?, 0, false)?.0)
}

/// The quantiles `q` along `axis`, or of all elements, that are not NaN.
pub fn nanquantile(x: &Tensor, q: &Tensor, axis: Option<i64>, keep: bool, between: Interpolation) -> Result<Tensor> {
    const OP: &str = "nanquantile";
    super::floats_only(OP, x)?;
    let numbers = order::checked_quantiles(OP, q)?;
    let (rows, at) = line(OP, x, axis)?;
    if rows.shape()[at as usize] == 0 {
        return Err(Error::shape(OP, &[x.shape()], "no elements to take a quantile of"));
    }
    let sorted = order::sorted(&rows, at, false)?;
    let last = super::with_int(&element::sub::OP, &counted(&rows, Some(&[at]), true)?, 1)?;
    let last = ops::cast(&super::with_int(&element::maximum::OP, &last, 0)?, DType::F64)?;
    let results = numbers.iter().map(|&q| one_quantile(&sorted, &last, q, at, between));
    let results = results.collect::<Result<Vec<_>>>()?;
    let out = if q.ndim() == 0 { results[0].clone() } else { ops::stack(&results, 0)? };
    let lead = q.ndim() as i64;
    match (axis, keep) {
        (Some(_), true) if x.ndim() > 0 => Ok(out),
        (None, true) => {
            let shape: Vec<i64> = out.shape()[..q.ndim()].iter().map(|&n| n as i64).collect();
            view::reshape(&out, &[shape, vec![1; x.ndim()]].concat())
        }
        _ => view::squeeze(&out, Some(&[at + lead])),
    }
}

/// The quantile `q` of sorted rows that end at the places `last`.
fn one_quantile(sorted: &Tensor, last: &Tensor, q: f64, axis: i64, between: Interpolation) -> Result<Tensor> {
    let place = super::times(last, q)?;
    let rounded = |op| ops::unary(op, &place);
    let (low, high) = match between {
        Interpolation::Lower => (rounded(&unary::floor::OP)?, rounded(&unary::floor::OP)?),
        Interpolation::Higher => (rounded(&unary::ceil::OP)?, rounded(&unary::ceil::OP)?),
        Interpolation::Nearest => (rounded(&unary::round::OP)?, rounded(&unary::round::OP)?),
        _ => (rounded(&unary::floor::OP)?, rounded(&unary::ceil::OP)?),
    };
    let weight = match between {
        Interpolation::Midpoint => super::times(&ops::sub(&high, &low)?, 0.5)?,
        _ => ops::sub(&place, &low)?,
    };
    let at = |place: &Tensor| ops::gather(sorted, axis, &ops::cast(place, DType::I64)?);
    let (below, above) = (at(&low)?, at(&high)?);
    if matches!(between, Interpolation::Lower | Interpolation::Higher | Interpolation::Nearest) {
        return Ok(below);
    }
    let weight = ops::cast(&weight, sorted.dtype())?;
    // From the nearer end, and not at all at a place itself: infinities have no difference to take a part of.
    let exact = super::with_number(&element::eq::OP, &weight, 0.0)?;
    let mixed = ops::add(&ops::mul(&below, &from_number(1.0, &weight)?)?, &ops::mul(&above, &weight)?)?;
    ops::where_(&exact, Arg::Tensor(&below), Arg::Tensor(&mixed))
}
