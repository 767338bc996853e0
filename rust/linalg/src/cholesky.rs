use crate::Error;
use crate::layout::{check_length, hermitian_lower, transpose, workspace, zeros};
use crate::scalar::Scalar;
use faer::dyn_stack::MemStack;
use faer::linalg::cholesky::llt::factor::{LltError, cholesky_in_place, cholesky_in_place_scratch};
use faer::{MatMut, Par};

/// The lower triangular `L` with `A = L L^H`, for a Hermitian positive definite `A` of which only the lower triangle is
/// read, and of its diagonal only the real part. The upper triangle of `out` is set to zero.
pub fn cholesky<T: Scalar>(a: &[T], n: usize, out: &mut [T]) -> Result<(), Error> {
    check_length("cholesky", a.len(), n, n);
    check_length("cholesky", out.len(), n, n);
    // faer is fastest on columns.
    let mut columns = zeros(n, n)?;
    transpose(&hermitian_lower(a, n)?, n, n, &mut columns, |x| x);
    let mut memory = workspace(cholesky_in_place_scratch::<T>(n, Par::Seq, Default::default()))?;
    cholesky_in_place(
        MatMut::from_column_major_slice_mut(&mut columns, n, n),
        Default::default(),
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .map_err(|LltError::NonPositivePivot { index }| Error::NotPositiveDefinite { minor: index + 1 })?;
    transpose(&columns, n, n, out, |x| x);
    for (row, entries) in out.chunks_mut(n.max(1)).enumerate() {
        entries[row + 1..].fill(T::ZERO);
    }
    Ok(())
}
