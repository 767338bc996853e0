//! Activation functions and what normalises rows.

use super::{float, floats_only, greater, like, plus, times, with_number};
use crate::error::{Error, Result};
use crate::ops::reduce::mean;
use crate::ops::{self, Arg, binary as element, unary};
use crate::tensor::Tensor;

/// `log(1 + exp(beta * x)) / beta`; `x` itself where `beta * x` passes `threshold`.
pub fn softplus(x: &Tensor, beta: f64, threshold: f64) -> Result<Tensor> {
    floats_only("softplus", x)?;
    let scaled = times(x, beta)?;
    let smooth = times(&with_number(&element::logaddexp::OP, &scaled, 0.0)?, 1.0 / beta)?;
    ops::where_(&greater(&scaled, threshold)?, Arg::Tensor(x), Arg::Tensor(&smooth))
}

/// `log(sigmoid(x))` without overflow.
pub fn logsigmoid(x: &Tensor) -> Result<Tensor> {
    floats_only("logsigmoid", x)?;
    ops::neg(&with_number(&element::logaddexp::OP, &ops::neg(x)?, 0.0)?)
}

/// `x` where positive, else `slope * x`.
pub fn leaky_relu(x: &Tensor, slope: f64) -> Result<Tensor> {
    floats_only("leaky_relu", x)?;
    ops::where_(&greater(x, 0.0)?, Arg::Tensor(x), Arg::Tensor(&times(x, slope)?))
}

/// `x` where positive, else `alpha * (exp(x) - 1)`.
pub fn elu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    floats_only("elu", x)?;
    let below = times(&ops::unary(&unary::expm1::OP, x)?, alpha)?;
    ops::where_(&greater(x, 0.0)?, Arg::Tensor(x), Arg::Tensor(&below))
}

/// The self-normalising [`elu`] (Klambauer et al. 2017).
pub fn selu(x: &Tensor) -> Result<Tensor> {
    times(&elu(x, 1.673_263_242_354_377_2)?, 1.050_700_987_355_480_5)
}

/// `x` kept within `low..=high`. The derivative at and outside the bounds is 0.
pub fn hardtanh(x: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return clamp(x, Some(Arg::Scalar(like(low, x))), Some(Arg::Scalar(like(high, x))));
    }
    let inside = with_number(&element::lt::OP, &x.detach(), high)?;
    let inside = ops::binary(&element::logical_and::OP, Arg::Tensor(&greater(x, low)?), Arg::Tensor(&inside))?;
    let kept = clamp(&x.detach(), Some(float(low)), Some(float(high)))?;
    ops::where_(&inside, Arg::Tensor(x), Arg::Tensor(&kept))
}

/// `x` kept within 0 and 6.
pub fn relu6(x: &Tensor) -> Result<Tensor> {
    hardtanh(x, 0.0, 6.0)
}

/// `x * tanh(softplus(x))`.
pub fn mish(x: &Tensor) -> Result<Tensor> {
    ops::mul(x, &ops::unary(&unary::tanh::OP, &softplus(x, 1.0, 20.0)?)?)
}

/// `x / (1 + |x|)`.
pub fn softsign(x: &Tensor) -> Result<Tensor> {
    ops::div(x, &plus(&ops::abs(x)?, 1.0)?)
}

/// `x` kept within bounds, each a number or a tensor; the upper one wins where they cross. The derivative is 1 inside
/// and at the bounds; outside, the gradient goes to the bound.
pub fn clamp(x: &Tensor, min: Option<Arg>, max: Option<Arg>) -> Result<Tensor> {
    let raised = match min {
        Some(min) => Some(ops::binary(&element::clamp_min::OP, Arg::Tensor(x), min)?),
        None => None,
    };
    let raised = raised.as_ref().unwrap_or(x);
    match (max, min) {
        (Some(max), _) => ops::binary(&element::clamp_max::OP, Arg::Tensor(raised), max),
        (None, Some(_)) => Ok(raised.clone()),
        (None, None) => Err(Error::value("clamp", "needs min, max or both")),
    }
}

/// `x` over the last axes `normalized_shape` brought to mean 0 and variance 1, then `* weight + bias`.
pub fn layer_norm(
    x: &Tensor,
    normalized_shape: &[usize],
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: f64,
) -> Result<Tensor> {
    const OP: &str = "layer_norm";
    if normalized_shape.is_empty() || !x.shape().ends_with(normalized_shape) {
        return Err(Error::shape(OP, &[x.shape(), normalized_shape], "the second shape must be the end of the first"));
    }
    if let Some(other) = weight.into_iter().chain(bias).find(|t| t.shape() != normalized_shape) {
        let why = "weight and bias must have the normalised shape";
        return Err(Error::shape(OP, &[other.shape(), normalized_shape], why));
    }
    let axes: Vec<i64> = (1..=normalized_shape.len() as i64).map(|a| -a).collect();
    let centred = ops::sub(x, &mean(x, Some(&axes), true, None)?)?;
    let variance = mean(&ops::square(&centred)?, Some(&axes), true, None)?;
    let mut y = ops::mul(&centred, &ops::unary(&unary::rsqrt::OP, &plus(&variance, eps)?)?)?;
    if let Some(weight) = weight {
        y = ops::mul(&y, weight)?;
    }
    match bias {
        Some(bias) => ops::add(&y, bias),
        None => Ok(y),
    }
}
