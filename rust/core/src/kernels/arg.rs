//! Positions of extremes: the extreme by the fast folds, then the first element that equals it.

use super::fold::{BLOCK, Fold, Loops, Run};
use super::lines::{Lines, Shared, start_of};
use super::reduce::reduce;
use super::walk::{Walker, pack};
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::Element;
use crate::error::Result;
use crate::layout::{Dims, Layout, Strides};
use crate::parallel;

/// Elements that are worth a thread's attention, and those of a long line that one thread looks at.
const GRAIN: usize = 1 << 15;
const PART: usize = 64 * BLOCK;
/// Columns searched side by side, and rows up to which their positions are counted in 32 bits.
const COLUMNS: usize = 512;
const ROWS: usize = 1 << 31;

/// For each line of `x` along `axis`, the position of the first element that `F` chooses; NaN is chosen before all
/// others. `out` holds int64 and is contiguous.
pub fn arg_reduce<F: Fold<T>, T: Element>(x: &Array, axis: usize, out: &Array) -> Result<()> {
    if out.numel() == 0 {
        return Ok(());
    }
    let strides = x.layout().strides();
    match (0..x.ndim()).rev().find(|&a| a != axis && x.shape()[a] > 1) {
        Some(inner) if strides[inner] == 1 && strides[axis] != 1 && x.shape()[inner] >= 8 => {
            columns::<F, T>(x, axis, inner, out)
        }
        _ => {
            lines::<F, T>(x, axis, out);
            Ok(())
        }
    }
}

/// Chosen so far, and where it is.
#[derive(Clone, Copy)]
struct Best<T>(T, i64);

impl<T: Element> Best<T> {
    /// The earlier of the two unless the later one is better.
    #[inline]
    fn or<F: Fold<T>>(self, later: Best<T>) -> Best<T> {
        let (a, b) = (self.0, later.0);
        let is_better = !a.is_nan() && (b.is_nan() || (a != b && F::fold(a, b) == b));
        if is_better { later } else { self }
    }
}

fn lines<F: Fold<T>, T: Element>(x: &Array, axis: usize, out: &Array) {
    let lines = Lines::new(x, axis);
    let parts = lines.length.div_ceil(PART);
    let loops = Loops::of::<F, T>();
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<i64>()));
    let mut found = vec![Best(F::START, 0); lines.count() * parts];
    let slots = Shared(found.as_mut_ptr());
    parallel::ranges(found.len(), GRAIN / lines.length.min(PART) + 1, |range| {
        for task in range {
            let (line, first) = (task / parts, task % parts * PART);
            // SAFETY: the part lies inside the locked buffer; each task has a slot.
            unsafe {
                let start = source.get().offset(lines.start(line) + first as isize * lines.stride);
                let mut best = best_of::<F, T>(&loops, start, lines.stride, PART.min(lines.length - first));
                best.1 += first as i64;
                *slots.get().add(task) = best;
            }
        }
    });
    for (line, found) in found.chunks_exact(parts).enumerate() {
        let best = found[1..].iter().fold(found[0], |best, &later| best.or::<F>(later));
        // SAFETY: one element for each line.
        unsafe { *target.get().add(line) = best.1 };
    }
}

/// # Safety
/// At `x` are `n` > 0 elements, `stride` apart.
unsafe fn best_of<F: Fold<T>, T: Element>(loops: &Loops, x: *const T, stride: isize, n: usize) -> Best<T> {
    let mut chunk = [T::default(); BLOCK];
    let mut best: Option<Best<T>> = None;
    for first in (0..n).step_by(BLOCK) {
        let length = BLOCK.min(n - first);
        // SAFETY: as the caller promises.
        let block = unsafe { block_at(x.offset(first as isize * stride), stride, length, &mut chunk) };
        let mut value = F::START;
        // SAFETY: a block of T, and room for one.
        unsafe { loops.block(block.as_ptr().cast(), length, (&raw mut value).cast()) };
        let later = Best(value, first as i64);
        best = Some(best.map_or(later, |best| best.or::<F>(later)));
    }
    let Best(value, first) = best.unwrap_or(Best(F::START, 0));
    let length = BLOCK.min(n - first as usize);
    // SAFETY: as the caller promises.
    let block = unsafe { block_at(x.offset(first as isize * stride), stride, length, &mut chunk) };
    Best(value, first + position(block, value) as i64)
}

/// # Safety
/// At `x` are `length` <= BLOCK elements, `stride` apart.
unsafe fn block_at<T: Element>(x: *const T, stride: isize, length: usize, chunk: &mut [T; BLOCK]) -> &[T] {
    if stride == 1 {
        // SAFETY: as the caller promises.
        return unsafe { std::slice::from_raw_parts(x, length) };
    }
    let layout = Layout::new(Dims::from_slice(&[length]), Strides::from_slice(&[stride]), 0);
    // SAFETY: as the caller promises; the chunk has room for a block.
    unsafe { pack(&mut Walker::new(&layout, 0), x.cast(), size_of::<T>(), chunk.as_mut_ptr().cast(), length) };
    &chunk[..length]
}

/// NaN is the same as NaN.
#[inline(always)]
fn is_same<T: Element>(v: T, best: T) -> bool {
    (v == best) | (v.is_nan() & best.is_nan())
}

/// The first element that is the same as `best`.
fn position<T: Element>(x: &[T], best: T) -> usize {
    const GROUP: usize = 32;
    let has = |group: &[T]| group.iter().fold(false, |has, &v| has | is_same(v, best));
    let group = x.chunks(GROUP).position(has).unwrap_or(0) * GROUP;
    group + x[group..].iter().position(|&v| is_same(v, best)).unwrap_or(0)
}

/// Along an axis that is not the dense one, `inner`: row by row, some columns side by side.
fn columns<F: Fold<T>, T: Element>(x: &Array, axis: usize, inner: usize, out: &Array) -> Result<()> {
    let layout = x.layout().remove_axes(&[axis]);
    let extremes = Array::uninit("argmax", layout.shape(), x.dtype())?;
    reduce::<F, T>(x, &[axis], &extremes)?;
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<i64>()));
    let extremes = Shared(extremes.data().cast::<T>());
    let (rows, width, stride) = (x.shape()[axis], x.shape()[inner], x.layout().strides()[axis]);
    let parts = width.div_ceil(COLUMNS);
    let outer = out.numel() / width;
    parallel::ranges(outer * parts, GRAIN / (rows * width.min(COLUMNS)) + 1, |range| {
        for task in range {
            let (row, column) = (task / parts, task % parts * COLUMNS);
            let place = row * width + column;
            let n = COLUMNS.min(width - column);
            // SAFETY: the rows stay inside the locked buffer; the results and their extremes are as many, in the
            // order of the layout, whose last axis longer than 1 is the inner one.
            unsafe {
                let start = source.get().offset(start_of(&layout.clone().with_offset(0), place));
                let best = std::slice::from_raw_parts(extremes.get().add(place), n);
                let out = std::slice::from_raw_parts_mut(target.get().add(place), n);
                first_rows(start, Run { stride, count: rows }, best, out);
            }
        }
    });
    Ok(())
}

/// For each column the first row that has the value in `best`, of at most COLUMNS.
///
/// # Safety
/// At `x` are the rows of the run, as long as `best` and `out`.
unsafe fn first_rows<T: Element>(x: *const T, run: Run, best: &[T], out: &mut [i64]) {
    for first in (0..run.count).step_by(ROWS).rev() {
        let mut found = [u32::MAX; COLUMNS];
        for row in (0..ROWS.min(run.count - first)).rev() {
            // SAFETY: as the caller promises.
            let x = unsafe { std::slice::from_raw_parts(x.offset((first + row) as isize * run.stride), best.len()) };
            for (found, (&v, &best)) in found.iter_mut().zip(x.iter().zip(best)) {
                *found = if is_same(v, best) { row as u32 } else { *found };
            }
        }
        for (out, &row) in out.iter_mut().zip(&found).filter(|(_, row)| **row != u32::MAX) {
            *out = (first + row as usize) as i64;
        }
    }
}
