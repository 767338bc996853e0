//! Where elements lie: shape, strides (in elements, possibly negative or zero) and offset, and what views do to them.

use crate::error::{Error, Result};
use smallvec::SmallVec;

pub type Dims = SmallVec<[usize; 4]>;
pub type Strides = SmallVec<[isize; 4]>;

/// More axes than anyone needs; NumPy and PyTorch stop at 64 too.
pub const MAX_NDIM: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    shape: Dims,
    strides: Strides,
    offset: usize,
    numel: usize,
    contiguous: bool,
}

/// The number of elements, or an error where it does not fit the address space.
pub fn checked_numel(op: &'static str, shape: &[usize]) -> Result<usize> {
    if shape.len() > MAX_NDIM {
        return Err(Error::value(op, format!("at most {MAX_NDIM} axes are supported, got {}", shape.len())));
    }
    if shape.contains(&0) {
        return Ok(0);
    }
    let numel = shape.iter().fold(1u128, |n, &s| n.saturating_mul(s as u128));
    if numel > (isize::MAX / 16) as u128 {
        return Err(Error::Memory { op, bytes: numel.saturating_mul(4) });
    }
    Ok(numel as usize)
}

/// The product of sizes that saturates: huge sizes beside a 0 count as 0 elements.
pub fn count(shape: &[usize]) -> usize {
    if shape.contains(&0) { 0 } else { shape.iter().fold(1, |n, &size| n.saturating_mul(size)) }
}

pub fn contiguous_strides(shape: &[usize]) -> Strides {
    let mut strides: Strides = SmallVec::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        // Saturates only where another size is 0 and no stride is ever used.
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis].max(1) as isize);
    }
    strides
}

/// `-1` counts from the end.
pub fn normalize_axis(op: &'static str, axis: i64, ndim: usize) -> Result<usize> {
    let n = ndim as i64;
    if axis < -n || axis >= n {
        return Err(Error::Axis { op, axis, ndim });
    }
    Ok(if axis < 0 { axis + n } else { axis } as usize)
}

/// Distinct axes in the order given; for a 0-d tensor the axes 0 and -1 are accepted, as in PyTorch.
pub fn normalize_axes(op: &'static str, axes: &[i64], ndim: usize) -> Result<SmallVec<[usize; 4]>> {
    let mut result: SmallVec<[usize; 4]> = SmallVec::new();
    for &axis in axes {
        if ndim == 0 && (axis == 0 || axis == -1) {
            continue;
        }
        let axis = normalize_axis(op, axis, ndim)?;
        if result.contains(&axis) {
            return Err(Error::RepeatedAxis { op, axis });
        }
        result.push(axis);
    }
    Ok(result)
}

/// The common shape of `a` and `b` by the broadcasting rules.
pub fn broadcast_shapes(op: &'static str, a: &[usize], b: &[usize]) -> Result<Dims> {
    let ndim = a.len().max(b.len());
    let mut out: Dims = SmallVec::from_elem(1, ndim);
    for i in 0..ndim {
        let x = if i < a.len() { a[a.len() - 1 - i] } else { 1 };
        let y = if i < b.len() { b[b.len() - 1 - i] } else { 1 };
        out[ndim - 1 - i] = match (x, y) {
            (x, y) if x == y => x,
            (1, y) => y,
            (x, 1) => x,
            _ => {
                let why = format!(
                    "shapes do not broadcast: counted from the end, axis {} has sizes {x} and {y}; \
                     they must be equal or 1",
                    i + 1
                );
                return Err(Error::shape(op, &[a, b], why));
            }
        };
    }
    Ok(out)
}

impl Layout {
    /// Row-major, from the start of the buffer. The caller has checked the size.
    #[inline]
    pub fn contiguous(shape: &[usize]) -> Layout {
        let shape = Dims::from_slice(shape);
        let numel = count(&shape);
        Layout { strides: contiguous_strides(&shape), shape, offset: 0, numel, contiguous: true }
    }

    pub fn new(shape: Dims, strides: Strides, offset: usize) -> Layout {
        let numel = count(&shape);
        let mut expected = 1isize;
        let mut contiguous = true;
        for (&size, &stride) in shape.iter().zip(&strides).rev() {
            contiguous &= size == 1 || stride == expected;
            expected = expected.saturating_mul(size as isize);
        }
        Layout { shape, strides, offset, numel, contiguous: contiguous || numel == 0 }
    }

    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }
    #[inline]
    pub fn numel(&self) -> usize {
        self.numel
    }
    #[inline]
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.contiguous
    }
    pub fn dims(&self) -> Dims {
        self.shape.clone()
    }

    /// The lowest and highest element position touched, relative to the buffer's start; `None` when empty.
    pub fn extent(&self) -> Option<(usize, usize)> {
        if self.numel == 0 {
            return None;
        }
        let (mut low, mut high) = (self.offset as isize, self.offset as isize);
        for (&size, &stride) in self.shape.iter().zip(&self.strides) {
            let span = (size as isize - 1) * stride;
            if span < 0 { low += span } else { high += span }
        }
        Some((low as usize, high as usize))
    }

    /// True when two positions may share one element (an expanded or overlapping view): not to be written.
    pub fn overlaps_itself(&self) -> bool {
        if self.contiguous || self.numel <= 1 {
            return false;
        }
        let mut axes: SmallVec<[(usize, usize); 4]> = SmallVec::new();
        for (&size, &stride) in self.shape.iter().zip(&self.strides) {
            if size > 1 {
                axes.push((stride.unsigned_abs(), size));
            }
        }
        axes.sort_unstable();
        let mut reach = 0;
        for (stride, size) in axes {
            if stride <= reach {
                return true;
            }
            reach += stride * (size - 1);
        }
        false
    }

    /// Repeats axes of size 1 (and new leading axes) without copying.
    pub fn broadcast_to(&self, op: &'static str, shape: &[usize]) -> Result<Layout> {
        let fail = || {
            let why = "the first shape does not broadcast to the second: sizes must be equal or 1";
            Error::shape(op, &[&self.shape, shape], why)
        };
        let lead = shape.len().checked_sub(self.ndim()).ok_or_else(fail)?;
        checked_numel(op, shape)?;
        let mut strides: Strides = SmallVec::from_elem(0, shape.len());
        for axis in 0..self.ndim() {
            let (from, to) = (self.shape[axis], shape[lead + axis]);
            if from == to {
                strides[lead + axis] = self.strides[axis];
            } else if from != 1 {
                return Err(fail());
            }
        }
        Ok(Layout::new(Dims::from_slice(shape), strides, self.offset))
    }

    pub fn permute(&self, axes: &[usize]) -> Layout {
        let shape = axes.iter().map(|&a| self.shape[a]).collect();
        let strides = axes.iter().map(|&a| self.strides[a]).collect();
        Layout::new(shape, strides, self.offset)
    }

    /// `start + step * i` for `i < len` along one axis; the caller has checked the bounds.
    pub fn slice(&self, axis: usize, start: usize, step: isize, len: usize) -> Layout {
        let (mut shape, mut strides) = (self.shape.clone(), self.strides.clone());
        let shift = if len == 0 { 0 } else { start as isize * strides[axis] };
        shape[axis] = len;
        strides[axis] *= step;
        Layout::new(shape, strides, (self.offset as isize + shift) as usize)
    }

    /// Drops one axis at a position; the caller has checked the bounds.
    pub fn select(&self, axis: usize, index: usize) -> Layout {
        let (mut shape, mut strides) = (self.shape.clone(), self.strides.clone());
        let offset = self.offset as isize + index as isize * strides[axis];
        shape.remove(axis);
        strides.remove(axis);
        Layout::new(shape, strides, offset as usize)
    }

    pub fn insert_axis(&self, axis: usize) -> Layout {
        let (mut shape, mut strides) = (self.shape.clone(), self.strides.clone());
        shape.insert(axis, 1);
        strides.insert(axis, 0);
        Layout::new(shape, strides, self.offset)
    }

    pub fn remove_axes(&self, axes: &[usize]) -> Layout {
        let keep = |axis: &usize| !axes.contains(axis);
        let shape = (0..self.ndim()).filter(keep).map(|a| self.shape[a]).collect();
        let strides = (0..self.ndim()).filter(keep).map(|a| self.strides[a]).collect();
        Layout::new(shape, strides, self.offset)
    }

    /// The same elements under another shape without moving them, where strides allow it.
    pub fn reshape(&self, shape: &[usize]) -> Option<Layout> {
        if self.contiguous {
            return Some(Layout { offset: self.offset, ..Layout::contiguous(shape) });
        }
        // Walk groups of old axes that are dense together and cover a run of new axes.
        let old: SmallVec<[(usize, isize); 4]> =
            self.shape.iter().copied().zip(self.strides.iter().copied()).filter(|&(n, _)| n != 1).collect();
        let mut strides: Strides = SmallVec::from_elem(0, shape.len());
        let (mut i, mut j) = (0, 0);
        while i < old.len() {
            let (mut have, mut want, first_new) = (old[i].0, 1, j);
            let first_old = i;
            loop {
                if want < have {
                    want *= *shape.get(j)?;
                    j += 1;
                } else if have < want {
                    i += 1;
                    have *= old.get(i)?.0;
                } else {
                    break;
                }
            }
            if (first_old..i).any(|k| old[k].1 != old[k + 1].1 * old[k + 1].0 as isize) {
                return None;
            }
            let mut stride = old[i].1;
            for k in (first_new..j).rev() {
                strides[k] = stride;
                stride *= shape[k] as isize;
            }
            i += 1;
        }
        Some(Layout::new(Dims::from_slice(shape), strides, self.offset))
    }

    pub fn with_offset(mut self, offset: usize) -> Layout {
        self.offset = offset;
        self
    }
}

/// Replaces one `-1` by the size that makes the element count fit.
pub fn infer_shape(op: &'static str, from: &[usize], to: &[i64]) -> Result<Dims> {
    let numel = count(from);
    let mut known = 1u128;
    let mut unknown = None;
    for (axis, &size) in to.iter().enumerate() {
        match size {
            -1 if unknown.is_none() => unknown = Some(axis),
            -1 => return Err(Error::value(op, "only one size can be -1")),
            size if size < 0 => return Err(Error::value(op, format!("a size cannot be negative, got {size}"))),
            size => known = known.saturating_mul(size as u128),
        }
    }
    let mut shape: Dims = to.iter().map(|&s| s.max(0) as usize).collect();
    let fail = || {
        let wanted = to.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        Error::shape(op, &[from], format!("{numel} elements cannot take the shape ({wanted})"))
    };
    match unknown {
        Some(axis) if known != 0 && (numel as u128).is_multiple_of(known) => {
            shape[axis] = (numel as u128 / known) as usize
        }
        Some(_) => return Err(fail()),
        None if known != numel as u128 => return Err(fail()),
        None => {}
    }
    Ok(shape)
}
