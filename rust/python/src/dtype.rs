//! `diffkit.dtype`: one object for each element type.

use crate::error::wrong_type;
use diffkit_core::dtype::Kind;
use diffkit_core::{DType, ops};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The type of a tensor's elements, such as `diffkit.float32`.
///
/// >>> diffkit.ones(2).dtype
/// diffkit.float32
#[pyclass(name = "dtype", module = "diffkit", frozen, eq, hash)]
#[derive(PartialEq, Eq, Hash)]
pub struct PyDType(pub DType);

static OBJECTS: PyOnceLock<Vec<Py<PyDType>>> = PyOnceLock::new();

/// The one object for a dtype.
pub fn object(py: Python<'_>, dtype: DType) -> PyResult<Bound<'_, PyDType>> {
    let objects = OBJECTS
        .get_or_try_init(py, || DType::ALL.iter().map(|&dtype| Py::new(py, PyDType(dtype))).collect::<PyResult<_>>())?;
    Ok(objects[dtype as usize].bind(py).clone())
}

#[pymethods]
impl PyDType {
    fn __repr__(&self) -> String {
        format!("diffkit.{}", self.0.name())
    }
    fn __reduce__(&self) -> String {
        self.0.name().to_string()
    }
    /// Bytes of one element.
    #[getter]
    fn itemsize(&self) -> usize {
        self.0.size()
    }
    /// Whether the elements are real floats.
    #[getter]
    fn is_floating_point(&self) -> bool {
        self.0.is_float()
    }
    /// Whether the elements are complex numbers.
    #[getter]
    fn is_complex(&self) -> bool {
        self.0.is_complex()
    }
    /// Whether negative numbers are among the values.
    #[getter]
    fn is_signed(&self) -> bool {
        self.0 != DType::Bool && !self.0.is_unsigned()
    }
    /// NumPy's letter for the kind: b, i, u, f or c.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.0.kind() {
            Kind::Bool => "b",
            Kind::Integer if self.0.is_unsigned() => "u",
            Kind::Integer => "i",
            Kind::Float => "f",
            Kind::Complex => "c",
        }
    }
}

/// A dtype argument: ours, a Python type, a NumPy dtype or a name.
pub struct AnyDType(pub DType);

impl<'a, 'py> FromPyObject<'a, 'py> for AnyDType {
    type Error = PyErr;
    fn extract(obj: Borrowed<'a, 'py, PyAny>) -> PyResult<AnyDType> {
        if let Ok(dtype) = obj.cast::<PyDType>() {
            return Ok(AnyDType(dtype.get().0));
        }
        // Python's and NumPy's types and dtypes carry their name; a string is a name.
        let name = match obj.extract::<String>() {
            Ok(name) => Some(name),
            Err(_) => {
                ["__name__", "name"].iter().find_map(|attribute| obj.getattr(*attribute).ok()?.extract::<String>().ok())
            }
        };
        let name = name.unwrap_or_default();
        let is_type = obj.is_instance_of::<pyo3::types::PyType>();
        let dtype = match name.trim_start_matches("torch.").trim_start_matches("diffkit.") {
            "bool_" => DType::Bool,
            "int" if is_type => DType::I64,
            "complex" if is_type => ops::default_float().complex(DType::F64),
            "float" if is_type => ops::default_float(),
            "short" => DType::I16,
            "int" | "long" => DType::I64,
            "float" => DType::F32,
            "double" => DType::F64,
            "cfloat" => DType::C64,
            "cdouble" => DType::C128,
            name => DType::ALL.into_iter().find(|dtype| dtype.name() == name).ok_or_else(|| {
                let names: Vec<&str> = DType::ALL.iter().map(|dtype| dtype.name()).collect();
                wrong_type("dtype", &format!("a dtype is one of {}", names.join(", ")), &obj)
            })?,
        };
        Ok(AnyDType(dtype))
    }
}
