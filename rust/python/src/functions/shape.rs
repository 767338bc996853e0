//! Shapes: views and copies under other layouts, joining, conversion.

use crate::convert::{Axes, Axis, Flag, Input, Int, Operand, Tensors, axis_or, either, sizes};
use crate::dtype::{AnyDType, PyDType};
use crate::error::{Result, wrong_type};
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::{self, Arg, arrange, view};
use diffkit_core::{DType, Error, Tensor};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// The same elements, in row-major order, under another shape; one size may be -1. A view where possible, else a copy.
///
/// >>> diffkit.arange(6).reshape(2, -1).shape
/// (2, 3)
#[pyfunction]
#[pyo3(signature = (input, *shape, copy = None))]
pub fn reshape(py: Python<'_>, input: Input<'_>, shape: &Bound<'_, PyTuple>, copy: Option<Flag>) -> Out {
    let copy = copy.map(|v| v.0);
    let shape = sizes("reshape", shape, None)?;
    let x: &Tensor = &input;
    if copy == Some(true) {
        return Ok(run(py, x.numel(), || view::reshape(&ops::clone(x)?, &shape))?.into());
    }
    if copy == Some(false) {
        return Ok(view::view(x, &shape)?.into());
    }
    Ok(run(py, if x.array().is_contiguous() { 0 } else { x.numel() }, || view::reshape(x, &shape))?.into())
}

/// `reshape` that never copies: an error where the elements do not lie in that order. With a dtype of the same size:
/// not supported.
///
/// >>> diffkit.zeros(4).view(2, 2).shape
/// (2, 2)
#[pyfunction]
#[pyo3(name = "view", signature = (input, *shape))]
pub fn view_(input: Input<'_>, shape: &Bound<'_, PyTuple>) -> Out {
    Ok(view::view(&input, &sizes("view", shape, None)?)?.into())
}

/// The axes in the order given.
///
/// >>> diffkit.zeros(2, 3, 4).permute(2, 0, 1).shape
/// (4, 2, 3)
#[pyfunction]
#[pyo3(signature = (input, *dims))]
pub fn permute(input: Input<'_>, dims: &Bound<'_, PyTuple>) -> Out {
    Ok(view::permute(&input, &sizes("permute", dims, None)?)?.into())
}

/// Two axes swapped.
///
/// >>> diffkit.zeros(2, 3).transpose(0, 1).shape
/// (3, 2)
#[pyfunction]
#[pyo3(signature = (input, dim0, dim1))]
pub fn transpose(input: Input<'_>, dim0: Axis, dim1: Axis) -> Out {
    Ok(view::transpose(&input, dim0.0, dim1.0)?.into())
}

/// A matrix transposed; vectors and numbers as they are.
///
/// >>> diffkit.zeros(2, 3).t().shape
/// (3, 2)
#[pyfunction]
pub fn t(input: Input<'_>) -> Out {
    Ok(view::t("t", &input)?.into())
}

/// The last two axes swapped.
///
/// >>> diffkit.zeros(5, 2, 3).mT.shape
/// (5, 3, 2)
#[pyfunction]
pub fn matrix_transpose(input: Input<'_>) -> Out {
    Ok(view::matrix_transpose(&input)?.into())
}

/// Axes of size 1 repeated without copying; -1 keeps a size, new axes come first.
///
/// >>> diffkit.tensor([[1], [2]]).expand(-1, 3).tolist()
/// [[1, 1, 1], [2, 2, 2]]
#[pyfunction]
#[pyo3(signature = (input, *size))]
pub fn expand(input: Input<'_>, size: &Bound<'_, PyTuple>) -> Out {
    Ok(view::expand(&input, &sizes("expand", size, None)?)?.into())
}

/// The tensor broadcast to a shape, without copying.
///
/// >>> diffkit.broadcast_to(diffkit.tensor([1, 2]), (2, 2)).tolist()
/// [[1, 2], [1, 2]]
#[pyfunction]
#[pyo3(signature = (input, *shape))]
pub fn broadcast_to(input: Input<'_>, shape: &Bound<'_, PyTuple>) -> Out {
    Ok(view::expand(&input, &sizes("broadcast_to", shape, None)?)?.into())
}

/// Broadcast to another tensor's shape, without copying.
///
/// >>> diffkit.tensor([1, 2]).expand_as(diffkit.zeros(2, 2)).shape
/// (2, 2)
#[pyfunction]
pub fn expand_as(input: Input<'_>, other: Input<'_>) -> Out {
    Ok(view::broadcast_to("expand_as", &input, other.shape())?.into())
}

/// The same elements in another tensor's shape.
///
/// >>> diffkit.arange(4).reshape_as(diffkit.zeros(2, 2)).shape
/// (2, 2)
#[pyfunction]
pub fn reshape_as(input: Input<'_>, other: Input<'_>) -> Out {
    let shape: Vec<i64> = other.shape().iter().map(|&s| s as i64).collect();
    Ok(view::reshape(&input, &shape)?.into())
}

/// A new axis of size 1 at `dim`.
///
/// >>> diffkit.zeros(3).unsqueeze(-1).shape
/// (3, 1)
#[pyfunction]
#[pyo3(signature = (input, dim = None, *, axis = None))]
pub fn unsqueeze(input: Input<'_>, dim: Option<Axis>, axis: Option<Axis>) -> Out {
    Ok(view::unsqueeze(&input, axis_or("unsqueeze", dim, axis, 0)?)?.into())
}

/// Drops axes of size 1: all, or those of `dim` that have size 1.
///
/// >>> diffkit.zeros(1, 3, 1).squeeze().shape
/// (3,)
#[pyfunction]
#[pyo3(signature = (input, dim = None, *, axis = None))]
pub fn squeeze(input: Input<'_>, dim: Option<Axes>, axis: Option<Axes>) -> Out {
    let axes = either("squeeze", "dim", dim, "axis", axis)?;
    Ok(view::squeeze(&input, axes.as_ref().map(|axes| axes.0.as_slice()))?.into())
}

/// The axes from `start_dim` to `end_dim` as one.
///
/// >>> diffkit.zeros(2, 3, 4).flatten(1).shape
/// (2, 12)
#[pyfunction]
#[pyo3(signature = (input, start_dim = Int(0), end_dim = Int(-1)))]
pub fn flatten(py: Python<'_>, input: Input<'_>, start_dim: Int, end_dim: Int) -> Out {
    let start_dim = start_dim.0;
    let end_dim = end_dim.0;
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || view::flatten(x, start_dim, end_dim))?.into())
}

/// The elements as one axis, in row-major order.
///
/// >>> diffkit.zeros(2, 3).ravel().shape
/// (6,)
#[pyfunction]
pub fn ravel(input: Input<'_>) -> Out {
    Ok(view::reshape(&input, &[-1])?.into())
}

/// The diagonal of two axes, as the last axis of a view.
///
/// >>> diffkit.tensor([[1, 2], [3, 4]]).diagonal()
/// tensor([1, 4])
#[pyfunction]
#[pyo3(signature = (input, offset = Int(0), dim1 = Int(0), dim2 = Int(1)))]
pub fn diagonal(input: Input<'_>, offset: Int, dim1: Int, dim2: Int) -> Out {
    let offset = offset.0;
    let dim1 = dim1.0;
    let dim2 = dim2.0;
    Ok(view::diagonal(&input, offset, dim1, dim2)?.into())
}

/// The part of axis `dim` that starts at `start` and has `length` elements, as a view.
///
/// >>> diffkit.arange(5).narrow(0, 1, 3)
/// tensor([1, 2, 3])
#[pyfunction]
pub fn narrow(input: Input<'_>, dim: Axis, start: Int, length: Int) -> Out {
    Ok(arrange::narrow(&input, dim.0, start.0, length.0)?.into())
}

/// The tensors one after the other along an existing axis.
///
/// >>> diffkit.cat([diffkit.tensor([1]), diffkit.tensor([2, 3])])
/// tensor([1, 2, 3])
#[pyfunction]
#[pyo3(signature = (tensors, dim = None, *, axis = None))]
pub fn cat(py: Python<'_>, tensors: Tensors, dim: Option<Axis>, axis: Option<Axis>) -> Out {
    let axis = axis_or("cat", dim, axis, 0)?;
    let work = tensors.0.iter().map(Tensor::numel).sum();
    Ok(run(py, work, || ops::cat(&tensors.0, axis))?.into())
}

/// The tensors, all of one shape, along a new axis.
///
/// >>> diffkit.stack([diffkit.zeros(2), diffkit.ones(2)]).shape
/// (2, 2)
#[pyfunction]
#[pyo3(signature = (tensors, dim = None, *, axis = None))]
pub fn stack(py: Python<'_>, tensors: Tensors, dim: Option<Axis>, axis: Option<Axis>) -> Out {
    let axis = axis_or("stack", dim, axis, 0)?;
    let work = tensors.0.iter().map(Tensor::numel).sum();
    Ok(run(py, work, || ops::stack(&tensors.0, axis))?.into())
}

/// `x` where `condition` is true, else `y`; all broadcast. What is not chosen gets a gradient of exactly 0.
///
/// >>> x = diffkit.tensor([-1., 2.])
/// >>> diffkit.where(x > 0, x, 0.)
/// tensor([0., 2.])
#[pyfunction]
#[pyo3(name = "where", signature = (condition, input, other))]
pub fn where_(py: Python<'_>, condition: Input<'_>, input: Operand<'_>, other: Operand<'_>) -> Out {
    let (mask, yes, no): (&Tensor, Arg, Arg) = (&condition, input.arg(), other.arg());
    Ok(run(py, mask.numel(), || ops::where_(mask, yes, no))?.into())
}

/// A copy in memory of its own; gradients pass through.
///
/// >>> x = diffkit.zeros(2)
/// >>> x.clone() is x
/// False
#[pyfunction]
pub fn clone(py: Python<'_>, input: Input<'_>) -> Out {
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || ops::clone(x))?.into())
}

/// The tensor itself if its elements lie in row-major order, else a copy.
///
/// >>> diffkit.zeros(2, 3).T.contiguous().is_contiguous()
/// True
#[pyfunction]
pub fn contiguous<'py>(py: Python<'py>, input: Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyTensor>> {
    if input.get().inner.array().is_contiguous() {
        return Ok(input);
    }
    let x = &input.get().inner;
    Bound::new(py, PyTensor::from(run(py, x.numel(), || ops::contiguous(x))?))
}

/// The tensor in another dtype (or another tensor's), itself if nothing changes. `device` can only be the CPU.
///
/// >>> diffkit.tensor([1.7]).to(diffkit.int64)
/// tensor([1])
#[pyfunction]
#[pyo3(signature = (input, *args, dtype = None, device = None, copy = Flag(false), non_blocking = Flag(false)))]
pub fn to<'py>(
    input: Bound<'py, PyTensor>,
    args: &Bound<'py, PyTuple>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'py, PyAny>>,
    copy: Flag,
    non_blocking: Flag,
) -> PyResult<Bound<'py, PyTensor>> {
    let copy = copy.0;
    let non_blocking = non_blocking.0;
    let _ = non_blocking;
    let mut target = dtype.map(|dtype| dtype.0);
    check_device("to", device)?;
    for arg in args {
        if let Ok(other) = arg.cast::<PyTensor>() {
            target = Some(other.get().inner.dtype());
        } else if arg.is_instance_of::<PyDType>() {
            target = Some(arg.extract::<AnyDType>()?.0);
        } else if arg.is_instance_of::<PyString>() || arg.hasattr("type")? {
            check_device("to", Some(&arg))?;
        } else {
            return Err(wrong_type("to", "takes a dtype, a device or a Tensor", &arg));
        }
    }
    convert(input, target, copy)
}

fn convert(input: Bound<'_, PyTensor>, dtype: Option<DType>, copy: bool) -> PyResult<Bound<'_, PyTensor>> {
    let (py, x) = (input.py(), &input.get().inner);
    let dtype = dtype.unwrap_or(x.dtype());
    if dtype == x.dtype() && !copy {
        return Ok(input);
    }
    let call = || if dtype == x.dtype() { ops::clone(x) } else { ops::cast(x, dtype) };
    Bound::new(py, PyTensor::from(run(py, x.numel(), call)?))
}

/// There is one device.
pub fn check_device(op: &'static str, device: Option<&Bound<'_, PyAny>>) -> Result<()> {
    let Some(device) = device.filter(|device| !device.is_none()) else { return Ok(()) };
    let name = device.str()?.to_string();
    if name == "cpu" || name.starts_with("cpu:") {
        return Ok(());
    }
    Err(Error::value(op, format!("the only device is 'cpu', not {name:?}")).into())
}

/// The dtype by name, or the tensor converted to the dtype given.
///
/// >>> diffkit.tensor([1, 2]).type(diffkit.float32)
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(name = "type", signature = (input, dtype = None))]
pub fn type_<'py>(input: Bound<'py, PyTensor>, dtype: Option<AnyDType>) -> PyResult<Bound<'py, PyAny>> {
    match dtype {
        Some(dtype) => Ok(convert(input, Some(dtype.0), false)?.into_any()),
        None => {
            let name = format!("diffkit.{}", input.get().inner.dtype().name());
            Ok(PyString::new(input.py(), &name).into_any())
        }
    }
}

macro_rules! conversions {
    ($($name:ident $method:literal $dtype:ident $text:literal;)*) => {
        $(#[doc = concat!("The tensor as ", $text, ".\n\n>>> diffkit.tensor([1]).", $method, "().dtype == diffkit.", $text, "\nTrue")]
        #[pyfunction]
        pub fn $name(input: Bound<'_, PyTensor>) -> PyResult<Bound<'_, PyTensor>> {
            convert(input, Some(DType::$dtype), false)
        })*
    };
}
conversions! {
    float "float" F32 "float32";
    double "double" F64 "float64";
    long "long" I64 "int64";
    int "int" I32 "int32";
    byte "byte" U8 "uint8";
    char "char" I8 "int8";
    short "short" I16 "int16";
    cfloat "cfloat" C64 "complex64";
    cdouble "cdouble" C128 "complex128";
    bool_ "bool" Bool "bool";
}

/// Copies values (broadcast and converted) into this tensor's memory and returns it.
///
/// >>> diffkit.zeros(2).copy_(diffkit.tensor([1., 2.]))
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(signature = (input, src, non_blocking = Flag(false)))]
pub fn copy_<'py>(input: Bound<'py, PyTensor>, src: Operand<'py>, non_blocking: Flag) -> Result<Bound<'py, PyTensor>> {
    let non_blocking = non_blocking.0;
    let _ = non_blocking;
    view::assign("copy_", &input.get().inner, &src.tensor()?)?;
    Ok(input)
}

/// Sets every element to one number, in place, and returns the tensor.
///
/// >>> diffkit.zeros(2).fill_(3)
/// tensor([3., 3.])
#[pyfunction]
pub fn fill_<'py>(input: Bound<'py, PyTensor>, value: Operand<'py>) -> Result<Bound<'py, PyTensor>> {
    match value.arg() {
        Arg::Scalar(scalar) => view::fill_(&input.get().inner, scalar)?,
        Arg::Tensor(value) => view::assign("fill_", &input.get().inner, value)?,
    }
    Ok(input)
}

/// Sets every element to zero, in place, and returns the tensor.
///
/// >>> diffkit.ones(2).zero_()
/// tensor([0., 0.])
#[pyfunction]
pub fn zero_(input: Bound<'_, PyTensor>) -> Result<Bound<'_, PyTensor>> {
    view::fill_(&input.get().inner, diffkit_core::Scalar::Int(0))?;
    Ok(input)
}

/// `x.where(condition, other)`: this tensor where the condition is true, else the other.
///
/// >>> x = diffkit.tensor([-1., 2.])
/// >>> x.where(x > 0, 0.)
/// tensor([0., 2.])
#[pyfunction]
#[pyo3(signature = (input, condition, other))]
pub fn _where_method(py: Python<'_>, input: Operand<'_>, condition: Input<'_>, other: Operand<'_>) -> Out {
    where_(py, condition, input, other)
}
