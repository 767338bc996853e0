//! Linear algebra beyond products: the functions of `diffkit.linalg`.

use crate::convert::{Axes, Axis, Flag, Float, Input, Int, Word, either, keep_or};
use crate::dtype::AnyDType;
use crate::error::{Result, wrong_type};
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::arrange;
use diffkit_core::ops::linalg::{self, Order};
use diffkit_core::{Error, Tensor};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Work of a decomposition, in elements.
fn cubic(x: &Tensor) -> usize {
    x.numel().saturating_mul(x.shape().last().copied().unwrap_or(1))
}

macro_rules! of_matrix {
    ($($(#[doc = $doc:literal])+ $name:ident $with:expr;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        pub fn $name(py: Python<'_>, input: Input<'_>) -> Out {
            let a: &Tensor = &input;
            let call: fn(&Tensor) -> diffkit_core::Result<Tensor> = $with;
            Ok(run(py, cubic(a), || call(a))?.into())
        }
        )*
    };
}

of_matrix! {
    /// The inverse of square matrices (..., n, n). Derivative: -A^-1 dA A^-1.
    ///
    /// >>> diffkit.linalg.inv(diffkit.tensor([[2., 0.], [0., 4.]]))
    /// tensor([[0.5000, 0.0000],
    ///         [0.0000, 0.2500]])
    inv linalg::inv;
    /// The determinant of square matrices (..., n, n). Derivative: the cofactors.
    ///
    /// >>> diffkit.linalg.det(diffkit.tensor([[1., 2.], [3., 4.]]))
    /// tensor(-2.)
    det linalg::det;
    /// The singular values of matrices (..., m, n), largest first.
    ///
    /// >>> diffkit.linalg.svdvals(diffkit.tensor([[3., 0.], [0., -4.]]))
    /// tensor([4., 3.])
    svdvals linalg::svdvals;
}

/// The lower (or upper) triangular factor L of symmetric positive definite matrices, A = L L^T.
///
/// >>> diffkit.linalg.cholesky(diffkit.tensor([[4., 0.], [0., 9.]]))
/// tensor([[2., 0.],
///         [0., 3.]])
#[pyfunction]
#[pyo3(signature = (input, *, upper = Flag(false)))]
pub fn cholesky(py: Python<'_>, input: Input<'_>, upper: Flag) -> Out {
    let upper = upper.0;
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::cholesky(a, upper))?.into())
}

/// x with A x = B, for square A (..., n, n) and B (..., n) or (..., n, k).
///
/// >>> diffkit.linalg.solve(diffkit.tensor([[2., 0.], [0., 4.]]), diffkit.tensor([2., 2.]))
/// tensor([1.0000, 0.5000])
#[pyfunction]
pub fn solve(py: Python<'_>, input: Input<'_>, other: Input<'_>) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, cubic(a) + b.numel(), || linalg::solve(a, b))?.into())
}

/// A named tuple of tensors of `diffkit.linalg`.
fn named(
    py: Python<'_>,
    name: &'static str,
    cell: &'static PyOnceLock<Py<PyAny>>,
    parts: Vec<Tensor>,
) -> PyResult<Py<PyAny>> {
    let class = crate::tensor::imported(py, cell, "diffkit.linalg", name)?;
    let parts = parts.into_iter().map(PyTensor::from).collect::<Vec<_>>();
    Ok(class.call1(pyo3::types::PyTuple::new(py, parts)?)?.unbind())
}

/// (sign, logabsdet) of the determinant of square matrices, without overflow.
///
/// >>> diffkit.linalg.slogdet(diffkit.tensor([[-2., 0.], [0., 1.]])).sign
/// tensor(-1.)
#[pyfunction]
pub fn slogdet(py: Python<'_>, input: Input<'_>) -> PyResult<Py<PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let a: &Tensor = &input;
    let (sign, log) = run(py, cubic(a), || linalg::slogdet(a))?;
    named(py, "SlogdetResult", &CLASS, vec![sign, log])
}

/// Which triangle of a symmetric matrix is read: "L" or "U".
fn upper(op: &'static str, triangle: &str) -> Result<bool> {
    match triangle {
        "L" | "l" => Ok(false),
        "U" | "u" => Ok(true),
        other => Err(Error::value(op, format!("UPLO is 'L' or 'U', not {other:?}")).into()),
    }
}

/// (eigenvalues, eigenvectors) of symmetric matrices, ascending; the eigenvectors are columns. The derivative of the
/// vectors takes equal eigenvalues to be uncoupled.
///
/// >>> diffkit.linalg.eigh(diffkit.tensor([[2., 0.], [0., 1.]])).eigenvalues
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(name = "eigh", signature = (input, UPLO = Word("L".to_string())))]
#[allow(non_snake_case)]
pub fn eigh(py: Python<'_>, input: Input<'_>, UPLO: Word) -> PyResult<Py<PyAny>> {
    let UPLO = UPLO.0.as_str();
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let upper = upper("eigh", UPLO)?;
    let a: &Tensor = &input;
    let (values, vectors) = run(py, cubic(a), || linalg::eigh(a, upper))?;
    named(py, "EighResult", &CLASS, vec![values, vectors])
}

/// The eigenvalues of symmetric matrices, ascending.
///
/// >>> diffkit.linalg.eigvalsh(diffkit.tensor([[2., 0.], [0., 1.]]))
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(name = "eigvalsh", signature = (input, UPLO = Word("L".to_string())))]
#[allow(non_snake_case)]
pub fn eigvalsh(py: Python<'_>, input: Input<'_>, UPLO: Word) -> Out {
    let UPLO = UPLO.0.as_str();
    let upper = upper("eigvalsh", UPLO)?;
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::eigvalsh(a, upper))?.into())
}

/// (U, S, Vh) of matrices (..., m, n) with A = U diag(S) Vh, reduced.
///
/// >>> diffkit.linalg.svd(diffkit.tensor([[3., 0.], [0., 4.]])).S
/// tensor([4., 3.])
#[pyfunction]
#[pyo3(signature = (input, full_matrices = Flag(false)))]
pub fn svd(py: Python<'_>, input: Input<'_>, full_matrices: Flag) -> PyResult<Py<PyAny>> {
    let full_matrices = full_matrices.0;
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if full_matrices {
        let why = "full_matrices=True is not supported; use full_matrices=False";
        return Err(crate::error::to_python(&Error::value("svd", why)));
    }
    let a: &Tensor = &input;
    let (u, s, vh) = run(py, cubic(a), || linalg::svd(a))?;
    named(py, "SVDResult", &CLASS, vec![u, s, vh])
}

/// The product of n copies of square matrices; negative n of the inverse.
///
/// >>> diffkit.linalg.matrix_power(diffkit.tensor([[1., 1.], [0., 1.]]), 3)
/// tensor([[1., 3.],
///         [0., 1.]])
#[pyfunction]
pub fn matrix_power(py: Python<'_>, input: Input<'_>, n: Int) -> Out {
    let n = n.0;
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::matrix_power(a, n))?.into())
}

/// The number of singular values above the tolerance (largest times the larger size times epsilon by default).
///
/// >>> diffkit.linalg.matrix_rank(diffkit.ones(3, 3))
/// tensor(1)
#[pyfunction]
#[pyo3(signature = (input, *, atol = None, rtol = None))]
pub fn matrix_rank(py: Python<'_>, input: Input<'_>, atol: Option<Float>, rtol: Option<Float>) -> Out {
    let atol = atol.map(|v| v.0);
    let rtol = rtol.map(|v| v.0);
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::matrix_rank(a, atol, rtol))?.into())
}

/// The Moore-Penrose inverse of matrices (..., m, n).
///
/// >>> diffkit.linalg.pinv(diffkit.tensor([[2., 0.], [0., 0.]]))
/// tensor([[0.5000, 0.0000],
///         [0.0000, 0.0000]])
#[pyfunction]
#[pyo3(signature = (input, *, atol = None, rtol = None))]
pub fn pinv(py: Python<'_>, input: Input<'_>, atol: Option<Float>, rtol: Option<Float>) -> Out {
    let atol = atol.map(|v| v.0);
    let rtol = rtol.map(|v| v.0);
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::pinv(a, atol, rtol))?.into())
}

/// The order of a norm: a number, "fro" or "nuc".
fn order(op: &'static str, ord: &Bound<'_, PyAny>) -> Result<Order> {
    if let Ok(name) = ord.extract::<String>() {
        return match name.as_str() {
            "fro" => Ok(Order::Fro),
            "nuc" => Ok(Order::Nuc),
            "inf" => Ok(Order::P(f64::INFINITY)),
            "-inf" => Ok(Order::P(f64::NEG_INFINITY)),
            other => Err(Error::value(op, format!("the order is a number, 'fro' or 'nuc', not {other:?}")).into()),
        };
    }
    match crate::convert::scalar(ord)? {
        Some(number) => Ok(Order::P(number.as_f64())),
        None => Err(wrong_type(op, "the order is a number, 'fro' or 'nuc'", ord).into()),
    }
}

/// The p-norm of all elements, or along `dim`: p = 2 by default, also 0, 1, inf, -inf, any number, "fro", "nuc". The
/// gradient at zero is zero.
///
/// >>> diffkit.norm(diffkit.tensor([3., 4.]))
/// tensor(5.)
#[pyfunction]
#[pyo3(signature = (input, p = None, dim = None, keepdim = None, dtype = None, *, axis = None, keepdims = None))]
#[allow(clippy::too_many_arguments)]
pub fn norm(
    py: Python<'_>,
    input: Input<'_>,
    p: Option<&Bound<'_, PyAny>>,
    dim: Option<Axes>,
    keepdim: Option<Flag>,
    dtype: Option<AnyDType>,
    axis: Option<Axes>,
    keepdims: Option<Flag>,
) -> Out {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let order = p.map_or(Ok(Order::Fro), |p| order("norm", p))?;
    let axes = either("norm", "dim", dim, "axis", axis)?;
    let keep = keep_or("norm", keepdim, keepdims)?;
    let (x, axes): (&Tensor, _) = (&input, axes.as_ref().map(|axes| axes.0.as_slice()));
    Ok(run(py, x.numel(), || linalg::norm(x, order, axes, keep, dtype.map(|dtype| dtype.0)))?.into())
}

/// `diffkit.linalg.norm`: without `ord`, the 2-norm of all elements; with it, the norm of a vector or a matrix.
///
/// >>> diffkit.linalg.norm(diffkit.tensor([[1., 2.], [3., 4.]]), 1)
/// tensor(6.)
#[pyfunction]
#[pyo3(signature = (input, ord = None, dim = None, keepdim = None, *, dtype = None, axis = None, keepdims = None))]
#[allow(clippy::too_many_arguments)]
pub fn linalg_norm(
    py: Python<'_>,
    input: Input<'_>,
    ord: Option<&Bound<'_, PyAny>>,
    dim: Option<Axes>,
    keepdim: Option<Flag>,
    dtype: Option<AnyDType>,
    axis: Option<Axes>,
    keepdims: Option<Flag>,
) -> Out {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    const OP: &str = "linalg.norm";
    let ord = ord.map(|ord| order(OP, ord)).transpose()?;
    let axes = either(OP, "dim", dim, "axis", axis)?;
    let keep = keep_or(OP, keepdim, keepdims)?;
    let (x, axes): (&Tensor, _) = (&input, axes.as_ref().map(|axes| axes.0.as_slice()));
    Ok(run(py, x.numel(), || linalg::linalg_norm(x, ord, axes, keep, dtype.map(|dtype| dtype.0)))?.into())
}

/// The p-norm of vectors: of all elements, or along `dim`.
///
/// >>> diffkit.linalg.vector_norm(diffkit.tensor([3., -4.]), 1)
/// tensor(7.)
#[pyfunction]
#[pyo3(signature = (x, ord = Float(2.0), dim = None, keepdim = None, *, axis = None, keepdims = None))]
pub fn vector_norm(
    py: Python<'_>,
    x: Input<'_>,
    ord: Float,
    dim: Option<Axes>,
    keepdim: Option<Flag>,
    axis: Option<Axes>,
    keepdims: Option<Flag>,
) -> Out {
    let ord = ord.0;
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let axes = either("vector_norm", "dim", dim, "axis", axis)?;
    let keep = keep_or("vector_norm", keepdim, keepdims)?;
    let (x, axes): (&Tensor, _) = (&x, axes.as_ref().map(|axes| axes.0.as_slice()));
    Ok(run(py, x.numel(), || linalg::vector_norm(x, ord, axes, keep))?.into())
}

/// The norm of matrices in two axes: "fro", "nuc", 1, -1, 2, -2, inf or -inf.
///
/// >>> diffkit.linalg.matrix_norm(diffkit.tensor([[3., 0.], [0., 4.]]), 2)
/// tensor(4.)
#[pyfunction]
#[pyo3(signature = (input, ord = None, dim = (Axis(-2), Axis(-1)), keepdim = None, *, keepdims = None))]
pub fn matrix_norm(
    py: Python<'_>,
    input: Input<'_>,
    ord: Option<&Bound<'_, PyAny>>,
    dim: (Axis, Axis),
    keepdim: Option<Flag>,
    keepdims: Option<Flag>,
) -> Out {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let ord = ord.map_or(Ok(Order::Fro), |ord| order("matrix_norm", ord))?;
    let keep = keep_or("matrix_norm", keepdim, keepdims)?;
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::matrix_norm(a, ord, [dim.0.0, dim.1.0], keep))?.into())
}

/// The condition number of matrices: in the 2-norm (by default), or in another norm `p`, norm(A) * norm(inv(A)).
///
/// >>> diffkit.linalg.cond(diffkit.tensor([[2., 0.], [0., 1.]]))
/// tensor(2.)
#[pyfunction]
#[pyo3(signature = (input, p = None))]
pub fn cond(py: Python<'_>, input: Input<'_>, p: Option<&Bound<'_, PyAny>>) -> Out {
    let norm = p.map(|p| order("linalg.cond", p)).transpose()?;
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::cond(a, norm))?.into())
}

/// The sum of the diagonal of a matrix.
///
/// >>> diffkit.trace(diffkit.tensor([[1., 2.], [3., 4.]]))
/// tensor(5.)
#[pyfunction]
pub fn trace(input: Input<'_>) -> Out {
    Ok(arrange::trace(&input)?.into())
}
