//! Buffers, and the way between row-major and column-major.

use crate::Error;
use crate::real::Element;
use faer::dyn_stack::{MemBuffer, StackReq};

/// A buffer of `rows * columns` zeros.
pub(crate) fn zeros<E: Element>(rows: usize, columns: usize) -> Result<Vec<E>, Error> {
    filled(rows, columns, E::ZERO)
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
pub(crate) fn transpose<E: Element>(source: &[E], rows: usize, columns: usize, target: &mut [E], map: impl Fn(E) -> E) {
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

/// # Panics
/// When a slice does not have one element for each place of its matrix.
pub(crate) fn check_length(operation: &str, length: usize, rows: usize, columns: usize) {
    assert!(
        rows.checked_mul(columns) == Some(length),
        "{operation}: a slice of {length} elements is not a {rows}x{columns} matrix"
    );
}
