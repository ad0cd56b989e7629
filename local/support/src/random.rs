//! The randomness of the simulators.

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
    /// Returns 16 random bytes.
    pub fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    /// Returns 128 random bits as 26 characters of `a-z2-7`.
    pub fn identifier(&self) -> String {
        BASE32_NOPAD.encode(&self.bytes()).to_ascii_lowercase()
    }
}
