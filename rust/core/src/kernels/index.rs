//! Moving elements by computed positions.

use super::copy::GRAIN;
use super::lines::{Shared, start_of};
use super::walk::Walker;
use crate::array::Array;
use crate::buffer::Locks;
use crate::dispatch;
use crate::dtype::DType;
use crate::error::Error;
use crate::lanes::Lane;
use crate::layout::{Dims, Layout, Strides};
use crate::parallel;
use crate::real::Num;
use std::ops::Range;

/// The first of the int64 positions that lies outside `-size..size`, if any.
pub fn check(positions: &Array, size: usize) -> Result<(), i64> {
    let _lock = Locks::acquire([positions.buffer()].into_iter(), None);
    // SAFETY: contiguous int64, locked.
    let values = unsafe { std::slice::from_raw_parts(positions.data().cast::<i64>(), positions.numel()) };
    let size = size as i64;
    match values.iter().find(|&&v| v < -size || v >= size) {
        Some(&bad) => Err(bad),
        None => Ok(()),
    }
}

#[inline]
fn wrap(position: i64, size: usize) -> isize {
    (if position < 0 { position + size as i64 } else { position }) as isize
}

/// For each of these elements of `positions` (contiguous, checked), calls `visit(element number, place)`, where the place
/// is `array`'s element at the same coordinates except along `axis`, where it is the position.
fn visit(array: &Array, axis: usize, positions: &Array, range: Range<usize>, mut visit: impl FnMut(usize, isize)) {
    let mut strides = Strides::from_slice(array.layout().strides());
    let (along, size) = (strides[axis], array.shape()[axis]);
    strides[axis] = 0;
    let others = Layout::new(positions.layout().dims(), strides, 0);
    let mut element = range.start;
    // SAFETY: contiguous int64, locked by the caller.
    let values = unsafe { int64s(positions) };
    Walker::new(&others, range.start).runs(range.len(), |base, stride, length| {
        for i in 0..length {
            visit(element, base + i as isize * stride + wrap(values[element], size) * along);
            element += 1;
        }
    });
}

/// `out[...] = x[positions along axis]`, `out` contiguous and of the positions' shape.
pub fn gather(x: &Array, axis: usize, positions: &Array, out: &Array) {
    fn run<T: Copy>(x: &Array, axis: usize, positions: &Array, out: &Array) {
        let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<T>()));
        parallel::ranges(out.numel(), GRAIN, |range| {
            // SAFETY: places are inside `x`, elements inside `out`; both are locked, and threads write disjoint elements.
            visit(x, axis, positions, range, |element, place| unsafe {
                *target.get().add(element) = *source.get().offset(place);
            });
        });
    }
    let _locks = Locks::acquire([x.buffer(), positions.buffer()].into_iter(), Some(out.buffer()));
    match x.dtype().size() {
        1 => run::<u8>(x, axis, positions, out),
        2 => run::<u16>(x, axis, positions, out),
        4 => run::<u32>(x, axis, positions, out),
        8 => run::<u64>(x, axis, positions, out),
        _ => run::<[u64; 2]>(x, axis, positions, out),
    }
}

/// `out[positions along axis] += source[...]`, `source` contiguous and of the positions' shape.
pub fn scatter_add(source: &Array, axis: usize, positions: &Array, out: &Array) {
    fn run<T: Copy>(source: &Array, axis: usize, positions: &Array, out: &Array)
    where
        Lane<T>: Num,
    {
        let (from, to) = (source.data().cast::<T>(), out.data().cast::<T>());
        // SAFETY: places are inside `out`, elements inside `source`; both are locked.
        visit(out, axis, positions, 0..positions.numel(), |element, place| unsafe {
            *to.offset(place) = (Lane(*to.offset(place)) + Lane(*from.add(element))).0;
        });
    }
    let _locks = Locks::acquire([source.buffer(), positions.buffer()].into_iter(), Some(out.buffer()));
    dispatch!(any, out.dtype(), T => run::<T>(source, axis, positions, out));
}

/// Addresses some adjacent axes of an array by positions: `lead` axes come before them, the rest after. A position
/// counts through the `covered` axes in row-major order; a negative one counts from the end.
#[derive(Clone)]
pub struct Places {
    pub lead: usize,
    pub covered: usize,
    /// int64, contiguous, inside the covered axes.
    pub positions: Array,
}

impl Places {
    /// The shape of what the places address: lead axes, axes of the positions, the rest.
    pub fn shape(&self, of: &[usize]) -> Dims {
        let (lead, rest) = (&of[..self.lead], &of[self.lead + self.covered..]);
        lead.iter().chain(self.positions.shape()).chain(rest).copied().collect()
    }

    /// The number of different positions.
    pub fn size(&self, of: &[usize]) -> usize {
        of[self.lead..self.lead + self.covered].iter().product()
    }
}

/// The parts of an array's layout that [`Places`] tell apart.
struct Parts {
    lead: Layout,
    covered: Layout,
    rest: Layout,
    /// The stride of the covered axes, where they have a single one.
    stride: Option<isize>,
}

impl Parts {
    fn new(array: &Array, places: &Places) -> Parts {
        let (shape, strides) = (array.shape(), array.layout().strides());
        let part = |range: Range<usize>| {
            Layout::new(Dims::from_slice(&shape[range.clone()]), Strides::from_slice(&strides[range]), 0)
        };
        let (first, end) = (places.lead, places.lead + places.covered);
        let covered = part(first..end);
        let stride = Walker::new(&covered, 0).single_stride();
        Parts { lead: part(0..first), rest: part(end..shape.len()), covered, stride }
    }

    /// Elements from the first element of the covered axes to row-major position `index`.
    #[inline]
    fn offset(&self, index: isize) -> isize {
        match self.stride {
            Some(stride) => index * stride,
            None => start_of(&self.covered, index as usize),
        }
    }

    /// Calls `visit(element, place, stride, length)` for each run of addressed elements, where `element` is its
    /// row-major number among the addressed ones; `range` counts lead positions times places.
    fn runs(&self, positions: &[i64], range: Range<usize>, mut visit: impl FnMut(usize, isize, isize, usize)) {
        let (size, length) = (self.covered.numel(), self.rest.numel());
        let rest_stride = Walker::new(&self.rest, 0).single_stride();
        let (mut lead, mut place) = (range.start / positions.len(), range.start % positions.len());
        let mut base = start_of(&self.lead, lead);
        let mut element = range.start * length;
        for _ in range {
            let start = base + self.offset(wrap(positions[place], size));
            match rest_stride {
                Some(stride) => visit(element, start, stride, length),
                None => {
                    let mut done = 0;
                    Walker::new(&self.rest, 0).runs(length, |position, stride, n| {
                        visit(element + done, start + position, stride, n);
                        done += n;
                    });
                }
            }
            element += length;
            place += 1;
            if place == positions.len() {
                (lead, place) = (lead + 1, 0);
                base = start_of(&self.lead, lead);
            }
        }
    }
}

/// # Safety
/// `array` holds int64, contiguous, locked.
unsafe fn int64s(array: &Array) -> &[i64] {
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts(array.data().cast::<i64>(), array.numel()) }
}

/// `out = x[places]`, `out` contiguous and of the places' shape.
pub fn take(x: &Array, places: &Places, out: &Array) {
    fn run<T: Copy>(x: &Array, places: &Places, out: &Array) {
        let parts = Parts::new(x, places);
        let (source, target) = (Shared(x.data().cast::<T>()), Shared(out.data().cast::<T>()));
        let length = parts.rest.numel();
        // SAFETY: int64, contiguous, locked by `take`.
        let positions = unsafe { int64s(&places.positions) };
        parallel::ranges(out.numel() / length, GRAIN / length + 1, |range| {
            parts.runs(positions, range, |element, place, stride, n| {
                // SAFETY: places are inside `x`, elements inside `out`; threads write disjoint elements.
                unsafe {
                    let (from, to) = (source.get().offset(place), target.get().add(element));
                    match stride {
                        1 => std::ptr::copy_nonoverlapping(from, to, n),
                        _ => (0..n).for_each(|i| *to.add(i) = *from.offset(i as isize * stride)),
                    }
                }
            });
        });
    }
    if out.numel() == 0 {
        return;
    }
    let _locks = Locks::acquire([x.buffer(), places.positions.buffer()].into_iter(), Some(out.buffer()));
    match x.dtype().size() {
        1 => run::<u8>(x, places, out),
        2 => run::<u16>(x, places, out),
        4 => run::<u32>(x, places, out),
        8 => run::<u64>(x, places, out),
        _ => run::<[u64; 2]>(x, places, out),
    }
}

/// `x[places] = source`, in row-major order (of repeated places the last wins). `source` is contiguous and of the
/// places' shape, or a single element.
pub fn put(x: &Array, places: &Places, source: &Array) {
    fn run<T: Copy>(x: &Array, places: &Places, source: &Array, n: usize) {
        let (to, from) = (x.data().cast::<T>(), source.data().cast::<T>());
        let step = usize::from(source.numel() > 1);
        let parts = Parts::new(x, places);
        // SAFETY: int64, contiguous, locked by `put`.
        let positions = unsafe { int64s(&places.positions) };
        parts.runs(positions, 0..n / parts.rest.numel(), |element, place, stride, length| {
            for i in 0..length {
                // SAFETY: places are inside `x`, elements inside `source`; both are locked.
                unsafe { *to.offset(place + i as isize * stride) = *from.add((element + i) * step) };
            }
        });
    }
    let n = places.shape(x.shape()).iter().product();
    if n == 0 {
        return;
    }
    let _locks = Locks::acquire([source.buffer(), places.positions.buffer()].into_iter(), Some(x.buffer()));
    match x.dtype().size() {
        1 => run::<u8>(x, places, source, n),
        2 => run::<u16>(x, places, source, n),
        4 => run::<u32>(x, places, source, n),
        8 => run::<u64>(x, places, source, n),
        _ => run::<[u64; 2]>(x, places, source, n),
    }
}

/// `x[places] += source`, repeated places adding up in order; `source` contiguous and of the places' shape.
pub fn add_at(x: &Array, places: &Places, source: &Array) {
    fn run<T: Copy>(x: &Array, places: &Places, source: &Array)
    where
        Lane<T>: Num,
    {
        let (to, from) = (x.data().cast::<T>(), source.data().cast::<T>());
        let parts = Parts::new(x, places);
        // SAFETY: int64, contiguous, locked by `add_at`.
        let positions = unsafe { int64s(&places.positions) };
        parts.runs(positions, 0..source.numel() / parts.rest.numel(), |element, place, stride, length| {
            for i in 0..length {
                // SAFETY: places are inside `x`, elements inside `source`; both are locked.
                unsafe {
                    let target = to.offset(place + i as isize * stride);
                    *target = (Lane(*target) + Lane(*from.add(element + i))).0;
                }
            }
        });
    }
    if source.numel() == 0 {
        return;
    }
    let _locks = Locks::acquire([source.buffer(), places.positions.buffer()].into_iter(), Some(x.buffer()));
    dispatch!(any, x.dtype(), T => run::<T>(x, places, source));
}

/// Positions on axes of these sizes as one position on all of them: `out = (first * size1 + second) * size2 + ...`.
/// The positions broadcast to `out`, which is contiguous.
pub fn combine(parts: &[(Array, usize)], out: &Array) {
    for (number, (positions, size)) in parts.iter().enumerate() {
        // The caller has checked that the shapes broadcast.
        let layout = positions.layout().broadcast_to("index", out.shape()).unwrap_or_else(|_| out.layout().clone());
        let _locks = Locks::acquire([positions.buffer()].into_iter(), Some(out.buffer()));
        let (source, target) = (positions.data().cast::<i64>(), out.data().cast::<i64>());
        let mut element = 0;
        Walker::new(&layout, 0).runs(out.numel(), |place, stride, length| {
            for i in 0..length {
                // SAFETY: the walk stays inside `positions`, elements inside `out`; both are locked.
                unsafe {
                    let position = wrap(*source.offset(place + i as isize * stride), *size) as i64;
                    let before = if number == 0 { 0 } else { *target.add(element) };
                    *target.add(element) = before * *size as i64 + position;
                }
                element += 1;
            }
        });
    }
}

/// Row-major numbers of the true elements of a contiguous mask, ascending.
pub fn true_positions(op: &'static str, mask: &Array) -> Result<Array, Error> {
    let count = |values: &[u8]| values.iter().map(|&v| usize::from(v != 0)).sum();
    // SAFETY: contiguous, one byte each; both borrows end before the lock goes.
    let values = |_: &Locks| unsafe { std::slice::from_raw_parts(mask.data(), mask.numel()) };
    let n = count(values(&Locks::acquire([mask.buffer()].into_iter(), None)));
    let out = Array::uninit(op, &[n], DType::I64)?;
    let locks = Locks::acquire([mask.buffer()].into_iter(), Some(out.buffer()));
    let target = out.data().cast::<i64>();
    let mut found = 0;
    for (position, _) in values(&locks).iter().enumerate().filter(|&(_, &v)| v != 0).take(n) {
        // SAFETY: `take` keeps `found` below n, the room in `out`.
        unsafe { *target.add(found) = position as i64 };
        found += 1;
    }
    // Fewer than counted only if another thread writes to the mask meanwhile.
    // SAFETY: below n.
    (found..n).for_each(|i| unsafe { *target.add(i) = 0 });
    drop(locks);
    Ok(out)
}

/// Row-major positions as coordinates: `out[i]` are those of `positions[i]` on axes of these sizes.
pub fn coordinates(positions: &Array, shape: &[usize], out: &Array) {
    let _locks = Locks::acquire([positions.buffer()].into_iter(), Some(out.buffer()));
    let target = out.data().cast::<i64>();
    // SAFETY: int64, contiguous, locked.
    for (i, &position) in unsafe { int64s(positions) }.iter().enumerate() {
        let mut rest = position as usize;
        for (axis, &size) in shape.iter().enumerate().rev() {
            // SAFETY: `out` holds one row of coordinates for each position.
            unsafe { *target.add(i * shape.len() + axis) = (rest % size) as i64 };
            rest /= size;
        }
    }
}

/// True for each position that no later one repeats, of positions inside `0..size` or counted from the end.
pub fn winners(op: &'static str, positions: &Array, size: usize) -> Result<Array, Error> {
    let owners = Array::zeros(op, &[size], DType::I64)?;
    let out = Array::uninit(op, positions.shape(), DType::Bool)?;
    let locks = Locks::acquire([positions.buffer()].into_iter(), Some(out.buffer()));
    let owner = owners.data().cast::<i64>();
    // SAFETY: int64, contiguous, locked.
    let values = unsafe { int64s(positions) };
    for (i, &position) in values.iter().enumerate() {
        // SAFETY: positions are inside the fresh array of owners, which nobody else knows.
        unsafe { *owner.offset(wrap(position, size)) = i as i64 };
    }
    for (i, &position) in values.iter().enumerate() {
        // SAFETY: as above; `out` holds a byte for each position.
        unsafe { *out.data().add(i) = u8::from(*owner.offset(wrap(position, size)) == i as i64) };
    }
    drop(locks);
    Ok(out)
}
