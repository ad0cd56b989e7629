//! Randomness. Operations ask the context's source, never the machine.

use std::time::Duration;

use data_encoding::BASE32_NOPAD;

/// A cryptographically secure source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `buffer` with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Random + '_ {
    /// `N` unpredictable bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// 128 unpredictable bits as 26 characters of `a-z2-7`: enough that no two ever meet.
    pub fn identifier(&self) -> String {
        BASE32_NOPAD.encode(&self.bytes::<16>()).to_ascii_lowercase()
    }

    /// An even choice from `0..bound`; `bound` must be a power of two.
    pub fn below_power_of_two(&self, bound: u8) -> u8 {
        debug_assert!(bound.is_power_of_two());
        self.bytes::<1>()[0] & (bound - 1)
    }

    /// Returns a random delay below `limit`, to spread retries ("full jitter"), in whole milliseconds.
    pub fn jitter(&self, limit: Duration) -> Duration {
        let random = u64::from_le_bytes(self.bytes());
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random % limit.max(1))
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[allow(clippy::disallowed_methods, clippy::expect_used)] // the one place that asks the machine
    fn fill(&self, buffer: &mut [u8]) {
        // Going on without randomness would hand out guessable secrets: stop the process instead.
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}
