in_both!(extreme_scales_are_no_obstacle, not_finite_input_is_an_error, empty_matrices_work, no_finite_input_panics,);

mod generic {
    use crate::checks::{eigh, inverse, lu_det, lu_solve, *};
    use diffkit_linalg::*;

    pub fn extreme_scales_are_no_obstacle<T: Number>() {
        let n = 12;
        let base = matrix::<T>(n, n, |i, j| [2.0, -1.0, 0.0][i.abs_diff(j).min(2)]);
        // Powers of two near both ends of the range.
        let (high, low) =
            if T::EPSILON > 1e-10 { (2f64.powi(120), 2f64.powi(-120)) } else { (2f64.powi(1018), 2f64.powi(-1015)) };
        for scale in [high, low] {
            let a = matrix::<T>(n, n, |i, j| base[i * n + j].to() * scale);
            let (mut values, mut vectors) = (vec![T::default(); n], vec![T::default(); n * n]);
            assert_eq!(eigh(&a, n, &mut values, &mut vectors), Ok(()));
            let exact = 2.0 - 2.0 * (std::f64::consts::PI / (n + 1) as f64).cos();
            assert!((values[0].to() / scale / exact - 1.0).abs() < 1e3 * T::EPSILON);
            let (_, s, _) = decomposed(&a, n, n);
            assert!((s[n - 1].to() / scale / exact - 1.0).abs() < 1e3 * T::EPSILON);
            let mut x = vec![T::default(); n];
            assert_eq!(lu_solve(&a, n, &a[..n], 1, &mut x), Ok(()));
            check_close(&x, &identity(n)[..n], 1e3 * T::EPSILON);
            let mut l = vec![T::default(); n * n];
            assert_eq!(cholesky(&a, n, &mut l), Ok(()));
            assert!((l[0].to() / (2.0 * scale).sqrt() - 1.0).abs() < 4.0 * T::EPSILON);
            let log = lu_det(&a, n).unwrap().logabsdet;
            assert!((log - (13f64.ln() + 12.0 * scale.ln())).abs() < 1e2 * T::EPSILON * log.abs());
        }
        // Rows and columns at both ends of the range cancel in the determinant and in the solution.
        let ends = cast::<T>(&[high, 0.0, 1.0, low]);
        let mut x = [T::default(); 2];
        assert_eq!(lu_solve(&ends, 2, &cast::<T>(&[high, 1.0 + low]), 1, &mut x), Ok(()));
        assert_eq!(x[0].to(), 1.0);
        assert!((lu_det(&ends, 2).unwrap().det - high * low).abs() <= 4.0 * T::EPSILON * high * low);
        let smallest = matrix::<T>(1, 1, |_, _| if T::EPSILON > 1e-10 { 1e-45 } else { 5e-324 });
        let mut x = [T::default()];
        assert_eq!(lu_solve(&smallest, 1, &smallest, 1, &mut x), Ok(()));
        assert_eq!(x[0].to(), 1.0);
    }

    pub fn not_finite_input_is_an_error<T: Number>() {
        for n in [1, 2, 50] {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let index = n * n - 1;
                let mut values = identity(n);
                values[index] = bad;
                let a = cast::<T>(&values);
                let (mut s, mut out, mut more) = (vec![T::default(); n], a.clone(), a.clone());
                let refused = Err(Error::NotFinite { index });
                assert_eq!(cholesky(&a, n, &mut out), refused);
                assert_eq!(inverse(&a, n, &mut out), refused);
                assert_eq!(lu_solve(&a, n, &cast::<T>(&identity(n)), n, &mut out), refused);
                assert_eq!(lu_solve(&cast::<T>(&identity(n)), n, &a, n, &mut out), refused);
                assert_eq!(eigh(&a, n, &mut s, &mut out), refused);
                assert_eq!(singular_values(&a, n, n, &mut s), refused);
                assert_eq!(svd(&a, n, n, false, &mut out, &mut s, &mut more), refused);
            }
        }
    }

    pub fn empty_matrices_work<T: Number>() {
        assert_eq!(cholesky::<T>(&[], 0, &mut []), Ok(()));
        assert_eq!(lu_solve::<T>(&[], 0, &[], 0, &mut []), Ok(()));
        assert_eq!(lu_solve::<T>(&[], 0, &[], 3, &mut []), Ok(()));
        assert_eq!(inverse::<T>(&[], 0, &mut []), Ok(()));
        assert_eq!(eigh::<T>(&[], 0, &mut [], &mut []), Ok(()));
        let det = lu_det::<T>(&[], 0).unwrap();
        assert_eq!((det.sign, det.logabsdet, det.det), (1.0, 0.0, 1.0));
        for (m, n) in [(0, 0), (0, 3), (3, 0)] {
            assert_eq!(singular_values::<T>(&[], m, n, &mut []), Ok(()));
            assert_eq!(svd::<T>(&[], m, n, false, &mut [], &mut [], &mut []), Ok(()));
        }
    }

    /// Every function on awkward matrices: any answer or error will do, a panic or a hang will not.
    pub fn no_finite_input_panics<T: Number>() {
        let (huge, tiny): (f64, f64) = if T::EPSILON > 1e-10 { (3.4e38, 1e-45) } else { (1.7e308, 5e-324) };
        let palette = [0.0, -0.0, 1.0, -1.0, huge, -huge, tiny, -tiny, huge.sqrt(), tiny.sqrt(), 1.0 + T::EPSILON];
        for (m, n) in [(1, 1), (2, 2), (3, 3), (5, 5), (17, 17), (33, 33), (70, 70), (1, 9), (9, 1), (40, 12), (12, 40)]
        {
            for seed in 0..40 {
                let noise = noise(m * n + palette.len(), 1000 + seed);
                let some = 1 + seed as usize % palette.len();
                let pick = |x: f64| palette[((x + 1.0) / 2.0 * some as f64) as usize % palette.len()];
                let entry = |i: usize, j: usize| match seed % 5 {
                    0 => pick(noise[i * n + j]),
                    1 => pick(noise[i.max(j) % m * n + i.min(j)]),
                    2 => palette[seed as usize % palette.len()],
                    3 => noise[i * n + j] * 10f64.powf(noise[j * m + i] * huge.log10() * 0.99),
                    _ => {
                        if i == j {
                            pick(noise[i])
                        } else {
                            0.0
                        }
                    }
                };
                let a = matrix::<T>(m, n, entry);
                let k = m.min(n);
                let (mut u, mut s, mut vt) =
                    (vec![T::default(); m * k], vec![T::default(); k], vec![T::default(); k * n]);
                let _ = singular_values(&a, m, n, &mut s);
                assert_ne!(svd(&a, m, n, false, &mut u, &mut s, &mut vt), Err(Error::OutOfMemory));
                if m == n {
                    let mut out = a.clone();
                    let _ = cholesky(&a, n, &mut out);
                    if inverse(&a, n, &mut out).is_ok() {
                        assert!(out.iter().all(|x| !x.to().is_nan()));
                    }
                    if lu_solve(&a, n, &a, n, &mut out).is_ok() {
                        assert!(out.iter().all(|x| !x.to().is_nan()));
                    }
                    let _ = lu_det(&a, n);
                    assert_eq!(eigh(&a, n, &mut s, &mut out), Ok(()));
                }
            }
        }
    }
}
