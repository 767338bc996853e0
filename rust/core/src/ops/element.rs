//! Calling elementwise operations on tensors: promotion, broadcasting, recording, in-place forms.

use super::table::Class;
pub use super::table::ElementOp;
use crate::array::Array;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::graph::{Context, Edges, Grads, Node, NodeRef, Rule, Saved, is_recording};
use crate::kernels::map::{Operand, map, map_fresh, quick};
use crate::layout::broadcast_shapes;
use crate::ops::cast;
use crate::readings::{Traced, Uses};
use crate::scalar::{Bits, Scalar};
use crate::tensor::Tensor;
use smallvec::smallvec;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// An argument: a tensor, or a number whose dtype is weak.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    Tensor(&'a Tensor),
    Scalar(Scalar),
}

impl<'a> From<&'a Tensor> for Arg<'a> {
    fn from(tensor: &'a Tensor) -> Arg<'a> {
        Arg::Tensor(tensor)
    }
}

/// Every elementwise operation.
pub fn element_ops() -> impl Iterator<Item = &'static ElementOp> {
    super::unary::OPS.iter().chain(super::binary::OPS).copied()
}

/// The operation of this name or alias, as the rows spell it.
///
/// # Panics
/// If there is none: the names come from the code, not from users.
pub fn element_op(name: &str) -> &'static ElementOp {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static ElementOp>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        element_ops().flat_map(|op| op.aliases.iter().chain([&op.name]).map(move |name| (*name, op))).collect()
    });
    by_name[name]
}

static DEFAULT_FLOAT_IS_64: AtomicBool = AtomicBool::new(false);

/// The dtype of floats that come without one: float32 unless changed.
#[inline]
pub fn default_float() -> DType {
    if DEFAULT_FLOAT_IS_64.load(Ordering::Relaxed) { DType::F64 } else { DType::F32 }
}

pub fn set_default_float(dtype: DType) -> Result<()> {
    if !dtype.is_float() {
        return Err(Error::dtype("set_default_dtype", &[dtype], "takes float32 or float64"));
    }
    DEFAULT_FLOAT_IS_64.store(dtype == DType::F64, Ordering::Relaxed);
    Ok(())
}

impl ElementOp {
    /// The dtype to compute in, from the promoted dtype of the inputs.
    #[inline]
    fn compute_dtype(&self, dtype: DType) -> Result<DType> {
        let refuse = |why| Err(Error::dtype(self.name, &[dtype], why));
        match (self.class, dtype.kind()) {
            (Class::Number | Class::Ring, Kind::Bool) => {
                refuse("takes numbers, not bools; use logical operations or convert first")
            }
            (Class::Bits, Kind::Float | Kind::Complex) => refuse("takes integers and bools only"),
            (Class::Float | Class::Number | Class::Ordered | Class::Comparison, Kind::Complex) => {
                refuse("takes real numbers; use x.abs(), x.real or x.imag")
            }
            (Class::Float | Class::Field, _) => Ok(dtype.to_float(default_float())),
            _ => Ok(dtype),
        }
    }
    #[inline]
    fn out_dtype(&self, compute: DType) -> DType {
        if matches!(self.class, Class::Predicate | Class::Comparison) { DType::Bool } else { compute }
    }
    /// An operation and a number that give the bits of `op(x, y)`, and those of its derivative by x: a quotient by a
    /// power of two is the product with the reciprocal, in a third of the time.
    fn quicker(&'static self, y: Scalar, dtype: DType) -> (&'static ElementOp, Scalar) {
        if std::ptr::eq(self, &super::binary::div::OP) && is_power_of_two(y, dtype) {
            return (&super::binary::mul::OP, Scalar::Float(1.0 / y.as_f64()));
        }
        (self, y)
    }
    #[inline]
    fn raw_kernel(&self, dtype: DType) -> Result<crate::kernels::RawKernel> {
        match (self.kernel)(dtype) {
            Some(kernel) => Ok(kernel.get()),
            None => Err(Error::dtype(self.name, &[dtype], "is not computed in this dtype")),
        }
    }
}

/// Whether a number and its reciprocal are normal powers of two in this dtype, which is real.
fn is_power_of_two(x: Scalar, dtype: DType) -> bool {
    let least = match dtype {
        DType::F32 => f64::from(f32::MIN_POSITIVE),
        DType::F64 => f64::MIN_POSITIVE,
        _ => return false,
    };
    let has_fraction = x.as_f64().to_bits() << 12 != 0;
    !has_fraction && (least..=1.0 / least).contains(&x.as_f64().abs())
}

/// A saved argument of a recorded operation.
enum SavedArg {
    Unused,
    Tensor(Saved),
    Scalar(Scalar),
}

impl SavedArg {
    fn new(i: usize, arg: Arg, is_read: bool) -> SavedArg {
        match arg {
            _ if !is_read => SavedArg::Unused,
            Arg::Tensor(tensor) => SavedArg::Tensor(Saved::input(i, tensor)),
            Arg::Scalar(scalar) => SavedArg::Scalar(scalar),
        }
    }
}

/// The rule of every elementwise operation: what its row says.
struct ElementRule {
    op: &'static ElementOp,
    /// x, y and the result, as far as the derivatives read them.
    saved: [SavedArg; 3],
}

impl ElementRule {
    #[inline]
    fn new(op: &'static ElementOp, x: Arg, y: Option<Arg>, z: &Array, edges: &[Option<NodeRef>]) -> ElementRule {
        let mut reads = [false; 3];
        for (partial, edge) in op.partials.iter().zip(edges) {
            if edge.is_some() {
                let uses = (partial.uses)();
                reads.iter_mut().enumerate().for_each(|(i, read)| *read |= uses.reads(i));
            }
        }
        let saved = [
            SavedArg::new(0, x, reads[0]),
            y.map_or(SavedArg::Unused, |y| SavedArg::new(1, y, reads[1])),
            if reads[2] { SavedArg::Tensor(Saved::output(z)) } else { SavedArg::Unused },
        ];
        ElementRule { op, saved }
    }

    /// First order: one fused loop over x, y, z and g.
    fn fused(&self, input: usize, uses: Uses, g: &Array) -> Result<Tensor> {
        let (name, mut op) = (self.op.backward, self.op);
        let mut operands = [Operand::Array(g); 4];
        for (i, (saved, operand)) in self.saved.iter().zip(&mut operands).enumerate() {
            match saved {
                SavedArg::Tensor(saved) if uses.reads(i) => *operand = Operand::Array(saved.get(name)?),
                SavedArg::Scalar(number) => {
                    let (quicker, number) = if i == 1 { op.quicker(*number, g.dtype()) } else { (op, *number) };
                    (op, *operand) = (quicker, Operand::Scalar(number.bits(g.dtype())));
                }
                _ => {}
            }
        }
        let kernel = (op.partials[input].kernel)(g.dtype())
            .ok_or_else(|| Error::dtype(name, &[g.dtype()], "gradients are floats"))?;
        let out = Array::uninit_like(name, g, g.dtype())?;
        map_fresh(kernel.get(), &operands, g.dtype().size(), &out, self.op.grain);
        Ok(out.into())
    }

    /// Any order: the derivative's expression over tensors.
    fn traced(&self, cx: &Context, input: usize, uses: Uses, g: &Tensor) -> Result<Tensor> {
        let mut tensors: [Option<Tensor>; 3] = [None, None, None];
        let mut scalars = [None; 3];
        for (i, saved) in self.saved.iter().enumerate() {
            match saved {
                SavedArg::Tensor(saved) if uses.reads(i) => tensors[i] = Some(cx.unpack(saved)?),
                SavedArg::Scalar(scalar) => scalars[i] = Some(*scalar),
                _ => {}
            }
        }
        let inputs = [tensors[0].as_ref(), tensors[1].as_ref(), tensors[2].as_ref()];
        Traced::gradient(inputs, scalars, g, self.op.partials[input].traced)
    }
}

impl Rule for ElementRule {
    #[allow(clippy::misnamed_getters)] // the node's name, not the operation's
    fn name(&self) -> &'static str {
        self.op.backward
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        if !self.op.is_differentiable() {
            return Err(Error::autograd(self.op.name, "has no derivative"));
        }
        let mut grads = Grads::new();
        for (i, partial) in self.op.partials.iter().enumerate() {
            if !cx.needs(i) {
                grads.push(None);
                continue;
            }
            grads.push(Some(match (partial.uses)() {
                Uses::Constant(1.0) => g.clone(),
                Uses::Constant(v) => scale(g, v)?,
                uses if is_recording() => self.traced(cx, i, uses, g)?,
                uses => self.fused(i, uses, g.array())?,
            }));
        }
        Ok(grads)
    }
    fn release(&mut self) {
        for saved in &mut self.saved {
            if let SavedArg::Tensor(saved) = saved {
                saved.release();
            }
        }
    }
}

fn scale(g: &Tensor, factor: f64) -> Result<Tensor> {
    if factor == -1.0 {
        return unary(&super::unary::neg::OP, g);
    }
    binary(&super::binary::strong_mul::OP, Arg::Tensor(g), Arg::Scalar(Scalar::Float(factor)))
}

/// `op(x)`.
pub fn unary(op: &'static ElementOp, x: &Tensor) -> Result<Tensor> {
    if let (true, Some(on_complex)) = (x.dtype().is_complex(), op.on_complex) {
        return on_complex(x);
    }
    let dtype = op.compute_dtype(x.dtype())?;
    let x = cast_arg(x, dtype)?;
    let out = Array::uninit_like(op.name, x.array(), op.out_dtype(dtype))?;
    let kernel = op.raw_kernel(dtype)?;
    if !quick(kernel, [x.array()], &out) {
        map_fresh(kernel, &[Operand::Array(x.array())], dtype.size(), &out, op.grain);
    }
    Ok(finish(op, out, Arg::Tensor(&x), None))
}

/// `op(x, y)` with promotion and broadcasting.
pub fn binary(op: &'static ElementOp, x: Arg, y: Arg) -> Result<Tensor> {
    if let (Arg::Tensor(x), Arg::Tensor(y)) = (x, y)
        && x.dtype() == y.dtype()
    {
        return same_dtype(op, Arg::Tensor(x), Arg::Tensor(y), op.compute_dtype(x.dtype())?);
    }
    if std::ptr::eq(op, &super::binary::pow::OP)
        && let Some(result) = short_power(x, y)?
    {
        return Ok(result);
    }
    let dtype = op.compute_dtype(promoted(op, x, y)?)?;
    same_dtype(op, x, y, dtype)
}

/// The powers that are a product or a quotient, in a fraction of the time: `x ** 2`, `x ** 3` and, of what is inexact,
/// `x ** -1`.
fn short_power(x: Arg, y: Arg) -> Result<Option<Tensor>> {
    let (Arg::Tensor(x), Arg::Scalar(exponent)) = (x, y) else { return Ok(None) };
    let is_inexact = x.dtype().is_inexact();
    let keeps_dtype = match exponent {
        Scalar::Int(_) => x.dtype() != DType::Bool,
        Scalar::Float(_) => is_inexact,
        _ => false,
    };
    Ok(match exponent.as_f64() {
        2.0 if keeps_dtype => Some(super::square(x)?),
        3.0 if keeps_dtype => Some(super::mul(&super::square(x)?, x)?),
        -1.0 if keeps_dtype && is_inexact => Some(unary(&super::unary::reciprocal::OP, x)?),
        _ => None,
    })
}

/// The promoted dtype of two arguments.
pub fn promoted(op: &ElementOp, x: Arg, y: Arg) -> Result<DType> {
    Ok(match (x, y) {
        (Arg::Tensor(x), Arg::Tensor(y)) => x.dtype().promote(y.dtype()),
        (Arg::Tensor(t), Arg::Scalar(s)) | (Arg::Scalar(s), Arg::Tensor(t)) => {
            let dtype = t.dtype().promote_scalar(s, default_float());
            if !matches!(op.class, Class::Float | Class::Field) {
                s.check_fits(op.name, dtype)?;
            }
            dtype
        }
        (Arg::Scalar(x), Arg::Scalar(y)) => x.dtype(default_float()).promote(y.dtype(default_float())),
    })
}

fn cast_arg(x: &Tensor, dtype: DType) -> Result<Cow<'_, Tensor>> {
    Ok(if x.dtype() == dtype { Cow::Borrowed(x) } else { Cow::Owned(cast(x, dtype)?) })
}

#[inline]
fn same_dtype(op: &'static ElementOp, x: Arg, y: Arg, dtype: DType) -> Result<Tensor> {
    if let (Arg::Tensor(x), Arg::Tensor(y)) = (x, y)
        && x.array().has_shape_of(y.array())
        && x.dtype() == dtype
        && y.dtype() == dtype
    {
        check_domain(op, Arg::Tensor(y), dtype)?;
        let out = Array::uninit_like(op.name, x.array(), op.out_dtype(dtype))?;
        let kernel = op.raw_kernel(dtype)?;
        if !quick(kernel, [x.array(), y.array()], &out) {
            let operands = [Operand::Array(x.array()), Operand::Array(y.array())];
            map_fresh(kernel, &operands, dtype.size(), &out, op.grain);
        }
        if !x.may_have_node() && !y.may_have_node() {
            return Ok(out.into());
        }
        return Ok(finish(op, out, Arg::Tensor(x), Some(Arg::Tensor(y))));
    }
    general(op, x, y, dtype)
}

fn general(op: &'static ElementOp, x: Arg, y: Arg, dtype: DType) -> Result<Tensor> {
    check_domain(op, y, dtype)?;
    let cast_of = |arg: Arg| match arg {
        Arg::Tensor(tensor) if tensor.dtype() != dtype => cast(tensor, dtype).map(Some),
        _ => Ok(None),
    };
    let (x_cast, y_cast) = (cast_of(x)?, cast_of(y)?);
    let x = x_cast.as_ref().map_or(x, Arg::Tensor);
    let y = y_cast.as_ref().map_or(y, Arg::Tensor);
    let out_dtype = op.out_dtype(dtype);
    let out = match (x, y) {
        (Arg::Tensor(x), Arg::Tensor(y)) => {
            Array::uninit(op.name, &broadcast_shapes(op.name, x.shape(), y.shape())?, out_dtype)?
        }
        (Arg::Tensor(t), _) | (_, Arg::Tensor(t)) => Array::uninit_like(op.name, t.array(), out_dtype)?,
        _ => Array::uninit(op.name, &[], out_dtype)?,
    };
    let first = match x {
        Arg::Tensor(x) => Operand::Array(x.array()),
        Arg::Scalar(x) => Operand::Scalar(x.bits(dtype)),
    };
    let (quicker, second) = second_operand(op, y, dtype);
    map_fresh(quicker.raw_kernel(dtype)?, &[first, second], dtype.size(), &out, op.grain);
    Ok(finish(op, out, x, Some(y)))
}

/// The second operand, and the operation to do with it.
fn second_operand<'a>(op: &'static ElementOp, y: Arg<'a>, dtype: DType) -> (&'static ElementOp, Operand<'a>) {
    match y {
        Arg::Tensor(y) => (op, Operand::Array(y.array())),
        Arg::Scalar(y) => {
            let (op, y) = op.quicker(y, dtype);
            (op, Operand::Scalar(y.bits(dtype)))
        }
    }
}

/// What a kernel cannot refuse is refused before: integers have no quotient by zero and no negative powers.
fn check_domain(op: &ElementOp, y: Arg, dtype: DType) -> Result<()> {
    if dtype.is_inexact() || !matches!(op.name, "floor_divide" | "remainder" | "fmod" | "pow") {
        return Ok(());
    }
    let bad = |v: i64| if op.name == "pow" { v < 0 } else { v == 0 };
    let found = match y {
        Arg::Scalar(scalar) => bad(scalar.as_i64()),
        Arg::Tensor(tensor) if dtype == DType::U64 => tensor.array().to_vec::<u64>()?.contains(&0) && op.name != "pow",
        Arg::Tensor(tensor) => tensor.array().to_vec::<i64>()?.into_iter().any(bad),
    };
    match (found, op.name) {
        (false, _) => Ok(()),
        (true, "pow") => Err(Error::value("pow", "integers to a negative power are not integers; use floats")),
        (true, name) => Err(Error::value(name, "integer division by zero; use floats to get inf or nan")),
    }
}

/// The edges of a call, `None` when nothing needs recording.
#[inline]
fn edges(op: &ElementOp, x: Arg, y: Option<Arg>) -> Option<Edges> {
    let edge = |arg: Arg| match arg {
        Arg::Tensor(tensor) => tensor.edge(),
        Arg::Scalar(_) => None,
    };
    let mut found = edge(x).map(|edge| -> Edges { smallvec![Some(edge)] });
    if let Some(edge) = y.and_then(edge) {
        found.get_or_insert_with(|| smallvec![None]).push(Some(edge));
    }
    // An operation that gives bools or integers ends the graph.
    if matches!(op.class, Class::Predicate | Class::Comparison | Class::Bits) { None } else { found }
}

#[inline]
fn finish(op: &'static ElementOp, out: Array, x: Arg, y: Option<Arg>) -> Tensor {
    let Some(edges) = edges(op, x, y) else { return out.into() };
    let rule = ElementRule::new(op, x, y, &out, &edges);
    Tensor::record(out, edges, |_| rule)
}

/// `x = op(x)` in x's own memory.
pub fn unary_in_place(op: &'static ElementOp, x: &Tensor) -> Result<()> {
    in_place(op, x, None)
}

/// `x = op(x, y)` in x's own memory; x keeps its dtype and shape.
pub fn binary_in_place(op: &'static ElementOp, x: &Tensor, y: Arg) -> Result<()> {
    in_place(op, x, Some(y))
}

fn in_place(op: &'static ElementOp, x: &Tensor, y: Option<Arg>) -> Result<()> {
    x.check_writable(op.name)?;
    if let (None, true, Some(on_complex)) = (y, x.dtype().is_complex(), op.on_complex) {
        return super::view::assign(op.name, x, &on_complex(x)?);
    }
    let dtype = op.compute_dtype(match y {
        Some(y) => promoted(op, Arg::Tensor(x), y)?,
        None => x.dtype(),
    })?;
    let out_dtype = op.out_dtype(dtype);
    if out_dtype.kind() > x.dtype().kind() {
        let why = "the result does not fit the dtype of the tensor changed in place; use the out-of-place operation";
        return Err(Error::dtype(op.name, &[x.dtype(), out_dtype], why));
    }
    if let Some(Arg::Tensor(y)) = y
        && broadcast_shapes(op.name, x.shape(), y.shape())?.as_slice() != x.shape()
    {
        let why = "the second operand is larger than the tensor changed in place";
        return Err(Error::shape(op.name, &[x.shape(), y.shape()], why));
    }
    // Another view of the same memory may be read while it is overwritten, so it is copied first.
    let overlapping =
        |y: &Tensor| y.array().buffer().may_overlap(x.array().buffer()) && y.array().layout() != x.array().layout();
    if dtype != x.dtype() || out_dtype != dtype || matches!(y, Some(Arg::Tensor(y)) if overlapping(y)) {
        let result = match y {
            Some(y) => binary(op, Arg::Tensor(x), y)?,
            None => unary(op, x)?,
        };
        return super::view::assign(op.name, x, &result);
    }
    let y_cast = match y {
        Some(Arg::Tensor(y)) if y.dtype() != dtype => Some(cast(y, dtype)?),
        _ => None,
    };
    let y = y_cast.as_ref().map(Arg::Tensor).or(y);
    if let Some(y) = y {
        check_domain(op, y, dtype)?;
    }
    write_in_place(op, x, y, dtype)
}

fn write_in_place(op: &'static ElementOp, x: &Tensor, y: Option<Arg>, dtype: DType) -> Result<()> {
    let edges = edges(op, Arg::Tensor(x), y);
    // Backward must see the old values where its expressions read them.
    let y_is_x = matches!(y, Some(Arg::Tensor(y)) if y.array().buffer().same(x.array().buffer()));
    let reads_old = |edges: &Edges| {
        let mut partials = op.partials.iter().zip(edges).filter(|(_, edge)| edge.is_some());
        partials.any(|(partial, _)| (partial.uses)().reads(0) || y_is_x && (partial.uses)().reads(1))
    };
    let old: Cow<Tensor> = match &edges {
        Some(edges) if reads_old(edges) => Cow::Owned(x.array().copy(op.name)?.into()),
        _ => Cow::Borrowed(x),
    };
    let (quicker, second) = y.map_or((op, Operand::Scalar(Bits([0; 16]))), |y| second_operand(op, y, dtype));
    let operands = [Operand::Array(x.array()), second];
    map(quicker.raw_kernel(dtype)?, &operands[..op.arity], dtype.size(), x.array(), op.grain);
    // The result is saved under the version that this write gives it.
    x.array().buffer().bump_version();
    let Some(edges) = edges else {
        x.rebased(None);
        return Ok(());
    };
    let y = if y_is_x { Some(Arg::Tensor(&old)) } else { y };
    let rule = ElementRule::new(op, Arg::Tensor(&old), y, x.array(), &edges);
    x.rebased(Some(Node::record(rule, edges, x.array())));
    Ok(())
}

/// `sum += grad`, both plain arrays, for the engine.
pub fn add_in_place(sum: &Array, grad: &Array) -> Result<()> {
    let op = &super::binary::add::OP;
    let grad = grad.cast("backward", sum.dtype())?;
    let operands = [Operand::Array(sum), Operand::Array(&grad)];
    map(op.raw_kernel(sum.dtype())?, &operands, sum.dtype().size(), sum, op.grain);
    sum.buffer().bump_version();
    Ok(())
}
