//! The language in which elementwise operations and their derivatives are written, and its readings.
//!
//! A row of the operation tables is an expression over [`Num`] or [`Real`]. Read over [`Lane`](crate::lanes::Lane)s it becomes a
//! vectorised loop; over [`Traced`](crate::readings::Traced) values, tensor operations that can be differentiated again; over [`Uses`](crate::readings::Uses), the
//! list of values that must be saved for backward; over [`Text`](crate::readings::Text), the formula in the documentation.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What integers, floats and complex numbers share. Integer arithmetic wraps. Complex numbers have no order: rows that
/// use one are not computed for them.
pub trait Num: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self> {
    type Mask: Copy;
    fn constant(v: f64) -> Self;
    /// The complex conjugate; real numbers as they are.
    fn conj(self) -> Self;
    fn abs(self) -> Self;
    /// -1, 0 or 1; NaN stays NaN.
    fn sign(self) -> Self;
    fn lt(self, other: Self) -> Self::Mask;
    fn eq(self, other: Self) -> Self::Mask;
    fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// The larger one; NaN if either is.
    fn maximum(self, other: Self) -> Self;
    fn minimum(self, other: Self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    fn trunc(self) -> Self;
    /// To the nearest integer, ties to even.
    fn round(self) -> Self;
    /// Division towards minus infinity. For integers the caller has excluded zero divisors.
    fn floor_divide(self, other: Self) -> Self;
    /// The remainder with the divisor's sign.
    fn remainder(self, other: Self) -> Self;
    /// The remainder with the dividend's sign.
    fn fmod(self, other: Self) -> Self;
    fn pow(self, other: Self) -> Self;
}

/// Numbers on the left of an operator, as in `1.0 - z * z`.
pub trait Literal<R>: Add<R, Output = R> + Sub<R, Output = R> + Mul<R, Output = R> + Div<R, Output = R> {}
impl<R, T: Add<R, Output = R> + Sub<R, Output = R> + Mul<R, Output = R> + Div<R, Output = R>> Literal<R> for T {}

/// Calls `$with!` with the names of all functions that a row may use: analytic ones of one argument, which complex
/// numbers have too, then those of real numbers only, of one argument and of two.
macro_rules! functions {
    ($with:ident $(, $extra:tt)*) => {
        $with! {
            [$($extra)*]
            exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid
            rsqrt;
            silu sinc erf erfc erfinv gelu lgamma digamma trigamma;
            atan2 hypot logaddexp logaddexp2 nextafter xlogy
        }
    };
}
pub(crate) use functions;

macro_rules! declare {
    ([] $($a:ident)*; $($f:ident)*; $($g:ident)*) => {
        /// What floats (and, where functions are analytic, complex numbers) can do beyond [`Num`].
        pub trait Real: Num + Div<Output = Self> {
            fn sqrt(self) -> Self;
            $(fn $a(self) -> Self;)*
            $(fn $f(self) -> Self;)*
            $(fn $g(self, other: Self) -> Self;)*
            /// `self * other` where a zero on either side gives zero, whatever the other is.
            fn strong_mul(self, other: Self) -> Self;
        }
    };
}
functions!(declare);

macro_rules! literal_operators {
    ($R:ty: $($trait:ident $method:ident),*) => {
        $(impl $trait<$R> for f64 {
            type Output = $R;
            #[inline(always)]
            fn $method(self, other: $R) -> $R {
                $trait::$method(<$R as Num>::constant(self), other)
            }
        })*
    };
}
pub(crate) use literal_operators;
