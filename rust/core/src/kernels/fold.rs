//! The loops that fold elements: rows into single results, and rows into one row.
//!
//! Lanes are fixed in number and merged in a fixed tree, so that no instruction set changes a bit.

use super::{Body, Kernel, RawKernel};
use crate::dtype::{DType, Element};
use std::marker::PhantomData;

/// Elements that are folded into one at a time; what is longer is folded again.
pub const BLOCK: usize = 1024;
pub const LANES: usize = 32;
/// Blocks that are folded side by side, far apart: memory answers four streams much faster than one, and faster than any
/// that asks ahead.
const STREAMS: usize = 4;
/// Lanes of rows too short for that many.
const FEW: usize = 4;
/// Sums kept side by side where rows are shorter than `NARROW` and lie one after the other.
const STACK: usize = 512;
const NARROW: usize = 256;

/// An associative and commutative fold with a neutral element.
pub trait Fold<T: Copy>: 'static {
    const START: T;
    fn fold(a: T, b: T) -> T;
    /// What a folded value becomes in the end.
    #[inline(always)]
    fn finish(value: T) -> T {
        value
    }
}

/// Folds at most [`BLOCK`] elements.
#[inline(always)]
fn block<F: Fold<T>, T: Copy>(x: &[T]) -> T {
    if x.len() < LANES {
        return few::<F, T>(x);
    }
    let mut lanes = [F::START; LANES];
    let mut groups = x.chunks_exact(LANES);
    groups.by_ref().for_each(|group| take::<F, T>(&mut lanes, group));
    let total = tree(lanes, F::fold);
    if groups.remainder().is_empty() { total } else { F::fold(total, few::<F, T>(groups.remainder())) }
}

/// Folds fewer elements than there are lanes.
#[inline(always)]
fn few<F: Fold<T>, T: Copy>(x: &[T]) -> T {
    let mut lanes = [F::START; FEW];
    let mut groups = x.chunks_exact(FEW);
    for group in &mut groups {
        lanes.iter_mut().zip(group).for_each(|(lane, &v)| *lane = F::fold(*lane, v));
    }
    groups.remainder().iter().fold(tree(lanes, F::fold), |total, &v| F::fold(total, v))
}

/// Four whole blocks, side by side.
#[inline(always)]
fn four<F: Fold<T>, T: Copy>([w, x, y, z]: [&[T]; STREAMS]) -> [T; STREAMS] {
    let [mut a, mut b, mut c, mut d] = [[F::START; LANES]; STREAMS];
    let (w, x) = (w.chunks_exact(LANES), x.chunks_exact(LANES));
    let (y, z) = (y.chunks_exact(LANES), z.chunks_exact(LANES));
    for (((w, x), y), z) in w.zip(x).zip(y).zip(z) {
        take::<F, T>(&mut a, w);
        take::<F, T>(&mut b, x);
        take::<F, T>(&mut c, y);
        take::<F, T>(&mut d, z);
    }
    [tree(a, F::fold), tree(b, F::fold), tree(c, F::fold), tree(d, F::fold)]
}

#[inline(always)]
fn take<F: Fold<T>, T: Copy>(lanes: &mut [T; LANES], group: &[T]) {
    lanes.iter_mut().zip(group).for_each(|(lane, &v)| *lane = F::fold(*lane, v));
}

/// Merges lanes, the second half into the first until one is left.
#[inline(always)]
pub fn tree<T: Copy, const N: usize>(mut lanes: [T; N], fold: impl Fn(T, T) -> T) -> T {
    if N > FEW {
        // Seen as one with the loop before it, the compiler would sort that one's lanes by what the tree pairs: five
        // times slower for f32.
        lanes = std::hint::black_box(lanes);
    }
    let mut width = N / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] = fold(lanes[i], lanes[i + width]);
        }
        width /= 2;
    }
    lanes[0]
}

/// Equal rows of memory: how far apart they start, and their number or their length.
#[repr(C)]
pub struct Run {
    pub stride: isize,
    pub count: usize,
}

struct Rows<F, T>(PhantomData<(F, T)>);
impl<F: Fold<T>, T: Copy> Body for Rows<F, T> {
    /// Folds each of n rows of `count` <= BLOCK contiguous elements into one; the second argument is the `Run`.
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: n rows of T, `stride` apart; room for n results.
        unsafe {
            let (x, run) = ((*args).cast::<T>(), &*(*args.add(1)).cast::<Run>());
            let row = |number: usize| std::slice::from_raw_parts(x.offset(number as isize * run.stride), run.count);
            let out = out.cast::<T>();
            let mut done = 0;
            if run.count == BLOCK {
                let part = n / STREAMS;
                for first in 0..part {
                    let rows = [row(first), row(first + part), row(first + 2 * part), row(first + 3 * part)];
                    let totals = four::<F, T>(rows);
                    for (i, &total) in totals.iter().enumerate() {
                        *out.add(first + i * part) = F::finish(total);
                    }
                }
                done = STREAMS * part;
            }
            for number in done..n {
                *out.add(number) = F::finish(block::<F, T>(row(number)));
            }
        }
    }
}

struct Columns<F, T>(PhantomData<(F, T)>);
impl<F: Fold<T>, T: Copy> Body for Columns<F, T> {
    /// Folds `count` rows of n contiguous elements into n results; the second argument is the `Run`.
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: `count` rows of n elements of T, `stride` apart; room for n results.
        unsafe {
            let (x, run) = ((*args).cast::<T>(), &*(*args.add(1)).cast::<Run>());
            let out = std::slice::from_raw_parts_mut(out.cast::<T>(), n);
            out.fill(F::START);
            if n < NARROW && run.stride == n as isize {
                narrow::<F, T>(std::slice::from_raw_parts(x, n * run.count), out);
            } else {
                fold_rows::<F, T>(x, run.stride, run.count, out);
            }
            out.iter_mut().for_each(|v| *v = F::finish(*v));
        }
    }
}

/// Folds `count` rows as long as `sums` into it.
///
/// # Safety
/// The rows start at `x`, `stride` apart.
#[inline(always)]
unsafe fn fold_rows<F: Fold<T>, T: Copy>(x: *const T, stride: isize, count: usize, sums: &mut [T]) {
    let n = sums.len();
    // SAFETY: as the caller promises.
    let row = |number: usize| unsafe { std::slice::from_raw_parts(x.offset(number as isize * stride), n) };
    let fours = count / 4 * 4;
    for first in (0..fours).step_by(4) {
        let (a, b, c, d) = (row(first), row(first + 1), row(first + 2), row(first + 3));
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = F::fold(*sum, F::fold(F::fold(a[i], b[i]), F::fold(c[i], d[i])));
        }
    }
    for number in fours..count {
        sums.iter_mut().zip(row(number)).for_each(|(sum, &v)| *sum = F::fold(*sum, v));
    }
}

/// Folds short rows, one after the other in `x`, into `out`: as many of them side by side as there are sums.
#[inline(always)]
fn narrow<F: Fold<T>, T: Copy>(x: &[T], out: &mut [T]) {
    let mut sums = [F::START; STACK];
    let width = STACK / out.len() * out.len();
    let sums = &mut sums[..width];
    let count = x.len() / width;
    // SAFETY: as many rows of that width are in `x`.
    unsafe { fold_rows::<F, T>(x.as_ptr(), width as isize, count, sums) };
    sums.iter_mut().zip(&x[count * width..]).for_each(|(sum, &v)| *sum = F::fold(*sum, v));
    for row in sums.chunks_exact(out.len()) {
        out.iter_mut().zip(row).for_each(|(sum, &v)| *sum = F::fold(*sum, v));
    }
}

/// The loops of one fold over one element type.
#[derive(Clone, Copy)]
pub struct Loops {
    rows: RawKernel,
    columns: RawKernel,
    pub dtype: DType,
}

impl Loops {
    pub fn of<F: Fold<T>, T: Element>() -> Loops {
        Loops { rows: Kernel::of::<Rows<F, T>>().get(), columns: Kernel::of::<Columns<F, T>>().get(), dtype: T::DTYPE }
    }

    /// Folds `length` <= [`BLOCK`] contiguous elements into one.
    ///
    /// # Safety
    /// `x` holds as many elements of the dtype, and `out` has room for one.
    #[inline]
    pub unsafe fn block(&self, x: *const u8, length: usize, out: *mut u8) {
        // SAFETY: as the caller promises.
        unsafe { self.rows(x, Run { stride: 0, count: length }, out, 1) }
    }

    /// Folds each of `n` rows of `run.count` <= [`BLOCK`] elements.
    ///
    /// # Safety
    /// The rows are elements of the dtype, and `out` has room for `n`.
    #[inline]
    pub unsafe fn rows(&self, x: *const u8, run: Run, out: *mut u8, n: usize) {
        // SAFETY: as the caller promises.
        unsafe { (self.rows)([x, (&raw const run).cast()].as_ptr(), out, n) }
    }

    /// Folds `run.count` rows of `n` elements into one.
    ///
    /// # Safety
    /// The rows are elements of the dtype, and `out` has room for `n`.
    #[inline]
    pub unsafe fn columns(&self, x: *const u8, run: Run, out: *mut u8, n: usize) {
        // SAFETY: as the caller promises.
        unsafe { (self.columns)([x, (&raw const run).cast()].as_ptr(), out, n) }
    }
}
