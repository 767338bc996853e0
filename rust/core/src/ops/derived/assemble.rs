//! NumPy's further names for joining, cutting, turning and laying out.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::{normalize_axes, normalize_axis};
use crate::ops::arrange::{self, Indexing};
use crate::ops::{self, create, index, scan, view};
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::SmallVec;

fn signed(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|&n| n as i64).collect()
}

/// `x` with axes of size 1 added until it has `ndim` (1, 2 or 3): a vector becomes a row, in three axes the middle one.
pub fn at_least(x: &Tensor, ndim: usize) -> Result<Tensor> {
    let shape = match (x.shape(), ndim) {
        (shape, _) if shape.len() >= ndim => return Ok(x.clone()),
        ([], _) => vec![1; ndim],
        (&[n], 2) => vec![1, n as i64],
        (&[n], _) => vec![1, n as i64, 1],
        (shape, _) => signed(shape).into_iter().chain([1]).collect(),
    };
    view::reshape(x, &shape)
}

/// Tensors of at least `ndim` axes, one after the other along `axis`.
fn joined(tensors: &[Tensor], ndim: usize, axis: i64) -> Result<Tensor> {
    let parts: Vec<Tensor> = tensors.iter().map(|t| at_least(t, ndim)).collect::<Result<_>>()?;
    ops::cat(&parts, axis)
}

/// Side by side: along the first axis of vectors, else along the second.
pub fn hstack(tensors: &[Tensor]) -> Result<Tensor> {
    let is_line = tensors.first().is_none_or(|t| t.ndim() < 2);
    joined(tensors, 1, if is_line { 0 } else { 1 })
}

/// As rows, one below the other.
pub fn vstack(tensors: &[Tensor]) -> Result<Tensor> {
    joined(tensors, 2, 0)
}

/// Behind each other, along the third axis.
pub fn dstack(tensors: &[Tensor]) -> Result<Tensor> {
    joined(tensors, 3, 2)
}

/// Side by side, where vectors are columns.
pub fn column_stack(tensors: &[Tensor]) -> Result<Tensor> {
    let column = |t: &Tensor| if t.ndim() < 2 { view::reshape(t, &[-1, 1]) } else { Ok(t.clone()) };
    ops::cat(&tensors.iter().map(column).collect::<Result<Vec<_>>>()?, 1)
}

/// Matrices (vectors are rows) down the diagonal of one matrix, zeros elsewhere.
pub fn block_diag(tensors: &[Tensor]) -> Result<Tensor> {
    const OP: &str = "block_diag";
    if let Some(bad) = tensors.iter().find(|t| t.ndim() > 2) {
        return Err(Error::shape(OP, &[bad.shape()], "takes at most 2 axes"));
    }
    let blocks: Vec<Tensor> = tensors.iter().map(|t| at_least(t, 2)).collect::<Result<_>>()?;
    let width: usize = blocks.iter().map(|b| b.shape()[1]).sum();
    let mut start = 0;
    let mut rows = Vec::with_capacity(blocks.len());
    for block in &blocks {
        let (n, m) = (block.shape()[0], block.shape()[1]);
        let zeros = |columns: usize| create::zeros(&[n as i64, columns as i64], Some(block.dtype()));
        rows.push(ops::cat(&[zeros(start)?, block.clone(), zeros(width - start - m)?], 1)?);
        start += m;
    }
    if rows.is_empty() { create::zeros(&[1, 0], None) } else { ops::cat(&rows, 0) }
}

/// Every choice of one element from each vector, as rows.
pub fn cartesian_prod(tensors: &[Tensor]) -> Result<Tensor> {
    const OP: &str = "cartesian_prod";
    if let Some(bad) = tensors.iter().find(|t| t.ndim() != 1) {
        return Err(Error::shape(OP, &[bad.shape()], "takes vectors"));
    }
    if let [one] = tensors {
        return view::alias(one);
    }
    let grids = arrange::meshgrid(tensors, Indexing::Ij)?;
    let columns: Vec<Tensor> = grids.iter().map(|g| view::reshape(g, &[-1])).collect::<Result<_>>()?;
    ops::stack(&columns, 1)
}

/// The rows of `r` elements of a vector in its order, without (or with) repetition of positions.
pub fn combinations(x: &Tensor, r: i64, with_replacement: bool) -> Result<Tensor> {
    const OP: &str = "combinations";
    if x.ndim() != 1 {
        return Err(Error::shape(OP, &[x.shape()], "takes a vector"));
    }
    let r = usize::try_from(r).map_err(|_| Error::value(OP, format!("r cannot be negative, got {r}")))?;
    if r == 0 {
        return create::zeros(&[0], Some(x.dtype()));
    }
    let step = usize::from(!with_replacement);
    let positions = chosen(x.numel(), r, step);
    let rows = positions.len() / r;
    let positions: Tensor = crate::array::Array::from_slice(&[positions.len()], &positions)?.into();
    view::reshape(&index::index_select(x, 0, &positions)?, &[rows as i64, r as i64])
}

/// The ascending sequences of `r` numbers below `n`, each at least `step` above the one before, one after the other.
fn chosen(n: usize, r: usize, step: usize) -> Vec<i64> {
    // The largest number in each place.
    let last = |place: usize| n as i64 - 1 - ((r - 1 - place) * step) as i64;
    let mut row: Vec<i64> = (0..r).map(|place| (place * step) as i64).collect();
    let mut found = Vec::new();
    if n == 0 || row[r - 1] > last(r - 1) {
        return found;
    }
    loop {
        found.extend_from_slice(&row);
        let Some(place) = (0..r).rev().find(|&place| row[place] < last(place)) else { return found };
        let from = row[place] + 1;
        for (i, value) in row[place..].iter_mut().enumerate() {
            *value = from + (i * step) as i64;
        }
    }
}

/// Turned by `quarters` of a circle from the first of `axes` towards the second.
pub fn rot90(x: &Tensor, quarters: i64, axes: [i64; 2]) -> Result<Tensor> {
    const OP: &str = "rot90";
    if x.ndim() < 2 {
        return Err(Error::shape(OP, &[x.shape()], "takes at least 2 axes"));
    }
    normalize_axes(OP, &axes, x.ndim())?;
    match quarters.rem_euclid(4) {
        0 => ops::clone(x),
        1 => view::transpose(&arrange::flip(x, &axes[1..])?, axes[0], axes[1]),
        2 => arrange::flip(x, &axes),
        _ => view::transpose(&arrange::flip(x, &axes[..1])?, axes[0], axes[1]),
    }
}

/// A copy with the elements along the axis `axis` of at least `ndim` axes in reverse.
pub fn mirrored(op: &'static str, x: &Tensor, axis: i64, ndim: usize) -> Result<Tensor> {
    if x.ndim() < ndim {
        return Err(Error::shape(op, &[x.shape()], format!("takes at least {ndim} axes")));
    }
    arrange::flip(x, &[axis])
}

/// One axis as several; one size may be -1.
pub fn unflatten(x: &Tensor, axis: i64, sizes: &[i64]) -> Result<Tensor> {
    const OP: &str = "unflatten";
    let axis = normalize_axis(OP, axis, x.ndim())?;
    if sizes.is_empty() {
        return Err(Error::value(OP, "needs at least one size"));
    }
    let parts = crate::layout::infer_shape(OP, &x.shape()[axis..=axis], sizes)?;
    let shape = [&x.shape()[..axis], &parts, &x.shape()[axis + 1..]].concat();
    view::reshape(x, &signed(&shape))
}

/// The axis that `hsplit`, `vsplit` and `dsplit` cut, of a tensor with enough axes.
fn split_axis(op: &'static str, x: &Tensor) -> Result<usize> {
    let (axis, least) = match op {
        "hsplit" => (x.ndim().min(2).saturating_sub(1), 1),
        "vsplit" => (0, 2),
        _ => (2, 3),
    };
    match x.ndim() >= least {
        true => Ok(axis),
        false => Err(Error::shape(op, &[x.shape()], format!("takes at least {least} axes"))),
    }
}

/// Equal parts along the axis that the name stands for.
pub fn split_evenly(op: &'static str, x: &Tensor, sections: i64) -> Result<Vec<Tensor>> {
    let axis = split_axis(op, x)?;
    let n = x.shape()[axis] as i64;
    if sections < 1 || n % sections != 0 {
        let why = format!("axis {axis} of size {n} does not fall into {sections} equal parts; use tensor_split()");
        return Err(Error::value(op, why));
    }
    arrange::tensor_split(x, sections, axis as i64)
}

/// Parts cut before each of `positions` along the axis that the name stands for.
pub fn split_before(op: &'static str, x: &Tensor, positions: &[i64]) -> Result<Vec<Tensor>> {
    arrange::tensor_split_at(x, positions, split_axis(op, x)? as i64)
}

/// The last axis as a diagonal (`offset` to the right) of matrices of zeros, whose axes become `axis0` and `axis1`.
pub fn diag_embed(x: &Tensor, offset: i64, axis0: i64, axis1: i64) -> Result<Tensor> {
    const OP: &str = "diag_embed";
    let Some((&n, lead)) = x.shape().split_last() else {
        return Err(Error::shape(OP, &[x.shape()], "takes at least 1 axis"));
    };
    let places = normalize_axes(OP, &[axis0, axis1], x.ndim() + 1)?;
    let side = (n as i64).saturating_add(offset.unsigned_abs().min(i64::MAX as u64) as i64);
    let shape: Vec<i64> = signed(lead).into_iter().chain([side, side]).collect();
    let out = create::zeros(&shape, Some(x.dtype()))?;
    view::assign(OP, &view::diagonal(&out, offset, -2, -1)?, x)?;
    let places: SmallVec<[i64; 2]> = places.iter().map(|&axis| axis as i64).collect();
    arrange::movedim(&out, &[-2, -1], &places)
}

/// All elements as a diagonal of a matrix of zeros.
pub fn diagflat(x: &Tensor, offset: i64) -> Result<Tensor> {
    diag_embed(&view::reshape(x, &[-1])?, offset, 0, 1)
}

/// The powers 0 to `columns` - 1 of each element of a vector as a row, from the highest unless `increasing`.
pub fn vander(x: &Tensor, columns: Option<i64>, increasing: bool) -> Result<Tensor> {
    const OP: &str = "vander";
    if x.ndim() != 1 {
        return Err(Error::shape(OP, &[x.shape()], "takes a vector"));
    }
    let columns = columns.unwrap_or(x.numel() as i64);
    if columns < 0 {
        return Err(Error::value(OP, format!("N cannot be negative, got {columns}")));
    }
    let x = ops::cast(x, x.dtype().promote(DType::I64))?;
    let n = x.numel() as i64;
    let ones = create::full(&[n, columns.min(1)], Scalar::Int(1), Some(x.dtype()))?;
    let powers = scan::cumprod(&view::expand(&view::unsqueeze(&x, 1)?, &[n, (columns - 1).max(0)])?, 1, None)?;
    let rows = ops::cat(&[ones, powers], 1)?;
    if increasing { Ok(rows) } else { arrange::flip(&rows, &[1]) }
}
