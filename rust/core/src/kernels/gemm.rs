//! Matrix products. Small ones of floats are multiplied in registers ([`small`]), large ones with AVX2 from packed blocks
//! ([`blocked`]). The others are cut into pieces, which the `gemm` crate multiplies or, with AVX2 and a transposed right
//! factor, [`strips`]. The rest is plain loops. How a product is cut depends on its shape only, so that its bits do not
//! depend on the number of threads.

#[cfg(target_arch = "x86_64")]
mod blocked;
#[cfg(target_arch = "x86_64")]
mod pack;
#[cfg(target_arch = "x86_64")]
mod registers;
mod small;
#[cfg(target_arch = "x86_64")]
mod strips;
#[cfg(target_arch = "x86_64")]
mod tile;

use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::{Complex, DType, Element, Flag};
use crate::error::Result;
#[cfg(target_arch = "x86_64")]
use crate::kernels::{Isa, isa};
use crate::parallel;
use gemm::Parallelism;
use smallvec::SmallVec;
use std::ops::Range;

/// Multiplications that are worth a thread's attention.
const GRAIN: usize = 1 << 19;
/// Rows or columns of a piece: enough to make up for reading the other factor again.
const PIECE: usize = 512;
/// Pieces are cut between strips of so many rows or columns: the kernels of `gemm` hold one or some of them in registers.
const STRIP: usize = 16;

/// `out = a @ b` for matrices (the last two axes) and broadcast batches (the others), and a fresh row-major `out`. No
/// size is 0, and all are of one dtype. Fails where there is no memory to work in.
pub fn matmul(a: &Array, b: &Array, out: &Array) -> Result<()> {
    let _locks = Locks::acquire([a.buffer(), b.buffer()].into_iter(), Some(out.buffer()));
    match out.dtype() {
        DType::Bool => Product::<Flag>::new(a, b, out).integers(),
        DType::U8 => Product::<u8>::new(a, b, out).integers(),
        DType::U16 => Product::<u16>::new(a, b, out).integers(),
        DType::U32 => Product::<u32>::new(a, b, out).integers(),
        DType::U64 => Product::<u64>::new(a, b, out).integers(),
        DType::I8 => Product::<i8>::new(a, b, out).integers(),
        DType::I16 => Product::<i16>::new(a, b, out).integers(),
        DType::I32 => Product::<i32>::new(a, b, out).integers(),
        DType::I64 => Product::<i64>::new(a, b, out).integers(),
        DType::F32 => Product::<f32>::new(a, b, out).floats(Some(Own::<f32>::KERNELS)),
        DType::F64 => Product::<f64>::new(a, b, out).floats(Some(Own::<f64>::KERNELS)),
        DType::C64 => Product::<Complex<f32>>::new(a, b, out).floats(None),
        DType::C128 => Product::<Complex<f64>>::new(a, b, out).floats(None),
    }
}

/// Multiplies two matrices into the third.
type Multiply<T> = unsafe fn(&[Matrix<T>; 3]) -> Result<()>;
type MultiplyPiece<T> = unsafe fn([Matrix<T>; 3]);

/// The kernels of our own for an element type.
struct Own<T> {
    small: unsafe fn(&[Matrix<T>; 3]),
    /// For `count` large products of m rows, n columns and depth k, if this processor has one and it pays.
    blocked: fn(count: usize, m: usize, n: usize, k: usize) -> Option<Multiply<T>>,
    /// The same for a piece of a product.
    strips: fn(&[Matrix<T>; 3]) -> Option<MultiplyPiece<T>>,
}

macro_rules! own {
    ($($T:ty)*) => {
        $(impl Own<$T> {
            const KERNELS: Own<$T> = Own {
                small: <$T as small::Float>::multiply,
                #[cfg(target_arch = "x86_64")]
                blocked: |count, m, n, k| {
                    (isa() == Isa::Avx2 && blocked::pays(count, m, n, k)).then_some(blocked::multiply::<$T> as Multiply<$T>)
                },
                #[cfg(target_arch = "x86_64")]
                strips: |matrices| {
                    (isa() == Isa::Avx2 && strips::pays(matrices)).then_some(strips::multiply::<$T> as MultiplyPiece<$T>)
                },
                #[cfg(not(target_arch = "x86_64"))]
                blocked: |_, _, _, _| None,
                #[cfg(not(target_arch = "x86_64"))]
                strips: |_| None,
            };
        })*
    };
}
own!(f32 f64);

/// A matrix seen through a pointer and two strides.
#[derive(Clone, Copy)]
struct Matrix<T> {
    data: *mut T,
    rows: usize,
    columns: usize,
    row_stride: isize,
    column_stride: isize,
}

impl<T: Element> Matrix<T> {
    fn new(array: &Array) -> Matrix<T> {
        let (n, shape, strides) = (array.ndim(), array.shape(), array.layout().strides());
        Matrix {
            data: array.data().cast(),
            rows: shape[n - 2],
            columns: shape[n - 1],
            row_stride: strides[n - 2],
            column_stride: strides[n - 1],
        }
    }

    #[inline(always)]
    fn at(&self, row: usize, column: usize) -> *mut T {
        self.data.wrapping_offset(row as isize * self.row_stride + column as isize * self.column_stride)
    }

    /// Some of its rows and columns.
    #[inline(always)]
    fn part(&self, rows: Range<usize>, columns: Range<usize>) -> Matrix<T> {
        Matrix { data: self.at(rows.start, columns.start), rows: rows.len(), columns: columns.len(), ..*self }
    }

    #[inline(always)]
    fn moved(&self, offset: isize) -> Matrix<T> {
        Matrix { data: self.data.wrapping_offset(offset), ..*self }
    }
}

/// An axis of the batch: its size, and how far the factors move on it.
#[derive(Clone, Copy)]
struct Axis {
    size: usize,
    left: isize,
    right: isize,
}

/// A batch of products.
struct Product<T> {
    left: Matrix<T>,
    right: Matrix<T>,
    out: Matrix<T>,
    batch: SmallVec<[Axis; 2]>,
    count: usize,
}
// SAFETY: the arrays are locked, and threads write different products or pieces of them.
unsafe impl<T> Sync for Product<T> {}

impl<T: Element> Product<T> {
    fn new(a: &Array, b: &Array, out: &Array) -> Product<T> {
        let axes = out.ndim() - 2;
        let step = |array: &Array, axis: usize| match (axis + array.ndim()).checked_sub(out.ndim()) {
            Some(own) if array.shape()[own] > 1 => array.layout().strides()[own],
            _ => 0,
        };
        let axis = |axis: usize| Axis { size: out.shape()[axis], left: step(a, axis), right: step(b, axis) };
        let batch: SmallVec<[Axis; 2]> = (0..axes).map(axis).collect();
        let count = batch.iter().map(|axis| axis.size).product();
        let mut product = Product { left: Matrix::new(a), right: Matrix::new(b), out: Matrix::new(out), batch, count };
        if axes > 0 {
            product.fold();
        }
        product
    }

    /// A batch of matrices times one matrix is one product with more rows, where those are evenly spaced.
    fn fold(&mut self) {
        let Matrix { mut rows, mut row_stride, .. } = self.left;
        for axis in self.batch.iter().rev().filter(|axis| axis.size > 1) {
            if rows == 1 {
                row_stride = axis.left;
            }
            if axis.right != 0 || axis.left != row_stride * rows as isize {
                return;
            }
            rows *= axis.size;
        }
        (self.left.rows, self.left.row_stride, self.out.rows) = (rows, row_stride, rows);
        (self.batch, self.count) = (SmallVec::new(), 1);
    }

    /// The factors and the result of one element of the batch.
    #[inline(always)]
    fn element(&self, index: usize) -> [Matrix<T>; 3] {
        let (mut left, mut right, mut rest) = (0, 0, index);
        for axis in self.batch.iter().rev() {
            let place = (rest % axis.size) as isize;
            (left, right) = (left + place * axis.left, right + place * axis.right);
            rest /= axis.size;
        }
        let out = (index * self.out.rows * self.out.columns) as isize;
        [self.left.moved(left), self.right.moved(right), self.out.moved(out)]
    }

    /// With our own kernels, if the elements have some.
    fn floats(&self, own: Option<Own<T>>) -> Result<()> {
        let (m, n, k) = (self.out.rows, self.out.columns, self.left.columns);
        let work = m.saturating_mul(n).saturating_mul(k);
        let mut multiply_piece = multiply_large as MultiplyPiece<T>;
        if let Some(own) = own {
            if small::pays(m, n, k) {
                parallel::ranges(self.count, GRAIN / work + 1, |range| {
                    // SAFETY: the matrices lie inside their locked arrays, this part of the output is this thread's.
                    range.for_each(|index| unsafe { (own.small)(&self.element(index)) });
                });
                return Ok(());
            }
            if let Some(multiply) = (own.blocked)(self.count, m, n, k) {
                // SAFETY: the matrices lie inside their locked arrays.
                return (0..self.count).try_for_each(|index| unsafe { multiply(&self.element(index)) });
            }
            if let Some(multiply) = (own.strips)(&[self.left, self.right, self.out]) {
                multiply_piece = multiply;
            }
        }
        let pieces = Pieces::new(m, n, work);
        parallel::ranges(self.count * pieces.count, GRAIN / (work / pieces.count).max(1) + 1, |range| {
            for index in range {
                let matrices = pieces.cut(self.element(index / pieces.count), index % pieces.count);
                // SAFETY: as above.
                unsafe { multiply_piece(matrices) };
            }
        });
        Ok(())
    }

    fn integers(&self) -> Result<()> {
        for index in 0..self.count {
            let [left, right, out] = self.element(index);
            // SAFETY: indices stay inside the matrices, which lie inside their locked arrays.
            unsafe {
                for i in 0..out.rows {
                    for j in 0..out.columns {
                        let mut sum = 0i64;
                        for k in 0..left.columns {
                            sum = sum.wrapping_add((*left.at(i, k)).to_i64().wrapping_mul((*right.at(k, j)).to_i64()));
                        }
                        *out.at(i, j) = T::from_i64(sum);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Parts of a product that are computed one by one: some of its rows or, if it has more of them, of its columns.
struct Pieces {
    count: usize,
    of_rows: bool,
}

impl Pieces {
    fn new(m: usize, n: usize, work: usize) -> Pieces {
        let size = m.max(n);
        let wanted = (work / GRAIN).min((size / PIECE).max(4));
        Pieces { count: wanted.clamp(1, size.div_ceil(STRIP)), of_rows: m >= n }
    }

    /// Pieces differ by one strip at most, so that threads with equally many of them end together.
    fn cut<T: Element>(&self, [left, right, out]: [Matrix<T>; 3], piece: usize) -> [Matrix<T>; 3] {
        let size = if self.of_rows { out.rows } else { out.columns };
        let place = |piece: usize| (piece * size.div_ceil(STRIP) / self.count * STRIP).min(size);
        let range = place(piece)..place(piece + 1);
        if self.of_rows {
            [left.part(range.clone(), 0..left.columns), right, out.part(range, 0..out.columns)]
        } else {
            [left, right.part(0..right.rows, range.clone()), out.part(0..out.rows, range)]
        }
    }
}

/// # Safety
/// The matrices are inside their locked arrays, their sizes fit, and the output (the last) overlaps neither factor.
unsafe fn multiply_large<T: Element>([left, right, out]: [Matrix<T>; 3]) {
    // SAFETY: as the caller promises.
    unsafe {
        gemm::gemm(
            out.rows,
            out.columns,
            left.columns,
            out.data,
            out.column_stride,
            out.row_stride,
            false,
            left.data,
            left.column_stride,
            left.row_stride,
            right.data,
            right.column_stride,
            right.row_stride,
            T::from_f64(0.0),
            T::from_f64(1.0),
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
