//! Recording on and off, backward and grad, and the recorded operations as Python sees them.

use crate::convert::{Flag, Input, Tensors};
use crate::error::{Raised, Result};
use crate::tensor::PyTensor;
use diffkit_core::Tensor;
use diffkit_core::backward::{self, Options};
use diffkit_core::graph::{self, NodeRef};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A recorded operation: the `grad_fn` of its result.
#[pyclass(name = "Node", module = "diffkit.autograd", frozen)]
pub struct GradFn(pub NodeRef);

#[pymethods]
impl GradFn {
    /// The operation's name, as PyTorch calls it.
    ///
    /// >>> diffkit.ones(2, requires_grad=True).exp().grad_fn.name()
    /// 'ExpBackward0'
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn __repr__(&self) -> String {
        format!("<{}>", self.0.name())
    }
    /// The operations that made the inputs, each with its output number; None for inputs without history.
    #[getter]
    fn next_functions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let entries = self.0.edges().iter().map(|edge| (edge.clone().map(GradFn), 0)).collect::<Vec<_>>();
        PyTuple::new(py, entries)
    }
    fn __hash__(&self) -> u64 {
        self.0.id()
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<GradFn>().is_ok_and(|other| other.get().0.id() == self.0.id())
    }
}

/// Elements below which a backward keeps the interpreter's lock.
const LONG: u64 = 1 << 16;

fn gate<T: Send>(py: Python<'_>, work: u64, run: impl FnOnce() -> diffkit_core::Result<T> + Send) -> Result<T> {
    let result = if work < LONG { run() } else { crate::run::detached(py, run) };
    result.map_err(Raised::from)
}

fn work_below(tensors: &[Tensor]) -> u64 {
    tensors.iter().filter_map(Tensor::node).fold(0, |sum, node| sum.saturating_add(node.work()))
}

fn options(retain_graph: Option<Flag>, create_graph: Flag) -> Options {
    let create_graph = create_graph.0;
    Options { retain_graph: retain_graph.map_or(create_graph, |keep| keep.0), create_graph }
}

/// Adds the derivatives of this tensor with respect to every leaf below it to the leaf's `.grad`.
///
/// Args:
///     gradient: weights of the elements, of this tensor's shape; needed unless there is one element.
///     retain_graph: keep what was saved, to go through the graph again (default: as create_graph).
///     create_graph: record the backward too, for derivatives of derivatives.
///     inputs: collect gradients in these tensors only.
///
/// >>> x = diffkit.tensor([1.0, 2.0], requires_grad=True)
/// >>> (x * x).sum().backward()
/// >>> x.grad
/// tensor([2., 4.])
#[pyfunction]
#[pyo3(signature = (input, gradient = None, retain_graph = None, create_graph = Flag(false), inputs = None))]
pub fn backward_(
    py: Python<'_>,
    input: Input<'_>,
    gradient: Option<Input<'_>>,
    retain_graph: Option<Flag>,
    create_graph: Flag,
    inputs: Option<Tensors>,
) -> Result<()> {
    let options = options(retain_graph, create_graph);
    let output: &Tensor = &input;
    let gradient = gradient.map(|gradient| gradient.clone());
    let work = output.node().map_or(0, |node| node.work());
    let Some(Tensors(inputs)) = inputs else {
        return gate(py, work, || backward::backward(output, gradient.as_ref(), options));
    };
    let outputs = [output.clone()];
    let grads = gate(py, work, || backward::grad(&outputs, &inputs, &[gradient], options))?;
    for (input, grad) in inputs.iter().zip(grads) {
        if let Some(grad) = grad {
            let sum = match input.grad() {
                Some(old) => diffkit_core::ops::add(&old, &grad)?,
                None => grad,
            };
            input.set_grad(Some(sum))?;
        }
    }
    Ok(())
}

/// The derivatives of `outputs` with respect to `inputs`: a tuple with one tensor per input, in the input's shape.
///
/// >>> x = diffkit.tensor(3.0, requires_grad=True)
/// >>> diffkit.grad_of([x * x], [x])
/// [tensor(6.)]
#[pyfunction]
#[pyo3(signature = (outputs, inputs, grad_outputs = None, retain_graph = None, create_graph = Flag(false)))]
pub fn grad_of(
    py: Python<'_>,
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Option<Vec<Option<Input<'_>>>>,
    retain_graph: Option<Flag>,
    create_graph: Flag,
) -> Result<Vec<Option<PyTensor>>> {
    let options = options(retain_graph, create_graph);
    let weights: Vec<Option<Tensor>> =
        grad_outputs.unwrap_or_default().into_iter().map(|weight| weight.map(|weight| weight.clone())).collect();
    let work = work_below(&outputs.0);
    let grads = gate(py, work, || backward::grad(&outputs.0, &inputs.0, &weights, options))?;
    Ok(grads.into_iter().map(|grad| grad.map(PyTensor::from)).collect())
}

/// Whether operations are being recorded on this thread.
///
/// >>> with diffkit.no_grad():
/// ...     diffkit.is_grad_enabled()
/// False
#[pyfunction]
pub fn is_grad_enabled() -> bool {
    graph::is_recording()
}

/// Turns recording on this thread on or off and returns what it was.
///
/// >>> diffkit._core.set_recording(False), diffkit._core.set_recording(True)
/// (True, False)
#[pyfunction]
pub fn set_recording(on: Flag) -> bool {
    let before = graph::is_recording();
    graph::set_recording(on.0);
    before
}
