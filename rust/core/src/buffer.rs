//! Memory of tensors: aligned, reference-counted blocks from a cache, with a version and a reader/writer lock each.
//!
//! A small block is a 64-byte header followed by the data, so that a small tensor's memory is one allocation; large data
//! are a block of their own. Freed blocks are kept in size classes (small ones per thread, large ones behind one mutex),
//! because fresh pages from the system cost several times the work that is done in them. For the same reason a result
//! that waits holds a block that need not have pages yet, and gets one that has when it is computed.
//!
//! Locking makes in-place writes sound from any thread: kernels hold read locks on what they read and a write lock
//! on what they write. A lock is one uncontended atomic; it is held only inside kernels, which never wait for
//! anything else, so waiting for one always ends. Where callers exclude each other anyway (`exclude_each_other`),
//! locks are taken only while somebody works outside of that exclusion.

mod cache;

pub use cache::{HUGE_MIN, empty_cache};

use crate::error::Result;
use crate::kernels::deferred;
use cache::{LOCAL_MAX, block_size};
use smallvec::SmallVec;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence};

pub const ALIGN: usize = 64;
const HEADER: usize = size_of::<Header>();
const WRITER: u32 = 1 << 31;

#[repr(C, align(64))]
struct Header {
    refs: AtomicUsize,
    lock: AtomicU32,
    version: AtomicU32,
    /// Changes only while the elements wait.
    data: AtomicPtr<u8>,
    bytes: usize,
    /// The size class of the block: of header and data up to `LOCAL_MAX`, of the data alone above. The data of foreign
    /// buffers lies elsewhere.
    block: usize,
    /// Keeps foreign memory alive.
    owner: Option<Box<dyn Send + Sync>>,
    /// How many results wait to be computed from this memory.
    readers: AtomicU32,
    /// The elements themselves wait to be computed (`kernels::deferred` knows how).
    pending: AtomicBool,
    /// Others know the address and may read or write at any time.
    shared: AtomicBool,
    /// The data's block is not to be written to before it is exchanged.
    reserved: AtomicBool,
    writable: bool,
}

/// A counted reference to a block.
pub struct Buffer {
    header: NonNull<Header>,
    _owns: PhantomData<Header>,
}

// SAFETY: the header's fields are atomic or never written after creation; the data is reached only through
// `Locks` (or by the sole owner), and the owner is `Send + Sync`.
unsafe impl Send for Buffer {}
unsafe impl Sync for Buffer {}

impl Clone for Buffer {
    #[inline]
    fn clone(&self) -> Buffer {
        self.head().refs.fetch_add(1, Ordering::Relaxed);
        Buffer { header: self.header, _owns: PhantomData }
    }
}

impl Drop for Buffer {
    #[inline]
    fn drop(&mut self) {
        let refs = &self.head().refs;
        let is_last = if self.is_pending() {
            deferred::drop_reference(self)
        } else {
            // The only reference needs no atomic subtraction: nobody is left to make another.
            refs.load(Ordering::Acquire) == 1 || refs.fetch_sub(1, Ordering::Release) == 1
        };
        if is_last {
            fence(Ordering::Acquire);
            // SAFETY: this was the last reference.
            unsafe { release(self.header) }
        }
    }
}

impl Buffer {
    #[inline(always)]
    fn head(&self) -> &Header {
        // SAFETY: the header lives while a reference does.
        unsafe { self.header.as_ref() }
    }

    /// Memory with unspecified contents; the caller writes before it reads.
    #[inline(always)]
    pub fn uninit(op: &'static str, bytes: usize) -> Result<Buffer> {
        let block = block_size(op, bytes)?;
        if block > LOCAL_MAX {
            return Buffer::large(op, bytes, block);
        }
        let raw = cache::take(op, block)?;
        Ok(Buffer::adopt(raw, raw.as_ptr().wrapping_add(HEADER), bytes, block))
    }

    #[cold]
    fn large(op: &'static str, bytes: usize, block: usize) -> Result<Buffer> {
        let data = cache::take(op, block)?;
        match cache::take(op, cache::SMALLEST) {
            Ok(raw) => Ok(Buffer::adopt(raw, data.as_ptr(), bytes, block)),
            Err(error) => {
                // SAFETY: it came from there just now.
                unsafe { cache::give_back(data, block) };
                Err(error)
            }
        }
    }

    pub fn zeroed(op: &'static str, bytes: usize) -> Result<Buffer> {
        let buffer = Buffer::uninit(op, bytes)?;
        // SAFETY: the block is ours alone and holds `bytes` after its header.
        unsafe { std::ptr::write_bytes(buffer.data(), 0, bytes) };
        Ok(buffer)
    }

    /// Memory that somebody else owns; `owner` keeps it alive.
    ///
    /// # Safety
    /// `data` is valid for `bytes` bytes of reads (and writes, if `writable`) as long as `owner` lives.
    pub unsafe fn foreign(data: *mut u8, bytes: usize, writable: bool, owner: Box<dyn Send + Sync>) -> Result<Buffer> {
        let mut buffer = Buffer::uninit("from_numpy", 0)?;
        // SAFETY: nobody else has this header yet.
        let header = unsafe { buffer.header.as_mut() };
        *header.data.get_mut() = data;
        header.bytes = bytes;
        header.writable = writable;
        header.owner = Some(owner);
        *header.shared.get_mut() = true;
        Ok(buffer)
    }

    #[inline]
    fn adopt(raw: NonNull<u8>, data: *mut u8, bytes: usize, block: usize) -> Buffer {
        let header = raw.cast::<Header>();
        // SAFETY: the block has room for a header, is aligned to 64 and ours alone.
        unsafe {
            header.write(Header {
                refs: AtomicUsize::new(1),
                lock: AtomicU32::new(0),
                version: AtomicU32::new(0),
                data: AtomicPtr::new(data),
                bytes,
                block,
                owner: None,
                readers: AtomicU32::new(0),
                pending: AtomicBool::new(false),
                shared: AtomicBool::new(false),
                reserved: AtomicBool::new(false),
                writable: true,
            });
        }
        Buffer { header, _owns: PhantomData }
    }

    /// The memory, with its elements computed.
    #[inline(always)]
    pub fn data(&self) -> *mut u8 {
        self.settle();
        self.address()
    }
    #[inline(always)]
    fn address(&self) -> *mut u8 {
        self.head().data.load(Ordering::Relaxed)
    }
    pub fn bytes(&self) -> usize {
        self.head().bytes
    }
    #[inline]
    pub fn version(&self) -> u32 {
        self.head().version.load(Ordering::Relaxed)
    }
    #[inline]
    pub fn bump_version(&self) {
        self.head().version.fetch_add(1, Ordering::Relaxed);
    }
    pub fn is_writable(&self) -> bool {
        self.head().writable
    }
    /// True when no other tensor, view or export can see this memory.
    #[inline]
    pub fn is_unique(&self) -> bool {
        self.head().refs.load(Ordering::Acquire) == 1 && self.head().owner.is_none()
    }
    #[inline]
    pub fn same(&self, other: &Buffer) -> bool {
        self.header == other.header
    }
    /// Foreign buffers of the same memory are different objects; overlap is a question of addresses.
    pub fn may_overlap(&self, other: &Buffer) -> bool {
        let (a, b) = (self.address() as usize, other.address() as usize);
        a < b + other.bytes() && b < a + self.bytes()
    }

    #[inline]
    fn try_read(&self) -> bool {
        let lock = &self.head().lock;
        if lock.fetch_add(1, Ordering::Acquire) & WRITER == 0 {
            return true;
        }
        lock.fetch_sub(1, Ordering::Relaxed);
        false
    }
    #[inline]
    fn try_write(&self) -> bool {
        self.head().lock.compare_exchange(0, WRITER, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }
    #[inline]
    fn end_read(&self) {
        self.head().lock.fetch_sub(1, Ordering::Release);
    }
    #[inline]
    fn end_write(&self) {
        self.head().lock.fetch_sub(WRITER, Ordering::Release);
    }
}

/// Elements that wait to be computed.
impl Buffer {
    #[inline(always)]
    pub fn is_pending(&self) -> bool {
        self.head().pending.load(Ordering::Acquire)
    }
    /// How many results wait to be computed from this memory.
    #[inline]
    pub fn readers(&self) -> usize {
        self.head().readers.load(Ordering::SeqCst) as usize
    }
    /// Computes the elements if they wait.
    #[inline(always)]
    pub fn settle(&self) {
        if self.is_pending() {
            deferred::compute(self);
        }
    }
    /// Before a write: computes the elements and everything that waits to be computed from them.
    #[inline]
    pub fn settle_for_writing(&self) {
        self.settle();
        if self.readers() != 0 {
            deferred::compute_readers(self);
        }
    }
    /// The address for others, who may read and write there at any time: nothing waits for this memory any more.
    pub fn share(&self) -> *mut u8 {
        self.head().shared.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        self.settle_for_writing();
        self.address()
    }
    pub fn is_shared(&self) -> bool {
        self.head().shared.load(Ordering::SeqCst)
    }

    // For `kernels::deferred`, under its lock.

    pub(crate) fn set_pending(&self, on: bool) {
        self.head().pending.store(on, Ordering::Release);
    }
    /// Leaves the memory to others for as long as the elements wait; what is held is a reservation. The buffer is fresh.
    pub(crate) fn reserve(&self) {
        let head = self.head();
        if head.block > LOCAL_MAX
            && let Some(reserved) = cache::take_untouched(head.block)
        {
            head.reserved.store(true, Ordering::Relaxed);
            let before = head.data.swap(reserved.as_ptr(), Ordering::Relaxed);
            // SAFETY: it was this fresh buffer's, and has no other user.
            unsafe { cache::give_back(NonNull::new_unchecked(before), head.block) };
        }
    }
    /// Memory to write the elements to that wait.
    pub(crate) fn unreserve(&self) -> *mut u8 {
        let head = self.head();
        if head.reserved.swap(false, Ordering::Relaxed)
            && let Some(touched) = cache::take_touched(head.block)
        {
            let before = head.data.swap(touched.as_ptr(), Ordering::Relaxed);
            // SAFETY: nobody knows the address of data that wait.
            unsafe { cache::give_back_untouched(NonNull::new_unchecked(before), head.block) };
        }
        self.address()
    }
    pub(crate) fn add_reader(&self) {
        self.head().readers.fetch_add(1, Ordering::SeqCst);
    }
    pub(crate) fn remove_reader(&self) {
        self.head().readers.fetch_sub(1, Ordering::Release);
    }
    /// True if somebody else than waiting results holds this memory.
    pub(crate) fn is_held(&self) -> bool {
        self.head().refs.load(Ordering::Relaxed) > self.readers()
    }
    /// Counts a reference away; true if it was the last.
    pub(crate) fn forget_one(&self) -> bool {
        self.head().refs.fetch_sub(1, Ordering::Release) == 1
    }
    /// A handle that is not counted, for a list from which the last counted one removes it.
    pub(crate) fn uncounted(&self) -> ManuallyDrop<Buffer> {
        ManuallyDrop::new(Buffer { header: self.header, _owns: PhantomData })
    }
}

/// How many callers may be inside kernels without excluding each other; 0 only where [`exclude_each_other`] says so.
static CONCURRENT: AtomicU32 = AtomicU32::new(1);

/// Promises that from now on all calls of this crate exclude each other (in Python: by the interpreter's lock),
/// except inside [`concurrently`]. Small kernels then need no locks.
///
/// # Safety
/// The promise must hold for every thread of the process.
pub unsafe fn exclude_each_other() {
    CONCURRENT.store(0, Ordering::SeqCst);
}

/// Runs `work` beside other callers. It must be entered while the exclusion holds, which `work` may then give up.
pub fn concurrently<T>(work: impl FnOnce() -> T) -> T {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            CONCURRENT.fetch_sub(1, Ordering::Release);
        }
    }
    CONCURRENT.fetch_add(1, Ordering::SeqCst);
    let _leave = Leave;
    work()
}

/// False if no other caller can be inside a kernel now.
#[inline]
pub fn is_concurrent() -> bool {
    CONCURRENT.load(Ordering::Acquire) != 0
}

/// Lets the thread that is waited for go on, for longer the more attempts have failed.
pub(crate) fn back_off(attempts: &mut u32) {
    *attempts += 1;
    match *attempts {
        ..64 => std::hint::spin_loop(),
        64..256 => std::thread::yield_now(),
        _ => std::thread::sleep(std::time::Duration::from_micros(50)),
    }
}

/// Locks on the buffers of one kernel call, released when dropped.
pub struct Locks<'a> {
    read: SmallVec<[&'a Buffer; 4]>,
    write: Option<&'a Buffer>,
}

impl<'a> Locks<'a> {
    /// Takes all or waits for all: on a clash it lets go of what it has, so two kernels never wait for each other.
    #[inline]
    pub fn acquire(reads: impl Iterator<Item = &'a Buffer> + Clone, write: Option<&'a Buffer>) -> Locks<'a> {
        let mut attempts = 0u32;
        loop {
            // Before any lock is held, since computing takes locks too.
            reads.clone().for_each(Buffer::settle);
            if let Some(buffer) = write {
                buffer.settle_for_writing();
            }
            let mut locks = Locks { read: SmallVec::new(), write: None };
            if !is_concurrent() || locks.try_all(reads.clone(), write) && locks.are_settled() {
                return locks;
            }
            drop(locks);
            back_off(&mut attempts);
        }
    }

    #[inline]
    fn try_all(&mut self, reads: impl Iterator<Item = &'a Buffer>, write: Option<&'a Buffer>) -> bool {
        if let Some(buffer) = write {
            if !buffer.try_write() {
                return false;
            }
            self.write = write;
        }
        for buffer in reads {
            if write.is_some_and(|w| w.same(buffer)) {
                continue;
            }
            if !buffer.try_read() {
                return false;
            }
            self.read.push(buffer);
        }
        true
    }
}

impl Locks<'_> {
    /// Whether nothing began to wait before the locks were held.
    fn are_settled(&self) -> bool {
        !self.read.iter().copied().chain(self.write).any(Buffer::is_pending)
    }
}

impl Drop for Locks<'_> {
    #[inline]
    fn drop(&mut self) {
        for buffer in &self.read {
            buffer.end_read();
        }
        if let Some(buffer) = self.write {
            buffer.end_write();
        }
    }
}

/// # Safety
/// No reference to the header is left.
#[inline]
unsafe fn release(header: NonNull<Header>) {
    // SAFETY: as the caller promises; the fields are dropped once, and the blocks are free and came from the cache.
    unsafe {
        let head = &mut *header.as_ptr();
        drop(head.owner.take());
        let (block, data) = (head.block, NonNull::new_unchecked(*head.data.get_mut()));
        if block <= LOCAL_MAX {
            return cache::give_back(header.cast(), block);
        }
        match *head.reserved.get_mut() {
            true => cache::give_back_untouched(data, block),
            false => cache::give_back(data, block),
        }
        cache::give_back(header.cast(), cache::SMALLEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn blocks_are_aligned_reused_and_bounded() {
        let first = Buffer::uninit("test", 1 << 20).unwrap();
        let address = first.data() as usize;
        assert_eq!(address % ALIGN, 0);
        drop(first);
        assert_eq!(Buffer::uninit("test", 1 << 20).unwrap().data() as usize, address);
        assert!(matches!(Buffer::uninit("test", 1 << 62), Err(Error::Memory { .. })));
    }

    #[test]
    fn a_writer_excludes_readers_and_two_kernels_never_wait_for_each_other() {
        let (a, b) = (Buffer::zeroed("test", 8).unwrap(), Buffer::zeroed("test", 8).unwrap());
        std::thread::scope(|scope| {
            for (x, y) in [(&a, &b), (&b, &a)] {
                scope.spawn(move || {
                    for _ in 0..10_000 {
                        let _locks = Locks::acquire([x].into_iter(), Some(y));
                        // SAFETY: y is locked for writing, x for reading; both hold 8 bytes.
                        unsafe { *y.data().cast::<u64>() = *x.data().cast::<u64>() + 1 };
                    }
                });
            }
        });
    }
}
