//! Reading and writing along one axis, or through the flattened tensor, by positions and by masks.

use super::places::{self, Places};
use super::{Arg, create, view};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::kernels::index;
use crate::layout::{broadcast_shapes, normalize_axis};
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;

struct Gather {
    axis: usize,
    shape: crate::layout::Dims,
    index: Saved,
}

impl Rule for Gather {
    fn name(&self) -> &'static str {
        "GatherBackward0"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let zeros = Tensor::from(Array::zeros("gather", &self.shape, g.dtype())?);
        Ok(smallvec![Some(scatter_add(&zeros, self.axis as i64, &cx.unpack(&self.index)?, g)?)])
    }
    fn release(&mut self) {
        self.index.release();
    }
}

/// Positions as int64, each inside `0..size`; negative ones count from the end where `wrap` says so.
pub fn positions(op: &'static str, index: &Tensor, axis: usize, size: usize) -> Result<Array> {
    if !index.dtype().is_integer() {
        return Err(Error::dtype(op, &[index.dtype()], "positions must be integers"));
    }
    let array = index.array().cast(op, DType::I64)?.contiguous(op)?;
    // Checked positions must stay as they are, so they are never in memory that others can write to.
    let array = if array.buffer().same(index.array().buffer()) { array.copy(op)? } else { array };
    index::check(&array, size).map_err(|index| Error::Index { op, index, axis, size })?;
    Ok(array)
}

/// `out[i][j] = x[index[i][j]][j]` for axis 0, and likewise for the others.
pub fn gather(x: &Tensor, axis: i64, index: &Tensor) -> Result<Tensor> {
    const OP: &str = "gather";
    if x.ndim() == 0 || index.ndim() != x.ndim() {
        return Err(Error::shape(OP, &[x.shape(), index.shape()], "the index must have as many axes as the tensor"));
    }
    let axis = normalize_axis(OP, axis, x.ndim())?;
    fits(OP, x, index, axis)?;
    let places = positions(OP, index, axis, x.shape()[axis])?;
    let out = Array::uninit(OP, index.shape(), x.dtype())?;
    index::gather(x.array(), axis, &places, &out);
    let shape = x.layout().dims();
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Gather { axis, shape, index: Saved::constant(&places) }))
}

/// What [`gather`] gives, where a kernel has found the values along with the (new) positions.
pub(super) fn gathered(x: &Tensor, axis: usize, index: &Array, values: Array) -> Tensor {
    let shape = x.layout().dims();
    Tensor::record(values, smallvec![x.edge()], |_| Gather { axis, shape, index: Saved::constant(index) })
}

fn fits(op: &'static str, x: &Tensor, index: &Tensor, axis: usize) -> Result<()> {
    if (0..x.ndim()).all(|a| a == axis || index.shape()[a] <= x.shape()[a]) {
        return Ok(());
    }
    let why = format!("the index may not be larger than the tensor except along axis {axis}");
    Err(Error::shape(op, &[x.shape(), index.shape()], why))
}

struct ScatterAdd {
    axis: usize,
    index: Saved,
}

impl Rule for ScatterAdd {
    fn name(&self) -> &'static str {
        "ScatterAddBackward0"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let source = match cx.needs(1) {
            true => Some(gather(g, self.axis as i64, &cx.unpack(&self.index)?)?),
            false => None,
        };
        Ok(smallvec![Some(g.clone()), source])
    }
    fn release(&mut self) {
        self.index.release();
    }
}

/// A copy of `x` with `source[i][j]` added at `[index[i][j]][j]` (for axis 0); repeated positions add up.
pub fn scatter_add(x: &Tensor, axis: i64, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    const OP: &str = "scatter_add";
    if x.ndim() == 0 || index.ndim() != x.ndim() || index.shape() != source.shape() {
        let why = "the index must have the source's shape and as many axes as the tensor";
        return Err(Error::shape(OP, &[x.shape(), index.shape(), source.shape()], why));
    }
    let axis = normalize_axis(OP, axis, x.ndim())?;
    fits(OP, x, index, axis)?;
    let places = positions(OP, index, axis, x.shape()[axis])?;
    let source = ops::cast(source, x.dtype())?;
    let out = x.array().copy(OP)?;
    index::scatter_add(&source.array().contiguous(OP)?, axis, &places, &out);
    let edges = smallvec![x.edge(), source.edge()];
    Ok(Tensor::record(out, edges, |_| ScatterAdd { axis, index: Saved::constant(&places) }))
}

// ---- along one axis, or through the flattened tensor ----

/// `x.numel()` row-major numbers, in a tensor of this shape.
pub(super) fn numbered(shape: &[usize]) -> Result<Tensor> {
    let n = crate::layout::count(shape);
    let numbers = create::arange(Scalar::Int(0), Scalar::Int(n as i64), Scalar::Int(1), None)?;
    view::reshape(&numbers, &shape.iter().map(|&s| s as i64).collect::<Vec<_>>())
}

/// An axis of a tensor that has some.
fn axis_of(op: &'static str, x: &Tensor, axis: i64) -> Result<usize> {
    if x.ndim() == 0 {
        return Err(Error::shape(op, &[x.shape()], "the tensor has no axis to index along; use x.reshape(1)"));
    }
    normalize_axis(op, axis, x.ndim())
}

/// Positions along one axis, given as a vector (or one number).
fn along(op: &'static str, x: &Tensor, axis: i64, index: &Tensor) -> Result<Places> {
    let axis = axis_of(op, x, axis)?;
    if index.ndim() > 1 {
        return Err(Error::shape(op, &[index.shape()], "the index must be a vector"));
    }
    let index = view::reshape(&index.detach(), &[-1])?;
    Ok(Places { lead: axis, covered: 1, positions: positions(op, &index, axis, x.shape()[axis])? })
}

/// The slices of `x` along `axis` that a vector of positions names, in its order.
pub fn index_select(x: &Tensor, axis: i64, index: &Tensor) -> Result<Tensor> {
    places::take("index_select", x, &along("index_select", x, axis, index)?)
}

/// A copy of `x` with the slices of `source` along `axis` added at the positions named; repeated ones add up.
pub fn index_add(x: &Tensor, axis: i64, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    const OP: &str = "index_add";
    let places = along(OP, x, axis, index)?;
    if places.shape(x.shape()).as_slice() != source.shape() {
        let why = "the source must have the tensor's shape with as many slices as there are positions";
        return Err(Error::shape(OP, &[x.shape(), source.shape()], why));
    }
    ops::add(x, &places::embed(OP, x.shape(), &places, &ops::cast(source, x.dtype())?)?)
}

/// A copy of `x` with `source[i][j]` written at `[index[i][j]][j]` (for axis 0), or a number at all of these places;
/// at repeated places the last one stays, and it alone gets a gradient.
pub fn scatter(x: &Tensor, axis: i64, index: &Tensor, source: Arg) -> Result<Tensor> {
    const OP: &str = "scatter";
    let axis = axis_of(OP, x, axis)?;
    if index.ndim() != x.ndim() {
        return Err(Error::shape(OP, &[x.shape(), index.shape()], "the index must have as many axes as the tensor"));
    }
    fits(OP, x, index, axis)?;
    positions(OP, index, axis, x.shape()[axis])?;
    let targets = gather(&numbered(x.shape())?, axis as i64, &index.detach())?;
    let places = Places { lead: 0, covered: x.ndim(), positions: targets.array().clone() };
    let source = match source {
        Arg::Scalar(value) => number(OP, value, x.dtype())?,
        Arg::Tensor(source) if source.ndim() == index.ndim() => {
            let is_part = index.shape().iter().zip(source.shape()).all(|(i, s)| i <= s);
            if !is_part {
                let why = "the index may not be larger than the source";
                return Err(Error::shape(OP, &[index.shape(), source.shape()], why));
            }
            let shape = index.shape();
            view::relayout("SliceBackward0", source, |layout| {
                (0..shape.len()).fold(layout.clone(), |layout, axis| layout.slice(axis, 0, 1, shape[axis]))
            })
        }
        Arg::Tensor(source) => {
            let why = "the source must have as many axes as the index";
            return Err(Error::shape(OP, &[index.shape(), source.shape()], why));
        }
    };
    places::put(OP, x, &places, &source)
}

/// A number as a 0-d tensor of `dtype`, which must be able to hold it.
fn number(op: &'static str, value: Scalar, dtype: DType) -> Result<Tensor> {
    value.check_fits(op, dtype)?;
    if value.kind() > dtype.kind() {
        let why = format!(
            "the value {} cannot be written to a tensor of this dtype; convert the tensor first",
            value.as_f64()
        );
        return Err(Error::dtype(op, &[dtype], why));
    }
    Ok(Array::full(op, &[], dtype, value)?.into())
}

/// [`gather`] where index and tensor broadcast against each other on the other axes; without an axis, positions in
/// the flattened tensor.
pub fn take_along_dim(x: &Tensor, index: &Tensor, axis: Option<i64>) -> Result<Tensor> {
    const OP: &str = "take_along_dim";
    let Some(axis) = axis else {
        return gather(&view::reshape(x, &[-1])?, 0, &view::reshape(&index.detach(), &[-1])?);
    };
    let axis = axis_of(OP, x, axis)?;
    if index.ndim() != x.ndim() {
        return Err(Error::shape(OP, &[x.shape(), index.shape()], "the index must have as many axes as the tensor"));
    }
    let (mut from, mut to) = (x.layout().dims(), index.layout().dims());
    (from[axis], to[axis]) = (1, 1);
    let common = broadcast_shapes(OP, &from, &to)?;
    let sized = |size: usize| {
        let mut shape = common.clone();
        shape[axis] = size;
        shape
    };
    let x = view::broadcast_to(OP, x, &sized(x.shape()[axis]))?;
    let index = view::broadcast_to(OP, &index.detach(), &sized(index.shape()[axis]))?;
    gather(&x, axis as i64, &index)
}

/// Elements by their row-major positions in `x`; the result has the index's shape.
pub fn take(x: &Tensor, index: &Tensor) -> Result<Tensor> {
    let positions = positions("take", index, 0, x.numel())?;
    places::take("take", x, &Places { lead: 0, covered: x.ndim(), positions })
}

// ---- masks ----

fn bools_only(op: &'static str, mask: &Tensor) -> Result<()> {
    match mask.dtype() {
        DType::Bool => Ok(()),
        other => Err(Error::dtype(op, &[other], "the mask must hold bools; make one by a comparison")),
    }
}

/// The elements of `x` where `mask` is true, as a vector; the two broadcast.
pub fn masked_select(x: &Tensor, mask: &Tensor) -> Result<Tensor> {
    const OP: &str = "masked_select";
    bools_only(OP, mask)?;
    let shape = broadcast_shapes(OP, x.shape(), mask.shape())?;
    let x = view::broadcast_to(OP, x, &shape)?;
    let mask = view::broadcast_to(OP, mask, &shape)?;
    let positions = places::true_positions(OP, &mask)?;
    places::take(OP, &x, &Places { lead: 0, covered: x.ndim(), positions })
}

/// A copy of `x` with `value` (a number or a 0-d tensor) where `mask` is true; the two broadcast.
pub fn masked_fill(x: &Tensor, mask: &Tensor, value: Arg) -> Result<Tensor> {
    const OP: &str = "masked_fill";
    bools_only(OP, mask)?;
    let value = match value {
        Arg::Scalar(value) => number(OP, value, x.dtype())?,
        Arg::Tensor(value) if value.ndim() == 0 => ops::cast(value, x.dtype())?,
        Arg::Tensor(value) => {
            return Err(Error::shape(
                OP,
                &[value.shape()],
                "the value must be a number or a 0-d tensor; else use where()",
            ));
        }
    };
    ops::where_(mask, Arg::Tensor(&value), Arg::Tensor(x))
}

/// The coordinates of the elements that are not zero, in row-major order: int64 of shape (count, x.ndim()).
pub fn nonzero(x: &Tensor) -> Result<Tensor> {
    const OP: &str = "nonzero";
    let positions = places::true_positions(OP, x)?;
    let out = Array::uninit(OP, &[positions.numel(), x.ndim()], DType::I64)?;
    index::coordinates(&positions, x.shape(), &out);
    Ok(out.into())
}
