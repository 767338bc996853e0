use crate::Error;
use crate::layout::{check_length, transpose, workspace, zeros};
use crate::scalar::{Scalar, unit_shift};
use crate::svd::with_retry;
use faer::diag::DiagMut;
use faer::dyn_stack::MemStack;
use faer::linalg::evd::{ComputeEigenvectors, EvdParams, evd_cplx, evd_real, evd_scratch};
use faer::traits::RealField;
use faer::{Auto, MatMut, MatRef, Par, Spec};
use num_complex::Complex;

/// Eigenvalues of a square matrix, in no particular order, and its right eigenvectors as the columns of the row-major
/// `vectors`: of norm 1, the largest element real and positive. The values of a matrix without imaginary parts are real
/// or conjugate pairs, one after the other, exactly, and so are its vectors.
pub fn eig<R: RealField + Scalar<Wide = f64>>(
    a: &[Complex<R>],
    n: usize,
    values: &mut [Complex<R>],
    vectors: Option<&mut [Complex<R>]>,
) -> Result<(), Error>
where
    Complex<R>: Scalar,
{
    check_length("eig", a.len(), n, n);
    check_length("eig", values.len(), n, 1);
    if let Some(vectors) = &vectors {
        check_length("eig", vectors.len(), n, n);
    }
    let shift = unit_shift(a)?;
    let mut scaled = zeros(n, n)?;
    scaled.iter_mut().zip(a).for_each(|(to, from): (&mut Complex<R>, _)| *to = from.shifted(shift));
    let powers = balance(&mut scaled, n)?;
    let mut columns = if vectors.is_some() { Some(zeros(n, n)?) } else { None };
    let is_real = a.iter().all(|x| x.im == R::ZERO);
    let mut attempts = 0;
    with_retry(&mut scaled, |scaled| {
        attempts += 1;
        let columns = columns.as_deref_mut();
        if is_real {
            of_real(scaled, n, attempts > 1, values, columns)
        } else {
            of_complex(scaled, n, attempts > 1, values, columns)
        }
    })?;
    values.iter_mut().for_each(|x| *x = x.shifted(-shift));
    if let (Some(mut columns), Some(vectors)) = (columns, vectors) {
        for column in columns.chunks_mut(n.max(1)) {
            column.iter_mut().zip(&powers).for_each(|(x, &power)| *x = x.shifted(power));
            normalize(column);
        }
        transpose(&columns, n, n, vectors, |x| x);
    }
    Ok(())
}

/// Scales rows and columns by powers of two, `2^-powers[i] A[i, j] 2^powers[j]`, until the norms of a row and its column
/// are alike, as Parlett and Reinsch do: eigenvalues of badly scaled matrices gain digits.
fn balance<T: Scalar>(a: &mut [T], n: usize) -> Result<Vec<i32>, Error> {
    let mut powers = crate::layout::filled(n, 1, 0)?;
    for _ in 0..20 {
        let mut done = true;
        for i in 0..n {
            let sum = |places: &mut dyn Iterator<Item = usize>| -> f64 {
                places.map(|place| a[place].square()).sum::<f64>().sqrt()
            };
            let column = sum(&mut (0..n).filter(|&j| j != i).map(|j| j * n + i));
            let row = sum(&mut (0..n).filter(|&j| j != i).map(|j| i * n + j));
            if column < 1e-30 || row < 1e-30 {
                continue;
            }
            let power = ((row / column).log2() / 2.0).round();
            let factor = power.exp2();
            if power == 0.0 || column * factor + row / factor >= 0.95 * (column + row) {
                continue;
            }
            done = false;
            powers[i] += power as i32;
            for j in (0..n).filter(|&j| j != i) {
                a[j * n + i] = a[j * n + i].shifted(power as i32);
                a[i * n + j] = a[i * n + j].shifted(-power as i32);
            }
        }
        if done {
            break;
        }
    }
    Ok(powers)
}

/// faer's parameters; `plainly` without the blocked iteration.
fn parameters<T: Scalar>(plainly: bool) -> Spec<EvdParams, T> {
    let mut parameters = <EvdParams as Auto<T>>::auto();
    if plainly {
        parameters.schur.blocking_threshold = usize::MAX;
    }
    Spec::new(parameters)
}

fn wanted(yes: bool) -> ComputeEigenvectors {
    if yes { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No }
}

fn of_complex<R: RealField + Scalar<Wide = f64>>(
    a: &[Complex<R>],
    n: usize,
    plainly: bool,
    values: &mut [Complex<R>],
    mut vectors: Option<&mut [Complex<R>]>,
) -> Result<(), Error>
where
    Complex<R>: Scalar,
{
    let (parameters, want) = (parameters::<Complex<R>>(plainly), wanted(vectors.is_some()));
    let request = evd_scratch::<Complex<R>>(n, ComputeEigenvectors::No, want, Par::Seq, parameters);
    let mut memory = workspace(request)?;
    evd_cplx::<R>(
        MatRef::from_row_major_slice(a, n, n),
        DiagMut::from_slice_mut(values),
        None,
        vectors.as_deref_mut().map(|v| MatMut::from_column_major_slice_mut(v, n, n)),
        Par::Seq,
        MemStack::new(&mut memory),
        parameters,
    )
    .map_err(|_| Error::NoConvergence)?;
    check(a, n, values, vectors)
}

fn of_real<R: RealField + Scalar<Wide = f64>>(
    a: &[Complex<R>],
    n: usize,
    plainly: bool,
    values: &mut [Complex<R>],
    vectors: Option<&mut [Complex<R>]>,
) -> Result<(), Error>
where
    Complex<R>: Scalar,
{
    let (parameters, want) = (parameters::<R>(plainly), wanted(vectors.is_some()));
    let mut real = zeros::<R>(n, n)?;
    real.iter_mut().zip(a).for_each(|(to, from)| *to = from.re);
    let (mut re, mut im) = (zeros::<R>(n, 1)?, zeros::<R>(n, 1)?);
    let mut columns = if vectors.is_some() { zeros::<R>(n, n)? } else { Vec::new() };
    let request = evd_scratch::<R>(n, ComputeEigenvectors::No, want, Par::Seq, parameters);
    let mut memory = workspace(request)?;
    evd_real::<R>(
        MatRef::from_row_major_slice(&real, n, n),
        DiagMut::from_slice_mut(&mut re),
        DiagMut::from_slice_mut(&mut im),
        None,
        vectors.is_some().then(|| MatMut::from_column_major_slice_mut(&mut columns, n, n)),
        Par::Seq,
        MemStack::new(&mut memory),
        parameters,
    )
    .map_err(|_| Error::NoConvergence)?;
    // A pair is x + iy and its conjugate: one column of real parts, one of imaginary parts.
    let mut out = vectors;
    let mut j = 0;
    while j < n {
        values[j] = Complex { re: re[j], im: im[j] };
        if im[j] == R::ZERO || j + 1 == n {
            if let Some(out) = out.as_deref_mut() {
                for i in j * n..(j + 1) * n {
                    out[i] = Complex { re: columns[i], im: R::ZERO };
                }
            }
            j += 1;
            continue;
        }
        values[j + 1] = Scalar::conjugate(values[j]);
        if let Some(out) = out.as_deref_mut() {
            for i in j * n..(j + 1) * n {
                let x = Complex { re: columns[i], im: columns[i + n] };
                (out[i], out[i + n]) = (x, Scalar::conjugate(x));
            }
        }
        j += 2;
    }
    check(a, n, values, out)
}

/// Back-substitution overflows where eigenvalues coincide and eigenvectors are missing. Then the vector is the one that
/// `A - wI` shrinks most.
fn repair<R: RealField + Scalar<Wide = f64>>(
    a: &[Complex<R>],
    n: usize,
    values: &[Complex<R>],
    vectors: &mut [Complex<R>],
) -> Result<(), Error>
where
    Complex<R>: Scalar,
{
    let is_real = a.iter().all(|x| x.im == R::ZERO);
    let mut last: Option<usize> = None;
    for j in 0..n {
        if vectors[j * n..(j + 1) * n].iter().all(|x| x.finite()) {
            continue;
        }
        if let Some(known) = last.filter(|&known| values[known] == values[j]) {
            vectors.copy_within(known * n..(known + 1) * n, j * n);
            continue;
        }
        last = Some(j);
        let mut shifted = zeros(n, n)?;
        shifted.copy_from_slice(a);
        shifted.iter_mut().step_by(n + 1).for_each(|x| *x -= values[j]);
        let (mut u, mut s, mut vh) = (zeros(n, n)?, zeros(n, 1)?, zeros(n, n)?);
        crate::svd(&shifted, n, n, false, &mut u, &mut s, &mut vh)?;
        let column = &mut vectors[j * n..(j + 1) * n];
        column.iter_mut().zip(&vh[(n - 1) * n..]).for_each(|(to, from)| *to = Scalar::conjugate(*from));
        normalize(column);
        if is_real && values[j].im == R::ZERO {
            column.iter_mut().for_each(|x| x.im = R::ZERO);
        }
    }
    Ok(())
}

/// faer does not say when its iteration gave up, so the result is held against what it must satisfy: the traces of A and
/// of its square, and with vectors `A V c = V W c` for one vector `c`.
fn check<R: RealField + Scalar<Wide = f64>>(
    a: &[Complex<R>],
    n: usize,
    values: &[Complex<R>],
    vectors: Option<&mut [Complex<R>]>,
) -> Result<(), Error>
where
    Complex<R>: Scalar,
{
    let norm = a.iter().map(|x| x.square()).sum::<f64>().sqrt();
    let tolerance = R::EPSILON.sqrt() * norm;
    let trace: Complex<f64> = (0..n).map(|i| wide(&a[i * n + i])).sum();
    let square: Complex<f64> = (0..n * n).map(|place| wide(&a[place]) * wide(&a[place % n * n + place / n])).sum();
    let sum: Complex<f64> = values.iter().map(wide).sum();
    let sum_of_squares: Complex<f64> = values.iter().map(|x| wide(x) * wide(x)).sum();
    let mut holds =
        (sum - trace).norm() <= tolerance * n as f64 && (sum_of_squares - square).norm() <= tolerance * norm * n as f64;
    if let Some(vectors) = vectors {
        repair(a, n, values, vectors)?;
        vectors.chunks_mut(n.max(1)).for_each(normalize);
        let weight = |j: usize| 1.0 + (j * 7 % 11) as f64 / 11.0;
        let combined = |i: usize, factor: &dyn Fn(usize) -> Complex<f64>| -> Complex<f64> {
            (0..n).map(|j| wide(&vectors[j * n + i]) * factor(j) * weight(j)).sum()
        };
        let sums: Vec<Complex<f64>> = (0..n).map(|i| combined(i, &|_| Complex { re: 1.0, im: 0.0 })).collect();
        for i in 0..n {
            let left: Complex<f64> = (0..n).map(|j| wide(&a[i * n + j]) * sums[j]).sum();
            let right = combined(i, &|j| wide(&values[j]));
            holds &= (left - right).norm() <= tolerance * n as f64;
        }
    }
    if holds { Ok(()) } else { Err(Error::NoConvergence) }
}

/// Scales a vector to norm 1 and turns it so that its largest element is real and positive.
fn normalize<R: RealField + Scalar<Wide = f64>>(column: &mut [Complex<R>])
where
    Complex<R>: Scalar,
{
    let Ok(shift) = unit_shift(column) else { return };
    column.iter_mut().for_each(|x| *x = x.shifted(shift));
    let (mut total, mut place) = (0.0, 0);
    for (i, x) in column.iter().enumerate() {
        total += x.square();
        if x.square() > column[place].square() {
            place = i;
        }
    }
    if total == 0.0 {
        return;
    }
    let largest = wide(&column[place]);
    let factor = largest.conj() / (largest.norm() * total.sqrt());
    column.iter_mut().for_each(|x| *x = (wide(x) * factor).convert());
    column[place].im = R::ZERO;
}

fn wide<R: RealField + Scalar<Wide = f64>>(x: &Complex<R>) -> Complex<f64> {
    x.convert()
}
