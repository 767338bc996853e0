//! Operations: what they compute and how they differentiate. No loops here.
//!
//! **Adding an elementwise operation** is one row in [`unary`](mod@unary) or [`binary`](mod@binary): everything else
//! (Python function and method, documentation, value tests, gradient checks) walks [`element_ops`].
//! **Adding a structural operation** is one file with a public function and a rule that implements
//! [`Rule`](crate::graph::Rule); gradients in a rule are written with operations of this module, so they can be
//! differentiated again.

pub mod arrange;
pub mod binary;
pub mod complex;
pub mod convert;
pub mod create;
pub mod derived;
pub mod einsum;
pub mod element;
pub mod fft;
pub mod getitem;
pub mod index;
pub mod join;
pub mod linalg;
pub mod matmul;
pub mod order;
pub mod places;
pub mod random;
pub mod recompute;
pub mod reduce;
pub mod scan;
pub mod select;
pub mod table;
pub mod unary;
pub mod view;

pub use convert::{cast, clone, contiguous, ones_like, zeros_like};
pub use element::{
    Arg, ElementOp, add_in_place, binary, binary_in_place, default_float, element_op, element_ops, set_default_float,
    unary, unary_in_place,
};
pub use index::{gather, scatter_add};
pub use join::{cat, stack};
pub use reduce::{sum, sum_to};
pub use select::where_;

use crate::error::Result;
use crate::tensor::Tensor;

/// Elementwise operations under their own names, for use in rules and from Rust.
macro_rules! functions {
    ($($one:ident)*; $($two:ident)*) => {
        $(pub fn $one(x: &Tensor) -> Result<Tensor> {
            element::unary(&unary::$one::OP, x)
        })*
        $(pub fn $two(x: &Tensor, y: &Tensor) -> Result<Tensor> {
            element::binary(&binary::$two::OP, Arg::Tensor(x), Arg::Tensor(y))
        })*
    };
}
functions!(exp log sqrt square neg abs sign cos sin; add sub mul div strong_mul atan2);
pub use complex::conj;
