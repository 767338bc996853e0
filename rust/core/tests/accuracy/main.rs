//! The error of every elementwise function in `f32`, through the kernels that users run.
//!
//! The default tests look at a sample. All 2^32 inputs, and 10^8 pairs, take hours on one processor:
//!
//! ```text
//! cargo test --release -p diffkit-core --test accuracy -- --ignored --nocapture
//! ```
//!
//! `DIFFKIT_ISA` picks the instruction set, `DIFFKIT_ACCURACY` names the functions (all if unset), and
//! `DIFFKIT_NUM_THREADS` says how many threads work.

mod measure;
mod pairs;
mod reference;

use diffkit_core::DType;
use diffkit_core::kernels::isa;
use diffkit_core::ops::element_ops;
use diffkit_core::ops::table::Class;
use measure::{CHUNK, Worst, kernel};
use reference::{BINARY, UNARY};

/// Pairs of an exhaustive run.
const PAIRS: u64 = 100_000_000;

/// True for the functions that `DIFFKIT_ACCURACY` names.
fn wanted(name: &str) -> bool {
    std::env::var("DIFFKIT_ACCURACY").map_or(true, |names| names.split([' ', ',']).any(|n| n == name))
}

/// Measures every function and prints a line of the table for each; then fails if one is above its limit.
fn survey(step: u64, pairs: u64) {
    let mut broken = Vec::new();
    let mut report = |name: &str, limit: f64, worst: Worst, arity: usize| {
        let line = format!(
            "| {name} | {:?} | {:.3} | {:e} | got {:e}, exact {:e} |",
            isa(),
            worst.ulp.max(if limit == 0.0 { 0.0 } else { 0.5 }),
            Points(&worst.at[..arity]),
            worst.got,
            worst.want
        );
        println!("{line}");
        if worst.ulp > limit {
            broken.push(line);
        }
    };
    for function in UNARY.iter().filter(|f| wanted(f.name)) {
        report(function.name, function.limit, measure::unary(kernel(function.name), function.exact, step), 1);
    }
    for function in BINARY.iter().filter(|f| wanted(f.name)) {
        let kernel = kernel(function.name);
        let mut worst = measure::binary(kernel, function.exact, pairs::SPECIAL_CHUNKS, pairs::special);
        worst.merge(measure::binary(kernel, function.exact, pairs.div_ceil(CHUNK as u64), pairs::random));
        report(function.name, function.limit, worst, 2);
    }
    assert!(broken.is_empty(), "above their limits:\n{}", broken.join("\n"));
}

/// The arguments of a call, for a message.
struct Points<'a>(&'a [f32]);

impl std::fmt::LowerExp for Points<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, x) in self.0.iter().enumerate() {
            write!(out, "{}{x:e}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[test]
fn a_sample_is_within_the_limits() {
    survey(40_009, 100_000);
}

#[test]
#[ignore = "walks all inputs, which takes hours"]
fn all_inputs_are_within_the_limits() {
    survey(1, PAIRS);
}

/// Rows that give floats, so that no function escapes.
#[test]
fn every_row_is_measured() {
    for op in element_ops() {
        let gives_bools = matches!(op.class, Class::Predicate | Class::Comparison);
        let computes = (op.kernel)(DType::F32).is_some() && !gives_bools;
        let names = UNARY.iter().map(|f| f.name).chain(BINARY.iter().map(|f| f.name));
        assert!(!computes || names.clone().any(|name| name == op.name), "{} is not measured", op.name);
    }
}
