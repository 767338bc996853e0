//! Small products: tiles of the output in registers, each element one chain in the order of the depth. Factors are read
//! where they lie.

use super::Matrix;
use crate::dtype::Element;
use crate::kernels::{Body, Kernel};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::{Add, Mul};

/// Multiplications and depth up to which packing whole factors does not pay.
const WORK: usize = 1 << 18;
const DEPTH: usize = 256;
/// Rows of a tile.
const ROWS: usize = 4;

/// Whether [`Float::multiply`] takes a product, and is the faster way.
pub fn pays(m: usize, n: usize, k: usize) -> bool {
    // Narrower ones are products of vectors: a few long chains here.
    m >= ROWS && n >= ROWS && k <= DEPTH && m.saturating_mul(n).saturating_mul(k) <= WORK
}

pub trait Float: Element + Add<Output = Self> + Mul<Output = Self> {
    /// Two registers of AVX2 make a tile's row.
    const KERNEL: Kernel;
    fn fused(self, factor: Self, sum: Self) -> Self;

    /// Multiplies the first two matrices into the third.
    ///
    /// # Safety
    /// The matrices lie inside their locked arrays, the last is row-major and overlaps neither factor, and [`pays`] is
    /// true of their sizes.
    unsafe fn multiply(matrices: &[Matrix<Self>; 3]) {
        // SAFETY: as the caller promises.
        unsafe { Self::KERNEL.get()([(&raw const *matrices).cast()].as_ptr(), std::ptr::null_mut(), 0) };
    }
}

macro_rules! floats {
    ($($T:ty)*) => {
        $(impl Float for $T {
            // Without the instruction, a fused multiply-add would be a call.
            const KERNEL: Kernel = {
                const N: usize = 64 / size_of::<$T>();
                Kernel::of_two::<Tiles<$T, N, false>, Tiles<$T, N, true>>()
            };
            #[inline(always)]
            fn fused(self, factor: Self, sum: Self) -> Self {
                self.mul_add(factor, sum)
            }
        })*
    };
}
floats!(f32 f64);

/// The argument is an array of three [`Matrix`]; the rest goes unused.
struct Tiles<T, const N: usize, const FUSED: bool>(PhantomData<T>);

impl<T: Float, const N: usize, const FUSED: bool> Body for Tiles<T, N, FUSED> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, _: *mut u8, _: usize) {
        // SAFETY: as `multiply` says.
        unsafe {
            let [left, right, out] = *(*args).cast::<[Matrix<T>; 3]>();
            let mut panel = MaybeUninit::<[[T; N]; DEPTH]>::uninit();
            for column in (0..out.columns).step_by(N) {
                let width = N.min(out.columns - column);
                let (rows, step) = if width == N && right.column_stride == 1 {
                    (right.at(0, column).cast_const(), right.row_stride)
                } else {
                    let panel = panel.as_mut_ptr().cast::<[T; N]>();
                    for k in 0..right.rows {
                        let mut row = [T::default(); N];
                        for (j, x) in row.iter_mut().enumerate().take(width) {
                            *x = *right.at(k, column + j);
                        }
                        *panel.add(k) = row;
                    }
                    (panel.cast_const().cast(), N as isize)
                };
                let mut row = 0;
                while row + ROWS <= out.rows {
                    Self::tile::<ROWS>(&left, &out, (row, column), width, rows, step);
                    row += ROWS;
                }
                for row in row..out.rows {
                    Self::tile::<1>(&left, &out, (row, column), width, rows, step);
                }
            }
        }
    }
}

impl<T: Float, const N: usize, const FUSED: bool> Tiles<T, N, FUSED> {
    /// `R` rows by `width` columns of the output, from the place `(row, column)`; `right` is N columns of the right
    /// factor, whose rows are `step` apart.
    #[inline(always)]
    unsafe fn tile<const R: usize>(
        left: &Matrix<T>,
        out: &Matrix<T>,
        (row, column): (usize, usize),
        width: usize,
        mut right: *const T,
        step: isize,
    ) {
        // SAFETY: the rows and columns lie inside the matrices.
        unsafe {
            let mut sums = [[T::default(); N]; R];
            let mut x = left.at(row, 0).cast_const();
            for _ in 0..left.columns {
                let y = *right.cast::<[T; N]>();
                for (i, sums) in sums.iter_mut().enumerate() {
                    let x = *x.offset(i as isize * left.row_stride);
                    for j in 0..N {
                        sums[j] = if FUSED { x.fused(y[j], sums[j]) } else { x * y[j] + sums[j] };
                    }
                }
                x = x.wrapping_offset(left.column_stride);
                right = right.wrapping_offset(step);
            }
            for (i, sums) in sums.iter().enumerate() {
                let to = out.at(row + i, column);
                if width == N {
                    *to.cast::<[T; N]>() = *sums;
                } else {
                    std::ptr::copy_nonoverlapping(sums.as_ptr(), to, width);
                }
            }
        }
    }
}
