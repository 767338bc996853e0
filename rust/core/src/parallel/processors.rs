//! Where the pool's threads run. Left to itself, Linux on a virtual machine is seen to wake a sleeping thread on the
//! processor of the one that wakes it, though another one is idle: both then share one processor for as long as the work
//! lasts. So the pool keeps off the processor that its caller runs on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// The processor that the pool's threads keep off; -1 before there was work for them.
static AVOIDED: AtomicI32 = AtomicI32::new(-1);

/// The pool's threads by the system's numbers, and when they were last told where to run.
static POOL: Mutex<Pool> = Mutex::new(Pool { threads: Vec::new(), told: None });

struct Pool {
    threads: Vec<libc::pid_t>,
    told: Option<Instant>,
}

/// Callers on several processors that take turns would drive the pool around: it moves no more often than this.
const REST: Duration = Duration::from_micros(100);

/// The calling thread is one of the pool's from now on.
pub fn enlist() {
    let Ok(mut pool) = POOL.lock() else { return };
    // SAFETY: gettid has no conditions.
    let thread = unsafe { libc::gettid() };
    pool.threads.push(thread);
    if let Some(others) = others(AVOIDED.load(Ordering::Relaxed)) {
        place(thread, &others);
    }
}

/// Keeps the pool off the processor that the calling thread runs on.
pub fn keep_off_this_one() {
    // SAFETY: sched_getcpu has no conditions.
    let this = unsafe { libc::sched_getcpu() };
    if AVOIDED.load(Ordering::Relaxed) == this {
        return;
    }
    let Ok(mut pool) = POOL.try_lock() else { return };
    if pool.told.is_some_and(|told| told.elapsed() < REST) {
        return;
    }
    pool.told = Some(Instant::now());
    AVOIDED.store(this, Ordering::Relaxed);
    if let Some(others) = others(this) {
        pool.threads.iter().for_each(|&thread| place(thread, &others));
    }
}

/// The processors that the calling thread may use, without one of them; None if that leaves none or is none.
fn others(one: i32) -> Option<libc::cpu_set_t> {
    let one = usize::try_from(one).ok().filter(|&one| one < libc::CPU_SETSIZE as usize)?;
    // SAFETY: a set of zeros is an empty one; the system writes no more than the size it is given.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) != 0 {
            return None;
        }
        libc::CPU_CLR(one, &mut set);
        (libc::CPU_COUNT(&set) > 0).then_some(set)
    }
}

/// A thread that cannot be placed stays where the system puts it.
fn place(thread: libc::pid_t, processors: &libc::cpu_set_t) {
    // SAFETY: the set is as large as the size that is given.
    unsafe { libc::sched_setaffinity(thread, size_of::<libc::cpu_set_t>(), processors) };
}
