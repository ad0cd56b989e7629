//! Bearer tokens: `aius_…`.

mod authenticate;
mod secret;

use serde::{Deserialize, Serialize};

pub use authenticate::authenticate;
pub use secret::{HashedToken, PlainToken};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, keys};
use crate::ids::UserId;

/// A token as stored: by the hash of its value, with what a check needs to decide.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// The hash of the token's value.
    pub hash: HashedToken,
    /// As whom the token acts.
    pub user_id: UserId,
    /// When it ends by itself, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl Record for Token {
    fn key(&self) -> Key {
        keys::token(&self.hash)
    }

    fn disappears_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}
