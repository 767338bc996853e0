//! Elementary functions of `f64`.

mod error_function;
mod exponential;
mod gamma;
mod hyperbolic;
mod inverse_trigonometric;
mod logarithm;
mod power;
mod trigonometric;

pub use error_function::{erf, erfc};
pub use exponential::{exp, exp2, expm1, logaddexp, sigmoid, softplus};
pub use gamma::{digamma, lgamma, trigamma};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use inverse_trigonometric::{acos, asin, atan, atan2};
pub use logarithm::{log, log1p, log2, log10};
pub(super) use power::with_power_signs;
pub use power::{hypot, pow};
pub use trigonometric::{REDUCTION_BOUND, cos, cos_reduced, sin, sin_reduced, tan, tan_reduced};
