//! Elementary functions of `Complex<f64>`.
//!
//! Built on the real functions of `float64`, so their bits are the same on every machine. Special values and branch
//! cuts are those of the Python array API standard, which are those of C99, Annex G: on a cut, the sign of a zero part
//! says from which side the function is continued.
//!
//! Errors are stated in units in the last place (ULP) of each part. Where a part passes through zero although the
//! operation does not, the statement is about the whole instead: the distance from the exact result, relative to its
//! absolute value, in units of `f64::EPSILON`.
//!
//! - Kahan, *Branch cuts for complex elementary functions, or much ado about nothing's sign bit* (1987).
//! - Hull, Fairgrieve and Tang, *Implementing the complex arcsine and arccosine functions using exception handling*,
//!   ACM Transactions on Mathematical Software 23 (1997).

mod arithmetic;
mod exponential;
mod hyperbolic;
mod inverse;
mod logarithm;
mod power;
mod trigonometric;
mod two_parts;

pub use arithmetic::{abs, angle, div, mul, reciprocal, sign};
pub use exponential::{exp, exp2, expm1, sigmoid};
pub use hyperbolic::{cosh, sinh, tanh};
pub use inverse::{acos, acosh, asin, asinh, atan, atanh};
pub use logarithm::{log, log1p, log2, log10};
pub use power::{pow, rsqrt, sqrt};
pub use trigonometric::{cos, sin, tan};
