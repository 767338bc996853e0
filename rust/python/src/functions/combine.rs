//! Weighted sums and products of several tensors, and comparisons of whole tensors.

use crate::convert::{Axes, Axis, Flag, Float, Input, Operand, either};
use crate::error::Result;
use crate::functions::{in_place, products};
use crate::run::run;
use crate::tensor::{Out, PyTensor};
use diffkit_core::ops::Arg;
use diffkit_core::ops::derived::{combine as core, compare};
use diffkit_core::{Error, Scalar, Tensor};
use pyo3::prelude::*;

const ONE: Operand<'static> = Operand::Scalar(Scalar::Int(1));

/// `input + weight * (end - input)`, exact at both ends; the weight is a number or a tensor.
///
/// >>> diffkit.lerp(diffkit.tensor([0., 10.]), diffkit.tensor([1., 20.]), 0.5)
/// tensor([ 0.5000, 15.0000])
#[pyfunction]
pub fn lerp(py: Python<'_>, input: Input<'_>, end: Input<'_>, weight: Operand<'_>) -> Out {
    let (x, end, weight): (&Tensor, &Tensor, _) = (&input, &end, weight.arg());
    Ok(run(py, x.numel(), || core::lerp(x, end, weight))?.into())
}

/// `lerp` in the tensor's own memory.
///
/// >>> diffkit.zeros(2).lerp_(diffkit.ones(2), 0.25)
/// tensor([0.2500, 0.2500])
#[pyfunction]
pub fn lerp_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    end: Input<'py>,
    weight: Operand<'py>,
) -> Result<Bound<'py, PyTensor>> {
    let (end, weight): (&Tensor, _) = (&end, weight.arg());
    in_place(py, "lerp_", input, &[Arg::Tensor(end), weight], |x| core::lerp(x, end, weight))
}

macro_rules! sums_of_pairs {
    ($($(#[doc = $doc:literal])+ $name:ident $in_place:ident $in_place_doc:literal;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, tensor1, tensor2, *, value = ONE))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            tensor1: Input<'_>,
            tensor2: Input<'_>,
            value: Operand<'_>,
        ) -> Out {
            let (x, a, b, value): (&Tensor, &Tensor, &Tensor, _) = (&input, &tensor1, &tensor2, value.arg());
            Ok(run(py, a.numel().max(b.numel()), || core::$name(x, a, b, value))?.into())
        }
        #[doc = $in_place_doc]
        #[pyfunction]
        #[pyo3(signature = (input, tensor1, tensor2, *, value = ONE))]
        pub fn $in_place<'py>(
            py: Python<'py>,
            input: Bound<'py, PyTensor>,
            tensor1: Input<'py>,
            tensor2: Input<'py>,
            value: Operand<'py>,
        ) -> Result<Bound<'py, PyTensor>> {
            let (a, b, value): (&Tensor, &Tensor, _) = (&tensor1, &tensor2, value.arg());
            let others = [Arg::Tensor(a), Arg::Tensor(b), value];
            in_place(py, stringify!($in_place), input, &others, |x| core::$name(x, a, b, value))
        }
        )*
    };
}

sums_of_pairs! {
    /// `input + value * tensor1 * tensor2`.
    ///
    /// >>> diffkit.addcmul(diffkit.ones(2), diffkit.tensor([1., 2.]), diffkit.tensor([3., 4.]), value=10)
    /// tensor([31., 81.])
    addcmul addcmul_ "`addcmul` in the tensor's own memory.\n\n>>> diffkit.ones(1).addcmul_(diffkit.ones(1), diffkit.ones(1))\ntensor([2.])";
    /// `input + value * tensor1 / tensor2`.
    ///
    /// >>> diffkit.addcdiv(diffkit.ones(2), diffkit.tensor([1., 2.]), diffkit.tensor([2., 8.]))
    /// tensor([1.5000, 1.2500])
    addcdiv addcdiv_ "`addcdiv` in the tensor's own memory.\n\n>>> diffkit.ones(1).addcdiv_(diffkit.ones(1), diffkit.ones(1))\ntensor([2.])";
}

macro_rules! affine {
    ($($(#[doc = $doc:literal])+ $name:ident $in_place:ident($a:ident, $b:ident) $own:literal $others:literal;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (input, $a, $b, *, beta = ONE, alpha = ONE))]
        pub fn $name(
            py: Python<'_>,
            input: Input<'_>,
            $a: Input<'_>,
            $b: Input<'_>,
            beta: Operand<'_>,
            alpha: Operand<'_>,
        ) -> Out {
            let (c, a, b): (&Tensor, &Tensor, &Tensor) = (&input, &$a, &$b);
            let (beta, alpha) = (beta.arg(), alpha.arg());
            Ok(run(py, products::work(a, b), || core::$name(c, a, b, beta, alpha))?.into())
        }
        #[doc = concat!(
            "`", stringify!($name), "` in the tensor's own memory, which must have the result's shape.\n\n",
            ">>> x = ", $own, "\n>>> x.", stringify!($in_place), "(", $others, ") is x\nTrue"
        )]
        #[pyfunction]
        #[pyo3(signature = (input, $a, $b, *, beta = ONE, alpha = ONE))]
        pub fn $in_place<'py>(
            py: Python<'py>,
            input: Bound<'py, PyTensor>,
            $a: Input<'py>,
            $b: Input<'py>,
            beta: Operand<'py>,
            alpha: Operand<'py>,
        ) -> Result<Bound<'py, PyTensor>> {
            let (a, b, beta, alpha): (&Tensor, &Tensor, _, _) = (&$a, &$b, beta.arg(), alpha.arg());
            let others = [Arg::Tensor(a), Arg::Tensor(b)];
            in_place(py, stringify!($in_place), input, &others, |c| core::$name(c, a, b, beta, alpha))
        }
        )*
    };
}

affine! {
    /// `beta * input + alpha * (mat1 @ mat2)`, the input broadcast; with beta 0 nothing of it counts, not even NaN.
    ///
    /// >>> diffkit.addmm(diffkit.ones(2), diffkit.eye(2), diffkit.eye(2), beta=10)
    /// tensor([[11., 10.],
    ///         [10., 11.]])
    addmm addmm_(mat1, mat2) "diffkit.ones(2, 2)" "diffkit.eye(2), diffkit.eye(2)";
    /// `beta * input + alpha * (mat @ vec)`.
    ///
    /// >>> diffkit.addmv(diffkit.ones(2), diffkit.eye(2), diffkit.tensor([3., 4.]))
    /// tensor([4., 5.])
    addmv addmv_(mat, vec) "diffkit.ones(2)" "diffkit.eye(2), diffkit.ones(2)";
    /// `beta * input + alpha * (batch1 @ batch2)` for stacks of matrices.
    ///
    /// >>> diffkit.baddbmm(diffkit.zeros(1), diffkit.ones(5, 2, 3), diffkit.ones(5, 3, 4)).shape
    /// (5, 2, 4)
    baddbmm baddbmm_(batch1, batch2) "diffkit.zeros(5, 2, 4)" "diffkit.ones(5, 2, 3), diffkit.ones(5, 3, 4)";
    /// `beta * input + alpha * (batch1 @ batch2)`, summed over stacks of matrices.
    ///
    /// >>> diffkit.addbmm(diffkit.zeros(1), diffkit.ones(5, 2, 3), diffkit.ones(5, 3, 4))[0]
    /// tensor([15., 15., 15., 15.])
    addbmm addbmm_(batch1, batch2) "diffkit.zeros(2, 4)" "diffkit.ones(5, 2, 3), diffkit.ones(5, 3, 4)";
    /// `beta * input + alpha * outer(vec1, vec2)`.
    ///
    /// >>> diffkit.addr(diffkit.ones(2, 2), diffkit.tensor([1., 2.]), diffkit.tensor([3., 4.])).tolist()
    /// [[4.0, 5.0], [7.0, 9.0]]
    addr addr_(vec1, vec2) "diffkit.ones(2, 2)" "diffkit.ones(2), diffkit.ones(2)";
}

/// `input @ weight.T + bias` for inputs (..., in) and a weight (out, in) or (in,).
///
/// >>> diffkit.linear(diffkit.tensor([1., 2.]), diffkit.tensor([[3., 4.]]), diffkit.tensor([1.]))
/// tensor([12.])
#[pyfunction]
#[pyo3(signature = (input, weight, bias = None))]
pub fn linear(py: Python<'_>, input: Input<'_>, weight: Input<'_>, bias: Option<Input<'_>>) -> Out {
    let (x, weight, bias): (&Tensor, &Tensor, _) = (&input, &weight, bias.as_deref());
    let work = x.numel().saturating_mul(weight.shape().first().copied().unwrap_or(1)) / 16;
    Ok(run(py, work, || core::linear(x, weight, bias))?.into())
}

/// The cross product of 3-vectors along `dim`, by default the first axis of size 3.
///
/// >>> diffkit.cross(diffkit.tensor([1., 0., 0.]), diffkit.tensor([0., 1., 0.]))
/// tensor([0., 0., 1.])
#[pyfunction]
#[pyo3(signature = (input, other, dim = None, *, axis = None))]
pub fn cross(py: Python<'_>, input: Input<'_>, other: Input<'_>, dim: Option<Axis>, axis: Option<Axis>) -> Out {
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    let axis = match either("cross", "dim", dim, "axis", axis)? {
        Some(axis) => axis.0,
        None => a.shape().iter().position(|&n| n == 3).map(|axis| axis as i64).ok_or_else(|| {
            Error::shape("cross", &[a.shape(), b.shape()], "takes vectors of 3, and no axis has that size")
        })?,
    };
    Ok(run(py, a.numel().max(b.numel()), || core::cross(a, b, axis))?.into())
}

/// `log(x / (1 - x))`, the inverse of the sigmoid; with `eps`, of `x` kept within `eps` and `1 - eps`.
///
/// >>> diffkit.logit(diffkit.tensor([0.5, 0.75]))
/// tensor([0.0000, 1.0986])
#[pyfunction]
#[pyo3(signature = (input, eps = None))]
pub fn logit(py: Python<'_>, input: Input<'_>, eps: Option<Float>) -> Out {
    let (x, eps): (&Tensor, _) = (&input, eps.map(|eps| eps.0));
    Ok(run(py, x.numel(), || core::logit(x, eps))?.into())
}

/// `logit` in the tensor's own memory.
///
/// >>> diffkit.tensor([0.5]).logit_()
/// tensor([0.])
#[pyfunction]
#[pyo3(signature = (input, eps = None))]
pub fn logit_<'py>(py: Python<'py>, input: Bound<'py, PyTensor>, eps: Option<Float>) -> Result<Bound<'py, PyTensor>> {
    let eps = eps.map(|eps| eps.0);
    in_place(py, "logit_", input, &[], |x| core::logit(x, eps))
}

/// `input` to the power `exponent`, computed in float64 (or complex128).
///
/// >>> diffkit.float_power(diffkit.tensor([1, 2]), 3).dtype
/// diffkit.float64
#[pyfunction]
pub fn float_power(py: Python<'_>, input: Operand<'_>, exponent: Operand<'_>) -> Out {
    let (x, y) = (input.arg(), exponent.arg());
    if let (Arg::Scalar(_), Arg::Scalar(_)) = (x, y) {
        return Err(Error::value("float_power", "needs at least one Tensor").into());
    }
    let size = |arg| if let Arg::Tensor(t) = arg { t.numel() } else { 1 };
    Ok(run(py, size(x).max(size(y)), || core::float_power(x, y))?.into())
}

/// `input * 2^other`.
///
/// >>> diffkit.ldexp(diffkit.tensor([1., 3.]), diffkit.tensor([2, -1]))
/// tensor([4.0000, 1.5000])
#[pyfunction]
pub fn ldexp(py: Python<'_>, input: Input<'_>, other: Input<'_>) -> Out {
    let (x, y): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, x.numel().max(y.numel()), || core::ldexp(x, y))?.into())
}

/// `ldexp` in the tensor's own memory.
///
/// >>> diffkit.tensor([1., 3.]).ldexp_(diffkit.tensor(2))
/// tensor([ 4., 12.])
#[pyfunction]
pub fn ldexp_<'py>(py: Python<'py>, input: Bound<'py, PyTensor>, other: Input<'py>) -> Result<Bound<'py, PyTensor>> {
    let y: &Tensor = &other;
    in_place(py, "ldexp_", input, &[Arg::Tensor(y)], |x| core::ldexp(x, y))
}

/// 0 where the input is negative, 1 where positive, `values` where it is 0.
///
/// >>> diffkit.heaviside(diffkit.tensor([-1., 0., 1.]), diffkit.tensor(0.5))
/// tensor([0.0000, 0.5000, 1.0000])
#[pyfunction]
pub fn heaviside(py: Python<'_>, input: Input<'_>, values: Input<'_>) -> Out {
    let (x, values): (&Tensor, &Tensor) = (&input, &values);
    Ok(run(py, x.numel(), || core::heaviside(x, values))?.into())
}

/// NaN replaced by `nan`, infinities by `posinf` and `neginf` or the dtype's largest and smallest finite number. The
/// derivative is 1 where nothing was replaced, else 0.
///
/// >>> diffkit.nan_to_num(diffkit.tensor([float("nan"), 1., float("inf")]), posinf=9.)
/// tensor([0., 1., 9.])
#[pyfunction]
#[pyo3(signature = (input, nan = None, posinf = None, neginf = None))]
pub fn nan_to_num(
    py: Python<'_>,
    input: Input<'_>,
    nan: Option<Float>,
    posinf: Option<Float>,
    neginf: Option<Float>,
) -> Out {
    let nan = nan.map(|v| v.0);
    let posinf = posinf.map(|v| v.0);
    let neginf = neginf.map(|v| v.0);
    let x: &Tensor = &input;
    Ok(run(py, x.numel(), || core::nan_to_num(x, nan.unwrap_or(0.0), posinf, neginf))?.into())
}

/// `nan_to_num` in the tensor's own memory.
///
/// >>> diffkit.tensor([float("nan"), 1.]).nan_to_num_()
/// tensor([0., 1.])
#[pyfunction]
#[pyo3(signature = (input, nan = None, posinf = None, neginf = None))]
pub fn nan_to_num_<'py>(
    py: Python<'py>,
    input: Bound<'py, PyTensor>,
    nan: Option<Float>,
    posinf: Option<Float>,
    neginf: Option<Float>,
) -> Result<Bound<'py, PyTensor>> {
    let (nan, posinf, neginf) = (nan.map_or(0.0, |v| v.0), posinf.map(|v| v.0), neginf.map(|v| v.0));
    in_place(py, "nan_to_num_", input, &[], |x| core::nan_to_num(x, nan, posinf, neginf))
}

// ---- comparison ----

/// True where `|input - other| <= atol + rtol * |other|`, or both are the same infinity, or (with `equal_nan`) both
/// are NaN.
///
/// >>> diffkit.isclose(diffkit.tensor([1., 2.]), diffkit.tensor([1.000001, 2.1]))
/// tensor([ True, False])
#[pyfunction]
#[pyo3(signature = (input, other, rtol = Float(1e-5), atol = Float(1e-8), equal_nan = Flag(false)))]
pub fn isclose(py: Python<'_>, input: Input<'_>, other: Input<'_>, rtol: Float, atol: Float, equal_nan: Flag) -> Out {
    let rtol = rtol.0;
    let atol = atol.0;
    let equal_nan = equal_nan.0;
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    Ok(run(py, a.numel().max(b.numel()), || compare::isclose(a, b, rtol, atol, equal_nan))?.into())
}

/// Whether `isclose` holds everywhere.
///
/// >>> diffkit.allclose(diffkit.tensor([1., 2.]), diffkit.tensor([1.000001, 2.]))
/// True
#[pyfunction]
#[pyo3(signature = (input, other, rtol = Float(1e-5), atol = Float(1e-8), equal_nan = Flag(false)))]
pub fn allclose(
    py: Python<'_>,
    input: Input<'_>,
    other: Input<'_>,
    rtol: Float,
    atol: Float,
    equal_nan: Flag,
) -> Result<bool> {
    let rtol = rtol.0;
    let atol = atol.0;
    let equal_nan = equal_nan.0;
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    run(py, a.numel().max(b.numel()), || compare::allclose(a, b, rtol, atol, equal_nan))
}

/// Whether both tensors have one shape and equal elements.
///
/// >>> diffkit.equal(diffkit.tensor([1, 2]), diffkit.tensor([1, 2]))
/// True
#[pyfunction]
pub fn equal(py: Python<'_>, input: Input<'_>, other: Input<'_>) -> Result<bool> {
    let (a, b): (&Tensor, &Tensor) = (&input, &other);
    run(py, a.numel(), || compare::equal(a, b))
}

/// How many elements over the axes `dim` (all if none is given) are not zero.
///
/// >>> diffkit.count_nonzero(diffkit.tensor([[0, 1], [2, 3]]), dim=0)
/// tensor([1, 2])
#[pyfunction]
#[pyo3(signature = (input, dim = None, *, axis = None))]
pub fn count_nonzero(py: Python<'_>, input: Input<'_>, dim: Option<Axes>, axis: Option<Axes>) -> Out {
    let axes = either("count_nonzero", "dim", dim, "axis", axis)?.filter(|axes| !axes.0.is_empty());
    let (x, axes): (&Tensor, _) = (&input, axes.as_ref().map(|axes| axes.0.as_slice()));
    Ok(run(py, x.numel(), || compare::count_nonzero(x, axes))?.into())
}
