//! Sorting, selection by rank, searching and counting.

use crate::convert::{Axis, Flag, Input, Operand, Word, axis_or, either, keep_or};
use crate::error::Result;
use crate::functions::reduce::pair;
use crate::functions::tuple;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::create::full;
use diffkit_core::ops::order::{self as core, Interpolation};
use diffkit_core::{DType, Error, Tensor};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

/// Work of sorting, in elements.
fn work(x: &Tensor) -> usize {
    x.numel().saturating_mul(8)
}

/// The elements in order along `dim` (the last axis by default), as (values, indices). Equal elements keep their order;
/// NaN counts as the largest.
///
/// >>> diffkit.sort(diffkit.tensor([3, 1, 2])).indices
/// tensor([1, 2, 0])
#[pyfunction]
#[pyo3(signature = (input, dim = None, descending = Flag(false), stable = Flag(false), *, axis = None))]
pub fn sort(
    py: Python<'_>,
    input: Input<'_>,
    dim: Option<Axis>,
    descending: Flag,
    stable: Flag,
    axis: Option<Axis>,
) -> PyResult<Py<PyAny>> {
    let descending = descending.0;
    let stable = stable.0;
    // Sorting is always stable.
    let _ = stable;
    let axis = axis_or("sort", dim, axis, -1)?;
    let x: &Tensor = &input;
    let (values, indices) = run(py, work(x), || core::sort(x, axis, descending))?;
    pair(py, values, indices)
}

/// The positions that put the elements in order along `dim` (the last axis by default). Equal elements keep their
/// order.
///
/// >>> diffkit.argsort(diffkit.tensor([3, 1, 2]), descending=True)
/// tensor([0, 2, 1])
#[pyfunction]
#[pyo3(signature = (input, dim = None, descending = Flag(false), stable = Flag(false), *, axis = None))]
pub fn argsort(
    py: Python<'_>,
    input: Input<'_>,
    dim: Option<Axis>,
    descending: Flag,
    stable: Flag,
    axis: Option<Axis>,
) -> Out {
    let descending = descending.0;
    let stable = stable.0;
    // Sorting is always stable.
    let _ = stable;
    let axis = axis_or("argsort", dim, axis, -1)?;
    let x: &Tensor = &input;
    Ok(run(py, work(x), || core::argsort(x, axis, descending))?.into())
}

/// The `k` largest (or smallest) elements along `dim` (the last axis by default), as (values, indices).
///
/// >>> diffkit.topk(diffkit.tensor([3, 1, 2]), 2).values
/// tensor([3, 2])
#[pyfunction]
#[pyo3(signature = (input, k, dim = None, largest = Flag(true), sorted = Flag(true), *, axis = None))]
pub fn topk(
    py: Python<'_>,
    input: Input<'_>,
    k: Axis,
    dim: Option<Axis>,
    largest: Flag,
    sorted: Flag,
    axis: Option<Axis>,
) -> PyResult<Py<PyAny>> {
    let largest = largest.0;
    let sorted = sorted.0;
    let axis = axis_or("topk", dim, axis, -1)?;
    let x: &Tensor = &input;
    let (values, indices) = run(py, work(x), || core::topk(x, k.0, axis, largest, sorted))?;
    pair(py, values, indices)
}

/// The `k`-th smallest element along `dim` (the last axis by default), counted from 1, as (values, indices).
///
/// >>> diffkit.kthvalue(diffkit.tensor([3., 1., 2.]), 2).values
/// tensor(2.)
#[pyfunction]
#[pyo3(signature = (input, k, dim = None, keepdim = None, *, axis = None, keepdims = None))]
pub fn kthvalue(
    py: Python<'_>,
    input: Input<'_>,
    k: Axis,
    dim: Option<Axis>,
    keepdim: Option<Flag>,
    axis: Option<Axis>,
    keepdims: Option<Flag>,
) -> PyResult<Py<PyAny>> {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let (axis, keep) = (axis_or("kthvalue", dim, axis, -1)?, keep_or("kthvalue", keepdim, keepdims)?);
    let x: &Tensor = &input;
    let (values, indices) = run(py, work(x), || core::kthvalue(x, k.0, axis, keep))?;
    pair(py, values, indices)
}

/// The median of all elements; with `dim`, the (values, indices) along that axis. Of an even number of elements the
/// lower middle one; NaN if one is there.
///
/// >>> diffkit.median(diffkit.tensor([4., 1., 3., 2.]))
/// tensor(2.)
#[pyfunction]
#[pyo3(signature = (input, dim = None, keepdim = None, *, axis = None, keepdims = None))]
pub fn median(
    py: Python<'_>,
    input: Input<'_>,
    dim: Option<Axis>,
    keepdim: Option<Flag>,
    axis: Option<Axis>,
    keepdims: Option<Flag>,
) -> PyResult<Py<PyAny>> {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let (axis, keep) = (either("median", "dim", dim, "axis", axis)?, keep_or("median", keepdim, keepdims)?);
    let x: &Tensor = &input;
    match axis {
        Some(axis) => {
            let (values, indices) = run(py, work(x), || core::median(x, axis.0, keep))?;
            pair(py, values, indices)
        }
        None => PyTensor::from(run(py, work(x), || core::median_of_all(x))?).into_py_any(py),
    }
}

fn interpolation_of(name: &str) -> Result<Interpolation> {
    Ok(match name {
        "linear" => Interpolation::Linear,
        "lower" => Interpolation::Lower,
        "higher" => Interpolation::Higher,
        "nearest" => Interpolation::Nearest,
        "midpoint" => Interpolation::Midpoint,
        other => {
            let why = format!("interpolation is linear, lower, higher, nearest or midpoint, not {other:?}");
            return Err(Error::value("quantile", why).into());
        }
    })
}

/// The quantile `q` in [0, 1] of all elements or along `dim`; a vector of them adds an axis in front. Between two
/// elements it is interpolated ("linear", "lower", "higher", "nearest", "midpoint"). NaN if one is there.
///
/// >>> diffkit.quantile(diffkit.tensor([0., 1., 2., 3.]), 0.5)
/// tensor(1.5000)
#[pyfunction]
#[pyo3(signature = (input, q, dim = None, keepdim = None, *, interpolation = Word("linear".to_string()), axis = None, keepdims = None))]
#[allow(clippy::too_many_arguments)]
pub fn quantile(
    py: Python<'_>,
    input: Input<'_>,
    q: Operand<'_>,
    dim: Option<Axis>,
    keepdim: Option<Flag>,
    interpolation: Word,
    axis: Option<Axis>,
    keepdims: Option<Flag>,
) -> Out {
    let keepdim = keepdim.map(|v| v.0);
    let interpolation = interpolation.0.as_str();
    let keepdims = keepdims.map(|v| v.0);
    let axis = either("quantile", "dim", dim, "axis", axis)?.map(|axis| axis.0);
    let (keep, between) = (keep_or("quantile", keepdim, keepdims)?, interpolation_of(interpolation)?);
    let x: &Tensor = &input;
    // Python's numbers have the width of float64.
    let q = match q {
        Operand::Scalar(q) => full(&[], q, Some(DType::F64))?,
        q => q.tensor()?,
    };
    Ok(run(py, work(x), || core::quantile(x, &q, axis, keep, between))?.into())
}

/// The distinct elements, in order; with `return_inverse` where each element went, with `return_counts` how many there
/// were, as a tuple.
///
/// >>> values, counts = diffkit.unique(diffkit.tensor([3, 1, 3]), return_counts=True)
/// >>> values, counts
/// (tensor([1, 3]), tensor([1, 2]))
#[pyfunction]
#[pyo3(signature = (input, sorted = Flag(true), return_inverse = Flag(false), return_counts = Flag(false), dim = None))]
pub fn unique(
    py: Python<'_>,
    input: Input<'_>,
    sorted: Flag,
    return_inverse: Flag,
    return_counts: Flag,
    dim: Option<Axis>,
) -> PyResult<Py<PyAny>> {
    let sorted = sorted.0;
    let return_inverse = return_inverse.0;
    let return_counts = return_counts.0;
    // The elements are found by sorting in any case.
    let _ = sorted;
    if dim.is_some() {
        let why = "dim is not supported; without it the elements of the whole tensor are told apart";
        return Err(crate::error::to_python(&Error::value("unique", why)));
    }
    let x: &Tensor = &input;
    let found = run(py, work(x), || core::unique(x))?;
    if !return_inverse && !return_counts {
        return PyTensor::from(found.values).into_py_any(py);
    }
    let mut parts = vec![found.values];
    parts.extend(return_inverse.then_some(found.inverse));
    parts.extend(return_counts.then_some(found.counts));
    tuple(py, parts)
}

/// A number to compare with elements keeps its own precision.
fn beside(operand: &Operand<'_>, other: DType) -> Result<Tensor> {
    match operand {
        Operand::Scalar(number) => {
            let float = if other.is_float() { other } else { DType::F64 };
            Ok(full(&[], *number, Some(number.dtype(float)))?)
        }
        operand => operand.tensor(),
    }
}

/// Where the values belong in a sorted vector (or row by row in sorted rows): before equal elements, or with
/// `right=True` or `side="right"` after them.
///
/// >>> diffkit.searchsorted(diffkit.tensor([1, 3, 5]), diffkit.tensor([3, 4]))
/// tensor([1, 2])
#[pyfunction]
#[pyo3(signature = (sorted_sequence, input, *, out_int32 = Flag(false), right = Flag(false), side = None))]
pub fn searchsorted(
    py: Python<'_>,
    sorted_sequence: Input<'_>,
    input: Operand<'_>,
    out_int32: Flag,
    right: Flag,
    side: Option<Word>,
) -> Out {
    let out_int32 = out_int32.0;
    let right = right.0;
    let side = side.as_ref().map(|v| v.0.as_str());
    let right = match side {
        None => right,
        Some("right") => true,
        Some("left") if !right => false,
        Some(other) => {
            let why = format!("side is 'left' or 'right', and agrees with right=, not {other:?}");
            return Err(Error::value("searchsorted", why).into());
        }
    };
    let rows: &Tensor = &sorted_sequence;
    let values = beside(&input, rows.dtype())?;
    let call = || {
        let found = core::searchsorted(rows, &values, right)?;
        if out_int32 { diffkit_core::ops::cast(&found, DType::I32) } else { Ok(found) }
    };
    Ok(run(py, work(&values), call)?.into())
}

/// How often each of 0, 1, 2, ... is found in a vector of integers, or the sums of their `weights`; at least
/// `minlength` of them.
///
/// >>> diffkit.bincount(diffkit.tensor([1, 1, 3]))
/// tensor([0, 2, 0, 1])
#[pyfunction]
#[pyo3(signature = (input, weights = None, minlength = Axis(0)))]
pub fn bincount(py: Python<'_>, input: Input<'_>, weights: Option<Input<'_>>, minlength: Axis) -> Out {
    let (x, weights): (&Tensor, _) = (&input, weights.as_deref());
    Ok(run(py, x.numel(), || core::bincount(x, weights, minlength.0))?.into())
}

/// True for the elements that are (with `invert`: are not) among `test_elements`.
///
/// >>> diffkit.isin(diffkit.tensor([1, 2, 3]), diffkit.tensor([3, 1]))
/// tensor([ True, False,  True])
#[pyfunction]
#[pyo3(signature = (elements, test_elements, *, assume_unique = Flag(false), invert = Flag(false)))]
pub fn isin(
    py: Python<'_>,
    elements: Operand<'_>,
    test_elements: Operand<'_>,
    assume_unique: Flag,
    invert: Flag,
) -> Out {
    let assume_unique = assume_unique.0;
    let invert = invert.0;
    // Only a hint.
    let _ = assume_unique;
    let dtype = |operand: &Operand<'_>, other: &Operand<'_>| match (operand.arg(), other.arg()) {
        (_, diffkit_core::ops::Arg::Tensor(other)) => beside(operand, other.dtype()),
        _ => beside(operand, DType::F64),
    };
    let (x, test) = (dtype(&elements, &test_elements)?, dtype(&test_elements, &elements)?);
    Ok(run(py, work(&x).saturating_add(work(&test)), || core::isin(&x, &test, invert))?.into())
}
