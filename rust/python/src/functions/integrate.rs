//! Integrals and derivatives of sampled functions.

use crate::convert::{Axes, Axis, Float, Input, Int, Tensors, axis_or, either};
use crate::error::{Raised, Result, wrong_type};
use crate::functions::tuple;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::derived::integrate::{self as core, Spacing};
use diffkit_core::{Error, Tensor};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

fn spacing_of<'a>(op: &'static str, x: Option<&'a Tensor>, dx: Option<Float>) -> Result<Spacing<'a>> {
    match (x, dx) {
        (Some(_), Some(_)) => Err(Error::value(op, "x and dx both say where the samples lie; give one of them").into()),
        (Some(x), None) => Ok(Spacing::At(x)),
        (None, dx) => Ok(Spacing::Even(dx.map_or(1.0, |dx| dx.0))),
    }
}

macro_rules! trapezoids {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (y, x = None, *, dx = None, dim = None, axis = None))]
        pub fn $name(
            py: Python<'_>,
            y: Input<'_>,
            x: Option<Input<'_>>,
            dx: Option<Float>,
            dim: Option<Axis>,
            axis: Option<Axis>,
        ) -> Out {
            let axis = axis_or(stringify!($name), dim, axis, -1)?;
            let spacing = spacing_of(stringify!($name), x.as_deref(), dx)?;
            let y: &Tensor = &y;
            Ok(run(py, y.numel(), || core::$name(y, spacing, axis))?.into())
        }
        )*
    };
}

trapezoids! {
    /// The integral along `dim` by the trapezoidal rule, of samples at the places `x` or `dx` (1 by default) apart.
    ///
    /// >>> diffkit.trapezoid(diffkit.tensor([1., 3., 5.]), dx=0.5)
    /// tensor(3.)
    trapezoid;
    /// The integrals from the first sample to each further one along `dim`, by the trapezoidal rule, of samples at the
    /// places `x` or `dx` (1 by default) apart.
    ///
    /// >>> diffkit.cumulative_trapezoid(diffkit.tensor([1., 3., 5.]))
    /// tensor([2., 6.])
    cumulative_trapezoid;
}

/// The derivatives along each axis of `dim` (all by default) of samples `spacing` apart: a number for all axes, or a
/// list with a number or a vector of places for each. Central differences of second order; at both ends one-sided ones
/// of order `edge_order`, 1 or 2.
///
/// >>> diffkit.gradient(diffkit.tensor([0., 1., 4., 9.]))
/// (tensor([1., 2., 4., 5.]),)
#[pyfunction]
#[pyo3(signature = (input, *, spacing = None, dim = None, edge_order = Int(1), axis = None))]
pub fn gradient(
    py: Python<'_>,
    input: Input<'_>,
    spacing: Option<&Bound<'_, PyAny>>,
    dim: Option<Axes>,
    edge_order: Int,
    axis: Option<Axes>,
) -> PyResult<Py<PyAny>> {
    const OP: &str = "gradient";
    let axes: Vec<i64> = match either(OP, "dim", dim, "axis", axis)? {
        Some(axes) => axes.0.to_vec(),
        None => (0..input.ndim() as i64).collect(),
    };
    let (gaps, places) = spacings(spacing)?;
    let given = gaps.len().max(places.len());
    if given > 1 && given != axes.len() || !places.is_empty() && places.len() != axes.len() {
        let why = format!("needs a spacing for each of the {} axes, got {given}", axes.len());
        return Err(Raised::from(Error::value(OP, why)).into());
    }
    let x: &Tensor = &input;
    let spacing_along = |i: usize| match places.get(i) {
        Some(places) => Spacing::At(places),
        None => Spacing::Even(gaps.get(i).or(gaps.first()).copied().unwrap_or(1.0)),
    };
    let one = |(i, &axis): (usize, &i64)| core::gradient(x, spacing_along(i), axis, edge_order.0);
    let slopes = run(py, x.numel(), || axes.iter().enumerate().map(one).collect::<diffkit_core::Result<Vec<_>>>())?;
    tuple(py, slopes)
}

/// Numbers, or vectors of places, one for each axis; one number stands for all.
fn spacings(spacing: Option<&Bound<'_, PyAny>>) -> PyResult<(Vec<f64>, Vec<Tensor>)> {
    let Some(spacing) = spacing else { return Ok((vec![1.0], vec![])) };
    if spacing.is_instance_of::<PyTensor>() {
        return Ok((vec![], vec![spacing.extract::<Input>()?.clone()]));
    }
    if !(spacing.is_instance_of::<PyTuple>() || spacing.is_instance_of::<PyList>()) {
        return Ok((vec![spacing.extract::<Float>()?.0], vec![]));
    }
    let first = spacing.try_iter()?.next().transpose()?;
    if first.is_some_and(|first| first.is_instance_of::<PyTensor>()) {
        return Ok((vec![], spacing.extract::<Tensors>()?.0));
    }
    let gaps = spacing.try_iter()?.map(|gap| Ok(gap?.extract::<Float>()?.0)).collect::<PyResult<Vec<f64>>>();
    Ok((
        gaps.map_err(|_| wrong_type("gradient", "spacing is a number, or a list of numbers or tensors", spacing))?,
        vec![],
    ))
}
