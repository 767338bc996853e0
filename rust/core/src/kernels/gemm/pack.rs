//! Panels of a factor: some of its rows or columns, laid so that what a step of a tile needs lies in a row.

use super::registers::{Packed, Register};
use crate::kernels::prefetch_at;

/// Panels that are packed at once: what lies side by side in the factor is read together.
pub const TOGETHER: usize = 4;
/// Rows that are asked for before they are copied.
const AHEAD: isize = 8;
/// Elements behind each panel that may be written to: whole registers are stored.
pub const BEHIND: usize = 8;

/// From each of `lanes` rows or columns of a factor `depth` elements, for `depth` rows of `width`. From one lane to the
/// next it is `lane` elements, along each `step`.
#[derive(Clone, Copy)]
pub struct Panel<T> {
    pub from: *const T,
    pub lane: isize,
    pub step: isize,
    pub lanes: usize,
    pub width: usize,
    pub depth: usize,
    pub to: *mut T,
}

/// # Safety
/// The processor has AVX2; the panels are of one factor, which has these elements, and there is room for each of them
/// and `BEHIND` more.
#[target_feature(enable = "avx2")]
pub unsafe fn pack<T: Packed>(panels: &[Panel<T>]) {
    let is_whole = |panel: &&Panel<T>| panel.lanes == panel.width;
    // SAFETY: as the caller promises.
    unsafe {
        if panels.iter().any(|panel| panel.lane != 1 || !is_whole(&panel)) {
            return panels.iter().for_each(|panel| panel.along());
        }
        for row in 0..panels[0].depth {
            for panel in panels {
                panel.copy_row(row);
            }
        }
    }
}

impl<T: Packed> Panel<T> {
    #[inline(always)]
    unsafe fn copy_row(&self, row: usize) {
        // SAFETY: as `pack` says.
        unsafe {
            let (from, to) = (self.from.offset(row as isize * self.step), self.to.add(row * self.width));
            // Rows that lie far apart are not foreseen by the processor.
            prefetch_at(from.wrapping_offset(AHEAD * self.step));
            match self.width {
                5 => to.cast::<[T; 5]>().write(from.cast::<[T; 5]>().read()),
                6 => to.cast::<[T; 6]>().write(from.cast::<[T; 6]>().read()),
                8 => to.cast::<[T; 8]>().write(from.cast::<[T; 8]>().read()),
                16 => to.cast::<[T; 16]>().write(from.cast::<[T; 16]>().read()),
                width => std::ptr::copy_nonoverlapping(from, to, width),
            }
        }
    }

    /// Lane by lane: with registers, if the elements of one follow one another.
    #[inline(always)]
    unsafe fn along(&self) {
        let whole = if self.step == 1 && self.lanes == self.width { self.depth / T::LANES * T::LANES } else { 0 };
        // SAFETY: as `pack` says.
        unsafe {
            for row in (0..whole).step_by(T::LANES) {
                match self.width {
                    5 => self.transpose::<5>(row),
                    6 => self.transpose::<6>(row),
                    8 => self.transpose::<8>(row),
                    16 => self.transpose::<16>(row),
                    _ => self.fill(row, row + T::LANES),
                }
            }
            self.fill(whole, self.depth);
        }
    }

    /// A register's number of rows of W elements. What is stored too much is behind the row, and overwritten by the next.
    #[inline(always)]
    unsafe fn transpose<const W: usize>(&self, row: usize) {
        // SAFETY: as `pack` says.
        unsafe {
            let mut parts = [[T::Register::zero(); 8]; 2];
            for (part, registers) in parts.iter_mut().enumerate().take(W.div_ceil(T::LANES)) {
                for (i, register) in registers.iter_mut().enumerate().take(T::LANES) {
                    let lane = (part * T::LANES + i).min(W - 1) as isize;
                    *register = T::Register::load(self.from.offset(lane * self.lane).add(row));
                }
                T::Register::transpose(registers);
            }
            for i in 0..T::LANES {
                for (part, registers) in parts.iter().enumerate().take(W.div_ceil(T::LANES)) {
                    registers[i].store(self.to.add((row + i) * W + part * T::LANES));
                }
            }
        }
    }

    /// Rows element by element, with zeros for the lanes that there are not.
    #[inline(always)]
    unsafe fn fill(&self, start: usize, end: usize) {
        for row in start..end {
            for i in 0..self.width {
                let from = self.from.wrapping_offset(i as isize * self.lane + row as isize * self.step);
                // SAFETY: as `pack` says.
                unsafe { self.to.add(row * self.width + i).write(if i < self.lanes { *from } else { T::default() }) };
            }
        }
    }
}
