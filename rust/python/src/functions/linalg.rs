//! Linear algebra beyond products: the functions of `diffkit.linalg`.

use crate::convert::{Axes, Flag, Float, Input, Int, Operand, either, keep_or};
use crate::dtype::AnyDType;
use crate::error::{Result, wrong_type};
use crate::functions::decompositions::named;
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::ops::arrange;
use diffkit_core::ops::linalg::{self, Order};
use diffkit_core::{Error, Tensor};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Work of a decomposition, in elements.
pub fn cubic(x: &Tensor) -> usize {
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
    /// The inverse of square matrices (..., n, n) of floats or complex numbers. Raises LinAlgError for singular matrices
    /// and for NaN or infinity. Gradient: `-Y^H g Y^H` with Y the inverse.
    ///
    /// >>> diffkit.linalg.inv(diffkit.tensor([[2., 0.], [0., 4.]]))
    /// tensor([[0.5000, 0.0000],
    ///         [0.0000, 0.2500]])
    inv linalg::inv;
    /// The determinant of square matrices (..., n, n) of floats or complex numbers; NaN where a matrix has a NaN or an
    /// infinity. Gradient: the conjugate of the cofactors, also at singular matrices.
    ///
    /// >>> diffkit.linalg.det(diffkit.tensor([[1., 2.], [3., 4.]]))
    /// tensor(-2.)
    det linalg::det;
    /// The singular values of matrices (..., m, n) of floats or complex numbers, real, largest first. Raises LinAlgError
    /// for NaN or infinity. Gradient: `U diag(g) V^H`, which at a second derivative takes equal values to be uncoupled.
    ///
    /// >>> diffkit.linalg.svdvals(diffkit.tensor([[3., 0.], [0., -4.]]))
    /// tensor([4., 3.])
    svdvals linalg::svdvals;
    /// The eigenvalues of square matrices (..., n, n), which need not be symmetric: complex, in no particular order; those
    /// of a real matrix are real or conjugate pairs. Raises LinAlgError for NaN or infinity, and in backward where the
    /// matrix has too few eigenvectors. Gradient: `V^-H diag(g) V^H` with V the eigenvectors.
    ///
    /// >>> diffkit.linalg.eigvals(diffkit.tensor([[0., 1.], [-1., 0.]])).imag
    /// tensor([ 1., -1.])
    eigvals linalg::eigvals;
    /// The matrix exponential of square matrices (..., n, n), by scaling and squaring. Raises LinAlgError for NaN or
    /// infinity. Gradient: that of the products and the solution which it is computed by.
    ///
    /// >>> diffkit.linalg.matrix_exp(diffkit.tensor([[0., 1.], [0., 0.]]))
    /// tensor([[1., 1.],
    ///         [0., 1.]])
    matrix_exp linalg::matrix_exp;
}

/// x with A x = B, for square A (..., n, n) and B (..., n, k), or vectors: B with one axis or the shape of A without its
/// last. Batches broadcast. Raises LinAlgError for singular A and for NaN or infinity. Gradients: `A^-H g` by B, minus
/// that times `x^H` by A.
///
/// >>> diffkit.linalg.solve(diffkit.tensor([[2., 0.], [0., 4.]]), diffkit.tensor([2., 2.]))
/// tensor([1.0000, 0.5000])
#[pyfunction]
pub fn solve(py: Python<'_>, input: Input<'_>, other: Input<'_>) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, cubic(a) + b.numel(), || linalg::solve(a, b))?.into())
}

/// X with A X = B for triangular A (..., n, n), of which only that triangle is read; or with `left=False` X A = B. With
/// `unitriangular` the diagonal is taken as ones. Batches broadcast. Raises LinAlgError for a zero on the diagonal and for
/// NaN or infinity. Gradients: `A^-H g` by B, the triangle of minus that times `X^H` by A.
///
/// >>> A = diffkit.tensor([[2., 0.], [1., 1.]])
/// >>> diffkit.linalg.solve_triangular(A, diffkit.tensor([[2.], [3.]]), upper=False)
/// tensor([[1.],
///         [2.]])
#[pyfunction]
#[pyo3(signature = (input, B, *, upper, left = Flag(true), unitriangular = Flag(false)))]
#[allow(non_snake_case)]
pub fn solve_triangular(
    py: Python<'_>,
    input: Input<'_>,
    B: Input<'_>,
    upper: Flag,
    left: Flag,
    unitriangular: Flag,
) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&input, &B);
    let triangle = linalg::Triangle { upper: upper.0, unit: unitriangular.0 };
    Ok(run(py, cubic(a) + b.numel(), || linalg::solve_triangular(a, b, triangle, left.0))?.into())
}

/// (solution, residuals, rank, singular_values): the x that makes the 2-norm of `A x - B` least, and of all such the
/// shortest, `pinv(A) @ B`, for A (..., m, n) and B (..., m, k) or vectors as in `solve`. Singular values up to `rcond`
/// times the largest count as zero (by default epsilon times the larger side). Residuals are the sums of squares of
/// `A x - B`, or empty unless m > n and A has full rank. Raises LinAlgError for NaN or infinity. Gradient: that of the
/// product; the rank is taken as constant.
///
/// >>> A = diffkit.tensor([[1., 0.], [1., 1.], [1., 2.]])
/// >>> diffkit.linalg.lstsq(A, diffkit.tensor([1., 3., 5.])).solution.round(decimals=4)
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(signature = (input, B, rcond = None))]
#[allow(non_snake_case)]
pub fn lstsq(py: Python<'_>, input: Input<'_>, B: Input<'_>, rcond: Option<Float>) -> PyResult<Py<PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let (a, b): (&Tensor, &Tensor) = (&input, &B);
    let found = run(py, cubic(a) + b.numel(), || linalg::lstsq(a, b, rcond.map(|v| v.0)))?;
    named(py, "LstsqResult", &CLASS, vec![found.solution, found.residuals, found.rank, found.singular_values])
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

/// The number of singular values (int64) above the tolerance: the larger of `atol` and `rtol` times the largest value, by
/// default epsilon times the larger size for `rtol`, which may be a tensor with one number per matrix.
///
/// >>> diffkit.linalg.matrix_rank(diffkit.ones(3, 3))
/// tensor(1)
#[pyfunction]
#[pyo3(signature = (input, *, atol = None, rtol = None))]
pub fn matrix_rank(py: Python<'_>, input: Input<'_>, atol: Option<Float>, rtol: Option<Operand<'_>>) -> Out {
    let atol = atol.map(|v| v.0);
    let rtol = rtol.as_ref().map(Operand::arg);
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::matrix_rank(a, atol, rtol))?.into())
}

/// The Moore-Penrose inverse of matrices (..., m, n) of floats or complex numbers; singular values within the tolerance
/// (as in `matrix_rank`) count as zero. Raises LinAlgError for NaN or infinity. Gradient: that of Golub and Pereyra, with
/// the rank taken as constant.
///
/// >>> diffkit.linalg.pinv(diffkit.tensor([[2., 0.], [0., 0.]]))
/// tensor([[0.5000, 0.0000],
///         [0.0000, 0.0000]])
#[pyfunction]
#[pyo3(signature = (input, *, atol = None, rtol = None))]
pub fn pinv(py: Python<'_>, input: Input<'_>, atol: Option<Float>, rtol: Option<Operand<'_>>) -> Out {
    let atol = atol.map(|v| v.0);
    let rtol = rtol.as_ref().map(Operand::arg);
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

/// The p-norm of vectors: of all elements, or along `dim` (one axis or several), as real numbers. p is any number: 0
/// counts what is not zero, inf and -inf are the largest and smallest magnitude. The gradient at zero is zero.
///
/// >>> diffkit.linalg.vector_norm(diffkit.tensor([3., -4.]), 1)
/// tensor(7.)
#[pyfunction]
#[pyo3(signature = (x, ord = Float(2.0), dim = None, keepdim = None, *, dtype = None, axis = None, keepdims = None))]
#[allow(clippy::too_many_arguments)]
pub fn vector_norm(
    py: Python<'_>,
    x: Input<'_>,
    ord: Float,
    dim: Option<Axes>,
    keepdim: Option<Flag>,
    dtype: Option<AnyDType>,
    axis: Option<Axes>,
    keepdims: Option<Flag>,
) -> Out {
    let ord = ord.0;
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let axes = either("vector_norm", "dim", dim, "axis", axis)?;
    let keep = keep_or("vector_norm", keepdim, keepdims)?;
    let (x, axes): (&Tensor, _) = (&x, axes.as_ref().map(|axes| axes.0.as_slice()));
    Ok(run(py, x.numel(), || match dtype {
        Some(dtype) => linalg::vector_norm(&diffkit_core::ops::cast(x, dtype.0)?, ord, axes, keep),
        None => linalg::vector_norm(x, ord, axes, keep),
    })?
    .into())
}

/// Two axes, those of matrices.
pub struct Pair(i64, i64);

impl<'a, 'py> FromPyObject<'a, 'py> for Pair {
    type Error = PyErr;
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Pair> {
        match obj.extract::<Axes>()?.0.as_slice() {
            [rows, columns] => Ok(Pair(*rows, *columns)),
            _ => Err(wrong_type("matrix_norm", "dim is a pair of axes", &obj)),
        }
    }
}

/// The norm of matrices in two axes: "fro", "nuc", 1, -1, 2, -2, inf or -inf.
///
/// >>> diffkit.linalg.matrix_norm(diffkit.tensor([[3., 0.], [0., 4.]]), 2)
/// tensor(4.)
#[pyfunction]
#[pyo3(signature = (input, ord = None, dim = Pair(-2, -1), keepdim = None, *, keepdims = None))]
pub fn matrix_norm(
    py: Python<'_>,
    input: Input<'_>,
    ord: Option<&Bound<'_, PyAny>>,
    dim: Pair,
    keepdim: Option<Flag>,
    keepdims: Option<Flag>,
) -> Out {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let ord = ord.map_or(Ok(Order::Fro), |ord| order("matrix_norm", ord))?;
    let keep = keep_or("matrix_norm", keepdim, keepdims)?;
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::matrix_norm(a, ord, [dim.0, dim.1], keep))?.into())
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
