//! Several results of one node.
//!
//! A decomposition has several outputs but is one node: its results lie one after the other in one vector, of which
//! the outputs are views.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::Result;
use crate::layout::{Dims, Layout, checked_numel};
use crate::ops::view;
use crate::tensor::Tensor;

/// Matrices of these shapes one after the other, as places in one vector.
#[derive(Clone)]
pub(super) struct Packing(Vec<(usize, Dims)>, usize);

impl Packing {
    pub(super) fn new(op: &'static str, shapes: &[Dims]) -> Result<Packing> {
        let mut end = 0;
        let mut places = Vec::new();
        for shape in shapes {
            places.push((end, shape.clone()));
            end += checked_numel(op, shape)?;
        }
        Ok(Packing(places, end))
    }

    /// Fresh memory, and the results in it.
    pub(super) fn arrays(&self, op: &'static str, dtype: DType) -> Result<(Array, Vec<Array>)> {
        let memory = Array::uninit(op, &[self.1], dtype)?;
        let place = |(start, shape): &(usize, Dims)| memory.view(Layout::contiguous(shape).with_offset(*start));
        let arrays = self.0.iter().map(place).collect();
        Ok((memory, arrays))
    }

    pub(super) fn tensors(&self, packed: &Tensor) -> Vec<Tensor> {
        let part = |(start, shape): &(usize, Dims)| {
            let (start, shape) = (*start, shape.clone());
            view::relayout("SliceBackward0", packed, move |layout| {
                Layout::contiguous(&shape).with_offset(layout.offset() + start)
            })
        };
        self.0.iter().map(part).collect()
    }
}
