//! A tile of the output in AVX2's registers: some rows of the left factor times a panel of the right one.

use super::Matrix;
use super::pack::Panel;
use super::registers::{Packed, Register};
use crate::dtype::Element;
use crate::kernels::prefetch_at;
use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
use std::ops::Range;
use std::sync::atomic::{Ordering, compiler_fence};

/// Rows of a tile: with two registers each, and three for the factors, they fill the sixteen.
pub const ROWS: usize = 6;
/// Depth of a block, in bytes: a panel of the right factor fits in the first cache.
pub const DEPTH: usize = 2 << 10;
const HALF: usize = ROWS / 2;

/// The length of equal parts of `n`, each of `most` at most.
pub fn even(n: usize, most: usize) -> usize {
    n.div_ceil(n.div_ceil(most))
}

/// One of `count` parts of `0..n`, whose lengths differ by 1 at most.
pub fn part(index: usize, count: usize, n: usize) -> Range<usize> {
    index * n / count..(index + 1) * n / count
}

/// R rows of the left factor, at one place of the depth.
pub trait Left<T>: Copy {
    /// # Safety
    /// The factor has an element there.
    unsafe fn row<const R: usize>(&self, i: usize) -> *const T;
    /// The same rows at the next place.
    fn next<const R: usize>(self) -> Self;
}

/// Rows side by side in a panel.
#[derive(Clone, Copy)]
pub struct Beside<T>(pub *const T);

impl<T: Copy> Left<T> for Beside<T> {
    #[inline(always)]
    unsafe fn row<const R: usize>(&self, i: usize) -> *const T {
        // SAFETY: as the caller promises.
        unsafe { self.0.add(i) }
    }
    #[inline(always)]
    fn next<const R: usize>(self) -> Self {
        Beside(self.0.wrapping_add(R))
    }
}

/// Rows where they lie in the factor.
#[derive(Clone, Copy)]
pub struct Apart<T> {
    /// The first row and the fourth: an address has room for two strides at most.
    low: *const T,
    high: *const T,
    row_stride: isize,
    column_stride: isize,
}

impl<T: Element> Apart<T> {
    pub fn new(matrix: &Matrix<T>, row: usize, column: usize) -> Apart<T> {
        let (row_stride, column_stride) = (matrix.row_stride, matrix.column_stride);
        Apart { low: matrix.at(row, column), high: matrix.at(row + HALF, column), row_stride, column_stride }
    }
}

impl<T: Copy> Left<T> for Apart<T> {
    #[inline(always)]
    unsafe fn row<const R: usize>(&self, i: usize) -> *const T {
        let (from, i) = if i < HALF { (self.low, i) } else { (self.high, i - HALF) };
        // SAFETY: as the caller promises.
        unsafe { from.offset(i as isize * self.row_stride) }
    }
    #[inline(always)]
    fn next<const R: usize>(self) -> Self {
        let after = |x: *const T| x.wrapping_offset(self.column_stride);
        Apart { low: after(self.low), high: after(self.high), ..self }
    }
}

/// Where the results go, and whether there is nothing yet to add to.
#[derive(Clone, Copy)]
pub struct Place<T> {
    pub to: *mut T,
    pub row_stride: isize,
    pub is_first: bool,
}

/// Rows of what is read next, each in a line of the caches: they are brought near meanwhile.
#[derive(Clone)]
pub struct Ahead<T> {
    pub from: *const T,
    pub step: isize,
    pub rows: Range<usize>,
}

/// Multiplies so many rows, ROWS at most, by a panel.
///
/// # Safety
/// As [`Register`] says; the packed panel has `depth` rows of COLUMNS elements, `left` as many columns, and the output
/// has rows as long as the panel has lanes.
#[inline(always)]
pub unsafe fn multiply<T: Packed, L: Left<T>>(rows: usize, left: L, right: &Panel<T>, out: Place<T>, ahead: Ahead<T>) {
    // SAFETY: as the caller promises.
    unsafe {
        match rows {
            1 => tile::<T, L, 1>(left, right, out, ahead),
            2 => tile::<T, L, 2>(left, right, out, ahead),
            3 => tile::<T, L, 3>(left, right, out, ahead),
            4 => tile::<T, L, 4>(left, right, out, ahead),
            5 => tile::<T, L, 5>(left, right, out, ahead),
            _ => tile::<T, L, ROWS>(left, right, out, ahead),
        }
    }
}

/// # Safety
/// As [`multiply`] says.
#[inline(always)]
unsafe fn tile<T: Packed, L: Left<T>, const R: usize>(mut left: L, right: &Panel<T>, out: Place<T>, ahead: Ahead<T>) {
    // SAFETY: as the caller promises.
    unsafe {
        for i in 0..R {
            prefetch_at(out.to.wrapping_offset(i as isize * out.row_stride));
        }
        let mut columns = right.to.cast_const();
        let mut next = ahead.rows;
        let mut sums = [[T::Register::zero(); 2]; R];
        for _ in 0..right.depth / 4 {
            if let Some(row) = next.next() {
                _mm_prefetch::<_MM_HINT_T1>(ahead.from.wrapping_offset(row as isize * ahead.step).cast());
            }
            // Written out: the loop's own instructions would take the place of products.
            step(&mut sums, &mut left, &mut columns);
            step(&mut sums, &mut left, &mut columns);
            step(&mut sums, &mut left, &mut columns);
            step(&mut sums, &mut left, &mut columns);
        }
        for _ in 0..right.depth % 4 {
            step(&mut sums, &mut left, &mut columns);
        }
        for (i, sums) in sums.iter().enumerate() {
            let to = out.to.offset(i as isize * out.row_stride);
            if right.lanes == T::COLUMNS {
                write::<T>(sums, to, out.is_first);
            } else {
                let mut row = [T::default(); 16];
                std::ptr::copy_nonoverlapping(to, row.as_mut_ptr(), right.lanes);
                write::<T>(sums, row.as_mut_ptr(), out.is_first);
                std::ptr::copy_nonoverlapping(row.as_ptr(), to, right.lanes);
            }
        }
    }
}

/// Adds the products of the rows and the panel at one place of the depth, and goes to the next.
///
/// # Safety
/// As [`multiply`] says.
#[inline(always)]
unsafe fn step<T: Packed, L: Left<T>, const R: usize>(
    sums: &mut [[T::Register; 2]; R],
    left: &mut L,
    columns: &mut *const T,
) {
    // SAFETY: as the caller promises.
    unsafe {
        let pair = [T::Register::load(*columns), T::Register::load(columns.add(T::LANES))];
        for (i, sums) in sums.iter_mut().enumerate() {
            let row = T::Register::repeat(left.row::<R>(i));
            *sums = [sums[0].plus_product(row, pair[0]), sums[1].plus_product(row, pair[1])];
        }
        (*left, *columns) = (left.next::<R>(), columns.add(T::COLUMNS));
        // Or the compiler would load the next row early and run out of registers.
        compiler_fence(Ordering::SeqCst);
    }
}

/// Adds a row of a tile to the output, or sets it.
#[inline(always)]
unsafe fn write<T: Packed>(sums: &[T::Register; 2], to: *mut T, is_first: bool) {
    for (j, &sum) in sums.iter().enumerate() {
        // SAFETY: the row has two registers.
        unsafe {
            let to = to.add(j * T::LANES);
            let sum = if is_first { sum } else { sum.plus(T::Register::load(to)) };
            sum.store(to);
        }
    }
}
