//! Gradients against central differences, to first and second order, in float64.

use diffkit_core::array::Array;
use diffkit_core::backward::{Options, grad};
use diffkit_core::{DType, Result, Tensor, ops};
use std::slice::from_ref;

const STEP: f64 = 1e-5;
const TOLERANCE: f64 = 1e-7;

pub fn tensor(shape: &[usize], values: &[f64]) -> Tensor {
    Array::from_slice(shape, values).unwrap().into()
}

pub fn ints(shape: &[usize], values: &[i64]) -> Tensor {
    Array::from_slice(shape, values).unwrap().into()
}

pub fn values(x: &Tensor) -> Vec<f64> {
    x.array().to_vec().unwrap()
}

/// Different, well separated numbers in no particular order.
pub fn mixed(shape: &[usize]) -> Tensor {
    let n: usize = shape.iter().product();
    let prime = 17;
    tensor(
        shape,
        &(0..n).map(|i| ((i * prime + 5) % (prime * 3)) as f64 / 20.0 - 1.0 + i as f64 * 1e-3).collect::<Vec<_>>(),
    )
}

/// A weighted sum in which no two elements play the same part, and which is not linear.
fn weighted(y: &Tensor, shift: f64) -> Result<Tensor> {
    let weights: Vec<f64> = (0..y.numel()).map(|i| (1.7 * i as f64 + shift).sin() + 0.3).collect();
    let y = ops::cast(y, DType::F64)?;
    let curved = ops::add(&y, &ops::mul(&y, &y)?)?;
    ops::sum(&ops::mul(&curved, &tensor(y.shape(), &weights))?, None, false, None)
}

fn gradients(y: &Tensor, inputs: &[Tensor], create_graph: bool) -> Vec<Tensor> {
    let options = Options { retain_graph: create_graph, create_graph };
    let found = grad(from_ref(y), inputs, &[None], options).unwrap();
    found.into_iter().zip(inputs).map(|(g, x)| g.unwrap_or_else(|| ops::zeros_like(x).unwrap())).collect()
}

/// The value whose derivative is tested: of the function (order 1), or of its gradients (order 2).
fn value(order: usize, f: &dyn Fn(&[Tensor]) -> Result<Tensor>, inputs: &[Tensor], record: bool) -> Tensor {
    let y = weighted(&f(inputs).unwrap(), 0.4).unwrap();
    if order == 1 {
        return y;
    }
    let mut total = tensor(&[], &[0.0]);
    for (i, g) in gradients(&y, inputs, record).iter().enumerate() {
        total = ops::add(&total, &weighted(g, 2.0 + i as f64).unwrap()).unwrap();
    }
    total
}

fn leaves(inputs: &[Tensor]) -> Vec<Tensor> {
    let leaf = |x: &Tensor| {
        let x = ops::clone(&x.detach()).unwrap();
        x.set_requires_grad(true).unwrap();
        x
    };
    inputs.iter().map(leaf).collect()
}

fn number(x: &Tensor) -> f64 {
    x.array().first().as_f64()
}

/// Fails unless the first and second derivatives of `f` at `inputs` are those that central differences find.
pub fn check(name: &str, inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Result<Tensor>) {
    for order in [1, 2] {
        let at = leaves(inputs);
        let y = value(order, &f, &at, true);
        for (which, exact) in gradients(&y, &at, false).iter().enumerate() {
            assert_eq!(exact.shape(), inputs[which].shape(), "{name}: shape of the gradient of input {which}");
            for (i, &exact) in values(exact).iter().enumerate() {
                let moved = |by: f64| {
                    let mut inputs = inputs.to_vec();
                    let mut elements = values(&inputs[which]);
                    elements[i] += by;
                    inputs[which] = tensor(inputs[which].shape(), &elements);
                    number(&value(order, &f, &leaves(&inputs), false))
                };
                let found = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                let error = (found - exact).abs() / (1.0 + exact.abs());
                assert!(error < TOLERANCE, "{name}: order {order}, input {which}, element {i}: {exact} but {found}");
            }
        }
    }
}
