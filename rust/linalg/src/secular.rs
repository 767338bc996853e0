//! Eigenvalues of a diagonal matrix with a term of rank one: the roots of a secular equation.

use crate::layout::{by_columns, filled, zeros};
use crate::{Error, Run};
use faer::MatMut;
use faer::reborrow::ReborrowMut;
use std::ops::Range;

/// Roots that are worth a thread's attention.
const CHUNK: usize = 16;
/// Far more steps than any root was seen to need.
const MAX_STEPS: usize = 200;

/// `diag(poles) + rho w w^T` with ascending poles, all different, and positive `rho w[i]^2`.
pub(crate) struct Secular {
    pub(crate) poles: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) rho: f64,
}

/// `1 + rho sum(w[i]^2 / (poles[i] - x))` at a place: the sums over the poles below and above it, and their derivatives.
struct Value {
    below: f64,
    above: f64,
    slope_below: f64,
    slope_above: f64,
}

impl Value {
    fn total(&self) -> f64 {
        1.0 + self.below + self.above
    }

    /// Whether rounding alone could have made it: of the sums, and of the distance `x` to the nearest pole.
    fn is_zero(&self, x: f64) -> bool {
        let sums = 8.0 * (1.0 + self.below.abs() + self.above.abs());
        self.total().abs() <= f64::EPSILON * (sums + x.abs() * (self.slope_below + self.slope_above))
    }

    /// The step to the root of a function with this value and these slopes, and with the two nearest poles at `below` and
    /// `above`.
    fn step(&self, below: f64, above: f64) -> f64 {
        let (value, slope) = (self.total(), self.slope_below + self.slope_above);
        let a = (below + above) * value - below * above * slope;
        let b = below * above * value;
        let c = value - below * self.slope_below - above * self.slope_above;
        let root = (a * a - 4.0 * b * c).max(0.0).sqrt();
        let step = if a <= 0.0 { (a - root) / (2.0 * c) } else { 2.0 * b / (a + root) };
        if value * step < 0.0 { step } else { -value / slope }
    }

    /// The same with one pole, at `below`.
    fn step_from_last(&self, below: f64) -> f64 {
        let slope = self.slope_below + self.slope_above;
        slope * below * below / (self.total() - slope * below) + below
    }
}

impl Secular {
    /// `poles[i] - roots[j]` at `i + j * k`, exact to the last digits: one eigenvalue lies between each pole and the next,
    /// and one beyond the last.
    pub(crate) fn distances(&self, run: Run) -> Result<Vec<f64>, Error> {
        let k = self.poles.len();
        let mut distances = zeros::<f64>(k, k)?;
        by_columns(MatMut::from_column_major_slice_mut(&mut distances, k, k), CHUNK, run, |start, mut columns| {
            for j in 0..columns.ncols() {
                if let Some(column) = columns.rb_mut().col_mut(j).try_as_col_major_mut() {
                    self.solve(start + j, column.as_slice_mut());
                }
            }
            Ok(())
        })?;
        Ok(distances)
    }

    /// The eigenvalues, ascending.
    pub(crate) fn roots<'a>(&'a self, distances: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let k = self.poles.len();
        distances.chunks(k.max(1)).enumerate().map(move |(j, column)| {
            let is_above_nearer = j + 1 < k && column[j + 1].abs() < column[j].abs();
            let nearest = if is_above_nearer { j + 1 } else { j };
            self.poles[nearest] - column[nearest]
        })
    }

    /// Writes the eigenvector, of norm 1, that belongs to a column of distances.
    pub(crate) fn vector(&self, distances: &[f64], out: &mut [f64]) {
        for (x, (weight, distance)) in out.iter_mut().zip(self.weights.iter().zip(distances)) {
            *x = weight / distance;
        }
        let norm = out.iter().map(|x| x * x).sum::<f64>().sqrt();
        out.iter_mut().for_each(|x| *x /= norm);
    }

    /// The weights for which the computed roots are the exact ones: eigenvectors made of these are orthogonal.
    pub(crate) fn adjust(&mut self, distances: &[f64]) -> Result<(), Error> {
        let k = self.poles.len();
        let mut products = filled(k, 1, -1.0)?;
        for (j, column) in distances.chunks(k.max(1)).enumerate() {
            for (i, product) in products.iter_mut().enumerate() {
                let gap = if i == j { self.rho } else { self.poles[i] - self.poles[j] };
                *product *= column[i] / gap;
            }
        }
        for (weight, product) in self.weights.iter_mut().zip(&products) {
            *weight = product.abs().sqrt().copysign(*weight);
        }
        Ok(())
    }

    /// The root above pole `j`, as the distances of all poles from it.
    fn solve(&self, j: usize, distances: &mut [f64]) {
        let is_last = j + 1 == self.poles.len();
        let width = if is_last {
            self.rho * self.weights.iter().map(|w| w * w).sum::<f64>()
        } else {
            self.poles[j + 1] - self.poles[j]
        };
        let from = |origin: usize, distances: &mut [f64]| {
            distances.iter_mut().zip(&self.poles).for_each(|(to, pole)| *to = pole - self.poles[origin]);
        };
        from(j, distances);
        let middle = width / 2.0;
        let is_beyond = self.value(j, distances, middle).total() < 0.0;
        // From the nearer pole, so that the distance to it has all digits.
        let (mut low, mut high, mut x) = match (is_beyond, is_last) {
            (false, _) => (0.0, middle, middle),
            (true, true) => (middle, width, middle),
            (true, false) => (-middle, 0.0, -middle),
        };
        if is_beyond && !is_last {
            from(j + 1, distances);
        }
        for _ in 0..MAX_STEPS {
            let value = self.value(j, distances, x);
            if value.is_zero(x) {
                break;
            }
            if value.total() < 0.0 {
                low = x
            } else {
                high = x
            }
            let below = distances[j] - x;
            let next = x + match distances.get(j + 1) {
                Some(above) => value.step(below, above - x),
                None => value.step_from_last(below),
            };
            let next = if low < next && next < high { next } else { between(low, high) };
            if (next - x).abs() <= f64::EPSILON * x.abs() {
                break;
            }
            x = next;
        }
        distances.iter_mut().for_each(|distance| *distance -= x);
    }

    /// The function at `x`, which is `distances[i] - x` away from the poles, above pole `j` and below the next.
    fn value(&self, j: usize, distances: &[f64], x: f64) -> Value {
        let sums = |range: Range<usize>| {
            // Four sums beside each other, so that they are computed at once.
            let (mut values, mut slopes) = ([0.0; 4], [0.0; 4]);
            for (weights, distances) in self.weights[range.clone()].chunks(4).zip(distances[range].chunks(4)) {
                for (i, (weight, distance)) in weights.iter().zip(distances).enumerate() {
                    let inverse = 1.0 / (distance - x);
                    let term = weight * weight * inverse;
                    values[i] += term;
                    slopes[i] += term * inverse;
                }
            }
            (self.rho * values.iter().sum::<f64>(), self.rho * slopes.iter().sum::<f64>())
        };
        let ((below, slope_below), (above, slope_above)) = (sums(0..j + 1), sums(j + 1..distances.len()));
        Value { below, above, slope_below, slope_above }
    }
}

/// A place between two, nearer to the pole at 0 if that is one of them.
fn between(low: f64, high: f64) -> f64 {
    match (low, high) {
        (0.0, high) => high / 8.0,
        (low, 0.0) => low / 8.0,
        (low, high) => low + (high - low) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn largest_product(secular: &Secular, distances: &[f64]) -> f64 {
        let k = secular.poles.len();
        let mut vectors = vec![0.0; k * k];
        vectors.chunks_mut(k).zip(distances.chunks(k)).for_each(|(vector, column)| secular.vector(column, vector));
        let product = |i: usize, j: usize| -> f64 {
            vectors[i * k..][..k].iter().zip(&vectors[j * k..][..k]).map(|(x, y)| x * y).sum()
        };
        (0..k).flat_map(|i| (0..i).map(move |j| (i, j))).fold(0.0, |most, (i, j)| most.max(product(i, j).abs()))
    }

    #[test]
    fn roots_interlace_and_adjusted_vectors_are_orthogonal_however_close_the_poles() {
        let k = 40;
        for gap in [1.0, 1e-6, 1e-13] {
            let weights: Vec<f64> = (0..k).map(|i| 10f64.powi(-(i * 5 % 7))).collect();
            let poles: Vec<f64> = (0..k).map(|i| 1.0 + gap * f64::from(i)).collect();
            let mut secular = Secular { poles, weights, rho: 0.5 };
            let distances = secular.distances(&|count, work| (0..count).rev().for_each(work)).unwrap();
            let k = k as usize;
            for (place, distance) in distances.iter().enumerate() {
                assert_eq!(place % k > place / k, *distance > 0.0, "pole {} and root {}", place % k, place / k);
            }
            // The trace of the matrix.
            let squares: f64 = secular.weights.iter().map(|w| w * w).sum();
            let expected = secular.poles.iter().sum::<f64>() + secular.rho * squares;
            let found: f64 = secular.roots(&distances).sum();
            assert!((found - expected).abs() <= 1e-14 * expected, "{found} is not {expected}");
            let before = secular.weights.clone();
            secular.adjust(&distances).unwrap();
            let product = largest_product(&secular, &distances);
            assert!(product < 2e-15, "a product of {product}");
            // Roots to full precision belong to weights that are nearly the given ones.
            let changes = secular.weights.iter().zip(&before).map(|(after, before)| (after / before - 1.0).abs());
            assert!(changes.fold(0.0, f64::max) < 1e-12);
        }
    }
}
