//! Folding axes, one after the other from the innermost, in pieces of fixed size that are folded again, so that the
//! thread count does not change a bit.

use super::fold::{BLOCK, Fold, Loops, Run};
use super::lines::{Shared, start_of};
use super::walk::{Walker, pack};
use super::{RawKernel, copy, fold_tiles};
use crate::array::Array;
use crate::buffer::{self, Locks};
use crate::dtype::{DType, Element};
use crate::error::Result;
use crate::layout::{Dims, Layout, Strides};
use crate::parallel;
use smallvec::SmallVec;

const OP: &str = "reduce";
/// Elements that are worth a thread's attention.
const GRAIN: usize = 1 << 15;
/// Bytes of a row that are folded side by side, which stay in the first cache level.
const WIDTH: usize = 8192;
/// Rows that are folded into one at a time, and elements of so many as are shorter.
const ROWS: usize = 256;
const SHORT: usize = 1 << 14;

/// Folds the axes `axes` of `x` (converted to T) into `out` (contiguous), whose elements are the kept axes in order.
pub fn reduce<F: Fold<T>, T: Element>(x: &Array, axes: &[usize], out: &Array) -> Result<()> {
    let loops = Loops::of::<F, T>();
    let is_block = out.numel() == 1 && x.is_contiguous() && (1..=BLOCK).contains(&x.numel());
    if is_block && x.dtype() == T::DTYPE && !buffer::is_concurrent() {
        // SAFETY: contiguous elements of T, and nobody else is in a kernel.
        unsafe { loops.block(x.data(), x.numel(), out.data()) };
        return Ok(());
    }
    fold(&loops, x, axes, out)
}

fn fold(loops: &Loops, x: &Array, axes: &[usize], out: &Array) -> Result<()> {
    debug_assert!(out.is_contiguous());
    if out.numel() == 0 {
        return Ok(());
    }
    if x.numel() == 0 {
        let _locks = Locks::acquire(std::iter::empty(), Some(out.buffer()));
        // SAFETY: of no rows, every result is the neutral element.
        unsafe { loops.columns(out.data(), Run { stride: 0, count: 0 }, out.data(), out.numel()) };
        return Ok(());
    }
    if let Some(partial) = fold_tiles::fold(OP, loops, x, axes, out)? {
        return if partial.buffer().same(out.buffer()) { Ok(()) } else { fold(loops, &partial, &[1], out) };
    }
    let plan = Plan::new(x, axes);
    let in_columns = plan.groups.last().is_some_and(|group| !group.folded);
    if in_columns && x.dtype() != loops.dtype {
        return fold(loops, &x.cast(OP, loops.dtype)?, axes, out);
    }
    if in_columns && plan.groups[plan.groups.len() - 1].stride != 1 {
        return fold(loops, &x.copy(OP)?, axes, out);
    }
    if plan.in_order {
        return plan.run(loops, x, out);
    }
    let kept: Dims = plan.groups.iter().filter(|group| !group.folded).map(|group| group.size).collect();
    let sorted = Array::uninit(OP, &kept, loops.dtype)?;
    plan.run(loops, x, &sorted)?;
    // Without the axes of size 1 that the result may keep.
    let shape: Dims = (0..x.ndim()).filter(|axis| !axes.contains(axis)).map(|axis| x.shape()[axis]).collect();
    let placed = Layout::contiguous(&shape);
    copy::copy(&sorted.view(Layout::new(shape, plan.places, 0)), &out.view(placed));
    Ok(())
}

/// An axis of the memory, or some that lie densely together.
#[derive(Clone, Copy)]
struct Group {
    size: usize,
    stride: isize,
    folded: bool,
}

type Groups = SmallVec<[Group; 4]>;

/// The axes in the order of the memory, where the order of what is folded does not matter.
struct Plan {
    groups: Groups,
    /// From the array's first element to the first that is walked, in elements.
    start: isize,
    /// Whether the kept groups are the result's axes in order, without repetitions; else `places` says where in them
    /// the result's elements are.
    in_order: bool,
    places: Strides,
}

impl Plan {
    fn new(x: &Array, axes: &[usize]) -> Plan {
        let mut start = 0;
        let mut sorted: SmallVec<[(Group, usize); 4]> = SmallVec::new();
        for (axis, (&size, &stride)) in x.shape().iter().zip(x.layout().strides()).enumerate() {
            let folded = axes.contains(&axis);
            let is_turned = folded && stride < 0;
            start += if is_turned { (size as isize - 1) * stride } else { 0 };
            // The results along a repeated axis are the same.
            if size > 1 && (folded || stride != 0) {
                sorted.push((Group { size, stride: if is_turned { -stride } else { stride }, folded }, axis));
            }
        }
        sorted.sort_by_key(|(group, _)| std::cmp::Reverse(group.stride.unsigned_abs()));
        let kept = || sorted.iter().filter(|(group, _)| !group.folded);
        let repeats = (0..x.ndim()).any(|a| !axes.contains(&a) && x.shape()[a] > 1 && x.layout().strides()[a] == 0);
        let in_order = !repeats && kept().is_sorted_by_key(|(_, axis)| axis);
        let mut strides: Strides = SmallVec::from_elem(0, x.ndim());
        let mut stride = 1;
        for (group, axis) in sorted.iter().rev().filter(|(group, _)| !group.folded) {
            strides[*axis] = stride;
            stride *= group.size as isize;
        }
        let places = (0..x.ndim()).filter(|axis| !axes.contains(axis)).map(|axis| strides[axis]).collect();
        let groups = merged(sorted.iter().map(|(group, _)| *group));
        Plan { groups, start, in_order, places }
    }

    fn run(&self, loops: &Loops, x: &Array, out: &Array) -> Result<()> {
        let (mut source, mut start, mut groups) = (x.clone(), self.start, self.groups.clone());
        if !groups.iter().any(|group| group.folded) {
            groups.insert(groups.len().saturating_sub(1), Group { size: 1, stride: 1, folded: true });
        }
        loop {
            let step = Step::new(&groups, source.dtype(), loops);
            let rest = step.rest();
            let target = match rest.iter().any(|group| group.folded) {
                true => Array::uninit(OP, &[rest.iter().map(|group| group.size).product()], loops.dtype)?,
                false => out.clone(),
            };
            let locks = Locks::acquire([source.buffer()].into_iter(), Some(target.buffer()));
            let from = Shared(source.data().wrapping_offset(start * step.from as isize));
            step.run(Shared(from.get()), Shared(target.data()));
            drop(locks);
            if !rest.iter().any(|group| group.folded) {
                return Ok(());
            }
            (source, start, groups) = (target, 0, merged(rest.into_iter()));
        }
    }
}

/// Groups of one kind that lie densely together as one.
fn merged(groups: impl Iterator<Item = Group>) -> Groups {
    let mut merged = Groups::new();
    for group in groups {
        match merged.last_mut() {
            Some(outer) if outer.folded == group.folded && outer.stride == group.stride * group.size as isize => {
                *outer = Group { size: outer.size * group.size, ..group };
            }
            _ => merged.push(group),
        }
    }
    merged
}

/// The innermost folded group becomes as many elements as it has pieces.
struct Step<'a> {
    loops: &'a Loops,
    groups: Groups,
    /// Which one it is: the last, or one whose results are rows of the last.
    folded: usize,
    /// Elements of a piece, and pieces.
    length: usize,
    pieces: usize,
    /// The sizes of elements and of results, and what makes results of elements.
    from: usize,
    size: usize,
    convert: Option<RawKernel>,
}

impl Step<'_> {
    fn new<'a>(groups: &Groups, from: DType, loops: &'a Loops) -> Step<'a> {
        let folded = groups.iter().rposition(|group| group.folded).unwrap_or(0);
        let length = match folded + 1 == groups.len() {
            true => BLOCK,
            false => ROWS.max(SHORT / groups[groups.len() - 1].size),
        };
        let pieces = groups[folded].size.div_ceil(length);
        let convert = (from != loops.dtype).then(|| copy::conversion(from, loops.dtype));
        let (from, size) = (from.size(), loops.dtype.size());
        Step { loops, groups: groups.clone(), folded, length, pieces, from, size, convert }
    }

    /// What is left afterwards: contiguous.
    fn rest(&self) -> Groups {
        let mut rest = self.groups.clone();
        rest[self.folded].size = self.pieces;
        if self.pieces == 1 {
            rest.remove(self.folded);
        }
        let mut stride = 1;
        for group in rest.iter_mut().rev() {
            group.stride = stride;
            stride *= group.size as isize;
        }
        rest
    }

    /// Elements of a piece that is followed by others or not.
    fn length(&self, piece: usize) -> usize {
        self.length.min(self.groups[self.folded].size - piece * self.length)
    }

    /// Where the pieces start, in the order of their results, of the first `count` groups.
    fn starts(&self, count: usize) -> Layout {
        let piece = |(i, group): (usize, &Group)| match i == self.folded {
            true => (self.pieces, group.stride * self.length as isize),
            false => (group.size, group.stride),
        };
        let (sizes, strides): (Vec<_>, Vec<_>) = self.groups[..count].iter().enumerate().map(piece).unzip();
        Layout::new(sizes.into(), strides.into(), 0)
    }

    fn run(&self, source: Shared<u8>, target: Shared<u8>) {
        if self.folded + 1 == self.groups.len() {
            self.rows(source, target);
        } else {
            self.columns(source, target);
        }
    }

    fn rows(&self, source: Shared<u8>, target: Shared<u8>) {
        let starts = self.starts(self.groups.len());
        parallel::ranges(starts.numel(), GRAIN / self.length(0) + 1, |range| {
            let mut task = range.start;
            Walker::new(&starts, range.start).runs(range.len(), |position, stride, count| {
                let mut done = 0;
                while done < count {
                    let piece = task % self.pieces;
                    let length = self.length(piece);
                    // The last of several pieces may be shorter.
                    let n = match self.pieces {
                        1 => count,
                        pieces if piece + 1 == pieces => 1,
                        pieces => (pieces - 1 - piece).min(count - done),
                    };
                    let start = (position + done as isize * stride) * self.from as isize;
                    // SAFETY: the walk stays inside the locked buffers; each task has a result of its own.
                    unsafe {
                        let (from, to) = (source.get().offset(start), target.get().add(task * self.size));
                        self.rows_at(from, Run { stride, count: length }, to, n);
                    }
                    task += n;
                    done += n;
                }
            });
        });
    }

    /// # Safety
    /// At `x` are `n` rows of the folded group's stride, and `out` has room for as many results.
    unsafe fn rows_at(&self, x: *const u8, run: Run, out: *mut u8, n: usize) {
        let inner = self.groups[self.folded].stride;
        if inner == 1 && self.convert.is_none() {
            // SAFETY: as the caller promises.
            return unsafe { self.loops.rows(x, run, out, n) };
        }
        let mut chunks = [std::mem::MaybeUninit::<[[u64; 2]; BLOCK]>::uninit(); 2];
        let [packed, converted] = chunks.each_mut().map(|chunk| chunk.as_mut_ptr().cast::<u8>());
        let line = Layout::new(Dims::from_slice(&[run.count]), Strides::from_slice(&[inner]), 0);
        for row in 0..n {
            let mut block = x.wrapping_offset(row as isize * run.stride * self.from as isize);
            // SAFETY: as the caller promises; a chunk has room for a block of the largest elements.
            unsafe {
                if inner != 1 {
                    pack(&mut Walker::new(&line, 0), block, self.from, packed, run.count);
                    block = packed;
                }
                if let Some(convert) = self.convert {
                    convert(&block, converted, run.count);
                    block = converted;
                }
                self.loops.block(block, run.count, out.add(row * self.size));
            }
        }
    }

    fn columns(&self, source: Shared<u8>, target: Shared<u8>) {
        let last = self.groups.len() - 1;
        let (width, between) = (self.groups[last].size, self.groups[self.folded + 1..last].iter());
        let between: usize = between.map(|group| group.size).product();
        let part = width.min(WIDTH / self.size);
        let parts = width.div_ceil(part);
        let (starts, stride) = (self.starts(last), self.groups[self.folded].stride);
        parallel::ranges(starts.numel() * parts, GRAIN / (self.length(0) * part) + 1, |range| {
            for number in range {
                let (task, column) = (number / parts, number % parts * part);
                let start = (start_of(&starts, task) + column as isize) * self.size as isize;
                let run = Run { stride, count: self.length(task / between % self.pieces) };
                // SAFETY: rows and columns stay inside the locked buffers; parts of results are disjoint.
                unsafe {
                    let to = target.get().add((task * width + column) * self.size);
                    self.loops.columns(source.get().offset(start), run, to, part.min(width - column));
                }
            }
        });
    }
}
