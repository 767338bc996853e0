//! Questions about tensors, and new tensors like a given one.

use crate::convert::{Flag, Input, Operand, Word, shape};
use crate::dtype::{AnyDType, PyDType, object};
use crate::error::{Result, to_python, wrong_type};
use crate::functions::create::{finish, number};
use crate::functions::shape::check_device;
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::array::Array;
use diffkit_core::layout::count;
use diffkit_core::ops::{self, Arg};
use diffkit_core::{DType, Error, Scalar, Tensor};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// True for tensors.
///
/// >>> diffkit.is_tensor(diffkit.zeros(1)), diffkit.is_tensor(1.0)
/// (True, False)
#[pyfunction]
pub fn is_tensor(obj: &Bound<'_, PyAny>) -> bool {
    obj.is_instance_of::<PyTensor>()
}

/// The number of elements.
///
/// >>> diffkit.numel(diffkit.zeros(2, 3))
/// 6
#[pyfunction]
#[pyo3(name = "numel")]
pub fn numel_of(input: Input<'_>) -> usize {
    input.numel()
}

/// True for tensors of real floats.
///
/// >>> diffkit.is_floating_point(diffkit.zeros(1))
/// True
#[pyfunction]
pub fn is_floating_point(input: Input<'_>) -> bool {
    input.dtype().is_float()
}

/// True for complex tensors.
///
/// >>> diffkit.is_complex(diffkit.tensor(1j))
/// True
#[pyfunction]
pub fn is_complex(input: Input<'_>) -> bool {
    input.dtype().is_complex()
}

/// True for a one-element tensor that is not zero.
///
/// >>> diffkit.is_nonzero(diffkit.tensor([2.]))
/// True
#[pyfunction]
pub fn is_nonzero(input: Input<'_>) -> Result<bool> {
    Ok(crate::tensor::item("is_nonzero", &input)?.is_true())
}

/// The dtype of an operation between tensors, numbers and dtypes. Tensors count by dtype whatever their shape;
/// Python numbers are weak: only their kind counts.
///
/// >>> diffkit.result_type(diffkit.zeros(1), 2)
/// diffkit.float32
#[pyfunction]
#[pyo3(signature = (*args))]
pub fn result_type<'py>(py: Python<'py>, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyDType>> {
    let (mut strong, mut weak): (Option<DType>, Vec<Scalar>) = (None, Vec::new());
    for arg in args {
        let dtype = match Operand::try_from(&arg)?.as_ref().map(Operand::arg) {
            Some(Arg::Tensor(tensor)) => tensor.dtype(),
            Some(Arg::Scalar(scalar)) => {
                weak.push(scalar);
                continue;
            }
            None => match arg.extract::<AnyDType>() {
                Ok(dtype) => dtype.0,
                Err(_) => return Err(wrong_type("result_type", "takes tensors, numbers and dtypes", &arg)),
            },
        };
        strong = Some(strong.map_or(dtype, |other| other.promote(dtype)));
    }
    let float = ops::default_float();
    let dtype = weak.iter().fold(strong, |dtype, &scalar| {
        Some(dtype.map_or_else(|| scalar.dtype(float), |dtype| dtype.promote_scalar(scalar, float)))
    });
    match dtype {
        Some(dtype) => object(py, dtype),
        None => Err(to_python(&Error::value("result_type", "needs at least one tensor, number or dtype"))),
    }
}

/// Whether an operation may write a result of one dtype to a tensor of another: not from complex to real numbers, floats
/// to integers, or numbers to bools.
///
/// >>> diffkit.can_cast(diffkit.float64, diffkit.float32), diffkit.can_cast(diffkit.float32, diffkit.int64)
/// (True, False)
#[pyfunction]
pub fn can_cast(from_: AnyDType, to: AnyDType) -> bool {
    from_.0.kind() <= to.0.kind()
}

/// The shape that tensors of these shapes broadcast to; a number stands for the shape of a vector.
///
/// >>> diffkit.broadcast_shapes((2, 1), (3,))
/// (2, 3)
#[pyfunction]
#[pyo3(signature = (*shapes))]
pub fn broadcast_shapes<'py>(py: Python<'py>, shapes: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
    let mut common = diffkit_core::layout::Dims::new();
    for given in shapes {
        let given = shape("broadcast_shapes", &PyTuple::empty(py), Some(&given))?;
        common =
            diffkit_core::layout::broadcast_shapes("broadcast_shapes", &common, &given).map_err(|e| to_python(&e))?;
    }
    PyTuple::new(py, common)
}

/// Whether both tensors have one shape.
///
/// >>> diffkit.is_same_size(diffkit.zeros(2), diffkit.ones(2))
/// True
#[pyfunction]
pub fn is_same_size(input: Input<'_>, other: Input<'_>) -> bool {
    input.shape() == other.shape()
}

/// The dtype of an operation between two dtypes.
///
/// >>> diffkit.promote_types(diffkit.int64, diffkit.float32)
/// diffkit.float32
#[pyfunction]
pub fn promote_types(py: Python<'_>, type1: AnyDType, type2: AnyDType) -> PyResult<Bound<'_, PyDType>> {
    object(py, type1.0.promote(type2.0))
}

/// The tensor in another tensor's dtype.
///
/// >>> diffkit.tensor([1]).type_as(diffkit.zeros(1))
/// tensor([1.])
#[pyfunction]
pub fn type_as(input: Input<'_>, other: Input<'_>) -> Out {
    Ok(ops::cast(&input, other.dtype())?.into())
}

/// The tensor itself: it is on the CPU.
///
/// >>> diffkit.tensor([1]).cpu()
/// tensor([1])
#[pyfunction]
pub fn cpu(input: Bound<'_, PyTensor>) -> Bound<'_, PyTensor> {
    input
}

macro_rules! new_filled {
    ($($name:ident $value:literal $text:literal;)*) => {
        $(#[doc = concat!("A tensor of ", $text, " of a shape, of this tensor's dtype unless told otherwise.\n\n>>> diffkit.tensor([5.]).", stringify!($name), "(2).shape\n(2,)")]
        #[pyfunction]
        #[pyo3(signature = (input, *args, size = None, dtype = None, device = None, requires_grad = Flag(false)))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            args: &Bound<'_, PyTuple>,
            size: Option<&Bound<'_, PyAny>>,
            dtype: Option<AnyDType>,
            device: Option<&Bound<'_, PyAny>>,
            requires_grad: Flag,
        ) -> Out {
            let requires_grad = requires_grad.0;
            let op = stringify!($name);
            let shape = shape(op, args, size)?;
            let dtype = dtype.map_or(input.dtype(), |dtype| dtype.0);
            let array = run(py, count(&shape), || Array::full(op, &shape, dtype, Scalar::Int($value)))?;
            finish(op, array.into(), device, requires_grad)
        })*
    };
}
new_filled! { new_zeros 0 "zeros"; new_ones 1 "ones"; new_empty 0 "elements to be filled (zeros)"; }

/// A tensor of a shape with one value everywhere, of this tensor's dtype unless told otherwise.
///
/// >>> diffkit.tensor([5.]).new_full((2,), 3)
/// tensor([3., 3.])
#[pyfunction]
#[pyo3(signature = (input, size, fill_value, *, dtype = None, device = None, requires_grad = Flag(false)))]
pub fn new_full(
    py: Python<'_>,
    input: Input<'_>,
    size: &Bound<'_, PyAny>,
    fill_value: &Bound<'_, PyAny>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    let shape = shape("new_full", &PyTuple::empty(py), Some(size))?;
    let value = number("new_full", fill_value)?;
    let dtype = dtype.map_or(input.dtype(), |dtype| dtype.0);
    value.check_fits("new_full", dtype)?;
    finish("new_full", Array::full("new_full", &shape, dtype, value)?.into(), device, requires_grad)
}

/// A tensor made of `data`, of this tensor's dtype unless told otherwise.
///
/// >>> diffkit.tensor([5.]).new_tensor([1, 2])
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(signature = (input, data, *, dtype = None, device = None, requires_grad = Flag(false)))]
pub fn new_tensor(
    input: Input<'_>,
    data: &Bound<'_, PyAny>,
    dtype: Option<AnyDType>,
    device: Option<&Bound<'_, PyAny>>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    let dtype = dtype.map_or(input.dtype(), |dtype| dtype.0);
    finish("new_tensor", crate::exchange::from_data(data, Some(dtype))?, device, requires_grad)
}

/// What pickling keeps of a tensor: its values and whether it asks for gradients.
pub fn reduce<'py>(slf: &Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyTuple>> {
    let py = slf.py();
    let tensor: &Tensor = &slf.get().inner;
    if !tensor.is_leaf() {
        let why = "only leaf tensors can be copied or pickled with their gradients; use x.detach()";
        return Err(to_python(&Error::autograd("pickle", why)));
    }
    let values = Bound::new(py, PyTensor::from(tensor.detach()))?.call_method0("numpy")?.call_method0("copy")?;
    let rebuild = py.import("diffkit._tensor")?.getattr("rebuild")?;
    let arguments = (values, tensor.requires_grad()).into_pyobject(py)?;
    PyTuple::new(py, [rebuild, arguments.into_any()])
}

/// The versions of the array API standard that `diffkit.array_api` serves: each contains those before it.
const STANDARDS: [&str; 5] = ["2021.12", "2022.12", "2023.12", "2024.12", "2025.12"];

/// The namespace of the standard, unless a version of it is asked for that we do not know.
pub fn array_namespace<'py>(py: Python<'py>, version: Option<Word>) -> Result<Bound<'py, PyModule>> {
    if let Some(Word(version)) = version.filter(|version| !STANDARDS.contains(&version.0.as_str())) {
        let why = format!("the versions of the array API standard are {}, not {version}", STANDARDS.join(", "));
        return Err(Error::value("__array_namespace__", why).into());
    }
    Ok(py.import("diffkit.array_api")?)
}

/// Where the array API may ask a tensor to go: the CPU, where nothing waits in streams.
pub fn check_place(device: &Bound<'_, PyAny>, stream: Option<&Bound<'_, PyAny>>) -> Result<()> {
    check_device("to_device", Some(device))?;
    match stream {
        Some(_) => Err(Error::value("to_device", "the CPU has no streams; leave stream= out").into()),
        None => Ok(()),
    }
}
