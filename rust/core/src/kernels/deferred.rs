//! Elementwise results that wait until somebody needs them, so that a chain of them is one pass over memory.
//!
//! A large result of an elementwise loop is not computed at once: room for it is reserved, and what is to be done is
//! noted here. When somebody asks for the memory (`Buffer::data`, `Locks::acquire`), everything that it waits for is
//! computed tile by tile; intermediate results that nobody else holds are never written. What is held elsewhere (a
//! name of the user's, a value saved for backward) and dear to compute is written on the way. What is cheap goes on
//! waiting the first time, since it may never be read, and is written the second time, so that nothing is computed
//! more than twice.
//!
//! A fill waits in memory that others may know already. What waits and is changed in place is a step on the way to its
//! new elements, and never written as it was.
//!
//! It does not show: before memory is written to, whatever waits to be read from it is computed; memory that others
//! can reach is never waited for. Claims keep two threads from writing one result; the registry's lock is held only
//! for notes, never while computing.

use super::RawKernel;
use super::map::Operand;
use super::tiles::{DEAR, MAX_ARGS, Program, Ref};
use crate::array::Array;
use crate::buffer::{Buffer, Locks, back_off};
use crate::layout::Layout;
use crate::scalar::Bits;
use smallvec::{SmallVec, smallvec};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard};

/// Elements from which results wait.
const MIN: usize = 1 << 13;
/// Steps of one pass.
const MAX_STEPS: usize = 32;
/// Results that wait at one time, and bytes of memory that is there for them only: the oldest is computed when there
/// are more.
const MAX_WAITING: usize = 64;
const MAX_KEPT: usize = 256 << 20;

static ENABLED: AtomicBool = AtomicBool::new(true);

pub fn set_enabled(on: bool) {
    ENABLED.store(on, Ordering::Relaxed);
}
pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// An argument of a waiting step.
#[derive(Clone)]
enum Term {
    /// Of the result's number of elements, or broadcast to its shape.
    Array(Array),
    Number(Bits, usize),
}

/// What is to be done for one result.
struct Note {
    out: ManuallyDrop<Buffer>,
    layout: Arc<Layout>,
    /// Bytes of one element.
    size: usize,
    kernel: RawKernel,
    terms: SmallVec<[Term; MAX_ARGS]>,
    grain: usize,
    /// Some thread is writing the result.
    claimed: bool,
    /// It was computed on the way to another result, but not written.
    seen: bool,
    /// The kernel repeats the number that is its term.
    is_fill: bool,
}

impl Note {
    fn new(kernel: RawKernel, terms: SmallVec<[Term; MAX_ARGS]>, out: &Array, grain: usize) -> Note {
        Note {
            out: out.buffer().uncounted(),
            layout: out.shared_layout().clone(),
            size: out.dtype().size(),
            kernel,
            terms,
            grain,
            claimed: false,
            seen: false,
            is_fill: false,
        }
    }
}

/// The notes from the oldest to the newest, each about a buffer that has a counted reference.
static REGISTRY: Mutex<Registry> = Mutex::new(Registry { notes: Vec::new() });

struct Registry {
    notes: Vec<Note>,
}

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Registry {
    fn find(&self, buffer: &Buffer) -> Option<usize> {
        self.notes.iter().rposition(|note| note.out.same(buffer))
    }

    fn find_pending(&self, buffer: &Buffer) -> Option<usize> {
        if buffer.is_pending() { self.find(buffer) } else { None }
    }

    /// The note about all of an array of `n` elements, as they are.
    fn find_whole(&self, array: &Array, n: usize) -> Option<usize> {
        let i = self.find_pending(array.buffer())?;
        let note = &self.notes[i];
        let is_whole = array.is_contiguous() && array.layout().offset() == 0 && array.numel() == n;
        (is_whole && note.layout.numel() == n && note.size == array.dtype().size()).then_some(i)
    }

    /// Takes a note out; the caller drops it after it has let go of the registry.
    fn remove(&mut self, i: usize) -> Note {
        let note = self.notes.remove(i);
        for term in &note.terms {
            if let Term::Array(array) = term {
                array.buffer().remove_reader();
            }
        }
        note.out.set_pending(false);
        note
    }

    /// Bytes of computed elements that nobody but waiting results holds.
    fn kept(&self) -> usize {
        let inputs = self.notes.iter().flat_map(|note| arrays(&note.terms)).map(Array::buffer);
        // Each of a buffer's readers counts its part of it.
        inputs
            .filter(|input| !input.is_pending() && !input.is_held())
            .map(|input| input.bytes() / input.readers())
            .sum()
    }

    /// The waiting results that `terms` lead to, without repetition, until there are `MAX_STEPS` of them.
    fn reach(&self, terms: &[Term], found: &mut SmallVec<[usize; MAX_STEPS]>) {
        for term in terms {
            if let Term::Array(array) = term
                && let Some(i) = self.find_pending(array.buffer())
                && !found.contains(&i)
                && found.len() < MAX_STEPS
            {
                found.push(i);
                self.reach(&self.notes[i].terms, found);
            }
        }
    }
}

/// Lets `out = kernel(inputs...)` wait, if that can pay: `out` is fresh, and inputs broadcast to it.
pub fn defer(kernel: RawKernel, inputs: &[Operand], scalar_size: usize, out: &Array, grain: usize) -> bool {
    let is_shared = |operand: &Operand| matches!(operand, Operand::Array(array) if array.buffer().is_shared());
    if out.numel() < MIN || !is_enabled() || inputs.iter().any(is_shared) {
        return false;
    }
    let terms: SmallVec<[Term; MAX_ARGS]> = inputs.iter().map(|operand| term(operand, scalar_size)).collect();
    let mut registry = registry_for(arrays(&terms), out.numel());
    let mut found = SmallVec::new();
    registry.reach(&terms, &mut found);
    if found.len() >= MAX_STEPS {
        drop(registry);
        arrays(&terms).for_each(|array| array.buffer().settle());
        registry = registry_for(arrays(&terms), out.numel());
    }
    arrays(&terms).for_each(|array| array.buffer().add_reader());
    // Memory that was shared before this moment is seen here; whoever shares it later sees its readers.
    if arrays(&terms).any(|array| array.buffer().is_shared()) {
        arrays(&terms).for_each(|array| array.buffer().remove_reader());
        drop(registry);
        return false;
    }
    out.buffer().reserve();
    out.buffer().set_pending(true);
    registry.notes.push(Note::new(kernel, terms, out, grain));
    keep_to_bounds(registry);
    true
}

/// Lets all of `out`'s memory wait to become `value`, if that can pay: what is written to before it is read need not be
/// filled. `kernel` repeats a number.
pub fn defer_fill(kernel: RawKernel, value: Bits, out: &Array, grain: usize) -> bool {
    let (buffer, size) = (out.buffer(), out.dtype().size());
    let is_all = out.is_contiguous() && out.numel() * size == buffer.bytes();
    if out.numel() < MIN || !is_enabled() || !is_all || buffer.is_shared() {
        return false;
    }
    // Whoever reads or writes this memory is done with it before, or sees that it waits after.
    let lock = Locks::acquire(std::iter::empty(), Some(buffer));
    let mut registry = registry();
    buffer.set_pending(true);
    fence(Ordering::SeqCst);
    if buffer.is_shared() || buffer.readers() != 0 {
        buffer.set_pending(false);
        return false;
    }
    let note = Note::new(kernel, smallvec![Term::Number(value, size)], out, grain);
    registry.notes.push(Note { is_fill: true, ..note });
    drop(lock);
    keep_to_bounds(registry);
    true
}

/// Computes the oldest result if too many wait.
fn keep_to_bounds(registry: MutexGuard<Registry>) {
    let is_full = registry.notes.len() > MAX_WAITING || registry.kept() > MAX_KEPT;
    let oldest = if is_full { registry.notes.iter().find(|note| !note.claimed) } else { None };
    let oldest = oldest.map(|note| Buffer::clone(&note.out));
    drop(registry);
    if let Some(oldest) = oldest {
        oldest.settle();
    }
}

fn arrays(terms: &[Term]) -> impl Iterator<Item = &Array> + Clone {
    terms.iter().filter_map(|term| if let Term::Array(array) = term { Some(array) } else { None })
}

fn term(operand: &Operand, scalar_size: usize) -> Term {
    match operand {
        Operand::Scalar(bits) => Term::Number(*bits, scalar_size),
        // One element for all, perhaps spread over the shape.
        Operand::Array(array)
            if array.shape().iter().zip(array.layout().strides()).all(|(&n, &s)| n == 1 || s == 0) =>
        {
            Term::Number(array.first().bits(array.dtype()), array.dtype().size())
        }
        Operand::Array(array) => Term::Array((*array).clone()),
    }
}

/// The registry, where arrays that wait can be steps of a program for `n` elements: what is read in another order, in
/// part or as elements of another size is computed first.
fn registry_for<'a>(arrays: impl Iterator<Item = &'a Array> + Clone, n: usize) -> MutexGuard<'static, Registry> {
    loop {
        let registry = registry();
        let is_other = |array: &&Array| array.buffer().is_pending() && registry.find_whole(array, n).is_none();
        let Some(other) = arrays.clone().find(is_other) else { return registry };
        drop(registry);
        other.buffer().settle();
    }
}

// ---- programs ----

/// Results that this thread writes: taken off the registry when dropped.
pub struct Claims(SmallVec<[Buffer; 2]>);

impl Drop for Claims {
    fn drop(&mut self) {
        // A panic can come here with the registry's lock held.
        if std::thread::panicking() {
            return;
        }
        let mut registry = registry();
        let taken = self.0.iter().filter_map(|buffer| registry.find(buffer).map(|i| registry.remove(i)));
        let notes: SmallVec<[Note; 2]> = taken.collect();
        // What the notes held may be the last reference to other waiting results.
        drop(registry);
        drop(notes);
    }
}

/// A program in the making.
struct Builder<'a> {
    registry: &'a mut Registry,
    program: Program,
    claims: Claims,
    /// The results that are steps already.
    known: SmallVec<[(usize, Ref); MAX_STEPS]>,
}

impl Builder<'_> {
    fn term(&mut self, term: &Term, shape: &[usize]) -> Ref {
        match term {
            Term::Number(bits, size) => self.program.number(*bits, *size),
            Term::Array(array) => self.array(array, shape),
        }
    }

    fn array(&mut self, array: &Array, shape: &[usize]) -> Ref {
        let Some(i) = self.registry.find_pending(array.buffer()) else { return self.program.array(array, shape) };
        match &self.registry.notes[i] {
            Note { is_fill: true, terms, .. } => self.term(&terms[0].clone(), shape),
            _ => self.waiting(i, false),
        }
    }

    /// The steps of a waiting result. It is also written if that is wanted, or if it is held and dear, or met the second
    /// time.
    fn waiting(&mut self, i: usize, wanted: bool) -> Ref {
        if let Some((_, step)) = self.known.iter().find(|(known, _)| *known == i) {
            return *step;
        }
        let note = &mut self.registry.notes[i];
        let store = !note.claimed && (wanted || note.out.is_held() && (note.seen || note.grain <= DEAR));
        (note.claimed, note.seen) = (note.claimed || store, true);
        let (kernel, size, grain, out) = (note.kernel, note.size, note.grain, note.out.uncounted());
        let (terms, layout) = (std::mem::take(&mut note.terms), note.layout.clone());
        let args = terms.iter().map(|term| self.term(term, layout.shape())).collect();
        self.registry.notes[i].terms = terms;
        let step = self.program.step(kernel, args, size, grain);
        if store {
            self.program.store(out.unreserve());
            self.claims.0.push(Buffer::clone(&out));
        }
        self.known.push((i, step));
        step
    }
}

impl Registry {
    fn build(&mut self, n: usize, make: impl FnOnce(&mut Builder)) -> (Program, Claims) {
        let claims = Claims(SmallVec::new());
        let mut builder = Builder { registry: self, program: Program::new(n), claims, known: SmallVec::new() };
        make(&mut builder);
        let Builder { mut program, claims, .. } = builder;
        program.place_tiles();
        (program, claims)
    }
}

/// `out = kernel(inputs...)`, together with what the inputs wait for, and what `out` waits for itself.
pub fn write(kernel: RawKernel, inputs: &[Operand], scalar_size: usize, out: &Array, grain: usize) {
    let (n, buffer) = (out.numel(), out.buffer());
    let arrays =
        inputs.iter().filter_map(|operand| if let Operand::Array(array) = operand { Some(*array) } else { None });
    let (mut registry, own) = loop {
        let registry = registry_for(arrays.clone(), n);
        let own = registry.find_whole(out, n).filter(|&i| !registry.notes[i].claimed);
        if buffer.readers() == 0 && (own.is_some() || !buffer.is_pending()) {
            break (registry, own);
        }
        drop(registry);
        buffer.settle_for_writing();
    };
    let (program, claims) = registry.build(n, |builder| {
        // What it waited for is a step on the way to the new elements, and not written.
        if let Some(i) = own {
            builder.registry.notes[i].claimed = true;
            builder.claims.0.push(buffer.clone());
        }
        let mut args = SmallVec::new();
        for operand in inputs {
            args.push(match operand {
                Operand::Scalar(bits) => builder.program.number(*bits, scalar_size),
                Operand::Array(array) => builder.array(array, out.shape()),
            });
        }
        builder.program.step(kernel, args, out.dtype().size(), grain);
        match own {
            Some(_) => builder.program.store(buffer.unreserve()),
            None => builder.program.store_in(out),
        }
    });
    drop(registry);
    {
        // Memory that waits is nobody else's.
        let _locks = program.locks(if own.is_none() { Some(buffer) } else { None });
        program.run();
    }
    drop(claims);
}

/// The program whose last step gives x's elements, if they wait; they go on waiting.
pub fn program_of(x: &Array) -> Option<(Program, Claims)> {
    if !x.buffer().is_pending() {
        return None;
    }
    let mut registry = registry();
    let i = registry.find_whole(x, x.numel())?;
    Some(registry.build(x.numel(), |builder| {
        builder.waiting(i, false);
    }))
}

// ---- what buffers ask for ----

/// Computes the elements of a buffer, or waits for the thread that does.
#[cold]
pub fn compute(buffer: &Buffer) {
    let mut attempts = 0;
    loop {
        let mut registry = registry();
        let Some(i) = registry.find(buffer) else { return };
        if !registry.notes[i].claimed {
            let n = registry.notes[i].layout.numel();
            let (program, claims) = registry.build(n, |builder| {
                builder.waiting(i, true);
            });
            drop(registry);
            {
                let _locks = program.locks(None);
                program.run();
            }
            return drop(claims);
        }
        drop(registry);
        back_off(&mut attempts);
    }
}

/// Computes every result that waits to read this memory.
#[cold]
pub fn compute_readers(buffer: &Buffer) {
    let reads = |note: &&Note| arrays(&note.terms).any(|array| array.buffer().same(buffer));
    loop {
        let reader = registry().notes.iter().find(reads).map(|note| Buffer::clone(&note.out));
        let Some(reader) = reader else { return };
        reader.settle();
    }
}

/// Counts a reference to a waiting result away; true if it was the last, and nothing waits any more.
#[cold]
pub fn drop_reference(buffer: &Buffer) -> bool {
    let mut registry = registry();
    let is_last = buffer.forget_one();
    let note = if is_last { registry.find(buffer).map(|i| registry.remove(i)) } else { None };
    drop(registry);
    drop(note);
    is_last
}
