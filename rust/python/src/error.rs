//! The one place where the core's errors become Python exceptions.

use diffkit_core::Error;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// A core error on its way to Python, so that `?` converts (both types are foreign to this crate).
pub struct Raised(PyErr);

impl From<Error> for Raised {
    fn from(error: Error) -> Raised {
        Raised(to_python(&error))
    }
}
impl From<PyErr> for Raised {
    fn from(error: PyErr) -> Raised {
        Raised(error)
    }
}
impl From<Raised> for PyErr {
    fn from(raised: Raised) -> PyErr {
        raised.0
    }
}

pub type Result<T> = std::result::Result<T, Raised>;

/// The exception class in `diffkit.errors` for each kind of error.
fn class_name(error: &Error) -> &'static str {
    match error {
        Error::Shape { .. } => "ShapeError",
        Error::DType { .. } => "DTypeError",
        Error::Axis { .. } | Error::Index { .. } | Error::Key { .. } => "AxisError",
        Error::RepeatedAxis { .. } | Error::Value { .. } => "ArgumentError",
        Error::Autograd { .. } | Error::Stale { .. } => "AutogradError",
        Error::LinAlg { .. } => "LinAlgError",
        Error::Memory { .. } => "AllocationError",
        Error::Interrupted => "KeyboardInterrupt",
    }
}

pub fn to_python(error: &Error) -> PyErr {
    if *error == Error::Interrupted {
        return PyKeyboardInterrupt::new_err(());
    }
    Python::attach(|py| match class(py, class_name(error)) {
        Ok(class) => PyErr::from_type(class, error.to_string()),
        Err(import_error) => import_error,
    })
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("diffkit.errors").map(Bound::unbind))?;
    Ok(module.bind(py).getattr(name)?.cast_into::<PyType>()?)
}

/// An argument of a type that an operation does not take.
pub fn wrong_type(op: &'static str, what: &str, found: &Bound<'_, PyAny>) -> PyErr {
    let found = found.get_type().name().map_or_else(|_| "object".to_string(), |name| name.to_string());
    to_python(&Error::dtype(op, &[], format!("{what}, got {found}")))
}
