//! Pairs of reductions, and covariance.

use crate::convert::{Axes, Axis, Flag, Float, Input, either, keep_or};
use crate::functions::reduce::{axes, correction_of};
use crate::functions::tuple;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::Tensor;
use diffkit_core::ops::derived::statistics as core;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

macro_rules! with_mean {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, dim = None, unbiased = None, keepdim = None, *, correction = None, axis = None, keepdims = None))]
        #[allow(clippy::too_many_arguments)]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            dim: Option<&Bound<'_, PyAny>>,
            unbiased: Option<Flag>,
            keepdim: Option<Flag>,
            correction: Option<Float>,
            axis: Option<Axes>,
            keepdims: Option<Flag>,
        ) -> PyResult<Py<PyAny>> {
            let unbiased = unbiased.map(|v| v.0);
            let keepdim = keepdim.map(|v| v.0);
            let correction = correction.map(|v| v.0);
            let keepdims = keepdims.map(|v| v.0);
            let op = stringify!($name);
            // PyTorch also takes `unbiased` in the first place.
            let (dim, unbiased) = match dim.map(|dim| dim.cast::<pyo3::types::PyBool>()) {
                Some(Ok(flag)) => (None, Some(flag.is_true())),
                _ => (dim.map(|dim| dim.extract::<Axes>()).transpose()?, unbiased),
            };
            let (axes, keep) = (axes(op, dim, axis)?, keep_or(op, keepdim, keepdims)?);
            let correction = correction_of(op, correction, unbiased)?;
            let (x, axes): (&Tensor, _) = (&input, axes.as_ref().map(|axes| axes.0.as_slice()));
            let (spread, mean) = run(py, x.numel(), || core::$name(x, axes, correction, keep))?;
            tuple(py, vec![spread, mean])
        }
        )*
    };
}

with_mean! {
    /// (variance, mean) over the axes `dim`; the divisor of the variance is n - `correction` (1 by default).
    ///
    /// >>> diffkit.var_mean(diffkit.tensor([1., 2., 3.]))
    /// (tensor(1.), tensor(2.))
    var_mean;
    /// (standard deviation, mean) over the axes `dim`; the divisor is n - `correction` (1 by default).
    ///
    /// >>> diffkit.std_mean(diffkit.tensor([1., 2., 3.]))
    /// (tensor(1.), tensor(2.))
    std_mean;
}

/// (min, max) of all elements, or along `dim`.
///
/// >>> diffkit.aminmax(diffkit.tensor([3., 1., 2.])).max
/// tensor(3.)
#[pyfunction]
#[pyo3(signature = (input, *, dim = None, keepdim = None, axis = None, keepdims = None))]
pub fn aminmax(
    py: Python<'_>,
    input: Input<'_>,
    dim: Option<Axis>,
    keepdim: Option<Flag>,
    axis: Option<Axis>,
    keepdims: Option<Flag>,
) -> PyResult<Py<PyAny>> {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let axis = either("aminmax", "dim", dim, "axis", axis)?.map(|axis| axis.0);
    let keep = keep_or("aminmax", keepdim, keepdims)?;
    let x: &Tensor = &input;
    let (min, max) = run(py, x.numel(), || core::aminmax(x, axis, keep))?;
    let class = CLASS.get_or_try_init(py, || {
        py.import("collections")?.getattr("namedtuple")?.call1(("aminmax", ("min", "max"))).map(Bound::unbind)
    })?;
    Ok(class.bind(py).call1((PyTensor::from(min), PyTensor::from(max)))?.unbind())
}

/// The covariances of the rows (variables), whose columns are observations, with divisor n - `correction`; of a vector
/// the variance. `fweights` say how often each observation counts, `aweights` how much.
///
/// >>> diffkit.cov(diffkit.tensor([[0., 1., 2.], [2., 1., 0.]]))
/// tensor([[ 1., -1.],
///         [-1.,  1.]])
#[pyfunction]
#[pyo3(signature = (input, *, correction = Float(1.0), fweights = None, aweights = None))]
pub fn cov(
    py: Python<'_>,
    input: Input<'_>,
    correction: Float,
    fweights: Option<Input<'_>>,
    aweights: Option<Input<'_>>,
) -> Out {
    let (x, frequencies, weights): (&Tensor, _, _) = (&input, fweights.as_deref(), aweights.as_deref());
    Ok(run(py, x.numel(), || core::cov(x, correction.0, frequencies, weights))?.into())
}

/// Pearson's correlations of the rows (variables), whose columns are observations, kept within -1 and 1.
///
/// >>> diffkit.corrcoef(diffkit.tensor([[0., 1., 2.], [2., 1., 0.]]))
/// tensor([[ 1., -1.],
///         [-1.,  1.]])
#[pyfunction]
pub fn corrcoef(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::corrcoef(x))?.into())
}
