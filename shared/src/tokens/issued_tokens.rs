//! The counters of an account's personal tokens.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// An account's counters of its personal tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IssuedTokens {
    /// The number of tokens ever created, which is also the number of the latest.
    pub count: u32,
    /// The current generation of tokens. Each token stores the generation at its creation and is
    /// revoked once this number is higher.
    pub generation: u32,
    /// When all tokens were last revoked at once.
    pub ended_at: Option<Timestamp>,
}

impl IssuedTokens {
    /// Returns the counters with all present tokens revoked.
    #[must_use]
    pub fn revoke_all(self, now: Timestamp) -> Self {
        Self { generation: self.generation + 1, ended_at: Some(now), ..self }
    }
}
