//! A link in a mail that acts on an account without a sign-in.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// A link in a mail that acts on an account, to a [`LinkedPage`](super::LinkedPage).
#[derive(Clone, Serialize, Deserialize)]
pub struct ActionLink {
    /// The URL with the token.
    pub url: String,
    /// Time from which the link has no effect.
    pub expires_at: Timestamp,
}
