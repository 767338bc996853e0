//! Every way an operation can fail, as data: the operation, the shapes, dtypes or axes at fault, and the fix.

use crate::dtype::DType;
use crate::layout::Dims;
use std::borrow::Cow;
use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// Shapes that do not fit the operation or each other.
    Shape { op: &'static str, shapes: Vec<Dims>, why: Cow<'static, str> },
    /// A dtype the operation does not take.
    DType { op: &'static str, dtypes: Vec<DType>, why: Cow<'static, str> },
    /// An axis outside `-ndim..ndim`.
    Axis { op: &'static str, axis: i64, ndim: usize },
    /// The same axis named twice.
    RepeatedAxis { op: &'static str, axis: usize },
    /// A position outside an axis.
    Index { op: &'static str, index: i64, axis: usize, size: usize },
    /// Keys of `x[...]` that do not fit the tensor.
    Key { op: &'static str, shapes: Vec<Dims>, why: Cow<'static, str> },
    /// Any other bad argument.
    Value { op: &'static str, why: Cow<'static, str> },
    /// A misuse of automatic differentiation.
    Autograd { op: &'static str, why: Cow<'static, str> },
    /// A saved tensor that was changed in place before backward needed it.
    Stale { op: &'static str, saved: u32, found: u32 },
    /// A matrix without the property that the decomposition needs.
    LinAlg { op: &'static str, why: Cow<'static, str> },
    /// Memory that is not to be had.
    Memory { op: &'static str, bytes: u128 },
    /// The user asked to stop.
    Interrupted,
}

impl Error {
    pub fn shape(op: &'static str, shapes: &[&[usize]], why: impl Into<Cow<'static, str>>) -> Error {
        Error::Shape { op, shapes: shapes.iter().map(|s| Dims::from_slice(s)).collect(), why: why.into() }
    }
    pub fn key(op: &'static str, shapes: &[&[usize]], why: impl Into<Cow<'static, str>>) -> Error {
        Error::Key { op, shapes: shapes.iter().map(|s| Dims::from_slice(s)).collect(), why: why.into() }
    }
    pub fn dtype(op: &'static str, dtypes: &[DType], why: impl Into<Cow<'static, str>>) -> Error {
        Error::DType { op, dtypes: dtypes.to_vec(), why: why.into() }
    }
    pub fn value(op: &'static str, why: impl Into<Cow<'static, str>>) -> Error {
        Error::Value { op, why: why.into() }
    }
    pub fn autograd(op: &'static str, why: impl Into<Cow<'static, str>>) -> Error {
        Error::Autograd { op, why: why.into() }
    }
    pub fn linalg(op: &'static str, why: impl Into<Cow<'static, str>>) -> Error {
        Error::LinAlg { op, why: why.into() }
    }
}

/// A shape as Python prints it: `(2, 3)`, `(4,)`, `()`.
pub fn show_shape(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        many => format!("({})", many.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Shape { op, shapes, why } | Error::Key { op, shapes, why } => {
                let shapes: Vec<String> = shapes.iter().map(|s| show_shape(s)).collect();
                match shapes.len() {
                    0 => write!(f, "{op}: {why}"),
                    1 => write!(f, "{op}: {why} (got shape {})", shapes[0]),
                    _ => write!(f, "{op}: {why} (got shapes {})", shapes.join(" and ")),
                }
            }
            Error::DType { op, dtypes, why } => {
                let names: Vec<&str> = dtypes.iter().map(|d| d.name()).collect();
                match names.len() {
                    0 => write!(f, "{op}: {why}"),
                    _ => write!(f, "{op}: {why} (got {})", names.join(" and ")),
                }
            }
            Error::Axis { op, axis, ndim: 0 } => {
                write!(f, "{op}: axis {axis} does not exist, the tensor has no axes")
            }
            Error::Axis { op, axis, ndim } => {
                write!(f, "{op}: axis {axis} is out of range; with {ndim} axes use -{ndim} to {}", ndim - 1)
            }
            Error::RepeatedAxis { op, axis } => write!(f, "{op}: axis {axis} is named more than once"),
            Error::Index { op, index, axis, size } => {
                write!(f, "{op}: index {index} is out of range for axis {axis} of size {size}")
            }
            Error::Value { op, why } | Error::Autograd { op, why } | Error::LinAlg { op, why } => {
                write!(f, "{op}: {why}")
            }
            Error::Stale { op, saved, found } => write!(
                f,
                "{op}: a tensor saved for its backward was changed in place (version {found}, saved at {saved}); \
                 use a copy (x.clone()) for the in-place change, or the out-of-place operation"
            ),
            Error::Memory { op, bytes } => {
                write!(f, "{op}: cannot allocate {bytes} bytes ({:.1} GiB)", *bytes as f64 / (1u64 << 30) as f64)
            }
            Error::Interrupted => write!(f, "interrupted"),
        }
    }
}

impl std::error::Error for Error {}
