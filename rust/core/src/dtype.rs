//! The element types: the only list of them, promotion, and the fan-out from a runtime dtype to Rust types.

use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DType {
    Bool,
    U8,
    I32,
    I64,
    F32,
    F64,
}

/// How far a kind of number is from a bool; promotion never goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Bool,
    Integer,
    Float,
}

impl DType {
    pub const ALL: [DType; 6] = [DType::Bool, DType::U8, DType::I32, DType::I64, DType::F32, DType::F64];

    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::U8 => "uint8",
            DType::I32 => "int32",
            DType::I64 => "int64",
            DType::F32 => "float32",
            DType::F64 => "float64",
        }
    }

    #[inline]
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::U8 => 1,
            DType::I32 | DType::F32 => 4,
            DType::I64 | DType::F64 => 8,
        }
    }

    #[inline]
    pub fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Bool,
            DType::U8 | DType::I32 | DType::I64 => Kind::Integer,
            DType::F32 | DType::F64 => Kind::Float,
        }
    }

    #[inline]
    pub fn is_float(self) -> bool {
        self.kind() == Kind::Float
    }

    /// The dtype of an operation between two tensors (0-d tensors count like any other).
    #[inline]
    pub fn promote(self, other: DType) -> DType {
        use DType::*;
        match (self, other) {
            (a, b) if a == b => a,
            (Bool, d) | (d, Bool) => d,
            (F64, _) | (_, F64) => F64,
            (F32, _) | (_, F32) => F32,
            (I64, _) | (_, I64) => I64,
            _ => I32,
        }
    }

    /// The dtype of an operation between a tensor and a Python number, which is weak: only its kind counts.
    pub fn promote_scalar(self, scalar: Scalar, default_float: DType) -> DType {
        match scalar.kind() {
            kind if kind <= self.kind() => self,
            Kind::Float => default_float,
            _ => DType::I64,
        }
    }

    /// Floats as they are; everything else as the default float, for operations such as `exp` and `/`.
    #[inline]
    pub fn to_float(self, default_float: DType) -> DType {
        if self.is_float() { self } else { default_float }
    }

    /// Small integers and bools are summed as int64.
    pub fn widened(self) -> DType {
        if self.is_float() { self } else { DType::I64 }
    }
}

/// A number from outside: weak in promotion, converted to the tensor's dtype where it is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    Bool(bool),
    Int(i64),
    Float(f64),
}

impl Scalar {
    pub fn kind(self) -> Kind {
        match self {
            Scalar::Bool(_) => Kind::Bool,
            Scalar::Int(_) => Kind::Integer,
            Scalar::Float(_) => Kind::Float,
        }
    }
    pub fn as_f64(self) -> f64 {
        match self {
            Scalar::Bool(b) => b as u8 as f64,
            Scalar::Int(i) => i as f64,
            Scalar::Float(v) => v,
        }
    }
    pub fn as_i64(self) -> i64 {
        match self {
            Scalar::Bool(b) => b as i64,
            Scalar::Int(i) => i,
            Scalar::Float(v) => v as i64,
        }
    }
    /// The dtype of a tensor made of this number alone.
    pub fn dtype(self, default_float: DType) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) => DType::I64,
            Scalar::Float(_) => default_float,
        }
    }
    /// The number's bytes as an element of `dtype`.
    #[inline]
    pub fn bits(self, dtype: DType) -> Bits {
        let mut bits = Bits([0; 8]);
        match dtype {
            DType::Bool => bits.0[0] = (self.as_f64() != 0.0) as u8,
            DType::U8 => bits.0[0] = self.as_i64() as u8,
            DType::I32 => bits.0[..4].copy_from_slice(&(self.as_i64() as i32).to_ne_bytes()),
            DType::I64 => bits.0 = self.as_i64().to_ne_bytes(),
            DType::F32 => bits.0[..4].copy_from_slice(&(self.as_f64() as f32).to_ne_bytes()),
            DType::F64 => bits.0 = self.as_f64().to_ne_bytes(),
        }
        bits
    }
    /// An integer that the dtype cannot hold is an error, not a wrapped number.
    pub fn check_fits(self, op: &'static str, dtype: DType) -> Result<()> {
        let fits = match (self, dtype) {
            (Scalar::Int(i), DType::U8) => (0..=255).contains(&i),
            (Scalar::Int(i), DType::I32) => i32::try_from(i).is_ok(),
            _ => true,
        };
        if fits {
            return Ok(());
        }
        Err(Error::value(op, format!("the number {} does not fit {}; use a wider dtype", self.as_i64(), dtype.name())))
    }
}

/// The bytes of one element, aligned for any dtype.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct Bits(pub [u8; 8]);

/// A bool as memory holds it: any non-zero byte is true, since foreign buffers may hold any byte.
#[derive(Clone, Copy, Debug, Default)]
#[repr(transparent)]
pub struct Flag(pub u8);

impl Flag {
    #[inline(always)]
    pub fn get(self) -> bool {
        self.0 != 0
    }
}
impl PartialEq for Flag {
    #[inline(always)]
    fn eq(&self, other: &Flag) -> bool {
        self.get() == other.get()
    }
}
impl PartialOrd for Flag {
    #[inline(always)]
    fn partial_cmp(&self, other: &Flag) -> Option<std::cmp::Ordering> {
        self.get().partial_cmp(&other.get())
    }
}

/// A Rust type that a tensor can hold. Conversions wrap or round as C casts do (floats to integers saturate).
pub trait Element: Copy + Default + Send + Sync + PartialEq + PartialOrd + std::fmt::Debug + 'static {
    const DTYPE: DType;
    fn from_f64(v: f64) -> Self;
    fn from_i64(v: i64) -> Self;
    fn to_f64(self) -> f64;
    fn to_i64(self) -> i64;
    fn to_scalar(self) -> Scalar;
    #[inline(always)]
    fn is_nan(self) -> bool {
        false
    }
    #[inline(always)]
    fn is_true(self) -> bool {
        self != Self::default()
    }
}

macro_rules! element {
    ($type:ty, $dtype:ident, $scalar:ident as $as:ty $(, $nan:ident)?) => {
        impl Element for $type {
            const DTYPE: DType = DType::$dtype;
            #[inline(always)]
            fn from_f64(v: f64) -> Self {
                v as $type
            }
            #[inline(always)]
            fn from_i64(v: i64) -> Self {
                v as $type
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn to_i64(self) -> i64 {
                self as i64
            }
            #[inline(always)]
            fn to_scalar(self) -> Scalar {
                Scalar::$scalar(self as $as)
            }
            $(#[inline(always)]
            fn is_nan(self) -> bool {
                <$type>::$nan(self)
            })?
        }
    };
}
element!(u8, U8, Int as i64);
element!(i32, I32, Int as i64);
element!(i64, I64, Int as i64);
element!(f32, F32, Float as f64, is_nan);
element!(f64, F64, Float as f64, is_nan);

impl Element for Flag {
    const DTYPE: DType = DType::Bool;
    #[inline(always)]
    fn from_f64(v: f64) -> Self {
        Flag((v != 0.0) as u8)
    }
    #[inline(always)]
    fn from_i64(v: i64) -> Self {
        Flag((v != 0) as u8)
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self.get() as u8 as f64
    }
    #[inline(always)]
    fn to_i64(self) -> i64 {
        self.get() as i64
    }
    #[inline(always)]
    fn to_scalar(self) -> Scalar {
        Scalar::Bool(self.get())
    }
}

/// `dispatch!(any | number | float, op, dtype, T => body)`: the body with `T` bound to the element type; a dtype
/// outside the class is a typed error.
#[macro_export]
macro_rules! dispatch {
    (any, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::dtype::DType::Bool => {
                type $T = $crate::dtype::Flag;
                $body
            }
            $crate::dtype::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::dtype::DType::I32 => {
                type $T = i32;
                $body
            }
            $crate::dtype::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
    (number, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::dtype::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::dtype::DType::I32 => {
                type $T = i32;
                $body
            }
            $crate::dtype::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
            other => return Err($crate::error::Error::dtype($op, &[other], "takes numbers, not bools; convert first")),
        }
    };
    (float, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::dtype::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::dtype::DType::F64 => {
                type $T = f64;
                $body
            }
            other => {
                return Err($crate::error::Error::dtype(
                    $op,
                    &[other],
                    "takes floats only; convert with x.to(float32)",
                ));
            }
        }
    };
}
