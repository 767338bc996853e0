//! Running results along an axis. Lines are cut at fixed places only, so results do not depend on the number of
//! threads.

use super::lines::Shared;
use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::Element;
use crate::parallel;
use std::ops::Range;

/// Lines walked side by side where the axis is not the last, to go through memory in order.
const COLUMNS: usize = 512;
/// Lines walked side by side where it is: each waits for its own last result only.
const CHAINS: usize = 8;
/// Elements of a line that one thread sums.
const STRETCH: usize = 1024;
/// Elements that are worth a thread's attention.
const GRAIN: usize = 1 << 15;

/// A state that takes one element after the other and shows a result after each.
pub trait Scan<T>: Copy + Send + Sync + 'static {
    type Shown: Copy;
    const START: Self;
    fn step(&mut self, x: T, position: usize) -> Self::Shown;
}

/// A running sum.
pub trait Total<T>: Copy + Send + Sync + 'static {
    const START: Self;
    fn of(x: T) -> Self;
    fn plus(self, later: Self) -> Self;
    fn shown(self) -> T;
}

/// An array as `outer` times a line of `n` elements times `inner`.
#[derive(Clone, Copy)]
struct Shape {
    outer: usize,
    n: usize,
    inner: usize,
    reverse: bool,
}

impl Shape {
    fn new(x: &Array, axis: usize, reverse: bool) -> Shape {
        let shape = x.shape();
        let (outer, inner) = (shape[..axis].iter().product(), shape[axis + 1..].iter().product());
        Shape { outer, n: shape[axis], inner, reverse }
    }

    /// Where the element that is walked as number `i` stands in its line.
    #[inline(always)]
    fn position(&self, i: usize) -> usize {
        if self.reverse { self.n - 1 - i } else { i }
    }

    /// Calls `work` for each part of adjacent lines: the place of their first elements, and how many they are.
    fn columns(&self, work: impl Fn(usize, usize) + Sync) {
        let parts = self.inner.div_ceil(COLUMNS);
        parallel::ranges(self.outer * parts, GRAIN / (self.n * self.inner.min(COLUMNS)) + 1, |range| {
            for part in range {
                let (outer, column) = (part / parts, part % parts * COLUMNS);
                work(outer * self.n * self.inner + column, COLUMNS.min(self.inner - column));
            }
        });
    }
}

/// `x` and `out` are contiguous and of one shape.
pub fn scan<S: Scan<T, Shown = T>, T: Element>(x: &Array, axis: usize, out: &Array) {
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let target = Shared(out.data().cast::<T>());
    // SAFETY: `run` writes each place once, and all are inside the locked output.
    run::<S, T>(x, axis, move |place, shown| unsafe { *target.get().add(place) = shown });
}

/// [`scan`] with two results for each element; `second` is fresh.
pub fn scan_pair<S: Scan<T, Shown = (T, i64)>, T: Element>(x: &Array, axis: usize, first: &Array, second: &Array) {
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(first.buffer()));
    let (values, positions) = (Shared(first.data().cast::<T>()), Shared(second.data().cast::<i64>()));
    // SAFETY: as above; nobody else knows the second output yet.
    run::<S, T>(x, axis, move |place, (value, position)| unsafe {
        *values.get().add(place) = value;
        *positions.get().add(place) = position;
    });
}

/// `write` is copied to where it is used, so that what it points to cannot be itself.
fn run<S: Scan<T>, T: Element>(x: &Array, axis: usize, write: impl Fn(usize, S::Shown) + Sync + Copy) {
    let shape = Shape::new(x, axis, false);
    if x.numel() == 0 {
        return;
    }
    let source = Shared(x.data().cast::<T>());
    if shape.inner > 1 {
        return shape.columns(|first, width| {
            let (source, write) = (source, write);
            let mut states = [S::START; COLUMNS];
            for position in 0..shape.n {
                let start = first + position * shape.inner;
                for (j, state) in states[..width].iter_mut().enumerate() {
                    // SAFETY: inside the array, which the caller has locked.
                    write(start + j, state.step(unsafe { *source.get().add(start + j) }, position));
                }
            }
        });
    }
    parallel::ranges(shape.outer, GRAIN / shape.n + 1, |range| {
        let whole = range.start + range.len() / CHAINS * CHAINS;
        for line in (range.start..whole).step_by(CHAINS) {
            chains::<S, T, CHAINS>(shape.n, source, line, write);
        }
        for line in whole..range.end {
            chains::<S, T, 1>(shape.n, source, line, write);
        }
    });
}

/// Some adjacent lines of `n` elements at once.
fn chains<S: Scan<T>, T: Element, const C: usize>(
    n: usize,
    source: Shared<T>,
    line: usize,
    write: impl Fn(usize, S::Shown),
) {
    let mut states = [S::START; C];
    for position in 0..n {
        for (c, state) in states.iter_mut().enumerate() {
            let place = (line + c) * n + position;
            // SAFETY: inside the array, which the caller has locked.
            write(place, state.step(unsafe { *source.get().add(place) }, position));
        }
    }
}

/// Running sums; `reverse` starts from the end. A long line is cut into stretches, each summed for itself and then put
/// after what comes before it. The last sum of a stretch is what the next is put after, and the same holds of the
/// small groups within, so that sums of positive numbers never descend.
pub fn sums<S: Total<T>, T: Element>(x: &Array, axis: usize, reverse: bool, out: &Array) {
    let shape = Shape::new(x, axis, reverse);
    if x.numel() == 0 {
        return;
    }
    let _locks = Locks::acquire([x.buffer()].into_iter(), Some(out.buffer()));
    let lines = Lines { shape, source: Shared(x.data().cast::<T>()), target: Shared(out.data().cast::<T>()) };
    if shape.inner > 1 {
        return shape.columns(|first, width| lines.columns::<S>(first, width));
    }
    let stretches = shape.n.div_ceil(STRETCH);
    let is_shared = stretches >= 64 && shape.outer < 2 * parallel::usable_threads();
    if !is_shared || parallel::usable_threads() == 1 {
        return parallel::ranges(shape.outer, GRAIN / shape.n + 1, |range| {
            range.for_each(|line| {
                (0..stretches).fold(S::START, |before, stretch| lines.stretch(line, stretch, before));
            });
        });
    }
    let mut ends = vec![S::START; stretches];
    for line in 0..shape.outer {
        let slots = Shared(ends.as_mut_ptr());
        parallel::ranges(stretches, GRAIN / STRETCH, |range| {
            // SAFETY: each stretch has a slot.
            range.for_each(|stretch| unsafe { *slots.get().add(stretch) = lines.end(line, stretch) });
        });
        let mut before = S::START;
        for end in &mut ends {
            (before, *end) = (before.plus(*end), before);
        }
        parallel::ranges(stretches, GRAIN / STRETCH, |range| {
            range.for_each(|stretch| {
                lines.stretch(line, stretch, ends[stretch]);
            });
        });
    }
}

struct Lines<T> {
    shape: Shape,
    source: Shared<T>,
    target: Shared<T>,
}

/// Elements that are summed among themselves first.
const GROUP: usize = 8;

/// The running sums of a group.
#[inline(always)]
fn group<S: Total<T>, T: Copy>(x: [T; GROUP]) -> [S; GROUP] {
    let four = |first: usize| {
        let (a, b, c, d) = (S::of(x[first]), S::of(x[first + 1]), S::of(x[first + 2]), S::of(x[first + 3]));
        let pair = a.plus(b);
        [a, pair, pair.plus(c), pair.plus(c.plus(d))]
    };
    let (a, b) = (four(0), four(4));
    [a[0], a[1], a[2], a[3], a[3].plus(b[0]), a[3].plus(b[1]), a[3].plus(b[2]), a[3].plus(b[3])]
}

impl<T: Element> Lines<T> {
    fn columns<S: Total<T>>(&self, first: usize, width: usize) {
        let mut totals = [S::START; COLUMNS];
        for i in 0..self.shape.n {
            let start = first + self.shape.position(i) * self.shape.inner;
            // SAFETY: both rows are inside the arrays, which the caller has locked; parts are disjoint.
            let (x, out) = unsafe { (self.row(start, width), self.row_mut(start, width)) };
            for ((total, &x), out) in totals.iter_mut().zip(x).zip(out) {
                *total = total.plus(S::of(x));
                *out = total.shown();
            }
        }
    }

    /// # Safety
    /// The elements are inside the array, and it is locked.
    unsafe fn row(&self, start: usize, length: usize) -> &[T] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts(self.source.get().add(start), length) }
    }

    /// # Safety
    /// The elements are inside the array, it is locked, and nobody else uses them.
    #[allow(clippy::mut_from_ref)]
    unsafe fn row_mut(&self, start: usize, length: usize) -> &mut [T] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.target.get().add(start), length) }
    }

    /// The places of a stretch, in memory's order.
    fn places(&self, line: usize, stretch: usize) -> Range<usize> {
        let (n, first) = (self.shape.n, stretch * STRETCH);
        let last = (first + STRETCH).min(n);
        let range = if self.shape.reverse { n - last..n - first } else { first..last };
        line * n + range.start..line * n + range.end
    }

    /// The sum of a stretch, added up as [`Lines::stretch`] does.
    fn end<S: Total<T>>(&self, line: usize, stretch: usize) -> S {
        let places = self.places(line, stretch);
        // SAFETY: inside the locked array.
        let x = unsafe { self.row(places.start, places.len()) };
        let mut total = S::START;
        if self.shape.reverse {
            let (rest, groups) = x.as_rchunks::<GROUP>();
            groups.iter().rev().for_each(|&x| total = total.plus(group::<S, T>(turned(x))[GROUP - 1]));
            rest.iter().rev().for_each(|&x| total = total.plus(S::of(x)));
        } else {
            let (groups, rest) = x.as_chunks::<GROUP>();
            groups.iter().for_each(|&x| total = total.plus(group::<S, T>(x)[GROUP - 1]));
            rest.iter().for_each(|&x| total = total.plus(S::of(x)));
        }
        total
    }

    /// Writes the running sums of a stretch, put after `before`; the last of them.
    fn stretch<S: Total<T>>(&self, line: usize, stretch: usize, before: S) -> S {
        let places = self.places(line, stretch);
        // SAFETY: inside the locked arrays, of which this thread alone writes the stretch.
        let (x, out) = unsafe { (self.row(places.start, places.len()), self.row_mut(places.start, places.len())) };
        let mut total = S::START;
        let mut whole = |x: [T; GROUP]| {
            let sums = group::<S, T>(x);
            // A loop, since an array's `map` is not always inlined.
            let mut shown = x;
            for (shown, &sum) in shown.iter_mut().zip(&sums) {
                *shown = before.plus(total.plus(sum)).shown();
            }
            total = total.plus(sums[GROUP - 1]);
            shown
        };
        if self.shape.reverse {
            let ((rest, groups), (out_rest, out)) = (x.as_rchunks::<GROUP>(), out.as_rchunks_mut::<GROUP>());
            out.iter_mut().zip(groups).rev().for_each(|(out, &x)| *out = turned(whole(turned(x))));
            for (out, &x) in out_rest.iter_mut().zip(rest).rev() {
                total = total.plus(S::of(x));
                *out = before.plus(total).shown();
            }
        } else {
            let ((groups, rest), (out, out_rest)) = (x.as_chunks::<GROUP>(), out.as_chunks_mut::<GROUP>());
            out.iter_mut().zip(groups).for_each(|(out, &x)| *out = whole(x));
            for (out, &x) in out_rest.iter_mut().zip(rest) {
                total = total.plus(S::of(x));
                *out = before.plus(total).shown();
            }
        }
        before.plus(total)
    }
}

#[inline(always)]
fn turned<T, const N: usize>(mut x: [T; N]) -> [T; N] {
    x.reverse();
    x
}
