//! Elementwise application of a kernel to arrays of any layout: a short way for small ones, programs for the rest.

use super::tiles::MAX_ARGS;
use super::{RawKernel, deferred};
use crate::array::Array;
use crate::buffer;
use crate::scalar::Bits;

/// Bytes of a number repeated, or of results on their way.
const CHUNK: usize = 4096;
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
    let is_done = match out.numel() {
        0 => true,
        1 => one(kernel, inputs, out),
        _ => small(kernel, inputs, scalar_size, out),
    };
    if !is_done {
        deferred::write(kernel, inputs, scalar_size, out, grain);
    }
}

/// [`map`] into an `out` that nobody else has seen yet, now or when somebody needs it.
pub fn map_fresh(kernel: RawKernel, inputs: &[Operand], scalar_size: usize, out: &Array, grain: usize) {
    if !deferred::defer(kernel, inputs, scalar_size, out, grain) {
        map(kernel, inputs, scalar_size, out, grain);
    }
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

/// [`quick`] for a single element, where inputs may be numbers or the output itself.
#[inline]
fn one(kernel: RawKernel, inputs: &[Operand], out: &Array) -> bool {
    if buffer::is_concurrent() || out.buffer().readers() != 0 {
        return false;
    }
    let mut args = [std::ptr::null::<u8>(); MAX_ARGS];
    for (operand, arg) in inputs.iter().zip(&mut args) {
        *arg = match operand {
            Operand::Array(array) => array.data(),
            Operand::Scalar(bits) => bits.0.as_ptr(),
        };
    }
    // SAFETY: inputs that broadcast to one element have one; nobody else is in a kernel; an element is read before it
    // is written.
    unsafe { kernel(args.as_ptr(), out.data(), 1) };
    true
}

/// [`quick`] where inputs may be single numbers or the output itself.
#[inline]
fn small(kernel: RawKernel, inputs: &[Operand], scalar_size: usize, out: &Array) -> bool {
    let (n, out_size) = (out.numel(), out.dtype().size());
    if n > QUICK || !out.is_contiguous() || buffer::is_concurrent() || out.buffer().readers() != 0 {
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
