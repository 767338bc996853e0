//! Settings of the process: threads, default dtype, caches.

use crate::convert::Int;
use crate::dtype::{AnyDType, PyDType, object};
use crate::error::Result;
use diffkit_core::{Error, buffer, kernels, ops, parallel};
use pyo3::prelude::*;

/// The number of parts that large work is cut into. Results never depend on it.
///
/// >>> diffkit.get_num_threads() >= 1
/// True
#[pyfunction]
pub fn get_num_threads() -> usize {
    parallel::num_threads()
}

/// Sets the number of parts that large work is cut into; also `DIFFKIT_NUM_THREADS`.
///
/// >>> diffkit.set_num_threads(diffkit.get_num_threads())
#[pyfunction]
pub fn set_num_threads(n: Int) -> Result<()> {
    let n = n.0;
    if n < 1 {
        return Err(Error::value("set_num_threads", format!("needs at least one thread, got {n}")).into());
    }
    parallel::set_num_threads(n as usize);
    Ok(())
}

/// The dtype of floats that come without one.
///
/// >>> diffkit.get_default_dtype()
/// diffkit.float32
#[pyfunction]
pub fn get_default_dtype(py: Python<'_>) -> PyResult<Bound<'_, PyDType>> {
    object(py, ops::default_float())
}

/// Sets the dtype of floats that come without one: float32 (as it starts) or float64.
///
/// >>> diffkit.set_default_dtype(diffkit.float32)
#[pyfunction]
pub fn set_default_dtype(d: AnyDType) -> Result<()> {
    Ok(ops::set_default_float(d.0)?)
}

/// Whether large elementwise results wait until they are needed (see `set_fusion`).
///
/// >>> diffkit.get_fusion()
/// True
#[pyfunction]
pub fn get_fusion() -> bool {
    kernels::deferred::is_enabled()
}

/// Says whether large elementwise results (8,192 elements or more) wait until somebody needs them, so that a chain of
/// them is one pass over memory. It starts as true; results are the same bits either way. Without it every operation
/// is computed when it is called, which is simpler to time.
///
/// >>> diffkit.set_fusion(True)
#[pyfunction]
pub fn set_fusion(on: bool) {
    kernels::deferred::set_enabled(on);
}

/// Gives freed memory that is kept for reuse back to the system.
///
/// >>> diffkit.empty_cache()
#[pyfunction]
pub fn empty_cache() {
    buffer::empty_cache();
}

/// The instruction set that kernels use: "avx512", "avx2" or "baseline"; `DIFFKIT_ISA` can lower it.
///
/// >>> diffkit.isa() in ("avx512", "avx2", "baseline")
/// True
#[pyfunction]
pub fn isa() -> &'static str {
    match kernels::isa() {
        kernels::Isa::Avx512 => "avx512",
        kernels::Isa::Avx2 => "avx2",
        kernels::Isa::Baseline => "baseline",
    }
}
