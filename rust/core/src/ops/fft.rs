//! Discrete Fourier transforms along one axis. Those of several axes are made of them, axis by axis.

use super::element::default_float;
use super::{arrange, complex, convert, create, join};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule};
pub use crate::kernels::fft::Kind;
use crate::kernels::fft::transform;
use crate::layout::normalize_axis;
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};

const OP: &str = "fft";

struct Transform {
    kind: Kind,
    n: usize,
    scale: f64,
}

impl Rule for Transform {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Forward | Kind::Inverse => "FftC2CBackward0",
            Kind::RealForward => "FftR2CBackward0",
            Kind::RealInverse => "FftC2RBackward0",
        }
    }
    /// The adjoint: the transform with the other sign. A stored half stands for its mirror image too, but counts only
    /// once itself; in the other direction all but the ends count twice.
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        let back = |kind, g: &Tensor| along_last(kind, g, self.n, self.scale);
        Ok(smallvec![Some(match self.kind {
            Kind::Forward => back(Kind::Inverse, g)?,
            Kind::Inverse => back(Kind::Forward, g)?,
            Kind::RealForward => complex::real(&back(Kind::Inverse, &resized(g, self.n)?)?)?,
            Kind::RealInverse => ops::mul(&back(Kind::RealForward, g)?, &multiplicity(self.n, g.dtype())?)?,
        })])
    }
}

/// How often each element of a stored half counts: twice, but the first once, and the last where n is even.
fn multiplicity(n: usize, dtype: DType) -> Result<Tensor> {
    let mut counts = vec![2.0; n / 2 + 1];
    counts[0] = 1.0;
    if n.is_multiple_of(2) {
        counts[n / 2] = 1.0;
    }
    ops::cast(&Array::from_slice(&[counts.len()], &counts)?.into(), dtype)
}

/// `x` cut or filled with zeros to `n` elements along the last axis.
fn resized(x: &Tensor, n: usize) -> Result<Tensor> {
    let axis = x.ndim() - 1;
    let given = x.shape()[axis];
    if n <= given {
        return if n == given { Ok(x.clone()) } else { arrange::narrow(x, axis as i64, 0, n as i64) };
    }
    let mut shape: SmallVec<[i64; 4]> = x.shape().iter().map(|&size| size as i64).collect();
    shape[axis] = (n - given) as i64;
    join::cat(&[x.clone(), create::full(&shape, Scalar::Int(0), Some(x.dtype()))?], axis as i64)
}

/// The transform along the last axis, whose length and dtype are those of the kind.
fn along_last(kind: Kind, x: &Tensor, n: usize, scale: f64) -> Result<Tensor> {
    let out_length = if kind == Kind::RealForward { n / 2 + 1 } else { n };
    let part = x.dtype().real();
    let dtype = if kind == Kind::RealInverse { part } else { part.complex(part) };
    let mut shape = x.layout().dims();
    let last = shape.len() - 1;
    shape[last] = out_length;
    let source = x.array().contiguous(OP)?;
    let out = Array::uninit(OP, &shape, dtype)?;
    if out.numel() > 0 {
        // Plans and their scratch are a few signals large, and must fail as an error does where they do not fit.
        drop(Array::uninit(OP, &[n.saturating_mul(4)], DType::C128)?);
        crate::dispatch!(float, OP, part, T => transform::<T>(kind, n, scale, &source, &out));
    }
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Transform { kind, n, scale }))
}

/// The transform of `kind` along `axis`, of a signal of length `n` (by default what `x` holds; else `x` is cut or
/// filled with zeros), multiplied by `scale(n)`. Real input of complex kinds becomes complex, integers become floats.
pub fn fft(kind: Kind, x: &Tensor, n: Option<i64>, axis: i64, scale: impl Fn(f64) -> f64) -> Result<Tensor> {
    if x.ndim() == 0 {
        return Err(Error::shape(OP, &[x.shape()], "takes at least one axis"));
    }
    let axis = normalize_axis(OP, axis, x.ndim())?;
    if kind == Kind::RealForward && x.dtype().is_complex() {
        let why = "a real transform takes real numbers; use fft() for complex ones";
        return Err(Error::dtype(OP, &[x.dtype()], why));
    }
    let float = x.dtype().to_float(default_float());
    let x = convert::cast(x, if kind == Kind::RealForward { float } else { float.complex(float) })?;
    let stored = x.shape()[axis];
    let n = n.unwrap_or(if kind == Kind::RealInverse { 2 * (stored as i64 - 1) } else { stored as i64 });
    if n < 1 {
        return Err(Error::value(OP, format!("a signal needs at least one element, got length {n} along axis {axis}")));
    }
    let n = n as usize;
    let x = arrange::movedim(&x, &[axis as i64], &[-1])?;
    let x = resized(&x, if kind == Kind::RealInverse { n / 2 + 1 } else { n })?;
    view_back(&along_last(kind, &x, n, scale(n as f64))?, axis)
}

fn view_back(x: &Tensor, axis: usize) -> Result<Tensor> {
    if axis + 1 == x.ndim() { Ok(x.clone()) } else { arrange::movedim(x, &[-1], &[axis as i64]) }
}
