//! Sorting and its kin against PyTorch 2.15 (literal results), against loops, and gradients against differences.

mod gradient;

use diffkit_core::array::Array;
use diffkit_core::ops::order::{self, Interpolation};
use diffkit_core::ops::{self, view};
use diffkit_core::{DType, Error, Tensor};
use gradient::{check, ints, mixed, tensor, values};
use std::slice::from_ref;

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

fn longs(x: &Tensor) -> Vec<i64> {
    x.array().to_vec().unwrap()
}

/// Equal, with NaN equal to itself and -0 apart from 0.
fn same(found: &Tensor, expected: &[f64]) {
    let bits = |v: &f64| if v.is_nan() { u64::MAX } else { v.to_bits() };
    let found = values(found);
    assert_eq!(found.iter().map(bits).collect::<Vec<_>>(), expected.iter().map(bits).collect::<Vec<_>>(), "{found:?}");
}

fn awkward() -> Tensor {
    tensor(&[2, 6], &[3.0, NAN, -1.0, 3.0, 0.0, -0.0, 2.0, 2.0, INF, -INF, 2.0, 1.0])
}

#[test]
fn sorts_as_pytorch() {
    let expected = [
        (false, [-1.0, 0.0, -0.0, 3.0, 3.0, NAN, -INF, 1.0, 2.0, 2.0, 2.0, INF], [2, 4, 5, 0, 3, 1, 3, 5, 0, 1, 4, 2]),
        (true, [NAN, 3.0, 3.0, 0.0, -0.0, -1.0, INF, 2.0, 2.0, 2.0, 1.0, -INF], [1, 0, 3, 4, 5, 2, 2, 0, 1, 4, 5, 3]),
    ];
    for (descending, sorted, from) in expected {
        for dtype in [DType::F64, DType::F32] {
            let (v, i) = order::sort(&ops::cast(&awkward(), dtype).unwrap(), 1, descending).unwrap();
            same(&v, &sorted);
            assert_eq!(longs(&i), from);
        }
        // Along the other axis of the transposed tensor: the same lines.
        let turned = view::transpose(&awkward(), 0, 1).unwrap();
        assert_eq!(longs(&view::transpose(&order::argsort(&turned, 0, descending).unwrap(), 0, 1).unwrap()), from);
    }
}

#[test]
fn sorts_every_dtype_at_its_ends() {
    let check = |x: Tensor| {
        let mut expected = longs(&x);
        expected.sort_unstable();
        assert_eq!(longs(&order::sort(&x, 0, false).unwrap().0), expected);
        expected.reverse();
        assert_eq!(longs(&order::sort(&x, 0, true).unwrap().0), expected);
    };
    check(ints(&[5], &[0, i64::MAX, -1, i64::MIN, 1]));
    check(Array::from_slice(&[5], &[0, i32::MAX, -1, i32::MIN, 1]).unwrap().into());
    check(Array::from_slice(&[4], &[0u8, 255, 127, 128]).unwrap().into());
    check(ops::cast(&ints(&[4], &[1, 0, 1, 0]), DType::Bool).unwrap());
    let (v, i) = order::sort(&tensor(&[], &[4.0]), -1, false).unwrap();
    assert_eq!((v.shape().len(), i.shape().len(), values(&v)[0]), (0, 0, 4.0));
    assert_eq!(order::sort(&tensor(&[0, 3], &[]), 0, false).unwrap().0.shape(), [0, 3]);
}

#[test]
fn long_lines_are_sorted_stably() {
    let n = 100_000;
    let numbers: Vec<i64> = (0..n as i64).map(|i| i * 7919 % 1009).collect();
    let mut expected: Vec<i64> = (0..n as i64).collect();
    expected.sort_by_key(|&i| numbers[i as usize]);
    assert_eq!(longs(&order::argsort(&ints(&[n], &numbers), 0, false).unwrap()), expected);
    let (_, first) = order::topk(&ints(&[n], &numbers), 500, 0, false).unwrap();
    assert_eq!(longs(&first), expected[..500]);
}

#[test]
fn ranks_as_pytorch() {
    let (v, i) = order::topk(&awkward(), 3, 1, true).unwrap();
    same(&v, &[NAN, 3.0, 3.0, INF, 2.0, 2.0]);
    assert_eq!((i.shape(), longs(&i)), ([2, 3].as_slice(), vec![1, 0, 3, 2, 0, 1]));
    let (v, i) = order::median(&awkward(), 1, false).unwrap();
    same(&v, &[NAN, 2.0]);
    assert_eq!((i.shape(), longs(&i)), ([2].as_slice(), vec![1, 0]));
    let (v, i) = order::kthvalue(&awkward(), 3, 1, true).unwrap();
    same(&v, &[-0.0, 2.0]);
    assert_eq!(i.shape(), [2, 1]);
    same(&order::median_of_all(&tensor(&[2, 2], &[4.0, 1.0, 3.0, 2.0])).unwrap(), &[2.0]);
    for k in [-1, 7] {
        assert!(matches!(order::topk(&awkward(), k, 1, true), Err(Error::Value { .. })));
    }
    assert!(matches!(order::kthvalue(&awkward(), 0, 1, false), Err(Error::Value { .. })));
    assert!(matches!(order::median(&tensor(&[0], &[]), 0, false), Err(Error::Shape { .. })));
}

#[test]
fn quantiles_as_pytorch() {
    let y = tensor(&[2, 5], &[4.0, 1.0, 3.0, 2.0, 5.0, 0.5, -2.0, 7.0, 1.0, 1.0]);
    let q = tensor(&[5], &[0.0, 0.1, 0.5, 0.875, 1.0]);
    let expected = [
        (Interpolation::Linear, [1.0, -2.0, 1.4, -1.0, 3.0, 1.0, 4.5, 4.0, 5.0, 7.0]),
        (Interpolation::Lower, [1.0, -2.0, 1.0, -2.0, 3.0, 1.0, 4.0, 1.0, 5.0, 7.0]),
        (Interpolation::Higher, [1.0, -2.0, 2.0, 0.5, 3.0, 1.0, 5.0, 7.0, 5.0, 7.0]),
        (Interpolation::Nearest, [1.0, -2.0, 1.0, -2.0, 3.0, 1.0, 5.0, 7.0, 5.0, 7.0]),
        (Interpolation::Midpoint, [1.0, -2.0, 1.5, -0.75, 3.0, 1.0, 4.5, 4.0, 5.0, 7.0]),
    ];
    for (interpolation, expected) in expected {
        let found = order::quantile(&y, &q, Some(1), false, interpolation).unwrap();
        assert_eq!(found.shape(), [5, 2]);
        values(&found).iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 1e-15, "{a} {b}"));
    }
    let quarter = tensor(&[], &[0.25]);
    let of_all = order::quantile(&y, &quarter, None, true, Interpolation::Linear).unwrap();
    assert_eq!((of_all.shape(), values(&of_all)), ([1, 1].as_slice(), vec![1.0]));
    let found = order::quantile(&awkward(), &quarter, Some(1), true, Interpolation::Linear).unwrap();
    same(&found, &[NAN, 1.25]);
    let infinite = tensor(&[3], &[INF, INF, -INF]);
    same(&order::quantile(&infinite, &tensor(&[], &[0.75]), None, false, Interpolation::Linear).unwrap(), &[INF]);
    assert!(order::quantile(&y, &tensor(&[], &[1.5]), None, false, Interpolation::Linear).is_err());
    assert!(order::quantile(&y, &tensor(&[], &[NAN]), None, false, Interpolation::Linear).is_err());
}

#[test]
fn distinct_elements() {
    let x = tensor(&[2, 4], &[3.0, NAN, 1.0, 3.0, -0.0, NAN, 0.0, 1.0]);
    let found = order::unique(&x).unwrap();
    same(&found.values, &[-0.0, 1.0, 3.0, NAN, NAN]);
    assert_eq!(longs(&found.indices), [4, 2, 0, 1, 5]);
    assert_eq!((found.inverse.shape(), longs(&found.inverse)), ([2, 4].as_slice(), vec![2, 3, 1, 2, 0, 4, 0, 1]));
    assert_eq!(longs(&found.counts), [2, 2, 2, 1, 1]);
    assert_eq!(order::unique(&tensor(&[0], &[])).unwrap().values.shape(), [0]);
}

#[test]
fn searching() {
    let (sorted, wanted) = (ints(&[4], &[1, 3, 3, 5]), ints(&[5], &[0, 1, 3, 4, 9]));
    assert_eq!(longs(&order::searchsorted(&sorted, &wanted, false).unwrap()), [0, 0, 1, 3, 4]);
    assert_eq!(longs(&order::searchsorted(&sorted, &wanted, true).unwrap()), [0, 1, 3, 3, 4]);
    let rows = tensor(&[2, 3], &[1.0, 2.0, 3.0, 10.0, 20.0, NAN]);
    let wanted = tensor(&[2, 2], &[2.5, 0.0, 25.0, NAN]);
    assert_eq!(longs(&order::searchsorted(&rows, &wanted, false).unwrap()), [2, 0, 2, 2]);
    assert_eq!(longs(&order::searchsorted(&rows, &wanted, true).unwrap()), [2, 0, 2, 3]);
    assert!(order::searchsorted(&rows, &ints(&[3, 1], &[0, 0, 0]), false).is_err());
    assert_eq!(longs(&order::searchsorted(&tensor(&[0], &[]), &ints(&[2], &[0, 1]), false).unwrap()), [0, 0]);
    let among = order::isin(&tensor(&[2, 2], &[1.0, NAN, -0.0, 7.0]), &ints(&[3], &[7, 0, 2]), false).unwrap();
    assert_eq!(longs(&among), [0, 0, 1, 1]);
    let apart = order::isin(&ints(&[2], &[1, 2]), &ints(&[0], &[]), true).unwrap();
    assert_eq!(longs(&apart), [1, 1]);
}

#[test]
fn counting() {
    let x = ints(&[5], &[1, 4, 1, 0, 4]);
    assert_eq!(longs(&order::bincount(&x, None, 7).unwrap()), [1, 2, 0, 0, 2, 0, 0]);
    let weights = tensor(&[5], &[0.5, 1.0, 0.25, 2.0, -3.0]);
    same(&order::bincount(&x, Some(&weights), 0).unwrap(), &[2.0, 0.75, 0.0, 0.0, -2.0]);
    assert_eq!(order::bincount(&ints(&[0], &[]), None, 0).unwrap().shape(), [0]);
    assert!(order::bincount(&ints(&[1], &[-1]), None, 0).is_err());
    assert!(matches!(order::bincount(&ints(&[1], &[i64::MAX]), None, 0), Err(Error::Memory { .. })));
}

#[test]
fn gradients() {
    let x = mixed(&[3, 4]);
    check("sort", from_ref(&x), |x| Ok(order::sort(&x[0], 0, true)?.0));
    check("topk", from_ref(&x), |x| Ok(order::topk(&x[0], 2, 1, true)?.0));
    check("median", from_ref(&x), |x| Ok(order::median(&x[0], 1, false)?.0));
    check("kthvalue", from_ref(&x), |x| Ok(order::kthvalue(&x[0], 2, 0, true)?.0));
    let q = tensor(&[3], &[0.1, 0.5, 1.0]);
    check("quantile", from_ref(&x), |x| order::quantile(&x[0], &q, Some(1), false, Interpolation::Linear));
    check("bincount", &[mixed(&[3])], |w| order::bincount(&ints(&[3], &[1, 3, 1]), Some(&w[0]), 0));
}
