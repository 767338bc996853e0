//! `where`: a choice between two tensors, element by element.

use super::element::{Arg, default_float};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{Context, Grads, Rule, Saved};
use crate::kernels::map::{Operand, map_fresh};
use crate::kernels::{Body, Kernel};
use crate::layout::{Dims, broadcast_shapes};
use crate::ops::cast;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::smallvec;
use std::marker::PhantomData;

/// Elements of some size, which are chosen by arithmetic on their bits: a branch is dear where the mask has no pattern.
trait Choice: Copy {
    fn choose(mask: u8, yes: Self, no: Self) -> Self;
}
macro_rules! choice {
    ($($T:ty)*) => {
        $(impl Choice for $T {
            #[inline(always)]
            fn choose(mask: u8, yes: $T, no: $T) -> $T {
                let all = <$T>::from(mask != 0).wrapping_neg();
                (yes & all) | (no & !all)
            }
        })*
    };
}
choice!(u8 u16 u32 u64);
impl Choice for [u64; 2] {
    #[inline(always)]
    fn choose(mask: u8, yes: [u64; 2], no: [u64; 2]) -> [u64; 2] {
        [u64::choose(mask, yes[0], no[0]), u64::choose(mask, yes[1], no[1])]
    }
}

struct Choose<T>(PhantomData<T>);
impl<T: Choice> Body for Choose<T> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: the contract of RawKernel: a mask of bytes, then two inputs and an output of T.
        unsafe {
            let (mask, yes, no) = (*args, (*args.add(1)).cast::<T>(), (*args.add(2)).cast::<T>());
            let out = out.cast::<T>();
            for i in 0..n {
                *out.add(i) = T::choose(*mask.add(i), *yes.add(i), *no.add(i));
            }
        }
    }
}

struct Where {
    mask: Saved,
}

impl Rule for Where {
    fn name(&self) -> &'static str {
        "WhereBackward0"
    }
    /// What was not chosen gets exactly 0, whatever the gradient is there.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let mask = cx.unpack(&self.mask)?;
        let zero = Arg::Scalar(Scalar::Float(0.0));
        let yes = if cx.needs(0) { Some(where_(&mask, Arg::Tensor(g), zero)?) } else { None };
        let no = if cx.needs(1) { Some(where_(&mask, zero, Arg::Tensor(g))?) } else { None };
        Ok(smallvec![yes, no])
    }
    fn release(&mut self) {
        self.mask.release();
    }
}

fn operand<'a>(tensor: &'a Option<Tensor>, arg: Arg, dtype: DType) -> Operand<'a> {
    match (tensor, arg) {
        (Some(tensor), _) => Operand::Array(tensor.array()),
        (None, Arg::Scalar(scalar)) => Operand::Scalar(scalar.bits(dtype)),
        (None, Arg::Tensor(_)) => Operand::Scalar(Scalar::Bool(false).bits(dtype)),
    }
}

/// `yes` where `mask` is true, else `no`; all three broadcast. Gradients go to what was chosen, zero elsewhere.
pub fn where_(mask: &Tensor, yes: Arg, no: Arg) -> Result<Tensor> {
    const OP: &str = "where";
    let mask = cast(mask, DType::Bool)?;
    let dtype = match (yes, no) {
        (Arg::Tensor(a), Arg::Tensor(b)) => a.dtype().promote(b.dtype()),
        (Arg::Tensor(t), Arg::Scalar(s)) | (Arg::Scalar(s), Arg::Tensor(t)) => {
            t.dtype().promote_scalar(s, default_float())
        }
        (Arg::Scalar(a), Arg::Scalar(b)) => a.dtype(default_float()).promote(b.dtype(default_float())),
    };
    let as_tensor = |arg| match arg {
        Arg::Tensor(tensor) => cast(tensor, dtype).map(Some),
        Arg::Scalar(_) => Ok(None),
    };
    let (yes_tensor, no_tensor) = (as_tensor(yes)?, as_tensor(no)?);
    let mut shape: Dims = mask.layout().dims();
    for tensor in [&yes_tensor, &no_tensor].into_iter().flatten() {
        shape = broadcast_shapes(OP, &shape, tensor.shape())?;
    }
    let out = Array::uninit(OP, &shape, dtype)?;
    let kernel = match dtype.size() {
        1 => Kernel::of::<Choose<u8>>(),
        2 => Kernel::of::<Choose<u16>>(),
        4 => Kernel::of::<Choose<u32>>(),
        8 => Kernel::of::<Choose<u64>>(),
        _ => Kernel::of::<Choose<[u64; 2]>>(),
    };
    let operands = [Operand::Array(mask.array()), operand(&yes_tensor, yes, dtype), operand(&no_tensor, no, dtype)];
    map_fresh(kernel.get(), &operands, dtype.size(), &out, 1 << 16);
    let edge = |tensor: &Option<Tensor>| tensor.as_ref().and_then(Tensor::edge);
    let edges = smallvec![edge(&yes_tensor), edge(&no_tensor)];
    Ok(Tensor::record(out, edges, |_| Where { mask: Saved::constant(mask.array()) }))
}
