use crate::elimination::{RowOrder, eliminate};
use crate::layout::{by_columns, check_length, filled, transpose, workspace, zeros};
use crate::scalar::{Scalar, largest, scaled, split, unit_shift};
use crate::{Error, Run};
use faer::dyn_stack::MemStack;
use faer::linalg::lu::partial_pivoting::{inverse as inverting, solve};
use faer::{MatMut, MatRef, Par};

/// The factors of the transpose of `A`, which a row-major matrix is in columns: it has the same pivots to offer, the same
/// determinant and the transposed inverse. Rows and columns of `A` with elements near the ends of the range are scaled
/// by powers of two first: what is factored is `2^rows[i] A[i, j] 2^columns[j]`.
pub(crate) struct Factors<T> {
    n: usize,
    lu: Vec<T>,
    pub(crate) order: RowOrder,
    pub(crate) rows: Vec<i32>,
    pub(crate) columns: Vec<i32>,
}

impl<T: Scalar> Factors<T> {
    pub(crate) fn new(a: &[T], n: usize, run: Run) -> Result<Self, Error> {
        largest(a)?;
        let mut lu = zeros(n, n)?;
        lu.copy_from_slice(a);
        let (mut rows, mut columns) = (Vec::new(), Vec::new());
        if a.chunks(1 << 6).any(|some| some.iter().fold(false, |any, &x| any | is_extreme(x))) {
            (rows, columns) = (filled(n, 1, 0)?, filled(n, 1, 0)?);
            equilibrate(&mut lu, n, &mut rows, &mut columns);
        }
        let order = eliminate(MatMut::from_column_major_slice_mut(&mut lu, n, n), run)?;
        Ok(Self { n, lu, order, rows, columns })
    }

    pub(crate) fn pivots(&self) -> impl Iterator<Item = T> {
        self.lu.iter().copied().step_by(self.n + 1)
    }

    /// Solving divides by the pivots through their reciprocals, which overflow below the smallest normal number.
    fn check_invertible(&self) -> Result<(), Error> {
        if self.pivots().all(|pivot| pivot.size() >= T::MIN_NORMAL) { Ok(()) } else { Err(Error::Singular) }
    }

    fn matrix(&self) -> MatRef<'_, T> {
        MatRef::from_column_major_slice(&self.lu, self.n, self.n)
    }
}

/// Whether products or reciprocals of such elements may leave the range.
fn is_extreme<T: Scalar>(x: T) -> bool {
    let bound = scaled(1.0, T::MAX_EXPONENT / 2);
    let size = x.size();
    (size != 0.0) & !((size >= 1.0 / bound) & (size < bound))
}

/// Scales every row, then every column, to a largest element in [1, 2).
fn equilibrate<T: Scalar>(a: &mut [T], n: usize, rows: &mut [i32], columns: &mut [i32]) {
    let shift = |largest: f64| {
        if largest == 0.0 { 0 } else { -split(largest).1 }
    };
    let larger = |largest: f64, x: &T| largest.max(x.size());
    for (row, power) in a.chunks_mut(n).zip(rows) {
        *power = shift(row.iter().fold(0.0, larger));
        row.iter_mut().for_each(|x| *x = x.shifted(*power));
    }
    for (j, power) in columns.iter_mut().enumerate() {
        *power = shift(a[j..].iter().step_by(n).fold(0.0, larger));
        a[j..].iter_mut().step_by(n).for_each(|x| *x = x.shifted(*power));
    }
    // Far below rounding, but as pivots they would have no reciprocal.
    let floor = scaled(T::MIN_NORMAL, T::MAX_EXPONENT / 4);
    a.iter_mut().filter(|x| x.size() < floor).for_each(|x| *x = T::ZERO);
}

/// An elimination that left the range of numbers on its way has no result.
fn check_result<T: Scalar>(out: &[T]) -> Result<(), Error> {
    let is_nan = |x: &T| x.parts().0.is_nan() || x.parts().1.is_nan();
    if out.iter().any(is_nan) { Err(Error::Singular) } else { Ok(()) }
}

/// Multiplies row `i` of a row-major matrix by `2^powers[i]`.
fn shift_rows<T: Scalar>(a: &mut [T], width: usize, powers: &[i32]) {
    for (row, &power) in a.chunks_mut(width.max(1)).zip(powers) {
        row.iter_mut().for_each(|x| *x = x.shifted(power));
    }
}

/// Columns of a right side that are worth a thread's attention.
const CHUNK: usize = 64;

/// The `n x nrhs` solution `X` of `A X = B`, some columns at a time: `run` may use several threads for them.
pub fn lu_solve<T: Scalar>(a: &[T], n: usize, b: &[T], nrhs: usize, out: &mut [T], run: Run) -> Result<(), Error> {
    check_length("lu_solve", a.len(), n, n);
    check_length("lu_solve", b.len(), n, nrhs);
    check_length("lu_solve", out.len(), n, nrhs);
    largest(b)?;
    let factors = Factors::new(a, n, run)?;
    factors.check_invertible()?;
    out.copy_from_slice(b);
    shift_rows(out, nrhs, &factors.rows);
    by_columns(MatMut::from_row_major_slice_mut(out, n, nrhs), CHUNK, run, |_, columns| {
        let mut memory = workspace(solve::solve_transpose_in_place_scratch::<usize, T>(n, columns.ncols(), Par::Seq))?;
        let (lu, order) = (factors.matrix(), factors.order.permutation());
        solve::solve_transpose_in_place(lu, lu, order, columns, Par::Seq, MemStack::new(&mut memory));
        Ok(())
    })?;
    shift_rows(out, nrhs, &factors.columns);
    check_result(out)
}

/// The inverse of `A`; `run` may use several threads.
pub fn inverse<T: Scalar>(a: &[T], n: usize, out: &mut [T], run: Run) -> Result<(), Error> {
    check_length("inverse", a.len(), n, n);
    check_length("inverse", out.len(), n, n);
    let factors = Factors::new(a, n, run)?;
    factors.check_invertible()?;
    let mut memory = workspace(inverting::inverse_scratch::<usize, T>(n, Par::Seq))?;
    inverting::inverse(
        MatMut::from_column_major_slice_mut(out, n, n),
        factors.matrix(),
        factors.matrix(),
        factors.order.permutation(),
        Par::Seq,
        MemStack::new(&mut memory),
    );
    for row in out.chunks_mut(n.max(1)) {
        row.iter_mut().zip(&factors.rows).for_each(|(x, &power)| *x = x.shifted(power));
    }
    shift_rows(out, n, &factors.columns);
    check_result(out)
}

/// The decomposition `A = P L U` of an `m x n` matrix by elimination with row exchanges, `k = min(m, n)`: `p` is an
/// `m x m` permutation matrix, `l` is `m x k` with ones on its diagonal, `u` is `k x n`.
/// `run` may use several threads.
pub fn lu<T: Scalar>(
    a: &[T],
    m: usize,
    n: usize,
    p: &mut [T],
    l: &mut [T],
    u: &mut [T],
    run: Run,
) -> Result<(), Error> {
    let k = m.min(n);
    check_length("lu", a.len(), m, n);
    check_length("lu", p.len(), m, m);
    check_length("lu", l.len(), m, k);
    check_length("lu", u.len(), k, n);
    let shift = unit_shift(a)?;
    let mut columns = zeros(m, n)?;
    transpose(a, m, n, &mut columns, |x| x.shifted(shift));
    let mut order = eliminate(MatMut::from_column_major_slice_mut(&mut columns, m, n), run)?.forward;
    // faer divides by a pivot of zero.
    if columns.iter().any(|x| !x.finite()) {
        transpose(a, m, n, &mut columns, |x| x.shifted(shift));
        eliminate_all(&mut columns, m, n, &mut order);
    }
    p.fill(T::ZERO);
    for (i, &from) in order.iter().enumerate() {
        p[from * m + i] = T::ONE;
    }
    for (index, x) in l.iter_mut().enumerate() {
        let (i, j) = (index / k, index % k);
        *x = match i.cmp(&j) {
            std::cmp::Ordering::Less => T::ZERO,
            std::cmp::Ordering::Equal => T::ONE,
            std::cmp::Ordering::Greater => columns[j * m + i],
        };
    }
    for (index, x) in u.iter_mut().enumerate() {
        let (i, j) = (index / n, index % n);
        *x = if i <= j { columns[j * m + i].shifted(-shift) } else { T::ZERO };
    }
    Ok(())
}

/// Elimination in columns that passes over a column without a pivot.
fn eliminate_all<T: Scalar>(a: &mut [T], m: usize, n: usize, order: &mut [usize]) {
    order.iter_mut().enumerate().for_each(|(i, place)| *place = i);
    for k in 0..m.min(n) {
        let pivot = (k..m).fold(k, |best, i| if a[k * m + i].size() > a[k * m + best].size() { i } else { best });
        if a[k * m + pivot] == T::ZERO {
            continue;
        }
        order.swap(k, pivot);
        (0..n).for_each(|j| a.swap(j * m + k, j * m + pivot));
        let inverse = faer::traits::math_utils::recip(&a[k * m + k]);
        for i in k + 1..m {
            let factor = a[k * m + i] * inverse;
            a[k * m + i] = factor;
            (k + 1..n).for_each(|j| a[j * m + i] -= factor * a[j * m + k]);
        }
    }
}
