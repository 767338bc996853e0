//! From the words of a block to values.

use crate::math::{float32, float64, polynomial};

/// How the words of one block become `N` values.
pub(super) trait Convert<T, const N: usize> {
    fn convert(&self, words: [u32; 4]) -> [T; N];
}

pub(super) struct BitsU32;
pub(super) struct BitsU64;
pub(super) struct BitsI64;
pub(super) struct UniformF32;
pub(super) struct UniformF64;
pub(super) struct NormalF32;
pub(super) struct NormalF64;
pub(super) struct ExponentialF32;
pub(super) struct ExponentialF64;
pub(super) struct Bernoulli {
    pub(super) p: f64,
}

impl Convert<u32, 4> for BitsU32 {
    #[inline(always)]
    fn convert(&self, words: [u32; 4]) -> [u32; 4] {
        words
    }
}

impl Convert<u64, 2> for BitsU64 {
    #[inline(always)]
    fn convert(&self, [a, b, c, d]: [u32; 4]) -> [u64; 2] {
        [join(a, b), join(c, d)]
    }
}

impl Convert<i64, 2> for BitsI64 {
    #[inline(always)]
    fn convert(&self, words: [u32; 4]) -> [i64; 2] {
        BitsU64.convert(words).map(|word| word as i64)
    }
}

impl Convert<f32, 4> for UniformF32 {
    #[inline(always)]
    fn convert(&self, words: [u32; 4]) -> [f32; 4] {
        words.map(|word| (word >> 8) as i32 as f32 * exp2_f32(-24))
    }
}

impl Convert<f64, 2> for UniformF64 {
    #[inline(always)]
    fn convert(&self, [a, b, c, d]: [u32; 4]) -> [f64; 2] {
        [unit(a, b), unit(c, d)]
    }
}

impl Convert<bool, 2> for Bernoulli {
    #[inline(always)]
    fn convert(&self, words: [u32; 4]) -> [bool; 2] {
        UniformF64.convert(words).map(|u| u < self.p)
    }
}

impl Convert<f32, 4> for NormalF32 {
    #[inline(always)]
    fn convert(&self, [a, b, c, d]: [u32; 4]) -> [f32; 4] {
        let ([x, y], [z, w]) = (normal_pair_f32(a, b), normal_pair_f32(c, d));
        [x, y, z, w]
    }
}

impl Convert<f64, 2> for NormalF64 {
    #[inline(always)]
    fn convert(&self, words: [u32; 4]) -> [f64; 2] {
        normal_pair_f64(words)
    }
}

impl Convert<f32, 4> for ExponentialF32 {
    #[inline(always)]
    fn convert(&self, [a, b, c, d]: [u32; 4]) -> [f32; 4] {
        [exponential_of(a), exponential_of(b), exponential_of(c), exponential_of(d)]
    }
}

#[inline(always)]
fn exponential_of(word: u32) -> f32 {
    // In float64, so that small values keep the full resolution of the 32-bit word.
    -log((f64::from(word) + 0.5) * exp2_f64(-32)) as f32
}

impl Convert<f64, 2> for ExponentialF64 {
    #[inline(always)]
    fn convert(&self, [a, b, c, d]: [u32; 4]) -> [f64; 2] {
        [-log(open_unit(a, b)), -log(open_unit(c, d))]
    }
}

/// The logarithm of a positive normal number.
#[inline(always)]
fn log(x: f64) -> f64 {
    float64::log_quick(x).0
}

#[inline(always)]
pub(super) fn join(low: u32, high: u32) -> u64 {
    u64::from(low) | (u64::from(high) << 32)
}

#[inline(always)]
const fn exp2_f32(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

#[inline(always)]
const fn exp2_f64(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// A multiple of 2^-53 in [0, 1). The sum is exact; two 32-bit conversions vectorise everywhere, a 64-bit one does not.
#[inline(always)]
pub(super) fn unit(low: u32, high: u32) -> f64 {
    f64::from(high) * exp2_f64(-32) + f64::from(low >> 11) * exp2_f64(-53)
}

/// An odd multiple of 2^-53 in (0, 1): its logarithm is finite and not zero.
#[inline(always)]
pub(super) fn open_unit(low: u32, high: u32) -> f64 {
    f64::from(high) * exp2_f64(-32) + (f64::from(low >> 12) * exp2_f64(-52) + exp2_f64(-53))
}

/// Box-Muller: radius from the first word, angle from the second.
#[inline(always)]
fn normal_pair_f32(radius: u32, angle: u32) -> [f32; 2] {
    let u = (radius as f32 + 0.5) * exp2_f32(-32);
    // u is normal: the quick form holds.
    let r = (-2.0 * float32::log_quick(u).0).sqrt();
    // A quarter of the circle around angle 0, then mirrored to one of four quarters by the two upper bits.
    let x = ((angle << 2) as i32 as f32) * (exp2_f32(-32) * std::f32::consts::FRAC_PI_2);
    let x2 = x * x;
    // Cephes sinf and cosf on [-pi/4, pi/4].
    let sin = (x2 * x).mul_add(polynomial!(x2; -1.666_665_5e-1, 8.332_161e-3, -1.951_529_6e-4), x);
    let cos = polynomial!(x2; 1.0, -0.5, 4.166_664_6e-2, -1.388_731_6e-3, 2.443_315_7e-5);
    let cos = f32::from_bits(cos.to_bits() ^ (angle & 0x8000_0000));
    let swap = angle & 0x4000_0000 != 0;
    [r * if swap { sin } else { cos }, r * if swap { cos } else { sin }]
}

/// Box-Muller: radius from the first two words, angle from the others.
#[inline(always)]
pub(super) fn normal_pair_f64([a, b, c, d]: [u32; 4]) -> [f64; 2] {
    let r = (-2.0 * log(open_unit(a, b))).sqrt();
    // As above, the angle having 21 bits more.
    let quarters = f64::from((d << 2) as i32) * exp2_f64(-32) + f64::from(c >> 11) * exp2_f64(-51);
    let x = quarters * std::f64::consts::FRAC_PI_2;
    let x2 = x * x;
    // fdlibm __kernel_sin and __kernel_cos on [-pi/4, pi/4].
    let sine = polynomial!(x2;
        -1.666_666_666_666_663_2e-1, 8.333_333_333_322_49e-3, -1.984_126_982_985_795e-4, 2.755_731_370_707_006_8e-6,
        -2.505_076_025_340_686_3e-8, 1.589_690_995_211_55e-10,
    );
    let sin = (x2 * x).mul_add(sine, x);
    let cos = polynomial!(x2;
        1.0, -0.5, 4.166_666_666_666_66e-2, -1.388_888_888_887_411e-3, 2.480_158_728_947_673e-5,
        -2.755_731_435_139_066_3e-7, 2.087_572_321_298_175e-9, -1.135_964_755_778_819_5e-11,
    );
    let cos = f64::from_bits(cos.to_bits() ^ (u64::from(d & 0x8000_0000) << 32));
    let swap = d & 0x4000_0000 != 0;
    [r * if swap { sin } else { cos }, r * if swap { cos } else { sin }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Generator, fill};

    #[test]
    fn extreme_words_stay_finite() {
        for words in [[0; 4], [u32::MAX; 4], [0, u32::MAX, 0, u32::MAX], [u32::MAX, 0, u32::MAX, 0]] {
            assert!(UniformF32.convert(words).iter().all(|x| (0.0..1.0).contains(x)));
            assert!(UniformF64.convert(words).iter().all(|x| (0.0..1.0).contains(x)));
            assert!(NormalF32.convert(words).iter().all(|x| x.abs() <= 6.77));
            assert!(NormalF64.convert(words).iter().all(|x| x.abs() <= 8.58));
            assert!(ExponentialF32.convert(words).iter().all(|&x| x > 0.0 && x <= 22.9));
            assert!(ExponentialF64.convert(words).iter().all(|&x| x > 0.0 && x <= 36.8));
        }
    }

    /// The transforms as written in the books, in float64 of the standard library.
    #[test]
    fn normals_and_exponentials_follow_their_words() {
        let mut words = vec![0; 40_000];
        fill::bits_u32(&Generator::new(12).reserve(40_000), 0, &mut words);
        for quad in words.chunks_exact(4) {
            let quad = [quad[0], quad[1], quad[2], quad[3]];
            let radius = |u: f64| (-2.0 * u.ln()).sqrt();
            let z = NormalF64.convert(quad);
            let r = radius(((join(quad[0], quad[1]) >> 12) as f64 + 0.5) / 2f64.powi(52));
            assert!((z[0].hypot(z[1]) - r).abs() <= 1e-14 * r);
            let turn = (join(quad[2], quad[3]) << 2) as i64 as f64 / 2f64.powi(66);
            let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
            let (small, large) = if z[0].abs() < z[1].abs() { (z[0], z[1]) } else { (z[1], z[0]) };
            assert!((small.abs() - r * sin.abs()).abs() < 1e-14 && (large.abs() - r * cos).abs() < 1e-14);
            let z = NormalF32.convert(quad).map(f64::from);
            let r = radius((f64::from(quad[0]) + 0.5) / 2f64.powi(32));
            // The radius word is rounded to float32, so near 1 its logarithm is right to half of 2^-24 only.
            assert!((z[0] * z[0] + z[1] * z[1] - r * r).abs() <= 1e-7 + 5e-7 * r * r);
            let x = f64::from(ExponentialF32.convert(quad)[3]);
            let exact = -((f64::from(quad[3]) + 0.5) / 2f64.powi(32)).ln();
            assert!((x - exact).abs() <= 6e-8 * exact);
        }
    }
}
