//! Products of vectors and matrices.

use crate::convert::{Axes, Axis, Input, Word, axis_or};
use crate::functions::several;
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::Tensor;
use diffkit_core::ops::derived::combine;
use diffkit_core::ops::matmul as core;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Multiplications of a product, in elements of plain work.
pub fn work(a: &Tensor, b: &Tensor) -> usize {
    a.numel().saturating_mul(b.shape().last().copied().unwrap_or(1)) / 16
}

macro_rules! products {
    ($($(#[doc = $doc:literal])+ $name:ident($a:ident, $b:ident);)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        pub fn $name(py: Python<'_>, $a: Input<'_>, $b: Input<'_>) -> Out {
            let (a, b): (&Tensor, &Tensor) = (&$a, &$b);
            Ok(run(py, work(a, b), || core::$name(a, b))?.into())
        }
        )*
    };
}

products! {
    /// The inner product of two vectors, and of nothing else.
    ///
    /// >>> diffkit.dot(diffkit.tensor([1., 2.]), diffkit.tensor([3., 4.]))
    /// tensor(11.)
    dot(input, tensor);
    /// A matrix (m, n) times a vector (n,).
    ///
    /// >>> diffkit.eye(2).mv(diffkit.tensor([3., 4.]))
    /// tensor([3., 4.])
    mv(input, vec);
    /// A matrix (m, k) times a matrix (k, n).
    ///
    /// >>> diffkit.mm(diffkit.ones(2, 3), diffkit.ones(3, 4)).shape
    /// (2, 4)
    mm(input, mat2);
    /// Matrices times matrices along the first axis: (b, m, k) and (b, k, n) give (b, m, n).
    ///
    /// >>> diffkit.bmm(diffkit.ones(5, 2, 3), diffkit.ones(5, 3, 4)).shape
    /// (5, 2, 4)
    bmm(input, mat2);
    /// `input @ other`: vectors are rows on the left and columns on the right; axes before the last two are batches.
    ///
    /// >>> diffkit.matmul(diffkit.ones(5, 2, 3), diffkit.ones(3)).shape
    /// (5, 2)
    matmul(input, other);
    /// Every product of an element of one vector with one of another: (m,) and (n,) give (m, n).
    ///
    /// >>> diffkit.outer(diffkit.tensor([1, 2]), diffkit.tensor([3, 4])).tolist()
    /// [[3, 4], [6, 8]]
    outer(input, vec2);
}

/// The inner product of two vectors, the first one conjugated.
///
/// >>> diffkit.vdot(diffkit.tensor([1j]), diffkit.tensor([1j]))
/// tensor(1.+0.j)
#[pyfunction]
pub fn vdot(py: Python<'_>, input: Input<'_>, other: Input<'_>) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, a.numel(), || combine::vdot(a, b))?.into())
}

/// The products summed over the last axis of both, whose other axes follow each other; with a number, the product.
///
/// >>> diffkit.inner(diffkit.tensor([1., 2.]), diffkit.tensor([3., 4.]))
/// tensor(11.)
#[pyfunction]
pub fn inner(py: Python<'_>, input: Input<'_>, other: Input<'_>) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, work(a, b), || combine::inner(a, b))?.into())
}

/// Inner products along one axis, with broadcasting over the others.
///
/// >>> diffkit.vecdot(diffkit.ones(2, 3), diffkit.ones(3))
/// tensor([3., 3.])
#[pyfunction]
#[pyo3(signature = (x, y, dim = None, *, axis = None))]
pub fn vecdot(py: Python<'_>, x: Input<'_>, y: Input<'_>, dim: Option<Axis>, axis: Option<Axis>) -> Out {
    let axis = axis_or("vecdot", dim, axis, -1)?;
    let (a, b): (&Tensor, &Tensor) = (&x, &y);
    Ok(run(py, a.numel().max(b.numel()), || core::vecdot(a, b, axis))?.into())
}

/// Products summed over `dims` axes: the last of `a` with the first of `b`, or a pair of lists of axes.
///
/// >>> diffkit.tensordot(diffkit.ones(2, 3), diffkit.ones(3, 4), 1).shape
/// (2, 4)
#[pyfunction]
#[pyo3(signature = (a, b, dims = None))]
pub fn tensordot(py: Python<'_>, a: Input<'_>, b: Input<'_>, dims: Option<&Bound<'_, PyAny>>) -> Out {
    let (left, right) = match dims {
        Some(pair) if pair.extract::<i64>().is_err() => pair.extract::<(Axes, Axes)>()?,
        count => {
            let count = count.map_or(Ok(2), |count| count.extract::<i64>())?;
            let ndim = a.ndim() as i64;
            (Axes((ndim - count..ndim).collect()), Axes((0..count).collect()))
        }
    };
    let (x, y): (&Tensor, &Tensor) = (&a, &b);
    Ok(run(py, work(x, y), || core::tensordot(x, y, &left.0, &right.0))?.into())
}

/// Products of tensors summed as the equation says: axes are matched by letter and summed over where the output does
/// not name them. A letter twice in a term takes the diagonal; `...` stands for the other axes.
///
/// >>> diffkit.einsum("ij,jk->ik", diffkit.ones(2, 3), diffkit.ones(3, 4)).shape
/// (2, 4)
#[pyfunction]
#[pyo3(signature = (equation, *operands))]
pub fn einsum(py: Python<'_>, equation: Word, operands: &Bound<'_, PyTuple>) -> Out {
    let equation = equation.0.as_str();
    let operands = several(operands)?;
    let work = operands.iter().fold(1usize, |n, x| n.saturating_mul(x.numel()));
    Ok(run(py, work, || diffkit_core::ops::einsum::einsum(equation, &operands))?.into())
}
