//! Copies with parts written over: at positions along an axis, in the flattened tensor, under a mask, in a view.

use crate::array::Array;
use crate::error::{Error, Result};
use crate::layout::{broadcast_shapes, normalize_axis};
use crate::ops::{self, Arg, index, places, view};
use crate::tensor::Tensor;

/// A vector of positions along `axis`, spread over the other axes of `x`.
fn spread(op: &'static str, x: &Tensor, axis: i64, positions: &Tensor) -> Result<(usize, Tensor)> {
    let axis = match x.ndim() {
        0 => return Err(Error::shape(op, &[x.shape()], "the tensor has no axis to index along; use x.reshape(1)")),
        ndim => normalize_axis(op, axis, ndim)?,
    };
    if positions.ndim() > 1 {
        return Err(Error::shape(op, &[positions.shape()], "the index must be a vector"));
    }
    let mut shape = x.layout().dims();
    shape[axis] = positions.numel();
    let mut along = vec![1; x.ndim()];
    along[axis] = -1;
    Ok((axis, view::broadcast_to(op, &view::reshape(&positions.detach(), &along)?, &shape)?))
}

/// A copy of `x` with the slices of `source` written at positions along `axis`; of repeated ones the last stays.
pub fn index_copy(x: &Tensor, axis: i64, positions: &Tensor, source: &Tensor) -> Result<Tensor> {
    const OP: &str = "index_copy";
    let (axis, positions) = spread(OP, x, axis, positions)?;
    if source.shape() != positions.shape() {
        let why = "the source must have the tensor's shape with as many slices as there are positions";
        return Err(Error::shape(OP, &[x.shape(), source.shape()], why));
    }
    if source.dtype() != x.dtype() {
        return Err(Error::dtype(OP, &[x.dtype(), source.dtype()], "the tensor and the source must have one dtype"));
    }
    index::scatter(x, axis as i64, &positions, Arg::Tensor(source))
}

/// A copy of `x` with `value`, a number or a 0-d tensor, in the slices at positions along `axis`.
pub fn index_fill(x: &Tensor, axis: i64, positions: &Tensor, value: Arg) -> Result<Tensor> {
    const OP: &str = "index_fill";
    let (axis, positions) = spread(OP, x, axis, positions)?;
    match value {
        Arg::Tensor(value) if value.ndim() == 0 => {
            // As a mask, so that the gradient of a place that is named twice counts once.
            let mask = Array::zeros(OP, x.shape(), crate::DType::Bool)?.into();
            let truth = Arg::Scalar(crate::Scalar::Bool(true));
            index::masked_fill(x, &index::scatter(&mask, axis as i64, &positions, truth)?, Arg::Tensor(value))
        }
        Arg::Tensor(value) => Err(Error::shape(OP, &[value.shape()], "the value must be a number or a 0-d tensor")),
        value => index::scatter(x, axis as i64, &positions, value),
    }
}

/// A copy of `x` with the elements of `source` written at (or with `accumulate` added to) positions in the flattened
/// tensor.
pub fn put(x: &Tensor, positions: &Tensor, source: &Tensor, accumulate: bool) -> Result<Tensor> {
    const OP: &str = "put";
    if positions.numel() != source.numel() {
        let why = "needs one element of the source for each position";
        return Err(Error::shape(OP, &[positions.shape(), source.shape()], why));
    }
    if source.dtype() != x.dtype() {
        return Err(Error::dtype(OP, &[x.dtype(), source.dtype()], "the tensor and the source must have one dtype"));
    }
    let flat = |t: &Tensor| view::reshape(t, &[-1]);
    let (line, positions, source) = (flat(x)?, flat(&positions.detach())?, flat(source)?);
    let written = match accumulate {
        true => ops::scatter_add(&line, 0, &positions, &source)?,
        false => index::scatter(&line, 0, &positions, Arg::Tensor(&source))?,
    };
    back(&written, x.shape())
}

fn back(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    view::reshape(x, &shape.iter().map(|&n| n as i64).collect::<Vec<_>>())
}

/// A copy of `x` (broadcast with the mask) in which the true places hold the first elements of `source`, in order.
pub fn masked_scatter(x: &Tensor, mask: &Tensor, source: &Tensor) -> Result<Tensor> {
    const OP: &str = "masked_scatter";
    if mask.dtype() != crate::DType::Bool {
        return Err(Error::dtype(OP, &[mask.dtype()], "the mask must hold bools; make one by a comparison"));
    }
    if source.dtype() != x.dtype() {
        return Err(Error::dtype(OP, &[x.dtype(), source.dtype()], "the tensor and the source must have one dtype"));
    }
    let shape = broadcast_shapes(OP, x.shape(), mask.shape())?;
    let mask = view::broadcast_to(OP, mask, &shape)?;
    let positions = Tensor::from(places::true_positions(OP, &mask)?);
    if positions.numel() > source.numel() {
        let why = format!("the mask has {} true elements, more than the source has", positions.numel());
        return Err(Error::shape(OP, &[source.shape()], why));
    }
    let line = view::reshape(&view::broadcast_to(OP, x, &shape)?, &[-1])?;
    let first = ops::arrange::narrow(&view::reshape(source, &[-1])?, 0, 0, positions.numel() as i64)?;
    back(&index::scatter(&line, 0, &positions, Arg::Tensor(&first))?, &shape)
}

/// A copy of `x` in which the part that `part` makes a view of holds `source`, of that part's shape.
pub fn with_part(
    op: &'static str,
    x: &Tensor,
    source: &Tensor,
    part: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let out = ops::clone(x)?;
    let target = part(&out)?;
    if target.shape() != source.shape() {
        let why = "the source must have the shape of the part that it replaces";
        return Err(Error::shape(op, &[target.shape(), source.shape()], why));
    }
    view::assign(op, &target, source)?;
    Ok(out)
}

/// `value` on the main diagonal of `x`, in its own memory; with `wrap` a tall matrix has further ones below.
pub fn fill_diagonal_(x: &Tensor, value: crate::Scalar, wrap: bool) -> Result<()> {
    const OP: &str = "fill_diagonal_";
    let shape = x.shape();
    if shape.len() < 2 || (shape.len() > 2 && shape.iter().any(|&n| n != shape[0])) {
        return Err(Error::shape(OP, &[shape], "takes a matrix, or more axes of one size"));
    }
    let length = shape.iter().copied().min().unwrap_or(0);
    let stride: isize = x.layout().strides().iter().sum();
    let diagonal = |first: usize, length: usize| {
        view::relayout("DiagonalBackward0", x, |layout| {
            let offset = layout.offset() as isize + first as isize * layout.strides()[0];
            crate::layout::Layout::new(smallvec::smallvec![length], smallvec::smallvec![stride], offset as usize)
        })
    };
    view::fill_(&diagonal(0, length), value)?;
    let mut first = length + 1;
    while wrap && shape.len() == 2 && first < shape[0] {
        view::fill_(&diagonal(first, shape[1].min(shape[0] - first)), value)?;
        first += shape[1] + 1;
    }
    Ok(())
}

/// `source * factor`, and the source itself for the factor 1.
pub fn scaled(source: &Tensor, factor: Arg) -> Result<Tensor> {
    match factor {
        Arg::Scalar(v) if v.as_f64() == 1.0 => Ok(source.clone()),
        factor => ops::binary(&ops::binary::mul::OP, Arg::Tensor(source), factor),
    }
}

/// The view `x[start:end:step]` along `axis`; bounds clip as in Python's slices.
pub fn slice(x: &Tensor, axis: i64, start: Option<i64>, end: Option<i64>, step: i64) -> Result<Tensor> {
    const OP: &str = "slice_scatter";
    let axis = normalize_axis(OP, axis, x.ndim())?;
    if step < 1 {
        return Err(Error::value(OP, format!("step must be positive, got {step}")));
    }
    let n = x.shape()[axis] as i64;
    let clip = |v: i64| (if v < 0 { v.saturating_add(n) } else { v }).clamp(0, n);
    let (start, end) = (clip(start.unwrap_or(0)), clip(end.unwrap_or(n)));
    let len = (end - start).max(0) as u64;
    let (start, len) = (start as usize, len.div_ceil(step as u64) as usize);
    Ok(view::relayout("SliceBackward0", x, |layout| layout.slice(axis, start, step as isize, len)))
}
