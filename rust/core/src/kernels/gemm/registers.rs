//! AVX2's registers as the blocked product needs them.

use crate::dtype::Element;
use std::arch::x86_64::*;

/// Elements that AVX2 has registers for.
pub trait Packed: Element {
    type Register: Register<Self>;
    /// Elements of a register.
    const LANES: usize = 32 / size_of::<Self>();
    /// Columns of a tile.
    const COLUMNS: usize = 2 * Self::LANES;
}

impl Packed for f32 {
    type Register = __m256;
}

impl Packed for f64 {
    type Register = __m256d;
}

/// # Safety
/// All methods need AVX2 and FMA, and pointers to as many elements as they read or write.
pub trait Register<T>: Copy {
    unsafe fn zero() -> Self;
    unsafe fn load(from: *const T) -> Self;
    unsafe fn repeat(from: *const T) -> Self;
    unsafe fn store(self, to: *mut T);
    unsafe fn plus(self, other: Self) -> Self;
    /// `self + x * y`, rounded once.
    unsafe fn plus_product(self, x: Self, y: Self) -> Self;
    /// Makes columns of a register's number of rows; the rest of the eight is left alone.
    unsafe fn transpose(rows: &mut [Self; 8]);
}

macro_rules! register {
    ($T:ty, $Register:ty, $zero:ident, $load:ident, $repeat:ident, $store:ident, $add:ident, $fused:ident, $transpose:ident) => {
        // SAFETY: each is its intrinsic, under the conditions of the trait.
        impl Register<$T> for $Register {
            #[inline(always)]
            unsafe fn zero() -> Self {
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> Self {
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn repeat(from: *const $T) -> Self {
                unsafe { $repeat(&*from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn plus(self, other: Self) -> Self {
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn plus_product(self, x: Self, y: Self) -> Self {
                unsafe { $fused(x, y, self) }
            }
            #[inline(always)]
            unsafe fn transpose(rows: &mut [Self; 8]) {
                unsafe { $transpose(rows) }
            }
        }
    };
}
register!(
    f32,
    __m256,
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_broadcast_ss,
    _mm256_storeu_ps,
    _mm256_add_ps,
    _mm256_fmadd_ps,
    transpose_f32
);
register!(
    f64,
    __m256d,
    _mm256_setzero_pd,
    _mm256_loadu_pd,
    _mm256_broadcast_sd,
    _mm256_storeu_pd,
    _mm256_add_pd,
    _mm256_fmadd_pd,
    transpose_f64
);

#[inline]
#[target_feature(enable = "avx2")]
fn transpose_f32(rows: &mut [__m256; 8]) {
    // Loops, since closures do not always become part of a function with more instructions than they may use.
    let (mut pairs, mut fours) = (*rows, *rows);
    for i in [0, 2, 4, 6] {
        pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    for i in [0, 4] {
        fours[i] = _mm256_shuffle_ps::<0x44>(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm256_shuffle_ps::<0xee>(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm256_shuffle_ps::<0x44>(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm256_shuffle_ps::<0xee>(pairs[i + 1], pairs[i + 3]);
    }
    for i in 0..4 {
        rows[i] = _mm256_permute2f128_ps::<0x20>(fours[i], fours[i + 4]);
        rows[i + 4] = _mm256_permute2f128_ps::<0x31>(fours[i], fours[i + 4]);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn transpose_f64(rows: &mut [__m256d; 8]) {
    let [a, b, c, d, ..] = *rows;
    let (x, y) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
    let (z, w) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
    rows[0] = _mm256_permute2f128_pd::<0x20>(x, z);
    rows[1] = _mm256_permute2f128_pd::<0x20>(y, w);
    rows[2] = _mm256_permute2f128_pd::<0x31>(x, z);
    rows[3] = _mm256_permute2f128_pd::<0x31>(y, w);
}
