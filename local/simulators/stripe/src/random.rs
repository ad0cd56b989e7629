//! The randomness of the simulator.

use data_encoding::BASE32_NOPAD;

/// Supplies cryptographically secure random bytes. Every closure that fills a buffer implements it.
pub trait Random: Send + Sync {
    /// Fills `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl<F: Fn(&mut [u8]) + Send + Sync> Random for F {
    fn fill(&self, buffer: &mut [u8]) {
        self(buffer);
    }
}

impl dyn Random + '_ {
    /// Returns 128 random bits as 26 characters of `a-z2-7`.
    pub(crate) fn identifier(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    }
}
