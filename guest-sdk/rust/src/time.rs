//! The clock and randomness, both of which the host gives; in a simulation they are the same in every run.

use crate::abi;

/// Nanoseconds since some point; never goes back.
pub fn monotonic_ns() -> i64 {
    // SAFETY: no pointers.
    unsafe { abi::clock::monotonic() }
}

/// Milliseconds since some point; never goes back.
pub fn monotonic_ms() -> f64 {
    monotonic_ns() as f64 / 1e6
}

/// Fills a buffer with random bytes.
pub fn random_bytes(buffer: &mut [u8]) {
    // SAFETY: both are of a slice.
    unsafe { abi::random::fill(buffer.as_mut_ptr(), buffer.len()) }
}

/// 64 random bits.
pub fn random_u64() -> u64 {
    let mut bytes = [0; 8];
    random_bytes(&mut bytes);
    u64::from_le_bytes(bytes)
}
