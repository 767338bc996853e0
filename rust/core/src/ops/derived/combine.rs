//! Weighted sums and products of several tensors.

use super::{float, floats_only, from_number, times, with_number};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::matmul::{bmm, matmul, mm};
use crate::ops::{self, Arg, binary as element, view};
use crate::tensor::Tensor;

/// `start + weight * (end - start)`, computed from the nearer end, so that both ends are exact.
pub fn lerp(start: &Tensor, end: &Tensor, weight: Arg) -> Result<Tensor> {
    let way = ops::sub(end, start)?;
    let from_start = |weight| ops::add(start, &ops::binary(&element::mul::OP, weight, Arg::Tensor(&way))?);
    match weight {
        Arg::Scalar(w) if w.as_f64() < 0.5 => from_start(weight),
        Arg::Scalar(w) => ops::sub(end, &times(&way, 1.0 - w.as_f64())?),
        Arg::Tensor(w) => {
            let from_end = ops::sub(end, &ops::mul(&way, &from_number(1.0, w)?)?)?;
            let size = if w.dtype().is_complex() { ops::abs(&w.detach())? } else { w.detach() };
            let near = with_number(&element::lt::OP, &size, 0.5)?;
            ops::where_(&near, Arg::Tensor(&from_start(weight)?), Arg::Tensor(&from_end))
        }
    }
}

/// `x * factor`, and `x` itself for 1, so that integers stay integers.
fn scaled(x: Tensor, factor: Arg) -> Result<Tensor> {
    match factor {
        Arg::Scalar(v) if v.as_f64() == 1.0 => Ok(x),
        factor => ops::binary(&element::mul::OP, Arg::Tensor(&x), factor),
    }
}

/// `x + value * a * b`.
pub fn addcmul(x: &Tensor, a: &Tensor, b: &Tensor, value: Arg) -> Result<Tensor> {
    ops::add(x, &scaled(ops::mul(a, b)?, value)?)
}

/// `x + value * a / b`.
pub fn addcdiv(x: &Tensor, a: &Tensor, b: &Tensor, value: Arg) -> Result<Tensor> {
    ops::add(x, &scaled(ops::div(a, b)?, value)?)
}

/// `beta * c + alpha * product`; with `beta` 0 nothing of `c` counts, not even NaN.
fn affine(op: &'static str, c: &Tensor, product: Tensor, beta: Arg, alpha: Arg) -> Result<Tensor> {
    let shape = product.layout().dims();
    let c = view::broadcast_to(op, c, &shape)?;
    let product = scaled(product, alpha)?;
    match beta {
        Arg::Scalar(v) if v.as_f64() == 0.0 => Ok(product),
        beta => ops::add(&scaled(c, beta)?, &product),
    }
}

/// `beta * c + alpha * (a @ b)` for matrices `a` and `b`, `c` broadcast.
pub fn addmm(c: &Tensor, a: &Tensor, b: &Tensor, beta: Arg, alpha: Arg) -> Result<Tensor> {
    affine("addmm", c, mm(a, b)?, beta, alpha)
}

/// `beta * c + alpha * (a @ b)` for stacks of matrices.
pub fn baddbmm(c: &Tensor, a: &Tensor, b: &Tensor, beta: Arg, alpha: Arg) -> Result<Tensor> {
    affine("baddbmm", c, bmm(a, b)?, beta, alpha)
}

/// `beta * c + alpha * (a @ x)` for a matrix and a vector.
pub fn addmv(c: &Tensor, a: &Tensor, x: &Tensor, beta: Arg, alpha: Arg) -> Result<Tensor> {
    affine("addmv", c, ops::matmul::mv(a, x)?, beta, alpha)
}

/// `beta * c + alpha * (a_i @ b_i)` summed over stacks of matrices.
pub fn addbmm(c: &Tensor, a: &Tensor, b: &Tensor, beta: Arg, alpha: Arg) -> Result<Tensor> {
    let total = ops::sum(&bmm(a, b)?, Some(&[0]), false, Some(a.dtype().promote(b.dtype())))?;
    affine("addbmm", c, total, beta, alpha)
}

/// `beta * c + alpha * outer(a, b)` for vectors.
pub fn addr(c: &Tensor, a: &Tensor, b: &Tensor, beta: Arg, alpha: Arg) -> Result<Tensor> {
    affine("addr", c, ops::matmul::outer(a, b)?, beta, alpha)
}

/// The inner product of two vectors, the first one conjugated.
pub fn vdot(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    ops::matmul::dot(&ops::complex::conj(a)?, b)
}

/// The products summed over the last axis of both; with a number, the product.
pub fn inner(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.ndim() == 0 || b.ndim() == 0 {
        return ops::mul(a, b);
    }
    if a.shape().last() != b.shape().last() {
        return Err(Error::shape("inner", &[a.shape(), b.shape()], "the last axes must have one size"));
    }
    ops::matmul::tensordot(a, b, &[-1], &[-1])
}

/// `x @ weight^T + bias`, where `weight` is (out, in) or (in,).
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    const OP: &str = "linear";
    if !(1..=2).contains(&weight.ndim()) || x.ndim() == 0 || x.shape().last() != weight.shape().last() {
        let why = "takes x of shape (..., in) and weight of shape (out, in) or (in,)";
        return Err(Error::shape(OP, &[x.shape(), weight.shape()], why));
    }
    let product = if weight.ndim() == 2 { matmul(x, &view::matrix_transpose(weight)?)? } else { matmul(x, weight)? };
    match bias {
        Some(bias) => ops::add(&product, bias),
        None => Ok(product),
    }
}

/// The cross product of 3-vectors along `axis`.
pub fn cross(a: &Tensor, b: &Tensor, axis: i64) -> Result<Tensor> {
    const OP: &str = "cross";
    let shape = crate::layout::broadcast_shapes(OP, a.shape(), b.shape())?;
    let axis = crate::layout::normalize_axis(OP, axis, shape.len())?;
    if shape[axis] != 3 || a.ndim() != b.ndim() {
        let why = format!("takes vectors of 3 along axis {axis}, and as many axes in both");
        return Err(Error::shape(OP, &[a.shape(), b.shape()], why));
    }
    let rolled = |x: &Tensor, by: usize| -> Result<Tensor> {
        let x = view::broadcast_to(OP, x, &shape)?;
        let part = |start, len| view::relayout("SliceBackward0", &x, move |l| l.slice(axis, start, 1, len));
        ops::cat(&[part(by, 3 - by), part(0, by)], axis as i64)
    };
    ops::sub(&ops::mul(&rolled(a, 1)?, &rolled(b, 2)?)?, &ops::mul(&rolled(a, 2)?, &rolled(b, 1)?)?)
}

/// `log(x / (1 - x))`, the inverse of the sigmoid; with `eps`, of `x` kept within `eps` and `1 - eps`.
pub fn logit(x: &Tensor, eps: Option<f64>) -> Result<Tensor> {
    let x = ops::cast(x, x.dtype().to_float(ops::default_float()))?;
    floats_only("logit", &x)?;
    let x = match eps {
        Some(eps) => super::activation::clamp(&x, Some(float(eps)), Some(float(1.0 - eps)))?,
        None => x,
    };
    ops::log(&ops::div(&x, &from_number(1.0, &x)?)?)
}

/// `x` to the power `y`, in float64 (or complex128).
pub fn float_power(x: Arg, y: Arg) -> Result<Tensor> {
    let wide = |arg| match arg {
        Arg::Tensor(x) => ops::cast(x, x.dtype().promote(DType::F64)).map(Some),
        Arg::Scalar(_) => Ok(None),
    };
    let (a, b) = (wide(x)?, wide(y)?);
    ops::binary(&element::pow::OP, a.as_ref().map_or(x, Arg::Tensor), b.as_ref().map_or(y, Arg::Tensor))
}

/// `x * 2^y`.
pub fn ldexp(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    ops::mul(x, &ops::binary(&element::pow::OP, float(2.0), Arg::Tensor(y))?)
}

/// `values` where `x` is 0, 1 where it is positive, 0 where negative; not differentiable by `x`.
pub fn heaviside(x: &Tensor, values: &Tensor) -> Result<Tensor> {
    if x.dtype() != values.dtype() {
        return Err(Error::dtype("heaviside", &[x.dtype(), values.dtype()], "both tensors must have one dtype"));
    }
    let x = x.detach();
    let step = ops::cast(&greater_than_zero(&x)?, x.dtype())?;
    let nan = ops::unary(&ops::unary::isnan::OP, &x)?;
    let step = if x.dtype().is_float() { ops::where_(&nan, Arg::Tensor(&x), Arg::Tensor(&step))? } else { step };
    ops::where_(&with_number(&element::eq::OP, &x, 0.0)?, Arg::Tensor(values), Arg::Tensor(&step))
}

fn greater_than_zero(x: &Tensor) -> Result<Tensor> {
    with_number(&element::gt::OP, x, 0.0)
}

/// NaN replaced by `nan`, infinities by `posinf` and `neginf` (or the dtype's largest and smallest finite number).
/// The derivative is 1 where nothing was replaced, else 0.
pub fn nan_to_num(x: &Tensor, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return ops::clone(x);
    }
    floats_only("nan_to_num", x)?;
    let largest = if x.dtype() == crate::DType::F32 { f32::MAX as f64 } else { f64::MAX };
    let is = |v: f64| with_number(&element::eq::OP, x, v);
    let nans = ops::unary(&ops::unary::isnan::OP, x)?;
    let y = ops::where_(&nans, float(nan), Arg::Tensor(x))?;
    let y = ops::where_(&is(f64::INFINITY)?, float(posinf.unwrap_or(largest)), Arg::Tensor(&y))?;
    ops::where_(&is(f64::NEG_INFINITY)?, float(neginf.unwrap_or(-largest)), Arg::Tensor(&y))
}
