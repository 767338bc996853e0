use crate::Error;
use crate::layout::{check_length, transpose, workspace, zeros};
use crate::real::{Element, Real, largest};
use faer::dyn_stack::MemStack;
use faer::linalg::cholesky::llt::factor::{LltError, cholesky_in_place, cholesky_in_place_scratch};
use faer::{MatMut, Par};

/// The lower triangular `L` with `A = L L^T`, for a symmetric positive definite `A` of which only the lower triangle is
/// read. The upper triangle of `out` is set to zero.
pub fn cholesky<T: Real>(a: &[T], n: usize, out: &mut [T]) -> Result<(), Error> {
    check_length("cholesky", a.len(), n, n);
    check_length("cholesky", out.len(), n, n);
    let (a, out) = (T::elements(a), T::elements_mut(out));
    // Column-major, the lower triangle of A is where a row-major copy has its upper one; faer is fastest on columns.
    let mut columns = zeros(n, n)?;
    let mut lower = zeros(n, n)?;
    for (row, (from, to)) in a.chunks(n.max(1)).zip(lower.chunks_mut(n.max(1))).enumerate() {
        to[..=row].copy_from_slice(&from[..=row]);
    }
    largest(&lower)?;
    transpose(&lower, n, n, &mut columns, |x| x);
    let mut memory = workspace(cholesky_in_place_scratch::<T::Element>(n, Par::Seq, Default::default()))?;
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
        entries[row + 1..].fill(T::Element::ZERO);
    }
    Ok(())
}
