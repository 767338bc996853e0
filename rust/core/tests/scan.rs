//! Running results against loops and PyTorch 2.15 (literal results), and gradients against differences.

mod gradient;

use diffkit_core::array::Array;
use diffkit_core::ops::reduce::Extreme;
use diffkit_core::ops::{self, scan, view};
use diffkit_core::parallel::set_num_threads;
use diffkit_core::{DType, Tensor};
use gradient::{check, ints, mixed, tensor, values};
use std::slice::from_ref;

const NAN: f64 = f64::NAN;

fn longs(x: &Tensor) -> Vec<i64> {
    x.array().to_vec().unwrap()
}

/// `fold` along axis 1 of a tensor with three axes, element by element.
fn by_loops(x: &Tensor, start: f64, fold: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let (shape, mut elements) = (x.shape().to_vec(), values(x));
    for i in 0..shape[0] {
        for k in 0..shape[2] {
            let mut state = start;
            for j in 0..shape[1] {
                let place = (i * shape[1] + j) * shape[2] + k;
                state = fold(state, elements[place]);
                elements[place] = state;
            }
        }
    }
    elements
}

#[test]
fn sums_and_products_of_every_axis() {
    for shape in [[2, 5, 3], [1, 7, 130], [4, 1, 1], [2, 0, 3]] {
        let x = mixed(&shape);
        assert_eq!(values(&scan::cumsum(&x, 1, None).unwrap()), by_loops(&x, 0.0, |a, b| a + b));
        assert_eq!(values(&scan::cumprod(&x, -2, None).unwrap()), by_loops(&x, 1.0, |a, b| a * b));
        let turned = view::permute(&x, &[1, 2, 0]).unwrap();
        let sums = view::permute(&scan::cumsum(&turned, 0, None).unwrap(), &[2, 0, 1]).unwrap();
        assert_eq!(values(&sums), by_loops(&x, 0.0, |a, b| a + b));
    }
}

#[test]
fn dtypes_of_sums() {
    let x = ops::cast(&ints(&[3], &[200, 100, 1]), DType::U8).unwrap();
    let sums = scan::cumsum(&x, 0, None).unwrap();
    assert_eq!((sums.dtype(), longs(&sums)), (DType::I64, vec![200, 300, 301]));
    let flags = ops::cast(&ints(&[3], &[1, 0, 1]), DType::Bool).unwrap();
    assert_eq!(longs(&scan::cumsum(&flags, 0, None).unwrap()), [1, 1, 2]);
    assert_eq!(scan::cumsum(&x, 0, Some(DType::F32)).unwrap().dtype(), DType::F32);
    assert_eq!(values(&scan::cumsum(&tensor(&[], &[2.5]), -1, None).unwrap()), [2.5]);
    assert!(scan::cumsum(&x, 1, None).is_err());
}

#[test]
fn long_float32_sums_stay_accurate() {
    let n = 1 << 20;
    let x: Tensor = Array::from_slice(&[n], &vec![0.1f32; n]).unwrap().into();
    let last = *values(&scan::cumsum(&x, 0, None).unwrap()).last().unwrap();
    let exact = f64::from(0.1f32) * n as f64;
    assert!((last / exact - 1.0).abs() < 1e-7, "{last} {exact}");
}

#[test]
fn running_extremes_as_pytorch() {
    let inf = f64::INFINITY;
    let x = tensor(&[2, 6], &[3.0, NAN, -1.0, 3.0, 0.0, -0.0, 2.0, 2.0, inf, -inf, 2.0, 1.0]);
    let (v, i) = scan::cumulative_extreme(Extreme::Max, &x, 1).unwrap();
    assert_eq!(longs(&i), [0, 1, 1, 1, 1, 1, 0, 1, 2, 2, 2, 2]);
    assert!(values(&v)[1..6].iter().all(|v| v.is_nan()));
    assert_eq!(values(&v)[6..], [2.0, 2.0, inf, inf, inf, inf]);
    let (v, i) = scan::cumulative_extreme(Extreme::Min, &x, 1).unwrap();
    assert_eq!(longs(&i), [0, 1, 1, 1, 1, 1, 0, 1, 1, 3, 3, 3]);
    assert_eq!(values(&v)[6..], [2.0, 2.0, 2.0, -inf, -inf, -inf]);
}

#[test]
fn logs_of_running_sums_as_pytorch() {
    let x = tensor(&[2, 5], &[4.0, 1.0, 3.0, 2.0, 5.0, 0.5, -2.0, 7.0, 1.0, 1.0]);
    let expected = [
        4.0,
        4.048587351573742,
        4.349012216768187,
        4.440189698561196,
        5.451914395937593,
        0.5,
        0.5788897342925496,
        7.001625527111712,
        7.004097196190385,
        7.006562771180498,
    ];
    for (a, b) in values(&scan::logcumsumexp(&x, 1).unwrap()).iter().zip(expected) {
        assert!((a - b).abs() < 4e-15, "{a} {b}");
    }
    let inf = f64::INFINITY;
    let ends = scan::logcumsumexp(&tensor(&[5], &[-inf, -inf, 1000.0, -1000.0, inf]), 0).unwrap();
    assert_eq!(values(&ends), [-inf, -inf, 1000.0, 1000.0, inf]);
    let nan = scan::logcumsumexp(&tensor(&[3], &[0.0, NAN, 1.0]), 0).unwrap();
    assert!(values(&nan)[1..].iter().all(|v| v.is_nan()), "{:?}", values(&nan));
}

#[test]
fn threads_do_not_change_a_bit() {
    let x = mixed(&[40, 50, 70]);
    let run = |threads: usize| {
        set_num_threads(threads);
        [0, 1, 2].map(|axis| values(&scan::cumsum(&x, axis, None).unwrap()))
    };
    assert_eq!(run(1), run(5));
}

#[test]
fn gradients() {
    let x = mixed(&[2, 4, 3]);
    check("cumsum", from_ref(&x), |x| scan::cumsum(&x[0], 1, None));
    check("cumprod", from_ref(&x), |x| scan::cumprod(&x[0], 1, None));
    for zeros in [[0.0, 2.0, 3.0, -1.0, 0.5], [2.0, 0.0, 3.0, 0.0, 0.5], [0.0; 5]] {
        check("cumprod with zeros", &[tensor(&[5], &zeros)], |x| scan::cumprod(&x[0], 0, None));
    }
    check("cummax", from_ref(&x), |x| Ok(scan::cumulative_extreme(Extreme::Max, &x[0], 1)?.0));
    check("cummin", from_ref(&x), |x| Ok(scan::cumulative_extreme(Extreme::Min, &x[0], -1)?.0));
    check("logcumsumexp", from_ref(&x), |x| scan::logcumsumexp(&x[0], 1));
    check("a number", &[tensor(&[], &[0.7])], |x| scan::cumprod(&scan::cumsum(&x[0], 0, None)?, 0, None));
}
