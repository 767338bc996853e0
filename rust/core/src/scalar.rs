//! Single numbers from outside, and the bytes that they become.

use crate::dispatch;
use crate::dtype::{DType, Element, Kind};
use crate::error::{Error, Result};

/// A number from outside: weak in promotion, converted to the tensor's dtype where it is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    Bool(bool),
    Int(i64),
    /// An integer above every int64.
    Unsigned(u64),
    Float(f64),
    Complex(f64, f64),
}

impl From<u64> for Scalar {
    #[inline]
    fn from(v: u64) -> Scalar {
        i64::try_from(v).map_or(Scalar::Unsigned(v), Scalar::Int)
    }
}

impl Scalar {
    pub fn kind(self) -> Kind {
        match self {
            Scalar::Bool(_) => Kind::Bool,
            Scalar::Int(_) | Scalar::Unsigned(_) => Kind::Integer,
            Scalar::Float(_) => Kind::Float,
            Scalar::Complex(..) => Kind::Complex,
        }
    }
    /// The number, or its real part.
    pub fn as_f64(self) -> f64 {
        match self {
            Scalar::Bool(b) => b as u8 as f64,
            Scalar::Int(i) => i as f64,
            Scalar::Unsigned(u) => u as f64,
            Scalar::Float(v) | Scalar::Complex(v, _) => v,
        }
    }
    pub fn imaginary(self) -> f64 {
        match self {
            Scalar::Complex(_, v) => v,
            _ => 0.0,
        }
    }
    /// As an int64: wrapped, or rounded towards zero and saturated.
    pub fn as_i64(self) -> i64 {
        match self {
            Scalar::Bool(b) => b as i64,
            Scalar::Int(i) => i,
            Scalar::Unsigned(u) => u as i64,
            Scalar::Float(v) | Scalar::Complex(v, _) => v as i64,
        }
    }
    pub fn is_true(self) -> bool {
        self.as_f64() != 0.0 || self.imaginary() != 0.0
    }
    /// The dtype of a tensor made of this number alone.
    pub fn dtype(self, default_float: DType) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) => DType::I64,
            Scalar::Unsigned(_) => DType::U64,
            Scalar::Float(_) => default_float,
            Scalar::Complex(..) => default_float.complex(default_float),
        }
    }
    /// As an element type, converted as memory is.
    #[inline(always)]
    pub fn to<T: Element>(self) -> T {
        match self {
            Scalar::Bool(b) => T::from_i64(b as i64),
            Scalar::Int(i) => i.convert(),
            Scalar::Unsigned(u) => u.convert(),
            Scalar::Float(v) => v.convert(),
            Scalar::Complex(re, im) => num_complex::Complex::new(re, im).convert(),
        }
    }
    /// The number's bytes as an element of `dtype`.
    #[inline]
    pub fn bits(self, dtype: DType) -> Bits {
        let mut bits = Bits([0; 16]);
        // SAFETY: Bits has room for any element and is aligned to all.
        dispatch!(any, dtype, T => unsafe { bits.0.as_mut_ptr().cast::<T>().write(self.to::<T>()) });
        bits
    }
    /// An integer that the dtype cannot hold is an error, not a wrapped number; so is a complex number that would
    /// lose its imaginary part.
    pub fn check_fits(self, op: &'static str, dtype: DType) -> Result<()> {
        let fits = match (self, dtype.integer_range()) {
            (Scalar::Int(i), Some((low, high))) => i >= low && (i < 0 || i as u64 <= high),
            (Scalar::Unsigned(u), Some((_, high))) => u <= high,
            _ => true,
        };
        if !fits {
            let number = if let Scalar::Unsigned(u) = self { u.to_string() } else { self.as_i64().to_string() };
            return Err(Error::value(
                op,
                format!("the number {number} does not fit {}; use a wider dtype", dtype.name()),
            ));
        }
        match self {
            Scalar::Complex(re, im) if !dtype.is_complex() && dtype != DType::Bool => {
                let why = format!("the complex number {re}+{im}j does not fit a real dtype; use a complex one");
                Err(Error::dtype(op, &[dtype], why))
            }
            _ => Ok(()),
        }
    }
}

/// The bytes of one element, aligned for any dtype.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub struct Bits(pub [u8; 16]);

impl Bits {
    pub fn scalar(self, dtype: DType) -> Scalar {
        // SAFETY: Bits is aligned and large enough for every element type, and each accepts any bytes.
        dispatch!(any, dtype, T => unsafe { *self.0.as_ptr().cast::<T>() }.to_scalar())
    }
}
