//! Matrix products. Floats go to the `gemm` crate, which picks AVX-512 or AVX2 at run time; the rest is plain loops.

use super::fold::{LANES, tree};
use super::{Body, Kernel};
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::{Complex, DType, Element, Flag};
use crate::parallel;
use gemm::Parallelism;
use smallvec::SmallVec;
use std::marker::PhantomData;

/// Multiplications from which several threads pay.
const PARALLEL: usize = 1 << 20;

/// `out = a @ b` for `a` (batch, m, k), `b` (batch, k, n) and a fresh row-major `out` (batch, m, n), all of one dtype.
pub fn matmul(a: &Array, b: &Array, out: &Array) {
    match out.dtype() {
        DType::Bool => each(a, b, out, integer::<Flag>),
        DType::U8 => each(a, b, out, integer::<u8>),
        DType::U16 => each(a, b, out, integer::<u16>),
        DType::U32 => each(a, b, out, integer::<u32>),
        DType::U64 => each(a, b, out, integer::<u64>),
        DType::I8 => each(a, b, out, integer::<i8>),
        DType::I16 => each(a, b, out, integer::<i16>),
        DType::I32 => each(a, b, out, integer::<i32>),
        DType::I64 => each(a, b, out, integer::<i64>),
        DType::F32 => each(a, b, out, float::<f32>),
        DType::F64 => each(a, b, out, float::<f64>),
        DType::C64 => each(a, b, out, float::<Complex<f32>>),
        DType::C128 => each(a, b, out, float::<Complex<f64>>),
    }
}

/// A matrix seen through a pointer and two strides.
#[derive(Clone, Copy)]
struct Matrix<T> {
    data: *mut T,
    rows: usize,
    columns: usize,
    row_stride: isize,
    column_stride: isize,
}

fn each<T: Element>(a: &Array, b: &Array, out: &Array, multiply: unsafe fn(Matrix<T>, Matrix<T>, Matrix<T>)) {
    let _locks = Locks::acquire([a.buffer(), b.buffer()].into_iter(), Some(out.buffer()));
    let matrix = |array: &Array, batch: usize| {
        let (shape, strides) = (array.shape(), array.layout().strides());
        Matrix {
            data: array.data().cast::<T>().wrapping_offset(batch as isize * strides[0]),
            rows: shape[1],
            columns: shape[2],
            row_stride: strides[1],
            column_stride: strides[2],
        }
    };
    for batch in 0..out.shape()[0] {
        // SAFETY: batches lie inside their locked arrays.
        unsafe { multiply(matrix(a, batch), matrix(b, batch), matrix(out, batch)) };
    }
}

unsafe fn float<T: Element>(a: Matrix<T>, b: Matrix<T>, out: Matrix<T>) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    if m == 0 || n == 0 {
        return;
    }
    let threads = if m.saturating_mul(n).saturating_mul(k) < PARALLEL { 1 } else { parallel::usable_threads() };
    let parallelism = if threads > 1 { Parallelism::Rayon(threads) } else { Parallelism::None };
    let (zero, one) = (T::from_f64(0.0), T::from_f64(1.0));
    // SAFETY: the matrices are inside their arrays, `out` overlaps neither input.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.data,
            out.column_stride,
            out.row_stride,
            false,
            a.data,
            a.column_stride,
            a.row_stride,
            b.data,
            b.column_stride,
            b.row_stride,
            zero,
            one,
            false,
            false,
            false,
            parallelism,
        );
    }
}

unsafe fn integer<T: Element>(a: Matrix<T>, b: Matrix<T>, out: Matrix<T>) {
    // SAFETY: indices stay inside the matrices.
    unsafe {
        let at =
            |m: &Matrix<T>, i: usize, j: usize| m.data.offset(i as isize * m.row_stride + j as isize * m.column_stride);
        for i in 0..a.rows {
            for j in 0..b.columns {
                let mut sum = 0i64;
                for k in 0..a.columns {
                    sum = sum.wrapping_add((*at(&a, i, k)).to_i64().wrapping_mul((*at(&b, k, j)).to_i64()));
                }
                *at(&out, i, j) = T::from_i64(sum);
            }
        }
    }
}

struct Dot<T>(PhantomData<T>);
impl<T: Element + std::ops::Add<Output = T> + std::ops::Mul<Output = T>> Body for Dot<T> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: two arguments of n elements of T, room for one result.
        unsafe {
            let x = std::slice::from_raw_parts((*args).cast::<T>(), n);
            let y = std::slice::from_raw_parts((*args.add(1)).cast::<T>(), n);
            let mut lanes = [T::default(); LANES];
            let (mut xs, mut ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
            for (x, y) in (&mut xs).zip(&mut ys) {
                for i in 0..LANES {
                    lanes[i] = lanes[i] + x[i] * y[i];
                }
            }
            for (i, (&x, &y)) in xs.remainder().iter().zip(ys.remainder()).enumerate() {
                lanes[i] = lanes[i] + x * y;
            }
            *out.cast::<T>() = tree(lanes, |a, b| a + b);
        }
    }
}

/// The inner product of two contiguous float vectors of one length, into one element.
pub fn dot(x: &Array, y: &Array, out: &Array) {
    let kernel = match out.dtype() {
        DType::F32 => Kernel::of::<Dot<f32>>().get(),
        _ => Kernel::of::<Dot<f64>>().get(),
    };
    let _locks = Locks::acquire([x.buffer(), y.buffer()].into_iter(), Some(out.buffer()));
    let size = x.dtype().size();
    let total = x.numel();
    const BLOCK: usize = 4096;
    let run = |start: usize, n: usize| {
        let mut bits = [0u8; 8];
        let args = [x.data().wrapping_add(start * size).cast_const(), y.data().wrapping_add(start * size).cast_const()];
        // SAFETY: both vectors are contiguous and locked, and hold start + n elements.
        unsafe { kernel(args.as_ptr(), bits.as_mut_ptr(), n) };
        bits
    };
    if total <= BLOCK {
        let bits = run(0, total);
        // SAFETY: `out` has one element.
        return unsafe { std::ptr::copy_nonoverlapping(bits.as_ptr(), out.data(), size) };
    }
    // Block sums are added in pairs: the error grows with the logarithm of the length.
    let mut sums: SmallVec<[f64; 64]> = SmallVec::new();
    for start in (0..total).step_by(BLOCK) {
        let bits = run(start, BLOCK.min(total - start));
        let [a, b, c, d, ..] = bits;
        sums.push(if size == 4 { f32::from_ne_bytes([a, b, c, d]) as f64 } else { f64::from_ne_bytes(bits) });
    }
    while sums.len() > 1 {
        sums = sums.chunks(2).map(|pair| pair.iter().sum()).collect();
    }
    // SAFETY: `out` has one element of its dtype.
    unsafe {
        match out.dtype() {
            DType::F32 => *out.data().cast::<f32>() = sums[0] as f32,
            _ => *out.data().cast::<f64>() = sums[0],
        }
    }
}
