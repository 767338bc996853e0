//! Random tensors: shapes, reproducibility, independence of threads, and moments. The generators themselves are tested
//! in `random`; a moment here fails a right sampler with probability 6e-7 (5 standard errors), at fixed seeds.

mod differences;

use differences::{slope, tensor, values};
use diffkit_core::ops::Arg;
use diffkit_core::ops::random::*;
use diffkit_core::{DType, Error, Result, Scalar, Tensor};

fn number(v: f64) -> Arg<'static> {
    Arg::Scalar(Scalar::Float(v))
}

type Draw = fn(&Generator) -> Result<Tensor>;

/// Everything that draws, with the mean and variance of what it draws.
fn draws() -> Vec<(&'static str, Draw, f64, f64)> {
    const N: i64 = 200_000;
    fn filled(v: f64) -> Tensor {
        tensor(&[N as usize], &vec![v; N as usize])
    }
    vec![
        ("rand", |g| rand(&[N], Some(DType::F64), Some(g)), 0.5, 1.0 / 12.0),
        ("rand32", |g| rand(&[N], None, Some(g)), 0.5, 1.0 / 12.0),
        ("randn", |g| randn(&[N], None, Some(g)), 0.0, 1.0),
        ("randint", |g| randint(-3, 7, &[N], None, Some(g)), 1.5, 99.0 / 12.0),
        ("normal", |g| normal(number(2.0), number(3.0), Some(&[N]), None, Some(g)), 2.0, 9.0),
        ("bernoulli", |g| bernoulli(&filled(0.3), Some(g)), 0.3, 0.21),
        ("binomial", |g| binomial(&filled(40.0), &filled(0.25), Some(g)), 10.0, 7.5),
        ("poisson", |g| poisson(&filled(4.0), Some(g)), 4.0, 4.0),
        ("gamma", |g| gamma(&filled(2.5), Some(g)), 2.5, 2.5),
        ("categorical", |g| categorical(&tensor(&[3], &[1.0, 2.0, 1.0]), N, Some(g)), 1.0, 0.5),
        ("multinomial", |g| multinomial(&tensor(&[3], &[1.0, 2.0, 1.0]), N, true, Some(g)), 1.0, 0.5),
        ("dropout", |g| dropout(&filled(1.0), 0.2, true, Some(g)), 1.0, 0.25),
        (
            "exponential_",
            |g| {
                let x = filled(0.0);
                exponential_(&x, 2.0, Some(g)).map(|()| x)
            },
            0.5,
            0.25,
        ),
        (
            "uniform_",
            |g| {
                let x = filled(0.0);
                uniform_(&x, -1.0, 3.0, Some(g)).map(|()| x)
            },
            1.0,
            16.0 / 12.0,
        ),
        (
            "bernoulli_",
            |g| {
                let x = filled(0.0);
                bernoulli_(&x, 0.9, Some(g)).map(|()| x)
            },
            0.9,
            0.09,
        ),
    ]
}

#[test]
fn moments_and_reproducibility() {
    for (name, draw, mean, variance) in draws() {
        let x = values(&draw(&Generator::new(17)).unwrap());
        let n = x.len() as f64;
        let found = x.iter().sum::<f64>() / n;
        assert!((found - mean).abs() < 5.0 * (variance / n).sqrt(), "{name}: mean {found}, expected {mean}");
        assert_eq!(x, values(&draw(&Generator::new(17)).unwrap()), "{name}: another draw from one seed");
        assert_ne!(x, values(&draw(&Generator::new(18)).unwrap()), "{name}: the same draw from another seed");
    }
}

#[test]
fn threads_do_not_show() {
    for (name, draw, ..) in draws() {
        let of = |threads| {
            diffkit_core::parallel::set_num_threads(threads);
            values(&draw(&Generator::new(5)).unwrap())
        };
        let one = of(1);
        assert_eq!(one, of(2), "{name}");
        assert_eq!(one, of(7), "{name}");
    }
}

#[test]
fn generators_are_shared_handles() {
    let g = Generator::new(3);
    let state = g.get_state();
    let first = values(&rand(&[5], None, Some(&g)).unwrap());
    let second = values(&rand(&[5], None, Some(&g.clone())).unwrap());
    assert_ne!(first, second);
    g.set_state(state).unwrap();
    assert_eq!(first, values(&rand(&[5], None, Some(&g)).unwrap()));
    assert!(matches!(g.set_state([99, 0, 0, 0]), Err(Error::Value { .. })));
    manual_seed(3);
    assert_eq!(default_generator().initial_seed(), 3);
}

#[test]
fn orders_and_draws_without_replacement() {
    let mut order = values(&randperm(1000, None, Some(&Generator::new(1))).unwrap());
    assert_ne!(order[..5], [0.0, 1.0, 2.0, 3.0, 4.0]);
    order.sort_by(f64::total_cmp);
    assert!(order.iter().enumerate().all(|(i, &v)| v == i as f64));
    let weights = tensor(&[2, 4], &[1.0, 0.0, 3.0, 6.0, 1.0, 1.0, 1.0, 1.0]);
    let (mut first, rounds) = ([0.0; 4], 20_000);
    let g = Generator::new(2);
    for _ in 0..rounds {
        let drawn = values(&multinomial(&weights, 3, false, Some(&g)).unwrap());
        first[drawn[0] as usize] += 1.0 / f64::from(rounds);
        let mut row: Vec<f64> = drawn[..3].to_vec();
        row.sort_by(f64::total_cmp);
        assert_eq!(row, [0.0, 2.0, 3.0]);
        assert!(drawn[3] != drawn[4] && drawn[4] != drawn[5] && drawn[3] != drawn[5]);
    }
    for (share, p) in first.iter().zip([0.1, 0.0, 0.3, 0.6]) {
        assert!((share - p).abs() <= 5.0 * (p * (1.0 - p) / f64::from(rounds)).sqrt(), "{first:?}");
    }
    assert!(multinomial(&weights, 4, false, None).is_err());
}

#[test]
fn counts_are_exact() {
    let probs = tensor(&[2, 3], &[0.2, 0.0, 0.8, 1.0, 1.0, 2.0]);
    let x = multinomial_counts(1000, &probs, 500, Some(&Generator::new(4))).unwrap();
    assert_eq!((x.shape(), x.dtype()), (&[500, 2, 3][..], DType::I64));
    let v = values(&x);
    let mut sums = [0.0; 6];
    for draw in v.chunks(6) {
        assert_eq!((draw[0] + draw[1] + draw[2], draw[1], draw[3] + draw[4] + draw[5]), (1000.0, 0.0, 1000.0));
        sums.iter_mut().zip(draw).for_each(|(s, d)| *s += d);
    }
    for (sum, p) in sums.iter().zip([0.2, 0.0, 0.8, 0.25, 0.25, 0.5]) {
        assert!((sum - 500_000.0 * p).abs() <= 5.0 * (500_000.0 * p * (1.0 - p)).sqrt());
    }
    assert_eq!(categorical(&probs, 7, None).unwrap().shape(), [7, 2]);
    assert_eq!(categorical(&tensor(&[3], &[1.0; 3]), 0, None).unwrap().shape(), [0]);
}

#[test]
fn refusals() {
    let t = |v: f64| tensor(&[1], &[v]);
    let refused: Vec<Result<Tensor>> = vec![
        bernoulli(&t(1.5), None),
        bernoulli(&t(f64::NAN), None),
        binomial(&t(1.5), &t(0.5), None),
        binomial(&t(3.0), &t(-0.1), None),
        poisson(&t(-1.0), None),
        gamma(&t(0.0), None),
        randint(3, 3, &[1], None, None),
        randint(0, 300, &[1], Some(DType::U8), None),
        normal(number(0.0), number(-1.0), Some(&[1]), None, None),
        categorical(&tensor(&[2], &[0.0, 0.0]), 1, None),
        multinomial(&t(1.0), 0, true, None),
        multinomial_counts(-1, &t(1.0), 1, None),
        dropout(&t(1.0), 1.1, true, None),
        randperm(-1, None, None),
    ];
    for (i, result) in refused.into_iter().enumerate() {
        assert!(matches!(result, Err(Error::Value { .. })), "call {i} was not refused");
    }
    assert!(matches!(rand(&[1 << 40, 1 << 20], None, None), Err(Error::Memory { .. })));
    assert!(matches!(rand(&[1], Some(DType::I64), None), Err(Error::DType { .. })));
    let x = tensor(&[2], &[0.0; 2]);
    x.set_requires_grad(true).unwrap();
    assert!(matches!(uniform_(&x, 0.0, 1.0, None), Err(Error::Autograd { .. })));
}

#[test]
fn dropout_scales_its_gradient() {
    let x = tensor(&[1000], &[1.0; 1000]);
    let g = Generator::new(9);
    let y = values(&dropout(&x, 0.5, true, Some(&Generator::new(9))).unwrap());
    assert_eq!(values(&slope(&x, |x| dropout(x, 0.5, true, Some(&g)))), y);
    assert_eq!(values(&dropout(&x, 0.5, false, None).unwrap()), values(&x));
    assert_eq!(values(&dropout(&x, 1.0, true, None).unwrap()), vec![0.0; 1000]);
}
