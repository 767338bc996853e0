//! Buffers, the way between row-major and column-major, and the columns of a matrix in parts.

use crate::scalar::Scalar;
use crate::{Error, Run};
use faer::MatMut;
use faer::dyn_stack::{MemBuffer, StackReq};
use std::sync::{Mutex, PoisonError};

/// A buffer of `rows * columns` zeros.
pub(crate) fn zeros<T: Scalar>(rows: usize, columns: usize) -> Result<Vec<T>, Error> {
    filled(rows, columns, T::ZERO)
}

pub(crate) fn filled<X: Copy>(rows: usize, columns: usize, value: X) -> Result<Vec<X>, Error> {
    let length = rows.checked_mul(columns).ok_or(Error::OutOfMemory)?;
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(length).map_err(|_| Error::OutOfMemory)?;
    buffer.resize(length, value);
    Ok(buffer)
}

pub(crate) fn workspace(request: StackReq) -> Result<MemBuffer, Error> {
    MemBuffer::try_new(request).map_err(|_| Error::OutOfMemory)
}

/// Writes `map(x)` of the row-major `rows x columns` matrix `source` transposed to `target`, tile by tile so that both
/// stay in cache.
pub(crate) fn transpose<T: Scalar>(source: &[T], rows: usize, columns: usize, target: &mut [T], map: impl Fn(T) -> T) {
    const TILE: usize = 16;
    for top in (0..rows).step_by(TILE) {
        for left in (0..columns).step_by(TILE) {
            for column in left..(left + TILE).min(columns) {
                for row in top..(top + TILE).min(rows) {
                    target[column * rows + row] = map(source[row * columns + column]);
                }
            }
        }
    }
}

/// Calls `work` with the columns of `matrix`, `width` of them at a time, and with the number of the first: `run` may use
/// several threads for that. Returns an error if one of the calls does.
pub(crate) fn by_columns<T: Scalar>(
    matrix: MatMut<'_, T>,
    width: usize,
    run: Run,
    work: impl Fn(usize, MatMut<'_, T>) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let mut parts = Vec::new();
    let mut rest = matrix;
    while rest.ncols() > 0 {
        let some = width.min(rest.ncols());
        let (part, others) = rest.split_at_col_mut(some);
        parts.push(Mutex::new(Some(part)));
        rest = others;
    }
    let outcome = Mutex::new(Ok(()));
    run(parts.len(), &|i| {
        // Nobody else asks for this part.
        let part = parts[i].lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = part.map(|part| work(i * width, part)) {
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The lower triangle of a Hermitian matrix, with zeros above: of its diagonal only the real part counts.
pub(crate) fn hermitian_lower<T: Scalar>(a: &[T], n: usize) -> Result<Vec<T>, Error> {
    let mut lower = zeros(n, n)?;
    for (row, (from, to)) in a.chunks(n.max(1)).zip(lower.chunks_mut(n.max(1))).enumerate() {
        to[..=row].copy_from_slice(&from[..=row]);
    }
    crate::scalar::largest(&lower)?;
    lower.iter_mut().step_by(n + 1).for_each(|x| *x = T::from_parts(x.parts().0, 0.0));
    Ok(lower)
}

/// An iteration whose columns do not have length 1, to half of the digits, went astray.
pub(crate) fn check_unit_columns<T: Scalar>(columns: &[T], height: usize) -> Result<(), Error> {
    let tolerance = T::EPSILON.sqrt();
    let is_unit = |column: &[T]| {
        let square: f64 = column.iter().map(|x| x.square()).sum();
        (square - 1.0).abs() <= tolerance
    };
    if columns.chunks(height.max(1)).all(is_unit) { Ok(()) } else { Err(Error::NoConvergence) }
}

/// # Panics
/// When a slice does not have one element for each place of its matrix.
pub(crate) fn check_length(operation: &str, length: usize, rows: usize, columns: usize) {
    assert!(
        rows.checked_mul(columns) == Some(length),
        "{operation}: a slice of {length} elements is not a {rows}x{columns} matrix"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_are_not_of_unit_length_are_noticed() {
        assert!(check_unit_columns(&[0.6, 0.8, 1.0, 0.0], 2).is_ok());
        assert!(check_unit_columns(&[0.6, 0.8, 1.0, 0.05], 2).is_err());
        assert!(check_unit_columns(&[0.6, 0.8, f64::NAN, 0.0], 2).is_err());
        assert!(check_unit_columns::<f32>(&[], 0).is_ok());
    }
}
