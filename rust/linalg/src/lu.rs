use crate::Error;
use crate::layout::{check_length, filled, workspace, zeros};
use crate::real::{Element, Real, largest, split};
use faer::dyn_stack::MemStack;
use faer::linalg::lu::partial_pivoting::{factor, inverse as inverting, solve};
use faer::perm::PermRef;
use faer::{MatMut, MatRef, Par};

/// A determinant in the forms that callers want.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Determinant {
    /// 1, -1, 0 for a singular matrix, or NaN.
    pub sign: f64,
    /// Logarithm of the magnitude; minus infinity for a singular matrix.
    pub logabsdet: f64,
    /// `sign * exp(logabsdet)`, from the product of the pivots, which does not overflow before the end.
    pub det: f64,
}

/// The factors of the transpose of `A`, which a row-major matrix is in columns: it has the same pivots to offer, the same
/// determinant and the transposed inverse. Rows and columns of `A` with elements near the ends of the range are scaled
/// by powers of two first: what is factored is `2^rows[i] A[i, j] 2^columns[j]`.
struct Factors<E> {
    n: usize,
    lu: Vec<E>,
    order: Vec<usize>,
    inverse_order: Vec<usize>,
    odd: bool,
    rows: Vec<i32>,
    columns: Vec<i32>,
}

impl<E: Element> Factors<E> {
    fn new(a: &[E], n: usize) -> Result<Self, Error> {
        largest(a)?;
        let mut lu = zeros(n, n)?;
        lu.copy_from_slice(a);
        let (mut rows, mut columns) = (Vec::new(), Vec::new());
        if a.iter().any(|&x| is_extreme(x)) {
            (rows, columns) = (filled(n, 1, 0)?, filled(n, 1, 0)?);
            equilibrate(&mut lu, n, &mut rows, &mut columns);
        }
        let (mut order, mut inverse_order) = (filled(n, 1, 0)?, filled(n, 1, 0)?);
        let mut memory = workspace(factor::lu_in_place_scratch::<usize, E>(n, n, Par::Seq, Default::default()))?;
        let (info, _) = factor::lu_in_place(
            MatMut::from_column_major_slice_mut(&mut lu, n, n),
            &mut order,
            &mut inverse_order,
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        );
        let odd = info.transposition_count % 2 == 1;
        Ok(Self { n, lu, order, inverse_order, odd, rows, columns })
    }

    fn pivots(&self) -> impl Iterator<Item = E> {
        self.lu.iter().copied().step_by(self.n + 1)
    }

    /// Solving divides by the pivots through their reciprocals, which overflow below the smallest normal number.
    fn check_invertible(&self) -> Result<(), Error> {
        if self.pivots().all(|pivot| pivot.magnitude() >= E::MIN_NORMAL) { Ok(()) } else { Err(Error::Singular) }
    }

    fn matrix(&self) -> MatRef<'_, E> {
        MatRef::from_column_major_slice(&self.lu, self.n, self.n)
    }

    fn permutation(&self) -> PermRef<'_, usize> {
        PermRef::new_checked(&self.order, &self.inverse_order, self.n)
    }
}

/// Whether products or reciprocals of such elements may leave the range.
fn is_extreme<E: Element>(x: E) -> bool {
    let bound = E::MAX_EXPONENT / 2;
    x != E::ZERO && !(-bound..bound).contains(&split(x.magnitude().widen()).1)
}

/// Scales every row, then every column, to a largest element in [1, 2).
fn equilibrate<E: Element>(a: &mut [E], n: usize, rows: &mut [i32], columns: &mut [i32]) {
    let shift = |largest: E| {
        if largest == E::ZERO { 0 } else { -split(largest.widen()).1 }
    };
    let larger = |x: E, y: &E| if y.magnitude() > x { y.magnitude() } else { x };
    for (row, power) in a.chunks_mut(n).zip(rows) {
        *power = shift(row.iter().fold(E::ZERO, larger));
        row.iter_mut().for_each(|x| *x = x.shifted(*power));
    }
    for (j, power) in columns.iter_mut().enumerate() {
        *power = shift(a[j..].iter().step_by(n).fold(E::ZERO, larger));
        a[j..].iter_mut().step_by(n).for_each(|x| *x = x.shifted(*power));
    }
    // Far below rounding, but as pivots they would have no reciprocal.
    let floor = E::MIN_NORMAL.shifted(E::MAX_EXPONENT / 4);
    a.iter_mut().filter(|x| x.magnitude() < floor).for_each(|x| *x = E::ZERO);
}

/// An elimination that left the range of numbers on its way has no result.
fn check_result<E: Element>(out: &[E]) -> Result<(), Error> {
    if out.iter().any(|x| x.widen().is_nan()) { Err(Error::Singular) } else { Ok(()) }
}

/// Multiplies row `i` of a row-major matrix by `2^powers[i]`.
fn shift_rows<E: Element>(a: &mut [E], width: usize, powers: &[i32]) {
    for (row, &power) in a.chunks_mut(width.max(1)).zip(powers) {
        row.iter_mut().for_each(|x| *x = x.shifted(power));
    }
}

/// The `n x nrhs` solution `X` of `A X = B`.
pub fn lu_solve<T: Real>(a: &[T], n: usize, b: &[T], nrhs: usize, out: &mut [T]) -> Result<(), Error> {
    check_length("lu_solve", a.len(), n, n);
    check_length("lu_solve", b.len(), n, nrhs);
    check_length("lu_solve", out.len(), n, nrhs);
    let (a, b, out) = (T::elements(a), T::elements(b), T::elements_mut(out));
    largest(b)?;
    let factors = Factors::new(a, n)?;
    factors.check_invertible()?;
    out.copy_from_slice(b);
    shift_rows(out, nrhs, &factors.rows);
    let scratch = solve::solve_transpose_in_place_scratch::<usize, T::Element>(n, nrhs, Par::Seq);
    let mut memory = workspace(scratch)?;
    solve::solve_transpose_in_place(
        factors.matrix(),
        factors.matrix(),
        factors.permutation(),
        MatMut::from_row_major_slice_mut(out, n, nrhs),
        Par::Seq,
        MemStack::new(&mut memory),
    );
    shift_rows(out, nrhs, &factors.columns);
    check_result(out)
}

/// The inverse of `A`.
pub fn inverse<T: Real>(a: &[T], n: usize, out: &mut [T]) -> Result<(), Error> {
    check_length("inverse", a.len(), n, n);
    check_length("inverse", out.len(), n, n);
    let (a, out) = (T::elements(a), T::elements_mut(out));
    let factors = Factors::new(a, n)?;
    factors.check_invertible()?;
    let mut memory = workspace(inverting::inverse_scratch::<usize, T::Element>(n, Par::Seq))?;
    inverting::inverse(
        MatMut::from_column_major_slice_mut(out, n, n),
        factors.matrix(),
        factors.matrix(),
        factors.permutation(),
        Par::Seq,
        MemStack::new(&mut memory),
    );
    for row in out.chunks_mut(n.max(1)) {
        row.iter_mut().zip(&factors.rows).for_each(|(x, &power)| *x = x.shifted(power));
    }
    shift_rows(out, n, &factors.columns);
    check_result(out)
}

/// The determinant of `A`; that of an empty matrix is 1. A NaN or infinity in `A` gives NaN; so may a
/// matrix whose elimination leaves the range of numbers, with elements hundreds of orders of magnitude apart.
pub fn lu_det<T: Real>(a: &[T], n: usize) -> Result<Determinant, Error> {
    check_length("lu_det", a.len(), n, n);
    // In double precision, in which no float32 matrix comes near the ends of the range.
    let mut wide = zeros(n, n)?;
    wide.iter_mut().zip(T::elements(a)).for_each(|(to, from)| *to = from.widen());
    let factors = match Factors::<f64>::new(&wide, n) {
        Ok(factors) => factors,
        Err(Error::NotFinite { .. }) => {
            let nan = f64::NAN;
            return Ok(Determinant { sign: nan, logabsdet: nan, det: nan });
        }
        Err(error) => return Err(error),
    };
    let mut negative = factors.odd;
    let (mut product, mut exponent) =
        (1.0, -factors.rows.iter().chain(&factors.columns).map(|&power| i64::from(power)).sum::<i64>());
    for pivot in factors.pivots() {
        if pivot == 0.0 {
            return Ok(Determinant { sign: 0.0, logabsdet: f64::NEG_INFINITY, det: 0.0 });
        }
        negative ^= pivot < 0.0;
        let (pivot, shift) = split(pivot.abs());
        let (rest, carry) = split(product * pivot);
        product = rest;
        exponent += i64::from(shift) + i64::from(carry);
    }
    let sign = if negative { -1.0 } else { 1.0 };
    // Near a determinant of 1 the two terms would cancel.
    if product > std::f64::consts::SQRT_2 {
        product /= 2.0;
        exponent += 1;
    }
    let logabsdet = product.ln() + exponent as f64 * std::f64::consts::LN_2;
    // Far enough for any determinant beyond the range of numbers to end at infinity or zero.
    let magnitude = product.shifted(exponent.clamp(-2000, 2000) as i32);
    Ok(Determinant { sign, logabsdet, det: sign * magnitude })
}
