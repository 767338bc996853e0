//! The reading of rows as one element of a loop whose functions take their quick forms.

use super::Lane;
use crate::math::{float32, float64};
use crate::real::{Num, Real, functions, literal_operators};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Floats that have quick forms, and how these tell that they do not hold (see `math::care`).
pub trait Float: Copy + 'static {
    type Care: Copy;
    const CARELESS: Self::Care;
    fn either(a: Self::Care, b: Self::Care) -> Self::Care;
    /// Whether a value with this care holds.
    fn holds(care: Self::Care) -> bool;
}

/// One element of a loop, by quick forms: the value of [`Lane`] where the care of all functions on the way says so.
#[derive(Clone, Copy)]
pub struct Quick<T: Float> {
    pub lane: Lane<T>,
    pub care: T::Care,
}

impl<T: Float> Quick<T> {
    #[inline(always)]
    pub fn new(lane: Lane<T>) -> Quick<T> {
        Quick { lane, care: T::CARELESS }
    }
    /// What was computed of this element. (Not by a closure: see `Elements` in `ops/table.rs`.)
    #[inline(always)]
    fn one(self, lane: Lane<T>) -> Quick<T> {
        Quick { lane, care: self.care }
    }
    /// What was computed of this element and another.
    #[inline(always)]
    fn two(self, other: Self, lane: Lane<T>) -> Quick<T> {
        Quick { lane, care: T::either(self.care, other.care) }
    }
    #[inline(always)]
    fn quick(self, f: impl FnOnce(T) -> (T, T::Care)) -> Quick<T> {
        let (value, care) = f(self.lane.0);
        Quick { lane: Lane(value), care: T::either(self.care, care) }
    }
}

/// A function by its quick form, if it has one.
macro_rules! quick_form {
    ($x:ident $module:ident exp) => {
        $x.quick($module::exp_quick)
    };
    ($x:ident $module:ident exp2) => {
        $x.quick($module::exp2_quick)
    };
    ($x:ident $module:ident log) => {
        $x.quick($module::log_quick)
    };
    ($x:ident $module:ident log2) => {
        $x.quick($module::log2_quick)
    };
    ($x:ident $module:ident log10) => {
        $x.quick($module::log10_quick)
    };
    ($x:ident $module:ident sin) => {
        $x.quick($module::sin_quick)
    };
    ($x:ident $module:ident cos) => {
        $x.quick($module::cos_quick)
    };
    ($x:ident $module:ident tan) => {
        $x.quick($module::tan_quick)
    };
    ($x:ident $module:ident sigmoid) => {
        $x.quick($module::sigmoid_quick)
    };
    ($x:ident $module:ident silu) => {
        $x.quick($module::silu_quick)
    };
    ($x:ident $module:ident $f:ident) => {
        $x.one($x.lane.$f())
    };
}

macro_rules! quick_lane {
    ([$T:ident $module:ident $Care:ident] $($a:ident)*; $($f:ident)*; $($g:ident)*) => {
        impl Float for $T {
            type Care = $Care;
            const CARELESS: $Care = 0;
            #[inline(always)]
            fn either(a: $Care, b: $Care) -> $Care {
                a | b
            }
            #[inline(always)]
            fn holds(care: $Care) -> bool {
                care >= 0
            }
        }
        quick_lane!(@operators $T Add add, Sub sub, Mul mul, Div div);
        literal_operators!(Quick<$T>: Add add, Sub sub, Mul mul, Div div);
        impl Neg for Quick<$T> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                self.one(-self.lane)
            }
        }
        impl Num for Quick<$T> {
            type Mask = (bool, $Care);
            #[inline(always)]
            fn constant(v: f64) -> Self {
                Quick::new(Lane::constant(v))
            }
            #[inline(always)]
            fn lt(self, other: Self) -> Self::Mask {
                (self.lane.lt(other.lane), self.care | other.care)
            }
            #[inline(always)]
            fn eq(self, other: Self) -> Self::Mask {
                (self.lane.eq(other.lane), self.care | other.care)
            }
            #[inline(always)]
            fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask {
                (a.0 | b.0, a.1 | b.1)
            }
            #[inline(always)]
            fn select((mask, care): Self::Mask, yes: Self, no: Self) -> Self {
                let chosen = yes.two(no, Lane::select(mask, yes.lane, no.lane));
                Quick { care: chosen.care | care, ..chosen }
            }
            quick_lane!(@one conj abs sign floor ceil trunc round);
            quick_lane!(@two maximum minimum floor_divide remainder fmod pow);
        }
        impl Real for Quick<$T> {
            quick_lane!(@one sqrt);
            $(#[inline(always)]
            fn $a(self) -> Self {
                quick_form!(self $module $a)
            })*
            $(#[inline(always)]
            fn $f(self) -> Self {
                quick_form!(self $module $f)
            })*
            quick_lane!(@two strong_mul $($g)*);
        }
    };
    (@operators $T:ident $($trait:ident $method:ident),*) => {
        $(impl $trait for Quick<$T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.two(other, self.lane.$method(other.lane))
            }
        })*
    };
    (@one $($f:ident)*) => {
        $(#[inline(always)]
        fn $f(self) -> Self {
            self.one(self.lane.$f())
        })*
    };
    (@two $($g:ident)*) => {
        $(#[inline(always)]
        fn $g(self, other: Self) -> Self {
            self.two(other, self.lane.$g(other.lane))
        })*
    };
}
functions!(quick_lane, f32, float32, i32);
functions!(quick_lane, f64, float64, i64);
