//! Reverse accumulation: nodes from the newest to the oldest, gradients added as they arrive. Names no operation.

use crate::error::{Error, Result, show_shape};
use crate::graph::{Context, NodeRef, Recording, freed};
use crate::interrupt;
use crate::ops;
use crate::tensor::Tensor;
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Copy, Default)]
pub struct Options {
    /// Keep what the graph saved, so that it can be gone through again.
    pub retain_graph: bool,
    /// Record the backward itself, for derivatives of derivatives.
    pub create_graph: bool,
}

/// Adds d(output)/d(leaf), weighted by `gradient`, to the `.grad` of every leaf below.
pub fn backward(output: &Tensor, gradient: Option<&Tensor>, options: Options) -> Result<()> {
    const OP: &str = "backward";
    let root = output.node().ok_or_else(|| no_graph(OP))?;
    let seed = seed(OP, output, gradient)?;
    let mut sink = |node: &NodeRef, grad: Tensor| accumulate(node, grad, options.create_graph);
    run(vec![(root, seed)], options, None, &mut sink)
}

/// d(outputs)/d(inputs), weighted by `gradients`; `None` for an input that the outputs do not depend on.
pub fn grad(
    outputs: &[Tensor],
    inputs: &[Tensor],
    gradients: &[Option<Tensor>],
    options: Options,
) -> Result<Vec<Option<Tensor>>> {
    const OP: &str = "grad";
    let mut roots = Vec::new();
    for (i, output) in outputs.iter().enumerate() {
        let root = output.node().ok_or_else(|| no_graph(OP))?;
        roots.push((root, seed(OP, output, gradients.get(i).and_then(Option::as_ref))?));
    }
    let mut wanted = HashMap::new();
    for input in inputs {
        let node = input.node().ok_or_else(|| {
            Error::autograd(OP, "an input does not require gradients; call requires_grad_() before using it")
        })?;
        wanted.insert(node.id(), None);
    }
    let needed = reaches(roots.iter().map(|(node, _)| node), |id| wanted.contains_key(&id))?;
    let mut sink = |node: &NodeRef, grad: Tensor| {
        grad.array().buffer().settle();
        wanted.insert(node.id(), Some(grad));
        Ok(())
    };
    run(roots, options, Some(&needed), &mut sink)?;
    Ok(inputs.iter().map(|input| wanted.get(&input.node()?.id())?.clone()).collect())
}

fn no_graph(op: &'static str) -> Error {
    Error::autograd(op, "the tensor does not depend on any tensor with requires_grad=True, or was made under no_grad()")
}

fn seed(op: &'static str, output: &Tensor, gradient: Option<&Tensor>) -> Result<Tensor> {
    match gradient {
        Some(g) if g.shape() == output.shape() => ops::cast(g, output.dtype()),
        Some(g) => Err(Error::shape(op, &[g.shape(), output.shape()], "the gradient must have the output's shape")),
        None if output.dtype().is_complex() => {
            let why = "the output is complex, and only real numbers have a direction of steepest ascent: call it on \
                       y.real or y.abs(), or pass gradient=";
            Err(Error::dtype(op, &[output.dtype()], why))
        }
        None if output.numel() == 1 => ops::ones_like(output),
        None => {
            let why = "the output is not a single number: call y.sum().backward(), or pass gradient= of y's shape";
            Err(Error::shape(op, &[output.shape()], why))
        }
    }
}

/// For `grad`: which nodes lie between the roots and the wanted nodes. `Wanted` nodes are also `Through` when
/// another wanted node lies below them.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Wanted,
    Through,
    Both,
}

fn reaches<'a>(roots: impl Iterator<Item = &'a NodeRef>, is_wanted: impl Fn(u64) -> bool) -> Result<HashMap<u64, Use>> {
    let mut order: BTreeMap<u64, NodeRef> = BTreeMap::new();
    let mut stack: Vec<NodeRef> = roots.cloned().collect();
    while let Some(node) = stack.pop() {
        if let std::collections::btree_map::Entry::Vacant(entry) = order.entry(node.id()) {
            entry.insert(node.clone());
            stack.extend(node.edges().iter().flatten().cloned());
            if order.len().is_multiple_of(1 << 16) {
                interrupt::check()?;
            }
        }
    }
    // Inputs have smaller numbers than their users, so one pass upwards settles every node.
    let mut needed = HashMap::new();
    for (id, node) in &order {
        let through = node.edges().iter().flatten().any(|edge| needed.contains_key(&edge.id()));
        match (is_wanted(*id), through) {
            (true, false) => needed.insert(*id, Use::Wanted),
            (true, true) => needed.insert(*id, Use::Both),
            (false, true) => needed.insert(*id, Use::Through),
            (false, false) => None,
        };
    }
    Ok(needed)
}

/// Nodes that have received gradients and wait for their turn. The newest waits outside the tree, so a chain never
/// touches it.
#[derive(Default)]
struct Pending {
    next: Option<(NodeRef, Tensor)>,
    others: BTreeMap<u64, (NodeRef, Tensor)>,
}

impl Pending {
    fn push(&mut self, node: NodeRef, grad: Tensor, create_graph: bool) -> Result<()> {
        let Some((next, sum)) = &mut self.next else {
            self.next = Some((node, grad));
            return Ok(());
        };
        if next.id() == node.id() {
            return add(sum, grad, create_graph);
        }
        let (node, grad) = if next.id() < node.id() {
            std::mem::replace(self.next.as_mut().ok_or(Error::Interrupted)?, (node, grad))
        } else {
            (node, grad)
        };
        match self.others.entry(node.id()) {
            std::collections::btree_map::Entry::Occupied(mut entry) => add(&mut entry.get_mut().1, grad, create_graph),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert((node, grad));
                Ok(())
            }
        }
    }

    fn pop(&mut self) -> Option<(NodeRef, Tensor)> {
        let taken = self.next.take()?;
        self.next = self.others.pop_last().map(|(_, entry)| entry);
        Some(taken)
    }
}

/// `sum += grad`, in place when nobody else can see `sum`.
fn add(sum: &mut Tensor, grad: Tensor, create_graph: bool) -> Result<()> {
    let memory = sum.array().buffer();
    let is_own = memory.is_unique() && !memory.is_pending() && !sum.array().layout().overlaps_itself();
    let in_place = !create_graph && is_own;
    if in_place {
        return ops::add_in_place(sum.array(), grad.array());
    }
    *sum = ops::add(sum, &grad)?;
    Ok(())
}

type Sink<'a> = dyn FnMut(&NodeRef, Tensor) -> Result<()> + 'a;

/// Without `needed`, leaves go to the sink; with it, exactly the wanted nodes do.
fn run(
    roots: Vec<(NodeRef, Tensor)>,
    options: Options,
    needed: Option<&HashMap<u64, Use>>,
    sink: &mut Sink,
) -> Result<()> {
    let _recording = Recording::set(options.create_graph);
    let mut pending = Pending::default();
    for (node, grad) in roots {
        pending.push(node, grad, options.create_graph)?;
    }
    let mut steps = 0u32;
    while let Some((node, grad)) = pending.pop() {
        steps += 1;
        if steps.is_multiple_of(256) {
            interrupt::check()?;
        }
        let role = needed.map(|needed| needed.get(&node.id()));
        match role {
            Some(None) => continue,
            Some(Some(Use::Wanted)) => {
                sink(&node, grad)?;
                continue;
            }
            Some(Some(Use::Both)) => sink(&node, grad.clone())?,
            Some(Some(Use::Through)) => {}
            None if node.edges().is_empty() => {
                sink(&node, grad)?;
                continue;
            }
            None => {}
        }
        step(node, grad, options, needed, &mut pending)?;
    }
    Ok(())
}

fn step(
    node: NodeRef,
    grad: Tensor,
    options: Options,
    needed: Option<&HashMap<u64, Use>>,
    pending: &mut Pending,
) -> Result<()> {
    if node.is_released() {
        return Err(freed(node.name()));
    }
    let is_needed = |edge: &Option<NodeRef>| match (edge, needed) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(edge), Some(needed)) => needed.contains_key(&edge.id()),
    };
    let mask = node.edges().iter().take(64).enumerate().fold(0, |mask, (i, edge)| mask | (is_needed(edge) as u64) << i);
    let mut rule = node.rule();
    let grads = rule.backward(&Context::new(&node, mask), &grad)?;
    if !options.retain_graph && !options.create_graph {
        node.set_released();
        rule.release();
    }
    drop(rule);
    drop(grad);
    for (edge, grad) in node.edges().iter().zip(grads) {
        if let (Some(target), Some(grad)) = (edge, grad)
            && is_needed(edge)
        {
            let grad = fit(node.name(), grad, target)?;
            pending.push(target.clone(), grad, options.create_graph)?;
        }
    }
    Ok(())
}

/// A gradient in its input's shape and dtype: what was broadcast forward is summed backward.
fn fit(name: &'static str, grad: Tensor, target: &NodeRef) -> Result<Tensor> {
    let grad = if grad.shape() == target.shape() {
        grad
    } else {
        ops::sum_to(&grad, target.shape()).map_err(|_| {
            let why = format!(
                "the rule returned a gradient that does not fit its input of shape {}",
                show_shape(target.shape())
            );
            Error::shape(name, &[grad.shape()], why)
        })?
    };
    // What became complex on the way has a real gradient all the same.
    let grad =
        if grad.dtype().is_complex() && !target.dtype().is_complex() { ops::complex::real(&grad)? } else { grad };
    if grad.dtype() == target.dtype() { Ok(grad) } else { ops::cast(&grad, target.dtype()) }
}

fn accumulate(node: &NodeRef, grad: Tensor, create_graph: bool) -> Result<()> {
    // What a backward is called for does not wait, nor keep the graph's memory.
    grad.array().buffer().settle();
    let result = node.with_leaf(|leaf| {
        let mut slot = leaf.grad.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match &mut *slot {
            // The sum lives in the same memory from one backward to the next, as users who hold it expect.
            Some(sum) if !create_graph => ops::add_in_place(sum.array(), grad.array()),
            Some(sum) => {
                *sum = ops::add(sum, &grad)?;
                Ok(())
            }
            empty => {
                // A gradient that others still hold, or an expanded one, must not become writable through `.grad`.
                let own = create_graph || (grad.array().buffer().is_unique() && grad.array().is_contiguous());
                *empty = Some(if own { grad } else { grad.array().copy("backward")?.into() });
                Ok(())
            }
        }
    });
    result.unwrap_or(Ok(()))
}
