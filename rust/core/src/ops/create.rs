//! Tensors made from numbers: fills, ranges, identity and indicator matrices.

use super::element::{Arg, default_float};
use super::{binary, cast, reduce, view};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::kernels::{copy, generate};
use crate::layout::{Dims, Layout};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;

/// A shape from outside: no negative sizes.
pub fn sizes(op: &'static str, shape: &[i64]) -> Result<Dims> {
    let size = |&size: &i64| usize::try_from(size);
    let dims: Result<Dims, _> = shape.iter().map(size).collect();
    dims.map_err(|_| Error::value(op, format!("sizes cannot be negative, got {shape:?}")))
}

/// `value` everywhere. Without a dtype, that of the value: bool, int64 or the default float.
pub fn full(shape: &[i64], value: Scalar, dtype: Option<DType>) -> Result<Tensor> {
    let dtype = dtype.unwrap_or_else(|| value.dtype(default_float()));
    value.check_fits("full", dtype)?;
    Ok(Array::full("full", &sizes("full", shape)?, dtype, value)?.into())
}

/// Zeros, of the default float unless a dtype is given.
pub fn zeros(shape: &[i64], dtype: Option<DType>) -> Result<Tensor> {
    Ok(Array::zeros("zeros", &sizes("zeros", shape)?, dtype.unwrap_or_else(default_float))?.into())
}

/// Ones, of the default float unless a dtype is given.
pub fn ones(shape: &[i64], dtype: Option<DType>) -> Result<Tensor> {
    let dtype = dtype.unwrap_or_else(default_float);
    Ok(Array::full("ones", &sizes("ones", shape)?, dtype, Scalar::Int(1))?.into())
}

/// `start, start + step, ...` before `stop`, each computed on its own (no accumulated error). Integers give int64,
/// floats the default float. The length of a float range is `ceil((stop - start) / step)` in float64.
pub fn arange(start: Scalar, stop: Scalar, step: Scalar, dtype: Option<DType>) -> Result<Tensor> {
    const OP: &str = "arange";
    let numbers = [start, stop, step];
    let integers = numbers.iter().all(|s| !matches!(s, Scalar::Float(_)));
    let dtype = dtype.unwrap_or_else(|| if integers { DType::I64 } else { default_float() });
    if dtype == DType::Bool {
        return Err(Error::dtype(OP, &[dtype], "a range of bools is not defined; use an integer dtype"));
    }
    if let Some(bad) = numbers.iter().map(|s| s.as_f64()).find(|v| !v.is_finite()) {
        return Err(Error::value(OP, format!("start, stop and step must be finite, got {bad}")));
    }
    if step.as_f64() == 0.0 {
        return Err(Error::value(OP, "step must not be zero"));
    }
    let [a, b, d] = numbers.map(Scalar::as_f64);
    if (d > 0.0 && a > b) || (d < 0.0 && a < b) {
        let why =
            format!("no range leads from {a} to {b} by steps of {d}; the step's sign must be that of stop - start");
        return Err(Error::value(OP, why));
    }
    let length = if integers {
        let [a, b, d] = numbers.map(|s| i128::from(s.as_i64()));
        ((b - a).unsigned_abs()).div_ceil(d.unsigned_abs())
    } else {
        // A span beyond float64 is as good as infinite: the size check refuses it.
        (((b - a) / d).ceil()) as u128
    };
    let out = line(OP, length, dtype)?;
    if integers && !dtype.is_float() {
        let (a, d) = (start.as_i64(), step.as_i64());
        let last = a.wrapping_add(d.wrapping_mul(out.numel().saturating_sub(1) as i64));
        Scalar::Int(a).check_fits(OP, dtype)?;
        Scalar::Int(last).check_fits(OP, dtype)?;
        dispatch!(number, OP, dtype, T => {
            generate::by_position::<T>(&out, |i| T::from_i64(a.wrapping_add(d.wrapping_mul(i as i64))));
        });
    } else {
        dispatch!(number, OP, dtype, T => generate::by_position::<T>(&out, |i| T::from_f64(a + i as f64 * d)));
    }
    Ok(out.into())
}

/// An uninitialised vector whose length may not even fit the machine.
fn line(op: &'static str, length: u128, dtype: DType) -> Result<Array> {
    let bytes = length.saturating_mul(dtype.size() as u128);
    let length = usize::try_from(length).map_err(|_| Error::Memory { op, bytes })?;
    Array::uninit(op, &[length], dtype)
}

fn checked_steps(op: &'static str, steps: i64) -> Result<usize> {
    usize::try_from(steps).map_err(|_| Error::value(op, format!("steps must not be negative, got {steps}")))
}

/// The i-th of `n` evenly spaced numbers; counted from both ends, so both ends are exact.
fn spaced(start: f64, end: f64, n: usize) -> impl Fn(usize) -> f64 + Sync {
    let gaps = n.saturating_sub(1).max(1) as f64;
    let step = if (end - start).is_finite() { (end - start) / gaps } else { end / gaps - start / gaps };
    move |i| {
        if i < n / 2 || n == 1 { start + step * i as f64 } else { end - step * (n - 1 - i) as f64 }
    }
}

/// `steps` evenly spaced numbers from `start` to `end`, both included.
pub fn linspace(start: f64, end: f64, steps: i64, dtype: Option<DType>) -> Result<Tensor> {
    const OP: &str = "linspace";
    let (n, dtype) = (checked_steps(OP, steps)?, dtype.unwrap_or_else(default_float));
    let out = Array::uninit(OP, &[n], dtype)?;
    let value = spaced(start, end, n);
    dispatch!(number, OP, dtype, T => generate::by_position::<T>(&out, |i| T::from_f64(value(i))));
    Ok(out.into())
}

/// `base` to the powers [`linspace`]`(start, end, steps)`.
pub fn logspace(start: f64, end: f64, steps: i64, base: f64, dtype: Option<DType>) -> Result<Tensor> {
    const OP: &str = "logspace";
    let (n, dtype) = (checked_steps(OP, steps)?, dtype.unwrap_or_else(default_float));
    let out = Array::uninit(OP, &[n], dtype)?;
    let value = spaced(start, end, n);
    dispatch!(number, OP, dtype, T => generate::by_position::<T>(&out, |i| T::from_f64(base.powf(value(i)))));
    Ok(out.into())
}

/// Ones on the main diagonal of an `n` by `m` matrix (`n` by `n` without `m`), zeros elsewhere.
pub fn eye(n: i64, m: Option<i64>, dtype: Option<DType>) -> Result<Tensor> {
    let shape = sizes("eye", &[n, m.unwrap_or(n)])?;
    let dtype = dtype.unwrap_or_else(default_float);
    let matrix = Array::zeros("eye", &shape, dtype)?;
    let length = shape[0].min(shape[1]);
    let diagonal = matrix.view(Layout::new(smallvec![length], smallvec![shape[1] as isize + 1], 0));
    copy::fill(&diagonal, Scalar::Int(1).bits(dtype));
    Ok(matrix.into())
}

/// Along a new last axis of `num_classes` (-1: as many as needed), 1 at the class number and 0 elsewhere, as int64.
pub fn one_hot(x: &Tensor, num_classes: i64) -> Result<Tensor> {
    const OP: &str = "one_hot";
    if !x.dtype().is_integer() {
        return Err(Error::dtype(OP, &[x.dtype()], "class numbers must be integers"));
    }
    let labels = cast(&x.detach(), DType::I64)?;
    let end = |kind| -> Result<Option<i64>> {
        if labels.numel() == 0 {
            return Ok(None);
        }
        Ok(Some(reduce::extreme(kind, &labels, None, false)?.array().first().as_i64()))
    };
    let (low, high) = (end(reduce::Extreme::Min)?, end(reduce::Extreme::Max)?);
    if low.is_some_and(|low| low < 0) {
        return Err(Error::value(OP, format!("class numbers must not be negative, got {}", low.unwrap_or(0))));
    }
    let classes = match (num_classes, high) {
        (-1, None) => return Err(Error::value(OP, "no elements to count the classes of; pass num_classes")),
        (-1, Some(high)) => high.saturating_add(1),
        (n, _) if n < 1 => return Err(Error::value(OP, format!("num_classes must be positive or -1, got {n}"))),
        (n, Some(high)) if high >= n => {
            return Err(Error::value(OP, format!("class {high} does not exist; the {n} classes are 0 to {}", n - 1)));
        }
        (n, _) => n,
    };
    let numbers = arange(Scalar::Int(0), Scalar::Int(classes), Scalar::Int(1), None)?;
    let is_class = binary(&super::binary::eq::OP, Arg::Tensor(&view::unsqueeze(&labels, -1)?), Arg::Tensor(&numbers))?;
    cast(&is_class, DType::I64)
}

/// Which triangle of a matrix.
#[derive(Clone, Copy, PartialEq)]
pub enum Triangle {
    /// On and below the diagonal.
    Lower,
    /// On and above the diagonal.
    Upper,
}

/// Rows and columns, as a (2, count) int64 tensor, of a triangle of a `rows` by `columns` matrix, row by row; the
/// diagonal lies `offset` to the right.
pub fn triangle_indices(triangle: Triangle, rows: i64, columns: i64, offset: i64) -> Result<Tensor> {
    let op = if triangle == Triangle::Lower { "tril_indices" } else { "triu_indices" };
    sizes(op, &[rows, columns])?;
    // An empty matrix may have any number of rows.
    let rows = if columns == 0 { 0 } else { rows };
    let span = |row: i64| {
        let (below, above) = (row.saturating_add(offset).saturating_add(1), row.saturating_add(offset));
        match triangle {
            Triangle::Lower => 0..below.clamp(0, columns),
            Triangle::Upper => above.clamp(0, columns)..columns,
        }
    };
    // Checked before anything is listed: the whole matrix bounds the triangle.
    crate::layout::checked_numel(op, &[2, rows as usize, columns as usize])?;
    let count: i64 = (0..rows).map(|row| span(row).count() as i64).sum();
    let out = Array::uninit(op, &[2, count as usize], DType::I64)?;
    generate::parts::<i64>(&out, 2 * (count as usize).max(1), usize::MAX, |_, part| {
        let (of_rows, of_columns) = part.split_at_mut(count as usize);
        let places = (0..rows).flat_map(|row| span(row).map(move |column| (row, column)));
        for ((row, column), place) in of_rows.iter_mut().zip(of_columns).zip(places) {
            (*row, *column) = place;
        }
    });
    Ok(out.into())
}
