//! Functions of several arguments, by subject. Each is also a method unless `methods.rs` says otherwise.

pub mod create;
pub mod index;
pub mod linalg;
pub mod products;
pub mod reduce;
pub mod settings;
pub mod shape;
