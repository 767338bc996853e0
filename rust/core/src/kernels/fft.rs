//! Discrete Fourier transforms of contiguous lines, planned by rustfft and realfft for any length.

use super::lines::Shared;
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::Complex;
use crate::parallel;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftNum, FftPlanner};
use std::sync::Arc;

/// Multiplications from which several threads pay.
const PARALLEL: usize = 1 << 15;

/// What a transform takes and gives. Lengths are those of the whole signal, also where half a spectrum is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Complex to complex, with `exp(-2 pi i jk / n)`.
    Forward,
    /// Complex to complex, with `exp(2 pi i jk / n)`.
    Inverse,
    /// Real to the first half of the spectrum.
    RealForward,
    /// The first half of a spectrum to real; imaginary parts that a real signal has not are ignored.
    RealInverse,
}

enum Plan<T> {
    Complex(Arc<dyn Fft<T>>),
    FromReal(Arc<dyn RealToComplex<T>>),
    ToReal(Arc<dyn ComplexToReal<T>>),
}

/// Transforms each line of `n` (or `n / 2 + 1`) elements along the last axis of `x` into one of `out` and multiplies
/// by `scale`. Both arrays are contiguous and not empty, their dtypes are those of the kind with parts of T.
pub fn transform<T: FftNum>(kind: Kind, n: usize, scale: f64, x: &Array, out: &Array) {
    let plan = match kind {
        Kind::Forward => Plan::Complex(FftPlanner::new().plan_fft_forward(n)),
        Kind::Inverse => Plan::Complex(FftPlanner::new().plan_fft_inverse(n)),
        Kind::RealForward => Plan::FromReal(RealFftPlanner::new().plan_fft_forward(n)),
        Kind::RealInverse => Plan::ToReal(RealFftPlanner::new().plan_fft_inverse(n)),
    };
    let half = n / 2 + 1;
    let (from, to) = match kind {
        Kind::Forward | Kind::Inverse => (n, n),
        Kind::RealForward => (n, half),
        Kind::RealInverse => (half, n),
    };
    let lines = out.numel() / to;
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data()), Shared(out.data()));
    let grain = PARALLEL / (n * (n.ilog2() as usize + 1)) + 1;
    parallel::ranges(lines, grain, |range| {
        // SAFETY: lines lie inside the locked arrays, whose elements are those of the kind; threads write disjoint
        // lines of `out`.
        unsafe {
            match &plan {
                Plan::Complex(plan) => {
                    let mut scratch = vec![Complex::new(T::zero(), T::zero()); plan.get_inplace_scratch_len()];
                    for line in range {
                        let result = line_mut::<Complex<T>>(target.get(), line, to);
                        result.copy_from_slice(line_mut::<Complex<T>>(source.get(), line, from));
                        plan.process_with_scratch(result, &mut scratch);
                        rescale::<T, _>(result, scale);
                    }
                }
                Plan::FromReal(plan) => {
                    let (mut input, mut scratch) = (plan.make_input_vec(), plan.make_scratch_vec());
                    for line in range {
                        input.copy_from_slice(line_mut::<T>(source.get(), line, from));
                        let result = line_mut::<Complex<T>>(target.get(), line, to);
                        // The only error is a wrong length.
                        let _ = plan.process_with_scratch(&mut input, result, &mut scratch);
                        rescale::<T, _>(result, scale);
                    }
                }
                Plan::ToReal(plan) => {
                    let (mut input, mut scratch) = (plan.make_input_vec(), plan.make_scratch_vec());
                    for line in range {
                        input.copy_from_slice(line_mut::<Complex<T>>(source.get(), line, from));
                        input[0].im = T::zero();
                        if n.is_multiple_of(2) {
                            input[half - 1].im = T::zero();
                        }
                        let result = line_mut::<T>(target.get(), line, to);
                        let _ = plan.process_with_scratch(&mut input, result, &mut scratch);
                        rescale::<T, _>(result, scale);
                    }
                }
            }
        }
    });
}

/// # Safety
/// `data` holds lines of `length` elements of T, of which nobody else uses number `line`, or all only read it.
unsafe fn line_mut<'a, T>(data: *mut u8, line: usize, length: usize) -> &'a mut [T] {
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts_mut(data.cast::<T>().add(line * length), length) }
}

/// Multiplies numbers, or both parts of complex ones.
fn rescale<T: FftNum, V: std::ops::Mul<T, Output = V> + Copy>(line: &mut [V], scale: f64) {
    if scale != 1.0 {
        let scale = T::from_f64(scale).unwrap_or(T::one());
        line.iter_mut().for_each(|v| *v = *v * scale);
    }
}
