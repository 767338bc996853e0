//! Inverse square root.

/// `1 / sqrt(x)` with one Newton step whose residual 1 - x y^2 is exact.
#[inline(always)]
pub fn rsqrt(x: f64) -> f64 {
    let y = 1.0 / x.sqrt();
    let product = x * y;
    let residual = (-product).mul_add(y, 1.0) - x.mul_add(y, -product) * y;
    let refined = (0.5 * y).mul_add(residual, y);
    // At 0 and infinity the residual is NaN.
    if residual.is_nan() { y } else { refined }
}
