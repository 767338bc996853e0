//! Elementary functions written so that a loop over them becomes vector code.
//!
//! Every function is branch-free scalar Rust marked `#[inline(always)]`: called in a loop inside a
//! `#[target_feature]` function, the compiler turns it into vector instructions. The house method:
//!
//! - `mul_add` wherever a product is added, and never a bare `a * b + c` left to contraction. It rounds once on
//!   every machine (one instruction with FMA, a slow library call without), so the bits do not depend on the
//!   instruction set, and its exact remainders shorten argument reductions.
//! - `if` only selects between two values that are both computed: no early return, table or call. The one exception is
//!   the reduction of huge angles, which quick forms leave out (see `care`).
//! - Rounding to an integer adds 1.5 * 2^52 (or 2^23), and powers of two are built in the exponent bits.
//! - A result that may be subnormal or close to overflow is scaled by 2^k in two factors.
//!
//! The polynomials are minimax fits computed for this module. Errors are stated in units in the last place (ULP)
//! of the result; special values follow C99, Annex F.

mod care;
pub mod complex;
mod division;
pub mod float32;
pub mod float64;

/// Horner's rule with one fused multiply-add a step; coefficients from the constant term up.
macro_rules! polynomial {
    ($x:ident; $c:expr $(,)?) => { $c };
    ($x:ident; $c:expr, $($rest:expr),+ $(,)?) => {
        $x.mul_add($crate::math::polynomial!($x; $($rest),+), $c)
    };
}
pub(crate) use polynomial;
