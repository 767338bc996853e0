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

pub use exponential::{
    exp, exp_quick, exp2, exp2_quick, expm1, logaddexp, sigmoid, sigmoid_quick, silu, silu_quick, softplus, tanh,
};
pub use logarithm::{log, log_quick, log1p, log2, log2_quick, log10, log10_quick};
pub use root::rsqrt;
pub use trigonometric::{cos, cos_quick, sin, sin_quick, tan, tan_quick};
pub use wide::{
    acos, acosh, asin, asinh, atan, atan2, atanh, cosh, digamma, erf, erfc, erfinv, gelu, hypot, lgamma, logaddexp2,
    pow, sinc, sinh, trigamma, xlogy,
};

super::care::care!(f32, i32);
super::division::division!(f32);
