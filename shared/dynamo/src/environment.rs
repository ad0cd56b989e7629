//! What this crate needs from the application that uses it.

use std::future::Future;
use std::time::Duration;

use crate::error::Error;
use crate::table::Table;

/// Provides the table, randomness and the cipher for cursors.
pub trait Environment: Sync {
    /// The application's error type.
    type Error: From<Error>;

    /// The cipher for cursors.
    type Cipher: CursorCipher;

    /// Returns the table.
    fn table(&self) -> &Table<Self::Error>;

    /// Returns a random delay below `limit`, for the wait before a retry.
    fn jitter(&self, limit: Duration) -> Duration;

    /// Returns the cipher with the current keys. One list uses one cipher for all its cursors.
    fn cursor_cipher(&self) -> impl Future<Output = Self::Cipher> + Send;
}

/// Encrypts cursors, so that a client can neither read nor change them.
pub trait CursorCipher: Send + Sync {
    /// Encrypts `plain`. Only [`CursorCipher::open`] with the same `aad` (associated data) decrypts it.
    ///
    /// # Errors
    /// [`Error::Internal`] if the cipher fails.
    fn seal(&self, aad: &str, plain: &[u8]) -> Result<String, Error>;

    /// Decrypts a cursor; `None` if it was not sealed by this service with that `aad`.
    fn open(&self, aad: &str, cursor: &str) -> Option<Vec<u8>>;
}
