//! `diffkit._core`: the bindings of the core. This module is the list of what Python sees.

mod autograd;
mod convert;
mod dlpack;
mod dtype;
mod elementwise;
mod error;
mod exchange;
mod functions;
mod generator;
mod indexing;
mod methods;
mod operators;
mod reuse;
mod run;
mod tensor;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::autograd::{GradFn, backward_, grad_of, is_grad_enabled, set_recording};
    #[pymodule_export]
    use crate::dlpack::from_dlpack;
    #[pymodule_export]
    use crate::dtype::PyDType;
    #[pymodule_export]
    use crate::elementwise::element_op_table;
    #[pymodule_export]
    use crate::functions::activation::{
        _gelu_tanh, celu, clamp, clamp_, elu, glu, hardshrink, hardsigmoid, hardswish, hardtanh, layer_norm,
        leaky_relu, log_softmax, logsigmoid, mish, prelu, relu6, selu, softmax, softmin, softplus, softshrink,
        softsign, tanhshrink, threshold,
    };
    #[pymodule_export]
    use crate::functions::arrange::{
        broadcast_tensors, chunk, diag, diff, flip, kron, meshgrid, movedim, repeat, repeat_interleave, roll, select,
        split, tensor_split, tile, tril, tril_indices, triu, triu_indices, unbind,
    };
    #[pymodule_export]
    use crate::functions::assemble::{
        atleast_1d, atleast_2d, atleast_3d, block_diag, cartesian_prod, column_stack, combinations, diag_embed,
        diagflat, dsplit, dstack, fliplr, flipud, hsplit, hstack, rot90, sum_to_size, unflatten, vander, view_as,
        vsplit, vstack,
    };
    #[pymodule_export]
    use crate::functions::combine::{
        addbmm, addbmm_, addcdiv, addcdiv_, addcmul, addcmul_, addmm, addmm_, addmv, addmv_, addr, addr_, allclose,
        baddbmm, baddbmm_, count_nonzero, cross, equal, float_power, heaviside, isclose, ldexp, ldexp_, lerp, lerp_,
        linear, logit, logit_, nan_to_num, nan_to_num_,
    };
    #[pymodule_export]
    use crate::functions::complex::{adjoint, complex, conj, imag, isreal, polar, real, view_as_complex, view_as_real};
    #[pymodule_export]
    use crate::functions::counting::{bincount, histc, mode, unique, unique_consecutive};
    #[pymodule_export]
    use crate::functions::create::{
        arange, asarray, empty, empty_like, eye, from_numpy, full, full_like, linspace, logspace, one_hot, ones,
        ones_like, tensor, zeros, zeros_like,
    };
    #[pymodule_export]
    use crate::functions::decompositions::{cholesky, eig, eigh, eigvalsh, lu, qr, slogdet, svd};
    #[pymodule_export]
    use crate::functions::distance::{cdist, cosine_similarity, dist, normalize, pairwise_distance, renorm, renorm_};
    #[pymodule_export]
    use crate::functions::fft::_fourier;
    #[pymodule_export]
    use crate::functions::index::{
        gather, index_add, index_put, index_put_, index_select, masked_fill, masked_fill_, masked_select, nonzero,
        scatter, scatter_add, take, take_along_dim,
    };
    #[pymodule_export]
    use crate::functions::inspect::{
        broadcast_shapes, can_cast, cpu, is_complex, is_floating_point, is_nonzero, is_same_size, is_tensor, new_empty,
        new_full, new_ones, new_tensor, new_zeros, numel_of, promote_types, result_type, type_as,
    };
    #[pymodule_export]
    use crate::functions::integrate::{cumulative_trapezoid, gradient, trapezoid};
    #[pymodule_export]
    use crate::functions::linalg::{
        cond, det, eigvals, inv, linalg_norm, lstsq, matrix_exp, matrix_norm, matrix_power, matrix_rank, norm, pinv,
        solve, solve_triangular, svdvals, trace, vector_norm,
    };
    #[pymodule_export]
    use crate::functions::loss::{
        binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, huber_loss, kl_div, l1_loss, mse_loss,
        nll_loss, smooth_l1_loss,
    };
    #[pymodule_export]
    use crate::functions::memory::{data_ptr, dim, element_size, is_contiguous, nelement, storage_offset, stride};
    #[pymodule_export]
    use crate::functions::order::{
        _sorted, argsort, argwhere, bucketize, isin, kthvalue, median, msort, nanmedian, nanquantile, quantile,
        searchsorted, sort, topk,
    };
    #[pymodule_export]
    use crate::functions::products::{bmm, dot, einsum, inner, matmul, mm, mv, outer, tensordot, vdot, vecdot};
    #[pymodule_export]
    use crate::functions::random::{normal, rand, rand_like, randint, randint_like, randn, randn_like, randperm};
    #[pymodule_export]
    use crate::functions::reduce::{
        all, amax, amin, any, argmax, argmin, logsumexp, max, mean, min, nanmean, nansum, prod, std, sum, var,
    };
    #[pymodule_export]
    use crate::functions::sample::{
        _categorical, _multinomial_counts, _standard_gamma, bernoulli, bernoulli_, binomial, dropout, exponential_,
        multinomial, normal_, poisson, random_, uniform_,
    };
    #[pymodule_export]
    use crate::functions::scan::{cummax, cummin, cumprod, cumsum, logcumsumexp};
    #[pymodule_export]
    use crate::functions::settings::{
        empty_cache, get_default_dtype, get_fusion, get_num_threads, isa, set_default_dtype, set_fusion,
        set_num_threads,
    };
    #[pymodule_export]
    use crate::functions::shape::{
        _where_method, bool_, broadcast_to, byte, cat, cdouble, cfloat, char, clone, contiguous, copy_, diagonal,
        double, expand, expand_as, fill_, flatten, float, int, long, matrix_transpose, narrow, permute, ravel, reshape,
        reshape_as, short, squeeze, stack, t, to, transpose, type_, unsqueeze, view_, where_, zero_,
    };
    #[pymodule_export]
    use crate::functions::statistics::{aminmax, corrcoef, cov, std_mean, var_mean};
    #[pymodule_export]
    use crate::functions::writing::{
        cumprod_, cumsum_, diagonal_scatter, fill_diagonal_, index_add_, index_copy, index_copy_, index_fill,
        index_fill_, masked_scatter, masked_scatter_, put, put_, scatter_, scatter_add_, select_scatter, slice_scatter,
        tril_, triu_,
    };
    #[pymodule_export]
    use crate::generator::{PyGenerator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state};
    #[pymodule_export]
    use crate::tensor::PyTensor;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::run::listen();
        crate::reuse::begin(module.py());
        for dtype in diffkit_core::DType::ALL {
            module.add(dtype.name(), crate::dtype::object(module.py(), dtype)?)?;
        }
        module.add("default_generator", crate::generator::default())?;
        crate::methods::attach(module)
    }
}
