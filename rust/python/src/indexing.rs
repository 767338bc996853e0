//! Keys of `x[...]` from Python to the core.

use crate::convert::Operand;
use crate::error::{Result, wrong_type};
use crate::exchange;
use crate::tensor::{Out, PyTensor, as_index};
use diffkit_core::Tensor;
use diffkit_core::ops::getitem::{self, Key};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyInt, PyList, PyRange, PySlice, PyTuple};
use smallvec::SmallVec;

pub type Keys = SmallVec<[Key; 4]>;

fn bound(obj: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<i64>> {
    let value = obj.getattr(name)?;
    if value.is_none() { Ok(None) } else { as_index(&value).map(Some) }
}

fn key(obj: &Bound<'_, PyAny>) -> PyResult<Key> {
    if let Ok(int) = obj.cast_exact::<PyInt>() {
        return Ok(Key::Int(as_index(int.as_any())?));
    }
    if let Ok(slice) = obj.cast::<PySlice>() {
        let (start, stop, step) = (bound(slice, "start")?, bound(slice, "stop")?, bound(slice, "step")?);
        return Ok(Key::Slice { start, stop, step });
    }
    if obj.is_none() {
        return Ok(Key::NewAxis);
    }
    if obj.is_instance_of::<PyEllipsis>() {
        return Ok(Key::Ellipsis);
    }
    if let Ok(flag) = obj.cast::<PyBool>() {
        return Ok(Key::Bool(flag.is_true()));
    }
    if let Ok(tensor) = obj.cast::<PyTensor>() {
        return Ok(Key::Tensor(tensor.get().inner.clone()));
    }
    if exchange::is_array(obj) {
        return Ok(Key::Tensor(exchange::from_array(obj)?));
    }
    if obj.is_instance_of::<PyList>() || obj.is_instance_of::<PyTuple>() || obj.is_instance_of::<PyRange>() {
        let empty = obj.len()? == 0;
        let positions = exchange::from_data(obj, empty.then_some(diffkit_core::DType::I64))?;
        return Ok(Key::Tensor(positions));
    }
    if obj.hasattr("__index__")? {
        return Ok(Key::Int(as_index(obj)?));
    }
    Err(wrong_type("index", "keys are integers, slices, None, ..., and tensors or lists of integers or bools", obj))
}

pub fn keys(obj: &Bound<'_, PyAny>) -> PyResult<Keys> {
    match obj.cast::<PyTuple>() {
        Ok(tuple) => tuple.iter().map(|item| key(&item)).collect(),
        Err(_) => Ok(smallvec::smallvec![key(obj)?]),
    }
}

pub fn get(tensor: &Tensor, obj: &Bound<'_, PyAny>) -> Out {
    Ok(getitem::get(tensor, &keys(obj)?)?.into())
}

pub fn set(tensor: &Tensor, obj: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Result<()> {
    let value = match Operand::try_from(value)? {
        Some(Operand::Scalar(scalar)) => {
            scalar.check_fits("index", tensor.dtype())?;
            diffkit_core::array::Array::full("index", &[], tensor.dtype(), scalar)?.into()
        }
        Some(operand) => operand.tensor()?,
        None => exchange::from_data(value, None)?,
    };
    Ok(getitem::set(tensor, &keys(obj)?, &value)?)
}
