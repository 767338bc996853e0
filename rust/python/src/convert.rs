//! Arguments from Python: tensors and numbers, axes, sizes.

use crate::dtype::AnyDType;
use crate::error::{Raised, Result, wrong_type};
use crate::exchange;
use crate::tensor::PyTensor;
use diffkit_core::ops::Arg;
use diffkit_core::{Error, Scalar, Tensor};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt, PyList, PyString, PyTuple};
use smallvec::SmallVec;

/// A tensor argument, and nothing else.
pub struct Input<'py>(Bound<'py, PyTensor>);

impl std::ops::Deref for Input<'_> {
    type Target = Tensor;
    fn deref(&self) -> &Tensor {
        &self.0.get().inner
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Input<'py> {
    type Error = PyErr;
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Input<'py>> {
        match obj.cast::<PyTensor>() {
            Ok(tensor) => Ok(Input(tensor.to_owned())),
            Err(_) => Err(wrong_type("argument", "a Tensor is needed here (make one with diffkit.tensor)", &obj)),
        }
    }
}

/// A tensor or a number.
pub enum Operand<'py> {
    Tensor(Bound<'py, PyTensor>),
    Scalar(Scalar),
    Owned(Tensor),
}

impl<'py> Operand<'py> {
    #[inline]
    pub fn arg(&self) -> Arg<'_> {
        match self {
            Operand::Tensor(tensor) => Arg::Tensor(&tensor.get().inner),
            Operand::Scalar(scalar) => Arg::Scalar(*scalar),
            Operand::Owned(tensor) => Arg::Tensor(tensor),
        }
    }

    /// `None` for objects that are neither, so that Python can ask the other operand.
    #[inline]
    pub fn try_from(obj: &Bound<'py, PyAny>) -> Result<Option<Operand<'py>>> {
        if let Ok(tensor) = obj.cast::<PyTensor>() {
            return Ok(Some(Operand::Tensor(tensor.clone())));
        }
        if let Some(scalar) = scalar(obj)? {
            return Ok(Some(Operand::Scalar(scalar)));
        }
        match exchange::is_array(obj) {
            true => Ok(Some(Operand::Owned(exchange::from_array(obj)?))),
            false => Ok(None),
        }
    }

    pub fn tensor(&self) -> Result<Tensor> {
        match self {
            Operand::Tensor(tensor) => Ok(tensor.get().inner.clone()),
            Operand::Owned(tensor) => Ok(tensor.clone()),
            Operand::Scalar(scalar) => {
                let dtype = scalar.dtype(diffkit_core::ops::default_float());
                Ok(diffkit_core::array::Array::full("tensor", &[], dtype, *scalar)?.into())
            }
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Operand<'py> {
    type Error = PyErr;
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Operand<'py>> {
        match Operand::try_from(&obj)? {
            Some(operand) => Ok(operand),
            None => Err(wrong_type("argument", "a Tensor or a number is needed here", &obj)),
        }
    }
}

/// A Python number as a weak scalar; `None` for anything else.
#[inline]
pub fn scalar(obj: &Bound<'_, PyAny>) -> Result<Option<Scalar>> {
    if let Ok(v) = obj.cast_exact::<PyFloat>() {
        return Ok(Some(Scalar::Float(v.value())));
    }
    if let Ok(v) = obj.cast_exact::<PyInt>() {
        return integer(v).map(Some);
    }
    if let Ok(v) = obj.cast_exact::<PyBool>() {
        return Ok(Some(Scalar::Bool(v.is_true())));
    }
    if obj.is_instance_of::<PyFloat>() {
        return Ok(Some(Scalar::Float(obj.extract::<f64>()?)));
    }
    if obj.is_instance_of::<PyInt>() {
        return integer(obj).map(Some);
    }
    if let Ok(v) = obj.cast::<PyComplex>() {
        return Ok(Some(Scalar::Complex(v.real(), v.imag())));
    }
    Ok(None)
}

fn integer(obj: &Bound<'_, PyAny>) -> Result<Scalar> {
    if let Ok(v) = obj.extract::<i64>() {
        return Ok(Scalar::Int(v));
    }
    let why = "the integer fits neither int64 nor uint64; use a float";
    Ok(Scalar::from(obj.extract::<u64>().map_err(|_| Error::value("argument", why))?))
}

/// An integer argument: a Python int, or anything with `__index__` (a NumPy integer, a 0-d integer tensor).
pub fn index_of(op: &'static str, obj: &Bound<'_, PyAny>) -> PyResult<i64> {
    if obj.is_instance_of::<PyBool>() || obj.is_instance_of::<PyFloat>() || obj.is_instance_of::<PyString>() {
        return Err(wrong_type(op, "an integer is needed here", obj));
    }
    obj.extract::<i64>().map_err(|error| {
        let py = obj.py();
        if error.is_instance_of::<pyo3::exceptions::PyOverflowError>(py) {
            return Raised::from(Error::value(op, "the integer does not fit int64")).into();
        }
        wrong_type(op, "an integer is needed here", obj)
    })
}

/// One axis or several.
#[derive(Default, Debug)]
pub struct Axes(pub SmallVec<[i64; 4]>);

impl<'a, 'py> FromPyObject<'a, 'py> for Axes {
    type Error = PyErr;
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Axes> {
        if obj.is_instance_of::<PyTuple>() || obj.is_instance_of::<PyList>() {
            let axes = obj.try_iter()?.map(|item| index_of("axis", &item?)).collect::<PyResult<_>>()?;
            return Ok(Axes(axes));
        }
        Ok(Axes(smallvec::smallvec![index_of("axis", &obj)?]))
    }
}

/// One axis.
#[derive(Clone, Copy, Debug)]
pub struct Axis(pub i64);

impl<'a, 'py> FromPyObject<'a, 'py> for Axis {
    type Error = PyErr;
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Axis> {
        Ok(Axis(index_of("axis", &obj)?))
    }
}

/// PyTorch's and NumPy's spelling of one argument: whichever is given, but not both.
pub fn either<T>(op: &'static str, torch: &str, first: Option<T>, numpy: &str, second: Option<T>) -> Result<Option<T>> {
    match (first, second) {
        (Some(_), Some(_)) => {
            Err(Error::value(op, format!("{torch}= and {numpy}= mean the same; give one of them")).into())
        }
        (first, second) => Ok(first.or(second)),
    }
}

pub fn axis_or(op: &'static str, dim: Option<Axis>, axis: Option<Axis>, default: i64) -> Result<i64> {
    Ok(either(op, "dim", dim, "axis", axis)?.map_or(default, |axis| axis.0))
}

pub fn keep_or(op: &'static str, keepdim: Option<bool>, keepdims: Option<bool>) -> Result<bool> {
    Ok(either(op, "keepdim", keepdim, "keepdims", keepdims)?.unwrap_or(false))
}

/// Sizes as `(2, 3)`, `((2, 3),)`, `([2, 3],)` or as a keyword.
pub fn sizes(
    op: &'static str,
    args: &Bound<'_, PyTuple>,
    keyword: Option<&Bound<'_, PyAny>>,
) -> Result<SmallVec<[i64; 4]>> {
    let several = |items: &Bound<'_, PyAny>| -> Result<SmallVec<[i64; 4]>> {
        items.try_iter()?.map(|item| Ok(index_of(op, &item?)?)).collect()
    };
    let is_sequence = |obj: &Bound<'_, PyAny>| obj.is_instance_of::<PyTuple>() || obj.is_instance_of::<PyList>();
    match (args.len(), keyword) {
        (0, Some(size)) if is_sequence(size) => several(size),
        (0, Some(size)) => Ok(smallvec::smallvec![index_of(op, size)?]),
        (_, Some(_)) => Err(Error::value(op, "the sizes are given twice").into()),
        (1, None) => {
            let first = args.get_item(0)?;
            if is_sequence(&first) { several(&first) } else { Ok(smallvec::smallvec![index_of(op, &first)?]) }
        }
        (_, None) => several(args.as_any()),
    }
}

/// Sizes of a new tensor: none may be negative.
pub fn shape(
    op: &'static str,
    args: &Bound<'_, PyTuple>,
    keyword: Option<&Bound<'_, PyAny>>,
) -> Result<SmallVec<[usize; 4]>> {
    shape_of(op, &sizes(op, args, keyword)?)
}

pub fn shape_of(op: &'static str, sizes: &[i64]) -> Result<SmallVec<[usize; 4]>> {
    sizes
        .iter()
        .map(|&size| {
            usize::try_from(size).map_err(|_| Error::value(op, format!("a size cannot be negative, got {size}")).into())
        })
        .collect()
}

/// A list or tuple of tensors.
pub struct Tensors(pub Vec<Tensor>);

impl<'a, 'py> FromPyObject<'a, 'py> for Tensors {
    type Error = PyErr;
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<Tensors> {
        if obj.is_instance_of::<PyTensor>() || obj.try_iter().is_err() {
            return Err(wrong_type("argument", "a list or tuple of Tensors is needed here", &obj));
        }
        obj.try_iter()?.map(|item| Ok(item?.extract::<Input>()?.clone())).collect::<PyResult<_>>().map(Tensors)
    }
}

pub fn dtype_or(dtype: Option<AnyDType>) -> diffkit_core::DType {
    dtype.map_or_else(diffkit_core::ops::default_float, |dtype| dtype.0)
}

/// Plain values of a call, with diffkit's error for what they are not.
macro_rules! plain {
    ($($(#[doc = $doc:literal])+ $Name:ident($T:ty) $what:literal $with:expr;)*) => {
        $(
        $(#[doc = $doc])+
        pub struct $Name(pub $T);

        impl<'a, 'py> FromPyObject<'a, 'py> for $Name {
            type Error = PyErr;
            fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<$Name> {
                let read: fn(&Bound<'py, PyAny>) -> PyResult<$T> = $with;
                read(&obj).map($Name).map_err(|error| match error.is_instance_of::<PyOverflowError>(obj.py()) {
                    true => Raised::from(Error::value("argument", "the number is too large")).into(),
                    false => wrong_type("argument", $what, &obj),
                })
            }
        }
        )*
    };
}

plain! {
    /// A float: any Python or NumPy number, or a tensor with one element.
    Float(f64) "a number is needed here" |obj| obj.extract();
    /// An integer, but no bool.
    Int(i64) "an integer is needed here" |obj| index_of("argument", obj);
    /// True or False.
    Flag(bool) "True or False is needed here" |obj| obj.extract();
    /// A string.
    Word(String) "a string is needed here" |obj| obj.extract();
}
