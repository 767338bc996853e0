//! Complex numbers and their parts. These functions are not analytic: their gradients treat the two parts as two
//! real numbers, so that the gradient of a real loss L by z = a + bi is dL/da + i dL/db, as in PyTorch.

use super::element::{Arg, default_float};
use super::{arrange, binary as rows, view};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::kernels::complex::{Part, floats, part};
use crate::kernels::copy;
use crate::layout::broadcast_shapes;
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;

/// A linear map of one argument, whose gradient is another such map.
struct Linear {
    name: &'static str,
    back: fn(&Tensor) -> Result<Tensor>,
}

impl Rule for Linear {
    fn name(&self) -> &'static str {
        self.name
    }
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some((self.back)(g)?)])
    }
}

/// The complex conjugate; real tensors are returned as they are.
pub fn conj(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return Ok(x.clone());
    }
    let out = Array::uninit_like("conj", x.array(), x.dtype())?;
    part(Part::Conjugate, x.array(), &out);
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Linear { name: "ConjBackward0", back: conj }))
}

/// The last two axes swapped, of complex numbers the conjugates.
pub fn adjoint(x: &Tensor) -> Result<Tensor> {
    conj(&super::view::matrix_transpose(x)?)
}

/// True where there is no imaginary part.
pub fn isreal(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return Ok(Array::full("isreal", x.shape(), DType::Bool, Scalar::Bool(true))?.into());
    }
    super::binary(&super::binary::eq::OP, Arg::Tensor(&imag(&x.detach())?), Arg::Scalar(Scalar::Int(0)))
}

fn copied_floats(op: &'static str, x: &Tensor, which: usize) -> Result<Array> {
    floats(x.array(), which).copy(op)
}

/// A copy of the real parts; real tensors are returned as they are.
pub fn real(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return Ok(x.clone());
    }
    let out = copied_floats("real", x, 0)?;
    let back = |g: &Tensor| with_parts(Some(g), None);
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Linear { name: "RealBackward0", back }))
}

/// A copy of the imaginary parts.
pub fn imag(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return Err(Error::dtype("imag", &[x.dtype()], "only complex tensors have imaginary parts"));
    }
    let out = copied_floats("imag", x, 1)?;
    let back = |g: &Tensor| with_parts(None, Some(g));
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Linear { name: "ImagBackward0", back }))
}

/// Which part of a complex number.
#[derive(Clone, Copy, PartialEq)]
pub enum Half {
    Real,
    Imaginary,
}

/// `x.real = value` or `x.imag = value`, in x's own memory and history.
pub fn set_half(x: &Tensor, half: Half, value: &Tensor) -> Result<()> {
    const OP: &str = "real or imag";
    if !x.dtype().is_complex() {
        return if half == Half::Real { view::assign(OP, x, value) } else { imag(x).map(drop) };
    }
    let value = view::broadcast_to(OP, &ops::cast(value, x.dtype().real())?, x.shape())?;
    let whole = match half {
        Half::Real => complex(&value, &imag(x)?)?,
        Half::Imaginary => complex(&real(x)?, &value)?,
    };
    view::assign(OP, x, &whole)
}

struct FromParts([bool; 2]);

impl Rule for FromParts {
    fn name(&self) -> &'static str {
        "ComplexBackward0"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let mut grads = Grads::new();
        for (given, take) in self.0.into_iter().zip([real as fn(&Tensor) -> Result<Tensor>, imag]) {
            if given {
                grads.push(if cx.needs(grads.len()) { Some(take(g)?) } else { None });
            }
        }
        Ok(grads)
    }
}

/// Complex numbers of one shape and float dtype's parts; a part that is not given is zero.
fn with_parts(re: Option<&Tensor>, im: Option<&Tensor>) -> Result<Tensor> {
    const OP: &str = "complex";
    let Some(like) = re.or(im) else { return Err(Error::value(OP, "no part is given")) };
    let out = Array::uninit(OP, like.shape(), like.dtype().complex(default_float()))?;
    for (which, given) in [re, im].into_iter().enumerate() {
        let target = floats(&out, which);
        match given {
            Some(tensor) => copy::copy(tensor.array(), &target),
            None => copy::fill(&target, Scalar::Float(0.0).bits(target.dtype())),
        }
    }
    let edges = [re, im].into_iter().flatten().map(Tensor::edge).collect();
    Ok(Tensor::record(out, edges, |_| FromParts([re.is_some(), im.is_some()])))
}

/// `re + i im`, of two float tensors of one dtype, which broadcast.
pub fn complex(re: &Tensor, im: &Tensor) -> Result<Tensor> {
    const OP: &str = "complex";
    if re.dtype() != im.dtype() || !re.dtype().is_float() {
        return Err(Error::dtype(OP, &[re.dtype(), im.dtype()], "takes two tensors of floats, both of one dtype"));
    }
    let shape = broadcast_shapes(OP, re.shape(), im.shape())?;
    with_parts(Some(&view::broadcast_to(OP, re, &shape)?), Some(&view::broadcast_to(OP, im, &shape)?))
}

/// `abs (cos(angle) + i sin(angle))`.
pub fn polar(abs: &Tensor, angle: &Tensor) -> Result<Tensor> {
    if abs.dtype() != angle.dtype() || !abs.dtype().is_float() {
        let why = "takes two tensors of floats, both of one dtype";
        return Err(Error::dtype("polar", &[abs.dtype(), angle.dtype()], why));
    }
    complex(&ops::mul(abs, &ops::cos(angle)?)?, &ops::mul(abs, &ops::sin(angle)?)?)
}

struct Modulus {
    x: Saved,
}

impl Rule for Modulus {
    fn name(&self) -> &'static str {
        "AbsBackward0"
    }
    /// Along the number itself; 0 at 0.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(ops::strong_mul(g, &direction(&cx.unpack(&self.x)?)?)?)])
    }
    fn release(&mut self) {
        self.x.release();
    }
}

/// The absolute value of complex numbers, without overflow on the way.
pub fn modulus(x: &Tensor) -> Result<Tensor> {
    let out = Array::uninit_like("abs", x.array(), x.dtype().real())?;
    part(Part::Modulus, x.array(), &out);
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Modulus { x: Saved::input(0, x) }))
}

struct Direction {
    x: Saved,
    out: Saved,
}

impl Rule for Direction {
    fn name(&self) -> &'static str {
        "SgnBackward0"
    }
    /// Only what is orthogonal to the number turns it: `(g - Re(conj(s) g) s) / |x|` for the result s; 0 at 0.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let (x, s) = (cx.unpack(&self.x)?, cx.unpack(&self.out)?);
        let size = modulus(&x)?;
        let is_zero = ops::binary(&rows::eq::OP, Arg::Tensor(&size), Arg::Scalar(Scalar::Float(0.0)))?;
        let inverse = ops::unary(&super::unary::reciprocal::OP, &size)?;
        let inverse = ops::where_(&is_zero, Arg::Scalar(Scalar::Float(0.0)), Arg::Tensor(&inverse))?;
        let g = ops::strong_mul(g, &inverse)?;
        let along = real(&ops::mul(&conj(&s)?, &g)?)?;
        Ok(smallvec![Some(ops::sub(&g, &ops::mul(&s, &along)?)?)])
    }
    fn release(&mut self) {
        self.x.release();
        self.out.release();
    }
}

/// `x / |x|` of complex numbers, 0 of 0.
pub fn direction(x: &Tensor) -> Result<Tensor> {
    let out = Array::uninit_like("sgn", x.array(), x.dtype())?;
    part(Part::Direction, x.array(), &out);
    Ok(Tensor::record(out, smallvec![x.edge()], |out| Direction { x: Saved::input(0, x), out: Saved::output(out) }))
}

/// The angle of complex numbers to the positive real axis, in (-pi, pi].
pub fn angle(x: &Tensor) -> Result<Tensor> {
    ops::atan2(&imag(x)?, &real(x)?)
}

/// Both parts rounded to integers, ties to even.
pub fn round(x: &Tensor) -> Result<Tensor> {
    let part = |x: &Tensor| ops::unary(&super::unary::round::OP, x);
    complex(&part(&real(x)?)?, &part(&imag(x)?)?)
}

/// `sin(pi x) / (pi x)` of complex numbers, and 1 at 0.
pub fn sinc(x: &Tensor) -> Result<Tensor> {
    let angle = ops::binary(&rows::mul::OP, Arg::Tensor(x), Arg::Scalar(Scalar::Float(std::f64::consts::PI)))?;
    let quotient = ops::div(&ops::sin(&angle)?, &angle)?;
    let is_zero = ops::binary(&rows::eq::OP, Arg::Tensor(&x.detach()), Arg::Scalar(Scalar::Float(0.0)))?;
    ops::where_(&is_zero, Arg::Scalar(Scalar::Float(1.0)), Arg::Tensor(&quotient))
}

/// `|x|^2`, which is smooth where `|x|` is not.
pub fn square_abs(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return ops::square(x);
    }
    ops::add(&ops::square(&real(x)?)?, &ops::square(&imag(x)?)?)
}

/// The two floats of each complex number along a new last axis, as a copy.
pub fn view_as_real(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return Err(Error::dtype("view_as_real", &[x.dtype()], "takes a complex tensor"));
    }
    ops::stack(&[real(x)?, imag(x)?], -1)
}

/// Complex numbers of the pairs of floats along the last axis, as a copy.
pub fn view_as_complex(x: &Tensor) -> Result<Tensor> {
    const OP: &str = "view_as_complex";
    if !x.dtype().is_float() {
        return Err(Error::dtype(OP, &[x.dtype()], "takes a tensor of floats"));
    }
    if x.shape().last() != Some(&2) {
        return Err(Error::shape(OP, &[x.shape()], "the last axis must have size 2: real and imaginary part"));
    }
    complex(&arrange::select(x, -1, 0)?, &arrange::select(x, -1, 1)?)
}
