//! Which instruction set the bulk loops run with.

use std::sync::OnceLock;

/// Instruction sets that the loops are compiled for. The choice never changes a bit of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isa {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The widest set of this machine, looked up once.
    pub(super) fn best() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| Self::available().last().copied().unwrap_or(Self::Baseline))
    }

    /// All sets of this machine, narrowest first.
    pub(super) fn available() -> Vec<Self> {
        let mut sets = vec![Self::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                sets.push(Self::Avx2);
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512bw")
                {
                    sets.push(Self::Avx512);
                }
            }
        }
        sets
    }
}

/// Compiles a scalar function twice, so that `mul_add` is one instruction where the machine has it (elsewhere it is a
/// call that rounds the same way).
macro_rules! fused {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),*) -> $out:ty $body:block) => {
        $(#[$meta])*
        $vis fn $name($($arg: $type),*) -> $out {
            #[inline(always)]
            fn body($($arg: $type),*) -> $out $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn fused($($arg: $type),*) -> $out {
                    body($($arg),*)
                }
                if $crate::random::isa::Isa::best() != $crate::random::isa::Isa::Baseline {
                    // SAFETY: every set but the baseline has AVX2 and FMA.
                    return unsafe { fused($($arg),*) };
                }
            }
            body($($arg),*)
        }
    };
}
pub(super) use fused;
