//! Rearranging against loops and PyTorch 2.15 (literal results), and gradients against differences.

mod gradient;

use diffkit_core::dtype::DType;
use diffkit_core::ops::arrange::{self, Indexing, Repeats};
use diffkit_core::ops::create::Triangle;
use diffkit_core::{Error, Tensor, ops};
use gradient::{check, ints, mixed, tensor, values};
use std::slice::from_ref;

fn longs(x: &Tensor) -> Vec<i64> {
    x.array().to_vec().unwrap()
}

fn numbered(shape: &[usize]) -> Tensor {
    ints(shape, &(0..shape.iter().product::<usize>() as i64).collect::<Vec<_>>())
}

/// The elements of a matrix of this shape, from their places.
fn matrix(rows: usize, columns: usize, element: impl Fn(usize, usize) -> i64) -> Vec<i64> {
    (0..rows * columns).map(|i| element(i / columns, i % columns)).collect()
}

#[test]
fn flip_and_roll() {
    let x = numbered(&[3, 4]);
    assert_eq!(longs(&arrange::flip(&x, &[0]).unwrap()), matrix(3, 4, |i, j| (2 - i as i64) * 4 + j as i64));
    assert_eq!(longs(&arrange::flip(&x, &[1, 0]).unwrap()), (0..12).rev().collect::<Vec<_>>());
    assert_eq!(arrange::flip(&numbered(&[0, 2]), &[0]).unwrap().shape(), [0, 2]);
    for (down, right) in [(1, 0), (-1, 5), (7, -3), (0, 0)] {
        let from = |i: usize, by: i64, n: i64| (i as i64 - by).rem_euclid(n);
        let expected = matrix(3, 4, |i, j| from(i, down, 3) * 4 + from(j, right, 4));
        let rolled = arrange::roll(&x, &[down, right], Some(&[0, -1])).unwrap();
        assert_eq!(longs(&rolled), expected);
        assert!(!rolled.array().buffer().same(x.array().buffer()));
    }
    assert_eq!(longs(&arrange::roll(&x, &[2], None).unwrap()), [10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert!(arrange::roll(&x, &[1, 2], Some(&[0])).is_err());
}

#[test]
fn repeating() {
    let x = numbered(&[2, 3]);
    let expected = matrix(4, 6, |i, j| (i % 2 * 3 + j % 3) as i64);
    assert_eq!(longs(&arrange::repeat(&x, &[2, 2]).unwrap()), expected);
    assert_eq!(arrange::repeat(&x, &[5, 1, 0]).unwrap().shape(), [5, 2, 0]);
    assert_eq!(longs(&arrange::tile(&x, &[2]).unwrap()), matrix(2, 6, |i, j| (i * 3 + j % 3) as i64));
    assert!(!arrange::tile(&x, &[1]).unwrap().array().buffer().same(x.array().buffer()));
    assert!(matches!(arrange::repeat(&x, &[2]), Err(Error::Shape { .. })));
    assert!(arrange::repeat(&x, &[1, -1]).is_err());
    assert!(matches!(arrange::repeat(&x, &[i64::MAX, i64::MAX]), Err(Error::Memory { .. })));
    let twice = arrange::repeat_interleave(&x, Repeats::Each(2), Some(1)).unwrap();
    assert_eq!(longs(&twice), matrix(2, 6, |i, j| (i * 3 + j / 2) as i64));
    let counts = ints(&[3], &[2, 0, 1]);
    let some = arrange::repeat_interleave(&x, Repeats::Every(&counts), Some(-1)).unwrap();
    assert_eq!(longs(&some), [0, 0, 2, 3, 3, 5]);
    let flat = arrange::repeat_interleave(&x, Repeats::Every(&ints(&[1], &[2])), None).unwrap();
    assert_eq!(longs(&flat), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    assert!(arrange::repeat_interleave(&x, Repeats::Every(&ints(&[3], &[1, -1, 1])), Some(1)).is_err());
    assert!(arrange::repeat_interleave(&x, Repeats::Every(&counts), Some(0)).is_err());
    let huge = arrange::repeat_interleave(&x, Repeats::Each(i64::MAX / 4), None);
    assert!(matches!(huge, Err(Error::Memory { .. })));
}

#[test]
fn cutting_as_pytorch() {
    let sizes = |parts: Vec<Tensor>| parts.iter().map(Tensor::numel).collect::<Vec<_>>();
    let line = |n| numbered(&[n]);
    for (n, c, chunks, sections) in [
        (10, 3, vec![4, 4, 2], vec![4, 3, 3]),
        (10, 4, vec![3, 3, 3, 1], vec![3, 3, 2, 2]),
        (3, 5, vec![1, 1, 1], vec![1, 1, 1, 0, 0]),
        (6, 4, vec![2, 2, 2], vec![2, 2, 1, 1]),
        (0, 3, vec![0, 0, 0], vec![0, 0, 0]),
    ] {
        assert_eq!(sizes(arrange::chunk(&line(n), c, 0).unwrap()), chunks);
        assert_eq!(sizes(arrange::tensor_split(&line(n), c, 0).unwrap()), sections);
    }
    let parts = arrange::tensor_split_at(&line(7), &[2, -2, 5, 20], 0).unwrap();
    let parts: Vec<Vec<i64>> = parts.iter().map(longs).collect();
    assert_eq!(parts, [vec![0, 1], vec![2, 3, 4], vec![], vec![5, 6], vec![]]);
    assert_eq!(sizes(arrange::split(&line(7), 3, 0).unwrap()), [3, 3, 1]);
    assert_eq!(sizes(arrange::split(&line(0), 3, 0).unwrap()), [0]);
    let x = numbered(&[2, 5]);
    let parts = arrange::split_sizes(&x, &[1, 0, 4], 1).unwrap();
    assert_eq!(longs(&parts[2]), [1, 2, 3, 4, 6, 7, 8, 9]);
    assert!(parts[2].array().buffer().same(x.array().buffer()));
    assert!(arrange::split_sizes(&x, &[1, 3], 1).err().unwrap().to_string().contains("do not add up to 5"));
    assert!(arrange::split(&x, 0, 0).is_err());
    assert!(arrange::chunk(&x, 0, 0).is_err());
    let columns = arrange::unbind(&x, -1).unwrap();
    assert_eq!((columns.len(), longs(&columns[3])), (5, vec![3, 8]));
    assert_eq!(longs(&arrange::narrow(&x, 1, -2, 2).unwrap()), [3, 4, 8, 9]);
    assert!(arrange::narrow(&x, 1, 4, 2).is_err());
    assert_eq!(longs(&arrange::select(&x, 0, -1).unwrap()), [5, 6, 7, 8, 9]);
    assert!(matches!(arrange::select(&x, 0, 2), Err(Error::Index { .. })));
}

#[test]
fn moving_axes() {
    let x = numbered(&[2, 3, 4, 5]);
    assert_eq!(arrange::movedim(&x, &[0, 2], &[-1, 0]).unwrap().shape(), [4, 3, 5, 2]);
    assert_eq!(arrange::movedim(&x, &[1], &[3]).unwrap().shape(), [2, 4, 5, 3]);
    assert!(arrange::movedim(&x, &[0, 0], &[1, 2]).is_err());
}

#[test]
fn triangles_and_diagonals() {
    let x = numbered(&[2, 3, 4]);
    for offset in [-9, -1, 0, 2, i64::MAX] {
        let place = |e: i64| (e / 4 % 3, e % 4);
        let keep = |test: &dyn Fn(i64, i64) -> bool| {
            (0..24).map(|e| if test(place(e).0, place(e).1) { e } else { 0 }).collect::<Vec<_>>()
        };
        let lower = arrange::triangle(Triangle::Lower, &x, offset).unwrap();
        assert_eq!((lower.dtype(), longs(&lower)), (DType::I64, keep(&|i, j| j - i <= offset)));
        assert_eq!(longs(&arrange::triangle(Triangle::Upper, &x, offset).unwrap()), keep(&|i, j| j - i >= offset));
    }
    let flags = ops::cast(&numbered(&[2, 2]), DType::Bool).unwrap();
    assert_eq!(arrange::triangle(Triangle::Upper, &flags, 0).unwrap().dtype(), DType::Bool);
    assert_eq!(longs(&arrange::diag(&ints(&[2], &[5, 6]), -1).unwrap()), [0, 0, 0, 5, 0, 0, 0, 6, 0]);
    assert_eq!(longs(&arrange::diag(&numbered(&[2, 3]), 1).unwrap()), [1, 5]);
    assert!(arrange::diag(&x, 0).is_err());
    assert!(matches!(arrange::diag(&ints(&[1], &[1]), i64::MIN), Err(Error::Memory { .. })));
    assert_eq!(longs(&arrange::trace(&numbered(&[2, 3])).unwrap()), [4]);
}

#[test]
fn several_tensors() {
    let (a, b) = (ints(&[2], &[1, 2]), ints(&[3], &[3, 4, 5]));
    let grids = arrange::meshgrid(&[a.clone(), b.clone()], Indexing::Ij).unwrap();
    assert_eq!((longs(&grids[0]), longs(&grids[1])), (vec![1, 1, 1, 2, 2, 2], vec![3, 4, 5, 3, 4, 5]));
    let grids = arrange::meshgrid(&[a.clone(), b.clone(), a.clone()], Indexing::Xy).unwrap();
    assert_eq!(grids[2].shape(), [3, 2, 2]);
    assert_eq!(longs(&grids[0]), [1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2]);
    assert!(arrange::broadcast_tensors(&[a.clone(), b.clone()]).is_err());
    assert_eq!(arrange::broadcast_tensors(&[numbered(&[2, 1]), b.clone()]).unwrap()[0].shape(), [2, 3]);
    let x = ints(&[5], &[1, 4, 9, 16, 30]);
    assert_eq!(longs(&arrange::diff(&x, 2, 0).unwrap()), [2, 2, 7]);
    assert_eq!(arrange::diff(&x, 9, 0).unwrap().shape(), [0]);
    let (a, b) = (numbered(&[2, 3]), numbered(&[2, 2]));
    let block = |i: usize, j: usize| (i / 2 * 3 + j / 2) as i64 * (i % 2 * 2 + j % 2) as i64;
    assert_eq!(longs(&arrange::kron(&a, &b).unwrap()), matrix(4, 6, block));
    assert_eq!(longs(&arrange::kron(&ints(&[2], &[1, 10]), &b).unwrap()), [0, 1, 0, 10, 2, 3, 20, 30]);
}

#[test]
fn gradients() {
    let (x, v) = (mixed(&[2, 3]), mixed(&[3]));
    check("flip", from_ref(&x), |x| arrange::flip(&x[0], &[1, 0]));
    check("roll", from_ref(&x), |x| arrange::roll(&x[0], &[1, -1], Some(&[0, 1])));
    check("repeat", from_ref(&x), |x| arrange::repeat(&x[0], &[2, 1, 2]));
    check("repeat_interleave", from_ref(&x), |x| {
        arrange::repeat_interleave(&x[0], Repeats::Every(&ints(&[3], &[2, 0, 1])), Some(1))
    });
    check("split", from_ref(&x), |x| {
        let parts = arrange::split(&x[0], 2, 1)?;
        ops::mul(&parts[0], &parts[1])
    });
    check("unbind", from_ref(&x), |x| {
        let rows = arrange::unbind(&x[0], 0)?;
        ops::mul(&rows[0], &rows[1])
    });
    check("tril", from_ref(&x), |x| arrange::triangle(Triangle::Lower, &x[0], 0));
    check("diag of a vector", from_ref(&v), |x| arrange::diag(&x[0], 1));
    check("diag of a matrix", from_ref(&x), |x| arrange::diag(&x[0], -1));
    check("trace", &[mixed(&[3, 3])], |x| arrange::trace(&x[0]));
    check("diff", from_ref(&x), |x| arrange::diff(&x[0], 2, 1));
    check("kron", &[x.clone(), tensor(&[2, 1], &[0.5, -2.0])], |x| arrange::kron(&x[0], &x[1]));
    check("meshgrid", &[v.clone(), mixed(&[2])], |x| {
        let grids = arrange::meshgrid(x, Indexing::Xy)?;
        ops::mul(&grids[0], &grids[1])
    });
    assert_eq!(values(&arrange::flip(&v, &[]).unwrap()), values(&v));
}
