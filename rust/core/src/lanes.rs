//! The reading of rows as one element of a loop, for every element type.

mod complex;
pub mod quick;

use crate::dtype::Flag;
use crate::math::{float32, float64};
use crate::real::{Num, Real, functions, literal_operators};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// One element of a loop.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Lane<T>(pub T);

macro_rules! lane_operator {
    ($T:ty, $trait:ident, $method:ident, $call:expr) => {
        impl $trait for Lane<$T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Lane($call(self.0, other.0))
            }
        }
    };
}

/// Truth values of one element.
macro_rules! masks {
    () => {
        type Mask = bool;
        #[inline(always)]
        fn or(a: bool, b: bool) -> bool {
            a | b
        }
        #[inline(always)]
        fn select(mask: bool, yes: Self, no: Self) -> Self {
            if mask { yes } else { no }
        }
    };
}
use masks;

macro_rules! lane_common {
    ($T:ty) => {
        masks!();
        #[inline(always)]
        fn conj(self) -> Self {
            self
        }
        #[inline(always)]
        fn constant(v: f64) -> Self {
            Lane(v as $T)
        }
        #[inline(always)]
        fn lt(self, other: Self) -> bool {
            self.0 < other.0
        }
        #[inline(always)]
        fn eq(self, other: Self) -> bool {
            self.0 == other.0
        }
    };
}

macro_rules! float_lane {
    ($T:ty, $module:ident) => {
        lane_operator!($T, Add, add, |a: $T, b: $T| a + b);
        lane_operator!($T, Sub, sub, |a: $T, b: $T| a - b);
        lane_operator!($T, Mul, mul, |a: $T, b: $T| a * b);
        lane_operator!($T, Div, div, |a: $T, b: $T| a / b);
        impl Neg for Lane<$T> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Lane(-self.0)
            }
        }
        literal_operators!(Lane<$T>: Add add, Sub sub, Mul mul, Div div);
        impl Num for Lane<$T> {
            lane_common!($T);
            #[inline(always)]
            fn abs(self) -> Self {
                Lane(self.0.abs())
            }
            #[inline(always)]
            fn sign(self) -> Self {
                let x = self.0;
                // Of -0 too it is 0.
                Lane(if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { x + 0.0 })
            }
            #[inline(always)]
            fn maximum(self, other: Self) -> Self {
                let (a, b) = (self.0, other.0);
                Lane(if (a > b) | (a != a) { a } else if (b > a) | (b != b) { b } else if a.is_sign_negative() { b } else { a })
            }
            #[inline(always)]
            fn minimum(self, other: Self) -> Self {
                let (a, b) = (self.0, other.0);
                Lane(if (a < b) | (a != a) { a } else if (b < a) | (b != b) { b } else if a.is_sign_negative() { a } else { b })
            }
            #[inline(always)]
            fn floor(self) -> Self {
                Lane(self.0.floor())
            }
            #[inline(always)]
            fn ceil(self) -> Self {
                Lane(self.0.ceil())
            }
            #[inline(always)]
            fn trunc(self) -> Self {
                Lane(self.0.trunc())
            }
            #[inline(always)]
            fn round(self) -> Self {
                Lane(self.0.round_ties_even())
            }
            #[inline(always)]
            fn floor_divide(self, other: Self) -> Self {
                Lane($module::floor_divide(self.0, other.0))
            }
            #[inline(always)]
            fn remainder(self, other: Self) -> Self {
                let (a, b) = (self.0, other.0);
                let r = a % b;
                let moved = if (r != 0.0) & ((r < 0.0) != (b < 0.0)) { r + b } else { r };
                Lane(if r == 0.0 { (0.0 as $T).copysign(b) } else { moved })
            }
            #[inline(always)]
            fn fmod(self, other: Self) -> Self {
                Lane(self.0 % other.0)
            }
            #[inline(always)]
            fn pow(self, other: Self) -> Self {
                Lane($module::pow(self.0, other.0))
            }
        }
    };
}
float_lane!(f32, float32);
float_lane!(f64, float64);

macro_rules! real_lane {
    ([$T:tt $module:tt] $($a:ident)*; $($f:ident)*; $($g:ident)*) => {
        impl Real for Lane<$T> {
            #[inline(always)]
            fn sqrt(self) -> Self {
                Lane(self.0.sqrt())
            }
            $(#[inline(always)]
            fn $a(self) -> Self {
                Lane($module::$a(self.0))
            })*
            $(#[inline(always)]
            fn $f(self) -> Self {
                Lane($module::$f(self.0))
            })*
            $(#[inline(always)]
            fn $g(self, other: Self) -> Self {
                Lane($module::$g(self.0, other.0))
            })*
            #[inline(always)]
            fn strong_mul(self, other: Self) -> Self {
                let product = self.0 * other.0;
                Lane(if (self.0 == 0.0) | (other.0 == 0.0) { 0.0 } else { product })
            }
        }
    };
}
functions!(real_lane, f32, float32);
functions!(real_lane, f64, float64);

macro_rules! integer_lane {
    ($T:ty, $signum:expr, $abs:expr) => {
        lane_operator!($T, Add, add, <$T>::wrapping_add);
        lane_operator!($T, Sub, sub, <$T>::wrapping_sub);
        lane_operator!($T, Mul, mul, <$T>::wrapping_mul);
        impl Neg for Lane<$T> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Lane(self.0.wrapping_neg())
            }
        }
        impl Num for Lane<$T> {
            lane_common!($T);
            #[inline(always)]
            fn abs(self) -> Self {
                Lane($abs(self.0))
            }
            #[inline(always)]
            fn sign(self) -> Self {
                Lane($signum(self.0))
            }
            #[inline(always)]
            fn maximum(self, other: Self) -> Self {
                Lane(self.0.max(other.0))
            }
            #[inline(always)]
            fn minimum(self, other: Self) -> Self {
                Lane(self.0.min(other.0))
            }
            #[inline(always)]
            fn floor(self) -> Self {
                self
            }
            #[inline(always)]
            fn ceil(self) -> Self {
                self
            }
            #[inline(always)]
            fn trunc(self) -> Self {
                self
            }
            #[inline(always)]
            fn round(self) -> Self {
                self
            }
            #[inline(always)]
            #[allow(unused_comparisons)]
            fn floor_divide(self, other: Self) -> Self {
                let (a, b) = (self.0, other.0);
                let quotient = a.wrapping_div(b);
                let inexact = a.wrapping_rem(b) != 0;
                Lane(if inexact && ((a < 0) != (b < 0)) { quotient.wrapping_sub(1) } else { quotient })
            }
            #[inline(always)]
            #[allow(unused_comparisons)]
            fn remainder(self, other: Self) -> Self {
                let (a, b) = (self.0, other.0);
                let r = a.wrapping_rem(b);
                Lane(if r != 0 && ((r < 0) != (b < 0)) { r.wrapping_add(b) } else { r })
            }
            #[inline(always)]
            fn fmod(self, other: Self) -> Self {
                Lane(self.0.wrapping_rem(other.0))
            }
            /// By repeated squaring, wrapping; the caller has excluded negative exponents.
            #[inline(always)]
            fn pow(self, other: Self) -> Self {
                let (mut base, mut exponent, mut result) = (self.0, other.0, 1 as $T);
                while exponent > 0 {
                    if exponent & 1 == 1 {
                        result = result.wrapping_mul(base);
                    }
                    base = base.wrapping_mul(base);
                    exponent >>= 1;
                }
                Lane(result)
            }
        }
    };
}
macro_rules! unsigned_lanes {
    ($($T:ident)*) => {
        $(integer_lane!($T, |x: $T| (x > 0) as $T, |x: $T| x);)*
    };
}
unsigned_lanes!(u8 u16 u32 u64);
macro_rules! signed_lanes {
    ($($T:ident)*) => {
        $(integer_lane!($T, $T::signum, $T::wrapping_abs);)*
    };
}
signed_lanes!(i8 i16 i32 i64);

/// Bools add as "or" and multiply as "and"; the rest counts false as 0 and true as 1.
impl Lane<Flag> {
    #[inline(always)]
    fn through(self, other: Self, f: impl Fn(Lane<u8>, Lane<u8>) -> Lane<u8>) -> Self {
        let number = |flag: Flag| Lane(flag.get() as u8);
        Lane(Flag((f(number(self.0), number(other.0)).0 != 0) as u8))
    }
}

macro_rules! flag_methods {
    ($($method:ident),*; $($method2:ident),*) => {
        $(#[inline(always)]
        fn $method(self) -> Self {
            self.through(self, |a, _| a.$method())
        })*
        $(#[inline(always)]
        fn $method2(self, other: Self) -> Self {
            self.through(other, |a, b| a.$method2(b))
        })*
    };
}

macro_rules! flag_operator {
    ($trait:ident, $method:ident, $call:expr) => {
        impl $trait for Lane<Flag> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.through(other, $call)
            }
        }
    };
}
flag_operator!(Add, add, |a, b| Lane(a.0 | b.0));
flag_operator!(Sub, sub, |a, b| Lane(a.0 ^ b.0));
flag_operator!(Mul, mul, |a, b| Lane(a.0 & b.0));
impl Neg for Lane<Flag> {
    type Output = Self;
    fn neg(self) -> Self {
        self
    }
}
impl Num for Lane<Flag> {
    masks!();
    #[inline(always)]
    fn conj(self) -> Self {
        self
    }
    #[inline(always)]
    fn constant(v: f64) -> Self {
        Lane(Flag((v != 0.0) as u8))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> bool {
        self.0 < other.0
    }
    #[inline(always)]
    fn eq(self, other: Self) -> bool {
        self.0 == other.0
    }
    flag_methods!(abs, sign, floor, ceil, trunc, round; maximum, minimum, floor_divide, remainder, fmod, pow);
}
