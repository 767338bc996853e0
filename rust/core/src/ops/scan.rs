//! Running sums, products and extremes along an axis.

use super::element::{Arg, default_float};
use super::recompute::Recompute;
use super::reduce::Extreme;
use super::{arrange, binary as rows, view};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::{Complex, DType, Element};
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::kernels::scan::{self as kernel, Scan};
use crate::layout::{Layout, normalize_axes, normalize_axis};
use crate::math::float64;
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;

/// The axis to go along; a number counts as a vector of one.
fn axis_of(op: &'static str, x: &Tensor, axis: i64) -> Result<usize> {
    if x.ndim() == 0 {
        normalize_axes(op, &[axis], 0)?;
        return Ok(0);
    }
    normalize_axis(op, axis, x.ndim())
}

/// `x` as contiguous memory with at least one axis, and a result of its shape and with such axes.
fn lines(op: &'static str, x: &Tensor, dtype: DType) -> Result<(Array, Array)> {
    let x = x.array().contiguous(op)?;
    let out = Array::uninit(op, if x.ndim() == 0 { &[1] } else { x.shape() }, dtype)?;
    let x = if x.ndim() == 0 { x.view(x.layout().insert_axis(0)) } else { x };
    Ok((x, out))
}

/// A result in the shape that the input had.
fn shaped(x: &Tensor, out: Array) -> Array {
    if x.ndim() == 0 { out.view(Layout::contiguous(&[])) } else { out }
}

/// One pass with state `S` over `x`.
fn scan<S: Scan<T, Shown = T>, T: Element>(op: &'static str, x: &Tensor, axis: usize) -> Result<Array> {
    let (line, out) = lines(op, x, x.dtype())?;
    kernel::scan::<S, T>(&line, axis, &out);
    Ok(shaped(x, out))
}

// ---- sum and product ----

#[derive(Clone, Copy)]
struct Total<A>(A);
#[derive(Clone, Copy)]
struct Product<A>(A);

macro_rules! totals {
    ($($T:ty => $A:ty, $start:expr, $one:expr, $widen:expr, $add:expr, $mul:expr, $narrow:expr;)*) => {$(
        impl kernel::Total<$T> for Total<$A> {
            const START: Self = Total($start);
            #[inline(always)]
            fn of(x: $T) -> Self {
                Total($widen(x))
            }
            #[inline(always)]
            fn plus(self, later: Self) -> Self {
                Total($add(self.0, later.0))
            }
            #[inline(always)]
            fn shown(self) -> $T {
                $narrow(self.0)
            }
        }
        impl Scan<$T> for Product<$A> {
            type Shown = $T;
            const START: Self = Product($one);
            #[inline(always)]
            fn step(&mut self, x: $T, _: usize) -> $T {
                self.0 = $mul(self.0, $widen(x));
                $narrow(self.0)
            }
        }
    )*};
}
type C32 = Complex<f32>;
type C64 = Complex<f64>;
const NONE: C64 = Complex::new(0.0, 0.0);
const ONE: C64 = Complex::new(1.0, 0.0);
// float32 is summed in float64 and rounded at each element, so that long sums stay accurate.
totals! {
    f32 => f64, 0.0, 1.0, f64::from, |a, b| a + b, |a, b| a * b, |v| v as f32;
    f64 => f64, 0.0, 1.0, |v| v, |a, b| a + b, |a, b| a * b, |v| v;
    C32 => C64, NONE, ONE, |v: C32| C64::new(v.re.into(), v.im.into()), |a, b| a + b, |a, b| a * b,
        |v: C64| C32::new(v.re as f32, v.im as f32);
    C64 => C64, NONE, ONE, |v| v, |a, b| a + b, |a, b| a * b, |v| v;
}
macro_rules! integer_totals {
    ($($T:ident)*) => {
        totals! { $($T => $T, 0, 1, |v| v, $T::wrapping_add, $T::wrapping_mul, |v| v;)* }
    };
}
integer_totals!(u8 u16 u32 u64 i8 i16 i32 i64);

/// The type in which running results of an element type are kept.
trait Running: Element {
    type Kept;
}
macro_rules! running {
    ($($T:ty => $Kept:ty),*) => {
        $(impl Running for $T {
            type Kept = $Kept;
        })*
    };
}
running!(u8 => u8, u16 => u16, u32 => u32, u64 => u64, i8 => i8, i16 => i16, i32 => i32, i64 => i64, f32 => f64,
    f64 => f64, C32 => C64, C64 => C64);

struct CumSum {
    axis: usize,
    reverse: bool,
}

impl Rule for CumSum {
    fn name(&self) -> &'static str {
        "CumsumBackward0"
    }
    /// Each element counts in all sums that come after: the sums of the gradient from the other end.
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(directed_sum(g, self.axis, !self.reverse)?)])
    }
}

fn directed_sum(x: &Tensor, axis: usize, reverse: bool) -> Result<Tensor> {
    const OP: &str = "cumsum";
    let (line, out) = lines(OP, x, x.dtype())?;
    dispatch!(ring, OP, x.dtype(), T => kernel::sums::<Total<<T as Running>::Kept>, T>(&line, axis, reverse, &out));
    Ok(Tensor::record(shaped(x, out), smallvec![x.edge()], |_| CumSum { axis, reverse }))
}

/// The dtype of running sums and products: small integers and bools widen to int64, and a bool never adds up.
fn widened(x: &Tensor, dtype: Option<DType>) -> DType {
    match dtype.unwrap_or(x.dtype().widened()) {
        DType::Bool => DType::I64,
        dtype => dtype,
    }
}

/// Sums of the elements up to each along `axis`; small integers and bools give int64.
pub fn cumsum(x: &Tensor, axis: i64, dtype: Option<DType>) -> Result<Tensor> {
    let axis = axis_of("cumsum", x, axis)?;
    directed_sum(&ops::cast(x, widened(x, dtype))?, axis, false)
}

/// Products of the elements up to each along `axis`; small integers and bools give int64. The gradient is exact where
/// elements are zero.
pub fn cumprod(x: &Tensor, axis: i64, dtype: Option<DType>) -> Result<Tensor> {
    const OP: &str = "cumprod";
    let axis = axis_of(OP, x, axis)?;
    let x = ops::cast(x, widened(x, dtype))?;
    let out = dispatch!(ring, OP, x.dtype(), T => scan::<Product<<T as Running>::Kept>, T>(OP, &x, axis)?);
    Recompute::record("CumprodBackward0", out, &x, move |x| doubling_product(x, axis))
}

/// The running product by multiplications only, with nothing divided: after step k each element holds the product of
/// the last 2^k.
fn doubling_product(x: &Tensor, axis: usize) -> Result<Tensor> {
    let mut product = x.clone();
    let n = x.shape().get(axis).copied().unwrap_or(1);
    let mut step = 1;
    while step < n {
        let part = |start: usize, len: usize| arrange::part(&product, axis, start, len);
        let later = ops::mul(&part(step, n - step), &part(0, n - step))?;
        product = ops::cat(&[part(0, step), later], axis as i64)?;
        step *= 2;
    }
    Ok(product)
}

// ---- extremes ----

#[derive(Clone, Copy)]
struct Leader<T, const MAX: bool>(Option<T>, usize);

impl<T: Element + PartialOrd, const MAX: bool> Scan<T> for Leader<T, MAX> {
    type Shown = (T, i64);
    const START: Self = Leader(None, 0);
    /// The last of equal ones leads, and NaN beats everything.
    #[inline(always)]
    fn step(&mut self, x: T, position: usize) -> (T, i64) {
        let beats = match self.0 {
            None => true,
            Some(best) => x.is_nan() || (!best.is_nan() && if MAX { x >= best } else { x <= best }),
        };
        if beats {
            *self = Leader(Some(x), position);
        }
        (self.0.unwrap_or(x), self.1 as i64)
    }
}

/// (values, positions) of the largest or smallest element up to each along `axis`: the last of equal ones, and NaN
/// once there was one. The gradient goes to the position.
pub fn cumulative_extreme(kind: Extreme, x: &Tensor, axis: i64) -> Result<(Tensor, Tensor)> {
    let op = if kind == Extreme::Max { "cummax" } else { "cummin" };
    let axis = axis_of(op, x, axis)?;
    let (line, values) = lines(op, x, x.dtype())?;
    let index = Array::uninit(op, line.shape(), DType::I64)?;
    dispatch!(real, op, x.dtype(), T => match kind {
        Extreme::Max => kernel::scan_pair::<Leader<T, true>, T>(&line, axis, &values, &index),
        Extreme::Min => kernel::scan_pair::<Leader<T, false>, T>(&line, axis, &values, &index),
    });
    if x.ndim() == 0 {
        return Ok((ops::clone(x)?, shaped(x, index).into()));
    }
    Ok((ops::index::gathered(x, axis, &index, values), index.into()))
}

// ---- log of running sums of exponentials ----

/// The largest exponent so far and the sum of the exponentials relative to it.
#[derive(Clone, Copy)]
struct LogTotal {
    largest: f64,
    sum: f64,
}

impl LogTotal {
    #[inline(always)]
    fn add(&mut self, x: f64) -> f64 {
        if x > self.largest || x.is_nan() {
            let scale = if self.largest == f64::NEG_INFINITY { 0.0 } else { float64::exp(self.largest - x) };
            (self.sum, self.largest) = (self.sum * scale + 1.0, x);
        } else if x == self.largest {
            self.sum += if x == f64::NEG_INFINITY { 0.0 } else { 1.0 };
        } else {
            self.sum += float64::exp(x - self.largest);
        }
        if self.largest.is_infinite() { self.largest } else { self.largest + float64::log(self.sum) }
    }
}

impl<T: Element> Scan<T> for LogTotal {
    type Shown = T;
    const START: Self = LogTotal { largest: f64::NEG_INFINITY, sum: 0.0 };
    #[inline(always)]
    fn step(&mut self, x: T, _: usize) -> T {
        T::from_f64(self.add(x.to_f64()))
    }
}

struct LogCumSumExp {
    axis: usize,
    x: Saved,
    y: Saved,
}

impl Rule for LogCumSumExp {
    fn name(&self) -> &'static str {
        "LogcumsumexpBackward0"
    }
    /// `exp(x) * (sums from the end of g * exp(-y))`, with the positive and the negative part of g taken in logarithms
    /// so that nothing overflows.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let (x, y) = (cx.unpack(&self.x)?, cx.unpack(&self.y)?);
        let axis = self.axis as i64;
        let zero = Arg::Scalar(Scalar::Float(0.0));
        let part = |g: &Tensor| -> Result<Tensor> {
            let is_positive = ops::binary(&rows::gt::OP, Arg::Tensor(g), zero)?;
            let safe = ops::where_(&is_positive, Arg::Tensor(g), Arg::Scalar(Scalar::Float(1.0)))?;
            let none = Arg::Scalar(Scalar::Float(f64::NEG_INFINITY));
            let log = ops::where_(&is_positive, Arg::Tensor(&ops::log(&safe)?), none)?;
            // Where y is -inf nothing was added, and log(g) - y would be +inf.
            let is_empty = ops::binary(&rows::eq::OP, Arg::Tensor(&y), none)?;
            let terms = ops::where_(&is_empty, none, Arg::Tensor(&ops::sub(&log, &y)?))?;
            let sums = arrange::flip(&logcumsumexp(&arrange::flip(&terms, &[axis])?, axis)?, &[axis])?;
            ops::exp(&ops::add(&sums, &x)?)
        };
        Ok(smallvec![Some(ops::sub(&part(g)?, &part(&ops::neg(g)?)?)?)])
    }
    fn release(&mut self) {
        self.x.release();
        self.y.release();
    }
}

/// `log(cumsum(exp(x)))` along `axis`, without overflow.
pub fn logcumsumexp(x: &Tensor, axis: i64) -> Result<Tensor> {
    const OP: &str = "logcumsumexp";
    let axis = axis_of(OP, x, axis)?;
    let x = ops::cast(x, x.dtype().to_float(default_float()))?;
    if x.ndim() == 0 {
        return view::alias(&x);
    }
    let out = dispatch!(float, OP, x.dtype(), T => scan::<LogTotal, T>(OP, &x, axis)?);
    Ok(Tensor::record(out, smallvec![x.edge()], |out| LogCumSumExp {
        axis,
        x: Saved::input(0, &x),
        y: Saved::output(out),
    }))
}
