//! Freed blocks kept for reuse, in size classes: small ones per thread, large ones behind one mutex. Large blocks that
//! nobody wrote to are kept apart: they are addresses, without memory yet.

use super::{ALIGN, HEADER};
use crate::error::{Error, Result};
use std::alloc::Layout as Block;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, OnceLock};

/// Blocks up to this size are cached per thread, `LOCAL_KEEP` of each size class.
pub const LOCAL_MAX: usize = 64 << 10;
const LOCAL_KEEP: usize = 32;
/// The smallest block.
pub const SMALLEST: usize = 2 * HEADER;
/// Blocks without memory that are kept.
const UNTOUCHED_KEEP: usize = 64;

/// Blocks from this size on begin at a huge page, and the system is asked to use huge pages for them.
pub const HUGE_MIN: usize = 4 << 20;
const HUGE_PAGE: usize = 2 << 20;

/// The size class that holds a header and `bytes` while small, a power of two; then `bytes` alone, in four steps to the
/// octave.
#[inline]
pub fn block_size(op: &'static str, bytes: usize) -> Result<usize> {
    if bytes > memory_limit() {
        return Err(Error::Memory { op, bytes: bytes as u128 });
    }
    if bytes + HEADER <= LOCAL_MAX {
        return Ok((bytes + HEADER).max(SMALLEST).next_power_of_two());
    }
    let wanted = bytes.max(LOCAL_MAX + 1);
    let step = wanted.next_power_of_two() / 8;
    Ok(wanted.div_ceil(step) * step)
}

/// No allocation may be larger than the machine's (or the container's) memory: the system would grant it and kill
/// the process when it is touched.
fn memory_limit() -> usize {
    static LIMIT: OnceLock<usize> = OnceLock::new();
    *LIMIT.get_or_init(|| {
        let read = |path: &str| std::fs::read_to_string(path).ok();
        let total = read("/proc/meminfo").and_then(|text| {
            let line = text.lines().find(|l| l.starts_with("MemTotal:"))?;
            line.split_whitespace().nth(1)?.parse::<usize>().ok()?.checked_mul(1024)
        });
        let group = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
        total.unwrap_or(isize::MAX as usize).min(group.unwrap_or(usize::MAX)).min(isize::MAX as usize / 2)
    })
}

struct Local([Vec<NonNull<u8>>; 10]);

impl Local {
    const NEW: Local = Local([const { Vec::new() }; 10]);
}

impl Drop for Local {
    fn drop(&mut self) {
        for (class, blocks) in self.0.iter_mut().enumerate() {
            for raw in blocks.drain(..) {
                // SAFETY: cached blocks are free and of their class's size.
                unsafe { free(raw, SMALLEST << class) };
            }
        }
    }
}

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local::NEW) };
}

type Blocks = BTreeMap<usize, Vec<FreeBlock>>;

struct Shared {
    touched: Blocks,
    /// Bytes of the touched ones.
    bytes: usize,
    untouched: Blocks,
    /// How many untouched ones there are.
    count: usize,
}
struct FreeBlock(NonNull<u8>);
// SAFETY: a free block belongs to nobody.
unsafe impl Send for FreeBlock {}

static SHARED: Mutex<Shared> =
    Mutex::new(Shared { touched: BTreeMap::new(), bytes: 0, untouched: BTreeMap::new(), count: 0 });

fn shared() -> MutexGuard<'static, Shared> {
    SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Shared {
    fn take_touched(&mut self, block: usize) -> Option<NonNull<u8>> {
        let raw = self.touched.get_mut(&block)?.pop()?.0;
        self.bytes -= block;
        Some(raw)
    }
    fn take_untouched(&mut self, block: usize) -> Option<NonNull<u8>> {
        let raw = self.untouched.get_mut(&block)?.pop()?.0;
        self.count -= 1;
        Some(raw)
    }
}

/// Freed memory kept for reuse never exceeds an eighth of the machine's memory, nor 1 GiB.
fn cache_bound() -> usize {
    (memory_limit() / 8).min(1 << 30)
}

/// Gives all cached free memory of this thread and the shared cache back to the system.
pub fn empty_cache() {
    LOCAL.with(|local| *local.borrow_mut() = Local::NEW);
    let mut shared = shared();
    (shared.bytes, shared.count) = (0, 0);
    for (block, list) in std::mem::take(&mut shared.touched).into_iter().chain(std::mem::take(&mut shared.untouched)) {
        for FreeBlock(raw) in list {
            // SAFETY: cached blocks are free and of the size they are filed under.
            unsafe { free(raw, block) };
        }
    }
}

#[inline]
fn local_class(block: usize) -> usize {
    (block / SMALLEST).trailing_zeros() as usize
}

/// A block with unspecified contents.
#[inline]
pub fn take(op: &'static str, block: usize) -> Result<NonNull<u8>> {
    let cached = if block <= LOCAL_MAX {
        LOCAL.try_with(|local| local.borrow_mut().0[local_class(block)].pop()).ok().flatten()
    } else {
        let mut shared = shared();
        shared.take_touched(block).or_else(|| shared.take_untouched(block))
    };
    match cached {
        Some(raw) => Ok(raw),
        None => allocate(op, block),
    }
}

/// A large block that was written to before, if there is one.
pub fn take_touched(block: usize) -> Option<NonNull<u8>> {
    shared().take_touched(block)
}

/// A large block that need not have memory yet, if there is one.
pub fn take_untouched(block: usize) -> Option<NonNull<u8>> {
    let cached = shared().take_untouched(block);
    cached.or_else(|| allocate("reserve", block).ok())
}

/// Where a block begins: a multiple of this.
fn alignment(block: usize) -> usize {
    if block >= HUGE_MIN { HUGE_PAGE } else { ALIGN }
}

fn allocate(op: &'static str, block: usize) -> Result<NonNull<u8>> {
    let error = || Error::Memory { op, bytes: block as u128 };
    let layout = Block::from_size_align(block, alignment(block)).map_err(|_| error())?;
    // SAFETY: the layout's size is not zero.
    let raw = NonNull::new(unsafe { std::alloc::alloc(layout) }).ok_or_else(error)?;
    if block >= HUGE_MIN {
        advise(raw, block);
    }
    Ok(raw)
}

/// Asks for huge pages: fewer of them are faulted in and looked up, which the bandwidth of large arrays feels.
fn advise(raw: NonNull<u8>, block: usize) {
    #[cfg(all(target_os = "linux", not(miri)))]
    // SAFETY: whole pages inside a block that is ours. It is advice: what comes of it does not matter.
    unsafe {
        libc::madvise(raw.as_ptr().cast(), block / HUGE_PAGE * HUGE_PAGE, libc::MADV_HUGEPAGE);
    }
}

/// # Safety
/// `raw` came from here with this block size, and nobody uses it.
unsafe fn free(raw: NonNull<u8>, block: usize) {
    // SAFETY: the same layout as in `allocate`, which checked it.
    unsafe { std::alloc::dealloc(raw.as_ptr(), Block::from_size_align_unchecked(block, alignment(block))) }
}

/// Keeps a block for reuse, or gives it back to the system where enough are kept.
///
/// # Safety
/// `raw` came from here with this block size, and nobody uses it.
#[inline]
pub unsafe fn give_back(raw: NonNull<u8>, block: usize) {
    if block <= LOCAL_MAX {
        let kept = LOCAL.try_with(|local| {
            let list = &mut local.borrow_mut().0[local_class(block)];
            let room = list.len() < LOCAL_KEEP;
            if room {
                list.push(raw);
            }
            room
        });
        if kept == Ok(true) {
            return;
        }
    } else {
        let mut shared = shared();
        if shared.bytes + block <= cache_bound() {
            shared.bytes += block;
            shared.touched.entry(block).or_default().push(FreeBlock(raw));
            return;
        }
    }
    // SAFETY: the block is free and came from `allocate`.
    unsafe { free(raw, block) }
}

/// [`give_back`] for a large block that nobody wrote to since it was [`take_untouched`].
///
/// # Safety
/// As there.
pub unsafe fn give_back_untouched(raw: NonNull<u8>, block: usize) {
    let mut shared = shared();
    if shared.count < UNTOUCHED_KEEP {
        shared.count += 1;
        shared.untouched.entry(block).or_default().push(FreeBlock(raw));
        return;
    }
    drop(shared);
    // SAFETY: as the caller promises.
    unsafe { free(raw, block) }
}
