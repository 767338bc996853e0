//! Threads: one pool, used only where the work pays for the hand-over; how work is cut never shows in results.

#[cfg(target_os = "linux")]
mod processors;

use smallvec::SmallVec;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

static THREADS: AtomicUsize = AtomicUsize::new(0);
static POOL: OnceLock<()> = OnceLock::new();
static POOL_PROCESS: AtomicU32 = AtomicU32::new(0);

/// The number of parts that large work is cut into: `set_num_threads`, else `DIFFKIT_NUM_THREADS`, else the
/// processors that this process may use.
pub fn num_threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => {
            let variable = std::env::var("DIFFKIT_NUM_THREADS").ok().and_then(|v| v.parse().ok()).filter(|&n| n > 0);
            let n = variable.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()));
            set_num_threads(n);
            n
        }
        n => n,
    }
}

pub fn set_num_threads(n: usize) {
    THREADS.store(n.clamp(1, 1024), Ordering::Relaxed);
}

/// The threads that may be used now: one in a forked child, whose pool did not come along.
pub fn usable_threads() -> usize {
    let threads = num_threads();
    if threads == 1 {
        return 1;
    }
    POOL.get_or_init(|| {
        POOL_PROCESS.store(std::process::id(), Ordering::Relaxed);
        // The first caller becomes a worker itself, which saves the hand-over of every later call. If another
        // library of the process has set rayon up, its pool serves as well.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("diffkit-{i}"))
            .use_current_thread();
        #[cfg(target_os = "linux")]
        let pool = pool.start_handler(|_| processors::enlist());
        let _ = pool.build_global();
    });
    if POOL_PROCESS.load(Ordering::Relaxed) == std::process::id() { threads } else { 1 }
}

/// Shares of large work for each thread. A thread that wakes late or whose processor is busy takes fewer of them.
const SHARES: usize = 16;

/// Whether the next call goes through each part from its end: what one call wrote last, or read last, is in the caches
/// when the next one begins with it.
static BACKWARDS: AtomicBool = AtomicBool::new(false);

/// Calls `work` on ranges that cover `0..n`, on several threads when each would get at least `grain`. Each thread has a
/// part of its own, the same one in every call of this size, so that it finds in its cache what it left there; one that
/// is done with it goes on with the others'. `work` may be called any number of times.
pub fn ranges(n: usize, grain: usize, work: impl Fn(Range<usize>) + Sync) {
    share(n, grain.max(1), SHARES, &work);
}

/// The same for few large pieces, of which threads take as few at a time as the grain lets them, to end together.
pub fn pieces(n: usize, grain: usize, work: impl Fn(usize) + Sync) {
    share(n, grain.max(1), n, &|range| range.for_each(&work));
}

/// Compiled once for all kinds of work: a call through a pointer costs a share nothing, copies of this cost megabytes.
fn share(n: usize, grain: usize, shares: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
    let threads = if n <= grain { 1 } else { usable_threads().min(n / grain) };
    if threads <= 1 {
        return work(0..n);
    }
    let mut step = n.div_ceil(threads * shares).max(grain);
    if step >= 1 << 10 {
        // Starts on multiples of 64 keep writers out of each other's cache lines.
        step = step.next_multiple_of(64);
    }
    let part = n.div_ceil(threads).next_multiple_of(step);
    let nexts: SmallVec<[Next; 4]> = (0..threads).map(|thread| Next(AtomicUsize::new(thread * part))).collect();
    let left = AtomicUsize::new(n);
    let backwards = BACKWARDS.fetch_not(Ordering::Relaxed);
    let take = |own: usize| {
        for thread in (own..threads).chain(0..own) {
            let (first, end) = (thread * part, ((thread + 1) * part).min(n));
            let last = first + end.saturating_sub(first + 1) / step * step;
            loop {
                let next = nexts[thread].0.fetch_add(step, Ordering::Relaxed);
                if next >= end {
                    break;
                }
                let start = if backwards { first + last - next } else { next };
                let range = start..(start + step).min(end);
                let length = range.len();
                work(range);
                left.fetch_sub(length, Ordering::Release);
            }
        }
    };
    #[cfg(target_os = "linux")]
    processors::keep_off_this_one();
    // In place: a caller that is not of the pool works too.
    rayon::in_place_scope(|scope| {
        let take = &take;
        for thread in 1..threads {
            scope.spawn(move |_| take(thread));
        }
        take(0);
        linger(|| left.load(Ordering::Acquire) == 0);
    });
}

/// Waits a moment for what is about to happen: to fall asleep and be woken takes longer than the rest of a share.
fn linger(is_done: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_done() && start.elapsed() < LINGER {
        std::hint::spin_loop();
    }
}

const LINGER: Duration = Duration::from_micros(100);

/// Where a thread's part goes on; on a cache line of its own.
#[repr(align(64))]
struct Next(AtomicUsize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_worked_on_once_in_either_direction() {
        set_num_threads(2);
        for n in [2usize, 3, 16, 33, 100, 1023, 4097, 100_000] {
            for grain in [1, 5, 64, 1000] {
                let counts: Vec<AtomicUsize> = (0..n).map(|_| AtomicUsize::new(0)).collect();
                let both: [Vec<usize>; 2] = std::array::from_fn(|_| {
                    let firsts = std::sync::Mutex::new(Vec::new());
                    ranges(n, grain, |range| {
                        firsts.lock().unwrap().push(range.start);
                        range.for_each(|i| _ = counts[i].fetch_add(1, Ordering::Relaxed));
                    });
                    firsts.into_inner().unwrap()
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 2), "{n} by {grain}");
                // The same shares, so that partial results are the same.
                let [forth, back] = both.map(|mut firsts| {
                    firsts.sort_unstable();
                    firsts
                });
                assert_eq!(forth, back, "{n} by {grain}");
            }
        }
    }
}
