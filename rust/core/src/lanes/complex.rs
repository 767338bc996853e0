//! Complex elements. Complex64 functions are those of complex128, rounded: their error is then far below the last
//! place, and there is one set of formulas.

use super::{Lane, masks};
use crate::dtype::Complex;
use crate::math::complex;
use crate::real::{Num, Real, functions, literal_operators};
use std::ops::{Add, Div, Mul, Neg, Sub};

macro_rules! complex_lane {
    ([$T:tt] $($a:ident)*; $($f:ident)*; $($g:ident)*) => {
        impl Lane<Complex<$T>> {
            /// An operation of complex128.
            #[inline(always)]
            fn wide(self, f: impl FnOnce(Complex<f64>) -> Complex<f64>) -> Self {
                let z = f(Complex::new(self.0.re.into(), self.0.im.into()));
                Lane(Complex::new(z.re as $T, z.im as $T))
            }
            #[inline(always)]
            fn wide2(self, other: Self, f: impl FnOnce(Complex<f64>, Complex<f64>) -> Complex<f64>) -> Self {
                self.wide(|x| f(x, Complex::new(other.0.re.into(), other.0.im.into())))
            }
            #[inline(always)]
            fn is_zero(self) -> bool {
                (self.0.re == 0.0) & (self.0.im == 0.0)
            }
            /// What only real numbers have; no row asks it of complex ones.
            #[inline(always)]
            fn undefined() -> Self {
                Lane(Complex::new($T::NAN, $T::NAN))
            }
        }
        impl Add for Lane<Complex<$T>> {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Lane(self.0 + other.0)
            }
        }
        impl Sub for Lane<Complex<$T>> {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Lane(self.0 - other.0)
            }
        }
        impl Mul for Lane<Complex<$T>> {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Lane(self.0 * other.0)
            }
        }
        impl Div for Lane<Complex<$T>> {
            type Output = Self;
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                self.wide2(other, complex::div)
            }
        }
        impl Neg for Lane<Complex<$T>> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Lane(-self.0)
            }
        }
        literal_operators!(Lane<Complex<$T>>: Add add, Sub sub, Mul mul, Div div);
        impl Num for Lane<Complex<$T>> {
            masks!();
            #[inline(always)]
            fn constant(v: f64) -> Self {
                Lane(Complex::new(v as $T, 0.0))
            }
            #[inline(always)]
            fn conj(self) -> Self {
                Lane(self.0.conj())
            }
            #[inline(always)]
            fn sign(self) -> Self {
                self.wide(complex::sign)
            }
            #[inline(always)]
            fn eq(self, other: Self) -> bool {
                (self.0.re == other.0.re) & (self.0.im == other.0.im)
            }
            #[inline(always)]
            fn lt(self, _: Self) -> bool {
                false
            }
            #[inline(always)]
            fn pow(self, other: Self) -> Self {
                self.wide2(other, complex::pow)
            }
            complex_lane!(@undefined abs floor ceil trunc round;
                maximum minimum floor_divide remainder fmod);
        }
        impl Real for Lane<Complex<$T>> {
            #[inline(always)]
            fn sqrt(self) -> Self {
                self.wide(complex::sqrt)
            }
            $(#[inline(always)]
            fn $a(self) -> Self {
                self.wide(complex::$a)
            })*
            /// A zero is one whose two parts are zero.
            #[inline(always)]
            fn strong_mul(self, other: Self) -> Self {
                let product = self.0 * other.0;
                Lane(if self.is_zero() | other.is_zero() { Complex::new(0.0, 0.0) } else { product })
            }
            complex_lane!(@undefined $($f)*; $($g)*);
        }
    };
    (@undefined $($f:ident)*; $($g:ident)*) => {
        $(#[inline(always)]
        fn $f(self) -> Self {
            Self::undefined()
        })*
        $(#[inline(always)]
        fn $g(self, _: Self) -> Self {
            Self::undefined()
        })*
    };
}
functions!(complex_lane, f32);
functions!(complex_lane, f64);
