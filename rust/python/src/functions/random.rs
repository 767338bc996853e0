//! New random tensors of a shape. What is drawn depends on the generator's seed and on positions, never on threads.

use crate::convert::{Axis, Flag, Input, Operand, either, index_of, sizes};
use crate::dtype::AnyDType;
use crate::error::Result;
use crate::functions::create::finish;
use crate::generator::{PyGenerator, named};
use crate::run::run;
use crate::tensor::Out;
use diffkit_core::ops::Arg;
use diffkit_core::ops::random as core;
use diffkit_core::{DType, Error, Scalar, Tensor};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

type Source<'a, 'py> = Option<&'a Bound<'py, PyGenerator>>;
type Object<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

fn count(sizes: &[i64]) -> usize {
    sizes.iter().fold(1, |n, &size| n.saturating_mul(usize::try_from(size).unwrap_or(0)))
}

fn sizes_of(x: &Tensor) -> Vec<i64> {
    x.shape().iter().map(|&size| size as i64).collect()
}

macro_rules! drawn {
    ($($(#[doc = $doc:literal])+ $name:ident $like:ident $like_doc:literal;)*) => {
        $(
        $(#[doc = $doc])+
        #[pyfunction]
        #[pyo3(signature = (*args, size = None, generator = None, dtype = None, device = None, requires_grad = Flag(false)))]
        pub fn $name(
            py: Python<'_>,
            args: &Bound<'_, PyTuple>,
            size: Object<'_, '_>,
            generator: Source<'_, '_>,
            dtype: Option<AnyDType>,
            device: Object<'_, '_>,
            requires_grad: Flag,
        ) -> Out {
            let requires_grad = requires_grad.0;
            let (op, source) = (stringify!($name), named(generator));
            let shape = sizes(op, args, size)?;
            let call = || core::$name(&shape, dtype.map(|dtype| dtype.0), source);
            finish(op, run(py, count(&shape), call)?, device, requires_grad)
        }
        #[doc = $like_doc]
        #[pyfunction]
        #[pyo3(signature = (input, *, generator = None, dtype = None, device = None, requires_grad = Flag(false)))]
        pub fn $like(
            py: Python<'_>,
            input: Input<'_>,
            generator: Source<'_, '_>,
            dtype: Option<AnyDType>,
            device: Object<'_, '_>,
            requires_grad: Flag,
        ) -> Out {
            let requires_grad = requires_grad.0;
            let (shape, source) = (sizes_of(&input), named(generator));
            let dtype = dtype.map_or(input.dtype(), |dtype| dtype.0);
            let call = || core::$name(&shape, Some(dtype), source);
            finish(stringify!($like), run(py, count(&shape), call)?, device, requires_grad)
        }
        )*
    };
}

drawn! {
    /// Numbers uniform in [0, 1), of a shape.
    ///
    /// >>> x = diffkit.rand(1000)
    /// >>> x.min() >= 0, x.max() < 1
    /// (tensor(True), tensor(True))
    rand rand_like "Numbers uniform in [0, 1), of the shape and dtype of `input`.\n\n>>> diffkit.rand_like(diffkit.zeros(2, 3)).shape\n(2, 3)";
    /// Standard normal numbers, of a shape.
    ///
    /// >>> diffkit.randn(2, 3).shape
    /// (2, 3)
    randn randn_like "Standard normal numbers, of the shape and dtype of `input`.\n\n>>> diffkit.randn_like(diffkit.zeros(2, 3)).shape\n(2, 3)";
}

/// `low` and `high` from the numbers given by place and by name; one number alone is `high`.
fn range_of(op: &'static str, given: &[i64], low: Option<Axis>, high: Option<Axis>) -> Result<(i64, i64)> {
    match (given, low, high) {
        ([low, high], None, None) => Ok((*low, *high)),
        ([low], None, Some(high)) => Ok((*low, high.0)),
        ([high], low, None) => Ok((low.map_or(0, |low| low.0), *high)),
        ([], low, Some(high)) => Ok((low.map_or(0, |low| low.0), high.0)),
        _ => Err(Error::value(op, "needs high, or low and high, each once").into()),
    }
}

/// Integers uniform in [low, high), of a shape; `low` is 0 if only one number is given.
///
/// >>> x = diffkit.randint(3, 5, (100,))
/// >>> x.unique()
/// tensor([3, 4])
#[pyfunction]
#[pyo3(signature = (*args, low = None, high = None, size = None, generator = None, dtype = None, device = None, requires_grad = Flag(false)))]
#[allow(clippy::too_many_arguments)]
pub fn randint(
    py: Python<'_>,
    args: &Bound<'_, PyTuple>,
    low: Option<Axis>,
    high: Option<Axis>,
    size: Object<'_, '_>,
    generator: Source<'_, '_>,
    dtype: Option<AnyDType>,
    device: Object<'_, '_>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    const OP: &str = "randint";
    let mut given: Vec<Bound<'_, PyAny>> = args.iter().collect();
    let is_shape = |obj: &Bound<'_, PyAny>| obj.is_instance_of::<PyTuple>() || obj.is_instance_of::<PyList>();
    let last = given.pop_if(|last| is_shape(last));
    let size = either(OP, "size", last.as_ref(), "size", size)?;
    let size = size.ok_or_else(|| Error::value(OP, "needs the shape as a tuple, such as randint(0, 10, (3,))"))?;
    let shape = sizes(OP, &PyTuple::empty(py), Some(size))?;
    let given: Vec<i64> = given.iter().map(|number| index_of(OP, number)).collect::<PyResult<_>>()?;
    let ((low, high), source) = (range_of(OP, &given, low, high)?, named(generator));
    let call = || core::randint(low, high, &shape, dtype.map(|dtype| dtype.0), source);
    finish(OP, run(py, count(&shape), call)?, device, requires_grad)
}

/// Integers uniform in [low, high), of the shape and dtype of `input`; `low` is 0 if only one number is given.
///
/// >>> diffkit.randint_like(diffkit.zeros(2), 1)
/// tensor([0., 0.])
#[pyfunction]
#[pyo3(signature = (input, *args, low = None, high = None, generator = None, dtype = None, device = None, requires_grad = Flag(false)))]
#[allow(clippy::too_many_arguments)]
pub fn randint_like(
    py: Python<'_>,
    input: Input<'_>,
    args: &Bound<'_, PyTuple>,
    low: Option<Axis>,
    high: Option<Axis>,
    generator: Source<'_, '_>,
    dtype: Option<AnyDType>,
    device: Object<'_, '_>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    const OP: &str = "randint_like";
    let given: Vec<i64> = args.iter().map(|number| index_of(OP, &number)).collect::<PyResult<_>>()?;
    let ((low, high), source) = (range_of(OP, &given, low, high)?, named(generator));
    let (shape, dtype) = (sizes_of(&input), dtype.map_or(input.dtype(), |dtype| dtype.0));
    let call = || core::randint(low, high, &shape, Some(dtype), source);
    finish(OP, run(py, count(&shape), call)?, device, requires_grad)
}

/// The integers below `n` in a random order.
///
/// >>> diffkit.randperm(4).sort().values
/// tensor([0, 1, 2, 3])
#[pyfunction]
#[pyo3(signature = (n, *, generator = None, dtype = None, device = None, requires_grad = Flag(false)))]
pub fn randperm(
    py: Python<'_>,
    n: Axis,
    generator: Source<'_, '_>,
    dtype: Option<AnyDType>,
    device: Object<'_, '_>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    let source = named(generator);
    let call = || core::randperm(n.0, dtype.map(|dtype| dtype.0), source);
    finish("randperm", run(py, count(&[n.0]), call)?, device, requires_grad)
}

/// Normal numbers with a mean and a standard deviation: tensors, whose common shape the result has, or two numbers with
/// a `size`.
///
/// >>> diffkit.normal(diffkit.tensor([1., 2.]), 0.)
/// tensor([1., 2.])
#[pyfunction]
#[pyo3(signature = (mean = Operand::Scalar(Scalar::Float(0.0)), std = Operand::Scalar(Scalar::Float(1.0)), size = None, *, generator = None, dtype = None, device = None, requires_grad = Flag(false)))]
#[allow(clippy::too_many_arguments)]
pub fn normal(
    py: Python<'_>,
    mean: Operand<'_>,
    std: Operand<'_>,
    size: Object<'_, '_>,
    generator: Source<'_, '_>,
    dtype: Option<AnyDType>,
    device: Object<'_, '_>,
    requires_grad: Flag,
) -> Out {
    let requires_grad = requires_grad.0;
    const OP: &str = "normal";
    let (mean, std, source) = (mean.arg(), std.arg(), named(generator));
    let numbers = matches!((mean, std), (Arg::Scalar(_), Arg::Scalar(_)));
    let shape = match size {
        Some(size) if numbers => Some(sizes(OP, &PyTuple::empty(py), Some(size))?),
        Some(_) => return Err(Error::value(OP, "size goes with two numbers; tensors have a shape of their own").into()),
        None if numbers => return Err(Error::value(OP, "two numbers need size, such as normal(0., 1., (3,))").into()),
        None => None,
    };
    let work = match (&shape, mean, std) {
        (Some(shape), ..) => count(shape),
        (None, Arg::Tensor(mean), Arg::Tensor(std)) => mean.numel().max(std.numel()),
        (None, Arg::Tensor(x), _) | (None, _, Arg::Tensor(x)) => x.numel(),
        _ => 0,
    };
    let dtype: Option<DType> = dtype.map(|dtype| dtype.0);
    finish(OP, run(py, work, || core::normal(mean, std, shape.as_deref(), dtype, source))?, device, requires_grad)
}
