//! Creation against closed forms.

mod differences;

use differences::{close, integers, values};
use diffkit_core::ops::create::*;
use diffkit_core::{DType, Error, Scalar};

use Scalar::{Float, Int};

#[test]
fn ranges() {
    let x = arange(Int(2), Int(11), Int(3), None).unwrap();
    assert_eq!((x.dtype(), values(&x)), (DType::I64, vec![2.0, 5.0, 8.0]));
    assert_eq!(values(&arange(Int(5), Int(0), Int(-2), None).unwrap()), [5.0, 3.0, 1.0]);
    assert_eq!(arange(Int(3), Int(3), Int(1), None).unwrap().shape(), [0]);
    let x = arange(Int(0), Float(1.0), Float(0.1), Some(DType::F64)).unwrap();
    let expected: Vec<f64> = (0..10).map(|i| i as f64 * 0.1).collect();
    assert_eq!(values(&x), expected);
    assert_eq!(arange(Float(0.0), Int(3), Int(1), None).unwrap().dtype(), DType::F32);
    let big = 1 << 60;
    assert_eq!(
        arange(Int(big), Int(big + 3), Int(1), None).unwrap().array().to_vec::<i64>().unwrap(),
        [big, big + 1, big + 2]
    );
}

#[test]
fn refused_ranges() {
    for (start, stop, step) in [(Int(0), Int(1), Int(0)), (Int(0), Int(5), Int(-1)), (Float(f64::NAN), Int(1), Int(1))]
    {
        assert!(matches!(arange(start, stop, step, None), Err(Error::Value { .. })));
    }
    assert!(matches!(arange(Int(i64::MIN), Int(i64::MAX), Int(1), None), Err(Error::Memory { .. })));
    assert!(matches!(arange(Float(0.0), Float(1e300), Float(1e-300), None), Err(Error::Memory { .. })));
    assert!(matches!(arange(Int(0), Int(300), Int(1), Some(DType::U8)), Err(Error::Value { .. })));
    assert!(matches!(zeros(&[1 << 40, 1 << 40], None), Err(Error::Memory { .. })));
    assert!(matches!(zeros(&[-1], None), Err(Error::Value { .. })));
    assert!(matches!(triangle_indices(Triangle::Lower, 1 << 40, 1 << 40, 0), Err(Error::Memory { .. })));
}

#[test]
fn spaced_numbers_meet_both_ends() {
    let x = values(&linspace(0.1, 0.7, 7, Some(DType::F64)).unwrap());
    assert_eq!((x[0], x[6]), (0.1, 0.7));
    let back = values(&linspace(0.7, 0.1, 7, Some(DType::F64)).unwrap());
    assert!(x.iter().zip(back.iter().rev()).all(|(a, b)| (a - b).abs() < 1e-16));
    assert_eq!(values(&linspace(3.0, 9.0, 1, None).unwrap()), [3.0]);
    assert_eq!(linspace(3.0, 9.0, 0, None).unwrap().shape(), [0]);
    assert_eq!(values(&linspace(-1e308, 1e308, 3, Some(DType::F64)).unwrap()), [-1e308, 0.0, 1e308]);
    close(&logspace(0.0, 3.0, 4, 10.0, Some(DType::F64)).unwrap(), &[1.0, 10.0, 100.0, 1000.0], 1e-15);
}

#[test]
fn matrices_and_indicators() {
    assert_eq!(values(&eye(2, Some(3), None).unwrap()), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(eye(0, None, None).unwrap().shape(), [0, 0]);
    let x = one_hot(&integers(&[3], &[2, 0, 1]), -1).unwrap();
    assert_eq!((x.shape(), values(&x)), (&[3, 3][..], vec![0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]));
    assert!(one_hot(&integers(&[1], &[3]), 3).is_err());
    assert!(one_hot(&integers(&[1], &[-1]), 3).is_err());
    // From NumPy's tril_indices(3, 0, 4) and triu_indices(3, 1, 4).
    let lower = triangle_indices(Triangle::Lower, 3, 4, 0).unwrap();
    assert_eq!(values(&lower), [0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 0.0, 0.0, 1.0, 0.0, 1.0, 2.0]);
    let upper = triangle_indices(Triangle::Upper, 3, 4, 1).unwrap();
    assert_eq!(values(&upper), [0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 1.0, 2.0, 3.0, 2.0, 3.0, 3.0]);
}
