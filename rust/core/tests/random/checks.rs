use diffkit_core::random::{Generator, Source, Stream, WORDS_SOURCE, sample_each};

pub const N: usize = 400_000;

/// Standard normal deciles.
pub const NORMAL_DECILES: [f64; 9] = [
    -1.2815515655446004,
    -0.8416212335729142,
    -0.5244005127080409,
    -0.2533471031357997,
    0.0,
    0.2533471031357997,
    0.5244005127080407,
    0.8416212335729143,
    1.2815515655446004,
];

pub fn stream(seed: u64) -> Stream {
    Generator::new(seed).reserve(WORDS_SOURCE * 4_000_000)
}

pub fn draws<T: Default + Clone>(seed: u64, n: usize, draw: impl FnMut(usize, &mut Source) -> T) -> Vec<T> {
    let mut out = vec![T::default(); n];
    sample_each(&stream(seed), 0, &mut out, draw);
    out
}

pub fn check_chi_square(name: &str, observed: &[u64], probabilities: &[f64]) {
    // (degrees of freedom, chi2.isf(1 - 1e-6), chi2.isf(1e-6))
    const CRITICAL: [(usize, f64, f64); 8] = [
        (4, 0.0028, 33.3768),
        (9, 0.2284, 44.8109),
        (15, 1.2160, 56.4934),
        (19, 2.2551, 63.6771),
        (23, 3.5299, 70.5496),
        (63, 23.1615, 131.3697),
        (99, 45.8344, 180.7920),
        (255, 161.6504, 377.0781),
    ];
    assert_eq!(observed.len(), probabilities.len());
    let n: u64 = observed.iter().sum();
    let total: f64 = probabilities.iter().sum();
    assert!((total - 1.0).abs() < 1e-9, "{name}: the expected probabilities sum to {total}");
    let statistic: f64 = observed
        .iter()
        .zip(probabilities)
        .map(|(&count, p)| {
            let expected = p * n as f64;
            assert!(expected >= 5.0, "{name}: a bin expects only {expected}");
            (count as f64 - expected).powi(2) / expected
        })
        .sum();
    let degrees = observed.len() - 1;
    let &(_, low, high) = CRITICAL.iter().find(|c| c.0 == degrees).expect("a tabulated number of bins");
    assert!((low..high).contains(&statistic), "{name}: chi-square {statistic} outside {low}..{high}");
}

pub fn histogram(bins: usize, values: impl IntoIterator<Item = usize>) -> Vec<u64> {
    let mut counts = vec![0; bins];
    for value in values {
        counts[value.min(bins - 1)] += 1;
    }
    counts
}

/// Counts of values by the number of edges below them (a value on an edge is below it).
pub fn between(edges: &[f64], values: impl IntoIterator<Item = f64>) -> Vec<u64> {
    histogram(edges.len() + 1, values.into_iter().map(|value| edges.partition_point(|&edge| edge < value)))
}

pub fn check_kolmogorov_smirnov(name: &str, mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance = values.iter().enumerate().fold(0.0_f64, |largest, (i, &x)| {
        let p = cdf(x);
        largest.max((i as f64 + 1.0) / n - p).max(p - i as f64 / n)
    });
    let statistic = distance * n.sqrt();
    assert!(statistic < 2.6934, "{name}: Kolmogorov-Smirnov {statistic} above kstwobign.isf(1e-6) = 2.6934");
}

/// The series of G. Marsaglia, "Evaluating the normal distribution", 2004.
pub fn normal_cdf(x: f64) -> f64 {
    let (mut sum, mut term, mut odd) = (x, x, 1.0);
    while sum + term != sum {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    (0.5 + sum * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()).clamp(0.0, 1.0)
}
