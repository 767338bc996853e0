in_both!(
    cholesky_of_pascal_matrices_is_binomial,
    cholesky_reads_only_the_lower_triangle,
    cholesky_names_the_minor,
    solutions_solve,
    inverses_invert,
    determinants_have_their_closed_forms,
    singular_matrices_are_refused,
);

mod generic {
    use crate::checks::{inverse, lu_det, lu_solve, *};
    use diffkit_linalg::*;

    pub fn cholesky_of_pascal_matrices_is_binomial<T: Number>() {
        fn binomial(n: usize, k: usize) -> f64 {
            (0..k).fold(1.0, |x, i| x * (n - i) as f64 / (i + 1) as f64).round()
        }
        for n in [1, 2, 6] {
            let a = matrix::<T>(n, n, |i, j| binomial(i + j, i));
            let mut l = vec![T::of(9.0); n * n];
            assert_eq!(cholesky(&a, n, &mut l), Ok(()));
            let expected = matrix::<f64>(n, n, |i, j| if j <= i { binomial(i, j) } else { 0.0 });
            check_close(&l, &expected, 0.0);
        }
    }

    pub fn cholesky_reads_only_the_lower_triangle<T: Number>() {
        for n in SIZES {
            let b = cast::<T>(&noise(n * n, 1));
            let square = product(&b, &transposed(&b, n, n), n, n, n);
            let a = matrix::<T>(n, n, |i, j| square[i * n + j] + if i == j { 1.0 } else { 0.0 });
            let lower = matrix::<T>(n, n, |i, j| if j <= i { a[i * n + j].to() } else { f64::NAN });
            let mut l = vec![T::default(); n * n];
            assert_eq!(cholesky(&lower, n, &mut l), Ok(()));
            let back = product(&l, &transposed(&l, n, n), n, n, n);
            check_close(&back, &a, 4.0 * n as f64 * T::EPSILON * largest(&a));
            assert!(
                (0..n).all(|i| l[i * n + i].to() > 0.0 && l[i * n + i + 1..(i + 1) * n].iter().all(|x| x.to() == 0.0))
            );
        }
    }

    pub fn cholesky_names_the_minor<T: Number>() {
        let refused = |values: &[f64], n| cholesky(&cast::<T>(values), n, &mut vec![T::default(); n * n]);
        assert_eq!(refused(&[-1.0], 1), Err(Error::NotPositiveDefinite { minor: 1 }));
        assert_eq!(refused(&[1.0, 2.0, 2.0, 1.0], 2), Err(Error::NotPositiveDefinite { minor: 2 }));
        for (n, minor) in [(50, 33), (130, 128)] {
            let mut a = identity(n);
            a[(minor - 1) * (n + 1)] = 0.0;
            assert_eq!(refused(&a, n), Err(Error::NotPositiveDefinite { minor }));
        }
    }

    pub fn solutions_solve<T: Number>() {
        for n in SIZES {
            for nrhs in [0, 1, 3, 40] {
                let (a, b) = (cast::<T>(&noise(n * n, 2)), cast::<T>(&noise(n * nrhs, 3)));
                let mut x = vec![T::default(); n * nrhs];
                assert_eq!(lu_solve(&a, n, &b, nrhs, &mut x), Ok(()));
                // The backward error of elimination with pivoting.
                let tolerance = 20.0 * n as f64 * T::EPSILON * largest(&x).max(1.0);
                check_close(&product(&a, &x, n, n, nrhs), &b, tolerance);
            }
        }
        let hilbert = matrix::<T>(8, 8, |i, j| 1.0 / (i + j + 1) as f64);
        let b = cast::<T>(&[1.0; 8]);
        let mut x = vec![T::default(); 8];
        assert_eq!(lu_solve(&hilbert, 8, &b, 1, &mut x), Ok(()));
        check_close(&product(&hilbert, &x, 8, 8, 1), &b, 20.0 * T::EPSILON * largest(&x));
    }

    pub fn inverses_invert<T: Number>() {
        for n in SIZES {
            let noise = noise(n * n, 4);
            let a = matrix::<T>(n, n, |i, j| noise[i * n + j] + if i == j { n as f64 } else { 0.0 });
            let mut x = vec![T::default(); n * n];
            assert_eq!(inverse(&a, n, &mut x), Ok(()));
            check_close(&product(&a, &x, n, n, n), &identity(n), 10.0 * n as f64 * T::EPSILON);
        }
        let mut x = vec![T::default(); 4];
        assert_eq!(inverse(&cast::<T>(&[1.0, 2.0, 3.0, 4.0]), 2, &mut x), Ok(()));
        check_close(&x, &[-2.0, 1.0, 1.5, -0.5], 8.0 * T::EPSILON);
    }

    pub fn determinants_have_their_closed_forms<T: Number>() {
        let det = |values: &[f64], n| lu_det(&cast::<T>(values), n).unwrap();
        let found = det(&[1.0, 2.0, 3.0, 4.0], 2);
        assert!((found.det + 2.0).abs() < 8.0 * T::EPSILON && found.sign == -1.0);
        assert!((found.logabsdet - 2f64.ln()).abs() < 8.0 * T::EPSILON);
        // Row exchanges: a cycle of 3 is even, of 4 odd; and each minus sign counts.
        for n in [3, 4, 50] {
            let cycle = matrix::<f64>(n, n, |i, j| f64::from(u8::from((i + 1) % n == j)));
            assert_eq!(det(&cycle, n).det, if n % 2 == 1 { 1.0 } else { -1.0 });
            let minus = matrix::<f64>(n, n, |i, j| if i == j { -1.0 } else { 0.0 });
            assert_eq!(det(&minus, n).sign, if n % 2 == 1 { -1.0 } else { 1.0 });
        }
        // The second difference has determinant n + 1.
        let n = 50;
        let difference = matrix::<f64>(n, n, |i, j| [2.0, -1.0, 0.0][i.abs_diff(j).min(2)]);
        assert!((det(&difference, n).det - 51.0).abs() < 51.0 * 50.0 * T::EPSILON);
        // 4^200 overflows, its logarithm does not; 4^100 / 4^100 is 1 whatever the order of the factors.
        let found = det(&matrix::<f64>(600, 600, |i, j| if i == j { 4.0 } else { 0.0 }), 600);
        assert!(found.det == f64::INFINITY && (found.logabsdet / (600.0 * 4f64.ln()) - 1.0).abs() < T::EPSILON);
        let mixed = matrix::<f64>(400, 400, |i, j| {
            if i != j {
                0.0
            } else if i < 200 {
                1e20
            } else {
                1e-20
            }
        });
        assert!((det(&mixed, 400).det - 1.0).abs() < 400.0 * T::EPSILON);
        let singular = det(&[1.0, 2.0, 2.0, 4.0], 2);
        assert_eq!((singular.sign, singular.logabsdet, singular.det), (0.0, f64::NEG_INFINITY, 0.0));
        for bad in [f64::NAN, f64::INFINITY] {
            let found = det(&[1.0, bad, 0.0, 1.0], 2);
            assert!(found.det.is_nan() && found.sign.is_nan() && found.logabsdet.is_nan());
        }
    }

    pub fn singular_matrices_are_refused<T: Number>() {
        for n in SIZES {
            for a in [vec![T::default(); n * n], matrix::<T>(n, n, |i, _| i as f64)] {
                let mut out = vec![T::default(); n * n];
                assert_eq!(inverse(&a, n, &mut out), Err(Error::Singular));
                assert_eq!(lu_solve(&a, n, &a, n, &mut out), Err(Error::Singular));
            }
        }
    }
}
