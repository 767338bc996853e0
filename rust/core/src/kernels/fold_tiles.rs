//! Folds of elements that wait to be computed, tile by tile as they come: they are never written.

use super::deferred;
use super::reduce::{BLOCK, Block, Fold, Partials};
use super::tiles::{TILE, Worker};
use super::{Kernel, RawKernel};
use crate::array::Array;
use crate::dtype::Element;
use crate::kernels::lines::Shared;
use crate::parallel;

const _: () = assert!(TILE == BLOCK, "a tile is a block, so that the folds' trees are the same");

/// Blocks that one thread folds at a time.
const RUN: usize = 64;

/// Folds the last axes of `x`, which leave `out`, with the bits of `reduce`; false if its elements are there, or if
/// other axes are folded.
pub fn fold<F: Fold<T>, T: Element>(x: &Array, axes: &[usize], out: &Array) -> bool {
    let kept = x.ndim() - axes.len();
    if out.numel() == 0 || x.numel() == 0 || !axes.iter().copied().eq(kept..x.ndim()) {
        return false;
    }
    let Some((program, claims)) = deferred::program_of(x) else { return false };
    let length = x.numel() / out.numel();
    let kernel = Kernel::of::<Block<F, T>>().get();
    let target = Shared(out.data().cast::<T>());
    {
        let _locks = program.locks(Some(out.buffer()));
        if out.numel() == 1 {
            let mut values = vec![F::START; length.div_ceil(RUN * BLOCK)];
            let slots = Shared(values.as_mut_ptr());
            parallel::ranges(values.len(), program.grain() / (RUN * BLOCK) + 1, |range| {
                let mut worker = Worker::new(&program, range.start * RUN * BLOCK);
                for run in range {
                    let start = run * RUN * BLOCK;
                    let value = blocks::<F, T>(&mut worker, kernel, start, (length - start).min(RUN * BLOCK));
                    // SAFETY: each run has a slot of its own.
                    unsafe { *slots.get().add(run) = value };
                }
            });
            let mut partials = Partials::<F, T>::default();
            values.into_iter().for_each(|value| partials.push(value));
            // SAFETY: the output has one element.
            unsafe { *target.get() = partials.merged() };
        } else {
            parallel::ranges(out.numel(), program.grain() / length + 1, |range| {
                let mut worker = Worker::new(&program, range.start * length);
                rows::<F, T>(&mut worker, kernel, range, length, &target);
            });
        }
    }
    drop(claims);
    true
}

/// Rows of `length` elements into a result each: several rows to a tile, or several tiles to a row.
fn rows<F: Fold<T>, T: Element>(
    worker: &mut Worker,
    kernel: RawKernel,
    range: std::ops::Range<usize>,
    length: usize,
    target: &Shared<T>,
) {
    if length > TILE {
        for row in range {
            let value = blocks::<F, T>(worker, kernel, row * length, length);
            // SAFETY: this thread alone writes this result.
            unsafe { *target.get().add(row) = value };
        }
        return;
    }
    let step = TILE / length;
    for first in range.clone().step_by(step) {
        let count = step.min(range.end - first);
        let tile = worker.advance(first * length, count * length);
        for row in 0..count {
            // SAFETY: the tile holds `count` rows; this thread alone writes their results.
            unsafe {
                let source = tile.cast::<T>().add(row * length).cast::<u8>();
                kernel(&source, target.get().add(first + row).cast(), length);
            }
        }
    }
}

/// The fold of `n` elements from `start`, block by block.
fn blocks<F: Fold<T>, T: Element>(worker: &mut Worker, kernel: RawKernel, start: usize, n: usize) -> T {
    let mut partials = Partials::<F, T>::default();
    for offset in (0..n).step_by(BLOCK) {
        let length = BLOCK.min(n - offset);
        let tile = worker.advance(start + offset, length);
        let mut value = F::START;
        // SAFETY: the tile holds `length` elements of T.
        unsafe { kernel(&tile, (&raw mut value).cast(), length) };
        partials.push(value);
    }
    partials.merged()
}
