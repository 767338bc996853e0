//! Losses: how far predictions are from targets.

use super::activation::clamp;
use super::softmax::log_softmax;
use super::{check_sign, float, floats_only, from_number, plus, times, with_number};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::ops::reduce::{Extreme, extreme, mean};
use crate::ops::{self, Arg, binary as element, unary, view};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;

/// What becomes of the losses of single elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reduction {
    None,
    Mean,
    Sum,
}

impl Reduction {
    fn of(self, losses: &Tensor) -> Result<Tensor> {
        match self {
            Reduction::None => Ok(losses.clone()),
            Reduction::Mean => mean(losses, None, false, None),
            Reduction::Sum => ops::sum(losses, None, false, None),
        }
    }
    /// The mean counts each loss by its weight.
    fn weighted(self, losses: &Tensor, weights: &Tensor) -> Result<Tensor> {
        match self {
            Reduction::Mean => ops::div(&ops::sum(losses, None, false, None)?, &ops::sum(weights, None, false, None)?),
            other => other.of(losses),
        }
    }
}

fn weigh(losses: Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
    match weight {
        Some(weight) => ops::mul(&losses, weight),
        None => Ok(losses),
    }
}

fn same_shape(op: &'static str, input: &Tensor, target: &Tensor) -> Result<()> {
    floats_only(op, input)?;
    if input.shape() == target.shape() {
        return Ok(());
    }
    Err(Error::shape(op, &[input.shape(), target.shape()], "input and target must have one shape"))
}

/// `(input - target)^2`.
pub fn mse_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Result<Tensor> {
    reduction.of(&ops::square(&ops::sub(input, target)?)?)
}

/// `|input - target|`.
pub fn l1_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Result<Tensor> {
    reduction.of(&ops::abs(&ops::sub(input, target)?)?)
}

/// `d^2 / 2` up to `delta`, `delta * (|d| - delta / 2)` beyond, for `d = input - target`.
pub fn huber_loss(input: &Tensor, target: &Tensor, reduction: Reduction, delta: f64) -> Result<Tensor> {
    check_sign("huber_loss", "delta", delta, false)?;
    let d = ops::sub(input, target)?;
    let size = ops::abs(&d)?;
    let near = with_number(&element::le::OP, &size.detach(), delta)?;
    let far = times(&plus(&size, -0.5 * delta)?, delta)?;
    reduction.of(&ops::where_(&near, Arg::Tensor(&times(&ops::square(&d)?, 0.5)?), Arg::Tensor(&far))?)
}

/// The Huber loss over `beta`; the absolute error for `beta` 0.
pub fn smooth_l1_loss(input: &Tensor, target: &Tensor, reduction: Reduction, beta: f64) -> Result<Tensor> {
    check_sign("smooth_l1_loss", "beta", beta, true)?;
    if beta == 0.0 {
        return l1_loss(input, target, reduction);
    }
    times(&huber_loss(input, target, reduction, beta)?, 1.0 / beta)
}

/// `target * (log(target) - input)` for log-probabilities `input`; targets of 0 count 0.
pub fn kl_div(input: &Tensor, target: &Tensor, reduction: Reduction, log_target: bool) -> Result<Tensor> {
    let (target, log) =
        if log_target { (ops::exp(target)?, target.clone()) } else { (target.clone(), ops::log(target)?) };
    reduction.of(&ops::strong_mul(&target, &ops::sub(&log, input)?)?)
}

// ---- binary cross entropy ----

struct BinaryCrossEntropy {
    x: Saved,
    t: Saved,
}

impl Rule for BinaryCrossEntropy {
    fn name(&self) -> &'static str {
        "BinaryCrossEntropyBackward0"
    }
    /// By the input `(x - t) / (x (1 - x))`, the divisor at least 1e-12, as PyTorch; by the target the log odds.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let x = cx.unpack(&self.x)?;
        let mut grads: Grads = smallvec![None, None];
        if cx.needs(0) {
            let spread = clamp(&ops::mul(&x, &from_number(1.0, &x)?)?, Some(float(1e-12)), None)?;
            let slope = ops::div(&ops::sub(&x, &cx.unpack(&self.t)?)?, &spread)?;
            grads[0] = Some(ops::strong_mul(g, &slope)?);
        }
        if cx.needs(1) {
            grads[1] = Some(ops::strong_mul(g, &ops::sub(&log_of_rest(&x)?, &bounded(&ops::log(&x)?)?)?)?);
        }
        Ok(grads)
    }
    fn release(&mut self) {
        self.x.release();
        self.t.release();
    }
}

/// Logarithms of at least -100, so that a sure mistake costs much but not everything.
fn bounded(log: &Tensor) -> Result<Tensor> {
    clamp(log, Some(float(-100.0)), None)
}

fn log_of_rest(x: &Tensor) -> Result<Tensor> {
    bounded(&ops::unary(&unary::log1p::OP, &ops::neg(x)?)?)
}

/// `-(t log(x) + (1 - t) log(1 - x))` for probabilities `x`; logarithms count as at least -100.
pub fn binary_cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
) -> Result<Tensor> {
    const OP: &str = "binary_cross_entropy";
    same_shape(OP, input, target)?;
    let target = ops::cast(target, input.dtype())?;
    let (x, t) = (input.detach(), target.detach());
    if x.numel() > 0 {
        let end = |kind| Ok::<f64, Error>(extreme(kind, &x, None, false)?.array().first().as_f64());
        let (low, high) = (end(Extreme::Min)?, end(Extreme::Max)?);
        if low < 0.0 || high > 1.0 {
            let why = format!(
                "the input must be probabilities, got values from {low} to {high}; \
                               for other numbers use binary_cross_entropy_with_logits"
            );
            return Err(Error::value(OP, why));
        }
    }
    let yes = ops::mul(&t, &bounded(&ops::log(&x)?)?)?;
    let no = ops::mul(&from_number(1.0, &t)?, &log_of_rest(&x)?)?;
    let losses = ops::neg(&ops::add(&yes, &no)?)?;
    let edges = smallvec![input.edge(), target.edge()];
    let losses = Tensor::record(losses.array().clone(), edges, |_| BinaryCrossEntropy {
        x: Saved::input(0, input),
        t: Saved::input(1, &target),
    });
    reduction.of(&weigh(losses, weight)?)
}

/// [`binary_cross_entropy`] of `sigmoid(input)`, without overflow; `pos_weight` multiplies the cost of missed ones.
pub fn binary_cross_entropy_with_logits(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
    pos_weight: Option<&Tensor>,
) -> Result<Tensor> {
    same_shape("binary_cross_entropy_with_logits", input, target)?;
    let mut missed = with_number(&element::logaddexp::OP, &ops::neg(input)?, 0.0)?;
    if let Some(pos_weight) = pos_weight {
        missed = ops::mul(&missed, &plus(&ops::mul(&plus(pos_weight, -1.0)?, target)?, 1.0)?)?;
    }
    let losses = ops::add(&ops::strong_mul(&from_number(1.0, target)?, input)?, &missed)?;
    reduction.of(&weigh(losses, weight)?)
}

// ---- classes ----

/// The axis of classes and the shape without it.
fn class_axis(op: &'static str, input: &Tensor, weight: Option<&Tensor>) -> Result<usize> {
    floats_only(op, input)?;
    if input.ndim() == 0 {
        return Err(Error::shape(op, &[input.shape()], "takes (classes,), (batch, classes) or (batch, classes, ...)"));
    }
    let axis = usize::from(input.ndim() > 1);
    match weight {
        Some(w) if w.shape() != [input.shape()[axis]] => {
            let why = format!("weight must have one number for each of the {} classes", input.shape()[axis]);
            Err(Error::shape(op, &[input.shape(), w.shape()], why))
        }
        _ => Ok(axis),
    }
}

/// Class numbers as int64 with 0 in place of `ignore_index`, and where they count.
fn class_numbers(
    op: &'static str,
    input: &Tensor,
    axis: usize,
    target: &Tensor,
    ignore: i64,
) -> Result<(Tensor, Tensor)> {
    let mut shape = input.layout().dims();
    let classes = shape.remove(axis);
    if target.shape() != shape.as_slice() {
        let why = "the target must have the input's shape without the axis of classes";
        return Err(Error::shape(op, &[input.shape(), target.shape()], why));
    }
    if !target.dtype().is_integer() {
        return Err(Error::dtype(op, &[target.dtype()], "class numbers must be integers"));
    }
    let target = ops::cast(&target.detach(), DType::I64)?;
    let ignore = Arg::Scalar(Scalar::Int(ignore));
    let counts = ops::binary(&element::ne::OP, Arg::Tensor(&target), ignore)?;
    let numbers = ops::where_(&counts, Arg::Tensor(&target), Arg::Scalar(Scalar::Int(0)))?;
    if numbers.numel() > 0 {
        let end = |kind| Ok::<i64, Error>(extreme(kind, &numbers, None, false)?.array().first().as_i64());
        for index in [end(Extreme::Min)?, end(Extreme::Max)?] {
            if index < 0 || index >= classes as i64 {
                return Err(Error::Index { op, index, axis, size: classes });
            }
        }
    }
    Ok((numbers, counts))
}

/// Each class number's weight, 0 where it does not count.
fn class_weights(input: &Tensor, numbers: &Tensor, counts: &Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
    let Some(weight) = weight else { return ops::cast(counts, input.dtype()) };
    let flat = view::reshape(numbers, &[-1])?;
    let shape: Vec<i64> = numbers.shape().iter().map(|&s| s as i64).collect();
    let weights = view::reshape(&ops::gather(&ops::cast(weight, input.dtype())?, 0, &flat)?, &shape)?;
    ops::where_(counts, Arg::Tensor(&weights), float(0.0))
}

/// `-weight[target] * input[target]` for log-probabilities `input` with classes along axis 1 (0 for a vector).
/// Targets of `ignore_index` cost nothing; the mean is over weights.
pub fn nll_loss(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    reduction: Reduction,
) -> Result<Tensor> {
    const OP: &str = "nll_loss";
    let axis = class_axis(OP, input, weight)?;
    let (numbers, counts) = class_numbers(OP, input, axis, target, ignore_index)?;
    let weights = class_weights(input, &numbers, &counts, weight)?;
    reduction.weighted(&picked(input, axis, &numbers, &weights)?, &weights)
}

fn picked(log: &Tensor, axis: usize, numbers: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let chosen = ops::gather(log, axis as i64, &view::unsqueeze(numbers, axis as i64)?)?;
    ops::neg(&ops::strong_mul(&view::squeeze(&chosen, Some(&[axis as i64]))?, weights)?)
}

/// The negative log-likelihood of `softmax(input)`. The target is class numbers (integers) or, in the input's shape,
/// probabilities (floats). With `label_smoothing` s the target is mixed with the uniform distribution: `1 - s` to `s`.
pub fn cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    ignore_index: i64,
    reduction: Reduction,
    label_smoothing: f64,
) -> Result<Tensor> {
    const OP: &str = "cross_entropy";
    if !(0.0..=1.0).contains(&label_smoothing) {
        return Err(Error::value(OP, format!("label_smoothing must be in [0, 1], got {label_smoothing}")));
    }
    let axis = class_axis(OP, input, weight)?;
    let log = log_softmax(input, axis as i64, None)?;
    let classes = input.shape()[axis] as f64;
    let per_class = match weight {
        Some(weight) => {
            let mut shape = vec![1; input.ndim()];
            shape[axis] = -1;
            ops::strong_mul(&log, &view::reshape(&ops::cast(weight, log.dtype())?, &shape)?)?
        }
        None => log.clone(),
    };
    if target.dtype().is_float() {
        same_shape(OP, input, target)?;
        let target = plus(&times(target, 1.0 - label_smoothing)?, label_smoothing / classes)?;
        let losses = ops::neg(&ops::sum(&ops::strong_mul(&per_class, &target)?, Some(&[axis as i64]), false, None)?)?;
        return reduction.of(&losses);
    }
    let (numbers, counts) = class_numbers(OP, input, axis, target, ignore_index)?;
    let weights = class_weights(input, &numbers, &counts, weight)?;
    let mut losses = picked(&log, axis, &numbers, &weights)?;
    if label_smoothing > 0.0 {
        let smooth = ops::where_(
            &counts,
            Arg::Tensor(&ops::neg(&ops::sum(&per_class, Some(&[axis as i64]), false, None)?)?),
            float(0.0),
        )?;
        losses = ops::add(&times(&losses, 1.0 - label_smoothing)?, &times(&smooth, label_smoothing / classes)?)?;
    }
    reduction.weighted(&losses, &weights)
}
