use diffkit_linalg::{Determinant, Error, Scalar, svd};

/// The last is that of matrices which are eliminated by several panels.
pub const SIZES: [usize; 8] = [1, 2, 3, 7, 16, 50, 130, 200];

/// A `Run` that works on the parts from the last to the first.
pub fn backwards(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).rev().for_each(work);
}

pub fn lu_solve<T: Scalar>(a: &[T], n: usize, b: &[T], nrhs: usize, out: &mut [T]) -> Result<(), Error> {
    diffkit_linalg::lu_solve(a, n, b, nrhs, out, &backwards)
}

pub fn inverse<T: Scalar>(a: &[T], n: usize, out: &mut [T]) -> Result<(), Error> {
    diffkit_linalg::inverse(a, n, out, &backwards)
}

pub fn lu_det<T: Scalar>(a: &[T], n: usize) -> Result<Determinant<T::Wide>, Error> {
    diffkit_linalg::lu_det(a, n, &backwards)
}

pub fn eigh<T: Scalar>(a: &[T], n: usize, values: &mut [T], vectors: &mut [T]) -> Result<(), Error> {
    diffkit_linalg::eigh(a, n, values, vectors, &backwards)
}

pub fn lu<T: Scalar>(a: &[T], m: usize, n: usize, p: &mut [T], l: &mut [T], u: &mut [T]) -> Result<(), Error> {
    diffkit_linalg::lu(a, m, n, p, l, u, &backwards)
}

/// Conversions for the tests, which compute their expectations in `f64`.
pub trait Number: Scalar<Wide = f64> + Default + PartialOrd {
    fn to(self) -> f64;
    fn of(x: f64) -> Self;
}

impl Number for f32 {
    fn to(self) -> f64 {
        f64::from(self)
    }
    fn of(x: f64) -> Self {
        x as f32
    }
}

impl Number for f64 {
    fn to(self) -> f64 {
        self
    }
    fn of(x: f64) -> Self {
        x
    }
}

/// Numbers in [-1, 1) from a linear congruential generator.
pub fn noise(length: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / 2f64.powi(52) - 1.0
    };
    (0..length).map(|_| next()).collect()
}

pub fn cast<T: Number>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&x| T::of(x)).collect()
}

pub fn matrix<T: Number>(rows: usize, columns: usize, f: impl Fn(usize, usize) -> f64) -> Vec<T> {
    (0..rows * columns).map(|i| T::of(f(i / columns, i % columns))).collect()
}

/// The `m x n` product of an `m x k` and a `k x n` matrix, in `f64`.
pub fn product<T: Number, U: Number>(a: &[T], b: &[U], m: usize, k: usize, n: usize) -> Vec<f64> {
    matrix(m, n, |i, j| (0..k).map(|l| a[i * k + l].to() * b[l * n + j].to()).sum())
}

pub fn transposed<T: Number>(a: &[T], m: usize, n: usize) -> Vec<T> {
    matrix(n, m, |i, j| a[j * n + i].to())
}

pub fn identity(n: usize) -> Vec<f64> {
    matrix(n, n, |i, j| f64::from(u8::from(i == j)))
}

pub fn check_close<T: Number, U: Number>(found: &[T], expected: &[U], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (x, y)) in found.iter().zip(expected).enumerate() {
        let difference = (x.to() - y.to()).abs();
        assert!(difference <= tolerance, "at {i}: {} is not {} within {tolerance}", x.to(), y.to());
    }
}

pub fn largest<T: Number>(a: &[T]) -> f64 {
    a.iter().fold(0.0, |m, x| x.to().abs().max(m))
}

pub fn decomposed<T: Number>(a: &[T], m: usize, n: usize) -> (Vec<T>, Vec<T>, Vec<T>) {
    let k = m.min(n);
    let (mut u, mut s, mut vt) = (vec![T::default(); m * k], vec![T::default(); k], vec![T::default(); k * n]);
    assert_eq!(svd(a, m, n, false, &mut u, &mut s, &mut vt), Ok(()));
    (u, s, vt)
}
