//! Continuous distributions, random integers and orders, and dropout.

use super::generator::{Generator, stream};
use super::{parameters, refused};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::kernels::generate;
use crate::layout::{Dims, broadcast_shapes};
use crate::ops::create::sizes;
use crate::ops::derived::{check_sign, floats_only, plus, times};
use crate::ops::reduce::{Extreme, extreme};
use crate::ops::{self, Arg, default_float, view};
use crate::random::{Gamma, Stream, WORDS_32, WORDS_64, WORDS_SOURCE, fill, sample_each};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// Values that are worth a thread's attention.
const GRAIN: usize = 1 << 15;

type Fill<T> = fn(&Stream, u64, &mut [T]);

fn filled(
    op: &'static str,
    shape: &[usize],
    dtype: DType,
    generator: Option<&Generator>,
    (single, double): (Fill<f32>, Fill<f64>),
) -> Result<Tensor> {
    let words = match dtype {
        DType::F32 => WORDS_32,
        DType::F64 => WORDS_64,
        other => {
            return Err(Error::dtype(op, &[other], "random numbers are float32 or float64; for integers use randint"));
        }
    };
    let out = Array::uninit(op, shape, dtype)?;
    let stream = stream(generator, out.numel(), words);
    match dtype {
        DType::F32 => generate::parts::<f32>(&out, 1, GRAIN, |first, part| single(&stream, first as u64, part)),
        _ => generate::parts::<f64>(&out, 1, GRAIN, |first, part| double(&stream, first as u64, part)),
    }
    Ok(out.into())
}

const UNIFORM: (Fill<f32>, Fill<f64>) = (fill::uniform_f32, fill::uniform_f64);
const NORMAL: (Fill<f32>, Fill<f64>) = (fill::normal_f32, fill::normal_f64);
const EXPONENTIAL: (Fill<f32>, Fill<f64>) = (fill::exponential_f32, fill::exponential_f64);

/// Uniform in [0, 1).
pub fn rand(shape: &[i64], dtype: Option<DType>, generator: Option<&Generator>) -> Result<Tensor> {
    filled("rand", &sizes("rand", shape)?, dtype.unwrap_or_else(default_float), generator, UNIFORM)
}

/// Standard normal.
pub fn randn(shape: &[i64], dtype: Option<DType>, generator: Option<&Generator>) -> Result<Tensor> {
    filled("randn", &sizes("randn", shape)?, dtype.unwrap_or_else(default_float), generator, NORMAL)
}

/// Integers, uniform over `low..high`; int64 unless a dtype is given.
pub fn randint(
    low: i64,
    high: i64,
    shape: &[i64],
    dtype: Option<DType>,
    generator: Option<&Generator>,
) -> Result<Tensor> {
    const OP: &str = "randint";
    let dtype = dtype.unwrap_or(DType::I64);
    if low >= high {
        return Err(Error::value(OP, format!("low must be less than high, got low={low}, high={high}")));
    }
    Scalar::Int(low).check_fits(OP, dtype)?;
    Scalar::Int(high - 1).check_fits(OP, dtype)?;
    let out = Array::uninit(OP, &sizes(OP, shape)?, DType::I64)?;
    let stream = stream(generator, out.numel(), WORDS_64);
    generate::parts::<i64>(&out, 1, GRAIN, |first, part| {
        // The range was checked above.
        let _ = fill::integers(&stream, first as u64, low, high, part);
    });
    Ok(out.cast(OP, dtype)?.into())
}

/// The numbers below `n` in a random order; int64 unless a dtype is given.
pub fn randperm(n: i64, dtype: Option<DType>, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "randperm";
    let dtype = dtype.unwrap_or(DType::I64);
    Scalar::Int(n.saturating_sub(1)).check_fits(OP, dtype)?;
    let out = Array::uninit(OP, &sizes(OP, &[n])?, DType::I64)?;
    let stream = stream(generator, out.numel(), WORDS_64);
    generate::parts::<i64>(&out, out.numel().max(1), usize::MAX, |_, part| fill::permutation(&stream, part));
    Ok(out.cast(OP, dtype)?.into())
}

/// Normal with a mean and a standard deviation, numbers or tensors; the shape is theirs, or for two numbers the one
/// given.
pub fn normal(
    mean: Arg,
    std: Arg,
    shape: Option<&[i64]>,
    dtype: Option<DType>,
    generator: Option<&Generator>,
) -> Result<Tensor> {
    const OP: &str = "normal";
    let parameter_shape = |arg: Arg| match arg {
        Arg::Tensor(tensor) => tensor.layout().dims(),
        Arg::Scalar(_) => Dims::new(),
    };
    let own = broadcast_shapes(OP, &parameter_shape(mean), &parameter_shape(std))?;
    let shape = match shape {
        Some(shape) => sizes(OP, shape)?,
        None => own,
    };
    let dtype = dtype.unwrap_or_else(|| match (mean, std) {
        (Arg::Tensor(a), Arg::Tensor(b)) => a.dtype().promote(b.dtype()).to_float(default_float()),
        (Arg::Tensor(t), _) | (_, Arg::Tensor(t)) => t.dtype().to_float(default_float()),
        _ => default_float(),
    });
    let plain = |arg: Arg| match arg {
        Arg::Tensor(tensor) => ops::cast(&tensor.detach(), dtype),
        Arg::Scalar(number) => ops::create::full(&[], number, Some(dtype)),
    };
    let (mean, std) = (plain(mean)?, plain(std)?);
    if std.numel() > 0 {
        let smallest = extreme(Extreme::Min, &std, None, false)?.array().first().as_f64();
        check_sign(OP, "the standard deviation", smallest, true)?;
    }
    let z = filled(OP, &shape, dtype, generator, NORMAL)?;
    ops::add(&ops::mul(&z, &std)?, &mean)
}

/// `x` filled with numbers uniform in [low, high).
pub fn uniform_(x: &Tensor, low: f64, high: f64, generator: Option<&Generator>) -> Result<()> {
    const OP: &str = "uniform_";
    if !(low <= high && (high - low).is_finite()) {
        return Err(Error::value(
            OP,
            format!("low must not exceed high, and both be finite, got low={low}, high={high}"),
        ));
    }
    x.check_writable(OP)?;
    let u = filled(OP, x.shape(), x.dtype(), generator, UNIFORM)?;
    view::assign(OP, x, &plus(&times(&u, high - low)?, low)?)
}

/// `x` filled with normal numbers.
pub fn normal_(x: &Tensor, mean: f64, std: f64, generator: Option<&Generator>) -> Result<()> {
    const OP: &str = "normal_";
    check_sign(OP, "the standard deviation", std, true)?;
    x.check_writable(OP)?;
    let z = filled(OP, x.shape(), x.dtype(), generator, NORMAL)?;
    view::assign(OP, x, &plus(&times(&z, std)?, mean)?)
}

/// `x` filled with exponential numbers of mean `1 / rate`.
pub fn exponential_(x: &Tensor, rate: f64, generator: Option<&Generator>) -> Result<()> {
    const OP: &str = "exponential_";
    if !(rate > 0.0 && rate.is_finite()) {
        return Err(Error::value(OP, format!("the rate must be positive and finite, got {rate}")));
    }
    x.check_writable(OP)?;
    let e = filled(OP, x.shape(), x.dtype(), generator, EXPONENTIAL)?;
    view::assign(OP, x, &times(&e, 1.0 / rate)?)
}

/// Gamma variates of scale 1, one for each element of `shape_parameter`.
pub fn gamma(shape_parameter: &Tensor, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "gamma";
    let shapes = parameters(OP, shape_parameter)?;
    let samplers: Vec<Gamma> = shapes.iter().map(|&s| Gamma::new(s)).collect::<Result<_, _>>().map_err(refused(OP))?;
    let out = Array::uninit(OP, shape_parameter.shape(), shape_parameter.dtype())?;
    let stream = stream(generator, out.numel(), WORDS_SOURCE);
    dispatch!(float, OP, out.dtype(), T => generate::parts::<T>(&out, 1, 1 << 10, |first, part| {
        // What is too small for the dtype becomes its smallest positive number, whose logarithm is finite.
        sample_each(&stream, first as u64, part, |i, source| {
            <T as Element>::from_f64(samplers[first + i].sample(source)).max(T::MIN_POSITIVE)
        });
    }));
    Ok(out.into())
}

/// True with one probability for all elements, as numbers of the dtype.
fn coins(op: &'static str, shape: &[usize], dtype: DType, p: f64, generator: Option<&Generator>) -> Result<Array> {
    if !(0.0..=1.0).contains(&p) {
        return Err(Error::value(op, format!("probability must be in [0, 1], got {p}")));
    }
    let out = Array::uninit(op, shape, dtype)?;
    let stream = stream(generator, out.numel(), WORDS_64);
    dispatch!(real, op, dtype, T => generate::parts::<T>(&out, 1, GRAIN, |first, part| {
        let mut flags = [false; 1024];
        for (k, chunk) in part.chunks_mut(flags.len()).enumerate() {
            let flags = &mut flags[..chunk.len()];
            // The probability was checked above.
            let _ = fill::bernoulli(&stream, (first + k * 1024) as u64, p, flags);
            chunk.iter_mut().zip(flags).for_each(|(to, flag)| *to = <T as Element>::from_i64(i64::from(*flag)));
        }
    }));
    Ok(out)
}

/// 1 with the probability that `p` has at the place, else 0, in p's dtype.
pub fn bernoulli(p: &Tensor, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "bernoulli";
    let p = p.detach();
    floats_only(OP, &p)?;
    if p.numel() > 0 {
        for kind in [Extreme::Min, Extreme::Max] {
            let end = extreme(kind, &p, None, false)?.array().first().as_f64();
            if !(0.0..=1.0).contains(&end) {
                return Err(Error::value(OP, format!("probability must be in [0, 1], got {end}")));
            }
        }
    }
    let u = filled(OP, p.shape(), DType::F64, generator, UNIFORM)?;
    let p64 = ops::cast(&p, DType::F64)?;
    ops::cast(&ops::binary(&ops::binary::lt::OP, Arg::Tensor(&u), Arg::Tensor(&p64))?, p.dtype())
}

/// `x` filled with 1 with probability `p`, else 0.
pub fn bernoulli_(x: &Tensor, p: f64, generator: Option<&Generator>) -> Result<()> {
    x.check_writable("bernoulli_")?;
    view::assign("bernoulli_", x, &coins("bernoulli_", x.shape(), x.dtype(), p, generator)?.into())
}

/// In training each element is zeroed with probability `p` and the others divided by `1 - p`; otherwise `x` itself.
pub fn dropout(x: &Tensor, p: f64, training: bool, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "dropout";
    floats_only(OP, x)?;
    if !(0.0..=1.0).contains(&p) {
        return Err(Error::value(OP, format!("p is a probability, from 0 to 1, not {p}")));
    }
    if !training || p == 0.0 {
        return Ok(x.clone());
    }
    let kept: Tensor = coins(OP, x.shape(), x.dtype(), 1.0 - p, generator)?.into();
    let scale = if p == 1.0 { 0.0 } else { 1.0 / (1.0 - p) };
    ops::strong_mul(x, &times(&kept, scale)?)
}
