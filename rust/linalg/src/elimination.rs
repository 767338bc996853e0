//! Elimination with row exchanges, by panels: what follows from a panel for the columns to its right is for several
//! threads.

use crate::layout::{by_columns, filled, workspace};
use crate::scalar::Scalar;
use crate::{Error, Run};
use faer::dyn_stack::MemStack;
use faer::linalg::lu::partial_pivoting::{factor, factor::PartialPivLuParams};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::solve_unit_lower_triangular_in_place;
use faer::perm::PermRef;
use faer::reborrow::{Reborrow, ReborrowMut};
use faer::{Accum, Auto, MatMut, Par, Spec};
use std::ops::Range;

/// Columns that are eliminated at once.
const PANEL: usize = 64;
/// Matrices with fewer rows or columns are one panel.
const LARGE: usize = 192;
/// Columns that are worth a thread's attention; a panel has a multiple of them.
const CHUNK: usize = 32;

/// Which rows an elimination took as its first, second and so on.
pub(crate) struct RowOrder {
    pub(crate) forward: Vec<usize>,
    inverse: Vec<usize>,
    /// Whether it is an odd permutation.
    pub(crate) odd: bool,
}

impl RowOrder {
    fn new(rows: usize, exchanges: &[usize]) -> Result<Self, Error> {
        let mut order = Self { forward: filled(rows, 1, 0)?, inverse: filled(rows, 1, 0)?, odd: false };
        order.forward.iter_mut().enumerate().for_each(|(i, row)| *row = i);
        for (i, &other) in exchanges.iter().enumerate() {
            order.forward.swap(i, other);
            order.odd ^= other != i;
        }
        for (i, &row) in order.forward.iter().enumerate() {
            order.inverse[row] = i;
        }
        Ok(order)
    }

    pub(crate) fn permutation(&self) -> PermRef<'_, usize> {
        PermRef::new_checked(&self.forward, &self.inverse, self.forward.len())
    }
}

/// Factors `a` with its rows exchanged into `L`, which has ones on its diagonal that are not stored, and `U`, both in
/// its place. Where no pivot is left that is not zero the factors are not finite.
pub(crate) fn eliminate<T: Scalar>(mut a: MatMut<'_, T>, run: Run) -> Result<RowOrder, Error> {
    let (m, n) = (a.nrows(), a.ncols());
    let k = m.min(n);
    let (width, most) = if k < LARGE { (n.max(1), n) } else { (PANEL, k) };
    let mut exchanges = filled(k, 1, 0)?;
    for start in (0..k).step_by(width) {
        let end = most.min(start + width);
        let (panel, right) = a.rb_mut().split_at_col_mut(end);
        let mut panel = panel.get_mut(start.., start..);
        let done = start..k.min(end);
        eliminate_panel(panel.rb_mut(), start, &mut exchanges[done.clone()])?;
        by_columns(right, CHUNK, run, |_, mut columns| {
            exchange(columns.rb_mut(), done.clone(), &exchanges);
            let (mut top, bottom) = columns.get_mut(start.., ..).split_at_row_mut(end - start);
            let (unit_lower, below) = panel.rb().split_at_row(end - start);
            solve_unit_lower_triangular_in_place(unit_lower, top.rb_mut(), Par::Seq);
            matmul(bottom, Accum::Add, below, top.rb(), -T::ONE, Par::Seq);
            Ok(())
        })?;
    }
    // What later panels exchanged, in the columns to their left.
    let last = k.saturating_sub(1) / width * width;
    by_columns(a.get_mut(.., ..last), CHUNK, run, |start, columns| {
        exchange(columns, (start / width + 1) * width..k, &exchanges);
        Ok(())
    })?;
    RowOrder::new(m, &exchanges)
}

/// Factors the rows of a panel from `start` on and notes which row each of them was exchanged with.
fn eliminate_panel<T: Scalar>(panel: MatMut<'_, T>, start: usize, exchanges: &mut [usize]) -> Result<(), Error> {
    let (m, n) = (panel.nrows(), panel.ncols());
    let (mut order, mut inverse) = (filled(m, 1, 0)?, filled(m, 1, 0)?);
    // faer's own, but for smaller leaves: as fast up to 64 rows and 5 to 10 percent faster from 256 on.
    let params = Spec::new(PartialPivLuParams { recursion_threshold: 8, ..Auto::<T>::auto() });
    let mut memory = workspace(factor::lu_in_place_scratch::<usize, T>(m, n, Par::Seq, params))?;
    factor::lu_in_place(panel, &mut order, &mut inverse, Par::Seq, MemStack::new(&mut memory), params);
    // Where each row is now, and which row is at each place.
    let (places, rows) = (&mut inverse, &mut filled(m, 1, 0)?);
    places.iter_mut().chain(rows.iter_mut()).zip((0..m).chain(0..m)).for_each(|(to, i)| *to = i);
    for (i, exchange) in exchanges.iter_mut().enumerate() {
        let place = places[order[i]];
        *exchange = start + place;
        places[rows[i]] = place;
        rows.swap(i, place);
    }
    Ok(())
}

/// Exchanges the rows `range` of each column, one after the other.
fn exchange<T: Scalar>(mut columns: MatMut<'_, T>, range: Range<usize>, exchanges: &[usize]) {
    for j in 0..columns.ncols() {
        let mut column = columns.rb_mut().col_mut(j);
        for i in range.clone() {
            let other = exchanges[i];
            (column[i], column[other]) = (column[other], column[i]);
        }
    }
}
