//! The class `diffkit.Tensor`: attributes, operators and Python's protocols. Methods that are also functions are
//! attached by `methods.rs`.

// The class is written by a macro, and PyO3's glue for the buffer protocol then counts as this crate's code.
#![allow(unsafe_op_in_unsafe_fn)]

use crate::autograd::GradFn;
use crate::convert::{Operand, Word, index_of};
use crate::dlpack;
use crate::dtype::{self, PyDType};
use crate::error::{Result, wrong_type};
use crate::exchange;
use crate::functions::{self, inspect};
use crate::indexing;
use crate::operators::{binary, matmul, operate, operate_in_place};
use crate::run::run;
use diffkit_core::ops::{self, Arg, ElementOp, binary as rows, complex, unary, view};
use diffkit_core::{Error, Scalar, Tensor};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyComplex, PyTuple};

/// A strided array of numbers on the CPU that can record how it was computed.
/// >>> x = diffkit.tensor([[1.0, 2.0], [3.0, 4.0]])
/// >>> x.T @ x
/// tensor([[10., 14.],
///         [14., 20.]])
#[pyclass(name = "Tensor", module = "diffkit", frozen, weakref)]
pub struct PyTensor {
    pub inner: Tensor,
}

impl From<Tensor> for PyTensor {
    #[inline]
    fn from(inner: Tensor) -> PyTensor {
        PyTensor { inner }
    }
}

pub type Out = Result<PyTensor>;

/// A Python object of the package, imported when first needed.
pub fn imported<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyAny>>,
    module: &str,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let object = cell.get_or_try_init(py, || py.import(module)?.getattr(name).map(Bound::unbind))?;
    Ok(object.bind(py).clone())
}

/// The one element, for conversions to Python numbers.
pub fn item(op: &'static str, tensor: &Tensor) -> Result<Scalar> {
    if tensor.numel() != 1 {
        let why = "only a tensor with one element converts to a number; use tolist() or a reduction";
        return Err(Error::shape(op, &[tensor.shape()], why).into());
    }
    Ok(tensor.array().first())
}

/// [`item`] of a tensor that is not complex.
fn real_item(op: &'static str, tensor: &Tensor) -> Result<Scalar> {
    match item(op, tensor)? {
        Scalar::Complex(..) => {
            let why = "a complex number is not real; take .real, .imag or abs() first, or complex()";
            Err(Error::dtype(op, &[tensor.dtype()], why).into())
        }
        scalar => Ok(scalar),
    }
}

pub fn to_object(py: Python<'_>, scalar: Scalar) -> PyResult<Py<PyAny>> {
    Ok(match scalar {
        Scalar::Bool(v) => v.into_pyobject(py)?.to_owned().into_any().unbind(),
        Scalar::Int(v) => v.into_pyobject(py)?.into_any().unbind(),
        Scalar::Unsigned(v) => v.into_pyobject(py)?.into_any().unbind(),
        Scalar::Float(v) => v.into_pyobject(py)?.into_any().unbind(),
        Scalar::Complex(re, im) => PyComplex::from_doubles(py, re, im).into_any().unbind(),
    })
}

macro_rules! tensor_class {
    ($($name:ident $reflected:ident $row:ident,)* ; $($in_place:ident $in_place_row:ident,)* ; $($rest:tt)*) => {
        #[pymethods]
        impl PyTensor {
            $(#[inline]
            fn $name(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                operate(&rows::$row::OP, Arg::Tensor(&self.inner), other, false)
            }
            #[inline]
            fn $reflected(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                operate(&rows::$row::OP, Arg::Tensor(&self.inner), other, true)
            })*
            $(fn $in_place(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
                operate_in_place(&rows::$in_place_row::OP, slf, other)
            })*
            $($rest)*
        }
    };
}

tensor_class! {
    __add__ __radd__ add,
    __sub__ __rsub__ sub,
    __mul__ __rmul__ mul,
    __truediv__ __rtruediv__ div,
    __floordiv__ __rfloordiv__ floor_divide,
    __mod__ __rmod__ remainder,
    __and__ __rand__ bitwise_and,
    __or__ __ror__ bitwise_or,
    __xor__ __rxor__ bitwise_xor,
    __lshift__ __rlshift__ bitwise_left_shift,
    __rshift__ __rrshift__ bitwise_right_shift,
    ;
    __iadd__ add,
    __isub__ sub,
    __imul__ mul,
    __itruediv__ div,
    __ifloordiv__ floor_divide,
    __imod__ remainder,
    __iand__ bitwise_and,
    __ior__ bitwise_or,
    __ixor__ bitwise_xor,
    __ilshift__ bitwise_left_shift,
    __irshift__ bitwise_right_shift,
    ;
    fn __pow__(&self, other: &Bound<'_, PyAny>, _modulo: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        operate(&rows::pow::OP, Arg::Tensor(&self.inner), other, false)
    }
    fn __rpow__(&self, other: &Bound<'_, PyAny>, _modulo: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        operate(&rows::pow::OP, Arg::Tensor(&self.inner), other, true)
    }
    fn __ipow__(
        slf: &Bound<'_, Self>,
        other: &Bound<'_, PyAny>,
        _modulo: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        operate_in_place(&rows::pow::OP, slf, other)
    }
    fn __matmul__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        matmul(py, &self.inner, other, false)
    }
    fn __rmatmul__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        matmul(py, &self.inner, other, true)
    }
    fn __neg__(&self, py: Python<'_>) -> Out {
        Ok(run(py, self.inner.numel(), || ops::neg(&self.inner))?.into())
    }
    fn __pos__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }
    fn __abs__(&self, py: Python<'_>) -> Out {
        Ok(run(py, self.inner.numel(), || ops::abs(&self.inner))?.into())
    }
    fn __invert__(&self, py: Python<'_>) -> Out {
        Ok(run(py, self.inner.numel(), || ops::unary(&unary::bitwise_not::OP, &self.inner))?.into())
    }
    fn __richcmp__(&self, other: &Bound<'_, PyAny>, how: CompareOp) -> PyResult<Py<PyAny>> {
        let op: &'static ElementOp = match how {
            CompareOp::Eq => &rows::eq::OP,
            CompareOp::Ne => &rows::ne::OP,
            CompareOp::Lt => &rows::lt::OP,
            CompareOp::Le => &rows::le::OP,
            CompareOp::Gt => &rows::gt::OP,
            CompareOp::Ge => &rows::ge::OP,
        };
        operate(op, Arg::Tensor(&self.inner), other, false)
    }
    /// Tensors are told apart by identity, as in PyTorch.
    fn __hash__(slf: &Bound<'_, Self>) -> isize {
        slf.as_ptr() as isize >> 4
    }

    // ---- conversions to Python numbers ----

    fn __bool__(&self) -> Result<bool> {
        if self.inner.numel() != 1 {
            let why = "the truth value of a tensor is only defined for one element; use .any() or .all()";
            return Err(Error::shape("bool", &[self.inner.shape()], why).into());
        }
        Ok(item("bool", &self.inner)?.is_true())
    }
    fn __float__(&self) -> Result<f64> {
        Ok(real_item("float", &self.inner)?.as_f64())
    }
    fn __complex__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyComplex>> {
        let scalar = item("complex", &self.inner)?;
        Ok(PyComplex::from_doubles(py, scalar.as_f64(), scalar.imaginary()))
    }
    fn __int__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let scalar = real_item("int", &self.inner)?;
        to_object(py, scalar)?.bind(py).call_method0("__trunc__").map(Bound::unbind)
    }
    fn __index__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match item("index", &self.inner) {
            Ok(scalar @ (Scalar::Int(_) | Scalar::Unsigned(_))) => to_object(py, scalar),
            _ => Err(PyTypeError::new_err("only an integer tensor with one element can be used as an index")),
        }
    }
    fn __format__(slf: &Bound<'_, Self>, spec: &str) -> PyResult<String> {
        let py = slf.py();
        let tensor = &slf.get().inner;
        if tensor.ndim() == 0 && !spec.is_empty() {
            let value = to_object(py, tensor.array().first())?;
            return value.bind(py).call_method1("__format__", (spec,))?.extract();
        }
        if spec.is_empty() {
            return if tensor.ndim() == 0 { Ok(to_object(py, tensor.array().first())?.bind(py).str()?.to_string()) } else { Ok(slf.repr()?.to_string()) };
        }
        Err(wrong_type("format", "only a tensor with no axes takes a format; format its elements", slf))
    }
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        static REPR: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        imported(slf.py(), &REPR, "diffkit._repr", "tensor_repr")?.call1((slf,))?.extract()
    }

    // ---- containers ----

    fn __len__(&self) -> PyResult<usize> {
        self.inner.shape().first().copied().ok_or_else(|| PyTypeError::new_err("len() of a tensor with no axes"))
    }
    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> Out {
        indexing::get(&self.inner, key)
    }
    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Result<()> {
        indexing::set(&self.inner, key, value)
    }
    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(wrong_type("del", "elements of a tensor cannot be deleted; select the others, e.g. by a mask", key))
    }
    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Rows> {
        if slf.get().inner.ndim() == 0 {
            return Err(PyTypeError::new_err("iteration over a tensor with no axes"));
        }
        Ok(Rows { tensor: slf.unbind(), next: std::sync::atomic::AtomicUsize::new(0) })
    }
    fn __contains__(&self, py: Python<'_>, value: Operand<'_>) -> Result<bool> {
        let equal = binary(py, &rows::eq::OP, Arg::Tensor(&self.inner), value.arg(), false)?;
        let any = ops::reduce::truth(ops::reduce::Extreme::Max, &equal, None, false)?;
        Ok(item("in", &any)?.is_true())
    }

    // ---- attributes ----

    /// Reached for names that do not exist: the error names the nearest that does.
    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        if name.starts_with("__") {
            return Err(PyAttributeError::new_err(format!("diffkit.Tensor has no {name:?}")));
        }
        static MISSING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let error = imported(slf.py(), &MISSING, "diffkit._hints", "missing_attribute")?.call1((slf, name))?;
        Err(PyErr::from_value(error))
    }

    /// The size along each axis, as a tuple.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.shape())
    }
    /// The number of axes.
    #[getter]
    fn ndim(&self) -> usize {
        self.inner.ndim()
    }
    /// The number of elements; called, the shape or one of its sizes. See `Size`.
    #[getter]
    fn size(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        static SIZE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = imported(slf.py(), &SIZE, "diffkit._tensor", "Size")?;
        Ok(class.call1((slf.get().inner.numel(), slf.getattr("shape")?))?.unbind())
    }
    /// The type of the elements.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDType>> {
        dtype::object(py, self.inner.dtype())
    }
    /// Where the elements are: always the CPU.
    #[getter]
    fn device(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        static CPU: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        Ok(imported(py, &CPU, "diffkit._tensor", "CPU")?.unbind())
    }
    /// Bytes of one element.
    #[getter]
    fn itemsize(&self) -> usize {
        self.inner.dtype().size()
    }
    /// Bytes of all elements.
    #[getter]
    fn nbytes(&self) -> usize {
        self.inner.dtype().size() * self.inner.numel()
    }
    /// The matrix transposed, as a view; takes 2 axes. See `mT` for batches.
    #[getter(T)]
    fn transposed(&self) -> Out {
        Ok(view::t("T", &self.inner)?.into())
    }
    /// The last two axes swapped, as a view.
    #[getter(mT)]
    fn matrix_transposed(&self) -> Out {
        Ok(view::matrix_transpose(&self.inner)?.into())
    }
    /// The real parts, as a copy; of real tensors the tensor itself. Assigning writes to the tensor.
    #[getter]
    fn real(slf: Bound<'_, Self>) -> Result<Py<PyAny>> {
        functions::complex::real(slf.py(), slf)
    }
    #[setter]
    fn set_real(&self, value: Operand<'_>) -> Result<()> {
        Ok(complex::set_half(&self.inner, complex::Half::Real, &value.tensor()?)?)
    }
    /// The last two axes swapped and the elements conjugated.
    #[getter(mH)]
    fn adjoint_getter(&self, py: Python<'_>) -> Out {
        Ok(run(py, self.inner.numel(), || complex::adjoint(&self.inner))?.into())
    }
    /// The conjugate transpose of a matrix; takes 2 axes. See `mH` for batches.
    #[getter(H)]
    fn hermitian(&self, py: Python<'_>) -> Out {
        if self.inner.ndim() != 2 {
            return Err(Error::shape("H", &[self.inner.shape()], "takes a matrix; use x.mH for stacks").into());
        }
        self.adjoint_getter(py)
    }
    /// The imaginary parts, as a copy. Assigning writes to the tensor.
    #[getter]
    fn imag(&self, py: Python<'_>) -> Out {
        Ok(run(py, self.inner.numel(), || complex::imag(&self.inner))?.into())
    }
    #[setter]
    fn set_imag(&self, value: Operand<'_>) -> Result<()> {
        Ok(complex::set_half(&self.inner, complex::Half::Imaginary, &value.tensor()?)?)
    }
    /// Whether gradients flow to this tensor; can be set on leaves of floats and complex numbers.
    #[getter]
    fn requires_grad(&self) -> bool {
        self.inner.requires_grad()
    }
    #[setter]
    fn set_requires_grad(&self, on: bool) -> Result<()> {
        Ok(self.inner.set_requires_grad(on)?)
    }
    /// Whether no recorded operation made this tensor.
    #[getter]
    fn is_leaf(&self) -> bool {
        self.inner.is_leaf()
    }
    /// The sum of the gradients that backward() brought here; None before the first.
    #[getter]
    fn grad(&self) -> Option<PyTensor> {
        self.inner.grad().map(PyTensor::from)
    }
    #[setter]
    fn set_grad(&self, grad: Option<&Bound<'_, PyTensor>>) -> Result<()> {
        Ok(self.inner.set_grad(grad.map(|grad| grad.get().inner.clone()))?)
    }
    /// The operation that made this tensor, if it was recorded.
    #[getter]
    fn grad_fn(&self) -> Option<GradFn> {
        self.inner.node().filter(|node| !node.is_leaf()).map(GradFn)
    }
    /// The same memory without history; writes through it are not recorded.
    #[getter]
    fn data(&self) -> PyTensor {
        self.inner.detach().into()
    }
    #[setter]
    fn set_data(&self, value: &Bound<'_, PyTensor>) -> Result<()> {
        let target = self.inner.detach();
        if value.get().inner.shape() != target.shape() {
            let why = ".data takes values of the tensor's own shape";
            return Err(Error::shape("data", &[target.shape(), value.get().inner.shape()], why).into());
        }
        Ok(view::assign("data", &target, &value.get().inner.detach())?)
    }
    #[getter]
    fn _version(&self) -> u32 {
        self.inner.array().buffer().version()
    }
    /// The number of elements.
    ///
    /// >>> diffkit.zeros(2, 3).numel()
    /// 6
    fn numel(&self) -> usize {
        self.inner.numel()
    }
    /// The only element as a Python number; more or fewer elements are an error.
    ///
    /// >>> diffkit.tensor([1.5]).item()
    /// 1.5
    fn item(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_object(py, item("item", &self.inner)?)
    }
    /// The elements as nested lists; a Python number if there are no axes.
    ///
    /// >>> diffkit.arange(4).reshape(2, 2).tolist()
    /// [[0, 1], [2, 3]]
    fn tolist(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        exchange::to_list(py, &self.inner)
    }
    /// The same memory without history.
    ///
    /// >>> diffkit.ones(2, requires_grad=True).detach().requires_grad
    /// False
    fn detach(&self) -> PyTensor {
        self.inner.detach().into()
    }
    /// Starts (or stops) asking for gradients, and returns the tensor. Floats only; leaves only, to stop.
    ///
    /// >>> diffkit.ones(2).requires_grad_()
    /// tensor([1., 1.], requires_grad=True)
    #[pyo3(signature = (requires_grad = true))]
    fn requires_grad_(slf: Bound<'_, Self>, requires_grad: bool) -> Result<Bound<'_, Self>> {
        slf.get().inner.set_requires_grad(requires_grad)?;
        Ok(slf)
    }

    // ---- exchange with NumPy and others ----

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        inspect::reduce(slf)
    }
    fn __deepcopy__<'py>(slf: &Bound<'py, Self>, memo: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("diffkit._tensor")?.call_method1("deepcopy", (slf, memo))
    }

    #[classattr]
    #[pyo3(name = "__array_priority__")]
    const ARRAY_PRIORITY: i64 = 1000;
    /// The same memory as a NumPy array.
    ///
    /// >>> x = diffkit.zeros(2)
    /// >>> x.numpy()[0] = 5
    /// >>> x
    /// tensor([5., 0.])
    #[pyo3(signature = (*, force = false))]
    fn numpy<'py>(slf: &Bound<'py, Self>, force: bool) -> PyResult<Bound<'py, PyAny>> {
        exchange::to_numpy(slf, force)
    }
    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        exchange::array_protocol(slf, dtype, copy)
    }
    #[pyo3(signature = (*, stream = None, max_version = None, dl_device = None, copy = None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<&Bound<'py, PyAny>>,
        max_version: Option<(i64, i64)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> Result<Bound<'py, PyAny>> {
        dlpack::export(py, &self.inner, stream, max_version, dl_device, copy)
    }
    fn __dlpack_device__(&self) -> (i32, i32) {
        dlpack::CPU
    }
    /// The functions of the array API standard: the module `diffkit.array_api`.
    #[pyo3(signature = (*, api_version = None))]
    fn __array_namespace__<'py>(&self, py: Python<'py>, api_version: Option<Word>) -> Result<Bound<'py, PyModule>> {
        inspect::array_namespace(py, api_version)
    }
    /// The tensor itself: it is on the only device there is.
    ///
    /// >>> x = diffkit.zeros(2)
    /// >>> x.to_device("cpu") is x
    /// True
    #[pyo3(signature = (device, /, *, stream = None))]
    fn to_device<'py>(
        slf: Bound<'py, Self>,
        device: &Bound<'py, PyAny>,
        stream: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, Self>> {
        inspect::check_place(device, stream)?;
        Ok(slf)
    }
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut pyo3::ffi::Py_buffer, flags: i32) -> PyResult<()> {
        // SAFETY: Python calls this with a view to fill.
        unsafe { exchange::fill_buffer(slf, view, flags) }
    }
    unsafe fn __releasebuffer__(&self, view: *mut pyo3::ffi::Py_buffer) {
        // SAFETY: the view was filled by `fill_buffer`.
        unsafe { exchange::release_buffer(view) }
    }
}

/// Iterates over the first axis.
#[pyclass(frozen)]
pub struct Rows {
    tensor: Py<PyTensor>,
    next: std::sync::atomic::AtomicUsize,
}

#[pymethods]
impl Rows {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }
    fn __next__(&self) -> Result<Option<PyTensor>> {
        let i = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let tensor = &self.tensor.get().inner;
        if i >= tensor.shape()[0] {
            return Ok(None);
        }
        Ok(Some(view::relayout("SelectBackward0", tensor, move |layout| layout.select(0, i)).into()))
    }
}

/// The integer value of a 0-d tensor or number, for keys and sizes.
pub fn as_index(obj: &Bound<'_, PyAny>) -> PyResult<i64> {
    index_of("index", obj)
}
