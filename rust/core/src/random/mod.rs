//! Random numbers that are addressed, not consumed.
//!
//! A [`Generator`] hands out [`Stream`]s: ranges of Philox4x32-10 counters under one key. Every value of a fill is a
//! pure function of (seed, stream, position), so a fill may be cut anywhere and run on any thread, in any order and
//! with any instruction set, and gives the same bits.
//!
//! # Layout of the counters (algorithm version 1)
//! The key is the seed. The upper half of the counter is the stream number, the lower half the block address. Blocks of
//! four 32-bit words live at addresses below 2^56. A value that needs more words than its block holds (a rejection
//! loop) continues in the spare addresses `2^63 + 128 * block + k`, which belong to that block alone, so no value ever
//! moves the words of another one. Bulk fills take 16 blocks at a time; within such a granule, word `j` of block `c` is
//! at position `16 * j + c`, which vector code stores without a transposition.

mod categorical;
mod convert;
mod counts;
pub mod fill;
mod gamma;
mod isa;
mod multinomial;
mod philox;
mod saddle;
mod source;

pub use categorical::AliasTable;
pub use counts::{Binomial, Poisson};
pub use gamma::Gamma;
pub use multinomial::Multinomial;
pub use source::{Source, sample_each};

use std::fmt;

/// Version of everything that decides the bits: layout, conversions and samplers. It changes when any of them does.
pub const ALGORITHM: u32 = 1;

/// Words that one value of a bulk fill of 32-bit values takes.
pub const WORDS_32: u64 = 1;
/// Words that one value of a bulk fill of 64-bit values (and of `bernoulli`) takes.
pub const WORDS_64: u64 = 2;
/// Words that one element drawn from a [`Source`] takes, however many numbers its sampler asks for.
pub const WORDS_SOURCE: u64 = 4;

const BLOCKS_PER_GRANULE: u64 = 16;
const BLOCK_LIMIT: u64 = 1 << 56;

/// Hands out disjoint ranges of random words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generator {
    seed: u64,
    stream: u64,
    next_block: u64,
}

impl Generator {
    /// A generator at the start of stream 0 of `seed`.
    pub fn new(seed: u64) -> Self {
        Self::with_stream(seed, 0)
    }

    /// A generator at the start of one of the 2^64 independent streams of `seed`, for work cut into numbered parts.
    pub fn with_stream(seed: u64, stream: u64) -> Self {
        Self { seed, stream, next_block: 0 }
    }

    /// The seed given to `new`.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Takes the next `n_words` words (see [`WORDS_32`], [`WORDS_64`], [`WORDS_SOURCE`]) out of the generator.
    ///
    /// A stream holds 2^58 words; a reservation that does not fit in what is left starts the next stream.
    pub fn reserve(&mut self, n_words: u64) -> Stream {
        let blocks = n_words.div_ceil(4 * BLOCKS_PER_GRANULE) * BLOCKS_PER_GRANULE;
        if blocks > BLOCK_LIMIT - self.next_block {
            self.stream = self.stream.wrapping_add(1);
            self.next_block = 0;
        }
        let start = self.next_block;
        self.next_block = (start + blocks).min(BLOCK_LIMIT);
        Stream { seed: self.seed, stream: self.stream, start }
    }

    /// `[ALGORITHM, seed, stream, next block]`, for `set_state`.
    pub fn get_state(&self) -> [u64; 4] {
        [u64::from(ALGORITHM), self.seed, self.stream, self.next_block]
    }

    /// Goes back to a state from `get_state`. On an error the generator is unchanged.
    pub fn set_state(&mut self, state: [u64; 4]) -> Result<(), StateError> {
        let [algorithm, seed, stream, next_block] = state;
        if algorithm != u64::from(ALGORITHM) {
            return Err(StateError::Algorithm { found: algorithm });
        }
        if next_block > BLOCK_LIMIT {
            return Err(StateError::Position { found: next_block });
        }
        *self = Self { seed, stream, next_block };
        Ok(())
    }
}

/// A reserved range of random words; any thread may read it at any index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    seed: u64,
    stream: u64,
    start: u64,
}

impl Stream {
    /// Address of the block with this index in the range.
    #[inline(always)]
    fn address(&self, index: u64) -> u64 {
        self.start.wrapping_add(index) & (BLOCK_LIMIT - 1)
    }

    /// The words at an address.
    #[inline(always)]
    fn words(&self, address: u64) -> [u32; 4] {
        let halves = |x: u64| [x as u32, (x >> 32) as u32];
        let [a0, a1] = halves(address);
        let [s0, s1] = halves(self.stream);
        philox::block([a0, a1, s0, s1], halves(self.seed))
    }

    /// First of the spare addresses that belong to the block at `address`.
    fn spare(address: u64) -> u64 {
        (1 << 63) | (address << 7)
    }
}

/// Why a saved generator state was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateError {
    /// The state was saved by another version of the algorithm.
    Algorithm { found: u64 },
    /// The position lies outside a stream, so this is not a saved state.
    Position { found: u64 },
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm { found } => write!(
                f,
                "generator state: algorithm version is {found}, this build has {ALGORITHM}; load the state with the \
                 version of diffkit that saved it"
            ),
            Self::Position { found } => {
                write!(f, "generator state: position {found} is outside a stream; pass a state from get_state")
            }
        }
    }
}

impl std::error::Error for StateError {}

/// Why a distribution cannot have these parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParameterError {
    /// A probability outside [0, 1], or NaN.
    Probability { value: f64 },
    /// More binomial trials than 2^53, above which counts are not exact in float64.
    Trials { value: u64 },
    /// A Poisson rate that is negative, NaN or above 2^52.
    Rate { value: f64 },
    /// A gamma shape that is not positive and finite.
    Shape { value: f64 },
    /// A weight that is negative, infinite or NaN.
    Weight { index: usize, value: f64 },
    /// No positive weight, so there is nothing to draw.
    NoWeight { count: usize },
    /// An integer range with nothing in it.
    Range { low: i64, high: i64 },
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probability { value } => write!(f, "probability must be in [0, 1], got {value}"),
            Self::Trials { value } => {
                write!(f, "number of trials must be at most 2^53, got {value}")
            }
            Self::Rate { value } => write!(f, "rate must be in [0, 2^52], got {value}"),
            Self::Shape { value } => write!(f, "shape must be positive and finite, got {value}"),
            Self::Weight { index, value } => {
                write!(f, "weights must be finite and not negative, got {value} at index {index}")
            }
            Self::NoWeight { count } => {
                write!(f, "at least one of the {count} weights must be positive")
            }
            Self::Range { low, high } => {
                write!(f, "low must be less than high, got low={low}, high={high}")
            }
        }
    }
}

impl std::error::Error for ParameterError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_are_disjoint_and_whole_granules() {
        let mut generator = Generator::new(7);
        let starts: Vec<u64> = [1, 64, 65, 0, 4].iter().map(|&n| generator.reserve(n).start).collect();
        assert_eq!(starts, [0, 16, 32, 64, 64]);
        assert_eq!(generator.get_state(), [1, 7, 0, 80]);
    }

    #[test]
    fn a_full_stream_goes_on_in_the_next_one() {
        let mut generator = Generator::with_stream(7, u64::MAX);
        assert_eq!(generator.reserve(1 << 58).stream, u64::MAX);
        let carried = generator.reserve(1);
        assert_eq!((carried.stream, carried.start), (0, 0));
        generator.reserve(u64::MAX);
        assert_eq!(generator.get_state(), [1, 7, 1, BLOCK_LIMIT]);
    }

    #[test]
    fn state_returns_and_foreign_states_are_refused() {
        let mut generator = Generator::new(99);
        generator.reserve(1000);
        let saved = generator.get_state();
        let expected = generator.reserve(10);
        assert_eq!(generator.set_state([2, 0, 0, 0]), Err(StateError::Algorithm { found: 2 }));
        let beyond = BLOCK_LIMIT + 1;
        assert_eq!(generator.set_state([1, 0, 0, beyond]), Err(StateError::Position { found: beyond }));
        assert_eq!(generator.set_state(saved), Ok(()));
        assert_eq!(generator.reserve(10), expected);
    }

    #[test]
    fn spare_addresses_never_meet_blocks_or_each_other() {
        let last = BLOCK_LIMIT - 1;
        assert!(Stream::spare(0) > last);
        assert_eq!(Stream::spare(1) - Stream::spare(0), 128);
        assert_eq!(Stream::spare(last), u64::MAX - 127);
    }
}
