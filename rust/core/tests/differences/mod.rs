//! Gradients against central differences, first and second order, in float64.

#![allow(dead_code)]

use diffkit_core::array::Array;
use diffkit_core::backward::{Options, grad};
use diffkit_core::ops::{self, cast};
use diffkit_core::{DType, Result, Tensor};

pub fn tensor(shape: &[usize], values: &[f64]) -> Tensor {
    Array::from_slice(shape, values).unwrap().into()
}

pub fn integers(shape: &[usize], values: &[i64]) -> Tensor {
    Array::from_slice(shape, values).unwrap().into()
}

/// Numbers without pattern in (-1, 1).
pub fn noise(shape: &[usize], seed: u64) -> Tensor {
    let n = shape.iter().product();
    let values: Vec<f64> =
        (0..n).map(|i| ((i as f64 + 1.0) * 12.9898 + seed as f64 * 78.233).sin() * 43758.5453 % 1.0).collect();
    tensor(shape, &values)
}

pub fn values(x: &Tensor) -> Vec<f64> {
    cast(&x.detach(), DType::F64).unwrap().array().to_vec().unwrap()
}

#[track_caller]
pub fn close(found: &Tensor, expected: &[f64], tolerance: f64) {
    let found = values(found);
    assert_eq!(found.len(), expected.len(), "{found:?} has another length than {expected:?}");
    for (a, b) in found.iter().zip(expected) {
        let same = a == b || (a.is_nan() && b.is_nan());
        assert!(same || (a - b).abs() <= tolerance * (1.0 + b.abs()), "{found:?} is not {expected:?}");
    }
}

/// A weighted sum, so that no element's gradient hides behind another's.
fn weighed(y: &Tensor, seed: u64) -> Result<Tensor> {
    ops::sum(&ops::mul(y, &noise(y.shape(), seed))?, None, false, None)
}

fn gradients(f: &dyn Fn(&[Tensor]) -> Result<Tensor>, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let options = Options { retain_graph: true, create_graph: true };
    let found = grad(&[weighed(&f(inputs)?, 1)?], inputs, &[None], options)?;
    found.into_iter().zip(inputs).map(|(g, x)| g.map_or_else(|| ops::zeros_like(x), Ok)).collect()
}

/// Compares `analytic` with the central differences of the number `f`.
#[track_caller]
fn compare(order: &str, f: &dyn Fn(&[Tensor]) -> f64, inputs: &[Tensor], analytic: &[Tensor], tolerance: f64) {
    const STEP: f64 = 1e-5;
    for (k, x) in inputs.iter().enumerate() {
        let (origin, exact) = (values(x), values(&analytic[k]));
        for i in 0..origin.len() {
            let at = |shift: f64| {
                let mut moved = origin.clone();
                moved[i] += shift;
                let mut inputs = inputs.to_vec();
                inputs[k] = tensor(x.shape(), &moved);
                inputs[k].set_requires_grad(true).unwrap();
                f(&inputs)
            };
            let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            let gap = (numeric - exact[i]).abs();
            assert!(
                gap <= tolerance * (1.0 + numeric.abs()),
                "{order}, input {k}[{i}]: {} but numerically {numeric}",
                exact[i]
            );
        }
    }
}

/// First and second order.
#[track_caller]
pub fn check(inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Result<Tensor>) {
    let inputs: Vec<Tensor> = inputs.iter().map(Tensor::detach).collect();
    inputs.iter().for_each(|x| x.set_requires_grad(true).unwrap());
    let first = gradients(&f, &inputs).unwrap();
    compare("first order", &|x| values(&weighed(&f(x).unwrap(), 1).unwrap())[0], &inputs, &first, 1e-7);
    let projected = |x: &[Tensor]| -> Result<Tensor> {
        let parts: Vec<Tensor> =
            gradients(&f, x)?.iter().enumerate().map(|(i, g)| weighed(g, 7 + i as u64)).collect::<Result<_>>()?;
        ops::sum(&ops::stack(&parts, 0)?, None, false, None)
    };
    let options = Options { retain_graph: true, create_graph: false };
    let total = projected(&inputs).unwrap();
    let second: Vec<Tensor> = if total.requires_grad() {
        let found = grad(&[total], &inputs, &[None], options).unwrap();
        found.into_iter().zip(&inputs).map(|(g, x)| g.unwrap_or_else(|| ops::zeros_like(x).unwrap())).collect()
    } else {
        inputs.iter().map(|x| ops::zeros_like(x).unwrap()).collect()
    };
    compare("second order", &|x| values(&projected(x).unwrap())[0], &inputs, &second, 1e-6);
}

/// The gradient of the sum.
pub fn slope(x: &Tensor, f: impl Fn(&Tensor) -> Result<Tensor>) -> Tensor {
    let x = x.detach();
    x.set_requires_grad(true).unwrap();
    let y = ops::sum(&f(&x).unwrap(), None, false, None).unwrap();
    let found = grad(&[y], std::slice::from_ref(&x), &[None], Options::default()).unwrap();
    found.into_iter().next().flatten().unwrap_or_else(|| ops::zeros_like(&x).unwrap())
}
