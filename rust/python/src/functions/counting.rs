//! What is found how often: the most frequent element, histograms, distinct elements and runs.

use crate::convert::{Axis, Flag, Float, Input, Int, axis_or, keep_or};
use crate::functions::order::work;
use crate::functions::reduce::pair;
use crate::functions::tuple;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::Tensor;
use diffkit_core::ops::derived::counting::{self as core, Distinct};
use diffkit_core::ops::order;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

/// The most frequent element along `dim` (the last axis by default), as (values, indices): of equally frequent ones the
/// smallest, and its last position.
///
/// >>> diffkit.mode(diffkit.tensor([1, 3, 3, 2])).values
/// tensor(3)
#[pyfunction]
#[pyo3(signature = (input, dim = None, keepdim = None, *, axis = None, keepdims = None))]
pub fn mode(
    py: Python<'_>,
    input: Input<'_>,
    dim: Option<Axis>,
    keepdim: Option<Flag>,
    axis: Option<Axis>,
    keepdims: Option<Flag>,
) -> PyResult<Py<PyAny>> {
    let axis = axis_or("mode", dim, axis, -1)?;
    let keep = keep_or("mode", keepdim.map(|v| v.0), keepdims.map(|v| v.0))?;
    let x: &Tensor = &input;
    let (values, indices) = run(py, work(x), || core::mode(x, axis, keep))?;
    pair(py, values, indices)
}

/// How many elements lie in each of `bins` equal parts of the range from `min` to `max`, both included; if these are
/// equal, of the range of the elements. NaN lies nowhere.
///
/// >>> diffkit.histc(diffkit.tensor([1., 2., 1.]), bins=4, min=0, max=3)
/// tensor([0., 2., 1., 0.])
#[pyfunction]
#[pyo3(signature = (input, bins = Int(100), min = Float(0.0), max = Float(0.0)))]
pub fn histc(py: Python<'_>, input: Input<'_>, bins: Int, min: Float, max: Float) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::histc(x, bins.0, min.0, max.0))?.into())
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
    Ok(run(py, x.numel(), || order::bincount(x, weights, minlength.0))?.into())
}

/// The distinct elements, in order, or with `dim` the distinct slices along that axis; with `return_inverse` where each
/// went, with `return_counts` how many there were, as a tuple.
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
    // The elements are found by sorting in any case.
    let _ = sorted;
    let x: &Tensor = &input;
    let call = || match dim {
        Some(dim) => core::unique_slices(x, dim.0),
        None => {
            let found = order::unique(x)?;
            Ok(Distinct { values: found.values, inverse: found.inverse, counts: found.counts })
        }
    };
    parts(py, run(py, work(x), call)?, return_inverse.0, return_counts.0)
}

/// The values alone, or a tuple with what else was asked for.
fn parts(py: Python<'_>, found: Distinct, inverse: bool, counts: bool) -> PyResult<Py<PyAny>> {
    if !inverse && !counts {
        return PyTensor::from(found.values).into_py_any(py);
    }
    let mut parts = vec![found.values];
    parts.extend(inverse.then_some(found.inverse));
    parts.extend(counts.then_some(found.counts));
    tuple(py, parts)
}

/// The elements that differ from the one before, or with `dim` the slices along that axis; with `return_inverse` which of
/// them each element belongs to, with `return_counts` how long the runs are, as a tuple.
///
/// >>> diffkit.unique_consecutive(diffkit.tensor([1, 1, 2, 1]))
/// tensor([1, 2, 1])
#[pyfunction]
#[pyo3(signature = (input, return_inverse = Flag(false), return_counts = Flag(false), dim = None))]
pub fn unique_consecutive(
    py: Python<'_>,
    input: Input<'_>,
    return_inverse: Flag,
    return_counts: Flag,
    dim: Option<Axis>,
) -> PyResult<Py<PyAny>> {
    let x: &Tensor = &input;
    let found = run(py, work(x), || core::unique_consecutive(x, dim.map(|dim| dim.0)))?;
    parts(py, found, return_inverse.0, return_counts.0)
}
