//! The exponential of matrices.

use super::{solve, square_shape};
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::derived::times;
use crate::ops::matmul::{identity, matmul};
use crate::ops::reduce::{Extreme, extreme};
use crate::tensor::Tensor;

/// Coefficients of the diagonal Pade approximant of degree 13.
const PADE: [f64; 14] = [
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0,
];

/// Up to this 1-norm the approximant is exact to double precision.
const NORM: f64 = 5.371920351148152;

/// `exp(A)` by scaling and squaring (Higham 2005). Its derivative is that of the composition.
pub fn matrix_exp(a: &Tensor) -> Result<Tensor> {
    const OP: &str = "linalg.matrix_exp";
    let (_, n) = square_shape(OP, a)?;
    if a.numel() == 0 {
        return ops::clone(a);
    }
    let sums = ops::sum(&ops::abs(&a.detach())?, Some(&[-2]), false, None)?;
    let norm = extreme(Extreme::Max, &sums, None, false)?.array().first().as_f64();
    if !norm.is_finite() {
        return Err(Error::linalg(OP, "the matrix has a NaN or an infinity, or its norm overflows"));
    }
    let squarings = (norm / NORM).log2().ceil().max(0.0) as i32;
    let a = times(a, 0.5f64.powi(squarings))?;
    let one = identity(n, a.dtype())?;
    let a2 = matmul(&a, &a)?;
    let a4 = matmul(&a2, &a2)?;
    let a6 = matmul(&a4, &a2)?;
    let combine = |c: [f64; 3]| -> Result<Tensor> {
        ops::add(&ops::add(&times(&a6, c[0])?, &times(&a4, c[1])?)?, &times(&a2, c[2])?)
    };
    // The odd or the even powers: high ones by way of A^6, low ones and the constant.
    let half = |first: usize| -> Result<Tensor> {
        let high = matmul(&a6, &combine([PADE[first + 12], PADE[first + 10], PADE[first + 8]])?)?;
        let low = combine([PADE[first + 6], PADE[first + 4], PADE[first + 2]])?;
        ops::add(&ops::add(&high, &low)?, &times(&one, PADE[first])?)
    };
    let (odd, even) = (matmul(&a, &half(1)?)?, half(0)?);
    let mut result = solve(&ops::sub(&even, &odd)?, &ops::add(&even, &odd)?)?;
    for _ in 0..squarings {
        result = matmul(&result, &result)?;
    }
    Ok(result)
}
