//! Views: the same memory under another layout, and in-place writes through them.

use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Node, Rule};
use crate::kernels::copy;
use crate::layout::{Dims, Layout, infer_shape, normalize_axes, normalize_axis};
use crate::ops::{self, Arg};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};

/// The rule of a view that is linear in its input: the gradient is `back` of the gradient.
struct View<F> {
    name: &'static str,
    back: F,
}

impl<F: Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static> Rule for View<F> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some((self.back)(g)?)])
    }
}

/// The same elements in row-major order under another shape; a view where strides allow it, else a copy.
pub fn reshape(x: &Tensor, shape: &[i64]) -> Result<Tensor> {
    let shape = infer_shape("reshape", x.shape(), shape)?;
    if shape.as_slice() == x.shape() {
        return alias(x);
    }
    match x.layout().reshape(&shape) {
        Some(layout) => Ok(reshaped("ViewBackward0", x, layout)),
        None => Ok(reshaped("UnsafeViewBackward0", &ops::clone(x)?, Layout::contiguous(&shape))),
    }
}

/// [`reshape`] that never copies.
pub fn view(x: &Tensor, shape: &[i64]) -> Result<Tensor> {
    let shape = infer_shape("view", x.shape(), shape)?;
    match x.layout().reshape(&shape) {
        Some(layout) => Ok(reshaped("ViewBackward0", x, layout)),
        None => {
            let why = "the elements do not lie in this order in memory; use reshape(), which copies when it must";
            Err(Error::shape("view", &[x.shape(), &shape], why))
        }
    }
}

fn reshaped(name: &'static str, x: &Tensor, layout: Layout) -> Tensor {
    let from: SmallVec<[i64; 4]> = x.shape().iter().map(|&s| s as i64).collect();
    x.view_as(layout, || View { name, back: move |g: &Tensor| reshape(g, &from) })
}

/// A second handle on the same memory, as a view.
pub fn alias(x: &Tensor) -> Result<Tensor> {
    Ok(reshaped("AliasBackward0", x, x.layout().clone()))
}

/// The axes in another order.
pub fn permute(x: &Tensor, axes: &[i64]) -> Result<Tensor> {
    permute_as("permute", "PermuteBackward0", x, axes)
}

fn permute_as(op: &'static str, name: &'static str, x: &Tensor, axes: &[i64]) -> Result<Tensor> {
    if axes.len() != x.ndim() {
        let why = format!("names {} axes of a tensor with {}", axes.len(), x.ndim());
        return Err(Error::shape(op, &[x.shape()], why));
    }
    let axes = normalize_axes(op, axes, x.ndim())?;
    let mut inverse: SmallVec<[i64; 4]> = smallvec![0; axes.len()];
    for (to, &from) in axes.iter().enumerate() {
        inverse[from] = to as i64;
    }
    let layout = x.layout().permute(&axes);
    Ok(x.view_as(layout, || View { name, back: move |g: &Tensor| permute_as(op, name, g, &inverse) }))
}

/// Two axes swapped.
pub fn transpose(x: &Tensor, axis0: i64, axis1: i64) -> Result<Tensor> {
    if x.ndim() == 0 {
        normalize_axes("transpose", &[axis0], 0)?;
        normalize_axes("transpose", &[axis1], 0)?;
        return alias(x);
    }
    let a = normalize_axis("transpose", axis0, x.ndim())?;
    let b = normalize_axis("transpose", axis1, x.ndim())?;
    let mut axes: SmallVec<[i64; 4]> = (0..x.ndim() as i64).collect();
    axes.swap(a, b);
    permute_as("transpose", "TransposeBackward0", x, &axes)
}

/// A matrix transposed (`x.T`); vectors and numbers as they are.
pub fn t(op: &'static str, x: &Tensor) -> Result<Tensor> {
    match x.ndim() {
        0 | 1 if op == "t" => alias(x),
        2 => permute_as(op, "TBackward0", x, &[1, 0]),
        _ => {
            let why = "takes a matrix (2 axes); use x.mT for the last two axes or x.permute(...) for any order";
            Err(Error::shape(op, &[x.shape()], why))
        }
    }
}

/// The last two axes swapped.
pub fn matrix_transpose(x: &Tensor) -> Result<Tensor> {
    if x.ndim() < 2 {
        return Err(Error::shape("mT", &[x.shape()], "takes at least 2 axes"));
    }
    transpose(x, -2, -1)
}

/// Axes of size 1 repeated without copying; the engine sums the gradient back.
pub fn broadcast_to(op: &'static str, x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    if shape == x.shape() {
        return Ok(x.clone());
    }
    let layout = x.layout().broadcast_to(op, shape)?;
    Ok(x.view_as(layout, || View { name: "ExpandBackward0", back: |g: &Tensor| Ok(g.clone()) }))
}

/// [`broadcast_to`] where -1 keeps a size.
pub fn expand(x: &Tensor, shape: &[i64]) -> Result<Tensor> {
    let lead = shape.len().checked_sub(x.ndim()).ok_or_else(|| {
        Error::shape("expand", &[x.shape()], format!("needs at least {} sizes, got {}", x.ndim(), shape.len()))
    })?;
    let mut full = Dims::new();
    for (axis, &size) in shape.iter().enumerate() {
        full.push(match size {
            -1 if axis >= lead => x.shape()[axis - lead],
            size if size >= 0 => size as usize,
            size => return Err(Error::value("expand", format!("size {size} of axis {axis} is not a size"))),
        });
    }
    broadcast_to("expand", x, &full)
}

pub fn unsqueeze(x: &Tensor, axis: i64) -> Result<Tensor> {
    let axis = normalize_axis("unsqueeze", axis, x.ndim() + 1)?;
    let layout = x.layout().insert_axis(axis);
    let back = move |g: &Tensor| squeeze(g, Some(&[axis as i64]));
    Ok(x.view_as(layout, || View { name: "UnsqueezeBackward0", back }))
}

/// Drops the named axes that have size 1, or all such axes.
pub fn squeeze(x: &Tensor, axes: Option<&[i64]>) -> Result<Tensor> {
    let axes = match axes {
        Some(axes) => normalize_axes("squeeze", axes, x.ndim())?,
        None => (0..x.ndim()).collect(),
    };
    let dropped: SmallVec<[usize; 4]> = axes.into_iter().filter(|&a| x.shape()[a] == 1).collect();
    Ok(reshaped("SqueezeBackward0", x, x.layout().remove_axes(&dropped)))
}

/// Adjacent axes `start..=end` as one.
pub fn flatten(x: &Tensor, start: i64, end: i64) -> Result<Tensor> {
    if x.ndim() == 0 {
        return reshape(x, &[1]);
    }
    let start = normalize_axis("flatten", start, x.ndim())?;
    let end = normalize_axis("flatten", end, x.ndim())?;
    if start > end {
        return Err(Error::value("flatten", format!("start_dim {start} comes after end_dim {end}")));
    }
    let mut shape: SmallVec<[i64; 4]> = x.shape()[..start].iter().map(|&s| s as i64).collect();
    shape.push(x.shape()[start..=end].iter().product::<usize>() as i64);
    shape.extend(x.shape()[end + 1..].iter().map(|&s| s as i64));
    reshape(x, &shape)
}

/// The main (or another) diagonal of two axes, as the last axis.
pub fn diagonal(x: &Tensor, offset: i64, axis0: i64, axis1: i64) -> Result<Tensor> {
    const OP: &str = "diagonal";
    if x.ndim() < 2 {
        return Err(Error::shape(OP, &[x.shape()], "takes at least 2 axes"));
    }
    let axes = normalize_axes(OP, &[axis0, axis1], x.ndim())?;
    let on = |layout: &Layout| {
        let (rows, columns) = (layout.shape()[axes[0]], layout.shape()[axes[1]]);
        let (down, right) = (offset.min(0).unsigned_abs() as usize, offset.max(0) as usize);
        let length = rows.saturating_sub(down).min(columns.saturating_sub(right));
        let step = layout.strides()[axes[0]] + layout.strides()[axes[1]];
        let start = if length == 0 {
            0
        } else {
            down as isize * layout.strides()[axes[0]] + right as isize * layout.strides()[axes[1]]
        };
        let rest = layout.remove_axes(&axes);
        let (mut shape, mut strides) = (rest.dims(), crate::layout::Strides::from_slice(rest.strides()));
        shape.push(length);
        strides.push(step);
        Layout::new(shape, strides, (layout.offset() as isize + start) as usize)
    };
    Ok(relayout("DiagonalBackward0", x, on))
}

/// A view that a function of layouts describes; its gradient goes to the elements it shows.
pub fn relayout(name: &'static str, x: &Tensor, change: impl Fn(&Layout) -> Layout) -> Tensor {
    let layout = change(x.layout());
    x.view_as(layout, || {
        let from = Layout::contiguous(x.shape());
        let to = change(&from);
        Restride { name, from, to }
    })
}

// ---- any layout to any other over the same memory ----

/// Elements laid down by `from` and read back by `to`, positions of one common memory.
pub struct Restride {
    name: &'static str,
    from: Layout,
    to: Layout,
}

impl Restride {
    pub fn new(from: Layout, to: Layout) -> Restride {
        Restride { name: "AsStridedBackward0", from, to }
    }
}

impl Rule for Restride {
    fn name(&self) -> &'static str {
        self.name
    }
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(restride(g, &self.to, &self.from)?)])
    }
}

/// Adds the elements of `x` (of `from`'s shape) into zeros at the positions of `from` and reads positions `to`.
fn restride(x: &Tensor, from: &Layout, to: &Layout) -> Result<Tensor> {
    const OP: &str = "as_strided";
    let rule = |_: &Array| Restride { name: "AsStridedBackward0", from: from.clone(), to: to.clone() };
    let edges = smallvec![x.edge()];
    if from.is_contiguous() && from.offset() == 0 && to.extent().is_none_or(|(_, high)| high < from.numel()) {
        let array = x.array().contiguous(OP)?;
        let layout = to.clone().with_offset(to.offset() + array.layout().offset());
        return Ok(Tensor::record(array.view(layout).copy(OP)?, edges, rule));
    }
    let (low, high) = match (from.extent(), to.extent()) {
        (Some(a), Some(b)) => (a.0.min(b.0), a.1.max(b.1)),
        (Some(a), None) | (None, Some(a)) => a,
        (None, None) => (0, 0),
    };
    let memory = Array::zeros(OP, &[high - low + 1], x.dtype())?;
    let shifted = |layout: &Layout| memory.view(layout.clone().with_offset(layout.offset().saturating_sub(low)));
    if from.overlaps_itself() {
        copy::add_into(x.array(), &shifted(from));
    } else if from.numel() > 0 {
        copy::copy(x.array(), &shifted(from));
    }
    let out = shifted(to);
    let out = if to.numel() == memory.numel() && to.is_contiguous() { out } else { out.copy(OP)? };
    Ok(Tensor::record(out, edges, rule))
}

/// A base of which one region got new values: inputs are the base before and the values.
pub struct Overwrite {
    base: Layout,
    region: Layout,
}

impl Overwrite {
    pub fn new(base: Layout, region: Layout) -> Overwrite {
        Overwrite { base, region }
    }
}

impl Rule for Overwrite {
    fn name(&self) -> &'static str {
        "CopySlices"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let mut grads: Grads = smallvec![None, None];
        if cx.needs(0) {
            let ones = Array::full("backward", self.region.shape(), DType::F32, Scalar::Float(1.0))?;
            let mask = restride(&ones.into(), &self.region, &self.base)?;
            let mask = ops::cast(&mask, DType::Bool)?;
            grads[0] = Some(ops::where_(&mask, Arg::Scalar(Scalar::Float(0.0)), Arg::Tensor(g))?);
        }
        if cx.needs(1) {
            grads[1] = Some(restride(g, &self.base, &self.region)?);
        }
        Ok(grads)
    }
}

/// `x[...] = value`, broadcast and converted, in x's own memory and history.
pub fn assign(op: &'static str, x: &Tensor, value: &Tensor) -> Result<()> {
    x.check_writable(op)?;
    let value = ops::cast(value, x.dtype())?;
    // As in PyTorch, leading axes of size 1 of the value do not count.
    let extra = value.ndim().saturating_sub(x.ndim());
    let value = if extra > 0 && value.shape()[..extra].iter().all(|&s| s == 1) {
        squeeze(&value, Some(&(0..extra as i64).collect::<Vec<_>>()))?
    } else {
        value
    };
    let value = broadcast_to(op, &value, x.shape())?;
    let overlaps = value.array().buffer().may_overlap(x.array().buffer());
    if !(overlaps && value.array().data() == x.array().data() && value.layout().strides() == x.layout().strides()) {
        let source = if overlaps { value.array().copy(op)? } else { value.array().clone() };
        copy::copy(&source, x.array());
    }
    x.array().buffer().bump_version();
    let copied = || View { name: "CopyBackwards", back: |g: &Tensor| Ok(g.clone()) };
    x.rebased(value.edge().map(|edge| Node::record(copied(), smallvec![Some(edge)], x.array())));
    Ok(())
}

/// Every element of `x` becomes `value`.
pub fn fill_(x: &Tensor, value: Scalar) -> Result<()> {
    x.check_writable("fill_")?;
    value.check_fits("fill_", x.dtype())?;
    copy::fill_later(x.array(), value.bits(x.dtype()));
    x.array().buffer().bump_version();
    // The old elements still count as an input, whose gradient is zero.
    let rule = || View { name: "FillBackward0", back: ops::zeros_like };
    x.rebased(x.edge().map(|edge| Node::record(rule(), smallvec![Some(edge)], x.array())));
    Ok(())
}
