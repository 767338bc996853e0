//! What a row of the elementwise tables becomes: loops for every dtype and instruction set, and a registry entry.
//!
//! A row gives the name, PyTorch's name of the backward node, the inputs, the forward expression, one partial
//! derivative per input (or `none`), and the interval(s) on which tests sample. See `unary.rs` and `binary.rs`.

use crate::dtype::{DType, Flag};
use crate::kernels::{Body, Kernel};
use crate::readings::{Text, Traced, Uses};
use crate::real::{Lane, Literal, Num, Real};
use std::marker::PhantomData;

/// Which dtypes an operation computes in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    /// Floats; integers and bools are converted to the default float first.
    Float,
    /// Numbers as they are; bools are refused.
    Number,
    /// Everything as it is.
    Any,
    /// Everything as it is, giving bools.
    Predicate,
    /// Integers and bools.
    Bits,
}

pub struct ElementOp {
    pub name: &'static str,
    /// Further names of the same operation.
    pub aliases: &'static [&'static str],
    /// The recorded node's name, as PyTorch calls it.
    pub backward: &'static str,
    pub doc: &'static str,
    pub arity: usize,
    pub class: Class,
    pub kernel: fn(DType) -> Option<Kernel>,
    /// Empty for operations without a derivative.
    pub partials: &'static [Partial],
    /// Where tests sample each input.
    pub domain: &'static [(f64, f64)],
    /// How many elements are worth a thread's attention.
    pub grain: usize,
}

/// d(result)/d(input) in its readings; `z` is the result.
pub struct Partial {
    pub uses: fn() -> Uses,
    pub text: fn() -> String,
    pub traced: fn([Traced; 3]) -> Traced,
    /// The fused first-order loop: arguments x, y, z, g.
    pub kernel: fn(DType) -> Option<Kernel>,
}

impl ElementOp {
    pub fn is_differentiable(&self) -> bool {
        !self.partials.is_empty()
    }
}

/// A derivative expression, generic over its reading.
pub trait Derivative: 'static {
    fn of<R: Real>(x: R, y: R, z: R) -> R
    where
        f64: Literal<R>;
}

struct PartialLoop<D, T>(PhantomData<(D, T)>);
impl<D: Derivative, T: Copy> Body for PartialLoop<D, T>
where
    Lane<T>: Real,
    f64: Literal<Lane<T>>,
{
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: four arguments of n elements of T each, as `partial` asks of its callers.
        unsafe {
            let [x, y, z, g] = [0, 1, 2, 3].map(|i| (*args.add(i)).cast::<Lane<T>>());
            let out = out.cast::<Lane<T>>();
            for i in 0..n {
                let d = D::of(x.add(i).read(), y.add(i).read(), z.add(i).read());
                out.add(i).write(g.add(i).read().strong_mul(d));
            }
        }
    }
}

pub const fn partial<D: Derivative>() -> Partial {
    Partial {
        uses: || D::of(Uses::Values(1), Uses::Values(2), Uses::Values(4)),
        text: || Text::formula(|name| D::of(name("x"), name("y"), name("z"))),
        traced: |[x, y, z]| D::of(x, y, z),
        kernel: |dtype| match dtype {
            DType::F32 => Some(Kernel::of::<PartialLoop<D, f32>>()),
            DType::F64 => Some(Kernel::of::<PartialLoop<D, f64>>()),
            _ => None,
        },
    }
}

/// A forward expression of one or two inputs over lanes of `T`, giving lanes of `Out`.
pub trait Forward<T>: 'static {
    type Out;
    fn of(x: Lane<T>, y: Lane<T>) -> Self::Out;
}

pub struct Loop1<F, T>(PhantomData<(F, T)>);
impl<F: Forward<T>, T: Copy> Body for Loop1<F, T> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: one argument of n elements of T, and room for n results.
        unsafe {
            let x = (*args).cast::<Lane<T>>();
            let out = out.cast::<F::Out>();
            for i in 0..n {
                out.add(i).write(F::of(x.add(i).read(), x.add(i).read()));
            }
        }
    }
}

pub struct Loop2<F, T>(PhantomData<(F, T)>);
impl<F: Forward<T>, T: Copy> Body for Loop2<F, T> {
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: two arguments of n elements of T each, and room for n results.
        unsafe {
            let (x, y) = ((*args).cast::<Lane<T>>(), (*args.add(1)).cast::<Lane<T>>());
            let out = out.cast::<F::Out>();
            for i in 0..n {
                out.add(i).write(F::of(x.add(i).read(), y.add(i).read()));
            }
        }
    }
}

pub fn flag(b: bool) -> Flag {
    Flag(b as u8)
}

/// A constant of the row's dtype.
#[inline(always)]
pub fn c<R: Num>(v: f64) -> R {
    R::constant(v)
}

/// The kernels of a class: for each dtype of the class, the loop over its lanes.
#[macro_export]
macro_rules! class_kernels {
    ($Loop:ident, $F:ident, $dtype:expr, [$($variant:ident $T:ty),*]) => {
        match $dtype {
            $($crate::dtype::DType::$variant => Some($crate::kernels::Kernel::of::<$Loop<$F, $T>>()),)*
            #[allow(unreachable_patterns)]
            _ => None,
        }
    };
}

/// Rows of operations. The inputs and the result are named in parentheses, so that expressions can use them.
#[macro_export]
macro_rules! rows {
    ($($(#[doc = $doc:literal])+
       $name:ident $([$($alias:literal),*])? $backward:literal $class:ident $grain:literal $args:tt = $forward:expr;
       $(partial $($d:ident = $derivative:expr),+;)?
       on $(($low:expr, $high:expr)),+ ;)*) => {
        $(
        #[allow(non_camel_case_types, unused_variables)]
        pub mod $name {
            use super::*;
            struct Rule;
            $crate::row_forward!($class Rule $args $forward);
            $($(
                struct $d;
                $crate::row_derivative!($d $args $derivative);
            )+)?
            pub static OP: ElementOp = ElementOp {
                name: stringify!($name),
                aliases: &[$($($alias),*)?],
                backward: $backward,
                doc: concat!($($doc, "\n"),+),
                arity: $crate::row_arity!($args),
                class: $crate::row_class!($class),
                kernel: $crate::row_kernel!($class Rule $args),
                partials: &[$($(partial::<$d>()),+)?],
                domain: &[$(($low, $high)),+],
                grain: $grain,
            };
        }
        )*
        /// Every operation of this table.
        pub static OPS: &[&ElementOp] = &[$(&$name::OP),*];
    };
}

#[macro_export]
macro_rules! row_arity {
    (($x:ident => $z:ident)) => {
        1
    };
    (($x:ident, $y:ident => $z:ident)) => {
        2
    };
}

#[macro_export]
macro_rules! row_class {
    (float) => {
        Class::Float
    };
    (number) => {
        Class::Number
    };
    (any) => {
        Class::Any
    };
    (predicate) => {
        Class::Predicate
    };
    (bits) => {
        Class::Bits
    };
}

#[macro_export]
macro_rules! row_derivative {
    ($d:ident ($x:ident => $z:ident) $derivative:expr) => {
        impl Derivative for $d {
            #[inline(always)]
            fn of<R: Real>($x: R, _: R, $z: R) -> R
            where
                f64: Literal<R>,
            {
                $derivative
            }
        }
    };
    ($d:ident ($x:ident, $y:ident => $z:ident) $derivative:expr) => {
        impl Derivative for $d {
            #[inline(always)]
            fn of<R: Real>($x: R, $y: R, $z: R) -> R
            where
                f64: Literal<R>,
            {
                $derivative
            }
        }
    };
}

#[macro_export]
macro_rules! row_forward {
    (float $F:ident $args:tt $forward:expr) => {
        $crate::row_forward!(@impl $F $args $forward, [Lane<f32> = f32, Lane<f64> = f64]);
    };
    (number $F:ident $args:tt $forward:expr) => {
        $crate::row_forward!(@impl $F $args $forward,
            [Lane<u8> = u8, Lane<i32> = i32, Lane<i64> = i64, Lane<f32> = f32, Lane<f64> = f64]);
    };
    (any $F:ident $args:tt $forward:expr) => {
        $crate::row_forward!(@impl $F $args $forward, [Lane<Flag> = Flag, Lane<u8> = u8, Lane<i32> = i32,
            Lane<i64> = i64, Lane<f32> = f32, Lane<f64> = f64]);
    };
    (predicate $F:ident $args:tt $forward:expr) => {
        $crate::row_forward!(@impl $F $args flag($forward),
            [Flag = Flag, Flag = u8, Flag = i32, Flag = i64, Flag = f32, Flag = f64]);
    };
    (bits $F:ident $args:tt $forward:expr) => {
        $crate::row_forward!(@impl $F $args Lane($forward),
            [Lane<Flag> = Flag, Lane<u8> = u8, Lane<i32> = i32, Lane<i64> = i64]);
    };
    (@impl $F:ident $args:tt $forward:expr, [$($Out:ty = $T:ty),*]) => {
        $($crate::row_forward!(@one $F $args $forward, $Out, $T);)*
    };
    (@one $F:ident ($x:ident => $z:ident) $forward:expr, $Out:ty, $T:ty) => {
        impl Forward<$T> for $F {
            type Out = $Out;
            #[inline(always)]
            fn of($x: Lane<$T>, _: Lane<$T>) -> $Out {
                $forward
            }
        }
    };
    (@one $F:ident ($x:ident, $y:ident => $z:ident) $forward:expr, $Out:ty, $T:ty) => {
        impl Forward<$T> for $F {
            type Out = $Out;
            #[inline(always)]
            fn of($x: Lane<$T>, $y: Lane<$T>) -> $Out {
                $forward
            }
        }
    };
}

#[macro_export]
macro_rules! row_kernel {
    ($class:ident $F:ident ($x:ident => $z:ident)) => {
        $crate::row_kernel!(@loop $class $F Loop1)
    };
    ($class:ident $F:ident ($x:ident, $y:ident => $z:ident)) => {
        $crate::row_kernel!(@loop $class $F Loop2)
    };
    (@loop float $F:ident $Loop:ident) => {
        |dtype| $crate::class_kernels!($Loop, $F, dtype, [F32 f32, F64 f64])
    };
    (@loop number $F:ident $Loop:ident) => {
        |dtype| $crate::class_kernels!($Loop, $F, dtype, [U8 u8, I32 i32, I64 i64, F32 f32, F64 f64])
    };
    (@loop bits $F:ident $Loop:ident) => {
        |dtype| $crate::class_kernels!($Loop, $F, dtype, [Bool Flag, U8 u8, I32 i32, I64 i64])
    };
    (@loop $any:ident $F:ident $Loop:ident) => {
        |dtype| $crate::class_kernels!($Loop, $F, dtype, [Bool Flag, U8 u8, I32 i32, I64 i64, F32 f32, F64 f64])
    };
}
