//! Complex numbers and their parts.

use crate::convert::Input;
use crate::error::Result;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::complex as core;
use pyo3::prelude::*;

/// The complex conjugate, element by element; real tensors are returned as they are. Gradient: the conjugate.
///
/// >>> diffkit.conj(diffkit.tensor([1 + 2j]))
/// tensor([1.-2.j])
#[pyfunction]
pub fn conj(py: Python<'_>, input: Bound<'_, PyTensor>) -> Result<Py<PyAny>> {
    whole_or(py, input, core::conj)
}

/// A copy of the real parts; real tensors are returned as they are. Gradient: the same numbers as real parts.
///
/// >>> diffkit.real(diffkit.tensor([1 + 2j]))
/// tensor([1.])
#[pyfunction]
pub fn real(py: Python<'_>, input: Bound<'_, PyTensor>) -> Result<Py<PyAny>> {
    whole_or(py, input, core::real)
}

/// A real tensor as it is, a complex one through `work`.
fn whole_or(
    py: Python<'_>,
    input: Bound<'_, PyTensor>,
    work: fn(&diffkit_core::Tensor) -> diffkit_core::Result<diffkit_core::Tensor>,
) -> Result<Py<PyAny>> {
    let x = &input.get().inner;
    if !x.dtype().is_complex() {
        return Ok(input.clone().into_any().unbind());
    }
    Ok(Py::new(py, PyTensor::from(run(py, x.numel(), || work(x))?))?.into_any())
}

/// The last two axes swapped, of complex numbers the conjugates.
///
/// >>> diffkit.adjoint(diffkit.tensor([[1 + 2j, 3]])).tolist()
/// [[(1-2j)], [(3-0j)]]
#[pyfunction]
pub fn adjoint(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &diffkit_core::Tensor = &input;
    Ok(run(py, x.numel(), || core::adjoint(x))?.into())
}

/// True where there is no imaginary part.
///
/// >>> diffkit.isreal(diffkit.tensor([1 + 2j, 3]))
/// tensor([False,  True])
#[pyfunction]
pub fn isreal(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &diffkit_core::Tensor = &input;
    Ok(run(py, x.numel(), || core::isreal(x))?.into())
}

/// A copy of the imaginary parts. Raises DTypeError for real tensors. Gradient: the same numbers as imaginary parts.
///
/// >>> diffkit.imag(diffkit.tensor([1 + 2j]))
/// tensor([2.])
#[pyfunction]
pub fn imag(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &diffkit_core::Tensor = &input;
    Ok(run(py, x.numel(), || core::imag(x))?.into())
}

/// `real + 1j * imag`, of two tensors of floats, both of one dtype, which broadcast. Gradients: the gradient's parts.
///
/// >>> diffkit.complex(diffkit.tensor([1.]), diffkit.tensor([2.]))
/// tensor([1.+2.j])
#[pyfunction]
pub fn complex(py: Python<'_>, real: Input<'_>, imag: Input<'_>) -> Out {
    let (re, im): (&diffkit_core::Tensor, &diffkit_core::Tensor) = (&real, &imag);
    Ok(run(py, re.numel().max(im.numel()), || core::complex(re, im))?.into())
}

/// `abs * exp(1j * angle)`, of two tensors of floats, both of one dtype, which broadcast; angles in radians.
///
/// >>> diffkit.polar(diffkit.tensor([2.]), diffkit.tensor([0.]))
/// tensor([2.+0.j])
#[pyfunction]
pub fn polar(py: Python<'_>, abs: Input<'_>, angle: Input<'_>) -> Out {
    let (abs, angle): (&diffkit_core::Tensor, &diffkit_core::Tensor) = (&abs, &angle);
    Ok(run(py, abs.numel().max(angle.numel()), || core::polar(abs, angle))?.into())
}

/// The real and imaginary parts along a new last axis of size 2, as a copy.
///
/// >>> diffkit.view_as_real(diffkit.tensor([1 + 2j]))
/// tensor([[1., 2.]])
#[pyfunction]
pub fn view_as_real(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &diffkit_core::Tensor = &input;
    Ok(run(py, x.numel(), || core::view_as_real(x))?.into())
}

/// Complex numbers of the pairs of floats along the last axis, which has size 2, as a copy.
///
/// >>> diffkit.view_as_complex(diffkit.tensor([[1., 2.]]))
/// tensor([1.+2.j])
#[pyfunction]
pub fn view_as_complex(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &diffkit_core::Tensor = &input;
    Ok(run(py, x.numel(), || core::view_as_complex(x))?.into())
}
