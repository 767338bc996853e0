//! Copies between layouts, conversions between dtypes, and fills.

use super::map::{Operand, map};
use super::walk::Walker;
use super::{Body, Kernel, RawKernel, deferred};
use crate::array::Array;
use crate::buffer::Locks;
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::lanes::Lane;
use crate::real::Num;
use crate::scalar::Bits;
use std::marker::PhantomData;

/// Elements that a thread should get at least when each is one load and one store.
pub const GRAIN: usize = 1 << 16;

struct Move<T>(PhantomData<T>);
impl<T: Copy> Body for Move<T> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: the contract of RawKernel.
        unsafe { std::ptr::copy_nonoverlapping((*args).cast::<T>(), out.cast::<T>(), n) }
    }
}

struct Convert<A, B>(PhantomData<(A, B)>);
impl<A: Element, B: Element> Body for Convert<A, B> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: the contract of RawKernel.
        unsafe {
            let (source, out) = ((*args).cast::<A>(), out.cast::<B>());
            for i in 0..n {
                *out.add(i) = (*source.add(i)).convert();
            }
        }
    }
}

fn move_kernel(size: usize) -> RawKernel {
    match size {
        1 => Kernel::of::<Move<u8>>().get(),
        2 => Kernel::of::<Move<u16>>().get(),
        4 => Kernel::of::<Move<u32>>().get(),
        8 => Kernel::of::<Move<u64>>().get(),
        _ => Kernel::of::<Move<[u64; 2]>>().get(),
    }
}

/// `out[...] = source[...]`, of one dtype, `source` broadcast to `out`.
pub fn copy(source: &Array, out: &Array) {
    let size = out.dtype().size();
    map(move_kernel(size), &[Operand::Array(source)], size, out, GRAIN);
}

/// `out[...] = source[...]` with conversion.
pub fn cast(source: &Array, out: &Array) {
    if source.dtype() == out.dtype() {
        return copy(source, out);
    }
    let kernel = conversion(source.dtype(), out.dtype());
    map(kernel, &[Operand::Array(source)], source.dtype().size(), out, GRAIN);
}

/// The loop that converts contiguous elements.
pub fn conversion(from: DType, to: DType) -> RawKernel {
    dispatch!(any, from, A => dispatch!(any, to, B => Kernel::of::<Convert<A, B>>())).get()
}

/// [`fill`], now or when somebody needs it.
pub fn fill_later(out: &Array, value: Bits) {
    if !deferred::defer_fill(move_kernel(out.dtype().size()), value, out, GRAIN) {
        fill(out, value);
    }
}

/// Every element of `out` becomes `value`.
pub fn fill(out: &Array, value: Bits) {
    let (n, size) = (out.numel(), out.dtype().size());
    if n == 0 {
        return;
    }
    if !out.is_contiguous() {
        return map(move_kernel(size), &[Operand::Scalar(value)], size, out, GRAIN);
    }
    let _lock = Locks::acquire(std::iter::empty(), Some(out.buffer()));
    // SAFETY: `out` is contiguous, locked, and holds n elements of `size` bytes, aligned to their size.
    unsafe {
        match size {
            1 => std::ptr::write_bytes(out.data(), value.0[0], n),
            2 => std::slice::from_raw_parts_mut(out.data().cast(), n).fill(*value.0.as_ptr().cast::<u16>()),
            4 => std::slice::from_raw_parts_mut(out.data().cast(), n).fill(*value.0.as_ptr().cast::<u32>()),
            8 => std::slice::from_raw_parts_mut(out.data().cast(), n).fill(*value.0.as_ptr().cast::<u64>()),
            _ => std::slice::from_raw_parts_mut(out.data().cast(), n).fill(*value.0.as_ptr().cast::<[u64; 2]>()),
        }
    }
}

/// `out[p] += source[i]` for each element in row-major order, where positions of `out` may repeat.
pub fn add_into(source: &Array, out: &Array) {
    fn run<T: Element>(source: &Array, out: &Array)
    where
        Lane<T>: Num,
    {
        let mut from = Walker::new(source.layout(), 0);
        let mut to = Walker::new(out.layout(), 0);
        let (base, target) = (source.data().cast::<T>(), out.data().cast::<T>());
        let mut left = out.numel();
        while left > 0 {
            let n = left.min(512);
            let mut chunk = [T::default(); 512];
            // SAFETY: both walks stay inside their locked buffers; the chunk holds n elements.
            unsafe {
                super::walk::pack(&mut from, base.cast(), size_of::<T>(), chunk.as_mut_ptr().cast(), n);
                let mut next = 0;
                to.runs(n, |position, stride, length| {
                    for i in 0..length {
                        let place = target.offset(position + i as isize * stride);
                        *place = (Lane(*place) + Lane(chunk[next + i])).0;
                    }
                    next += length;
                });
            }
            left -= n;
        }
    }
    let _locks = Locks::acquire([source.buffer()].into_iter(), Some(out.buffer()));
    dispatch!(any, out.dtype(), T => run::<T>(source, out));
}
