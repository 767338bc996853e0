//! Derived functions against closed forms and central differences.

// `check(&[x.clone()], ...)` reads like the calls with several inputs.
#![allow(clippy::cloned_ref_to_slice_refs)]

mod differences;

use differences::{check, close, integers, noise, slope, tensor, values};
use diffkit_core::ops::Arg;
use diffkit_core::ops::derived::activation::*;
use diffkit_core::ops::derived::combine::*;
use diffkit_core::ops::derived::compare::*;
use diffkit_core::ops::derived::distance::*;
use diffkit_core::ops::derived::loss::*;
use diffkit_core::ops::derived::softmax::{log_softmax, softmax};
use diffkit_core::ops::derived::statistics::*;
use diffkit_core::{Error, Scalar};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn number(v: f64) -> Arg<'static> {
    Arg::Scalar(Scalar::Float(v))
}

#[test]
fn softmax_and_its_logarithm() {
    let x = tensor(&[1, 3], &[1.0, 2.0, 3.0]);
    let e: Vec<f64> = [1.0f64, 2.0, 3.0].iter().map(|v| v.exp()).collect();
    let total: f64 = e.iter().sum();
    close(&softmax(&x, 1, None).unwrap(), &e.iter().map(|v| v / total).collect::<Vec<_>>(), 1e-15);
    close(&softmax(&tensor(&[2], &[1000.0, -INF]), 0, None).unwrap(), &[1.0, 0.0], 0.0);
    close(&log_softmax(&tensor(&[2], &[0.0, -INF]), 0, None).unwrap(), &[0.0, -INF], 0.0);
    close(&softmax(&tensor(&[2], &[-INF, -INF]), 0, None).unwrap(), &[NAN, NAN], 0.0);
    close(&slope(&tensor(&[2], &[0.0, -INF]), |x| log_softmax(x, 0, None)), &[-1.0, 1.0], 0.0);
    close(&softmax(&tensor(&[], &[7.0]), -1, None).unwrap(), &[1.0], 0.0);
    assert_eq!(softmax(&tensor(&[0, 3], &[]), 0, None).unwrap().shape(), [0, 3]);
    assert!(matches!(softmax(&integers(&[2], &[1, 2]), 0, None), Err(Error::DType { .. })));
    for axis in [0, 1, -1] {
        check(&[noise(&[2, 3], 1)], |x| softmax(&x[0], axis, None));
        check(&[noise(&[2, 3], 1)], |x| log_softmax(&x[0], axis, None));
    }
}

#[test]
fn activations() {
    let x = tensor(&[4], &[-2.0, -0.5, 0.7, 3.0]);
    close(&leaky_relu(&x, 0.1).unwrap(), &[-0.2, -0.05, 0.7, 3.0], 1e-16);
    close(&elu(&x, 1.0).unwrap(), &[(-2f64).exp_m1(), (-0.5f64).exp_m1(), 0.7, 3.0], 1e-15);
    close(
        &softplus(&x, 2.0, 5.0).unwrap(),
        &[(-4f64).exp().ln_1p() / 2.0, (-1f64).exp().ln_1p() / 2.0, 1.4f64.exp().ln_1p() / 2.0, 3.0],
        1e-15,
    );
    close(&logsigmoid(&tensor(&[2], &[-1000.0, 0.0])).unwrap(), &[-1000.0, -(2f64.ln())], 1e-15);
    close(&relu6(&tensor(&[4], &[-1.0, 3.0, 6.0, NAN])).unwrap(), &[0.0, 3.0, 6.0, NAN], 0.0);
    close(&slope(&tensor(&[3], &[0.0, 3.0, 6.0]), relu6), &[0.0, 1.0, 0.0], 0.0);
    close(&slope(&tensor(&[1], &[1e4]), |x| elu(x, 1.0)), &[1.0], 0.0);
    check(&[x.clone()], |x| softplus(&x[0], 1.0, 20.0));
    check(&[x.clone()], |x| elu(&x[0], 0.7));
    check(&[x.clone()], |x| selu(&x[0]));
    check(&[x.clone()], |x| mish(&x[0]));
    check(&[x.clone()], |x| softsign(&x[0]));
    check(&[x.clone()], |x| logsigmoid(&x[0]));
    check(&[x.clone()], |x| leaky_relu(&x[0], 0.1));
    check(&[x], |x| hardtanh(&x[0], -1.0, 1.0));
}

#[test]
fn clamping() {
    let x = tensor(&[5], &[-2.0, -1.0, 0.0, 1.0, 2.0]);
    let bounded = |x: &_| clamp(x, Some(number(-1.0)), Some(number(1.0)));
    close(&bounded(&x).unwrap(), &[-1.0, -1.0, 0.0, 1.0, 1.0], 0.0);
    close(&slope(&x, bounded), &[0.0, 1.0, 1.0, 1.0, 0.0], 0.0);
    close(&clamp(&tensor(&[1], &[NAN]), Some(number(0.0)), Some(number(1.0))).unwrap(), &[NAN], 0.0);
    close(&clamp(&x, Some(number(3.0)), Some(number(1.0))).unwrap(), &[1.0; 5], 0.0);
    assert!(clamp(&x, None, None).is_err());
    assert_eq!(values(&clamp(&integers(&[2], &[1, 9]), None, Some(Arg::Scalar(Scalar::Int(5)))).unwrap()), [1.0, 5.0]);
    check(&[noise(&[6], 1), noise(&[6], 2), noise(&[6], 3)], |x| {
        clamp(&x[0], Some((&x[1]).into()), Some((&x[2]).into()))
    });
}

#[test]
fn normalising() {
    let x = noise(&[2, 3, 4], 1);
    let y = values(&layer_norm(&x, &[3, 4], None, None, 0.0).unwrap());
    for row in y.chunks(12) {
        assert!(row.iter().sum::<f64>().abs() < 1e-13 && (row.iter().map(|v| v * v).sum::<f64>() - 12.0).abs() < 1e-12);
    }
    check(&[noise(&[2, 4], 1), noise(&[4], 2), noise(&[4], 3)], |x| {
        layer_norm(&x[0], &[4], Some(&x[1]), Some(&x[2]), 1e-5)
    });
    check(&[noise(&[2, 4], 1)], |x| normalize(&x[0], 2.0, 1, 1e-12));
    assert!(layer_norm(&x, &[3], None, None, 1e-5).is_err());
}

#[test]
fn weighted_sums() {
    let (a, b) = (noise(&[2, 3], 1), noise(&[2, 3], 2));
    for w in [0.0, 0.3, 0.5, 1.0] {
        let expected: Vec<f64> = values(&a).iter().zip(values(&b)).map(|(a, b)| a + w * (b - a)).collect();
        close(&lerp(&a, &b, number(w)).unwrap(), &expected, 1e-15);
    }
    assert_eq!(values(&lerp(&a, &b, number(1.0)).unwrap()), values(&b));
    check(&[a.clone(), b.clone(), noise(&[2, 3], 3)], |x| lerp(&x[0], &x[1], (&x[2]).into()));
    check(&[a.clone(), b.clone(), noise(&[3], 3)], |x| addcmul(&x[0], &x[1], &x[2], number(0.5)));
    check(&[a.clone(), b.clone(), noise(&[3], 3)], |x| addcdiv(&x[0], &x[1], &x[2], number(0.5)));
    check(&[noise(&[2], 4), a.clone(), noise(&[3, 2], 5)], |x| addmm(&x[0], &x[1], &x[2], number(0.5), number(2.0)));
    let nan = tensor(&[2, 2], &[NAN; 4]);
    let product = addmm(&nan, &a, &noise(&[3, 2], 5), number(0.0), number(1.0)).unwrap();
    assert!(values(&product).iter().all(|v| v.is_finite()));
    check(&[noise(&[4, 3], 1), noise(&[2, 3], 2), noise(&[2], 3)], |x| linear(&x[0], &x[1], Some(&x[2])));
    close(
        &cross(&tensor(&[3], &[1.0, 2.0, 3.0]), &tensor(&[3], &[4.0, 5.0, 6.0]), -1).unwrap(),
        &[-3.0, 6.0, -3.0],
        0.0,
    );
    check(&[noise(&[2, 3], 1), noise(&[2, 3], 2)], |x| cross(&x[0], &x[1], 1));
    close(
        &heaviside(&tensor(&[4], &[-1.0, 0.0, 2.0, NAN]), &tensor(&[1], &[0.5])).unwrap(),
        &[0.0, 0.5, 1.0, NAN],
        0.0,
    );
    close(&nan_to_num(&tensor(&[3], &[NAN, INF, -INF]), 1.0, None, Some(-2.0)).unwrap(), &[1.0, f64::MAX, -2.0], 0.0);
    close(&slope(&tensor(&[3], &[NAN, INF, 2.0]), |x| nan_to_num(x, 0.0, None, None)), &[0.0, 0.0, 1.0], 0.0);
}

#[test]
fn spread_and_covariance() {
    let x = tensor(&[2, 3], &[1.0, 2.0, 4.0, 3.0, 1.0, 2.0]);
    close(&std(&x, Some(&[1]), 1.0, false).unwrap(), &[(7f64 / 3.0).sqrt(), 1.0], 1e-15);
    close(&cov(&x, 1.0, None, None).unwrap(), &[7.0 / 3.0, -0.5, -0.5, 1.0], 1e-15);
    close(&corrcoef(&x).unwrap(), &[1.0, -0.5 / (7f64 / 3.0).sqrt(), -0.5 / (7f64 / 3.0).sqrt(), 1.0], 1e-15);
    close(&slope(&tensor(&[3], &[2.0; 3]), |x| std(x, None, 1.0, false)), &[0.0; 3], 0.0);
    check(&[x.clone()], |x| std(&x[0], Some(&[1]), 1.0, true));
    check(&[x.clone()], |x| cov(&x[0], 1.0, None, None));
    let (low, high) = aminmax(&x, Some(1), false).unwrap();
    assert_eq!((values(&low), values(&high)), (vec![1.0, 1.0], vec![4.0, 3.0]));
    let (v, m) = var_mean(&x, None, 0.0, false).unwrap();
    close(&m, &[13.0 / 6.0], 1e-15);
    close(&v, &[35.0 / 6.0 - 169.0 / 36.0], 1e-14);
}

#[test]
fn distances() {
    let (a, b) = (noise(&[3, 2], 1), noise(&[4, 2], 2));
    for p in [1.0, 2.0, 3.0, INF] {
        check(&[a.clone(), b.clone()], |x| cdist(&x[0], &x[1], p));
    }
    close(
        &cdist(&tensor(&[1, 2], &[0.0, 0.0]), &tensor(&[2, 2], &[3.0, 4.0, 0.0, 0.0]), 2.0).unwrap(),
        &[5.0, 0.0],
        0.0,
    );
    close(&slope(&a, |x| cdist(x, &a, 0.0)), &[0.0; 6], 0.0);
    assert!(values(&slope(&a, |x| cdist(x, &a, 2.0))).iter().all(|v| v.is_finite()));
    close(&dist(&a, &a, 2.0).unwrap(), &[0.0], 0.0);
    close(&slope(&a, |x| dist(x, &a, 2.0)), &[0.0; 6], 0.0);
    check(&[noise(&[3, 2], 1), noise(&[3, 2], 2)], |x| cosine_similarity(&x[0], &x[1], 1, 1e-8));
    close(
        &cosine_similarity(&tensor(&[2], &[1.0, 0.0]), &tensor(&[2], &[1.0, 1.0]), 0, 1e-8).unwrap(),
        &[0.5f64.sqrt()],
        1e-15,
    );
}

#[test]
fn losses_of_numbers() {
    let (x, y) = (tensor(&[3], &[0.0, 1.0, 3.0]), tensor(&[3], &[0.5, 1.0, 0.0]));
    close(&mse_loss(&x, &y, Reduction::Mean).unwrap(), &[9.25 / 3.0], 1e-15);
    close(&l1_loss(&x, &y, Reduction::Sum).unwrap(), &[3.5], 1e-15);
    close(&huber_loss(&x, &y, Reduction::None, 2.0).unwrap(), &[0.125, 0.0, 4.0], 1e-15);
    close(&smooth_l1_loss(&x, &y, Reduction::None, 2.0).unwrap(), &[0.0625, 0.0, 2.0], 1e-15);
    check(&[x.clone(), tensor(&[3], &[0.5, 1.1, 0.0])], |x| huber_loss(&x[0], &x[1], Reduction::Mean, 2.0));
    let (p, t) = (tensor(&[3], &[0.2, 0.5, 0.9]), tensor(&[3], &[0.0, 0.3, 1.0]));
    let expected: Vec<f64> = [(0.2f64, 0.0), (0.5, 0.3), (0.9, 1.0)]
        .iter()
        .map(|(p, t)| -(t * p.ln() + (1.0 - t) * (1.0 - p).ln()))
        .collect();
    close(&binary_cross_entropy(&p, &t, None, Reduction::None).unwrap(), &expected, 1e-15);
    check(&[p.clone(), t.clone()], |x| binary_cross_entropy(&x[0], &x[1], None, Reduction::Mean));
    close(
        &binary_cross_entropy(&tensor(&[1], &[0.0]), &tensor(&[1], &[1.0]), None, Reduction::Sum).unwrap(),
        &[100.0],
        0.0,
    );
    assert!(binary_cross_entropy(&tensor(&[1], &[1.5]), &tensor(&[1], &[1.0]), None, Reduction::Sum).is_err());
    let logits: Vec<f64> = [0.2f64, 0.5, 0.9].iter().map(|p| (p / (1.0 - p)).ln()).collect();
    close(
        &binary_cross_entropy_with_logits(&tensor(&[3], &logits), &t, None, Reduction::None, None).unwrap(),
        &expected,
        1e-14,
    );
    check(&[noise(&[3], 1), t.clone(), tensor(&[3], &[2.0; 3])], |x| {
        binary_cross_entropy_with_logits(&x[0], &x[1], None, Reduction::Sum, Some(&x[2]))
    });
    check(&[noise(&[3], 1), p], |x| kl_div(&x[0], &x[1], Reduction::Sum, false));
}

#[test]
fn losses_of_classes() {
    let x = noise(&[4, 3], 1);
    let target = integers(&[4], &[2, 0, -100, 1]);
    let log = values(&log_softmax(&x, 1, None).unwrap());
    let w = tensor(&[3], &[0.5, 1.0, 2.0]);
    let expected = -(log[2] * 2.0 + log[3] * 0.5 + log[10]) / 3.5;
    let of = |x: &_, reduction, smoothing| cross_entropy(x, &target, Some(&w), -100, reduction, smoothing);
    close(&of(&x, Reduction::Mean, 0.0).unwrap(), &[expected], 1e-15);
    close(&of(&x, Reduction::None, 0.0).unwrap(), &[-log[2] * 2.0, -log[3] * 0.5, 0.0, -log[10]], 1e-15);
    check(&[x.clone()], |x| of(&x[0], Reduction::Mean, 0.1));
    // Probabilities that are sure are class numbers.
    let sure = tensor(&[2, 3], &[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    let two = noise(&[2, 3], 2);
    let by_class = |s| cross_entropy(&two, &integers(&[2], &[2, 0]), Some(&w), -100, Reduction::Sum, s).unwrap();
    for smoothing in [0.0, 0.2] {
        let found = cross_entropy(&two, &sure, Some(&w), -100, Reduction::Sum, smoothing).unwrap();
        close(&found, &values(&by_class(smoothing)), 1e-15);
    }
    check(&[two.clone(), tensor(&[2, 3], &[0.2, 0.3, 0.5, 0.1, 0.1, 0.8])], |x| {
        cross_entropy(&x[0], &x[1], None, -100, Reduction::Mean, 0.1)
    });
    let image = noise(&[2, 3, 2], 3);
    let found = nll_loss(&image, &integers(&[2, 2], &[0, 1, 2, 0]), None, -100, Reduction::None).unwrap();
    let v = values(&image);
    assert_eq!(values(&found), [-v[0], -v[3], -v[10], -v[7]]);
    for bad in [3, -1] {
        assert!(matches!(
            nll_loss(&two, &integers(&[2], &[0, bad]), None, -100, Reduction::Sum),
            Err(Error::Index { .. })
        ));
    }
    assert!(nll_loss(&two, &integers(&[3], &[0, 0, 0]), None, -100, Reduction::Sum).is_err());
    let certain =
        cross_entropy(&tensor(&[1, 2], &[0.0, -INF]), &tensor(&[1, 2], &[1.0, 0.0]), None, -100, Reduction::Sum, 0.0);
    close(&certain.unwrap(), &[0.0], 0.0);
}

#[test]
fn comparisons() {
    let (a, b) = (tensor(&[4], &[1.0, INF, NAN, 0.0]), tensor(&[4], &[1.0 + 1e-9, INF, NAN, 1e-3]));
    assert_eq!(values(&isclose(&a, &b, 1e-5, 1e-8, false).unwrap()), [1.0, 1.0, 0.0, 0.0]);
    assert_eq!(values(&isclose(&a, &b, 1e-5, 1e-8, true).unwrap()), [1.0, 1.0, 1.0, 0.0]);
    assert!(!allclose(&a, &b, 1e-5, 1e-8, true).unwrap());
    assert!(!allclose(&tensor(&[1], &[INF]), &tensor(&[1], &[-INF]), 1e-5, 1e-8, false).unwrap());
    assert!(equal(&b, &b).is_ok_and(|same| !same) && equal(&noise(&[2], 1), &noise(&[2], 1)).unwrap());
    assert!(!equal(&noise(&[2], 1), &noise(&[1, 2], 1)).unwrap());
    assert_eq!(values(&count_nonzero(&tensor(&[2, 2], &[0.0, NAN, 1.0, 2.0]), Some(&[0])).unwrap()), [1.0, 2.0]);
}
