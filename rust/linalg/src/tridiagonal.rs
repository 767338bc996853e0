//! Eigenvectors of real symmetric tridiagonal matrices, divided so that several threads can conquer: Cuppen's method
//! (Numer. Math. 36, 1981) with the vectors of Gu and Eisenstat (SIAM J. Matrix Anal. Appl. 16, 1995).
//!
//! The matrix is torn into leaves, which faer decomposes; pairs of neighbours are joined until one is left.

use crate::layout::{by_columns, filled, workspace, zeros};
use crate::scalar::Scalar;
use crate::secular::Secular;
use crate::{Error, Run};
use faer::diag::{DiagMut, DiagRef};
use faer::dyn_stack::MemStack;
use faer::linalg::evd::{
    ComputeEigenvectors, SelfAdjointEvdParams, self_adjoint_evd_scratch, tridiagonal_self_adjoint_evd,
};
use faer::linalg::matmul::matmul;
use faer::reborrow::{Reborrow, ReborrowMut};
use faer::{Accum, Auto, MatMut, MatRef, Par, Spec};
use std::sync::{Mutex, PoisonError};

/// Rows of a leaf, at least.
const LEAF: usize = 96;
/// Eigenvectors that are worth a thread's attention.
const CHUNK: usize = 64;

/// Writes the eigenvalues of the matrix with `values` on its diagonal and `below` under it over `values`, ascending, and
/// the eigenvectors into the columns of `vectors`.
pub(crate) fn decompose<T: Scalar>(
    values: &mut [T],
    below: &[T],
    vectors: MatMut<'_, T>,
    run: Run,
) -> Result<(), Error> {
    let n = values.len();
    // faer makes what is below the diagonal of complex matrices real.
    let levels = if T::IS_REAL { (n / LEAF).clamp(1, 16).ilog2() } else { 0 };
    let mut width = n.div_ceil(1 << levels).max(1);
    let spare_columns = if levels == 0 { 0 } else { n };
    let mut spare = zeros(n, spare_columns)?;
    let spare = MatMut::from_column_major_slice_mut(&mut spare, n, spare_columns);
    // Each level reads what the one before wrote; the last writes to `vectors`.
    let (mut from, mut to) = if levels % 2 == 0 { (spare, vectors) } else { (vectors, spare) };
    for seam in (width..n).step_by(width) {
        let coupling = T::from_parts(below[seam - 1].size(), 0.0);
        values[seam - 1] -= coupling;
        values[seam] -= coupling;
    }
    leaves(values, below, to.rb_mut(), width, run)?;
    for _ in 0..levels {
        std::mem::swap(&mut from, &mut to);
        for start in (0..n).step_by(2 * width) {
            let end = n.min(start + 2 * width);
            let (from, to) =
                (from.rb_mut().get_mut(start..end, start..end), to.rb_mut().get_mut(start..end, start..end));
            join(&mut values[start..end], width, below[start + width - 1], from, to, run)?;
        }
        width *= 2;
    }
    Ok(())
}

/// Decomposes the blocks of so many rows on the diagonal.
fn leaves<T: Scalar>(
    values: &mut [T],
    below: &[T],
    vectors: MatMut<'_, T>,
    width: usize,
    run: Run,
) -> Result<(), Error> {
    // Smaller leaves of its own than faer's: 5 to 10 percent faster from 128 rows on.
    let params = Spec::new(SelfAdjointEvdParams { recursion_threshold: 64, ..Auto::<T>::auto() });
    let parts: Vec<Mutex<&mut [T]>> = values.chunks_mut(width).map(Mutex::new).collect();
    by_columns(vectors, width, run, |start, columns| {
        let n = columns.ncols();
        let mut memory = workspace(self_adjoint_evd_scratch::<T>(n, ComputeEigenvectors::Yes, Par::Seq, params))?;
        // Nobody else asks for this part.
        let mut values = parts[start / width].lock().unwrap_or_else(PoisonError::into_inner);
        let mut diagonal = filled(n, 1, T::ZERO)?;
        diagonal.copy_from_slice(&values);
        tridiagonal_self_adjoint_evd(
            DiagRef::from_slice(&diagonal),
            DiagRef::from_slice(&below[start..start + n]),
            DiagMut::from_slice_mut(&mut values),
            Some(columns.get_mut(start..start + n, ..)),
            Par::Seq,
            MemStack::new(&mut memory),
            params,
        )
        .map_err(|_| Error::NoConvergence)
    })
}

/// Two decomposed blocks become one, the second from row `seam` on, with `coupling` between them.
fn join<T: Scalar>(
    values: &mut [T],
    seam: usize,
    coupling: T,
    mut from: MatMut<'_, T>,
    to: MatMut<'_, T>,
    run: Run,
) -> Result<(), Error> {
    from.rb_mut().get_mut(..seam, seam..).fill(T::ZERO);
    from.rb_mut().get_mut(seam.., ..seam).fill(T::ZERO);
    let mut joint = Joint::new(values, seam, coupling, from.rb())?;
    joint.deflate(&mut from);
    let from = from.rb();
    let gather = |all: &[f64]| joint.kept.iter().map(|&i| all[i]).collect();
    let mut secular = Secular { poles: gather(&joint.values), weights: gather(&joint.weights), rho: joint.rho };
    let distances = secular.distances(run)?;
    let order = joint.order(secular.roots(&distances));
    secular.adjust(&distances)?;
    values.iter_mut().zip(&order).for_each(|(to, (value, _))| *to = T::from_parts(*value, 0.0));
    let halves = [Half::new(&joint, from.get(..seam, ..), 0)?, Half::new(&joint, from.get(seam.., ..), 1)?];
    by_columns(to, CHUNK, run, |start, mut columns| {
        let order = &order[start..start + columns.ncols()];
        let (top, bottom) = columns.rb_mut().split_at_row_mut(seam);
        for (half, rows) in halves.iter().zip([top, bottom]) {
            half.multiply(&secular, &distances, order, rows)?;
        }
        for (j, (_, origin)) in order.iter().enumerate() {
            if let Origin::Part(i) = *origin {
                columns.rb_mut().col_mut(j).copy_from(from.col(i));
            }
        }
        Ok(())
    })
}

/// Where an eigenvector of the joined matrix comes from: a root of the secular equation, or one of the parts.
#[derive(Clone, Copy)]
enum Origin {
    Root(usize),
    Part(usize),
}

/// The joined matrix in terms of the eigenvectors of its parts: `diag(values) + rho weights weights^T`.
struct Joint {
    values: Vec<f64>,
    weights: Vec<f64>,
    rho: f64,
    /// Whether an eigenvector has elements in the upper and in the lower part.
    sides: Vec<[bool; 2]>,
    /// The ones that are not yet eigenvectors of the whole, by ascending value.
    kept: Vec<usize>,
    /// How far off a value may be.
    tolerance: f64,
}

impl Joint {
    fn new<T: Scalar>(values: &[T], seam: usize, coupling: T, vectors: MatRef<'_, T>) -> Result<Self, Error> {
        let n = values.len();
        let (mut numbers, mut weights) = (filled(n, 1, 0.0)?, filled(n, 1, 0.0)?);
        let (coupling, rho) = (coupling.parts().0, 2.0 * coupling.size());
        for (j, (number, weight)) in numbers.iter_mut().zip(&mut weights).enumerate() {
            *number = values[j].parts().0;
            let end = if j < seam { vectors[(seam - 1, j)] } else { vectors[(seam, j)] }.parts().0;
            *weight = std::f64::consts::FRAC_1_SQRT_2 * if j < seam { end } else { end.copysign(end * coupling) };
        }
        let largest = numbers.iter().chain(&weights).fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let mut sides = filled(n, 1, [true, false])?;
        sides[seam..].fill([false, true]);
        let kept = Vec::new();
        Ok(Self { values: numbers, weights, rho, sides, kept, tolerance: 4.0 * T::EPSILON * largest })
    }

    /// Sorts out the eigenvectors that are such of the whole too, up to rounding: those without weight, and one of each
    /// two with nearly the same value, when they are turned so that the other has all the weight.
    fn deflate<T: Scalar>(&mut self, vectors: &mut MatMut<'_, T>) {
        let mut ascending: Vec<usize> = (0..self.values.len()).collect();
        ascending.sort_by(|&i, &j| self.values[i].total_cmp(&self.values[j]));
        for i in ascending {
            if self.rho * self.weights[i].abs() <= self.tolerance {
                continue;
            }
            let last = self.kept.last().copied();
            if last.is_some_and(|last| self.turn(last, i, vectors)) {
                self.kept.pop();
            }
            self.kept.push(i);
        }
    }

    /// Turns eigenvectors `i` and `j` in their plane so that `i` has no weight, if that changes the matrix by no more than
    /// rounding.
    fn turn<T: Scalar>(&mut self, i: usize, j: usize, vectors: &mut MatMut<'_, T>) -> bool {
        let size = self.weights[i].hypot(self.weights[j]);
        let (cosine, sine) = (self.weights[j] / size, self.weights[i] / size);
        let gap = self.values[j] - self.values[i];
        if (gap * cosine * sine).abs() > self.tolerance {
            return false;
        }
        (self.weights[i], self.weights[j]) = (0.0, size);
        (self.values[i], self.values[j]) = (
            self.values[i] * cosine * cosine + self.values[j] * sine * sine,
            self.values[i] * sine * sine + self.values[j] * cosine * cosine,
        );
        let number = |x: f64| T::from_parts(x, 0.0);
        for row in 0..vectors.nrows() {
            let (x, y) = (vectors[(row, i)], vectors[(row, j)]);
            vectors[(row, i)] = number(cosine) * x - number(sine) * y;
            vectors[(row, j)] = number(sine) * x + number(cosine) * y;
        }
        let sides = [0, 1].map(|half| self.sides[i][half] || self.sides[j][half]);
        (self.sides[i], self.sides[j]) = (sides, sides);
        true
    }

    /// All eigenvalues, ascending, given those that are roots.
    fn order(&self, roots: impl Iterator<Item = f64>) -> Vec<(f64, Origin)> {
        let mut order: Vec<(f64, Origin)> = (0..self.values.len()).map(|i| (self.values[i], Origin::Part(i))).collect();
        for (j, (root, &i)) in roots.zip(&self.kept).enumerate() {
            order[i] = (root, Origin::Root(j));
        }
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        order
    }
}

/// The rows of one part in the eigenvectors that are combined.
struct Half<T> {
    rows: usize,
    columns: Vec<T>,
    /// Which of the combined ones the columns are.
    places: Vec<usize>,
}

impl<T: Scalar> Half<T> {
    fn new(joint: &Joint, vectors: MatRef<'_, T>, half: usize) -> Result<Self, Error> {
        let rows = vectors.nrows();
        let places: Vec<usize> = (0..joint.kept.len()).filter(|&k| joint.sides[joint.kept[k]][half]).collect();
        let mut columns = zeros(rows, places.len())?;
        for (to, &k) in columns.chunks_mut(rows).zip(&places) {
            let from = vectors.col(joint.kept[k]);
            to.iter_mut().enumerate().for_each(|(row, x)| *x = from[row]);
        }
        Ok(Self { rows, columns, places })
    }

    /// Writes these rows of the eigenvectors in `order`, zeros where they are none of roots.
    fn multiply(
        &self,
        secular: &Secular,
        distances: &[f64],
        order: &[(f64, Origin)],
        out: MatMut<'_, T>,
    ) -> Result<(), Error> {
        let (k, width) = (secular.poles.len(), self.places.len());
        let (mut factors, mut vector) = (zeros::<T>(width, order.len())?, filled(k, 1, 0.0)?);
        for (column, (_, origin)) in factors.chunks_mut(width.max(1)).zip(order) {
            if let Origin::Root(j) = *origin {
                secular.vector(&distances[j * k..][..k], &mut vector);
                column.iter_mut().zip(&self.places).for_each(|(x, &place)| *x = T::from_parts(vector[place], 0.0));
            }
        }
        let (columns, factors) = (
            MatRef::from_column_major_slice(&self.columns, self.rows, width),
            MatRef::from_column_major_slice(&factors, width, order.len()),
        );
        matmul(out, Accum::Replace, columns, factors, T::ONE, Par::Seq);
        Ok(())
    }
}
