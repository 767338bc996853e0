//! Where a tensor's elements lie.

use crate::convert::{Axis, Input};
use crate::error::Result;
use crate::exchange::address;
use diffkit_core::layout::normalize_axis;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Elements between neighbours along each axis, or along one.
///
/// >>> diffkit.zeros(2, 3).stride(), diffkit.zeros(2, 3).stride(0)
/// ((3, 1), 3)
#[pyfunction]
#[pyo3(signature = (input, dim = None))]
pub fn stride(py: Python<'_>, input: Input<'_>, dim: Option<Axis>) -> Result<Py<PyAny>> {
    let strides = input.layout().strides();
    Ok(match dim {
        None => PyTuple::new(py, strides)?.into_py_any(py)?,
        Some(axis) => strides[normalize_axis("stride", axis.0, strides.len())?].into_py_any(py)?,
    })
}

/// Elements of the memory before the first element.
///
/// >>> diffkit.zeros(4)[1:].storage_offset()
/// 1
#[pyfunction]
pub fn storage_offset(input: Input<'_>) -> usize {
    input.layout().offset()
}

/// The address of the first element.
///
/// >>> x = diffkit.zeros(4)
/// >>> x[1:].data_ptr() - x.data_ptr()
/// 4
#[pyfunction]
pub fn data_ptr(py: Python<'_>, input: Input<'_>) -> usize {
    address(py, input.array()) as usize
}

/// Whether the elements lie densely in row-major order.
///
/// >>> diffkit.zeros(2, 3).T.is_contiguous()
/// False
#[pyfunction]
pub fn is_contiguous(input: Input<'_>) -> bool {
    input.array().is_contiguous()
}

/// The number of elements: `numel`.
///
/// >>> diffkit.zeros(2, 3).nelement()
/// 6
#[pyfunction]
pub fn nelement(input: Input<'_>) -> usize {
    input.numel()
}

/// The number of axes.
///
/// >>> diffkit.zeros(2, 3).dim()
/// 2
#[pyfunction]
pub fn dim(input: Input<'_>) -> usize {
    input.ndim()
}

/// Bytes of one element.
///
/// >>> diffkit.zeros(2).element_size()
/// 4
#[pyfunction]
pub fn element_size(input: Input<'_>) -> usize {
    input.dtype().size()
}
