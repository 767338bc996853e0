//! Draws with parameters in tensors, tensors filled with random numbers, and dropout.

use crate::convert::{Axis, Flag, Float, Input, Operand, index_of};
use crate::error::Result;
use crate::generator::{PyGenerator, named};
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::{Arg, random as core, view};
use diffkit_core::{DType, Scalar, Tensor};
use pyo3::prelude::*;

type Source<'a, 'py> = Option<&'a Bound<'py, PyGenerator>>;
type InPlace<'py> = Result<Bound<'py, PyTensor>>;

/// A draw costs about as much as this many elements of plain work.
const DRAW: usize = 16;

/// 1 with the probability at each place, else 0; with `p`, one probability for all places of `input`. Takes floats.
///
/// >>> diffkit.bernoulli(diffkit.tensor([0., 1.]))
/// tensor([0., 1.])
#[pyfunction]
#[pyo3(signature = (input, p = None, *, generator = None))]
pub fn bernoulli(py: Python<'_>, input: Input<'_>, p: Option<Float>, generator: Source<'_, '_>) -> Out {
    let p = p.map(|v| v.0);
    let (x, source): (&Tensor, _) = (&input, named(generator));
    let call = || match p {
        None => core::bernoulli(x, source),
        Some(p) => {
            let out = diffkit_core::ops::zeros_like(x)?;
            core::bernoulli_(&out, p, source)?;
            Ok(out)
        }
    };
    Ok(run(py, x.numel().saturating_mul(DRAW), call)?.into())
}

/// How many of `count` trials succeed with probability `prob`; both broadcast, the result has the dtype of `prob`.
///
/// >>> diffkit.binomial(diffkit.tensor([3., 3.]), diffkit.tensor([0., 1.]))
/// tensor([0., 3.])
#[pyfunction]
#[pyo3(signature = (count, prob, generator = None))]
pub fn binomial(py: Python<'_>, count: Input<'_>, prob: Input<'_>, generator: Source<'_, '_>) -> Out {
    let (n, p, source): (&Tensor, &Tensor, _) = (&count, &prob, named(generator));
    Ok(run(py, n.numel().max(p.numel()).saturating_mul(DRAW), || core::binomial(n, p, source))?.into())
}

/// How many events happen where `input` of them are expected, in its dtype.
///
/// >>> diffkit.poisson(diffkit.zeros(2))
/// tensor([0., 0.])
#[pyfunction]
#[pyo3(signature = (input, generator = None))]
pub fn poisson(py: Python<'_>, input: Input<'_>, generator: Source<'_, '_>) -> Out {
    let (x, source): (&Tensor, _) = (&input, named(generator));
    Ok(run(py, x.numel().saturating_mul(DRAW), || core::poisson(x, source))?.into())
}

/// Gamma variates of scale 1 with the shape parameters in `input`, in its dtype.
///
/// >>> diffkit._core._standard_gamma(diffkit.ones(2)).shape
/// (2,)
#[pyfunction]
#[pyo3(signature = (input, generator = None))]
pub fn _standard_gamma(py: Python<'_>, input: Input<'_>, generator: Source<'_, '_>) -> Out {
    let (x, source): (&Tensor, _) = (&input, named(generator));
    Ok(run(py, x.numel().saturating_mul(DRAW), || core::gamma(x, source))?.into())
}

/// `num_samples` category numbers for a vector of weights, or for each row of a matrix; without `replacement` no
/// category comes twice.
///
/// >>> diffkit.multinomial(diffkit.tensor([0., 1., 0.]), 2, replacement=True)
/// tensor([1, 1])
#[pyfunction]
#[pyo3(signature = (input, num_samples, replacement = Flag(false), *, generator = None))]
pub fn multinomial(
    py: Python<'_>,
    input: Input<'_>,
    num_samples: Axis,
    replacement: Flag,
    generator: Source<'_, '_>,
) -> Out {
    let replacement = replacement.0;
    let (x, source): (&Tensor, _) = (&input, named(generator));
    let work = rows(x).saturating_mul(usize::try_from(num_samples.0).unwrap_or(0)).max(x.numel());
    Ok(run(py, work.saturating_mul(DRAW), || core::multinomial(x, num_samples.0, replacement, source))?.into())
}

fn rows(x: &Tensor) -> usize {
    x.numel() / x.shape().last().copied().unwrap_or(1).max(1)
}

/// Category numbers by the weights along the last axis, as int64 of shape (draws, batch axes).
///
/// >>> diffkit._core._categorical(diffkit.tensor([0., 1.]), 3)
/// tensor([1, 1, 1])
#[pyfunction]
#[pyo3(signature = (input, draws, *, generator = None))]
pub fn _categorical(py: Python<'_>, input: Input<'_>, draws: Axis, generator: Source<'_, '_>) -> Out {
    let (x, source): (&Tensor, _) = (&input, named(generator));
    let work = rows(x).saturating_mul(usize::try_from(draws.0).unwrap_or(0)).max(x.numel());
    Ok(run(py, work.saturating_mul(DRAW), || core::categorical(x, draws.0, source))?.into())
}

/// How many of `total` trials fall into each category, as int64 of shape (draws, batch axes, categories).
///
/// >>> diffkit._core._multinomial_counts(5, diffkit.tensor([0., 1.]), 2)
/// tensor([[0, 5],
///         [0, 5]])
#[pyfunction]
#[pyo3(signature = (total, input, draws, *, generator = None))]
pub fn _multinomial_counts(
    py: Python<'_>,
    total: Axis,
    input: Input<'_>,
    draws: Axis,
    generator: Source<'_, '_>,
) -> Out {
    let (x, source): (&Tensor, _) = (&input, named(generator));
    let work = x.numel().saturating_mul(usize::try_from(draws.0).unwrap_or(0)).saturating_mul(DRAW);
    Ok(run(py, work, || core::multinomial_counts(total.0, x, draws.0, source))?.into())
}

// ---- in place ----

/// Fills the tensor with numbers uniform in [from_, to), and returns it.
///
/// >>> diffkit.zeros(2).uniform_(5, 5)
/// tensor([5., 5.])
#[pyfunction]
#[pyo3(signature = (input, from_ = Float(0.0), to = Float(1.0), *, generator = None))]
pub fn uniform_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    from_: Float,
    to: Float,
    generator: Source<'_, 'py>,
) -> InPlace<'py> {
    let from_ = from_.0;
    let to = to.0;
    let (x, source) = (&input.get().inner, named(generator));
    run(py, x.numel(), || core::uniform_(x, from_, to, source))?;
    Ok(input)
}

/// Fills the tensor with normal numbers, and returns it.
///
/// >>> diffkit.zeros(2).normal_(3, 0)
/// tensor([3., 3.])
#[pyfunction]
#[pyo3(signature = (input, mean = Float(0.0), std = Float(1.0), *, generator = None))]
pub fn normal_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    mean: Float,
    std: Float,
    generator: Source<'_, 'py>,
) -> InPlace<'py> {
    let mean = mean.0;
    let std = std.0;
    let (x, source) = (&input.get().inner, named(generator));
    run(py, x.numel(), || core::normal_(x, mean, std, source))?;
    Ok(input)
}

/// Fills the tensor with exponential numbers of mean 1 / `lambd`, and returns it.
///
/// >>> diffkit.zeros(2).exponential_().min() > 0
/// tensor(True)
#[pyfunction]
#[pyo3(signature = (input, lambd = Float(1.0), *, generator = None))]
pub fn exponential_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    lambd: Float,
    generator: Source<'_, 'py>,
) -> InPlace<'py> {
    let lambd = lambd.0;
    let (x, source) = (&input.get().inner, named(generator));
    run(py, x.numel(), || core::exponential_(x, lambd, source))?;
    Ok(input)
}

/// Fills the tensor with 1 with probability `p` (a number, or a tensor that broadcasts), else 0, and returns it.
///
/// >>> diffkit.zeros(2).bernoulli_(diffkit.tensor([0., 1.]))
/// tensor([0., 1.])
#[pyfunction]
#[pyo3(signature = (input, p = Operand::Scalar(Scalar::Float(0.5)), *, generator = None))]
pub fn bernoulli_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    p: Operand<'py>,
    generator: Source<'_, 'py>,
) -> InPlace<'py> {
    let (x, p, source) = (&input.get().inner, p.arg(), named(generator));
    run(py, x.numel(), || match p {
        Arg::Scalar(p) => core::bernoulli_(x, p.as_f64(), source),
        Arg::Tensor(p) => {
            x.check_writable("bernoulli_")?;
            let p = view::broadcast_to("bernoulli_", p, x.shape())?;
            view::assign("bernoulli_", x, &core::bernoulli(&p, source)?)
        }
    })?;
    Ok(input)
}

/// The largest integer up to which a dtype has them all.
fn largest_integer(dtype: DType) -> i64 {
    match (dtype.real(), dtype.integer_range()) {
        (_, Some((_, high))) => high.min(i64::MAX as u64 - 1) as i64,
        (DType::F32, _) => 1 << 24,
        (DType::F64, _) => 1 << 53,
        _ => 1,
    }
}

/// Fills the tensor with integers uniform in [from_, to), and returns it: `random_(to)` from 0, `random_()` from 0 to
/// the largest integer up to which the dtype has them all.
///
/// >>> diffkit.zeros(2).random_(1)
/// tensor([0., 0.])
#[pyfunction]
#[pyo3(signature = (input, from_ = None, to = None, *, generator = None))]
pub fn random_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    from_: Option<&Bound<'py, PyAny>>,
    to: Option<&Bound<'py, PyAny>>,
    generator: Source<'_, 'py>,
) -> InPlace<'py> {
    const OP: &str = "random_";
    let (x, source) = (&input.get().inner, named(generator));
    let integer = |obj: Option<&Bound<'py, PyAny>>| obj.map(|obj| index_of(OP, obj)).transpose();
    let (low, high) = match (integer(from_)?, integer(to)?) {
        (Some(low), Some(high)) => (low, high),
        (Some(high), None) | (None, Some(high)) => (0, high),
        (None, None) => (0, largest_integer(x.dtype()) + 1),
    };
    let shape: Vec<i64> = x.shape().iter().map(|&size| size as i64).collect();
    run(py, x.numel(), || {
        x.check_writable(OP)?;
        view::assign(OP, x, &core::randint(low, high, &shape, Some(x.dtype()), source)?)
    })?;
    Ok(input)
}

/// In training each element is zeroed with probability `p` and the others divided by 1 - p; else the tensor itself.
///
/// >>> diffkit.nn.functional.dropout(diffkit.ones(2), 0.5, training=False)
/// tensor([1., 1.])
#[pyfunction]
#[pyo3(signature = (input, p = Float(0.5), training = Flag(true), *, generator = None))]
pub fn dropout(py: Python<'_>, input: Input<'_>, p: Float, training: Flag, generator: Source<'_, '_>) -> Out {
    let p = p.0;
    let training = training.0;
    let (x, source): (&Tensor, _) = (&input, named(generator));
    Ok(run(py, x.numel(), || core::dropout(x, p, training, source))?.into())
}
