//! Walking a strided layout in row-major order, a run at a time, to pack it into contiguous chunks and back.

use crate::layout::Layout;
use smallvec::SmallVec;

#[derive(Clone, Copy)]
struct Axis {
    size: usize,
    stride: isize,
    index: usize,
}

/// A position in a layout; axes that lie densely together are walked as one.
pub struct Walker {
    axes: SmallVec<[Axis; 4]>,
    /// Elements from the first element of the layout.
    position: isize,
}

impl Walker {
    /// At row-major index `start` of `layout`.
    pub fn new(layout: &Layout, start: usize) -> Walker {
        let mut axes: SmallVec<[Axis; 4]> = SmallVec::new();
        for (&size, &stride) in layout.shape().iter().zip(layout.strides()) {
            if size == 1 {
                continue;
            }
            match axes.last_mut() {
                Some(outer) if outer.stride == stride * size as isize => {
                    outer.size *= size;
                    outer.stride = stride;
                }
                _ => axes.push(Axis { size, stride, index: 0 }),
            }
        }
        let (mut rest, mut position) = (start, 0);
        for axis in axes.iter_mut().rev() {
            axis.index = rest % axis.size.max(1);
            rest /= axis.size.max(1);
            position += axis.index as isize * axis.stride;
        }
        Walker { axes, position }
    }

    /// The single stride of the whole layout, if it has one (0 when there is one element).
    pub fn single_stride(&self) -> Option<isize> {
        match self.axes.as_slice() {
            [] => Some(0),
            [axis] => Some(axis.stride),
            _ => None,
        }
    }

    /// The next `n` elements' position if they lie densely, without moving.
    #[inline]
    pub fn dense(&self, n: usize) -> Option<isize> {
        match self.axes.last() {
            Some(axis) if axis.stride == 1 && axis.size - axis.index >= n => Some(self.position),
            _ => None,
        }
    }

    /// Calls `run(position, stride, length)` for each run of the next `n` elements and moves past them.
    #[inline]
    pub fn runs(&mut self, mut n: usize, mut run: impl FnMut(isize, isize, usize)) {
        let Some(inner) = self.axes.last().copied() else {
            if n > 0 {
                run(self.position, 0, n);
            }
            return;
        };
        while n > 0 {
            let inner_index = self.axes[self.axes.len() - 1].index;
            let length = n.min(inner.size - inner_index);
            run(self.position, inner.stride, length);
            n -= length;
            self.advance(length);
        }
    }

    #[inline]
    fn advance(&mut self, length: usize) {
        let mut carry = length;
        for axis in self.axes.iter_mut().rev() {
            axis.index += carry;
            self.position += carry as isize * axis.stride;
            if axis.index < axis.size {
                return;
            }
            self.position -= axis.size as isize * axis.stride;
            axis.index = 0;
            carry = 1;
        }
    }
}

/// # Safety
/// `base` plus every position walked holds an element of `size` bytes; `out` has room for `n`.
pub unsafe fn pack(walker: &mut Walker, base: *const u8, size: usize, out: *mut u8, n: usize) {
    macro_rules! typed {
        ($T:ty) => {{
            let (base, mut out) = (base.cast::<$T>(), out.cast::<$T>());
            // SAFETY: as the caller promises; Bits-like integers take any bytes.
            walker.runs(n, |position, stride, length| unsafe {
                let source = base.offset(position);
                match stride {
                    1 => std::ptr::copy_nonoverlapping(source, out, length),
                    0 => std::slice::from_raw_parts_mut(out, length).fill(*source),
                    // Backwards: vector code, as a stride that is not known is not.
                    -1 => {
                        for i in 0..length {
                            *out.add(i) = *source.sub(i);
                        }
                    }
                    _ => {
                        for i in 0..length {
                            *out.add(i) = *source.offset(i as isize * stride);
                        }
                    }
                }
                out = out.add(length);
            });
        }};
    }
    match size {
        1 => typed!(u8),
        2 => typed!(u16),
        4 => typed!(u32),
        8 => typed!(u64),
        _ => typed!([u64; 2]),
    }
}

/// # Safety
/// As [`pack`], with `base` writable and the positions walked distinct.
pub unsafe fn unpack(walker: &mut Walker, base: *mut u8, size: usize, source: *const u8, n: usize) {
    macro_rules! typed {
        ($T:ty) => {{
            let (base, mut source) = (base.cast::<$T>(), source.cast::<$T>());
            // SAFETY: as the caller promises.
            walker.runs(n, |position, stride, length| unsafe {
                let target = base.offset(position);
                match stride {
                    1 => std::ptr::copy_nonoverlapping(source, target, length),
                    _ => {
                        for i in 0..length {
                            *target.offset(i as isize * stride) = *source.add(i);
                        }
                    }
                }
                source = source.add(length);
            });
        }};
    }
    match size {
        1 => typed!(u8),
        2 => typed!(u16),
        4 => typed!(u32),
        8 => typed!(u64),
        _ => typed!([u64; 2]),
    }
}
