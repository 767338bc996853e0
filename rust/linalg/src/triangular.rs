use crate::Error;
use crate::layout::check_length;
use crate::scalar::{Scalar, largest};
use faer::linalg::triangular_solve as solve;
use faer::{MatMut, MatRef, Par};

/// Which triangle of a matrix is read, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triangle {
    /// The upper triangle instead of the lower one.
    pub upper: bool,
    /// The diagonal is taken as ones and not read.
    pub unit: bool,
}

/// The `n x nrhs` solution `X` of `A X = B` for a triangular `A`.
pub fn solve_triangular<T: Scalar>(
    a: &[T],
    n: usize,
    triangle: Triangle,
    b: &[T],
    nrhs: usize,
    out: &mut [T],
) -> Result<(), Error> {
    check_length("solve_triangular", a.len(), n, n);
    check_length("solve_triangular", b.len(), n, nrhs);
    check_length("solve_triangular", out.len(), n, nrhs);
    largest(b)?;
    for (i, row) in a.chunks(n.max(1)).enumerate() {
        let skipped = usize::from(triangle.unit);
        let first = if triangle.upper { i + skipped } else { 0 };
        let last = if triangle.upper { n } else { i + 1 - skipped };
        largest(&row[first..last]).map_err(|error| error.offset_by(i * n + first))?;
        // faer divides through reciprocals, which overflow below the smallest normal number.
        if !triangle.unit && row[i].size() < T::MIN_NORMAL {
            return Err(Error::Singular);
        }
    }
    out.copy_from_slice(b);
    let (matrix, x) = (MatRef::from_row_major_slice(a, n, n), MatMut::from_row_major_slice_mut(out, n, nrhs));
    match (triangle.upper, triangle.unit) {
        (false, false) => solve::solve_lower_triangular_in_place(matrix, x, Par::Seq),
        (false, true) => solve::solve_unit_lower_triangular_in_place(matrix, x, Par::Seq),
        (true, false) => solve::solve_upper_triangular_in_place(matrix, x, Par::Seq),
        (true, true) => solve::solve_unit_upper_triangular_in_place(matrix, x, Par::Seq),
    }
    Ok(())
}
