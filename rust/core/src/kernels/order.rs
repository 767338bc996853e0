//! Order along the last axis, by sorting integers that order as the elements do.

use super::lines::Shared;
use super::radix::{self, Entry};
use super::{Body, Kernel, prefetch};
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::{DType, Element, Flag};
use crate::error::Result;
use crate::{interrupt, parallel};
use std::marker::PhantomData;
use std::ops::{Add, BitXor, Range, Sub};
use std::sync::Mutex;

/// Elements from which sorting by digits beats sorting by comparisons, and from which threads share a line.
const LONG: usize = 1 << 10;
const SHARED: usize = 1 << 16;
/// First elements so few that each new one is put among them.
const FEW: usize = 32;
/// Elements of a long line that tell how the others are distributed.
const SAMPLE: usize = 1 << 13;

/// An element as an unsigned integer of the same order: NaN after everything, -0 and 0 the same.
pub trait Ordered: Element {
    type Key: Entry + BitXor<Output = Self::Key> + Add<Output = Self::Key> + Sub<Output = Self::Key>;
    /// Holds the key above a position (below 2^32), so that equal keys keep their order.
    type Packed: Entry;
    /// All bits that a key may have. Keys turned by them order the other way round, NaN first, and equal ones still
    /// keep their order.
    const TURN: Self::Key;
    /// Keys that different elements may have.
    const SHARED: &'static [Self::Key] = &[];
    fn key(self) -> Self::Key;
    /// The element of a key: positive zero, and some NaN.
    fn unkey(key: Self::Key) -> Self;
    fn pack(key: Self::Key, position: usize) -> Self::Packed;
    fn unpack(packed: Self::Packed) -> (Self::Key, usize);
}

macro_rules! ordered {
    ($T:ident, $U:ident, $Key:ident, $Packed:ident, $v:ident => $key:expr, $k:ident => $unkey:expr $(, $shared:expr)?) => {
        impl Ordered for $T {
            type Key = $Key;
            type Packed = $Packed;
            const TURN: $Key = $U::MAX as $Key;
            $(const SHARED: &'static [$Key] = $shared;)?
            #[inline(always)]
            fn key(self) -> $Key {
                let $v = self;
                $Key::from($key)
            }
            #[inline(always)]
            fn unkey(key: $Key) -> $T {
                let $k = key as $U;
                $unkey
            }
            #[inline(always)]
            fn pack(key: $Key, position: usize) -> $Packed {
                $Packed::from(key) << 32 | position as $Packed
            }
            #[inline(always)]
            fn unpack(packed: $Packed) -> ($Key, usize) {
                ((packed >> 32) as $Key, packed as u32 as usize)
            }
        }
    };
}
macro_rules! unsigned {
    ($($T:ident $Key:ident $Packed:ident),*) => {
        $(ordered!($T, $T, $Key, $Packed, v => v, k => k);)*
    };
}
macro_rules! signed {
    ($($T:ident $U:ident $Key:ident $Packed:ident),*) => {
        $(ordered!($T, $U, $Key, $Packed, v => v as $U ^ 1 << ($U::BITS - 1), k => (k ^ 1 << ($U::BITS - 1)) as $T);)*
    };
}
/// The sign bit flipped for positive numbers and all bits for negative ones; NaN is the largest of all.
macro_rules! floats {
    ($($T:ident $U:ident $I:ident $Packed:ident),*) => {
        $(ordered!($T, $U, $U, $Packed,
            v => {
                let bits = (v + 0.0).to_bits();
                let mask = ((bits as $I) >> ($U::BITS - 1)) as $U | 1 << ($U::BITS - 1);
                if v.is_nan() { $U::MAX } else { bits ^ mask }
            },
            k => $T::from_bits(k ^ (((!k as $I) >> ($U::BITS - 1)) as $U | 1 << ($U::BITS - 1))),
            &[1 << ($U::BITS - 1), $U::MAX]);)*
    };
}
ordered!(Flag, u8, u32, u64, v => v.get(), k => Flag(k));
unsigned!(u8 u32 u64, u16 u32 u64, u32 u32 u64, u64 u64 u128);
signed!(i8 u8 u32 u64, i16 u16 u32 u64, i32 u32 u32 u64, i64 u64 u64 u128);
floats!(f32 u32 i32 u64, f64 u64 i64 u128);

fn turn<T: Ordered>(descending: bool) -> T::Key {
    if descending { T::TURN } else { T::Key::default() }
}

/// Puts the elements of each line of `x` (contiguous, along the last axis) in order, into `values`, and the positions
/// that they come from into `positions` (int64), both contiguous. Equal elements keep their order.
pub fn sort<T: Ordered>(x: &Array, descending: bool, values: Option<&Array>, positions: Option<&Array>) -> Result<()> {
    let n = x.shape()[x.ndim() - 1];
    if x.numel() == 0 {
        return Ok(());
    }
    interrupt::check()?;
    let _locks = Locks::acquire([x.buffer()].into_iter(), values.or(positions).map(Array::buffer));
    let line = |line: usize, threads: usize| {
        let slice = |array: &Array| array.data().wrapping_add(line * n * array.dtype().size());
        // SAFETY: the lines are inside the locked, contiguous arrays, and each has one user.
        let (x, values, positions) = unsafe {
            (
                std::slice::from_raw_parts(x.data().cast::<T>().add(line * n), n),
                values.map(|values| std::slice::from_raw_parts_mut(slice(values).cast::<T>(), n)),
                positions.map(|positions| std::slice::from_raw_parts_mut(slice(positions).cast::<i64>(), n)),
            )
        };
        match positions {
            Some(positions) => sort_packed(x, turn::<T>(descending), values, positions, threads),
            None => sort_bare(x, turn::<T>(descending), values.unwrap_or_default(), threads),
        }
    };
    each_line(x.numel() / n, n, line)
}

/// Calls `work(line, threads)`: with all threads on one long line after the other, or on many lines at once.
fn each_line(lines: usize, n: usize, work: impl Fn(usize, usize) -> Result<()> + Sync) -> Result<()> {
    let threads = parallel::usable_threads();
    if n >= SHARED && lines < 2 * threads {
        return (0..lines).try_for_each(|line| work(line, threads.min(n / SHARED)));
    }
    let outcome = Mutex::new(Ok(()));
    parallel::ranges(lines, (1 << 13) / n + 1, |mut range| {
        if let Err(error) = range.try_for_each(|line| work(line, 1)) {
            *outcome.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Err(error);
        }
    });
    outcome.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Memory for `n` entries.
struct Room<E>(Array, PhantomData<E>);

impl<E: Entry> Room<E> {
    fn new(n: usize) -> Result<Room<E>> {
        Ok(Room(Array::uninit("sort", &[n * size_of::<E>()], DType::U8)?, PhantomData))
    }
    fn entries(&mut self) -> &mut [E] {
        // SAFETY: fresh memory for as many entries, aligned to 64 bytes, all of whose bytes are written before they
        // are read; integers take any.
        unsafe { std::slice::from_raw_parts_mut(self.0.data().cast::<E>(), self.0.numel() / size_of::<E>()) }
    }
}

/// Calls `work` on ranges that cover `0..n`, on several threads if there are several.
fn cut(n: usize, threads: usize, work: impl Fn(Range<usize>) + Sync) {
    parallel::ranges(n, if threads > 1 { SHARED / 4 } else { usize::MAX }, work);
}

/// The keys of a line: turned, and counted from the smallest, so that they have no more bits than they need.
struct Keys<T: Ordered> {
    turn: T::Key,
    least: T::Key,
    bits: u32,
}

/// The smallest and the largest of n > 0 keys, turned by the second argument.
struct Ends<T>(PhantomData<T>);

impl<T: Ordered> Ends<T> {
    const KERNEL: Kernel = Kernel::of::<Ends<T>>();
}

impl<T: Ordered> Body for Ends<T> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: n elements of T and a key; room for two keys.
        unsafe {
            let (x, turn) = (std::slice::from_raw_parts((*args).cast::<T>(), n), *(*args.add(1)).cast::<T::Key>());
            let mut ends = [T::TURN, T::Key::default()];
            for v in x {
                let key = v.key() ^ turn;
                ends = [ends[0].min(key), ends[1].max(key)];
            }
            *out.cast() = ends;
        }
    }
}

impl<T: Ordered> Keys<T> {
    fn of(x: &[T], turn: T::Key, threads: usize) -> Keys<T> {
        let found = Mutex::new([T::TURN, T::Key::default()]);
        cut(x.len(), threads, |range| {
            let mut ends = [turn; 2];
            let args = [x[range.clone()].as_ptr().cast::<u8>(), (&raw const turn).cast()];
            // SAFETY: as the kernel asks.
            unsafe { Ends::<T>::KERNEL.get()(args.as_ptr(), ends.as_mut_ptr().cast(), range.len()) };
            let mut found = found.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            *found = [found[0].min(ends[0]), found[1].max(ends[1])];
        });
        let [least, most] = found.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        Keys { turn, least, bits: u64::BITS - (most - least).above(0).leading_zeros() }
    }
    #[inline(always)]
    fn key(&self, v: T) -> T::Key {
        (v.key() ^ self.turn) - self.least
    }
    /// The key that an element had before.
    #[inline(always)]
    fn back(&self, key: T::Key) -> T::Key {
        (key + self.least) ^ self.turn
    }
}

/// Makes entries of the keys of a line, which are in them from bit `first` on, sorts them and calls `read` on parts with
/// their places.
fn sorted<T: Ordered, E: Entry>(
    x: &[T],
    keys: &Keys<T>,
    first: u32,
    threads: usize,
    entry: impl Fn(T::Key, usize) -> E + Sync,
    read: impl Fn(usize, &[E]) + Sync,
) -> Result<()> {
    let n = x.len();
    let (mut room, mut scratch) = (Room::<E>::new(n)?, Room::<E>::new(if n <= radix::FEW { 0 } else { n })?);
    let entry = |position: usize| entry(keys.key(x[position]), position);
    radix::sort(entry, [room.entries(), scratch.entries()], first..first + keys.bits, threads, read)
}

fn sort_packed<T: Ordered>(
    x: &[T],
    turn: T::Key,
    values: Option<&mut [T]>,
    positions: &mut [i64],
    threads: usize,
) -> Result<()> {
    let values = values.map(|values| Shared(values.as_mut_ptr()));
    let positions = Shared(positions.as_mut_ptr());
    let keys = Keys::of(x, turn, threads);
    sorted(x, &keys, 32, threads, T::pack, |first, sorted| {
        for (i, &entry) in (first..).zip(sorted) {
            let (key, position) = T::unpack(entry);
            // SAFETY: one result for each element.
            unsafe {
                *positions.get().add(i) = position as i64;
                if let Some(values) = values {
                    let key = keys.back(key);
                    *values.get().add(i) = if T::SHARED.contains(&key) { x[position] } else { T::unkey(key) };
                }
            }
        }
    })
}

fn sort_bare<T: Ordered>(x: &[T], turn: T::Key, values: &mut [T], threads: usize) -> Result<()> {
    let keys = Keys::of(x, turn, threads);
    let target = Shared(values.as_mut_ptr());
    let entry = |key, _| key;
    sorted(x, &keys, 0, threads, entry, |first, sorted| {
        for (i, &key) in (first..).zip(sorted) {
            // SAFETY: one result for each element.
            unsafe { *target.get().add(i) = T::unkey(keys.back(key)) };
        }
    })?;
    for &key in T::SHARED {
        let at = |v: &T| v.key() ^ turn < key ^ turn;
        let first = values.partition_point(at);
        let count = values[first..].partition_point(|v| v.key() == key);
        let found = x.iter().filter(|v| v.key() == key);
        values[first..first + count].iter_mut().zip(found).for_each(|(value, &v)| *value = v);
    }
    Ok(())
}

/// The positions in each line of `x` (contiguous, along the last axis) of as many first elements in order as the lines
/// of `out` (int64, contiguous) have. Equal elements keep their order.
pub fn first<T: Ordered>(x: &Array, descending: bool, out: &Array) -> Result<()> {
    let (n, count) = (x.shape()[x.ndim() - 1], out.shape()[out.ndim() - 1]);
    if out.numel() == 0 {
        return Ok(());
    }
    if count == n {
        return sort::<T>(x, descending, None, Some(out));
    }
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<i64>()));
    each_line(x.numel() / n, n, |line, threads| {
        // SAFETY: the lines are inside the locked, contiguous arrays, and each has one user.
        let (x, out) = unsafe {
            (std::slice::from_raw_parts(source.get().add(line * n), n), Shared(target.get().add(line * count)))
        };
        let mut chosen = match count <= FEW && n < LONG {
            true => few(x, turn::<T>(descending), count),
            false => {
                let (_, mut chosen) = around(x, turn::<T>(descending), None, count - 1, threads);
                chosen.select_nth_unstable(count - 1);
                chosen.truncate(count);
                chosen
            }
        };
        let write = |first: usize, sorted: &[T::Packed]| {
            for (i, &entry) in (first..).zip(sorted) {
                // SAFETY: one result for each entry.
                unsafe { *out.get().add(i) = T::unpack(entry).1 as i64 };
            }
        };
        if count < LONG {
            chosen.sort_unstable();
            write(0, &chosen);
            return Ok(());
        }
        let (mut room, mut scratch) = (Room::new(count)?, Room::new(count)?);
        let bits = 32..32 + 8 * size_of::<T>() as u32;
        let threads = threads.min(count.div_ceil(SHARED));
        radix::sort(|i| chosen[i], [room.entries(), scratch.entries()], bits, threads, write)
    })
}

/// The `count` > 0 smallest entries of a line, each put in its place among those before.
fn few<T: Ordered>(x: &[T], turn: T::Key, count: usize) -> Vec<T::Packed> {
    let entry = |(position, v): (usize, &T)| T::pack(v.key() ^ turn, position);
    let mut chosen: Vec<T::Packed> = x[..count].iter().enumerate().map(entry).collect();
    chosen.sort_unstable();
    for (position, v) in x.iter().enumerate().skip(count) {
        let entry = entry((position, v));
        if entry < chosen[count - 1] {
            let place = chosen.partition_point(|&earlier| earlier < entry);
            chosen.copy_within(place..count - 1, place + 1);
            chosen[place] = entry;
        }
    }
    chosen
}

/// Entries of a line among which the one of rank `rank` is, and how many smaller ones were left out: none unless
/// `from` says the rank from which on they are wanted. A sample of the line says where to look.
fn around<T: Ordered>(
    x: &[T],
    turn: T::Key,
    from: Option<usize>,
    rank: usize,
    threads: usize,
) -> (usize, Vec<T::Packed>) {
    if x.len() >= 8 * SAMPLE {
        let mut sample: Vec<T::Key> = x.iter().step_by(x.len() / SAMPLE).map(|v| v.key() ^ turn).collect();
        sample.sort_unstable();
        let at = |rank: usize| rank as f64 * sample.len() as f64 / x.len() as f64;
        // Five standard deviations of how many of a random sample are smaller.
        let spread = |at: f64| 5.0 * at.min(sample.len() as f64 - at).sqrt() + 16.0;
        let low = from.map(|from| at(from) - spread(at(from))).filter(|low| *low >= 0.0);
        let high = sample.get((at(rank) + spread(at(rank))) as usize);
        let low = low.map_or(T::Key::default(), |low| sample[low as usize]);
        let found = between(x, turn, low, high.copied().unwrap_or(T::TURN), threads);
        if (found.0..found.0 + found.1.len()).contains(&rank) && found.0 <= from.unwrap_or(0) {
            return found;
        }
    }
    between(x, turn, T::Key::default(), T::TURN, threads)
}

/// How many keys are below `low`, and the entries of those up to `high` that are not.
fn between<T: Ordered>(x: &[T], turn: T::Key, low: T::Key, high: T::Key, threads: usize) -> (usize, Vec<T::Packed>) {
    const GROUP: usize = 16;
    let found = Mutex::new((0, Vec::new()));
    cut(x.len(), threads, |range| {
        let (turn, low, high) = (turn, low, high);
        let (mut below, mut chosen, mut position) = (0u32, Vec::new(), range.start);
        for group in x[range].chunks(GROUP) {
            prefetch(group);
            let mut any = false;
            for v in group {
                let key = v.key() ^ turn;
                below += u32::from(key < low);
                any |= (key >= low) & (key <= high);
            }
            if any {
                let (mut few, mut count) = ([T::Packed::default(); GROUP], 0);
                for (i, v) in group.iter().enumerate() {
                    let key = v.key() ^ turn;
                    few[count] = T::pack(key, position + i);
                    count += usize::from((key >= low) & (key <= high));
                }
                chosen.extend_from_slice(&few[..count]);
            }
            position += group.len();
        }
        let mut found = found.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        found.0 += below as usize;
        found.1.append(&mut chosen);
    });
    found.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// For each line of `x` (contiguous, along the last axis) the position of the element of rank `rank` (0: the smallest),
/// or of the first NaN if there is one and `nan_wins`. `out` has one int64 for each line, `x` at least `rank + 1`
/// elements.
pub fn ranked<T: Ordered>(x: &Array, rank: usize, nan_wins: bool, out: &Array) -> Result<()> {
    let n = x.shape()[x.ndim() - 1];
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<i64>()));
    each_line(out.numel(), n, |line, threads| {
        // SAFETY: the lines are inside the locked array.
        let x = unsafe { std::slice::from_raw_parts(source.get().add(line * n), n) };
        let position = match nan_wins.then(|| first_nan(x)).flatten() {
            Some(position) => position,
            None => {
                let (below, mut chosen) = around(x, T::Key::default(), Some(rank), rank, threads);
                T::unpack(*chosen.select_nth_unstable(rank - below).1).1
            }
        };
        // SAFETY: one element for each line.
        unsafe { *target.get().add(line) = position as i64 };
        Ok(())
    })
}

fn first_nan<T: Element>(x: &[T]) -> Option<usize> {
    const CHUNK: usize = 64;
    let chunk = x.chunks(CHUNK).position(|chunk| chunk.iter().fold(false, |any, v| any | v.is_nan()))?;
    x[chunk * CHUNK..].iter().position(|v| v.is_nan()).map(|position| chunk * CHUNK + position)
}

/// Runs of equal elements in a vector, given the positions that sort it.
pub struct Runs {
    /// For each run, the position of its first element in the vector.
    pub first: Vec<i64>,
    pub counts: Vec<i64>,
    /// For each element, its run.
    pub inverse: Vec<i64>,
}

/// `x` is a contiguous vector of T; each NaN is a run of its own.
pub fn runs<T: Element>(x: &Array, order: &[i64]) -> Runs {
    let mut runs = Runs { first: Vec::new(), counts: Vec::new(), inverse: vec![0; order.len()] };
    let _lock = Locks::acquire([x.buffer()].into_iter(), None);
    // SAFETY: contiguous, of T, locked.
    let values = unsafe { std::slice::from_raw_parts(x.data().cast::<T>(), x.numel()) };
    let mut last: Option<T> = None;
    for &position in order {
        let value = values[position as usize];
        match runs.counts.last_mut() {
            Some(count) if last == Some(value) => *count += 1,
            _ => {
                runs.first.push(position);
                runs.counts.push(1);
            }
        }
        runs.inverse[position as usize] = runs.counts.len() as i64 - 1;
        last = Some(value);
    }
    runs
}

/// For each of `values` (contiguous), how many elements of its sorted row are smaller (with `right`: not larger).
/// `rows` is contiguous; there is one row for all, or as many as `values` has, cut evenly.
pub fn search<T: Ordered>(rows: &Array, length: usize, values: &Array, right: bool, out: &Array) {
    let count = values.numel();
    if count == 0 {
        return;
    }
    let per_row = (count * length).checked_div(rows.numel()).unwrap_or(count);
    let _locks = Locks::acquire([rows.buffer(), values.buffer()].into_iter(), Some(out.buffer()));
    // SAFETY: contiguous, of T, locked.
    let (rows, values) = unsafe {
        (
            std::slice::from_raw_parts(rows.data().cast::<T>(), rows.numel()),
            std::slice::from_raw_parts(values.data().cast::<T>(), count),
        )
    };
    let target = Shared(out.data().cast::<i64>());
    crate::parallel::ranges(count, 1 << 12, |range| {
        for i in range {
            let (row, key) = (&rows[i / per_row * length..][..length], values[i].key());
            let place = row.partition_point(|v| if right { v.key() <= key } else { v.key() < key });
            // SAFETY: `out` holds one element for each value.
            unsafe { *target.get().add(i) = place as i64 };
        }
    });
}
