//! DLPack 1.x: memory on the CPU shared with other tensor libraries, both ways, through capsules.

use crate::error::{Result, wrong_type};
use crate::exchange;
use crate::functions::shape::check_device;
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::array::Array;
use diffkit_core::dtype::Kind;
use diffkit_core::layout::{Dims, Layout, MAX_NDIM, Strides, checked_numel, contiguous_strides};
use diffkit_core::{DType, Error, Tensor};
use pyo3::exceptions::{PyBufferError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use std::ffi::{CStr, c_void};

pub const CPU: (i32, i32) = (1, 0);
const READ_ONLY: u64 = 1;
const IS_COPIED: u64 = 1 << 1;

/// The header's DLTensor; its nested structs are written out, which leaves every field where it is.
#[repr(C)]
struct View {
    data: *mut u8,
    device: i32,
    device_id: i32,
    ndim: i32,
    code: u8,
    bits: u8,
    lanes: u16,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

/// DLManagedTensor, the form before DLPack 1.0.
#[repr(C)]
struct Unversioned {
    view: View,
    context: *mut c_void,
    deleter: Option<Deleter<Self>>,
}

/// DLManagedTensorVersioned.
#[repr(C)]
struct Versioned {
    major: u32,
    minor: u32,
    context: *mut c_void,
    deleter: Option<Deleter<Self>>,
    flags: u64,
    view: View,
}

type Deleter<M> = unsafe extern "C" fn(*mut M);

/// What the two forms have in common. The pointers come from capsules that hold the form.
trait Managed: Sized + 'static {
    const NAME: &'static CStr;
    const USED: &'static CStr;
    fn new(view: View, flags: u64, deleter: Deleter<Self>) -> Self;
    unsafe fn deleter(managed: *const Self) -> Option<Deleter<Self>>;
    /// The view and the flags.
    unsafe fn read<'a>(managed: *const Self) -> Result<(&'a View, u64)>;
}

impl Managed for Unversioned {
    const NAME: &'static CStr = c"dltensor";
    const USED: &'static CStr = c"used_dltensor";
    fn new(view: View, _flags: u64, deleter: Deleter<Self>) -> Self {
        Unversioned { view, context: std::ptr::null_mut(), deleter: Some(deleter) }
    }
    unsafe fn deleter(managed: *const Self) -> Option<Deleter<Self>> {
        // SAFETY: the pointer is a capsule's.
        unsafe { (*managed).deleter }
    }
    unsafe fn read<'a>(managed: *const Self) -> Result<(&'a View, u64)> {
        // This form cannot tell whether its memory may be written, and JAX's may not.
        // SAFETY: the pointer is a capsule's.
        Ok((unsafe { &(*managed).view }, READ_ONLY))
    }
}

impl Managed for Versioned {
    const NAME: &'static CStr = c"dltensor_versioned";
    const USED: &'static CStr = c"used_dltensor_versioned";
    fn new(view: View, flags: u64, deleter: Deleter<Self>) -> Self {
        Versioned { major: 1, minor: 0, context: std::ptr::null_mut(), deleter: Some(deleter), flags, view }
    }
    unsafe fn deleter(managed: *const Self) -> Option<Deleter<Self>> {
        // SAFETY: the pointer is a capsule's; the deleter lies here in every version.
        unsafe { (*managed).deleter }
    }
    unsafe fn read<'a>(managed: *const Self) -> Result<(&'a View, u64)> {
        // SAFETY: the pointer is a capsule's; the version lies here in every version.
        let (major, minor) = unsafe { ((*managed).major, (*managed).minor) };
        if major != 1 {
            return Err(Error::value("from_dlpack", format!("DLPack {major}.{minor} is not known, only 1.x")).into());
        }
        // SAFETY: the version is one whose fields we know.
        Ok(unsafe { (&(*managed).view, (*managed).flags) })
    }
}

// ---- to other libraries ----

/// What a capsule points to and keeps alive. `managed` comes first: a pointer to it is a pointer to the whole.
#[repr(C)]
struct Export<M> {
    managed: M,
    _extents: (Vec<i64>, Vec<i64>),
    _array: Array,
}

unsafe extern "C" fn delete<M>(managed: *mut M) {
    // SAFETY: called once, with the pointer made in `capsule`.
    drop(unsafe { Box::from_raw(managed.cast::<Export<M>>()) });
}

/// Python destroys a capsule; a consumer that took the tensor over has changed its name.
unsafe extern "C" fn destroy<M: Managed>(capsule: *mut ffi::PyObject) {
    // SAFETY: under this name the pointer is the one made in `capsule`, and still ours.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, M::NAME.as_ptr()) != 0 {
            delete(ffi::PyCapsule_GetPointer(capsule, M::NAME.as_ptr()).cast::<M>());
        }
    }
}

fn code_of(dtype: DType) -> u8 {
    match dtype.kind() {
        Kind::Integer if dtype.is_unsigned() => 1,
        Kind::Integer => 0,
        Kind::Float => 2,
        Kind::Complex => 5,
        Kind::Bool => 6,
    }
}

fn capsule<M: Managed>(py: Python<'_>, array: Array, flags: u64) -> PyResult<Bound<'_, PyAny>> {
    let mut shape: Vec<i64> = array.shape().iter().map(|&n| n as i64).collect();
    let mut strides: Vec<i64> = array.layout().strides().iter().map(|&s| s as i64).collect();
    let view = View {
        data: if array.numel() == 0 { std::ptr::null_mut() } else { exchange::address(py, &array) },
        device: CPU.0,
        device_id: CPU.1,
        ndim: array.ndim() as i32,
        code: code_of(array.dtype()),
        bits: 8 * array.dtype().size() as u8,
        lanes: 1,
        shape: shape.as_mut_ptr(),
        strides: strides.as_mut_ptr(),
        byte_offset: 0,
    };
    let managed = M::new(view, flags, delete::<M>);
    let export = Box::into_raw(Box::new(Export { managed, _extents: (shape, strides), _array: array }));
    // SAFETY: the name lives for ever, the pointer until the deleter is called.
    unsafe {
        let capsule = ffi::PyCapsule_New(export.cast(), M::NAME.as_ptr(), Some(destroy::<M>));
        if capsule.is_null() {
            delete(export.cast::<M>());
        }
        Bound::from_owned_ptr_or_err(py, capsule)
    }
}

/// `Tensor.__dlpack__`.
pub fn export<'py>(
    py: Python<'py>,
    tensor: &Tensor,
    stream: Option<&Bound<'py, PyAny>>,
    max_version: Option<(i64, i64)>,
    device: Option<(i32, i32)>,
    copy: Option<bool>,
) -> Result<Bound<'py, PyAny>> {
    const OP: &str = "__dlpack__";
    if stream.is_some() {
        return Err(Error::value(OP, "memory on the CPU has no stream; pass stream=None").into());
    }
    if let Some(device) = device.filter(|&device| device != CPU) {
        return Err(PyBufferError::new_err(format!("{OP}: the only device is the CPU {CPU:?}, not {device:?}")).into());
    }
    if tensor.requires_grad() {
        let why = "the tensor requires gradients, which would be lost; share x.detach()";
        return Err(Error::autograd(OP, why).into());
    }
    let versioned = max_version.is_some_and(|version| version >= (1, 0));
    let (array, flags) = match copy {
        Some(true) => (run(py, tensor.numel(), || tensor.array().copy(OP))?, IS_COPIED),
        _ if tensor.array().buffer().is_writable() => (tensor.array().clone(), 0),
        _ if versioned => (tensor.array().clone(), READ_ONLY),
        _ => {
            let why = "the memory is read-only, which DLPack can tell only since version 1.0; share x.clone()";
            return Err(PyBufferError::new_err(format!("{OP}: {why}")).into());
        }
    };
    Ok(if versioned { capsule::<Versioned>(py, array, flags)? } else { capsule::<Unversioned>(py, array, flags)? })
}

// ---- from other libraries ----

/// A producer's tensor, given back when the last of ours over its memory goes.
struct Owner<M: Managed>(*mut M);
// SAFETY: the deleter is called once, with the interpreter attached, on which any deleter may rely.
unsafe impl<M: Managed> Send for Owner<M> {}
unsafe impl<M: Managed> Sync for Owner<M> {}

impl<M: Managed> Drop for Owner<M> {
    fn drop(&mut self) {
        // At the interpreter's end it is too late to call a deleter: the memory then goes with the process.
        Python::try_attach(|py| {
            // A deleter written in Python must not run into an exception that is on its way.
            let pending = PyErr::take(py);
            // SAFETY: the capsule was renamed, so nobody else calls the deleter.
            unsafe {
                if let Some(deleter) = M::deleter(self.0) {
                    deleter(self.0);
                }
            }
            if let Some(error) = pending {
                error.restore(py);
            }
        });
    }
}

/// A tensor over the memory of an object with `__dlpack__` (of PyTorch, JAX, NumPy and others) or of a DLPack
/// capsule: a change of one is seen in the other. Memory that is read-only, or comes in the form before DLPack 1.0,
/// which cannot tell (JAX's does), is read-only here too. The memory must be on the CPU; `device="cpu"` asks a producer
/// elsewhere to bring it there. `copy=True` always copies; by default only memory that is not aligned is copied, which
/// `copy=False` makes an error. Gradients do not flow to the producer.
///
/// Elements must be of a dtype that diffkit has (else DTypeError); memory that cannot be shared is
/// an ArgumentError.
///
/// >>> import numpy
/// >>> array = numpy.zeros(2, dtype="float32")
/// >>> diffkit.from_dlpack(array).fill_(1)
/// tensor([1., 1.])
/// >>> array
/// array([1., 1.], dtype=float32)
#[pyfunction]
#[pyo3(signature = (x, /, *, device = None, copy = None))]
pub fn from_dlpack(x: &Bound<'_, PyAny>, device: Option<&Bound<'_, PyAny>>, copy: Option<bool>) -> Out {
    check_device(OP, device)?;
    Ok(import(x, device.is_some(), copy)?.into())
}

const OP: &str = "from_dlpack";

pub fn import(x: &Bound<'_, PyAny>, to_cpu: bool, copy: Option<bool>) -> Result<Tensor> {
    let capsule = if x.is_instance_of::<PyCapsule>() { x.clone() } else { ask(x, to_cpu, copy)? };
    // SAFETY: looks at any object.
    let is = |name: &CStr| unsafe { ffi::PyCapsule_IsValid(capsule.as_ptr(), name.as_ptr()) } != 0;
    // SAFETY: the names tell the forms.
    let array = unsafe {
        if is(Versioned::NAME) {
            adopt::<Versioned>(&capsule, copy)?
        } else if is(Unversioned::NAME) {
            adopt::<Unversioned>(&capsule, copy)?
        } else if is(Versioned::USED) || is(Unversioned::USED) {
            return Err(Error::value(OP, "the capsule was consumed before; ask its producer for a new one").into());
        } else {
            return Err(wrong_type(OP, "__dlpack__() must return a DLPack capsule", &capsule).into());
        }
    };
    Ok(match copy {
        Some(true) => run(x.py(), array.numel(), || array.copy(OP))?.into(),
        _ => array.into(),
    })
}

/// The producer's capsule. Producers from before DLPack 1.0 take no keywords.
fn ask<'py>(x: &Bound<'py, PyAny>, to_cpu: bool, copy: Option<bool>) -> PyResult<Bound<'py, PyAny>> {
    if !x.hasattr("__dlpack__")? {
        return Err(wrong_type(OP, "takes an object with __dlpack__ or a DLPack capsule", x));
    }
    let keywords = PyDict::new(x.py());
    keywords.set_item("max_version", (1, 0))?;
    if to_cpu {
        keywords.set_item("dl_device", CPU)?;
    }
    // A copy that is wanted is made here, so that it is made once.
    if copy == Some(false) {
        keywords.set_item("copy", false)?;
    }
    // Not errors of classes below TypeError: those refuse the elements, and would again.
    let is_type_error = |error: &PyErr| error.get_type(x.py()).is(x.py().get_type::<PyTypeError>());
    match x.call_method("__dlpack__", (), Some(&keywords)) {
        Err(error) if is_type_error(&error) => x.call_method0("__dlpack__"),
        result => result,
    }
}

/// Takes a capsule over. From the renaming on, the deleter is ours to call, also when the contents are refused.
///
/// # Safety
/// The capsule has the name of the form `M`.
unsafe fn adopt<M: Managed>(capsule: &Bound<'_, PyAny>, copy: Option<bool>) -> Result<Array> {
    // SAFETY: as the caller promises; the new name lives for ever.
    let owner = unsafe {
        let managed = ffi::PyCapsule_GetPointer(capsule.as_ptr(), M::NAME.as_ptr());
        if ffi::PyCapsule_SetName(capsule.as_ptr(), M::USED.as_ptr()) != 0 {
            return Err(PyErr::fetch(capsule.py()).into());
        }
        Box::new(Owner(managed.cast::<M>()))
    };
    // SAFETY: the owner keeps the contents alive.
    let (view, flags) = unsafe { M::read(owner.0)? };
    let dtype = dtype_of(view)?;
    let (shape, strides) = extents(view)?;
    let start = view.data.wrapping_add(view.byte_offset as usize);
    if view.data.is_null() && !shape.contains(&0) {
        return Err(Error::value(OP, "the capsule has elements but no memory").into());
    }
    let (writable, size) = (flags & READ_ONLY == 0, dtype.size());
    if start.addr().is_multiple_of(dtype.alignment()) || shape.contains(&0) {
        // SAFETY: the producer keeps the memory that it describes until its deleter is called.
        return unsafe { exchange::over(OP, start, shape, strides, dtype, writable, owner) };
    }
    if copy == Some(false) {
        return Err(Error::value(OP, "the memory is not aligned, so it needs a copy, which copy=False forbids").into());
    }
    // The bytes are copied: each element is one more axis.
    let steps = strides.iter().map(|&s| s.saturating_mul(size as isize)).chain([1]).collect();
    let bytes = shape.iter().copied().chain([size]).collect();
    // SAFETY: as above.
    let bytes = unsafe { exchange::over(OP, start, bytes, steps, DType::U8, false, owner)? };
    Ok(Array::new(bytes.copy(OP)?.buffer().clone(), Layout::contiguous(&shape), dtype))
}

fn dtype_of(view: &View) -> Result<DType> {
    if view.device != CPU.0 {
        let device = (view.device, view.device_id);
        let why = format!("the memory is on DLPack's device {device:?}, not on the CPU {CPU:?}; copy it there first");
        return Err(Error::value(OP, why).into());
    }
    let same = |d: &DType| (code_of(*d), 8 * d.size(), 1) == (view.code, view.bits as usize, view.lanes);
    DType::ALL.into_iter().find(same).ok_or_else(|| {
        let kind = ["int", "uint", "float", "handle", "bfloat", "complex", "bool"].get(view.code as usize);
        let name = format!("{}{}", kind.unwrap_or(&"float of a kind with bits "), view.bits);
        let lanes = if view.lanes == 1 { String::new() } else { format!(" in {} lanes", view.lanes) };
        let why = format!("elements of type {name}{lanes} are not supported; convert first, e.g. to float32");
        Error::dtype(OP, &[], why).into()
    })
}

/// Shape and strides in elements.
fn extents(view: &View) -> Result<(Dims, Strides)> {
    let fail = |why: String| Err(Error::value(OP, why).into());
    let ndim = view.ndim.max(0) as usize;
    if view.ndim < 0 || ndim > MAX_NDIM || (ndim > 0 && view.shape.is_null()) {
        return fail(format!("a capsule with {} axes is not valid; 0 to {MAX_NDIM} are supported", view.ndim));
    }
    // SAFETY: DLPack's lists are as long as there are axes.
    let list = |p: *mut i64| if ndim == 0 { &[][..] } else { unsafe { std::slice::from_raw_parts(p, ndim) } };
    if let Some(n) = list(view.shape).iter().find(|&&n| n < 0) {
        return fail(format!("a size cannot be negative, got {n}"));
    }
    let shape: Dims = list(view.shape).iter().map(|&n| n as usize).collect();
    let strides = match view.strides.is_null() {
        // Row-major; allowed until DLPack 1.2.
        true if checked_numel(OP, &shape)? > 0 => contiguous_strides(&shape),
        true => Strides::from_elem(0, ndim),
        false => list(view.strides).iter().map(|&s| s as isize).collect(),
    };
    Ok((shape, strides))
}
