//! NumPy's further names for joining, cutting, turning and laying out.

use crate::convert::{Axes, Axis, Flag, Input, Int, Tensors, shape};
use crate::functions::{several, tuple};
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::derived::assemble as core;
use diffkit_core::{Tensor, ops};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

macro_rules! joins {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        pub fn $name(py: Python<'_>, tensors: Tensors) -> Out {
            let work = tensors.0.iter().map(Tensor::numel).sum();
            Ok(run(py, work, || core::$name(&tensors.0))?.into())
        }
        )*
    };
}

joins! {
    /// The tensors side by side: along the first axis of vectors, else along the second.
    ///
    /// >>> diffkit.hstack((diffkit.tensor([1]), diffkit.tensor([2, 3])))
    /// tensor([1, 2, 3])
    hstack;
    /// The tensors one below the other; vectors are rows.
    ///
    /// >>> diffkit.vstack((diffkit.tensor([1, 2]), diffkit.tensor([3, 4])))
    /// tensor([[1, 2],
    ///         [3, 4]])
    vstack;
    /// The tensors behind each other, along the third axis.
    ///
    /// >>> diffkit.dstack((diffkit.tensor([1, 2]), diffkit.tensor([3, 4]))).tolist()
    /// [[[1, 3], [2, 4]]]
    dstack;
    /// The tensors side by side; vectors are columns.
    ///
    /// >>> diffkit.column_stack((diffkit.tensor([1, 2]), diffkit.tensor([3, 4])))
    /// tensor([[1, 3],
    ///         [2, 4]])
    column_stack;
}

macro_rules! at_least {
    ($($name:ident $ndim:literal $what:literal $example:literal;)*) => {
        $(
        #[doc = concat!("The tensor with axes of size 1 added until it has ", $what, ", as a view; of several tensors a tuple.\n\n", $example)]
        #[pyfunction]
        #[pyo3(signature = (*tensors))]
        pub fn $name(py: Python<'_>, tensors: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
            let is_one = tensors.len() == 1 && tensors.get_item(0)?.is_instance_of::<PyTensor>();
            let parts: Vec<Tensor> = several(tensors)?
                .iter()
                .map(|tensor| core::at_least(tensor, $ndim))
                .collect::<Result<_, _>>()
                .map_err(crate::error::Raised::from)?;
            if is_one { PyTensor::from(parts[0].clone()).into_py_any(py) } else { tuple(py, parts) }
        }
        )*
    };
}
at_least! {
    atleast_1d 1 "one axis" ">>> diffkit.atleast_1d(diffkit.tensor(3))\ntensor([3])";
    atleast_2d 2 "two axes" ">>> diffkit.atleast_2d(diffkit.tensor([1, 2]))\ntensor([[1, 2]])";
    atleast_3d 3 "three axes" ">>> diffkit.atleast_3d(diffkit.tensor([1, 2])).shape\n(1, 2, 1)";
}

/// Matrices (vectors and numbers are rows) down the diagonal of one matrix, zeros elsewhere.
///
/// >>> diffkit.block_diag(diffkit.tensor([[1, 2]]), diffkit.tensor(3))
/// tensor([[1, 2, 0],
///         [0, 0, 3]])
#[pyfunction]
#[pyo3(signature = (*tensors))]
pub fn block_diag(py: Python<'_>, tensors: &Bound<'_, PyTuple>) -> Out {
    let tensors = several(tensors)?;
    let work = tensors.iter().map(Tensor::numel).sum();
    Ok(run(py, work, || core::block_diag(&tensors))?.into())
}

/// Every choice of one element from each vector, as rows; of one vector itself.
///
/// >>> diffkit.cartesian_prod(diffkit.tensor([1, 2]), diffkit.tensor([3, 4])).tolist()
/// [[1, 3], [1, 4], [2, 3], [2, 4]]
#[pyfunction]
#[pyo3(signature = (*tensors))]
pub fn cartesian_prod(py: Python<'_>, tensors: &Bound<'_, PyTuple>) -> Out {
    let tensors = several(tensors)?;
    let work = tensors.iter().fold(1usize, |n, x| n.saturating_mul(x.numel()));
    Ok(run(py, work, || core::cartesian_prod(&tensors))?.into())
}

/// The rows of `r` elements of a vector in its order; with `with_replacement` an element may come again.
///
/// >>> diffkit.combinations(diffkit.tensor([1, 2, 3])).tolist()
/// [[1, 2], [1, 3], [2, 3]]
#[pyfunction]
#[pyo3(signature = (input, r = Int(2), with_replacement = Flag(false)))]
pub fn combinations(py: Python<'_>, input: Input<'_>, r: Int, with_replacement: Flag) -> Out {
    let x: &Tensor = &input;
    let work = x.numel().saturating_pow(r.0.clamp(0, 64) as u32);
    Ok(run(py, work, || core::combinations(x, r.0, with_replacement.0))?.into())
}

/// A copy with the columns (the second axis) in reverse.
///
/// >>> diffkit.fliplr(diffkit.tensor([[1, 2], [3, 4]]))
/// tensor([[2, 1],
///         [4, 3]])
#[pyfunction]
pub fn fliplr(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::mirrored("fliplr", x, 1, 2))?.into())
}

/// A copy with the rows (the first axis) in reverse.
///
/// >>> diffkit.flipud(diffkit.tensor([[1, 2], [3, 4]]))
/// tensor([[3, 4],
///         [1, 2]])
#[pyfunction]
pub fn flipud(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::mirrored("flipud", x, 0, 1))?.into())
}

/// A copy turned by `k` quarters of a circle from the first axis of `dims` towards the second.
///
/// >>> diffkit.rot90(diffkit.tensor([[1, 2], [3, 4]]))
/// tensor([[2, 4],
///         [1, 3]])
#[pyfunction]
#[pyo3(signature = (input, k = Int(1), dims = None))]
pub fn rot90(py: Python<'_>, input: Input<'_>, k: Int, dims: Option<Axes>) -> Out {
    let axes = match dims.as_ref().map(|dims| dims.0.as_slice()) {
        None => [0, 1],
        Some(&[first, second]) => [first, second],
        Some(other) => {
            let why = format!("dims are two axes, got {}", other.len());
            return Err(diffkit_core::Error::value("rot90", why).into());
        }
    };
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::rot90(x, k.0, axes))?.into())
}

/// One axis as several of the given sizes, one of which may be -1, as a view.
///
/// >>> diffkit.zeros(2, 6).unflatten(1, (2, -1)).shape
/// (2, 2, 3)
#[pyfunction]
pub fn unflatten(py: Python<'_>, input: Input<'_>, dim: Axis, sizes: Axes) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::unflatten(x, dim.0, &sizes.0))?.into())
}

macro_rules! splits {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        pub fn $name(py: Python<'_>, input: Input<'_>, indices_or_sections: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
            let parts = match indices_or_sections.extract::<Axis>() {
                Ok(sections) => core::split_evenly(stringify!($name), &input, sections.0),
                Err(_) => core::split_before(stringify!($name), &input, &indices_or_sections.extract::<Axes>()?.0),
            };
            tuple(py, parts.map_err(crate::error::Raised::from)?)
        }
        )*
    };
}

splits! {
    /// Views of equal parts side by side, or cut before each position in a tuple: along the first axis of a vector,
    /// else along the second.
    ///
    /// >>> diffkit.hsplit(diffkit.arange(4), 2)
    /// (tensor([0, 1]), tensor([2, 3]))
    hsplit;
    /// Views of equal parts of the first axis, or cut before each position in a tuple.
    ///
    /// >>> diffkit.vsplit(diffkit.tensor([[1, 2], [3, 4]]), 2)
    /// (tensor([[1, 2]]), tensor([[3, 4]]))
    vsplit;
    /// Views of equal parts of the third axis, or cut before each position in a tuple.
    ///
    /// >>> diffkit.dsplit(diffkit.zeros(2, 3, 4), 2)[0].shape
    /// (2, 3, 2)
    dsplit;
}

/// The last axis as a diagonal (`offset` to the right) of matrices of zeros, whose axes are `dim1` and `dim2`.
///
/// >>> diffkit.diag_embed(diffkit.tensor([[1, 2], [3, 4]])).tolist()
/// [[[1, 0], [0, 2]], [[3, 0], [0, 4]]]
#[pyfunction]
#[pyo3(signature = (input, offset = Int(0), dim1 = Axis(-2), dim2 = Axis(-1)))]
pub fn diag_embed(py: Python<'_>, input: Input<'_>, offset: Int, dim1: Axis, dim2: Axis) -> Out {
    let x: &Tensor = &input;
    let work = x.numel().saturating_mul(x.shape().last().copied().unwrap_or(1));
    Ok(run(py, work, || core::diag_embed(x, offset.0, dim1.0, dim2.0))?.into())
}

/// All elements as a diagonal (`offset` to the right) of a matrix of zeros.
///
/// >>> diffkit.diagflat(diffkit.tensor([1, 2]))
/// tensor([[1, 0],
///         [0, 2]])
#[pyfunction]
#[pyo3(signature = (input, offset = Int(0)))]
pub fn diagflat(py: Python<'_>, input: Input<'_>, offset: Int) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel().saturating_mul(x.numel()), || core::diagflat(x, offset.0))?.into())
}

/// The powers of each element of a vector as rows of `N` (as many as elements by default), the highest first unless
/// `increasing`.
///
/// >>> diffkit.vander(diffkit.tensor([1, 2, 3]))
/// tensor([[1, 1, 1],
///         [4, 2, 1],
///         [9, 3, 1]])
#[pyfunction]
#[pyo3(signature = (x, N = None, increasing = Flag(false)))]
#[allow(non_snake_case)] // PyTorch's name of the argument
pub fn vander(py: Python<'_>, x: Input<'_>, N: Option<Int>, increasing: Flag) -> Out {
    let (x, columns): (&Tensor, _) = (&x, N.map(|n| n.0));
    Ok(run(py, x.numel().saturating_mul(x.numel()), || core::vander(x, columns, increasing.0))?.into())
}

/// Summed to a shape that broadcasts to this one.
///
/// >>> diffkit.ones(2, 3).sum_to_size(1, 3)
/// tensor([[2., 2., 2.]])
#[pyfunction]
#[pyo3(signature = (input, *size))]
pub fn sum_to_size(py: Python<'_>, input: Input<'_>, size: &Bound<'_, PyTuple>) -> Out {
    let shape = shape("sum_to_size", size, None)?;
    let x: &Tensor = &input;
    // What is summed is as wide as the results of sum().
    let dtype = if x.shape() == shape.as_slice() { x.dtype() } else { x.dtype().widened() };
    Ok(run(py, x.numel(), || ops::sum_to(&ops::cast(x, dtype)?, &shape))?.into())
}

/// The elements in another tensor's shape, without copying.
///
/// >>> diffkit.arange(4).view_as(diffkit.zeros(2, 2)).shape
/// (2, 2)
#[pyfunction]
pub fn view_as(input: Input<'_>, other: Input<'_>) -> Out {
    let shape: Vec<i64> = other.shape().iter().map(|&n| n as i64).collect();
    Ok(ops::view::view(&input, &shape)?.into())
}
