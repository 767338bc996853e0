use crate::layout::{by_columns, check_length, check_unit_columns, hermitian_lower, transpose, workspace, zeros};
use crate::scalar::{Scalar, unit_shift};
use crate::svd::with_retry;
use crate::{Error, Run};
use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::evd::tridiag::{tridiag_in_place, tridiag_in_place_scratch};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch as reflect_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj as reflect,
};
use faer::linalg::qr::no_pivoting::factor::recommended_block_size;
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::reborrow::{IntoConst, ReborrowMut};
use faer::{Conj, MatMut, MatRef, Par};

/// Eigenvectors that are worth a thread's attention.
const CHUNK: usize = 64;

/// Eigenvalues of a Hermitian matrix in ascending order, as numbers of its type, and its orthonormal eigenvectors as the
/// columns of the row-major `vectors`. Only the lower triangle of `A` is read, and of its diagonal only the real part.
/// `run` may use several threads.
pub fn eigh<T: Scalar>(a: &[T], n: usize, values: &mut [T], vectors: &mut [T], run: Run) -> Result<(), Error> {
    check_length("eigh", a.len(), n, n);
    check_length("eigh", values.len(), n, 1);
    check_length("eigh", vectors.len(), n, n);
    // faer's request for workspace underflows on an empty matrix.
    if n == 0 {
        return Ok(());
    }
    let (mut lower, mut columns) = (hermitian_lower(a, n)?, zeros(n, n)?);
    let shift = unit_shift(&lower)?;
    lower.iter_mut().for_each(|x| *x = x.shifted(shift));
    with_retry(&mut lower, |lower| {
        decompose(lower, values, &mut columns, run)?;
        check_unit_columns(&columns, n)
    })?;
    values.iter_mut().for_each(|x| *x = x.shifted(-shift));
    transpose(&columns, n, n, vectors, |x| x);
    Ok(())
}

/// Writes the eigenvalues, and the eigenvectors one after the other, of the matrix with this lower triangle.
fn decompose<T: Scalar>(lower: &[T], values: &mut [T], columns: &mut [T], run: Run) -> Result<(), Error> {
    let n = values.len();
    let block = recommended_block_size::<T>(n, n);
    let params = Default::default();
    let mut memory = workspace(StackReq::all_of(&[
        temp_mat_scratch::<T>(n, n),
        temp_mat_scratch::<T>(block, n - 1),
        tridiag_in_place_scratch::<T>(n, Par::Seq, params),
    ]))?;
    let (mut tridiagonal, stack) = temp_mat_zeroed::<T, _, _>(n, n, MemStack::new(&mut memory));
    let (mut factors, stack) = temp_mat_zeroed::<T, _, _>(block, n - 1, stack);
    let (mut tridiagonal, mut factors) = (tridiagonal.as_mat_mut(), factors.as_mat_mut());
    tridiagonal.copy_from_triangular_lower(MatRef::from_row_major_slice(lower, n, n));
    tridiag_in_place(tridiagonal.rb_mut(), factors.rb_mut(), Par::Seq, stack, params);
    let (tridiagonal, factors) = (tridiagonal.into_const(), factors.into_const());
    let mut below = zeros(n, 1)?;
    values.iter_mut().enumerate().for_each(|(i, x)| *x = tridiagonal[(i, i)]);
    below.iter_mut().take(n - 1).enumerate().for_each(|(i, x)| *x = tridiagonal[(i + 1, i)]);
    let mut vectors = MatMut::from_column_major_slice_mut(columns, n, n);
    crate::tridiagonal::decompose(values, &below, vectors.rb_mut(), run)?;
    let reflectors = tridiagonal.submatrix(1, 0, n - 1, n - 1);
    by_columns(vectors, CHUNK, run, |_, part| {
        let mut memory = workspace(reflect_scratch::<T>(n - 1, block, part.ncols()))?;
        let part = part.get_mut(1.., ..);
        reflect(reflectors, factors, Conj::No, part, Par::Seq, MemStack::new(&mut memory));
        Ok(())
    })
}
