//! Results of PyTorch 2.15 (those with negative steps: NumPy 2.4) for keys on `arange(n).reshape(shape)`.

use super::{Case, mask, positions};
use diffkit_core::ops::getitem::Key::*;

pub fn cases() -> Vec<Case> {
    vec![
        // [1]
        Case {
            of: &[2, 3, 4],
            keys: vec![Int(1)],
            shape: &[3, 4],
            values: &[12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [-1, 2, -3]
        Case { of: &[2, 3, 4], keys: vec![Int(-1), Int(2), Int(-3)], shape: &[], values: &[21] },
        // [(None, None, None), 1]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, Int(1)],
            shape: &[2, 4],
            values: &[4, 5, 6, 7, 16, 17, 18, 19],
        },
        // [..., 1]
        Case { of: &[2, 3, 4], keys: vec![Ellipsis, Int(1)], shape: &[2, 3], values: &[1, 5, 9, 13, 17, 21] },
        // [0, ..., (1, 3, None]
        Case {
            of: &[2, 3, 4],
            keys: vec![Int(0), Ellipsis, Slice { start: Some(1), stop: Some(3), step: None }],
            shape: &[3, 2],
            values: &[1, 2, 5, 6, 9, 10],
        },
        // [None, 1, None]
        Case {
            of: &[2, 3, 4],
            keys: vec![NewAxis, Int(1), NewAxis],
            shape: &[1, 1, 3, 4],
            values: &[12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [(None, None, 2), (-2, None, None]
        Case {
            of: &[2, 3, 4],
            keys: vec![
                Slice { start: None, stop: None, step: Some(2) },
                Slice { start: Some(-2), stop: None, step: None },
            ],
            shape: &[1, 2, 4],
            values: &[4, 5, 6, 7, 8, 9, 10, 11],
        },
        // [..., None]
        Case {
            of: &[2, 3, 4],
            keys: vec![Ellipsis, NewAxis],
            shape: &[2, 3, 4, 1],
            values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [None, ..., None, 0]
        Case {
            of: &[2, 3, 4],
            keys: vec![NewAxis, Ellipsis, NewAxis, Int(0)],
            shape: &[1, 2, 3, 1],
            values: &[0, 4, 8, 12, 16, 20],
        },
        // [...]
        Case {
            of: &[2, 3, 4],
            keys: vec![Ellipsis],
            shape: &[2, 3, 4],
            values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // []
        Case {
            of: &[2, 3, 4],
            keys: vec![],
            shape: &[2, 3, 4],
            values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [(5, 1, None]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: Some(5), stop: Some(1), step: None }],
            shape: &[0, 3, 4],
            values: &[],
        },
        // [(0, 100, 3), (-100, 2, None]
        Case {
            of: &[2, 3, 4],
            keys: vec![
                Slice { start: Some(0), stop: Some(100), step: Some(3) },
                Slice { start: Some(-100), stop: Some(2), step: None },
            ],
            shape: &[1, 2, 4],
            values: &[0, 1, 2, 3, 4, 5, 6, 7],
        },
        // [[1, 0, 1]]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[3], &[1, 0, 1])],
            shape: &[3, 3, 4],
            values: &[
                12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23,
            ],
        },
        // [(None, None, None), [2, 0]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, positions(&[2], &[2, 0])],
            shape: &[2, 2, 4],
            values: &[8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15],
        },
        // [..., [-1,  0,  0]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Ellipsis, positions(&[3], &[-1, 0, 0])],
            shape: &[2, 3, 3],
            values: &[3, 0, 0, 7, 4, 4, 11, 8, 8, 15, 12, 12, 19, 16, 16, 23, 20, 20],
        },
        // [[[0, 1],        [1, 0]]]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[2, 2], &[0, 1, 1, 0])],
            shape: &[2, 2, 3, 4],
            values: &[
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
            ],
        },
        // [(None, None, None), [[0, 2]]), (1, 3, None]
        Case {
            of: &[2, 3, 4],
            keys: vec![
                Slice { start: None, stop: None, step: None },
                positions(&[1, 2], &[0, 2]),
                Slice { start: Some(1), stop: Some(3), step: None },
            ],
            shape: &[2, 1, 2, 2],
            values: &[1, 2, 9, 10, 13, 14, 21, 22],
        },
        // [[0, 1]), [2, 0]]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[2], &[0, 1]), positions(&[2], &[2, 0])],
            shape: &[2, 4],
            values: &[8, 9, 10, 11, 12, 13, 14, 15],
        },
        // [[0, 1]), (None, None, None), [ 3, -4]]
        Case {
            of: &[2, 3, 4],
            keys: vec![
                positions(&[2], &[0, 1]),
                Slice { start: None, stop: None, step: None },
                positions(&[2], &[3, -4]),
            ],
            shape: &[2, 3],
            values: &[3, 7, 11, 12, 16, 20],
        },
        // [(None, None, None), [0, 2]), [1, 1]]
        Case {
            of: &[2, 3, 4],
            keys: vec![
                Slice { start: None, stop: None, step: None },
                positions(&[2], &[0, 2]),
                positions(&[2], &[1, 1]),
            ],
            shape: &[2, 2],
            values: &[1, 9, 13, 21],
        },
        // [[[0],        [1]]), [0, 2, 1]]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[2, 1], &[0, 1]), positions(&[3], &[0, 2, 1])],
            shape: &[2, 3, 4],
            values: &[0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 16, 17, 18, 19],
        },
        // [1, (None, None, None), [0, 3]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Int(1), Slice { start: None, stop: None, step: None }, positions(&[2], &[0, 3])],
            shape: &[3, 2],
            values: &[12, 15, 16, 19, 20, 23],
        },
        // [[0, 1]), 2, [3, 1]]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[2], &[0, 1]), Int(2), positions(&[2], &[3, 1])],
            shape: &[2],
            values: &[11, 21],
        },
        // [0, (None, None, None), [1, 1, 2]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Int(0), Slice { start: None, stop: None, step: None }, positions(&[3], &[1, 1, 2])],
            shape: &[3, 3],
            values: &[1, 1, 2, 5, 5, 6, 9, 9, 10],
        },
        // [[1, 1]), None, [0, 2]]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[2], &[1, 1]), NewAxis, positions(&[2], &[0, 2])],
            shape: &[2, 1, 4],
            values: &[12, 13, 14, 15, 20, 21, 22, 23],
        },
        // [None, [1, 0]]
        Case {
            of: &[2, 3, 4],
            keys: vec![NewAxis, positions(&[2], &[1, 0])],
            shape: &[1, 2, 3, 4],
            values: &[12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        },
        // [(None, None, None), None, [2, 1]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, NewAxis, positions(&[2], &[2, 1])],
            shape: &[2, 1, 2, 4],
            values: &[8, 9, 10, 11, 4, 5, 6, 7, 20, 21, 22, 23, 16, 17, 18, 19],
        },
        // [(None, None, 1), [0, 2]), None]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: Some(1) }, positions(&[2], &[0, 2]), NewAxis],
            shape: &[2, 2, 1, 4],
            values: &[0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23],
        },
        // [1]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[], &[1])],
            shape: &[3, 4],
            values: &[12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [-1), [0, 2]]
        Case {
            of: &[2, 3, 4],
            keys: vec![positions(&[], &[-1]), positions(&[2], &[0, 2])],
            shape: &[2, 4],
            values: &[12, 13, 14, 15, 20, 21, 22, 23],
        },
        // [(None, None, None), 2), 0]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, positions(&[], &[2]), positions(&[], &[0])],
            shape: &[2],
            values: &[8, 20],
        },
        // [[[False,  True,  True],        [False,  True, False]]]
        Case {
            of: &[2, 3, 4],
            keys: vec![mask(&[2, 3], &[0, 1, 1, 0, 1, 0])],
            shape: &[3, 4],
            values: &[4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19],
        },
        // [[[False,  True,  True],        [False,  True, False]]), (1, 3, None]
        Case {
            of: &[2, 3, 4],
            keys: vec![mask(&[2, 3], &[0, 1, 1, 0, 1, 0]), Slice { start: Some(1), stop: Some(3), step: None }],
            shape: &[3, 2],
            values: &[5, 6, 9, 10, 17, 18],
        },
        // [(None, None, None), [False,  True,  True]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, mask(&[3], &[0, 1, 1])],
            shape: &[2, 2, 4],
            values: &[4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [..., [ True, False,  True,  True]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Ellipsis, mask(&[4], &[1, 0, 1, 1])],
            shape: &[2, 3, 3],
            values: &[0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20, 22, 23],
        },
        // [[[False,  True,  True],        [False,  True, False]]), [0]]
        Case {
            of: &[2, 3, 4],
            keys: vec![mask(&[2, 3], &[0, 1, 1, 0, 1, 0]), positions(&[1], &[0])],
            shape: &[3],
            values: &[4, 8, 16],
        },
        // [(None, None, None), [False,  True,  True]), [3, 0]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, mask(&[3], &[0, 1, 1]), positions(&[2], &[3, 0])],
            shape: &[2, 2],
            values: &[7, 8, 19, 20],
        },
        // [[0, 1, 1]), (None, None, None), [ True, False,  True,  True]]
        Case {
            of: &[2, 3, 4],
            keys: vec![
                positions(&[3], &[0, 1, 1]),
                Slice { start: None, stop: None, step: None },
                mask(&[4], &[1, 0, 1, 1]),
            ],
            shape: &[3, 3],
            values: &[0, 4, 8, 14, 18, 22, 15, 19, 23],
        },
        // [[[[ True, False, False, False],         [False,  True, False, False],         [False, Fals]
        Case {
            of: &[2, 3, 4],
            keys: vec![mask(&[2, 3, 4], &[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0])],
            shape: &[5],
            values: &[0, 5, 10, 15, 20],
        },
        // [True]
        Case {
            of: &[2, 3, 4],
            keys: vec![Bool(true)],
            shape: &[1, 2, 3, 4],
            values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [False]
        Case { of: &[2, 3, 4], keys: vec![Bool(false)], shape: &[0, 2, 3, 4], values: &[] },
        // [True, [1, 0, 1]]
        Case {
            of: &[2, 3, 4],
            keys: vec![Bool(true), positions(&[3], &[1, 0, 1])],
            shape: &[3, 3, 4],
            values: &[
                12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23,
            ],
        },
        // [True]
        Case {
            of: &[2, 3, 4],
            keys: vec![mask(&[], &[1])],
            shape: &[1, 2, 3, 4],
            values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [(None, None, None), True]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, Bool(true)],
            shape: &[2, 1, 3, 4],
            values: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // [None, [[False,  True,  True],        [False,  True, False]]]
        Case {
            of: &[2, 3, 4],
            keys: vec![NewAxis, mask(&[2, 3], &[0, 1, 1, 0, 1, 0])],
            shape: &[1, 3, 4],
            values: &[4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19],
        },
        // [(None, None, None), [0, 2]), (None, None, None), [1, 4]]
        Case {
            of: &[2, 3, 4, 5],
            keys: vec![
                Slice { start: None, stop: None, step: None },
                positions(&[2], &[0, 2]),
                Slice { start: None, stop: None, step: None },
                positions(&[2], &[1, 4]),
            ],
            shape: &[2, 2, 4],
            values: &[1, 6, 11, 16, 61, 66, 71, 76, 44, 49, 54, 59, 104, 109, 114, 119],
        },
        // [0, (None, None, None), [1, 3]), (0, 2, None]
        Case {
            of: &[2, 3, 4, 5],
            keys: vec![
                Int(0),
                Slice { start: None, stop: None, step: None },
                positions(&[2], &[1, 3]),
                Slice { start: Some(0), stop: Some(2), step: None },
            ],
            shape: &[3, 2, 2],
            values: &[5, 6, 15, 16, 25, 26, 35, 36, 45, 46, 55, 56],
        },
        // [(None, None, None), 0, (2, 4, None), [0, 4]]
        Case {
            of: &[2, 3, 4, 5],
            keys: vec![
                Slice { start: None, stop: None, step: None },
                Int(0),
                Slice { start: Some(2), stop: Some(4), step: None },
                positions(&[2], &[0, 4]),
            ],
            shape: &[2, 2, 2],
            values: &[10, 14, 15, 19, 70, 74, 75, 79],
        },
        // [[0, 1]), 0, (1, 2, None), [0, 4]]
        Case {
            of: &[2, 3, 4, 5],
            keys: vec![
                positions(&[2], &[0, 1]),
                Int(0),
                Slice { start: Some(1), stop: Some(2), step: None },
                positions(&[2], &[0, 4]),
            ],
            shape: &[2, 1],
            values: &[5, 69],
        },
        // [(0, 1, None), [0, 1]), None, [2, 2]), (3, 5, None]
        Case {
            of: &[2, 3, 4, 5],
            keys: vec![
                Slice { start: Some(0), stop: Some(1), step: None },
                positions(&[2], &[0, 1]),
                NewAxis,
                positions(&[2], &[2, 2]),
                Slice { start: Some(3), stop: Some(5), step: None },
            ],
            shape: &[2, 1, 1, 2],
            values: &[13, 14, 33, 34],
        },
        // [[]]
        Case { of: &[2, 3, 4], keys: vec![positions(&[0], &[])], shape: &[0, 3, 4], values: &[] },
        // [(None, None, None), [], size=(2, 0)]
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: None }, positions(&[2, 0], &[])],
            shape: &[2, 2, 0, 4],
            values: &[],
        },
        // (slice(None, None, -1),)
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: Some(-1) }],
            shape: &[2, 3, 4],
            values: &[12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        },
        // (slice(None, None, None), slice(None, None, -2))
        Case {
            of: &[2, 3, 4],
            keys: vec![
                Slice { start: None, stop: None, step: None },
                Slice { start: None, stop: None, step: Some(-2) },
            ],
            shape: &[2, 2, 4],
            values: &[8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15],
        },
        // (Ellipsis, slice(2, None, -1))
        Case {
            of: &[2, 3, 4],
            keys: vec![Ellipsis, Slice { start: Some(2), stop: None, step: Some(-1) }],
            shape: &[2, 3, 3],
            values: &[2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 18, 17, 16, 22, 21, 20],
        },
        // (Ellipsis, slice(-1, 0, -2))
        Case {
            of: &[2, 3, 4],
            keys: vec![Ellipsis, Slice { start: Some(-1), stop: Some(0), step: Some(-2) }],
            shape: &[2, 3, 2],
            values: &[3, 1, 7, 5, 11, 9, 15, 13, 19, 17, 23, 21],
        },
        // (slice(None, None, None), slice(0, None, -1), slice(None, 1, -1))
        Case {
            of: &[2, 3, 4],
            keys: vec![
                Slice { start: None, stop: None, step: None },
                Slice { start: Some(0), stop: None, step: Some(-1) },
                Slice { start: None, stop: Some(1), step: Some(-1) },
            ],
            shape: &[2, 1, 2],
            values: &[3, 2, 15, 14],
        },
        // (Ellipsis, slice(1, 3, -1))
        Case {
            of: &[2, 3, 4],
            keys: vec![Ellipsis, Slice { start: Some(1), stop: Some(3), step: Some(-1) }],
            shape: &[2, 3, 0],
            values: &[],
        },
        // (slice(None, -10, -3),)
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: Some(-10), step: Some(-3) }],
            shape: &[1, 3, 4],
            values: &[12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        },
        // reversed, with positions
        Case {
            of: &[2, 3, 4],
            keys: vec![Slice { start: None, stop: None, step: Some(-1) }, positions(&[3], &[2, 0, 2])],
            shape: &[2, 3, 4],
            values: &[20, 21, 22, 23, 12, 13, 14, 15, 20, 21, 22, 23, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11],
        },
        // reversed, with positions
        Case {
            of: &[2, 3, 4],
            keys: vec![
                Slice { start: None, stop: None, step: None },
                Slice { start: None, stop: None, step: Some(-1) },
                positions(&[2], &[1, 3]),
            ],
            shape: &[2, 3, 2],
            values: &[9, 11, 5, 7, 1, 3, 21, 23, 17, 19, 13, 15],
        },
    ]
}
