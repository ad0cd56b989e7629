//! That somebody was told of something: written with the notice itself, so that whoever does it again, or at
//! the same time, tells nobody twice.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::audience::Way;
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::UserId;
use crate::keys;

/// How long it is remembered: several times as long as anything is told of ([`super::news::TOLD_FOR`]). What
/// is older is never told anew, whoever asks.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The guard of one notice. Names nobody: what stays of somebody who is erased can't be traced back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    hash: String,
    at: Timestamp,
}

impl Told {
    /// That this person was told of that this way. The name tells it from all other news.
    pub(super) fn of(news: &str, user: &UserId, way: Way, at: Timestamp) -> Self {
        // Neither of the last two holds a space: no two notices are written the same.
        let notice = format!("{news} {user} {}", way.name());
        Self { hash: HEXLOWER.encode(&Sha256::digest(notice)), at }
    }
}

impl Record for Told {
    fn key(&self) -> Key {
        keys::notice(&self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.at.plus(KEPT).seconds())
    }
}
