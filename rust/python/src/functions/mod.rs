//! Functions of several arguments, by subject. Each is also a method unless `methods.rs` says otherwise.

pub mod activation;
pub mod arrange;
pub mod combine;
pub mod complex;
pub mod create;
pub mod decompositions;
pub mod index;
pub mod inspect;
pub mod linalg;
pub mod loss;
pub mod order;
pub mod products;
pub mod random;
pub mod reduce;
pub mod sample;
pub mod scan;
pub mod settings;
pub mod shape;
pub mod statistics;

use crate::convert::{Axis, Tensors, either};
use crate::error::Result;
use crate::tensor::PyTensor;
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
