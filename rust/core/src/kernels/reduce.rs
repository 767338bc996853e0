//! Folding axes: fixed blocks, fixed lanes and a fixed tree, so that neither the thread count nor the instruction
//! set changes a bit.

use super::walk::{Walker, pack};
use super::{Body, Kernel, RawKernel, fold_tiles};
use crate::array::Array;
use crate::buffer::{self, Locks};
use crate::dtype::Element;
use crate::layout::Layout;
use crate::parallel;
use smallvec::SmallVec;
use std::marker::PhantomData;

/// Elements folded by lanes before the tree begins.
pub(super) const BLOCK: usize = 1024;
const LANES: usize = 32;
/// Columns folded side by side, and rows of one such block.
const COLUMNS: usize = 256;
const ROWS: usize = 64;

/// An associative fold with a neutral element.
pub trait Fold<T>: 'static {
    const START: T;
    fn fold(a: T, b: T) -> T;
}

pub(super) struct Block<F, T>(PhantomData<(F, T)>);
impl<F: Fold<T>, T: Copy> Body for Block<F, T> {
    /// Folds n <= BLOCK contiguous elements into one.
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: one argument of n elements of T, room for one result.
        unsafe {
            let x = std::slice::from_raw_parts((*args).cast::<T>(), n);
            let mut lanes = [F::START; LANES];
            let mut groups = x.chunks_exact(LANES);
            for group in &mut groups {
                for (lane, &v) in lanes.iter_mut().zip(group) {
                    *lane = F::fold(*lane, v);
                }
            }
            for (lane, &v) in lanes.iter_mut().zip(groups.remainder()) {
                *lane = F::fold(*lane, v);
            }
            let mut width = LANES / 2;
            while width > 0 {
                for i in 0..width {
                    lanes[i] = F::fold(lanes[i], lanes[i + width]);
                }
                width /= 2;
            }
            *out.cast::<T>() = lanes[0];
        }
    }
}

/// The rows of a column block: where they start, how far apart, how many.
#[repr(C)]
struct RowRun {
    stride: isize,
    rows: usize,
}

struct Column<F, T>(PhantomData<(F, T)>);
impl<F: Fold<T>, T: Copy> Body for Column<F, T> {
    /// Folds rows of n contiguous elements into n results; the second argument is a `RowRun`.
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: `rows` rows of n elements of T, `stride` apart; room for n results.
        unsafe {
            let (x, run) = ((*args).cast::<T>(), &*(*args.add(1)).cast::<RowRun>());
            let out = std::slice::from_raw_parts_mut(out.cast::<T>(), n);
            out.fill(F::START);
            for row in 0..run.rows {
                let x = std::slice::from_raw_parts(x.offset(row as isize * run.stride), n);
                for (sum, &v) in out.iter_mut().zip(x) {
                    *sum = F::fold(*sum, v);
                }
            }
        }
    }
}

/// Partial results: those of equal block counts are merged as a binary counter carries, a tree whatever the length.
pub(super) struct Partials<F, T> {
    stack: SmallVec<[(usize, T); 24]>,
    _fold: PhantomData<F>,
}

impl<F, T: Copy> Default for Partials<F, T> {
    fn default() -> Self {
        Partials { stack: SmallVec::new(), _fold: PhantomData }
    }
}

impl<F: Fold<T>, T: Copy> Partials<F, T> {
    pub(super) fn push(&mut self, value: T) {
        let mut entry = (1, value);
        while let Some(&(count, earlier)) = self.stack.last() {
            if count != entry.0 {
                break;
            }
            self.stack.pop();
            entry = (count * 2, F::fold(earlier, entry.1));
        }
        self.stack.push(entry);
    }

    pub(super) fn merged(self) -> T {
        let values = self.stack.into_iter().rev().map(|(_, value)| value);
        values.reduce(|later, earlier| F::fold(earlier, later)).unwrap_or(F::START)
    }
}

/// Folds the reduced axes of `x` into `out`, whose elements are the kept axes in order.
pub fn reduce<F: Fold<T>, T: Element>(x: &Array, axes: &[usize], out: &Array) {
    debug_assert!(out.is_contiguous());
    if out.numel() == 0 {
        return;
    }
    if out.numel() == 1 && x.is_contiguous() && (1..=BLOCK).contains(&x.numel()) && !buffer::is_concurrent() {
        // One block is the whole tree.
        // SAFETY: contiguous elements of T, and nobody else is in a kernel.
        return unsafe { Kernel::of::<Block<F, T>>().get()(&x.data().cast_const(), out.data(), x.numel()) };
    }
    if fold_tiles::fold::<F, T>(x, axes, out) {
        return;
    }
    let kept: SmallVec<[usize; 4]> = (0..x.ndim()).filter(|axis| !axes.contains(axis)).collect();
    let order: SmallVec<[usize; 4]> = kept.iter().chain(axes).copied().collect();
    let layout = x.layout().permute(&order);
    let per_result = x.numel() / out.numel();
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Pointer(x.data()), Pointer(out.data()));
    if per_result == 0 {
        let results = unsafe { std::slice::from_raw_parts_mut(target.0.cast::<T>(), out.numel()) };
        results.fill(F::START);
    } else if let Some(columns) = Columns::new(&layout, kept.len()) {
        columns.fold::<F, T>(source, target, per_result);
    } else {
        rows::<F, T>(&layout, source, target, out.numel(), per_result);
    }
}

#[derive(Clone, Copy)]
struct Pointer(*mut u8);
// SAFETY: points into a buffer that the caller has locked; threads write disjoint parts.
unsafe impl Sync for Pointer {}
unsafe impl Send for Pointer {}
impl Pointer {
    fn get(self) -> *mut u8 {
        self.0
    }
}

/// One result after the other, each from `per_result` consecutive elements of the walk.
fn rows<F: Fold<T>, T: Element>(layout: &Layout, x: Pointer, out: Pointer, results: usize, per_result: usize) {
    let kernel = Kernel::of::<Block<F, T>>().get();
    if results == 1 && per_result > 64 * BLOCK {
        return one_large::<F, T>(layout, x, out, per_result, kernel);
    }
    parallel::ranges(results, (1 << 15) / per_result.max(1) + 1, |range| {
        let mut walker = Walker::new(layout, range.start * per_result);
        for result in range {
            let value = fold_range::<F, T>(&mut walker, x, per_result, kernel);
            // SAFETY: `result` is inside the output, which this thread alone writes there.
            unsafe { *out.get().cast::<T>().add(result) = value };
        }
    });
}

fn fold_range<F: Fold<T>, T: Element>(walker: &mut Walker, x: Pointer, mut n: usize, kernel: RawKernel) -> T {
    let mut partials = Partials::<F, T>::default();
    let mut chunk = [std::mem::MaybeUninit::<T>::uninit(); BLOCK];
    while n > 0 {
        let length = n.min(BLOCK);
        let mut value = F::START;
        // SAFETY: the walk stays inside the locked buffer; the chunk holds a block.
        unsafe {
            let block = match walker.dense(length) {
                Some(position) => {
                    walker.runs(length, |_, _, _| {});
                    x.get().cast::<T>().offset(position).cast::<u8>()
                }
                None => {
                    pack(walker, x.get(), size_of::<T>(), chunk.as_mut_ptr().cast(), length);
                    chunk.as_mut_ptr().cast::<u8>()
                }
            };
            kernel(&block.cast_const(), (&raw mut value).cast(), length);
        }
        partials.push(value);
        n -= length;
    }
    partials.merged()
}

/// One result from many blocks: threads fold runs of 64 blocks, which the tree merges as it would alone.
fn one_large<F: Fold<T>, T: Element>(layout: &Layout, x: Pointer, out: Pointer, n: usize, kernel: RawKernel) {
    const RUN: usize = 64 * BLOCK;
    let runs = n.div_ceil(RUN);
    let mut values = vec![F::START; runs];
    let slots = Pointer(values.as_mut_ptr().cast());
    parallel::ranges(runs, 4, |range| {
        let mut walker = Walker::new(layout, range.start * RUN);
        for run in range {
            let value = fold_range::<F, T>(&mut walker, x, RUN.min(n - run * RUN), kernel);
            // SAFETY: each run has a slot of its own.
            unsafe { *slots.get().cast::<T>().add(run) = value };
        }
    });
    let mut partials = Partials::<F, T>::default();
    values.into_iter().for_each(|value| partials.push(value));
    // SAFETY: the output has one element.
    unsafe { *out.get().cast::<T>() = partials.merged() };
}

/// A layout `[outer..., inner, reduced]` whose inner axis is dense: folded several columns side by side.
struct Columns {
    outer: Layout,
    inner: usize,
    stride: isize,
}

impl Columns {
    fn new(layout: &Layout, kept: usize) -> Option<Columns> {
        let (shape, strides) = (layout.shape(), layout.strides());
        let inner_axis = kept.checked_sub(1)?;
        if shape[inner_axis] < 8 || strides[inner_axis] != 1 {
            return None;
        }
        let reduced: SmallVec<[usize; 4]> = (kept..layout.ndim()).collect();
        let outer = layout.remove_axes(&reduced).remove_axes(&[inner_axis]);
        let kept_axes: SmallVec<[usize; 4]> = (0..kept).collect();
        let reduced = Walker::new(&layout.remove_axes(&kept_axes), 0);
        Some(Columns { outer, inner: shape[inner_axis], stride: reduced.single_stride()? })
    }

    fn fold<F: Fold<T>, T: Element>(&self, x: Pointer, out: Pointer, rows: usize) {
        let kernel = Kernel::of::<Column<F, T>>().get();
        let blocks = self.inner.div_ceil(COLUMNS);
        let grain = (1 << 15) / (rows * self.inner.min(COLUMNS)).max(1) + 1;
        parallel::ranges(self.outer.numel() * blocks, grain, |range| {
            for block in range {
                let (outer, column) = (block / blocks, block % blocks * COLUMNS);
                let mut base = 0;
                Walker::new(&self.outer, outer).runs(1, |position, _, _| base = position);
                let width = COLUMNS.min(self.inner - column);
                // SAFETY: columns and rows stay inside the locked buffers; blocks are disjoint.
                unsafe {
                    let source = x.get().cast::<T>().offset(base).add(column);
                    let target = out.get().cast::<T>().add(outer * self.inner + column);
                    self.fold_block::<F, T>(kernel, source, target, rows, width);
                }
            }
        });
    }

    /// # Safety
    /// `rows` rows of `width` elements at `source`, room for `width` at `target`.
    unsafe fn fold_block<F: Fold<T>, T: Element>(
        &self,
        kernel: RawKernel,
        source: *const T,
        target: *mut T,
        rows: usize,
        width: usize,
    ) {
        let mut stack: SmallVec<[(usize, Box<[T; COLUMNS]>); 8]> = SmallVec::new();
        let mut row = 0;
        while row < rows {
            let run = RowRun { stride: self.stride, rows: ROWS.min(rows - row) };
            // SAFETY: as the caller promises.
            let start = unsafe { source.offset(row as isize * self.stride) };
            let args = [start.cast::<u8>(), (&raw const run).cast::<u8>()];
            row += run.rows;
            if stack.is_empty() && row == rows {
                // SAFETY: a single block of rows goes straight to its place.
                return unsafe { kernel(args.as_ptr(), target.cast(), width) };
            }
            let mut entry = (1usize, Box::new([F::START; COLUMNS]));
            // SAFETY: the box has room for COLUMNS >= width results.
            unsafe { kernel(args.as_ptr(), entry.1.as_mut_ptr().cast(), width) };
            while stack.last().is_some_and(|(count, _)| *count == entry.0) {
                let Some((count, earlier)) = stack.pop() else { break };
                entry.1.iter_mut().zip(earlier.iter()).for_each(|(later, &earlier)| *later = F::fold(earlier, *later));
                entry.0 += count;
            }
            stack.push(entry);
        }
        let mut total = [F::START; COLUMNS];
        for (_, values) in stack.iter().rev() {
            total.iter_mut().zip(values.iter()).for_each(|(sum, &v)| *sum = F::fold(v, *sum));
        }
        // SAFETY: room for `width` results.
        unsafe { std::ptr::copy_nonoverlapping(total.as_ptr(), target, width) };
    }
}

/// For each result, the place of the first element that `better` prefers to all others; `x` is walked with the
/// reduced axis last.
pub fn arg_reduce<T: Element>(x: &Array, axis: usize, better: impl Fn(T, T) -> bool + Sync, out: &Array) {
    let mut order: SmallVec<[usize; 4]> = (0..x.ndim()).filter(|&a| a != axis).collect();
    order.push(axis);
    let layout = x.layout().permute(&order);
    let n = x.shape()[axis];
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Pointer(x.data()), Pointer(out.data()));
    parallel::ranges(out.numel(), (1 << 15) / n.max(1) + 1, |range| {
        let mut walker = Walker::new(&layout, range.start * n);
        for result in range {
            let mut best: Option<(T, i64)> = None;
            let mut index = 0;
            walker.runs(n, |position, stride, length| {
                for i in 0..length as isize {
                    // SAFETY: the walk stays inside the locked buffer.
                    let v = unsafe { *source.get().cast::<T>().offset(position + i * stride) };
                    if best.is_none_or(|(b, _)| !b.is_nan() && (v.is_nan() || better(v, b))) {
                        best = Some((v, index));
                    }
                    index += 1;
                }
            });
            // SAFETY: `result` is inside the output, which this thread alone writes there.
            unsafe { *target.get().cast::<i64>().add(result) = best.map_or(0, |(_, index)| index) };
        }
    });
}
