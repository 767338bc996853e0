//! Elementary functions of `f32`.
//!
//! The hottest functions compute in `f32`; those that would need parts of numbers to stay below one ULP
//! compute in `f64` with short polynomials; the rest round the `f64` function, whose error is then far below
//! the last place.

mod exponential;
mod logarithm;
mod root;
mod trigonometric;
mod wide;

pub use exponential::{exp, exp2, expm1, logaddexp, sigmoid, silu, softplus, tanh};
pub use logarithm::{log, log1p, log2, log10};
pub use root::rsqrt;
pub use trigonometric::{REDUCTION_BOUND, cos, cos_reduced, sin, sin_reduced, tan, tan_reduced};
pub use wide::{
    acos, acosh, asin, asinh, atan, atan2, atanh, cosh, digamma, erf, erfc, erfinv, gelu, hypot, lgamma, logaddexp2,
    pow, sinc, sinh, trigamma, xlogy,
};

super::division::division!(f32);
