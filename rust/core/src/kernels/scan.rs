//! Running results along an axis. Each line is walked from one end by one thread, so results do not depend on how
//! many there are.

use super::lines::Shared;
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::Element;
use crate::parallel;

/// A state that takes one element after the other and shows a result after each.
pub trait Scan<T, O>: Copy + Send + Sync + 'static {
    const START: Self;
    fn step(&mut self, x: T, position: usize) -> O;
}

/// Lines walked side by side where the axis is not the last, to go through memory in order.
const COLUMNS: usize = 64;

/// `x` and `out` are contiguous and of one shape; `reverse` walks from the end.
pub fn scan<S: Scan<T, O>, T: Element, O: Element>(x: &Array, axis: usize, reverse: bool, out: &Array) {
    let shape = x.shape();
    let (n, inner): (usize, usize) = (shape[axis], shape[axis + 1..].iter().product());
    if x.numel() == 0 {
        return;
    }
    let blocks = inner.div_ceil(COLUMNS);
    let outer: usize = shape[..axis].iter().product();
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<O>()));
    parallel::ranges(outer * blocks, (1 << 15) / (n * inner.min(COLUMNS)) + 1, |range| {
        for block in range {
            let (line, column) = (block / blocks, block % blocks * COLUMNS);
            let width = COLUMNS.min(inner - column);
            if inner == 1 {
                let mut state = S::START;
                for i in 0..n {
                    let position = if reverse { n - 1 - i } else { i };
                    let place = line * n + position;
                    // SAFETY: inside both arrays; lines are disjoint.
                    unsafe { *target.get().add(place) = state.step(*source.get().add(place), position) };
                }
                continue;
            }
            let mut states = [S::START; COLUMNS];
            for i in 0..n {
                let position = if reverse { n - 1 - i } else { i };
                let start = (line * n + position) * inner + column;
                for (j, state) in states[..width].iter_mut().enumerate() {
                    // SAFETY: inside both arrays; blocks are disjoint.
                    unsafe { *target.get().add(start + j) = state.step(*source.get().add(start + j), position) };
                }
            }
        }
    });
}
