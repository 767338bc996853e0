//! Philox4x32-10: a keyed bijection of 128-bit counters.
//!
//! J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_STEPS: [u64; 2] = [0x9E37_79B9, 0xBB67_AE85];
const LOW: u64 = 0xFFFF_FFFF;

/// The four output words of one counter under one key.
///
/// Words travel in 64-bit lanes whose upper halves are left dirty: only the multiplication looks at a whole lane, and
/// its mask is free in vector code, where the widening 32-bit multiply ignores the upper half anyway.
#[inline(always)]
pub(super) fn block(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut x0, mut x1, mut x2, mut x3] = counter.map(u64::from);
    let [mut k0, mut k1] = key.map(u64::from);
    for _ in 0..10 {
        let p0 = MULTIPLIERS[0] * (x0 & LOW);
        let p1 = MULTIPLIERS[1] * (x2 & LOW);
        x0 = (p1 >> 32) ^ x1 ^ k0;
        x1 = p1;
        x2 = (p0 >> 32) ^ x3 ^ k1;
        x3 = p0;
        k0 = k0.wrapping_add(KEY_STEPS[0]);
        k1 = k1.wrapping_add(KEY_STEPS[1]);
    }
    [x0 as u32, x1 as u32, x2 as u32, x3 as u32]
}

#[cfg(test)]
mod tests {
    use super::block;

    /// The three `philox4x32 10` lines of Random123's `tests/kat_vectors`: counter, key, expected.
    #[test]
    fn known_answers() {
        let vectors = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in vectors {
            assert_eq!(block(counter, key), expected);
        }
    }
}
