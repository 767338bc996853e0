//! Elementwise programs: a few kernels, one after the other on a tile of elements that stays in the nearest cache.
//!
//! Kernels see contiguous memory only. What is not contiguous is packed into a tile, what is a single number fills one
//! tile once, and results that only later steps read never leave their tile. Results too large for the caches are copied
//! past them, where memory is what takes the time.

use super::walk::{Walker, pack, unpack};
use super::{RawKernel, stream};
use crate::array::Array;
use crate::buffer::{Buffer, Locks};
use crate::layout::Layout;
use crate::parallel;
use crate::scalar::Bits;
use smallvec::SmallVec;
use std::ops::Range;

/// Elements of a tile; a fold's block is one, so that folding a program is folding its tiles.
pub const TILE: usize = 1024;
pub const MAX_ARGS: usize = 4;
/// Grain up to which computing an element costs more than writing it.
pub const DEAR: usize = 1 << 14;

/// What a step reads.
#[derive(Clone, Copy)]
pub enum Ref {
    Source(usize),
    Step(usize),
}

/// Where the elements of a source are.
enum Place {
    /// One after the other.
    Dense,
    /// One value everywhere, here or at the source's data.
    Number(Option<Bits>),
    /// Anything else, packed by a walk.
    Strided(Layout),
}

struct Source {
    place: Place,
    data: *const u8,
    size: usize,
    /// The tile that holds its packed elements.
    slot: usize,
}

/// Where a step leaves its results besides or instead of a tile.
struct Memory {
    data: *mut u8,
    /// `None`: one after the other.
    layout: Option<Layout>,
    /// Copied past the caches.
    is_far: bool,
}

struct Step {
    kernel: RawKernel,
    args: SmallVec<[Ref; MAX_ARGS]>,
    /// Bytes of one result.
    size: usize,
    memory: Option<Memory>,
    /// The tile of its results; `None` if the kernel writes to memory at once.
    slot: Option<usize>,
}

/// Steps over `n` elements, and what they read and write.
pub struct Program {
    n: usize,
    // Without allocations for a single step.
    sources: SmallVec<[Source; 3]>,
    steps: SmallVec<[Step; 1]>,
    /// Keeps the memory of sources alive, and names the locks to take.
    arrays: SmallVec<[Array; 3]>,
    slots: usize,
    /// Bytes of the widest element.
    width: usize,
    /// The steps' costs in elements of a loop worth one unit: 1 / grain each.
    cost: f64,
}
// SAFETY: the pointers are to buffers that `locks` has locked and that `arrays` (or the caller) keep alive; threads
// write disjoint ranges.
unsafe impl Sync for Program {}

impl Program {
    pub fn new(n: usize) -> Program {
        let (sources, steps, arrays) = (SmallVec::new(), SmallVec::new(), SmallVec::new());
        Program { n, sources, steps, arrays, slots: 0, width: 1, cost: 0.0 }
    }

    pub fn number(&mut self, value: Bits, size: usize) -> Ref {
        self.source(Place::Number(Some(value)), std::ptr::null(), size)
    }

    /// An array whose elements are there; it broadcasts to `shape` (checked by the caller).
    pub fn array(&mut self, array: &Array, shape: &[usize]) -> Ref {
        let source = self.source(place_of(array, shape), array.data(), array.dtype().size());
        self.arrays.push(array.clone());
        source
    }

    fn source(&mut self, place: Place, data: *const u8, size: usize) -> Ref {
        let slot = if matches!(place, Place::Dense) { usize::MAX } else { self.take_slot() };
        self.width = self.width.max(size);
        self.sources.push(Source { place, data, size, slot });
        Ref::Source(self.sources.len() - 1)
    }

    fn take_slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    /// `grain` is how many elements of this kernel are worth a thread's attention.
    pub fn step(&mut self, kernel: RawKernel, args: SmallVec<[Ref; MAX_ARGS]>, size: usize, grain: usize) -> Ref {
        self.width = self.width.max(size);
        self.cost += 1.0 / grain as f64;
        self.steps.push(Step { kernel, args, size, memory: None, slot: None });
        Ref::Step(self.steps.len() - 1)
    }

    /// Leaves the results of the last step in contiguous memory of their own.
    pub fn store(&mut self, data: *mut u8) {
        self.store_to(data, None, false);
    }

    /// Leaves the results of the last step in `out`, which may be one of the sources.
    pub fn store_in(&mut self, out: &Array) {
        let layout = (!out.is_contiguous()).then(|| out.layout().clone());
        let is_source = self.arrays.iter().any(|array| array.buffer().same(out.buffer()));
        self.store_to(out.data(), layout, is_source);
    }

    fn store_to(&mut self, data: *mut u8, layout: Option<Layout>, is_source: bool) {
        let Some(size) = self.steps.last().map(|step| step.size) else { return };
        let is_staged = layout.is_some() || is_source;
        // Dear steps hide what plain stores cost.
        let is_far = !is_staged && self.n * size >= stream::FAR && self.cost < 1.0 / DEAR as f64;
        let slot = (is_staged || is_far).then(|| self.take_slot());
        if let Some(step) = self.steps.last_mut() {
            (step.memory, step.slot) = (Some(Memory { data, layout, is_far }), slot);
        }
    }

    /// Gives the steps whose results stay inside their tiles, each used again once nobody reads it any more.
    pub fn place_tiles(&mut self) {
        let mut last_use: SmallVec<[usize; 8]> = (0..self.steps.len()).collect();
        for (i, step) in self.steps.iter().enumerate() {
            for arg in &step.args {
                if let Ref::Step(j) = arg {
                    last_use[*j] = i;
                }
            }
        }
        let mut free: SmallVec<[usize; 8]> = SmallVec::new();
        for i in 0..self.steps.len() {
            if self.steps[i].memory.is_none() {
                let slot = free.pop().unwrap_or_else(|| self.take_slot());
                self.steps[i].slot = Some(slot);
            }
            // The results of this step are in use while it runs, so what it reads is given back after.
            let ended = (0..=i).filter(|&j| last_use[j] == i && j != self.steps.len() - 1);
            let ended: SmallVec<[usize; 4]> = ended.filter(|&j| self.steps[j].memory.is_none()).collect();
            free.extend(ended.iter().filter_map(|&j| self.steps[j].slot));
        }
    }

    /// Locks on what is read, and on `out`.
    pub fn locks<'a>(&'a self, out: Option<&'a Buffer>) -> Locks<'a> {
        Locks::acquire(self.arrays.iter().map(Array::buffer), out)
    }

    /// Elements that are worth a thread's attention.
    pub fn grain(&self) -> usize {
        (1.0 / self.cost) as usize + 1
    }

    /// Runs all steps on all elements; the caller holds the locks.
    pub fn run(&self) {
        parallel::ranges(self.n, self.grain(), |range| {
            let mut worker = Worker::new(self, range.start);
            // Where nothing passes through tiles, one call of the kernel does the whole range.
            let length = if self.slots == 0 { range.len() } else { TILE };
            worker.run(range, length);
        });
    }
}

fn place_of(array: &Array, shape: &[usize]) -> Place {
    if array.is_contiguous() && array.shape() == shape {
        return Place::Dense;
    }
    // The caller has checked that the shapes broadcast.
    let layout = array.layout().broadcast_to("map", shape).unwrap_or_else(|_| array.layout().clone());
    match Walker::new(&layout, 0).single_stride() {
        Some(0) => Place::Number(None),
        Some(1) => Place::Dense,
        _ => Place::Strided(layout),
    }
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// One thread's tiles and its place in the sources.
pub struct Worker<'a> {
    program: &'a Program,
    tiles: Vec<std::mem::MaybeUninit<Line>>,
    walkers: SmallVec<[Option<Walker>; 8]>,
    /// Where each source's elements of the present tile are.
    inputs: SmallVec<[*const u8; 8]>,
    out_walker: Option<Walker>,
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let is_far = |step: &Step| step.memory.as_ref().is_some_and(|memory| memory.is_far);
        if self.program.steps.iter().any(is_far) {
            stream::finish();
        }
    }
}

impl<'a> Worker<'a> {
    /// To work on ranges from `start` upwards, without gaps.
    pub fn new(program: &'a Program, start: usize) -> Worker<'a> {
        let lines = program.slots * (TILE * program.width).div_ceil(64);
        let mut tiles = Vec::with_capacity(lines);
        // SAFETY: uninitialised lines are valid as such.
        unsafe { tiles.set_len(lines) };
        let layout = program.steps.last().and_then(|step| step.memory.as_ref()?.layout.as_ref());
        let out_walker = layout.map(|layout| Walker::new(layout, start));
        let mut worker = Worker { program, tiles, walkers: SmallVec::new(), inputs: SmallVec::new(), out_walker };
        for source in &program.sources {
            let tile = worker.tile(source.slot);
            worker.walkers.push(match &source.place {
                Place::Strided(layout) => Some(Walker::new(layout, start)),
                _ => None,
            });
            if let Place::Number(value) = &source.place {
                let value = value.as_ref().map_or(source.data, |bits| bits.0.as_ptr());
                // SAFETY: one element at `value`; a tile has room for TILE of them.
                unsafe { pack(&mut Walker::new(&Layout::contiguous(&[]), 0), value, source.size, tile, TILE) };
            }
            worker.inputs.push(tile);
        }
        worker
    }

    #[inline]
    fn tile(&mut self, slot: usize) -> *mut u8 {
        let lines = (TILE * self.program.width).div_ceil(64);
        self.tiles.as_mut_ptr().wrapping_add(slot.wrapping_mul(lines)).cast()
    }

    fn run(&mut self, range: Range<usize>, length: usize) {
        for start in range.clone().step_by(length.max(1)) {
            self.advance(start, length.min(range.end - start));
        }
    }

    /// Runs the steps on the next `n` elements, from `start`; the last step's results, if they lie in a tile, are at
    /// the pointer returned.
    #[inline]
    pub fn advance(&mut self, start: usize, n: usize) -> *const u8 {
        let program = self.program;
        for (i, source) in program.sources.iter().enumerate() {
            // SAFETY: positions stay inside the locked buffers, tiles hold TILE >= n elements.
            match (&source.place, &mut self.walkers[i]) {
                (Place::Dense, _) => self.inputs[i] = source.data.wrapping_add(start * source.size),
                (Place::Strided(_), Some(walker)) => unsafe {
                    if let Some(position) = walker.dense(n) {
                        self.inputs[i] = source.data.offset(position * source.size as isize);
                        walker.runs(n, |_, _, _| {});
                    } else {
                        let tile = self.tile(source.slot);
                        let Some(walker) = &mut self.walkers[i] else { continue };
                        pack(walker, source.data, source.size, tile, n);
                        self.inputs[i] = tile;
                    }
                },
                _ => {}
            }
        }
        let mut result = std::ptr::null();
        for step in &program.steps {
            let mut args = [std::ptr::null::<u8>(); MAX_ARGS];
            for (arg, reference) in args.iter_mut().zip(&step.args) {
                *arg = match *reference {
                    Ref::Source(i) => self.inputs[i],
                    Ref::Step(i) => self.results(&program.steps[i], start),
                };
            }
            let out = self.results(step, start);
            // SAFETY: the arguments hold n elements each, `out` has room for n, and none of them overlap.
            unsafe {
                (step.kernel)(args.as_ptr(), out, n);
                if let (Some(memory), Some(_)) = (&step.memory, step.slot) {
                    match &mut self.out_walker {
                        Some(walker) => unpack(walker, memory.data, step.size, out, n),
                        None if memory.is_far => {
                            stream::copy(out, memory.data.add(start * step.size), n * step.size);
                        }
                        None => std::ptr::copy_nonoverlapping(out, memory.data.add(start * step.size), n * step.size),
                    }
                }
            }
            result = out.cast_const();
        }
        result
    }

    /// Where a step's results of the tile at `start` are.
    #[inline]
    fn results(&mut self, step: &Step, start: usize) -> *mut u8 {
        match (step.slot, &step.memory) {
            (Some(slot), _) => self.tile(slot),
            (None, Some(memory)) => memory.data.wrapping_add(start * step.size),
            (None, None) => std::ptr::null_mut(),
        }
    }
}
