//! Pairs of inputs for functions of two arguments.

use super::measure::CHUNK;

/// SplitMix64: a number by its position.
fn mix(position: u64) -> u64 {
    let mut z = position.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The bits of `word` as a float whose exponent is moved into [-reach, reach).
fn moderate(word: u32, reach: u32) -> f32 {
    let exponent = 127 - reach + (word >> 23 & 0xff) % (2 * reach);
    f32::from_bits(word & 0x807f_ffff | exponent << 23)
}

/// Random pairs in four kinds by turns: any bits twice; exponents within a factor of 16 of each other; both
/// moderate; the first near 1 and the second such that the power is finite.
pub fn random(chunk: u64, x: &mut [f32; CHUNK], y: &mut [f32; CHUNK]) {
    for (i, (x, y)) in x.iter_mut().zip(y).enumerate() {
        let word = mix(chunk * CHUNK as u64 + i as u64);
        let (a, b) = (word as u32, (word >> 32) as u32);
        (*x, *y) = match i % 4 {
            0 => (f32::from_bits(a), f32::from_bits(b)),
            1 => {
                let exponent = ((a >> 23 & 0xff) + (b >> 23 & 7)).clamp(4, 258) - 4;
                (f32::from_bits(a), f32::from_bits(b & 0x807f_ffff | exponent << 23))
            }
            2 => (moderate(a, 8), moderate(b, 8)),
            _ => {
                // log2 of the first is within 2^-20..1, so exponents up to 2^(7..27) keep the power finite.
                let depth = b >> 23 & 0x1f;
                let near = 1.0 + moderate(a, 1) * 2f32.powi(-(depth.min(20) as i32) - 1);
                (near, moderate(b, 2) * 2f32.powi(6 + depth.min(20) as i32))
            }
        };
    }
}

const SPECIAL: [f32; 50] = {
    let mut values = [0.0; 50];
    let positive = [
        0.0,
        1e-45,
        5.877_472e-39,
        1.175_494_2e-38,
        1.175_494_4e-38,
        1e-20,
        2.980_232_2e-8,
        0.3,
        0.499_999_97,
        0.5,
        0.999_999_94,
        1.0,
        1.000_000_1,
        1.5,
        2.0,
        2.5,
        3.0,
        127.0,
        128.0,
        8_388_607.5,
        16_777_215.0,
        16_777_216.0,
        1e20,
        f32::MAX,
        f32::INFINITY,
    ];
    let mut i = 0;
    while i < positive.len() {
        values[2 * i] = positive[i];
        values[2 * i + 1] = -positive[i];
        i += 1;
    }
    values
};

/// All pairs of special values, NaN among them; returns how many chunks they fill.
pub fn special(chunk: u64, x: &mut [f32; CHUNK], y: &mut [f32; CHUNK]) {
    let count = SPECIAL.len() + 1;
    let value = |i: usize| SPECIAL.get(i).copied().unwrap_or(f32::NAN);
    for (i, (x, y)) in x.iter_mut().zip(y).enumerate() {
        let pair = (chunk as usize * CHUNK + i) % (count * count);
        (*x, *y) = (value(pair / count), value(pair % count));
    }
}
pub const SPECIAL_CHUNKS: u64 = ((SPECIAL.len() + 1).pow(2)).div_ceil(CHUNK) as u64;
