//! Einsum against sums written out, and its errors.

mod differences;

use differences::{check, close, noise, values};
use diffkit_core::Tensor;
use diffkit_core::ops::einsum::einsum;
use std::collections::BTreeMap;

/// The sum over all assignments of the letters of "ij,jk->ik", one product at a time.
fn naive(equation: &str, operands: &[Tensor]) -> Vec<f64> {
    let (inputs, output) = equation.split_once("->").unwrap();
    let terms: Vec<Vec<char>> = inputs.split(',').map(|t| t.chars().collect()).collect();
    let mut sizes = BTreeMap::new();
    for (term, x) in terms.iter().zip(operands) {
        term.iter().zip(x.shape()).for_each(|(&l, &s)| {
            let size = sizes.entry(l).or_insert(s);
            *size = s.max(*size);
        });
    }
    let letters: Vec<char> = sizes.keys().copied().collect();
    let place = |letters_of: &[char], shape: &[usize], at: &BTreeMap<char, usize>| {
        letters_of.iter().zip(shape).fold(0, |p, (l, &s)| p * s + if s == 1 { 0 } else { at[l] })
    };
    let output: Vec<char> = output.chars().collect();
    let out_shape: Vec<usize> = output.iter().map(|l| sizes[l]).collect();
    let mut out = vec![0.0; out_shape.iter().product()];
    let data: Vec<Vec<f64>> = operands.iter().map(values).collect();
    for mut number in 0..sizes.values().product::<usize>() {
        let mut at = BTreeMap::new();
        for l in &letters {
            at.insert(*l, number % sizes[l]);
            number /= sizes[l];
        }
        let product: f64 =
            terms.iter().zip(operands).zip(&data).map(|((t, x), d)| d[place(t, x.shape(), &at)]).product();
        out[place(&output, &out_shape, &at)] += product;
    }
    out
}

#[test]
fn agrees_with_the_definition() {
    let cases: &[(&str, &[&[usize]])] = &[
        ("ij,jk->ik", &[&[2, 3], &[3, 4]]),
        ("ij->ji", &[&[2, 3]]),
        ("ii->i", &[&[3, 3]]),
        ("ii->", &[&[3, 3]]),
        ("iji->j", &[&[2, 3, 2]]),
        ("i,j->ij", &[&[2], &[3]]),
        ("bij,bjk->bik", &[&[2, 3, 4], &[2, 4, 2]]),
        ("bij,bjk,bkl->bl", &[&[2, 3, 4], &[2, 4, 2], &[2, 2, 3]]),
        ("ij,ij->", &[&[2, 3], &[2, 3]]),
        ("ij,kl->i", &[&[2, 3], &[4, 2]]),
        ("ia,ja,ka->ijk", &[&[2, 3], &[3, 3], &[2, 3]]),
        ("ij,jk->ik", &[&[2, 1], &[3, 4]]),
        ("bn,anm,bm->ba", &[&[2, 3], &[4, 3, 2], &[2, 2]]),
    ];
    for (equation, shapes) in cases {
        let operands: Vec<Tensor> = shapes.iter().enumerate().map(|(i, s)| noise(s, i as u64)).collect();
        close(&einsum(equation, &operands).unwrap(), &naive(equation, &operands), 1e-13);
        check(&operands, |x| einsum(equation, x));
    }
}

#[test]
fn ellipsis_and_unnamed_output() {
    let (a, b) = (noise(&[2, 3, 4], 1), noise(&[5, 1, 4, 2], 2));
    let y = einsum("...ij,...jk->...ik", &[a.clone(), b.clone()]).unwrap();
    assert_eq!(y.shape(), [5, 2, 3, 2]);
    close(&y, &values(&diffkit_core::ops::matmul::matmul(&a, &b).unwrap()), 1e-14);
    close(
        &einsum(" i j , j k ", &[noise(&[2, 3], 1), noise(&[3, 4], 2)]).unwrap(),
        &naive("ij,jk->ik", &[noise(&[2, 3], 1), noise(&[3, 4], 2)]),
        1e-14,
    );
    assert_eq!(einsum("ba", &[noise(&[2, 3], 1)]).unwrap().shape(), [3, 2]);
    assert_eq!(einsum("...->", &[noise(&[2, 3], 1)]).unwrap().shape(), [0usize; 0]);
    assert_eq!(einsum("i...->...", &[noise(&[2, 3], 1)]).unwrap().shape(), [3]);
}

#[test]
fn bad_equations_say_why() {
    let x = || vec![noise(&[2, 3], 1)];
    let cases = [
        ("ij,jk->ik", "2 terms for 1"),
        ("ijk", "names 3 axes"),
        ("i?", "'?'"),
        ("ij->ii", "twice"),
        ("ij->k", "'k'"),
        ("i.j", "dots"),
        ("ii", "sizes 2 and 3"),
        ("i...j...", "dots"),
        ("ié", "'é'"),
    ];
    for (equation, part) in cases {
        let error = einsum(equation, &x()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains(equation), "{error}");
    }
}
