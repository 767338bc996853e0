//! Folds of elements that wait to be computed, tile by tile as they come: they are never written.

use super::deferred;
use super::fold::{BLOCK, Loops, Run};
use super::lines::Shared;
use super::tiles::{TILE, Worker};
use crate::array::Array;
use crate::error::Result;
use crate::parallel;
use std::ops::Range;

const _: () = assert!(TILE == BLOCK, "a tile is folded as the block that it is in memory");

/// For an `x` (not empty) that waits and is folded over its last `axes`: the folds of its rows' blocks. They are `out`
/// itself if each row is one block, else an array of rows and blocks, of which the last axis is left to fold.
pub fn fold(op: &'static str, loops: &Loops, x: &Array, axes: &[usize], out: &Array) -> Result<Option<Array>> {
    let kept = x.ndim() - axes.len();
    if x.dtype() != loops.dtype || !axes.iter().copied().eq(kept..x.ndim()) {
        return Ok(None);
    }
    let Some((program, claims)) = deferred::program_of(x) else { return Ok(None) };
    let count: usize = x.shape()[..kept].iter().product();
    let length = x.numel() / count;
    let blocks = length.div_ceil(BLOCK);
    let out = if blocks == 1 { out.clone() } else { Array::uninit(op, &[count, blocks], loops.dtype)? };
    {
        let _locks = program.locks(Some(out.buffer()));
        let rows = Rows { loops, length, blocks, out: Shared(out.data()) };
        if blocks == 1 {
            parallel::ranges(count, program.grain() / length + 1, |range| {
                rows.short(&mut Worker::new(&program, range.start * length), range);
            });
        } else {
            parallel::ranges(count * blocks, program.grain() / BLOCK + 1, |range| {
                rows.long(&mut Worker::new(&program, rows.start(range.start)), range);
            });
        }
    }
    drop(claims);
    Ok(Some(out))
}

/// Rows of `length` elements, each folded to as many results as it has blocks.
struct Rows<'a> {
    loops: &'a Loops,
    length: usize,
    blocks: usize,
    out: Shared<u8>,
}

impl Rows<'_> {
    /// The first element of a block, of all rows' blocks.
    fn start(&self, block: usize) -> usize {
        block / self.blocks * self.length + block % self.blocks * BLOCK
    }

    /// Rows of one block: as many to a tile as it holds.
    fn short(&self, worker: &mut Worker, range: Range<usize>) {
        let size = self.loops.dtype.size();
        for first in range.clone().step_by(TILE / self.length) {
            let count = (TILE / self.length).min(range.end - first);
            let tile = worker.advance(first * self.length, count * self.length);
            let run = Run { stride: self.length as isize, count: self.length };
            // SAFETY: the tile holds `count` rows; this thread alone writes their results.
            unsafe { self.loops.rows(tile, run, self.out.get().add(first * size), count) };
        }
    }

    fn long(&self, worker: &mut Worker, range: Range<usize>) {
        for block in range {
            let length = BLOCK.min(self.length - block % self.blocks * BLOCK);
            let tile = worker.advance(self.start(block), length);
            // SAFETY: the tile holds `length` elements; this thread alone writes this result.
            unsafe { self.loops.block(tile, length, self.out.get().add(block * self.loops.dtype.size())) };
        }
    }
}
