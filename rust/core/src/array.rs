//! A buffer seen through a layout: typed memory without gradients.

use crate::buffer::Buffer;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::layout::{Layout, checked_numel};
use crate::scalar::{Bits, Scalar};
use std::sync::{Arc, OnceLock};

#[derive(Clone)]
pub struct Array {
    buffer: Buffer,
    /// Shared between the results of operations that keep a shape.
    layout: Arc<Layout>,
    dtype: DType,
}

impl Array {
    pub fn new(buffer: Buffer, layout: impl Into<Arc<Layout>>, dtype: DType) -> Array {
        Array { buffer, layout: layout.into(), dtype }
    }

    /// A fresh row-major array with unspecified contents, for a kernel to fill.
    #[inline]
    pub fn uninit(op: &'static str, shape: &[usize], dtype: DType) -> Result<Array> {
        if shape.is_empty() {
            return Ok(Array { buffer: Buffer::uninit(op, dtype.size())?, layout: number_layout(), dtype });
        }
        let numel = checked_numel(op, shape)?;
        let buffer = Buffer::uninit(op, numel * dtype.size())?;
        Ok(Array { buffer, layout: Layout::contiguous(shape).into(), dtype })
    }

    /// [`Array::uninit`] of another array's shape.
    #[inline(always)] // handed on in registers: sums and gradients of few elements take 2 to 4 % fewer instructions
    pub fn uninit_like(op: &'static str, other: &Array, dtype: DType) -> Result<Array> {
        if !other.is_contiguous() || other.layout.offset() != 0 {
            return Array::uninit(op, other.shape(), dtype);
        }
        let buffer = Buffer::uninit(op, other.numel() * dtype.size())?;
        Ok(Array { buffer, layout: other.layout.clone(), dtype })
    }

    pub fn zeros(op: &'static str, shape: &[usize], dtype: DType) -> Result<Array> {
        let numel = checked_numel(op, shape)?;
        let buffer = Buffer::zeroed(op, numel * dtype.size())?;
        Ok(Array { buffer, layout: Layout::contiguous(shape).into(), dtype })
    }

    pub fn full(op: &'static str, shape: &[usize], dtype: DType, value: Scalar) -> Result<Array> {
        let array = Array::uninit(op, shape, dtype)?;
        crate::kernels::copy::fill(&array, value.bits(dtype));
        Ok(array)
    }

    pub fn from_slice<T: Element>(shape: &[usize], values: &[T]) -> Result<Array> {
        let array = Array::uninit("tensor", shape, T::DTYPE)?;
        assert_eq!(array.numel(), values.len(), "values fill the shape");
        // SAFETY: the array is fresh, contiguous, of T and as long as `values`.
        unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), array.data().cast(), values.len()) };
        Ok(array)
    }

    #[inline]
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }
    #[inline]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
    pub fn shared_layout(&self) -> &Arc<Layout> {
        &self.layout
    }
    #[inline]
    pub fn dtype(&self) -> DType {
        self.dtype
    }
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }
    #[inline]
    pub fn numel(&self) -> usize {
        self.layout.numel()
    }
    #[inline]
    pub fn ndim(&self) -> usize {
        self.layout.ndim()
    }
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_contiguous()
    }
    /// The address of the first element.
    #[inline]
    pub fn data(&self) -> *mut u8 {
        self.buffer.data().wrapping_add(self.layout.offset() * self.dtype.size())
    }
    /// The address of the first element for others, who may read and write there at any time.
    pub fn share(&self) -> *mut u8 {
        self.buffer.share().wrapping_add(self.layout.offset() * self.dtype.size())
    }
    #[inline]
    pub fn has_shape_of(&self, other: &Array) -> bool {
        Arc::ptr_eq(&self.layout, &other.layout) || self.shape() == other.shape()
    }
    /// The same memory under another layout.
    pub fn view(&self, layout: impl Into<Arc<Layout>>) -> Array {
        Array { buffer: self.buffer.clone(), layout: layout.into(), dtype: self.dtype }
    }

    /// Row-major elements: this array if it is so already, else a copy.
    pub fn contiguous(&self, op: &'static str) -> Result<Array> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.copy(op) }
    }

    /// A fresh row-major copy.
    pub fn copy(&self, op: &'static str) -> Result<Array> {
        let out = Array::uninit_like(op, self, self.dtype)?;
        crate::kernels::copy::copy(self, &out);
        Ok(out)
    }

    pub fn cast(&self, op: &'static str, dtype: DType) -> Result<Array> {
        if dtype == self.dtype {
            return Ok(self.clone());
        }
        if self.dtype.is_complex() && !dtype.is_complex() && dtype != DType::Bool {
            let why = "complex numbers do not fit a real dtype; take x.real, x.imag, x.abs() or x.angle() first";
            return Err(Error::dtype(op, &[self.dtype, dtype], why));
        }
        let out = Array::uninit_like(op, self, dtype)?;
        crate::kernels::copy::cast(self, &out);
        Ok(out)
    }

    /// All elements in row-major order.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let array = self.contiguous("to_vec")?.cast("to_vec", T::DTYPE)?;
        let _lock = crate::buffer::Locks::acquire([&array.buffer].into_iter(), None);
        // SAFETY: contiguous, of T, locked for reading.
        Ok(unsafe { std::slice::from_raw_parts(array.data().cast::<T>(), array.numel()) }.to_vec())
    }

    /// All elements in row-major order, as numbers.
    pub fn to_scalars(&self) -> Result<Vec<Scalar>> {
        crate::dispatch!(any, self.dtype, T => Ok(self.to_vec::<T>()?.into_iter().map(Element::to_scalar).collect()))
    }

    /// The first element; the caller has checked that there is one.
    pub fn first(&self) -> Scalar {
        let _lock = crate::buffer::Locks::acquire([&self.buffer].into_iter(), None);
        let mut bits = Bits([0; 16]);
        // SAFETY: one element lies at `data`.
        unsafe { std::ptr::copy_nonoverlapping(self.data(), bits.0.as_mut_ptr(), self.dtype.size()) };
        bits.scalar(self.dtype)
    }
}

/// The layout of single numbers, shared by all of them.
fn number_layout() -> Arc<Layout> {
    static LAYOUT: OnceLock<Arc<Layout>> = OnceLock::new();
    LAYOUT.get_or_init(|| Arc::new(Layout::contiguous(&[]))).clone()
}
