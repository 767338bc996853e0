//! What is found how often: the most frequent element, histograms, distinct rows and runs.

use super::{with_int, with_number};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::normalize_axis;
use crate::ops::reduce::{Extreme, arg_extreme, extreme, truth};
use crate::ops::{self, Arg, arrange, binary as element, create, index, order, scan, unary, view};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

fn counted(n: usize) -> Result<Tensor> {
    create::arange(Scalar::Int(0), Scalar::Int(n as i64), Scalar::Int(1), None)
}

/// The most frequent element along `axis` (the smallest of equally frequent ones) and its last position.
pub fn mode(x: &Tensor, axis: i64, keep: bool) -> Result<(Tensor, Tensor)> {
    const OP: &str = "mode";
    let rows = if x.ndim() == 0 { view::reshape(x, &[1])? } else { x.clone() };
    let axis = normalize_axis(OP, axis, rows.ndim())?;
    let n = rows.shape()[axis];
    if n == 0 {
        return Err(Error::shape(OP, &[x.shape()], format!("axis {axis} is empty, so it has no mode")));
    }
    let (sorted, positions) = order::sort(&rows.detach(), axis as i64, false)?;
    let (later, earlier) = (arrange::part(&sorted, axis, 1, n - 1), arrange::part(&sorted, axis, 0, n - 1));
    let differs = ops::binary(&element::ne::OP, Arg::Tensor(&later), Arg::Tensor(&earlier))?;
    let mut shape = vec![1; rows.ndim()];
    shape[axis] = -1;
    let numbers = view::reshape(&counted(n)?, &shape)?;
    // Where each run began; the first one began at 0.
    let starts = ops::mul(&ops::cast(&differs, DType::I64)?, &arrange::part(&numbers, axis, 1, n - 1))?;
    let first = ops::zeros_like(&arrange::part(&positions, axis, 0, 1))?;
    let starts = scan::cumulative_extreme(Extreme::Max, &ops::cat(&[first, starts], axis as i64)?, axis as i64)?.0;
    let length = ops::sub(&numbers, &starts)?;
    let end = arg_extreme(Extreme::Max, &length, Some(axis as i64), true)?;
    let position = ops::gather(&positions, axis as i64, &end)?;
    let value = ops::gather(&rows, axis as i64, &position)?;
    if keep && x.ndim() > 0 {
        return Ok((value, position));
    }
    let axis = [axis as i64];
    Ok((view::squeeze(&value, Some(&axis))?, view::squeeze(&position, Some(&axis))?))
}

/// How many elements lie in each of `bins` equal parts of `low..=high`; without a range, in that of the elements.
pub fn histc(x: &Tensor, bins: i64, low: f64, high: f64) -> Result<Tensor> {
    const OP: &str = "histc";
    super::floats_only(OP, x)?;
    if bins < 1 {
        return Err(Error::value(OP, format!("bins must be positive, got {bins}")));
    }
    let x = view::reshape(&x.detach(), &[-1])?;
    let (mut low, mut high) = (low, high);
    if low == high && x.numel() > 0 {
        let end = |kind| Ok::<f64, Error>(extreme(kind, &x, None, false)?.array().first().as_f64());
        (low, high) = (end(Extreme::Min)?, end(Extreme::Max)?);
    }
    if low == high {
        (low, high) = (low - 1.0, high + 1.0);
    }
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Err(Error::value(OP, format!("the range must be finite and ascending, got {low} to {high}")));
    }
    let inside = |op, bound| with_number(op, &x, bound);
    let inside = ops::binary(
        &element::logical_and::OP,
        Arg::Tensor(&inside(&element::ge::OP, low)?),
        Arg::Tensor(&inside(&element::le::OP, high)?),
    )?;
    let kept = index::masked_select(&x, &inside)?;
    let place = super::times(&super::plus(&kept, -low)?, bins as f64)?;
    let place = ops::unary(&unary::floor::OP, &with_number(&element::div::OP, &place, high - low)?)?;
    // The last part has its upper end too.
    let place = with_int(&element::minimum::OP, &ops::cast(&place, DType::I64)?, bins - 1)?;
    ops::cast(&order::bincount(&place, None, bins)?, x.dtype())
}

/// What is to know about distinct slices or runs: themselves, which of them each slice is, and how often it is found.
pub struct Distinct {
    pub values: Tensor,
    pub inverse: Tensor,
    pub counts: Tensor,
}

/// Whether each slice along axis 0 differs from the one before; the first one does.
fn begins(rows: &Tensor) -> Result<Tensor> {
    let n = rows.shape()[0];
    let len = n.saturating_sub(1);
    let (later, earlier) = (arrange::part(rows, 0, n - len, len), arrange::part(rows, 0, 0, len));
    let differs = ops::binary(&element::ne::OP, Arg::Tensor(&later), Arg::Tensor(&earlier))?;
    let others: Vec<i64> = (1..rows.ndim() as i64).collect();
    let differs = if others.is_empty() { differs } else { truth(Extreme::Max, &differs, Some(&others), false)? };
    let first = create::full(&[n.min(1) as i64], Scalar::Bool(true), None)?;
    ops::cat(&[first, differs], 0)
}

/// Runs of equal slices along axis 0 of `rows`: the first of each, the run of each slice, and the lengths.
fn runs(rows: &Tensor) -> Result<Distinct> {
    let begins = begins(rows)?;
    let firsts = view::reshape(&index::nonzero(&begins)?, &[-1])?;
    let inverse = with_int(&element::sub::OP, &scan::cumsum(&begins, 0, None)?, 1)?;
    let counts = order::bincount(&inverse, None, 0)?;
    Ok(Distinct { values: index::index_select(rows, 0, &firsts)?, inverse, counts })
}

/// `x` without history, with `axis` in front; without an axis, flattened.
fn slices(op: &'static str, x: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    match axis {
        Some(axis) => {
            let axis = normalize_axis(op, axis, x.ndim())?;
            arrange::movedim(&x.detach(), &[axis as i64], &[0])
        }
        None => view::reshape(&x.detach(), &[-1]),
    }
}

/// The distinct slices along `axis`, in lexicographic order.
pub fn unique_slices(x: &Tensor, axis: i64) -> Result<Distinct> {
    const OP: &str = "unique";
    let rows = slices(OP, x, Some(axis))?;
    let n = rows.shape()[0];
    let width = rows.numel().checked_div(n).unwrap_or(0);
    let table = view::reshape(&rows, &[n as i64, width as i64])?;
    // Sorted by the last column first: sorting is stable, so the first column decides in the end.
    let mut order = counted(n)?;
    for column in (0..width).rev() {
        let keys = index::index_select(&arrange::select(&table, 1, column as i64)?, 0, &order)?;
        order = index::index_select(&order, 0, &order::argsort(&keys, 0, false)?)?;
    }
    let found = runs(&index::index_select(&rows, 0, &order)?)?;
    let inverse = index::scatter(&ops::zeros_like(&order)?, 0, &order, Arg::Tensor(&found.inverse))?;
    Ok(Distinct { values: arrange::movedim(&found.values, &[0], &[axis])?, inverse, ..found })
}

/// The elements (or slices along `axis`) that differ from the one before.
pub fn unique_consecutive(x: &Tensor, axis: Option<i64>) -> Result<Distinct> {
    let found = runs(&slices("unique_consecutive", x, axis)?)?;
    let Some(axis) = axis else {
        let shape: Vec<i64> = x.shape().iter().map(|&n| n as i64).collect();
        return Ok(Distinct { inverse: view::reshape(&found.inverse, &shape)?, ..found });
    };
    Ok(Distinct { values: arrange::movedim(&found.values, &[0], &[axis])?, ..found })
}
