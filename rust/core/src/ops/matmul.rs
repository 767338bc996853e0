//! Products of vectors and matrices.

use super::complex::adjoint;
use super::view;
use crate::array::Array;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Context, Grads, Rule, Saved};
use crate::kernels::{dot, gemm};
use crate::layout::{Layout, broadcast_shapes};
use crate::ops;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};

/// `multiply` on both operands in the dtype that holds them.
fn promoted(a: &Tensor, b: &Tensor, multiply: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let dtype = a.dtype().promote(b.dtype());
    multiply(&ops::cast(a, dtype)?, &ops::cast(b, dtype)?)
}

struct Dot {
    x: Saved,
    y: Saved,
}

impl Rule for Dot {
    fn name(&self) -> &'static str {
        "DotBackward0"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let of = |i: usize, other: &Saved| match cx.needs(i) {
            true => ops::strong_mul(g, &cx.unpack(other)?).map(Some),
            false => Ok(None),
        };
        Ok(smallvec![of(0, &self.y)?, of(1, &self.x)?])
    }
    fn release(&mut self) {
        self.x.release();
        self.y.release();
    }
}

/// The inner product of two vectors, and of nothing else.
pub fn dot(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    const OP: &str = "dot";
    if x.ndim() != 1 || y.ndim() != 1 {
        let why = "takes two vectors; use mv() for a matrix and a vector, mm() or @ for matrices";
        return Err(Error::shape(OP, &[x.shape(), y.shape()], why));
    }
    if x.shape() != y.shape() {
        return Err(Error::shape(OP, &[x.shape(), y.shape()], "the vectors must have one length"));
    }
    if x.dtype() != y.dtype() {
        return promoted(x, y, dot);
    }
    if !x.dtype().is_float() {
        return ops::sum(&ops::mul(x, y)?, None, false, Some(x.dtype()));
    }
    let out = Array::uninit(OP, &[], x.dtype())?;
    dot::dot(&x.array().contiguous(OP)?, &y.array().contiguous(OP)?, &out);
    Ok(Tensor::record(out, smallvec![x.edge(), y.edge()], |_| Dot { x: Saved::input(0, x), y: Saved::input(1, y) }))
}

struct Matmul {
    name: &'static str,
    a: Saved,
    b: Saved,
}

impl Rule for Matmul {
    fn name(&self) -> &'static str {
        self.name
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let left = match cx.needs(0) {
            true => Some(product(self.name, "matmul", g, &adjoint(&cx.unpack(&self.b)?)?)?),
            false => None,
        };
        let right = match cx.needs(1) {
            true => Some(product(self.name, "matmul", &adjoint(&cx.unpack(&self.a)?)?, g)?),
            false => None,
        };
        Ok(smallvec![left, right])
    }
    fn release(&mut self) {
        self.a.release();
        self.b.release();
    }
}

/// The array in a layout that `gemm` reads directly: one axis of its matrices dense, none repeated or reversed.
fn plain(op: &'static str, array: &Array) -> Result<Array> {
    let n = array.ndim();
    let (rows, columns) = (array.layout().strides()[n - 2], array.layout().strides()[n - 1]);
    let is_plain = rows > 0 && columns > 0 && (rows == 1 || columns == 1) || array.is_contiguous();
    if is_plain { Ok(array.clone()) } else { array.copy(op) }
}

/// The product of matrices (the last two axes) over broadcast batches (the others).
fn product(name: &'static str, op: &'static str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.dtype() != b.dtype() {
        return promoted(a, b, |a, b| product(name, op, a, b));
    }
    let ([lead_a @ .., m, k], [lead_b @ .., depth, n]) = (a.shape(), b.shape()) else {
        return Err(Error::shape(op, &[a.shape(), b.shape()], "takes matrices"));
    };
    if depth != k {
        let why = format!("the first has {k} columns and the second {depth} rows; they must be equal");
        return Err(Error::shape(op, &[a.shape(), b.shape()], why));
    }
    let mut shape = broadcast_shapes(op, lead_a, lead_b)?;
    shape.extend([*m, *n]);
    let out = Array::uninit(op, &shape, a.dtype())?;
    if *k == 0 {
        crate::kernels::copy::fill(&out, crate::scalar::Scalar::Int(0).bits(out.dtype()));
    } else if out.numel() > 0 {
        gemm::matmul(&plain(op, a.array())?, &plain(op, b.array())?, &out)?;
    }
    let edges = smallvec![a.edge(), b.edge()];
    Ok(Tensor::record(out, edges, |_| Matmul { name, a: Saved::input(0, a), b: Saved::input(1, b) }))
}

fn wants(op: &'static str, a: &Tensor, b: &Tensor, ndims: (usize, usize), what: &'static str) -> Result<()> {
    if (a.ndim(), b.ndim()) == ndims {
        return Ok(());
    }
    Err(Error::shape(op, &[a.shape(), b.shape()], format!("takes {what}")))
}

/// A matrix times a vector.
pub fn mv(a: &Tensor, x: &Tensor) -> Result<Tensor> {
    wants("mv", a, x, (2, 1), "a matrix and a vector")?;
    let column = view::unsqueeze(x, 1)?;
    view::squeeze(&product("MvBackward0", "mv", a, &column)?, Some(&[1]))
}

/// A matrix times a matrix.
pub fn mm(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    wants("mm", a, b, (2, 2), "two matrices")?;
    product("MmBackward0", "mm", a, b)
}

/// Matrices times matrices, pair by pair along the first axis.
pub fn bmm(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    wants("bmm", a, b, (3, 3), "two stacks of matrices (3 axes each)")?;
    if a.shape()[0] != b.shape()[0] {
        return Err(Error::shape("bmm", &[a.shape(), b.shape()], "both stacks must have one length"));
    }
    product("BmmBackward0", "bmm", a, b)
}

/// `a @ b`: vectors are rows on the left and columns on the right; axes before the last two are batches.
pub fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    const OP: &str = "matmul";
    match (a.ndim(), b.ndim()) {
        (0, _) | (_, 0) => {
            Err(Error::shape(OP, &[a.shape(), b.shape()], "takes at least one axis each; use * for numbers"))
        }
        (1, 1) if a.shape() == b.shape() => dot(a, b),
        (2, 2) => product("MmBackward0", OP, a, b),
        (1, 1) => Err(Error::shape(OP, &[a.shape(), b.shape()], "the vectors must have one length")),
        (1, _) => view::squeeze(&product("MvBackward0", OP, &view::unsqueeze(a, 0)?, b)?, Some(&[-2])),
        (_, 1) => view::squeeze(&product("MvBackward0", OP, a, &view::unsqueeze(b, 1)?)?, Some(&[-1])),
        _ => product("BmmBackward0", OP, a, b),
    }
}

/// Every product of an element of `x` with one of `y`.
pub fn outer(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    wants("outer", x, y, (1, 1), "two vectors")?;
    ops::mul(&view::unsqueeze(x, 1)?, y)
}

/// Inner products along one axis, with broadcasting; the first factor is conjugated.
pub fn vecdot(x: &Tensor, y: &Tensor, axis: i64) -> Result<Tensor> {
    if x.ndim() == 0 || y.ndim() == 0 {
        return Err(Error::shape("vecdot", &[x.shape(), y.shape()], "takes at least one axis each"));
    }
    let product = ops::mul(&ops::conj(x)?, y)?;
    let dtype = product.dtype();
    ops::sum(&product, Some(&[axis]), false, Some(dtype))
}

/// Products summed over axes of both: the last `count` of `a` with the first of `b`, or the axes listed.
pub fn tensordot(a: &Tensor, b: &Tensor, left: &[i64], right: &[i64]) -> Result<Tensor> {
    const OP: &str = "tensordot";
    let left = crate::layout::normalize_axes(OP, left, a.ndim())?;
    let right = crate::layout::normalize_axes(OP, right, b.ndim())?;
    if left.len() != right.len() || left.iter().zip(&right).any(|(&i, &j)| a.shape()[i] != b.shape()[j]) {
        return Err(Error::shape(OP, &[a.shape(), b.shape()], "the axes summed over must pair up in size"));
    }
    let free =
        |t: &Tensor, used: &[usize]| -> SmallVec<[usize; 4]> { (0..t.ndim()).filter(|i| !used.contains(i)).collect() };
    let (keep_a, keep_b) = (free(a, &left), free(b, &right));
    let order = |first: &[usize], second: &[usize]| -> SmallVec<[i64; 4]> {
        first.iter().chain(second).map(|&i| i as i64).collect()
    };
    let inner: usize = left.iter().map(|&i| a.shape()[i]).product();
    let size = |t: &Tensor, axes: &[usize]| axes.iter().map(|&i| t.shape()[i]).product::<usize>() as i64;
    let rows = view::reshape(&view::permute(a, &order(&keep_a, &left))?, &[size(a, &keep_a), inner as i64])?;
    let columns = view::reshape(&view::permute(b, &order(&right, &keep_b))?, &[inner as i64, size(b, &keep_b)])?;
    let out = mm(&rows, &columns)?;
    let shape: SmallVec<[i64; 4]> =
        keep_a.iter().map(|&i| a.shape()[i] as i64).chain(keep_b.iter().map(|&i| b.shape()[i] as i64)).collect();
    view::reshape(&out, &shape)
}

/// An identity matrix of the dtype.
pub fn identity(n: usize, dtype: DType) -> Result<Tensor> {
    let zeros = Array::zeros("eye", &[n, n], dtype)?;
    let diagonal = zeros.view(Layout::new(smallvec![n], smallvec![n as isize + 1], 0));
    crate::kernels::copy::fill(&diagonal, crate::scalar::Scalar::Int(1).bits(dtype));
    Ok(zeros.into())
}
