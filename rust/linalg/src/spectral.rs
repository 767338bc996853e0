use crate::Error;
use crate::layout::{check_length, transpose, workspace, zeros};
use crate::real::{Element, Real, largest, split};
use faer::diag::DiagMut;
use faer::dyn_stack::MemStack;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::svd::{ComputeSvdVectors, svd as faer_svd, svd_scratch};
use faer::{MatMut, MatRef, Par};

/// A power of two that brings the largest element to [1, 2). The iterations square elements, which must neither
/// overflow nor vanish.
fn unit_shift<E: Element>(a: &[E]) -> Result<i32, Error> {
    let largest = largest(a)?;
    Ok(if largest == E::ZERO { 0 } else { -split(largest.widen()).1 })
}

/// Runs an iteration on a matrix whose largest element is in [1, 2), and again if it does not succeed.
///
/// On elements a hundred orders of magnitude apart faer's iterations can stall, or give vectors that are not of unit
/// length. Dropping elements below epsilon^2 cures both and changes the matrix by far less than rounding does.
fn with_retry<E: Element>(matrix: &mut [E], mut succeeds: impl FnMut(&[E]) -> bool) -> Result<(), Error> {
    if succeeds(matrix) {
        return Ok(());
    }
    let floor = E::EPSILON * E::EPSILON;
    matrix.iter_mut().filter(|x| x.magnitude() < floor).for_each(|x| *x = E::ZERO);
    if succeeds(matrix) { Ok(()) } else { Err(Error::NoConvergence) }
}

/// Whether the columns have length 1, to half of the digits.
fn has_unit_columns<E: Element>(columns: &[E], height: usize) -> bool {
    let tolerance = E::EPSILON.widen().sqrt();
    columns.chunks(height.max(1)).all(|column| {
        let square: f64 = column.iter().map(|x| x.widen() * x.widen()).sum();
        (square - 1.0).abs() <= tolerance
    })
}

/// Eigenvalues of a symmetric matrix in ascending order, and its orthonormal eigenvectors as the columns of the
/// row-major `vectors`. Only the lower triangle of `A` is read.
pub fn eigh<T: Real>(a: &[T], n: usize, values: &mut [T], vectors: &mut [T]) -> Result<(), Error> {
    check_length("eigh", a.len(), n, n);
    check_length("eigh", values.len(), n, 1);
    check_length("eigh", vectors.len(), n, n);
    // faer's request for workspace underflows on an empty matrix.
    if n == 0 {
        return Ok(());
    }
    let (a, values, vectors) = (T::elements(a), T::elements_mut(values), T::elements_mut(vectors));
    let (mut lower, mut columns) = (zeros(n, n)?, zeros(n, n)?);
    for (row, (from, to)) in a.chunks(n).zip(lower.chunks_mut(n)).enumerate() {
        to[..=row].copy_from_slice(&from[..=row]);
    }
    let shift = unit_shift(&lower)?;
    lower.iter_mut().for_each(|x| *x = x.shifted(shift));
    let request = self_adjoint_evd_scratch::<T::Element>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    let mut memory = workspace(request)?;
    with_retry(&mut lower, |lower| {
        let result = self_adjoint_evd(
            MatRef::from_row_major_slice(lower, n, n),
            DiagMut::from_slice_mut(values),
            Some(MatMut::from_column_major_slice_mut(&mut columns, n, n)),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        );
        result.is_ok() && has_unit_columns(&columns, n)
    })?;
    values.iter_mut().for_each(|x| *x = x.shifted(-shift));
    transpose(&columns, n, n, vectors, |x| x);
    Ok(())
}

/// The `min(m, n)` singular values of an `m x n` matrix in descending order.
pub fn singular_values<T: Real>(a: &[T], m: usize, n: usize, out: &mut [T]) -> Result<(), Error> {
    check_length("singular_values", a.len(), m, n);
    check_length("singular_values", out.len(), m.min(n), 1);
    decompose(T::elements(a), m, n, T::elements_mut(out), None)
}

/// The thin decomposition `A = U diag(s) V^T` with `k = min(m, n)`: `u` is `m x k`, `vt` is `k x n`, `s` descends.
pub fn svd<T: Real>(a: &[T], m: usize, n: usize, u: &mut [T], s: &mut [T], vt: &mut [T]) -> Result<(), Error> {
    let k = m.min(n);
    check_length("svd", a.len(), m, n);
    check_length("svd", u.len(), m, k);
    check_length("svd", s.len(), k, 1);
    check_length("svd", vt.len(), k, n);
    let (a, u) = (T::elements(a), T::elements_mut(u));
    let (s, vt) = (T::elements_mut(s), T::elements_mut(vt));
    let mut u_columns = zeros(m, k)?;
    // The row-major `k x n` matrix V^T is V in columns.
    decompose(a, m, n, s, Some((&mut u_columns, vt)))?;
    transpose(&u_columns, k, m, u, |x| x);
    Ok(())
}

/// Decomposes the transpose, which a row-major matrix is in columns; `vectors` are U and V in columns.
fn decompose<E: Element>(
    a: &[E],
    m: usize,
    n: usize,
    s: &mut [E],
    vectors: Option<(&mut [E], &mut [E])>,
) -> Result<(), Error> {
    let k = m.min(n);
    let shift = unit_shift(a)?;
    let mut scaled = zeros(m, n)?;
    scaled.iter_mut().zip(a).for_each(|(to, from)| *to = from.shifted(shift));
    let compute = if vectors.is_some() { ComputeSvdVectors::Thin } else { ComputeSvdVectors::No };
    let mut memory = workspace(svd_scratch::<E>(n, m, compute, compute, Par::Seq, Default::default()))?;
    let (mut u, mut v) = vectors.unzip();
    with_retry(&mut scaled, |scaled| {
        let result = faer_svd(
            MatRef::from_column_major_slice(scaled, n, m),
            DiagMut::from_slice_mut(s),
            v.as_deref_mut().map(|v| MatMut::from_column_major_slice_mut(v, n, k)),
            u.as_deref_mut().map(|u| MatMut::from_column_major_slice_mut(u, m, k)),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        );
        result.is_ok()
            && u.as_deref().is_none_or(|u| has_unit_columns(u, m))
            && v.as_deref().is_none_or(|v| has_unit_columns(v, n))
    })?;
    s.iter_mut().for_each(|x| *x = x.shifted(-shift));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_tried_again_without_negligible_elements() {
        let mut seen = Vec::new();
        let mut attempt = |succeeds_at: usize| {
            seen.clear();
            let result = with_retry(&mut [1.5, 1e-31, -1e-40, 0.0], |matrix| {
                seen.push(matrix.to_vec());
                seen.len() == succeeds_at
            });
            (result, seen.last().cloned())
        };
        assert_eq!(attempt(1), (Ok(()), Some(vec![1.5, 1e-31, -1e-40, 0.0])));
        assert_eq!(attempt(2), (Ok(()), Some(vec![1.5, 1e-31, 0.0, 0.0])));
        assert_eq!(attempt(3).0, Err(Error::NoConvergence));
    }

    #[test]
    fn columns_that_are_not_of_unit_length_are_noticed() {
        assert!(has_unit_columns(&[0.6, 0.8, 1.0, 0.0], 2));
        assert!(!has_unit_columns(&[0.6, 0.8, 1.0, 0.05], 2));
        assert!(!has_unit_columns(&[0.6, 0.8, f64::NAN, 0.0], 2));
        assert!(has_unit_columns::<f32>(&[], 0));
    }
}
