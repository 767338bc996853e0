//! The lines of an array along one axis.

use crate::array::Array;
use crate::layout::Layout;
use crate::parallel;

/// A pointer that threads share.
pub struct Shared<T>(pub *mut T);
// SAFETY: points into a buffer that the caller has locked; threads write disjoint parts.
unsafe impl<T> Sync for Shared<T> {}
unsafe impl<T> Send for Shared<T> {}
impl<T> Clone for Shared<T> {
    fn clone(&self) -> Shared<T> {
        *self
    }
}
impl<T> Copy for Shared<T> {}
impl<T> Shared<T> {
    #[inline(always)]
    pub fn get(self) -> *mut T {
        self.0
    }
}

/// Where row-major element `index` lies, from the layout's first element.
#[inline]
pub fn start_of(layout: &Layout, mut index: usize) -> isize {
    let mut place = 0;
    for (&size, &stride) in layout.shape().iter().zip(layout.strides()).rev() {
        place += (index % size) as isize * stride;
        index /= size;
    }
    place
}

/// Where the lines along an axis start, and how far their elements are apart.
pub struct Lines {
    starts: Layout,
    pub stride: isize,
    pub length: usize,
}

impl Lines {
    pub fn new(array: &Array, axis: usize) -> Lines {
        let layout = array.layout();
        let starts = layout.remove_axes(&[axis]).with_offset(0);
        Lines { starts, stride: layout.strides()[axis], length: layout.shape()[axis] }
    }

    pub fn count(&self) -> usize {
        self.starts.numel()
    }

    /// Elements from the array's first one to the first of a line.
    pub fn start(&self, line: usize) -> isize {
        start_of(&self.starts, line)
    }

    /// Copies a line into `to`.
    ///
    /// # Safety
    /// `base` is the array's first element, the array is locked and of T.
    pub unsafe fn read<T: Copy>(&self, base: *const T, line: usize, to: &mut Vec<T>) {
        let start = self.start(line);
        to.clear();
        // SAFETY: the line lies inside the array.
        to.extend((0..self.length as isize).map(|i| unsafe { *base.offset(start + i * self.stride) }));
    }

    /// Calls `work` on ranges that cover the lines, on several threads when that pays.
    pub fn each(&self, work: impl Fn(std::ops::Range<usize>) + Sync) {
        parallel::ranges(self.count(), (1 << 13) / self.length.max(1) + 1, work);
    }
}
