//! Activation functions in pieces: linear, constant or curved between fixed points.

use super::activation::{clamp, elu};
use super::{float, floats_only, greater, plus, times, with_number};
use crate::error::{Error, Result};
use crate::layout::normalize_axis;
use crate::ops::arrange::part;
use crate::ops::{self, Arg, binary as element, unary, view};
use crate::tensor::Tensor;

fn both(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    ops::binary(&element::logical_and::OP, Arg::Tensor(a), Arg::Tensor(b))
}

/// `x` where positive, else `alpha * (exp(x / alpha) - 1)`, which has no kink.
pub fn celu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    floats_only("celu", x)?;
    if alpha == 0.0 {
        return Err(Error::value("celu", "alpha must not be 0"));
    }
    let curve = times(&elu(&times(x, 1.0 / alpha)?, 1.0)?, alpha)?;
    ops::where_(&greater(x, 0.0)?, Arg::Tensor(x), Arg::Tensor(&curve))
}

/// `(x + 3) / 6` kept within 0 and 1. The derivative at and outside the bounds is 0.
pub fn hardsigmoid(x: &Tensor) -> Result<Tensor> {
    floats_only("hardsigmoid", x)?;
    times(&super::activation::hardtanh(&plus(x, 3.0)?, 0.0, 6.0)?, 1.0 / 6.0)
}

/// `x * hardsigmoid(x)`.
pub fn hardswish(x: &Tensor) -> Result<Tensor> {
    floats_only("hardswish", x)?;
    let inside = both(&greater(x, -3.0)?, &with_number(&element::lt::OP, x, 3.0)?)?;
    let curve = times(&ops::mul(x, &plus(x, 3.0)?)?, 1.0 / 6.0)?;
    let ends = ops::where_(&with_number(&element::le::OP, x, -3.0)?, float(0.0), Arg::Tensor(x))?;
    ops::where_(&inside, Arg::Tensor(&curve), Arg::Tensor(&ends))
}

/// `x` where above `threshold`, else `value`.
pub fn threshold(x: &Tensor, threshold: f64, value: f64) -> Result<Tensor> {
    let low = with_number(&element::le::OP, &x.detach(), threshold)?;
    ops::where_(&low, Arg::Scalar(super::like(value, x)), Arg::Tensor(x))
}

/// `x` where its absolute value is above `lambda`, else 0.
pub fn hardshrink(x: &Tensor, lambda: f64) -> Result<Tensor> {
    floats_only("hardshrink", x)?;
    let small = both(&with_number(&element::ge::OP, x, -lambda)?, &with_number(&element::le::OP, x, lambda)?)?;
    ops::where_(&small, float(0.0), Arg::Tensor(x))
}

/// `x` moved towards 0 by `lambda`, and 0 where it would pass it.
pub fn softshrink(x: &Tensor, lambda: f64) -> Result<Tensor> {
    floats_only("softshrink", x)?;
    super::check_sign("softshrink", "lambd", lambda, true)?;
    let nearest = clamp(&x.detach(), Some(float(-lambda)), Some(float(lambda)))?;
    let small = both(&with_number(&element::ge::OP, x, -lambda)?, &with_number(&element::le::OP, x, lambda)?)?;
    ops::where_(&small, float(0.0), Arg::Tensor(&ops::sub(x, &nearest)?))
}

/// `x - tanh(x)`.
pub fn tanhshrink(x: &Tensor) -> Result<Tensor> {
    ops::sub(x, &ops::unary(&unary::tanh::OP, x)?)
}

/// The first half of an axis times the sigmoid of the second.
pub fn glu(x: &Tensor, axis: i64) -> Result<Tensor> {
    const OP: &str = "glu";
    floats_only(OP, x)?;
    let axis = normalize_axis(OP, axis, x.ndim())?;
    let n = x.shape()[axis];
    if !n.is_multiple_of(2) {
        return Err(Error::shape(OP, &[x.shape()], format!("axis {axis} must have an even size")));
    }
    let half = n / 2;
    ops::mul(&part(x, axis, 0, half), &ops::unary(&unary::sigmoid::OP, &part(x, axis, half, half))?)
}

/// `x` where positive, else `weight * x`: one weight, or one for each position of axis 1.
pub fn prelu(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    const OP: &str = "prelu";
    floats_only(OP, x)?;
    let channels = if x.ndim() > 1 { x.shape()[1] } else { 1 };
    if weight.ndim() > 1 || (weight.numel() != 1 && weight.numel() != channels) {
        let why = "the weight must be one number, or a vector with one for each position of axis 1";
        return Err(Error::shape(OP, &[x.shape(), weight.shape()], why));
    }
    let mut shape = vec![1; x.ndim()];
    if x.ndim() > 1 {
        shape[1] = -1;
    }
    let weight = view::reshape(weight, &shape)?;
    ops::where_(&greater(x, 0.0)?, Arg::Tensor(x), Arg::Tensor(&ops::mul(x, &weight)?))
}

/// [`gelu`](unary::gelu) by its approximation with `tanh`.
pub fn gelu_tanh(x: &Tensor) -> Result<Tensor> {
    floats_only("gelu", x)?;
    let cube = ops::mul(&ops::square(x)?, x)?;
    let inner = times(&ops::add(x, &times(&cube, 0.044715)?)?, std::f64::consts::FRAC_2_SQRT_PI * 0.5f64.sqrt())?;
    ops::mul(&times(x, 0.5)?, &plus(&ops::unary(&unary::tanh::OP, &inner)?, 1.0)?)
}
