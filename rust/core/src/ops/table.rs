//! What a row of the elementwise tables becomes: loops for every dtype and instruction set, and a registry entry.
//!
//! A row gives the name, PyTorch's name of the backward node, the inputs, the forward expression, one partial
//! derivative per input (or `none`), and the interval(s) on which tests sample. See `unary.rs` and `binary.rs`.

use crate::dtype::{Complex, DType, Flag};
use crate::error::Result;
use crate::kernels::{Body, Kernel};
use crate::lanes::Lane;
use crate::lanes::quick::{Float, Quick};
use crate::readings::{Text, Traced, Uses};
use crate::real::{Literal, Num, Real};
use crate::tensor::Tensor;
use std::marker::PhantomData;

/// Which dtypes an operation computes in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    /// Real floats; integers and bools are converted to the default float first.
    Float,
    /// Floats and complex numbers; integers and bools are converted to the default float first.
    Field,
    /// Integers and floats as they are; bools are refused.
    Number,
    /// Numbers and complex numbers as they are; bools are refused.
    Ring,
    /// Real numbers and bools as they are.
    Ordered,
    /// Everything as it is.
    Any,
    /// Everything as it is, giving bools.
    Predicate,
    /// Real numbers and bools, giving bools.
    Comparison,
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
    /// What it does to complex numbers, where the row's expressions are those of real ones only.
    pub on_complex: Option<fn(&Tensor) -> Result<Tensor>>,
}

/// d(result)/d(input) in its readings; `z` is the result. Of complex numbers it is the complex derivative, whose
/// conjugate backward multiplies by: the gradient of a real loss is then dL/d(re) + i dL/d(im), as in PyTorch.
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

/// The loop of a derivative over complex numbers.
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
                out.add(i).write(g.add(i).read().strong_mul(d.conj()));
            }
        }
    }
}

/// The loop of a derivative over floats.
struct QuickPartialLoop<D, T>(PhantomData<(D, T)>);
impl<D: Derivative, T: Float> Body for QuickPartialLoop<D, T>
where
    Lane<T>: Real,
    Quick<T>: Real,
    f64: Literal<Lane<T>> + Literal<Quick<T>>,
{
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: four arguments of n elements of T each, as `partial` asks of its callers.
        unsafe {
            let args = [0, 1, 2, 3].map(|i| (*args.add(i)).cast::<Lane<T>>());
            in_blocks(out.cast(), n, Partials::<D, T>(args, PhantomData));
        }
    }
}

struct Partials<D, T>([*const Lane<T>; 4], PhantomData<D>);
impl<D, T: Copy> Partials<D, T> {
    #[inline(always)]
    unsafe fn read(&self, i: usize) -> [Lane<T>; 4] {
        let [x, y, z, g] = self.0;
        // SAFETY: as the caller promises.
        unsafe { [x.add(i).read(), y.add(i).read(), z.add(i).read(), g.add(i).read()] }
    }
}
impl<D: Derivative, T: Float> Elements<T> for Partials<D, T>
where
    Lane<T>: Real,
    Quick<T>: Real,
    f64: Literal<Lane<T>> + Literal<Quick<T>>,
{
    #[inline(always)]
    unsafe fn quick(&self, i: usize) -> Quick<T> {
        // SAFETY: as the caller promises.
        let [x, y, z, g] = unsafe { self.read(i) };
        Quick::new(g).strong_mul(D::of(Quick::new(x), Quick::new(y), Quick::new(z)))
    }
    #[inline(always)]
    unsafe fn full(&self, i: usize) -> Lane<T> {
        // SAFETY: as the caller promises.
        let [x, y, z, g] = unsafe { self.read(i) };
        g.strong_mul(D::of(x, y, z))
    }
}

/// One element of a loop in its quick form and in its full one. Methods that are inlined always, where closures would
/// be shorter: of large closures the compiler makes functions of their own, for any processor and one element at a time.
trait Elements<T: Float> {
    /// # Safety
    /// There is an element `i`.
    unsafe fn quick(&self, i: usize) -> Quick<T>;
    /// # Safety
    /// As there.
    unsafe fn full(&self, i: usize) -> Lane<T>;
}

/// Elements that are looked at before they are computed: few enough that they stay in the nearest cache.
const BLOCK: usize = 2048;

/// `out[i]` from the quick forms of functions where these hold for a whole block, else from the full ones. Without
/// quick forms the compiler sees that nothing needs care, and one loop remains.
///
/// # Safety
/// There are n elements, and `out` has room for as many, which nothing else is using.
#[inline(always)]
unsafe fn in_blocks<T: Float>(out: *mut Lane<T>, n: usize, elements: impl Elements<T>) {
    let mut start = 0;
    while start < n {
        let end = n.min(start + BLOCK);
        let mut care = T::CARELESS;
        // SAFETY: positions are below n.
        unsafe {
            for i in start..end {
                care = T::either(care, elements.quick(i).care);
            }
            if T::holds(care) {
                for i in start..end {
                    out.add(i).write(elements.quick(i).lane);
                }
            } else {
                for i in start..end {
                    out.add(i).write(elements.full(i));
                }
            }
        }
        start = end;
    }
}

pub const fn partial<D: Derivative>() -> Partial {
    Partial {
        uses: || D::of(Uses::Values(1), Uses::Values(2), Uses::Values(4)),
        text: || Text::formula(|name| D::of(name("x"), name("y"), name("z"))),
        traced: |[x, y, z]| D::of(x, y, z),
        kernel: |dtype| match dtype {
            DType::F32 => Some(Kernel::of::<QuickPartialLoop<D, f32>>()),
            DType::F64 => Some(Kernel::of::<QuickPartialLoop<D, f64>>()),
            DType::C64 => Some(Kernel::of::<PartialLoop<D, Complex<f32>>>()),
            DType::C128 => Some(Kernel::of::<PartialLoop<D, Complex<f64>>>()),
            _ => None,
        },
    }
}

/// A forward expression of one or two inputs over a reading of elements.
pub trait Forward<R>: 'static {
    type Out;
    fn of(x: R, y: R) -> Self::Out;
}

pub struct Loop1<F, T>(PhantomData<(F, T)>);
impl<F: Forward<Lane<T>>, T: Copy> Body for Loop1<F, T> {
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

/// The loop over floats of an operation whose functions have quick forms.
pub struct QuickLoop1<F, T>(PhantomData<(F, T)>);
impl<F, T: Float> Body for QuickLoop1<F, T>
where
    F: Forward<Lane<T>, Out = Lane<T>> + Forward<Quick<T>, Out = Quick<T>>,
{
    #[inline(always)]
    unsafe fn run(args: *const *const u8, out: *mut u8, n: usize) {
        // SAFETY: one argument of n elements of T, and room for n results.
        unsafe {
            in_blocks(out.cast(), n, Results::<F, T>((*args).cast(), PhantomData));
        }
    }
}

struct Results<F, T>(*const Lane<T>, PhantomData<F>);
impl<F, T: Float> Elements<T> for Results<F, T>
where
    F: Forward<Lane<T>, Out = Lane<T>> + Forward<Quick<T>, Out = Quick<T>>,
{
    #[inline(always)]
    unsafe fn quick(&self, i: usize) -> Quick<T> {
        // SAFETY: as the caller promises.
        let x = Quick::new(unsafe { self.0.add(i).read() });
        F::of(x, x)
    }
    #[inline(always)]
    unsafe fn full(&self, i: usize) -> Lane<T> {
        // SAFETY: as the caller promises.
        let x = unsafe { self.0.add(i).read() };
        F::of(x, x)
    }
}

pub struct Loop2<F, T>(PhantomData<(F, T)>);
impl<F: Forward<Lane<T>>, T: Copy> Body for Loop2<F, T> {
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
    ($F:ident, $dtype:expr, $($Loop:ident [$($variant:ident $T:ty),*]),+) => {
        match $dtype {
            $($($crate::dtype::DType::$variant => Some($crate::kernels::Kernel::of::<$Loop<$F, $T>>()),)*)+
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
       on $(($low:expr, $high:expr)),+ $(; complex $on_complex:path)? ;)*) => {
        $(
        #[allow(non_camel_case_types, unused_variables)]
        pub mod $name {
            use super::*;
            struct Rule;
            $crate::row_class!($class row_forward (Rule $args $forward));
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
                class: $crate::row_class!($class row_variant ()),
                kernel: $crate::row_class!($class row_kernel (Rule $args)),
                partials: &[$($(partial::<$d>()),+)?],
                domain: &[$(($low, $high)),+],
                grain: $grain,
                on_complex: $crate::row_complex!($($on_complex)?),
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
macro_rules! row_complex {
    () => {
        None
    };
    ($function:path) => {
        Some($function)
    };
}

/// Calls `$then!` with a class's variant, its element types and what lanes of them become.
#[macro_export]
macro_rules! row_class {
    (float $then:ident $args:tt) => {
        $crate::$then! { $args Float quick [F32 f32, F64 f64] [] }
    };
    (field $then:ident $args:tt) => {
        $crate::$then! { $args Field quick [F32 f32, F64 f64] [C64 Complex<f32>, C128 Complex<f64>] }
    };
    (number $then:ident $args:tt) => {
        $crate::$then! { $args Number lane [U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32, I64 i64,
        F32 f32, F64 f64] }
    };
    (ring $then:ident $args:tt) => {
        $crate::$then! { $args Ring lane [U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32, I64 i64,
        F32 f32, F64 f64, C64 Complex<f32>, C128 Complex<f64>] }
    };
    (ordered $then:ident $args:tt) => {
        $crate::$then! { $args Ordered lane [Bool Flag, U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32,
        I64 i64, F32 f32, F64 f64] }
    };
    (any $then:ident $args:tt) => {
        $crate::$then! { $args Any lane [Bool Flag, U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32,
        I64 i64, F32 f32, F64 f64, C64 Complex<f32>, C128 Complex<f64>] }
    };
    (predicate $then:ident $args:tt) => {
        $crate::$then! { $args Predicate flag [Bool Flag, U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32,
        I64 i64, F32 f32, F64 f64, C64 Complex<f32>, C128 Complex<f64>] }
    };
    (comparison $then:ident $args:tt) => {
        $crate::$then! { $args Comparison flag [Bool Flag, U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32,
        I64 i64, F32 f32, F64 f64] }
    };
    (bits $then:ident $args:tt) => {
        $crate::$then! { $args Bits wrapped [Bool Flag, U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32,
        I64 i64] }
    };
}

#[macro_export]
macro_rules! row_variant {
    (() $class:ident $($rest:tt)*) => {
        Class::$class
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
    (($F:ident $args:tt $forward:expr) $class:ident lane [$($V:ident $T:ty),*]) => {
        $($crate::row_forward!(@one $F $args $forward, Lane<$T>, Lane<$T>);)*
    };
    (($F:ident $args:tt $forward:expr) $class:ident flag [$($V:ident $T:ty),*]) => {
        $($crate::row_forward!(@one $F $args flag($forward), Flag, Lane<$T>);)*
    };
    (($F:ident $args:tt $forward:expr) $class:ident wrapped [$($V:ident $T:ty),*]) => {
        $($crate::row_forward!(@one $F $args Lane($forward), Lane<$T>, Lane<$T>);)*
    };
    (($F:ident ($x:ident => $z:ident) $forward:expr) $class:ident quick [$($V:ident $T:ty),*] [$($C:ident $Z:ty),*]) => {
        $($crate::row_forward!(@one $F ($x => $z) $forward, Lane<$T>, Lane<$T>);)*
        $($crate::row_forward!(@one $F ($x => $z) $forward, Quick<$T>, Quick<$T>);)*
        $($crate::row_forward!(@one $F ($x => $z) $forward, Lane<$Z>, Lane<$Z>);)*
    };
    (($F:ident $args:tt $forward:expr) $class:ident quick [$($V:ident $T:ty),*] [$($C:ident $Z:ty),*]) => {
        $($crate::row_forward!(@one $F $args $forward, Lane<$T>, Lane<$T>);)*
        $($crate::row_forward!(@one $F $args $forward, Lane<$Z>, Lane<$Z>);)*
    };
    (@one $F:ident ($x:ident => $z:ident) $forward:expr, $Out:ty, $R:ty) => {
        impl Forward<$R> for $F {
            type Out = $Out;
            #[inline(always)]
            fn of($x: $R, _: $R) -> $Out {
                $forward
            }
        }
    };
    (@one $F:ident ($x:ident, $y:ident => $z:ident) $forward:expr, $Out:ty, $R:ty) => {
        impl Forward<$R> for $F {
            type Out = $Out;
            #[inline(always)]
            fn of($x: $R, $y: $R) -> $Out {
                $forward
            }
        }
    };
}

#[macro_export]
macro_rules! row_kernel {
    (($F:ident ($x:ident => $z:ident)) $class:ident quick $floats:tt $complex:tt) => {
        |dtype| $crate::class_kernels!($F, dtype, QuickLoop1 $floats, Loop1 $complex)
    };
    (($F:ident ($x:ident, $y:ident => $z:ident)) $class:ident quick $floats:tt $complex:tt) => {
        |dtype| $crate::class_kernels!($F, dtype, Loop2 $floats, Loop2 $complex)
    };
    (($F:ident ($x:ident => $z:ident)) $class:ident $form:ident $types:tt) => {
        |dtype| $crate::class_kernels!($F, dtype, Loop1 $types)
    };
    (($F:ident ($x:ident, $y:ident => $z:ident)) $class:ident $form:ident $types:tt) => {
        |dtype| $crate::class_kernels!($F, dtype, Loop2 $types)
    };
}
