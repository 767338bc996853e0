use crate::Error;
use crate::layout::{check_length, transpose, workspace, zeros};
use crate::scalar::{Scalar, unit_shift};
use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch as apply_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj as apply,
};
use faer::linalg::qr::no_pivoting::factor::{qr_in_place, qr_in_place_scratch, recommended_block_size};
use faer::{Conj, MatMut, MatRef, Par};

/// The decomposition `A = Q R` of an `m x n` matrix, with `R` upper triangular and its diagonal real. `Q` has `width`
/// orthonormal columns and `R` as many rows, either `min(m, n)` or `m`. Without `q` only `R` is computed.
pub fn qr<T: Scalar>(a: &[T], m: usize, n: usize, width: usize, q: Option<&mut [T]>, r: &mut [T]) -> Result<(), Error> {
    check_length("qr", a.len(), m, n);
    check_length("qr", r.len(), width, n);
    let k = m.min(n);
    assert!(width == m || width == k, "qr: {width} columns of Q for a {m}x{n} matrix");
    if let Some(q) = &q {
        check_length("qr", q.len(), m, width);
    }
    let shift = unit_shift(a)?;
    let mut factors = zeros(m, n)?;
    transpose(a, m, n, &mut factors, |x| x.shifted(shift));
    let block = recommended_block_size::<T>(m, n);
    let mut coefficients = zeros(block, k)?;
    let mut memory = workspace(StackReq::any_of(&[
        qr_in_place_scratch::<T>(m, n, block, Par::Seq, Default::default()),
        apply_scratch::<T>(m, block, width),
    ]))?;
    if k > 0 {
        qr_in_place(
            MatMut::from_column_major_slice_mut(&mut factors, m, n),
            MatMut::from_column_major_slice_mut(&mut coefficients, block, k),
            Par::Seq,
            MemStack::new(&mut memory),
            Default::default(),
        );
    }
    r.fill(T::ZERO);
    for (i, row) in r.chunks_mut(n.max(1)).enumerate().take(k) {
        for (j, x) in row.iter_mut().enumerate().skip(i) {
            *x = factors[j * m + i];
        }
    }
    // Before the scale is undone: the moduli cannot overflow.
    let phases = real_diagonal(r, n, k);
    r.iter_mut().for_each(|x| *x = x.shifted(-shift));
    let Some(q) = q else { return Ok(()) };
    let mut columns = zeros(m, width)?;
    columns.iter_mut().step_by(m + 1).for_each(|x| *x = T::ONE);
    if k > 0 {
        apply(
            MatRef::from_column_major_slice(&factors[..m * k], m, k),
            MatRef::from_column_major_slice(&coefficients, block, k),
            Conj::No,
            MatMut::from_column_major_slice_mut(&mut columns, m, width),
            Par::Seq,
            MemStack::new(&mut memory),
        );
    }
    for (column, phase) in columns.chunks_mut(m.max(1)).zip(phases) {
        column.iter_mut().for_each(|x| *x *= phase.conjugate());
    }
    transpose(&columns, width, m, q, |x| x);
    Ok(())
}

/// Turns the rows of a complex R so that its diagonal is real; the numbers of modulus 1 that they were multiplied by.
fn real_diagonal<T: Scalar>(r: &mut [T], n: usize, k: usize) -> Vec<T> {
    let mut phases = Vec::new();
    for i in 0..k {
        let row = &mut r[i * n..(i + 1) * n];
        let (re, im) = row[i].parts();
        if im == 0.0 {
            phases.push(T::ONE);
            continue;
        }
        let length = if re < 0.0 { -re.hypot(im) } else { re.hypot(im) };
        let phase = T::from_parts(re / length, -im / length);
        row[i..].iter_mut().for_each(|x| *x *= phase);
        row[i] = T::from_parts(length, 0.0);
        phases.push(phase);
    }
    phases
}
