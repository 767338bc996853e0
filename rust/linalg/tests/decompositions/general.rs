//! Eigenvalues of matrices that are not Hermitian.

use crate::checks::noise;
use diffkit_linalg::*;
use num_complex::Complex;

type C64 = Complex<f64>;
type C32 = Complex<f32>;

fn decompose(a: &[C64], n: usize) -> (Vec<C64>, Vec<C64>) {
    let (mut w, mut v) = (vec![C64::ZERO; n], vec![C64::ZERO; n * n]);
    assert_eq!(eig(a, n, &mut w, Some(&mut v)), Ok(()));
    (w, v)
}

fn norm(a: &[C64]) -> f64 {
    a.iter().map(|x| x.norm_sqr()).sum::<f64>().sqrt()
}

fn real(values: &[f64]) -> Vec<C64> {
    values.iter().map(|&x| C64::from(x)).collect()
}

fn complex(n: usize, seed: u64) -> Vec<C64> {
    noise(2 * n * n, seed).chunks(2).map(|x| C64::new(x[0], x[1])).collect()
}

/// `A v = w v` to `tolerance` epsilons of the norm, with unit vectors whose largest element is real.
fn check(a: &[C64], n: usize, tolerance: f64) -> (Vec<C64>, Vec<C64>) {
    let (w, v) = decompose(a, n);
    let mut alone = vec![C64::ZERO; n];
    assert_eq!(eig(a, n, &mut alone, None), Ok(()));
    for j in 0..n {
        let column: Vec<C64> = (0..n).map(|i| v[i * n + j]).collect();
        assert!((norm(&column) - 1.0).abs() < 1e-14);
        assert!(column.iter().any(|x| x.im == 0.0 && x.re > 0.0));
        let residual: Vec<C64> =
            (0..n).map(|i| (0..n).map(|l| a[i * n + l] * column[l]).sum::<C64>() - w[j] * column[i]).collect();
        let error = norm(&residual) / f64::EPSILON / norm(a).max(f64::MIN_POSITIVE);
        assert!(error <= tolerance, "n {n}, value {j}, {}: an error of {error} epsilons", w[j]);
    }
    if a.iter().all(|x| x.im == 0.0) {
        let mut j = 0;
        while j < n {
            if w[j].im == 0.0 {
                assert!((0..n).all(|i| v[i * n + j].im == 0.0));
                j += 1;
                continue;
            }
            assert_eq!(w[j + 1], w[j].conj());
            assert!((0..n).all(|i| v[i * n + j + 1] == v[i * n + j].conj()));
            j += 2;
        }
    }
    (w, v)
}

fn sorted(mut w: Vec<C64>) -> Vec<C64> {
    w.sort_by(|x, y| (x.re, x.im).partial_cmp(&(y.re, y.im)).unwrap());
    w
}

#[test]
fn random_matrices() {
    for n in [0, 1, 2, 3, 5, 30, 64, 80, 160] {
        check(&real(&noise(n * n, 20)), n, 20.0 * (n as f64 + 1.0));
        check(&complex(n, 21), n, 20.0 * (n as f64 + 1.0));
    }
}

#[test]
fn closed_forms() {
    // A rotation, whose values are a conjugate pair.
    let (w, _) = check(&real(&[0.0, -1.0, 1.0, 0.0]), 2, 10.0);
    assert!((sorted(w)[0] - C64::new(0.0, -1.0)).norm() < 1e-15);
    // The values of a cyclic shift are the roots of one.
    for n in [3, 30, 100] {
        let shift: Vec<f64> = (0..n * n).map(|p| f64::from(u8::from((p / n + 1) % n == p % n))).collect();
        let (w, _) = check(&real(&shift), n, 20.0 * n as f64);
        for k in 0..n {
            let root = C64::from_polar(1.0, 2.0 * std::f64::consts::PI * k as f64 / n as f64);
            assert!(w.iter().any(|x| (x - root).norm() < 1e-13), "{root}");
        }
    }
    // Those of a triangular matrix are its diagonal.
    for n in [5, 30] {
        for upper in [true, false] {
            let a = noise(n * n, 22);
            let entry = |p: usize| {
                let (i, j) = (p / n, p % n);
                if i == j {
                    i as f64 + 1.0
                } else if (i < j) == upper {
                    a[p] / n as f64
                } else {
                    0.0
                }
            };
            let (w, _) = check(&real(&(0..n * n).map(entry).collect::<Vec<_>>()), n, 20.0 * n as f64);
            let w = sorted(w);
            assert!((0..n).all(|i| (w[i] - C64::from(i as f64 + 1.0)).norm() < 1e-9), "{w:?}");
        }
    }
}

#[test]
fn repeated_values_and_missing_vectors() {
    for n in [2, 5, 30, 64, 100] {
        let identity: Vec<f64> = (0..n * n).map(|p| f64::from(u8::from(p % (n + 1) == 0))).collect();
        check(&real(&identity), n, 1.0);
        check(&real(&vec![0.0; n * n]), n, 1.0);
        check(&real(&vec![1.0; n * n]), n, 20.0 * n as f64);
        // One vector only: back-substitution overflows.
        for diagonal in [C64::ZERO, C64::from(3.0), C64::new(1.0, -2.0)] {
            for upper in [true, false] {
                let jordan: Vec<C64> = (0..n * n)
                    .map(|p| match (p / n, p % n) {
                        (i, j) if i == j => diagonal,
                        (i, j) if i + 1 == j && upper => C64::ONE,
                        (i, j) if j + 1 == i && !upper => C64::ONE,
                        _ => C64::ZERO,
                    })
                    .collect();
                check(&jordan, n, 20.0 * n as f64);
            }
        }
    }
}

#[test]
fn badly_scaled_matrices_are_balanced() {
    // Similar to [[1, 2], [3, 4]].
    let expected = [(5.0 - 33f64.sqrt()) / 2.0, (5.0 + 33f64.sqrt()) / 2.0];
    for scale in [1e-12, 1e8, 1e12] {
        let (w, _) = decompose(&real(&[1.0, 2.0 * scale, 3.0 / scale, 4.0]), 2);
        let w = sorted(w);
        assert!((0..2).all(|i| (w[i] - expected[i]).norm() < 1e-14 * 5.0), "{w:?}");
    }
    for scale in [1e300, 1e-300] {
        let (w, _) = decompose(&real(&[scale, 2.0 * scale, 3.0 * scale, 4.0 * scale]), 2);
        let w = sorted(w);
        assert!((0..2).all(|i| (w[i] / scale - expected[i]).norm() < 1e-14), "{w:?}");
    }
}

#[test]
fn single_precision() {
    for n in [1, 2, 5, 30, 64, 100] {
        for is_real in [true, false] {
            let a: Vec<C32> =
                complex(n, 23).iter().map(|x| C32::new(x.re as f32, if is_real { 0.0 } else { x.im as f32 })).collect();
            let (mut w, mut v) = (vec![C32::ZERO; n], vec![C32::ZERO; n * n]);
            assert_eq!(eig(&a, n, &mut w, Some(&mut v)), Ok(()));
            for i in 0..n {
                for j in 0..n {
                    let product: C32 = (0..n).map(|l| a[i * n + l] * v[l * n + j]).sum();
                    assert!((product - w[j] * v[i * n + j]).norm() < 20.0 * n as f32 * f32::EPSILON);
                }
            }
        }
    }
}

/// Any answer or error will do, a panic or a hang will not.
#[test]
fn awkward_input() {
    let palette = [0.0, -0.0, 1.0, -1.0, 1.7e308, -1.7e308, 5e-324, 1e-160, 1e150, 1.0 + f64::EPSILON];
    for n in [1, 2, 3, 5, 17, 40, 90] {
        for seed in 0..60 {
            let noise = noise(2 * n * n, 3000 + seed);
            let pick = |x: f64| match seed % 3 {
                0 => palette[((x + 1.0) / 2.0 * palette.len() as f64) as usize % palette.len()],
                1 => x * 10f64.powf(x * 300.0),
                _ => f64::from((x * 2.0) as i32),
            };
            let a: Vec<C64> = (0..n * n)
                .map(|p| C64::new(pick(noise[p]), if seed % 2 == 0 { 0.0 } else { pick(noise[p + n * n]) }))
                .collect();
            let (mut w, mut v) = (vec![C64::ZERO; n], vec![C64::ZERO; n * n]);
            assert_ne!(eig(&a, n, &mut w, Some(&mut v)), Err(Error::OutOfMemory));
            let _ = eig(&a, n, &mut w, None);
        }
        for bad in [f64::NAN, f64::INFINITY] {
            let mut a = vec![C64::ONE; n * n];
            a[n * n - 1] = C64::new(0.0, bad);
            let mut w = vec![C64::ZERO; n];
            assert_eq!(eig(&a, n, &mut w, None), Err(Error::NotFinite { index: n * n - 1 }));
        }
    }
}
