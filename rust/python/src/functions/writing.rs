//! Copies with parts written over, and the same in a tensor's own memory.

use crate::convert::{Axis, Flag, Input, Int, Operand, either};
use crate::dtype::AnyDType;
use crate::error::Result;
use crate::functions::in_place;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::create::Triangle;
use diffkit_core::ops::derived::writing as core;
use diffkit_core::ops::{Arg, arrange, index, scan, view};
use diffkit_core::{Error, Tensor};
use pyo3::prelude::*;

/// A copy of `input` with the parts of `source` written at positions along axis `dim`; of repeated positions the last
/// wins.
///
/// >>> diffkit.zeros(3).index_copy(0, diffkit.tensor([2, 0]), diffkit.tensor([5., 6.]))
/// tensor([6., 0., 5.])
#[pyfunction]
pub fn index_copy(py: Python<'_>, input: Input<'_>, dim: Axis, index: Input<'_>, source: Input<'_>) -> Out {
    let (x, places, source): (&Tensor, &Tensor, &Tensor) = (&input, &index, &source);
    Ok(run(py, x.numel(), || core::index_copy(x, dim.0, places, source))?.into())
}

/// `index_copy` in the tensor's own memory.
///
/// >>> diffkit.zeros(3).index_copy_(0, diffkit.tensor([2]), diffkit.tensor([5.]))
/// tensor([0., 0., 5.])
#[pyfunction]
pub fn index_copy_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    dim: Axis,
    index: Input<'py>,
    source: Input<'py>,
) -> Result<Bound<'py, PyTensor>> {
    let (places, source): (&Tensor, &Tensor) = (&index, &source);
    in_place(py, "index_copy_", input, &[Arg::Tensor(source)], |x| core::index_copy(x, dim.0, places, source))
}

/// A copy of `input` with one value (a number or a 0-d tensor) in its parts at positions along axis `dim`.
///
/// >>> diffkit.zeros(3).index_fill(0, diffkit.tensor([2, 0]), 7)
/// tensor([7., 0., 7.])
#[pyfunction]
pub fn index_fill(py: Python<'_>, input: Input<'_>, dim: Axis, index: Input<'_>, value: Operand<'_>) -> Out {
    let (x, places, value): (&Tensor, &Tensor, _) = (&input, &index, value.arg());
    Ok(run(py, x.numel(), || core::index_fill(x, dim.0, places, value))?.into())
}

/// `index_fill` in the tensor's own memory.
///
/// >>> diffkit.zeros(3).index_fill_(0, diffkit.tensor([2, 0]), 7)
/// tensor([7., 0., 7.])
#[pyfunction]
pub fn index_fill_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    dim: Axis,
    index: Input<'py>,
    value: Operand<'py>,
) -> Result<Bound<'py, PyTensor>> {
    let (places, value): (&Tensor, _) = (&index, value.arg());
    in_place(py, "index_fill_", input, &[value], |x| core::index_fill(x, dim.0, places, value))
}

/// `index_add` in the tensor's own memory.
///
/// >>> diffkit.zeros(2).index_add_(0, diffkit.tensor([1, 1]), diffkit.ones(2))
/// tensor([0., 2.])
#[pyfunction]
#[pyo3(signature = (input, dim, index, source, *, alpha = Operand::Scalar(diffkit_core::Scalar::Int(1))))]
pub fn index_add_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    dim: Axis,
    index: Input<'py>,
    source: Input<'py>,
    alpha: Operand<'py>,
) -> Result<Bound<'py, PyTensor>> {
    let (places, source, alpha): (&Tensor, &Tensor, _) = (&index, &source, alpha.arg());
    in_place(py, "index_add_", input, &[Arg::Tensor(source)], |x| {
        index::index_add(x, dim.0, places, &core::scaled(source, alpha)?)
    })
}

/// `scatter_add` in the tensor's own memory.
///
/// >>> diffkit.zeros(3).scatter_add_(0, diffkit.tensor([0, 0, 2]), diffkit.ones(3))
/// tensor([2., 0., 1.])
#[pyfunction]
pub fn scatter_add_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    dim: Axis,
    index: Input<'py>,
    src: Input<'py>,
) -> Result<Bound<'py, PyTensor>> {
    let (places, source): (&Tensor, &Tensor) = (&index, &src);
    in_place(py, "scatter_add_", input, &[Arg::Tensor(source)], |x| index::scatter_add(x, dim.0, places, source))
}

/// `scatter` in the tensor's own memory.
///
/// >>> diffkit.zeros(3).scatter_(0, diffkit.tensor([0, 2]), 1.0)
/// tensor([1., 0., 1.])
#[pyfunction]
#[pyo3(signature = (input, dim, index, src = None, *, value = None))]
pub fn scatter_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    dim: Axis,
    index: Input<'py>,
    src: Option<Operand<'py>>,
    value: Option<Operand<'py>>,
) -> Result<Bound<'py, PyTensor>> {
    let source = either("scatter_", "src", src, "value", value)?
        .ok_or_else(|| Error::value("scatter_", "needs src, a tensor, or value, a number"))?;
    let (places, source): (&Tensor, _) = (&index, source.arg());
    in_place(py, "scatter_", input, &[source], |x| index::scatter(x, dim.0, places, source))
}

/// A copy of `input` with elements of `source` written at (or with `accumulate` added to) positions in the flattened
/// tensor.
///
/// >>> diffkit.zeros(2, 2).put(diffkit.tensor([0, 3]), diffkit.tensor([1., 2.]))
/// tensor([[1., 0.],
///         [0., 2.]])
#[pyfunction]
#[pyo3(signature = (input, index, source, accumulate = Flag(false)))]
pub fn put(py: Python<'_>, input: Input<'_>, index: Input<'_>, source: Input<'_>, accumulate: Flag) -> Out {
    let (x, places, source): (&Tensor, &Tensor, &Tensor) = (&input, &index, &source);
    Ok(run(py, x.numel(), || core::put(x, places, source, accumulate.0))?.into())
}

/// `put` in the tensor's own memory.
///
/// >>> diffkit.zeros(2).put_(diffkit.tensor([1]), diffkit.tensor([2.]))
/// tensor([0., 2.])
#[pyfunction]
#[pyo3(signature = (input, index, source, accumulate = Flag(false)))]
pub fn put_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    index: Input<'py>,
    source: Input<'py>,
    accumulate: Flag,
) -> Result<Bound<'py, PyTensor>> {
    let (places, source): (&Tensor, &Tensor) = (&index, &source);
    in_place(py, "put_", input, &[Arg::Tensor(source)], |x| core::put(x, places, source, accumulate.0))
}

/// A copy of `input` whose elements under the true elements of the mask are the first ones of `source`, in order.
///
/// >>> x = diffkit.tensor([1, 5, 3])
/// >>> x.masked_scatter(x > 2, diffkit.tensor([7, 8, 9]))
/// tensor([1, 7, 8])
#[pyfunction]
pub fn masked_scatter(py: Python<'_>, input: Input<'_>, mask: Input<'_>, source: Input<'_>) -> Out {
    let (x, mask, source): (&Tensor, &Tensor, &Tensor) = (&input, &mask, &source);
    Ok(run(py, x.numel(), || core::masked_scatter(x, mask, source))?.into())
}

/// `masked_scatter` in the tensor's own memory.
///
/// >>> x = diffkit.tensor([1, 5, 3])
/// >>> x.masked_scatter_(x > 2, diffkit.tensor([7, 8, 9]))
/// tensor([1, 7, 8])
#[pyfunction]
pub fn masked_scatter_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    mask: Input<'py>,
    source: Input<'py>,
) -> Result<Bound<'py, PyTensor>> {
    let (mask, source): (&Tensor, &Tensor) = (&mask, &source);
    in_place(py, "masked_scatter_", input, &[Arg::Tensor(source)], |x| core::masked_scatter(x, mask, source))
}

/// A copy of `input` with `src` at one position of axis `dim`.
///
/// >>> diffkit.zeros(2, 2).select_scatter(diffkit.tensor([1., 2.]), 0, 1).tolist()
/// [[0.0, 0.0], [1.0, 2.0]]
#[pyfunction]
pub fn select_scatter(py: Python<'_>, input: Input<'_>, src: Input<'_>, dim: Axis, index: Axis) -> Out {
    let (x, source): (&Tensor, &Tensor) = (&input, &src);
    let part = |x: &Tensor| arrange::select(x, dim.0, index.0);
    Ok(run(py, x.numel(), || core::with_part("select_scatter", x, source, part))?.into())
}

/// A copy of `input` with `src` in the slice `start:end:step` of axis `dim`.
///
/// >>> diffkit.zeros(4).slice_scatter(diffkit.ones(2), start=1, end=3)
/// tensor([0., 1., 1., 0.])
#[pyfunction]
#[pyo3(signature = (input, src, dim = Axis(0), start = None, end = None, step = Axis(1)))]
pub fn slice_scatter(
    py: Python<'_>,
    input: Input<'_>,
    src: Input<'_>,
    dim: Axis,
    start: Option<Axis>,
    end: Option<Axis>,
    step: Axis,
) -> Out {
    let (x, source): (&Tensor, &Tensor) = (&input, &src);
    let (start, end) = (start.map(|v| v.0), end.map(|v| v.0));
    let part = |x: &Tensor| core::slice(x, dim.0, start, end, step.0);
    Ok(run(py, x.numel(), || core::with_part("slice_scatter", x, source, part))?.into())
}

/// A copy of `input` with `src` on a diagonal.
///
/// >>> diffkit.zeros(2, 2).diagonal_scatter(diffkit.tensor([1., 2.])).tolist()
/// [[1.0, 0.0], [0.0, 2.0]]
#[pyfunction]
#[pyo3(signature = (input, src, offset = Int(0), dim1 = Int(0), dim2 = Int(1)))]
pub fn diagonal_scatter(py: Python<'_>, input: Input<'_>, src: Input<'_>, offset: Int, dim1: Int, dim2: Int) -> Out {
    let (x, source): (&Tensor, &Tensor) = (&input, &src);
    let part = |x: &Tensor| view::diagonal(x, offset.0, dim1.0, dim2.0);
    Ok(run(py, x.numel(), || core::with_part("diagonal_scatter", x, source, part))?.into())
}

/// One number on the main diagonal, in place; with `wrap` a tall matrix has further diagonals below.
///
/// >>> diffkit.zeros(2, 2).fill_diagonal_(5)
/// tensor([[5., 0.],
///         [0., 5.]])
#[pyfunction]
#[pyo3(signature = (input, fill_value, wrap = Flag(false)))]
pub fn fill_diagonal_<'py>(
    input: Bound<'py, PyTensor>,
    fill_value: Operand<'py>,
    wrap: Flag,
) -> Result<Bound<'py, PyTensor>> {
    match fill_value.arg() {
        Arg::Scalar(value) => core::fill_diagonal_(&input.get().inner, value, wrap.0)?,
        Arg::Tensor(_) => return Err(Error::value("fill_diagonal_", "the value must be a number").into()),
    }
    Ok(input)
}

macro_rules! running {
    ($($name:ident $in_place:ident $example:literal;)*) => {
        $(
        #[doc = concat!("`", stringify!($name), "` in the tensor's own memory.\n\n", $example)]
        #[pyfunction]
        #[pyo3(signature = (input, dim, dtype = None))]
        pub fn $in_place<'py>(
            py: Python<'py>,
            input: Bound<'py, PyTensor>,
            dim: Axis,
            dtype: Option<AnyDType>,
        ) -> Result<Bound<'py, PyTensor>> {
            let dtype = dtype.map_or(input.get().inner.dtype(), |dtype| dtype.0);
            in_place(py, stringify!($in_place), input, &[], |x| scan::$name(x, dim.0, Some(dtype)))
        }
        )*
    };
}
running! {
    cumsum cumsum_ ">>> diffkit.tensor([1, 2, 3]).cumsum_(0)\ntensor([1, 3, 6])";
    cumprod cumprod_ ">>> diffkit.tensor([1, 2, 3]).cumprod_(0)\ntensor([1, 2, 6])";
}

macro_rules! triangles {
    ($($name:ident $in_place:ident $side:ident $example:literal;)*) => {
        $(
        #[doc = concat!("`", stringify!($name), "` in the tensor's own memory.\n\n", $example)]
        #[pyfunction]
        #[pyo3(signature = (input, diagonal = Int(0)))]
        pub fn $in_place<'py>(
            py: Python<'py>,
            input: Bound<'py, PyTensor>,
            diagonal: Int,
        ) -> Result<Bound<'py, PyTensor>> {
            in_place(py, stringify!($in_place), input, &[], |x| arrange::triangle(Triangle::$side, x, diagonal.0))
        }
        )*
    };
}
triangles! {
    tril tril_ Lower ">>> diffkit.ones(2, 2).tril_()\ntensor([[1., 0.],\n        [1., 1.]])";
    triu triu_ Upper ">>> diffkit.ones(2, 2).triu_()\ntensor([[1., 1.],\n        [0., 1.]])";
}
