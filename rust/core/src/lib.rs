//! Strided CPU tensors, automatic differentiation and reproducible sampling.
//!
//! From the bottom up: [`dtype`], [`layout`] and [`buffer`] say what elements are, where they lie and in which
//! memory; an [`array`] is the three together. [`kernels`] loop over arrays. [`tensor`] adds a place in the
//! [`graph`]; [`ops`] compute and record; [`backward`](mod@backward) walks the graph. [`real`], [`lanes`] and [`readings`]
//! are the language of the operation tables. [`random`] draws numbers by position, so that no result depends on the
//! number of threads.

pub mod array;
pub mod backward;
pub mod buffer;
pub mod dtype;
pub mod error;
pub mod graph;
pub mod interrupt;
pub mod kernels;
pub mod lanes;
pub mod layout;
pub mod math;
pub mod ops;
pub mod parallel;
pub mod random;
pub mod readings;
pub mod real;
pub mod scalar;
pub mod tensor;

pub use dtype::DType;
pub use error::{Error, Result};
pub use scalar::Scalar;
pub use tensor::Tensor;
