//! Elementary functions against mpmath, the standard library and C99 Annex F.

#[path = "math/reference.rs"]
mod reference;

use diffkit_core::DType;
use diffkit_core::math::{float32, float64};
use diffkit_core::ops::element_ops;
use diffkit_core::ops::table::Class;
use reference::{BINARY, UNARY, Unary};

/// Distance of `got` to `want` in units of the last of `digits` binary places of `want` (subnormal below `tiny`).
fn ulp(got: f64, want: f64, digits: i32, tiny: f64) -> f64 {
    if got == want || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    let exponent = (want.abs().max(tiny).to_bits() >> 52) as i32 - 1023;
    // In two steps: the unit itself may be below the smallest number.
    (got - want).abs() * 2f64.powi(-exponent / 2) * 2f64.powi(digits - 1 - exponent + exponent / 2)
}

fn ulp64(got: f64, want: f64) -> f64 {
    ulp(got, want, 53, f64::MIN_POSITIVE)
}

/// Error of an `f32` result, where the exact value may round to infinity.
fn ulp32(got: f32, want: f64) -> f64 {
    if got == want as f32 { 0.0 } else { ulp(f64::from(got), want, 24, f64::from(f32::MIN_POSITIVE)) }
}

/// x as `f32`, if that is exact.
fn exact32(x: f64) -> Option<f32> {
    (f64::from(x as f32) == x).then_some(x as f32)
}

#[test]
fn float64_agrees_with_mpmath() {
    // The table is rounded, which adds half a unit.
    for case in UNARY {
        for &(x, want) in case.points {
            let got = (case.float64)(x);
            assert!(ulp64(got, want) <= case.limit + 0.5, "{}({x:e}) = {got:e}, not {want:e}", case.name);
        }
    }
    for case in BINARY {
        for &(x, y, want) in case.points {
            let got = (case.float64)(x, y);
            assert!(ulp64(got, want) <= case.limit + 0.5, "{}({x:e}, {y:e}) = {got:e}, not {want:e}", case.name);
        }
    }
}

#[test]
fn float32_agrees_with_mpmath() {
    let mut checked = 0;
    for case in UNARY {
        for &(x, want) in case.points {
            let Some(x) = exact32(x) else { continue };
            let got = (case.float32)(x);
            assert!(ulp32(got, want) <= 1.0, "{}({x:e}) = {got:e}, not {want:e}", case.name);
            checked += 1;
        }
    }
    for case in BINARY {
        for &(x, y, want) in case.points {
            let (Some(x), Some(y)) = (exact32(x), exact32(y)) else {
                continue;
            };
            let got = (case.float32)(x, y);
            assert!(ulp32(got, want) <= 1.0, "{}({x:e}, {y:e}) = {got:e}, not {want:e}", case.name);
            checked += 1;
        }
    }
    assert!(checked > 250);
}

type Function = fn(f64) -> f64;
type Function2 = fn(f64, f64) -> f64;

/// The functions the standard library has too.
const STANDARD: &[(&str, Function)] = &[
    ("exp", f64::exp),
    ("exp2", f64::exp2),
    ("expm1", f64::exp_m1),
    ("log", f64::ln),
    ("log2", f64::log2),
    ("log10", f64::log10),
    ("log1p", f64::ln_1p),
    ("sin", f64::sin),
    ("cos", f64::cos),
    ("tan", f64::tan),
    ("asin", f64::asin),
    ("acos", f64::acos),
    ("atan", f64::atan),
    ("sinh", f64::sinh),
    ("cosh", f64::cosh),
    ("tanh", f64::tanh),
];

fn named(name: &str) -> &'static Unary {
    UNARY.iter().find(|case| case.name == name).unwrap()
}

#[test]
fn float32_agrees_with_the_standard_library_over_all_exponents() {
    for &(name, standard) in STANDARD {
        let function = named(name).float32;
        for bits in (0..=u32::MAX).step_by(100_003) {
            let x = f32::from_bits(bits);
            let (got, want) = (function(x), standard(f64::from(x)));
            assert!(ulp32(got, want) <= 1.0, "{name}({x:e}) = {got:e}, not {want:e}");
        }
    }
}

#[test]
fn float64_agrees_with_the_standard_library_over_all_exponents() {
    // Platform libraries are good to about 2 ULP themselves.
    for &(name, standard) in STANDARD {
        let case = named(name);
        for step in 0..40_000u64 {
            let x = f64::from_bits(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let (got, want) = ((case.float64)(x), standard(x));
            assert!(ulp64(got, want) <= case.limit + 2.0, "{name}({x:e}) = {got:e}, not {want:e}");
        }
    }
}

/// Equal, signs of zero included; any NaN is as good as another.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Values at -inf, -1, -0, 0, 1, inf and NaN; `ANY` is not special.
const ANY: f64 = 1.5e-77;
#[rustfmt::skip]
const SPECIAL: &[(&str, [f64; 7])] = &[
    ("exp", [0.0, ANY, 1.0, 1.0, ANY, INF, NAN]),
    ("exp2", [0.0, 0.5, 1.0, 1.0, 2.0, INF, NAN]),
    ("expm1", [-1.0, ANY, -0.0, 0.0, ANY, INF, NAN]),
    ("log", [NAN, NAN, -INF, -INF, 0.0, INF, NAN]),
    ("log2", [NAN, NAN, -INF, -INF, 0.0, INF, NAN]),
    ("log10", [NAN, NAN, -INF, -INF, 0.0, INF, NAN]),
    ("log1p", [NAN, -INF, -0.0, 0.0, ANY, INF, NAN]),
    ("sin", [NAN, ANY, -0.0, 0.0, ANY, NAN, NAN]),
    ("cos", [NAN, ANY, 1.0, 1.0, ANY, NAN, NAN]),
    ("tan", [NAN, ANY, -0.0, 0.0, ANY, NAN, NAN]),
    ("asin", [NAN, ANY, -0.0, 0.0, ANY, NAN, NAN]),
    ("acos", [NAN, ANY, ANY, ANY, 0.0, NAN, NAN]),
    ("atan", [ANY, ANY, -0.0, 0.0, ANY, ANY, NAN]),
    ("sinh", [-INF, ANY, -0.0, 0.0, ANY, INF, NAN]),
    ("cosh", [INF, ANY, 1.0, 1.0, ANY, INF, NAN]),
    ("tanh", [-1.0, ANY, -0.0, 0.0, ANY, 1.0, NAN]),
    ("asinh", [-INF, ANY, -0.0, 0.0, ANY, INF, NAN]),
    ("acosh", [NAN, NAN, NAN, NAN, 0.0, INF, NAN]),
    ("atanh", [NAN, -INF, -0.0, 0.0, INF, NAN, NAN]),
    ("sigmoid", [0.0, ANY, 0.5, 0.5, ANY, 1.0, NAN]),
    ("softplus", [0.0, ANY, ANY, ANY, ANY, INF, NAN]),
    ("erf", [-1.0, ANY, -0.0, 0.0, ANY, 1.0, NAN]),
    ("erfc", [2.0, ANY, 1.0, 1.0, ANY, 0.0, NAN]),
    ("rsqrt", [NAN, NAN, -INF, INF, 1.0, 0.0, NAN]),
    ("silu", [NAN, ANY, -0.0, 0.0, ANY, INF, NAN]),
    ("gelu", [NAN, ANY, -0.0, 0.0, ANY, INF, NAN]),
    ("erfinv", [NAN, -INF, -0.0, 0.0, INF, NAN, NAN]),
    ("lgamma", [INF, INF, INF, INF, 0.0, INF, NAN]),
    ("digamma", [NAN, NAN, INF, -INF, ANY, INF, NAN]),
    ("trigamma", [NAN, INF, INF, INF, ANY, 0.0, NAN]),
];

#[test]
fn special_values() {
    assert_eq!(SPECIAL.len(), UNARY.len());
    for (name, wanted) in SPECIAL {
        let case = named(name);
        for (x, &want) in [-INF, -1.0, -0.0, 0.0, 1.0, INF, NAN].into_iter().zip(wanted) {
            if same(want, ANY) {
                continue;
            }
            let (got, got32) = ((case.float64)(x), (case.float32)(x as f32));
            assert!(same(got, want), "{name}({x}) = {got}, not {want}");
            assert!(same(f64::from(got32), want), "f32 {name}({x}) = {got32}, not {want}");
        }
    }
}

#[test]
fn special_values_of_two_arguments() {
    let values = [-INF, -1e300, -3.0, -2.5, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 1e300, INF, NAN];
    let standard: [(&str, Function2); 3] = [("pow", f64::powf), ("atan2", f64::atan2), ("hypot", f64::hypot)];
    for (name, standard) in standard {
        let case = BINARY.iter().find(|case| case.name == name).unwrap();
        for x in values {
            for y in values {
                let (got, want) = ((case.float64)(x, y), standard(x, y));
                assert!(ulp64(got, want) <= 2.0, "{name}({x}, {y}) = {got}, not {want}");
                assert_eq!(want.is_sign_negative() && !want.is_nan(), got.is_sign_negative() && !got.is_nan());
                let (x, y) = (x as f32, y as f32);
                let (got, want) = ((case.float32)(x, y), standard(f64::from(x), f64::from(y)));
                assert!(ulp32(got, want) <= 1.0, "f32 {name}({x}, {y}) = {got}, not {want}");
            }
        }
    }
    assert_eq!(float64::logaddexp(-INF, -INF), -INF);
    assert_eq!(float64::logaddexp(INF, -INF), INF);
    assert_eq!(float64::logaddexp(-INF, 2.0), 2.0);
    assert_eq!(float32::logaddexp(f32::NEG_INFINITY, f32::NEG_INFINITY), f32::NEG_INFINITY);
    assert!(float64::logaddexp(NAN, INF).is_nan());
}

/// Neighbours as the standard library finds them, in both directions.
#[test]
fn nextafter_is_the_neighbour() {
    let values = [0.0, 1e-45, 1.175_494_3e-38, 0.5, 0.999_999_94, 1.0, 1.5, 2.0, 3e7, f32::MAX, f32::INFINITY];
    for x in values.into_iter().flat_map(|x| [x, -x]) {
        for y in values.into_iter().flat_map(|y| [y, -y]) {
            let step = |up: f32, down: f32| {
                if x < y {
                    up
                } else if x > y {
                    down
                } else {
                    y
                }
            };
            let (got, want) = (float32::nextafter(x, y), step(x.next_up(), x.next_down()));
            assert_eq!(got.to_bits(), want.to_bits(), "nextafter({x:e}, {y:e})");
            let (x, y) = (f64::from(x), f64::from(y));
            let want = if x < y {
                x.next_up()
            } else if x > y {
                x.next_down()
            } else {
                y
            };
            assert_eq!(float64::nextafter(x, y).to_bits(), want.to_bits(), "nextafter({x:e}, {y:e})");
        }
        assert!(float32::nextafter(x, f32::NAN).is_nan() && float32::nextafter(f32::NAN, x).is_nan());
        assert!(float64::nextafter(x.into(), NAN).is_nan() && float64::nextafter(NAN, x.into()).is_nan());
    }
}

/// The floor of the exact quotient, by integers where both numbers are integers.
#[test]
fn floor_divide_is_exact() {
    for step in 0..200_000u64 {
        let word = step.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (x, y) = ((word >> 40) as i64 - (1 << 23), (word >> 10 & 0xfff) as i64 - 2048);
        if y == 0 {
            continue;
        }
        let want = x.div_euclid(y) - i64::from(y < 0 && x.rem_euclid(y) != 0);
        assert_eq!(float32::floor_divide(x as f32, y as f32), want as f32, "floor_divide({x}, {y})");
        let (x, want) = (x * 4_294_967_291, (i128::from(x) * 4_294_967_291).div_euclid(y.into()));
        let want = want - i128::from(y < 0 && x % y != 0);
        if x.unsigned_abs() < 1 << 53 {
            assert_eq!(float64::floor_divide(x as f64, y as f64), want as f64, "floor_divide({x}, {y})");
        }
    }
}

/// Where a quick form holds, and how often it must: over the range that it is made for.
#[test]
fn quick_forms_give_the_bits_of_the_full_ones() {
    macro_rules! compare {
        ($precision:ident, $float:ty, $from_bits:expr, $($name:ident $quick:ident $range:expr;)+) => { $({
            let bits = (0..200_000u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let inside = (0..20_000).map(|i| ($range.0 + ($range.1 - $range.0) * i as f64 / 20_000.0) as $float);
            for x in bits.map($from_bits).chain(inside.clone()) {
                let (full, (value, care)) = ($precision::$name(x), $precision::$quick(x));
                let holds = care >= 0;
                assert!(!holds || same(full.into(), value.into()), "{}({x:e}): {value:e}, {full:e}", stringify!($name));
            }
            for x in inside {
                assert!($precision::$quick(x).1 >= 0, "{}({x:e}) needs care", stringify!($quick));
            }
        })+ };
    }
    compare!(float32, f32, |bits| f32::from_bits((bits >> 32) as u32),
        exp exp_quick (-87.0, 87.0); exp2 exp2_quick (-126.0, 126.0); log log_quick (1e-30, 1e30);
        log2 log2_quick (1e-37, 1.0); log10 log10_quick (1e-37, 1e30); sin sin_quick (-1e5, 1e5);
        cos cos_quick (-1e5, 1e5); tan tan_quick (-1e5, 1e5); sigmoid sigmoid_quick (-86.0, 86.0);
        silu silu_quick (-86.0, 86.0););
    compare!(float64, f64, f64::from_bits,
        exp exp_quick (-707.0, 707.0); exp2 exp2_quick (-1022.0, 1022.0); log log_quick (1e-300, 1e300);
        log2 log2_quick (1e-300, 1.0); log10 log10_quick (1e-300, 1e300); sin sin_quick (-4e9, 4e9);
        cos cos_quick (-4e9, 4e9); tan tan_quick (-4e9, 4e9); sigmoid sigmoid_quick (-707.0, 707.0);
        silu silu_quick (-707.0, 707.0););
}

/// What an element gives depends neither on its place nor on its neighbours, of which some need care.
#[test]
fn elements_of_a_loop_are_independent() {
    let special = [f32::NAN, f32::INFINITY, -f32::INFINITY, 0.0, -0.0, 1e-45, 3e38, -3e38, 1e6, -95.0];
    for op in element_ops().filter(|op| op.arity == 1) {
        for n in [1usize, 7, 8, 33, 2048, 5000] {
            let ordinary = |i: usize| (i * 37 % 101) as f32 * 0.1 - 4.0;
            for spread in [usize::MAX, 1000] {
                let x: Vec<f32> = (0..n)
                    .map(|i| if i % spread == spread - 1 { special[i / spread % 10] } else { ordinary(i) })
                    .collect();
                let Some(kernel) = (op.kernel)(DType::F32) else { continue };
                // Results of one byte stay in the first quarter.
                let (mut together, mut alone) = (vec![0u32; n], vec![0u32; n]);
                let size = if matches!(op.class, Class::Predicate | Class::Comparison) { 1 } else { 4 };
                let run = |x: &[f32], out: *mut u8| {
                    let args = [x.as_ptr().cast::<u8>()];
                    // SAFETY: one input, and room for as many results.
                    unsafe { (kernel.get())(args.as_ptr(), out, x.len()) }
                };
                run(&x, together.as_mut_ptr().cast());
                for i in 0..n {
                    run(&x[i..=i], alone.as_mut_ptr().cast::<u8>().wrapping_add(i * size));
                }
                for i in 0..n {
                    let (a, b) = (f32::from_bits(together[i]), f32::from_bits(alone[i]));
                    assert!(same(a.into(), b.into()), "{}({:e}) at {i} of {n}: {a:e}, {b:e}", op.name, x[i]);
                }
            }
        }
    }
}

/// The same loop compiled for a vector instruction set gives the bits of the plain one.
#[cfg(target_arch = "x86_64")]
#[test]
fn vector_code_gives_the_same_bits() {
    macro_rules! compare {
        ($precision:ident, $float:ty, $from_bits:expr, $($name:ident)+) => { $({
            fn plain(x: &[$float], out: &mut [$float]) {
                for (x, out) in x.iter().zip(out) {
                    *out = $precision::$name(*x);
                }
            }
            #[target_feature(enable = "avx2,fma")]
            fn avx2(x: &[$float], out: &mut [$float]) {
                for (x, out) in x.iter().zip(out) {
                    *out = $precision::$name(*x);
                }
            }
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,fma")]
            fn avx512(x: &[$float], out: &mut [$float]) {
                for (x, out) in x.iter().zip(out) {
                    *out = $precision::$name(*x);
                }
            }
            let x: Vec<$float> = (0..4096u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).map($from_bits).collect();
            let mut want = vec![0.0; x.len()];
            plain(&x, &mut want);
            let mut got = vec![0.0; x.len()];
            let check = |got: &[$float]| {
                for ((x, got), want) in x.iter().zip(got).zip(&want) {
                    assert!(same((*got).into(), (*want).into()), "{}({x:e}): {got:e}, {want:e}", stringify!($name));
                }
            };
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: the processor has the instructions.
                unsafe { avx2(&x, &mut got) };
                check(&got);
            }
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("fma") {
                // SAFETY: the processor has the instructions.
                unsafe { avx512(&x, &mut got) };
                check(&got);
            }
        })+ };
    }
    compare!(float32, f32, |bits| f32::from_bits((bits >> 32) as u32), exp exp2 expm1 log log2 log10 log1p sin cos
        tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid silu softplus erf erfc erfinv gelu rsqrt lgamma
        digamma trigamma sinc);
    compare!(float64, f64, f64::from_bits, exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh
        tanh asinh acosh atanh sigmoid silu softplus erf erfc erfinv gelu rsqrt lgamma digamma trigamma sinc);
}
