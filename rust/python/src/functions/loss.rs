//! Losses: how far predictions are from targets.

use crate::convert::{Flag, Float, Input, Int, Word};
use crate::error::Result;
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::ops::derived::loss::{self as core, Reduction};
use diffkit_core::ops::{self, Arg};
use diffkit_core::{Error, Scalar, Tensor};
use pyo3::prelude::*;

fn reduction_of(op: &'static str, name: &str) -> Result<Reduction> {
    match name {
        "mean" => Ok(Reduction::Mean),
        "sum" => Ok(Reduction::Sum),
        "none" => Ok(Reduction::None),
        other => Err(Error::value(op, format!("reduction is 'mean', 'sum' or 'none', not {other:?}")).into()),
    }
}

/// Elements of the broadcast of two tensors, about.
fn work(input: &Tensor, target: &Tensor) -> usize {
    input.numel().max(target.numel())
}

macro_rules! plain {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, target, *, reduction = Word("mean".to_string())))]
        pub fn $name(py: Python<'_>, input: Input<'_>, target: Input<'_>, reduction: Word) -> Out {
            let reduction = reduction.0.as_str();
            let reduction = reduction_of(stringify!($name), reduction)?;
            let (x, t): (&Tensor, &Tensor) = (&input, &target);
            Ok(run(py, work(x, t), || core::$name(x, t, reduction))?.into())
        }
        )*
    };
}

plain! {
    /// The squared error `(input - target)^2`: its mean, its sum, or (`reduction="none"`) each.
    ///
    /// >>> diffkit.mse_loss(diffkit.tensor([1., 2.]), diffkit.tensor([1., 4.]))
    /// tensor(2.)
    mse_loss;
    /// The absolute error `|input - target|`: its mean, its sum, or each.
    ///
    /// >>> diffkit.l1_loss(diffkit.tensor([1., 2.]), diffkit.tensor([1., 4.]))
    /// tensor(1.)
    l1_loss;
}

/// Half the squared error up to `delta`, `delta * (|d| - delta / 2)` beyond: its mean, its sum, or each.
///
/// >>> diffkit.huber_loss(diffkit.tensor([0., 0.]), diffkit.tensor([1., 3.]), reduction="none")
/// tensor([0.5000, 2.5000])
#[pyfunction]
#[pyo3(signature = (input, target, reduction = Word("mean".to_string()), delta = Float(1.0)))]
pub fn huber_loss(py: Python<'_>, input: Input<'_>, target: Input<'_>, reduction: Word, delta: Float) -> Out {
    let reduction = reduction.0.as_str();
    let delta = delta.0;
    let reduction = reduction_of("huber_loss", reduction)?;
    let (x, t): (&Tensor, &Tensor) = (&input, &target);
    Ok(run(py, work(x, t), || core::huber_loss(x, t, reduction, delta))?.into())
}

/// `huber_loss` with `delta = beta`, over `beta`; the absolute error for beta 0.
///
/// >>> diffkit.smooth_l1_loss(diffkit.tensor([0., 0.]), diffkit.tensor([1., 3.]), reduction="none")
/// tensor([0.5000, 2.5000])
#[pyfunction]
#[pyo3(signature = (input, target, *, reduction = Word("mean".to_string()), beta = Float(1.0)))]
pub fn smooth_l1_loss(py: Python<'_>, input: Input<'_>, target: Input<'_>, reduction: Word, beta: Float) -> Out {
    let reduction = reduction.0.as_str();
    let beta = beta.0;
    let reduction = reduction_of("smooth_l1_loss", reduction)?;
    let (x, t): (&Tensor, &Tensor) = (&input, &target);
    Ok(run(py, work(x, t), || core::smooth_l1_loss(x, t, reduction, beta))?.into())
}

/// The divergence `target * (log(target) - input)` of log-probabilities `input` from probabilities (with
/// `log_target`: log-probabilities) `target`. `reduction="batchmean"` is the sum over the size of the first axis.
///
/// >>> p = diffkit.tensor([0.5, 0.5])
/// >>> diffkit.kl_div(diffkit.tensor([0.25, 0.75]).log(), p, reduction="sum")
/// tensor(0.1438)
#[pyfunction]
#[pyo3(signature = (input, target, *, reduction = Word("mean".to_string()), log_target = Flag(false)))]
pub fn kl_div(py: Python<'_>, input: Input<'_>, target: Input<'_>, reduction: Word, log_target: Flag) -> Out {
    let reduction = reduction.0.as_str();
    let log_target = log_target.0;
    let by_batch = reduction == "batchmean";
    let reduction = if by_batch { Reduction::Sum } else { reduction_of("kl_div", reduction)? };
    let (x, t): (&Tensor, &Tensor) = (&input, &target);
    let call = || {
        let loss = core::kl_div(x, t, reduction, log_target)?;
        let batch = Scalar::Float(x.shape().first().map_or(1.0, |&n| n as f64));
        if by_batch { ops::binary(&ops::binary::div::OP, Arg::Tensor(&loss), Arg::Scalar(batch)) } else { Ok(loss) }
    };
    Ok(run(py, work(x, t), call)?.into())
}

/// `-(t log(x) + (1 - t) log(1 - x))` for probabilities x and targets t in [0, 1], times `weight`. Logarithms count
/// as at least -100.
///
/// >>> diffkit.binary_cross_entropy(diffkit.tensor([0.5, 0.5]), diffkit.tensor([0., 1.]))
/// tensor(0.6931)
#[pyfunction]
#[pyo3(signature = (input, target, weight = None, *, reduction = Word("mean".to_string())))]
pub fn binary_cross_entropy(
    py: Python<'_>,
    input: Input<'_>,
    target: Input<'_>,
    weight: Option<Input<'_>>,
    reduction: Word,
) -> Out {
    let reduction = reduction.0.as_str();
    let reduction = reduction_of("binary_cross_entropy", reduction)?;
    let (x, t, weight): (&Tensor, &Tensor, _) = (&input, &target, weight.as_deref());
    Ok(run(py, x.numel(), || core::binary_cross_entropy(x, t, weight, reduction))?.into())
}

/// `binary_cross_entropy` of `sigmoid(input)`, without overflow; `pos_weight` multiplies the cost of targets of 1.
///
/// >>> F = diffkit.nn.functional
/// >>> F.binary_cross_entropy_with_logits(diffkit.tensor([0., 1000.]), diffkit.tensor([0., 1.]), reduction="none")
/// tensor([0.6931, 0.0000])
#[pyfunction]
#[pyo3(signature = (input, target, weight = None, *, reduction = Word("mean".to_string()), pos_weight = None))]
pub fn binary_cross_entropy_with_logits(
    py: Python<'_>,
    input: Input<'_>,
    target: Input<'_>,
    weight: Option<Input<'_>>,
    reduction: Word,
    pos_weight: Option<Input<'_>>,
) -> Out {
    let reduction = reduction.0.as_str();
    let reduction = reduction_of("binary_cross_entropy_with_logits", reduction)?;
    let (x, t): (&Tensor, &Tensor) = (&input, &target);
    let (weight, pos_weight) = (weight.as_deref(), pos_weight.as_deref());
    Ok(run(py, x.numel(), || core::binary_cross_entropy_with_logits(x, t, weight, reduction, pos_weight))?.into())
}

/// `-weight[target] * input[target]` for log-probabilities (batch, classes, ...) or (classes,) and class numbers. A
/// target of `ignore_index` costs nothing; the mean is over the weights.
///
/// >>> log = diffkit.tensor([[0.5, 0.5], [0.25, 0.75]]).log()
/// >>> diffkit.nll_loss(log, diffkit.tensor([0, 1]), reduction="none")
/// tensor([0.6931, 0.2877])
#[pyfunction]
#[pyo3(signature = (input, target, weight = None, *, ignore_index = Int(-100), reduction = Word("mean".to_string())))]
pub fn nll_loss(
    py: Python<'_>,
    input: Input<'_>,
    target: Input<'_>,
    weight: Option<Input<'_>>,
    ignore_index: Int,
    reduction: Word,
) -> Out {
    let ignore_index = ignore_index.0;
    let reduction = reduction.0.as_str();
    let reduction = reduction_of("nll_loss", reduction)?;
    let (x, t, weight): (&Tensor, &Tensor, _) = (&input, &target, weight.as_deref());
    Ok(run(py, x.numel(), || core::nll_loss(x, t, weight, ignore_index, reduction))?.into())
}

/// The negative log-likelihood of `softmax(input)` for inputs (batch, classes, ...) or (classes,). The target is class
/// numbers, or probabilities in the input's shape; `label_smoothing` s mixes it with the uniform distribution.
///
/// >>> diffkit.cross_entropy(diffkit.tensor([[0., 0.]]), diffkit.tensor([1]))
/// tensor(0.6931)
#[pyfunction]
#[pyo3(signature = (input, target, weight = None, *, ignore_index = Int(-100), reduction = Word("mean".to_string()), label_smoothing = Float(0.0)))]
#[allow(clippy::too_many_arguments)]
pub fn cross_entropy(
    py: Python<'_>,
    input: Input<'_>,
    target: Input<'_>,
    weight: Option<Input<'_>>,
    ignore_index: Int,
    reduction: Word,
    label_smoothing: Float,
) -> Out {
    let ignore_index = ignore_index.0;
    let reduction = reduction.0.as_str();
    let label_smoothing = label_smoothing.0;
    let reduction = reduction_of("cross_entropy", reduction)?;
    let (x, t, weight): (&Tensor, &Tensor, _) = (&input, &target, weight.as_deref());
    let call = || core::cross_entropy(x, t, weight, ignore_index, reduction, label_smoothing);
    Ok(run(py, x.numel(), call)?.into())
}
