//! Randomness that comes again: for tests alone.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign_app::clock::Entropy;

/// A stream of numbers that is the same in every run (SplitMix64). Nothing about it is secret.
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(1)
    }
}

impl SeededEntropy {
    /// The stream of this seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
        }
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        let mut word = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        for chunk in bytes.chunks_mut(8) {
            for (place, byte) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *place = byte;
            }
        }
        Ok(())
    }
}
