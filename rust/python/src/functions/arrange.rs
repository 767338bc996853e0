//! Cutting, reordering, repeating, triangles and grids.

use crate::convert::{Axes, Axis, Input, Int, Word, axis_or, either, sizes};
use crate::dtype::AnyDType;
use crate::error::wrong_type;
use crate::functions::create::finish;
use crate::functions::{several, tuple};
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::arrange::{self as core, Indexing, Repeats};
use diffkit_core::ops::create::{Triangle, triangle_indices};
use diffkit_core::{DType, Error, Tensor, ops};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// One position of the axis `dim`, as a view without that axis.
///
/// >>> diffkit.tensor([[1, 2], [3, 4]]).select(1, 0)
/// tensor([1, 3])
#[pyfunction]
pub fn select(input: Input<'_>, dim: Axis, index: Axis) -> Out {
    Ok(core::select(&input, dim.0, index.0)?.into())
}

/// Views of `split_size_or_sections` elements of an axis each (the last may be smaller), or of the sizes in a list.
///
/// >>> diffkit.split(diffkit.arange(5), 2)
/// (tensor([0, 1]), tensor([2, 3]), tensor([4]))
#[pyfunction]
#[pyo3(signature = (input, split_size_or_sections, dim = None, *, axis = None))]
pub fn split(
    py: Python<'_>,
    input: Input<'_>,
    split_size_or_sections: &Bound<'_, PyAny>,
    dim: Option<Axis>,
    axis: Option<Axis>,
) -> PyResult<Py<PyAny>> {
    let axis = axis_or("split", dim, axis, 0)?;
    let parts = match split_size_or_sections.extract::<Axis>() {
        Ok(size) => core::split(&input, size.0, axis),
        Err(_) => core::split_sizes(&input, &split_size_or_sections.extract::<Axes>()?.0, axis),
    };
    tuple(py, parts.map_err(crate::error::Raised::from)?)
}

/// At most `chunks` views of an axis, of equal size but for the last.
///
/// >>> diffkit.chunk(diffkit.arange(5), 2)
/// (tensor([0, 1, 2]), tensor([3, 4]))
#[pyfunction]
#[pyo3(signature = (input, chunks, dim = None, *, axis = None))]
pub fn chunk(
    py: Python<'_>,
    input: Input<'_>,
    chunks: Axis,
    dim: Option<Axis>,
    axis: Option<Axis>,
) -> PyResult<Py<PyAny>> {
    let axis = axis_or("chunk", dim, axis, 0)?;
    tuple(py, core::chunk(&input, chunks.0, axis).map_err(crate::error::Raised::from)?)
}

/// Exactly that many views of an axis, the first ones larger by one where needed; or views cut before each position in
/// a list.
///
/// >>> diffkit.tensor_split(diffkit.arange(5), (1, 3))
/// (tensor([0]), tensor([1, 2]), tensor([3, 4]))
#[pyfunction]
#[pyo3(signature = (input, indices_or_sections, dim = None, *, axis = None))]
pub fn tensor_split(
    py: Python<'_>,
    input: Input<'_>,
    indices_or_sections: &Bound<'_, PyAny>,
    dim: Option<Axis>,
    axis: Option<Axis>,
) -> PyResult<Py<PyAny>> {
    let axis = axis_or("tensor_split", dim, axis, 0)?;
    let parts = match indices_or_sections.extract::<Axis>() {
        Ok(sections) => core::tensor_split(&input, sections.0, axis),
        Err(_) => {
            let positions: Vec<i64> = match indices_or_sections.cast::<PyTensor>() {
                Ok(tensor) => tensor.as_any().try_iter()?.map(|item| item?.extract()).collect::<PyResult<_>>()?,
                Err(_) => indices_or_sections.extract::<Axes>()?.0.to_vec(),
            };
            core::tensor_split_at(&input, &positions, axis)
        }
    };
    tuple(py, parts.map_err(crate::error::Raised::from)?)
}

/// Views of every position of an axis, without the axis.
///
/// >>> diffkit.unbind(diffkit.tensor([[1, 2], [3, 4]]))
/// (tensor([1, 2]), tensor([3, 4]))
#[pyfunction]
#[pyo3(signature = (input, dim = None, *, axis = None))]
pub fn unbind(py: Python<'_>, input: Input<'_>, dim: Option<Axis>, axis: Option<Axis>) -> PyResult<Py<PyAny>> {
    let axis = axis_or("unbind", dim, axis, 0)?;
    tuple(py, core::unbind(&input, axis).map_err(crate::error::Raised::from)?)
}

/// The axes `source` moved to the places `destination`; the others keep their order.
///
/// >>> diffkit.movedim(diffkit.zeros(2, 3, 4), 0, -1).shape
/// (3, 4, 2)
#[pyfunction]
pub fn movedim(input: Input<'_>, source: Axes, destination: Axes) -> Out {
    Ok(core::movedim(&input, &source.0, &destination.0)?.into())
}

/// A copy with the elements along each of `dims` in reverse.
///
/// >>> diffkit.flip(diffkit.tensor([1, 2, 3]), 0)
/// tensor([3, 2, 1])
#[pyfunction]
#[pyo3(signature = (input, *args, dims = None, axis = None))]
pub fn flip(
    py: Python<'_>,
    input: Input<'_>,
    args: &Bound<'_, PyTuple>,
    dims: Option<&Bound<'_, PyAny>>,
    axis: Option<&Bound<'_, PyAny>>,
) -> Out {
    let keyword = either("flip", "dims", dims, "axis", axis)?;
    if args.is_empty() && keyword.is_none() {
        return Err(Error::value("flip", "needs dims, the axes to reverse").into());
    }
    let axes = sizes("flip", args, keyword)?;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::flip(x, &axes))?.into())
}

/// The elements moved on by `shifts` along `dims`, what leaves at the end coming in at the start; without `dims`
/// through the flattened tensor.
///
/// >>> diffkit.roll(diffkit.tensor([1, 2, 3]), 1)
/// tensor([3, 1, 2])
#[pyfunction]
#[pyo3(signature = (input, shifts, dims = None, *, axis = None))]
pub fn roll(py: Python<'_>, input: Input<'_>, shifts: Axes, dims: Option<Axes>, axis: Option<Axes>) -> Out {
    let axes = either("roll", "dims", dims, "axis", axis)?;
    let (x, axes): (&Tensor, _) = (&input, axes.as_ref().map(|axes| axes.0.as_slice()));
    Ok(run(py, x.numel(), || core::roll(x, &shifts.0, axes))?.into())
}

/// Work of repeating, in elements of the result.
fn repeated(x: &Tensor, times: &[i64]) -> usize {
    times.iter().fold(x.numel(), |n, &t| n.saturating_mul(usize::try_from(t).unwrap_or(0)))
}

/// The whole tensor repeated that many times along each axis; more numbers than axes add axes in front.
///
/// >>> diffkit.tensor([1, 2]).repeat(2, 2)
/// tensor([[1, 2, 1, 2],
///         [1, 2, 1, 2]])
#[pyfunction]
#[pyo3(signature = (input, *args, repeats = None))]
pub fn repeat(py: Python<'_>, input: Input<'_>, args: &Bound<'_, PyTuple>, repeats: Option<&Bound<'_, PyAny>>) -> Out {
    let times = sizes("repeat", args, repeats)?;
    let x: &Tensor = &input;
    Ok(run(py, repeated(x, &times), || core::repeat(x, &times))?.into())
}

/// The whole tensor repeated that many times along each axis; fewer numbers than axes count for the last axes.
///
/// >>> diffkit.tile(diffkit.tensor([1, 2]), (2,))
/// tensor([1, 2, 1, 2])
#[pyfunction]
#[pyo3(signature = (input, *args, dims = None))]
pub fn tile(py: Python<'_>, input: Input<'_>, args: &Bound<'_, PyTuple>, dims: Option<&Bound<'_, PyAny>>) -> Out {
    let times = sizes("tile", args, dims)?;
    let x: &Tensor = &input;
    Ok(run(py, repeated(x, &times), || core::tile(x, &times))?.into())
}

/// Each element along `dim` repeated on the spot, a number of times or as a vector of numbers says; without `dim` those
/// of the flattened tensor.
///
/// >>> diffkit.repeat_interleave(diffkit.tensor([1, 2]), 2)
/// tensor([1, 1, 2, 2])
#[pyfunction]
#[pyo3(signature = (input, repeats, dim = None, *, axis = None))]
pub fn repeat_interleave(
    py: Python<'_>,
    input: Input<'_>,
    repeats: &Bound<'_, PyAny>,
    dim: Option<Axis>,
    axis: Option<Axis>,
) -> Out {
    let axis = either("repeat_interleave", "dim", dim, "axis", axis)?.map(|axis| axis.0);
    let x: &Tensor = &input;
    if let Ok(counts) = repeats.cast::<PyTensor>() {
        let counts = &counts.get().inner;
        return Ok(run(py, x.numel(), || core::repeat_interleave(x, Repeats::Every(counts), axis))?.into());
    }
    let times = repeats
        .extract::<Axis>()
        .map_err(|_| wrong_type("repeat_interleave", "repeats is an integer or a Tensor of integers", repeats))?;
    Ok(run(py, repeated(x, &[times.0]), || core::repeat_interleave(x, Repeats::Each(times.0), axis))?.into())
}

// ---- triangles and diagonals ----

macro_rules! triangles {
    ($($(#[doc = $doc:literal])+ $name:ident $side:ident $indices:ident $indices_doc:literal;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, diagonal = Int(0)))]
        pub fn $name(py: Python<'_>, input: Input<'_>, diagonal: Int) -> Out {
            let diagonal = diagonal.0;
            let x: &Tensor = &input;
            Ok(run(py, x.numel(), || core::triangle(Triangle::$side, x, diagonal))?.into())
        }
        #[doc = $indices_doc]
        #[pyfunction]
        #[pyo3(signature = (row, col, offset = Int(0), *, dtype = None, device = None))]
        pub fn $indices(
            py: Python<'_>,
            row: Axis,
            col: Axis,
            offset: Int,
            dtype: Option<AnyDType>,
            device: Option<&Bound<'_, PyAny>>,
        ) -> Out {
            let offset = offset.0;
            let dtype = dtype.map_or(DType::I64, |dtype| dtype.0);
            let work = row.0.saturating_mul(col.0).max(0) as usize;
            let call = || ops::cast(&triangle_indices(Triangle::$side, row.0, col.0, offset)?, dtype);
            finish(stringify!($indices), run(py, work, call)?, device, false)
        }
        )*
    };
}

triangles! {
    /// The elements of matrices on and below a diagonal, zeros above; the diagonal lies `diagonal` to the right.
    ///
    /// >>> diffkit.tril(diffkit.ones(2, 2))
    /// tensor([[1., 0.],
    ///         [1., 1.]])
    tril Lower tril_indices "Rows and columns, as (2, n), of the elements on and below a diagonal.\n\n>>> diffkit.tril_indices(2, 2).tolist()\n[[0, 1, 1], [0, 0, 1]]";
    /// The elements of matrices on and above a diagonal, zeros below; the diagonal lies `diagonal` to the right.
    ///
    /// >>> diffkit.triu(diffkit.ones(2, 2))
    /// tensor([[1., 1.],
    ///         [0., 1.]])
    triu Upper triu_indices "Rows and columns, as (2, n), of the elements on and above a diagonal.\n\n>>> diffkit.triu_indices(2, 2).tolist()\n[[0, 0, 1], [0, 1, 1]]";
}

/// A vector as a diagonal of a square matrix of zeros, or a copy of a diagonal of a matrix.
///
/// >>> diffkit.diag(diffkit.tensor([1, 2]))
/// tensor([[1, 0],
///         [0, 2]])
#[pyfunction]
#[pyo3(signature = (input, diagonal = Int(0)))]
pub fn diag(py: Python<'_>, input: Input<'_>, diagonal: Int) -> Out {
    let diagonal = diagonal.0;
    let x: &Tensor = &input;
    Ok(run(py, x.numel().saturating_mul(x.numel()), || core::diag(x, diagonal))?.into())
}

// ---- several tensors ----

/// Coordinate grids: for each vector a tensor that varies along one axis (its own; with `indexing="xy"` the first two
/// are swapped) and repeats along the others, as views.
///
/// >>> x, y = diffkit.meshgrid(diffkit.tensor([1, 2]), diffkit.tensor([3, 4]))
/// >>> y
/// tensor([[3, 4],
///         [3, 4]])
#[pyfunction]
#[pyo3(signature = (*tensors, indexing = None))]
pub fn meshgrid(py: Python<'_>, tensors: &Bound<'_, PyTuple>, indexing: Option<Word>) -> PyResult<Py<PyAny>> {
    let indexing = indexing.as_ref().map(|v| v.0.as_str());
    let indexing = match indexing {
        None | Some("ij") => Indexing::Ij,
        Some("xy") => Indexing::Xy,
        Some(other) => {
            let why = format!("indexing is 'ij' or 'xy', not {other:?}");
            return Err(crate::error::to_python(&Error::value("meshgrid", why)));
        }
    };
    tuple(py, core::meshgrid(&several(tensors)?, indexing).map_err(crate::error::Raised::from)?)
}

/// The tensors broadcast to their common shape, as views.
///
/// >>> a, b = diffkit.broadcast_tensors(diffkit.zeros(3, 1), diffkit.zeros(2))
/// >>> a.shape, b.shape
/// ((3, 2), (3, 2))
#[pyfunction]
#[pyo3(signature = (*tensors))]
pub fn broadcast_tensors(py: Python<'_>, tensors: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
    tuple(py, core::broadcast_tensors(&several(tensors)?).map_err(crate::error::Raised::from)?)
}

/// Differences of neighbours along `dim` (the last axis by default), `n` times over; `prepend` and `append` are joined
/// on first.
///
/// >>> diffkit.diff(diffkit.tensor([1, 4, 9]))
/// tensor([3, 5])
#[pyfunction]
#[pyo3(signature = (input, n = Axis(1), dim = None, prepend = None, append = None, *, axis = None))]
pub fn diff(
    py: Python<'_>,
    input: Input<'_>,
    n: Axis,
    dim: Option<Axis>,
    prepend: Option<Input<'_>>,
    append: Option<Input<'_>>,
    axis: Option<Axis>,
) -> Out {
    let axis = axis_or("diff", dim, axis, -1)?;
    let x: &Tensor = &input;
    let parts: Vec<Tensor> = prepend
        .iter()
        .map(|t| Tensor::clone(t))
        .chain([x.clone()])
        .chain(append.iter().map(|t| Tensor::clone(t)))
        .collect();
    let call =
        || if parts.len() > 1 { core::diff(&ops::cat(&parts, axis)?, n.0, axis) } else { core::diff(x, n.0, axis) };
    Ok(run(py, x.numel(), call)?.into())
}

/// The Kronecker product: blocks of `other`, each times an element of `input`.
///
/// >>> diffkit.kron(diffkit.tensor([1, 10]), diffkit.tensor([1, 2]))
/// tensor([ 1,  2, 10, 20])
#[pyfunction]
pub fn kron(py: Python<'_>, input: Input<'_>, other: Input<'_>) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, a.numel().saturating_mul(b.numel()), || core::kron(a, b))?.into())
}
