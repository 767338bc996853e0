//! Elementary functions of `f64`.

mod error_function;
mod exponential;
mod gamma;
mod hyperbolic;
mod inverse_error;
mod inverse_trigonometric;
mod logarithm;
mod parts;
mod polygamma;
mod power;
mod root;
mod sinc;
mod trigonometric;

pub use error_function::{erf, erfc, gelu};
pub(super) use exponential::softplus_parts;
pub use exponential::{
    exp, exp_quick, exp2, exp2_quick, expm1, logaddexp, logaddexp2, sigmoid, sigmoid_quick, silu, silu_quick, softplus,
};
pub use gamma::lgamma;
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use inverse_error::erfinv;
pub use inverse_trigonometric::{acos, asin, atan, atan2};
pub use logarithm::{log, log_quick, log1p, log2, log2_quick, log10, log10_quick, xlogy};
pub(super) use polygamma::sin_cos_half_turns;
pub use polygamma::{digamma, trigamma};
pub(super) use power::with_power_signs;
pub use power::{hypot, pow};
pub use root::rsqrt;
pub use sinc::sinc;
pub use trigonometric::{cos, cos_quick, sin, sin_quick, tan, tan_quick};

pub(in crate::math) use exponential::softplus2_parts;
super::care::care!(f64, i64);
super::division::division!(f64);
