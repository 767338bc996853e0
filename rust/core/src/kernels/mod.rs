//! Loops: they know dtypes, strides and instruction sets, and no operation by name.
//!
//! A [`Body`] is a loop over contiguous memory, generic over what it computes. [`Kernel`] holds three compilations of
//! it, and the processor's best is picked at run time, so that one build runs everywhere at full width.

pub mod arg;
pub mod complex;
pub mod copy;
pub mod deferred;
pub mod dot;
pub mod fft;
pub mod fold;
pub mod fold_tiles;
pub mod gemm;
pub mod generate;
pub mod index;
pub mod lines;
pub mod map;
pub mod matrices;
pub mod order;
pub mod radix;
pub mod reduce;
pub mod rows;
pub mod scan;
pub mod stream;
pub mod tiles;
pub mod walk;

use std::sync::atomic::{AtomicU8, Ordering};

/// `args` are pointers to `n` elements each, `out` has room for `n`; none of them overlap.
pub type RawKernel = unsafe fn(args: *const *const u8, out: *mut u8, n: usize);

pub trait Body {
    /// # Safety
    /// As [`RawKernel`] says, with the element types that the implementor names.
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize);
}

#[derive(Clone, Copy)]
pub struct Kernel([RawKernel; 3]);

impl Kernel {
    pub const fn of<B: Body>() -> Kernel {
        Kernel([run_baseline::<B>, run_avx2::<B>, run_avx512::<B>])
    }
    /// One loop for processors with fused multiply-adds, and one for the rest.
    pub const fn of_two<Plain: Body, Fused: Body>() -> Kernel {
        Kernel([run_baseline::<Plain>, run_avx2::<Fused>, run_avx512::<Fused>])
    }
    /// The compilation for this processor.
    #[inline]
    pub fn get(&self) -> RawKernel {
        self.0[isa() as usize]
    }
}

unsafe fn run_baseline<B: Body>(args: *const *const u8, out: *mut u8, n: usize) {
    // SAFETY: the caller keeps the contract of `RawKernel`.
    unsafe { B::run(args, out, n) }
}

#[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt"))]
unsafe fn run_avx2<B: Body>(args: *const *const u8, out: *mut u8, n: usize) {
    // SAFETY: as above; `isa` has seen these features.
    unsafe { B::run(args, out, n) }
}

#[cfg_attr(
    target_arch = "x86_64",
    target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd,avx2,fma,bmi1,bmi2,lzcnt,popcnt")
)]
unsafe fn run_avx512<B: Body>(args: *const *const u8, out: *mut u8, n: usize) {
    // SAFETY: as above; `isa` has seen these features.
    unsafe { B::run(args, out, n) }
}

/// Asks for the memory some way behind `group`. The processor's own prefetching ends at the end of a page, which a
/// loop that does little with each element feels.
#[inline(always)]
pub fn prefetch<T>(group: &[T]) {
    const AHEAD: usize = 1024;
    let start = group.as_ptr().cast::<u8>();
    for line in (0..size_of_val(group)).step_by(64) {
        prefetch_at(start.wrapping_add(AHEAD + line));
    }
}

/// Asks for the line of the caches at `place`.
#[inline(always)]
pub fn prefetch_at<T>(place: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing, whatever lies there.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Isa {
    Baseline,
    Avx2,
    Avx512,
}

static ISA: AtomicU8 = AtomicU8::new(u8::MAX);

/// The instruction set in use: the best that the processor has, or a lower one that `DIFFKIT_ISA` names.
#[inline]
pub fn isa() -> Isa {
    match ISA.load(Ordering::Relaxed) {
        0 => Isa::Baseline,
        1 => Isa::Avx2,
        2 => Isa::Avx512,
        _ => detect(),
    }
}

#[cold]
fn detect() -> Isa {
    let mut isa = Isa::Baseline;
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("f16c")
            && is_x86_feature_detected!("lzcnt")
        {
            isa = Isa::Avx2;
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512cd")
            {
                isa = Isa::Avx512;
            }
        }
    }
    let wanted = match std::env::var("DIFFKIT_ISA").as_deref() {
        Ok("baseline") => Isa::Baseline,
        Ok("avx2") => Isa::Avx2,
        _ => Isa::Avx512,
    };
    let isa = isa.min(wanted);
    ISA.store(isa as u8, Ordering::Relaxed);
    isa
}
