//! `x[...]` and `x[...] = value`: integers, slices, new axes, ellipsis, masks and tensors of positions.
//!
//! Integers, slices and new axes make a view. If there are masks or tensors of positions, that view has the axes they
//! address side by side: where they stand, or, when other axes come between them, in front, as in PyTorch and NumPy.
//! As in PyTorch, integers (and 0-d integer tensors) take their axis away before this is asked.

use super::places::{self, Places};
use super::{index, view};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::kernels::index::combine;
use crate::layout::{Dims, Layout, Strides, broadcast_shapes};
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};

const OP: &str = "index";

pub enum Key {
    Int(i64),
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: Option<i64>,
    },
    NewAxis,
    Ellipsis,
    /// Of integers: positions. Of bools: a mask of as many axes.
    Tensor(Tensor),
    Bool(bool),
}

/// One axis of the view: `start, start + step, ...` on an axis of the tensor, or a new one.
#[derive(Clone, Copy)]
enum Span {
    On { axis: usize, start: usize, step: isize, len: usize },
    New,
}

/// Positions on `axes` of the view's axes from `axis` on, which together have `size` elements.
struct Advanced {
    axis: usize,
    axes: usize,
    size: usize,
    positions: Array,
}

#[derive(Default)]
struct Plan {
    spans: SmallVec<[Span; 4]>,
    /// (axis, position) of each integer.
    ints: SmallVec<[(usize, usize); 4]>,
    advanced: SmallVec<[Advanced; 1]>,
}

/// How many axes of the tensor a key takes; the ellipsis takes what is left.
fn consumed(key: &Key) -> usize {
    match key {
        Key::Int(_) | Key::Slice { .. } => 1,
        Key::NewAxis | Key::Ellipsis | Key::Bool(_) => 0,
        Key::Tensor(tensor) if tensor.dtype() == DType::Bool => tensor.ndim(),
        Key::Tensor(_) => 1,
    }
}

fn bad_key(x: &Tensor, why: String) -> Error {
    Error::key(OP, &[x.shape()], why)
}

impl Plan {
    fn new(x: &Tensor, keys: &[Key]) -> Result<Plan> {
        let used: usize = keys.iter().map(consumed).sum();
        let Some(rest) = x.ndim().checked_sub(used) else {
            return Err(bad_key(x, format!("too many indices: they take {used} axes, the tensor has {}", x.ndim())));
        };
        let mut plan = Plan::default();
        let (mut axis, mut has_ellipsis) = (0, false);
        for key in keys {
            match key {
                Key::Int(i) => plan.int(x, axis, *i)?,
                Key::Slice { start, stop, step } => plan.slice(x, axis, *start, *stop, step.unwrap_or(1))?,
                Key::NewAxis => plan.spans.push(Span::New),
                Key::Bool(flag) => plan.flag(*flag)?,
                Key::Tensor(tensor) => plan.tensor(x, axis, tensor)?,
                Key::Ellipsis if has_ellipsis => {
                    return Err(bad_key(x, "an index can have one ellipsis ('...') only".to_string()));
                }
                Key::Ellipsis => {
                    has_ellipsis = true;
                    plan.whole(x, axis..axis + rest);
                    axis += rest;
                }
            }
            axis += consumed(key);
        }
        plan.whole(x, axis..x.ndim());
        Ok(plan)
    }

    fn whole(&mut self, x: &Tensor, axes: std::ops::Range<usize>) {
        self.spans.extend(axes.map(|axis| Span::On { axis, start: 0, step: 1, len: x.shape()[axis] }));
    }

    fn int(&mut self, x: &Tensor, axis: usize, index: i64) -> Result<()> {
        let size = x.shape()[axis];
        let position = if index < 0 { index.saturating_add(size as i64) } else { index };
        if position < 0 || position >= size as i64 {
            return Err(Error::Index { op: OP, index, axis, size });
        }
        self.ints.push((axis, position as usize));
        Ok(())
    }

    /// Bounds clip as Python's do.
    fn slice(&mut self, x: &Tensor, axis: usize, start: Option<i64>, stop: Option<i64>, step: i64) -> Result<()> {
        if step == 0 {
            return Err(Error::value(OP, "a slice's step cannot be zero"));
        }
        let size = x.shape()[axis] as i64;
        // Where a walk may start and stop: one before the first element is allowed going down.
        let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
        let clip = |bound: Option<i64>, default: i64| match bound {
            None => default,
            Some(bound) if bound < 0 => bound.saturating_add(size).clamp(low, high),
            Some(bound) => bound.clamp(low, high),
        };
        let (start, stop) =
            if step > 0 { (clip(start, 0), clip(stop, size)) } else { (clip(start, high), clip(stop, -1)) };
        let span = if step > 0 { stop - start } else { start - stop };
        let len = if span <= 0 { 0 } else { (span as u64).div_ceil(step.unsigned_abs()) as usize };
        // Steps beyond the axis are never taken; a modest one keeps strides small.
        let step = if len <= 1 { step.signum() } else { step };
        self.spans.push(Span::On { axis, start: start.max(0) as usize, step: step as isize, len });
        Ok(())
    }

    /// A truth value is a mask of no axes: a new axis of size 1 or 0.
    fn flag(&mut self, flag: bool) -> Result<()> {
        let positions = Array::zeros(OP, &[usize::from(flag)], DType::I64)?;
        self.advanced.push(Advanced { axis: self.spans.len(), axes: 1, size: 1, positions });
        self.spans.push(Span::New);
        Ok(())
    }

    fn tensor(&mut self, x: &Tensor, axis: usize, key: &Tensor) -> Result<()> {
        match (key.dtype(), key.ndim()) {
            (dtype, _) if dtype.is_inexact() => {
                let why = "tensors in an index must hold integers or bools; convert with x.long() or compare first";
                Err(Error::dtype(OP, &[key.dtype()], why))
            }
            (DType::Bool, 0) => self.flag(key.array().first() == Scalar::Bool(true)),
            (_, 0) => self.int(x, axis, key.array().first().as_i64()),
            (DType::Bool, axes) => {
                let sizes = &x.shape()[axis..axis + axes];
                // Masks without elements select nothing, as the array API standard has it.
                if let Some(at) = (0..axes).find(|&a| key.shape()[a] != sizes[a] && key.shape()[a] != 0) {
                    let (has, wants) = (key.shape()[at], sizes[at]);
                    let why = format!("the mask has size {has} where axis {} has size {wants}", axis + at);
                    return Err(Error::key(OP, &[x.shape(), key.shape()], why));
                }
                let (size, positions) = (sizes.iter().product(), places::true_positions(OP, key)?);
                self.advanced.push(Advanced { axis: self.spans.len(), axes, size, positions });
                self.whole(x, axis..axis + axes);
                Ok(())
            }
            (_, _) => {
                let size = x.shape()[axis];
                let positions = index::positions(OP, key, axis, size)?;
                self.advanced.push(Advanced { axis: self.spans.len(), axes: 1, size, positions });
                self.whole(x, axis..axis + 1);
                Ok(())
            }
        }
    }

    /// Where the addressed axes will stand in the view, with the view's axes in that order if it is not theirs.
    fn arrange(&mut self) -> usize {
        let mut end = self.advanced[0].axis;
        let is_adjacent = self.advanced.iter().all(|key| std::mem::replace(&mut end, key.axis + key.axes) == key.axis);
        if is_adjacent {
            return self.advanced[0].axis;
        }
        let addressed: SmallVec<[usize; 4]> =
            self.advanced.iter().flat_map(|key| key.axis..key.axis + key.axes).collect();
        let others = (0..self.spans.len()).filter(|axis| !addressed.contains(axis));
        let order: SmallVec<[usize; 4]> = addressed.iter().copied().chain(others).collect();
        self.spans = order.into_iter().map(|axis| self.spans[axis]).collect();
        0
    }

    /// The masks and positions as one, on the view's axes.
    fn places(&mut self) -> Result<Option<Places>> {
        if self.advanced.is_empty() {
            return Ok(None);
        }
        let lead = self.arrange();
        let covered = self.advanced.iter().map(|key| key.axes).sum();
        if let [only] = self.advanced.as_slice() {
            return Ok(Some(Places { lead, covered, positions: only.positions.clone() }));
        }
        let mut shape: Dims = smallvec![];
        for key in &self.advanced {
            shape = broadcast_shapes(OP, &shape, key.positions.shape())?;
        }
        let positions = Array::uninit(OP, &shape, DType::I64)?;
        let parts: Vec<(Array, usize)> = self.advanced.iter().map(|key| (key.positions.clone(), key.size)).collect();
        combine(&parts, &positions);
        Ok(Some(Places { lead, covered, positions }))
    }

    /// True if the view would be the tensor itself.
    fn is_whole(&self, x: &Tensor) -> bool {
        self.spans.len() == x.ndim()
            && self.spans.iter().enumerate().all(
                |(i, span)| matches!(*span, Span::On { axis, step: 1, len, .. } if axis == i && len == x.shape()[i]),
            )
    }

    /// The part of the index that is a view.
    fn view(&self, x: &Tensor) -> Tensor {
        view::relayout("SliceBackward0", x, |layout| {
            let from = layout.strides();
            let (mut shape, mut strides) = (Dims::new(), Strides::new());
            let mut offset = layout.offset() as isize;
            for &(axis, position) in &self.ints {
                offset += position as isize * from[axis];
            }
            for &span in &self.spans {
                let (len, stride) = match span {
                    Span::New => (1, 0),
                    Span::On { axis, start, step, len } => {
                        offset += if len == 0 { 0 } else { start as isize * from[axis] };
                        (len, from[axis].saturating_mul(step))
                    }
                };
                shape.push(len);
                strides.push(stride);
            }
            Layout::new(shape, strides, offset as usize)
        })
    }
}

/// `x[keys]`. Integers, slices and new axes give a view; masks and tensors of positions a copy, whose gradient adds
/// up where positions repeat.
pub fn get(x: &Tensor, keys: &[Key]) -> Result<Tensor> {
    let mut plan = Plan::new(x, keys)?;
    match plan.places()? {
        None => Ok(plan.view(x)),
        Some(places) if plan.is_whole(x) => places::take(OP, x, &places),
        Some(places) => places::take(OP, &plan.view(x), &places),
    }
}

/// `x[keys] = value`, the value broadcast and converted; at repeated positions the last one stays, and it alone gets
/// a gradient.
pub fn set(x: &Tensor, keys: &[Key], value: &Tensor) -> Result<()> {
    let mut plan = Plan::new(x, keys)?;
    match plan.places()? {
        None => view::assign(OP, &plan.view(x), value),
        Some(places) if plan.is_whole(x) => places::put_in_place(OP, x, &places, value),
        Some(places) => places::put_in_place(OP, &plan.view(x), &places, value),
    }
}

/// A copy of `x` with `x[keys] = value`, or with the value added at the positions, repeated ones adding up.
pub fn index_put(x: &Tensor, keys: &[Key], value: &Tensor, accumulate: bool) -> Result<Tensor> {
    if !accumulate {
        let out = ops::clone(x)?;
        set(&out, keys, value)?;
        return Ok(out);
    }
    let targets = get(&index::numbered(x.shape())?, keys)?;
    let value = view::broadcast_to("index_put", &ops::cast(value, x.dtype())?, targets.shape())?;
    let places = Places { lead: 0, covered: x.ndim(), positions: targets.array().contiguous("index_put")? };
    ops::add(x, &places::embed("index_put", x.shape(), &places, &value)?)
}
