//! The record of a processed event of Stripe.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::keys;
use crate::stripe::StripeId;

/// How long a processed event is recorded. Stripe keeps events for 30 days.
const PROCESSED_EVENT_TTL: Duration = Duration::from_secs(35 * 24 * 60 * 60);

/// The record of a processed event, or of a change that is made once under a name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ProcessedEvent {
    pub(super) id: StripeId,
    pub(super) at: Timestamp,
}

impl Record for ProcessedEvent {
    fn key(&self) -> Key {
        keys::stripe_object(self.id.as_str())
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.at.plus(PROCESSED_EVENT_TTL).seconds())
    }
}
