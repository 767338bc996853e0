//! Large products of floats with AVX2: both factors are packed into panels, block by block, so that tiles of the output
//! in registers read them in a row. Each element is one chain over a block's depth, and a sum over the blocks; how the
//! tiles are dealt to threads does not show. All threads read the same panels.
//!
//! The scheme is that of K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).

use super::Matrix;
use super::pack::{BEHIND, Panel, TOGETHER, pack};
use super::registers::{Packed, Register};
use crate::buffer::{Buffer, HUGE_MIN};
use crate::error::Result;
use crate::parallel;
use smallvec::SmallVec;
use std::arch::x86_64::*;
use std::ops::Range;
use std::sync::atomic::{Ordering, compiler_fence};

/// Rows of a tile: with two registers each, and three for the factors, they fill the sixteen.
const ROWS: usize = 6;
/// Depth of a block, in bytes: a panel of the right factor fits in the first cache.
const DEPTH: usize = 2 << 10;
/// Bytes of a packed block of each factor.
const BLOCK: usize = 4 << 20;
/// Panels of each factor that a group of tiles has: the second cache holds those of the left one.
const GROUP: usize = 16;
/// Groups of a block at least: threads that end at odds differ by one of them.
const GROUPS: usize = 32;
/// Sizes, elements of the output and multiplications that are worth packing for.
const LEAST: usize = 64;
const AREA: usize = 1 << 14;
const WORTH: usize = 1 << 22;
const WORTH_IN_BATCH: usize = 1 << 26;
/// Multiplications and copies that are worth a thread's attention.
const GRAIN: usize = 1 << 19;
const COPIES: usize = 1 << 16;

/// Whether packing is made up for: smaller products go to threads faster in pieces that share nothing, and so do those
/// of a batch of `count` where each has less work.
pub fn pays(count: usize, m: usize, n: usize, k: usize) -> bool {
    let work = m.saturating_mul(n).saturating_mul(k);
    let worth = if count == 1 { WORTH } else { WORTH_IN_BATCH };
    m.min(n).min(k) >= LEAST && m.saturating_mul(n) >= AREA && work >= worth
}

/// Multiplies the first two matrices into the third.
///
/// # Safety
/// The processor has AVX2 and FMA; the matrices lie inside their locked arrays, none has a size of 0, and the third is
/// row-major and overlaps neither factor.
pub unsafe fn multiply<T: Packed>([left, right, out]: &[Matrix<T>; 3]) -> Result<()> {
    let most = BLOCK / size_of::<T>();
    let depth = even(left.columns, DEPTH / size_of::<T>());
    let width = even(out.columns, most / depth).next_multiple_of(T::COLUMNS);
    let height = even(out.rows, most / depth);
    let left_room = (height * depth + height.div_ceil(ROWS) * BEHIND).next_multiple_of(T::COLUMNS);
    // Huge pages: packing and reading go through many small ones at once.
    let bytes = ((left_room + width * depth) * size_of::<T>()).max(HUGE_MIN);
    let panels = Buffer::uninit("matmul", bytes)?;
    for column in (0..out.columns).step_by(width) {
        let columns = column..(column + width).min(out.columns);
        for start in (0..left.columns).step_by(depth) {
            let depths = start..(start + depth).min(left.columns);
            for row in (0..out.rows).step_by(height) {
                let rows = row..(row + height).min(out.rows);
                let block = Block {
                    left: left.part(rows.clone(), depths.clone()),
                    right: right.part(depths.clone(), columns.clone()),
                    out: out.part(rows, columns.clone()),
                    left_panels: panels.data().cast(),
                    right_panels: panels.data().cast::<T>().wrapping_add(left_room),
                    is_first: start == 0,
                };
                // SAFETY: as the caller promises; there is room for the largest block.
                unsafe {
                    block.pack(row == 0);
                    block.multiply();
                }
            }
        }
    }
    Ok(())
}

/// Adds the products of a row of each panel, and goes to their next ones.
///
/// # Safety
/// As [`Register`] says.
#[inline(always)]
unsafe fn step<T: Packed, const R: usize>(sums: &mut [[T::Register; 2]; R], x: &mut *const T, y: &mut *const T) {
    // SAFETY: as the caller promises.
    unsafe {
        let columns = [T::Register::load(*y), T::Register::load(y.add(T::LANES))];
        for (i, sums) in sums.iter_mut().enumerate() {
            let row = T::Register::repeat(x.add(i));
            *sums = [sums[0].plus_product(row, columns[0]), sums[1].plus_product(row, columns[1])];
        }
        (*x, *y) = (x.add(R), y.add(T::COLUMNS));
        // Or the compiler would load the next row early and run out of registers.
        compiler_fence(Ordering::SeqCst);
    }
}

/// The length of equal parts of `n`, each of `most` at most.
fn even(n: usize, most: usize) -> usize {
    n.div_ceil(n.div_ceil(most))
}

/// One of `count` parts of `0..n`, whose lengths differ by 1 at most.
fn part(index: usize, count: usize, n: usize) -> Range<usize> {
    index * n / count..(index + 1) * n / count
}

/// The panels of a group that are packed at once, of `count` in all.
fn members(group: usize, count: usize) -> Range<usize> {
    group * TOGETHER..((group + 1) * TOGETHER).min(count)
}

/// A part of the product: all matrices are the parts that it needs.
struct Block<T> {
    left: Matrix<T>,
    right: Matrix<T>,
    out: Matrix<T>,
    left_panels: *mut T,
    right_panels: *mut T,
    /// Whether the output has nothing yet to add to.
    is_first: bool,
}
// SAFETY: threads write different panels, or different tiles of the output; no one reads panels while they are written.
unsafe impl<T> Sync for Block<T> {}

impl<T: Packed> Block<T> {
    /// Panels of rows of the left factor, about equally high, so that none wastes registers.
    fn heights(&self) -> usize {
        self.out.rows.div_ceil(ROWS)
    }
    fn rows(&self, panel: usize) -> Range<usize> {
        part(panel, self.heights(), self.out.rows)
    }
    /// Panels of columns of the right factor; the last is filled up with zeros.
    fn widths(&self) -> usize {
        self.out.columns.div_ceil(T::COLUMNS)
    }
    fn columns(&self, panel: usize) -> Range<usize> {
        panel * T::COLUMNS..((panel + 1) * T::COLUMNS).min(self.out.columns)
    }

    /// # Safety
    /// As [`multiply`] says.
    unsafe fn pack(&self, with_right: bool) {
        let (heights, widths) = (self.heights(), if with_right { self.widths() } else { 0 });
        let lefts = heights.div_ceil(TOGETHER);
        let work = TOGETHER * T::COLUMNS * self.left.columns;
        parallel::ranges(lefts + widths.div_ceil(TOGETHER), COPIES / work + 1, |range| {
            for group in range {
                let panels: SmallVec<[Panel<T>; TOGETHER]> = if group < lefts {
                    members(group, heights).map(|panel| self.left_panel(panel)).collect()
                } else {
                    members(group - lefts, widths).map(|panel| self.right_panel(panel)).collect()
                };
                // SAFETY: as the caller promises, and these panels are this thread's.
                unsafe { pack(&panels) };
            }
        });
    }

    fn left_panel(&self, panel: usize) -> Panel<T> {
        let rows = self.rows(panel);
        Panel {
            from: self.left.at(rows.start, 0),
            lane: self.left.row_stride,
            step: self.left.column_stride,
            lanes: rows.len(),
            width: rows.len(),
            depth: self.left.columns,
            to: self.left_panels.wrapping_add(rows.start * self.left.columns + panel * BEHIND),
        }
    }

    fn right_panel(&self, panel: usize) -> Panel<T> {
        let columns = self.columns(panel);
        Panel {
            from: self.right.at(0, columns.start),
            lane: self.right.column_stride,
            step: self.right.row_stride,
            lanes: columns.len(),
            width: T::COLUMNS,
            depth: self.right.rows,
            to: self.right_panels.wrapping_add(columns.start * self.right.rows),
        }
    }

    /// # Safety
    /// As [`multiply`] says, and the panels are packed.
    unsafe fn multiply(&self) {
        let (heights, widths) = (self.heights(), self.widths());
        let down = heights.div_ceil(GROUP);
        let across = widths.div_ceil(GROUP).max(GROUPS.div_ceil(down)).min(widths);
        let work = self.out.rows * self.out.columns * self.left.columns / (down * across);
        parallel::ranges(down * across, GRAIN / work.max(1) + 1, |range| {
            for group in range {
                // SAFETY: as the caller promises.
                unsafe { self.tiles(part(group % down, down, heights), part(group / down, across, widths)) };
            }
        });
    }

    /// The tiles where these panels meet.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn tiles(&self, heights: Range<usize>, widths: Range<usize>) {
        for width in widths {
            let right = self.right_panel(width);
            for (i, height) in heights.clone().enumerate() {
                let left = self.left_panel(height);
                let out = self.out.at(self.rows(height).start, self.columns(width).start);
                // Each tile asks for its share of the right panel that comes next.
                let ahead = part(i, heights.len(), right.depth);
                // SAFETY: as the caller promises.
                unsafe {
                    match left.lanes {
                        1 => self.tile::<1>(&left, &right, out, ahead),
                        2 => self.tile::<2>(&left, &right, out, ahead),
                        3 => self.tile::<3>(&left, &right, out, ahead),
                        4 => self.tile::<4>(&left, &right, out, ahead),
                        5 => self.tile::<5>(&left, &right, out, ahead),
                        _ => self.tile::<ROWS>(&left, &right, out, ahead),
                    }
                }
            }
        }
    }

    /// Where two panels meet; meanwhile the rows `ahead` of the right panel that comes next are brought near, each of
    /// them a line of the caches.
    #[inline(always)]
    unsafe fn tile<const R: usize>(&self, left: &Panel<T>, right: &Panel<T>, out: *mut T, mut ahead: Range<usize>) {
        // SAFETY: the packed panels have `depth` rows of R and of COLUMNS elements, the output has the tile.
        unsafe {
            for i in 0..R {
                _mm_prefetch::<_MM_HINT_T0>(out.wrapping_offset(i as isize * self.out.row_stride).cast());
            }
            let (mut x, mut y) = (left.to.cast_const(), right.to.cast_const());
            let mut sums = [[T::Register::zero(); 2]; R];
            for _ in 0..left.depth / 4 {
                if let Some(row) = ahead.next() {
                    _mm_prefetch::<_MM_HINT_T1>(right.to.wrapping_add((right.depth + row) * T::COLUMNS).cast());
                }
                // Written out: the loop's own instructions would take the place of products.
                step(&mut sums, &mut x, &mut y);
                step(&mut sums, &mut x, &mut y);
                step(&mut sums, &mut x, &mut y);
                step(&mut sums, &mut x, &mut y);
            }
            for _ in 0..left.depth % 4 {
                step(&mut sums, &mut x, &mut y);
            }
            for (i, sums) in sums.iter().enumerate() {
                let to = out.offset(i as isize * self.out.row_stride);
                if right.lanes == T::COLUMNS {
                    self.write(sums, to);
                } else {
                    let mut row = [T::default(); 16];
                    std::ptr::copy_nonoverlapping(to, row.as_mut_ptr(), right.lanes);
                    self.write(sums, row.as_mut_ptr());
                    std::ptr::copy_nonoverlapping(row.as_ptr(), to, right.lanes);
                }
            }
        }
    }

    /// Adds a row of a tile to the output, or sets it.
    #[inline(always)]
    unsafe fn write(&self, sums: &[T::Register; 2], to: *mut T) {
        for (j, &sum) in sums.iter().enumerate() {
            // SAFETY: the row has two registers.
            unsafe {
                let to = to.add(j * T::LANES);
                let sum = if self.is_first { sum } else { sum.plus(T::Register::load(to)) };
                sum.store(to);
            }
        }
    }
}
