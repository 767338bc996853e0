//! Large products of floats with AVX2: both factors are packed into panels, block by block and in layers of the depth, so
//! that tiles of the output in registers read them in a row. Each element is one chain over a layer, and a sum over the
//! layers; how the tiles are dealt to threads does not show. All threads read the same panels. A group of tiles goes
//! through the layers before the next group, so that its sums stay in the second cache.
//!
//! The scheme is that of K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).

use super::Matrix;
use super::pack::{BEHIND, Panel, TOGETHER, pack};
use super::registers::Packed;
use super::tile::{self, Ahead, Beside, DEPTH, Place, ROWS, even, part};
use crate::buffer::{Buffer, HUGE_MIN};
use crate::error::Result;
use crate::parallel;
use smallvec::SmallVec;
use std::ops::Range;

/// Bytes of a packed block of each factor.
const BLOCK: usize = 8 << 20;
/// Bytes of an output that stays near anyway: its layers are packed one by one, since they do not stay near together.
const NEAR: usize = 2 << 20;
/// Rows and columns of a block at least, where there are so many: its depth is cut before.
const SIDE: usize = 512;
/// Panels of each factor that a group of tiles has at most: those of a layer of the left one, and the sums, are in the
/// second cache together.
const HIGH: usize = 8;
const WIDE: usize = 32;
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
    let layer = even(left.columns, DEPTH / size_of::<T>());
    let is_far = out.rows * out.columns > NEAR / size_of::<T>();
    let together = if is_far { (most / layer / out.columns.max(SIDE)).max(1) } else { 1 };
    let layers = even(left.columns.div_ceil(layer), together);
    let depth = layers * layer;
    let width = even(out.columns, most / depth).next_multiple_of(T::COLUMNS);
    let height = even(out.rows, most / depth);
    let left_room = (height * layer + height.div_ceil(ROWS) * BEHIND).next_multiple_of(T::COLUMNS);
    let right_room = width * layer;
    // Huge pages: packing and reading go through many small ones at once.
    let bytes = (layers * (left_room + right_room) * size_of::<T>()).max(HUGE_MIN);
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
                    layer,
                    left_panels: Panels { start: panels.data().cast(), room: left_room },
                    right_panels: Panels {
                        start: panels.data().cast::<T>().wrapping_add(layers * left_room),
                        room: right_room,
                    },
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

/// Where the panels of a factor begin, and how much room they have in each layer.
#[derive(Clone, Copy)]
struct Panels<T> {
    start: *mut T,
    room: usize,
}

impl<T> Panels<T> {
    fn at(&self, layer: usize, offset: usize) -> *mut T {
        self.start.wrapping_add(layer * self.room + offset)
    }
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
    /// The depth of a layer; the last may have less.
    layer: usize,
    left_panels: Panels<T>,
    right_panels: Panels<T>,
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
    /// Layers of the depth.
    fn layers(&self) -> usize {
        self.left.columns.div_ceil(self.layer)
    }
    fn depths(&self, layer: usize) -> Range<usize> {
        layer * self.layer..((layer + 1) * self.layer).min(self.left.columns)
    }

    /// # Safety
    /// As [`multiply`] says.
    unsafe fn pack(&self, with_right: bool) {
        let (heights, widths) = (self.heights(), if with_right { self.widths() } else { 0 });
        let lefts = heights.div_ceil(TOGETHER);
        let groups = lefts + widths.div_ceil(TOGETHER);
        let work = TOGETHER * T::COLUMNS * self.layer;
        parallel::ranges(self.layers() * groups, COPIES / work + 1, |range| {
            for index in range {
                let (layer, group) = (index / groups, index % groups);
                let panels: SmallVec<[Panel<T>; TOGETHER]> = if group < lefts {
                    members(group, heights).map(|panel| self.left_panel(layer, panel)).collect()
                } else {
                    members(group - lefts, widths).map(|panel| self.right_panel(layer, panel)).collect()
                };
                // SAFETY: as the caller promises, and these panels are this thread's.
                unsafe { pack(&panels) };
            }
        });
    }

    fn left_panel(&self, layer: usize, panel: usize) -> Panel<T> {
        let (depths, rows) = (self.depths(layer), self.rows(panel));
        Panel {
            from: self.left.at(rows.start, depths.start),
            lane: self.left.row_stride,
            step: self.left.column_stride,
            lanes: rows.len(),
            width: rows.len(),
            depth: depths.len(),
            to: self.left_panels.at(layer, rows.start * depths.len() + panel * BEHIND),
        }
    }

    fn right_panel(&self, layer: usize, panel: usize) -> Panel<T> {
        let (depths, columns) = (self.depths(layer), self.columns(panel));
        Panel {
            from: self.right.at(depths.start, columns.start),
            lane: self.right.column_stride,
            step: self.right.row_stride,
            lanes: columns.len(),
            width: T::COLUMNS,
            depth: depths.len(),
            to: self.right_panels.at(layer, columns.start * depths.len()),
        }
    }

    /// # Safety
    /// As [`multiply`] says, and the panels are packed.
    unsafe fn multiply(&self) {
        let (heights, widths) = (self.heights(), self.widths());
        let down = heights.div_ceil(HIGH);
        let across = widths.div_ceil(WIDE).max(GROUPS.div_ceil(down)).min(widths);
        let work = self.out.rows * self.out.columns * self.left.columns / (down * across);
        parallel::pieces(down * across, GRAIN / work.max(1) + 1, |group| {
            for layer in 0..self.layers() {
                // SAFETY: as the caller promises.
                unsafe { self.tiles(layer, part(group % down, down, heights), part(group / down, across, widths)) };
            }
        });
    }

    /// The tiles where these panels meet.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn tiles(&self, layer: usize, heights: Range<usize>, widths: Range<usize>) {
        for width in widths {
            let right = self.right_panel(layer, width);
            for (i, height) in heights.clone().enumerate() {
                let left = self.left_panel(layer, height);
                let out = Place {
                    to: self.out.at(self.rows(height).start, self.columns(width).start),
                    row_stride: self.out.row_stride,
                    is_first: self.is_first && layer == 0,
                };
                // Each tile asks for its share of the right panel that comes next.
                let ahead = Ahead {
                    from: right.to.wrapping_add(right.depth * T::COLUMNS),
                    step: T::COLUMNS as isize,
                    rows: part(i, heights.len(), right.depth),
                };
                // SAFETY: as the caller promises.
                unsafe {
                    tile::multiply(left.lanes, Beside(left.to.cast_const()), &right, out, ahead);
                }
            }
        }
    }
}
