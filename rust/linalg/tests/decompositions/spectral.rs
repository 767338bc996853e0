in_both!(
    eigenvalues_of_the_second_difference,
    eigenvectors_are_orthonormal_and_diagonalise,
    singular_values_of_the_cumulative_sum,
    thin_svd_reconstructs,
    low_rank_shows,
    graded_matrices_have_eigenvalues,
);

mod generic {
    use crate::checks::{eigh, *};
    use diffkit_linalg::*;

    pub fn eigenvalues_of_the_second_difference<T: Number>() {
        for n in SIZES {
            // Only the lower triangle holds the matrix.
            let a = matrix::<T>(n, n, |i, j| if j > i { 7.0 } else { [2.0, -1.0, 0.0][(i - j).min(2)] });
            let (mut values, mut vectors) = (vec![T::default(); n], vec![T::default(); n * n]);
            assert_eq!(eigh(&a, n, &mut values, &mut vectors), Ok(()));
            let exact: Vec<f64> =
                (1..=n).map(|k| 2.0 - 2.0 * (std::f64::consts::PI * k as f64 / (n + 1) as f64).cos()).collect();
            check_close(&values, &exact, 10.0 * n as f64 * T::EPSILON);
        }
    }

    pub fn eigenvectors_are_orthonormal_and_diagonalise<T: Number>() {
        for n in SIZES {
            let noise = noise(n * n, 5);
            let repeated = matrix::<f64>(n, n, |i, j| if i == j { 3.0 } else { 1.0 });
            for a in [matrix::<T>(n, n, |i, j| noise[i.max(j) * n + i.min(j)]), cast(&repeated), cast(&identity(n))] {
                let (mut values, mut q) = (vec![T::default(); n], vec![T::default(); n * n]);
                assert_eq!(eigh(&a, n, &mut values, &mut q), Ok(()));
                assert!(values.is_sorted());
                let tolerance = 20.0 * n as f64 * T::EPSILON;
                check_close(&product(&transposed(&q, n, n), &q, n, n, n), &identity(n), tolerance);
                let scaled = matrix::<f64>(n, n, |i, j| q[i * n + j].to() * values[j].to());
                let norm = largest(&values).max(1.0);
                check_close(&product(&a, &q, n, n, n), &scaled, tolerance * norm);
            }
        }
    }

    pub fn singular_values_of_the_cumulative_sum<T: Number>() {
        for n in SIZES {
            let a = matrix::<T>(n, n, |i, j| f64::from(u8::from(j <= i)));
            let mut s = vec![T::default(); n];
            assert_eq!(singular_values(&a, n, n, &mut s), Ok(()));
            let angle = |k: usize| std::f64::consts::PI * (2 * k + 1) as f64 / (4 * n + 2) as f64;
            let exact: Vec<f64> = (0..n).map(|k| 0.5 / angle(k).sin()).collect();
            check_close(&s, &exact, 10.0 * n as f64 * T::EPSILON * exact[0].max(1.0));
        }
    }

    pub fn thin_svd_reconstructs<T: Number>() {
        for m in [1, 2, 5, 50, 90] {
            for n in [1, 2, 7, 50, 61] {
                let a = cast::<T>(&noise(m * n, 6));
                let (u, s, vt) = decomposed(&a, m, n);
                let k = m.min(n);
                let tolerance = 10.0 * (m + n) as f64 * T::EPSILON;
                check_close(&product(&transposed(&u, m, k), &u, k, m, k), &identity(k), tolerance);
                check_close(&product(&vt, &transposed(&vt, k, n), k, n, k), &identity(k), tolerance);
                let us = matrix::<f64>(m, k, |i, j| u[i * k + j].to() * s[j].to());
                check_close(&product(&us, &vt, m, k, n), &a, tolerance * s[0].to());
                assert!(s.is_sorted_by(|x, y| x >= y) && s[k - 1].to() >= 0.0);
                let mut alone = vec![T::default(); k];
                assert_eq!(singular_values(&a, m, n, &mut alone), Ok(()));
                check_close(&alone, &s, tolerance * s[0].to());
            }
        }
    }

    pub fn low_rank_shows<T: Number>() {
        let (m, n) = (40, 25);
        let (u, v) = (noise(m, 7), noise(n, 8));
        let a = matrix::<T>(m, n, |i, j| u[i] * v[j]);
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let (_, s, _) = decomposed(&a, m, n);
        assert!((s[0].to() / (norm(&u) * norm(&v)) - 1.0).abs() < 50.0 * T::EPSILON);
        assert!(s[1..].iter().all(|x| x.to() < 50.0 * T::EPSILON * s[0].to()));
        // The condition number of a Hilbert matrix of order 4 is 15513.7387...
        let hilbert = matrix::<T>(4, 4, |i, j| 1.0 / (i + j + 1) as f64);
        let (_, s, _) = decomposed(&hilbert, 4, 4);
        assert!((s[0].to() / s[3].to() / 15513.738738929 - 1.0).abs() < 20.0 * 15514.0 * T::EPSILON);
    }

    /// Elements of all magnitudes side by side, on some of which the iteration stalls unless negligible ones are dropped.
    pub fn graded_matrices_have_eigenvalues<T: Number>() {
        let n = 65;
        let range = if T::EPSILON > 1e-10 { 37.0 } else { 300.0 };
        for seed in 0..200 {
            let noise = noise(4 * n, 2000 + seed);
            let span = range * (seed % 10 + 1) as f64 / 10.0;
            let graded = |i: usize| noise[i] * 10f64.powf(span * noise[i + 2 * n]);
            let a = matrix::<T>(n, n, |i, j| match i - j.min(i) {
                0 if i == j => graded(i),
                1 => graded(i + n),
                _ => 0.0,
            });
            let (mut values, mut q) = (vec![T::default(); n], vec![T::default(); n * n]);
            assert_eq!(eigh(&a, n, &mut values, &mut q), Ok(()));
            check_close(&product(&transposed(&q, n, n), &q, n, n, n), &identity(n), 1e3 * T::EPSILON);
            let (u, _, vt) = decomposed(&a, n, n);
            check_close(&product(&transposed(&u, n, n), &u, n, n, n), &identity(n), 1e3 * T::EPSILON);
            check_close(&product(&vt, &transposed(&vt, n, n), n, n, n), &identity(n), 1e3 * T::EPSILON);
            let trace: f64 = (0..n).map(|i| a[i * n + i].to()).sum();
            let sum: f64 = values.iter().map(|x| x.to()).sum();
            assert!((sum - trace).abs() <= 1e3 * T::EPSILON * largest(&values));
        }
    }
}
