//! Decompositions of matrices: the functions of `diffkit.linalg` with several results, and Cholesky's.

use crate::convert::{Flag, Input, Word};
use crate::error::Result;
use crate::functions::linalg::cubic;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::linalg::{self, Mode};
use diffkit_core::{Error, Tensor};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A named tuple of tensors of `diffkit.linalg`.
pub fn named(
    py: Python<'_>,
    name: &'static str,
    cell: &'static PyOnceLock<Py<PyAny>>,
    parts: Vec<Tensor>,
) -> PyResult<Py<PyAny>> {
    let class = crate::tensor::imported(py, cell, "diffkit.linalg", name)?;
    let parts = parts.into_iter().map(PyTensor::from).collect::<Vec<_>>();
    Ok(class.call1(pyo3::types::PyTuple::new(py, parts)?)?.unbind())
}

/// Results under the names of a class of `diffkit.linalg`.
macro_rules! named {
    ($py:ident, $class:literal, $parts:expr) => {{
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        named($py, $class, &CLASS, $parts)
    }};
}

/// The triangular factor of Hermitian positive definite matrices (..., n, n): the lower L with `A = L L^H`, of which the
/// lower triangle is read, or with `upper` the upper U with `A = U^H U`. Raises LinAlgError where a matrix is not
/// positive definite, or has a NaN or an infinity. Gradient (Murray 2016): `L^-H P L^-1` made Hermitian, with P the lower
/// triangle of `L^H g`, its diagonal halved.
///
/// >>> diffkit.linalg.cholesky(diffkit.tensor([[4., 0.], [0., 9.]]))
/// tensor([[2., 0.],
///         [0., 3.]])
#[pyfunction]
#[pyo3(signature = (input, *, upper = Flag(false)))]
pub fn cholesky(py: Python<'_>, input: Input<'_>, upper: Flag) -> Out {
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::cholesky(a, upper.0))?.into())
}

/// (sign, logabsdet) of the determinant of square matrices (..., n, n), without overflow: (0, -inf) of singular ones, NaN
/// where a matrix has a NaN or an infinity. The sign of a complex determinant has modulus 1. Gradient of logabsdet:
/// `g A^-H`; backward raises LinAlgError at singular matrices.
///
/// >>> diffkit.linalg.slogdet(diffkit.tensor([[-2., 0.], [0., 1.]])).sign
/// tensor(-1.)
#[pyfunction]
pub fn slogdet(py: Python<'_>, input: Input<'_>) -> PyResult<Py<PyAny>> {
    let a: &Tensor = &input;
    let (sign, log) = run(py, cubic(a), || linalg::slogdet(a))?;
    named!(py, "SlogdetResult", vec![sign, log])
}

/// Which triangle of a Hermitian matrix is read: "L" or "U".
fn upper(op: &'static str, triangle: &str) -> Result<bool> {
    match triangle {
        "L" | "l" => Ok(false),
        "U" | "u" => Ok(true),
        other => Err(Error::value(op, format!("UPLO is 'L' or 'U', not {other:?}")).into()),
    }
}

/// (eigenvalues, eigenvectors) of symmetric or Hermitian matrices (..., n, n), of which the triangle UPLO is read: values
/// real and ascending, vectors orthonormal, as columns. Raises LinAlgError for NaN or infinity.
///
/// Gradient: `V (diag(gw) + F * (V^H gV)) V^H` made Hermitian, with `F[i, j] = 1 / (w[j] - w[i])`. Where eigenvalues
/// coincide, single eigenvectors have no derivative: F is taken as 0 there, which is right for functions of the space
/// that they span. Complex vectors have arbitrary phases; backward raises LinAlgError if the loss depends on them.
///
/// >>> diffkit.linalg.eigh(diffkit.tensor([[2., 0.], [0., 1.]])).eigenvalues
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(name = "eigh", signature = (input, UPLO = Word("L".to_string())))]
#[allow(non_snake_case)]
pub fn eigh(py: Python<'_>, input: Input<'_>, UPLO: Word) -> PyResult<Py<PyAny>> {
    let upper = upper("eigh", &UPLO.0)?;
    let a: &Tensor = &input;
    let (values, vectors) = run(py, cubic(a), || linalg::eigh(a, upper))?;
    named!(py, "EighResult", vec![values, vectors])
}

/// The eigenvalues of symmetric or Hermitian matrices (..., n, n), real and ascending; see `eigh`. Gradient:
/// `V diag(g) V^H` with V the eigenvectors.
///
/// >>> diffkit.linalg.eigvalsh(diffkit.tensor([[2., 0.], [0., 1.]]))
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(name = "eigvalsh", signature = (input, UPLO = Word("L".to_string())))]
#[allow(non_snake_case)]
pub fn eigvalsh(py: Python<'_>, input: Input<'_>, UPLO: Word) -> Out {
    let upper = upper("eigvalsh", &UPLO.0)?;
    let a: &Tensor = &input;
    Ok(run(py, cubic(a), || linalg::eigvalsh(a, upper))?.into())
}

/// (eigenvalues, eigenvectors) of square matrices (..., n, n), which need not be symmetric: both complex, values in no
/// particular order, vectors as columns of norm 1 with a real positive largest element. A real matrix has real values and
/// vectors, or conjugate pairs one after the other. Raises LinAlgError for NaN or infinity.
///
/// Gradient: `V^-H (diag(gw) + F * (V^H gV - V^H V diag(Re diag(V^H gV)))) V^H` with `F[i, j] = 1 / conj(w[j] - w[i])`,
/// taken as 0 where eigenvalues coincide. Backward raises LinAlgError where the matrix has too few eigenvectors (V is
/// singular to working precision), and if the loss depends on the phases of the vectors, which are arbitrary.
///
/// >>> diffkit.linalg.eig(diffkit.tensor([[0., 1.], [-1., 0.]])).eigenvalues.imag
/// tensor([ 1., -1.])
#[pyfunction]
pub fn eig(py: Python<'_>, input: Input<'_>) -> PyResult<Py<PyAny>> {
    let a: &Tensor = &input;
    let (values, vectors) = run(py, cubic(a), || linalg::eig(a))?;
    named!(py, "EigResult", vec![values, vectors])
}

/// (U, S, Vh) of matrices (..., m, n) with `A = U diag(S) Vh`: S real, largest first, orthonormal columns in U and rows in
/// Vh. They are square, or with `full_matrices=False` have as many as there are singular values. Raises LinAlgError for
/// NaN or infinity.
///
/// Gradient: `U ((skew(U^H gU) * E) S + S (skew(V^H gV) * E) + diag(gS)) V^H` and the parts of gU and gV outside the spans,
/// with `E[i, j] = 1 / (S[j]^2 - S[i]^2)`. Where singular values coincide, single vectors have no derivative: E is taken
/// as 0 there, which is right for functions of the space that they span; so is 1 / S where S is 0. Columns beyond the
/// singular values count as what spans the rest. Complex vectors have arbitrary phases; backward raises LinAlgError if the
/// loss depends on them.
///
/// >>> diffkit.linalg.svd(diffkit.tensor([[3., 0.], [0., 4.]])).S
/// tensor([4., 3.])
#[pyfunction]
#[pyo3(signature = (input, full_matrices = Flag(true)))]
pub fn svd(py: Python<'_>, input: Input<'_>, full_matrices: Flag) -> PyResult<Py<PyAny>> {
    let a: &Tensor = &input;
    let (u, s, vh) = run(py, cubic(a), || linalg::svd(a, full_matrices.0))?;
    named!(py, "SVDResult", vec![u, s, vh])
}

/// (Q, R) of matrices (..., m, n) with `A = Q R`: orthonormal columns in Q, R upper triangular with a real diagonal. Mode
/// "reduced" gives min(m, n) columns of Q, "complete" a square Q, "r" an empty Q. Raises LinAlgError for NaN or infinity.
///
/// Gradient: with `M = triu(gR R^H - Q^H gQ)`, `(gQ + Q (M + M^H - real diagonal of M)) R^-H`; backward raises LinAlgError
/// where the first min(m, n) columns are dependent.
///
/// >>> diffkit.linalg.qr(diffkit.tensor([[0., 2.], [1., 0.]])).R
/// tensor([[-1.,  0.],
///         [ 0., -2.]])
#[pyfunction]
#[pyo3(signature = (input, mode = Word("reduced".to_string())))]
pub fn qr(py: Python<'_>, input: Input<'_>, mode: Word) -> PyResult<Py<PyAny>> {
    let a: &Tensor = &input;
    let (wanted, with_q) = match mode.0.as_str() {
        "reduced" => (Mode::Reduced, true),
        "complete" => (Mode::Complete, true),
        "r" => (Mode::Reduced, false),
        other => {
            let why = format!("the mode is 'reduced', 'complete' or 'r', not {other:?}");
            return Err(crate::error::to_python(&Error::value("qr", why)));
        }
    };
    let (q, r) = run(py, cubic(a), || {
        let (q, r) = linalg::qr(a, wanted)?;
        Ok(if with_q { (q, r) } else { (diffkit_core::array::Array::zeros("qr", &[0], a.dtype())?.into(), r) })
    })?;
    named!(py, "QRResult", vec![q, r])
}

/// (P, L, U) of matrices (..., m, n) with `A = P L U`, by elimination with row exchanges: P a permutation (m, m), L lower
/// triangular with ones on its diagonal, U upper triangular. Raises LinAlgError for NaN or infinity.
///
/// Gradient of square matrices: `P L^-H (tril(L^H gL, -1) + triu(gU U^H)) U^-H`; backward raises LinAlgError where the first
/// min(m, n) columns are dependent.
///
/// >>> diffkit.linalg.lu(diffkit.tensor([[0., 2.], [1., 0.]])).U
/// tensor([[1., 0.],
///         [0., 2.]])
#[pyfunction]
pub fn lu(py: Python<'_>, input: Input<'_>) -> PyResult<Py<PyAny>> {
    let a: &Tensor = &input;
    let (p, l, u) = run(py, cubic(a), || linalg::lu(a))?;
    named!(py, "LUResult", vec![p, l, u])
}
