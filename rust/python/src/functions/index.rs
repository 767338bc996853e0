//! Reading and writing by computed positions, and choosing by masks.

use crate::convert::{Axis, Flag, Input, Operand, either};
use crate::error::{Raised, Result};
use crate::indexing;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::derived::writing;
use diffkit_core::ops::{getitem, index, view};
use diffkit_core::{Error, Scalar, Tensor};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

/// `out[i][j] = input[index[i][j]][j]` for axis 0, and likewise for the others.
///
/// >>> diffkit.gather(diffkit.tensor([[1, 2], [3, 4]]), 1, diffkit.tensor([[0], [1]]))
/// tensor([[1],
///         [4]])
#[pyfunction]
pub fn gather(py: Python<'_>, input: Input<'_>, dim: Axis, index: Input<'_>) -> Out {
    let (x, places): (&Tensor, &Tensor) = (&input, &index);
    Ok(run(py, places.numel(), || index::gather(x, dim.0, places))?.into())
}

/// A copy of `input` with `src[i][j]` added at `[index[i][j]][j]` (for axis 0); repeated positions add up.
///
/// >>> diffkit.zeros(3).scatter_add(0, diffkit.tensor([0, 0, 2]), diffkit.ones(3))
/// tensor([2., 0., 1.])
#[pyfunction]
pub fn scatter_add(py: Python<'_>, input: Input<'_>, dim: Axis, index: Input<'_>, src: Input<'_>) -> Out {
    let (x, places, source): (&Tensor, &Tensor, &Tensor) = (&input, &index, &src);
    Ok(run(py, x.numel() + places.numel(), || index::scatter_add(x, dim.0, places, source))?.into())
}

/// A copy of `input` with `src[i][j]` (or one number) written at `[index[i][j]][j]` (for axis 0); of repeated
/// positions the last wins.
///
/// >>> diffkit.zeros(3).scatter(0, diffkit.tensor([0, 2]), diffkit.ones(2))
/// tensor([1., 0., 1.])
#[pyfunction]
#[pyo3(signature = (input, dim, index, src = None, *, value = None))]
pub fn scatter(
    py: Python<'_>,
    input: Input<'_>,
    dim: Axis,
    index: Input<'_>,
    src: Option<Operand<'_>>,
    value: Option<Operand<'_>>,
) -> Out {
    let source = either("scatter", "src", src, "value", value)?
        .ok_or_else(|| Error::value("scatter", "needs src, a tensor, or value, a number"))?;
    let (x, places, source): (&Tensor, &Tensor, _) = (&input, &index, source.arg());
    Ok(run(py, x.numel() + places.numel(), || index::scatter(x, dim.0, places, source))?.into())
}

/// The parts of axis `dim` at the positions in a vector, in that order.
///
/// >>> diffkit.tensor([[1, 2], [3, 4]]).index_select(1, diffkit.tensor([1, 1, 0]))
/// tensor([[2, 2, 1],
///         [4, 4, 3]])
#[pyfunction]
pub fn index_select(py: Python<'_>, input: Input<'_>, dim: Axis, index: Input<'_>) -> Out {
    let (x, places): (&Tensor, &Tensor) = (&input, &index);
    Ok(run(py, x.numel(), || index::index_select(x, dim.0, places))?.into())
}

/// A copy of `input` with `alpha` times the parts of `source` added at positions along axis `dim`; repeated positions
/// add up.
///
/// >>> diffkit.zeros(2).index_add(0, diffkit.tensor([1, 1]), diffkit.ones(2))
/// tensor([0., 2.])
#[pyfunction]
#[pyo3(signature = (input, dim, index, source, *, alpha = Operand::Scalar(Scalar::Int(1))))]
pub fn index_add(
    py: Python<'_>,
    input: Input<'_>,
    dim: Axis,
    index: Input<'_>,
    source: Input<'_>,
    alpha: Operand<'_>,
) -> Out {
    let (x, places, source, alpha): (&Tensor, &Tensor, &Tensor, _) = (&input, &index, &source, alpha.arg());
    let call = || index::index_add(x, dim.0, places, &writing::scaled(source, alpha)?);
    Ok(run(py, x.numel() + source.numel(), call)?.into())
}

/// Elements at positions along an axis, broadcast against the other axes; without an axis, of the flattened tensor.
///
/// >>> x = diffkit.tensor([[3, 1], [2, 4]])
/// >>> x.take_along_dim(x.argsort(1), 1)
/// tensor([[1, 3],
///         [2, 4]])
#[pyfunction]
#[pyo3(signature = (input, indices, dim = None, *, axis = None))]
pub fn take_along_dim(
    py: Python<'_>,
    input: Input<'_>,
    indices: Input<'_>,
    dim: Option<Axis>,
    axis: Option<Axis>,
) -> Out {
    let axis = either("take_along_dim", "dim", dim, "axis", axis)?.map(|axis| axis.0);
    let (x, places): (&Tensor, &Tensor) = (&input, &indices);
    Ok(run(py, x.numel(), || index::take_along_dim(x, places, axis))?.into())
}

/// Elements of the flattened tensor; with `axis`, parts of that axis.
///
/// >>> diffkit.tensor([[3, 1], [2, 4]]).take(diffkit.tensor([0, 3]))
/// tensor([3, 4])
#[pyfunction]
#[pyo3(signature = (input, index, *, axis = None))]
pub fn take(py: Python<'_>, input: Input<'_>, index: Input<'_>, axis: Option<Axis>) -> Out {
    let (x, places): (&Tensor, &Tensor) = (&input, &index);
    Ok(run(py, x.numel(), || match axis {
        Some(axis) => index::index_select(x, axis.0, places),
        None => index::take(x, places),
    })?
    .into())
}

/// The elements where the mask is true, as one axis.
///
/// >>> x = diffkit.tensor([1, 5, 3])
/// >>> x.masked_select(x > 2)
/// tensor([5, 3])
#[pyfunction]
pub fn masked_select(py: Python<'_>, input: Input<'_>, mask: Input<'_>) -> Out {
    let (x, mask): (&Tensor, &Tensor) = (&input, &mask);
    Ok(run(py, x.numel(), || index::masked_select(x, mask))?.into())
}

/// A copy with one number where the mask is true.
///
/// >>> x = diffkit.tensor([1, 5, 3])
/// >>> x.masked_fill(x > 2, 0)
/// tensor([1, 0, 0])
#[pyfunction]
pub fn masked_fill(py: Python<'_>, input: Input<'_>, mask: Input<'_>, value: Operand<'_>) -> Out {
    let (x, mask, value): (&Tensor, &Tensor, _) = (&input, &mask, value.arg());
    Ok(run(py, x.numel(), || index::masked_fill(x, mask, value))?.into())
}

/// [`masked_fill`] in the tensor's own memory.
///
/// >>> x = diffkit.tensor([1, 5, 3])
/// >>> x.masked_fill_(x > 2, 0)
/// tensor([1, 0, 0])
#[pyfunction]
pub fn masked_fill_<'py>(
    input: Bound<'py, PyTensor>,
    mask: Input<'py>,
    value: Operand<'py>,
) -> Result<Bound<'py, PyTensor>> {
    let x = &input.get().inner;
    view::assign("masked_fill_", x, &index::masked_fill(x, &mask, value.arg())?)?;
    Ok(input)
}

/// The positions of the non-zero elements: one row each, or with `as_tuple` one vector per axis.
///
/// >>> diffkit.tensor([[0, 2], [3, 0]]).nonzero()
/// tensor([[0, 1],
///         [1, 0]])
#[pyfunction]
#[pyo3(signature = (input, *, as_tuple = Flag(false)))]
pub fn nonzero(py: Python<'_>, input: Input<'_>, as_tuple: Flag) -> PyResult<Py<PyAny>> {
    let as_tuple = as_tuple.0;
    let x: &Tensor = &input;
    // As in PyTorch, the tuple of a number has the part that a vector of one would have.
    let line = if as_tuple && x.ndim() == 0 { view::reshape(x, &[1]).map_err(Raised::from)? } else { x.clone() };
    let rows = run(py, x.numel(), || index::nonzero(&line))?;
    if !as_tuple {
        return PyTensor::from(rows).into_py_any(py);
    }
    let columns = (0..rows.shape()[1])
        .map(|axis| Ok(PyTensor::from(view::relayout("SelectBackward0", &rows, |layout| layout.select(1, axis)))))
        .collect::<Result<Vec<_>>>()?;
    Ok(PyTuple::new(py, columns)?.into_any().unbind())
}

/// A copy with `values` (broadcast) at the positions in `indices`, a tuple of index tensors, one for each of the first
/// axes; with `accumulate` they are added, repeated positions adding up, else of repeated positions the last wins.
///
/// >>> diffkit.index_put(diffkit.zeros(3), (diffkit.tensor([0, 0, 2]),), diffkit.tensor(1.), accumulate=True)
/// tensor([2., 0., 1.])
#[pyfunction]
#[pyo3(signature = (input, indices, values, accumulate = Flag(false)))]
pub fn index_put(
    py: Python<'_>,
    input: Input<'_>,
    indices: &Bound<'_, PyAny>,
    values: Input<'_>,
    accumulate: Flag,
) -> Out {
    let accumulate = accumulate.0;
    let places = tuple_of_places(indices)?;
    let (x, values): (&Tensor, &Tensor) = (&input, &values);
    Ok(run(py, x.numel(), || getitem::index_put(x, &places, values, accumulate))?.into())
}

/// `index_put` in the tensor's own memory.
///
/// >>> diffkit.zeros(3).index_put_((diffkit.tensor([0, 2]),), diffkit.tensor(1.))
/// tensor([1., 0., 1.])
#[pyfunction]
#[pyo3(signature = (input, indices, values, accumulate = Flag(false)))]
pub fn index_put_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    indices: &Bound<'py, PyAny>,
    values: Input<'py>,
    accumulate: Flag,
) -> Result<Bound<'py, PyTensor>> {
    let accumulate = accumulate.0;
    let places = tuple_of_places(indices)?;
    let (x, values): (&Tensor, &Tensor) = (&input.get().inner, &values);
    run(py, x.numel(), || match accumulate {
        true => view::assign("index_put_", x, &getitem::index_put(x, &places, values, true)?),
        false => getitem::set(x, &places, values),
    })?;
    Ok(input)
}

/// A list of index tensors means what a tuple of them does here.
fn tuple_of_places(indices: &Bound<'_, PyAny>) -> PyResult<indexing::Keys> {
    match indices.cast::<PyList>() {
        Ok(list) => indexing::keys(&list.to_tuple()),
        Err(_) => indexing::keys(indices),
    }
}
