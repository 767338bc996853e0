//! The one-axis Fourier transforms of which `diffkit.fft` is made.

use crate::convert::{Axis, Input, Int, Word};
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::ops::fft::{Kind, fft};
use diffkit_core::{Error, Tensor};
use pyo3::prelude::*;

/// A Fourier transform along one axis. `kind` is forward, inverse, real_forward or real_inverse; `norm` says which
/// direction divides by the length: backward (the default), forward, or ortho (both, by its root).
///
/// >>> diffkit._core._fourier(diffkit.ones(4), "real_forward")
/// tensor([4.+0.j, 0.+0.j, 0.+0.j])
#[pyfunction]
#[pyo3(signature = (input, kind, n = None, dim = Axis(-1), norm = None))]
pub fn _fourier(py: Python<'_>, input: Input<'_>, kind: Word, n: Option<Int>, dim: Axis, norm: Option<Word>) -> Out {
    let kind = match kind.0.as_str() {
        "forward" => Kind::Forward,
        "inverse" => Kind::Inverse,
        "real_forward" => Kind::RealForward,
        "real_inverse" => Kind::RealInverse,
        other => return Err(Error::value("fft", format!("there is no transform {other:?}")).into()),
    };
    let is_inverse = matches!(kind, Kind::Inverse | Kind::RealInverse);
    let divides: fn(f64) -> f64 = match (norm.as_ref().map_or("backward", |norm| norm.0.as_str()), is_inverse) {
        ("backward", false) | ("forward", true) => |_| 1.0,
        ("backward", true) | ("forward", false) => |n| 1.0 / n,
        ("ortho", _) => |n| 1.0 / n.sqrt(),
        (other, _) => return Err(norm_error(other)),
    };
    let x: &Tensor = &input;
    let work = x.numel().saturating_mul(16).max(n.as_ref().map_or(0, |n| n.0.max(0) as usize));
    Ok(run(py, work, || fft(kind, x, n.map(|n| n.0), dim.0, divides))?.into())
}

fn norm_error(norm: &str) -> crate::error::Raised {
    Error::value("fft", format!("norm is 'backward', 'ortho' or 'forward', not {norm:?}")).into()
}
