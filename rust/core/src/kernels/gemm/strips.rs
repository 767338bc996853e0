//! Products of middling size with AVX2, on one thread: strips of the right factor are packed into the first cache, and the
//! left one is read where it lies.

use super::Matrix;
use super::pack::{Panel, TOGETHER, pack};
use super::registers::Packed;
use super::tile::{self, Ahead, Apart, DEPTH, Place, ROWS, even, part};
use smallvec::SmallVec;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Bytes of the strips that are packed at once.
const ROOM: usize = 32 << 10;
/// Rows and depth from which on registers are filled, and panels of columns: the last is not whole.
const LEAST: usize = 16;
const PANELS: usize = 4;

#[repr(align(64))]
struct Room(MaybeUninit<[u8; ROOM]>);

/// Whether this is the faster way: for f32, where the elements of the right factor's columns, not of its rows, follow one
/// another.
pub fn pays<T: Packed>([left, right, out]: &[Matrix<T>; 3]) -> bool {
    let is_large = out.rows.min(left.columns) >= LEAST && out.columns >= PANELS * T::COLUMNS;
    size_of::<T>() == 4 && right.column_stride != 1 && is_large
}

/// Multiplies the first two matrices into the third.
///
/// # Safety
/// The processor has AVX2 and FMA; the matrices lie inside their locked arrays, none has a size of 0, and the third is
/// row-major and overlaps neither factor.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn multiply<T: Packed>([left, right, out]: [Matrix<T>; 3]) {
    let mut room = Room(MaybeUninit::uninit());
    let depth = even(left.columns, DEPTH / size_of::<T>());
    let strip = T::COLUMNS * (ROOM / size_of::<T>() / T::COLUMNS / depth);
    for start in (0..left.columns).step_by(depth) {
        let depths = start..(start + depth).min(left.columns);
        for column in (0..out.columns).step_by(strip) {
            let columns = column..(column + strip).min(out.columns);
            // SAFETY: as the caller promises, and there is room for a strip.
            unsafe {
                let panels = packed(&right, &depths, columns, room.0.as_mut_ptr().cast());
                rows(&left, &out, &depths, column, &panels);
            }
        }
    }
}

type Panels<T> = SmallVec<[Panel<T>; 32]>;

/// The panels of a strip.
///
/// # Safety
/// As [`multiply`] says, and there is room for them.
#[inline(always)]
unsafe fn packed<T: Packed>(
    right: &Matrix<T>,
    depths: &Range<usize>,
    columns: Range<usize>,
    room: *mut T,
) -> Panels<T> {
    let panel = |column: usize| Panel {
        from: right.at(depths.start, column),
        lane: right.column_stride,
        step: right.row_stride,
        lanes: T::COLUMNS.min(columns.end - column),
        width: T::COLUMNS,
        depth: depths.len(),
        to: room.wrapping_add((column - columns.start) * depths.len()),
    };
    let panels: Panels<T> = columns.clone().step_by(T::COLUMNS).map(panel).collect();
    // SAFETY: as the caller promises.
    panels.chunks(TOGETHER).for_each(|panels| unsafe { pack(panels) });
    panels
}

/// All rows of the output, in the columns of these panels from `column` on.
///
/// # Safety
/// As [`multiply`] says.
#[inline(always)]
unsafe fn rows<T: Packed>(
    left: &Matrix<T>,
    out: &Matrix<T>,
    depths: &Range<usize>,
    column: usize,
    panels: &[Panel<T>],
) {
    let heights = out.rows.div_ceil(ROWS);
    for height in 0..heights {
        let rows = part(height, heights, out.rows);
        let from = Apart::new(left, rows.start, depths.start);
        for (i, panel) in panels.iter().enumerate() {
            let to = out.at(rows.start, column + i * T::COLUMNS);
            let ahead = Ahead {
                from: panel.from.wrapping_offset((panels.len() * T::COLUMNS) as isize * panel.lane),
                step: panel.step,
                rows: part(height, heights, panel.depth),
            };
            let place = Place { to, row_stride: out.row_stride, is_first: depths.start == 0 };
            // SAFETY: as `multiply` says.
            unsafe { tile::multiply(rows.len(), from, panel, place, ahead) };
        }
    }
}
