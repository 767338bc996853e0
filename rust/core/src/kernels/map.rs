//! Elementwise application of a kernel to arrays of any layout, chunk by chunk.
//!
//! Kernels see contiguous memory only. What is not contiguous is packed into chunks that fit the first cache level;
//! what is a single number fills one chunk once.

use super::RawKernel;
use super::walk::{Walker, pack, unpack};
use crate::array::Array;
use crate::buffer::{self, Locks};
use crate::layout::Layout;
use crate::parallel;
use crate::scalar::Bits;
use std::ops::Range;

/// Bytes of a packed chunk.
const CHUNK: usize = 4096;
pub const MAX_ARGS: usize = 4;
/// Elements up to which one call of the kernel does it all.
const QUICK: usize = 1 << 12;

#[derive(Clone, Copy)]
pub enum Operand<'a> {
    Array(&'a Array),
    Scalar(Bits),
}

#[repr(C, align(64))]
struct Chunk([u8; CHUNK]);

/// `out[i] = kernel(inputs[i]...)`. Inputs broadcast to `out` (checked by the caller); `scalar_size` is the element
/// size of scalar operands; `grain` is how many elements are worth a thread's attention.
pub fn map(kernel: RawKernel, inputs: &[Operand], scalar_size: usize, out: &Array, grain: usize) {
    debug_assert!(inputs.len() <= MAX_ARGS);
    let n = out.numel();
    if n == 0 {
        return;
    }
    if small(kernel, inputs, scalar_size, out) {
        return;
    }
    let buffers = inputs.iter().filter_map(|operand| match operand {
        Operand::Array(array) => Some(array.buffer()),
        Operand::Scalar(_) => None,
    });
    let _locks = Locks::acquire(buffers, Some(out.buffer()));
    let job = Job::new(kernel, inputs, scalar_size, out);
    parallel::ranges(n, grain, |range| job.run(range));
}

/// The short way for contiguous inputs of the output's size and a fresh output: no plan, no threads, no locks.
/// False where it does not apply.
#[inline]
pub fn quick<const N: usize>(kernel: RawKernel, inputs: [&Array; N], out: &Array) -> bool {
    let n = out.numel();
    if n > QUICK || buffer::is_concurrent() || inputs.iter().any(|x| !x.is_contiguous() || x.numel() != n) {
        return false;
    }
    let args = inputs.map(|x| x.data().cast_const());
    // SAFETY: all are contiguous, of n elements; nobody else is in a kernel, and the output is not an input.
    unsafe { kernel(args.as_ptr(), out.data(), n) };
    true
}

/// [`quick`] where inputs may be single numbers or the output itself.
#[inline]
fn small(kernel: RawKernel, inputs: &[Operand], scalar_size: usize, out: &Array) -> bool {
    let (n, out_size) = (out.numel(), out.dtype().size());
    if n > QUICK || !out.is_contiguous() || buffer::is_concurrent() {
        return false;
    }
    let mut args = [std::ptr::null::<u8>(); MAX_ARGS];
    let mut chunks = [const { std::mem::MaybeUninit::<Chunk>::uninit() }; 2];
    let mut stage = std::mem::MaybeUninit::<Chunk>::uninit();
    let (mut splats, mut staged) = (0, false);
    for (operand, arg) in inputs.iter().zip(&mut args) {
        let (value, size) = match operand {
            Operand::Array(array) if array.numel() == n && array.is_contiguous() => {
                *arg = array.data();
                staged |= array.buffer().same(out.buffer());
                continue;
            }
            Operand::Array(array) if array.numel() == 1 => (array.data().cast_const(), array.dtype().size()),
            Operand::Array(_) => return false,
            Operand::Scalar(bits) => (bits.0.as_ptr(), scalar_size),
        };
        if n == 1 {
            *arg = value;
            continue;
        }
        if splats == chunks.len() || n * size > CHUNK {
            return false;
        }
        let chunk = chunks[splats].as_mut_ptr().cast::<u8>();
        splats += 1;
        // SAFETY: one element lies at `value`, and the chunk has room for n.
        unsafe { fill(chunk, value, size, n) };
        *arg = chunk;
    }
    if staged && n * out_size > CHUNK {
        return false;
    }
    // SAFETY: all are contiguous, of n elements; nobody else is in a kernel; what is also an input gets its values
    // from a chunk.
    unsafe {
        if staged {
            let chunk = stage.as_mut_ptr().cast::<u8>();
            kernel(args.as_ptr(), chunk, n);
            std::ptr::copy_nonoverlapping(chunk, out.data(), n * out_size);
        } else {
            kernel(args.as_ptr(), out.data(), n);
        }
    }
    true
}

/// # Safety
/// `out` has room for `n` elements of `size` bytes, `value` is one; both are aligned to it.
#[inline]
unsafe fn fill(out: *mut u8, value: *const u8, size: usize, n: usize) {
    // SAFETY: as the caller promises.
    unsafe {
        match size {
            1 => std::slice::from_raw_parts_mut(out, n).fill(*value),
            2 => std::slice::from_raw_parts_mut(out.cast::<u16>(), n).fill(*value.cast()),
            4 => std::slice::from_raw_parts_mut(out.cast::<u32>(), n).fill(*value.cast()),
            8 => std::slice::from_raw_parts_mut(out.cast::<u64>(), n).fill(*value.cast()),
            _ => std::slice::from_raw_parts_mut(out.cast::<[u64; 2]>(), n).fill(*value.cast()),
        }
    }
}

enum Source {
    /// Contiguous: element i at `data + i * size`.
    Dense,
    /// One value everywhere.
    Splat,
    /// Anything else, packed by a walk.
    Strided(Layout),
}

struct Arg {
    source: Source,
    data: *const u8,
    size: usize,
}

struct Job {
    kernel: RawKernel,
    args: smallvec::SmallVec<[Arg; MAX_ARGS]>,
    scalars: [Bits; MAX_ARGS],
    out: *mut u8,
    out_size: usize,
    out_layout: Option<Layout>,
    /// Results go through a chunk: the output is strided, or an input too.
    staged: bool,
}
// SAFETY: the pointers are to buffers that `map` has locked, and threads write disjoint ranges.
unsafe impl Sync for Job {}

impl Job {
    fn new(kernel: RawKernel, inputs: &[Operand], scalar_size: usize, out: &Array) -> Job {
        let mut scalars = [Bits([0; 16]); MAX_ARGS];
        let mut staged = !out.is_contiguous();
        let mut args = smallvec::SmallVec::new();
        for (operand, scalar) in inputs.iter().zip(&mut scalars) {
            args.push(match operand {
                Operand::Scalar(bits) => {
                    *scalar = *bits;
                    Arg { source: Source::Splat, data: std::ptr::null(), size: scalar_size }
                }
                Operand::Array(array) => {
                    staged |= array.buffer().same(out.buffer());
                    Arg { source: source_of(array, out.shape()), data: array.data(), size: array.dtype().size() }
                }
            });
        }
        let out_layout = (!out.is_contiguous()).then(|| out.layout().clone());
        Job { kernel, args, scalars, out: out.data(), out_size: out.dtype().size(), out_layout, staged }
    }

    fn run(&self, range: Range<usize>) {
        let widest = self.args.iter().map(|a| a.size).chain([self.out_size]).max().unwrap_or(8);
        let step = CHUNK / widest;
        let mut chunks = [const { std::mem::MaybeUninit::<Chunk>::uninit() }; MAX_ARGS];
        let mut stage = std::mem::MaybeUninit::<Chunk>::uninit();
        let mut walkers: [Option<Walker>; MAX_ARGS] = [const { None }; MAX_ARGS];
        let mut args = [std::ptr::null::<u8>(); MAX_ARGS];
        for (i, arg) in self.args.iter().enumerate() {
            match &arg.source {
                Source::Dense => {}
                Source::Strided(layout) => walkers[i] = Some(Walker::new(layout, range.start)),
                Source::Splat => {
                    let value = if arg.data.is_null() { self.scalars[i].0.as_ptr() } else { arg.data };
                    let chunk = chunks[i].as_mut_ptr().cast::<u8>();
                    // SAFETY: one element at `value`; a chunk has room for `step` of the widest elements.
                    unsafe { pack(&mut Walker::new(&Layout::contiguous(&[]), 0), value, arg.size, chunk, step) };
                    args[i] = chunk;
                }
            }
        }
        let mut out_walker = self.out_layout.as_ref().map(|layout| Walker::new(layout, range.start));
        let mut start = range.start;
        while start < range.end {
            let n = step.min(range.end - start);
            // SAFETY: positions stay inside the locked buffers, chunks hold `step` elements, ranges are disjoint.
            unsafe {
                for (i, arg) in self.args.iter().enumerate() {
                    match (&arg.source, &mut walkers[i]) {
                        (Source::Dense, _) => args[i] = arg.data.add(start * arg.size),
                        (Source::Strided(_), Some(walker)) => {
                            if let Some(position) = walker.dense(n) {
                                args[i] = arg.data.offset(position * arg.size as isize);
                                walker.runs(n, |_, _, _| {});
                            } else {
                                let chunk = chunks[i].as_mut_ptr().cast::<u8>();
                                pack(walker, arg.data, arg.size, chunk, n);
                                args[i] = chunk;
                            }
                        }
                        _ => {}
                    }
                }
                let target = self.out.wrapping_add(start * self.out_size);
                if !self.staged {
                    (self.kernel)(args.as_ptr(), target, n);
                } else {
                    let stage = stage.as_mut_ptr().cast::<u8>();
                    (self.kernel)(args.as_ptr(), stage, n);
                    match &mut out_walker {
                        Some(walker) => unpack(walker, self.out, self.out_size, stage, n),
                        None => std::ptr::copy_nonoverlapping(stage, target, n * self.out_size),
                    }
                }
            }
            start += n;
        }
    }
}

fn source_of(array: &Array, shape: &[usize]) -> Source {
    if array.is_contiguous() && array.shape() == shape {
        return Source::Dense;
    }
    // The caller has checked that the shapes broadcast.
    let layout = array.layout().broadcast_to("map", shape).unwrap_or_else(|_| array.layout().clone());
    match Walker::new(&layout, 0).single_stride() {
        Some(0) => Source::Splat,
        Some(1) => Source::Dense,
        _ => Source::Strided(layout),
    }
}
