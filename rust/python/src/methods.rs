//! Which functions are methods of Tensor too: a function whose first argument is a tensor serves as both.

use crate::elementwise;
use crate::tensor::PyTensor;
use pyo3::ffi;
use pyo3::prelude::*;

/// Functions of the module that are not methods.
const NOT_METHODS: &[&str] = &[
    "tensor",
    "from_numpy",
    "zeros",
    "ones",
    "empty",
    "full",
    "zeros_like",
    "ones_like",
    "empty_like",
    "full_like",
    "cat",
    "stack",
    "where",
    "element_op_table",
    "grad_of",
    "is_grad_enabled",
    "set_recording",
    "backward_",
    "from_dlpack",
    "meshgrid",
    "arange",
    "linspace",
    "logspace",
    "eye",
    "einsum",
    "tensordot",
    "asarray",
    "one_hot",
    "linalg_norm",
    "vector_norm",
    "matrix_norm",
    "matrix_rank",
    "svdvals",
    "eigh",
    "eigvalsh",
    "eig",
    "eigvals",
    "lstsq",
    "lu",
    "solve_triangular",
    "solve",
    "pinv",
    "get_fusion",
    "set_fusion",
    "get_num_threads",
    "set_num_threads",
    "get_default_dtype",
    "set_default_dtype",
    "empty_cache",
    "isa",
    "cond",
    "rand",
    "rand_like",
    "randn",
    "randn_like",
    "randint",
    "randint_like",
    "randperm",
    "normal",
    "binomial",
    "poisson",
    "_standard_gamma",
    "_categorical",
    "_multinomial_counts",
    "_sorted",
    "dropout",
    "manual_seed",
    "seed",
    "initial_seed",
    "get_rng_state",
    "set_rng_state",
    "mse_loss",
    "l1_loss",
    "huber_loss",
    "smooth_l1_loss",
    "kl_div",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "nll_loss",
    "cross_entropy",
    "linear",
    "layer_norm",
    "softplus",
    "leaky_relu",
    "elu",
    "selu",
    "hardtanh",
    "relu6",
    "mish",
    "softsign",
    "logsigmoid",
    "normalize",
    "cosine_similarity",
    "cdist",
    "var_mean",
    "std_mean",
    "searchsorted",
    "isin",
    "broadcast_tensors",
    "tril_indices",
    "triu_indices",
    "concat",
    "concatenate",
    "is_tensor",
    "result_type",
    "promote_types",
    "numel_of",
    "complex",
    "polar",
    "view_as_real",
    "view_as_complex",
    "real",
    "imag",
    "_fourier",
    "_gelu_tanh",
    "softmin",
    "celu",
    "hardsigmoid",
    "hardswish",
    "tanhshrink",
    "threshold",
    "softshrink",
    "glu",
    "pairwise_distance",
    "hstack",
    "vstack",
    "row_stack",
    "dstack",
    "column_stack",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block_diag",
    "cartesian_prod",
    "combinations",
    "vander",
    "bucketize",
    "trapezoid",
    "trapz",
    "cumulative_trapezoid",
    "gradient",
    "broadcast_shapes",
    "can_cast",
];

/// Further names of functions and methods.
const ALIASES: &[(&str, &str)] = &[
    ("clip", "clamp"),
    ("clip_", "clamp_"),
    ("concat", "cat"),
    ("concatenate", "cat"),
    ("inverse", "inv"),
    ("moveaxis", "movedim"),
    ("swapaxes", "transpose"),
    ("swapdims", "transpose"),
    ("ger", "outer"),
    ("row_stack", "vstack"),
    ("trapz", "trapezoid"),
];

/// Methods only: names that mean something else as functions, or nothing.
const NOT_FUNCTIONS: &[&str] = &[
    "data_ptr",
    "dim",
    "element_size",
    "is_contiguous",
    "nelement",
    "storage_offset",
    "stride",
    "view",
    "expand",
    "expand_as",
    "reshape_as",
    "to",
    "type",
    "float",
    "double",
    "long",
    "int",
    "byte",
    "char",
    "short",
    "cfloat",
    "cdouble",
    "bool_",
    "copy_",
    "fill_",
    "zero_",
    "contiguous",
    "backward_",
    "repeat",
    "type_as",
    "cpu",
    "new_zeros",
    "new_ones",
    "new_empty",
    "new_full",
    "new_tensor",
    "sum_to_size",
    "view_as",
];

/// What the package's own Python uses and users do not see.
const INTERNAL: &[&str] = &["element_op_table", "grad_of", "set_recording"];

/// Attaches the methods to the class and takes what is not a function out of the module.
pub fn attach(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let class = py.get_type::<PyTensor>();
    for (name, function) in elementwise::functions(py)? {
        module.add(name.as_str(), &function)?;
    }
    for (alias, name) in ALIASES {
        module.add(*alias, module.getattr(*name)?)?;
    }
    let names: Vec<String> = module.dict().keys().iter().map(|key| key.extract()).collect::<PyResult<_>>()?;
    for name in names {
        let function = module.getattr(name.as_str())?;
        if name.starts_with("__") || !function.is_callable() || function.is_instance_of::<pyo3::types::PyType>() {
            continue;
        }
        if !NOT_METHODS.contains(&name.as_str()) || name == "backward_" {
            class.setattr(method_name(&name), as_method(&function)?)?;
        }
        if NOT_FUNCTIONS.contains(&name.as_str()) || is_in_place_only(&name) {
            module.delattr(name.as_str())?;
        }
    }
    class.setattr("where", as_method(&module.getattr("_where_method")?)?)?;
    module.delattr("_where_method")?;
    let public: Vec<String> = module.dict().keys().iter().map(|key| key.extract()).collect::<PyResult<_>>()?;
    let is_public = |name: &String| !name.starts_with('_') && !INTERNAL.contains(&name.as_str());
    module.setattr("__all__", public.into_iter().filter(is_public).collect::<Vec<_>>())
}

/// `bool_` and `backward_` avoid words that Rust or this crate use otherwise.
fn method_name(name: &str) -> &str {
    match name {
        "bool_" => "bool",
        "backward_" => "backward",
        name => name,
    }
}

/// PyTorch has in-place forms as functions too, but only by accident of history.
fn is_in_place_only(name: &str) -> bool {
    name.ends_with('_') && !name.ends_with("__")
}

unsafe extern "C" {
    /// Part of Python's C API that PyO3 does not declare.
    fn PyInstanceMethod_New(function: *mut ffi::PyObject) -> *mut ffi::PyObject;
}

/// A builtin function does not bind to instances by itself; wrapped so, it does.
fn as_method<'py>(function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: takes a live callable and returns a new reference.
    unsafe { Bound::from_owned_ptr_or_err(function.py(), PyInstanceMethod_New(function.as_ptr())) }
}
