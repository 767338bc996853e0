//! Bulk fills. Each writes the values `first..first + out.len()` of a stream, so pieces of a fill may be made apart.
//!
//! Reserve [`WORDS_32`](super::WORDS_32) words a value for 32-bit results and [`WORDS_64`](super::WORDS_64) for 64-bit
//! results, integers and `bernoulli`.

use super::convert::{
    Bernoulli, BitsI64, BitsU32, BitsU64, Convert, ExponentialF32, ExponentialF64, NormalF32, NormalF64, UniformF32,
    UniformF64,
};
use super::isa::Isa;
use super::source::Source;
use super::{BLOCKS_PER_GRANULE, ParameterError, Stream};

const LANES: usize = BLOCKS_PER_GRANULE as usize;
/// Values in the largest granule: four a block.
const GRANULE_MAX: usize = 4 * LANES;

/// Uniform float32 in [0, 1): multiples of 2^-24.
pub fn uniform_f32(stream: &Stream, first: u64, out: &mut [f32]) {
    fill(Isa::best(), &UniformF32, stream, first, out);
}

/// Uniform float64 in [0, 1): multiples of 2^-53.
pub fn uniform_f64(stream: &Stream, first: u64, out: &mut [f64]) {
    fill(Isa::best(), &UniformF64, stream, first, out);
}

/// Standard normal float32, by the Box-Muller transform of 32-bit radii and angles; |z| <= 6.77.
pub fn normal_f32(stream: &Stream, first: u64, out: &mut [f32]) {
    fill(Isa::best(), &NormalF32, stream, first, out);
}

/// Standard normal float64, by the Box-Muller transform of 52-bit radii and angles; |z| <= 8.58.
pub fn normal_f64(stream: &Stream, first: u64, out: &mut [f64]) {
    fill(Isa::best(), &NormalF64, stream, first, out);
}

/// Exponential float32 of rate 1, by inversion; positive and at most 22.9.
pub fn exponential_f32(stream: &Stream, first: u64, out: &mut [f32]) {
    fill(Isa::best(), &ExponentialF32, stream, first, out);
}

/// Exponential float64 of rate 1, by inversion; positive and at most 36.8.
pub fn exponential_f64(stream: &Stream, first: u64, out: &mut [f64]) {
    fill(Isa::best(), &ExponentialF64, stream, first, out);
}

/// 32 random bits a value.
pub fn bits_u32(stream: &Stream, first: u64, out: &mut [u32]) {
    fill(Isa::best(), &BitsU32, stream, first, out);
}

/// 64 random bits a value.
pub fn bits_u64(stream: &Stream, first: u64, out: &mut [u64]) {
    fill(Isa::best(), &BitsU64, stream, first, out);
}

/// `true` with probability `p`, to a resolution of 2^-53.
pub fn bernoulli(stream: &Stream, first: u64, p: f64, out: &mut [bool]) -> Result<(), ParameterError> {
    if !(0.0..=1.0).contains(&p) {
        return Err(ParameterError::Probability { value: p });
    }
    fill(Isa::best(), &Bernoulli { p }, stream, first, out);
    Ok(())
}

/// Integers, uniform over `low..high` without bias.
///
/// The upper half of a 64-bit word times the width of the range is the result, and the few words that would favour
/// some results are drawn again (D. Lemire, "Fast random integer generation in an interval", 2019). A redraw reads the
/// spare words of its own position, so it moves no other value.
pub fn integers(stream: &Stream, first: u64, low: i64, high: i64, out: &mut [i64]) -> Result<(), ParameterError> {
    if low >= high {
        return Err(ParameterError::Range { low, high });
    }
    fill(Isa::best(), &BitsI64, stream, first, out);
    let width = high.wrapping_sub(low) as u64;
    for (value, position) in out.iter_mut().zip(first..) {
        let offset = below_at(stream, position, *value as u64, width);
        *value = low.wrapping_add(offset as i64);
    }
    Ok(())
}

/// A random order of `0..out.len()`, every order equally likely (Fisher-Yates); takes `WORDS_64` a value.
pub fn permutation(stream: &Stream, out: &mut [i64]) {
    fill(Isa::best(), &BitsI64, stream, 0, out);
    for position in 0..out.len() {
        let other = below_at(stream, position as u64, out[position] as u64, position as u64 + 1) as usize;
        out[position] = out[other];
        out[other] = position as i64;
    }
}

/// Lemire's reduction of the 64-bit word at a position to `0..width`, with the position's own spare words.
#[inline(always)]
fn below_at(stream: &Stream, position: u64, word: u64, width: u64) -> u64 {
    let mut spare = None;
    below(word, width, || spare.get_or_insert_with(|| Source::redraw(stream, position)).next_u64())
}

/// Lemire's reduction of a random word to `0..width`; `next` gives more words after a rejection.
#[inline(always)]
pub(super) fn below(word: u64, width: u64, mut next: impl FnMut() -> u64) -> u64 {
    let mut product = u128::from(word) * u128::from(width);
    if (product as u64) < width {
        let threshold = width.wrapping_neg() % width;
        while (product as u64) < threshold {
            product = u128::from(next()) * u128::from(width);
        }
    }
    (product >> 64) as u64
}

/// Runs `fill_body`, compiled for an instruction set.
fn fill<T: Copy + Default, const N: usize>(
    isa: Isa,
    convert: &impl Convert<T, N>,
    stream: &Stream,
    first: u64,
    out: &mut [T],
) {
    match isa {
        Isa::Baseline => fill_body(convert, stream, first, out),
        // SAFETY: `Isa::available` lists a set only when the machine has it.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { fill_avx2(convert, stream, first, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { fill_avx512(convert, stream, first, out) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn fill_avx2<T: Copy + Default, const N: usize>(c: &impl Convert<T, N>, s: &Stream, first: u64, out: &mut [T]) {
    fill_body(c, s, first, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
fn fill_avx512<T: Copy + Default, const N: usize>(c: &impl Convert<T, N>, s: &Stream, first: u64, out: &mut [T]) {
    fill_body(c, s, first, out);
}

/// Whole granules go straight to `out`; the cut ones at the ends go through a buffer.
#[inline(always)]
fn fill_body<T: Copy + Default, const N: usize>(
    convert: &impl Convert<T, N>,
    stream: &Stream,
    first: u64,
    out: &mut [T],
) {
    let size = N * LANES;
    let mut granule = first / size as u64;
    let mut skip = (first % size as u64) as usize;
    let mut rest = out;
    while !rest.is_empty() {
        if skip == 0 && rest.len() >= size {
            let (whole, tail) = rest.split_at_mut(rest.len() / size * size);
            for chunk in whole.chunks_exact_mut(size) {
                fill_granule(convert, stream, granule, chunk);
                granule += 1;
            }
            rest = tail;
        } else {
            let mut buffer = [T::default(); GRANULE_MAX];
            fill_granule(convert, stream, granule, &mut buffer[..size]);
            let (piece, tail) = rest.split_at_mut(rest.len().min(size - skip));
            piece.copy_from_slice(&buffer[skip..skip + piece.len()]);
            rest = tail;
            granule += 1;
            skip = 0;
        }
    }
}

#[inline(always)]
fn fill_granule<T, const N: usize>(convert: &impl Convert<T, N>, stream: &Stream, granule: u64, out: &mut [T]) {
    let out = &mut out[..N * LANES];
    let block = granule.wrapping_mul(BLOCKS_PER_GRANULE);
    for lane in 0..LANES {
        let words = stream.words(stream.address(block.wrapping_add(lane as u64)));
        for (j, value) in convert.convert(words).into_iter().enumerate() {
            out[j * LANES + lane] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Generator;

    fn check_sets<T, const N: usize>(convert: &impl Convert<T, N>, bits: impl Fn(T) -> u64)
    where
        T: Copy + Default,
    {
        let stream = Generator::new(11).reserve(1 << 20);
        let run = |isa| {
            let mut out = vec![T::default(); 20_001];
            fill(isa, convert, &stream, 5, &mut out);
            out.into_iter().map(&bits).collect::<Vec<_>>()
        };
        let expected = run(Isa::Baseline);
        for isa in Isa::available() {
            assert!(run(isa) == expected, "{isa:?} differs from the baseline");
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        check_sets(&BitsU32, u64::from);
        check_sets(&BitsU64, |x| x);
        check_sets(&UniformF32, |x| u64::from(x.to_bits()));
        check_sets(&UniformF64, f64::to_bits);
        check_sets(&NormalF32, |x| u64::from(x.to_bits()));
        check_sets(&NormalF64, f64::to_bits);
        check_sets(&ExponentialF32, |x| u64::from(x.to_bits()));
        check_sets(&ExponentialF64, f64::to_bits);
        check_sets(&Bernoulli { p: 0.3 }, u64::from);
    }
}
