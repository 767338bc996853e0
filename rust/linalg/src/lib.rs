//! Matrix decompositions over row-major slices of `f32`, `f64`, `Complex<f32>` and `Complex<f64>`.
//!
//! A thin layer on `faer`, which works on one thread here: what is large is divided for several, by panels of an
//! elimination and by halves of a tridiagonal matrix, in ways that depend on sizes only.
//!
//! Callers see slices, sizes and [`Error`]. Every function checks that its input is finite first, so NaN and infinity are
//! errors instead of loops that never end; workspace that cannot be allocated is an error too. Empty matrices are fine
//! everywhere.
//!
//! # Panics
//! All functions panic when the length of a slice does not match the sizes given with it.

mod cholesky;
mod det;
mod eig;
mod eigh;
mod elimination;
mod layout;
mod lu;
mod qr;
mod scalar;
mod secular;
mod svd;
mod triangular;
mod tridiagonal;

pub use cholesky::cholesky;
pub use det::{Determinant, lu_det};
pub use eig::eig;
pub use eigh::eigh;
pub use lu::{inverse, lu, lu_solve};
pub use qr::qr;
pub use scalar::Scalar;
pub use svd::{singular_values, svd};
pub use triangular::{Triangle, solve_triangular};

use std::fmt;

/// Calls a function with each number below a count, in any order, perhaps on several threads.
pub type Run<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// Why a decomposition has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The input has a NaN or an infinity, at this index of its slice.
    NotFinite { index: usize },
    /// The leading minor of this order is not positive.
    NotPositiveDefinite { minor: usize },
    /// The matrix has no inverse: elimination met a pivot that is zero or too small to divide by.
    Singular,
    /// The iteration did not converge.
    NoConvergence,
    /// The workspace could not be allocated.
    OutOfMemory,
}

impl Error {
    /// The error of a part that begins at `start`.
    fn offset_by(self, start: usize) -> Error {
        match self {
            Self::NotFinite { index } => Self::NotFinite { index: start + index },
            other => other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { index } => write!(f, "the matrix has a NaN or an infinity, first at flat index {index}"),
            Self::NotPositiveDefinite { minor } => {
                write!(f, "the matrix is not positive definite: its leading minor of order {minor} is not positive")
            }
            Self::Singular => write!(f, "the matrix is singular"),
            Self::NoConvergence => write!(f, "the iteration did not converge"),
            Self::OutOfMemory => write!(f, "not enough memory for the workspace"),
        }
    }
}

impl std::error::Error for Error {}
