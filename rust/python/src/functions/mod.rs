//! Functions of several arguments, by subject. Each is also a method unless `methods.rs` says otherwise.

pub mod activation;
pub mod arrange;
pub mod assemble;
pub mod combine;
pub mod complex;
pub mod counting;
pub mod create;
pub mod decompositions;
pub mod distance;
pub mod fft;
pub mod index;
pub mod inspect;
pub mod integrate;
pub mod linalg;
pub mod loss;
pub mod memory;
pub mod order;
pub mod products;
pub mod random;
pub mod reduce;
pub mod sample;
pub mod scan;
pub mod settings;
pub mod shape;
pub mod statistics;
pub mod writing;

use crate::convert::{Axis, Tensors, either};
use crate::error::Result;
use crate::run::run;
use crate::tensor::PyTensor;
use diffkit_core::ops::{self, Arg, view};
use diffkit_core::{Error, Tensor};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// The axis of an operation that does not work without one.
fn axis_needed(op: &'static str, dim: Option<Axis>, axis: Option<Axis>) -> Result<i64> {
    let axis = either(op, "dim", dim, "axis", axis)?;
    Ok(axis.ok_or_else(|| Error::value(op, "needs dim, the axis to work along"))?.0)
}

/// Tensors given one by one or as one list.
fn several(args: &Bound<'_, PyTuple>) -> PyResult<Vec<Tensor>> {
    match args.len() {
        1 if !args.get_item(0)?.is_instance_of::<PyTensor>() => Ok(args.get_item(0)?.extract::<Tensors>()?.0),
        _ => Ok(args.extract::<Tensors>()?.0),
    }
}

/// Several results.
fn tuple(py: Python<'_>, parts: Vec<Tensor>) -> PyResult<Py<PyAny>> {
    let parts: Vec<PyTensor> = parts.into_iter().map(PyTensor::from).collect();
    Ok(PyTuple::new(py, parts)?.into_any().unbind())
}

/// Puts the result of an operation into one of its inputs, which must be able to hold it.
fn overwrite(op: &'static str, x: &Tensor, result: &Tensor) -> Result<()> {
    if result.dtype().kind() > x.dtype().kind() {
        let why = "the result does not fit the tensor's dtype; use the form that makes a new tensor";
        return Err(Error::dtype(op, &[x.dtype(), result.dtype()], why).into());
    }
    Ok(view::assign(op, x, result)?)
}

/// An operation in its first argument's own memory. `others` are its further arguments.
fn in_place<'py>(
    py: Python<'py>,
    op: &'static str,
    input: Bound<'py, PyTensor>,
    others: &[Arg<'_>],
    call: impl Fn(&Tensor) -> diffkit_core::Result<Tensor> + Send + Sync,
) -> Result<Bound<'py, PyTensor>> {
    let x = &input.get().inner;
    let wants = |arg: &Arg| matches!(arg, Arg::Tensor(t) if t.requires_grad());
    // The backward pass reads the values from before.
    let is_recorded = x.requires_grad() || others.iter().any(wants);
    let result = run(py, x.numel(), || call(&if is_recorded { ops::clone(x)? } else { x.clone() }))?;
    overwrite(op, x, &result)?;
    Ok(input)
}
