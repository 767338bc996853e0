//! Reading and writing by index against PyTorch and NumPy, against loops, and gradients against differences.

mod gradient;
#[path = "getitem/reference.rs"]
mod reference;

use diffkit_core::array::Array;
use diffkit_core::dtype::Flag;
use diffkit_core::graph::Recording;
use diffkit_core::ops::getitem::{Key, get, index_put, set};
use diffkit_core::ops::{self, Arg, index, view};
use diffkit_core::scalar::Scalar;
use diffkit_core::{DType, Error, Tensor};
use gradient::{check, ints, mixed, tensor, values};
use std::slice::from_ref;

pub struct Case {
    of: &'static [usize],
    keys: Vec<Key>,
    shape: &'static [usize],
    values: &'static [i64],
}

pub fn positions(shape: &[usize], values: &[i64]) -> Key {
    Key::Tensor(ints(shape, values))
}

fn bools(shape: &[usize], values: &[i64]) -> Tensor {
    Array::from_slice(shape, &values.iter().map(|&v| Flag(v as u8)).collect::<Vec<_>>()).unwrap().into()
}

pub fn mask(shape: &[usize], values: &[i64]) -> Key {
    Key::Tensor(bools(shape, values))
}

fn numbered(shape: &[usize]) -> Tensor {
    ints(shape, &(0..shape.iter().product::<usize>() as i64).collect::<Vec<_>>())
}

fn slice(start: i64, stop: i64) -> Key {
    Key::Slice { start: Some(start), stop: Some(stop), step: None }
}

const ALL: Key = Key::Slice { start: None, stop: None, step: None };

fn longs(x: &Tensor) -> Vec<i64> {
    x.array().to_vec().unwrap()
}

#[test]
fn reads_what_pytorch_and_numpy_read() {
    for (i, case) in reference::cases().iter().enumerate() {
        let read = get(&numbered(case.of), &case.keys).unwrap();
        assert_eq!(read.shape(), case.shape, "case {i}");
        assert_eq!(longs(&read), case.values, "case {i}");
    }
}

#[test]
fn reads_the_same_through_any_layout() {
    for (i, case) in reference::cases().iter().enumerate() {
        // The same elements, laid down with the axes in the opposite order.
        let axes: Vec<i64> = (0..case.of.len() as i64).rev().collect();
        let turned = ops::clone(&view::permute(&numbered(case.of), &axes).unwrap()).unwrap();
        let x = view::permute(&turned, &axes).unwrap();
        assert_eq!(longs(&get(&x, &case.keys).unwrap()), case.values, "case {i}");
    }
}

#[test]
fn writes_where_it_reads() {
    for (i, case) in reference::cases().iter().enumerate() {
        for turned in [false, true] {
            let x = numbered(case.of);
            let axes: Vec<i64> = (0..case.of.len() as i64).rev().collect();
            let memory = ops::clone(&view::permute(&x, &axes).unwrap()).unwrap();
            let target = if turned { view::permute(&memory, &axes).unwrap() } else { ops::clone(&x).unwrap() };
            let new: Vec<i64> = (0..case.values.len() as i64).map(|v| -1 - v).collect();
            let mut expected = longs(&x);
            // Elements are numbered, so what was read says where to write; the last write stays.
            case.values.iter().zip(&new).for_each(|(&place, &v)| expected[place as usize] = v);
            set(&target, &case.keys, &ints(case.shape, &new)).unwrap();
            assert_eq!(longs(&target), expected, "case {i}");
            set(&target, &case.keys, &ints(&[], &[99])).unwrap();
            case.values.iter().for_each(|&place| expected[place as usize] = 99);
            assert_eq!(longs(&target), expected, "case {i} with a number");
        }
    }
}

#[test]
fn plain_keys_share_memory_and_the_others_do_not() {
    let x = numbered(&[3, 4]);
    let row = get(&x, &[Key::Int(1)]).unwrap();
    assert!(row.array().buffer().same(x.array().buffer()));
    set(&row, &[Key::Int(0)], &ints(&[], &[-5])).unwrap();
    assert_eq!(longs(&x)[4], -5);
    let copy = get(&x, &[positions(&[1], &[1])]).unwrap();
    assert!(!copy.array().buffer().may_overlap(x.array().buffer()));
}

#[test]
fn writes_of_overlapping_memory_read_first() {
    let x = numbered(&[6]);
    let reversed = get(&x, &[Key::Slice { start: None, stop: None, step: Some(-1) }]).unwrap();
    set(&x, &[positions(&[6], &[0, 1, 2, 3, 4, 5])], &reversed).unwrap();
    assert_eq!(longs(&x), [5, 4, 3, 2, 1, 0]);
    let x = ints(&[4], &[3, 2, 1, 0]);
    set(&x, &[Key::Tensor(x.clone())], &ints(&[4], &[10, 11, 12, 13])).unwrap();
    assert_eq!(longs(&x), [13, 12, 11, 10]);
}

#[test]
fn values_are_broadcast_and_converted() {
    let x = numbered(&[2, 3]);
    set(&x, &[ALL, positions(&[2], &[0, 2])], &tensor(&[1, 2, 1], &[7.9, -1.2])).unwrap();
    assert_eq!(longs(&x), [7, 1, 7, -1, 4, -1]);
    let why = set(&x, &[positions(&[2], &[0, 1])], &ints(&[2], &[1, 2])).unwrap_err().to_string();
    assert!(why.contains("(2,)") && why.contains("(2, 3)"), "{why}");
}

#[test]
fn bad_keys_are_errors_that_say_why() {
    let x = numbered(&[2, 3]);
    let fails = |keys: &[Key], why: &str| {
        let before = longs(&x);
        for error in [get(&x, keys).err(), set(&x, keys, &ints(&[], &[0])).err()] {
            let text = error.unwrap().to_string();
            assert!(text.contains(why), "{text}");
        }
        assert_eq!(longs(&x), before);
    };
    fails(&[Key::Int(2)], "index 2 is out of range for axis 0 of size 2");
    fails(&[ALL, Key::Int(-4)], "index -4 is out of range for axis 1 of size 3");
    fails(&[Key::Int(i64::MIN)], "out of range");
    fails(&[Key::Int(0), Key::Int(0), Key::Int(0)], "they take 3 axes, the tensor has 2");
    fails(&[Key::Ellipsis, Key::Ellipsis], "one ellipsis");
    fails(&[Key::Slice { start: None, stop: None, step: Some(0) }], "step cannot be zero");
    fails(&[positions(&[2], &[0, 2])], "index 2 is out of range for axis 0 of size 2");
    fails(&[ALL, positions(&[1], &[-4])], "index -4 is out of range for axis 1 of size 3");
    fails(&[mask(&[3], &[1, 0, 1])], "size 3 where axis 0 has size 2");
    fails(&[mask(&[2, 2], &[1, 0, 1, 1])], "size 2 where axis 1 has size 3");
    fails(&[positions(&[2], &[0, 1]), positions(&[3], &[0, 1, 2])], "do not broadcast");
    fails(&[Key::Tensor(tensor(&[1], &[0.0]))], "must hold integers or bools");
    let extreme = Key::Slice { start: Some(i64::MAX), stop: Some(i64::MIN), step: Some(i64::MIN) };
    assert_eq!(get(&x, &[extreme]).unwrap().shape(), [1, 3]);
}

#[test]
fn gradients_of_reads() {
    let x = mixed(&[2, 3, 4]);
    let read = |name: &str, keys: &[Key]| check(name, from_ref(&x), |x| get(&x[0], keys));
    read("a view", &[Key::Int(1), Key::NewAxis, Key::Slice { start: None, stop: None, step: Some(-2) }]);
    read("repeated positions", &[ALL, positions(&[4], &[2, 0, 2, -1])]);
    read("positions apart", &[positions(&[2, 1], &[1, 0]), slice(1, 3), positions(&[3], &[0, 3, 0])]);
    read("a mask", &[mask(&[2, 3], &[1, 0, 1, 0, 0, 1])]);
    read("a view and a mask", &[slice(0, 1), mask(&[3, 4], &[1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1])]);
}

#[test]
fn gradients_of_writes() {
    let (x, column) = (mixed(&[2, 3, 4]), tensor(&[3, 1], &[0.7, -0.4, 1.3]));
    let write = |name: &str, keys: &[Key], value: &Tensor| {
        check(name, &[x.clone(), value.clone()], |inputs| {
            let y = ops::mul(&inputs[0], &inputs[0])?;
            set(&y, keys, &inputs[1])?;
            // Only the newest state counts, for views taken before too.
            ops::mul(&y, &y)
        });
    };
    write("a slice", &[Key::Int(1)], &column);
    write("positions", &[positions(&[2], &[1, 0])], &column);
    write("repeated positions", &[ALL, positions(&[3], &[2, 0, 2])], &column);
    write(
        "positions apart",
        &[positions(&[3, 1], &[1, 0, 1]), slice(1, 3), positions(&[2], &[0, 3])],
        &mixed(&[3, 1, 1]),
    );
    write("a mask of a view", &[Key::Int(0), mask(&[3, 4], &[1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1])], &mixed(&[6]));
}

#[test]
fn gradients_of_writes_through_views() {
    check("through a view", &[mixed(&[3, 4]), mixed(&[2, 3])], |inputs| {
        let y = ops::mul(&inputs[0], &inputs[0])?;
        let earlier = get(&y, &[Key::Int(2)])?;
        let turned = get(&view::transpose(&y, 0, 1)?, &[slice(1, 4)])?;
        set(&turned, &[positions(&[2], &[0, 2])], &inputs[1])?;
        ops::cat(
            &[
                ops::mul(&y, &y)?,
                view::unsqueeze(&earlier, 0)?,
                view::transpose(&turned, 0, 1).map(|t| ops::cat(&[t, tensor(&[3, 1], &[0.0; 3])], 1))??,
            ],
            0,
        )
    });
    check("a tracked value into an untracked tensor", &[mixed(&[4])], |inputs| {
        let y = tensor(&[4], &[1.0, 2.0, 3.0, 4.0]);
        set(&y, &[positions(&[4], &[1, 1, 3, 1])], &inputs[0])?;
        ops::exp(&y)
    });
}

#[test]
fn leaves_are_not_written_to_while_recording() {
    let x = mixed(&[3]);
    x.set_requires_grad(true).unwrap();
    let keys = [positions(&[1], &[0])];
    assert!(matches!(set(&x, &keys, &tensor(&[], &[5.0])), Err(Error::Autograd { .. })));
    let _off = Recording::set(false);
    set(&x, &keys, &tensor(&[], &[5.0])).unwrap();
    assert_eq!(values(&x)[0], 5.0);
}

#[test]
fn a_later_change_of_the_index_does_not_reach_backward() {
    let (x, at) = (mixed(&[3]), ints(&[2], &[0, 2]));
    x.set_requires_grad(true).unwrap();
    let y = get(&x, &[Key::Tensor(at.clone())]).unwrap();
    set(&at, &[Key::Int(0)], &ints(&[], &[1])).unwrap();
    let weights = tensor(&[2], &[3.0, 5.0]);
    diffkit_core::backward::backward(&y, Some(&weights), Default::default()).unwrap();
    assert_eq!(values(&x.grad().unwrap()), [3.0, 0.0, 5.0]);
}

#[test]
fn functions_by_index() {
    let x = mixed(&[3, 4]);
    let at = ints(&[3], &[2, 0, 2]);
    let select = index::index_select(&x, -1, &at).unwrap();
    let (from, to) = (values(&x), values(&select));
    for i in 0..3 {
        assert_eq!(to[3 * i..3 * i + 3], [from[4 * i + 2], from[4 * i], from[4 * i + 2]]);
    }
    let sums = index::index_add(&numbered(&[2, 3]), 1, &ints(&[3], &[0, 0, 2]), &numbered(&[2, 3])).unwrap();
    assert_eq!(longs(&sums), [1, 1, 4, 10, 4, 10]);
    let places = ints(&[2, 2], &[2, 0, 0, 0]);
    let scattered =
        index::scatter(&numbered(&[2, 3]), 1, &places, Arg::Tensor(&ints(&[2, 3], &[10, 11, 12, 13, 14, 15])));
    assert_eq!(longs(&scattered.unwrap()), [11, 1, 10, 14, 4, 5]);
    let filled = index::scatter(&numbered(&[2, 3]), 0, &places, Arg::Scalar(Scalar::Int(-1)));
    assert!(matches!(filled, Err(Error::Index { index: 2, axis: 0, size: 2, .. })));
    let best = ints(&[3, 1], &[1, -1, 0]);
    assert_eq!(values(&index::take_along_dim(&x, &best, Some(1)).unwrap()), [from[1], from[7], from[8]]);
    let wide = index::take_along_dim(&x, &ints(&[1, 2], &[3, 0]), Some(1)).unwrap();
    assert_eq!(values(&wide), [from[3], from[0], from[7], from[4], from[11], from[8]]);
    assert_eq!(values(&index::take(&x, &ints(&[1, 2], &[-1, 5])).unwrap()), [from[11], from[5]]);
    for accumulate in [false, true] {
        let put =
            index_put(&numbered(&[2, 3]), &[Key::Int(1), positions(&[2], &[2, 2])], &ints(&[2], &[10, 20]), accumulate);
        assert_eq!(longs(&put.unwrap())[5], if accumulate { 35 } else { 20 });
    }
}

#[test]
fn functions_by_mask() {
    let x = numbered(&[2, 3]);
    let column = bools(&[2, 1], &[0, 1]);
    assert_eq!(longs(&index::masked_select(&x, &column).unwrap()), [3, 4, 5]);
    assert_eq!(longs(&index::masked_fill(&x, &column, Arg::Scalar(Scalar::Int(7))).unwrap()), [0, 1, 2, 7, 7, 7]);
    let refused = index::masked_fill(&x, &column, Arg::Scalar(Scalar::Float(0.5)));
    assert!(matches!(refused, Err(Error::DType { .. })));
    let places = index::nonzero(&tensor(&[2, 3], &[0.0, f64::NAN, -0.0, 1.0, 0.0, -2.0])).unwrap();
    assert_eq!((places.shape(), longs(&places)), ([3, 2].as_slice(), vec![0, 1, 1, 0, 1, 2]));
    assert_eq!(index::nonzero(&ints(&[], &[4])).unwrap().shape(), [1, 0]);
    assert_eq!(index::nonzero(&tensor(&[0, 2], &[])).unwrap().shape(), [0, 2]);
}

#[test]
fn gradients_of_functions() {
    let (x, y) = (mixed(&[3, 4]), mixed(&[3, 2]));
    let at = || ints(&[2], &[3, 1]);
    check("index_select", from_ref(&x), |x| index::index_select(&x[0], 1, &ints(&[3], &[2, 0, 2])));
    check("index_add", &[x.clone(), y.clone()], |x| index::index_add(&x[0], 1, &ints(&[2], &[1, 1]), &x[1]));
    let repeated = || ints(&[3, 2], &[0, 0, 1, 3, 2, 2]);
    check("scatter", &[x.clone(), y.clone()], |x| index::scatter(&x[0], 1, &repeated(), Arg::Tensor(&x[1])));
    check("take_along_dim", from_ref(&x), |x| index::take_along_dim(&x[0], &ints(&[1, 2], &[3, 3]), Some(1)));
    check("take", from_ref(&x), |x| index::take(&x[0], &ints(&[2, 2], &[-1, 5, 5, 0])));
    let mask = bools(&[4], &[1, 0, 0, 1]);
    check("masked_select", from_ref(&x), |x| index::masked_select(&x[0], &mask));
    check("masked_fill", &[x.clone(), tensor(&[], &[0.3])], |x| index::masked_fill(&x[0], &mask, Arg::Tensor(&x[1])));
    for accumulate in [false, true] {
        check("index_put", &[x.clone(), mixed(&[2])], |x| {
            index_put(&x[0], &[Key::Int(1), Key::Tensor(at())], &x[1], accumulate)
        });
    }
}

#[test]
fn masks_and_positions_of_other_integer_types() {
    let x = numbered(&[3]);
    for dtype in [DType::U8, DType::I32] {
        let at = ops::cast(&ints(&[2], &[2, 0]), dtype).unwrap();
        assert_eq!(longs(&get(&x, &[Key::Tensor(at)]).unwrap()), [2, 0]);
    }
}
