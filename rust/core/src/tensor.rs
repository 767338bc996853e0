//! The handle that users hold: an array and, where gradients are wanted, its place in the recorded graph.
//!
//! Views share memory, so they also share history: the tensor that views were taken of and the views form a family,
//! and a recorded in-place write to any member gives the base a new history, from which the others' follow.

use crate::array::Array;
use crate::buffer::is_concurrent;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Edges, Leaf, Node, NodeRef, Rule, is_recording};
use crate::layout::Layout;
use crate::ops::view::{Overwrite, Restride};
use smallvec::smallvec;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

pub struct Tensor {
    array: Array,
    history: History,
}

struct History {
    /// False while `slot` is `Plain`: lets untracked tensors skip the lock.
    any: AtomicBool,
    locked: Mutex<()>,
    /// Reached by `with` and `node_alone` only.
    slot: UnsafeCell<Slot>,
}

// SAFETY: what reaches the slot holds the lock, or runs while nobody else can be in this crate.
unsafe impl Sync for History {}

#[derive(Clone, Default)]
enum Slot {
    #[default]
    Plain,
    Node(NodeRef),
    Base(Arc<Family>),
    View {
        family: Arc<Family>,
        generation: u64,
        node: Option<NodeRef>,
    },
}

struct Family {
    base: Array,
    /// The base's node now.
    node: Mutex<Option<NodeRef>>,
    /// Counts the base's histories; changed only while `node` is locked.
    generation: AtomicU64,
}

impl Family {
    /// Gives the base another node, and returns the one before.
    fn renew(&self, change: impl FnOnce(Option<&NodeRef>) -> Option<NodeRef>) -> Option<NodeRef> {
        let mut node = lock(&self.node);
        let new = change(node.as_ref());
        self.generation.fetch_add(1, Ordering::Release);
        std::mem::replace(&mut *node, new)
    }
}

const LEAF_WRITE: &str = "a leaf tensor that requires gradients (or a view of one) cannot be changed in place; \
                          do it under no_grad(), or change a copy (x.clone())";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl History {
    fn new(slot: Slot) -> History {
        let any = AtomicBool::new(!matches!(slot, Slot::Plain));
        History { any, locked: Mutex::new(()), slot: UnsafeCell::new(slot) }
    }
    /// Calls `work` with the slot. What it replaces there it returns, to be dropped when the lock is free again: a node
    /// can hold the last reference to memory of others, and then their code runs.
    fn with<T>(&self, work: impl FnOnce(&mut Slot) -> T) -> T {
        let _locked = lock(&self.locked);
        // SAFETY: the lock is held, and `node_alone` runs while nobody is in here.
        work(unsafe { &mut *self.slot.get() })
    }
    fn set(&self, slot: Slot) {
        drop(self.with(|held| {
            self.any.store(!matches!(slot, Slot::Plain), Ordering::Release);
            std::mem::replace(held, slot)
        }));
    }
    /// The node of most tensors that have one, without the lock and its two atomics; `None` where the lock is needed.
    #[inline]
    fn node_alone(&self) -> Option<NodeRef> {
        if is_concurrent() {
            return None;
        }
        // SAFETY: nobody else is in this crate, and `with` runs no code of others.
        match unsafe { &*self.slot.get() } {
            Slot::Node(node) => Some(node.clone()),
            _ => None,
        }
    }
}

/// Another handle on the same memory and the same history.
impl Clone for Tensor {
    fn clone(&self) -> Tensor {
        let slot = if self.may_have_node() { self.history.with(|slot| slot.clone()) } else { Slot::Plain };
        Tensor { array: self.array.clone(), history: History::new(slot) }
    }
}

impl From<Array> for Tensor {
    #[inline]
    fn from(array: Array) -> Tensor {
        Tensor { array, history: History::new(Slot::Plain) }
    }
}

impl Tensor {
    pub(crate) fn with_node(array: Array, node: Option<NodeRef>) -> Tensor {
        Tensor { array, history: History::new(node.map_or(Slot::Plain, Slot::Node)) }
    }

    /// The result of an operation: recorded with `rule` if some edge leads to a tensor that wants gradients.
    #[inline]
    pub fn record<R: Rule>(array: Array, edges: Edges, rule: impl FnOnce(&Array) -> R) -> Tensor {
        if edges.iter().all(Option::is_none) {
            return array.into();
        }
        let node = Node::record(rule(&array), edges, &array);
        Tensor::with_node(array, Some(node))
    }

    #[inline]
    pub fn array(&self) -> &Array {
        &self.array
    }
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.array.shape()
    }
    #[inline]
    pub fn dtype(&self) -> DType {
        self.array.dtype()
    }
    #[inline]
    pub fn numel(&self) -> usize {
        self.array.numel()
    }
    #[inline]
    pub fn ndim(&self) -> usize {
        self.array.ndim()
    }
    pub fn layout(&self) -> &Layout {
        self.array.layout()
    }

    /// This tensor's node in the graph, if it wants gradients.
    pub fn node(&self) -> Option<NodeRef> {
        if !self.may_have_node() {
            return None;
        }
        if let Some(node) = self.history.node_alone() {
            return Some(node);
        }
        let (node, _outdated) = self.history.with(|slot| match slot {
            Slot::Plain => (None, None),
            Slot::Node(node) => (Some(node.clone()), None),
            Slot::Base(family) => (lock(&family.node).clone(), None),
            Slot::View { family, generation, node } => {
                let mut outdated = None;
                if family.generation.load(Ordering::Acquire) != *generation {
                    // The base was written to since: this view's history now starts at the base's new one.
                    let base = lock(&family.node);
                    let rule = Restride::new(family.base.layout().clone(), self.array.layout().clone());
                    let now = base.clone().map(|base| Node::record(rule, smallvec![Some(base)], &self.array));
                    outdated = std::mem::replace(node, now);
                    *generation = family.generation.load(Ordering::Acquire);
                }
                (node.clone(), outdated)
            }
        });
        node
    }

    /// False if this tensor surely has no node.
    #[inline]
    pub fn may_have_node(&self) -> bool {
        self.history.any.load(Ordering::Acquire)
    }

    /// The edge of an operation that takes this tensor: its node, if operations are being recorded.
    #[inline]
    pub fn edge(&self) -> Option<NodeRef> {
        if self.may_have_node() && is_recording() { self.node() } else { None }
    }

    pub fn requires_grad(&self) -> bool {
        self.node().is_some()
    }
    /// True for tensors not made by a recorded operation.
    pub fn is_leaf(&self) -> bool {
        self.node().is_none_or(|node| node.is_leaf())
    }

    /// Starts or stops asking for gradients; a computed tensor cannot stop.
    pub fn set_requires_grad(&self, on: bool) -> Result<()> {
        const OP: &str = "requires_grad_";
        match (self.node(), on) {
            (Some(node), false) if !node.is_leaf() => {
                Err(Error::autograd(OP, "only leaf tensors can stop requiring gradients; use x.detach()"))
            }
            (Some(_), true) | (None, false) => Ok(()),
            (Some(_), false) => {
                self.replace_node(None);
                Ok(())
            }
            (None, true) => {
                if !self.dtype().is_inexact() {
                    let why = "only floats and complex numbers have gradients; convert first, e.g. x.float()";
                    return Err(Error::dtype(OP, &[self.dtype()], why));
                }
                self.replace_node(Some(Node::record(Leaf { grad: Mutex::new(None) }, Edges::new(), &self.array)));
                Ok(())
            }
        }
    }

    fn replace_node(&self, node: Option<NodeRef>) {
        let family = self.history.with(|slot| match slot {
            Slot::Base(family) => Some(family.clone()),
            _ => None,
        });
        match family {
            Some(family) => drop(family.renew(|_| node)),
            None => self.history.set(node.map_or(Slot::Plain, Slot::Node)),
        }
    }

    /// The accumulated gradient of a leaf.
    pub fn grad(&self) -> Option<Tensor> {
        self.node()?.with_leaf(|leaf| lock(&leaf.grad).clone()).flatten()
    }
    pub fn set_grad(&self, grad: Option<Tensor>) -> Result<()> {
        const OP: &str = "grad";
        if let Some(grad) = &grad
            && (grad.shape() != self.shape() || grad.dtype() != self.dtype())
        {
            let why = "a gradient has the shape and dtype of its tensor";
            return Err(Error::shape(OP, &[self.shape(), grad.shape()], why));
        }
        let node = match (self.node(), &grad) {
            (Some(node), _) => node,
            (None, None) => return Ok(()),
            (None, Some(_)) => return Err(Error::autograd(OP, "the tensor does not require gradients")),
        };
        node.with_leaf(|leaf| *lock(&leaf.grad) = grad)
            .ok_or_else(|| Error::autograd(OP, "only leaf tensors keep gradients"))
    }

    /// The same memory without history.
    pub fn detach(&self) -> Tensor {
        self.array.clone().into()
    }

    // ---- views and in-place writes ----

    /// A view of this tensor's memory, recorded with `rule` and joined to the family.
    pub fn view_as<R: Rule>(&self, layout: Layout, rule: impl FnOnce() -> R) -> Tensor {
        let array = self.array.view(layout);
        let node = self.edge().map(|edge| Node::record(rule(), smallvec![Some(edge)], &array));
        let family = self.family();
        let generation = family.generation.load(Ordering::Acquire);
        Tensor { array, history: History::new(Slot::View { family, generation, node }) }
    }

    fn family(&self) -> Arc<Family> {
        self.history.with(|slot| {
            let node = match slot {
                Slot::Base(family) | Slot::View { family, .. } => return family.clone(),
                Slot::Plain => None,
                Slot::Node(node) => Some(node.clone()),
            };
            let (node, generation) = (Mutex::new(node), AtomicU64::new(0));
            let family = Arc::new(Family { base: self.array.clone(), node, generation });
            self.history.any.store(true, Ordering::Release);
            *slot = Slot::Base(family.clone());
            family
        })
    }

    /// Refuses writes that cannot be right: to a leaf that wants gradients, to memory that repeats or is read-only.
    pub fn check_writable(&self, op: &'static str) -> Result<()> {
        if self.array.layout().overlaps_itself() {
            let why = "several elements of this expanded view share one place in memory; write to x.clone() instead";
            return Err(Error::value(op, why));
        }
        if !self.array.buffer().is_writable() {
            return Err(Error::value(op, "the memory is read-only (it belongs to a read-only array); use x.clone()"));
        }
        if !is_recording() || !self.may_have_node() {
            return Ok(());
        }
        let own = self.node();
        let base = self.history.with(|slot| match slot {
            Slot::View { family, .. } => lock(&family.node).clone(),
            _ => own.clone(),
        });
        match (own, base) {
            (Some(own), _) if own.is_leaf() => Err(Error::autograd(op, LEAF_WRITE)),
            (_, Some(base)) if base.is_leaf() => Err(Error::autograd(op, LEAF_WRITE)),
            (None, Some(_)) => {
                let why = "this view was taken under no_grad(), so a recorded write to it would lose gradients; \
                           take the view again, or write under no_grad()";
                Err(Error::autograd(op, why))
            }
            _ => Ok(()),
        }
    }

    /// After an in-place write (and a new version of the memory): a new history for the tensor and its family, if
    /// operations are being recorded. `node`'s output is this tensor as it is now; `None` if the new values came
    /// from tensors without history.
    pub fn rebased(&self, node: Option<NodeRef>) {
        if !is_recording() || (node.is_none() && !self.may_have_node()) {
            return;
        }
        let _outdated = self.history.with(|slot| match slot {
            Slot::Plain | Slot::Node(_) => {
                self.history.any.store(node.is_some(), Ordering::Release);
                match std::mem::replace(slot, node.map_or(Slot::Plain, Slot::Node)) {
                    Slot::Node(old) => (Some(old), None),
                    _ => (None, None),
                }
            }
            Slot::Base(family) => (family.renew(|_| node), None),
            Slot::View { family, generation, node: own } => {
                let old = family.renew(|old| {
                    if old.is_none() && node.is_none() {
                        return None;
                    }
                    let rule = Overwrite::new(family.base.layout().clone(), self.array.layout().clone());
                    Some(Node::record(rule, smallvec![old.cloned(), node], &family.base))
                });
                *generation = u64::MAX;
                (old, own.take())
            }
        });
    }
}
