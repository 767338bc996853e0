//! Complex functions against mpmath, and against every special case of the Python array API standard.

#[path = "complex/multivalued.rs"]
mod multivalued;

#[path = "complex/reference.rs"]
mod reference;

#[path = "complex/single_valued.rs"]
mod single_valued;

#[path = "complex/special.rs"]
mod special;

use diffkit_core::math::complex;
use multivalued::MULTIVALUED;
use num_complex::Complex;
use reference::{BINARY, Case};
use single_valued::SINGLE_VALUED;
use special::{FREE, SPECIAL};

type C = Complex<f64>;

const EPS: f64 = f64::EPSILON;

/// Distance of `got` to `want` in units in the last place of `want`.
fn ulp(got: f64, want: f64) -> f64 {
    if got == want {
        return 0.0;
    }
    let exponent = (want.abs().max(f64::MIN_POSITIVE).to_bits() >> 52) as i32 - 1023;
    // In two steps: the unit itself may be below the smallest number.
    (got - want).abs() * 2f64.powi(-exponent / 2) * 2f64.powi(52 - exponent + exponent / 2)
}

/// Distance relative to the absolute value of `want`, in eps; both are scaled, lest the absolute value overflow.
fn relative(got: C, want: C) -> f64 {
    let scale = 0.25 / want.re.abs().max(want.im.abs()).max(f64::MIN_POSITIVE);
    let scale = scale.min(2f64.powi(1022));
    let distance = ((got.re - want.re) * scale).hypot((got.im - want.im) * scale);
    distance / (want.re * scale).hypot(want.im * scale).max(f64::MIN_POSITIVE * scale) / EPS
}

fn unary() -> impl Iterator<Item = &'static Case> {
    SINGLE_VALUED.iter().chain(MULTIVALUED)
}

#[test]
fn functions_agree_with_mpmath() {
    let mut checked = 0;
    for case in unary() {
        for &[x, y, re, im] in case.points {
            let (got, want) = ((case.function)(Complex::new(x, y)), Complex::new(re, im));
            let context = || format!("{}({x:e}, {y:e}) = {got:e}, not {want:e}", case.name);
            assert!(relative(got, want) <= 4.0, "{}", context());
            // The table is rounded, which adds half a unit.
            if let Some(limit) = case.limit {
                assert!(ulp(got.re, re) <= limit + 0.5 && ulp(got.im, im) <= limit + 0.5, "{}", context());
            }
            checked += 1;
        }
    }
    assert!(checked > 500);
}

#[test]
fn functions_of_two_arguments_agree_with_mpmath() {
    for case in BINARY {
        for &[x, y, u, v, re, im] in case.points {
            let (z, w, want) = (Complex::new(x, y), Complex::new(u, v), Complex::new(re, im));
            let got = (case.function)(z, w);
            let whole = v == 0.0 && u.trunc() == u;
            let condition = if case.name == "pow" && !whole { 1.0 + (w * z.ln()).norm() } else { 1.0 };
            assert!(relative(got, want) <= 4.0 * condition, "{}({z:e}, {w:e}) = {got:e}, not {want:e}", case.name);
        }
    }
}

/// Equal, signs of zero included; any NaN is as good as another.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// `got` is `want` to within rounding, where only zeros and infinities have to be exact.
fn agrees(got: f64, want: f64, free_sign: bool) -> bool {
    let (got, want) = if free_sign { (got.abs(), want.abs()) } else { (got, want) };
    same(got, want) || (want.is_finite() && want != 0.0 && ulp(got, want) <= 1.0)
}

fn function(name: &str) -> fn(C) -> C {
    unary().find(|case| case.name == name).unwrap().function
}

#[test]
fn special_values_of_the_standard() {
    for &(name, rows) in SPECIAL {
        let f = function(name);
        for &(a, b, re, im, free) in rows {
            let got = f(Complex::new(a, b));
            let ok = agrees(got.re, re, free & FREE[0] != 0) && agrees(got.im, im, free & FREE[1] != 0);
            assert!(ok, "{name}({a}, {b}) = {got}, not {re}, {im}");
            // f(conj z) = conj f(z).
            let mirrored = f(Complex::new(a, -b));
            let ok =
                agrees(mirrored.re, got.re, free & FREE[0] != 0) && agrees(mirrored.im, -got.im, free & FREE[1] != 0);
            assert!(ok || name == "sign", "{name}({a}, {}) = {mirrored}, but {got} above the axis", -b);
        }
    }
}

/// f(i z) is i g(z), or g(z) for the cosine: the special values follow.
#[test]
fn trigonometric_functions_turn_hyperbolic_ones() {
    let values = [0.0, -0.0, 0.5, -2.0, 800.0, 1e300, f64::INFINITY, -f64::INFINITY, f64::NAN];
    for (name, turned) in [("sin", "sinh"), ("tan", "tanh"), ("asin", "asinh"), ("atan", "atanh"), ("cos", "cosh")] {
        for x in values {
            for y in values {
                let got = function(name)(Complex::new(x, y));
                let other = function(turned)(Complex::new(-y, x));
                let want = if name == "cos" { other } else { Complex::new(other.im, -other.re) };
                assert!(same(got.re, want.re) && same(got.im, want.im), "{name}({x}, {y}) = {got}, not {want}");
            }
        }
    }
}

#[test]
fn logarithms_and_powers_of_two_and_ten() {
    assert_eq!(complex::log2(Complex::new(0.0, 8.0)).re, 3.0);
    assert_eq!(complex::log10(Complex::new(-1000.0, 0.0)).re, 3.0);
    assert_eq!(complex::exp2(Complex::new(-3.0, -0.0)), Complex::new(0.125, -0.0));
    assert_eq!(complex::sigmoid(Complex::new(-f64::INFINITY, 1.0)), Complex::new(0.0, 0.0));
    assert_eq!(complex::sigmoid(Complex::new(0.0, 0.0)), Complex::new(0.5, 0.0));
}

#[test]
fn absolute_value_and_angle() {
    let inf = f64::INFINITY;
    assert_eq!(complex::abs(Complex::new(3e300, -4e300)), 5e300);
    assert_eq!(complex::abs(Complex::new(-inf, f64::NAN)), inf);
    assert_eq!(complex::abs(Complex::new(f64::NAN, inf)), inf);
    assert!(complex::abs(Complex::new(f64::NAN, 1.0)).is_nan());
    assert_eq!(complex::abs(Complex::new(-0.0, -2.0)), 2.0);
    assert_eq!(complex::angle(Complex::new(-1.0, -0.0)), -std::f64::consts::PI);
    assert_eq!(complex::angle(Complex::new(0.0, 2.0)), std::f64::consts::FRAC_PI_2);
}

#[test]
fn quotients_at_the_ends() {
    let z = Complex::new(3.0, -4.0);
    assert_eq!(complex::div(z, Complex::new(f64::INFINITY, 1.0)), Complex::new(0.0, -0.0));
    assert_eq!(complex::div(z, Complex::new(f64::NAN, f64::INFINITY)).re.abs(), 0.0);
    assert_eq!(complex::div(z, Complex::new(0.0, 0.0)), Complex::new(f64::INFINITY, -f64::INFINITY));
    assert_eq!(complex::div(Complex::new(1e308, 0.0), Complex::new(1e-308, 0.0)), Complex::new(f64::INFINITY, 0.0));
    let large = Complex::new(f64::MAX, f64::MAX);
    assert_eq!(complex::div(large, large), Complex::new(1.0, 0.0));
    let inverse = complex::reciprocal(Complex::new(2.0, 0.0));
    assert!(inverse.re == 0.5 && same(inverse.im, -0.0));
}

#[test]
fn powers_at_zero_and_of_gaussian_integers() {
    let zero = Complex::new(0.0, 0.0);
    let power = |z, w| complex::pow(z, w);
    assert_eq!(power(zero, zero), Complex::new(1.0, 0.0));
    assert_eq!(power(zero, Complex::new(2.0, -1.0)), zero);
    assert_eq!(power(zero, Complex::new(-1.0, 0.0)).re, f64::INFINITY);
    assert!(power(zero, Complex::new(0.0, 1.0)).re.is_nan());
    assert_eq!(power(Complex::new(1.0, 1.0), Complex::new(2.0, 0.0)), Complex::new(0.0, 2.0));
    assert_eq!(power(Complex::new(1.0, 2.0), Complex::new(10.0, 0.0)), Complex::new(237.0, -3116.0));
    assert_eq!(power(Complex::new(-4.0, -0.0), Complex::new(0.5, 0.0)), Complex::new(0.0, -2.0));
    assert_eq!(power(Complex::new(2.0, 0.0), Complex::new(0.25, 0.0)).re, 2f64.powf(0.25));
    // Intermediate powers leave the range, the result does not.
    let near_limit = power(Complex::new(1e102, 1e102), Complex::new(3.0, 0.0));
    assert!(relative(near_limit, Complex::new(-2e306, 2e306)) < 8.0);
}
