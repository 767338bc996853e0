//! New tensors.

use crate::convert::{Axis, Flag, Float, Input, dtype_or, shape};
use crate::dtype::AnyDType;
use crate::error::Result;
use crate::exchange;
use crate::functions::shape::check_device;
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::array::Array;
use diffkit_core::layout::count;
use diffkit_core::ops::{self, create};
use diffkit_core::{DType, Error, Scalar, Tensor};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// The last steps of every creation: the device and whether gradients are wanted.
pub fn finish(op: &'static str, tensor: Tensor, device: Option<&Bound<'_, PyAny>>, requires_grad: bool) -> Out {
    check_device(op, device)?;
    if requires_grad {
        tensor.set_requires_grad(true)?;
    }
    Ok(tensor.into())
}

/// A tensor with a copy of `data`: numbers, nested lists or tuples, arrays, tensors. Integers become int64, Python
/// floats the default float (float32); arrays keep their dtype.
///
/// >>> diffkit.tensor([[1, 2.5], [3, 4]])
/// tensor([[1.0000, 2.5000],
///         [3.0000, 4.0000]])
#[pyfunction]
#[pyo3(signature = (data, *, dtype = None, device = None, requires_grad = Flag(false)))]
pub fn tensor(
    data: &Bound<'_, PyAny>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    let tensor = exchange::from_data(data, dtype.map(|dtype| dtype.0))?;
    finish("tensor", tensor, device, requires_grad)
}

/// A tensor over a NumPy array's own memory: a change of one is seen in the other.
///
/// >>> import numpy
/// >>> array = numpy.zeros(2, dtype="float32")
/// >>> diffkit.from_numpy(array).fill_(1)
/// tensor([1., 1.])
/// >>> array
/// array([1., 1.], dtype=float32)
#[pyfunction]
pub fn from_numpy(array: &Bound<'_, PyAny>) -> Out {
    if !exchange::is_array(array) && !exchange::has_buffer(array) {
        return Err(crate::error::wrong_type(
            "from_numpy",
            "takes a NumPy array or another buffer (other data: diffkit.tensor)",
            array,
        )
        .into());
    }
    Ok(exchange::share(array)?.into())
}

macro_rules! filled {
    ($($(#[doc = $doc:literal])+ $name:ident $like:ident $like_doc:literal $value:expr;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (*args, size = None, shape = None, dtype = None, device = None, requires_grad = Flag(false)))]
        pub fn $name(
            py: Python<'_>,
            args: &Bound<'_, PyTuple>,
            size: Option<&Bound<'_, PyAny>>,
            shape: Option<&Bound<'_, PyAny>>,
            dtype: Option<AnyDType>,
            device: Option<&Bound<'_, PyAny>>,
            requires_grad: Flag,
        ) -> Out {
            let requires_grad = requires_grad.0;
            let op = stringify!($name);
            let size = crate::convert::either(op, "size", size, "shape", shape)?;
            let shape = crate::convert::shape(op, args, size)?;
            let dtype = dtype_or(dtype);
            finish(op, run(py, count(&shape), || constant(op, &shape, dtype, $value))?, device, requires_grad)
        }
        #[doc = $like_doc]
        #[pyfunction]
        #[pyo3(signature = (input, *, dtype = None, device = None, requires_grad = Flag(false)))]
        pub fn $like(
            py: Python<'_>,
            input: Input<'_>,
            dtype: Option<AnyDType>,
            device: Option<&Bound<'_, PyAny>>,
            requires_grad: Flag,
        ) -> Out {
            let requires_grad = requires_grad.0;
            let op = stringify!($like);
            let dtype = dtype.map_or(input.dtype(), |dtype| dtype.0);
            let x: &Tensor = &input;
            finish(op, run(py, x.numel(), || constant(op, x.shape(), dtype, $value))?, device, requires_grad)
        }
        )*
    };
}

fn constant(op: &'static str, shape: &[usize], dtype: DType, value: i64) -> diffkit_core::Result<Tensor> {
    Ok(match value {
        0 => Array::zeros(op, shape, dtype)?,
        value => Array::full(op, shape, dtype, Scalar::Int(value))?,
    }
    .into())
}

filled! {
    /// Zeros of a shape, float32 unless `dtype` says otherwise.
    ///
    /// >>> diffkit.zeros(2, 3).shape
    /// (2, 3)
    zeros zeros_like "Zeros of the shape and dtype of `input`.\n\n>>> diffkit.zeros_like(diffkit.ones(2))\ntensor([0., 0.])" 0;
    /// Ones of a shape, float32 unless `dtype` says otherwise.
    ///
    /// >>> diffkit.ones((2,))
    /// tensor([1., 1.])
    ones ones_like "Ones of the shape and dtype of `input`.\n\n>>> diffkit.ones_like(diffkit.zeros(2))\ntensor([1., 1.])" 1;
    /// A tensor of a shape to be filled; its elements are zeros.
    ///
    /// >>> diffkit.empty(2).shape
    /// (2,)
    empty empty_like "A tensor to be filled, of the shape and dtype of `input`; its elements are zeros.\n\n>>> diffkit.empty_like(diffkit.ones(2)).shape\n(2,)" 0;
}

/// A tensor of a shape with one value everywhere. Integers give int64, floats the default float.
///
/// >>> diffkit.full((2,), 7)
/// tensor([7, 7])
#[pyfunction]
#[pyo3(signature = (size, fill_value, *, dtype = None, device = None, requires_grad = Flag(false)))]
pub fn full(
    py: Python<'_>,
    size: &Bound<'_, PyAny>,
    fill_value: &Bound<'_, PyAny>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    let shape = shape("full", &PyTuple::empty(py), Some(size))?;
    let value = number("full", fill_value)?;
    let dtype = dtype.map_or_else(|| value.dtype(diffkit_core::ops::default_float()), |dtype| dtype.0);
    value.check_fits("full", dtype)?;
    let tensor = run(py, count(&shape), || Array::full("full", &shape, dtype, value))?;
    finish("full", tensor.into(), device, requires_grad)
}

/// One value everywhere, in the shape and dtype of `input`.
///
/// >>> diffkit.full_like(diffkit.zeros(2), 3)
/// tensor([3., 3.])
#[pyfunction]
#[pyo3(signature = (input, fill_value, *, dtype = None, device = None, requires_grad = Flag(false)))]
pub fn full_like(
    input: Input<'_>,
    fill_value: &Bound<'_, PyAny>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    let value = number("full_like", fill_value)?;
    let dtype = dtype.map_or(input.dtype(), |dtype| dtype.0);
    value.check_fits("full_like", dtype)?;
    finish("full_like", Array::full("full_like", input.shape(), dtype, value)?.into(), device, requires_grad)
}

/// A number, or a tensor of one element as one.
pub fn number(op: &'static str, obj: &Bound<'_, PyAny>) -> Result<Scalar> {
    match crate::convert::Operand::try_from(obj)? {
        Some(crate::convert::Operand::Scalar(scalar)) => Ok(scalar),
        Some(operand) => crate::tensor::item(op, &operand.tensor()?),
        None => Err(crate::error::wrong_type(op, "a number is needed here", obj).into()),
    }
}

/// Numbers from `start` (0 by default) to before `end`, `step` apart. Integers give int64, floats the default float;
/// the length is computed in float64, each value as `start + i * step`.
///
/// >>> diffkit.arange(1, 7, 2)
/// tensor([1, 3, 5])
#[pyfunction]
#[pyo3(signature = (start, end = None, step = None, *, dtype = None, device = None, requires_grad = Flag(false), stop = None))]
#[allow(clippy::too_many_arguments)]
pub fn arange(
    py: Python<'_>,
    start: &Bound<'_, PyAny>,
    end: Option<&Bound<'_, PyAny>>,
    step: Option<&Bound<'_, PyAny>>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
    stop: Option<&Bound<'_, PyAny>>,
) -> Out {
    let requires_grad = requires_grad.0;
    const OP: &str = "arange";
    let start = number(OP, start)?;
    let end = crate::convert::either(OP, "end", end, "stop", stop)?.map(|end| number(OP, end)).transpose()?;
    let step = step.map_or(Ok(Scalar::Int(1)), |step| number(OP, step))?;
    let (start, end) = end.map_or((Scalar::Int(0), start), |end| (start, end));
    let length = (end.as_f64() - start.as_f64()) / step.as_f64();
    let work = if length.is_finite() { length.abs() as usize } else { 0 };
    let tensor = run(py, work, || create::arange(start, end, step, dtype.map(|dtype| dtype.0)))?;
    finish(OP, tensor, device, requires_grad)
}

/// `steps` numbers from `start` to `end`, both included, evenly spaced.
///
/// >>> diffkit.linspace(0, 1, 3)
/// tensor([0.0000, 0.5000, 1.0000])
#[pyfunction]
#[pyo3(signature = (start, end, steps = None, *, dtype = None, device = None, requires_grad = Flag(false), num = None))]
#[allow(clippy::too_many_arguments)]
pub fn linspace(
    start: &Bound<'_, PyAny>,
    end: &Bound<'_, PyAny>,
    steps: Option<Axis>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
    num: Option<Axis>,
) -> Out {
    let requires_grad = requires_grad.0;
    const OP: &str = "linspace";
    let steps = crate::convert::either(OP, "steps", steps, "num", num)?
        .ok_or_else(|| Error::value(OP, "needs the number of steps"))?;
    let (start, end) = (number(OP, start)?.as_f64(), number(OP, end)?.as_f64());
    finish(OP, create::linspace(start, end, steps.0, dtype.map(|dtype| dtype.0))?, device, requires_grad)
}

/// `steps` numbers from `base**start` to `base**end`, evenly spaced in the exponent.
///
/// >>> diffkit.logspace(0, 2, 3)
/// tensor([  1.,  10., 100.])
#[pyfunction]
#[pyo3(signature = (start, end, steps, base = Float(10.0), *, dtype = None, device = None, requires_grad = Flag(false)))]
#[allow(clippy::too_many_arguments)]
pub fn logspace(
    start: Float,
    end: Float,
    steps: Axis,
    base: Float,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
) -> Out {
    let start = start.0;
    let end = end.0;
    let base = base.0;
    let requires_grad = requires_grad.0;
    let tensor = create::logspace(start, end, steps.0, base, dtype.map(|dtype| dtype.0))?;
    finish("logspace", tensor, device, requires_grad)
}

/// Ones on the diagonal of an (n, m) matrix of zeros; m is n if not given.
///
/// >>> diffkit.eye(2)
/// tensor([[1., 0.],
///         [0., 1.]])
#[pyfunction]
#[pyo3(signature = (n, m = None, *, dtype = None, device = None, requires_grad = Flag(false)))]
pub fn eye(
    n: Axis,
    m: Option<Axis>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    finish("eye", create::eye(n.0, m.map(|m| m.0), dtype.map(|dtype| dtype.0))?, device, requires_grad)
}

/// Classes (int64) as indicator rows along a new last axis; `num_classes` is found if it is -1.
///
/// >>> diffkit.nn.functional.one_hot(diffkit.tensor([0, 2]))
/// tensor([[1, 0, 0],
///         [0, 0, 1]])
#[pyfunction]
#[pyo3(signature = (input, num_classes = Axis(-1)))]
pub fn one_hot(input: Input<'_>, num_classes: Axis) -> Out {
    Ok(create::one_hot(&input, num_classes.0)?.into())
}

/// A tensor from any array, buffer, list or number; shares memory with arrays, buffers and tensors where nothing has to
/// change.
///
/// >>> diffkit.asarray([1.0, 2.0])
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(signature = (obj, *, dtype = None, device = None, copy = None, requires_grad = Flag(false)))]
pub fn asarray(
    obj: &Bound<'_, PyAny>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    copy: Option<Flag>,
    requires_grad: Flag,
) -> Out {
    let copy = copy.map(|v| v.0);
    let requires_grad = requires_grad.0;
    const OP: &str = "asarray";
    let dtype = dtype.map(|dtype| dtype.0);
    let may_copy = copy != Some(false) && !obj.is_instance_of::<crate::tensor::PyTensor>() && !exchange::is_array(obj);
    let columns = if may_copy { exchange::columns(obj, dtype)? } else { None };
    let obj = columns.as_ref().unwrap_or(obj);
    let there = match obj.cast::<crate::tensor::PyTensor>() {
        Ok(tensor) => Some(tensor.get().inner.clone()),
        Err(_) if exchange::is_array(obj) || exchange::has_buffer(obj) => exchange::share(obj).ok(),
        Err(_) => None,
    };
    let serves = |tensor: &Tensor| copy != Some(true) && dtype.is_none_or(|dtype| dtype == tensor.dtype());
    let tensor = match there {
        Some(tensor) if serves(&tensor) => tensor,
        _ if copy == Some(false) => {
            return Err(Error::value(OP, "this object's memory cannot be shared, and copy=False forbids a copy").into());
        }
        // Any other buffer would be taken for a list of numbers.
        Some(tensor) if !exchange::is_array(obj) => {
            let copy = ops::clone(&tensor.detach())?;
            dtype.map_or(Ok(copy.clone()), |dtype| ops::cast(&copy, dtype))?
        }
        _ => exchange::from_data(obj, dtype)?,
    };
    finish(OP, tensor, device, requires_grad)
}
