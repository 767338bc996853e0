//! Elements made from their positions.

use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::Element;
use crate::parallel;

struct Target<T>(*mut T);
// SAFETY: points into a buffer that the caller has locked; threads write disjoint parts.
unsafe impl<T> Sync for Target<T> {}
impl<T> Target<T> {
    /// # Safety
    /// `start + len` elements lie behind the pointer, and nobody else uses these.
    #[allow(clippy::mut_from_ref)]
    unsafe fn part(&self, start: usize, len: usize) -> &mut [T] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(start), len) }
    }
}

/// Calls `write(first, part)` on parts that cover `out` (contiguous, of `T`), where `first` is the row-major position
/// of the part's first element; every part but the last has a multiple of `unit` elements. What is written may depend
/// on positions only, so that it does not matter how the work is cut.
pub fn parts<T: Element>(out: &Array, unit: usize, grain: usize, write: impl Fn(usize, &mut [T]) + Sync) {
    debug_assert!(out.is_contiguous() && out.dtype() == T::DTYPE);
    let n = out.numel();
    if n == 0 {
        return;
    }
    let _lock = Locks::acquire(std::iter::empty(), Some(out.buffer()));
    let target = Target(out.data().cast::<T>());
    parallel::ranges(n.div_ceil(unit), grain.div_ceil(unit), |range| {
        let (start, end) = (range.start * unit, (range.end * unit).min(n));
        // SAFETY: ranges are disjoint and inside the locked, contiguous output.
        write(start, unsafe { target.part(start, end - start) });
    });
}

/// `out[i] = value(i)` over the row-major positions of `out` (contiguous, of `T`).
pub fn by_position<T: Element>(out: &Array, value: impl Fn(usize) -> T + Sync) {
    parts(out, 1, 1 << 16, |first, part: &mut [T]| {
        part.iter_mut().enumerate().for_each(|(i, element)| *element = value(first + i));
    });
}
