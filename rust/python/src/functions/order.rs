//! Sorting, selection by rank, searching and counting.

use crate::convert::{Axis, Flag, Input, Operand, Word, axis_or, either, keep_or};
use crate::error::Result;
use crate::functions::reduce::pair;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::create::full;
use diffkit_core::ops::derived::missing;
use diffkit_core::ops::index;
use diffkit_core::ops::order::{self as core, Interpolation};
use diffkit_core::{DType, Error, Tensor};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

/// Work of sorting, in elements.
pub fn work(x: &Tensor) -> usize {
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

/// The elements in order along an axis, without their positions.
///
/// >>> diffkit._core._sorted(diffkit.tensor([3, 1, 2]), 0, True)
/// tensor([3, 2, 1])
#[pyfunction]
pub fn _sorted(py: Python<'_>, input: Input<'_>, axis: Axis, descending: Flag) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, work(x), || core::sorted(x, axis.0, descending.0))?.into())
}

/// The elements in order along the first axis.
///
/// >>> diffkit.msort(diffkit.tensor([3, 1, 2]))
/// tensor([1, 2, 3])
#[pyfunction]
pub fn msort(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, work(x), || core::sorted(x, 0, false))?.into())
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
    // They are in order in any case.
    let _ = sorted.0;
    let axis = axis_or("topk", dim, axis, -1)?;
    let x: &Tensor = &input;
    let (values, indices) = run(py, work(x), || core::topk(x, k.0, axis, largest))?;
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

macro_rules! medians {
    ($($(#[doc = $doc:literal])+ $name:ident $along:expr, $of_all:expr;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, dim = None, keepdim = None, *, axis = None, keepdims = None))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            dim: Option<Axis>,
            keepdim: Option<Flag>,
            axis: Option<Axis>,
            keepdims: Option<Flag>,
        ) -> PyResult<Py<PyAny>> {
            const OP: &str = stringify!($name);
            let (keepdim, keepdims) = (keepdim.map(|v| v.0), keepdims.map(|v| v.0));
            let (axis, keep) = (either(OP, "dim", dim, "axis", axis)?, keep_or(OP, keepdim, keepdims)?);
            let x: &Tensor = &input;
            match axis {
                Some(axis) => {
                    let (values, indices) = run(py, work(x), || $along(x, axis.0, keep))?;
                    pair(py, values, indices)
                }
                None => PyTensor::from(run(py, work(x), || $of_all(x))?).into_py_any(py),
            }
        }
        )*
    };
}

medians! {
    /// The median of all elements; with `dim`, the (values, indices) along that axis. Of an even number of elements the
    /// lower middle one; NaN if one is there.
    ///
    /// >>> diffkit.median(diffkit.tensor([4., 1., 3., 2.]))
    /// tensor(2.)
    median core::median, core::median_of_all;
    /// The median of the elements that are not NaN; with `dim`, the (values, indices) along that axis. Of an even
    /// number of elements the lower middle one.
    ///
    /// >>> diffkit.nanmedian(diffkit.tensor([4., 1., float("nan"), 2.]))
    /// tensor(2.)
    nanmedian missing::nanmedian, missing::nanmedian_of_all;
}

fn interpolation_of(op: &'static str, name: &str) -> Result<Interpolation> {
    Ok(match name {
        "linear" => Interpolation::Linear,
        "lower" => Interpolation::Lower,
        "higher" => Interpolation::Higher,
        "nearest" => Interpolation::Nearest,
        "midpoint" => Interpolation::Midpoint,
        other => {
            let why = format!("interpolation is linear, lower, higher, nearest or midpoint, not {other:?}");
            return Err(Error::value(op, why).into());
        }
    })
}

macro_rules! quantiles {
    ($($(#[doc = $doc:literal])+ $name:ident $module:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, q, dim = None, keepdim = None, *, interpolation = Word("linear".to_string()), axis = None, keepdims = None))]
        #[allow(clippy::too_many_arguments)]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            q: Operand<'_>,
            dim: Option<Axis>,
            keepdim: Option<Flag>,
            interpolation: Word,
            axis: Option<Axis>,
            keepdims: Option<Flag>,
        ) -> Out {
            const OP: &str = stringify!($name);
            let axis = either(OP, "dim", dim, "axis", axis)?.map(|axis| axis.0);
            let keep = keep_or(OP, keepdim.map(|v| v.0), keepdims.map(|v| v.0))?;
            let between = interpolation_of(OP, interpolation.0.as_str())?;
            let x: &Tensor = &input;
            // Python's numbers have the width of float64.
            let q = match q {
                Operand::Scalar(q) => full(&[], q, Some(DType::F64))?,
                q => q.tensor()?,
            };
            Ok(run(py, x.numel(), || $module::$name(x, &q, axis, keep, between))?.into())
        }
        )*
    };
}

quantiles! {
    /// The quantile `q` in [0, 1] of all elements or along `dim`; a vector of them adds an axis in front. Between two
    /// elements it is interpolated ("linear", "lower", "higher", "nearest", "midpoint"). NaN if one is there.
    ///
    /// >>> diffkit.quantile(diffkit.tensor([0., 1., 2., 3.]), 0.5)
    /// tensor(1.5000)
    quantile core;
    /// `quantile` of the elements that are not NaN.
    ///
    /// >>> diffkit.nanquantile(diffkit.tensor([0., 1., 2., float("nan")]), 0.5)
    /// tensor(1.)
    nanquantile missing;
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
    let right = match side.as_ref().map(|side| side.0.as_str()) {
        None => right.0,
        Some("right") => true,
        Some("left") if !right.0 => false,
        Some(other) => {
            let why = format!("side is 'left' or 'right', and agrees with right=, not {other:?}");
            return Err(Error::value("searchsorted", why).into());
        }
    };
    found(py, &sorted_sequence, &input, right, out_int32.0)
}

/// Places in sorted rows, as int64 or int32.
fn found(py: Python<'_>, rows: &Tensor, values: &Operand<'_>, right: bool, out_int32: bool) -> Out {
    let values = beside(values, rows.dtype())?;
    let call = || {
        let found = core::searchsorted(rows, &values, right)?;
        if out_int32 { diffkit_core::ops::cast(&found, DType::I32) } else { Ok(found) }
    };
    Ok(run(py, work(&values), call)?.into())
}

/// Which of the parts between ascending `boundaries` each element is in: the number of boundaries below it (with
/// `right=True`: not above it).
///
/// >>> diffkit.bucketize(diffkit.tensor([0, 3, 9]), diffkit.tensor([1, 3, 5]))
/// tensor([0, 1, 3])
#[pyfunction]
#[pyo3(signature = (input, boundaries, *, out_int32 = Flag(false), right = Flag(false)))]
pub fn bucketize(py: Python<'_>, input: Operand<'_>, boundaries: Input<'_>, out_int32: Flag, right: Flag) -> Out {
    if boundaries.ndim() != 1 {
        return Err(Error::shape("bucketize", &[boundaries.shape()], "the boundaries must be a vector").into());
    }
    found(py, &boundaries, &input, right.0, out_int32.0)
}

/// The positions of the elements that are not zero, one row each.
///
/// >>> diffkit.argwhere(diffkit.tensor([[0, 2], [3, 0]]))
/// tensor([[0, 1],
///         [1, 0]])
#[pyfunction]
pub fn argwhere(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || index::nonzero(x))?.into())
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
