//! The element types: the only list of them, promotion, and the fan-out from a runtime dtype to Rust types.

use crate::scalar::Scalar;
pub use num_complex::Complex;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DType {
    Bool,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
    C64,
    C128,
}

/// How far a kind of number is from a bool; promotion never goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Bool,
    Integer,
    Float,
    Complex,
}

impl DType {
    pub const ALL: [DType; 13] = {
        use DType::*;
        [Bool, U8, U16, U32, U64, I8, I16, I32, I64, F32, F64, C64, C128]
    };

    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::U8 => "uint8",
            DType::U16 => "uint16",
            DType::U32 => "uint32",
            DType::U64 => "uint64",
            DType::I8 => "int8",
            DType::I16 => "int16",
            DType::I32 => "int32",
            DType::I64 => "int64",
            DType::F32 => "float32",
            DType::F64 => "float64",
            DType::C64 => "complex64",
            DType::C128 => "complex128",
        }
    }

    /// Bytes of one element.
    #[inline]
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::U8 | DType::I8 => 1,
            DType::U16 | DType::I16 => 2,
            DType::U32 | DType::I32 | DType::F32 => 4,
            DType::U64 | DType::I64 | DType::F64 | DType::C64 => 8,
            DType::C128 => 16,
        }
    }

    #[inline]
    pub const fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Bool,
            DType::F32 | DType::F64 => Kind::Float,
            DType::C64 | DType::C128 => Kind::Complex,
            _ => Kind::Integer,
        }
    }

    /// Real floats.
    #[inline]
    pub const fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }

    #[inline]
    pub const fn is_complex(self) -> bool {
        matches!(self, DType::C64 | DType::C128)
    }

    /// Floats and complex numbers: what can have gradients.
    #[inline]
    pub const fn is_inexact(self) -> bool {
        self.is_float() || self.is_complex()
    }

    #[inline]
    pub const fn is_integer(self) -> bool {
        matches!(self.kind(), Kind::Integer)
    }

    pub const fn is_unsigned(self) -> bool {
        matches!(self, DType::U8 | DType::U16 | DType::U32 | DType::U64)
    }

    /// The float of a complex number's parts; other dtypes as they are.
    #[inline]
    pub const fn real(self) -> DType {
        match self {
            DType::C64 => DType::F32,
            DType::C128 => DType::F64,
            other => other,
        }
    }

    /// The complex number made of such floats; complex dtypes as they are, the rest as the default float.
    pub const fn complex(self, default_float: DType) -> DType {
        match self {
            DType::F64 | DType::C128 => DType::C128,
            DType::F32 | DType::C64 => DType::C64,
            _ => default_float.complex(DType::F64),
        }
    }

    /// The smallest and largest value of an integer dtype.
    pub const fn integer_range(self) -> Option<(i64, u64)> {
        let bits = 8 * self.size() as u32;
        match (self.kind(), self.is_unsigned()) {
            (Kind::Integer, true) => Some((0, u64::MAX >> (64 - bits))),
            (Kind::Integer, false) => Some((i64::MIN >> (64 - bits), i64::MAX as u64 >> (64 - bits))),
            _ => None,
        }
    }

    /// Bytes to whose multiples an element's address must be aligned.
    #[inline]
    pub const fn alignment(self) -> usize {
        if self.size() < 8 { self.size() } else { 8 }
    }

    const fn signed(size: usize) -> DType {
        match size {
            1 => DType::I8,
            2 => DType::I16,
            4 => DType::I32,
            _ => DType::I64,
        }
    }

    /// The dtype of an operation between two tensors (0-d tensors count like any other). No integer holds both uint64
    /// and signed numbers, so these give float64, as in NumPy.
    #[inline]
    pub const fn promote(self, other: DType) -> DType {
        if self as u8 == other as u8 {
            return self;
        }
        let (low, high) = if self.kind() as u8 <= other.kind() as u8 { (self, other) } else { (other, self) };
        match (low.kind(), high.kind()) {
            (Kind::Float | Kind::Complex, _) if matches!(low.real(), DType::F64) => high.complex_like(DType::F64),
            (Kind::Integer, Kind::Integer) => match (low.is_unsigned(), high.is_unsigned()) {
                (true, false) => low.mixed(high),
                (false, true) => high.mixed(low),
                _ if low.size() > high.size() => low,
                _ => high,
            },
            _ => high,
        }
    }

    /// This dtype with the wider of its own floats and `float`.
    const fn complex_like(self, float: DType) -> DType {
        match (self.is_complex(), float) {
            (true, DType::F64) => DType::C128,
            (false, DType::F64) => DType::F64,
            _ => self,
        }
    }

    /// An unsigned and a signed integer: the signed one that holds both.
    const fn mixed(self, signed: DType) -> DType {
        match (self.size() < signed.size(), self) {
            (true, _) => signed,
            (false, DType::U64) => DType::F64,
            (false, _) => DType::signed(2 * self.size()),
        }
    }

    /// The dtype of an operation between a tensor and a Python number, which is weak: only its kind counts.
    pub fn promote_scalar(self, scalar: Scalar, default_float: DType) -> DType {
        match scalar.kind() {
            kind if kind <= self.kind() => self,
            Kind::Complex => self.complex(default_float),
            Kind::Float => default_float,
            _ => DType::I64,
        }
    }

    /// Floats as they are; integers and bools as the default float, for operations such as `exp` and `/`.
    #[inline]
    pub const fn to_float(self, default_float: DType) -> DType {
        if self.is_inexact() { self } else { default_float }
    }

    /// Bools and integers are summed as int64 (uint64 as itself).
    pub const fn widened(self) -> DType {
        match self.kind() {
            Kind::Bool | Kind::Integer if !matches!(self, DType::U64) => DType::I64,
            _ => self,
        }
    }
}

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
pub trait Element: Copy + Default + Send + Sync + PartialEq + std::fmt::Debug + 'static {
    const DTYPE: DType;
    fn from_f64(v: f64) -> Self;
    fn from_i64(v: i64) -> Self;
    /// From the real and the imaginary part; real types take the real one.
    #[inline(always)]
    fn from_parts(re: f64, _im: f64) -> Self {
        Self::from_f64(re)
    }
    /// The number, or its real part.
    fn to_f64(self) -> f64;
    fn to_f32(self) -> f32;
    fn to_i64(self) -> i64;
    #[inline(always)]
    fn imaginary(self) -> f64 {
        0.0
    }
    fn to_scalar(self) -> Scalar;
    #[inline(always)]
    fn is_nan(self) -> bool {
        false
    }
    #[inline(always)]
    fn is_infinite(self) -> bool {
        false
    }
    #[inline(always)]
    fn is_finite(self) -> bool {
        true
    }
    #[inline(always)]
    fn is_true(self) -> bool {
        self != Self::default()
    }
    /// In another type, rounded once. Real types drop an imaginary part, which callers have to allow.
    #[inline(always)]
    fn convert<B: Element>(self) -> B {
        match (Self::DTYPE.kind(), B::DTYPE.kind()) {
            (_, Kind::Bool) => B::from_i64(self.is_true() as i64),
            (Kind::Bool | Kind::Integer, Kind::Integer) => B::from_i64(self.to_i64()),
            (_, Kind::Complex) => B::from_parts(self.to_f64(), self.imaginary()),
            _ if matches!(B::DTYPE, DType::F32) => B::from_f64(self.to_f32() as f64),
            _ => B::from_f64(self.to_f64()),
        }
    }
}

macro_rules! element {
    ($type:ty, $dtype:ident, $v:ident => $scalar:expr $(, $float:ident)?) => {
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
            fn to_f32(self) -> f32 {
                self as f32
            }
            #[inline(always)]
            fn to_i64(self) -> i64 {
                self as i64
            }
            #[inline(always)]
            fn to_scalar(self) -> Scalar {
                let $v = self;
                $scalar
            }
            $(#[inline(always)]
            fn is_nan(self) -> bool {
                $float::is_nan(self)
            }
            #[inline(always)]
            fn is_infinite(self) -> bool {
                $float::is_infinite(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $float::is_finite(self)
            })?
        }
    };
}
element!(u8, U8, v => Scalar::Int(v.into()));
element!(u16, U16, v => Scalar::Int(v.into()));
element!(u32, U32, v => Scalar::Int(v.into()));
element!(u64, U64, v => Scalar::from(v));
element!(i8, I8, v => Scalar::Int(v.into()));
element!(i16, I16, v => Scalar::Int(v.into()));
element!(i32, I32, v => Scalar::Int(v.into()));
element!(i64, I64, v => Scalar::Int(v));
element!(f32, F32, v => Scalar::Float(v.into()), f32);
element!(f64, F64, v => Scalar::Float(v), f64);

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
    fn to_f32(self) -> f32 {
        self.get() as u8 as f32
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

macro_rules! complex_element {
    ($T:ident, $dtype:ident) => {
        impl Element for Complex<$T> {
            const DTYPE: DType = DType::$dtype;
            #[inline(always)]
            fn from_f64(v: f64) -> Self {
                Complex::new(v as $T, 0.0)
            }
            #[inline(always)]
            fn from_i64(v: i64) -> Self {
                Complex::new(v as $T, 0.0)
            }
            #[inline(always)]
            fn from_parts(re: f64, im: f64) -> Self {
                Complex::new(re as $T, im as $T)
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.re as f64
            }
            #[inline(always)]
            fn to_f32(self) -> f32 {
                self.re as f32
            }
            #[inline(always)]
            fn to_i64(self) -> i64 {
                self.re as i64
            }
            #[inline(always)]
            fn imaginary(self) -> f64 {
                self.im as f64
            }
            #[inline(always)]
            fn to_scalar(self) -> Scalar {
                Scalar::Complex(self.re.into(), self.im.into())
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                self.re.is_nan() | self.im.is_nan()
            }
            #[inline(always)]
            fn is_infinite(self) -> bool {
                self.re.is_infinite() | self.im.is_infinite()
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                self.re.is_finite() & self.im.is_finite()
            }
        }
    };
}
complex_element!(f32, C64);
complex_element!(f64, C128);

/// `dispatch!(class, op, dtype, T => body)`: the body with `T` bound to the element type; a dtype outside the class is
/// a typed error. `dispatch!(any, dtype, T => body)` takes all. The other classes: `real` (all but complex), `ring` (all but bools), `number` (integers and
/// floats), `inexact` (floats and complex), `float`.
#[macro_export]
macro_rules! dispatch {
    (any, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dispatch!(@match $dtype, $T => $body, [Bool $crate::dtype::Flag, U8 u8, U16 u16, U32 u32, U64 u64,
            I8 i8, I16 i16, I32 i32, I64 i64, F32 f32, F64 f64, C64 $crate::dtype::Complex<f32>,
            C128 $crate::dtype::Complex<f64>],)
    };
    (real, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dispatch!(@match $dtype, $T => $body, [Bool $crate::dtype::Flag, U8 u8, U16 u16, U32 u32, U64 u64,
            I8 i8, I16 i16, I32 i32, I64 i64, F32 f32, F64 f64],
            other => $op, other, "complex numbers have no order; use x.abs() or x.real")
    };
    (ring, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dispatch!(@match $dtype, $T => $body, [U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32,
            I64 i64, F32 f32, F64 f64, C64 $crate::dtype::Complex<f32>, C128 $crate::dtype::Complex<f64>],
            other => $op, other, "takes numbers, not bools; convert first")
    };
    (number, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dispatch!(@match $dtype, $T => $body, [U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32,
            I64 i64, F32 f32, F64 f64],
            other => $op, other, "takes integers and floats; convert first")
    };
    (inexact, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dispatch!(@match $dtype, $T => $body, [F32 f32, F64 f64, C64 $crate::dtype::Complex<f32>,
            C128 $crate::dtype::Complex<f64>],
            other => $op, other, "takes floats and complex numbers; convert with x.to(float32)")
    };
    (float, $op:expr, $dtype:expr, $T:ident => $body:expr) => {
        $crate::dispatch!(@match $dtype, $T => $body, [F32 f32, F64 f64],
            other => $op, other, "takes real floats only; convert with x.to(float32)")
    };
    (@match $dtype:expr, $T:ident => $body:expr, [$($variant:ident $type:ty),*],
     $($other:ident => $op:expr, $got:expr, $why:literal)?) => {
        match $dtype {
            $($crate::dtype::DType::$variant => {
                type $T = $type;
                $body
            })*
            $($other => return Err($crate::error::Error::dtype($op, &[$got], $why)),)?
        }
    };
}
