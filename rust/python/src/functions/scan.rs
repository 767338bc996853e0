//! Running sums, products and extremes.

use crate::convert::{Axis, Input};
use crate::dtype::AnyDType;
use crate::functions::axis_needed;
use crate::functions::reduce::pair;
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::Tensor;
use diffkit_core::ops::reduce::Extreme;
use diffkit_core::ops::scan as core;
use pyo3::prelude::*;

macro_rules! sums {
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
            Ok(run(py, x.numel(), || core::$name(x, axis, dtype.map(|dtype| dtype.0)))?.into())
        }
        )*
    };
}

sums! {
    /// The sums of the elements up to each along the axis `dim`. Bools and small integers give int64.
    ///
    /// >>> diffkit.cumsum(diffkit.tensor([1, 2, 3]), dim=0)
    /// tensor([1, 3, 6])
    cumsum;
    /// The products of the elements up to each along the axis `dim`. Bools and small integers give int64. The gradient
    /// is exact where elements are zero.
    ///
    /// >>> diffkit.cumprod(diffkit.tensor([1, 2, 3]), dim=0)
    /// tensor([1, 2, 6])
    cumprod;
}

macro_rules! extremes {
    ($($(#[doc = $doc:literal])+ $name:ident $kind:expr;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, dim = None, *, axis = None))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            dim: Option<Axis>,
            axis: Option<Axis>,
        ) -> PyResult<Py<PyAny>> {
            let axis = axis_needed(stringify!($name), dim, axis)?;
            let x: &Tensor = &input;
            let (values, indices) = run(py, x.numel(), || core::cumulative_extreme($kind, x, axis))?;
            pair(py, values, indices)
        }
        )*
    };
}

extremes! {
    /// The largest element up to each along the axis `dim`, as (values, indices); the last of equals.
    ///
    /// >>> diffkit.cummax(diffkit.tensor([1, 3, 2]), dim=0).values
    /// tensor([1, 3, 3])
    cummax Extreme::Max;
    /// The smallest element up to each along the axis `dim`, as (values, indices); the last of equals.
    ///
    /// >>> diffkit.cummin(diffkit.tensor([2, 1, 3]), dim=0).indices
    /// tensor([0, 1, 1])
    cummin Extreme::Min;
}

/// `log(cumsum(exp(x)))` along the axis `dim`, without overflow.
///
/// >>> diffkit.logcumsumexp(diffkit.tensor([1000., 1000.]), dim=0)
/// tensor([1000.0000, 1000.6932])
#[pyfunction]
#[pyo3(signature = (input, dim = None, *, axis = None))]
pub fn logcumsumexp(py: Python<'_>, input: Input<'_>, dim: Option<Axis>, axis: Option<Axis>) -> Out {
    let axis = axis_needed("logcumsumexp", dim, axis)?;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::logcumsumexp(x, axis))?.into())
}
