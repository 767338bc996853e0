use crate::Error;
use crate::layout::{check_length, check_unit_columns, transpose, workspace, zeros};
use crate::scalar::{Scalar, unit_shift};
use faer::diag::DiagMut;
use faer::dyn_stack::MemStack;
use faer::linalg::svd::{ComputeSvdVectors, svd as faer_svd, svd_scratch};
use faer::{MatMut, MatRef, Par};

/// Runs an iteration on a matrix whose largest element is in [1, 2), and again if it does not succeed.
///
/// On elements a hundred orders of magnitude apart faer's iterations can stall, or give vectors that are not of unit
/// length. Dropping elements below epsilon^2 cures both and changes the matrix by far less than rounding does.
pub(crate) fn with_retry<T: Scalar>(
    matrix: &mut [T],
    mut attempt: impl FnMut(&[T]) -> Result<(), Error>,
) -> Result<(), Error> {
    match attempt(matrix) {
        Err(Error::NoConvergence) => {}
        outcome => return outcome,
    }
    let floor = T::EPSILON * T::EPSILON;
    matrix.iter_mut().for_each(|x| *x = x.map(|part| if part.abs() < floor { 0.0 } else { part }));
    attempt(matrix)
}

/// The `min(m, n)` singular values of an `m x n` matrix in descending order, as numbers of its type.
pub fn singular_values<T: Scalar>(a: &[T], m: usize, n: usize, out: &mut [T]) -> Result<(), Error> {
    check_length("singular_values", a.len(), m, n);
    check_length("singular_values", out.len(), m.min(n), 1);
    decompose(a, m, n, out, None)
}

/// The decomposition `A = U diag(s) V^H`; `s` descends. With `k = min(m, n)`, `u` is `m x k` and `vh` is `k x n`, or with
/// `full` they are square and unitary.
pub fn svd<T: Scalar>(
    a: &[T],
    m: usize,
    n: usize,
    full: bool,
    u: &mut [T],
    s: &mut [T],
    vh: &mut [T],
) -> Result<(), Error> {
    let k = m.min(n);
    let (left, right) = if full { (m, n) } else { (k, k) };
    check_length("svd", a.len(), m, n);
    check_length("svd", u.len(), m, left);
    check_length("svd", s.len(), k, 1);
    check_length("svd", vh.len(), right, n);
    let mut conjugate_u = zeros(m, left)?;
    // What comes out for the transpose are the conjugates of V and U in columns, and conj(V) in columns is V^H in rows.
    decompose(a, m, n, s, Some((&mut conjugate_u, left, vh, right)))?;
    transpose(&conjugate_u, left, m, u, T::conjugate);
    Ok(())
}

/// Decomposes the transpose, which a row-major matrix is in columns.
fn decompose<T: Scalar>(
    a: &[T],
    m: usize,
    n: usize,
    s: &mut [T],
    vectors: Option<(&mut [T], usize, &mut [T], usize)>,
) -> Result<(), Error> {
    let shift = unit_shift(a)?;
    let mut scaled = zeros(m, n)?;
    scaled.iter_mut().zip(a).for_each(|(to, from)| *to = from.shifted(shift));
    let compute = match &vectors {
        None => ComputeSvdVectors::No,
        Some((_, left, _, right)) if left == right && *left == m.min(n) => ComputeSvdVectors::Thin,
        Some(_) => ComputeSvdVectors::Full,
    };
    let mut memory = workspace(svd_scratch::<T>(n, m, compute, compute, Par::Seq, Default::default()))?;
    let (mut u, mut v) = vectors.map(|(u, left, v, right)| ((u, left), (v, right))).unzip();
    with_retry(&mut scaled, |scaled| {
        // faer takes some zeros of full matrices for granted.
        for (columns, _) in [&mut u, &mut v].into_iter().flatten() {
            columns.fill(T::ZERO);
        }
        faer_svd(
            MatRef::from_column_major_slice(scaled, n, m),
            DiagMut::from_slice_mut(s),
            v.as_mut().map(|(v, right)| MatMut::from_column_major_slice_mut(v, n, *right)),
            u.as_mut().map(|(u, left)| MatMut::from_column_major_slice_mut(u, m, *left)),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        )
        .map_err(|_| Error::NoConvergence)?;
        u.as_ref().map_or(Ok(()), |(u, _)| check_unit_columns(u, m))?;
        v.as_ref().map_or(Ok(()), |(v, _)| check_unit_columns(v, n))
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
        let mut attempt = |succeeds_at: usize, failure: Error| {
            seen.clear();
            let result = with_retry(&mut [1.5, 1e-31, -1e-40, 0.0], |matrix| {
                seen.push(matrix.to_vec());
                if seen.len() == succeeds_at { Ok(()) } else { Err(failure) }
            });
            (result, seen.last().cloned())
        };
        assert_eq!(attempt(1, Error::NoConvergence), (Ok(()), Some(vec![1.5, 1e-31, -1e-40, 0.0])));
        assert_eq!(attempt(2, Error::NoConvergence), (Ok(()), Some(vec![1.5, 1e-31, 0.0, 0.0])));
        assert_eq!(attempt(3, Error::NoConvergence).0, Err(Error::NoConvergence));
        assert_eq!(attempt(2, Error::OutOfMemory), (Err(Error::OutOfMemory), Some(vec![1.5, 1e-31, -1e-40, 0.0])));
    }
}
