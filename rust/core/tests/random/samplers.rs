use crate::checks::{N, between, check_chi_square, check_kolmogorov_smirnov, draws, histogram, normal_cdf, stream};
use diffkit_core::random::{AliasTable, Binomial, Gamma, Multinomial, ParameterError, Poisson};

/// Enough for the seldom used branches of the rejection samplers to show.
const MANY: usize = 4_000_000;

/// Exact probabilities of 0..=n.
fn binomial_probabilities(n: u64, p: f64) -> Vec<f64> {
    let mut term = (1.0 - p).powi(n as i32);
    let mut all = vec![term];
    for k in 1..=n {
        term *= (n - k + 1) as f64 / k as f64 * p / (1.0 - p);
        all.push(term);
    }
    all
}

/// Gathers both ends of a table of probabilities so that every bin expects enough; returns (first count, bins).
fn gathered(probabilities: &[f64], first: usize, bins: usize) -> Vec<f64> {
    let last = first + bins - 1;
    let mut result = probabilities[first..=last].to_vec();
    result[0] += probabilities[..first].iter().sum::<f64>();
    result[bins - 1] += probabilities[last + 1..].iter().sum::<f64>();
    result
}

#[test]
fn binomial_counts_have_exact_probabilities() {
    // (trials, probability, smallest count with a bin of its own, bins): inversion, rejection, and both flipped.
    for (trials, p, first, bins) in [(4, 0.35, 0, 5), (30, 0.3, 1, 16), (45, 0.5, 13, 20), (60, 0.8, 38, 20)] {
        let binomial = Binomial::new(trials, p).unwrap();
        let counts = draws(trials, MANY, |_, source| binomial.sample(source) as usize);
        let observed = histogram(bins, counts.into_iter().map(|count| count.saturating_sub(first)));
        let expected = gathered(&binomial_probabilities(trials, p), first, bins);
        check_chi_square(&format!("binomial {trials} {p}"), &observed, &expected);
    }
}

#[test]
fn binomial_counts_fit_for_many_trials() {
    let million = Binomial::new(1_000_000, 0.3).unwrap();
    let observed = between(
        &[299413.0, 299614.0, 299760.0, 299884.0, 300000.0, 300116.0, 300240.0, 300386.0, 300587.0],
        draws(9, N, |_, source| million.sample(source) as f64),
    );
    let expected = [
        0.10028296178697545,
        0.09983850832299442,
        0.10053057985014305,
        0.09990504208046741,
        0.0999362270260743,
        0.0998979149469107,
        0.09978915485734552,
        0.10033235721430922,
        0.09955481504987884,
        0.09993243886490111,
    ];
    check_chi_square("binomial 1e6", &observed, &expected);
    // Normal to 1e-8 here.
    for p in [0.5, 0.25, 0.999] {
        let n = 1u64 << 53;
        let (mean, deviation) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
        let largest = Binomial::new(n, p).unwrap();
        let scaled = draws(10, N, |_, source| (largest.sample(source) as f64 - mean) / deviation);
        check_kolmogorov_smirnov("binomial 2^53", scaled, normal_cdf);
    }
}

#[test]
fn poisson_counts_have_exact_probabilities() {
    for (rate, first, bins) in [(0.4, 0, 5), (3.0, 0, 10), (12.0, 3, 20)] {
        let poisson = Poisson::new(rate).unwrap();
        let mut exact = vec![(-rate).exp()];
        for k in 1..200 {
            exact.push(exact[k - 1] * rate / k as f64);
        }
        let counts = draws(11, MANY, |_, source| poisson.sample(source) as usize);
        let observed = histogram(bins, counts.into_iter().map(|count| count.saturating_sub(first)));
        check_chi_square(&format!("poisson {rate}"), &observed, &gathered(&exact, first, bins));
    }
    let poisson = Poisson::new(1000.0).unwrap();
    let observed = between(
        &[960.0, 973.0, 983.0, 992.0, 1000.0, 1008.0, 1016.0, 1027.0, 1041.0],
        draws(12, N, |_, source| poisson.sample(source) as f64),
    );
    let expected = [
        0.10525672066446431,
        0.09619373277340368,
        0.10080137353454416,
        0.10594319513377848,
        0.10021434506231541,
        0.0994245108697307,
        0.09258561174865143,
        0.10768507442961739,
        0.0965701321418958,
        0.09532530364159864,
    ];
    check_chi_square("poisson 1000", &observed, &expected);
    let rate = 2f64.powi(52);
    let poisson = Poisson::new(rate).unwrap();
    let scaled = draws(13, N, |_, source| (poisson.sample(source) as f64 - rate) / rate.sqrt());
    check_kolmogorov_smirnov("poisson 2^52", scaled, normal_cdf);
}

#[test]
fn extreme_parameters_end_and_stay_in_range() {
    let tiny = f64::MIN_POSITIVE;
    for trials in [0, 1, 2, 19, 20, 21, 1000, 1 << 31, (1 << 53) - 1, 1 << 53] {
        for p in [0.0, 5e-324, tiny, 1e-17, 1e-15, 1e-9, 0.01, 0.499, 0.5, 0.501, 1.0 - 1e-9, 1.0 - f64::EPSILON, 1.0] {
            let binomial = Binomial::new(trials, p).unwrap();
            let counts = draws(14, 300, |_, source| binomial.sample(source));
            assert!(counts.iter().all(|&count| count <= trials), "{trials} {p}");
            if p == 0.0 || p == 1.0 {
                assert!(counts.iter().all(|&count| count == trials * p as u64), "{trials} {p}");
            }
        }
    }
    for rate in [0.0, 5e-324, 9.999, 10.0, 1e15, 2f64.powi(52)] {
        let poisson = Poisson::new(rate).unwrap();
        let counts = draws(15, 300, |_, source| poisson.sample(source));
        assert!(counts.iter().all(|&count| (count as f64) <= rate + 40.0 * rate.sqrt() + 2.0));
    }
    for shape in [5e-324, 1e-300, 1e-3, 1.0, 1e15, 1e300, f64::MAX] {
        let gamma = Gamma::new(shape).unwrap();
        let values = draws(16, 300, |_, source| gamma.sample(source));
        assert!(values.iter().all(|&x| x >= 0.0 && !x.is_nan()), "{shape}");
    }
    assert!(Binomial::new((1 << 53) + 1, 0.5).is_err());
    for bad in [f64::NAN, -0.1, f64::INFINITY] {
        assert!(Binomial::new(3, bad).is_err() && Poisson::new(bad).is_err() && Gamma::new(bad).is_err());
    }
    assert!(Binomial::new(3, 1.1).is_err() && Poisson::new(1e16).is_err() && Gamma::new(0.0).is_err());
}

#[test]
fn gammas_fit_their_deciles_and_moments() {
    let deciles: [(f64, [f64; 9]); 3] = [
        (
            0.2,
            [
                6.525516328619701e-6,
                0.00020885173159496608,
                0.0015877907243441144,
                0.006719566804847916,
                0.02074633919282486,
                0.05301060297549907,
                0.12103758588873509,
                0.2635436320487205,
                0.6049023209865736,
            ],
        ),
        (
            1.0,
            [
                0.10536051565782636,
                0.22314355131420974,
                0.3566749439387324,
                0.5108256237659908,
                std::f64::consts::LN_2,
                0.916290731874155,
                1.203972804325936,
                1.6094379124341005,
                std::f64::consts::LN_10,
            ],
        ),
        (
            4.5,
            [
                2.0840795040730535,
                2.690026605886646,
                3.1966529822376546,
                3.678517251009054,
                4.1714163461264775,
                4.706820047241421,
                5.3281860032565085,
                6.121072734923535,
                7.3418282866299185,
            ],
        ),
    ];
    for (shape, edges) in deciles {
        let gamma = Gamma::new(shape).unwrap();
        let values = draws(17, N, |_, source| gamma.sample(source));
        let n = N as f64;
        let mean = values.iter().sum::<f64>() / n;
        assert!((mean - shape).abs() < 4.892 * (shape / n).sqrt(), "mean {mean} of shape {shape}");
        let logs = draws(17, 1000, |_, source| gamma.sample_log(source));
        assert!(logs.iter().zip(&values).all(|(log, x)| (log - x.ln()).abs() < 1e-9 * (1.0 + log.abs())));
        check_chi_square("gamma", &between(&edges, values), &[0.1; 10]);
    }
    let shape = 1e12;
    let gamma = Gamma::new(shape).unwrap();
    let scaled = draws(18, N, |_, source| (gamma.sample(source) - shape) / shape.sqrt());
    check_kolmogorov_smirnov("gamma 1e12", scaled, normal_cdf);
}

#[test]
fn alias_tables_draw_their_weights_and_never_a_zero() {
    let weights = [0.0, 3.0, 1.0, 0.0, 0.5, 10.0, 0.0, 2.5, 3.0, 0.0];
    let table = AliasTable::new(&weights).unwrap();
    let counts = histogram(10, draws(19, N, |_, source| table.sample(source)));
    for (weight, count) in weights.iter().zip(&counts) {
        assert_eq!(*weight == 0.0, *count == 0);
    }
    let some: Vec<usize> = vec![1, 2, 4, 5, 7];
    let observed: Vec<u64> = some.iter().map(|&i| counts[i] + if i == 1 { counts[8] } else { 0 }).collect();
    check_chi_square("alias", &observed, &[0.3, 0.05, 0.025, 0.5, 0.125]);
    let ramp: Vec<f64> = (0..64).map(|i| f64::from(i + 1) * 1e306).collect();
    let table = AliasTable::new(&ramp).unwrap();
    let expected: Vec<f64> = (0..64).map(|i| f64::from(i + 1) / 2080.0).collect();
    check_chi_square("ramp", &histogram(64, draws(20, N, |_, source| table.sample(source))), &expected);
    // Many zeros and awkward thirds: whatever rounding leaves must not fall on a zero.
    let awkward: Vec<f64> = (0..999).map(|i| if i % 3 == 0 { 1.0 / 3.0 } else { 0.0 }).collect();
    let table = AliasTable::new(&awkward).unwrap();
    assert!(draws(21, N, |_, source| table.sample(source)).iter().all(|i| i % 3 == 0));
    assert_eq!(AliasTable::new(&[]).unwrap_err(), ParameterError::NoWeight { count: 0 });
    assert_eq!(AliasTable::new(&[0.0, 0.0]).unwrap_err(), ParameterError::NoWeight { count: 2 });
    assert_eq!(AliasTable::new(&[1.0, -1.0]).unwrap_err(), ParameterError::Weight { index: 1, value: -1.0 });
    assert!(AliasTable::new(&[1.0, f64::NAN]).is_err() && AliasTable::new(&[f64::INFINITY]).is_err());
}

#[test]
fn multinomial_counts_are_exact() {
    // Three trials over weights 1, 2, 0, 1: all ten outcomes, to 20 bins by the parity of the row.
    let multinomial = Multinomial::new(&[1.0, 2.0, 0.0, 1.0]).unwrap();
    let stream = stream(22);
    let (mut seen, mut expected) = (vec![0; 20], vec![0.0; 20]);
    let slot = |a: u64, b: u64| (0..a).map(|a| 4 - a).sum::<u64>() + b;
    for row in 0..N as u64 / 4 {
        let mut counts = [0; 4];
        multinomial.sample(3, &stream, 4 * row, &mut counts).unwrap();
        assert_eq!((counts.iter().sum::<u64>(), counts[2]), (3, 0));
        seen[(slot(counts[0], counts[1]) + 10 * (row % 2)) as usize] += 1;
    }
    let factorial = |n: u64| (1..=n).product::<u64>() as f64;
    for a in 0..4 {
        for b in 0..4 - a {
            let ways = factorial(3) / (factorial(a) * factorial(b) * factorial(3 - a - b));
            let p = ways * 0.25f64.powi((3 - b) as i32) * 0.5f64.powi(b as i32);
            for parity in [0, 10] {
                expected[(slot(a, b) + parity) as usize] = p / 2.0;
            }
        }
    }
    check_chi_square("multinomial", &seen, &expected);
    // The last positive category takes the rest, whatever rounding did.
    let tenths = Multinomial::new(&[0.1, 0.2, 0.3, 0.4, 0.0, 0.0]).unwrap();
    for (row, trials) in [0, 1, 7, 1 << 40, 1 << 53].into_iter().enumerate() {
        let mut counts = [9; 6];
        tenths.sample(trials, &stream, 6 * row as u64, &mut counts).unwrap();
        assert_eq!((counts.iter().sum::<u64>(), counts[4], counts[5]), (trials, 0, 0));
    }
    assert!(tenths.sample((1 << 53) + 1, &stream, 0, &mut [0; 6]).is_err());
    assert!(Multinomial::new(&[0.0]).is_err() && Multinomial::new(&[f64::NAN, 1.0]).is_err());
}
