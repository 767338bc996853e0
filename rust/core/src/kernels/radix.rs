//! Sorting integers digit by digit, from the lowest. Equal ones keep their order, so the result does not depend on how
//! the work is cut.

use super::lines::Shared;
use super::prefetch;
use crate::error::Result;
use crate::interrupt;
use crate::parallel;
use std::ops::Range;

/// Values of a digit at most, and of one of fewer entries than `MANY`, which do not make up for so many counters.
const VALUES: usize = 1 << 11;
const FEW: usize = 1 << 8;
const MANY: usize = 1 << 16;
/// Entries that are looked at together.
const GROUP: usize = 8;

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

/// Sorts `entries` (fewer than 2^32) by the bits `bits` with `threads` threads; on several, the caller's may be
/// interrupted. The result is left in the one of the two that is returned; `scratch` is as long.
pub fn sort<'a, E: Entry>(
    entries: &'a mut [E],
    scratch: &'a mut [E],
    bits: Range<u32>,
    threads: usize,
) -> Result<&'a mut [E]> {
    if entries.len() < MANY {
        by_digits::<E, FEW>(entries, scratch, bits, threads)
    } else {
        by_digits::<E, VALUES>(entries, scratch, bits, threads)
    }
}

fn by_digits<'a, E: Entry, const N: usize>(
    entries: &'a mut [E],
    scratch: &'a mut [E],
    bits: Range<u32>,
    threads: usize,
) -> Result<&'a mut [E]> {
    let (mut from, mut to) = (entries, scratch);
    let length = from.len().div_ceil(threads).max(1);
    let mut places = vec![[0; N]; threads];
    for shift in bits.step_by(N.ilog2() as usize) {
        let part = |thread: usize| &from[(thread * length).min(from.len())..((thread + 1) * length).min(from.len())];
        let (slots, target) = (Shared(places.as_mut_ptr()), Shared(to.as_mut_ptr()));
        parallel::ranges(threads, 1, |range| {
            // SAFETY: each thread has counters of its own.
            range.for_each(|thread| unsafe { *slots.get().add(thread) = count(part(thread), shift) });
        });
        if threads == 1 && places[0].contains(&(from.len() as u32)) {
            continue;
        }
        let mut start = 0;
        for value in 0..N {
            for place in &mut places {
                (place[value], start) = (start, start + place[value]);
            }
        }
        let slots = Shared(places.as_mut_ptr());
        parallel::ranges(threads, 1, |range| {
            // SAFETY: as above; the counters give each entry a place of its own among as many as there are entries.
            range.for_each(|thread| unsafe { scatter(part(thread), shift, &mut *slots.get().add(thread), target) });
        });
        (from, to) = (to, from);
        if threads > 1 {
            interrupt::check()?;
        }
    }
    Ok(from)
}

/// Sorts what is sorted from bit `shift` on by its other bits as well: runs, most of them short.
pub fn settle<E: Entry>(entries: &mut [E], shift: u32, threads: usize) {
    let n = entries.len();
    let entries = Shared(entries.as_mut_ptr());
    // SAFETY: inside the entries; where runs begin and end does not change meanwhile.
    let above = |i: usize| unsafe { (*entries.get().add(i)).above(shift) };
    let begins = |i: usize| i == 0 || i == n || above(i - 1) != above(i);
    parallel::ranges(n, if threads > 1 { n / threads } else { usize::MAX }, |range| {
        let mut start = range.start;
        while start < range.end && !begins(start) {
            start += 1;
        }
        while start < range.end {
            let mut end = start + 1;
            while !begins(end) {
                end += 1;
            }
            if end > start + 1 {
                // SAFETY: the run begins in this range, so nobody else sorts it.
                unsafe { std::slice::from_raw_parts_mut(entries.get().add(start), end - start) }.sort_unstable();
            }
            start = end;
        }
    });
}

/// How often each value of a digit is found. Neighbours are counted apart: equal ones would wait for each other.
fn count<E: Entry, const N: usize>(part: &[E], shift: u32) -> [u32; N] {
    let mut counts = [[0; N]; 4];
    let (groups, rest) = part.as_chunks::<GROUP>();
    for group in groups {
        prefetch(group);
        for (i, entry) in group.iter().enumerate() {
            counts[i % 4][entry.digit::<N>(shift)] += 1;
        }
    }
    rest.iter().for_each(|entry| counts[0][entry.digit::<N>(shift)] += 1);
    std::array::from_fn(|value| counts.iter().map(|counts| counts[value]).sum())
}

/// Moves the entries of a part to their places. The places of a few are all looked up before the first is moved: a
/// processor cannot tell that what it writes to the target is not the next place that it reads.
///
/// # Safety
/// The places that follow from `places` are inside `target` and nobody else's.
unsafe fn scatter<E: Entry, const N: usize>(part: &[E], shift: u32, places: &mut [u32; N], target: Shared<E>) {
    let mut next = |entry: E| {
        let place = &mut places[entry.digit::<N>(shift)];
        *place += 1;
        (*place - 1) as usize
    };
    let (groups, rest) = part.as_chunks::<GROUP>();
    for group in groups {
        prefetch(group);
        let found = group.map(&mut next);
        for (&entry, place) in group.iter().zip(found) {
            // SAFETY: as the caller promises.
            unsafe { *target.get().add(place) = entry };
        }
    }
    for &entry in rest {
        // SAFETY: as above.
        unsafe { *target.get().add(next(entry)) = entry };
    }
}
