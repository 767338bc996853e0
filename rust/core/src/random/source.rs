//! Random numbers for one element, as many as its sampler asks for.

use super::convert::{join, normal_pair_f64, open_unit, unit};
use super::fill::{self, below};
use super::isa::fused;
use super::{BLOCKS_PER_GRANULE, Stream};

/// The random numbers of one element of a [`Stream`]: its block of four words, then its spare words.
///
/// A sampler with a rejection loop reads as much as it needs without touching any other element's numbers.
#[derive(Clone, Debug)]
pub struct Source {
    stream: Stream,
    words: [u64; 2],
    used: usize,
    next_address: u64,
}

impl Stream {
    /// The source of the element with this index. One element takes [`WORDS_SOURCE`](super::WORDS_SOURCE) words.
    pub fn source(&self, index: u64) -> Source {
        let address = self.address(index);
        let [a, b, c, d] = self.words(address);
        Source::from_words(self, address, [join(a, b), join(c, d)])
    }
}

impl Source {
    fn from_words(stream: &Stream, address: u64, words: [u64; 2]) -> Self {
        Self { stream: *stream, words, used: 0, next_address: Stream::spare(address) }
    }

    /// Spare words for one position of a bulk fill of 64-bit words: half of what its block has.
    pub(super) fn redraw(stream: &Stream, position: u64) -> Self {
        let lane = position % BLOCKS_PER_GRANULE;
        let granule = position / (2 * BLOCKS_PER_GRANULE);
        let half = position / BLOCKS_PER_GRANULE % 2;
        let address = stream.address(granule.wrapping_mul(BLOCKS_PER_GRANULE).wrapping_add(lane));
        Self { stream: *stream, words: [0; 2], used: 2, next_address: Stream::spare(address) + 64 * half }
    }

    /// 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        if self.used == self.words.len() {
            self.refill();
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    #[cold]
    fn refill(&mut self) {
        let [a, b, c, d] = self.stream.words(self.next_address);
        self.next_address = self.next_address.wrapping_add(1);
        self.words = [join(a, b), join(c, d)];
        self.used = 0;
    }

    #[inline]
    fn next_halves(&mut self) -> [u32; 2] {
        let word = self.next_u64();
        [word as u32, (word >> 32) as u32]
    }

    /// A multiple of 2^-53 in [0, 1).
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        let [low, high] = self.next_halves();
        unit(low, high)
    }

    /// An odd multiple of 2^-53 in (0, 1).
    #[inline]
    pub fn open_uniform(&mut self) -> f64 {
        let [low, high] = self.next_halves();
        open_unit(low, high)
    }

    /// A standard normal number.
    pub fn normal(&mut self) -> f64 {
        normal(self)
    }

    #[inline(always)]
    pub(super) fn normal_inline(&mut self) -> f64 {
        let ([a, b], [c, d]) = (self.next_halves(), self.next_halves());
        normal_pair_f64([a, b, c, d])[0]
    }

    /// An integer in `0..width` without bias; 0 for a width of 0.
    #[inline]
    pub fn below(&mut self, width: u64) -> u64 {
        let word = self.next_u64();
        below(word, width, || self.next_u64())
    }

    /// `true` with probability `p`.
    #[inline]
    pub fn bernoulli(&mut self, p: f64) -> bool {
        self.uniform() < p
    }
}

fused! {
    fn normal(source: &mut Source) -> f64 {
        source.normal_inline()
    }
}

/// Writes `draw(i, source)` to each `out[i]`, where the source is that of element `first + i`.
///
/// The same as calling [`Stream::source`] for each element, but the first words of 16 elements are made at once.
pub fn sample_each<T>(stream: &Stream, first: u64, out: &mut [T], mut draw: impl FnMut(usize, &mut Source) -> T) {
    const LANES: u64 = BLOCKS_PER_GRANULE;
    let mut words = [0; 2 * LANES as usize];
    for (i, value) in out.iter_mut().enumerate() {
        let index = first.wrapping_add(i as u64);
        let lane = (index % LANES) as usize;
        if i == 0 || lane == 0 {
            fill::bits_u64(stream, (index / LANES).wrapping_mul(2 * LANES), &mut words);
        }
        let mut source = Source::from_words(stream, stream.address(index), [words[lane], words[LANES as usize + lane]]);
        *value = draw(i, &mut source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Generator;

    #[test]
    fn positions_of_a_fill_redraw_different_words() {
        let stream = Generator::new(1).reserve(1000);
        let mut words: Vec<u64> = (0..200)
            .flat_map(|position| {
                let mut source = Source::redraw(&stream, position);
                (0..5).map(move |_| source.next_u64())
            })
            .collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 1000);
    }

    #[test]
    fn redraws_go_on_after_the_first() {
        // More than half of all words are rejected for this width, so a repeated or skipped word would show.
        let width = (1 << 63) + 1;
        let mut source = Generator::new(2).reserve(1000).source(0);
        let mut reader = source.clone();
        for _ in 0..100 {
            let value = source.below(width);
            let accepted = std::iter::repeat_with(|| reader.next_u64())
                .map(|word| u128::from(word) * u128::from(width))
                .find(|product| *product as u64 >= width.wrapping_neg() % width)
                .map(|product| (product >> 64) as u64);
            assert_eq!(Some(value), accepted);
        }
    }
}
