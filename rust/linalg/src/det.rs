use crate::layout::{check_length, zeros};
use crate::lu::Factors;
use crate::scalar::{Scalar, scaled, split};
use crate::{Error, Run};

/// A determinant in the forms that callers want, in double precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Determinant<T> {
    /// Of modulus 1; 0 for a singular matrix, or NaN.
    pub sign: T,
    /// Logarithm of the magnitude; minus infinity for a singular matrix.
    pub logabsdet: f64,
    /// `sign * exp(logabsdet)`, from the product of the pivots, which does not overflow before the end.
    pub det: T,
}

/// The determinant of `A`; that of an empty matrix is 1. A NaN or infinity in `A` gives NaN; so may a
/// matrix whose elimination leaves the range of numbers, with elements hundreds of orders of magnitude apart.
/// `run` may use several threads.
pub fn lu_det<T: Scalar>(a: &[T], n: usize, run: Run) -> Result<Determinant<T::Wide>, Error> {
    check_length("lu_det", a.len(), n, n);
    // In double precision, in which no single precision matrix comes near the ends of the range.
    let mut wide: Vec<T::Wide> = zeros(n, n)?;
    wide.iter_mut().zip(a).for_each(|(to, from)| *to = from.convert());
    match Factors::new(&wide, n, run) {
        Ok(factors) => Ok(determinant(&factors)),
        Err(Error::NotFinite { .. }) => {
            let nan = T::Wide::from_parts(f64::NAN, f64::NAN);
            Ok(Determinant { sign: nan, logabsdet: f64::NAN, det: nan })
        }
        Err(error) => Err(error),
    }
}

fn determinant<W: Scalar>(factors: &Factors<W>) -> Determinant<W> {
    // The product is kept as sign * product * 2^exponent.
    let mut sign = if factors.order.odd { -W::ONE } else { W::ONE };
    let shifts = factors.rows.iter().chain(&factors.columns);
    let (mut product, mut exponent) = (1.0, -shifts.map(|&power| i64::from(power)).sum::<i64>());
    for pivot in factors.pivots() {
        if pivot == W::ZERO {
            return Determinant { sign: W::ZERO, logabsdet: f64::NEG_INFINITY, det: W::ZERO };
        }
        let shift = split(pivot.size()).1;
        let pivot = pivot.shifted(-shift);
        let modulus = modulus(pivot);
        sign *= pivot.map(|part| part / modulus);
        let (rest, carry) = split(product * modulus);
        product = rest;
        exponent += i64::from(shift) + i64::from(carry);
    }
    // Products of many numbers of modulus 1 drift.
    let drift = modulus(sign);
    let sign = sign.map(|part| part / drift);
    // Near a determinant of 1 the two terms would cancel.
    if product > std::f64::consts::SQRT_2 {
        product /= 2.0;
        exponent += 1;
    }
    let logabsdet = product.ln() + exponent as f64 * std::f64::consts::LN_2;
    // Far enough for any determinant beyond the range of numbers to end at infinity or zero.
    let magnitude = scaled(product, exponent.clamp(-2000, 2000) as i32);
    // A part that is zero stays so when the magnitude is infinite.
    Determinant { sign, logabsdet, det: sign.map(|part| if part == 0.0 { part } else { part * magnitude }) }
}

fn modulus<W: Scalar>(x: W) -> f64 {
    let (re, im) = x.parts();
    re.hypot(im)
}
