//! Order along an axis, by sorting integers that order as the elements do.

use super::lines::{Lines, Shared};
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::{Element, Flag};
use crate::error::Result;
use crate::interrupt;

/// An element as an unsigned integer of the same order: NaN after everything, -0 and 0 the same.
pub trait Ordered: Element {
    /// A number that holds the key above a position (below 2^32), so that equal keys keep their order.
    type Packed: Copy + Ord + Send;
    fn key(self) -> u64;
    fn pack(key: u64, position: usize) -> Self::Packed;
    fn position(packed: Self::Packed) -> usize;
}

macro_rules! ordered {
    ($T:ty, $Packed:ty, $bits:literal, $v:ident => $key:expr) => {
        impl Ordered for $T {
            type Packed = $Packed;
            #[inline(always)]
            fn key(self) -> u64 {
                let $v = self;
                ($key) as u64
            }
            #[inline(always)]
            fn pack(key: u64, position: usize) -> $Packed {
                (key as $Packed) << $bits | position as $Packed
            }
            #[inline(always)]
            fn position(packed: $Packed) -> usize {
                (packed & ((1 << $bits) - 1)) as usize
            }
        }
    };
}

/// The sign bit flipped for positive numbers and all bits for negative ones; NaN is the largest of all.
macro_rules! float_key {
    ($v:ident, $U:ty, $I:ty) => {{
        let bits = ($v + 0.0).to_bits();
        let mask = ((bits as $I) >> (<$U>::BITS - 1)) as $U | 1 << (<$U>::BITS - 1);
        if $v.is_nan() { <$U>::MAX } else { bits ^ mask }
    }};
}

ordered!(Flag, u64, 48, v => v.get());
ordered!(u8, u64, 48, v => v);
ordered!(u16, u64, 48, v => v);
ordered!(u32, u64, 32, v => v);
ordered!(u64, u128, 64, v => v);
ordered!(i8, u64, 48, v => v as u8 ^ 1 << 7);
ordered!(i16, u64, 48, v => v as u16 ^ 1 << 15);
ordered!(i32, u64, 32, v => v as u32 ^ 1 << 31);
ordered!(i64, u128, 64, v => v as u64 ^ 1 << 63);
ordered!(f32, u64, 32, v => float_key!(v, u32, i32));
ordered!(f64, u128, 64, v => float_key!(v, u64, i64));

/// Fills `packed` with the line's keys above their positions. Complemented keys order the other way round, NaN first,
/// and still keep the order of equal ones.
fn pack_line<T: Ordered>(line: &[T], descending: bool, packed: &mut Vec<T::Packed>) {
    let top = u64::MAX >> (64 - 8 * size_of::<T>());
    let flip = if descending { top } else { 0 };
    packed.clear();
    packed.extend(line.iter().enumerate().map(|(i, v)| T::pack(v.key() ^ flip, i)));
}

/// Along `axis`, the positions of the first elements in order, as many as `out` (int64) has. Equal elements keep
/// their order; `all` says whether the ones given are in order too.
pub fn argsort<T: Ordered>(x: &Array, axis: usize, descending: bool, sorted: bool, out: &Array) -> Result<()> {
    let (from, to) = (Lines::new(x, axis), Lines::new(out, axis));
    let count = to.length;
    if count == 0 || from.count() == 0 {
        return Ok(());
    }
    interrupt::check()?;
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<i64>()));
    from.each(|range| {
        let (mut line, mut packed) = (Vec::with_capacity(from.length), Vec::with_capacity(from.length));
        for number in range {
            // SAFETY: `x` is locked and of T.
            unsafe { from.read(source.get(), number, &mut line) };
            pack_line(&line, descending, &mut packed);
            if count < packed.len() {
                packed.select_nth_unstable(count - 1);
                packed.truncate(count);
            }
            if sorted {
                packed.sort_unstable();
            }
            let start = to.start(number);
            for (i, &entry) in packed.iter().enumerate() {
                // SAFETY: the line lies inside `out`, and this thread alone writes it.
                unsafe { *target.get().offset(start + i as isize * to.stride) = T::position(entry) as i64 };
            }
        }
    });
    Ok(())
}

/// Along `axis`, the position of the element of rank `rank` (0: the smallest), or of the first NaN if there is one and
/// `nan_wins`. `out` has size 1 along the axis, `x` at least `rank + 1`.
pub fn ranked<T: Ordered>(x: &Array, axis: usize, rank: usize, nan_wins: bool, out: &Array) {
    let (from, to) = (Lines::new(x, axis), Lines::new(out, axis));
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<i64>()));
    from.each(|range| {
        let (mut line, mut packed) = (Vec::with_capacity(from.length), Vec::with_capacity(from.length));
        for number in range {
            // SAFETY: `x` is locked and of T.
            unsafe { from.read(source.get(), number, &mut line) };
            let nan = if nan_wins { line.iter().position(|v| v.is_nan()) } else { None };
            let position = nan.unwrap_or_else(|| {
                pack_line(&line, false, &mut packed);
                T::position(*packed.select_nth_unstable(rank).1)
            });
            // SAFETY: one element for each line.
            unsafe { *target.get().offset(to.start(number)) = position as i64 };
        }
    });
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
