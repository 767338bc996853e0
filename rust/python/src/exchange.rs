//! Memory shared with NumPy through the buffer protocol, and values from and to Python lists.

use crate::convert::scalar;
use crate::dlpack;
use crate::error::{Raised, Result, to_python, wrong_type};
use crate::run::detached;
use crate::tensor::{PyTensor, to_object};
use diffkit_core::array::Array;
use diffkit_core::buffer::Buffer;
use diffkit_core::dispatch;
use diffkit_core::layout::{Dims, Layout, Strides, checked_numel};
use diffkit_core::{DType, Error, Scalar, Tensor, ops};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat, PyList, PyString, PyTuple};
use std::ffi::{CStr, c_int};

// ---- from other objects ----

/// True for NumPy arrays and scalars, and what looks like them.
pub fn is_array(obj: &Bound<'_, PyAny>) -> bool {
    obj.hasattr("__array_interface__").unwrap_or(false)
}

/// True for objects with the buffer protocol.
pub fn has_buffer(obj: &Bound<'_, PyAny>) -> bool {
    // SAFETY: only looks at the object's type.
    unsafe { ffi::PyObject_CheckBuffer(obj.as_ptr()) == 1 }
}

/// A foreign buffer, released when the last tensor over it goes.
struct Foreign(Box<ffi::Py_buffer>);
// SAFETY: the view is only read, and released with the interpreter attached.
unsafe impl Send for Foreign {}
unsafe impl Sync for Foreign {}

impl Drop for Foreign {
    fn drop(&mut self) {
        // SAFETY: the view was filled by PyObject_GetBuffer and is released once.
        Python::attach(|_| unsafe { ffi::PyBuffer_Release(&mut *self.0) });
    }
}

fn dtype_of(format: &str, itemsize: usize) -> Option<DType> {
    let code = format.trim_start_matches(['@', '=', if cfg!(target_endian = "little") { '<' } else { '>' }]);
    match (code, itemsize) {
        ("?", 1) => Some(DType::Bool),
        ("B", 1) => Some(DType::U8),
        ("H", 2) => Some(DType::U16),
        ("I" | "L" | "Q", 4) => Some(DType::U32),
        ("I" | "L" | "Q", 8) => Some(DType::U64),
        ("b", 1) => Some(DType::I8),
        ("h", 2) => Some(DType::I16),
        ("i" | "l" | "q", 4) => Some(DType::I32),
        ("i" | "l" | "q", 8) => Some(DType::I64),
        ("f", 4) => Some(DType::F32),
        ("d", 8) => Some(DType::F64),
        ("Zf", 8) => Some(DType::C64),
        ("Zd", 16) => Some(DType::C128),
        _ => None,
    }
}

/// A tensor over the memory of an object with the buffer protocol.
pub fn share(obj: &Bound<'_, PyAny>) -> Result<Tensor> {
    const OP: &str = "from_numpy";
    let mut view = Box::new(ffi::Py_buffer::new());
    // SAFETY: the view is ours to fill; it is released by `Foreign`.
    if unsafe { ffi::PyObject_GetBuffer(obj.as_ptr(), &mut *view, ffi::PyBUF_RECORDS_RO) } != 0 {
        return Err(PyErr::fetch(obj.py()).into());
    }
    let foreign = Foreign(view);
    let view = &foreign.0;
    let (ndim, itemsize) = (view.ndim.max(0) as usize, view.itemsize.max(1) as usize);
    // SAFETY: PyBUF_RECORDS_RO guarantees format, shape and strides (null only without axes).
    let (format, shape, strides) = unsafe {
        let list = |p: *mut ffi::Py_ssize_t| if p.is_null() { &[][..] } else { std::slice::from_raw_parts(p, ndim) };
        let format = if view.format.is_null() { "B" } else { CStr::from_ptr(view.format).to_str().unwrap_or("") };
        (format, list(view.shape), list(view.strides))
    };
    let Some(dtype) = dtype_of(format, itemsize) else {
        let name = obj.getattr("dtype").and_then(|d| d.str()).map_or_else(|_| format.to_string(), |s| s.to_string());
        let why = format!("elements of type {name} are not supported; convert first, e.g. with .astype('float32')");
        return Err(Error::dtype(OP, &[], why).into());
    };
    let size = itemsize as isize;
    if strides.iter().any(|stride| stride % size != 0) {
        return Err(Error::value(OP, "the strides are not whole elements; copy the array first").into());
    }
    let dims: Dims = shape.iter().map(|&n| n as usize).collect();
    let strides: Strides = strides.iter().map(|&s| s / size).collect();
    let (start, writable) = (view.buf.cast::<u8>(), view.readonly == 0);
    // SAFETY: the exporter keeps the memory that it describes until the view is released.
    Ok(unsafe { over(OP, start, dims, strides, dtype, writable, Box::new(foreign))? }.into())
}

/// An array over the memory of others, whose first element lies at `start`; `owner` keeps it alive.
///
/// # Safety
/// Every element is valid for reads (and for writes, if `writable`) as long as `owner` lives.
pub unsafe fn over(
    op: &'static str,
    start: *mut u8,
    shape: Dims,
    strides: Strides,
    dtype: DType,
    writable: bool,
    owner: Box<dyn Send + Sync>,
) -> Result<Array> {
    if checked_numel(op, &shape)? == 0 {
        return Ok(Array::zeros(op, &shape, dtype)?);
    }
    if !start.addr().is_multiple_of(dtype.alignment()) {
        return Err(Error::value(op, "the memory is not aligned; copy the array first").into());
    }
    let (mut low, mut high) = (0i128, 1i128);
    for (&n, &stride) in shape.iter().zip(&strides) {
        let reach = (n as i128 - 1) * stride as i128;
        if reach < 0 { low += reach } else { high += reach }
    }
    let size = dtype.size();
    let (before, bytes) = (-low * size as i128, (high - low) * size as i128);
    if before > start.addr() as i128 || bytes > (isize::MAX as i128).min(usize::MAX as i128 - start.addr() as i128) {
        return Err(Error::value(op, "the shape and the strides reach beyond all memory").into());
    }
    // SAFETY: as the caller promises: all elements lie between the lowest and the highest address.
    let buffer = unsafe { Buffer::foreign(start.wrapping_sub(before as usize), bytes as usize, writable, owner)? };
    Ok(Array::new(buffer, Layout::new(shape, strides, -low as usize), dtype))
}

/// The address of an array's first element for others; elements that wait are computed beside other Python threads.
pub fn address(py: Python<'_>, array: &Array) -> *mut u8 {
    if array.buffer().is_pending() {
        detached(py, || array.buffer().settle());
    }
    array.share()
}

/// A copy of an array's values.
pub fn from_array(obj: &Bound<'_, PyAny>) -> Result<Tensor> {
    let py = obj.py();
    let plain = py.import("numpy")?.call_method1("asarray", (obj,))?;
    let native = plain.getattr("dtype")?.getattr("isnative")?.extract::<bool>()?;
    let plain = if native {
        plain
    } else {
        plain.call_method1("astype", (plain.getattr("dtype")?.call_method1("newbyteorder", ("=",))?,))?
    };
    // NumPy aligns complex64 to 4 bytes, we to 8.
    let address: usize = plain.getattr("__array_interface__")?.get_item("data")?.get_item(0)?.extract()?;
    let itemsize: usize = plain.getattr("itemsize")?.extract()?;
    let aligned =
        address.is_multiple_of(itemsize.clamp(1, 8)) && plain.getattr("flags")?.getattr("aligned")?.extract()?;
    let plain = if aligned { plain } else { plain.call_method0("copy")? };
    Ok(Tensor::from(share(&plain)?.array().copy("tensor")?))
}

/// `tensor(data)`: numbers, nested sequences, arrays and tensors, always copied.
pub fn from_data(data: &Bound<'_, PyAny>, dtype: Option<DType>) -> Result<Tensor> {
    let tensor = if let Ok(tensor) = data.cast::<PyTensor>() {
        ops::clone(&tensor.get().inner.detach())?
    } else if let Some(scalar) = scalar(data)? {
        let dtype = dtype.unwrap_or_else(|| weak_dtype(data, scalar));
        scalar.check_fits("tensor", dtype)?;
        Array::full("tensor", &[], dtype, scalar)?.into()
    } else if is_array(data) {
        from_array(data)?
    } else if let Some(tensor) = from_exporter(data, dtype)? {
        tensor
    } else {
        let mut values = Values::default();
        let mut shape = Dims::new();
        values.collect(data, 0, &mut shape)?;
        values.finish(&shape, dtype)?
    };
    Ok(match dtype {
        Some(dtype) => ops::cast(&tensor, dtype)?,
        None => tensor,
    })
}

/// A copy of another library's values. What DLPack cannot carry (missing values), columns or `__array__` may offer.
fn from_exporter(obj: &Bound<'_, PyAny>, dtype: Option<DType>) -> Result<Option<Tensor>> {
    let mut refusal = None;
    if obj.hasattr("__dlpack__")? {
        match dlpack::import(obj, false, Some(true)) {
            Ok(tensor) => return Ok(Some(tensor)),
            Err(error) => refusal = Some(error),
        }
    }
    if let Some(array) = columns(obj, dtype)? {
        return from_array(&array).map(Some);
    }
    let array = if obj.hasattr("__array__")? { from_array(obj).map(Some) } else { Ok(None) };
    match (array, refusal) {
        (Err(_) | Ok(None), Some(refusal)) => Err(refusal),
        (array, _) => array,
    }
}

/// Columns of pandas, polars, pyarrow as a NumPy array, over their memory where possible; None for other objects.
pub fn columns<'py>(obj: &Bound<'py, PyAny>, dtype: Option<DType>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = obj.py();
    // Of the three, frames have one at least; asking costs less than the import.
    let protocols = ["__arrow_c_stream__", "__arrow_c_array__", "__array__"];
    if !protocols.iter().any(|protocol| obj.hasattr(*protocol).unwrap_or(false)) {
        return Ok(None);
    }
    let dtype = dtype.map(|dtype| crate::dtype::object(py, dtype)).transpose()?;
    let values = py.import("diffkit._frames")?.call_method1("values", (obj, dtype))?;
    Ok((!values.is_none()).then_some(values))
}

/// NumPy's float64 and complex128 are Python numbers by inheritance but keep their width.
fn weak_dtype(obj: &Bound<'_, PyAny>, scalar: Scalar) -> DType {
    match scalar {
        Scalar::Float(_) if !obj.is_exact_instance_of::<PyFloat>() => DType::F64,
        Scalar::Complex(..) if !obj.is_exact_instance_of::<PyComplex>() => DType::C128,
        _ => scalar.dtype(ops::default_float()),
    }
}

/// The numbers of nested sequences, in order, with the dtype that holds them all.
#[derive(Default)]
struct Values {
    numbers: Vec<Scalar>,
    dtype: Option<DType>,
}

impl Values {
    fn push(&mut self, scalar: Scalar, dtype: DType) {
        self.dtype = Some(self.dtype.map_or(dtype, |d| d.promote(dtype)));
        self.numbers.push(scalar);
    }

    /// Walks `obj` at `depth`; the first element at each depth sets the size that the others must have.
    fn collect(&mut self, obj: &Bound<'_, PyAny>, depth: usize, shape: &mut Dims) -> Result<()> {
        if let Some(number) = scalar(obj)? {
            return self.leaf(depth, shape, &[], |values| values.push(number, weak_dtype(obj, number)));
        }
        let tensor = match obj.cast::<PyTensor>() {
            Ok(tensor) => Some(tensor.get().inner.clone()),
            Err(_) if is_array(obj) => Some(from_array(obj)?),
            Err(_) => None,
        };
        if let Some(tensor) = tensor {
            // As in PyTorch, a tensor of one element counts as a number.
            let inner = if tensor.numel() == 1 { &[][..] } else { tensor.shape() };
            let elements = tensor.array().to_scalars()?;
            return self.leaf(depth, shape, inner, |values| {
                elements.into_iter().for_each(|number| values.push(number, tensor.dtype()));
            });
        }
        let is_sequence = obj.is_instance_of::<PyList>()
            || obj.is_instance_of::<PyTuple>()
            || (obj.hasattr("__len__")? && obj.hasattr("__getitem__")? && !obj.is_instance_of::<PyString>());
        if !is_sequence {
            return Err(wrong_type("tensor", "takes numbers, nested lists, arrays and tensors", obj).into());
        }
        if depth >= diffkit_core::layout::MAX_NDIM {
            return Err(Error::value("tensor", "the lists are nested too deeply (a list that contains itself?)").into());
        }
        let n = obj.len()?;
        self.size_at(depth, shape, n)?;
        for item in obj.try_iter()? {
            self.collect(&item?, depth + 1, shape)?;
        }
        Ok(())
    }

    fn size_at(&self, depth: usize, shape: &mut Dims, n: usize) -> Result<()> {
        if depth == shape.len() && self.numbers.is_empty() {
            shape.push(n);
            return Ok(());
        }
        if shape.get(depth) != Some(&n) {
            let expected = shape.get(depth).map_or("a number".to_string(), |n| format!("length {n}"));
            let why = format!("the lists are ragged: at depth {depth} expected {expected}, found length {n}");
            return Err(Error::value("tensor", why).into());
        }
        Ok(())
    }

    fn leaf(&mut self, depth: usize, shape: &mut Dims, inner: &[usize], add: impl FnOnce(&mut Values)) -> Result<()> {
        for (i, &n) in inner.iter().enumerate() {
            self.size_at(depth + i, shape, n)?;
        }
        if shape.len() != depth + inner.len() {
            let why = format!("the lists are ragged: numbers at depth {} and {}", depth + inner.len(), shape.len());
            return Err(Error::value("tensor", why).into());
        }
        add(self);
        Ok(())
    }

    fn finish(self, shape: &[usize], dtype: Option<DType>) -> Result<Tensor> {
        let dtype = dtype.or(self.dtype).unwrap_or_else(ops::default_float);
        for number in &self.numbers {
            number.check_fits("tensor", dtype)?;
        }
        Ok(dispatch!(any, dtype, T => {
            let values: Vec<T> = self.numbers.iter().map(|number| number.to()).collect();
            Tensor::from(Array::from_slice(shape, &values)?)
        }))
    }
}

// ---- to other objects ----

/// Nested lists of Python numbers; a single number for a tensor with no axes.
pub fn to_list(py: Python<'_>, tensor: &Tensor) -> PyResult<Py<PyAny>> {
    let mut objects = tensor
        .array()
        .to_scalars()
        .map_err(Raised::from)?
        .into_iter()
        .map(|n| to_object(py, n))
        .collect::<PyResult<Vec<_>>>()?;
    // Fold axes from the last to the first: each pass turns runs of objects into lists.
    let mut above: usize = tensor.numel();
    for (axis, &n) in tensor.shape().iter().enumerate().rev() {
        above = above.checked_div(n).unwrap_or_else(|| tensor.shape()[..axis].iter().product());
        let mut rest = objects.into_iter();
        objects = (0..above)
            .map(|_| Ok(PyList::new(py, rest.by_ref().take(n))?.into_any().unbind()))
            .collect::<PyResult<Vec<_>>>()?;
    }
    objects.pop().ok_or_else(|| PyBufferError::new_err("tolist: no value"))
}

fn tracked_error(op: &'static str) -> PyErr {
    to_python(&Error::autograd(op, "the tensor requires gradients, which would be lost; use x.detach().numpy()"))
}

pub fn to_numpy<'py>(slf: &Bound<'py, PyTensor>, force: bool) -> PyResult<Bound<'py, PyAny>> {
    let tensor = &slf.get().inner;
    if tensor.requires_grad() && !force {
        return Err(tracked_error("numpy"));
    }
    let plain = Bound::new(slf.py(), PyTensor::from(tensor.detach()))?;
    slf.py().import("numpy")?.call_method1("asarray", (plain,))
}

pub fn array_protocol<'py>(
    slf: &Bound<'py, PyTensor>,
    dtype: Option<&Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let array = to_numpy(slf, false)?;
    let same = match dtype {
        Some(dtype) => array.getattr("dtype")?.eq(slf.py().import("numpy")?.call_method1("dtype", (dtype,))?)?,
        None => true,
    };
    match (same, copy) {
        (true, Some(true)) => array.call_method0("copy"),
        (true, _) => Ok(array),
        (false, Some(false)) => {
            let why = "a conversion to another dtype needs a copy, and copy=False forbids it";
            Err(to_python(&Error::value("__array__", why)))
        }
        (false, _) => array.call_method1("astype", (dtype,)),
    }
}

const fn format_of(dtype: DType) -> &'static CStr {
    match dtype {
        DType::Bool => c"?",
        DType::U8 => c"B",
        DType::U16 => c"H",
        DType::U32 => c"I",
        DType::U64 if size_of::<std::ffi::c_long>() == 8 => c"L",
        DType::U64 => c"Q",
        DType::I8 => c"b",
        DType::I16 => c"h",
        DType::I32 => c"i",
        DType::I64 if size_of::<std::ffi::c_long>() == 8 => c"l",
        DType::I64 => c"q",
        DType::F32 => c"f",
        DType::F64 => c"d",
        DType::C64 => c"Zf",
        DType::C128 => c"Zd",
    }
}

/// What a filled view points to besides the tensor's memory.
struct Extents {
    shape: Vec<ffi::Py_ssize_t>,
    strides: Vec<ffi::Py_ssize_t>,
}

/// # Safety
/// `view` is a view that Python asks to be filled.
pub unsafe fn fill_buffer(slf: Bound<'_, PyTensor>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
    let tensor = &slf.get().inner;
    if view.is_null() {
        return Err(PyBufferError::new_err("the view is null"));
    }
    if tensor.requires_grad() {
        return Err(PyBufferError::new_err("the tensor requires gradients; use x.detach()"));
    }
    let wants_strides = flags & ffi::PyBUF_STRIDES == ffi::PyBUF_STRIDES;
    let writable = tensor.array().buffer().is_writable();
    if flags & ffi::PyBUF_WRITABLE != 0 && !writable {
        return Err(PyBufferError::new_err("the tensor's memory is read-only"));
    }
    if !wants_strides && !tensor.array().is_contiguous() {
        return Err(PyBufferError::new_err("the tensor is not contiguous; use x.contiguous()"));
    }
    let size = tensor.dtype().size() as isize;
    let mut extents = Box::new(Extents {
        shape: tensor.shape().iter().map(|&n| n as isize).collect(),
        strides: tensor.layout().strides().iter().map(|&s| s * size).collect(),
    });
    // SAFETY: the view is ours to fill; the pointers live until `release_buffer`.
    unsafe {
        (*view).buf = address(slf.py(), tensor.array()).cast();
        (*view).len = tensor.numel() as isize * size;
        (*view).readonly = !writable as c_int;
        (*view).itemsize = size;
        (*view).format = if flags & ffi::PyBUF_FORMAT != 0 {
            format_of(tensor.dtype()).as_ptr().cast_mut()
        } else {
            std::ptr::null_mut()
        };
        (*view).ndim = tensor.ndim() as c_int;
        (*view).shape = if flags & ffi::PyBUF_ND != 0 { extents.shape.as_mut_ptr() } else { std::ptr::null_mut() };
        (*view).strides = if wants_strides { extents.strides.as_mut_ptr() } else { std::ptr::null_mut() };
        (*view).suboffsets = std::ptr::null_mut();
        (*view).internal = Box::into_raw(extents).cast();
        (*view).obj = slf.into_any().into_ptr();
    }
    Ok(())
}

/// # Safety
/// The view was filled by `fill_buffer`.
pub unsafe fn release_buffer(view: *mut ffi::Py_buffer) {
    // SAFETY: `internal` is the box made there.
    unsafe { drop(Box::from_raw((*view).internal.cast::<Extents>())) }
}
