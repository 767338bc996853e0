//! Sorting integers by digits. Equal ones keep their order, so the result does not depend on how the work is cut.
//!
//! A few are sorted digit by digit, from the lowest. Many are first dealt into buckets by the highest digit, all
//! threads at once; then each bucket is sorted in the caches of one thread.

use super::lines::Shared;
use super::prefetch_at;
use crate::error::Result;
use crate::interrupt;
use crate::parallel;
use std::ops::Range;

/// Bits of the widest digits.
const WIDE: u32 = 11;
/// Entries from which on they are dealt into buckets: fewer fit in the caches.
const LARGE: usize = 1 << 18;
/// Entries up to which those of many bits are sorted sooner by comparisons.
pub const FEW: usize = 1 << 8;
/// The highest bits, by which entries are sorted digit by digit; few agree in all of them.
const RADIX: u32 = 32;
/// Entries that are looked at together, and bytes of a line of the caches.
const GROUP: usize = 8;
const LINE: usize = 64;
/// Buckets are dealt to threads in parts of so many entries, and the user may interrupt between so many.
const PART: usize = 1 << 15;
const STRETCH: usize = 1 << 25;

/// What is sorted: an integer, of which some bits are the key.
pub trait Entry: Copy + Ord + Send + Sync + Default + 'static {
    /// The bits from `shift` on, up to 64 of them.
    fn above(self, shift: u32) -> u64;
    /// One of N values.
    #[inline(always)]
    fn digit<const N: usize>(self, shift: u32) -> usize {
        self.above(shift) as usize & (N - 1)
    }
}
macro_rules! entries {
    ($($T:ty)*) => {
        $(impl Entry for $T {
            #[inline(always)]
            fn above(self, shift: u32) -> u64 {
                (self >> shift) as u64
            }
        })*
    };
}
entries!(u32 u64 u128);

/// Sorts the entries (fewer than 2^32) that `entry` makes of numbers by the bits `bits`, below which they are in order
/// already. There are as many as each room holds; `FEW` need no scratch. `read(first, sorted)` is called on parts that
/// cover them, by `threads` threads; the caller's, if there are several, may be interrupted.
pub fn sort<E: Entry>(
    entry: impl Fn(usize) -> E + Sync,
    [room, scratch]: [&mut [E]; 2],
    bits: Range<u32>,
    threads: usize,
    read: impl Fn(usize, &[E]) + Sync,
) -> Result<()> {
    if room.len() < LARGE {
        room.iter_mut().enumerate().for_each(|(i, slot)| *slot = entry(i));
        few(room, scratch, 0, bits, RADIX, &read);
        return Ok(());
    }
    let (ends, bits) = deal(room.len(), &entry, room, bits, threads);
    Buckets { ends, first: 0, bits, read: &read }.sort(room, scratch, threads)
}

/// Bits of a digit of n entries: fewer do not make up for so many counters.
fn width(n: usize) -> u32 {
    match n {
        0..0x800 => 8,
        0x800..0x2000 => 9,
        _ => WIDE,
    }
}

/// Whether n entries are sorted sooner by their digits in so many bits than by comparisons.
fn pays(n: usize, bits: u32) -> bool {
    let passes = bits.div_ceil(width(n)) as usize;
    n > 1 && passes * (2 * n + (1 << width(n))) < n * n.ilog2() as usize
}

/// Sorts what fits in the caches, by the highest `radix` bits first.
fn few<E: Entry>(
    entries: &mut [E],
    scratch: &mut [E],
    first: usize,
    bits: Range<u32>,
    radix: u32,
    read: &impl Fn(usize, &[E]),
) {
    let start = bits.start.max(bits.end.saturating_sub(radix));
    if scratch.len() < entries.len() || !pays(entries.len(), bits.end - start) {
        entries.sort_unstable();
        return read(first, entries);
    }
    let sorted = match width(entries.len()) {
        8 => by_digits::<E, { 1 << 8 }>(entries, scratch, start..bits.end),
        9 => by_digits::<E, { 1 << 9 }>(entries, scratch, start..bits.end),
        _ => by_digits::<E, { 1 << WIDE }>(entries, scratch, start..bits.end),
    };
    if start > bits.start {
        settle(sorted, start);
    }
    read(first, sorted);
}

/// The result is left in the one of the two that is returned.
fn by_digits<'a, E: Entry, const N: usize>(
    entries: &'a mut [E],
    scratch: &'a mut [E],
    bits: Range<u32>,
) -> &'a mut [E] {
    let (mut from, mut to) = (entries, scratch);
    for shift in bits.step_by(N.ilog2() as usize) {
        let source = |i: usize| from[i];
        let mut places = count::<E, N>(0..from.len(), &source, shift);
        if places.contains(&(from.len() as u32)) {
            continue;
        }
        let mut start = 0;
        for place in &mut places {
            (*place, start) = (start, start + *place);
        }
        // SAFETY: the counters give each entry a place of its own among as many as there are entries.
        unsafe { scatter(0..from.len(), &source, shift, &mut places, Shared(to.as_mut_ptr())) };
        (from, to) = (to, from);
    }
    from
}

/// Sorts what is sorted from bit `shift` on by its other bits as well: runs, most of them short.
fn settle<E: Entry>(entries: &mut [E], shift: u32) {
    let runs = entries.chunk_by_mut(|x, y| x.above(shift) == y.above(shift));
    runs.filter(|run| run.len() > 1).for_each(<[E]>::sort_unstable);
}

/// Deals n entries into buckets by the highest digit of `bits`; answers where these end in `target`, and the other bits.
fn deal<E: Entry>(
    n: usize,
    source: &(impl Fn(usize) -> E + Sync),
    target: &mut [E],
    bits: Range<u32>,
    threads: usize,
) -> (Vec<usize>, Range<u32>) {
    const N: usize = 1 << WIDE;
    let shift = bits.end.saturating_sub(WIDE).max(bits.start);
    // More of them than threads: one that is held up leaves some to the others.
    let parts = if threads > 1 { (4 * threads).min(n / PART) } else { 1 };
    let part = |part: usize| part * n / parts..(part + 1) * n / parts;
    let mut places = vec![[0; N]; parts];
    let (slots, target) = (Shared(places.as_mut_ptr()), Shared(target.as_mut_ptr()));
    parallel::ranges(parts, 1, |range| {
        // SAFETY: each part has counters of its own.
        range.for_each(|i| unsafe { *slots.get().add(i) = count(part(i), source, shift) });
    });
    let (mut ends, mut start) = (Vec::with_capacity(N), 0);
    for value in 0..N {
        for place in &mut places {
            (place[value], start) = (start, start + place[value]);
        }
        ends.push(start as usize);
    }
    let slots = Shared(places.as_mut_ptr());
    parallel::ranges(parts, 1, |range| {
        // SAFETY: as above; the counters give each entry a place of its own among as many as there are entries.
        range.for_each(|i| unsafe { scatter(part(i), source, shift, &mut *slots.get().add(i), target) });
    });
    (ends, bits.start..shift)
}

/// Entries that were dealt into buckets, which are to be sorted by the bits `bits`.
struct Buckets<'a, R> {
    ends: Vec<usize>,
    /// The number of the first entry among all.
    first: usize,
    bits: Range<u32>,
    read: &'a R,
}

impl<R> Buckets<'_, R> {
    fn range(&self, bucket: usize) -> Range<usize> {
        bucket.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[bucket]
    }

    fn sort<E: Entry>(&self, entries: &mut [E], scratch: &mut [E], threads: usize) -> Result<()>
    where
        R: Fn(usize, &[E]) + Sync,
    {
        if threads > 1 {
            interrupt::check()?;
        }
        let rooms = [Shared(entries.as_mut_ptr()), Shared(scratch.as_mut_ptr())];
        // SAFETY: the buckets lie inside the entries, and each is sorted once.
        let bucket = |bucket: usize, threads: usize| unsafe { self.bucket(rooms, self.range(bucket), threads) };
        let share = if threads > 1 { (entries.len() / (2 * threads)).max(LARGE) } else { usize::MAX };
        let is_shared = |bucket: &usize| self.range(*bucket).len() > share;
        (0..self.ends.len()).filter(is_shared).try_for_each(|shared| bucket(shared, threads))?;
        for parts in self.parts().chunks(STRETCH / PART) {
            let work = |range: Range<usize>| {
                for part in &parts[range] {
                    for alone in part.clone().filter(|bucket| !is_shared(bucket)) {
                        // On one thread nothing interrupts.
                        let _ = bucket(alone, 1);
                    }
                }
            };
            parallel::ranges(parts.len(), if threads > 1 { 1 } else { usize::MAX }, work);
            if threads > 1 {
                interrupt::check()?;
            }
        }
        Ok(())
    }

    /// # Safety
    /// The rooms have these entries, and nobody else is using them.
    unsafe fn bucket<E: Entry>(&self, rooms: [Shared<E>; 2], range: Range<usize>, threads: usize) -> Result<()>
    where
        R: Fn(usize, &[E]) + Sync,
    {
        // SAFETY: as the caller promises.
        let [entries, scratch] =
            rooms.map(|room| unsafe { std::slice::from_raw_parts_mut(room.get().add(range.start), range.len()) });
        let first = self.first + range.start;
        if self.bits.is_empty() {
            let grain = if threads > 1 { PART } else { usize::MAX };
            parallel::ranges(entries.len(), grain, |part| (self.read)(first + part.start, &entries[part]));
            return Ok(());
        }
        if entries.len() < LARGE {
            few(entries, scratch, first, self.bits.clone(), RADIX - WIDE, self.read);
            return Ok(());
        }
        let (ends, bits) = deal(entries.len(), &|i| entries[i], scratch, self.bits.clone(), threads);
        Buckets { ends, first, bits, read: self.read }.sort(scratch, entries, threads)
    }

    /// Neighbouring buckets, together `PART` entries or one bucket more.
    fn parts(&self) -> Vec<Range<usize>> {
        let (mut parts, mut start) = (Vec::new(), 0);
        for bucket in 0..self.ends.len() {
            if self.ends[bucket] - self.range(start).start >= PART || bucket + 1 == self.ends.len() {
                parts.push(start..bucket + 1);
                start = bucket + 1;
            }
        }
        parts
    }
}

/// How often each value of a digit is found. Neighbours are counted apart: equal ones would wait for each other.
fn count<E: Entry, const N: usize>(range: Range<usize>, source: &impl Fn(usize) -> E, shift: u32) -> [u32; N] {
    let mut counts = [[0; N]; 4];
    let whole = range.start..range.end - range.len() % GROUP;
    for start in whole.clone().step_by(GROUP) {
        for i in 0..GROUP {
            counts[i % 4][source(start + i).digit::<N>(shift)] += 1;
        }
    }
    (whole.end..range.end).for_each(|i| counts[0][source(i).digit::<N>(shift)] += 1);
    let [mut sums, others @ ..] = counts;
    for counts in others {
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    sums
}

/// Moves entries to their places. The places of a few are all looked up before the first is moved: a processor cannot
/// tell that what it writes to the target is not the next place that it reads.
///
/// # Safety
/// The places that follow from `places` are inside `target` and nobody else's.
unsafe fn scatter<E: Entry, const N: usize>(
    range: Range<usize>,
    source: &impl Fn(usize) -> E,
    shift: u32,
    places: &mut [u32; N],
    target: Shared<E>,
) {
    let whole = range.start..range.end - range.len() % GROUP;
    for start in whole.clone().step_by(GROUP) {
        // Loops, since closures do not always become part of a function.
        let (mut group, mut found) = ([E::default(); GROUP], [0; GROUP]);
        for i in 0..GROUP {
            group[i] = source(start + i);
            found[i] = take(places, group[i], shift, target);
        }
        for i in 0..GROUP {
            // SAFETY: as the caller promises.
            unsafe { *target.get().add(found[i]) = group[i] };
        }
    }
    for i in whole.end..range.end {
        let entry = source(i);
        // SAFETY: as above.
        unsafe { *target.get().add(take(places, entry, shift, target)) = entry };
    }
}

/// The next place of an entry's bucket.
#[inline(always)]
fn take<E: Entry, const N: usize>(places: &mut [u32; N], entry: E, shift: u32, target: Shared<E>) -> usize {
    let place = &mut places[entry.digit::<N>(shift)];
    *place += 1;
    // Or a bucket's next line of the caches would be waited for.
    prefetch_at(target.get().wrapping_add(*place as usize + LINE / size_of::<E>() - 1));
    (*place - 1) as usize
}
