//! Linear algebra against residuals, closed forms and central differences.

// `check(&[x.clone()], ...)` reads like the calls with several inputs.
#![allow(clippy::cloned_ref_to_slice_refs)]

mod differences;

use differences::{check, close, noise, slope, tensor, values};
use diffkit_core::ops::linalg::*;
use diffkit_core::ops::matmul::{identity, matmul};
use diffkit_core::ops::view::matrix_transpose as t;
use diffkit_core::ops::{self, cast};
use diffkit_core::{DType, Error, Result, Tensor};

fn positive_definite(x: &Tensor) -> Result<Tensor> {
    let n = x.shape()[x.ndim() - 1];
    ops::add(&matmul(x, &t(x)?)?, &identity(n, DType::F64)?)
}

fn symmetric(x: &Tensor) -> Result<Tensor> {
    ops::add(x, &t(x)?)
}

/// Well away from singular.
fn regular(shape: &[usize], seed: u64) -> Tensor {
    let n = shape[shape.len() - 1];
    ops::add(&noise(shape, seed), &ops::mul(&identity(n, DType::F64).unwrap(), &tensor(&[], &[3.0])).unwrap()).unwrap()
}

#[test]
fn residuals() {
    for dtype in [DType::F32, DType::F64] {
        let tolerance = if dtype == DType::F32 { 1e-5 } else { 1e-13 };
        let a = cast(&regular(&[2, 3, 4, 4], 1), dtype).unwrap();
        let b = cast(&noise(&[3, 4, 2], 2), dtype).unwrap();
        close(
            &matmul(&a, &solve(&a, &b).unwrap()).unwrap(),
            &values(&ops::add(&b, &ops::zeros_like(&solve(&a, &b).unwrap()).unwrap()).unwrap()),
            tolerance,
        );
        let one = ops::add(&identity(4, dtype).unwrap(), &ops::zeros_like(&a).unwrap()).unwrap();
        close(&matmul(&a, &inv(&a).unwrap()).unwrap(), &values(&one), tolerance);
        let s = cast(&positive_definite(&noise(&[5, 4, 4], 3)).unwrap(), dtype).unwrap();
        let l = cholesky(&s, false).unwrap();
        close(&matmul(&l, &t(&l).unwrap()).unwrap(), &values(&s), tolerance);
        let u = cholesky(&s, true).unwrap();
        close(&matmul(&t(&u).unwrap(), &u).unwrap(), &values(&s), tolerance);
        let (w, v) = eigh(&s, false).unwrap();
        let scaled = ops::mul(&v, &ops::view::unsqueeze(&w, -2).unwrap()).unwrap();
        close(&matmul(&s, &v).unwrap(), &values(&scaled), tolerance);
        let m = cast(&noise(&[2, 5, 3], 4), dtype).unwrap();
        let (u, d, vt) = svd(&m, false).unwrap();
        let scaled = ops::mul(&u, &ops::view::unsqueeze(&d, -2).unwrap()).unwrap();
        close(&matmul(&scaled, &vt).unwrap(), &values(&m), tolerance);
        close(&svdvals(&m).unwrap(), &values(&d), tolerance);
        let p = pinv(&m, None, None).unwrap();
        close(&matmul(&matmul(&m, &p).unwrap(), &m).unwrap(), &values(&m), tolerance);
    }
}

#[test]
fn closed_forms() {
    let a = tensor(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    close(&det(&a).unwrap(), &[-2.0], 1e-15);
    let (sign, log) = slogdet(&a).unwrap();
    close(&sign, &[-1.0], 0.0);
    close(&log, &[2f64.ln()], 1e-15);
    close(&matrix_power(&a, 3).unwrap(), &[37.0, 54.0, 81.0, 118.0], 1e-14);
    close(&matrix_power(&a, -1).unwrap(), &[-2.0, 1.0, 1.5, -0.5], 1e-14);
    close(&matrix_power(&a, 0).unwrap(), &[1.0, 0.0, 0.0, 1.0], 0.0);
    close(
        &matrix_rank(&tensor(&[2, 2, 2], &[1.0, 2.0, 2.0, 4.0, 1.0, 0.0, 0.0, 1.0]), None, None).unwrap(),
        &[1.0, 2.0],
        0.0,
    );
    let root = |x: f64| x.sqrt();
    let s = |sign: f64| root((30.0 + sign * root(884.0)) / 2.0);
    let norm = |order| values(&matrix_norm(&a, order, [0, 1], false).unwrap())[0];
    let expected = [
        (Order::Fro, root(30.0)),
        (Order::Nuc, s(1.0) + s(-1.0)),
        (Order::P(2.0), s(1.0)),
        (Order::P(-2.0), s(-1.0)),
        (Order::P(1.0), 6.0),
        (Order::P(-1.0), 4.0),
        (Order::P(f64::INFINITY), 7.0),
        (Order::P(f64::NEG_INFINITY), 3.0),
    ];
    for (order, value) in expected {
        assert!((norm(order) - value).abs() < 1e-13, "{order:?}");
    }
    close(&cond(&a, None).unwrap(), &[s(1.0) / s(-1.0)], 1e-13);
    let x = tensor(&[3], &[3.0, 0.0, -4.0]);
    for (p, value) in
        [(2.0, 5.0), (1.0, 7.0), (0.0, 2.0), (f64::INFINITY, 4.0), (f64::NEG_INFINITY, 0.0), (3.0, 91f64.cbrt())]
    {
        close(&vector_norm(&x, p, None, false).unwrap(), &[value], 1e-15);
    }
    assert_eq!(matrix_norm(&noise(&[2, 3, 4], 1), Order::Nuc, [0, 2], true).unwrap().shape(), [1, 3, 1]);
    let (b, v) = (noise(&[2, 4, 4], 1), noise(&[2, 4], 2));
    let batch = ops::add(&b, &ops::mul(&identity(4, DType::F64).unwrap(), &tensor(&[], &[3.0])).unwrap()).unwrap();
    assert_eq!(solve(&batch, &v).unwrap().shape(), [2, 4]);
}

#[test]
fn derivatives() {
    let a = regular(&[2, 3, 3], 1);
    check(&[a.clone(), noise(&[3, 2], 2)], |x| solve(&x[0], &x[1]));
    check(&[regular(&[3, 3], 1), noise(&[3], 2)], |x| solve(&x[0], &x[1]));
    check(&[a.clone()], |x| inv(&x[0]));
    check(&[a.clone()], |x| det(&x[0]));
    check(&[a.clone()], |x| Ok(slogdet(&x[0])?.1));
    let x = noise(&[3, 3], 5);
    check(&[x.clone()], |x| cholesky(&positive_definite(&x[0])?, false));
    check(&[x.clone()], |x| cholesky(&positive_definite(&x[0])?, true));
    check(&[x.clone()], |x| eigvalsh(&symmetric(&x[0])?, false));
    // Squares of eigenvectors do not depend on their sign.
    check(&[x.clone()], |x| ops::square(&eigh(&symmetric(&x[0])?, false)?.1));
    for shape in [[3, 3], [4, 3], [2, 4]] {
        let x = noise(&shape, 6);
        check(&[x.clone()], |x| svdvals(&x[0]));
        check(&[x.clone()], |x| ops::square(&svd(&x[0], false)?.0));
        check(&[x.clone()], |x| ops::square(&svd(&x[0], false)?.2));
        check(&[x], |x| pinv(&x[0], None, None));
    }
    for order in [Order::Fro, Order::Nuc, Order::P(2.0), Order::P(-2.0), Order::P(1.0), Order::P(f64::INFINITY)] {
        check(&[noise(&[2, 3, 2], 8)], |x| matrix_norm(&x[0], order, [-2, -1], false));
    }
    for p in [2.0, 1.0, 3.0, 0.5, -1.0, f64::INFINITY] {
        check(&[noise(&[2, 3], 8)], |x| vector_norm(&x[0], p, Some(&[1]), false));
    }
    check(&[a.clone()], |x| matrix_power(&x[0], 3));
    check(&[a], |x| cond(&x[0], Some(Order::P(1.0))));
}

#[test]
fn determinant_of_singular_matrices() {
    // Rank 2 of 3 and rank 1 of 3; det has cofactors as its gradient, and its second derivative is in the minors.
    for values in
        [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], [1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 3.0, 6.0, 9.0], [0.0; 9]]
    {
        check(&[tensor(&[3, 3], &values)], |x| det(&x[0]));
    }
    let a = tensor(&[3, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    close(&slope(&a, det), &[-3.0, 6.0, -3.0, 6.0, -12.0, 6.0, -3.0, 6.0, -3.0], 1e-12);
    check(&[tensor(&[1, 1], &[0.0])], |x| det(&x[0]));
}

#[test]
fn zero_has_zero_gradient() {
    let zero = tensor(&[2, 2], &[0.0; 4]);
    for order in [Order::Fro, Order::Nuc, Order::P(2.0), Order::P(1.0), Order::P(f64::INFINITY)] {
        close(&slope(&zero, |x| matrix_norm(x, order, [0, 1], false)), &[0.0; 4], 0.0);
    }
    for p in [0.0, 0.5, 1.0, 2.0, 3.0, f64::INFINITY] {
        close(&slope(&zero, |x| vector_norm(x, p, None, false)), &[0.0; 4], 0.0);
    }
}

#[test]
fn empty_matrices() {
    let empty = tensor(&[0, 0], &[]);
    close(&det(&empty).unwrap(), &[1.0], 0.0);
    assert_eq!(inv(&empty).unwrap().shape(), [0, 0]);
    assert_eq!(solve(&empty, &tensor(&[0, 2], &[])).unwrap().shape(), [0, 2]);
    assert_eq!(eigh(&empty, false).unwrap().1.shape(), [0, 0]);
    assert_eq!(svd(&tensor(&[0, 3], &[]), false).unwrap().2.shape(), [0, 3]);
    assert_eq!(cholesky(&tensor(&[0, 2, 2], &[]), false).unwrap().shape(), [0, 2, 2]);
    assert_eq!(matrix_rank(&empty, None, None).unwrap().shape(), [0usize; 0]);
}

#[test]
fn errors_name_the_batch_element() {
    let a = tensor(&[2, 2, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 4.0]);
    let text = |result: Result<Tensor>| match result {
        Err(error @ Error::LinAlg { .. }) => error.to_string(),
        other => format!("not a linear algebra error: {:?}", other.map(|t| values(&t))),
    };
    assert!(text(inv(&a)).contains("batch element 1: the matrix is singular"));
    let b = tensor(&[2, 2, 1], &[1.0; 4]);
    assert!(text(solve(&a, &b)).contains("batch element 1"));
    assert!(text(cholesky(&tensor(&[2, 2], &[1.0, 2.0, 2.0, 1.0]), false)).contains("positive definite"));
    let nan = tensor(&[2, 2], &[1.0, f64::NAN, 0.0, 1.0]);
    assert!(text(inv(&nan)).contains("NaN"));
    assert!(text(svdvals(&nan)).contains("NaN"));
    assert!(text(eigvalsh(&tensor(&[2, 2], &[1.0, 0.0, f64::INFINITY, 1.0]), false)).contains("infinity"));
    assert!(values(&det(&nan).unwrap())[0].is_nan());
    assert!(matches!(inv(&differences::integers(&[1, 1], &[1])), Err(Error::DType { .. })));
    assert!(matches!(inv(&noise(&[2, 3], 1)), Err(Error::Shape { .. })));
    assert!(matches!(solve(&regular(&[3, 3], 1), &noise(&[2, 2], 1)), Err(Error::Shape { .. })));
}
