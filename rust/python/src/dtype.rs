//! `diffkit.dtype`: one object for each element type.

use crate::error::wrong_type;
use diffkit_core::DType;
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
    /// Whether the elements are floats.
    #[getter]
    fn is_floating_point(&self) -> bool {
        self.0.is_float()
    }
    /// Always False: there are no complex dtypes.
    #[getter]
    fn is_complex(&self) -> bool {
        false
    }
    /// Whether negative numbers are among the values.
    #[getter]
    fn is_signed(&self) -> bool {
        !matches!(self.0, DType::Bool | DType::U8)
    }
    /// NumPy's letter for the kind: b, i, u or f.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.0 {
            DType::Bool => "b",
            DType::U8 => "u",
            DType::I32 | DType::I64 => "i",
            DType::F32 | DType::F64 => "f",
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
        let dtype = match name.trim_start_matches("torch.").trim_start_matches("diffkit.") {
            "bool" | "bool_" => DType::Bool,
            "uint8" => DType::U8,
            "int32" => DType::I32,
            "int" | "int64" | "long" => DType::I64,
            "float" if obj.is_instance_of::<pyo3::types::PyType>() => diffkit_core::ops::default_float(),
            "float" | "float32" => DType::F32,
            "float64" | "double" => DType::F64,
            _ => {
                let what = "a dtype is one of bool, uint8, int32, int64, float32, float64";
                return Err(wrong_type("dtype", what, &obj));
            }
        };
        Ok(AnyDType(dtype))
    }
}
