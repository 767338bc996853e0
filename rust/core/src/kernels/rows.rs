//! Whole rows at a time, each in the nearest cache: what would be several passes over memory otherwise.

use super::RawKernel;
use super::fold::{LANES, tree};
use super::lines::Shared;
use crate::array::Array;
use crate::buffer::Locks;
use crate::parallel;
use smallvec::SmallVec;

/// Calls `kernel` on each row of contiguous arrays of one shape and dtype, `out` fresh.
pub fn each_row(kernel: RawKernel, inputs: &[&Array], out: &Array) {
    let Some(&length) = out.shape().last() else { return };
    if out.numel() == 0 {
        return;
    }
    let _locks = Locks::acquire(inputs.iter().map(|array| array.buffer()), Some(out.buffer()));
    let stride = length * out.dtype().size();
    let sources: SmallVec<[Shared<u8>; 2]> = inputs.iter().map(|array| Shared(array.data())).collect();
    let target = Shared(out.data());
    parallel::ranges(out.numel() / length, (1 << 13) / length + 1, |range| {
        for row in range {
            let mut args = [std::ptr::null(); 2];
            for (arg, source) in args.iter_mut().zip(&sources) {
                *arg = source.get().wrapping_add(row * stride).cast_const();
            }
            // SAFETY: rows lie inside the locked arrays; this thread alone writes this one.
            unsafe { kernel(args.as_ptr(), target.get().add(row * stride), length) };
        }
    });
}

/// `fold` over the elements that `value` gives, in lanes and then as a tree.
#[inline(always)]
pub fn in_lanes<T: Copy>(n: usize, start: T, value: impl Fn(usize) -> T, fold: impl Fn(T, T) -> T) -> T {
    let mut lanes = [start; LANES];
    let whole = n - n % LANES;
    for group in (0..whole).step_by(LANES) {
        for (i, lane) in lanes.iter_mut().enumerate() {
            *lane = fold(*lane, value(group + i));
        }
    }
    for i in whole..n {
        lanes[i % LANES] = fold(lanes[i % LANES], value(i));
    }
    tree(lanes, fold)
}
