use crate::Error;
use crate::layout::{check_length, workspace};
use crate::scalar::{Scalar, largest};
use faer::dyn_stack::MemStack;
use faer::linalg::cholesky::llt::factor::{LltError, cholesky_in_place, cholesky_in_place_scratch};
use faer::{MatMut, Par};

/// The lower triangular `L` with `A = L L^H`, for a Hermitian positive definite `A` of which only the lower triangle is
/// read, and of its diagonal only the real part. The upper triangle of `out` is set to zero.
pub fn cholesky<T: Scalar>(a: &[T], n: usize, out: &mut [T]) -> Result<(), Error> {
    check_length("cholesky", a.len(), n, n);
    check_length("cholesky", out.len(), n, n);
    for (row, entries) in a.chunks(n.max(1)).enumerate() {
        largest(&entries[..=row]).map_err(|error| error.offset_by(row * n))?;
    }
    // faer is fastest on columns.
    lower_places(n, |i, j| out[j * n + i] = a[i * n + j]);
    out.iter_mut().step_by(n + 1).for_each(|x| *x = T::from_parts(x.parts().0, 0.0));
    let mut memory = workspace(cholesky_in_place_scratch::<T>(n, Par::Seq, Default::default()))?;
    cholesky_in_place(
        MatMut::from_column_major_slice_mut(out, n, n),
        Default::default(),
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .map_err(|LltError::NonPositivePivot { index }| Error::NotPositiveDefinite { minor: index + 1 })?;
    lower_places(n, |i, j| out[i * n + j] = std::mem::replace(&mut out[j * n + i], T::ZERO));
    Ok(())
}

/// Calls `f` with the row and the column of each place below the diagonal and on it, tile by tile so that a place and its
/// mirror image both stay in cache.
fn lower_places(n: usize, mut f: impl FnMut(usize, usize)) {
    const TILE: usize = 16;
    for top in (0..n).step_by(TILE) {
        for left in (0..=top).step_by(TILE) {
            for i in top..(top + TILE).min(n) {
                for j in left..(left + TILE).min(i + 1) {
                    f(i, j);
                }
            }
        }
    }
}
