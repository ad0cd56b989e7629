//! The delivery record of a notification: it prevents that a retry, or a concurrent worker, sends it again.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::channels::Channel;
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::UserId;
use crate::keys;

/// Time that a record is kept. It is several times [`crate::mail::NOTICE_TTL`], after which no notification is sent.
const DELIVERY_RECORD_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Record that a notification was queued for a user and channel. It holds only a hash, so that it does not identify
/// a user after the account is deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DeliveryRecord {
    hash: String,
    at: Timestamp,
}

impl DeliveryRecord {
    /// Creates the record for one notification, user and channel. `notification` is
    /// [`Notification::unique_name`](super::notification::Notification::unique_name).
    pub(super) fn new(notification: &str, user: &UserId, channel: Channel, at: Timestamp) -> Self {
        // User id and channel contain no space, so two deliveries never have the same text.
        let delivery = format!("{notification} {user} {}", channel.name());
        Self { hash: HEXLOWER.encode(&Sha256::digest(delivery)), at }
    }
}

impl Record for DeliveryRecord {
    fn key(&self) -> Key {
        keys::delivery_record(&self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.at.plus(DELIVERY_RECORD_TTL).seconds())
    }
}
