//! Activation functions, softmax and layer normalisation.

use crate::convert::{Axis, Float, Input, Operand, shape};
use crate::dtype::AnyDType;
use crate::error::Result;
use crate::functions::{axis_needed, in_place};
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::Arg;
use diffkit_core::ops::derived::{activation as core, shrink, softmax as rows};
use diffkit_core::{Scalar, Tensor};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

macro_rules! along_axis {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, dim = None, dtype = None, *, axis = None))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            dim: Option<Axis>,
            dtype: Option<AnyDType>,
            axis: Option<Axis>,
        ) -> Out {
            let axis = axis_needed(stringify!($name), dim, axis)?;
            let x: &Tensor = &input;
            Ok(run(py, x.numel(), || rows::$name(x, axis, dtype.map(|dtype| dtype.0)))?.into())
        }
        )*
    };
}

along_axis! {
    /// `exp(x) / sum(exp(x))` along the axis `dim`, without overflow. Takes floats, or integers with a float `dtype`.
    /// The gradient is y * (g - sum(g * y)).
    ///
    /// >>> diffkit.softmax(diffkit.tensor([0., 0.]), dim=0)
    /// tensor([0.5000, 0.5000])
    softmax;
    /// `x - log(sum(exp(x)))` along the axis `dim`, without overflow. Takes floats, or integers with a float `dtype`.
    /// The gradient is g - exp(y) * sum(g).
    ///
    /// >>> diffkit.log_softmax(diffkit.tensor([0., 0.]), dim=0)
    /// tensor([-0.6931, -0.6931])
    log_softmax;
    /// `softmax(-x)` along the axis `dim`.
    ///
    /// >>> diffkit.nn.functional.softmin(diffkit.tensor([0., 0.]), dim=0)
    /// tensor([0.5000, 0.5000])
    softmin;
}

macro_rules! plain {
    ($($(#[doc = $doc:literal])+ $name:ident $module:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        pub fn $name(py: Python<'_>, input: Input<'_>) -> Out {
            let x: &Tensor = &input;
            Ok(run(py, x.numel(), || $module::$name(x))?.into())
        }
        )*
    };
}

plain! {
    /// `log(sigmoid(x))` without overflow.
    ///
    /// >>> diffkit.logsigmoid(diffkit.tensor([0., -1000.]))
    /// tensor([-6.9315e-01, -1.0000e+03])
    logsigmoid core;
    /// The self-normalising exponential unit (Klambauer et al. 2017).
    ///
    /// >>> diffkit.selu(diffkit.tensor([-1., 1.]))
    /// tensor([-1.1113,  1.0507])
    selu core;
    /// `x` kept within 0 and 6; the derivative at and outside the bounds is 0.
    ///
    /// >>> diffkit.relu6(diffkit.tensor([-1., 3., 9.]))
    /// tensor([0., 3., 6.])
    relu6 core;
    /// `x * tanh(softplus(x))` (Misra 2019).
    ///
    /// >>> diffkit.mish(diffkit.tensor([0., 1.]))
    /// tensor([0.0000, 0.8651])
    mish core;
    /// `x / (1 + |x|)`.
    ///
    /// >>> diffkit.softsign(diffkit.tensor([-1., 3.]))
    /// tensor([-0.5000,  0.7500])
    softsign core;
    /// `(x + 3) / 6` kept within 0 and 1; the derivative at and outside the bounds is 0.
    ///
    /// >>> diffkit.nn.functional.hardsigmoid(diffkit.tensor([-4., 0., 4.]))
    /// tensor([0.0000, 0.5000, 1.0000])
    hardsigmoid shrink;
    /// `x * hardsigmoid(x)` (Howard et al. 2019).
    ///
    /// >>> diffkit.nn.functional.hardswish(diffkit.tensor([-4., 0., 4.]))
    /// tensor([0., 0., 4.])
    hardswish shrink;
    /// `x - tanh(x)`.
    ///
    /// >>> diffkit.nn.functional.tanhshrink(diffkit.tensor([0., 2.]))
    /// tensor([0.0000, 1.0360])
    tanhshrink shrink;
}

/// `gelu` by its approximation with `tanh`.
#[pyfunction]
pub fn _gelu_tanh(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || shrink::gelu_tanh(x))?.into())
}

/// `log(1 + exp(beta * x)) / beta`; `x` itself where `beta * x` is above `threshold`.
///
/// >>> diffkit.softplus(diffkit.tensor([0., 100.]))
/// tensor([  0.6931, 100.0000])
#[pyfunction]
#[pyo3(signature = (input, beta = Float(1.0), threshold = Float(20.0)))]
pub fn softplus(py: Python<'_>, input: Input<'_>, beta: Float, threshold: Float) -> Out {
    let beta = beta.0;
    let threshold = threshold.0;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::softplus(x, beta, threshold))?.into())
}

/// `x` where positive, else `negative_slope * x`.
///
/// >>> diffkit.leaky_relu(diffkit.tensor([-1., 1.]), 0.1)
/// tensor([-0.1000,  1.0000])
#[pyfunction]
#[pyo3(signature = (input, negative_slope = Float(0.01)))]
pub fn leaky_relu(py: Python<'_>, input: Input<'_>, negative_slope: Float) -> Out {
    let negative_slope = negative_slope.0;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::leaky_relu(x, negative_slope))?.into())
}

/// `x` where positive, else `alpha * (exp(x) - 1)`.
///
/// >>> diffkit.elu(diffkit.tensor([-1., 1.]))
/// tensor([-0.6321,  1.0000])
#[pyfunction]
#[pyo3(signature = (input, alpha = Float(1.0)))]
pub fn elu(py: Python<'_>, input: Input<'_>, alpha: Float) -> Out {
    let alpha = alpha.0;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::elu(x, alpha))?.into())
}

/// `x` where positive, else `alpha * (exp(x / alpha) - 1)` (Barron 2017).
///
/// >>> diffkit.nn.functional.celu(diffkit.tensor([-1., 1.]), 2.0)
/// tensor([-0.7869,  1.0000])
#[pyfunction]
#[pyo3(signature = (input, alpha = Float(1.0)))]
pub fn celu(py: Python<'_>, input: Input<'_>, alpha: Float) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || shrink::celu(x, alpha.0))?.into())
}

/// `x` where above `threshold`, else `value`.
///
/// >>> diffkit.nn.functional.threshold(diffkit.tensor([0.2, 2.]), 1.0, -1.0)
/// tensor([-1.,  2.])
#[pyfunction]
pub fn threshold(py: Python<'_>, input: Input<'_>, threshold: Float, value: Float) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || shrink::threshold(x, threshold.0, value.0))?.into())
}

/// `x` where its absolute value is above `lambd`, else 0.
///
/// >>> diffkit.nn.functional.hardshrink(diffkit.tensor([-1., 0.2]))
/// tensor([-1.,  0.])
#[pyfunction]
#[pyo3(signature = (input, lambd = Float(0.5)))]
pub fn hardshrink(py: Python<'_>, input: Input<'_>, lambd: Float) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || shrink::hardshrink(x, lambd.0))?.into())
}

/// `x` moved towards 0 by `lambd`, and 0 where it would pass it.
///
/// >>> diffkit.nn.functional.softshrink(diffkit.tensor([-1., 0.2]))
/// tensor([-0.5000,  0.0000])
#[pyfunction]
#[pyo3(signature = (input, lambd = Float(0.5)))]
pub fn softshrink(py: Python<'_>, input: Input<'_>, lambd: Float) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || shrink::softshrink(x, lambd.0))?.into())
}

/// The first half of an axis times the sigmoid of the second half (Dauphin et al. 2017).
///
/// >>> diffkit.nn.functional.glu(diffkit.tensor([2., 0.]))
/// tensor([1.])
#[pyfunction]
#[pyo3(signature = (input, dim = Axis(-1)))]
pub fn glu(py: Python<'_>, input: Input<'_>, dim: Axis) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || shrink::glu(x, dim.0))?.into())
}

/// `x` where positive, else `weight * x`, with one weight or one for each position of axis 1.
///
/// >>> diffkit.nn.functional.prelu(diffkit.tensor([-1., 1.]), diffkit.tensor([0.25]))
/// tensor([-0.2500,  1.0000])
#[pyfunction]
pub fn prelu(py: Python<'_>, input: Input<'_>, weight: Input<'_>) -> Out {
    let (x, weight): (&Tensor, &Tensor) = (&input, &weight);
    Ok(run(py, x.numel(), || shrink::prelu(x, weight))?.into())
}

/// `x` kept within `min_val` and `max_val`; the derivative at and outside the bounds is 0.
///
/// >>> diffkit.hardtanh(diffkit.tensor([-2., 0.5, 2.]))
/// tensor([-1.0000,  0.5000,  1.0000])
#[pyfunction]
#[pyo3(signature = (input, min_val = Float(-1.0), max_val = Float(1.0)))]
pub fn hardtanh(py: Python<'_>, input: Input<'_>, min_val: Float, max_val: Float) -> Out {
    let min_val = min_val.0;
    let max_val = max_val.0;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::hardtanh(x, min_val, max_val))?.into())
}

/// The elements kept within `min` and `max`, numbers or tensors; the upper bound wins where they cross. The derivative
/// is 1 inside and at the bounds, 0 outside.
///
/// >>> diffkit.clamp(diffkit.tensor([-1., 0.5, 2.]), 0, 1)
/// tensor([0.0000, 0.5000, 1.0000])
#[pyfunction]
#[pyo3(signature = (input, min = None, max = None))]
pub fn clamp(py: Python<'_>, input: Input<'_>, min: Option<Operand<'_>>, max: Option<Operand<'_>>) -> Out {
    let (min, max) = (min.as_ref().map(Operand::arg), max.as_ref().map(Operand::arg));
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::clamp(x, min, max))?.into())
}

/// `clamp` in the tensor's own memory.
///
/// >>> diffkit.tensor([-1., 0.5, 2.]).clamp_(max=1)
/// tensor([-1.0000,  0.5000,  1.0000])
#[pyfunction]
#[pyo3(signature = (input, min = None, max = None))]
pub fn clamp_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    min: Option<Operand<'py>>,
    max: Option<Operand<'py>>,
) -> Result<Bound<'py, PyTensor>> {
    let (min, max) = (min.as_ref().map(Operand::arg), max.as_ref().map(Operand::arg));
    let others = [min, max].map(|arg| arg.unwrap_or(Arg::Scalar(Scalar::Bool(false))));
    in_place(py, "clamp_", input, &others, |x| core::clamp(x, min, max))
}

/// The last axes, of shape `normalized_shape`, brought to mean 0 and variance 1, then `* weight + bias`.
///
/// >>> diffkit.layer_norm(diffkit.tensor([[1., 3.]]), (2,))
/// tensor([[-1.0000,  1.0000]])
#[pyfunction]
#[pyo3(signature = (input, normalized_shape, weight = None, bias = None, eps = Float(1e-5)))]
pub fn layer_norm(
    py: Python<'_>,
    input: Input<'_>,
    normalized_shape: &Bound<'_, PyAny>,
    weight: Option<Input<'_>>,
    bias: Option<Input<'_>>,
    eps: Float,
) -> Out {
    let eps = eps.0;
    let shape = shape("layer_norm", &PyTuple::empty(py), Some(normalized_shape))?;
    let (x, weight, bias): (&Tensor, _, _) = (&input, weight.as_deref(), bias.as_deref());
    Ok(run(py, x.numel(), || core::layer_norm(x, &shape, weight, bias, eps))?.into())
}
