//! What defines each decomposition, in all four types.

in_four!(
    cholesky_reconstructs,
    qr_reconstructs,
    qr_of_dependent_columns,
    lu_reconstructs,
    svd_reconstructs,
    eigh_diagonalises,
    systems_are_solved,
    determinants_multiply,
    not_finite_is_refused,
);

mod generic {
    use crate::checks::{eigh, inverse, lu, lu_det, lu_solve, noise};
    use diffkit_linalg::*;

    const SIZES: [usize; 7] = [0, 1, 2, 5, 30, 64, 200];

    pub fn random<T: Scalar>(rows: usize, columns: usize, seed: u64) -> Vec<T> {
        let parts = noise(2 * rows * columns, seed);
        parts.chunks(2).map(|x| T::from_parts(x[0], x[1])).collect()
    }

    pub fn zeros<T: Scalar>(length: usize) -> Vec<T> {
        vec![T::ZERO; length]
    }

    /// Memory for results, whose old content must not matter.
    fn garbage<T: Scalar>(length: usize) -> Vec<T> {
        vec![T::from_parts(f64::NAN, 7.0); length]
    }

    /// The `m x n` product of an `m x k` and a `k x n` matrix.
    pub fn times<T: Scalar>(a: &[T], b: &[T], m: usize, k: usize, n: usize) -> Vec<T> {
        let mut out = zeros(m * n);
        for i in 0..m {
            for j in 0..n {
                let (mut re, mut im) = (0.0, 0.0);
                for l in 0..k {
                    let ((a_re, a_im), (b_re, b_im)) = (a[i * k + l].parts(), b[l * n + j].parts());
                    re += a_re * b_re - a_im * b_im;
                    im += a_re * b_im + a_im * b_re;
                }
                out[i * n + j] = T::from_parts(re, im);
            }
        }
        out
    }

    pub fn adjoint<T: Scalar>(a: &[T], m: usize, n: usize) -> Vec<T> {
        (0..m * n).map(|place| a[place % m * n + place / m].conjugate()).collect()
    }

    pub fn identity<T: Scalar>(n: usize) -> Vec<T> {
        (0..n * n).map(|place| if place % (n + 1) == 0 { T::ONE } else { T::ZERO }).collect()
    }

    pub fn norm<T: Scalar>(a: &[T]) -> f64 {
        a.iter().map(|x| x.square()).sum::<f64>().sqrt()
    }

    /// The difference is at most `tolerance` epsilons.
    pub fn near<T: Scalar>(found: &[T], expected: &[T], tolerance: f64) {
        assert_eq!(found.len(), expected.len());
        let difference: Vec<T> = found.iter().zip(expected).map(|(x, y)| *x - *y).collect();
        let error = norm(&difference) / T::EPSILON;
        assert!(error <= tolerance, "an error of {error} epsilons is more than {tolerance}");
    }

    fn is_unitary<T: Scalar>(q: &[T], m: usize, n: usize) {
        near(&times(&adjoint(q, m, n), q, n, m, n), &identity(n), 10.0 * (m as f64 + 1.0));
    }

    fn positive<T: Scalar>(n: usize) -> Vec<T> {
        let b = random::<T>(n, n, 3);
        let square = times(&b, &adjoint(&b, n, n), n, n, n);
        square.iter().zip(identity::<T>(n)).map(|(x, one)| *x + one).collect()
    }

    pub fn cholesky_reconstructs<T: Scalar>() {
        for n in SIZES {
            let a = positive::<T>(n);
            let mut l = garbage(n * n);
            assert_eq!(cholesky(&a, n, &mut l), Ok(()));
            near(&times(&l, &adjoint(&l, n, n), n, n, n), &a, 4.0 * (n as f64 + 1.0) * norm(&a));
        }
    }

    pub fn qr_reconstructs<T: Scalar>() {
        for m in SIZES {
            for n in SIZES {
                let a = random::<T>(m, n, 4);
                for width in [m.min(n), m] {
                    let (mut q, mut r, mut alone) = (garbage(m * width), garbage(width * n), garbage(width * n));
                    assert_eq!(qr(&a, m, n, width, Some(&mut q), &mut r), Ok(()));
                    near(&times(&q, &r, m, width, n), &a, 4.0 * (m + n) as f64 * norm(&a));
                    is_unitary(&q, m, width);
                    assert!((0..width * n).all(|place| place % n >= place / n || r[place] == T::ZERO));
                    assert!((0..m.min(n)).all(|i| r[i * n + i].parts().1 == 0.0));
                    assert_eq!(qr(&a, m, n, width, None, &mut alone), Ok(()));
                    assert!(alone == r);
                }
            }
        }
    }

    pub fn qr_of_dependent_columns<T: Scalar>() {
        for (m, n) in [(5, 5), (30, 12), (12, 30), (64, 64)] {
            for rank in [0, 1, 3] {
                let (left, right) = (random::<T>(m, rank, 5), random::<T>(rank, n, 6));
                let mut a = times(&left, &right, m, rank, n);
                a.chunks_mut(n).for_each(|row| row[0] = T::ZERO);
                let k = m.min(n);
                let (mut q, mut r) = (garbage(m * k), garbage(k * n));
                assert_eq!(qr(&a, m, n, k, Some(&mut q), &mut r), Ok(()));
                near(&times(&q, &r, m, k, n), &a, 20.0 * (m + n) as f64 * (norm(&a) + 1.0));
                is_unitary(&q, m, k);
            }
        }
    }

    pub fn lu_reconstructs<T: Scalar>() {
        let pairs = SIZES.into_iter().flat_map(|m| SIZES.map(|n| (m, n)));
        for (m, n) in pairs.chain([(200, 270), (270, 200)]) {
            let k = m.min(n);
            for a in [random::<T>(m, n, 7), zeros(m * n), vec![T::ONE; m * n]] {
                let (mut p, mut l, mut u) = (garbage(m * m), garbage(m * k), garbage(k * n));
                assert_eq!(lu(&a, m, n, &mut p, &mut l, &mut u), Ok(()));
                let lower = times(&p, &l, m, m, k);
                near(&times(&lower, &u, m, k, n), &a, 8.0 * (m + n) as f64 * norm(&a));
                assert!(l.iter().all(|x| x.size() <= 1.5));
            }
        }
    }

    pub fn svd_reconstructs<T: Scalar>() {
        for m in SIZES {
            for n in SIZES {
                let a = random::<T>(m, n, 8);
                let k = m.min(n);
                for full in [false, true] {
                    let (left, right) = if full { (m, n) } else { (k, k) };
                    let (mut u, mut s, mut vh) = (garbage(m * left), garbage(k), garbage(right * n));
                    assert_eq!(svd(&a, m, n, full, &mut u, &mut s, &mut vh), Ok(()));
                    is_unitary(&u, m, left);
                    is_unitary(&adjoint(&vh, right, n), n, right);
                    let mut middle = zeros(left * right);
                    (0..k).for_each(|i| middle[i * right + i] = s[i]);
                    let back = times(&times(&u, &middle, m, left, right), &vh, m, right, n);
                    near(&back, &a, 10.0 * (m + n) as f64 * norm(&a));
                    let values: Vec<f64> = s.iter().map(|x| x.parts().0).collect();
                    assert!(values.is_sorted_by(|x, y| x >= y) && s.iter().all(|x| x.parts().1 == 0.0));
                    let mut alone = garbage(k);
                    assert_eq!(singular_values(&a, m, n, &mut alone), Ok(()));
                    near(&alone, &s, 10.0 * (m + n) as f64 * norm(&a));
                }
            }
        }
    }

    pub fn eigh_diagonalises<T: Scalar>() {
        for n in SIZES {
            let b = random::<T>(n, n, 9);
            let sum: Vec<T> = b.iter().zip(adjoint(&b, n, n)).map(|(x, y)| *x + y).collect();
            for a in [sum, identity(n), zeros(n * n), vec![T::ONE; n * n]] {
                // Neither the upper triangle nor the imaginary parts of the diagonal are read.
                let read: Vec<T> = (0..n * n)
                    .map(|place| match (place / n).cmp(&(place % n)) {
                        std::cmp::Ordering::Less => T::from_parts(f64::NAN, 0.0),
                        std::cmp::Ordering::Equal => T::from_parts(a[place].parts().0, 7.0),
                        std::cmp::Ordering::Greater => a[place],
                    })
                    .collect();
                let (mut w, mut v) = (garbage(n), garbage(n * n));
                assert_eq!(eigh(&read, n, &mut w, &mut v), Ok(()));
                is_unitary(&v, n, n);
                let scaled: Vec<T> = (0..n * n).map(|place| v[place] * w[place % n]).collect();
                near(&times(&a, &v, n, n, n), &scaled, 10.0 * (n as f64 + 1.0) * norm(&a));
            }
        }
    }

    pub fn systems_are_solved<T: Scalar>() {
        for n in SIZES {
            let (a, b) = (random::<T>(n, n, 10), random::<T>(n, 3, 11));
            let mut x = garbage(n * 3);
            assert_eq!(lu_solve(&a, n, &b, 3, &mut x), Ok(()));
            near(&times(&a, &x, n, n, 3), &b, 10.0 * (n as f64 + 1.0) * (1.0 + norm(&a) * norm(&x)));
            let mut inverted = garbage(n * n);
            assert_eq!(inverse(&a, n, &mut inverted), Ok(()));
            let size = 10.0 * (n as f64 + 1.0) * (1.0 + norm(&a) * norm(&inverted));
            near(&times(&a, &inverted, n, n, n), &identity(n), size);
            for triangle in [0, 1, 2, 3].map(|bits| Triangle { upper: bits & 1 == 1, unit: bits & 2 == 2 }) {
                let inside = |i: usize, j: usize| if triangle.upper { i <= j } else { j <= i };
                let half: Vec<T> = (0..n * n)
                    .map(|place| match (place / n, place % n) {
                        (i, j) if i == j && triangle.unit => T::ONE,
                        (i, j) if i == j => a[place] + T::ONE + T::ONE,
                        (i, j) if inside(i, j) => a[place].shifted(-4),
                        _ => T::ZERO,
                    })
                    .collect();
                // Nothing else is read.
                let read: Vec<T> = half
                    .iter()
                    .enumerate()
                    .map(|(place, x)| {
                        let (i, j) = (place / n, place % n);
                        let ignored = !inside(i, j) || (i == j && triangle.unit);
                        if ignored { T::from_parts(f64::NAN, 0.0) } else { *x }
                    })
                    .collect();
                assert_eq!(solve_triangular(&read, n, triangle, &b, 3, &mut x), Ok(()));
                near(&times(&half, &x, n, n, 3), &b, 10.0 * (n as f64 + 1.0) * (1.0 + norm(&half) * norm(&x)));
            }
        }
        let zero = zeros::<T>(4);
        let mut x = zeros(2);
        let triangle = Triangle { upper: false, unit: false };
        assert_eq!(solve_triangular(&zero, 2, triangle, &zeros(2), 1, &mut x), Err(Error::Singular));
        assert_eq!(lu_solve(&zero, 2, &zeros(2), 1, &mut x), Err(Error::Singular));
    }

    pub fn determinants_multiply<T: Scalar>() {
        for n in SIZES {
            let (a, b) = (random::<T>(n, n, 12), random::<T>(n, n, 13));
            let det = |x: &[T]| lu_det(x, n).unwrap();
            let (first, second, both) = (det(&a), det(&b), det(&times(&a, &b, n, n, n)));
            let tolerance = 1e4 * (n as f64 + 1.0) * T::EPSILON;
            assert!((first.logabsdet + second.logabsdet - both.logabsdet).abs() <= tolerance);
            assert!((first.sign * second.sign - both.sign).square().sqrt() <= tolerance);
            assert!((first.sign.square() - 1.0).abs() < 1e-15 * 4.0);
            let (re, im) = first.det.parts();
            assert!((re.hypot(im).ln() - first.logabsdet).abs() <= 1e-12);
        }
    }

    pub fn not_finite_is_refused<T: Scalar>() {
        let n = 30;
        let index = n * n - 1;
        for bad in [T::from_parts(f64::NAN, 0.0), T::from_parts(f64::INFINITY, 0.0)] {
            let mut a = identity::<T>(n);
            a[index] = bad;
            let refused = Err(Error::NotFinite { index });
            let (mut s, mut x, mut y, mut z) = (zeros(n), zeros(n * n), zeros(n * n), zeros(n * n));
            assert_eq!(qr(&a, n, n, n, Some(&mut x), &mut y), refused);
            assert_eq!(lu(&a, n, n, &mut x, &mut y, &mut z), refused);
            assert_eq!(svd(&a, n, n, true, &mut x, &mut s, &mut y), refused);
            assert_eq!(eigh(&a, n, &mut s, &mut x), refused);
            let triangle = Triangle { upper: true, unit: false };
            assert_eq!(solve_triangular(&a, n, triangle, &identity(n), n, &mut x), refused);
            assert!(lu_det(&a, n).unwrap().logabsdet.is_nan());
        }
    }
}
