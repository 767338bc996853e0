//! Results that wait, filled and changed in place by several threads at once: every operation sees a tensor as another
//! left it, never half of it. That nobody reads what is written to at the moment is for a sanitizer to see:
//!
//! ```text
//! RUSTFLAGS=-Zsanitizer=thread cargo +nightly test -Zbuild-std --target x86_64-unknown-linux-gnu --test waiting
//! ```

use diffkit_core::ops::{self, Arg};
use diffkit_core::{DType, Scalar, Tensor};
use std::sync::Arc;

const N: usize = 1 << 14;

fn full(value: f64) -> Tensor {
    ops::create::full(&[N as i64], Scalar::Float(value), Some(DType::F32)).unwrap()
}

/// Reads a tensor all of whose elements should be the same whole number.
fn check(x: &Tensor) {
    let found: Vec<f64> = x.array().to_vec().unwrap();
    assert!(found.iter().all(|&x| x == found[0] && x.fract() == 0.0), "{:?} to {:?}", found[0], found[N - 1]);
}

/// A small generator: which steps are done, and in which order, differs from thread to thread.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn step(shared: &[Tensor], own: &mut Tensor, dice: &mut Dice) {
    let other = &shared[dice.roll(shared.len() as u64) as usize];
    match dice.roll(6) {
        0 => ops::view::fill_(other, Scalar::Float(dice.roll(3) as f64)).unwrap(),
        1 => ops::binary_in_place(ops::element_op("add"), other, Arg::Scalar(Scalar::Float(1.0))).unwrap(),
        2 => *own = ops::add(own, other).unwrap(),
        3 => *own = ops::mul(&ops::exp(&ops::mul(own, &full(0.0)).unwrap()).unwrap(), other).unwrap(),
        4 => ops::binary_in_place(ops::element_op("add"), own, Arg::Tensor(other)).unwrap(),
        _ => {
            check(own);
            *own = full(1.0);
        }
    }
}

#[test]
fn threads_share_what_waits() {
    let shared: Arc<Vec<Tensor>> = Arc::new((0..3).map(|i| full(i as f64)).collect());
    let threads = (0..4).map(|seed| {
        let shared = Arc::clone(&shared);
        std::thread::spawn(move || {
            let (mut own, mut dice) = (full(1.0), Dice(seed));
            for _ in 0..300 {
                step(&shared, &mut own, &mut dice);
            }
            check(&own);
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().unwrap();
    }
    shared.iter().for_each(check);
}
