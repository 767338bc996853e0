//! `diffkit._core`: the bindings of the core. This module is the list of what Python sees.

mod autograd;
mod convert;
mod dtype;
mod elementwise;
mod error;
mod exchange;
mod functions;
mod indexing;
mod methods;
mod run;
mod tensor;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::autograd::{GradFn, backward_, grad_of, is_grad_enabled, set_recording};
    #[pymodule_export]
    use crate::dtype::PyDType;
    #[pymodule_export]
    use crate::elementwise::element_op_table;
    #[pymodule_export]
    use crate::functions::create::{
        empty, empty_like, from_numpy, full, full_like, ones, ones_like, tensor, zeros, zeros_like,
    };
    #[pymodule_export]
    use crate::functions::products::{bmm, dot, matmul, mm, mv, outer, tensordot, vecdot};
    #[pymodule_export]
    use crate::functions::reduce::{
        all, amax, amin, any, argmax, argmin, logsumexp, max, mean, min, prod, std, sum, var,
    };
    #[pymodule_export]
    use crate::functions::settings::{
        empty_cache, get_default_dtype, get_num_threads, isa, set_default_dtype, set_num_threads,
    };
    #[pymodule_export]
    use crate::functions::shape::{
        _where_method, bool_, broadcast_to, byte, cat, clone, contiguous, copy_, diagonal, double, expand, expand_as,
        fill_, flatten, float, int, long, matrix_transpose, narrow, permute, ravel, reshape, reshape_as, squeeze,
        stack, t, to, transpose, type_, unsqueeze, view_, where_, zero_,
    };
    #[pymodule_export]
    use crate::tensor::PyTensor;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::run::listen();
        for dtype in diffkit_core::DType::ALL {
            module.add(dtype.name(), crate::dtype::object(module.py(), dtype)?)?;
        }
        crate::methods::attach(module)
    }
}
