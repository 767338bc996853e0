//! Memory of freed `Tensor` objects, kept for the next ones: a small operation spends a tenth of its time in Python's
//! allocator and the collector's lists otherwise. PyO3's `freelist` does the same behind a mutex, which costs as much as
//! it saves; here the interpreter's lock is the mutex, so builds of Python without that lock go without this.

use crate::tensor::PyTensor;
use pyo3::ffi;
use pyo3::prelude::*;
use std::cell::UnsafeCell;
use std::ffi::c_void;

/// How many objects are kept.
const KEPT: usize = 64;

struct Freed(UnsafeCell<Vec<*mut ffi::PyObject>>);
// SAFETY: touched by `allocate` and `free` alone, which Python calls with the interpreter's lock held and which run no
// other code meanwhile.
unsafe impl Sync for Freed {}

static FREED: Freed = Freed(UnsafeCell::new(Vec::new()));

/// The class allocates and frees its objects here from now on. It has no subclasses, so all objects have one size.
pub fn begin(py: Python<'_>) {
    if cfg!(Py_GIL_DISABLED) {
        return;
    }
    let class = py.get_type::<PyTensor>().as_type_ptr();
    // SAFETY: the class is ours and has no objects yet; both functions keep the contracts of these slots.
    unsafe {
        (*class).tp_alloc = Some(allocate);
        (*class).tp_free = Some(free);
    }
}

/// Like `PyType_GenericAlloc`: zeros, with one reference. What is used again is not known to the collector of cycles,
/// which finds no references to objects in a tensor.
unsafe extern "C" fn allocate(class: *mut ffi::PyTypeObject, items: ffi::Py_ssize_t) -> *mut ffi::PyObject {
    // SAFETY: the objects in the list are free, of this class and of its size; the list as `Freed` says.
    unsafe {
        let Some(object) = (*FREED.0.get()).pop() else { return ffi::PyType_GenericAlloc(class, items) };
        object.cast::<u8>().write_bytes(0, (*class).tp_basicsize as usize);
        ffi::PyObject_Init(object, class)
    }
}

/// Like `PyObject_GC_Del`, for an object that the collector has let go of.
unsafe extern "C" fn free(object: *mut c_void) {
    // SAFETY: Python is done with the object, which came from `allocate`; the list as `Freed` says.
    unsafe {
        let freed = &mut *FREED.0.get();
        if freed.len() < KEPT {
            freed.push(object.cast());
        } else {
            ffi::PyObject_GC_Del(object);
        }
    }
}
