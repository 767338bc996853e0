use crate::checks::{
    N, NORMAL_DECILES, check_chi_square, check_kolmogorov_smirnov, draws, histogram, normal_cdf, stream,
};
use diffkit_core::random::{
    Binomial, Gamma, Generator, ParameterError, Poisson, Stream, WORDS_64, WORDS_SOURCE, fill, sample_each,
};

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

/// Fills whole, in random pieces, and in those pieces from the last to the first.
fn check_cuts<T: Copy + Default + PartialEq + std::fmt::Debug>(name: &str, run: impl Fn(&Stream, u64, &mut [T])) {
    let stream = stream(3);
    let mut whole = vec![T::default(); 3001];
    run(&stream, 0, &mut whole);
    let mut cutter = Generator::new(17).reserve(WORDS_SOURCE).source(0);
    let mut cuts: Vec<usize> = (0..60).map(|_| cutter.below(3002) as usize).chain([0, 3001, 64, 65, 128]).collect();
    cuts.sort_unstable();
    let ranges: Vec<_> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    for reversed in [false, true] {
        let mut pieces = vec![T::default(); whole.len()];
        let order: Vec<_> = if reversed { ranges.iter().rev().collect() } else { ranges.iter().collect() };
        for range in order {
            run(&stream, range.start as u64, &mut pieces[range.clone()]);
        }
        assert_eq!(pieces, whole, "{name}, reversed: {reversed}");
    }
    let other = Generator::with_stream(3, 1).reserve(1);
    run(&other, 0, &mut whole[..200]);
    let mut again = vec![T::default(); 200];
    run(&stream, 0, &mut again);
    assert_ne!(again, whole[..200], "{name}: another stream gave the same values");
}

#[test]
fn cutting_a_fill_changes_nothing() {
    check_cuts("bits_u32", fill::bits_u32);
    check_cuts("bits_u64", fill::bits_u64);
    check_cuts("uniform_f32", fill::uniform_f32);
    check_cuts("uniform_f64", fill::uniform_f64);
    check_cuts("normal_f32", fill::normal_f32);
    check_cuts("normal_f64", fill::normal_f64);
    check_cuts("exponential_f32", fill::exponential_f32);
    check_cuts("exponential_f64", fill::exponential_f64);
    check_cuts("bernoulli", |s, first, out| fill::bernoulli(s, first, 0.3, out).unwrap());
    check_cuts("integers", |s, first, out| fill::integers(s, first, -3, 1_000, out).unwrap());
    // Half of all words are rejected here.
    check_cuts("wide integers", |s, first, out| fill::integers(s, first, i64::MIN, 1, out).unwrap());
    let (binomial, poisson) = (Binomial::new(1000, 0.3).unwrap(), Poisson::new(50.0).unwrap());
    check_cuts("binomial", |s, first, out| sample_each(s, first, out, |_, source| binomial.sample(source)));
    check_cuts("poisson", |s, first, out| sample_each(s, first, out, |_, source| poisson.sample(source)));
    let gamma = Gamma::new(0.7).unwrap();
    check_cuts("gamma", |s, first, out| sample_each(s, first, out, |_, source| gamma.sample(source)));
}

/// Every bit of the seed, the stream and the position counts, and the layout is the documented one: the values are from
/// a few lines of Python that follow the documentation of the module, checked against Random123's vectors.
#[test]
fn words_are_where_the_documentation_says() {
    let mut generator = Generator::new(0);
    generator.set_state([1, 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x00ab_cdef_0123_4560]).unwrap();
    let stream = generator.reserve(2000);
    let mut words = vec![0; 1001];
    fill::bits_u32(&stream, 0, &mut words);
    let found = [0, 1, 16, 47, 63, 64, 1000].map(|position| words[position]);
    let expected = [0x3c9d_9f11, 0x2cf5_b962, 0x0067_5e6a, 0x83d1_6d8f, 0x18ca_3aba, 0xc73e_927d, 0x2d41_4e4c];
    assert_eq!(found, expected);
    let mut source = stream.source(3);
    let expected = [
        0x1b46_ab04_3482_ea8e_u64,
        0x7808_40dc_fab9_b829,
        0xf721_8475_efa4_28a5,
        0xd1a9_7662_93c4_c650,
        0x99ff_1703_973f_66a7,
        0xbb54_c4c7_3e5e_f0b3,
    ];
    assert_eq!(expected.map(|_| source.next_u64()), expected);
}

#[test]
fn a_source_read_alone_is_the_source_of_a_batch() {
    let stream = stream(4);
    let mut batch = [[0; 7]; 100];
    sample_each(&stream, 5, &mut batch, |_, source| std::array::from_fn(|_| source.next_u64()));
    for (i, expected) in batch.iter().enumerate() {
        let mut source = stream.source(5 + i as u64);
        assert_eq!(std::array::from_fn(|_| source.next_u64()), *expected);
    }
    let mut all: Vec<u64> = batch.concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 700, "spare words of different elements coincide");
}

#[test]
fn uniforms_are_uniform() {
    let stream = stream(1);
    let (mut single, mut double) = (vec![0.0_f32; N], vec![0.0_f64; N]);
    fill::uniform_f32(&stream, 0, &mut single);
    fill::uniform_f64(&stream, 0, &mut double);
    assert!(single.iter().all(|x| (0.0..1.0).contains(x)) && double.iter().all(|x| (0.0..1.0).contains(x)));
    let even = [1.0 / 256.0; 256];
    check_chi_square("f32", &histogram(256, single.iter().map(|x| (x * 256.0) as usize)), &even);
    check_chi_square("f64", &histogram(256, double.iter().map(|x| (x * 256.0) as usize)), &even);
    // The low bits, and pairs of neighbours.
    let low = |x: f64, bits: i32| (x * 2f64.powi(bits)) as u64 as usize % 256;
    check_chi_square("f32 low", &histogram(256, single.iter().map(|&x| low(f64::from(x), 24))), &even);
    check_chi_square("f64 low", &histogram(256, double.iter().map(|&x| low(x, 53))), &even);
    for lag in [1, 16, 32, 48, 64] {
        let cell = |i: usize| (single[i] * 16.0) as usize * 16 + (single[i + lag] * 16.0) as usize;
        check_chi_square("f32 pairs", &histogram(256, (0..N - lag).step_by(2 * lag).map(cell)), &even);
    }
}

#[test]
fn integers_are_uniform_over_any_range() {
    let stream = stream(2);
    let mut out = vec![0; N];
    fill::integers(&stream, 0, -3, 7, &mut out).unwrap();
    assert!(out.iter().all(|x| (-3..7).contains(x)));
    check_chi_square("ten", &histogram(10, out.iter().map(|x| (x + 3) as usize)), &[0.1; 10]);
    // 3 * 2^62 values: without rejection those of one residue modulo 3 would be twice as likely as the others.
    let (low, high) = (i64::MIN, 1 << 62);
    fill::integers(&stream, 0, low, high, &mut out).unwrap();
    assert!(out.iter().all(|&x| x < high));
    let offset = |x: i64| (i128::from(x) - i128::from(low)) as u128;
    let cell = |x: i64| (offset(x) % 3 * 8 + offset(x) * 8 / (3 << 62)) as usize;
    check_chi_square("wide", &histogram(24, out.iter().map(|&x| cell(x))), &[1.0 / 24.0; 24]);
    fill::integers(&stream, 0, 5, 6, &mut out[..100]).unwrap();
    assert!(out[..100].iter().all(|&x| x == 5));
    fill::integers(&stream, 0, i64::MIN, i64::MAX, &mut out[..1000]).unwrap();
    assert!(out[..1000].iter().any(|&x| x < 0) && out[..1000].iter().any(|&x| x > 0));
    assert_eq!(fill::integers(&stream, 0, 4, 4, &mut out), Err(ParameterError::Range { low: 4, high: 4 }));
}

#[test]
fn normals_are_normal() {
    let stream = stream(5);
    let (mut single, mut double) = (vec![0.0_f32; 4_000_000], vec![0.0_f64; 4_000_000]);
    fill::normal_f32(&stream, 0, &mut single);
    fill::normal_f64(&stream, 0, &mut double);
    for (name, values) in [("f32", wide(&single)), ("f64", double)] {
        assert!(values.iter().all(|x| x.is_finite()));
        let n = values.len() as f64;
        // Beyond 3, 4 and 5 standard deviations; 5 standard errors and a little for the skewness of few counts.
        for (sigma, p) in [(3.0, 0.0026997960632601866), (4.0, 6.334248366623973e-5), (5.0, 5.733031437583866e-7)] {
            let count = values.iter().filter(|x| x.abs() > sigma).count() as f64;
            assert!((count - n * p).abs() < 5.0 * (n * p).sqrt() + 5.0, "{name}: {count} beyond {sigma}");
        }
        // The two outputs of a transform are 16 apart.
        for lag in [1, 16, 32, 64] {
            let decile = |x: f64| NORMAL_DECILES.partition_point(|&edge| edge < x);
            let cell = |i: usize| decile(values[i]) * 10 + decile(values[i + lag]);
            check_chi_square(name, &histogram(100, (0..N - lag).map(cell)), &[0.01; 100]);
        }
        check_kolmogorov_smirnov(name, values, normal_cdf);
    }
    let values = draws(6, N, |_, source| source.normal());
    check_kolmogorov_smirnov("source", values, normal_cdf);
}

#[test]
fn exponentials_are_exponential() {
    let stream = stream(7);
    let (mut single, mut double) = (vec![0.0_f32; N], vec![0.0_f64; N]);
    fill::exponential_f32(&stream, 0, &mut single);
    fill::exponential_f64(&stream, 0, &mut double);
    for (name, values) in [("f32", wide(&single)), ("f64", double)] {
        assert!(values.iter().all(|&x| x > 0.0 && x.is_finite()));
        check_kolmogorov_smirnov(name, values, |x| -(-x).exp_m1());
    }
}

#[test]
fn bernoulli_has_its_probability() {
    let stream = stream(8);
    let mut out = vec![false; N];
    for p in [0.5, 0.003, 0.9] {
        fill::bernoulli(&stream, 0, p, &mut out).unwrap();
        let count = out.iter().filter(|&&x| x).count() as f64;
        let deviation = (N as f64 * p * (1.0 - p)).sqrt();
        // norm.isf(5e-7) = 4.892
        assert!((count - N as f64 * p).abs() < 4.892 * deviation + 0.5, "{count} of {N} at {p}");
    }
    fill::bernoulli(&stream, 0, 0.0, &mut out).unwrap();
    assert!(out.iter().all(|&x| !x));
    fill::bernoulli(&stream, 0, 1.0, &mut out).unwrap();
    assert!(out.iter().all(|&x| x));
    assert!(fill::bernoulli(&stream, 0, f64::NAN, &mut out).is_err());
    assert!(fill::bernoulli(&stream, 0, 1.5, &mut out).is_err());
}

#[test]
fn permutations_are_equally_likely() {
    let mut generator = Generator::new(23);
    let mut seen = [0; 24];
    for _ in 0..20_000 {
        let mut order = [0; 4];
        fill::permutation(&generator.reserve(4 * WORDS_64), &mut order);
        let rank = |i: usize| order[i + 1..].iter().filter(|&&x| x < order[i]).count();
        seen[rank(0) * 6 + rank(1) * 2 + rank(2)] += 1;
    }
    check_chi_square("permutation", &seen, &[1.0 / 24.0; 24]);
    let mut order = vec![0; 10_001];
    fill::permutation(&generator.reserve(10_001 * WORDS_64), &mut order);
    assert_ne!(order, (0..10_001).collect::<Vec<i64>>());
    order.sort_unstable();
    assert_eq!(order, (0..10_001).collect::<Vec<i64>>());
    fill::permutation(&generator.reserve(0), &mut []);
}
