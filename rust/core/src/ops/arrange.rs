//! Rearranging: the elements of tensors in other places, repeated, cut apart or laid out anew.

use super::element::Arg;
use super::{binary as rows, create, index, order, scan, view};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule};
use crate::layout::{Dims, broadcast_shapes, normalize_axes, normalize_axis};
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};

type Axes = SmallVec<[usize; 4]>;
type Sizes = SmallVec<[i64; 4]>;

/// An axis of a tensor that has some.
fn axis_of(op: &'static str, x: &Tensor, axis: i64) -> Result<usize> {
    if x.ndim() == 0 {
        return Err(Error::shape(op, &[x.shape()], "the tensor has no axes; use x.reshape(1)"));
    }
    normalize_axis(op, axis, x.ndim())
}

fn count_of(op: &'static str, what: &str, n: i64) -> Result<usize> {
    usize::try_from(n).map_err(|_| Error::value(op, format!("{what} cannot be negative, got {n}")))
}

// ---- parts, as views ----

/// Elements `start..start + len` of an axis, as a view; the caller has checked the bounds.
pub(super) fn part(x: &Tensor, axis: usize, start: usize, len: usize) -> Tensor {
    view::relayout("SliceBackward0", x, |layout| layout.slice(axis, start, 1, len))
}

/// Elements `start..start + length` of an axis, as a view.
pub fn narrow(x: &Tensor, axis: i64, start: i64, length: i64) -> Result<Tensor> {
    const OP: &str = "narrow";
    let axis = axis_of(OP, x, axis)?;
    let (size, len) = (x.shape()[axis], count_of(OP, "the length", length)?);
    let first = if start < 0 { start.saturating_add(size as i64) } else { start };
    match usize::try_from(first) {
        Ok(first) if first <= size && len <= size - first => Ok(part(x, axis, first, len)),
        _ => Err(Error::value(OP, format!("{length} elements from {start} do not fit axis {axis} of size {size}"))),
    }
}

/// One position of an axis, as a view without the axis.
pub fn select(x: &Tensor, axis: i64, index: i64) -> Result<Tensor> {
    const OP: &str = "select";
    let axis = axis_of(OP, x, axis)?;
    let size = x.shape()[axis];
    let position = if index < 0 { index.saturating_add(size as i64) } else { index };
    if position < 0 || position >= size as i64 {
        return Err(Error::Index { op: OP, index, axis, size });
    }
    Ok(view::relayout("SelectBackward0", x, |layout| layout.select(axis, position as usize)))
}

/// Views of the given sizes, one after the other; the sizes add up to the axis.
fn cut(x: &Tensor, axis: usize, sizes: impl Iterator<Item = usize>) -> Vec<Tensor> {
    let mut start = 0;
    let next = |size| {
        start += size;
        part(x, axis, start - size, size)
    };
    sizes.map(next).collect()
}

/// Views of `size` elements of an axis each; the last may be smaller.
pub fn split(x: &Tensor, size: i64, axis: i64) -> Result<Vec<Tensor>> {
    const OP: &str = "split";
    let axis = axis_of(OP, x, axis)?;
    let (size, n) = (count_of(OP, "the size", size)?, x.shape()[axis]);
    if size == 0 && n > 0 {
        return Err(Error::value(OP, format!("parts of size 0 do not cover axis {axis} of size {n}")));
    }
    let count = if n == 0 { 1 } else { n.div_ceil(size) };
    Ok(cut(x, axis, (0..count).map(|i| size.min(n - i * size))))
}

/// Views of these sizes of an axis.
pub fn split_sizes(x: &Tensor, sizes: &[i64], axis: i64) -> Result<Vec<Tensor>> {
    const OP: &str = "split";
    let axis = axis_of(OP, x, axis)?;
    let n = x.shape()[axis];
    let sizes: Axes = sizes.iter().map(|&size| count_of(OP, "a size", size)).collect::<Result<_>>()?;
    if sizes.iter().fold(0usize, |sum, &size| sum.saturating_add(size)) != n {
        return Err(Error::value(OP, format!("the sizes {sizes:?} do not add up to {n}, the size of axis {axis}")));
    }
    Ok(cut(x, axis, sizes.into_iter()))
}

/// At most `chunks` views of an axis, of equal size but for the last.
pub fn chunk(x: &Tensor, chunks: i64, axis: i64) -> Result<Vec<Tensor>> {
    const OP: &str = "chunk";
    let axis = axis_of(OP, x, axis)?;
    let n = x.shape()[axis];
    match usize::try_from(chunks) {
        Ok(0) | Err(_) => Err(Error::value(OP, format!("the number of chunks must be positive, got {chunks}"))),
        Ok(chunks) if n == 0 => Ok(cut(x, axis, (0..chunks.min(1 << 20)).map(|_| 0))),
        Ok(chunks) => split(x, n.div_ceil(chunks) as i64, axis as i64),
    }
}

/// Exactly `sections` views of an axis, the first ones larger by one where they cannot be equal.
pub fn tensor_split(x: &Tensor, sections: i64, axis: i64) -> Result<Vec<Tensor>> {
    const OP: &str = "tensor_split";
    let axis = axis_of(OP, x, axis)?;
    let n = x.shape()[axis];
    match usize::try_from(sections) {
        Ok(0) | Err(_) => Err(Error::value(OP, format!("the number of sections must be positive, got {sections}"))),
        Ok(sections) if sections > n.max(1) << 20 => {
            Err(Error::value(OP, format!("{sections} sections of axis {axis} of size {n} are too many")))
        }
        Ok(sections) => Ok(cut(x, axis, (0..sections).map(|i| n / sections + usize::from(i < n % sections)))),
    }
}

/// Views of an axis cut before each of these positions, which clip as in a slice.
pub fn tensor_split_at(x: &Tensor, positions: &[i64], axis: i64) -> Result<Vec<Tensor>> {
    let axis = axis_of("tensor_split", x, axis)?;
    let n = x.shape()[axis] as i64;
    let clip = |p: i64| (if p < 0 { p.saturating_add(n) } else { p }).clamp(0, n) as usize;
    let mut start = 0;
    let mut parts = Vec::with_capacity(positions.len() + 1);
    for end in positions.iter().map(|&p| clip(p)).chain([n as usize]) {
        parts.push(part(x, axis, start, end.saturating_sub(start)));
        start = end;
    }
    Ok(parts)
}

/// Views of all positions of an axis, without the axis.
pub fn unbind(x: &Tensor, axis: i64) -> Result<Vec<Tensor>> {
    let axis = axis_of("unbind", x, axis)?;
    let at = |i| view::relayout("SelectBackward0", x, move |layout| layout.select(axis, i));
    Ok((0..x.shape()[axis]).map(at).collect())
}

// ---- order of axes and of elements ----

/// The axes `from` moved to the places `to`; the others keep their order.
pub fn movedim(x: &Tensor, from: &[i64], to: &[i64]) -> Result<Tensor> {
    const OP: &str = "movedim";
    if from.len() != to.len() {
        let why = format!("as many axes as places are needed, got {} and {}", from.len(), to.len());
        return Err(Error::value(OP, why));
    }
    let (from, to) = (normalize_axes(OP, from, x.ndim())?, normalize_axes(OP, to, x.ndim())?);
    let mut others = (0..x.ndim()).filter(|axis| !from.contains(axis));
    let source = |place: usize| match to.iter().position(|&t| t == place) {
        Some(i) => from.get(i).copied(),
        None => others.next(),
    };
    let order: Sizes = (0..x.ndim()).filter_map(source).map(|axis| axis as i64).collect();
    view::permute(x, &order)
}

struct Flip {
    axes: Sizes,
}

impl Rule for Flip {
    fn name(&self) -> &'static str {
        "FlipBackward0"
    }
    fn backward(&self, _: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(flip(g, &self.axes)?)])
    }
}

/// A copy with the elements along each of `axes` in reverse.
pub fn flip(x: &Tensor, axes: &[i64]) -> Result<Tensor> {
    const OP: &str = "flip";
    let reversed = normalize_axes(OP, axes, x.ndim())?;
    let layout = reversed.iter().fold(x.layout().clone(), |layout, &axis| {
        let n = layout.shape()[axis];
        layout.slice(axis, n.saturating_sub(1), -1, n)
    });
    let out = x.array().view(layout).copy(OP)?;
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Flip { axes: axes.into() }))
}

/// The elements moved on by `shifts` along `axes`, those beyond the end coming in at the start; without axes, through
/// the flattened tensor. An axis may be named repeatedly.
pub fn roll(x: &Tensor, shifts: &[i64], axes: Option<&[i64]>) -> Result<Tensor> {
    const OP: &str = "roll";
    let Some(axes) = axes else {
        let [shift] = shifts else {
            return Err(Error::value(OP, format!("without axes there is one shift, got {}", shifts.len())));
        };
        let shape: Sizes = x.shape().iter().map(|&s| s as i64).collect();
        return view::reshape(&roll(&view::reshape(x, &[-1])?, &[*shift], Some(&[0]))?, &shape);
    };
    if shifts.len() != axes.len() {
        let why = format!("as many shifts as axes are needed, got {} and {}", shifts.len(), axes.len());
        return Err(Error::value(OP, why));
    }
    let mut rolled = x.clone();
    for (&shift, &axis) in shifts.iter().zip(axes) {
        let axis = axis_of(OP, x, axis)?;
        let n = x.shape()[axis];
        let first = n - shift.rem_euclid(n.max(1) as i64) as usize;
        if first < n {
            rolled = ops::cat(&[part(&rolled, axis, first, n - first), part(&rolled, axis, 0, first)], axis as i64)?;
        }
    }
    if rolled.array().buffer().same(x.array().buffer()) { ops::clone(&rolled) } else { Ok(rolled) }
}

// ---- repeating ----

/// The whole tensor repeated `sizes[i]` times along axis i; more sizes than axes add axes in front.
pub fn repeat(x: &Tensor, sizes: &[i64]) -> Result<Tensor> {
    repeat_as("repeat", x, sizes)
}

fn repeat_as(op: &'static str, x: &Tensor, sizes: &[i64]) -> Result<Tensor> {
    let Some(lead) = sizes.len().checked_sub(x.ndim()) else {
        let why = format!("needs a number of repetitions for each of the {} axes, got {}", x.ndim(), sizes.len());
        return Err(Error::shape(op, &[x.shape()], why));
    };
    let (mut apart, mut wide): (Sizes, Dims) = (smallvec![], smallvec![]);
    let mut shape: Dims = smallvec![];
    for (i, &size) in sizes.iter().enumerate() {
        let times = count_of(op, "a number of repetitions", size)?;
        let n = if i < lead { 1 } else { x.shape()[i - lead] };
        apart.extend([1, n as i64]);
        wide.extend([times, n]);
        shape.push(times.checked_mul(n).ok_or(Error::Memory { op, bytes: times as u128 * n as u128 })?);
    }
    crate::layout::checked_numel(op, &shape)?;
    let spread = view::broadcast_to(op, &view::reshape(x, &apart)?, &wide)?;
    let out = view::reshape(&spread, &shape.iter().map(|&s| s as i64).collect::<Sizes>())?;
    if out.array().buffer().same(x.array().buffer()) { ops::clone(&out) } else { Ok(out) }
}

/// [`repeat`] where fewer numbers than axes count for the last axes.
pub fn tile(x: &Tensor, sizes: &[i64]) -> Result<Tensor> {
    let missing = x.ndim().saturating_sub(sizes.len());
    let sizes: Sizes = (0..missing).map(|_| 1).chain(sizes.iter().copied()).collect();
    repeat_as("tile", x, &sizes)
}

/// How often each element is repeated.
#[derive(Clone, Copy)]
pub enum Repeats<'a> {
    Each(i64),
    /// A vector of integers: one number for all, or one for each position.
    Every(&'a Tensor),
}

/// Each element along `axis` repeated on the spot; without an axis, in the flattened tensor.
pub fn repeat_interleave(x: &Tensor, repeats: Repeats, axis: Option<i64>) -> Result<Tensor> {
    const OP: &str = "repeat_interleave";
    let (x, axis) = match axis {
        Some(axis) => (x.clone(), axis_of(OP, x, axis)?),
        None => (view::reshape(x, &[-1])?, 0),
    };
    let n = x.shape()[axis];
    let counts = match repeats {
        Repeats::Each(times) => {
            count_of(OP, "a number of repetitions", times)?;
            create::full(&[n as i64], Scalar::Int(times), Some(DType::I64))?
        }
        Repeats::Every(counts) => {
            if !counts.dtype().is_integer() {
                return Err(Error::dtype(OP, &[counts.dtype()], "numbers of repetitions must be integers"));
            }
            if counts.ndim() > 1 || (counts.numel() != 1 && counts.numel() != n) {
                let why =
                    format!("needs one number of repetitions, or one for each of the {n} elements of axis {axis}");
                return Err(Error::shape(OP, &[counts.shape()], why));
            }
            let counts = view::reshape(&ops::cast(&counts.detach(), DType::I64)?, &[-1])?;
            if n == 0 {
                create::full(&[0], Scalar::Int(0), Some(DType::I64))?
            } else {
                view::broadcast_to(OP, &counts, &[n])?
            }
        }
    };
    index::index_select(&x, axis as i64, &positions_by_count(OP, &counts)?)
}

/// Position i as often as `counts[i]` says.
fn positions_by_count(op: &'static str, counts: &Tensor) -> Result<Tensor> {
    if counts.numel() == 0 {
        return Ok(counts.clone());
    }
    let (low, high) = order::bounds(counts)?;
    if low < 0 {
        return Err(Error::value(op, format!("a number of repetitions cannot be negative, got {low}")));
    }
    // Refused here, before int64 sums could wrap.
    let bytes = high as u128 * counts.numel() as u128 * 8;
    let ends = scan::cumsum(counts, 0, None)?;
    let total = select(&ends, 0, -1)?.array().first().as_i64();
    if bytes > i64::MAX as u128 {
        return Err(Error::Memory { op, bytes });
    }
    let numbers = create::arange(Scalar::Int(0), Scalar::Int(total), Scalar::Int(1), None)?;
    order::searchsorted(&ends, &numbers, true)
}

// ---- triangles and diagonals ----

/// The last two axes' elements on one side of a diagonal (`offset` to the right of the main one), zeros elsewhere.
pub fn triangle(side: create::Triangle, x: &Tensor, offset: i64) -> Result<Tensor> {
    let op = if side == create::Triangle::Lower { "tril" } else { "triu" };
    if x.ndim() < 2 {
        return Err(Error::shape(op, &[x.shape()], "takes at least 2 axes"));
    }
    let (n, m) = (x.shape()[x.ndim() - 2], x.shape()[x.ndim() - 1]);
    let line = |n: usize| create::arange(Scalar::Int(0), Scalar::Int(n as i64), Scalar::Int(1), None);
    // An offset beyond the matrix is as good as one at its edge.
    let offset = Scalar::Int(offset.clamp(-(n as i64) - 1, m as i64 + 1));
    let distance = ops::sub(&line(m)?, &view::unsqueeze(&line(n)?, 1)?)?;
    let compare = if side == create::Triangle::Lower { &rows::le::OP } else { &rows::ge::OP };
    let keep = ops::binary(compare, Arg::Tensor(&distance), Arg::Scalar(offset))?;
    ops::where_(&keep, Arg::Tensor(x), Arg::Scalar(Scalar::Bool(false)))
}

/// A vector as a diagonal (`offset` to the right of the main one) of a square matrix of zeros; of a matrix, a copy of
/// that diagonal.
pub fn diag(x: &Tensor, offset: i64) -> Result<Tensor> {
    const OP: &str = "diag";
    match x.ndim() {
        1 => {
            let side = (x.numel() as u64).saturating_add(offset.unsigned_abs());
            let side = usize::try_from(side).unwrap_or(usize::MAX);
            let out = Tensor::from(Array::zeros(OP, &[side, side], x.dtype())?);
            view::assign(OP, &view::diagonal(&out, offset, 0, 1)?, x)?;
            Ok(out)
        }
        2 => ops::clone(&view::diagonal(x, offset, 0, 1)?),
        _ => Err(Error::shape(OP, &[x.shape()], "takes a vector or a matrix; use diagonal() for more axes")),
    }
}

/// The sum of a matrix's main diagonal.
pub fn trace(x: &Tensor) -> Result<Tensor> {
    if x.ndim() != 2 {
        return Err(Error::shape("trace", &[x.shape()], "takes a matrix (2 axes)"));
    }
    ops::sum(&view::diagonal(x, 0, 0, 1)?, None, false, None)
}

// ---- several tensors ----

/// The tensors broadcast to their common shape, as views.
pub fn broadcast_tensors(tensors: &[Tensor]) -> Result<Vec<Tensor>> {
    const OP: &str = "broadcast_tensors";
    let mut shape = Dims::new();
    for tensor in tensors {
        shape = broadcast_shapes(OP, &shape, tensor.shape())?;
    }
    tensors.iter().map(|tensor| view::broadcast_to(OP, tensor, &shape)).collect()
}

/// Which axis the first two vectors of a grid run along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Indexing {
    /// The i-th vector along axis i.
    Ij,
    /// As `Ij` with the first two axes swapped.
    Xy,
}

/// Coordinate grids: for each vector (or number) a tensor that varies along one axis and repeats along the others.
pub fn meshgrid(tensors: &[Tensor], indexing: Indexing) -> Result<Vec<Tensor>> {
    const OP: &str = "meshgrid";
    if let Some(bad) = tensors.iter().find(|t| t.ndim() > 1) {
        return Err(Error::shape(OP, &[bad.shape()], "takes vectors and numbers"));
    }
    let place = |i: usize| match (indexing, i) {
        (Indexing::Xy, 0) if tensors.len() > 1 => 1,
        (Indexing::Xy, 1) => 0,
        _ => i,
    };
    let grid = |(i, tensor): (usize, &Tensor)| {
        let mut shape: Sizes = smallvec![1; tensors.len()];
        shape[place(i)] = tensor.numel() as i64;
        view::reshape(tensor, &shape)
    };
    let grids: Vec<Tensor> = tensors.iter().enumerate().map(grid).collect::<Result<_>>()?;
    broadcast_tensors(&grids)
}

/// Differences of neighbours along `axis`, `n` times over; for bools, whether they differ.
pub fn diff(x: &Tensor, n: i64, axis: i64) -> Result<Tensor> {
    const OP: &str = "diff";
    let axis = axis_of(OP, x, axis)?;
    let mut rest = x.clone();
    for _ in 0..count_of(OP, "n", n)? {
        let Some(len) = rest.shape()[axis].checked_sub(1) else { break };
        let (later, earlier) = (part(&rest, axis, 1, len), part(&rest, axis, 0, len));
        let op = if x.dtype() == DType::Bool { &rows::ne::OP } else { &rows::sub::OP };
        rest = ops::binary(op, Arg::Tensor(&later), Arg::Tensor(&earlier))?;
    }
    Ok(rest)
}

/// The Kronecker product: blocks of `y`, each times an element of `x`.
pub fn kron(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let ndim = x.ndim().max(y.ndim());
    let size = |t: &Tensor, axis: usize| {
        let lead = ndim - t.ndim();
        if axis < lead { 1 } else { t.shape()[axis - lead] as i64 }
    };
    let (mut of_x, mut of_y, mut shape): (Sizes, Sizes, Sizes) = (smallvec![], smallvec![], smallvec![]);
    for axis in 0..ndim {
        let (a, b) = (size(x, axis), size(y, axis));
        of_x.extend([a, 1]);
        of_y.extend([1, b]);
        shape.push(a.saturating_mul(b));
    }
    view::reshape(&ops::mul(&view::reshape(x, &of_x)?, &view::reshape(y, &of_y)?)?, &shape)
}
