//! What hash tables are given: the hashes of their elements, and random numbers.

use std::hash::{BuildHasher, Hasher};

/// Hash of a byte string under a seed.
#[inline]
pub fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(seed).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// A source of random numbers, handed in by the engine.
pub type Random<'a> = &'a mut dyn FnMut() -> u64;

/// A number below `n`, or 0 if `n` is 0.
pub fn below(random: Random<'_>, n: usize) -> usize {
    // The high half of a product is unbiased enough, and cheaper than a division.
    ((u128::from(random()) * n as u128) >> 64) as usize
}
