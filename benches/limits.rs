//! What the machine can do at most: multiply-adds in registers, sums of arrays, and reading memory; without any other
//! work.

use std::hint::black_box;
use std::ops::{Add, Mul};
use std::thread;

/// Enough sums to hide the latency of an instruction, as many as registers hold.
const BYTES: usize = if cfg!(target_feature = "avx512f") {
    24 * 64
} else if cfg!(target_feature = "avx") {
    12 * 32
} else {
    12 * 16
};

trait Float: Copy + Default + Add<Output = Self> + Mul<Output = Self> {
    fn fused(self, factor: Self, term: Self) -> Self;
    const HALF: Self;
}

macro_rules! float {
    ($($T:ty)*) => {
        $(impl Float for $T {
            const HALF: $T = 0.5;
            fn fused(self, factor: $T, term: $T) -> $T {
                if cfg!(any(target_feature = "fma", target_arch = "aarch64")) { self.mul_add(factor, term) } else { self * factor + term }
            }
        })*
    };
}
float!(f32 f64);

fn multiply_add<T: Float, const N: usize>(count: usize) {
    let (mut sums, half) = ([T::default(); N], black_box(T::HALF));
    for _ in 0..count / N {
        for sum in &mut sums {
            *sum = sum.fused(half, half);
        }
    }
    black_box(sums);
}

/// Does the work on each part, on a thread of its own.
fn on_each<P: Send>(mut parts: impl Iterator<Item = P>, work: impl Fn(P) + Sync) {
    let caller = processors::this();
    let own = parts.next();
    thread::scope(|scope| {
        for part in parts {
            let work = &work;
            scope.spawn(move || {
                processors::keep_off(caller);
                work(part);
            });
        }
        own.map(&work);
    });
}

/// New threads begin on the processor of the one that starts them, and some systems leave them there for long.
#[cfg(target_os = "linux")]
mod processors {
    type Set = [u64; 16];

    unsafe extern "C" {
        fn sched_getcpu() -> i32;
        fn sched_getaffinity(thread: i32, size: usize, set: *mut Set) -> i32;
        fn sched_setaffinity(thread: i32, size: usize, set: *const Set) -> i32;
    }

    pub fn this() -> usize {
        // SAFETY: it has no conditions.
        unsafe { sched_getcpu() }.try_into().unwrap_or(0)
    }

    pub fn keep_off(processor: usize) {
        let mut set = [0; 16];
        // SAFETY: the set is as large as the size that is given.
        unsafe {
            if sched_getaffinity(0, size_of::<Set>(), &mut set) == 0 && processor < 64 * set.len() {
                set[processor / 64] &= !(1 << (processor % 64));
                sched_setaffinity(0, size_of::<Set>(), &set);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod processors {
    pub fn this() -> usize {
        0
    }
    pub fn keep_off(_: usize) {}
}

/// `count` multiply-adds of float32, shared by the threads.
#[unsafe(no_mangle)]
pub extern "C" fn multiply_add_float32(count: usize, threads: usize) {
    on_each(0..threads, |_| multiply_add::<f32, { BYTES / 4 }>(count / threads));
}

/// `count` multiply-adds of float64, shared by the threads.
#[unsafe(no_mangle)]
pub extern "C" fn multiply_add_float64(count: usize, threads: usize) {
    on_each(0..threads, |_| multiply_add::<f64, { BYTES / 8 }>(count / threads));
}

/// `sums = xs + ys` for `count` elements, `times` times, shared by the threads, which never wait for each other.
///
/// # Safety
/// They are there, and nobody else uses the sums.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn add_float32(
    xs: *const f32,
    ys: *const f32,
    sums: *mut f32,
    count: usize,
    threads: usize,
    times: usize,
) {
    // SAFETY: as the caller promises.
    let (xs, ys, sums) = unsafe {
        let sums = std::slice::from_raw_parts_mut(sums, count);
        (std::slice::from_raw_parts(xs, count), std::slice::from_raw_parts(ys, count), sums)
    };
    let part = count.div_ceil(threads);
    let parts = xs.chunks(part).zip(ys.chunks(part)).zip(sums.chunks_mut(part));
    on_each(parts, |((xs, ys), sums)| {
        for _ in 0..times {
            for ((sum, x), y) in sums.iter_mut().zip(xs).zip(ys) {
                *sum = x + y;
            }
            black_box(&mut *sums);
        }
    });
}

/// Reads `count` words of 8 bytes, shared by the threads.
///
/// # Safety
/// They are there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(words: *const u64, count: usize, threads: usize) {
    // SAFETY: as the caller promises.
    let words = unsafe { std::slice::from_raw_parts(words, count) };
    on_each(words.chunks(count.div_ceil(threads)), |part| {
        black_box(part.iter().fold(0, |sum, word| sum ^ word));
    });
}
