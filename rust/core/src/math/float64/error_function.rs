//! The error function and its complement.

use super::exponential::{clamp, expm1_tail, reduce, scale};
use super::parts::{Parts, ordered_sum, product};
use crate::math::polynomial;
use std::f64::consts::FRAC_1_SQRT_2;

/// Constant term of the polynomial of `erfc`, in two parts.
const ERFC_CENTRE: f64 = 0.46998907617851965;
const ERFC_CENTRE_LOW: f64 = -1.728983861765093e-17;
/// Its linear coefficient.
const ERFC_SLOPE: f64 = 0.6191604927113871;
/// What `FRAC_1_SQRT_2` leaves of sqrt(1/2).
const FRAC_1_SQRT_2_LOW: f64 = -4.833646656726457e-17;

/// erf(x) - x for |x| <= 1.
#[inline(always)]
fn small_tail(x: f64) -> f64 {
    let z = x * x;
    x * polynomial!(z;
        0.1283791670955126, -0.37612638903183876, 0.11283791670958741, -0.026866170645619147,
        0.005223977629091198, -0.0008548327189331384, 0.00012055337767440446,
        -1.4925738251937505e-05, 1.6463083045841479e-06, -1.6370595645946312e-07,
        1.4786264738928388e-08, -1.1829509212431825e-09, 6.683030766302347e-11,
    )
}

/// exp(x + low) for x in [-800, 0], as 2^k (1 + r + tail); returns k as in `reduce` and r + tail.
#[inline(always)]
fn exp_minus_1(x: f64, low: f64) -> (f64, f64) {
    let (shifted, r, r_low) = reduce(x, low);
    (shifted, r + expm1_tail(r, r_low))
}

/// Error function: an odd polynomial of degree 25 below 1 and 1 - exp(p(|x|)) above, p a polynomial of degree 24 for
/// log(erfc), after N. Juffa.
#[inline(always)]
pub fn erf(x: f64) -> f64 {
    let a = clamp(x.abs(), 0.0, 5.93);
    let p = polynomial!(a;
        9.248788384772512e-08, -1.1283802225169222, -0.6366140595099303, -0.1027921317384425,
        0.019175792809566362, 0.0001225314283822541, -0.0015717715775911138, 0.00044645202286243445,
        0.00010967121846936826, -0.00016995357726077976, 9.75614973180911e-05,
        -3.927442952771476e-05, 1.2445209716924835e-05, -3.233676121848261e-06,
        7.004915519173241e-07, -1.272004867494329e-07, 1.93391502608776e-08,
        -2.4464122473509275e-09, 2.546283128188772e-10, -2.1436726997362812e-11,
        1.4233426737273958e-12, -7.172896664589048e-14, 2.5775682614502357e-15,
        -5.882024909790168e-17, 6.403998093720907e-19,
    );
    let (shifted, e) = exp_minus_1(p, 0.0);
    let large = (1.0 - scale(1.0 + e, shifted, 0)).copysign(x);
    if a < 1.0 { x + small_tail(x) } else { large }
}

/// exp(-a^2) as 2^k (1 + e), and erfc(a) / exp(-a^2), for a + a_low in [1/2, 28] and a^2 in parts: t p(t) with
/// t = 2 / (2 + a), the form of Abramowitz and Stegun 7.1.26 with p of degree 23. Returns k as in `reduce`, 1 + e
/// and the ratio.
#[inline(always)]
pub(super) fn erfc_parts((a, a_low): Parts, (square, square_low): Parts) -> (f64, Parts, Parts) {
    let bottom = 0.5f64.mul_add(a, 1.0);
    let bottom_low = 0.5f64.mul_add(a, 1.0 - bottom) + 0.5 * a_low;
    let t = 1.0 / bottom;
    let t_low = t * ((-t).mul_add(bottom, 1.0) - t * bottom_low);
    let u = (t - 0.4375) + t_low;
    let q = polynomial!(u;
        0.5278537790010516, 0.18429092394588753, -0.13444100266137532, -0.13523362865455874,
        0.06660227552497461, 0.0924834713336898, -0.06592959615337576, -0.059438408300848115,
        0.08200418877036413, 0.017787903035582073, -0.09300473426722314, 0.04139956794486824,
        0.07312143325791236, -0.1060701955334608, 0.003551064378513778, 0.13050991313368995,
        -0.1292309150441057, -0.05614026229506171, 0.21817707103181924, -0.09106800792847305,
        -0.15236233470008342, 0.12971624427734654,
    );
    // The last two steps of Horner's rule in parts.
    let (slope, slope_low) = ordered_sum(ERFC_SLOPE, u * q);
    let varying = u * slope;
    let varying_low = u.mul_add(slope, -varying) + u * slope_low;
    let (p, p_low) = ordered_sum(ERFC_CENTRE, varying);
    let ratio = product((t, t_low), (p, p_low + (varying_low + ERFC_CENTRE_LOW)));
    let (shifted, r, r_low) = reduce(-square, -square_low);
    let (e, e_low) = ordered_sum(r, expm1_tail(r, r_low));
    let (exp, exp_low) = ordered_sum(1.0, e);
    (shifted, (exp, exp_low + e_low), ratio)
}

/// Complementary error function: 1 - erf(x) below 1/2, `erfc_parts` above with x^2 in parts.
#[inline(always)]
pub fn erfc(x: f64) -> f64 {
    let a = clamp(x.abs(), 0.0, 28.0);
    let square = a * a;
    let (shifted, exp, ratio) = erfc_parts((a, 0.0), (square, a.mul_add(a, -square)));
    let (tail, tail_low) = product(exp, ratio);
    let tail = scale(tail + tail_low, shifted, 0);
    // Below 1/2 nothing cancels in 1 - x - (erf(x) - x).
    let near = 1.0 - x;
    let near = near + (((1.0 - near) - x) - small_tail(x));
    let far = if x < 0.0 { 2.0 - tail } else { tail };
    if a < 0.5 { near } else { far }
}

/// x times the standard normal distribution function at x, `x erfc(-x / sqrt(2)) / 2`, by the parts of `erfc` with the
/// quotient in parts.
#[inline(always)]
pub fn gelu(x: f64) -> f64 {
    // Beyond 39.5 the tail is 0.
    let b = clamp(x.abs(), 0.0, 39.5);
    let a = b * FRAC_1_SQRT_2;
    let a_low = b.mul_add(FRAC_1_SQRT_2_LOW, b.mul_add(FRAC_1_SQRT_2, -a));
    let half = 0.5 * b;
    let square = half * b;
    let (shifted, exp, ratio) = erfc_parts((a, a_low), (square, half.mul_add(b, -square)));
    let (tail, tail_low) = product(exp, ratio);
    let left = -scale(half.mul_add(tail, half * tail_low), shifted, 0);
    let right = x + left;
    let far = if x < 0.0 { left } else { right };
    // 1 + erf(x / sqrt(2)) in parts.
    let (s, s_low) = if x < 0.0 { (-a, -a_low) } else { (a, a_low) };
    let (sum, error) = ordered_sum(1.0, s);
    let sum_low = error + (small_tail(s) + s_low);
    let near = (0.5 * x).mul_add(sum, 0.5 * x * sum_low);
    let result = if a < 0.5 { near } else { far };
    if x == f64::NEG_INFINITY { f64::NAN } else { result }
}
