//! The recorded graph: nodes, what they saved, and a drop that never recurses.

use crate::array::Array;
use crate::buffer::is_concurrent;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::tensor::Tensor;
use smallvec::SmallVec;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

pub type NodeRef = Arc<Node>;
pub type Edges = SmallVec<[Option<NodeRef>; 2]>;
/// Gradients for a node's inputs, in order; `None` where none is needed or none flows.
pub type Grads = SmallVec<[Option<Tensor>; 2]>;

/// One recorded operation. Numbers grow with time, so an input's number is always smaller than its user's.
pub struct Node<R: ?Sized + Rule = dyn Rule> {
    head: Head,
    rule: Mutex<R>,
}

struct Head {
    id: u64,
    name: &'static str,
    is_leaf: bool,
    edges: Edges,
    layout: Arc<Layout>,
    dtype: DType,
    /// Elements touched by this node and all below it: how much work a backward is, roughly.
    work: u64,
    released: AtomicBool,
}

/// The derivative of one recorded operation.
pub trait Rule: Send + Sync + 'static {
    /// As PyTorch would call it: `MulBackward0`.
    fn name(&self) -> &'static str;
    /// The gradients with respect to the inputs, given the gradient `g` of the output. The engine adds them up and
    /// reduces them to the inputs' shapes. Written with tensor operations, so it can be differentiated again.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads>;
    /// Lets go of saved tensors after backward.
    fn release(&mut self) {}
    /// For a leaf: where its gradient is kept.
    fn leaf(&self) -> Option<&Leaf> {
        None
    }
}

/// What a rule may ask about the node it runs for.
pub struct Context<'a> {
    node: &'a NodeRef,
    needs: u64,
}

impl<'a> Context<'a> {
    pub(crate) fn new(node: &'a NodeRef, needs: u64) -> Context<'a> {
        Context { node, needs }
    }
    /// Whether a gradient for input `i` is wanted.
    #[inline]
    pub fn needs(&self, i: usize) -> bool {
        i >= 64 || self.needs >> i & 1 == 1
    }
    /// A saved input or output as a tensor with its history.
    pub fn unpack(&self, saved: &Saved) -> Result<Tensor> {
        let array = saved.array(self.node.name())?;
        Ok(Tensor::with_node(
            array,
            match saved.role {
                Role::Input(i) => self.node.head.edges.get(i as usize).cloned().flatten(),
                Role::Output => Some(self.node.clone()),
                Role::Constant => None,
            },
        ))
    }
    pub fn op(&self) -> &'static str {
        self.node.name()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Input(u8),
    Output,
    Constant,
}

/// A tensor kept for backward; a change in place in the meantime is noticed.
pub struct Saved {
    array: Option<Array>,
    version: u32,
    role: Role,
}

impl Saved {
    pub fn input(i: usize, tensor: &Tensor) -> Saved {
        Saved::new(tensor.array(), Role::Input(i as u8))
    }
    pub fn output(array: &Array) -> Saved {
        Saved::new(array, Role::Output)
    }
    /// A value that no gradient flows through: a mask, indices.
    pub fn constant(array: &Array) -> Saved {
        Saved::new(array, Role::Constant)
    }
    fn new(array: &Array, role: Role) -> Saved {
        Saved { array: Some(array.clone()), version: array.buffer().version(), role }
    }
    pub fn array(&self, op: &'static str) -> Result<Array> {
        self.get(op).cloned()
    }
    pub fn get(&self, op: &'static str) -> Result<&Array> {
        let array = self.array.as_ref().ok_or_else(|| freed(op))?;
        let found = array.buffer().version();
        if found != self.version {
            return Err(Error::Stale { op, saved: self.version, found });
        }
        Ok(array)
    }
    pub fn release(&mut self) {
        self.array = None;
    }
}

pub fn freed(op: &'static str) -> Error {
    Error::autograd(
        op,
        "the graph was freed by an earlier backward; call that one with retain_graph=True to go through it again",
    )
}

/// A number larger than all before.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if is_concurrent() {
        return NEXT.fetch_add(1, Ordering::Relaxed);
    }
    // Nobody else counts now: two plain instructions instead of an atomic one.
    let id = NEXT.load(Ordering::Relaxed);
    NEXT.store(id + 1, Ordering::Relaxed);
    id
}

impl<R: Rule> Node<R> {
    /// Records `rule` with the inputs' nodes; `shape` and `dtype` are the output's.
    pub fn record(rule: R, edges: Edges, output: &Array) -> NodeRef {
        let below: u64 = edges.iter().flatten().fold(0, |sum, node| sum.saturating_add(node.head.work));
        let head = Head {
            id: next_id(),
            name: rule.name(),
            is_leaf: rule.leaf().is_some(),
            edges,
            layout: output.shared_layout().clone(),
            dtype: output.dtype(),
            work: below.saturating_add(output.numel() as u64 + 32),
            released: AtomicBool::new(false),
        };
        Arc::new(Node { head, rule: Mutex::new(rule) })
    }
}

impl Node {
    pub fn id(&self) -> u64 {
        self.head.id
    }
    pub fn edges(&self) -> &[Option<NodeRef>] {
        &self.head.edges
    }
    pub fn shape(&self) -> &[usize] {
        self.head.layout.shape()
    }
    pub fn dtype(&self) -> DType {
        self.head.dtype
    }
    pub fn work(&self) -> u64 {
        self.head.work
    }
    pub fn rule(&self) -> MutexGuard<'_, dyn Rule> {
        self.rule.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
    pub fn name(&self) -> &'static str {
        self.head.name
    }
    pub fn is_leaf(&self) -> bool {
        self.head.is_leaf
    }
    pub fn is_released(&self) -> bool {
        self.head.released.load(Ordering::Relaxed)
    }
    pub(crate) fn set_released(&self) {
        self.head.released.store(true, Ordering::Relaxed);
    }
    /// Calls `read` with the gradient slot if this is a leaf.
    pub fn with_leaf<T>(&self, read: impl FnOnce(&Leaf) -> T) -> Option<T> {
        self.rule().leaf().map(read)
    }
}

/// A chain of a million nodes is let go in a loop, not by a million nested drops.
impl Drop for Head {
    fn drop(&mut self) {
        let mut waiting = std::mem::take(&mut self.edges);
        while let Some(edge) = waiting.pop() {
            // The count first: `get_mut` locks the node's weak count to look.
            if let Some(mut node) = edge
                && Arc::strong_count(&node) == 1
                && let Some(last) = Arc::get_mut(&mut node)
            {
                waiting.extend(std::mem::take(&mut last.head.edges));
            }
        }
    }
}

/// The rule of a tensor that the user asked gradients for: it keeps the sum of them.
pub struct Leaf {
    pub grad: Mutex<Option<Tensor>>,
}

impl Rule for Leaf {
    fn name(&self) -> &'static str {
        "AccumulateGrad"
    }
    fn backward(&self, _: &Context, _: &Tensor) -> Result<Grads> {
        Ok(Grads::new())
    }
    fn leaf(&self) -> Option<&Leaf> {
        Some(self)
    }
}

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations are being recorded on this thread.
#[inline]
pub fn is_recording() -> bool {
    RECORDING.get()
}

pub fn set_recording(on: bool) {
    RECORDING.set(on);
}

/// Recording on or off until dropped.
pub struct Recording(bool);

impl Recording {
    #[must_use]
    pub fn set(on: bool) -> Recording {
        Recording(RECORDING.replace(on))
    }
}
impl Drop for Recording {
    fn drop(&mut self) {
        RECORDING.set(self.0);
    }
}
