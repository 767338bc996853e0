//! Running the kernels that users run, and measuring how far their results are from the exact ones.

use diffkit_core::DType;
use diffkit_core::kernels::RawKernel;
use diffkit_core::ops::element_op;
use diffkit_core::parallel::num_threads;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Elements a kernel is given at once.
pub const CHUNK: usize = 4096;

/// The kernel of this operation for `f32` under the instruction set in use.
pub fn kernel(name: &str) -> RawKernel {
    (element_op(name).kernel)(DType::F32).expect("the operation takes floats").get()
}

/// The largest error so far, and where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    pub ulp: f64,
    pub at: [f32; 2],
    pub got: f32,
    pub want: f64,
}

/// Distance of `got` to `want` in units in the last place that `want` has as `f32`; infinite where the two differ in
/// kind: one is NaN, infinite or a zero of the other sign.
pub fn ulp(got: f32, want: f64) -> f64 {
    let rounded = want as f32;
    if got.to_bits() == rounded.to_bits() || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    if got.is_nan() || want.is_nan() || got.is_infinite() || want.is_infinite() || got == rounded {
        return f64::INFINITY;
    }
    let exponent = (want.abs().max(f64::from(f32::MIN_POSITIVE)).to_bits() >> 52) as i32 - 1023;
    (f64::from(got) - want).abs() * 2f64.powi(23 - exponent)
}

impl Worst {
    pub fn see(&mut self, at: [f32; 2], got: f32, want: f64) {
        // Most results are the nearest number; then the error is half a unit at most.
        if got.to_bits() == (want as f32).to_bits() {
            return;
        }
        let ulp = ulp(got, want);
        if ulp > self.ulp {
            *self = Worst { ulp, at, got, want };
        }
    }

    pub fn merge(&mut self, other: Worst) {
        if other.ulp > self.ulp {
            *self = other;
        }
    }
}

/// The worst of `count` pieces of work, which all threads share.
pub fn over_pieces(count: u64, piece: impl Fn(u64) -> Worst + Sync) -> Worst {
    let (next, worst) = (AtomicU64::new(0), Mutex::new(Worst::default()));
    std::thread::scope(|scope| {
        for _ in 0..num_threads() {
            scope.spawn(|| {
                let mut mine = Worst::default();
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= count {
                        break;
                    }
                    mine.merge(piece(i));
                }
                worst.lock().unwrap().merge(mine);
            });
        }
    });
    worst.into_inner().unwrap()
}

/// The worst over inputs whose bits are multiples of `step`.
pub fn unary(kernel: RawKernel, exact: fn(f64) -> f64, step: u64) -> Worst {
    let inputs = (1u64 << 32).div_ceil(step);
    over_pieces(inputs.div_ceil(CHUNK as u64), |piece| {
        let (mut x, mut out) = ([0f32; CHUNK], [0f32; CHUNK]);
        let start = piece * CHUNK as u64;
        for (i, x) in x.iter_mut().enumerate() {
            *x = f32::from_bits(((start + i as u64) * step) as u32);
        }
        let args = [x.as_ptr().cast::<u8>()];
        // SAFETY: one input and one output of CHUNK elements.
        unsafe { kernel(args.as_ptr(), out.as_mut_ptr().cast(), CHUNK) };
        let mut worst = Worst::default();
        for (&x, &got) in x.iter().zip(&out) {
            worst.see([x, 0.0], got, exact(f64::from(x)));
        }
        worst
    })
}

/// The worst over pairs that `pairs` fills in, chunk by chunk.
pub fn binary(
    kernel: RawKernel,
    exact: fn(f64, f64) -> f64,
    chunks: u64,
    pairs: impl Fn(u64, &mut [f32; CHUNK], &mut [f32; CHUNK]) + Sync,
) -> Worst {
    over_pieces(chunks, |piece| {
        let (mut x, mut y, mut out) = ([0f32; CHUNK], [0f32; CHUNK], [0f32; CHUNK]);
        pairs(piece, &mut x, &mut y);
        let args = [x.as_ptr().cast::<u8>(), y.as_ptr().cast::<u8>()];
        // SAFETY: two inputs and one output of CHUNK elements.
        unsafe { kernel(args.as_ptr(), out.as_mut_ptr().cast(), CHUNK) };
        let mut worst = Worst::default();
        for ((&x, &y), &got) in x.iter().zip(&y).zip(&out) {
            worst.see([x, y], got, exact(f64::from(x), f64::from(y)));
        }
        worst
    })
}
