//! Stores past the caches, for results that are too large to be found there later. A plain store has the memory read
//! first, which costs as much as what is asked for.

/// Bytes of a result from which on it pays.
pub const FAR: usize = if cfg!(all(target_arch = "x86_64", not(miri))) { 16 << 20 } else { usize::MAX };

/// Copies elements that nobody reads before [`finish`].
///
/// # Safety
/// So many bytes can be read and written, and do not overlap.
pub unsafe fn copy(from: *const u8, to: *mut u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    if to.addr().is_multiple_of(16) {
        use std::arch::x86_64::{_mm_loadu_si128, _mm_stream_si128};
        let whole = bytes / 16;
        // SAFETY: as the caller promises, and the stores are aligned.
        return unsafe {
            for i in 0..whole {
                _mm_stream_si128(to.cast::<[u8; 16]>().add(i).cast(), _mm_loadu_si128(from.add(16 * i).cast()));
            }
            std::ptr::copy_nonoverlapping(from.add(16 * whole), to.add(16 * whole), bytes % 16);
        };
    }
    // SAFETY: as the caller promises.
    unsafe { std::ptr::copy_nonoverlapping(from, to, bytes) }
}

/// What this thread has copied is there before anything that it does next.
pub fn finish() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a fence has no conditions.
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn copies_have_any_start_and_length() {
        let from: Vec<u8> = (0..=255).collect();
        for start in 0..40 {
            for length in (0..40).chain(150..170) {
                let mut to = [7u8; 256];
                // SAFETY: both have so many bytes there.
                unsafe { super::copy(from[3..].as_ptr(), to[start..].as_mut_ptr(), length) };
                super::finish();
                assert_eq!(to[start..start + length], from[3..3 + length]);
                assert!(to[..start].iter().chain(&to[start + length..]).all(|&v| v == 7));
            }
        }
    }
}
