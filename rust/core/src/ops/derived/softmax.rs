//! Softmax and its logarithm: along the last axis row by row, with rows that stay in the nearest cache.

use super::float_cast;
use crate::array::Array;
use crate::dispatch;
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved, is_recording};
use crate::kernels::rows::{each_row, in_lanes};
use crate::kernels::{Body, Kernel};
use crate::lanes::Lane;
use crate::layout::normalize_axes;
use crate::ops;
use crate::ops::reduce::{Extreme, extreme};
use crate::real::{Literal, Num, Real};
use crate::tensor::Tensor;
use smallvec::smallvec;
use std::marker::PhantomData;

/// The longest row that the loops below take; sums along longer ones need more than one tree.
const LONGEST: usize = 1 << 13;

/// Forward and backward of the softmax (`LOG` false) or its logarithm.
struct Forward<const LOG: bool, T>(PhantomData<T>);
struct Backward<const LOG: bool, T>(PhantomData<T>);

/// A row of inputs or outputs.
///
/// # Safety
/// n elements of T lie at `data`.
#[inline(always)]
unsafe fn row<'a, T>(data: *const u8, n: usize) -> &'a [Lane<T>] {
    // SAFETY: as the caller promises; `Lane` is transparent.
    unsafe { std::slice::from_raw_parts(data.cast(), n) }
}

impl<const LOG: bool, T: Copy> Body for Forward<LOG, T>
where
    Lane<T>: Real,
    f64: Literal<Lane<T>>,
{
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: one argument of n elements of T, room for n results.
        let (x, out) = unsafe { (row::<T>(*args, n), std::slice::from_raw_parts_mut(out.cast::<Lane<T>>(), n)) };
        let low = <Lane<T> as Num>::constant(f64::NEG_INFINITY);
        let largest = in_lanes(n, low, |i| x[i], |a, b| Lane::select(a.lt(b), b, a));
        let zero = <Lane<T> as Num>::constant(0.0);
        for (y, &x) in out.iter_mut().zip(x) {
            *y = (x - largest).exp();
        }
        let total = in_lanes(n, zero, |i| out[i], |a, b| a + b);
        if LOG {
            let log = total.log();
            out.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - largest) - log);
        } else {
            out.iter_mut().for_each(|y| *y = *y / total);
        }
    }
}

impl<const LOG: bool, T: Copy> Body for Backward<LOG, T>
where
    Lane<T>: Real,
    f64: Literal<Lane<T>>,
{
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: two arguments of n elements of T (the gradient, the result), room for n results.
        let (g, y, out) = unsafe {
            (row::<T>(*args, n), row::<T>(*args.add(1), n), std::slice::from_raw_parts_mut(out.cast::<Lane<T>>(), n))
        };
        let zero = <Lane<T> as Num>::constant(0.0);
        let weighted = |i: usize| if LOG { g[i] } else { g[i].strong_mul(y[i]) };
        let total = in_lanes(n, zero, weighted, |a, b| a + b);
        for (i, out) in out.iter_mut().enumerate() {
            *out = if LOG { g[i] - total.strong_mul(y[i].exp()) } else { (g[i] - total).strong_mul(y[i]) };
        }
    }
}

/// Whether the loops over rows serve for this axis.
fn is_last(x: &Tensor, axis: i64) -> bool {
    (axis == -1 || axis + 1 == x.ndim() as i64) && x.shape().last().is_some_and(|&n| n <= LONGEST)
}

struct Softmax<const LOG: bool> {
    axis: i64,
    y: Saved,
}

impl<const LOG: bool> Rule for Softmax<LOG> {
    fn name(&self) -> &'static str {
        if LOG { "LogSoftmaxBackward0" } else { "SoftmaxBackward0" }
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let y = cx.unpack(&self.y)?;
        if is_recording() || !is_last(&y, self.axis) {
            return Ok(smallvec![Some(composed_backward::<LOG>(g, &y, self.axis)?)]);
        }
        let (g, y) = (g.array().contiguous(self.name())?, y.array().contiguous(self.name())?);
        let out = Array::uninit_like(self.name(), &g, g.dtype())?;
        let kernel = dispatch!(float, self.name(), g.dtype(), T => Kernel::of::<Backward<LOG, T>>());
        each_row(kernel.get(), &[&g, &y], &out);
        Ok(smallvec![Some(out.into())])
    }
    fn release(&mut self) {
        self.y.release();
    }
}

/// Of any order and along any axis.
fn composed_backward<const LOG: bool>(g: &Tensor, y: &Tensor, axis: i64) -> Result<Tensor> {
    if LOG {
        let total = ops::sum(g, Some(&[axis]), true, None)?;
        return ops::sub(g, &ops::strong_mul(&total, &ops::exp(y)?)?);
    }
    let weighted = ops::sum(&ops::strong_mul(g, y)?, Some(&[axis]), true, None)?;
    ops::strong_mul(&ops::sub(g, &weighted)?, y)
}

/// The same along any axis, for any length and dtype.
fn composed<const LOG: bool>(x: &Tensor, axis: i64) -> Result<Tensor> {
    let low = if x.numel() == 0 { x.clone() } else { ops::sub(x, &extreme(Extreme::Max, x, Some(&[axis]), true)?)? };
    let e = ops::exp(&low)?;
    let total = ops::sum(&e, Some(&[axis]), true, None)?;
    if LOG { ops::sub(&low, &ops::log(&total)?) } else { ops::div(&e, &total) }
}

fn apply<const LOG: bool>(op: &'static str, x: &Tensor, axis: i64, dtype: Option<DType>) -> Result<Tensor> {
    let x = float_cast(op, x, dtype)?;
    normalize_axes(op, &[axis], x.ndim())?;
    let y = if is_last(&x, axis) {
        let array = x.array().contiguous(op)?;
        let out = Array::uninit_like(op, &array, array.dtype())?;
        let kernel = dispatch!(float, op, array.dtype(), T => Kernel::of::<Forward<LOG, T>>());
        each_row(kernel.get(), &[&array], &out);
        out
    } else {
        composed::<LOG>(&x.detach(), axis)?.array().clone()
    };
    Ok(Tensor::record(y, smallvec![x.edge()], |out| Softmax::<LOG> { axis, y: Saved::output(out) }))
}

/// `exp(x) / sum(exp(x))` along `axis`, without overflow. Gradient: `y * (g - sum(g * y))`.
pub fn softmax(x: &Tensor, axis: i64, dtype: Option<DType>) -> Result<Tensor> {
    apply::<false>("softmax", x, axis, dtype)
}

/// `x - log(sum(exp(x)))` along `axis`, without overflow. Gradient: `g - exp(y) * sum(g)`.
pub fn log_softmax(x: &Tensor, axis: i64, dtype: Option<DType>) -> Result<Tensor> {
    apply::<true>("log_softmax", x, axis, dtype)
}

/// [`softmax`] of `-x`.
pub fn softmin(x: &Tensor, axis: i64, dtype: Option<DType>) -> Result<Tensor> {
    softmax(&ops::neg(&float_cast("softmin", x, dtype)?)?, axis, None)
}
