//! Inner products of vectors.

use super::fold::{LANES, tree};
use super::{Body, Kernel};
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::{DType, Element};
use smallvec::SmallVec;
use std::marker::PhantomData;

struct Dot<T>(PhantomData<T>);
impl<T: Element + std::ops::Add<Output = T> + std::ops::Mul<Output = T>> Body for Dot<T> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: two arguments of n elements of T, room for one result.
        unsafe {
            let x = std::slice::from_raw_parts((*args).cast::<T>(), n);
            let y = std::slice::from_raw_parts((*args.add(1)).cast::<T>(), n);
            let mut lanes = [T::default(); LANES];
            let (mut xs, mut ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
            for (x, y) in (&mut xs).zip(&mut ys) {
                for i in 0..LANES {
                    lanes[i] = lanes[i] + x[i] * y[i];
                }
            }
            for (i, (&x, &y)) in xs.remainder().iter().zip(ys.remainder()).enumerate() {
                lanes[i] = lanes[i] + x * y;
            }
            *out.cast::<T>() = tree(lanes, |a, b| a + b);
        }
    }
}

/// The inner product of two contiguous float vectors of one length, into one element.
pub fn dot(x: &Array, y: &Array, out: &Array) {
    let kernel = match out.dtype() {
        DType::F32 => Kernel::of::<Dot<f32>>().get(),
        _ => Kernel::of::<Dot<f64>>().get(),
    };
    let _locks = Locks::acquire([x.buffer(), y.buffer()].into_iter(), Some(out.buffer()));
    let size = x.dtype().size();
    let total = x.numel();
    const BLOCK: usize = 4096;
    let run = |start: usize, n: usize| {
        let mut bits = [0u8; 8];
        let args = [x.data().wrapping_add(start * size).cast_const(), y.data().wrapping_add(start * size).cast_const()];
        // SAFETY: both vectors are contiguous and locked, and hold start + n elements.
        unsafe { kernel(args.as_ptr(), bits.as_mut_ptr(), n) };
        bits
    };
    if total <= BLOCK {
        let bits = run(0, total);
        // SAFETY: `out` has one element.
        return unsafe { std::ptr::copy_nonoverlapping(bits.as_ptr(), out.data(), size) };
    }
    // Block sums are added in pairs: the error grows with the logarithm of the length.
    let mut sums: SmallVec<[f64; 64]> = SmallVec::new();
    for start in (0..total).step_by(BLOCK) {
        let bits = run(start, BLOCK.min(total - start));
        let [a, b, c, d, ..] = bits;
        sums.push(if size == 4 { f32::from_ne_bytes([a, b, c, d]) as f64 } else { f64::from_ne_bytes(bits) });
    }
    while sums.len() > 1 {
        sums = sums.chunks(2).map(|pair| pair.iter().sum()).collect();
    }
    // SAFETY: `out` has one element of its dtype.
    unsafe {
        match out.dtype() {
            DType::F32 => *out.data().cast::<f32>() = sums[0] as f32,
            _ => *out.data().cast::<f64>() = sums[0],
        }
    }
}
