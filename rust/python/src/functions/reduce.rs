//! Reductions over axes.

use crate::convert::{Axes, Axis, Flag, Float, Input, Operand, either, keep_or};
use crate::dtype::AnyDType;
use crate::error::{Result, wrong_type};
use crate::operators::binary;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::derived::missing;
use diffkit_core::ops::reduce::{self, Extreme};
use diffkit_core::ops::{self, Arg, ElementOp, binary as rows};
use diffkit_core::{DType, Tensor};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Axes by either name; none and an empty list both mean all, as in PyTorch.
pub fn axes(op: &'static str, dim: Option<Axes>, axis: Option<Axes>) -> Result<Option<Axes>> {
    Ok(either(op, "dim", dim, "axis", axis)?.filter(|axes| !axes.0.is_empty()))
}

macro_rules! reductions {
    ($($(#[doc = $doc:literal])+ $name:ident $with:expr;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, dim = None, keepdim = None, *, dtype = None, axis = None, keepdims = None))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            dim: Option<Axes>,
            keepdim: Option<Flag>,
            dtype: Option<AnyDType>,
            axis: Option<Axes>,
            keepdims: Option<Flag>,
        ) -> Out {
            let keepdim = keepdim.map(|v| v.0);
            let keepdims = keepdims.map(|v| v.0);
            let op = stringify!($name);
            let (axes, keep) = (axes(op, dim, axis)?, keep_or(op, keepdim, keepdims)?);
            let axes = axes.as_ref().map(|axes| axes.0.as_slice());
            let dtype = dtype.map(|dtype| dtype.0);
            let call: fn(&Tensor, Option<&[i64]>, bool, Option<DType>) -> diffkit_core::Result<Tensor> = $with;
            let x: &Tensor = &input;
            Ok(run(py, x.numel(), || call(x, axes, keep, dtype))?.into())
        }
        )*
    };
}

reductions! {
    /// The sum of the elements over the axes `dim` (all if none is given).
    ///
    /// Bools and integers are summed as int64. The gradient is spread over the elements summed.
    ///
    /// >>> diffkit.tensor([[1., 2.], [3., 4.]]).sum(dim=0)
    /// tensor([4., 6.])
    sum reduce::sum;
    /// The mean of the elements over the axes `dim` (all if none is given); NaN of nothing. Takes floats.
    ///
    /// >>> diffkit.tensor([1., 2., 6.]).mean()
    /// tensor(3.)
    mean reduce::mean;
    /// The sum over the axes `dim` (all if none is given) in which NaN counts as 0.
    ///
    /// >>> diffkit.nansum(diffkit.tensor([1., float("nan"), 2.]))
    /// tensor(3.)
    nansum missing::nansum;
    /// The mean over the axes `dim` (all if none is given) of the elements that are not NaN. Takes floats.
    ///
    /// >>> diffkit.nanmean(diffkit.tensor([1., float("nan"), 2.]))
    /// tensor(1.5000)
    nanmean missing::nanmean;
    /// The largest element over the axes `dim` (all if none is given). Equal ones share the gradient.
    ///
    /// >>> diffkit.tensor([[1., 5.], [3., 4.]]).amax(dim=0)
    /// tensor([3., 5.])
    amax |x, axes, keep, _| reduce::extreme(Extreme::Max, x, axes, keep);
    /// The smallest element over the axes `dim` (all if none is given). Equal ones share the gradient.
    ///
    /// >>> diffkit.tensor([[1., 5.], [3., 4.]]).amin(dim=0)
    /// tensor([1., 4.])
    amin |x, axes, keep, _| reduce::extreme(Extreme::Min, x, axes, keep);
    /// True where any element over the axes `dim` is non-zero.
    ///
    /// >>> diffkit.tensor([0, 2]).any()
    /// tensor(True)
    any |x, axes, keep, _| reduce::truth(Extreme::Max, x, axes, keep);
    /// True where every element over the axes `dim` is non-zero.
    ///
    /// >>> diffkit.tensor([0, 2]).all()
    /// tensor(False)
    all |x, axes, keep, _| reduce::truth(Extreme::Min, x, axes, keep);
    /// `log(sum(exp(x)))` over the axes `dim`, without overflow.
    ///
    /// >>> diffkit.tensor([1000., 1000.]).logsumexp(dim=0)
    /// tensor(1000.6932)
    logsumexp |x, axes, keep, _| reduce::logsumexp(x, axes, keep);
}

/// The product of the elements over one axis (all if none is given). The gradient is exact where factors are zero.
///
/// >>> diffkit.tensor([1., 2., 3.]).prod()
/// tensor(6.)
#[pyfunction]
#[pyo3(signature = (input, dim = None, keepdim = None, *, dtype = None, axis = None, keepdims = None))]
pub fn prod(
    py: Python<'_>,
    input: Input<'_>,
    dim: Option<Axis>,
    keepdim: Option<Flag>,
    dtype: Option<AnyDType>,
    axis: Option<Axis>,
    keepdims: Option<Flag>,
) -> Out {
    let keepdim = keepdim.map(|v| v.0);
    let keepdims = keepdims.map(|v| v.0);
    let axis = either("prod", "dim", dim, "axis", axis)?.map(|axis| axis.0);
    let keep = keep_or("prod", keepdim, keepdims)?;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || reduce::prod(x, axis, keep, dtype.map(|dtype| dtype.0)))?.into())
}

/// The divisor's correction: `correction` (1 by default), or PyTorch's older `unbiased`.
pub fn correction_of(op: &'static str, correction: Option<f64>, unbiased: Option<bool>) -> Result<f64> {
    let unbiased = unbiased.map(|unbiased| if unbiased { 1.0 } else { 0.0 });
    Ok(either(op, "correction", correction, "unbiased", unbiased)?.unwrap_or(1.0))
}

macro_rules! spreads {
    ($($(#[doc = $doc:literal])+ $name:ident $root:literal;)*) => {
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
        ) -> Out {
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
            let axes = axes.as_ref().map(|axes| axes.0.as_slice());
            let x: &Tensor = &input;
            let call = || {
                let variance = reduce::var(x, axes, correction, keep)?;
                if $root { ops::sqrt(&variance) } else { Ok(variance) }
            };
            Ok(run(py, x.numel(), call)?.into())
        }
        )*
    };
}

spreads! {
    /// The variance over the axes `dim`, with divisor n - `correction` (1 by default: unbiased).
    ///
    /// >>> diffkit.tensor([1., 2., 3., 4.]).var(correction=0)
    /// tensor(1.2500)
    var false;
    /// The standard deviation over the axes `dim`, with divisor n - `correction` (1 by default). Where it is 0, so is
    /// its gradient.
    ///
    /// >>> diffkit.tensor([1., 3.]).std(correction=0)
    /// tensor(1.)
    std true;
}

macro_rules! arguments {
    ($($(#[doc = $doc:literal])+ $name:ident $kind:expr;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, dim = None, keepdim = None, *, axis = None, keepdims = None))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            dim: Option<Axis>,
            keepdim: Option<Flag>,
            axis: Option<Axis>,
            keepdims: Option<Flag>,
        ) -> Out {
            let keepdim = keepdim.map(|v| v.0);
            let keepdims = keepdims.map(|v| v.0);
            let op = stringify!($name);
            let axis = either(op, "dim", dim, "axis", axis)?.map(|axis| axis.0);
            let keep = keep_or(op, keepdim, keepdims)?;
            let x: &Tensor = &input;
            Ok(run(py, x.numel(), || reduce::arg_extreme($kind, x, axis, keep))?.into())
        }
        )*
    };
}

arguments! {
    /// The position of the largest element along `dim`, or in the flattened tensor; the first of equals.
    ///
    /// >>> diffkit.tensor([1., 5., 3.]).argmax()
    /// tensor(1)
    argmax Extreme::Max;
    /// The position of the smallest element along `dim`, or in the flattened tensor; the first of equals.
    ///
    /// >>> diffkit.tensor([1., 5., 3.]).argmin()
    /// tensor(0)
    argmin Extreme::Min;
}

/// A (values, indices) pair with those names.
pub fn pair(py: Python<'_>, values: Tensor, indices: Tensor) -> PyResult<Py<PyAny>> {
    static PAIR: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class = crate::tensor::imported(py, &PAIR, "diffkit._results", "ValuesIndices")?;
    Ok(class.call1((PyTensor::from(values), PyTensor::from(indices)))?.unbind())
}

macro_rules! extremes {
    ($($(#[doc = $doc:literal])+ $name:ident $kind:expr, $row:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, dim = None, keepdim = None, *, other = None, axis = None, keepdims = None))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            dim: Option<&Bound<'_, PyAny>>,
            keepdim: Option<Flag>,
            other: Option<Operand<'_>>,
            axis: Option<Axis>,
            keepdims: Option<Flag>,
        ) -> PyResult<Py<PyAny>> {
            let keepdim = keepdim.map(|v| v.0);
            let keepdims = keepdims.map(|v| v.0);
            let op = stringify!($name);
            let x: &Tensor = &input;
            // `max(a, b)` with a tensor in the second place is the element-by-element form.
            let second = match dim {
                Some(dim) if dim.is_instance_of::<PyTensor>() => Some(dim.extract::<Operand>()?),
                _ => other,
            };
            if let Some(second) = second {
                let row: &'static ElementOp = &rows::$row::OP;
                return PyTensor::from(binary(py, row, Arg::Tensor(x), second.arg(), false)?).into_py_any(py);
            }
            let dim = dim.map(|dim| dim.extract::<Axis>().map_err(|_| wrong_type(op, "dim is an integer", dim))).transpose()?;
            let axis = either(op, "dim", dim, "axis", axis)?;
            let keep = keep_or(op, keepdim, keepdims)?;
            match axis {
                Some(axis) => {
                    let (values, indices) =
                        run(py, x.numel(), || reduce::extreme_with_index($kind, x, axis.0, keep))?;
                    pair(py, values, indices)
                }
                None => {
                    let value = run(py, x.numel(), || reduce::extreme($kind, x, None, keep))?;
                    PyTensor::from(value).into_py_any(py)
                }
            }
        }
        )*
    };
}

extremes! {
    /// The largest element; with `dim`, the (values, indices) along that axis; with a second tensor, the
    /// element-by-element maximum.
    ///
    /// >>> diffkit.tensor([[1., 5.], [3., 4.]]).max(dim=1).indices
    /// tensor([1, 1])
    max Extreme::Max, maximum;
    /// The smallest element; with `dim`, the (values, indices) along that axis; with a second tensor, the
    /// element-by-element minimum.
    ///
    /// >>> diffkit.tensor([[1., 5.], [3., 4.]]).min()
    /// tensor(1.)
    min Extreme::Min, minimum;
}
